"""Faults that an attack on tables found: facts of CDISC and OMOP that were read as something milder, and names that nearly are known."""

from __future__ import annotations

import io
import sys
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from tarlatamab_rules import FieldError, assess_case, cohort, read_case_file
from tarlatamab_rules.__main__ import main
from tarlatamab_rules.formats.records import audit_record
from test_cohort_foreign_facts import condition, hospital, lb, lb_good, measurement, trial, verdicts
from test_cohort_registry import FIRST, WELL, asked

EXAMPLES = Path(__file__).parent.parent / "examples"
CRS = "Cytokine release syndrome"
NERVES = "Nervous system disorders"


def row(term: str, grade: str | None, onset: str | None, end: str | None, outcome: str | None = None, **more: Any) -> dict[str, Any]:
    """An adverse event, with its organ class."""
    return {
        "USUBJID": "S",
        "AEDECOD": term,
        "AEBODSYS": NERVES,
        "AETOXGR": grade,
        "AESTDTC": onset,
        "AEENDTC": end,
        "AEOUT": outcome,
    } | more


def found(*rows: dict[str, Any], table: str = "ae") -> list[tuple[Any, ...]]:
    """The events of these rows."""
    names = ("toxicity", "grade", "status", "onset", "resolved")
    return [tuple(event[name] for name in names) for event in trial(**{table: list(rows)}).tables["events"].to_pylist()]


class TestTerms:
    """What an adverse event is called."""

    @pytest.mark.parametrize(
        "term",
        [
            "Seizure",
            "Aphasia",
            "Speech disorder",
            "Confusional state",
            "Muscular weakness",
            "Cognitive disorder",
            "Depressed level of consciousness",
            "Leukoencephalopathy",
            "Somnolence",
        ],
    )
    def test_signs_of_neurotoxicity(self, term: str) -> None:
        """The signs of the label (2.5, 6.1) and of the page (NEU-1) are neurotoxicity: an open one is no reason to proceed."""
        events = [row(term, "2", "2025-12-07", None)]
        assert found(*events) == [("neurotoxicity", 2, None, "2025-12-07", None)]
        assert verdicts(trial(ae=events))[1] == "needs-data"

    def test_a_headache(self) -> None:
        """Another nervous term stays an event of other: grade 1 holds nothing."""
        assert verdicts(trial(ae=[row("Headache", "1", "2025-12-07", None)]))[1] == "proceed"


class TestOutcomes:
    """AEOUT beside the dates of a row."""

    @pytest.mark.parametrize("outcome", ["NOT RECOVERED/NOT RESOLVED", "RECOVERING/RESOLVING"])
    def test_an_end_without_recovery(self, outcome: str) -> None:
        """The row ended, the event did not: it goes on."""
        events = [row(CRS, "2", "2025-12-02", "2025-12-04", outcome)]
        assert found(*events) == [("crs", 2, "active", "2025-12-02", None)]
        assert verdicts(trial(ae=events)) == ["proceed", "withhold"]

    @pytest.mark.parametrize("outcome", ["NOT RESOLVED", "CONTINUING", "ONGOING", "2"])
    def test_a_word_that_is_not_of_the_list(self, outcome: str) -> None:
        """Whether the event is over is then not known."""
        events = [row(CRS, "2", "2025-12-02", "2025-12-04", outcome)]
        assert found(*events) == [("crs", 2, "unknown", "2025-12-02", None)]
        assert verdicts(trial(ae=events)) == ["proceed", "needs-data"]

    @pytest.mark.parametrize("column", ["AEENRTPT", "AEENRF"])
    def test_an_event_that_goes_on(self, column: str) -> None:
        """Either column says so."""
        assert found(row(CRS, "2", "2025-12-02", None, **{column: "ongoing"}))[0][2] == "active"

    def test_rows_of_one_episode(self) -> None:
        """Each change of grade ends a row without recovery; the last one recovers: one episode, with that end."""
        events = [
            row(CRS, "1", "2025-12-02", "2025-12-03", "NOT RECOVERED/NOT RESOLVED"),
            row(CRS, "3", "2025-12-03", "2025-12-04", "RECOVERING/RESOLVING"),
            row(CRS, "1", "2025-12-04", "2025-12-06", "RECOVERED/RESOLVED"),
        ]
        assert found(*events) == [("crs", 3, "resolved", "2025-12-02", "2025-12-06")]

    @pytest.mark.parametrize(("end", "onset"), [("2025-12-03", "2025-12-04"), ("2025-12-03T08:00", "2025-12-03T20:00")])
    def test_a_recurrence(self, end: str, onset: str) -> None:
        """Grade 3 recovered, and grade 3 again a day or hours later: Table 5 stops the drug at a recurrence."""
        again = [row(CRS, "3", onset, "2025-12-06", "RECOVERED/RESOLVED")]
        events = [row(CRS, "3", "2025-12-02", end, "RECOVERED/RESOLVED"), *again]
        assert [event[1] for event in found(*events)] == [3, 3]
        assert verdicts(trial(ae=events))[1] == "discontinue"
        assert len(found(row(CRS, "3", "2025-12-02", end), *again)) == 1  # without an outcome the two rows are one episode

    def test_a_change_of_grade_on_one_day(self) -> None:
        """Recovered on the day on which the next row begins, without times: a change of grade."""
        events = [row(CRS, "3", "2025-12-02", "2025-12-03", "RECOVERED/RESOLVED"), row(CRS, "1", "2025-12-03", "2025-12-04")]
        assert found(*events) == [("crs", 3, "resolved", "2025-12-02", "2025-12-04")]

    def test_death(self) -> None:
        """FATAL, or AESDTH, is grade 5, whatever grade the row has."""
        assert found(row(CRS, "2", "2025-12-02", "2025-12-04", AESDTH="Y"))[0][1] == 5
        events = [row(CRS, "3", "2025-12-02", "2025-12-04", "FATAL")]
        assert found(*events) == [("crs", 5, "resolved", "2025-12-02", "2025-12-04")]
        assert verdicts(trial(ae=events))[1] == "discontinue"


