"""What both versions of the CTCAE share: their terms, and the shapes of the laboratory ones. Each version passes its own numbers."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from math import inf
from types import MappingProxyType
from typing import TypeAlias

from tarlatamab_rules.core.evidence import Statement
from tarlatamab_rules.core.intervals import Interval, above, at_least, at_most, between
from tarlatamab_rules.core.tables import Axis, Row, When
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

Rows: TypeAlias = tuple[Row[Grade], ...]
Term: TypeAlias = tuple[str, str]
"""The id of a term, and its title."""

ADVERSE_EVENTS = "https://dctd.cancer.gov/research/ctep-trials/for-sites/adverse-events"
"""The page of the National Cancer Institute from which both versions are downloaded."""

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
        Statement(id_, section, title, entry=title)
        for section, of_section in (
            ("Blood and lymphatic system disorders", blood),
            ("Investigations", investigations),
            ("Metabolism and nutrition disorders", (POTASSIUM, SODIUM, URATE)),
        )
        for id_, title in of_section
    )


_EMPTY = (
    f"If the lower limit of normal is at or below the first cut-off, grade {Grade.MILD:d} is empty. Grade {Grade.MILD + 1} still starts "
    "at that cut-off."
)
_SILENCE = frozenset(("silence",))


def _graded(term: Term, grade: int) -> str:
    return f"{term[1]}: grade {grade}."


def _row(term: Term, name: str, grade: int, when: When, interpretation: str = "") -> Row[Grade]:
    return Row(f"{term[0]}/{name}", when, Grade(grade), _graded(term, grade), interpretation)


def decreased(term: Term, *floors: float, interpretation: str = "") -> Rows:
    """Below the lower limit is the first grade, down to the first floor; below each floor it is one grade worse."""
    none, mild, up = f"{Grade.NONE:d}", f"{Grade.MILD:d}", at_least(floors[0])
    return (
        _row(term, none, Grade.NONE, {VALUE: up, BELOW_LOWER_LIMIT: False}, interpretation),
        _row(term, mild, Grade.MILD, {VALUE: up, BELOW_LOWER_LIMIT: True}, interpretation or _EMPTY),
        *_floors(term, floors, Grade.MILD + 1, interpretation),
    )


def decreased_by_number(term: Term, *floors: float) -> Rows:
    """Graded by the number alone: below each floor it is one grade worse."""
    return (_row(term, f"{Grade.NONE:d}", Grade.NONE, {VALUE: at_least(floors[0])}), *_floors(term, floors, Grade.MILD, ""))


def _floors(term: Term, floors: tuple[float, ...], first: int, interpretation: str) -> Rows:
    return tuple(
        _row(term, f"{grade:d}", grade, {VALUE: Interval(low, high, high_open=True)}, interpretation)
        for grade, (high, low) in enumerate(pairwise((*floors, 0.0)), start=first)
    )


def present(term: Term, interpretation: str) -> Rows:
    """Below the lower limit is the first grade, and there is no other."""
    return tuple(
        Row(f"{term[0]}/{grade:d}", {BELOW_LOWER_LIMIT: below}, grade, _graded(term, grade), interpretation)
        for grade, below in ((Grade.NONE, False), (Grade.MILD, True))
    )


def increased(  # noqa: PLR0913  # one parameter a number of the term
    term: Term,
    normal: tuple[float, ...],
    abnormal: tuple[float, ...],
    *,
    first_open: bool,
    interpretation: str,
    open_above: Mapping[int, float] = MappingProxyType({}),
) -> Rows:
    """Grades in multiples of the upper limit, or of a baseline above it; each edge belongs to the milder grade.

    Only the lowest edge over an abnormal baseline differs from term to term: *first_open* says that it, too, is still no grade. A grade in
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
            rows.append(Row(f"{id_}/{state}-{grade}", {BASELINE: span, axis: band}, Grade(grade), _graded(term, grade), interpretation))
            if limit is not None:
                says = f"{term[1]}: the source does not give this grade for such a high baseline."
                rows.append(
                    Row(
                        f"{id_}/{state}-{grade}-open",
                        {BASELINE: above(limit), axis: band},
                        None,
                        says,
                        interpretation,
                        excepted={axis: _SILENCE},
                    )
                )
    return tuple(rows)


