"""The planned dose and the course before it, in SQL: the role of the dose, the step that the book gives, and the vote on it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Final

from tarlatamab_rules.assessment.dates import DOUBT_DAYS, LONGEST
from tarlatamab_rules.cohort.frames.columns import DEFAULT_UNITS, REGULAR
from tarlatamab_rules.cohort.frames.schedule import regular_doses
from tarlatamab_rules.cohort.sql.text import code_of, factors, number_of, quoted, reasons_of, relation
from tarlatamab_rules.core.decisions import Decided, NotCovered, Verdict, unsettled_of
from tarlatamab_rules.inputs.course import DOSES, DosePoint
from tarlatamab_rules.inputs.kinds import MASS
from tarlatamab_rules.rulebooks.facts import NOTHING_GIVEN
from tarlatamab_rules.rulebooks.questions import NEXT_DOSE
from tarlatamab_rules.rules.course import first_role, least_days, roles_by_dose
from tarlatamab_rules.rules.given import AMOUNT
from tarlatamab_rules.values.vocabulary import Role

if TYPE_CHECKING:
    from tarlatamab_rules.cohort.frames.schedule import RegularDose
    from tarlatamab_rules.rulebooks._book import Rulebook

__all__ = ["POINTS", "course"]

POINTS: Final = 101
"""The doses that the script knows: 50 cycles. Later ones are left to the library."""
_DOUBT: Final = min(days for days in DOUBT_DAYS if days > LONGEST + 1)
"""From so many days between two doses on, the year of one may be wrong, and the library looks at both dates."""

_DOSES: Final = """\
-- Masses in mg. Mirrors inputs.units.take: a factor, then 15 significant digits.
doses AS MATERIALIZED (
  SELECT typed.*, points.number, points.name_role, previous.at_least,
    previous.number AS last, previous.role AS last_role, previous.since_first, previous.amount AS regular_amount,
    planned_start - previous_started AS days,
    previous_started - CAST(previous.since_first AS INTEGER) AS first_day,
    {ordered} AS ordered_mg,
    {given} AS given_mg
  FROM typed
  LEFT JOIN points ON points.point = typed.point
  LEFT JOIN points AS previous ON previous.point = typed.previous_point
  LEFT JOIN masses AS ordered_as ON ordered_as.unit = COALESCE(typed.ordered_unit, {ordered_unit})
  LEFT JOIN masses AS given_as ON given_as.unit = COALESCE(typed.previous_amount_unit, {given_unit})
),
-- The rows whose course has a plain form: none before the first dose, or doses in order, on the days and with the amounts of the book.
-- Then nothing is odd about the doses given so far (rules.given.deviations), apart from the days up to the planned one.
plain AS MATERIALIZED (
  SELECT *, CASE
    WHEN unread <> '' THEN 'not read by this script: ' || unread
    WHEN number IS NULL THEN 'a dose that this script does not know'
    WHEN planned_start IS NULL THEN 'no planned start'
    WHEN ordered IS NOT NULL AND NOT (ordered_mg IS NOT NULL AND ordered_mg > 0 AND ordered_mg BETWEEN {least} AND {greatest})
      THEN 'the ordered amount'
    WHEN ordered IS NULL AND ordered_unit IS NOT NULL THEN 'the ordered amount'
    WHEN number = 1 AND (COALESCE(previous_point, previous_amount_unit) IS NOT NULL OR previous_started IS NOT NULL
      OR previous_amount IS NOT NULL) THEN 'a dose before the first one'
    WHEN course_before <> {regular} THEN 'course_before'
    WHEN number = 1 THEN NULL
    WHEN last IS NULL OR last <> number - 1 THEN 'the previous dose is not the one before the planned one'
    WHEN course_before IS NULL AND last > 1 THEN 'the doses before the previous one are not known'
    WHEN days IS NULL THEN 'the previous dose has no date'
    WHEN days < 1 OR days >= {doubt} THEN 'the days since the previous dose'
    WHEN given_mg IS NULL OR given_mg <> regular_amount THEN 'the amount of the previous dose'
    WHEN first_day < DATE '1900-01-01' THEN 'the day of the first dose'
    WHEN last_role IS NULL AND {has_steps} THEN 'the role of the previous dose'
  END AS course_left
  FROM doses
),
-- The step after the last dose, and the role of the planned one. Mirrors rules.next_dose.step_after and assessment.chart._planned: if the
-- book does not say which dose follows, the name of the dose gives its role.
planned AS MATERIALIZED (
  SELECT plain.*, steps.answer AS step, steps.amount AS due_mg, steps.rows AS step_rows, steps.doubts,
    CASE WHEN steps.answer = 'decided' THEN steps.role ELSE plain.name_role END AS role
  FROM plain
  LEFT JOIN steps ON steps.last_role = CASE WHEN plain.number = 1 THEN {nothing} WHEN {has_steps} THEN plain.last_role ELSE {nothing} END
    AND steps.code = {days}
),
-- Mirrors rules.next_dose.dose_check: what objects to the dose, each with its rows.
objections AS MATERIALIZED (
  SELECT dose_row, step, step_rows,
    list_concat(
      CASE WHEN number > 1 AND days < at_least THEN ['guard/too-early'] ELSE CAST([] AS VARCHAR[]) END,
      doubts,
      CASE WHEN step = 'silent' AND ordered_mg IS NOT NULL THEN ['guard/order']
        WHEN step = 'decided' AND ordered_mg <> due_mg THEN list_concat(['guard/order'], step_rows)
        ELSE CAST([] AS VARCHAR[]) END
    ) AS problems
  FROM planned
),
dose AS MATERIALIZED (
  SELECT dose_row,
    CASE WHEN len(problems) > 0 THEN {assess} ELSE {proceed} END AS rank,
    CASE WHEN len(problems) > 0 THEN problems WHEN step = 'silent' THEN ['guard/no-amount'] ELSE step_rows END AS rows
  FROM objections
)"""


def course(units: Mapping[str, str], book: Rulebook) -> Iterator[str]:
    """The tables and steps of the course.

    Args:
        units: The units of columns that a caller gives.

        book: The book.
    """
    regular = regular_doses(POINTS, book)
    yield _points(regular, book)
    yield relation("masses", {"unit": "VARCHAR", "factor": "DOUBLE"}, factors(MASS))
    yield _steps(book)
    by_default = [quoted(units.get(name, DEFAULT_UNITS[name])) for name in ("ordered", "previous_amount")]
    table = book[NEXT_DOSE] if NEXT_DOSE in book.rows else None
    yield _DOSES.format(
        ordered="CAST(printf('%.15g', typed.ordered * ordered_as.factor) AS DOUBLE)",
        given="CAST(printf('%.15g', typed.previous_amount * given_as.factor) AS DOUBLE)",
        ordered_unit=by_default[0],
        given_unit=by_default[1],
        regular=quoted(REGULAR),
        doubt=_DOUBT,
        least=number_of(DOSES.least),
        greatest=number_of(DOSES.greatest),
        has_steps="TRUE" if table else "FALSE",
        nothing=quoted(NOTHING_GIVEN),
        days=code_of(book[NEXT_DOSE].axes[1], "plain.days"),
        assess=Verdict.NEEDS_ASSESSMENT.rank,
        proceed=Verdict.PROCEED.rank,
    )


def _points(regular: Sequence[RegularDose], book: Rulebook) -> str:
    """Every dose: its name, place and role by name; in a regular course its role, day and amount, and the fewest days to the next."""
    amounts = tuple([amount.value for _, _, amount in regular])
    roles, columns = roles_by_dose(amounts, book), _POINT_COLUMNS
    by_book = least_days(amounts, book) if NEXT_DOSE in book.rows else None
    rows = []
    for place, ((point, day, amount), possible) in enumerate(zip(regular, roles, strict=True)):
        role = str(*possible) if len(possible) == 1 else None
        least = _by_name(regular, place) if by_book is None else by_book[place]
        rows.append((str(point), point.number, str(first_role(point)), role, day, amount.value, least))
    return relation("points", columns, rows)


_POINT_COLUMNS: Final = {
    "point": "VARCHAR",
    "number": "INTEGER",
    "name_role": "VARCHAR",
    "role": "VARCHAR",
    "since_first": "INTEGER",
    "amount": "DOUBLE",
    "at_least": "INTEGER",
}


def _by_name(regular: Sequence[RegularDose], place: int) -> int:
    """The fewest days from a dose to the next one if the book does not say, so that the names of the doses count.

    Mirrors rules.given._is_early, for each of the doses before the next one.
    """
    number = regular[place][0].number + 1
    following = DosePoint.at(number)

    def least(point: DosePoint) -> int:
        return following.day - point.day if point.cycle == following.cycle else 1

    return max(least(point) - (regular[place][1] - day) for point, day, _ in regular[: place + 1])


def _steps(book: Rulebook) -> str:
    """The step after a dose of each role, by the days since then."""
    table = book[NEXT_DOSE]
    days = table.axes[1]
    rows: list[tuple[object, ...]] = []
    for last in (NOTHING_GIVEN, *Role):
        for code in range(len(days) + 1):
            answer = table(last, days.sample(code) if code < len(days) else None)
            doubts = tuple(dict.fromkeys(reason.row for reason in unsettled_of(answer)))
            if isinstance(answer, Decided):
                step = answer.value
                rows.append((str(last), code, "decided", str(step.role), step.amount.value, reasons_of(answer), doubts))
            elif isinstance(answer, NotCovered):
                doubts = tuple(dict.fromkeys(reason.row for reason in answer.reasons if reason.unsettled or reason.row == AMOUNT))
                rows.append((str(last), code, "silent", None, None, reasons_of(answer), doubts))
    columns = {
        "last_role": "VARCHAR",
        "code": "INTEGER",
        "answer": "VARCHAR",
        "role": "VARCHAR",
        "amount": "DOUBLE",
        "rows": "VARCHAR[]",
        "doubts": "VARCHAR[]",
    }
    return relation("steps", columns, rows)