class TestAnalysisData:
    """Columns that ADaM derives."""

    @pytest.mark.parametrize(("flag", "end"), [(None, "2025-12-05"), ("D", None), ("M", None), (" ", "2025-12-05")])
    def test_an_imputed_day(self, flag: str | None, end: str | None) -> None:
        """A date that was imputed is not known."""
        event = row(CRS, "3", "2025-12-02", "2025-12", ASTDT="2025-12-02", AENDT="2025-12-05", AENDTF=flag)
        assert [each[4] for each in found(event, table="adae")] == [end]
        assert verdicts(trial(adae=[event]))[1] == ("proceed" if end else "needs-data")

    @pytest.mark.parametrize(
        ("flag", "onset"), [(None, "2025-12-02T23:59:00"), ("H", "2025-12-02"), ("M", "2025-12-02"), ("S", "2025-12-02T23:59:00")]
    )
    def test_an_imputed_time(self, flag: str | None, onset: str) -> None:
        """A time of which the hour or the minutes were imputed is a day; imputed seconds are no matter."""
        event = row(CRS, "1", None, "2025-12-05", ASTDTM="2025-12-02T23:59", ASTTMF=flag)
        assert [each[3] for each in found(event, table="adae")] == [onset]

    def test_an_imputed_onset_beside_the_collected_one(self) -> None:
        """The collected date counts, if it is whole."""
        event = row(CRS, "1", "2025-12-03", "2025-12-05", ASTDT="2025-12-01", ASTDTF="D")
        assert [each[3] for each in found(event, table="adae")] == ["2025-12-03"]

    @pytest.mark.parametrize(
        ("grades", "expected"),
        [
            ({"ATOXGR": None}, 4),
            ({"AETOXGR": None, "ATOXGRN": 4}, 4),
            ({"ATOXGR": "1"}, 4),
            ({"AETOXGR": "1", "ATOXGR": "3"}, 3),
            ({"AETOXGR": "2", "AETOXGRN": 4}, 4),
            ({"AETOXGR": None}, None),
        ],
    )
    def test_grades(self, grades: dict[str, Any], expected: int | None) -> None:
        """An empty column hides no other; of two grades the worse counts."""
        assert [each[1] for each in found(row(CRS, "4", "2025-12-02", "2025-12-04", **grades), table="adae")] == [expected]

    def test_two_ends(self) -> None:
        """Two ends of one row that are days apart refuse the doses that see it."""
        event = row(CRS, "2", "2025-12-02", "2025-12-09", AENDT="2025-12-03")
        assert verdicts(trial(adae=[event])) == ["proceed", "events[0]"]
        assert verdicts(trial(adae=[event | {"AEENDTC": "2025-12-04"}])) == ["proceed", "proceed"]

    def test_a_grade_that_is_none(self) -> None:
        """The error names the column."""
        with pytest.raises(FieldError, match=r"ae\.ATOXGR: 'severe' is not a grade"):
            found(row(CRS, "4", "2025-12-02", None, ATOXGR="severe"), table="adae")