def both_ways(  # noqa: PLR0913  # one parameter a number of the term
    term: Term,
    low: tuple[tuple[float, int], ...],
    normal: Interval,
    high: tuple[float, ...],
    *,
    worse: tuple[Interval, int],
    interpretation: str,
) -> Rows:
    """Falling below *normal* by steps, each its upper end and grade, and rising above it by steps, each one grade worse.

    Above *normal* the second grade begins: within it, only a value beyond a limit is graded. In the range of *worse*, symptoms make the
    grade one worse than it is without them; within *normal* only below the lower limit.
    """
    span, grade = worse
    mild = span.low < normal.low
    limits: dict[Axis, bool] = {} if mild else {BELOW_LOWER_LIMIT: True}
    falling = [Interval(below, end, high_open=True) for below, (end, _) in zip((0.0, *(end for end, _ in low)), low, strict=False)]
    rising = [Interval(start, end, low_open=True) for start, end in pairwise((*high, inf))]
    within: dict[Axis, Interval | bool] = {VALUE: normal, BELOW_LOWER_LIMIT: False}
    return (
        *(_row(term, f"low-{g}", g, {VALUE: band}) for band, (_, g) in zip(falling, low, strict=True)),
        _row(term, "mild", grade, {**limits, VALUE: span, SYMPTOMATIC: False}, interpretation),
        _row(term, "symptoms", grade + 1, {**limits, VALUE: span, SYMPTOMATIC: True}, interpretation),
        *((_row(term, f"low-{Grade.MILD:d}", Grade.MILD, {VALUE: normal, BELOW_LOWER_LIMIT: True}),) if mild else ()),
        _row(term, f"{Grade.NONE:d}", Grade.NONE, {**within, ABOVE_UPPER_LIMIT: False}),
        _row(term, f"high-{Grade.MILD:d}", Grade.MILD, {**within, ABOVE_UPPER_LIMIT: True}),
        *(_row(term, f"high-{g}", g, {VALUE: band}) for g, band in enumerate(rising, start=Grade.MILD + 1)),
    )


def above_with_consequences(term: Term, *, without: int, consequences: int, interpretation: str) -> Rows:
    """Above the upper limit it is one grade without consequences, and another with them."""
    return (
        _row(term, f"{Grade.NONE:d}", Grade.NONE, {ABOVE_UPPER_LIMIT: False}, interpretation),
        _row(term, f"{without}", without, {ABOVE_UPPER_LIMIT: True, SYMPTOMATIC: False}, interpretation),
        _row(term, f"{consequences}", consequences, {ABOVE_UPPER_LIMIT: True, SYMPTOMATIC: True}, interpretation),
    )


def by_limit_and_baseline(
    term: Term, limits: tuple[float, ...], baselines: tuple[tuple[float, int], ...], where: Mapping[Axis, bool]
) -> Rows:
    """Grades in multiples of the upper limit, each edge one grade worse; and, where *where* holds, of the baseline.

    Each of *baselines* is an edge in multiples of the baseline, and the grade above it.
    """
    id_, _ = term
    by_limit = [Interval(0, limits[0]), *(Interval(low, high, low_open=True) for low, high in pairwise((*limits, inf)))]
    edges = tuple(edge for edge, _ in baselines)
    by_base = [Interval(0, edges[0]), *(Interval(low, high, low_open=True) for low, high in pairwise((*edges, inf)))]
    worse = (Grade.NONE, *(grade for _, grade in baselines))
    elsewhere = {axis: not held for axis, held in where.items()}
    return (
        *(_row(term, f"limit-{g}", g, {TIMES_UPPER_LIMIT: band}) for g, band in enumerate(by_limit)),
        *(
            Row(f"{id_}/baseline-{g:d}", {**where, TIMES_BASELINE: band}, Grade(g), f"{term[1]}: grade {g:d} by the baseline.")
            for g, band in zip(worse, by_base, strict=True)
        ),
        *((Row(f"{id_}/no-baseline", elsewhere, Grade.NONE, f"{term[1]}: the baseline does not count."),) if elsewhere else ()),
    )


def febrile(  # noqa: PLR0913  # one parameter a number of the term
    term: Term, *, floor: float, single: float, sustained: float, grade: int, interpretation: str
) -> Rows:
    """Few neutrophils, and a single high temperature or a lower one that lasts."""
    few, lower, none = Interval(0, floor, high_open=True), between(sustained, single), f"{Grade.NONE:d}"
    return (
        _row(term, f"{grade}-single", grade, {VALUE: few, TEMPERATURE: above(single)}, interpretation),
        _row(term, f"{grade}-sustained", grade, {VALUE: few, TEMPERATURE: lower, SUSTAINED: True}, interpretation),
        _row(term, f"{none}-brief", Grade.NONE, {VALUE: few, TEMPERATURE: lower, SUSTAINED: False}),
        _row(term, f"{none}-no-fever", Grade.NONE, {VALUE: few, TEMPERATURE: Interval(high=sustained, high_open=True)}),
        _row(term, f"{none}-neutrophils", Grade.NONE, {VALUE: at_least(floor)}),
    )
