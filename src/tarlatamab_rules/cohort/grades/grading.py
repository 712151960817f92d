"""Grades of long tables of laboratory results, by column."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np
import pyarrow as pa

from tarlatamab_rules.cohort.arguments import word_in
from tarlatamab_rules.cohort.grades.lab_grades import Directed, Grades, graded
from tarlatamab_rules.cohort.grades.lab_rows import labs_of_frame
from tarlatamab_rules.cohort.reading.readings import NOT_KNOWN, coded, frame_of
from tarlatamab_rules.cohort.reading.tables import TABLES, refuse_near

if TYPE_CHECKING:
    from tarlatamab_rules.inputs.vocabulary import Grade
    from tarlatamab_rules.rulebooks._book import Rulebook

__all__ = ["grade_columns", "grade_labs"]


def grade_labs(frame: Any, *, scale: Rulebook | str = "ctcae-5.0", columns: Literal["library", "adam", "sdtm"] = "library") -> Any:  # noqa: ANN401  # any frame
    """The grade of every result of a long table: that of `grade_lab`, row by row.

    The frame has the columns ``analyte``, ``value`` and ``unit``, and may have ``comparator`` (``<``, ``<=``, ``>``, ``>=``),
    ``lower_limit``, ``upper_limit`` and ``baseline`` in the same unit, and ``symptoms``. Null means *not known*. Other columns stay.

    Args:
        frame: A frame of pandas, Polars, Arrow or DuckDB.

        scale: The scale, or its name: ``ctcae-5.0`` or ``ctcae-6.0``.

        columns: How the grades are written. ``library``: ``grade``, ``possible`` (the grades that remain possible, as ``1|2``),
            ``missing`` and ``grade.rows``. ``adam``: ``ATOXGRL`` and ``ATOXGRH`` (the grade of a low and of a high value) and
            ``ATOXGR`` (one grade, that of a low value with a minus sign). ``sdtm``: ``LBTOX`` (the term) and ``LBTOXGR``. All have
            ``fault``: why a row could not be read, with the message of the scalar error.

    Returns:
        The frame with these columns, of the same kind. A grade that is open is null. A result without the limit that its term needs has no
        grade, not grade 0.

    Raises:
        FieldError: A column is missing, holds something else or nearly has a known name, or the frame has one of the same name already.

        UnknownRulebookError: No scale has this name.
    """
    read = frame_of(frame, "frame")
    read.need(("analyte", "value", "unit"))
    refuse_near(read.names, [column.name for column in TABLES["labs"]] + ["symptoms"], "frame")
    return read.with_columns(grade_columns(graded(labs_of_frame(read), scale), columns))


def grade_columns(grades: Grades, columns: Literal["library", "adam", "sdtm"] = "library") -> dict[str, pa.Array]:
    """Grades as columns of Arrow, in one of the three ways of `grade_labs`."""
    word_in(columns, _WAYS, "columns")
    faults = dict.fromkeys(grades.faults.values())
    places = {message: n for n, message in enumerate(faults)}
    codes = np.full(len(grades.codes), NOT_KNOWN)
    codes[list(grades.faults)] = [places[message] for message in grades.faults.values()]
    texts = [_WAYS[columns](answer) for answer in grades.answers]
    made = {name: coded(grades.codes, [text[name] for text in texts]) for name in texts[0]}
    if columns == "library":
        numbers = np.array([NOT_KNOWN if answer.grade is None else answer.grade for answer in grades.answers] + [NOT_KNOWN], np.int8)
        made = {"grade": pa.array(numbers[grades.codes], mask=numbers[grades.codes] < 0), **made}
    return {**made, "fault": coded(codes, list(faults))}


def _number(grade: Grade | None) -> str | None:
    return None if grade is None else f"{grade:d}"


def _signed(answer: Directed) -> str | None:
    """One grade for both directions, that of a low value with a minus sign; ``None`` if a direction that the scale has is open."""
    return None if answer.grade is None else f"-{answer.low:d}" if answer.low else f"{answer.grade:d}"


def _library(answer: Directed) -> dict[str, str | None]:
    possible = "|".join(_number(grade) or "none" for grade in answer.possible)
    return {"possible": possible or None, "missing": ", ".join(answer.missing) or None, "grade.rows": ", ".join(answer.rows) or None}


def _adam(answer: Directed) -> dict[str, str | None]:
    return {"ATOXGRL": _number(answer.low), "ATOXGRH": _number(answer.high), "ATOXGR": _signed(answer)}


def _sdtm(answer: Directed) -> dict[str, str | None]:
    return {"LBTOX": answer.term or None, "LBTOXGR": _number(answer.grade)}


_WAYS: Final[Mapping[str, Callable[[Directed], dict[str, str | None]]]] = {"library": _library, "adam": _adam, "sdtm": _sdtm}
"""The columns of text of each way of writing grades."""