class TestResults:
    """Two facts of one result."""

    @pytest.mark.parametrize(
        ("numbers", "read"),
        [
            ({"LBORRES": "0.4", "LBORRESU": "10^9/L", "LBSTRESN": 4.0, "LBSTRESU": "10^9/L"}, False),
            ({"LBORRES": "400", "LBORRESU": "/uL", "LBSTRESN": 4.0, "LBSTRESU": "10^9/L"}, False),
            ({"LBORRES": "4000", "LBORRESU": "/uL", "LBSTRESN": 4.0, "LBSTRESU": "10^9/L"}, True),
            ({"LBORRES": "4.04", "LBORRESU": "10^9/L", "LBSTRESN": 4.0, "LBSTRESU": "10^9/L"}, False),
            ({"LBORRES": "4", "LBORRESU": "10^9/L", "LBSTRESN": 4.04, "LBSTRESU": "10^9/L"}, True),
            ({"LBORRES": "0.4", "LBORRESU": "bottles", "LBSTRESN": 4.0, "LBSTRESU": "10^9/L"}, True),
        ],
    )
    def test_two_numbers(self, numbers: dict[str, Any], read: bool) -> None:
        """The reported and the standard number must agree, in one unit or in two; in a unit that is not known nothing can be compared."""
        registry = trial(lb=[*lb_good(), lb(**numbers, LBSTNRLO=1.8)])
        assert verdicts(registry) == ["proceed", "proceed" if read else "labs[12].value"]

    def test_rounded_in_another_unit(self) -> None:
        """0.5 mg/dL is 8.55 umol/L, which a laboratory rounds to 9."""
        bilirubin = {"LBTESTCD": "BILI", "LBORRES": "0.5", "LBORRESU": "mg/dL", "LBSTRESU": "umol/L", "LBSTNRHI": 21.0}
        assert verdicts(trial(lb=[*lb_good(), lb(**bilirubin, LBSTRESN=9.0)])) == ["proceed", "proceed"]
        assert verdicts(trial(lb=[*lb_good(), lb(**bilirubin, LBSTRESN=85.5)])) == ["proceed", "labs[12].value"]

    def test_a_baseline_of_after_the_first_dose(self) -> None:
        """ALT of six times the limit, drawn six days after the first dose and flagged as the baseline: it is none, and holds the dose."""
        alt = lb(LBTESTCD="ALT", LBSTRESN=250.0, LBSTRESU="U/L", LBSTNRHI=40.0) | {"LBBLFL": "Y"}
        registry = trial(lb=[*lb_good(), alt])
        assert verdicts(registry) == ["proceed", "withhold"]
        assert any(note.startswith("Flagged baselines drawn after the first dose") for note in registry.notes)

    @pytest.mark.parametrize(
        "changes",
        [{"LBSTRESC": "0.4"}, {"LBSTRESN": None, "LBSTRESC": "HEMOLYZED"}, {"LBORRES": "0.4", "LBORRESU": "10^9/L"}],
    )
    def test_grades_name_what_cannot_be_read(self, changes: dict[str, Any]) -> None:
        """A row without a number that can be read has a fault, not an open grade."""
        graded = cohort.grade_lb(
            pd.DataFrame([lb(LBSTRESN=4.0, LBSTRESU="10^9/L"), lb(**({"LBSTRESN": 4.0, "LBSTRESU": "10^9/L"} | changes))])
        )
        assert graded["fault"].notna().tolist() == [False, True]
        assert graded["LBTOXGR"].notna().tolist() == [False, False]  # a count without its limit may be grade 0 or 1

    @pytest.mark.parametrize(
        ("changes", "verdict"),
        [
            ({"value_source_value": "0.4", "unit_source_value": "10*3/uL"}, "labs[12].value"),
            ({"value_source_value": "4.0", "unit_source_value": "10*3/uL"}, "proceed"),
            ({"value_source_value": "4000", "unit_source_value": "/uL"}, "proceed"),
            ({"value_source_value": "400", "unit_source_value": "/uL"}, "labs[12].value"),
            ({"value_source_value": "0.4"}, "proceed"),  # in a unit that nobody says
            ({"value_source_value": "0.4 10*9/L"}, "labs[12].value"),
            ({"value_source_value": "4.0 10*9/L"}, "proceed"),
            ({"value_source_value": "0.4", "unit_source_value": "10*9/L", "unit_concept_id": 0}, "labs[12].value"),
            ({"measurement_date": "2025-12-07"}, "proceed"),
            ({"measurement_date": "2025-12-06"}, "proceed"),  # a day may begin earlier in UTC
            ({"measurement_date": "2025-12-04"}, "labs[12]"),
        ],
    )
    def test_of_a_hospital(self, changes: dict[str, Any], verdict: str) -> None:
        """Number and text of one row, and its two dates, must agree."""
        first = "labs[12]" if verdict == "labs[12]" else "proceed"
        assert verdicts(hospital(measurement(value_as_number=4.0) | changes)) == [first, verdict]

    def test_a_condition_with_two_dates(self) -> None:
        """Two onsets of one condition that are days apart refuse the doses that see it."""
        two = condition("D70.1", "2025-12-02") | {"condition_start_datetime": "2025-12-06T08:00"}
        assert verdicts(hospital(conditions=[two])) == ["events[0]", "events[0]"]


