"""When an answer for a worse fact is milder than that for a lesser one: which answers have an order, and where in them it lies.

Words with an order, such as actions, have it themselves. Of what an answer orders, hours are compared with hours, and an order with one of
the same kind. What has no order, such as the route of a drug, is not compared.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final, TypeAlias

from tarlatamab_rules.answers.doses import AfterLastDose, DoseStep
from tarlatamab_rules.answers.plans import (
    Checklist,
    DuringInfusion,
    Instruction,
    MonitoringPlan,
    NearCare,
    PremedicationPlan,
)
from tarlatamab_rules.answers.toxicities import NextDosePrecautions, PossibleGrades, Recovery, StopRule, ToxicityAction
from tarlatamab_rules.answers.vocabulary import LabNeed, Modality, Setting
from tarlatamab_rules.core.decisions import Decided, Decision, DoseAction, Ranked, unsettled_of
from tarlatamab_rules.inputs.kinds import DURATION, MASS
from tarlatamab_rules.inputs.units import Span, take
from tarlatamab_rules.inputs.vocabulary import Grade

__all__ = ["INCLUDES", "milder"]

Found: TypeAlias = Iterator[str]
"""What is milder, in words."""


def milder(lesser: Decision[Any], worse: Decision[Any]) -> tuple[str, ...]:
    """In what the answer for a worse fact is milder than that for a lesser one; empty: in nothing.

    Silence is milder than every answer. *Not settled* is stricter than an answer that asks nothing, such as *continue* or *eligible*,
    and milder than every other: it leaves to a clinician what that orders.

    Returns:
        ``silence``, ``not settled``, ``answer`` for a whole one, the name of a field, or the drug or measure that is ordered less.
    """
    return tuple(dict.fromkeys(_milder(lesser, worse)))


def _milder(lesser: Decision[Any], worse: Decision[Any]) -> Found:
    if isinstance(lesser, Decided) and isinstance(worse, Decided):
        yield from _than(lesser.value, worse.value, "answer")
        if unsettled_of(lesser) and not unsettled_of(worse) and _asks_nothing(worse.value):
            yield "answer"
    elif isinstance(lesser, Decided):
        if not unsettled_of(worse):
            yield "silence"
        elif not _asks_nothing(lesser.value):
            yield "not settled"
    elif unsettled_of(lesser) and not unsettled_of(worse):
        if not isinstance(worse, Decided):
            yield "silence"
        elif _asks_nothing(worse.value):
            yield "answer"


def _asks_nothing(value: object) -> bool:
    """Whether an answer is the mildest that there is."""
    if isinstance(value, ToxicityAction):
        return value.action is DoseAction.CONTINUE
    if isinstance(value, Ranked):
        return value.rank == 0
    return value in {PremedicationPlan(), Checklist(), Grade.NONE, LabNeed.NOT_ASKED}


def _than(lesser: Any, worse: Any, name: str) -> Found:  # noqa: ANN401  # whatever the answers of a question are
    """What is milder in the second of two values of one type; *name* where it is the whole of them. ``None`` is the mildest."""
    if lesser is None or lesser == worse:
        return
    if worse is None:
        yield name
    elif isinstance(lesser, Ranked | Grade):
        yield from (name for _ in (0,) if worse < lesser)
    elif isinstance(lesser, LabNeed | Modality):
        yield from (name for _ in (0,) if _weaker(lesser, worse))
    elif isinstance(lesser, Span):
        yield from (name for _ in (0,) if _fewer(lesser, worse))
    elif (compare := _RULES.get(type(lesser))) is not None:
        yield from compare(lesser, worse)


def _action(lesser: ToxicityAction, worse: ToxicityAction) -> Found:
    """The action and the treatments; and how it goes on, where both do the same with the drug."""
    yield from _than(lesser.action, worse.action, "action")
    yield from _orders(lesser.treatments, worse.treatments)
    if lesser.action is worse.action:
        yield from _than(lesser.resume_when, worse.resume_when, "resume_when")
        yield from _than(lesser.next_dose, worse.next_dose, "next_dose")
        if not all(any(_as_strict(rule, other) for other in worse.discontinue_if) for rule in lesser.discontinue_if):
            yield "discontinue_if"


def _as_strict(rule: StopRule, other: StopRule) -> bool:
    """Whether another rule stops the drug whenever this one does."""
    if _weaker(rule.modality, other.modality):
        return False
    if rule.again is not None:
        return other.again is not None and other.again <= rule.again
    return other.again is None and (other.days is None or (rule.days is not None and other.days <= rule.days))


def _recovery(lesser: Recovery, worse: Recovery) -> Found:
    """A higher grade, fewer days or fewer conditions at which the drug goes on."""
    sooner = lesser.at_most is not None and worse.at_most is not None and worse.at_most > lesser.at_most
    if sooner or (worse.at_least or 0) < (lesser.at_least or 0) or not set(lesser.also) <= set(worse.also):
        yield "resume_when"


def _next(lesser: NextDosePrecautions, worse: NextDosePrecautions) -> Found:
    yield from _than(lesser.premedication, worse.premedication, "premedication")
    yield from _than(lesser.monitoring, worse.monitoring, "monitoring")


def _plan(lesser: MonitoringPlan, worse: MonitoringPlan) -> Found:
    yield from _than(lesser.observe, worse.observe, "observe")
    if lesser.setting is not worse.setting and (worse.setting is None or lesser.setting is Setting.HOSPITAL):
        yield "setting"
    yield from _than(lesser.near_care, worse.near_care, "near_care")


def _near(lesser: NearCare, worse: NearCare) -> Found:
    """Fewer hours, farther away, without a caregiver, or said less strongly."""
    farther = lesser.within is not None and (worse.within is None or _fewer(worse.within, lesser.within))
    alone = lesser.caregiver and not worse.caregiver
    if _fewer(lesser.hours, worse.hours) or farther or alone or _weaker(lesser.modality, worse.modality):
        yield "near_care"


def _fewer(lesser: Span, worse: Span) -> bool:
    """Whether it is less at either end."""
    return any(other < one for one, other in zip(_ends(lesser), _ends(worse), strict=True))


def _ends(span: Span) -> tuple[float, float]:
    low, high = (take((end, span.unit), DURATION, "duration").value for end in (span.low, span.high))
    return low, high


def _step(lesser: DoseStep, worse: DoseStep) -> Found:
    """No restart after one, or more of the drug."""
    if lesser.restart and not worse.restart:
        yield "restart"
    less, more = (take(step.amount, MASS, "amount").value for step in (lesser, worse))
    if more > less:
        yield "amount"


def _grades(lesser: PossibleGrades, worse: PossibleGrades) -> Found:
    """A milder grade at either end."""
    if min(worse.grades) < min(lesser.grades) or max(worse.grades) < max(lesser.grades):
        yield "grades"


def _window(lesser: AfterLastDose, worse: AfterLastDose) -> Found:
    yield from (name for name, less in (("months", worse.months < lesser.months),) if less)


def _during(lesser: DuringInfusion, worse: DuringInfusion) -> Found:
    yield from _than(lesser.step, worse.step, "step")
    yield from _orders(lesser.instructions, worse.instructions)


def _listed(lesser: PremedicationPlan | Checklist, worse: PremedicationPlan | Checklist) -> Found:
    yield from _orders(lesser.instructions, worse.instructions)


def _one(lesser: Instruction, worse: Instruction) -> Found:
    yield from _orders((lesser,), (worse,))


# --- orders ---

_STRENGTH: Final[Mapping[str, int]] = {
    word: rank
    for words in (
        (LabNeed.NOT_ASKED, LabNeed.RECOMMENDED, LabNeed.REQUIRED),
        (Modality.CONSIDER, Modality.RECOMMEND, Modality.GIVE),
    )
    for rank, word in enumerate(words)
}

INCLUDES: Final[Mapping[str, frozenset[str]]] = {
    "evaluation by neurology and other specialists": frozenset(("neurology evaluation",)),
    "high-dose corticosteroids, such as methylprednisolone in divided doses": frozenset(("dexamethasone", "methylprednisolone")),
    "intensive care": frozenset(("hospitalization", "intensive monitoring, such as in an intensive care unit", "supportive care")),
}
"""Which orders are of one kind though they have another name: what the stronger of two includes. This is ours; no source says it."""


def _orders(lesser: Sequence[Instruction], worse: Sequence[Instruction]) -> Found:
    """The orders of which there is none of the same kind, or only weaker or smaller ones."""
    for order in lesser:
        if not any(_instead(order, other) for other in worse):
            yield order.what


def _instead(order: Instruction, other: Instruction) -> bool:
    """Whether another order is of the same kind, and not weaker or smaller."""
    if _weaker(order.modality, other.modality):
        return False
    return order.what in INCLUDES.get(other.what, ()) or (order.what == other.what and not _smaller(order, other))


def _weaker(lesser: LabNeed | Modality, worse: LabNeed | Modality) -> bool:
    """Whether something is said less strongly; to avoid it is another thing than to give it."""
    if Modality.AVOID in {lesser, worse}:
        return lesser is not worse
    return _STRENGTH[worse] < _STRENGTH[lesser]


def _smaller(lesser: Instruction, worse: Instruction) -> bool:
    """Whether an amount is less at either end, or not said any more; what has another unit cannot be told."""
    if lesser.amount is None or worse.amount is None:
        return lesser.amount is not None
    if lesser.amount.unit != worse.amount.unit:
        return False
    ends = [(each.low, each.high) if isinstance(each, Span) else (each.value, each.value) for each in (lesser.amount, worse.amount)]
    return any(other < one for one, other in zip(*ends, strict=True))


_RULES: Final[Mapping[type[Any], Callable[[Any, Any], Found]]] = {
    AfterLastDose: _window,
    Checklist: _listed,
    DoseStep: _step,
    DuringInfusion: _during,
    Instruction: _one,
    MonitoringPlan: _plan,
    NearCare: _near,
    NextDosePrecautions: _next,
    PossibleGrades: _grades,
    PremedicationPlan: _listed,
    Recovery: _recovery,
    ToxicityAction: _action,
}
"""How two answers of one type are compared; of a type that is not here none is milder, such as how a dose is prepared."""
