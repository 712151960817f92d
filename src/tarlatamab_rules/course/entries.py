"""One entry of a plan: what is to be done or watched, from when to when, and which source says so."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from attrs import evolve, field, frozen

from tarlatamab_rules.assessment.screen.blocks import undecided
from tarlatamab_rules.assessment.words import listed
from tarlatamab_rules.core.decisions import Decision, Dissent, NotCovered
from tarlatamab_rules.core.evidence import Reason
from tarlatamab_rules.core.shown import Shown
from tarlatamab_rules.inputs._fields import When, day
from tarlatamab_rules.inputs.course import DosePoint
from tarlatamab_rules.inputs.units import Amount, Span
from tarlatamab_rules.values.disagreements import dissent_in_words
from tarlatamab_rules.values.labs import LabsDue
from tarlatamab_rules.values.names import named
from tarlatamab_rules.values.plans import InfusionPlan, MonitoringPlan
from tarlatamab_rules.values.vocabulary import Anchor, Modality, Role, Route
from tarlatamab_rules.values.wording import ROLES, at, in_words

__all__ = ["EntryKind", "PlanEntry", "period", "text_of"]


class EntryKind(StrEnum):
    """What an entry of a plan is about.

    *check* holds the rest of the checklist of a dose. *saline* is the fluid after an infusion. *restart-limit* is the last day on which the
    dose is still this one. *recovery-deadline* is the day by which a toxicity must have improved.
    """

    LABS = "labs"
    CHECK = "check"
    HYDRATION = "hydration"
    PREMEDICATION = "premedication"
    DOSE = "dose"
    INFUSION = "infusion"
    SALINE = "saline"
    OBSERVATION = "observation"
    NEAR_CARE = "near-care"
    TEACHING = "teaching"
    RECOVERY_DEADLINE = "recovery-deadline"
    RESTART_LIMIT = "restart-limit"
    CONTRACEPTION = "contraception"
    BREAST_FEEDING = "breast-feeding"


@frozen(kw_only=True)
class PlanEntry(Shown):
    """One entry of a plan. It is a window from `start` to `end`, or it has a `deadline`.

    A date without a time means that the time of day is not known. Hours are elapsed time; days are those of the calendar at the site.

    Attributes:
        kind: What it is about.

        start: When it begins, or may begin at the earliest.

        end: When it ends, or must have ended.

        end_from: The earliest end, if the source gives a range, as *22-24 h*.

        deadline: When it must be done, or the last day of it.

        anchor: The moment from which the source counts.

        what: What it is, in a few words.

        amount: How much.

        route: How it is given.

        modality: How strongly the source says it.

        point: The dose that it belongs to; ``None`` if it belongs to the whole course.

        role: What that dose is in the course; ``None`` if that is not known.

        condition: Under which condition it holds; empty if it holds in any case.

        alternatives: What may hold instead; ``None`` among them if the source may be silent.

        given: Whether its dose has been given.

        answer: The answer that it was taken from.

        lacks: The facts that its answer lacks, in words.

        value: The part of the answer that it shows; ``None`` if the answer is not decided.

        reasons: The rows behind it.
    """

    kind: EntryKind
    what: str
    answer: Decision[Any] = field(repr=False)
    lacks: tuple[str, ...] = field(default=(), repr=False)
    start: When | None = None
    end: When | None = None
    end_from: When | None = None
    deadline: When | None = None
    anchor: Anchor | None = None
    amount: Amount | Span | None = None
    route: Route | None = None
    modality: Modality | None = None
    point: DosePoint | None = None
    role: Role | None = None
    condition: str = ""
    alternatives: tuple[Any, ...] = field(default=(), repr=False)
    given: bool = False
    value: Any = field(default=None, repr=False)
    reasons: tuple[Reason, ...] = field(default=(), repr=False)

    @property
    def when(self) -> When | None:
        """The day or moment under which it is listed. That is its deadline, else its start."""
        return self.start if self.deadline is None else self.deadline

    @property
    def dissent(self) -> tuple[Dissent, ...]:
        """What other books of a stack say instead."""
        return self.answer.dissent

    @property
    def disagreements(self) -> tuple[str, ...]:
        """What other books of a stack say instead, one line for each disagreement about the whole answer."""
        return tuple(dissent_in_words(self.answer))

    @property
    def caveats(self) -> tuple[str, ...]:
        """What a reader must know before relying on it."""
        return self.answer.caveats

    @property
    def says(self) -> str:
        """What it says, in words."""
        if self.value is None:
            return f"{self.what}: {_open(self)}"
        return "; ".join([_SAYS.get(self.kind, _in_words)(self), *self.left_open])

    @property
    def left_open(self) -> tuple[str, ...]:
        """What a source that settles a part of it leaves to a clinician, in words. Near care says so only if there are no hours."""
        hours = isinstance(self.value, MonitoringPlan) and self.value.observe is not None
        if self.kind not in _IN_PART or (hours and self.kind is EntryKind.NEAR_CARE):
            return ()
        return tuple([line.text[0].lower() + line.text[1:].removesuffix(".") for line in undecided(self.reasons)])

    @property
    def otherwise(self) -> tuple[str, ...]:
        """What may hold instead, in words."""
        return tuple(_words(value) for value in self.alternatives)

    @property
    def sources(self) -> tuple[str, ...]:
        """The rows behind it, each with its source and section."""
        return tuple(f"{reason.row} ({reason.citation or 'safeguard of this library'})" for reason in self.reasons)

    def __str__(self) -> str:
        """As it is printed: when, what, and under which condition."""
        return text_of(self)


def _open(entry: PlanEntry) -> str:
    """An answer that is not decided, in words."""
    if isinstance(entry.answer, NotCovered):
        return "no source says; a clinician decides"
    lacks = listed(entry.lacks) if entry.lacks else "a clinician's decision"
    return f"depends on {lacks}: {' OR '.join(map(_words, entry.answer.possible))}"


def _words(value: object) -> str:
    return "no source says" if value is None else "; ".join(in_words(value))


def _in_words(entry: PlanEntry) -> str:
    return _words(entry.value)


def _dose(entry: PlanEntry) -> str:
    words = [entry.what, str(entry.amount or "amount not known"), f"({ROLES[entry.role]})" if entry.role else ""]
    state = "given" if entry.given else "the step-up begins anew" if getattr(entry.value, "restart", False) else ""
    return " ".join(word for word in words if word) + (f", {state}" if state else "")


def _labs(entry: PlanEntry) -> str:
    due: LabsDue = entry.value
    return _words(evolve(due, during_crs=()))


def _infusion(entry: PlanEntry) -> str:
    plan: InfusionPlan = entry.value
    return in_words(evolve(plan, line=None, pump_features=None, transfer_device=None))[0]


def _observation(entry: PlanEntry) -> str:
    plan: MonitoringPlan = entry.value
    return _words(evolve(plan, near_care=None))


def _near_care(entry: PlanEntry) -> str:
    plan: MonitoringPlan = entry.value
    return in_words(plan)[-1]


def _named(entry: PlanEntry) -> str:
    return f"{entry.what}: {_words(entry.value)}"


def _listed_checks(entry: PlanEntry) -> str:
    return "; ".join(_words(item) for item in entry.value)


_SAYS = {
    EntryKind.DOSE: _dose,
    EntryKind.LABS: _labs,
    EntryKind.CHECK: _listed_checks,
    EntryKind.INFUSION: _infusion,
    EntryKind.OBSERVATION: _observation,
    EntryKind.NEAR_CARE: _near_care,
    EntryKind.RECOVERY_DEADLINE: _named,
}
"""What some kinds of entries say; the others say their value."""


_IN_PART = frozenset((EntryKind.CHECK, EntryKind.INFUSION, EntryKind.OBSERVATION, EntryKind.NEAR_CARE))
"""Entries that show a plan which a source may settle in part."""


def period(entry: PlanEntry, on: date | None = None) -> str:
    """From when to when, in words; without the date if it is the day *on* under which the entry is listed."""
    if entry.deadline is not None:
        return f"by {_at(entry.deadline, on) or 'the end of the day'}"
    if entry.start is None:
        return ""
    first = _at(entry.start, on)
    if entry.end is None:
        return first if entry.end_from is None else f"{first} to {_at(entry.end_from, on)} or later"
    if entry.end == entry.start:
        return first
    low = entry.end if entry.end_from is None else entry.end_from
    rest = "" if low == entry.end else f"-{_at(entry.end, day(low))}"
    return f"{first} to {_at(low, on)}{rest}"


def _at(when: When, on: date | None = None) -> str:
    """A day or a moment by the clock of the site, without its UTC offset."""
    if not isinstance(when, datetime):
        return "" if when == on else at(when)
    return f"{when:%H:%M}" if when.date() == on else f"{when:%Y-%m-%d %H:%M}"


def text_of(entry: PlanEntry, on: date | None = None) -> str:
    """An entry in a line, with its condition and disagreements below.

    Under the day *on* the rest of a checklist is counted, and a disagreement is marked.
    """
    head = " ".join(filter(None, (period(entry, on), "" if entry.point is None else str(entry.point), named(entry.kind))))
    items = entry.value if on is not None and entry.kind is EntryKind.CHECK else None
    says = entry.says if items is None else "; ".join([f"{len(items)} more items of the checklist", *entry.left_open])
    rows = f" [{', '.join(dict.fromkeys(reason.row for reason in entry.reasons))}]" if entry.reasons and items is None else ""
    disagree = entry.disagreements if items is None else ()
    lines = [f"{head}: {says}{rows}{' (the sources disagree)' if disagree and on is not None else ''}"]
    if entry.condition:
        lines.append(f"    {entry.condition}" + (f"; otherwise: {' OR '.join(entry.otherwise)}" if entry.alternatives else ""))
    return "\n".join([*lines, *(f"    sources disagree: {line}" for line in disagree if on is None)])
