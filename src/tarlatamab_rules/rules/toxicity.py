"""What does a toxicity oblige one to do?"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from attrs import evolve

from tarlatamab_rules.answers import Instruction, ToxicityAction
from tarlatamab_rules.errors import FieldTypeError, shown
from tarlatamab_rules.evidence import Reason
from tarlatamab_rules.inputs._fields import earlier, several
from tarlatamab_rules.inputs.findings import (
    Consciousness,
    CrsFindings,
    Grade,
    NeuroFindings,
    RaisedPressure,
    Seizure,
    Symptom,
    ToxicityEvent,
)
from tarlatamab_rules.questions import DIFFERS_BY_SCALE, ICE_ASSESSMENT, NEURO_GRADE, TOXICITY_ACTION
from tarlatamab_rules.rulebooks._registry import resolve, table
from tarlatamab_rules.rules.syndromes import grade_crs

if TYPE_CHECKING:
    from tarlatamab_rules.decisions import Decision
    from tarlatamab_rules.rulebooks._book import Rulebook

__all__ = ["ice_assessment", "toxicity_action"]


def toxicity_action(
    event: ToxicityEvent,
    *,
    history: Iterable[ToxicityEvent] | None = None,
    rulebook: Rulebook | str | None = None,
) -> Decision[ToxicityAction]:
    """What the event obliges one to do: with the drug, and for the patient.

    Where the findings tell of a more severe grade than the recorded one, the findings stand. A grade by another scale than the book
    reads is taken as not known, never mixed.

    Args:
        event: The episode. Whether it is over must be known: `status`, or a date in `resolved`.

        history: The other episodes so far. ``None``: not known; empty: reviewed, nothing happened.

        rulebook: The book that answers, or its name; the default book if left out.

    Raises:
        FieldTypeError: Not an event, or not a history of events.

    Source: precautions page, NEU-2 to NEU-4, ABN-1.
    """
    if type(event) is not ToxicityEvent:
        raise FieldTypeError("event", f"{shown(event)} is not a ToxicityEvent", "pass ToxicityEvent(toxicity, grade, status=...)")
    recurrent = None if history is None else recurs(event, history) if history != () else False
    if event.scale is None and event.findings is None:
        return table(TOXICITY_ACTION, rulebook).lookup[event.toxicity, event.grade, event.over, recurrent]
    book = resolve(rulebook)
    return action_of(event, *effective_grade(event, book), recurrent, book)


def action_of(
    event: ToxicityEvent,
    grade: Grade | frozenset[Grade] | None,
    why: tuple[Reason, ...],
    recurrent: bool | None,  # noqa: FBT001  # a fact
    book: Rulebook,
) -> Decision[ToxicityAction]:
    """What an event of this grade obliges one to do; *why* says how the grade came about."""
    answer = book[TOXICITY_ACTION](event.toxicity, grade, event.over, recurrent)
    return evolve(answer, reasons=why + answer.reasons) if why else answer


def effective_grade(event: ToxicityEvent, book: Rulebook) -> tuple[Grade | frozenset[Grade] | None, tuple[Reason, ...]]:
    """The grade that *book* goes by, or what is left open of it, and why it is not simply the recorded one."""
    recorded = event.grade
    if event.scale and event.toxicity in DIFFERS_BY_SCALE and event.scale != book.lab_scale:
        says = f"Graded by {event.scale}, while {book.name} reads {book.lab_scale}: grade it again by that scale."
        return None, (Reason("guard/other-scale", says),)
    if isinstance(event.findings, CrsFindings):
        return _by_crs_findings(recorded, event.findings)
    if isinstance(event.findings, NeuroFindings):
        return _by_neuro_findings(recorded, event.findings, book)
    return recorded, ()


def _by_neuro_findings(
    recorded: Grade | None, findings: NeuroFindings, book: Rulebook
) -> tuple[Grade | frozenset[Grade] | None, tuple[Reason, ...]]:
    other = _other_finding(findings)
    if findings.ice is None and not other:
        return recorded, ()
    # A recorded grade speaks for the findings that are not known; alone against one that is there it does not.
    found = book[NEURO_GRADE](findings.ice, other if recorded is None else other is True)
    open_ = frozenset(grade for value in found.possible for grade in (_ALL if value is None else value.grades))
    if recorded is None:
        return open_, found.reasons
    worse = frozenset(grade for grade in open_ if grade >= recorded)
    if not worse or (recorded in worse and not other):
        return recorded, found.reasons
    return worse, found.reasons


def _by_crs_findings(recorded: Grade | None, findings: CrsFindings) -> tuple[Grade | frozenset[Grade] | None, tuple[Reason, ...]]:
    """The recorded grade, unless the findings tell of a worse one; without one, what the findings leave open."""
    found = grade_crs(findings)
    graded = frozenset(grade for grade in found.possible if grade is not None)
    if recorded is not None:
        # It was called this syndrome, so fever, where it is not known, is not what keeps the findings from being it.
        return (graded, found.reasons) if graded and min(graded) > recorded else (recorded, ())
    return (graded, found.reasons) if graded and None not in found.possible else (None, ())


_ALL = frozenset(Grade)


def ice_assessment(findings: NeuroFindings, *, rulebook: Rulebook | str | None = None) -> Decision[Instruction]:
    """What the symptoms call for: an assessment of the ICE score, or nothing.

    A seizure or weakness among the other findings is a symptom too.

    Args:
        findings: What was found; `symptoms` that are not known are asked for unless another finding tells.

        rulebook: The book that answers, or its name; the default book if left out.

    Source: precautions page, NEU-1.
    """
    if not isinstance(findings, NeuroFindings):
        raise FieldTypeError("findings", f"{shown(findings)} is not NeuroFindings", "pass NeuroFindings(symptoms=[...])")
    present = {
        *(findings.symptoms or ()),
        *((Symptom.SEIZURES,) if findings.seizure not in {None, Seizure.NONE} else ()),
        *((Symptom.MUSCLE_WEAKNESS,) if findings.motor_weakness else ()),
    }
    symptom = frozenset(present) or ("none" if findings.symptoms is not None else None)
    return table(ICE_ASSESSMENT, rulebook)(symptom)


def _other_finding(findings: NeuroFindings) -> bool | None:
    """Whether there is a finding beside the ICE score; ``None`` while a domain of it is not known."""
    listed = findings.symptoms
    awake = None if findings.consciousness is None else findings.consciousness is Consciousness.ALERT
    seizure = None if findings.seizure is None else findings.seizure is not Seizure.NONE
    domains = (
        True if findings.arousable is False else None if awake is None else not awake,
        _present(seizure, Symptom.SEIZURES, listed),
        _present(findings.motor_weakness, Symptom.MUSCLE_WEAKNESS, listed),
        None if findings.raised_icp is None else findings.raised_icp is not RaisedPressure.NONE,
    )
    return True if True in domains else None if None in domains else False


def _present(found: bool | None, symptom: Symptom, listed: tuple[Symptom, ...] | None) -> bool | None:  # noqa: FBT001  # a fact
    """A finding by its own field or by the list of symptoms, whichever tells of it."""
    if found or (listed is not None and symptom in listed):
        return True
    return found if listed is None else False


def recurs(event: ToxicityEvent, history: Iterable[ToxicityEvent]) -> bool | None:
    """Whether an earlier episode of the same toxicity had ended when this one began; ``None`` when that is not known."""
    answer: bool | None = False
    toxicity = event.toxicity
    for other in history if type(history) is tuple else several(history, ToxicityEvent, "history"):
        if type(other) is not ToxicityEvent:
            raise FieldTypeError("history", f"{shown(other)} is not a ToxicityEvent", "pass the episodes as ToxicityEvent")
        if other.toxicity is not toxicity or other == event or other.over is False:
            continue
        before = None if other.onset is None or event.onset is None else earlier(other.onset, event.onset)
        ended = None if other.resolved is None or event.onset is None else earlier(other.resolved, event.onset)
        if ended:
            return True
        if before is not False and ended is not False:
            answer = None
    return answer
