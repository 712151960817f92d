"""Laboratory results as codes. A scale or a book cannot distinguish two results with one code.

A value and each of its ratios to the limits and the baseline lie between the cuts of the compiled tables. What lies so near to a cut that
rounding decides, and a bound, has a code of its own.
"""

from __future__ import annotations

from collections.abc import Hashable
from functools import partial
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from attrs import frozen

from tarlatamab_rules.assessment.lab_episodes import is_tracked
from tarlatamab_rules.cohort.reading.mixed import Mixed
from tarlatamab_rules.cohort.registries.codebook import Codebook
from tarlatamab_rules.cohort.registries.coding import Array, coded, cuts_of, grouped
from tarlatamab_rules.cohort.registries.records import lab_result
from tarlatamab_rules.core.decisions import NotCovered
from tarlatamab_rules.core.errors import FieldError
from tarlatamab_rules.inputs.analytes import KINDS, RANGES, UPPER_LIMITS, Analyte
from tarlatamab_rules.inputs.events import grades_of
from tarlatamab_rules.inputs.labs import LabResult
from tarlatamab_rules.inputs.units import step_of_unit
from tarlatamab_rules.inputs.vocabulary import Grade, Toxicity
from tarlatamab_rules.rulebooks import facts
from tarlatamab_rules.rulebooks._registry import get
from tarlatamab_rules.rulebooks.questions import DRUG_INDUCED_LIVER_INJURY, FEBRILE_NEUTROPENIA, LAB_GRADE, LAB_TOXICITY
from tarlatamab_rules.rules.grading import grade_lab, is_above, is_below
from tarlatamab_rules.rules.liver import judge_pair
from tarlatamab_rules.rules.severity import grades_as_normal, lacks_limit, may_be_worse, worst_grade
from tarlatamab_rules.rules.toxicity import acts, recovered_at

if TYPE_CHECKING:
    from tarlatamab_rules.cohort.reading.tables import Table as Rows
    from tarlatamab_rules.cohort.registries.doses import Registry
    from tarlatamab_rules.core.tables import Table
    from tarlatamab_rules.rulebooks._book import Rulebook

__all__ = ["ANALYTES", "LabCode", "LabCodes", "lab_codes"]

ANALYTES: Final = tuple(Analyte)
_NEAR: Final = 1e-11
"""A ratio this near to a cut, as a part of it, is left to the exact comparison at 15 digits."""
_WITHIN: Final = 1e-9
"""A number this near to the end of what a field takes is left to the field."""


@frozen
class LabCode:
    """What a book sees in results of one code.

    Attributes:
        shown: All that the part of its analyte sees, to find codes that it cannot tell apart.

        grades: The grades that it may have; empty if the scale leaves it open.

        normal: The grades that remain with a normal baseline and the greatest plausible limit, if one of them is missing.

        may_act: Whether the book acts on one of these grades, and follows the toxicity from result to result.

        begins: Whether such a result begins an episode: the book acts on its mildest grade, or on the mildest with a normal baseline.

        most: The worst grade that an earlier one counts as; its mildest, if a limit or its exact value would settle the grade.

        by_greatest: The mildest grade by the greatest plausible limit and a normal baseline.

        at_worst: The worst grade that it may have, if a limit or its exact value would settle the grade; else the mildest of those above.

        settled_by: What would settle the grade then; else empty.

        is_open: Whether such an earlier one may be so bad that the book acts on it.

        may_last: Whether such an earlier one may be so bad that it shows no recovery.

        by_symptoms: Whether the grade depends on symptoms.

        pairs: Whether, with the other kind of liver value, it may be a liver injury.
    """

    shown: Hashable
    grades: tuple[Grade, ...]
    normal: tuple[Grade, ...]
    may_act: bool
    begins: bool
    most: Grade
    by_greatest: Grade
    at_worst: Grade
    settled_by: tuple[str, ...]
    is_open: bool
    may_last: bool
    by_symptoms: bool
    pairs: bool


@frozen(eq=False)
class LabCodes:
    """The results of a registry as codes.

    Attributes:
        analyte: The place of the analyte of each row in `ANALYTES`; -1 if it is not known.

        code: The code of each row; -1 if the row is refused.

        known: What the book sees in each code.

        alike: For each code the number of what the part of its analyte sees in it; the last item, -1, is for no result.
    """

    analyte: Array
    code: Array
    known: tuple[LabCode, ...]
    alike: Array


