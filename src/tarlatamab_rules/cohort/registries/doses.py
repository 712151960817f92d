"""A dose of a registry as a `Case`. This is the reference of what a dose row means.

A dose that was given sees what was known when its infusion began: the doses given before it, the results that were not collected after it,
and the events that did not begin after it. Something without a date is seen by every dose. If an episode ended or improved later, it is
ongoing at the dose. The dose does not see a current grade, or that an episode is resolved without a date: that is known of today.

A planned dose sees all that is listed, as a single case does: what is dated after its planned start is then refused, or for a clinician.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from attrs import evolve, fields, frozen

from tarlatamab_rules.cohort.registries.records import (
    Grouped,
    Record,
    Records,
    after,
    as_given,
    at_site_clock,
    dated,
    event_of,
    findings_of,
    given_dose,
    lab_result,
)
from tarlatamab_rules.core.errors import FieldError
from tarlatamab_rules.inputs.case import Case
from tarlatamab_rules.inputs.patient import Patient
from tarlatamab_rules.inputs.vocabulary import EventStatus, Grade

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tarlatamab_rules.cohort.reading.tables import Table
    from tarlatamab_rules.inputs._fields import When
    from tarlatamab_rules.inputs.course import DosePoint, GivenDose
    from tarlatamab_rules.inputs.events import ToxicityEvent

__all__ = ["AGES_APART", "Person", "Registry", "Sees"]

AGES_APART: Final = 5
"""In years. An age that was noted once, and the one by the date of birth, do not differ by more during a treatment."""


@frozen(eq=False)
class Registry:
    """Four tables that were read and belong together.

    Attributes:
        patients: One row a patient.

        doses: The doses, given and planned.

        labs: The results; ``None``: not known.

        events: The toxicities; ``None``: not known.

        twice: The rows of patients that are listed more than once.

        site_zone: The time zone of every site whose row names none.
    """

    patients: Table
    doses: Grouped
    labs: Grouped | None
    events: Grouped | None
    twice: frozenset[int]
    site_zone: str | None

    @classmethod
    def of(cls, patients: Table, doses: Table, labs: Table | None, events: Table | None, site_zone: str | None) -> Registry:
        """The tables, with the rows of each patient found."""
        listed: pa.Array = patients.columns.get("patient", pa.nulls(patients.rows, pa.string()))
        first = pc.index_in(listed, value_set=listed.unique() if len(listed) else listed)  # pyright: ignore[reportAttributeAccessIssue]  # pyarrow makes it when it is imported
        ids, places = listed, first.to_numpy(zero_copy_only=False)
        counts = np.bincount(places, minlength=1) if len(places) else np.zeros(1, np.intp)
        twice = frozenset(np.flatnonzero(counts[places] > 1).tolist()) if len(places) else frozenset[int]()
        labs_by, events_by = (None if table is None else Grouped.of(table, ids) for table in (labs, events))
        return cls(patients, Grouped.of(doses, ids), labs_by, events_by, twice, site_zone)

    def person(self, patient: int, *, at_site: bool = False) -> Person:
        """What the tables hold of one patient, by the row in the patients table.

        Args:
            patient: The row.

            at_site: Whether all times are moved to the clock of the site, as the rules do anyway: then it is done once for all doses.
        """
        zone = self.patients.value("site_zone", patient) or self.site_zone
        moved = zone if at_site else None
        return Person(
            self,
            patient,
            zone,
            Records(self.doses, patient, zone, moved, given_dose, ("started", "ended")),
            None if self.labs is None else Records(self.labs, patient, zone, moved, lab_result, ("collected",)),
            None if self.events is None else Records(self.events, patient, zone, moved, event_of, ("onset",), ("improved", "resolved")),
        )


@frozen(eq=False)
class Sees:
    """What a part of an assessment sees of the results, events and findings.

    Attributes:
        lab: The results that it sees, as a mask of the table; all without one.

        event: The events that it sees, likewise.

        findings: Whether it sees the findings.

        zone: Whether it sees the time zone of the site, which only matters for times with a UTC offset.
    """

    lab: NDArray[np.bool_] | None = None
    event: NDArray[np.bool_] | None = None
    findings: bool = True
    zone: bool = True


@frozen(eq=False)
class Person:
    """One patient of a registry.

    Attributes:
        registry: The tables.

        row: The row in the patients table.

        zone: The time zone of the site.

        doses: The doses of the patient, in the order of the table.

        labs: The results; ``None``: not known.

        events: The toxicities; ``None``: not known.
    """

    registry: Registry
    row: int
    zone: str | None
    doses: Records
    labs: Records | None
    events: Records | None

    def case(self, row: int, sees: Sees = Sees()) -> Case:  # frozen
        """The case of a dose of the patient, by its row in the doses table; *sees* leaves out what a part of an assessment does not see.

        Raises:
            FieldError: A row that the dose sees is refused, or the facts contradict each other.
        """
        registry, table = self.registry, self.registry.doses.table
        if self.row in registry.twice:
            raise FieldError("patient", "is listed more than once in the table of patients", "list each patient once")
        dose = self.doses[row]
        given: GivenDose = dose.value
        start = table.when("started", row)
        if start is None:
            raise FieldError(f"{table.path(row)}.started", "is missing", "a dose is assessed at the time at which it began")
        site = at_site_clock(start, self.zone)
        then = site if dose.given else None
        ordered = next((amount for name in ("ordered", "amount") if (amount := table.value(name, row)) is not None), None)
        return Case(
            patient=self._patient(site or start),
            point=given.point,
            planned_start=site if self.doses.at_site else start,
            ordered=None if ordered is None else (ordered, table.value("unit", row)),
            course=[other.value for other in self.doses if self._given_before(other, dose, site)],
            labs=None if self.labs is None else [lab.value for lab in self.labs.seen(sees.lab) if not after(then, lab.when)],
            events=None if self.events is None else [_then(event.value, then, self.zone) for event in self._seen(then, sees)],
            findings=(tuple(findings_of(table, row)) if sees.findings else ()) or None,
            site_zone=self.zone if sees.zone else None,
        )

    def fault_of(self, name: str, row: int) -> FieldError | None:
        """Why a row of ``labs`` or ``events`` is refused; ``None`` if it is not."""
        fault: FieldError | None = getattr(self, name)[row].fault
        return fault

    def doses_that_see(self, name: str, row: int) -> list[int]:
        """The rows of the doses that see a row of ``labs`` or ``events``."""
        when = getattr(self, name)[row].when
        return [dose.row for dose in self.doses if not after(self._then(dose), when)]

    def _then(self, dose: Record) -> When | None:
        """The time up to which a dose sees what is listed; ``None`` for a planned dose, which sees all of it."""
        return dated(dose.table, "started", dose.row, self.zone) if dose.given else None

    def place_of(self, event: int, row: int, sees: Sees) -> int:
        """The place of an event among the events of the case of a dose, by their rows."""
        return [record.row for record in self._seen(self._then(self.doses[row]), sees)].index(event)

    def _seen(self, start: When | None, sees: Sees) -> list[Record]:
        return [] if self.events is None else [event for event in self.events.seen(sees.event) if not after(start, event.when)]

    def _patient(self, start: When) -> Patient:
        table = self.registry.patients
        facts = {item.name: table.value(item.name, self.row) for item in fields(Patient)}
        try:
            born = table.when("birth_date", self.row)
            age = None if born is None else start.year - born.year - ((start.month, start.day) < (born.month, born.day))
            patient = Patient(**(facts | {"age_years": age} if facts["age_years"] is None else facts))
        except FieldError as error:
            raise error.under("patient") from None
        if age is not None and patient.age_years is not None and abs(patient.age_years - age) > AGES_APART:
            says = f"makes {age} years at the dose, but age_years is {patient.age_years:g}"
            raise FieldError("patient.birth_date", says, "correct one of the two")
        return patient

    def _given_before(self, other: Record, dose: Record, start: When | None) -> bool:
        """Whether another dose was given before this one. On one day without times, the schedule decides, then the table."""
        if other is dose or not other.given:
            return False
        if start is not None and other.when is not None:
            if after(start, other.when):
                return not dose.given  # the case refuses a planned dose with one that was given after it
            if after(other.when, start):
                return True
        if not other.sound:
            return True
        point: DosePoint = dose.value.point
        if other.when is None or other.value.point != point:
            return bool(other.value.point < point)
        return other.row < dose.row


def _then(event: ToxicityEvent, given: When | None, zone: str | None) -> ToxicityEvent:
    """An episode as it was when a dose was given; as it is, for a planned dose.

    What is known of today without a date is not known of a dose that was given.
    """
    if given is None:
        return event
    ends = [at_site_clock(event.improved, zone), at_site_clock(event.resolved, zone)]
    late = [end is not None and after(given, end) for end in ends]
    if not any(late):
        return as_given(event)
    grade = None if event.grade is Grade.NONE else event.grade  # an ongoing episode has some grade
    improved = None if late[0] else event.improved
    return evolve(event, grade=grade, improved=improved, resolved=None, status=EventStatus.ACTIVE, current_grade=None)
