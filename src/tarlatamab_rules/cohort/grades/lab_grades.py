"""The grades of many laboratory results: those that no row of a scale tells apart are graded once, by the scalar function."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from itertools import product
from typing import TYPE_CHECKING, Final

import numpy as np
from attrs import field, frozen

from tarlatamab_rules.cohort.grades.lab_rows import Labs
from tarlatamab_rules.cohort.grades.lab_spans import BOUNDS, Measured, axis_codes, in_kept_unit, taken
from tarlatamab_rules.cohort.reading.digits import Array
from tarlatamab_rules.cohort.reading.readings import NOT_KNOWN
from tarlatamab_rules.core.decisions import Decided, NeedsData
from tarlatamab_rules.core.errors import FieldError
from tarlatamab_rules.inputs.analytes import KINDS, RANGES, Analyte
from tarlatamab_rules.inputs.labs import LabResult
from tarlatamab_rules.inputs.vocabulary import Grade
from tarlatamab_rules.rulebooks._registry import resolve
from tarlatamab_rules.rulebooks.facts import ABOVE_UPPER_LIMIT, BASELINE, BELOW_LOWER_LIMIT, VALUE
from tarlatamab_rules.rulebooks.questions import LAB_GRADE
from tarlatamab_rules.rules.grading import grade_lab

if TYPE_CHECKING:
    from tarlatamab_rules.core.tables import Table
    from tarlatamab_rules.rulebooks._book import Rulebook

__all__ = ["Directed", "Grades", "graded"]


@frozen
class Directed:
    """The grade of a result, and its grades in the two directions that trials keep apart.

    Attributes:
        grade: The grade; ``None`` if it is open.

        possible: The grades that remain possible, if it is open.

        missing: The facts that are missing.

        rows: The ids of the rows of the scale behind it.

        low: The grade of a low value; ``None`` if it is open, or if the scale has none.

        high: The grade of a high value; likewise.

        term: The term of the scale; empty if the grade is open.
    """

    grade: Grade | None = None
    possible: tuple[Grade | None, ...] = ()
    missing: tuple[str, ...] = ()
    rows: tuple[str, ...] = ()
    low: Grade | None = None
    high: Grade | None = None
    term: str = ""


_NO_VALUE: Final = Directed(missing=("value",))


@frozen(eq=False)
class Grades:
    """The grades of a table.

    Attributes:
        codes: For each row the place of its answer; -1 if the row is refused.

        answers: The answers.

        faults: Why a row is refused, by row.

        scalar: How many rows were graded one by one.
    """

    codes: Array
    answers: Sequence[Directed] = field(repr=False)
    faults: Mapping[int, str]
    scalar: int


def graded(labs: Labs, scale: Rulebook | str) -> Grades:
    """The grades of many results. Results that no row of the scale tells apart are graded once; what is odd is graded by itself."""
    book = resolve(scale)
    codes = np.full(len(labs.value), NOT_KNOWN, np.int32)
    answers: list[Directed] = [_NO_VALUE]
    given = labs.given()
    codes[~given] = 0
    for analyte, rows in _by_analyte(labs, given):
        sound, measured = _measured(labs, analyte, rows)
        _grade_alike(labs, book, analyte, rows[sound], measured, codes, answers)
    faults: dict[int, str] = {}
    one_by_one = np.flatnonzero(codes == NOT_KNOWN)
    for row in one_by_one.tolist():
        try:
            answers.append(_one(labs, book, row))
        except FieldError as error:
            faults[row] = str(error)
        else:
            codes[row] = len(answers) - 1
    return Grades(codes, answers, faults, len(one_by_one) - len(faults))


def _by_analyte(labs: Labs, given: Array) -> Iterator[tuple[Analyte, Array]]:
    """The rows of each analyte that have a value and can be read by column."""
    meant: dict[Analyte, list[int]] = {}
    for code, text in enumerate(labs.analyte.words):
        with suppress(ValueError):
            meant.setdefault(Analyte(text), []).append(code)
    plain = given & (labs.bound != NOT_KNOWN) & (labs.unit.codes != NOT_KNOWN) & np.isfinite(labs.value)
    of_code = np.full(len(labs.analyte.words) + 1, NOT_KNOWN)
    for n, places in enumerate(meant.values()):
        of_code[places] = n
    number = np.where(plain, of_code[labs.analyte.codes], NOT_KNOWN)
    for n, analyte in enumerate(meant):
        yield analyte, np.flatnonzero(number == n)


def _measured(labs: Labs, analyte: Analyte, rows: Array) -> tuple[Array, Measured]:
    """Which of these rows are sound by all checks of a `LabResult`, and those in the unit of the analyte."""
    kind, ranges, units = KINDS[analyte], RANGES[analyte], labs.unit.codes[rows]
    columns = {"quantity": labs.value[rows]} | {name: values[rows] for name, values in labs.limits.items()}
    sound = np.ones(len(rows), bool)
    for code in np.unique(units).tolist():
        at = np.flatnonzero(units == code)
        for name, numbers in columns.items():
            kept = in_kept_unit(numbers[at], kind, labs.unit.words[code])
            if kept is None:
                sound[at] = False
                break
            columns[name][at] = kept
    bound = labs.bound[rows]
    for name, numbers in columns.items():
        sound &= taken(numbers, bound if name == "quantity" else None, getattr(ranges, name))
    lower, upper = columns["lower_limit"], columns["upper_limit"]
    sound &= ~(lower > upper)
    at = np.flatnonzero(sound)
    kept_columns = {_NAMES[name]: numbers[at] for name, numbers in columns.items()}
    return at, Measured(bound=bound[at], symptoms=labs.symptoms[rows[at]], **kept_columns)


_NAMES: Final = {"quantity": "value", "lower_limit": "lower", "upper_limit": "upper", "baseline": "baseline"}


def _grade_alike(  # noqa: PLR0913, PLR0917  # the two last are filled
    labs: Labs, book: Rulebook, analyte: Analyte, rows: Array, measured: Measured, codes: Array, answers: list[Directed]
) -> None:
    """Grades the rows of one analyte: one of each kind that the table cannot tell apart, for all of them."""
    if not len(rows):
        return
    table = book[LAB_GRADE[analyte]]
    with_baseline = BASELINE in table.question.axes
    key = _flags(measured)
    for axis in table.axes:
        first, beyond = axis_codes(axis, measured, with_baseline=with_baseline)
        key = (key * len(axis) + first) * (len(axis) + 1) + beyond
    _, samples, kinds = np.unique(key, return_index=True, return_inverse=True)
    codes[rows] = kinds + len(answers)
    answers += [_one(labs, book, int(rows[sample])) for sample in samples]


def _flags(measured: Measured) -> Array:
    """What decides which missing facts are named: the facts that are there, and whether the value is a bound."""
    flags = (measured.bound > 0).astype(np.int64)
    for column in (measured.lower, measured.upper, measured.baseline):
        flags = flags * 2 + np.isnan(column)
    return flags


def _one(labs: Labs, book: Rulebook, row: int) -> Directed:
    """The answer of one row, by the scalar function."""
    result, symptoms = labs.result(row), labs.symptomatic(row)
    answer = grade_lab(result, symptoms=symptoms, rulebook=book)
    table = book[LAB_GRADE[result.analyte]]
    low, high = _directions(table, result, symptoms)
    rows = tuple(dict.fromkeys(reason.row for reason in answer.reasons))
    if isinstance(answer, Decided):
        return Directed(answer.value, (), (), rows, low, high, _term(table, book, low, high))
    if isinstance(answer, NeedsData):
        return Directed(None, answer.possible, answer.missing, rows, low, high)
    return Directed(None, (), (), rows)


def _term(table: Table[Grade], book: Rulebook, low: Grade | None, high: Grade | None) -> str:
    """The term of a scale; of an entry with a term for low values and one for high ones, the one that is graded."""
    ids = {row.id.partition("/")[0] for row in table.rows}
    entry = next(statement.entry for statement in book.statements if statement.id in ids)
    of_low, both, of_high = entry.partition(", ")
    return (of_low if low else of_high.capitalize() if high else entry) if both else entry


def _directions(table: Table[Grade], result: LabResult, symptoms: bool | None) -> tuple[Grade | None, Grade | None]:  # noqa: FBT001  # a fact
    """The grades of a low and of a high value; ``None`` if a direction is open, or the scale does not grade it."""
    limits = {_NAMES[name]: getattr(result, name) for name in ("lower_limit", "upper_limit", "baseline")}
    labs = Measured(
        value=np.array([result.quantity.value]),
        bound=np.array([BOUNDS.index(result.quantity.bound)]),
        symptoms=np.array([NOT_KNOWN if symptoms is None else int(symptoms)]),
        **{name: np.array([np.nan if limit is None else limit.value]) for name, limit in limits.items()},
    )
    spans = [axis_codes(axis, labs, with_baseline=BASELINE in table.question.axes) for axis in table.axes]
    cells = [cell for cell in product(*(range(int(first[0]), int(beyond[0])) for first, beyond in spans)) if cell in table.answers]
    low, high = set[Grade | None](), set[Grade | None]()
    for cell in cells:
        answer = table.answers[cell]
        grade = answer.value if isinstance(answer, Decided) else None
        is_low, is_high = _direction(table, cell)
        low.add(grade if is_low else Grade.NONE)
        high.add(grade if is_high else Grade.NONE)
    has_low, has_high = _graded_ways(table)
    return (low.pop() if has_low and len(low) == 1 else None), (high.pop() if has_high and len(high) == 1 else None)


def _graded_ways(table: Table[Grade]) -> tuple[bool, bool]:
    """Whether a scale grades low values, and high ones."""
    low = BELOW_LOWER_LIMIT in table.question.axes
    return low, ABOVE_UPPER_LIMIT in table.question.axes or not low


def _direction(table: Table[Grade], cell: tuple[int, ...]) -> tuple[bool, bool]:
    """Whether a cell is about a low value, and whether it is about a high one."""
    low, high = _graded_ways(table)
    if not (low and high):
        return low, high
    axes = table.question.axes
    value, below, above = (axes.index(axis) for axis in (VALUE, BELOW_LOWER_LIMIT, ABOVE_UPPER_LIMIT))
    normal = [other[value] for other, answer in table.answers.items() if isinstance(answer, Decided) and answer.value == Grade.NONE]
    if min(normal) <= cell[value] <= max(normal):
        is_low = table.axes[below].sample(cell[below]) is True
        return is_low, table.axes[above].sample(cell[above]) is True
    return cell[value] < min(normal), cell[value] > max(normal)
