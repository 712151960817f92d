"""A frame with one row a dose, assessed inside a database: the answers of `assess` as a script of SQL made from the tables of a book."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Final

from tarlatamab_rules.cohort.frames.answers import PARTS
from tarlatamab_rules.cohort.frames.columns import COLUMNS, prefix_of, units_of
from tarlatamab_rules.cohort.sql.course import course
from tarlatamab_rules.cohort.sql.events import columns_read, events, toxicities
from tarlatamab_rules.cohort.sql.facts import facts
from tarlatamab_rules.cohort.sql.lab_votes import lab_votes
from tarlatamab_rules.cohort.sql.labs import labs
from tarlatamab_rules.cohort.sql.patient import patient
from tarlatamab_rules.cohort.sql.text import name_of, quoted
from tarlatamab_rules.core.decisions import Verdict
from tarlatamab_rules.core.errors import FieldError
from tarlatamab_rules.formats.canonical import content_hash
from tarlatamab_rules.inputs.analytes import Analyte
from tarlatamab_rules.rulebooks._registry import resolve

if TYPE_CHECKING:
    from tarlatamab_rules.rulebooks._book import Rulebook

__all__ = ["sql_script"]

_READ: Final = ("patient", "dose", "course", "events", *(f"labs.{analyte}" for analyte in Analyte))
_NOT_READ: Final = frozenset(("site_zone",))
_HEAD: Final = """\
-- Whole assessments, one row a dose, by {book}
-- ({hash}).
-- Made by tarlatamab-rules from the tables of the book, in the dialect of DuckDB. It reads {source} and makes the table {target}.
-- The columns of {source} are those of tarlatamab_rules.cohort.COLUMNS. For each row, counted by dose_row from 1: the verdict, and for each
-- part its verdict and the ids of the rows behind it, as cohort.assess gives them; or, in left_to_library, why the row is left to
-- cohort.assess. Such a row has no answer here.
-- For discussion among medical personnel; not medical advice.
"""


def sql_script(
    rulebook: Rulebook | str | None = None,
    *,
    source: str = "doses",
    target: str = "answers",
    units: Mapping[str, str] | None = None,
    keep: Sequence[str] = (),
) -> str:
    """A script that assesses every row of a table of doses inside a database, in the dialect of DuckDB.

    It makes a table with one row a dose. ``dose_row`` counts the rows in the order in which the database reads them; ``verdict``, each part
    and ``<part>.rows`` are those of `assess`. A row that the script cannot decide exactly has no answer, and the reason in
    ``left_to_library``; pass such rows to `assess`.

    Args:
        rulebook: The book that answers, or its name; the default book if left out.

        source: The table of doses, or a subquery in brackets. Its columns are those of `COLUMNS`; others are ignored.

        target: The name of the table that is made; one of that name is replaced.

        units: The units of columns without a column of units, such as ``{"alt": "U/L"}``.

        keep: Columns of the source that are written beside the answers, such as the key of the dose.

    Returns:
        The script: one statement, with a semicolon at its end.

    Raises:
        FieldError: There is no such column with a unit; or a column to keep has the name of an answer.
    """
    book, given = resolve(rulebook), units_of(units)
    for name in keep:
        if name.lower() in _NAMES:
            raise FieldError("keep", f"{name!r} is a column of the answers", "rename it in the source")
    steps = (facts(source, _columns(book)), *course(given, book), *patient(book), *events(book), *labs(given, book), *lab_votes(book))
    head = _HEAD.format(book=_one_line(book.name), hash=content_hash(book), source=_one_line(source), target=_one_line(target))
    return (
        f"{head}CREATE OR REPLACE TABLE {target} AS\nWITH "
        + ",\n".join((*steps, *_answers(book)))
        + _SELECT.format(
            kept="".join(f", known.{name_of(name)}" for name in keep), verdict=_word("judged.strictest"), columns=",\n".join(_shown())
        )
    )


def _one_line(text: str) -> str:
    """A text of a comment."""
    return " ".join(text.split())


def _columns(book: Rulebook) -> frozenset[str]:
    return columns_read(book) | {name for name, column in COLUMNS.items() if column.part in _READ and name not in _NOT_READ}


def _answers(book: Rulebook) -> Iterator[str]:
    """The votes of all parts side by side, and the strictest of them."""
    reported = {f"events.{toxicity}": f"events_{prefix_of(toxicity)}" for toxicity in toxicities(book)}
    votes = {**_VOTES, **{part: (f"{table}.rank", f"{table}.rows") for part, table in reported.items()}}
    votes |= {f"labs.{analyte}": (f'lab_parts."labs.{analyte}"', f'lab_parts."labs.{analyte}.rows"') for analyte in Analyte}
    columns = [f"    {rank} AS {name_of(part)}, {rows} AS {name_of(f'{part}.rows')}" for part, (rank, rows) in votes.items()]
    yield _WIDE.format(
        reasons=", ".join(f"{table}.event_left" for table in reported.values()) or "NULL",
        columns=",\n".join(columns),
        joins="\n".join(f"  LEFT JOIN {table} ON {table}.dose_row = planned.dose_row" for table in reported.values()),
    )
    strictest = [f"CASE WHEN {name_of(part)} IS NULL THEN -1 ELSE {name_of(part)} END" for part in votes]
    started = [f"{_started(part)} AS {name_of(part)}, {_started_rows(part)} AS {name_of(f'{part}.rows')}" for part in votes]
    nothing = [f"CAST(NULL AS INTEGER) AS {name_of(part)}, {_NONE} AS {name_of(f'{part}.rows')}" for part in PARTS if part not in votes]
    yield _JUDGED.format(columns=",\n    ".join((*started, *nothing)), strictest=",\n      ".join(strictest))


_NONE: Final = "CAST([] AS VARCHAR[])"
_ASSESS: Final = Verdict.NEEDS_ASSESSMENT.rank
_VOTES: Final = {
    "eligibility": ("patient.eligibility_rank", "patient.eligibility_rows"),
    "patient": ("CASE WHEN len(patient.patient_rows) > 0 THEN patient.patient_rank END", "patient.patient_rows"),
    "patient.infection": (
        "CASE WHEN len(infection_open_rows) > 0 THEN greatest(infection_open_rank, COALESCE(infected.rank, 0)) ELSE infected.rank END",
        "list_concat(infected.rows, patient.infection_open_rows)",
    ),
    "dose": ("dose.rank", "dose.rows"),
    "labs": (f"CASE WHEN len(left_open.rows) > 0 THEN {_ASSESS} END", "left_open.rows"),
}
"""The rank and the rows of the vote of each part."""

_WIDE: Final = """\
-- The vote of each part. A row that one of them leaves open is left to the library.
votes AS MATERIALIZED (
  SELECT planned.dose_row, planned.number,
    concat_ws('; ', course_left,
      CASE WHEN events_reviewed IS NOT TRUE THEN 'it is not known whether the toxicities were reviewed' END,
      patient_left, infection_left, {reasons}, labs_left,
      CASE WHEN liver.dose_row IS NOT NULL THEN 'aminotransferases and bilirubin together' END) AS left_to_library,
{columns}
  FROM planned
  JOIN dose ON dose.dose_row = planned.dose_row
  JOIN patient ON patient.dose_row = planned.dose_row
  JOIN infected ON infected.dose_row = planned.dose_row
{joins}
  LEFT JOIN lab_parts ON lab_parts.dose_row = planned.dose_row
  LEFT JOIN liver ON liver.dose_row = planned.dose_row
  LEFT JOIN left_open ON left_open.dose_row = planned.dose_row
)"""
_JUDGED: Final = """\
-- Before the first dose nothing is stopped permanently. Mirrors assessment.assess._not_started.
started AS MATERIALIZED (
  SELECT dose_row, left_to_library,
    {columns}
  FROM votes
),
-- The strictest vote is the verdict. Mirrors assessment.votes.strictest_of.
judged AS MATERIALIZED (
  SELECT *, greatest(
      {strictest}
    ) AS strictest
  FROM started
)"""
_DISCONTINUE, _WITHHOLD = Verdict.DISCONTINUE.rank, Verdict.WITHHOLD.rank


def _started(part: str) -> str:
    rank = name_of(part)
    return f"CASE WHEN number = 1 AND {rank} = {_DISCONTINUE} THEN {_WITHHOLD} ELSE {rank} END"


def _started_rows(part: str) -> str:
    rows = name_of(f"{part}.rows")
    return f"CASE WHEN number = 1 AND {name_of(part)} = {_DISCONTINUE} THEN list_concat({rows}, ['guard/do-not-start']) ELSE {rows} END"


def _word(rank: str) -> str:
    """A verdict by its rank; NULL for a row that is left to the library."""
    return (
        f"CASE WHEN left_to_library = '' THEN CASE {rank} {' '.join(f'WHEN {item.rank} THEN {quoted(item)}' for item in Verdict)} END END"
    )


_NAMES: Final = frozenset(("dose_row", "verdict", "left_to_library", *PARTS, *(f"{part}.rows" for part in PARTS)))


def _shown() -> Iterator[str]:
    """The verdict of each part, and the ids of the rows behind it, each once and sorted."""
    for part in PARTS:
        rank, rows = f"judged.{name_of(part)}", f"judged.{name_of(f'{part}.rows')}"
        ids = f"array_to_string(list_sort(list_distinct({rows})), ', ')"
        yield f"  {_word(rank)} AS {name_of(part)}"
        yield f"  CASE WHEN judged.left_to_library = '' AND {rank} IS NOT NULL THEN {ids} END AS {name_of(f'{part}.rows')}"


_SELECT: Final = """
SELECT judged.dose_row{kept}, {verdict} AS verdict,
{columns},
  NULLIF(judged.left_to_library, '') AS left_to_library
FROM judged JOIN known ON known.dose_row = judged.dose_row
ORDER BY judged.dose_row;
"""
