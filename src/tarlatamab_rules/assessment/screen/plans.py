"""What goes before, with and after the dose, by the clock where the start is known, and which dose comes next."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from attrs import evolve

from tarlatamab_rules.assessment.screen.blocks import Block, Line, undecided
from tarlatamab_rules.assessment.screen.orders import order
from tarlatamab_rules.assessment.screen.sources import readable
from tarlatamab_rules.assessment.words import capital, fact_in_words, listed
from tarlatamab_rules.core.decisions import Decided, Decision, NeedsData, NotCovered, Verdict
from tarlatamab_rules.core.evidence import caveats_of
from tarlatamab_rules.inputs._fields import hours_after
from tarlatamab_rules.inputs._zones import at_the_site, zone_of
from tarlatamab_rules.values.vocabulary import Anchor
from tarlatamab_rules.values.wording import at, in_words

if TYPE_CHECKING:
    from tarlatamab_rules.assessment.assess import DoseAssessment
    from tarlatamab_rules.inputs._fields import When
    from tarlatamab_rules.inputs.case import Case
    from tarlatamab_rules.inputs.units import Amount, Span
    from tarlatamab_rules.values.plans import Instruction, MonitoringPlan

__all__ = ["next_dose", "planned", "plans"]


def plans(assessment: DoseAssessment) -> tuple[Block, ...]:
    """BEFORE, INFUSE and AFTER. Until the dose is cleared they say so; none of them if the dose is not to be given."""
    if assessment.verdict >= Verdict.WITHHOLD:
        return ()
    note = "" if assessment.verdict is Verdict.PROCEED else " if cleared"
    day = _Day.of(assessment)
    before, after = _medicines(assessment, day)
    before = _ahead(before, undecided(assessment.checklist.reasons))  # the checklist is shown below it
    return (
        Block(f"BEFORE{note}", (*before, *_checks(assessment))),
        Block(f"INFUSE{note}", tuple(_infusion(assessment, day))),
        Block(f"AFTER{note}", (*_monitoring(assessment, day), *after)),
    )


# --- the clock ---


class _Day:
    """The times of a dose, where its start is known."""

    def __init__(self, start: datetime | None, duration: Amount | None) -> None:
        self.start = start
        self.end = None if start is None or duration is None else hours_after(start, duration.value)

    @classmethod
    def of(cls, assessment: DoseAssessment) -> _Day:
        """The times of the planned dose, at the clock of the site."""
        start, infusion = planned(assessment.case), assessment.infusion
        return cls(start if isinstance(start, datetime) else None, infusion.value.duration if isinstance(infusion, Decided) else None)

    def moment(self, anchor: Anchor | None) -> datetime | None:
        """The moment of an anchor."""
        return {Anchor.INFUSION_START: self.start, Anchor.INFUSION_END: self.end}.get(anchor) if anchor is not None else None

    def says(self, moment: datetime) -> str:
        """A time of the day of the dose; with its date if it is another day."""
        same = self.start is not None and moment.date() == self.start.date()
        offset = moment.isoformat()[-len("+00:00") :] if _comes_twice(moment) else ""
        return (f"{moment:%H:%M}" if same else at(moment.replace(tzinfo=None))) + offset

    def window(self, anchor: Anchor | None, span: Span) -> str:
        """From when to when, counted in hours from an anchor; empty if the anchor has no time."""
        moment = self.moment(anchor)
        if moment is None or span.unit not in _HOURS:
            return ""
        ends = [self.says(hours_after(moment, hours * _HOURS[span.unit])) for hours in (span.low, span.high)]
        first, last = ends
        day = first.rpartition(" ")[0]
        return first if first == last else f"{first} to {last.removeprefix(f'{day} ')}"


_HOURS = {"h": 1.0, "min": 1 / 60, "d": 24.0}


def planned(case: Case) -> When | None:
    """The planned start, at the clock of the site if its time zone is known."""
    start = case.planned_start
    return start if case.site_zone is None or not isinstance(start, datetime) else at_the_site(start, zone_of(case.site_zone))


def _comes_twice(moment: datetime) -> bool:
    """Whether the clock shows this time twice, because daylight saving ends."""
    return moment.tzinfo is not None and moment.replace(fold=0).utcoffset() != moment.replace(fold=1).utcoffset()


# --- what is given ---


def _medicines(assessment: DoseAssessment, day: _Day) -> tuple[list[Line], list[Line]]:
    """What is given before the infusion, and after it."""
    answer = assessment.premedication
    if not isinstance(answer, Decided):
        return [_open("Premedication", answer, assessment.case)], []
    before: list[Line] = []
    after: list[Line] = []
    for item in answer.value.instructions:
        (after if item.anchor is Anchor.INFUSION_END else before).append(Line(_timed(item, day)))
    once = [Line(capital(note.says), kept=True) for note in assessment.notes if note.about == "premedication"]
    left_open = undecided(answer.reasons)
    asked = [*_ahead(before, left_open), *once, *left_open, *_cautions(answer)]
    return asked or [Line("No source asks for premedication")], after


def _timed(item: Instruction, day: _Day) -> str:
    """An order, after its time."""
    moment = day.moment(item.anchor)
    when = (
        "" if moment is None or item.when else f"From {day.says(moment)}" if item.offset is None else day.window(item.anchor, item.offset)
    )
    return f"{when}: {order(item)}" if when else order(item)


def _open(title: str, answer: Decision[Any], case: Case) -> Line:
    """An answer that is not decided. It is shown in any case: a plan must not look complete."""
    if isinstance(answer, NotCovered):
        return Line(f"{title}: no source says; a clinician decides", kept=True)
    possible = " OR ".join("no source says" if value is None else "; ".join(in_words(readable(value))) for value in answer.possible)
    missing = listed(fact_in_words(fact, case) for fact in answer.missing) if answer.missing else "a clinician's decision"
    part = "; a clinician may have to decide part of it" if undecided(answer.reasons) else ""
    return Line(f"{title} depends on {missing}: {possible}{part}", facts=answer.missing, kept=True)


def _ahead(lines: Iterable[Line], left_open: Sequence[Line]) -> list[Line]:
    """What a plan settles, ahead of what it leaves open: the two are shown together, or hours would look like all that is asked."""
    return [evolve(line, kept=True) for line in lines] if left_open else list(lines)


def _cautions(answer: Decision[Any]) -> Iterator[Line]:
    reasons = (*answer.reasons, *(reason for item in answer.dissent for reason in item.reasons))
    yield from (Line(f"Caution: {caveat}", kept=True) for caveat in caveats_of(reasons))


def _checks(assessment: DoseAssessment) -> Iterator[Line]:
    """What else is checked or prepared with the dose."""
    answer = assessment.checklist
    left_open = undecided(answer.reasons)
    if isinstance(answer, Decided):
        yield from (Line(order(item), minor=True) for item in answer.value.instructions)
        yield from left_open
    elif isinstance(answer, NeedsData) or left_open:
        yield _open("Checklist", answer, assessment.case)


def _infusion(assessment: DoseAssessment, day: _Day) -> Iterator[Line]:
    answer = assessment.infusion
    if not isinstance(answer, Decided):
        yield _open("Infusion", answer, assessment.case)
        return
    plan = answer.value
    first, *others = in_words(evolve(plan, line=None)) or ["infusion"]
    times = f"{day.says(day.start)} to {day.says(day.end)}: " if day.start and day.end else ""
    left_open = undecided(answer.reasons)
    yield from _ahead([Line(f"{times}{capital(first)}")], left_open)
    yield from (Line(order(item), minor=True) for item in plan.line or ())
    yield from (Line(capital(line), minor=True) for line in others)
    yield from left_open
    yield from _cautions(answer)


def _monitoring(assessment: DoseAssessment, day: _Day) -> Iterator[Line]:
    answer = assessment.monitoring
    if isinstance(answer, Decided):
        left_open = undecided(answer.reasons)
        yield from _ahead(_watched(answer.value, day), left_open)
        yield from left_open
    else:
        yield _open("How long to observe", answer, assessment.case)
    yield from _cautions(answer)


def _watched(plan: MonitoringPlan, day: _Day) -> Iterator[Line]:
    spans = (plan.observe, None if plan.near_care is None else plan.near_care.hours)
    windows = [day.window(plan.anchor, span) for span in spans if span is not None]
    for n, words in enumerate(in_words(plan)):
        until = f" (until {windows[n]})" if n < len(windows) and windows[n] else ""
        yield Line(f"{capital(words)}{until}")


# --- the next dose ---


def next_dose(assessment: DoseAssessment) -> Block:
    """Which dose follows, and what the toxicities so far change with it."""
    if assessment.verdict < Verdict.WITHHOLD:
        lines = list(_due("If this dose is given as planned: ", assessment.following))
    elif assessment.verdict is Verdict.WITHHOLD:
        lines = [*_due("Once it may be given: ", assessment.upcoming), *_precautions(assessment)]
    else:
        lines = []
    return Block("NEXT DOSE", tuple(dict.fromkeys(lines)))


def _due(head: str, answer: Decision[Any]) -> Iterator[Line]:
    if isinstance(answer, Decided):
        first, *others = in_words(answer.value)
        yield Line(f"{head}{first}")
        yield from (Line(capital(line)) for line in others)


def _precautions(assessment: DoseAssessment) -> Iterator[Line]:
    """What each toxicity changes with the dose after it. If this dose may be given, its own plan has that already."""
    for toxicity in assessment.toxicities:
        for action in toxicity.action.possible:
            if action is not None and action.next_dose is not None:
                yield from (Line(capital(words), facts=(toxicity.path,)) for words in in_words(readable(action.next_dose)))