def lab_codes(registry: Registry, book: Rulebook, codebook: Codebook) -> LabCodes:
    """The codes of every result of a registry."""
    if registry.labs is None:
        return LabCodes(np.zeros(0, np.int8), np.zeros(0, np.int64), (), np.array([-1]))
    table = registry.labs.table
    names, units = (coded(table.columns.get(name), table.rows) for name in ("analyte", "unit"))
    analyte = np.array([_place(name) for name in names[1]], np.int8)[names[0]]
    numbers = {name: _numbers(table, name) for name in _NUMBERS}
    step = _steps(units[1])[analyte, units[0]]
    kept = {name: number * step for name, number in numbers.items()}
    columns, plain = _bands(analyte, kept, book)
    told = {name: coded(table.columns.get(name), table.rows)[0] for name in _NUMBERS}
    for name, number in numbers.items():
        plain &= (told[name] == 0) | ~np.isnan(number)  # text, such as a bound, has a code of its own
    plain &= (analyte >= 0) & ~np.isnan(step) & coded(table.columns.get("comparator"), table.rows)[0].__eq__(0)
    for place in range(len(ANALYTES)):
        at = np.flatnonzero(plain & (analyte == place))
        plain[at] = _surely_taken(ANALYTES[place], {name: number[at] for name, number in kept.items()})
    code = np.full(table.rows, -1, np.int64)
    known: list[LabCode] = []
    even, odd = np.flatnonzero(plain), np.flatnonzero(~plain)
    exact = [names[0], units[0], coded(table.columns.get("comparator"), table.rows)[0], *told.values()]
    make = partial(_known, table, book)
    for at, telling in ((even, [analyte, *columns]), (odd, exact)):
        first, group = grouped(*[column[at] for column in telling])
        made = np.full(len(first), -1, np.int64)
        contents = zip(*[column[at[first]].tolist() for column in telling], strict=True)
        for n, (row, content) in enumerate(zip(at[first].tolist(), contents, strict=True)):
            try:
                # Numbers between the cuts mean the same in every piece; the others are codes of this one.
                seen = codebook.made("code of a result", content, partial(make, row)) if at is even else make(row)
            except FieldError:
                continue
            made[n] = len(known)
            known.append(seen)
        code[at] = made[group]
    alike = codebook.numbers("result", [seen.shown for seen in known])
    return LabCodes(analyte, code, tuple(known), np.array([*alike.tolist(), -1]))


_NUMBERS: Final = ("value", "lower_limit", "upper_limit", "baseline")


def _place(name: object) -> int:
    try:
        return ANALYTES.index(Analyte(str(name)))
    except ValueError:
        return -1


def _numbers(table: Rows, name: str) -> Array:
    """A column of numbers; NaN if it is not known, or no number."""
    column = table.columns.get(name)
    if isinstance(column, Mixed):
        return np.array([value if type(value) in {float, int} else np.nan for value in column.values], np.float64)[column.codes]
    if column is None or not (pa.types.is_integer(column.type) or pa.types.is_floating(column.type)):
        return np.full(table.rows, np.nan)
    numbers: Array = pc.fill_null(column.cast(pa.float64()), np.nan).to_numpy(zero_copy_only=False)
    return numbers


def _steps(units: list[str | None]) -> Array:
    """The factor from each unit to that of each analyte; NaN if it is not known."""
    steps = np.full((len(ANALYTES) + 1, len(units)), np.nan)
    for place, analyte in enumerate(ANALYTES):
        for n, unit in enumerate(units):
            step = None if not isinstance(unit, str) else step_of_unit(KINDS[analyte], unit)
            if step is not None and step[1] == 0:
                steps[place, n] = step[0]
    return steps


def _surely_taken(analyte: Analyte, kept: dict[str, Array]) -> Array:
    """Whether each result is certainly taken: every number lies well within what its field takes, and the limits are in order."""
    ranges = RANGES[analyte]
    sure = ~np.isnan(kept["value"])
    for name, number in kept.items():
        within = ranges.quantity if name == "value" else getattr(ranges, name)
        sure &= np.isnan(number) | ((number > within.least * (1 + _WITHIN)) & (number < within.greatest * (1 - _WITHIN)))
    return sure & ~(kept["lower_limit"] > kept["upper_limit"] * (1 - _WITHIN))


_RATIOS: Final = (
    ("value", "lower_limit"),
    ("value", "upper_limit"),
    ("value", "baseline"),
    ("baseline", "lower_limit"),
    ("baseline", "upper_limit"),
)


def _bands(analyte: Array, kept: dict[str, Array], book: Rulebook) -> tuple[list[Array], Array]:
    """The bands of each value and of its ratios, and whether none is so near to a cut that rounding decides."""
    columns = [np.isnan(kept[name]).astype(np.int8) for name in _NUMBERS]
    sure = np.ones(len(analyte), bool)
    bands_of = {pair: np.zeros(len(analyte), np.int16) for pair in (("value", ""), ("value", "least"), *_RATIOS)}
    for place, name in enumerate(ANALYTES):
        at = np.flatnonzero(analyte == place)
        if not len(at):
            continue
        numbers = {field: number[at] for field, number in kept.items()}
        # A missing limit may be taken as the least or the greatest plausible one, and a missing value before treatment as the limit.
        no_limit, (least, greatest) = np.isnan(numbers["upper_limit"]), UPPER_LIMITS[name]
        upper = np.where(no_limit, greatest, numbers["upper_limit"])
        unknown = np.isnan(numbers["baseline"])
        numbers |= {"upper_limit": upper, "baseline": np.where(unknown, upper, numbers["baseline"]), "": np.ones(len(at))}
        numbers["least"] = np.where(no_limit, least, np.nan)
        of_values, of_ratios = _cuts(name, book)
        for pair, band in bands_of.items():
            cuts = np.array(of_ratios if pair[1] else of_values)
            ratio = numbers[pair[0]] / numbers[pair[1]]
            if pair == ("baseline", "upper_limit"):
                ratio[unknown] = 0.5  # any number off the cuts: a missing baseline has a code of its own
            band[at] = np.searchsorted(cuts, ratio, side="right")
            for cut in cuts:
                sure[at] &= ~(np.abs(ratio - cut) <= _NEAR * max(abs(cut), 1e-3)) | np.isnan(ratio)
    return [*columns, *bands_of.values()], sure


