"""Laboratory results, in SQL: which are required, which count, and their grades."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import product
from typing import TYPE_CHECKING, Any, Final

from tarlatamab_rules.assessment.lab_unused import open_needs
from tarlatamab_rules.cohort.frames.columns import prefix_of
from tarlatamab_rules.cohort.sql.course import POINTS
from tarlatamab_rules.cohort.sql.text import code_of, factors, literal, name_of, quoted, reasons_of, relation
from tarlatamab_rules.core.decisions import Decided, NotCovered
from tarlatamab_rules.core.errors import ContradictionError
from tarlatamab_rules.inputs.analytes import KINDS, RANGES, UPPER_LIMITS, Analyte
from tarlatamab_rules.inputs.course import DosePoint
from tarlatamab_rules.inputs.units import step_of_unit
from tarlatamab_rules.rulebooks._registry import get
from tarlatamab_rules.rulebooks.facts import (
    ABOVE_UPPER_LIMIT,
    BASELINE,
    BASELINE_LOW,
    BELOW_LOWER_LIMIT,
    SYMPTOMATIC,
    TIMES_BASELINE,
    TIMES_UPPER_LIMIT,
    VALUE,
)
from tarlatamab_rules.rulebooks.questions import LAB_GRADE
from tarlatamab_rules.rules.labs import RECENT_DAYS, needs
from tarlatamab_rules.values.vocabulary import LabNeed

if TYPE_CHECKING:
    from tarlatamab_rules.core.axes import Axis, Cuts, Groups
    from tarlatamab_rules.core.tables import Table
    from tarlatamab_rules.inputs.vocabulary import Grade
    from tarlatamab_rules.rulebooks._book import Rulebook

__all__ = ["labs"]

_AXES: Final = 4
"""The most facts that the grade of an analyte depends on."""
_CODES: Final = tuple([f"code_{n}" for n in range(_AXES)])
_FIELDS: Final = ("quantity", "lower_limit", "upper_limit", "baseline")

_RESULTS: Final = """\
-- The results, one row each.
results AS MATERIALIZED (
{listed}
),
-- In the unit of the analyte. Mirrors inputs.units.take: a factor, then 15 significant digits, so that 500 /uL is the limit 0.5.
measured AS MATERIALIZED (
  SELECT results.*, planned.number, planned.role, planned.days AS since_previous, planned_start, previous_started, units.factor,
{measured}
  FROM results
  JOIN planned ON planned.dose_row = results.dose_row
  LEFT JOIN units ON units.analyte = results.analyte AND units.unit = results.unit
),
-- Whether each result counts, and what of its facts is left to the library. Mirrors rules.labs._standing, for days without a time.
counting AS MATERIALIZED (
  SELECT measured.*, ranges.plausible,
    quantity < lower_limit AS is_below, quantity > upper_limit AS is_above,
    CAST(printf('%.15g', quantity / upper_limit) AS DOUBLE) AS times,
    CAST(printf('%.15g', baseline / upper_limit) AS DOUBLE) AS baseline_times,
    CAST(printf('%.15g', quantity / baseline) AS DOUBLE) AS times_baseline,
    baseline < lower_limit AS baseline_low,
    quantity > COALESCE(upper_limit, plausible) AS above_any,
    CAST(printf('%.15g', quantity / COALESCE(upper_limit, plausible)) AS DOUBLE) AS times_any,
    CAST(printf('%.15g', COALESCE(baseline, upper_limit, plausible) / COALESCE(upper_limit, plausible)) AS DOUBLE) AS baseline_any,
    CAST(printf('%.15g', quantity / COALESCE(baseline, upper_limit, plausible)) AS DOUBLE) AS times_baseline_any,
    CASE
      WHEN given_quantity IS NULL THEN 'facts of a result without a value'
      WHEN factor IS NULL THEN 'its unit'
      WHEN NOT (quantity BETWEEN ranges.quantity_least AND ranges.quantity_greatest) THEN 'its value'
{outside}
      WHEN lower_limit > upper_limit THEN 'its limits'
      WHEN collected IS NULL OR collected > planned_start OR collected <= previous_started THEN 'it does not count for the dose'
      WHEN planned_start - collected > {recent} THEN 'its age'
    END AS lab_left
  FROM measured
  LEFT JOIN ranges ON ranges.analyte = measured.analyte
),
-- The codes of its facts: as they are; normal_0 and so on with a normal value before treatment, and the greatest plausible upper limit, in
-- place of those that are not known; calm_0 and so on without symptoms. Mirrors rules.grading._facts, rules.severity.grades_as_normal and
-- assessment.symptoms.Symptoms.settled: an abnormal result that is not required, and no severe event, is one without symptoms.
coded AS MATERIALIZED (
  SELECT counting.*,
{coded}
  FROM counting
),
found AS MATERIALIZED (
  SELECT coded.*, needs.required, first.kind IS NULL AS contradicts,
    first.kind = 'open' AND first.lacks_symptoms AND needs.required IS NULL AND calm.kind IS NOT NULL AS settled,
{first}, {calm}, as_normal.grades AS grades_as_normal
  FROM coded
  LEFT JOIN needs ON needs.number = coded.number AND needs.analyte = coded.analyte
  LEFT JOIN grades AS first ON first.analyte = coded.analyte AND {by_code}
  LEFT JOIN grades AS calm ON calm.analyte = coded.analyte AND {by_calm}
  LEFT JOIN grades AS as_normal ON as_normal.analyte = coded.analyte AND {by_normal}
),
chosen AS MATERIALIZED (
  SELECT *, {chosen},
    CASE WHEN settled AND calm_kind = 'decided' THEN list_concat(calm_rows, ['guard/no-symptoms'])
      WHEN settled THEN calm_rows ELSE first_rows END AS grade_rows
  FROM found
),
graded AS MATERIALIZED (
  SELECT *,
    kind = 'open' AND lacks_limit AND upper_limit IS NULL AS no_limit,
    CASE WHEN kind = 'open' AND ((lacks_limit AND upper_limit IS NULL) OR (lacks_baseline AND baseline IS NULL))
      AND COALESCE(upper_limit, plausible) IS NOT NULL THEN grades_as_normal END AS normal_grades,
    CASE
      WHEN lab_left IS NOT NULL THEN lab_left
      WHEN contradicts THEN 'facts that contradict each other'
      WHEN kind = 'open' AND lacks_symptoms THEN 'its grade depends on symptoms'
      WHEN kind = 'open' AND ((lacks_limit AND upper_limit IS NULL) OR (lacks_baseline AND baseline IS NULL))
        AND COALESCE(upper_limit, plausible) IS NOT NULL AND grades_as_normal IS NULL THEN 'its grade by a normal value before treatment'
    END AS graded_left
  FROM chosen
)"""


def labs(units: Mapping[str, str], book: Rulebook) -> Iterator[str]:
    """The tables and steps up to the grade of each result.

    Args:
        units: The units of columns that a caller gives.

        book: The book.
    """
    scale = get(book.lab_scale)
    tables = {analyte: scale[LAB_GRADE[analyte]] for analyte in Analyte}
    yield relation("units", {"analyte": "VARCHAR", "unit": "VARCHAR", "factor": "DOUBLE"}, _units(units))
    # The last column is the greatest upper limit that a laboratory has, if the scale grades multiples of it (rules.severity).
    yield relation(
        "ranges",
        {"analyte": "VARCHAR"} | {f"{name}_{end}": "DOUBLE" for name in _FIELDS for end in ("least", "greatest")} | {"plausible": "DOUBLE"},
        _ranges(),
    )
    columns = {"analyte": "VARCHAR"} | dict.fromkeys(_CODES, "INTEGER") | _GRADES
    yield relation("grades", columns, [row for analyte in Analyte for row in _grades(analyte, tables[analyte])])
    yield relation("needs", {"number": "INTEGER", "analyte": "VARCHAR", "required": "BOOLEAN"}, _needs(book))
    yield relation("open_needs", {"number": "INTEGER", "analyte": "VARCHAR", "rows": "VARCHAR[]"}, _open_needs(book))
    yield _RESULTS.format(
        listed="\n  UNION ALL\n".join(_listed(analyte, units.get(prefix_of(analyte))) for analyte in Analyte),
        measured=",\n".join(f"    CAST(printf('%.15g', given_{name} * factor) AS DOUBLE) AS {name}" for name in _FIELDS),
        outside="\n".join(map(_outside, _FIELDS[1:])),
        recent=RECENT_DAYS,
        coded=",\n".join(_coded(tables)),
        by_code=_on("first", ""),
        by_calm=_on("calm", "calm_"),
        by_normal=_on("as_normal", "normal_"),
        first=", ".join(f"first.{name} AS first_{name}" for name in _GRADES),
        calm=", ".join(f"calm.{name} AS calm_{name}" for name in _GRADES),
        chosen=", ".join(f"CASE WHEN settled THEN calm_{name} ELSE first_{name} END AS {name}" for name in _GRADES if name != "rows"),
    )


def _outside(name: str) -> str:
    within = f"{name} BETWEEN ranges.{name}_least AND ranges.{name}_greatest AND {name} > 0"
    return f"      WHEN given_{name} IS NOT NULL AND NOT ({within}) THEN 'its {name}'"


def _on(alias: str, prefix: str) -> str:
    return " AND ".join(f"{alias}.{code} = coded.{prefix}{code}" for code in _CODES)


def _units(units: Mapping[str, str]) -> Iterator[tuple[str, str, float]]:
    """The factor of each spelling of a unit."""
    for analyte in Analyte:
        known = dict(factors(KINDS[analyte]))
        unit = units.get(prefix_of(analyte))
        step = None if unit is None else step_of_unit(KINDS[analyte], unit)
        if unit is not None and step is not None and step[1] == 0:
            known[unit] = float(step[0])
        yield from ((str(analyte), spelling, factor) for spelling, factor in known.items())


def _ranges() -> Iterator[tuple[object, ...]]:
    """The numbers that the library takes for a value, its limits and the value before treatment. Mirrors inputs.labs."""
    for analyte in Analyte:
        ends = [getattr(RANGES[analyte], name) for name in _FIELDS]
        plausible = UPPER_LIMITS[analyte][1] if TIMES_UPPER_LIMIT in LAB_GRADE[analyte].axes else None
        yield str(analyte), *(end for within in ends for end in (float(within.least), float(within.greatest))), plausible


def _listed(analyte: Analyte, unit: str | None) -> str:
    prefix = prefix_of(analyte)
    names = {field: name_of(prefix if field == "quantity" else f"{prefix}_{field}") for field in (*_FIELDS, "unit", "collected")}
    given = ", ".join(f"{names[field]} AS given_{field}" for field in _FIELDS)
    by_default = "NULL" if unit is None else quoted(unit)
    present = " OR ".join(f"{name} IS NOT NULL" for name in names.values())
    unit_of = f"COALESCE({names['unit']}, {by_default}) AS unit, {names['collected']} AS collected"
    return f"  SELECT dose_row, {quoted(analyte)} AS analyte, {given}, {unit_of}\n  FROM typed WHERE {present}"  # noqa: S608  # names of the library


_UNKNOWN: Final = "CAST(NULL AS BOOLEAN)"
_FACTS: Final[Mapping[Axis, tuple[str, str, str]]] = {
    VALUE: ("quantity", "quantity", "quantity"),
    BELOW_LOWER_LIMIT: ("is_below", _UNKNOWN, "is_below"),
    ABOVE_UPPER_LIMIT: ("is_above", "above_any", "is_above"),
    TIMES_UPPER_LIMIT: ("times", "times_any", "times"),
    BASELINE: ("baseline_times", "baseline_any", "baseline_times"),
    BASELINE_LOW: ("baseline_low", _UNKNOWN, "baseline_low"),
    TIMES_BASELINE: ("times_baseline", "times_baseline_any", "times_baseline"),
    SYMPTOMATIC: (_UNKNOWN, _UNKNOWN, "FALSE"),
}
"""How each fact of a grade is taken from a result: as it is; as normal, where it is not known; and without symptoms.

