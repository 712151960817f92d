"""Given doses and the books that are asked about them: one book for all, or the revision that was in force on the day of each dose."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

import narwhals.stable.v2 as nw
import numpy as np
import pyarrow as pa
from attrs import field, frozen

from tarlatamab_rules.assessment.assess import DoseAssessment
from tarlatamab_rules.cohort.arguments import row_in
from tarlatamab_rules.cohort.reading.digits import Array
from tarlatamab_rules.cohort.reading.readings import NOT_KNOWN, Words, frame_of, pc
from tarlatamab_rules.cohort.reading.tables import read_table
from tarlatamab_rules.cohort.reading.times import AWARE, DAY, NAIVE
from tarlatamab_rules.cohort.registries.registry import RegistryAnswers, assess_registry, table_of
from tarlatamab_rules.core.errors import FieldError
from tarlatamab_rules.inputs._zones import zone_name
from tarlatamab_rules.rulebooks._registry import resolve
from tarlatamab_rules.rulebooks.tarlatamab.revisions import REVISIONS

if TYPE_CHECKING:
    from tarlatamab_rules.rulebooks._book import Rulebook

__all__ = ["IN_FORCE", "NEXT", "Answered", "GivenDoses", "answered", "books_of", "given_doses"]

_SECOND: Final = 1_000_000
IN_FORCE: Final = "the US label in force on the day of each dose"
NEXT: Final = "the revision of the US label after the one in force"
_UNDATED: Final = "the dose has no date, so no label was in force"
_TOO_EARLY: Final = "no US label was in force yet"
_NO_NEXT: Final = "no later revision is encoded"


@frozen(eq=False)
class GivenDoses:
    """The doses of a registry that were given.

    Attributes:
        tables: The four tables, as they were passed; the doses as a frame of narwhals.

        given: Which rows of the doses table were given.

        days: The day of each dose; NaT if it is not known.

        month: The month of each dose, such as ``2025-03``.

        site: The site of each dose.
    """

    tables: Mapping[str, Any] = field(repr=False)
    given: Array
    days: Array
    month: Words
    site: Words


def given_doses(tables: Mapping[str, Any], site: str, site_zone: str | None) -> GivenDoses:
    """The doses that were given, with their days and sites.

    Args:
        tables: ``doses``, ``patients``, ``labs`` and ``events``.

        site: The column of the doses or of the patients that names the site.

        site_zone: The time zone of sites whose patients have none.

    Raises:
        FieldError: A table lacks a column.
    """
    rows, people = frame_of(tables["doses"], "doses"), frame_of(tables["patients"], "patients")
    rows.need(("patient",))
    people.need(("patient",))
    status = rows.words("status")
    given = ~np.array([*(text == "planned" for text in status.words), False])[status.codes]
    zones = _of_patient(people.words("site_zone"), people.arrow("patient"), rows.arrow("patient"))
    days = _days(tables["doses"], zones, site_zone)
    months = np.datetime_as_string(days.astype("datetime64[M]"))
    named, month = np.unique(months, return_inverse=True)
    codes = np.where(np.isnat(days), NOT_KNOWN, month)
    of_site = rows.words(site) if rows.has(site) else _of_patient(people.words(site), people.arrow("patient"), rows.arrow("patient"))
    return GivenDoses({**tables, "doses": _eager(tables["doses"])}, given, days, Words(codes, tuple(named.tolist())), of_site)


def _eager(native: Any) -> nw.DataFrame[Any]:  # noqa: ANN401  # any frame
    read = nw.from_native(native)
    return read.collect() if isinstance(read, nw.LazyFrame) else read


def _days(doses: Any, zones: Words, default: str | None) -> Array:  # noqa: ANN401  # any frame
    """The day of each dose by the calendar of its site; by the clock of its own time if the site has no zone."""
    table = read_table("doses", doses)
    times = table.times.get("started")
    if times is None:
        return np.full(table.rows, np.datetime64("NaT", "D"))
    wall = times.wall.copy()
    for code, zone in [*enumerate(zones.words), (NOT_KNOWN, default)]:
        at = np.flatnonzero((zones.codes == code) & (times.kind == AWARE))
        moments = pa.array(times.wall[at] - times.offset[at].astype(np.int64) * _SECOND)
        with suppress(FieldError):  # a zone that is not known: the doses of its patients are refused
            if zone_name(zone) is not None:
                wall[at] = pc.local_timestamp(moments.cast(pa.timestamp("us", zone))).cast(pa.int64()).to_numpy()
    days: Array = wall.astype("datetime64[us]").astype("datetime64[D]")
    return np.where(np.isin(times.kind, (DAY, NAIVE, AWARE)), days, np.datetime64("NaT"))


def _of_patient(words: Words, listed: pa.Array, wanted: pa.Array) -> Words:
    """The word of the patient of each dose."""
    found = pc.index_in(wanted.cast(pa.string()), value_set=listed.cast(pa.string()))
    place = pc.fill_null(found, NOT_KNOWN).to_numpy(zero_copy_only=False)
    return Words(np.append(words.codes, NOT_KNOWN)[place], words.words)


# --- books ---


def books_of(
    doses: GivenDoses, book: Rulebook | str | None, *, after: bool = False
) -> tuple[Mapping[str, tuple[Rulebook, Array]], dict[str, Array]]:
    """The doses that each book is asked about, and the doses that none is asked about, by the reason.

    Args:
        doses: The doses.

        book: One book for all; ``None``: the revision in force on the day of each dose.

        after: With ``None``: the encoded revision after the one in force.
    """
    if book is not None:
        one = resolve(book)
        return {one.name: (one, doses.given)}, {}
    known = [revision for revision in REVISIONS if revision.rulebook is not None]
    begins = np.array([np.datetime64(revision.since) for revision in known])
    dated = doses.given & ~np.isnat(doses.days)
    number = np.where(dated, np.searchsorted(begins, doses.days, "right") - 1, NOT_KNOWN)
    left_out = {_UNDATED: doses.given & ~dated, _TOO_EARLY: dated & (number < 0)}
    number = np.where(dated & (number >= 0), number + after, NOT_KNOWN)
    left_out[_NO_NEXT] = number == len(known)
    names = [str(revision.rulebook) for revision in known]
    asked = {name: (resolve(name), number == n) for n, name in enumerate(names)}
    return {name: (one, mask) for name, (one, mask) in asked.items() if mask.any()}, left_out


@frozen(eq=False)
class Answered:
    """What books say about doses.

    Attributes:
        columns: The columns of the answers, for every row of the doses table; null where no book was asked.

        rulebook: The book that was asked about each row.

        left_out: The doses about which no book was asked, by the reason.
    """

    columns: Mapping[str, Words] = field(repr=False)
    rulebook: Words
    left_out: Mapping[str, Array] = field(repr=False)
    _answers: tuple[tuple[RegistryAnswers, Array], ...] = field(repr=False)

    def column(self, name: str) -> Words:
        """A column; of nulls, if no answer has it."""
        return self.columns.get(name) or Words(np.full(len(self.rulebook.codes), NOT_KNOWN), ())

    @property
    def parts(self) -> tuple[str, ...]:
        """The parts that vote on some dose."""
        return tuple(name.removesuffix(".rows") for name in self.columns if name.endswith(".rows"))

    def explain(self, row: int) -> DoseAssessment:
        """The assessment of the dose in one row of the doses table.

        Raises:
            FieldError: No book was asked about it, it is refused, or there is no such row.
        """
        row = row_in(row, len(self.rulebook.codes))
        for answers, rows in self._answers:
            at = np.flatnonzero(rows == row)
            if len(at) and self.rulebook.at(row) == answers.rulebook:
                return answers.explain(int(at[0]))
        raise FieldError("row", f"no book was asked about the dose in row {row}", "pass the row of a dose that was given")


def answered(
    doses: GivenDoses,
    book: Rulebook | str | None,
    *,
    after: bool = False,
    **options: Any,  # noqa: ANN401  # those of assess_registry
) -> Answered:
    """What a book, or the revision in force, says about each given dose, from what was known then."""
    asked, left_out = books_of(doses, book, after=after)
    total = len(doses.given)
    columns: dict[str, tuple[Array, dict[str, int]]] = {}
    of_book = np.full(total, NOT_KNOWN)
    kept: list[tuple[RegistryAnswers, Array]] = []
    for number, (one, wanted) in enumerate(asked.values()):
        rows = _with_their_courses(doses, wanted)
        answers = assess_registry(doses.tables["doses"][rows].to_native(), **_others(doses), rulebook=one, **options)
        kept.append((answers, rows))
        of_book[wanted] = number
        _fill(columns, answers, rows, wanted)
    whole = {name: Words(codes, tuple(words)) for name, (codes, words) in columns.items()}
    return Answered(whole, Words(of_book, tuple(asked)), left_out, tuple(kept))


def _others(doses: GivenDoses) -> dict[str, Any]:
    return {name: doses.tables[name] for name in ("patients", "labs", "events")}


def _with_their_courses(doses: GivenDoses, wanted: Array) -> Array:
    """The rows of all doses of the patients who have a wanted one."""
    patients = doses.tables["doses"]["patient"].to_arrow()
    theirs = pc.is_in(patients, value_set=pc.unique(patients.filter(pa.array(wanted))))
    rows: Array = np.flatnonzero(theirs.to_numpy(zero_copy_only=False))
    return rows


def _fill(columns: dict[str, tuple[Array, dict[str, int]]], answers: RegistryAnswers, rows: Array, wanted: Array) -> None:
    """Writes the answers of the wanted rows into the columns."""
    frame = frame_of(table_of(answers), "answers")
    mine = wanted[rows]
    for name in frame.names:
        codes, places = columns.setdefault(name, (np.full(len(wanted), NOT_KNOWN), {}))
        words = frame.words(name)
        new = np.array([places.setdefault(text, len(places)) for text in words.words] + [NOT_KNOWN])
        codes[rows[mine]] = new[words.codes[mine]]