def _cuts(analyte: Analyte, book: Rulebook) -> tuple[list[float], list[float]]:
    """The cuts of the value of an analyte, and of its ratios. The limits of normal cut a ratio at 1."""
    scale = get(book.lab_scale)
    tables: list[Table[Any]] = [scale[LAB_GRADE[analyte]]]
    if analyte is Analyte.NEUTROPHILS:
        tables.append(scale[FEBRILE_NEUTROPENIA])
    if LAB_TOXICITY.get(analyte) is Toxicity.HEPATOTOXICITY:
        tables.append(book[DRUG_INDUCED_LIVER_INJURY])
    pairs = [pair for table in tables for pair in zip(table.question.axes, table.axes, strict=True)]
    values = cuts_of(cut for axis, cut in pairs if axis is facts.VALUE)
    ratios = cuts_of(cut for axis, cut in pairs if axis is not facts.VALUE and axis is not facts.TEMPERATURE)
    return values, sorted({*ratios, 1.0})


def _known(table: Rows, book: Rulebook, row: int) -> LabCode:
    """What a book sees in a result. Raises `FieldError` if it is refused."""
    lab = lab_result(table, row)
    grade, toxicity = grade_lab(lab, rulebook=book.lab_scale), LAB_TOXICITY.get(lab.analyte)
    grades = () if isinstance(grade, NotCovered) else tuple(value for value in grade.possible if value is not None)
    tracked = toxicity is not None and is_tracked(toxicity, book)
    normal = grades_as_normal(lab, grade, book.lab_scale)
    begins = [min(some) for some in (grades, normal) if some]
    is_open = tracked and may_be_worse(grade)
    least = max(min(grades, default=Grade.NONE), min(normal, default=Grade.NONE))
    worst = worst_grade(lab, grade, book.lab_scale) if is_open else Grade.NONE
    return LabCode(
        shown=(lab.analyte, grade, normal, worst, is_below(lab), is_above(lab), lacks_limit(lab, grade)),
        grades=grades,
        normal=() if lacks_limit(lab, grade) else normal,
        may_act=tracked and toxicity is not None and any(acts(value, toxicity, book) for value in grades),
        begins=tracked and toxicity is not None and any(acts(value, toxicity, book) for value in begins),
        most=min(grades, default=Grade.NONE) if is_open else max(grades, default=Grade.NONE),
        by_greatest=least,
        at_worst=max(least, worst),
        settled_by=tuple(grade.missing) if is_open else (),
        is_open=toxicity is not None and is_open and acts(worst, toxicity, book),
        may_last=toxicity is not None and is_open and worst > _mildest_recovery(toxicity, book),
        by_symptoms="symptoms" in grade.missing,
        pairs=_may_pair(lab, book),
    )


def _mildest_recovery(toxicity: Toxicity, book: Rulebook) -> int:
    """The mildest of the grades at which the drug may be given again."""
    grades = (recovered_at(grade, toxicity, book) for grade in grades_of(toxicity))
    return min((grade for grade in grades if grade >= Grade.NONE), default=Grade.NONE)


def _may_pair(lab: LabResult, book: Rulebook) -> bool:
    """Whether a liver value may be a liver injury together with some other one: the other one is passed without a limit of normal."""
    if LAB_TOXICITY.get(lab.analyte) is not Toxicity.HEPATOTOXICITY or DRUG_INDUCED_LIVER_INJURY not in book.rows:
        return False
    bilirubin = lab.analyte is Analyte.BILIRUBIN
    other = LabResult(
        Analyte.ALT if bilirubin else Analyte.BILIRUBIN,
        (
            RANGES[Analyte.ALT if bilirubin else Analyte.BILIRUBIN].quantity.example,
            KINDS[Analyte.ALT if bilirubin else Analyte.BILIRUBIN].unit,
        ),
    )
    enzyme, with_it = (other, lab) if bilirubin else (lab, other)
    return is_above(lab) is not False and not isinstance(judge_pair(enzyme, with_it, None, book), NotCovered)
