"""What several sources say together: field by field, the stricter of ordered values, and every order with the sources that give it.

If values have no order, that of the source heard first stands. What another source says instead is dissent, and so is a milder value.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from enum import Enum
from typing import Any, Final, TypeAlias, TypeVar

import attrs
from attrs import evolve

from tarlatamab_rules.core.decisions import Decided, Decision, Dissent, Ranked, together, union
from tarlatamab_rules.core.errors import TableError
from tarlatamab_rules.core.evidence import Drug, Reason, Source
from tarlatamab_rules.inputs.kinds import DURATION, MASS
from tarlatamab_rules.inputs.units import Span, span_in, take
from tarlatamab_rules.values.doses import AfterLastDose, DoseStep, Preparation
from tarlatamab_rules.values.plans import (
    Checklist,
    DuringInfusion,
    InfusionPlan,
    Instruction,
    MonitoringPlan,
    NearCare,
    PremedicationPlan,
    alike,
    fills,
    in_conflict,
    measure,
)
from tarlatamab_rules.values.toxicities import NextDosePrecautions, PossibleGrades, Recovery, ToxicityAction
from tarlatamab_rules.values.vocabulary import Anchor, Modality, Setting

__all__ = ["conflicts", "joined", "joint_source", "laid_over", "refuse_unfit", "same_part"]

T = TypeVar("T")


Values: TypeAlias = Sequence[tuple[str, Any]]
"""The value of each book, with its name. The first is heard first."""


Rule: TypeAlias = Callable[[Values], Any]


def joined(books: Sequence[str], answers: Sequence[Decision[T]]) -> Decision[T]:
    """The answer of books that are heard together. Of ordered values it is as strict as the strictest."""
    return _answer(books, answers, _RULES)


def laid_over(books: Sequence[str], answers: Sequence[Decision[T]], *, settles: bool = False) -> Decision[T]:
    """The answer of the first book, field by field; that of the second where the first is silent. It may be milder.

    What a book leaves unsettled is still left to a clinician, unless the other *settles* it.
    """
    return _answer(books, answers, {}, settles=settles)


def _answer(books: Sequence[str], answers: Sequence[Decision[T]], rules: Mapping[Any, Rule], *, settles: bool = False) -> Decision[T]:
    def differ(book: str, answer: Decided[T], value: T) -> list[Dissent]:
        # What a policy says stands. It does not deny what it leaves out.
        return _differences(book, answer, value) if rules or book != books[0] else []

    return together(
        [*zip(books, answers, strict=True)],
        lambda values: _value(values, rules),
        differ=differ,
        stands=_stands,
        unsettled=_settled if settles else tuple,
    )


def _settled(reasons: Sequence[Reason]) -> tuple[Reason, ...]:
    """The reasons why a source leaves something open, once the book laid over it has settled that."""
    return tuple(evolve(reason, interpretation=f"not settled here: {reason.unsettled}", unsettled="") for reason in reasons)


def _value(values: Values, rules: Mapping[Any, Rule]) -> Any:  # noqa: ANN401  # whatever the answers of a question are
    if all(value == values[0][1] for _, value in values[1:]) and type(values[0][1]) not in _LISTS:
        return values[0][1]
    kind = type(values[0][1])
    if kind is ToxicityAction:
        return _action(values, rules)
    if kind not in _PARTS:
        return rules.get(kind, _strictest if rules and issubclass(kind, Ranked) else _first)(values)
    return kind(**{field.name: _field(kind, field.name, values, rules) for field in attrs.fields(kind)})


def _field(kind: type[Any], name: str, values: Values, rules: Mapping[Any, Rule]) -> Any:  # noqa: ANN401  # whatever the field holds
    filled = [(book, part) for book, value in values if (part := getattr(value, name)) not in {None, ()}]
    if not filled:
        return getattr(values[0][1], name)
    if (kind, name) in _ORDERS:
        orders = _orders(filled, raised=bool(rules))
        return tuple(sorted(orders, key=_due)) if kind is PremedicationPlan else orders
    if type(filled[0][1]) in _PARTS or type(filled[0][1]) in rules:
        return _value(filled, rules)
    return rules.get((kind, name), _first)(filled)


def _first(values: Values) -> Any:  # noqa: ANN401  # as above
    return values[0][1]


def _strictest(values: Values) -> Any:  # noqa: ANN401  # as above
    return max(value for _, value in values)


def _any(values: Values) -> bool:
    return any(value for _, value in values)


def _every(values: Values) -> tuple[Any, ...]:
    return union([value for _, value in values])


def _in_order(*words: Enum) -> Rule:
    """The last of some words in this order. If a value is none of them, the first value stands."""

    def last(values: Values) -> Any:  # noqa: ANN401  # as above
        return max((value for _, value in values), key=words.index) if all(value in words for _, value in values) else _first(values)

    return last


_stronger: Final = _in_order(Modality.CONSIDER, Modality.RECOMMEND, Modality.GIVE)


def _longest(values: Values) -> Span:
    return _joined_hours(values, max)


def _nearest(values: Values) -> Span:
    return _joined_hours(values, min)


def _joined_hours(values: Values, end: Callable[[Iterable[float]], float]) -> Span:
    """The longer or the shorter time at both ends, whatever the units. It is in hours unless one of the spans has both ends."""
    hours = [[take((number, span.unit), DURATION, "duration").value for number in (span.low, span.high)] for _, span in values]
    low, high = end(low for low, _ in hours), end(high for _, high in hours)
    same = [span for (_, span), ends in zip(values, hours, strict=True) if ends == [low, high]]
    return same[0] if same else Span(low, high, DURATION.unit)


def _smaller_step(values: Values) -> DoseStep:
    """A restart is stricter than none, and less of the drug than more."""
    steps: list[DoseStep] = [value for _, value in values]
    return max(steps, key=lambda step: (step.restart, -take(step.amount, MASS, "amount").value, step.after))


def _worse_grades(values: Values) -> PossibleGrades:
    """The grades left open when books read findings differently: everything from the highest minimum upwards."""
    least = max(min(value.grades) for _, value in values)
    return PossibleGrades(frozenset(grade for _, value in values for grade in value.grades if grade >= least))


def _recovered(values: Values) -> Recovery:
    """Combines the recovery conditions of all sources. If one is given in words, the grades of the others are put into words too."""
    recoveries: list[Recovery] = [value for _, value in values]
    grades = [recovery.at_most for recovery in recoveries if recovery.at_most is not None]
    days = [recovery.at_least for recovery in recoveries if recovery.at_least is not None]
    words = dict.fromkeys(map(_recovery_in_words, recoveries)) if any(recovery.says for recovery in recoveries) else ()
    also = union([recovery.also for recovery in recoveries])
    return Recovery(min(grades, default=None), also, " and ".join(filter(None, words)), max(days, default=None))


def _recovery_in_words(recovery: Recovery) -> str:
    """The grade of a recovery condition in words, or the words that it has itself."""
    if recovery.says or recovery.at_most is None:
        return recovery.says
    return f"grade {recovery.at_most:d} or less" if recovery.at_most else "resolved"


def _action(values: Values, rules: Mapping[Any, Rule]) -> ToxicityAction:
    """The strictest action, with the orders of all books.

    Conditions for resuming or stopping come only from books that chose this action.
    """
    action = (_strictest if rules else _first)([(book, value.action) for book, value in values])
    same = [(book, value) for book, value in values if value.action is action]
    goes_on = {name: _field(ToxicityAction, name, same, rules) for name in ("resume_when", "discontinue_if", "next_dose")}
    return ToxicityAction(action, _field(ToxicityAction, "treatments", values, rules), **goes_on)


def _orders(values: Values, *, raised: bool) -> tuple[Instruction, ...]:
    """Every order once, with the books that give it. For one drug or measure the variant heard first stands; doses are never added up.

    An order under a condition, such as *if symptoms worsen*, is a separate order.
    """
    by_measure: dict[tuple[str, str], list[tuple[str, tuple[Instruction, ...]]]] = {}
    for book, items in values:
        for key in dict.fromkeys(map(measure, items)):
            by_measure.setdefault(key, []).append((book, tuple(item for item in items if measure(item) == key)))
    return tuple(item for orders in by_measure.values() for item in _one_order(orders, raised=raised))


def _one_order(orders: Values, *, raised: bool) -> tuple[Instruction, ...]:
    """The variant of one drug or measure that stands, at the strongest modality that any book gives it."""
    first, *rest = orders[0][1]
    if raised and not rest:
        first = next((items[0] for _, items in orders[1:] if len(items) == 1 and fills(first, items[0])), first)
    modality = _stronger([("", item.modality) for _, items in orders for item in items]) if raised else first.modality
    return tuple(evolve(item, sources=_who(item, orders)) for item in (evolve(first, modality=modality), *rest))


def _who(item: Instruction, orders: Values) -> tuple[str, ...]:
    """The books that give an order in this way, or leave some of its fields open. How strongly they give it does not matter."""
    same = [(book, order) for book, items in orders for order in items if alike(order, item) or fills(order, item)]
    return union([order.sources or (book,) for book, order in same])


def _due(item: Instruction) -> tuple[bool, float]:
    """The place of an order among those of one infusion."""
    return item.anchor is Anchor.INFUSION_END, span_in(item.offset, DURATION, "offset", signed=True).low if item.offset is not None else 0.0


_PARTS: Final = frozenset(
    (
        AfterLastDose,
        Checklist,
        DuringInfusion,
        InfusionPlan,
        MonitoringPlan,
        NearCare,
        NextDosePrecautions,
        PremedicationPlan,
        Preparation,
        ToxicityAction,
    )
)
"""The answers that are joined field by field."""


_LISTS: Final = frozenset((Checklist, DuringInfusion, NextDosePrecautions, PremedicationPlan, ToxicityAction))
"""The answers that hold orders. Every order names its books, even if all agree."""


_ORDERS: Final = frozenset(
    (
        (Checklist, "instructions"),
        (DuringInfusion, "instructions"),
        (InfusionPlan, "line"),
        (PremedicationPlan, "instructions"),
        (ToxicityAction, "treatments"),
    )
)


_RULES: Final[Mapping[Any, Rule]] = {
    DoseStep: _smaller_step,
    Modality: _stronger,
    PossibleGrades: _worse_grades,
    Recovery: _recovered,
    (AfterLastDose, "modality"): _stronger,
    (AfterLastDose, "months"): _strictest,
    (DuringInfusion, "step"): _strictest,
    (MonitoringPlan, "observe"): _longest,
    (MonitoringPlan, "anchor"): _in_order(Anchor.INFUSION_START, Anchor.INFUSION_END),
    (MonitoringPlan, "setting"): _in_order(Setting.HEALTHCARE, Setting.HOSPITAL),
    (NearCare, "hours"): _longest,
    (NearCare, "within"): _nearest,
    (NearCare, "caregiver"): _any,
    (NearCare, "modality"): _stronger,
    (ToxicityAction, "discontinue_if"): _every,
}
"""How the values of one kind, or of one field, become one. Without a rule here, the first stands."""


def conflicts(answer: Decision[Any]) -> tuple[str, ...]:
    """The drugs and measures that books of a stack order in different ways. One order of each stands."""
    names: dict[str, None] = {}
    for dissent in answer.dissent:
        standing = [item for value in answer.possible for item in _ordered(getattr(value, dissent.field, None))]
        names |= {item.what: None for item in _ordered(dissent.value) if in_conflict(item, standing)}
    return tuple(names)


def _ordered(part: object) -> tuple[Instruction, ...]:
    """The orders in a part of an answer."""
    if isinstance(part, NextDosePrecautions):
        return part.premedication.instructions if part.premedication is not None else ()
    return tuple(item for item in part if isinstance(item, Instruction)) if isinstance(part, tuple) else ()


def _differences(book: str, answer: Decided[Any], value: object) -> list[Dissent]:
    """The dissent of a book: one for each field in which it differs from the value that stands."""
    of_book, kind = answer.value, type(answer.value)
    if kind not in _PARTS:
        return [] if of_book == value else [Dissent(book, "", of_book, answer.reasons)]
    names = [field.name for field in attrs.fields(kind)]
    differ = [name for name in names if not same_part(kind, name, getattr(of_book, name), getattr(value, name))]
    return [Dissent(book, name, getattr(of_book, name), answer.reasons) for name in differ]


def same_part(kind: type[Any], name: str, part: Any, other: Any) -> bool:  # noqa: ANN401  # whatever the field holds
    """Whether two values of a field are the same. Orders of one time may stand in any order."""
    if part is None or other is None or (kind, name) not in _ORDERS:
        return bool(part == other)
    return frozenset(part) == frozenset(other)


def _stands(of_book: Any, value: Any) -> bool:  # noqa: ANN401  # as above
    """Whether some part of what a book says is in the value that stands."""
    kind = type(of_book)
    if kind not in _PARTS or of_book == value:
        return bool(of_book == value)
    names = [field.name for field in attrs.fields(kind)]
    return any(_shares(kind, name, getattr(of_book, name), getattr(value, name)) for name in names)


def _shares(kind: type[Any], name: str, part: Any, other: Any) -> bool:  # noqa: ANN401  # as above
    """Whether two values of a field are the same, or order some drug or measure in common."""
    if (kind, name) in _ORDERS:
        return not {item.what for item in part or ()}.isdisjoint(item.what for item in other or ())
    return part is not None and bool(part == other)


def refuse_unfit(sources: Sequence[Source], drugs: Collection[Drug | None], scales: Collection[str]) -> None:
    """Raises `TableError` if the books of these sources, with these drugs and scales, cannot answer together."""
    names = [source.name for source in sources]
    faults = []
    if len(drugs) != 1 or None in drugs:
        faults.append("only books about one drug answer together")
    if len(scales) > 1:
        faults.append("they read grades of laboratory values by different scales: give them one with overlay(..., lab_scale=...)")
    if len(set(names)) < len(names):
        faults.append("two different books have one name")
    if faults:
        msg = f"{', '.join(names) or 'no book'}: {'; '.join(faults)}"
        raise TableError(msg)


def joint_source(sources: Sequence[Source], between: str, before: str) -> Source:
    """The source that stands for several, with their names and titles joined."""
    return Source(
        before + between.join(source.name for source in sources),
        before + between.join(source.title for source in sources),
        "; ".join(dict.fromkeys(source.publisher for source in sources)),
        "; ".join(source.revision for source in sources),
    )
