"""When the answer for a worse fact is milder than that for a lesser one: which answers have an order, and in which of their parts.

Ordered words, such as actions, have a rank. Hours are compared with hours, and an order with another of the same kind. What has no
order, such as the route of a drug, is not compared.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final, TypeAlias

from tarlatamab_rules.core.decisions import Decided, Decision, DoseAction, Ranked, unsettled_of
from tarlatamab_rules.inputs.kinds import DURATION, MASS
from tarlatamab_rules.inputs.units import Span, take
from tarlatamab_rules.inputs.vocabulary import Grade
from tarlatamab_rules.values.doses import AfterLastDose, DoseStep
from tarlatamab_rules.values.plans import (
    Checklist,
    DuringInfusion,
    Instruction,
    MonitoringPlan,
    NearCare,
    PremedicationPlan,
)
from tarlatamab_rules.values.toxicities import NextDosePrecautions, PossibleGrades, Recovery, StopRule, ToxicityAction
from tarlatamab_rules.values.vocabulary import Modality, Setting

__all__ = ["INCLUDES", "milder"]

Milder: TypeAlias = Iterator[str]
"""What is milder, in words."""


def milder(lesser: Decision[Any], worse: Decision[Any]) -> tuple[str, ...]:
    """In what the answer for a worse fact is milder than that for a lesser one; empty if in nothing.

    Silence is milder than every answer. *Not settled* is stricter than an answer that asks nothing, such as *continue* or *eligible*.
    It is milder than every other answer, because it leaves to a clinician what that answer orders.

    Returns:
        ``silence``, ``not settled``, ``answer`` for a whole answer, the name of a field, or the drug or measure that is ordered less.
    """
    return tuple(dict.fromkeys(_milder(lesser, worse)))


def _milder(lesser: Decision[Any], worse: Decision[Any]) -> Milder:
    if isinstance(worse, Decided):
        if isinstance(lesser, Decided):
            yield from _than(lesser.value, worse.value, "answer")
        if unsettled_of(lesser) and not unsettled_of(worse) and _asks_nothing(worse.value):
            yield "answer"
    elif not unsettled_of(worse):
        if isinstance(lesser, Decided) or unsettled_of(lesser):
            yield "silence"
    elif isinstance(lesser, Decided) and not _asks_nothing(lesser.value):
        yield "not settled"


def _asks_nothing(value: object) -> bool:
    """Whether no answer of its kind is milder."""
    if isinstance(value, ToxicityAction):
        return value.action is DoseAction.CONTINUE
    if isinstance(value, Ranked):
        return value.rank == 0
    return value in {PremedicationPlan(), Checklist(), Grade.NONE}


def _than(lesser: Any, worse: Any, name: str) -> Milder:  # noqa: ANN401  # whatever the answers of a question are
    """What is milder in the second of two values of one type; *name* if it is the whole value. ``None`` is the mildest."""
    if lesser is None or lesser == worse:
        return
    if worse is None or _less(lesser, worse):
        yield name
    elif (compare := _RULES.get(type(lesser))) is not None:
        yield from compare(lesser, worse)


def _less(lesser: Any, worse: Any) -> bool:  # noqa: ANN401  # as above
    """Whether the second of two values is less, if such values have an order as a whole."""
    if isinstance(lesser, Modality):
        return _weaker(lesser, worse)
    if isinstance(lesser, Span):
        return _fewer(lesser, worse)
    return isinstance(lesser, Ranked | Grade) and worse < lesser


def _action(lesser: ToxicityAction, worse: ToxicityAction) -> Milder:
    """The action and the treatments; also how it goes on, if both actions are the same."""
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


def _recovery(lesser: Recovery, worse: Recovery) -> Milder:
    """The drug goes on at a higher grade, after fewer days or under fewer conditions."""
    sooner = lesser.at_most is not None and worse.at_most is not None and worse.at_most > lesser.at_most
    if sooner or (worse.at_least or 0) < (lesser.at_least or 0) or not set(lesser.also) <= set(worse.also):
        yield "resume_when"


def _next(lesser: NextDosePrecautions, worse: NextDosePrecautions) -> Milder:
    yield from _than(lesser.premedication, worse.premedication, "premedication")
    yield from _than(lesser.monitoring, worse.monitoring, "monitoring")


def _plan(lesser: MonitoringPlan, worse: MonitoringPlan) -> Milder:
    yield from _than(lesser.observe, worse.observe, "observe")
    if lesser.setting is not worse.setting and (worse.setting is None or lesser.setting is Setting.HOSPITAL):
        yield "setting"
    yield from _than(lesser.near_care, worse.near_care, "near_care")


def _near(lesser: NearCare, worse: NearCare) -> Milder:
    """Fewer hours, farther away, without a caregiver, or less strongly asked for."""
    farther = lesser.within is not None and (worse.within is None or _fewer(worse.within, lesser.within))
    alone = lesser.caregiver and not worse.caregiver
    if _fewer(lesser.hours, worse.hours) or farther or alone or _weaker(lesser.modality, worse.modality):
        yield "near_care"


def _fewer(lesser: Span, worse: Span) -> bool:
    """Whether the second is less at either end."""
    return any(after < before for before, after in zip(_ends(lesser), _ends(worse), strict=True))


def _ends(span: Span) -> tuple[float, float]:
    low, high = (take((end, span.unit), DURATION, "duration").value for end in (span.low, span.high))
    return low, high


def _step(lesser: DoseStep, worse: DoseStep) -> Milder:
    """No restart after one, or more of the drug."""
    if lesser.restart and not worse.restart:
        yield "restart"
    less, more = (take(step.amount, MASS, "amount").value for step in (lesser, worse))
    if more > less:
        yield "amount"


def _grades(lesser: PossibleGrades, worse: PossibleGrades) -> Milder:
    """A milder grade at either end."""
    if min(worse.grades) < min(lesser.grades) or max(worse.grades) < max(lesser.grades):
        yield "grades"


def _window(lesser: AfterLastDose, worse: AfterLastDose) -> Milder:
    if worse.months < lesser.months:
        yield "months"


def _during(lesser: DuringInfusion, worse: DuringInfusion) -> Milder:
    yield from _than(lesser.step, worse.step, "step")
    yield from _orders(lesser.instructions, worse.instructions)


def _listed(lesser: PremedicationPlan | Checklist, worse: PremedicationPlan | Checklist) -> Milder:
    yield from _orders(lesser.instructions, worse.instructions)


def _instruction(lesser: Instruction, worse: Instruction) -> Milder:
    yield from _orders((lesser,), (worse,))


# --- orders ---

_STRENGTH: Final[Mapping[Modality, int]] = {word: rank for rank, word in enumerate((Modality.CONSIDER, Modality.RECOMMEND, Modality.GIVE))}

INCLUDES: Final[Mapping[str, frozenset[str]]] = {
    "evaluation by neurology and other specialists": frozenset(("neurology evaluation",)),
    "high-dose corticosteroids, such as methylprednisolone in divided doses": frozenset(("dexamethasone", "methylprednisolone")),
    "intensive care": frozenset(("hospitalization", "intensive monitoring, such as in an intensive care unit", "supportive care")),
}
"""Which orders are of one kind although they have different names: what the stronger order includes. This is ours; no source says it."""


def _orders(lesser: Sequence[Instruction], worse: Sequence[Instruction]) -> Milder:
    """The orders that have no other of the same kind beside the worse fact, or only a weaker or smaller one."""
    for order in lesser:
        if not any(_instead(order, other) for other in worse):
            yield order.what


def _instead(order: Instruction, other: Instruction) -> bool:
    """Whether another order is of the same kind, and not weaker or smaller."""
    if _weaker(order.modality, other.modality):
        return False
    return order.what in INCLUDES.get(other.what, ()) or (order.what == other.what and not _smaller(order, other))


def _weaker(lesser: Modality, worse: Modality) -> bool:
    """Whether the second is less strong. To avoid something differs from giving it, so neither stands for the other."""
    if Modality.AVOID in {lesser, worse}:
        return lesser is not worse
    return _STRENGTH[worse] < _STRENGTH[lesser]


def _smaller(lesser: Instruction, worse: Instruction) -> bool:
    """Whether an amount is less at either end, or missing. Amounts in different units are not compared."""
    if lesser.amount is None or worse.amount is None:
        return lesser.amount is not None
    if lesser.amount.unit != worse.amount.unit:
        return False
    amounts = (lesser.amount, worse.amount)
    ends = [(amount.low, amount.high) if isinstance(amount, Span) else (amount.value, amount.value) for amount in amounts]
    return any(after < before for before, after in zip(*ends, strict=True))


_RULES: Final[Mapping[type[Any], Callable[[Any, Any], Milder]]] = {
    AfterLastDose: _window,
    Checklist: _listed,
    DoseStep: _step,
    DuringInfusion: _during,
    Instruction: _instruction,
    MonitoringPlan: _plan,
    NearCare: _near,
    NextDosePrecautions: _next,
    PossibleGrades: _grades,
    PremedicationPlan: _listed,
    Recovery: _recovery,
    ToxicityAction: _action,
}
"""How two answers of one type are compared. Of a type that is not here, such as `Preparation`, no answer is milder."""
