"""What a ward calls the facts of a case."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Final

from tarlatamab_rules.core.paths import as_fact
from tarlatamab_rules.inputs.course import GivenDose
from tarlatamab_rules.inputs.events import ToxicityEvent
from tarlatamab_rules.inputs.labs import LabResult
from tarlatamab_rules.inputs.vocabulary import Grade
from tarlatamab_rules.values.names import named
from tarlatamab_rules.values.wording import at

if TYPE_CHECKING:
    from tarlatamab_rules.core.paths import Fact
    from tarlatamab_rules.inputs.case import Case

__all__ = ["capital", "fact_in_words", "field_in_words", "grades_in_words", "listed", "part_in_words"]

_WHOLE: Final = {
    "dose": "dose and interval",
    "point": "planned dose",
    "planned_start": "date and time of the planned dose",
    "course": "the doses given so far",
    "events": "the toxicities so far",
    "labs": "laboratory results",
    "findings": "current findings",
    "ordered": "amount ordered",
}

_FIELDS: Final = {
    # the patient
    "age_years": "age",
    "progressed_after_platinum": "whether the cancer progressed on or after platinum",
    "infection": "whether there is an active infection",
    "pregnant": "pregnancy test",
    "breastfeeding": "whether the patient is breast-feeding",
    "hypersensitivity": "whether the patient is hypersensitive to the drug",
    # results
    "value": "exact value",
    "collected": "when it was drawn",
    "lower_limit": "lower limit of normal",
    "upper_limit": "upper limit of normal",
    "baseline": "value before treatment",
    # episodes
    "status": "whether it is over",
    "onset": "day it began",
    "improved": "day it improved",
    "resolved": "day it resolved",
    "bleeding": "whether there is bleeding",
    "other_cause": "whether another cause is established",
    # doses
    "started": "when the infusion began",
    "ended": "when the infusion ended",
    "amount": "amount given",
    "complete": "whether the infusion was completed",
    # findings
    "hypotension": "blood pressure and vasopressors",
    "vasopressin": "whether a vasopressor is vasopressin",
    "oxygen": "oxygen need",
    "fever_masked": "whether antipyretics or steroids mask fever",
    "ice": "ICE score",
    "arousable": "whether the patient can be aroused",
    "consciousness": "level of consciousness",
    "seizure": "seizures",
    "motor_weakness": "deep focal motor weakness",
    "raised_icp": "raised intracranial pressure or cerebral edema",
    "baseline_ice": "ICE score before treatment",
}


def capital(text: str) -> str:
    """A text with a capital letter, as at the beginning of a line."""
    return text[:1].upper() + text[1:]


def listed(items: Iterable[str]) -> str:
    """A list in words, each item once."""
    *some, last = dict.fromkeys(items)
    return f"{', '.join(some)} and {last}" if some else last


def grades_in_words(grades: Iterable[Grade]) -> str:
    """The grades that something may have, such as ``grade 3 or 4``."""
    possible = sorted(set(grades))
    if not possible:
        return "no grade"
    if set(possible) >= _ANY:
        return "grade not known"
    return "grade " + " or ".join(f"{grade:d}" for grade in possible)


_ANY: Final = frozenset(Grade) - {Grade.NONE}


def part_in_words(path: str, case: Case | None = None) -> str:
    """What a part of an assessment is about."""
    return " with ".join(_item(fact, case) if fact.which is not None or not fact.field else _field(fact) for fact in as_fact(path).facts)


def fact_in_words(path: str, case: Case | None = None) -> str:
    """A fact in the words in which a ward would ask for it."""
    fact = as_fact(path)
    if fact.part == "patient" or (fact.which is None and not fact.field):
        return _field(fact)
    if not fact.field:
        return _item(fact, case)
    return f"{_item(fact, case)}: {_field(fact)}"


def field_in_words(path: str) -> str:
    """The field of a fact, without what it belongs to; the item itself if it is the whole."""
    fact = as_fact(path)
    return _field(fact) if fact.field else _item(fact, None)


def _field(fact: Fact) -> str:
    name = (fact.field or str(fact)).rpartition(".")[2]
    words = _FIELDS.get(name) or _WHOLE.get(name) or name.replace("_", " ").replace("-", " ")
    return f"{words} {fact.apart}" if fact.apart else words


def _item(fact: Fact, case: Case | None) -> str:
    """An item of a list: an event by its toxicity, a dose by its point, a result by its analyte."""
    which = fact.which
    if which is None:
        return _WHOLE.get(fact.part, fact.part)
    if isinstance(which, int) and case is not None:
        doses = case.course.as_given if case.course else ()
        by_part: dict[str, Sequence[ToxicityEvent | LabResult | GivenDose] | None]
        by_part = {"events": case.events, "course": doses, "labs": case.labs}
        items = by_part.get(fact.part) or ()
        return _numbered(items[which], items) if which < len(items) else str(fact.item)
    return named(which) if fact.part != "course" else str(which)


def _numbered(item: ToxicityEvent | LabResult | GivenDose, items: Iterable[ToxicityEvent | LabResult | GivenDose]) -> str:
    """One of several items: with its date if another one has the same name."""
    name, when = _name_of(item)
    several = sum(_name_of(other)[0] == name for other in items) > 1
    return f"{name} of {when}" if several and when else name


def _name_of(item: ToxicityEvent | LabResult | GivenDose) -> tuple[str, str]:
    """What an item is called, and its date in words."""
    match item:
        case ToxicityEvent(toxicity=what, onset=moment):
            name = named(what)
        case LabResult(analyte=what, collected=moment):
            name = named(what)
        case _:
            name, moment = str(item.point), item.started
    return name, "" if moment is None else at(moment)
