"""What is printed of any value of this library. Text, HTML and Markdown say the same because they all read this."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from typing import Any, Final, TypeAlias

import attrs

from tarlatamab_rules.assessment import AssessedLab, AssessedToxicity, DoseAssessment
from tarlatamab_rules.assessment.compare import Comparison
from tarlatamab_rules.assessment.what_if import FactToAsk, WhatIf, asking_in_words
from tarlatamab_rules.assessment.words import fact_in_words
from tarlatamab_rules.core.asking import AskNext, Nearest
from tarlatamab_rules.core.axes import called
from tarlatamab_rules.core.decisions import Decided, Decision, Dissent, NeedsData, NotCovered
from tarlatamab_rules.core.evidence import Reason, caveats_of
from tarlatamab_rules.core.shown import Shown
from tarlatamab_rules.inputs.case import Case
from tarlatamab_rules.inputs.course import Course
from tarlatamab_rules.inputs.units import Amount
from tarlatamab_rules.inputs.vocabulary import Grade
from tarlatamab_rules.rulebooks._book import Overlay, Rulebook
from tarlatamab_rules.rulebooks._diff import Change, Diff
from tarlatamab_rules.values.labs import LabStanding
from tarlatamab_rules.values.names import named
from tarlatamab_rules.values.wording import as_read, at, has_words, in_words
from tarlatamab_rules.views.blocks import Grid, Part, because, drawn, plan
from tarlatamab_rules.views.report import Report, lab_part, report, toxicity_part

__all__ = ["Content", "contents"]

Content: TypeAlias = Part | Grid | Report


def contents(value: object) -> Iterator[Content]:
    """What is printed of any value of this library, or of several, one after another."""
    kind = next((kind for kind in type(value).__mro__ if kind in _CONTENTS), None)
    if kind is not None:
        yield from _CONTENTS[kind](value)
    elif isinstance(value, tuple | list):
        yield from (content for item in value for content in contents(item))
    elif _has_fields(value):
        yield Grid(_named(type(value)), ("field", "value"), tuple(_fields(value)))
    else:
        yield Part(_named(type(value)), says=tuple(line for words in in_words(value) for line in words.splitlines()))


def _has_fields(value: object) -> bool:
    """Whether a value is printed field by field, because it has no words or text of its own."""
    kind = type(value)
    return attrs.has(kind) and not has_words(kind) and kind.__str__ in {object.__str__, Shown.__str__}


def _named(kind: type) -> str:
    """``MonitoringPlan`` as ``Monitoring plan``."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", kind.__name__).capitalize()


def _fields(value: Any) -> Iterator[tuple[str, str]]:  # noqa: ANN401  # any attrs value
    """The fields that a caller can pass; what is worked out from them is left out."""
    unknown = "not known" if type(value).__module__.startswith("tarlatamab_rules.inputs.") else "-"
    for field in [field for field in attrs.fields(type(value)) if field.init]:
        yield field.name.replace("_", " "), _field(getattr(value, field.name), unknown)


_TEXTS: Final[Mapping[type[Any], Callable[[Any], str]]] = {
    bool: lambda truth: "yes" if truth else "no",
    Grade: "{:d}".format,
    Amount: as_read,
    float: "{:g}".format,
    date: at,
}
"""How a field of each type is printed."""


def _text_of(value: object) -> Callable[[Any], str] | None:
    return next((text for kind, text in _TEXTS.items() if isinstance(value, kind)), None)


def _field(value: object, unknown: str = "-") -> str:
    if value is None:
        return unknown
    if (text := _text_of(value)) is not None:
        return text(value)
    if isinstance(value, tuple | frozenset):
        return "; ".join(_field(item) for item in value) or "none"
    if _has_fields(value):
        return ", ".join(f"{name} {words}" for name, words in _fields(value) if words not in {"not known", "-", ""})
    return "; ".join(in_words(value))


# --- what some values have of their own ---


def _case(case: Case) -> Iterator[Content]:
    rows = tuple((name, text) for name, text in _fields(case) if name not in {"patient", "course", "labs", "events", "findings"})
    yield Grid("Case", ("field", "value"), rows)
    yield from contents(case.patient)
    yield _listed("Course", None if case.course is None else case.course.doses)
    yield _listed("Labs", case.labs)
    yield _listed("Events", case.events)
    yield _listed("Findings", case.findings)


def _course(course: Course) -> Iterator[Content]:
    yield _listed("Course", course.doses)


