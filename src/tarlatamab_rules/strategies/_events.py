"""Episodes of toxicities."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st

from tarlatamab_rules.inputs.events import ToxicityEvent, findings_type, grades_of
from tarlatamab_rules.inputs.findings import NeuroFindings
from tarlatamab_rules.inputs.vocabulary import EventStatus, Grade, Scale, Toxicity
from tarlatamab_rules.strategies._drawing import FIRST_DAY, TRUTHS, clocks, known_or_not, member
from tarlatamab_rules.strategies._findings import crs_findings, neuro_findings

if TYPE_CHECKING:
    from tarlatamab_rules.inputs._fields import When
    from tarlatamab_rules.strategies._drawing import Clock

__all__ = ["event", "events", "events_so_far"]

_ONSETS = (-400, -30, -2, 0, 1, 5, 8, 13, 20, 27, 34, 41, 48)
"""Days since the first dose: some are before it."""

_LENGTHS = (0, 1, 3, 7, 8, 14, 21, 22, 28, 29, 60)


@st.composite
def events(draw: st.DrawFn, toxicities: st.SearchStrategy[Toxicity] | None = None, *, offsets: bool | None = None) -> ToxicityEvent:
    """Episodes with onsets from before the first dose, which is on 2025-10-06, to 100 days after it; *offsets* as for `cases`."""
    return event(draw, toxicities, draw(clocks(offsets)))


def events_so_far(*, offsets: bool | None = None) -> st.SearchStrategy[tuple[ToxicityEvent, ...] | None]:
    """No episode, one, a few, or not known; *offsets* as for `cases`."""
    return clocks(offsets).flatmap(lambda clock: known_or_not(st.lists(_with_clock(clock), max_size=3).map(tuple)))


@st.composite
def _with_clock(draw: st.DrawFn, clock: Clock) -> ToxicityEvent:
    return event(draw, None, clock)


def event(
    draw: st.DrawFn, toxicities: st.SearchStrategy[Toxicity] | None, clock: Clock, onsets: st.SearchStrategy[datetime] | None = None
) -> ToxicityEvent:
    """One episode, with times as a clock writes them; its onset is one of some times."""
    toxicity = draw(st.sampled_from(Toxicity) if toxicities is None else toxicities)
    status = draw(member(EventStatus))
    onset, improved, resolved = _dates(draw, clock, status, onsets)
    over = status is EventStatus.RESOLVED or resolved is not None
    grade, current = _grades(draw, toxicity, status, over=over)
    graded_by = findings_type(toxicity)
    findings: st.SearchStrategy[Any] = st.none()
    if graded_by is not None:
        findings |= neuro_findings() if graded_by is NeuroFindings else crs_findings()
    return ToxicityEvent(
        toxicity,
        grade,
        current_grade=current,
        other_cause=draw(TRUTHS),
        scale=draw(st.none() | member(Scale)),
        status=status,
        onset=onset,
        improved=improved,
        resolved=resolved,
        findings=draw(findings),
        bleeding=draw(TRUTHS),
    )


def _dates(
    draw: st.DrawFn, clock: Clock, status: EventStatus | None, onsets: st.SearchStrategy[datetime] | None
) -> tuple[When | None, When | None, When | None]:
    """Onset, improvement and recovery, in this order, each known or unknown."""
    if onsets is None:
        onsets = (st.sampled_from(_ONSETS) | st.integers(0, 100)).map(lambda days: FIRST_DAY + timedelta(days=days))
    began = draw(onsets)
    better = began + timedelta(days=draw(st.sampled_from(_LENGTHS)), hours=draw(st.integers(0, 5)))
    ended = better + timedelta(days=draw(st.sampled_from(_LENGTHS)))
    known = draw(st.sampled_from(["", "o", "o", "oi", "i", "or", "r", "oir", "ir"]))
    return (
        clock.reads(draw, began) if "o" in known else None,
        clock.reads(draw, better) if "i" in known else None,
        clock.reads(draw, ended) if "r" in known and status is not EventStatus.ACTIVE else None,
    )


def _grades(draw: st.DrawFn, toxicity: Toxicity, status: EventStatus | None, *, over: bool) -> tuple[Grade | None, Grade | None]:
    """The worst grade and the current one. The current grade is 0 if the episode is over, and any if the worst is not known."""
    least = Grade.MILD if status is EventStatus.ACTIVE else Grade.NONE
    allowed = [grade for grade in sorted(grades_of(toxicity)) if grade >= least]
    grade = draw(known_or_not(st.sampled_from(allowed)))
    most = Grade.NONE if over else Grade.DEATH if grade is None else grade
    now = [possible for possible in allowed if possible <= most]
    current = draw(st.none() | st.sampled_from(now)) if now else None
    return grade, current
