"""What both versions of the CTCAE share: the shapes of their laboratory terms, and the terms whose numbers are the same."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from math import inf
from types import MappingProxyType
from typing import Final, TypeAlias

from tarlatamab_rules.core.evidence import Statement
from tarlatamab_rules.core.intervals import Interval, above, at_least, at_most, between
from tarlatamab_rules.core.tables import Axis, Question, Row
from tarlatamab_rules.inputs.analytes import Analyte
from tarlatamab_rules.inputs.vocabulary import Grade
from tarlatamab_rules.rulebooks.facts import (
    ABOVE_UPPER_LIMIT,
    BASELINE,
    BELOW_LOWER_LIMIT,
    SUSTAINED,
    SYMPTOMATIC,
    TEMPERATURE,
    TIMES_BASELINE,
    TIMES_UPPER_LIMIT,
    VALUE,
)
from tarlatamab_rules.rulebooks.questions import FEBRILE_NEUTROPENIA, LAB_GRADE

Rows: TypeAlias = tuple[Row[Grade], ...]
Term: TypeAlias = tuple[str, str]
"""The id of a term, and its title."""

ANEMIA = ("anemia", "Anemia")
FEBRILE = ("febrile-neutropenia", "Febrile neutropenia")
ALT = ("alanine-aminotransferase-increased", "Alanine aminotransferase increased")
ALP = ("alkaline-phosphatase-increased", "Alkaline phosphatase increased")
AST = ("aspartate-aminotransferase-increased", "Aspartate aminotransferase increased")
BILIRUBIN = ("blood-bilirubin-increased", "Blood bilirubin increased")
CREATININE = ("creatinine-increased", "Creatinine increased")
NEUTROPHILS = ("neutrophil-count-decreased", "Neutrophil count decreased")
WHITE_CELLS = ("white-blood-cell-decreased", "White blood cell decreased")
POTASSIUM = ("hypokalemia-hyperkalemia", "Hypokalemia, hyperkalemia")
SODIUM = ("hyponatremia-hypernatremia", "Hyponatremia, hypernatremia")
URATE = ("hyperuricemia", "Hyperuricemia")


def statements(*, blood: tuple[Term, ...], investigations: tuple[Term, ...]) -> tuple[Statement, ...]:
    """The terms of a version as its statements; those of metabolism are the same in both."""
    return tuple(
        Statement(id_, section, title)
        for section, of_section in (
            ("Blood and lymphatic system disorders", blood),
            ("Investigations", investigations),
            ("Metabolism and nutrition disorders", (POTASSIUM, SODIUM, URATE)),
        )
        for id_, title in of_section
    )


_EMPTY = "Where the lower limit is at or below the first floor, grade 1 is empty, and grade 2 starts at the floor all the same."
SYMPTOMS = "The whole numbers of CTCAE 5.0 leave gaps for sodium; read with the bounds of version 6.0. Symptoms decide between two grades."
CLINICAL = "Grade 4 is a clinical finding; a number alone is grade 3 at most. Graded in g/dL: the limits in mmol/L are rounded."
CONSEQUENCES = "Grade 4 is a clinical finding. Whether there are physiologic consequences decides between grades 1 and 3."
_SILENCE = frozenset(("silence",))
FEVER = "Grade 4 is a clinical finding; numbers alone are grade 3 at most."


def _graded(term: Term, grade: int) -> str:
    return f"{term[1]}: grade {grade}."


def decreased(term: Term, *floors: float, reading: str = "") -> Rows:
    """Below the lower limit is grade 1 down to the first floor; below each floor it is one grade worse."""
    id_, _ = term
    return (
        Row(f"{id_}/0", {VALUE: at_least(floors[0]), BELOW_LOWER_LIMIT: False}, Grade.NONE, _graded(term, 0), reading),
        Row(f"{id_}/1", {VALUE: at_least(floors[0]), BELOW_LOWER_LIMIT: True}, Grade.MILD, _graded(term, 1), reading or _EMPTY),
        *_floors(term, floors, 2, reading),
    )


def decreased_by_number(term: Term, *floors: float) -> Rows:
    """Graded by the number alone: below each floor it is one grade worse."""
    return (Row(f"{term[0]}/0", {VALUE: at_least(floors[0])}, Grade.NONE, _graded(term, 0)), *_floors(term, floors, 1, ""))


def _floors(term: Term, floors: tuple[float, ...], first: int, reading: str) -> Rows:
    return tuple(
        Row(f"{term[0]}/{grade}", {VALUE: Interval(low, high, high_open=True)}, Grade(grade), _graded(term, grade), reading)
        for grade, (high, low) in enumerate(pairwise((*floors, 0.0)), start=first)
    )


def present(term: Term, reading: str) -> Rows:
    """Below the lower limit is grade 1, and there is no other."""
    return tuple(
        Row(f"{term[0]}/{grade:d}", {BELOW_LOWER_LIMIT: below}, grade, _graded(term, grade), reading)
        for grade, below in ((Grade.NONE, False), (Grade.MILD, True))
    )


def increased(  # noqa: PLR0913  # one parameter a number of the term
    term: Term,
    normal: tuple[float, ...],
    abnormal: tuple[float, ...],
    *,
    first_open: bool,
    reading: str,
    open_above: Mapping[int, float] = MappingProxyType({}),
) -> Rows:
    """Grades in multiples of the upper limit, or of a baseline above it; each edge belongs to the milder grade.

    Only the lowest edge over an abnormal baseline differs from term to term: *first_open* says that it, too, is still grade 0. A grade in
    *open_above* is given for a baseline up to so many times the upper limit, and left open beyond.
    """
    id_, _ = term
    rows: list[Row[Grade]] = []
    for state, where, axis, (lowest, *edges) in (
        ("normal", at_most(1), TIMES_UPPER_LIMIT, normal),
        ("abnormal", above(1), TIMES_BASELINE, abnormal),
    ):
        open_ = first_open or state == "normal"
        bands = [
            Interval(0, lowest, high_open=not open_),
            Interval(lowest, edges[0], low_open=open_),
            *(Interval(low, high, low_open=True) for low, high in pairwise((*edges, inf))),
        ]
        for grade, band in enumerate(bands):
            limit = open_above.get(grade) if state == "abnormal" else None
            span = where if limit is None else between(1, limit, low_open=True)
            rows.append(Row(f"{id_}/{state}-{grade}", {BASELINE: span, axis: band}, Grade(grade), _graded(term, grade), reading))
            if limit is not None:
                says = f"{term[1]}: for so high a baseline this grade is left open."
                rows.append(
                    Row(f"{id_}/{state}-{grade}-open", {BASELINE: above(limit), axis: band}, None, says, reading, excepted={axis: _SILENCE})
                )
    return tuple(rows)


def both_ways(
    term: Term, low: tuple[tuple[float, int], ...], normal: Interval, high: tuple[float, ...], *, worse: tuple[Interval, int]
) -> Rows:
    """Falling below *normal* by steps, each its upper end and grade, and rising above it by steps from grade 2 on.

    In the range of *worse*, symptoms make the grade one worse than it is without them; within *normal* only below the lower limit.
    """
    id_, _ = term
    span, grade = worse
    mild = span.low < normal.low
    limits: dict[Axis, bool] = {} if mild else {BELOW_LOWER_LIMIT: True}
    falling = [Interval(below, end, high_open=True) for below, (end, _) in zip((0.0, *(end for end, _ in low)), low, strict=False)]
    rising = [Interval(start, end, low_open=True) for start, end in pairwise((*high, inf))]
    return (
        *(Row(f"{id_}/low-{g}", {VALUE: band}, Grade(g), _graded(term, g)) for band, (_, g) in zip(falling, low, strict=True)),
        Row(f"{id_}/mild", {**limits, VALUE: span, SYMPTOMATIC: False}, Grade(grade), _graded(term, grade), SYMPTOMS),
        Row(f"{id_}/symptoms", {**limits, VALUE: span, SYMPTOMATIC: True}, Grade(grade + 1), _graded(term, grade + 1), SYMPTOMS),
        *((Row(f"{id_}/low-1", {VALUE: normal, BELOW_LOWER_LIMIT: True}, Grade.MILD, _graded(term, 1)),) if mild else ()),
        Row(f"{id_}/0", {VALUE: normal, BELOW_LOWER_LIMIT: False, ABOVE_UPPER_LIMIT: False}, Grade.NONE, _graded(term, 0)),
        Row(f"{id_}/high-1", {VALUE: normal, BELOW_LOWER_LIMIT: False, ABOVE_UPPER_LIMIT: True}, Grade.MILD, _graded(term, 1)),
        *(Row(f"{id_}/high-{g}", {VALUE: band}, Grade(g), _graded(term, g)) for g, band in enumerate(rising, start=2)),
    )


def above_with_consequences(term: Term) -> Rows:
    """Above the upper limit it is grade 1 without consequences, and grade 3 with them."""
    id_, _ = term
    return (
        Row(f"{id_}/0", {ABOVE_UPPER_LIMIT: False}, Grade.NONE, _graded(term, 0), CONSEQUENCES),
        Row(f"{id_}/1", {ABOVE_UPPER_LIMIT: True, SYMPTOMATIC: False}, Grade.MILD, _graded(term, 1), CONSEQUENCES),
        Row(f"{id_}/3", {ABOVE_UPPER_LIMIT: True, SYMPTOMATIC: True}, Grade.SEVERE, _graded(term, 3), CONSEQUENCES),
    )


def by_limit_and_baseline(term: Term, limits: tuple[float, ...], baselines: tuple[float, ...], where: Mapping[Axis, bool]) -> Rows:
    """Grades in multiples of the upper limit from grade 1 on, and, where *where* holds, of the baseline from grade 2 on."""
    id_, _ = term
    by_limit = [Interval(0, limits[0]), *(Interval(low, high, low_open=True) for low, high in pairwise((*limits, inf)))]
    by_base = [Interval(0, baselines[0]), *(Interval(low, high, low_open=True) for low, high in pairwise((*baselines, inf)))]
    elsewhere = {axis: not held for axis, held in where.items()}
    return (
        *(Row(f"{id_}/limit-{g}", {TIMES_UPPER_LIMIT: band}, Grade(g), _graded(term, g)) for g, band in enumerate(by_limit)),
        *(
            Row(f"{id_}/baseline-{g}", {**where, TIMES_BASELINE: band}, Grade(g), f"{term[1]}: by its baseline grade {g}.")
            for g, band in zip((0, 2, 3), by_base, strict=True)
        ),
        *((Row(f"{id_}/no-baseline", elsewhere, Grade.NONE, f"{term[1]}: its baseline does not count."),) if elsewhere else ()),
    )


def febrile(term: Term, floor: float, single: float, sustained: float) -> Rows:
    """Few neutrophils, and a single high temperature or a lower one that lasts."""
    id_, _ = term
    few = Interval(0, floor, high_open=True)
    return (
        Row(f"{id_}/3-single", {VALUE: few, TEMPERATURE: above(single)}, Grade.SEVERE, _graded(term, 3), FEVER),
        Row(
            f"{id_}/3-sustained",
            {VALUE: few, TEMPERATURE: between(sustained, single), SUSTAINED: True},
            Grade.SEVERE,
            _graded(term, 3),
            FEVER,
        ),
        Row(f"{id_}/0-brief", {VALUE: few, TEMPERATURE: between(sustained, single), SUSTAINED: False}, Grade.NONE, _graded(term, 0)),
        Row(f"{id_}/0-no-fever", {VALUE: few, TEMPERATURE: Interval(high=sustained, high_open=True)}, Grade.NONE, _graded(term, 0)),
        Row(f"{id_}/0-neutrophils", {VALUE: at_least(floor)}, Grade.NONE, _graded(term, 0)),
    )


UNCHANGED: Final[Mapping[Question[Grade], Rows]] = {
    LAB_GRADE[Analyte.WHITE_CELLS]: decreased(WHITE_CELLS, 3.0, 2.0, 1.0),
    LAB_GRADE[Analyte.HEMOGLOBIN]: decreased(ANEMIA, 10.0, 8.0, reading=CLINICAL),
    LAB_GRADE[Analyte.SODIUM]: both_ways(
        SODIUM, ((120, 4), (125, 3)), between(130, 150), (150, 155, 160), worse=(between(125, 130, high_open=True), 2)
    ),
    LAB_GRADE[Analyte.POTASSIUM]: both_ways(
        POTASSIUM, ((2.5, 4), (3.0, 3)), between(3.0, 5.5), (5.5, 6.0, 7.0), worse=(between(3.0, 5.5), 1)
    ),
    LAB_GRADE[Analyte.URIC_ACID]: above_with_consequences(URATE),
    FEBRILE_NEUTROPENIA: febrile(FEBRILE, floor=1.0, single=38.3, sustained=38.0),
}
"""The rows of the terms whose numbers are the same in versions 5.0 and 6.0."""


def creatinine(where: Mapping[Axis, bool]) -> Rows:
    """By limit and by baseline with the numbers of both versions, which differ in *where* the baseline counts."""
    return by_limit_and_baseline(CREATININE, (1, 1.5, 3, 6), (1.5, 3), where)
