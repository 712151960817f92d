"""The Common Terminology Criteria for Adverse Events, version 5.0: first laboratory terms."""

from __future__ import annotations

from itertools import pairwise
from math import inf
from typing import Final

from tarlatamab_rules.evidence import Source, Statement
from tarlatamab_rules.inputs.analytes import Analyte
from tarlatamab_rules.inputs.findings import Grade
from tarlatamab_rules.intervals import Interval, at_least, between
from tarlatamab_rules.questions import (
    ABOVE_UPPER_LIMIT,
    BASELINE,
    BELOW_LOWER_LIMIT,
    LAB_GRADE,
    SYMPTOMATIC,
    TIMES_BASELINE,
    TIMES_UPPER_LIMIT,
    VALUE,
)
from tarlatamab_rules.rulebooks._book import Rulebook
from tarlatamab_rules.tables import Axis, Row

_SOURCE = Source(
    name="ctcae-5.0",
    title="Common Terminology Criteria for Adverse Events 5.0",
    publisher="US National Cancer Institute",
    revision="2017-11-27",
)
_BLOOD, _INVESTIGATIONS = "Blood and lymphatic system disorders", "Investigations"
_METABOLISM = "Metabolism and nutrition disorders"

_TERMS = {
    Analyte.NEUTROPHILS: ("neutrophil-count-decreased", _INVESTIGATIONS, "Neutrophil count decreased"),
    Analyte.WHITE_CELLS: ("white-blood-cell-decreased", _INVESTIGATIONS, "White blood cell decreased"),
    Analyte.LYMPHOCYTES: ("lymphocyte-count-decreased", _INVESTIGATIONS, "Lymphocyte count decreased"),
    Analyte.HEMOGLOBIN: ("anemia", _BLOOD, "Anemia"),
    Analyte.PLATELETS: ("platelet-count-decreased", _INVESTIGATIONS, "Platelet count decreased"),
    Analyte.ALT: ("alanine-aminotransferase-increased", _INVESTIGATIONS, "Alanine aminotransferase increased"),
    Analyte.AST: ("aspartate-aminotransferase-increased", _INVESTIGATIONS, "Aspartate aminotransferase increased"),
    Analyte.BILIRUBIN: ("blood-bilirubin-increased", _INVESTIGATIONS, "Blood bilirubin increased"),
    Analyte.SODIUM: ("hyponatremia-hypernatremia", _METABOLISM, "Hyponatremia, hypernatremia"),
    Analyte.POTASSIUM: ("hypokalemia-hyperkalemia", _METABOLISM, "Hypokalemia, hyperkalemia"),
    Analyte.ALKALINE_PHOSPHATASE: ("alkaline-phosphatase-increased", _INVESTIGATIONS, "Alkaline phosphatase increased"),
}


_EMPTY = "Where the lower limit is at or below the first floor, grade 1 is empty, and grade 2 starts at the floor all the same."


def _decreased(analyte: Analyte, *floors: float, reading: str = "") -> tuple[Row[Grade], ...]:
    """Below the lower limit is grade 1 down to the first floor; below each floor it is one grade worse."""
    term, _, title = _TERMS[analyte]
    worse = [
        Row(f"{term}/{grade}", {VALUE: Interval(low, high, high_open=True)}, Grade(grade), f"{title}: grade {grade}.", reading)
        for grade, (high, low) in enumerate(pairwise((*floors, 0.0)), start=2)
    ]
    return (
        Row(f"{term}/0", {VALUE: at_least(floors[0]), BELOW_LOWER_LIMIT: False}, Grade.NONE, f"{title}: grade 0.", reading),
        Row(f"{term}/1", {VALUE: at_least(floors[0]), BELOW_LOWER_LIMIT: True}, Grade.MILD, f"{title}: grade 1.", reading or _EMPTY),
        *worse,
    )


_ABNORMAL = "CTCAE 5.0 does not say what an abnormal baseline is; read as above the upper limit of normal."


def _increased(analyte: Analyte, normal: tuple[float, ...], abnormal: tuple[float, ...], *, first_open: bool) -> tuple[Row[Grade], ...]:
    """Grades in multiples of the upper limit, or of an abnormal baseline; each edge belongs to the milder grade.

    Only the lowest edge over an abnormal baseline differs from term to term: *first_open* says that it, too, is still grade 0.
    """
    term, _, title = _TERMS[analyte]
    rows = []
    for state, axis, (lowest, *edges) in (("normal", TIMES_UPPER_LIMIT, normal), ("abnormal", TIMES_BASELINE, abnormal)):
        open_ = first_open or state == "normal"
        bands = [
            Interval(0, lowest, high_open=not open_),
            Interval(lowest, edges[0], low_open=open_),
            *(Interval(low, high, low_open=True) for low, high in pairwise((*edges, inf))),
        ]
        rows += [
            Row(f"{term}/{state}-{grade}", {BASELINE: state, axis: band}, Grade(grade), f"{title}: grade {grade}.", _ABNORMAL)
            for grade, band in enumerate(bands)
        ]
    return tuple(rows)


