"""Doses: the planned one, and those that were given."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from functools import lru_cache
from typing import TYPE_CHECKING

from attrs import field, frozen

from tarlatamab_rules.core.errors import FieldError, FieldTypeError, meant, shown
from tarlatamab_rules.core.shown import Shown
from tarlatamab_rules.inputs._fields import When, day, earlier, moment, one_clock, several, truth
from tarlatamab_rules.inputs.kinds import MASS, Range
from tarlatamab_rules.inputs.units import Amount, take

if TYPE_CHECKING:
    from tarlatamab_rules.inputs.units import QuantityLike

__all__ = ["DOSES", "Course", "DosePoint", "GivenDose"]

_POINT = re.compile(r"[Cc](\d{1,3})[Dd](\d{1,3})")
FIRST_DAYS = (1, 8, 15)
LATER_DAYS = (1, 15)
_LAST_CYCLE = 999
DOSES = Range("a dose", 0, 1e6, 10)
"""In mg. No dose is a kilogram."""
_NEAR = 25
"""How many doses a typing error is compared with: those of a year."""


@frozen(order=True)
class DosePoint:
    """A dose by its place in the schedule: cycle 1 has days 1, 8 and 15, every later cycle days 1 and 15.

    The sources share these names (US prescribing information, Table 1). No rule depends on the name alone.

    Attributes:
        cycle: 1 or more.

        day: 1, 8 or 15 in cycle 1; 1 or 15 later.

        number: The place in the sequence of doses: 1 for C1D1, 2 for C1D8, 3 for C1D15, 4 for C2D1, and so on.
    """

    cycle: int
    day: int
    number: int = field(init=False, eq=False, order=False, repr=False)

    def __attrs_post_init__(self) -> None:
        if type(self.cycle) is not int or type(self.day) is not int:
            raise FieldTypeError("point", f"{shown(self.cycle)} and {shown(self.day)} are not whole numbers", "write it like 'C1D8'")
        if not 1 <= self.cycle <= _LAST_CYCLE:
            raise FieldError(
                "point", f"there is no cycle {shown(self.cycle)}", f"cycles are numbered from 1 to {_LAST_CYCLE}, as in 'C1D8'"
            )
        days = FIRST_DAYS if self.cycle == 1 else LATER_DAYS
        if self.day not in days:
            fix = f"cycle {self.cycle} has doses on days {', '.join(map(str, days))}"
            raise FieldError("point", f"there is no dose on day {shown(self.day)} of cycle {self.cycle}", fix)
        in_cycle = days.index(self.day) + 1
        number = in_cycle if self.cycle == 1 else len(FIRST_DAYS) + len(LATER_DAYS) * (self.cycle - 2) + in_cycle
        object.__setattr__(self, "number", number)

    @classmethod
    def of(cls, point: DosePoint | str) -> DosePoint:
        """From ``"C1D8"``, or a point as it is."""
        if type(point) is DosePoint:
            return point
        if not isinstance(point, str):
            raise FieldTypeError("point", f"{shown(point)} is not a dose point", "write it like 'C1D8'")
        return _parsed(point)

    @classmethod
    def at(cls, number: int) -> DosePoint:
        """The point at a place in the sequence of doses: ``DosePoint.at(4)`` is C2D1."""
        if type(number) is not int:
            raise FieldTypeError("point", f"{shown(number)} is not a whole number", "doses are numbered from 1")
        return _numbered(number)

    def __str__(self) -> str:
        """The point as it is written: ``C1D8``."""
        return f"C{self.cycle}D{self.day}"


@lru_cache(maxsize=2048)
def _numbered(number: int) -> DosePoint:
    if number < 1:
        raise FieldError("point", f"there is no dose {number}", "doses are numbered from 1")
    if number <= len(FIRST_DAYS):
        return DosePoint(1, FIRST_DAYS[number - 1])
    cycles, place = divmod(number - len(FIRST_DAYS) - 1, len(LATER_DAYS))
    return DosePoint(cycles + 2, LATER_DAYS[place])


@lru_cache(maxsize=2048)
def _parsed(point: str) -> DosePoint:
    match = _POINT.fullmatch(point.strip())
    if match is None:
        near = _near(point[:60])
        fix = f"did you mean {near!r}?" if near else "write it like 'C1D8': cycle 1, day 8"
        raise FieldError("point", f"{point[:60]!r} is not a dose point", fix)
    return DosePoint(int(match[1]), int(match[2]))


def _near(text: str) -> str | None:
    """The dose that was probably meant: by its two numbers, as in ``cycle 1, day 8``, or by how it is written."""
    numbers = re.findall(r"\d+", text, re.ASCII)
    if len(numbers) == 2:  # noqa: PLR2004  # a cycle and a day: no other ones are guessed
        match = _POINT.fullmatch(f"C{numbers[0]}D{numbers[1]}")
        with suppress(FieldError):
            return None if match is None else str(DosePoint(int(match[1]), int(match[2])))
        return None
    return meant(text, [str(DosePoint.at(number)) for number in range(1, _NEAR + 1)])


def _point(value: DosePoint | str) -> DosePoint:
    return DosePoint.of(value)


def _started(value: When | None) -> When | None:
    return moment(value, "started")


def _ended(value: When | None) -> When | None:
    return moment(value, "ended")


def _amount(value: QuantityLike | None) -> Amount | None:
    return None if value is None else dose_amount(value, "amount")


def dose_amount(value: QuantityLike, path: str) -> Amount:
    """A mass that can be a dose: more than zero, and not a bound."""
    amount = take(value, MASS, path, DOSES)
    if amount.bound or amount.value == 0:
        raise FieldError(path, f"{amount} is not a dose", "write the amount, such as '10 mg'")
    return amount


def _complete(value: bool | None) -> bool | None:  # noqa: FBT001  # a converter takes its value by position
    return truth(value, "complete")


@frozen
class GivenDose(Shown):
    """A dose that was given.

    Attributes:
        point: Its place in the schedule.

        started: When the infusion began.

        amount: The amount given, a mass; kept in mg.

        ended: When the infusion ended; not before `started`.

        complete: Whether all of it was given; ``None`` if it is not known. Then an assessment judges by the duration of the infusion.
    """

    point: DosePoint = field(converter=_point)
    started: When | None = field(default=None, converter=_started)
    amount: Amount | None = field(default=None, converter=_amount)
    ended: When | None = field(default=None, converter=_ended)
    complete: bool | None = field(default=None, converter=_complete)

    def __attrs_post_init__(self) -> None:
        if self.started is None or self.ended is None:
            return
        one_clock([("started", self.started), ("ended", self.ended)])
        if earlier(self.ended, self.started):
            raise FieldError("ended", "the infusion ended before it began", "correct started or ended")


def given_later(doses: Iterable[GivenDose], planned_start: When | None) -> Iterator[FieldError]:
    """One error for each dose that was given after the planned start. A dose on the same day without a time is no error."""
    if planned_start is None:
        return
    for n, dose in enumerate(doses):
        when = dose.started or dose.ended
        if when is not None and earlier(planned_start, when):
            problem = f"{dose.point} was given on {when}, after the planned start on {planned_start}"
            yield FieldError(f"course[{n}].{'started' if dose.started else 'ended'}", problem, "correct one of the two dates")


def _doses(value: Iterable[GivenDose]) -> tuple[GivenDose, ...]:
    doses = several(value, GivenDose, "doses")
    seen: set[GivenDose] = set()
    # Doses of different points differ, so only a course that repeats a point is checked dose by dose.
    for n, dose in enumerate(doses if len({dose.point.number for dose in doses}) < len(doses) else ()):
        if dose in seen:
            raise FieldError(f"doses[{n}]", f"{dose.point} is listed twice, with the same facts", "list each dose once")
        seen.add(dose)
    return doses


def course_of(value: Course | Iterable[GivenDose] | None) -> Course | None:
    """A course from itself or from the doses given; its faults are reported under ``course``. ``None``: not known."""
    if value is None or isinstance(value, Course):
        return value
    try:
        return Course(several(value, GivenDose, "doses"))
    except FieldError as error:
        raise type(error)("course" + error.path.removeprefix("doses"), error.problem, error.fix) from None


@frozen
class Course(Shown):
    """The doses given so far. ``Course(())`` means that none was given. If the course is not known, pass ``None`` instead.

    Attributes:
        doses: The doses in the order in which they were given; in the order of the schedule if a date is not known.

        places: The place of each dose in the list that was passed, for errors.
    """

    doses: tuple[GivenDose, ...] = field(default=(), converter=_doses)
    places: tuple[int, ...] = field(init=False, eq=False, repr=False)

    def __attrs_post_init__(self) -> None:
        listed = self.doses
        dated = [(day(dose.started), dose.point, n) for n, dose in enumerate(listed) if dose.started is not None]
        if len(dated) == len(listed):
            places = tuple([n for _, _, n in sorted(dated)])
        else:
            places = tuple([n for _, n in sorted([(dose.point, n) for n, dose in enumerate(listed)])])
        object.__setattr__(self, "places", places)
        object.__setattr__(self, "doses", tuple([listed[n] for n in places]))

    @property
    def as_given(self) -> tuple[GivenDose, ...]:
        """The doses in the order in which they were listed."""
        by_place = dict(zip(self.places, self.doses, strict=True))
        return tuple([by_place[place] for place in range(len(by_place))])

    @property
    def last(self) -> GivenDose | None:
        """The last dose given; ``None`` if none was given."""
        return self.doses[-1] if self.doses else None
