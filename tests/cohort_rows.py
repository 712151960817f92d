"""Random rows of a frame that somebody hostile would write: on limits, undated, tied, odd, and impossible."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from tarlatamab_rules.cohort.frames.columns import COLUMNS, Holds, prefix_of
from tarlatamab_rules.inputs.analytes import KINDS, RANGES, Analyte
from tarlatamab_rules.inputs.course import DosePoint
from tarlatamab_rules.inputs.vocabulary import Toxicity

_START = datetime(2026, 3, 16, 9, 0)  # noqa: DTZ001  # a clock without a zone
_UNITS = {analyte: KINDS[analyte].unit for analyte in Analyte}
_CUTS = (
    0.0,
    0.5,
    0.66,
    0.8,
    1.0,
    1.5,
    2.0,
    2.5,
    3.0,
    5.0,
    6.0,
    8.0,
    10.0,
    20.0,
    25.0,
    50.0,
    75.0,
    120.0,
    125.0,
    130.0,
    150.0,
    155.0,
    160.0,
)
_LIMITS = {
    Analyte.NEUTROPHILS: (1.8, 7.5),
    Analyte.WHITE_CELLS: (4.0, 11.0),
    Analyte.LYMPHOCYTES: (1.0, 4.0),
    Analyte.HEMOGLOBIN: (12.0, 16.0),
    Analyte.PLATELETS: (150.0, 400.0),
    Analyte.ALT: (7.0, 40.0),
    Analyte.AST: (7.0, 35.0),
    Analyte.BILIRUBIN: (0.1, 1.1),
    Analyte.ALKALINE_PHOSPHATASE: (40.0, 120.0),
    Analyte.CREATININE: (0.6, 1.2),
    Analyte.SODIUM: (135.0, 145.0),
    Analyte.POTASSIUM: (3.5, 5.0),
    Analyte.URIC_ACID: (2.5, 7.0),
}


class Rows:
    """Random rows with the columns of some analytes and toxicities.

    Attributes:
        dated: ``"days"``, ``"times"`` or ``"utc"``: what the columns of dates hold.

        dirt: The share of values that are wrong on purpose.
    """

    def __init__(  # noqa: PLR0913  # one keyword a choice
        self,
        seed: int,
        *,
        analytes: tuple[Analyte, ...] = tuple(Analyte),
        toxicities: tuple[Toxicity, ...] = tuple(Toxicity),
        findings: bool = True,
        dated: str = "times",
        dirt: float = 0.0,
        calm: float = 0.5,
    ) -> None:
        self.random, self.analytes = Random(seed), analytes  # noqa: S311  # nothing is secret
        self.toxicities, self.findings = toxicities, findings
        self.dated, self.dirt, self.calm = dated, dirt, calm

    def _one_in(self, number: int) -> bool:
        return self.random.randrange(number) == 0

    def _when(self, hours: float) -> Any:
        when = _START + timedelta(hours=hours)
        if self.dated == "days":
            return when.date()
        return when.replace(tzinfo=UTC) if self.dated == "utc" else when

    def row(self) -> dict[str, Any]:
        """A row."""
        pick, row = self.random.choice, dict[str, Any]()
        number = pick((1, 2, 2, 3, 3, 4, 4, 5, 6, 7, 8, 9, 10, 12, 13, 14, 25, 27, 28, 40))
        row["point"] = str(DosePoint.at(number))
        if not self._one_in(15):
            row["planned_start"] = self._when(pick((0, 0, 0, 0, 1, -2, 24)))
        if not self._one_in(3):
            row["ordered"] = pick((1.0, 10.0, 10.0, 10.0, 5.0))
        self._patient(row)
        self._course(row, number)
        for analyte in self.analytes:
            self._lab(row, analyte)
        self._events(row)
        if self.findings and self._one_in(6):
            self._findings(row)
        if self.dirt:
            self._spoil(row)
        return {name: value for name, value in row.items() if value is not None}

    def _patient(self, row: dict[str, Any]) -> None:
        pick = self.random.choice
        good = {
            "age_years": 64.0,
            "diagnosis": "extensive-stage-sclc",
            "progressed_after_platinum": True,
            "infection": "none",
            "childbearing_potential": False,
            "hypersensitivity": False,
        }
        row.update(good)
        if self._one_in(2):
            return
        for name in ("progressed_after_platinum", "childbearing_potential", "pregnant", "breastfeeding", "hypersensitivity"):
            if self._one_in(3):
                row[name] = pick((True, False, None))
        if row.get("childbearing_potential") is False and not self._one_in(9):
            row["pregnant"] = pick((False, None))
        if self._one_in(3):
            row["age_years"] = pick((17.0, 17.99, 18.0, 64.0, 130.0, None))
        if self._one_in(3):
            row["diagnosis"] = pick(("extensive-stage-sclc", "limited-stage-sclc", "other", None))
        if self._one_in(3):
            row["infection"] = pick(("none", "controlled", "uncontrolled", None))

    def _course(self, row: dict[str, Any], number: int) -> None:
        pick = self.random.choice
        if not self._one_in(4):
            row["course_before"] = "regular"
        if number == 1 and not self._one_in(8):
            return
        if self._one_in(12) and number > 1:
            row.pop("course_before", None)
            return
        last = number - 1 if number > 1 and not self._one_in(8) else max(1, number + pick((-2, -3, 0, 1)))
        row["previous_point"] = str(DosePoint.at(last))
        if not self._one_in(12):
            days = pick((7, 7, 14, 14, 14, 14, 13, 15, 6, 8, 1, 0, 20, 21, 22, 27, 28, 29, 30, 35, 36, 42, 60, 365, 366, 380, 401, 402))
            row["previous_started"] = self._when(-24 * days + pick((0, 0, -1, 1, 3)))
        if not self._one_in(12):
            row["previous_amount"] = pick((1.0 if last == 1 else 10.0,) * 5 + (1.0, 10.0, 3.0))

    def _lab(self, row: dict[str, Any], analyte: Analyte) -> None:
        pick, name, (low, high) = self.random.choice, prefix_of(analyte), _LIMITS[analyte]
        if self._one_in(10):
            return
        row[f"{name}_unit"] = _UNITS[analyte]
        calm = self.random.random() < self.calm
        if not calm and self._one_in(4):
            high = pick((high, round(high * 1.1, 3), RANGES[analyte].upper_limit.least * 1.1))
        if calm or not self._one_in(6):
            row[f"{name}_upper_limit"] = high
        if calm or not self._one_in(6):
            row[f"{name}_lower_limit"] = low
        within = RANGES[analyte].quantity
        value = (low + high) / 2
        if not calm:
            times = pick((1.0, 1.5, 2.0, 2.5, 3.0, 5.0, 6.0, 10.0, 20.0, 0.5, 0.9))
            value = pick(
                (
                    pick(_CUTS),
                    high * times,
                    float(f"{high * times:.15g}"),
                    high * times * (1 + 2**-52),
                    low,
                    high,
                    self.random.uniform(0, 4 * high),
                )
            )
            value = min(max(value, within.least), within.greatest)
            if self._one_in(3):
                least, most = RANGES[analyte].baseline.least, RANGES[analyte].baseline.greatest
                baseline = pick((high, round(high * 1.5, 4), low, value, float(f"{value / 3:.15g}")))
                row[f"{name}_baseline"] = min(max(baseline, least), most)
        row[name] = value
        if calm or not self._one_in(10):
            row[f"{name}_collected"] = self._when(
                pick((-24, -24, -24, -26, 0, -48))
                if calm
                else pick((-24, -24, -1, 0, 0, 1, -72, -168, -192, -193, -336, -360, -672, -673, -700, -720, 30))
            )

    def _events(self, row: dict[str, Any]) -> None:
        pick = self.random.choice
        if self._one_in(8):
            return
        row["events_reviewed"] = True
        if self._one_in(2):
            return
        for toxicity in self.random.sample(self.toxicities, min(len(self.toxicities), pick((1, 1, 1, 2, 3)))):
            name = prefix_of(toxicity)
            status = pick(("active", "resolved", "unknown", None, "active", "resolved"))
            grade = pick((0 if status != "active" else 1, 1, 2, 3, 3, 4, None))
            if toxicity is Toxicity.FEBRILE_NEUTROPENIA and not self._one_in(9):
                grade = pick((3, 4, None))
            row[f"{name}_status"], row[f"{name}_grade"] = status, grade
            self._course_of_event(row, name, status, grade)

    def _course_of_event(self, row: dict[str, Any], name: str, status: str | None, grade: int | None) -> None:
        pick = self.random.choice
        onset = pick((-24, -48, -72, -168, -191, -192, -336, -400, -500, -672, -1000, 0, 5, None))
        if onset is not None:
            row[f"{name}_onset"] = self._when(onset)
            if status != "active" and not self._one_in(3):
                row[f"{name}_resolved"] = self._when(onset + pick((24, 48, 168, 192, 193, 336, 500, 1)))
            if self._one_in(4):
                row[f"{name}_improved"] = self._when(onset + pick((0, 24, 168, 192)))
        if self._one_in(4) and status not in {"resolved", None} and (grade or 0) > 1:
            row[f"{name}_current_grade"] = pick((1, 2, grade, 0))
        if self._one_in(4):
            row[f"{name}_other_cause"] = pick((True, False))
        if self._one_in(6):
            row[f"{name}_bleeding"] = pick((True, False))
        if self._one_in(8):
            row[f"{name}_scale"] = pick(("astct-2019", "ctcae-5.0", "ctcae-6.0"))

    def _findings(self, row: dict[str, Any]) -> None:
        columns = [column for column in COLUMNS.values() if column.part.startswith("findings.") and column.fact != "unit"]
        syndrome = self.random.choice(("findings.crs", "findings.icans"))
        for column in columns:
            if column.part == syndrome and not self._one_in(3):
                row[column.name] = self._finding(column.fact, column.words, column.holds)

    def _finding(self, fact: str, words: tuple[str, ...], holds: Holds) -> Any:
        pick = self.random.choice
        if fact == "temperature":
            return pick((36.5, 37.9, 38.0, 38.2, 38.3, 38.31, 39.5))
        if fact == "symptoms":
            return pick(("", "confusion", "confusion, seizures"))
        if holds is Holds.WHOLE:
            return pick((0, 1, 3, 7, 9, 10, 10))
        return pick(words) if words else pick((True, False))

    def _spoil(self, row: dict[str, Any]) -> None:
        for name in list(row):
            if self.random.random() < self.dirt:
                holds = COLUMNS[name].holds
                if holds is Holds.NUMBER:
                    row[name] = self.random.choice((-1.0, 1e9, float("inf")))
                elif holds is Holds.TEXT:
                    row[name] = self.random.choice(("nonsense", "", "C9D9"))
                elif holds is Holds.WHOLE:
                    row[name] = self.random.choice((-1, 6, 99))


def columns_of_rows(rows: list[dict[str, Any]]) -> dict[str, list[Any]]:
    """Rows as columns."""
    names = [name for name in COLUMNS if any(name in row for row in rows)]
    return {name: [row.get(name) for row in rows] for name in names}
