"""The columns of a frame with one row a dose. Each is named by the field that it fills; null means *not known*."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Final

from attrs import field, fields, frozen

from tarlatamab_rules.core.errors import FieldError, FieldTypeError, shown
from tarlatamab_rules.inputs.analytes import KINDS, Analyte
from tarlatamab_rules.inputs.findings import CrsFindings, NeuroFindings
from tarlatamab_rules.inputs.kinds import MASS, TEMPERATURE
from tarlatamab_rules.inputs.patient import Diagnosis, Infection
from tarlatamab_rules.inputs.vocabulary import (
    Consciousness,
    EventStatus,
    Hypotension,
    Oxygen,
    RaisedPressure,
    Scale,
    Seizure,
    Symptom,
    Toxicity,
)

__all__ = ["COLUMNS", "DEFAULT_UNITS", "REGULAR", "Column", "Holds", "column_of", "no_facts", "prefix_of", "units_of"]

REGULAR: Final = "regular"
"""The value of ``course_before`` for doses that were given in order, on the days and with the amounts that the book gives."""


class Holds(StrEnum):
    """What a column holds."""

    TEXT = "text"
    TRUTH = "true or false"
    NUMBER = "a number"
    WHOLE = "a whole number"
    WHEN = "a day or a time"


@frozen
class Column:
    """A column of a frame.

    Attributes:
        name: Its name.

        part: The part of the case that it fills: ``patient``, ``dose``, ``course``, ``findings``, ``events``, ``labs.alt``, ``events.crs``.

        fact: The field of that part.

        holds: What its values are.

        words: The words that it may hold; empty if it holds something else, or any text.

        says: What it means.
    """

    name: str
    part: str
    fact: str
    holds: Holds
    says: str = field(repr=False)
    words: tuple[str, ...] = field(default=(), repr=False)


def prefix_of(word: str) -> str:
    """The beginning of the names of the columns of an analyte or a toxicity: its word with underscores."""
    return word.replace("-", "_")


def _patient() -> Iterator[Column]:
    part, truth = "patient", Holds.TRUTH
    yield Column("age_years", part, "age_years", Holds.NUMBER, "Age in years.")
    yield Column("diagnosis", part, "diagnosis", Holds.TEXT, "The cancer that is treated.", tuple(Diagnosis))
    yield Column("progressed_after_platinum", part, "progressed_after_platinum", truth, "Whether it progressed after platinum.")
    yield Column("infection", part, "infection", Holds.TEXT, "Whether an infection is active.", tuple(Infection))
    yield Column("childbearing_potential", part, "childbearing_potential", truth, "Whether the patient can become pregnant.")
    yield Column("pregnant", part, "pregnant", truth, "Whether the patient is pregnant.")
    yield Column("breastfeeding", part, "breastfeeding", truth, "Whether the patient is breast-feeding.")
    yield Column("hypersensitivity", part, "hypersensitivity", truth, "Whether the patient is known to be hypersensitive to the drug.")


def _dose() -> Iterator[Column]:
    yield Column("point", "dose", "point", Holds.TEXT, "The planned dose, such as C1D8. Every row needs it.")
    yield Column("planned_start", "dose", "planned_start", Holds.WHEN, "When its infusion is to begin.")
    yield Column("ordered", "dose", "ordered", Holds.NUMBER, "The ordered amount.")
    yield Column("ordered_unit", "dose", "ordered", Holds.TEXT, f"The unit of ordered; {MASS.unit} if there is none.")
    yield Column("site_zone", "dose", "site_zone", Holds.TEXT, "The time zone of the site, such as Europe/Berlin.")
    yield Column("previous_point", "course", "point", Holds.TEXT, "The last dose that was given, such as C1D1.")
    yield Column("previous_started", "course", "started", Holds.WHEN, "When its infusion began.")
    yield Column("previous_amount", "course", "amount", Holds.NUMBER, "The amount that was given.")
    yield Column("previous_amount_unit", "course", "amount", Holds.TEXT, f"The unit of previous_amount; {MASS.unit} if there is none.")
    says = (
        "regular: the doses before the previous one were given in order, on the days and with the amounts that the book gives; before "
        "C1D1 without a previous dose, none was given. Null: they are not known, so the course is the previous dose alone."
    )
    yield Column("course_before", "course", "before", Holds.TEXT, says, (REGULAR,))


def _labs(analyte: Analyte) -> Iterator[Column]:
    name, part = prefix_of(analyte), f"labs.{analyte}"
    yield Column(name, part, "quantity", Holds.NUMBER, f"The value of {analyte}, or text such as <0.5. Without a value there is no result.")
    yield Column(
        f"{name}_unit",
        part,
        "unit",
        Holds.TEXT,
        f"The unit of the value, of its limits and of the baseline, such as {KINDS[analyte].unit}.",
    )
    yield Column(f"{name}_upper_limit", part, "upper_limit", Holds.NUMBER, "The upper limit of normal.")
    yield Column(f"{name}_lower_limit", part, "lower_limit", Holds.NUMBER, "The lower limit of normal.")
    yield Column(f"{name}_baseline", part, "baseline", Holds.NUMBER, "The value before treatment.")
    yield Column(f"{name}_collected", part, "collected", Holds.WHEN, "When the sample was drawn.")


def _events(toxicity: Toxicity) -> Iterator[Column]:
    name, part = prefix_of(toxicity), f"events.{toxicity}"
    yield Column(f"{name}_grade", part, "grade", Holds.WHOLE, f"The worst grade of the episode of {toxicity}, 0 to 5.")
    yield Column(f"{name}_scale", part, "scale", Holds.TEXT, "The scale of the grade; null: the scale that the book uses.", tuple(Scale))
    yield Column(f"{name}_status", part, "status", Holds.TEXT, "Whether it is still active.", tuple(EventStatus))
    yield Column(f"{name}_onset", part, "onset", Holds.WHEN, "When it began.")
    yield Column(f"{name}_improved", part, "improved", Holds.WHEN, "When it first reached the grade of recovery.")
    yield Column(f"{name}_resolved", part, "resolved", Holds.WHEN, "When it ended.")
    yield Column(f"{name}_current_grade", part, "current_grade", Holds.WHOLE, "The grade now.")
    yield Column(f"{name}_other_cause", part, "other_cause", Holds.TRUTH, "Whether something else explains it.")
    yield Column(f"{name}_bleeding", part, "bleeding", Holds.TRUTH, "Whether there is bleeding.")


_FINDINGS: Final[Mapping[str, tuple[Holds, tuple[str, ...]]]] = {
    "temperature": (Holds.NUMBER, ()),
    "hypotension": (Holds.TEXT, tuple(Hypotension)),
    "oxygen": (Holds.TEXT, tuple(Oxygen)),
    "ice": (Holds.WHOLE, ()),
    "consciousness": (Holds.TEXT, tuple(Consciousness)),
    "seizure": (Holds.TEXT, tuple(Seizure)),
    "raised_icp": (Holds.TEXT, tuple(RaisedPressure)),
    "baseline_ice": (Holds.WHOLE, ()),
    "symptoms": (Holds.TEXT, tuple(Symptom)),
}
"""What the findings hold that are not true or false."""


def _findings() -> Iterator[Column]:
    for kind, syndrome in ((CrsFindings, Toxicity.CRS), (NeuroFindings, Toxicity.ICANS)):
        for item in fields(kind):
            fact = str(item.name)
            holds, words = _FINDINGS.get(fact, (Holds.TRUTH, ()))
            # Both kinds of findings have a field of this name.
            name = f"findings_{syndrome}_{fact}" if fact == "other_cause" else f"findings_{fact}"
            more = " Words between commas; an empty text: none." if fact == "symptoms" else ""
            yield Column(name, f"findings.{syndrome}", fact, holds, f"As in {kind.__name__}.{fact}.{more}", words)
            if fact == "temperature":
                says = f"The unit of the temperature; {TEMPERATURE.unit} if there is none."
                yield Column(f"{name}_unit", f"findings.{syndrome}", "unit", Holds.TEXT, says)


def _all() -> Iterator[Column]:
    yield from _dose()
    yield from _patient()
    for analyte in Analyte:
        yield from _labs(analyte)
    says = "True: the toxicities so far were reviewed, and there are no others than those listed in the row. Null: they are not known."
    yield Column("events_reviewed", "events", "reviewed", Holds.TRUTH, says)
    for toxicity in Toxicity:
        yield from _events(toxicity)
    yield from _findings()


COLUMNS: Final[Mapping[str, Column]] = MappingProxyType({column.name: column for column in _all()})
"""Every column that a frame may have, by name."""

DEFAULT_UNITS: Final[Mapping[str, str]] = MappingProxyType(
    {"ordered": MASS.unit, "previous_amount": MASS.unit, "findings_temperature": TEMPERATURE.unit}
)
"""The unit of a column that has one although nobody names it."""


def no_facts(names: Iterable[Any]) -> list[Any]:
    """Those of some names that are no columns of facts. A fact that is kept beside the answers still counts."""
    known = tuple(COLUMNS)
    return [name for name in names if name not in known]


def units_of(units: object) -> dict[str, str]:
    """The units of columns, by column; none for ``None``.

    Raises:
        FieldTypeError: They are no mapping of texts.

        FieldError: There is no such column with a unit.
    """
    if units is None:
        return {}
    if not isinstance(units, Mapping):
        raise FieldTypeError("units", f"{shown(units)} does not name units by column", "write them like {'alt': 'U/L'}")
    for name, unit in units.items():
        if not isinstance(name, str) or f"{name}_unit" not in COLUMNS:
            raise FieldError(f"units.{name!s:.60}", "there is no such column with a unit", "name a column such as 'alt'")
        if not isinstance(unit, str):
            raise FieldTypeError(f"units.{name}", f"{shown(unit)} is not a unit", "write it as text, like 'U/L'")
    return dict(units)


_BY_FACT: Final = {(column.part, column.fact): column.name for column in reversed(tuple(COLUMNS.values()))}


def column_of(part: str, fact: str) -> str:
    """The column of a field of a part, such as ``alt_collected`` for ``labs.alt`` and ``collected``; else part and field."""
    return _BY_FACT.get((part, fact), f"{part}.{fact}" if fact else part)
