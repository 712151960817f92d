"""The words of the timeline: beside the marks, beneath the strips, and for a reader who cannot see it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final

from tarlatamab_rules.assessment.words import listed
from tarlatamab_rules.course.entries import EntryKind, PlanEntry, period
from tarlatamab_rules.course.timeline_looks import WATCHED
from tarlatamab_rules.values.names import named
from tarlatamab_rules.values.plans import MonitoringPlan

__all__ = ["disagreeing", "footnotes", "label_of", "name_of", "says_of"]

_OWED: Final = {EntryKind.CONTRACEPTION: "contraception", EntryKind.BREAST_FEEDING: "no breast-feeding"}
_SHORT: Final = 5
"""So many doses are named one by one in a line beneath the strips."""


def label_of(entry: PlanEntry) -> str:
    """The words beside a mark or a bar."""
    if entry.kind in WATCHED:
        return f"{entry.point}: {_hours(entry)}"
    if entry.kind is EntryKind.DOSE:
        again = ", restart" if getattr(entry.value, "restart", False) else ""
        time = f", {entry.start:%H:%M}" if isinstance(entry.start, datetime) else ""
        return f"{entry.point} {entry.amount or 'amount not known'}{time}{again}"
    if entry.kind is EntryKind.RECOVERY_DEADLINE:
        return entry.says
    if entry.kind in _OWED:
        return f"{_OWED[entry.kind]}{'' if entry.deadline else ', last day not known'}"
    return f"{'before' if entry.kind is EntryKind.LABS else 'last day of'} {entry.point}"


def _hours(entry: PlanEntry) -> str:
    """For how long a patient is watched, or stays near care, in words."""
    plan = entry.value
    if not isinstance(plan, MonitoringPlan):
        return "not known yet"
    near = plan.near_care
    span = (None if near is None else near.hours) if entry.kind is EntryKind.NEAR_CARE else plan.observe
    if span is None:
        return "hours not said"
    return str(span).replace("-", " to ")


def name_of(entry: PlanEntry) -> str:
    """An entry by its dose and its kind."""
    point = "" if entry.point is None else f"{entry.point} "
    if entry.kind is EntryKind.DOSE:
        return f"{point}{entry.amount or 'dose'}, {'given' if entry.given else 'planned'}"
    return f"{point}{named(entry.kind)}"


def says_of(entry: PlanEntry) -> str:
    """What an entry says, with its time and its condition."""
    state = "" if entry.kind is not EntryKind.DOSE or entry.given else ", planned"
    condition = f", {entry.condition}" if entry.condition else ""
    other = f"; otherwise: {' OR '.join(entry.otherwise)}" if entry.alternatives else ""
    point = "" if entry.point is None else f"{entry.point} "
    return f"{period(entry) or 'no date'}: {point}{named(entry.kind)}: {entry.says}{state}{condition}{other}"


def footnotes(entries: Iterable[PlanEntry]) -> list[tuple[str, list[PlanEntry]]]:
    """The conditions, each once, with the entries that it is about. That of a dose is drawn beside it."""
    groups: dict[tuple[str, str], list[PlanEntry]] = {}
    for entry in entries:
        if entry.condition and entry.kind is not EntryKind.DOSE:
            other = f"; otherwise: {' OR '.join(entry.otherwise)}" if entry.alternatives else ""
            groups.setdefault((str(entry.kind), f"{entry.condition}{other}"), []).append(entry)
    return [(f"{_about(kind, group)}: {text}.", group) for (kind, text), group in groups.items()]


def _about(kind: str, entries: Sequence[PlanEntry]) -> str:
    """What some entries of one kind are about: *observation of C1D15 and C2D1*."""
    points = [str(entry.point) for entry in entries if entry.point is not None]
    name = named(kind).capitalize()
    if not points:
        return name
    few = listed(points) if len(points) <= _SHORT else f"{len(points)} doses from {points[0]} to {points[-1]}"
    return f"{name} of {few}"


def disagreeing(entries: Iterable[PlanEntry]) -> list[str]:
    """Where the sources disagree, one line a kind."""
    groups: dict[str, list[PlanEntry]] = {}
    for entry in entries:
        if entry.disagreements:
            groups.setdefault(str(entry.kind), []).append(entry)
    about = "; ".join(_about(kind, group) for kind, group in groups.items())
    return [f"The sources disagree, and the plan says how: {about}."] if about else []
