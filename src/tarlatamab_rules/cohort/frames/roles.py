"""The planned doses that occur, as the rules see them; and which of them a question can distinguish."""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import numpy as np
from attrs import frozen

from tarlatamab_rules.assessment.chart import chart_of
from tarlatamab_rules.cohort.frames.folds import Coded
from tarlatamab_rules.inputs.case import readings_of
from tarlatamab_rules.inputs.vocabulary import Toxicity
from tarlatamab_rules.rulebooks.facts import BEGAN_BEFORE, BEGAN_ROLE, POINT, ROLE
from tarlatamab_rules.rulebooks.questions import LAB_TOXICITY, TOXICITY_ACTION
from tarlatamab_rules.rules.labs import needs

if TYPE_CHECKING:
    import numpy.typing as npt

    from tarlatamab_rules.cohort.frames.cuts import BookCuts
    from tarlatamab_rules.core.paths import Fact
    from tarlatamab_rules.inputs.analytes import Analyte
    from tarlatamab_rules.inputs.case import Case
    from tarlatamab_rules.inputs.course import DosePoint
    from tarlatamab_rules.values.vocabulary import Role

    Codes: TypeAlias = npt.NDArray[np.signedinteger[Any]]

__all__ = ["PlannedRole", "Roles"]

_OF_DOSE: Final = frozenset((POINT, ROLE, BEGAN_BEFORE, BEGAN_ROLE))


@frozen
class PlannedRole:
    """A planned dose as the rules see it.

    Attributes:
        place: The class of its place in the schedule.

        role: Its role in the course.

        lacks: The facts without which its role is open.

        settling: The facts that would settle an answer that depends on its role.

        course: Whether the course is not known, lists no dose, begins with the first dose, or with a later one.

        dated: Whether the first dose has a date.
    """

    place: int
    role: Role | frozenset[Role] | None
    lacks: tuple[Fact, ...]
    settling: tuple[Fact, ...]
    course: str
    dated: bool

    @property
    def background(self) -> tuple[object, ...]:
        """What every question about results and events depends on."""
        return self.place == 0, self.course, self.dated


class Roles:
    """The planned doses that occurred, each with a number."""

    def __init__(self, cuts: BookCuts) -> None:
        self._cuts = cuts
        self._lock = Lock()
        self._numbers: dict[PlannedRole, int] = {}
        self._listed: list[tuple[PlannedRole, DosePoint]] = []
        self._reduced: dict[object, tuple[dict[object, int], Codes]] = {}

    def number(self, case: Case) -> int:
        """The number of the dose that a case plans.

        Raises:
            FieldError: The facts of the course cannot be true.
        """
        chart = chart_of(readings_of(case)[0], self._cuts.book, self._cuts.max_age)
        planned, doses = chart.planned, None if chart.case.course is None else chart.case.course.doses
        course = "unknown" if doses is None else "none" if not doses else "first" if doses[0].point.number == 1 else "later"
        place = int(self._cuts.points[case.point.number])
        key = PlannedRole(place, planned.role, planned.lacks, planned.settling, course, planned.first is not None)
        with self._lock:
            if key not in self._numbers:
                self._listed.append((key, case.point))
                self._numbers[key] = len(self._numbers)
            return self._numbers[key]

    def for_results(self, analytes: tuple[Analyte, ...]) -> Coded:
        """For each number, a code of the planned dose as far as the votes on results of these analytes by themselves depend on it."""

        def key(role: PlannedRole, point: DosePoint) -> object:
            asked = tuple(self._asked(LAB_TOXICITY.get(analyte, Toxicity.OTHER), role) for analyte in analytes)
            return role.background, self._needs(analytes, point), asked

        return self._codes(("labs", analytes), key)

    def for_event(self, toxicity: Toxicity, analytes: tuple[Analyte, ...]) -> Coded:
        """As `for_results`, for the vote on an episode with the results that are signs of it."""

        def key(role: PlannedRole, point: DosePoint) -> object:
            return role.background, self._needs(analytes, point), self._asked(toxicity, role)

        return self._codes(("event", toxicity, analytes), key)

    def _needs(self, analytes: tuple[Analyte, ...], point: DosePoint) -> object:
        return tuple(item for item in needs(point, self._cuts.book) if item[0] in analytes)

    @property
    def size(self) -> int:
        """How many occurred."""
        return len(self._listed)

    def _asked(self, toxicity: Toxicity, role: PlannedRole) -> object:
        """The facts of the dose that the action on a toxicity depends on."""
        asks = self._cuts.book[TOXICITY_ACTION[toxicity]].asks & _OF_DOSE
        return (role.place, role.role, role.lacks, role.settling) if asks else None

    def _codes(self, name: object, key: Callable[[PlannedRole, DosePoint], object]) -> Coded:
        with self._lock:
            codes, table = self._reduced.get(name, ({}, np.zeros(0, np.int32)))
            if len(table) < len(self._listed):
                more = [codes.setdefault(key(*item), len(codes)) for item in self._listed[len(table) :]]
                table = np.concatenate([table, np.array(more, np.int32)])
                self._reduced[name] = codes, table
            return Coded(table, len(codes), grows=True)
