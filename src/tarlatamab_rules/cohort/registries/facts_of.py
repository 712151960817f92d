"""The facts of patients, the findings and the maximum ages of results of a registry, as codes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
from attrs import frozen

from tarlatamab_rules.assessment.chart import ActiveInfection
from tarlatamab_rules.cohort.reading.tables import TABLES
from tarlatamab_rules.cohort.reading.times import AWARE, DAY, NAIVE, UNREAD
from tarlatamab_rules.cohort.registries.alone import REFUSED, Alone
from tarlatamab_rules.cohort.registries.clock import A_DAY, Moments
from tarlatamab_rules.cohort.registries.codebook import Codebook
from tarlatamab_rules.cohort.registries.coding import Array, coded, grouped
from tarlatamab_rules.cohort.registries.doses import AGES_APART, Registry
from tarlatamab_rules.cohort.registries.records import findings_of
from tarlatamab_rules.core.errors import FieldError
from tarlatamab_rules.inputs._zones import zone_name
from tarlatamab_rules.inputs.patient import Patient
from tarlatamab_rules.rules.labs import lab_age

if TYPE_CHECKING:
    from datetime import timedelta

__all__ = ["PatientCodes", "finding_codes", "max_ages", "patient_codes"]


@frozen(eq=False)
class PatientCodes:
    """The facts of the patients as codes.

    Attributes:
        code: Everything but the age, as a code; the last item is for nobody.

        age: The age in years; NaN if it is not known.

        born: The date of birth as year, month and day; a year of 0 if it is not known.

        infection: Whether the patient's own field says that there is an infection.
    """

    code: Array
    age: Array
    born: Array
    infection: Array

    def age_at(self, patient: Array, started: Moments) -> Array:
        """The age at each dose."""
        age = self.age[patient]
        return np.where(np.isnan(age), self._by_birth(patient, started), age)

    def contradicts(self, patient: Array, started: Moments) -> Array:
        """Whether the age and the date of birth contradict each other, by dose."""
        apart: Array = started.known & (np.abs(self.age[patient] - self._by_birth(patient, started)) > AGES_APART)
        return apart

    def _by_birth(self, patient: Array, started: Moments) -> Array:
        """The age at each dose by the date of birth; NaN without one."""
        age, born = np.full(len(patient), np.nan), self.born[patient]
        at = np.flatnonzero(born[:, 0] > 0)
        if len(at):
            now = _dates_of(started.day[at])
            birthday = (now[:, 1] < born[at, 1]) | ((now[:, 1] == born[at, 1]) & (now[:, 2] < born[at, 2]))
            age[at] = now[:, 0] - born[at, 0] - birthday
        return age


def _dates_of(days: Array) -> Array:
    """Year, month and day of days since 1970."""
    day = days.astype("datetime64[D]")
    month, year = day.astype("datetime64[M]"), day.astype("datetime64[Y]")
    return np.stack([year.astype(int) + 1970, month.astype(int) % 12 + 1, (day - month).astype(int) + 1], axis=1)


_FACTS: Final = tuple(
    [column.name for column in TABLES["patients"] if column.name not in {"patient", "age_years", "birth_date", "site_zone"}]
)


def patient_codes(registry: Registry, alone: Alone, codebook: Codebook) -> PatientCodes:
    """The facts of the patients as codes. Refused patients are added to *alone*."""
    table = registry.patients
    facts = {name: coded(table.columns.get(name), table.rows) for name in (*_FACTS, "age_years", "site_zone")}
    born = table.times.get("birth_date")
    first, group = grouped(*[codes for codes, _ in facts.values()])
    sound = np.ones(len(first), bool)
    infection = np.zeros(len(first), bool)
    age = np.full(len(first), np.nan)
    for n, row in enumerate(first.tolist()):
        values = {name: values[codes[row]] for name, (codes, values) in facts.items()}
        try:
            zone_name(values.pop("site_zone"))
            patient = Patient(**values)
        except FieldError:
            sound[n] = False
            continue
        infection[n] = patient.infection in ActiveInfection
        age[n] = np.nan if patient.age_years is None else patient.age_years
    alone.add(REFUSED, np.flatnonzero(~sound[group]))
    dates = np.zeros((table.rows, 3), np.int64)
    if born is not None:
        dated = np.isin(born.kind, (DAY, NAIVE, AWARE))
        dates[dated] = _dates_of(born.wall[dated] // A_DAY)
        alone.add(REFUSED, np.flatnonzero(born.kind == UNREAD))
    last = np.zeros((1, 3), np.int64)
    told = [facts[name] for name in _FACTS]
    alike, of_patient = grouped(*[codes for codes, _ in told])
    contents = [repr([values[codes[row]] for codes, values in told]) for row in alike.tolist()]  # a list has no hash
    codes = codebook.numbers("patient", contents)[of_patient] if contents else of_patient
    return PatientCodes(
        np.concatenate([codes, [0]]),
        np.concatenate([age[group], [np.nan]]),
        np.concatenate([dates, last]),
        np.concatenate([infection[group], [False]]),
    )


def max_ages(registry: Registry, alone: Alone, max_age: timedelta | None) -> Array:
    """The maximum age of results at each dose in microseconds; 0 without one."""
    doses = registry.doses
    codes, values = coded(doses.table.columns.get("max_lab_age"), doses.table.rows)
    ages = np.zeros(len(values), np.int64)
    wrong = np.zeros(len(values), bool)
    for n, value in enumerate(values):
        try:
            age = max_age if value is None else lab_age(value, "max_lab_age")
            ages[n] = 0 if age is None else round(age.total_seconds() * 1_000_000)
        except FieldError:
            wrong[n] = True
    alone.add(REFUSED, doses.patient[wrong[codes]])
    return ages[codes]


def finding_codes(registry: Registry, alone: Alone, codebook: Codebook) -> tuple[Array, Array]:
    """The findings of each dose as a code, 0 without any; and whether there is a temperature among them."""
    table = registry.doses.table
    names = [column.name for column in TABLES["doses"] if column.name.startswith("findings_") and column.name in table.columns]
    if not names:
        return np.zeros(table.rows, np.int64), np.zeros(table.rows, bool)
    first, group = grouped(*[coded(table.columns[name], table.rows)[0] for name in names])
    code, warm = np.zeros(len(first), np.int64), np.zeros(len(first), bool)
    for n, row in enumerate(first.tolist()):
        try:
            found = tuple(findings_of(table, row))
        except FieldError:
            alone.add(REFUSED, registry.doses.patient[group == n])
            continue
        code[n] = 1 + codebook.number("findings", found) if found else 0
        warm[n] = any(getattr(item, "temperature", None) is not None for item in found)
    return code[group], warm[group]