Mirrors rules.grading._FACTS and rules.severity.grades_as_normal."""


_NORMAL: Final = 1


def _coded(tables: Mapping[Analyte, Table[Grade]]) -> Iterator[str]:
    for way, prefix in enumerate(("", "normal_", "calm_")):
        for n, name in enumerate(_CODES):
            cases = [f"WHEN {quoted(analyte)} THEN {_code(table, n, way)}" for analyte, table in tables.items() if n < len(table.axes)]
            yield f"    CASE analyte {' '.join(cases)} ELSE 0 END AS {prefix}{name}"


def _code(table: Table[Grade], n: int, way: int) -> str:
    axes = table.question.axes
    fact = _FACTS[axes[n]][way]
    if axes[n] is TIMES_BASELINE and BASELINE in axes and way != _NORMAL and len(table.axes[n]) > 1:
        return f"CASE WHEN baseline_times IS NOT NULL OR times IS NULL THEN {code_of(table.axes[n], fact)} ELSE {_up_to(table.axes[n])} END"
    return code_of(table.axes[n], fact)


def _up_to(axis: Groups | Cuts) -> str:
    """A code for every multiple of an unknown value before treatment: at most that of the limit. Mirrors rules.grading._above_normal."""
    tests = [f"WHEN times <= {literal(float(axis.cuts[code + 1]))} THEN {len(axis) + 1 + code}" for code in range(len(axis) - 1)]  # type: ignore[union-attr]  # multiples
    return f"CASE {' '.join(tests)} ELSE {len(axis) + len(axis)} END"


_GRADES: Final = {
    "kind": "VARCHAR",
    "grades": "INTEGER[]",
    "mildest": "INTEGER",
    "lacks_baseline": "BOOLEAN",
    "lacks_limit": "BOOLEAN",
    "lacks_symptoms": "BOOLEAN",
    "rows": "VARCHAR[]",
}


def _grades(analyte: Analyte, table: Table[Grade]) -> Iterator[tuple[object, ...]]:
    """The grade for each combination of codes, with one code more for a fact that is not known."""
    axes = table.question.axes
    spans = [_spans(axis, partly=asked is TIMES_BASELINE and BASELINE in axes) for asked, axis in zip(axes, table.axes, strict=True)]
    for codes in product(*spans):
        facts = tuple([known[code] for known, code in zip(spans, codes, strict=True)])
        try:
            answer = table.worked_out(facts)
        except ContradictionError:
            continue
        kind = "decided" if isinstance(answer, Decided) else "silent" if isinstance(answer, NotCovered) else "open"
        grades = tuple(sorted({int(grade) for grade in answer.possible if grade is not None}))
        mildest = min(0 if grade is None else int(grade) for grade in answer.possible)
        lacks = [fact in answer.missing for fact in ("baseline", "upper_limit", "symptoms")]
        padded = (*codes, *[0] * (_AXES - len(codes)))
        yield str(analyte), *padded, kind, grades or None, mildest, *lacks, reasons_of(answer)


def _spans(axis: Groups | Cuts, *, partly: bool) -> dict[int, Any]:
    """A fact for each code of an axis."""
    if len(axis) == 1:
        return {0: None}
    known: dict[int, Any] = {code: axis.sample(code) for code in range(len(axis))} | {len(axis): None}
    if partly:
        known |= {len(axis) + 1 + code: axis.facts(frozenset(range(code + 1))) for code in range(len(axis))}
    return known


def _needs(book: Rulebook) -> Iterator[tuple[object, ...]]:
    for number in range(1, POINTS + 1):
        yield from ((number, str(analyte), True) for analyte, need, _ in needs(DosePoint.at(number), book) if need is LabNeed.REQUIRED)


def _open_needs(book: Rulebook) -> Iterator[tuple[object, ...]]:
    for number in range(1, POINTS + 1):
        for analyte, reasons in open_needs(DosePoint.at(number), book):
            yield number, str(analyte), tuple(dict.fromkeys(reason.row for reason in reasons))