class TestNames:
    """Columns that nearly have the name of a known one."""

    @pytest.mark.parametrize(
        ("table", "column"),
        [
            ("patients", "hyper_sensitivity"),
            ("patients", "Age_Years"),
            ("labs", "upper_limt"),
            ("labs", "Comparator"),
            ("events", "Grade"),
            ("doses", "Started"),
        ],
    )
    def test_beside_the_right_one(self, table: str, column: str) -> None:
        """A slip beside the right column would be dropped: it is refused."""
        known = {"hyper_sensitivity": "hypersensitivity", "upper_limt": "upper_limit"}.get(column, column.lower())
        tables: dict[str, Any] = {"patients": [WELL | {"hypersensitivity": False}]}
        doses = [FIRST]
        lab = {
            "patient": "A",
            "analyte": "alt",
            "value": 20,
            "unit": "U/L",
            "collected": "2025-09-30",
            "upper_limit": 40,
            "comparator": None,
        }
        event = {"patient": "A", "toxicity": "crs", "grade": 1, "onset": "2025-09-01"}
        rows = {"patients": tables["patients"], "labs": [lab], "events": [event], "doses": doses}
        rows[table] = [rows[table][0] | {column: rows[table][0][known]}]
        with pytest.raises(FieldError, match=f"{table}.{column}: is not a known column; did you mean '{known}'"):
            asked(**rows)

    def test_another_column(self) -> None:
        """A column that only has a known name in it is another one: it is listed as not used."""
        assert asked([FIRST | {"patient_id": 7, "site": "X"}]).unused["doses"] == ("patient_id", "site")

    @pytest.mark.parametrize(("column", "near"), [("Comparator", "comparator"), ("upper_limt", "upper_limit"), ("symptom", "symptoms")])
    def test_of_grades(self, column: str, near: str) -> None:
        """A slip would give another grade: it is refused. Any other column stays."""
        frame = pd.DataFrame([{"analyte": "neutrophils", "value": 0.5, "unit": "10*9/L", "site": "X"}])
        assert "site" in cohort.grade_labs(frame)
        with pytest.raises(FieldError, match=f"frame.{column}: is not a known column; did you mean '{near}'"):
            cohort.grade_labs(frame.assign(**{column: "<"}))


class TestCommands:
    """The command line."""

    def test_two_units_of_a_column(self, capsys: pytest.CaptureFixture[str]) -> None:
        """Which of the two is meant is not guessed."""
        assert main(["cohort", "assess", "x", "-o", "y", "--unit", "alt=U/L", "--unit", "alt=ukat/L"]) == 2
        assert "--unit: 'alt' has two units, 'U/L' and 'ukat/L'; write one of them" in capsys.readouterr().err

    def test_the_standard_input(self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        """A hyphen is the standard input for a record and for a bundle."""
        import json  # only here

        record = audit_record(assess_case(read_case_file(EXAMPLES / "clean_c1d1.json")))
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(json.dumps(record).encode())))
        assert main(["replay", "-"]) == 0
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b'{"resourceType": "Patient"}')))
        assert main(["import", "-", "--point", "C1D1"]) in {0, 1}
        monkeypatch.setattr(sys, "stdin", None)
        assert main(["replay", "-"]) == 2
        assert "the standard input: is closed" in capsys.readouterr().err
