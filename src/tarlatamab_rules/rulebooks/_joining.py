"""What several sources say together: field by field, the stricter where there is an order, every order with who gives it.

Where values have no order, the source that is heard first stands. What another source says instead is dissent, and so is a milder value.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from enum import Enum
from typing import Any, Final, TypeAlias, TypeVar

import attrs
from attrs import evolve

from tarlatamab_rules.answers.doses import AfterLastDose, DoseStep, Preparation
from tarlatamab_rules.answers.plans import (
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
from tarlatamab_rules.answers.toxicities import NextDosePrecautions, PossibleGrades, Recovery, ToxicityAction
from tarlatamab_rules.answers.vocabulary import Anchor, Modality, Setting
from tarlatamab_rules.core.decisions import Decided, Decision, Dissent, Ranked, together, union
from tarlatamab_rules.core.evidence import Reason
from tarlatamab_rules.inputs.kinds import DURATION, MASS
from tarlatamab_rules.inputs.units import Span, span_in, take

__all__ = ["conflicts", "joined", "laid_over", "same_part"]

T = TypeVar("T")


Said: TypeAlias = Sequence[tuple[str, Any]]
"""What books say, each with its name; the first is heard first."""


Rule: TypeAlias = Callable[[Said], Any]


def joined(books: Sequence[str], answers: Sequence[Decision[T]]) -> Decision[T]:
    """The answer of books that are heard together: none of them is milder than it where values have an order."""
    return _answer(books, answers, _RULES)


def laid_over(books: Sequence[str], answers: Sequence[Decision[T]], *, settles: bool = False) -> Decision[T]:
    """The answer of one book where it speaks, and of the other where it is silent, field by field; whether it is milder or not.

    What a book leaves unsettled is left to a clinician all the same, unless the other *settles* it.
    """
    return _answer(books, answers, {}, settles=settles)


def _answer(books: Sequence[str], answers: Sequence[Decision[T]], rules: Mapping[Any, Rule], *, settles: bool = False) -> Decision[T]:
    def differ(book: str, answer: Decided[T], value: T) -> list[Dissent]:
        # What a policy says stands, and what it leaves out it does not deny.
        return _differences(book, answer, value) if rules or book != books[0] else []

    return together(
        [*zip(books, answers, strict=True)],
        lambda said: _value(said, rules),
        differ=differ,
        stands=_stands,
        unsettled=_settled if settles else tuple,
    )


def _settled(reasons: Sequence[Reason]) -> tuple[Reason, ...]:
    """What a source leaves open, where the book that is laid over it has settled it."""
    return tuple(evolve(reason, reading=f"not settled here: {reason.unsettled}", unsettled="") for reason in reasons)


def _value(said: Said, rules: Mapping[Any, Rule]) -> Any:  # noqa: ANN401  # whatever the answers of a question are
    if all(value == said[0][1] for _, value in said[1:]) and type(said[0][1]) not in _LISTS:
        return said[0][1]
    kind = type(said[0][1])
    if kind is ToxicityAction:
        return _action(said, rules)
    if kind not in _PARTS:
        return rules.get(kind, _strictest if rules and issubclass(kind, Ranked) else _first)(said)
    return kind(**{field.name: _field(kind, field.name, said, rules) for field in attrs.fields(kind)})


def _field(kind: type[Any], name: str, said: Said, rules: Mapping[Any, Rule]) -> Any:  # noqa: ANN401  # whatever the field holds
    filled = [(book, part) for book, value in said if (part := getattr(value, name)) not in {None, ()}]
    if not filled:
        return getattr(said[0][1], name)
    if (kind, name) in _ORDERS:
        orders = _orders(filled, raised=bool(rules))
        return tuple(sorted(orders, key=_due)) if kind is PremedicationPlan else orders
    if type(filled[0][1]) in _PARTS or type(filled[0][1]) in rules:
        return _value(filled, rules)
    return rules.get((kind, name), _first)(filled)


def _first(said: Said) -> Any:  # noqa: ANN401  # as above
    return said[0][1]


def _strictest(said: Said) -> Any:  # noqa: ANN401  # as above
    return max(value for _, value in said)


def _any(said: Said) -> bool:
    return any(value for _, value in said)


def _every(said: Said) -> tuple[Any, ...]:
    return union([value for _, value in said])


def _in_order(*words: Enum) -> Rule:
    """The last of some words in the order given; a word that is none of them has no order, and the first stands."""

    def last(said: Said) -> Any:  # noqa: ANN401  # as above
        return max((value for _, value in said), key=words.index) if all(value in words for _, value in said) else _first(said)

    return last


_stronger: Final = _in_order(Modality.CONSIDER, Modality.RECOMMEND, Modality.GIVE)


def _longest(said: Said) -> Span:
    return _joined_hours(said, max)


def _nearest(said: Said) -> Span:
    return _joined_hours(said, min)


def _joined_hours(said: Said, end: Callable[[Iterable[float]], float]) -> Span:
    """The longer or the shorter time at both ends, whatever unit each is in; in hours, where it is not one of them as it is."""
    hours = [[take((ends, span.unit), DURATION, "duration").value for ends in (span.low, span.high)] for _, span in said]
    low, high = end(low for low, _ in hours), end(high for _, high in hours)
    same = [span for (_, span), each in zip(said, hours, strict=True) if each == [low, high]]
    return same[0] if same else Span(low, high, DURATION.unit)


def _smaller_step(said: Said) -> DoseStep:
    """A restart before none, and less of the drug before more."""
    steps: list[DoseStep] = [value for _, value in said]
    return max(steps, key=lambda step: (step.restart, -take(step.amount, MASS, "amount").value, step.after))


def _worse_grades(said: Said) -> PossibleGrades:
    """What one source rules out at the mild end stays ruled out."""
    least = max(min(value.grades) for _, value in said)
    return PossibleGrades(frozenset(grade for _, value in said for grade in value.grades if grade >= least))


def _recovered(said: Said) -> Recovery:
    """Everything that any source waits for; where one says in words what it goes by, so is the grade that another one waits for."""
    each: list[Recovery] = [value for _, value in said]
    grades = [one.at_most for one in each if one.at_most is not None]
    days = [one.at_least for one in each if one.at_least is not None]
    words = [one.says or ("" if one.at_most is None else f"grade {one.at_most:d} or less" if one.at_most else "resolved") for one in each]
    return Recovery(
        min(grades, default=None),
        union([one.also for one in each]),
        " and ".join(word for word in dict.fromkeys(words) if word) if any(one.says for one in each) else "",
        max(days, default=None),
    )


def _action(said: Said, rules: Mapping[Any, Rule]) -> ToxicityAction:
    """The action that stands, with all that is ordered for the patient; how it goes on, by those who say so of this action."""
    action = (_strictest if rules else _first)([(book, value.action) for book, value in said])
    same = [(book, value) for book, value in said if value.action is action]
    goes_on = {name: _field(ToxicityAction, name, same, rules) for name in ("resume_when", "discontinue_if", "next_dose")}
    return ToxicityAction(action, _field(ToxicityAction, "treatments", said, rules), **goes_on)


def _orders(said: Said, *, raised: bool) -> tuple[Instruction, ...]:
    """Every order once, with the books that give it. Of one drug or measure the variant heard first stands, and none is summed.

    What is ordered under a condition, such as *if symptoms worsen*, is an order of its own.
    """
    of_each: dict[tuple[str, str], list[tuple[str, tuple[Instruction, ...]]]] = {}
    for book, items in said:
        for key in dict.fromkeys(map(measure, items)):
            of_each.setdefault(key, []).append((book, tuple(item for item in items if measure(item) == key)))
    return tuple(item for given in of_each.values() for item in _one_order(given, raised=raised))


def _one_order(given: Said, *, raised: bool) -> tuple[Instruction, ...]:
    """The variant of one drug or measure that stands, at the strongest modality that any book gives it."""
    first, *rest = given[0][1]
    if raised and not rest:
        first = next((items[0] for _, items in given[1:] if len(items) == 1 and fills(first, items[0])), first)
    modality = _stronger([("", item.modality) for _, items in given for item in items]) if raised else first.modality
    return tuple(evolve(item, sources=_who(item, given)) for item in (evolve(first, modality=modality), *rest))


def _who(item: Instruction, given: Said) -> tuple[str, ...]:
    """The books that give an order in this way, or leave open what it says more; how strongly does not matter."""
    return union([each.sources or (book,) for book, items in given for each in items if alike(each, item) or fills(each, item)])


def _due(item: Instruction) -> tuple[bool, float]:
    """Where an order stands among those of one infusion."""
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
"""Those that hold orders, of which it is told who gives them even where all agree."""


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
"""How the values of one kind, or of one field, become one; of what has no rule here, the first stands."""


def conflicts(answer: Decision[Any]) -> tuple[str, ...]:
    """The drugs and measures that books of a stack order in different ways; one order of each stands."""
    found: dict[str, None] = {}
    for each in answer.dissent:
        standing = [item for whole in answer.possible for item in _ordered(getattr(whole, each.field, None))]
        found |= {item.what: None for item in _ordered(each.value) if in_conflict(item, standing)}
    return tuple(found)


def _ordered(part: object) -> tuple[Instruction, ...]:
    """The orders in a part of an answer."""
    if isinstance(part, NextDosePrecautions):
        return part.premedication.instructions if part.premedication is not None else ()
    return tuple(item for item in part if isinstance(item, Instruction)) if isinstance(part, tuple) else ()


def _differences(book: str, answer: Decided[Any], value: object) -> list[Dissent]:
    """What a book says where it differs from the value that stands."""
    own = answer.value
    if type(own) not in _PARTS:
        return [] if own == value else [Dissent(book, "", own, answer.reasons)]
    names = [field.name for field in attrs.fields(type(own))]
    differ = [name for name in names if not same_part(type(own), name, getattr(own, name), getattr(value, name))]
    return [Dissent(book, name, getattr(own, name), answer.reasons) for name in differ]


def same_part(kind: type[Any], name: str, own: Any, value: Any) -> bool:  # noqa: ANN401  # whatever the field holds
    """Whether a field is the same; orders of one time may stand in any order."""
    return own == value or ((kind, name) in _ORDERS and own is not None and frozenset(own) == frozenset(value))


def _stands(own: Any, value: Any) -> bool:  # noqa: ANN401  # as above
    """Whether something of what a book says stands."""
    if type(own) not in _PARTS or own == value:
        return bool(own == value)
    for field in attrs.fields(type(own)):
        mine, theirs = getattr(own, field.name), getattr(value, field.name)
        if (type(own), field.name) in _ORDERS:
            if {item.what for item in mine or ()} & {item.what for item in theirs or ()}:
                return True
        elif mine is not None and mine == theirs:
            return True
    return False