def _listed(title: str, values: tuple[object, ...] | None) -> Content:
    """Values of a case, one below the other, under the fields that some of them have."""
    if not values:
        return Part(title, says=("not known" if values is None else "reviewed, and there are none",))
    rows = [dict(_fields(value)) for value in values]
    heads = tuple(dict.fromkeys(name for row in rows for name, text in row.items() if text != "not known"))
    if not heads:  # such as findings of which nothing is known
        return Part(title, says=tuple([f"{_named(type(value))}: not known" for value in values]))
    return Grid(title, heads, tuple(tuple(row.get(name, "") for name in heads) for row in rows))


def _decision(answer: Decision[Any]) -> Iterator[Content]:
    sample = next((value for value in answer.possible if value is not None), None)
    yield plan("Answer" if type(sample) in {int, type(None)} else _named(type(sample)), answer)


def _reason(reason: Reason) -> Iterator[Content]:
    yield Part("Reason", why=because((reason,)), caveats=caveats_of((reason,)))


def _dissent(dissent: Dissent) -> Iterator[Content]:
    says = _field(dissent.value, "leaves it open")
    yield Part(
        f"{dissent.rulebook} says otherwise",
        says=(f"{dissent.field}: {says}" if dissent.field else says,),
        why=because(dissent.reasons),
        caveats=caveats_of(dissent.reasons),
    )


def _standing(standing: LabStanding) -> Iterator[Content]:
    result = f"{as_read(standing.result.quantity)}, {drawn(standing.result)}" if standing.result else "no result"
    yield Part(
        f"{named(standing.analyte)}, {named(standing.need)}",
        says=(f"{result}: {standing.standing}",),
        missing=tuple(map(fact_in_words, standing.missing)),
        why=because(standing.reasons),
        caveats=caveats_of(standing.reasons),
    )


def _to_ask(fact: FactToAsk) -> Iterator[Content]:
    outcomes = fact.outcomes
    rows = [(outcome.says, str(outcome.verdict), "yes" if outcome.settled else "no", ", ".join(outcome.rows)) for outcome in outcomes]
    rows += [] if fact.exhaustive else [("other values", "not listed", "", "")]
    yield Grid(fact.path, ("if it is", "verdict", "settled", "rows"), tuple(rows))


def _what_if(change: WhatIf) -> Iterator[Content]:
    reasons = change.assessment.reasons
    yield Part("What if", says=(str(change),), why=because(reasons), caveats=caveats_of(reasons))


def _asking(result: AskNext[Any] | Nearest[Any]) -> Iterator[Content]:
    yield Part(result.question.name, says=(asking_in_words(result),))


def _diff(diff: Diff) -> Iterator[Content]:
    rows: list[tuple[str, ...]] = []
    for title, changes in diff.by_question().items():
        rows += [(title,), *((change.facts, *change.words) for change in changes)]
    yield Grid(f"{diff.one} and {diff.other}: {_counted(len(diff.changes), 'difference')}", ("when", diff.one, diff.other), tuple(rows))


def _change(change: Change) -> Iterator[Content]:
    yield Grid(change.question.name, ("when", "one", "the other"), ((change.facts, *change.words),))


def _comparison(comparison: Comparison) -> Iterator[Content]:
    parts = comparison.parts
    rows = tuple((part.part if part.agrees else f"{part.part} *", *(answer or "-" for answer in part.words)) for part in parts)
    marked = frozenset(n for n, part in enumerate(parts) if not part.agrees)
    yield Grid("One case by several books; * where they differ", ("part", *comparison.books), rows, marked)


def _book(book: Rulebook) -> Iterator[Content]:
    source = book.source
    rows = []
    for question in book.rows:
        table = book[question]
        facts = ", ".join(called(axis) for axis in question.axes if axis in table.asks)
        rows.append((question.title, facts or "none", str(len(book.rows[question])), str(table.cells), str(table.silent)))
    heads = ("question", "facts that matter", "rows", "cells", "of them silent")
    yield Grid(f"{book.name}: {source.title} ({source.publisher}, {source.revision})", heads, tuple(rows))
    if isinstance(book, Overlay):
        yield from _diff(book.changes)


def _counted(count: int, what: str) -> str:
    return f"{count or 'no'} {what}{'' if count == 1 else 's'}"


_CONTENTS: Final[Mapping[type[Any], Callable[[Any], Iterator[Content]]]] = {
    AskNext: _asking,
    AssessedLab: lambda lab: iter((lab_part(lab),)),
    AssessedToxicity: lambda toxicity: iter((toxicity_part(toxicity),)),
    Case: _case,
    Change: _change,
    Comparison: _comparison,
    Course: _course,
    Decided: _decision,
    Diff: _diff,
    Dissent: _dissent,
    DoseAssessment: lambda assessment: iter((report(assessment),)),
    FactToAsk: _to_ask,
    LabStanding: _standing,
    NeedsData: _decision,
    NotCovered: _decision,
    Nearest: _asking,
    Reason: _reason,
    Rulebook: _book,
    WhatIf: _what_if,
}