def _both_ways(
    analyte: Analyte, low: tuple[tuple[float, int], ...], normal: Interval, high: tuple[float, ...], *, worse: tuple[Interval, int]
) -> tuple[Row[Grade], ...]:
    """Falling below *normal* by steps, each its upper end and grade, and rising above it by steps from grade 2 on.

    In the range of *worse*, symptoms make the grade one worse than it is without them; within *normal* only below the lower limit.
    """
    term, _, title = _TERMS[analyte]
    span, grade = worse
    mild = span.low < normal.low
    limits: dict[Axis, bool] = {} if mild else {BELOW_LOWER_LIMIT: True}
    falling = [Interval(below, end, high_open=True) for below, (end, _) in zip((0.0, *(end for end, _ in low)), low, strict=False)]
    rising = [Interval(start, end, low_open=True) for start, end in pairwise((*high, inf))]
    says, reading = f"{title}: grade {{}}.", _SYMPTOMS
    return (
        *(Row(f"{term}/low-{g}", {VALUE: band}, Grade(g), says.format(g)) for band, (_, g) in zip(falling, low, strict=True)),
        Row(f"{term}/mild", {**limits, VALUE: span, SYMPTOMATIC: False}, Grade(grade), says.format(grade), reading),
        Row(f"{term}/symptoms", {**limits, VALUE: span, SYMPTOMATIC: True}, Grade(grade + 1), says.format(grade + 1), reading),
        *((Row(f"{term}/low-1", {VALUE: normal, BELOW_LOWER_LIMIT: True}, Grade.MILD, says.format(1)),) if mild else ()),
        Row(f"{term}/0", {VALUE: normal, BELOW_LOWER_LIMIT: False, ABOVE_UPPER_LIMIT: False}, Grade.NONE, says.format(0)),
        Row(f"{term}/high-1", {VALUE: normal, BELOW_LOWER_LIMIT: False, ABOVE_UPPER_LIMIT: True}, Grade.MILD, says.format(1)),
        *(Row(f"{term}/high-{g}", {VALUE: band}, Grade(g), says.format(g)) for g, band in enumerate(rising, start=2)),
    )


_SYMPTOMS = "The whole numbers of CTCAE 5.0 leave gaps for sodium; read with the bounds of version 6.0. Symptoms decide between two grades."
_CLINICAL = "Grade 4 is a clinical finding; a number alone is grade 3 at most. Graded in g/dL: the limits in mmol/L are rounded."

_TRANSAMINASE = ((1, 3, 5, 20), (1.5, 3, 5, 20))

BOOK: Final = Rulebook(
    _SOURCE,
    tuple(Statement(term, section, title) for term, section, title in _TERMS.values()),
    {
        LAB_GRADE[Analyte.NEUTROPHILS]: _decreased(Analyte.NEUTROPHILS, 1.5, 1.0, 0.5),
        LAB_GRADE[Analyte.WHITE_CELLS]: _decreased(Analyte.WHITE_CELLS, 3.0, 2.0, 1.0),
        LAB_GRADE[Analyte.LYMPHOCYTES]: _decreased(Analyte.LYMPHOCYTES, 0.8, 0.5, 0.2),
        LAB_GRADE[Analyte.HEMOGLOBIN]: _decreased(Analyte.HEMOGLOBIN, 10.0, 8.0, reading=_CLINICAL),
        LAB_GRADE[Analyte.PLATELETS]: _decreased(Analyte.PLATELETS, 75.0, 50.0, 25.0),
        LAB_GRADE[Analyte.ALT]: _increased(Analyte.ALT, *_TRANSAMINASE, first_open=False),
        LAB_GRADE[Analyte.AST]: _increased(Analyte.AST, *_TRANSAMINASE, first_open=False),
        LAB_GRADE[Analyte.BILIRUBIN]: _increased(Analyte.BILIRUBIN, (1, 1.5, 3, 10), (1, 1.5, 3, 10), first_open=True),
        LAB_GRADE[Analyte.ALKALINE_PHOSPHATASE]: _increased(
            Analyte.ALKALINE_PHOSPHATASE, (1, 2.5, 5, 20), (2.0, 2.5, 5, 20), first_open=False
        ),
        LAB_GRADE[Analyte.SODIUM]: _both_ways(
            Analyte.SODIUM,
            ((120, 4), (125, 3)),
            between(130, 150),
            (150, 155, 160),
            worse=(between(125, 130, high_open=True), 2),
        ),
        LAB_GRADE[Analyte.POTASSIUM]: _both_ways(
            Analyte.POTASSIUM, ((2.5, 4), (3.0, 3)), between(3.0, 5.5), (5.5, 6.0, 7.0), worse=(between(3.0, 5.5), 1)
        ),
    },
    lab_scale="ctcae-5.0",
)
