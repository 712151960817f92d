"""Findings count, whether they are passed as findings or in an event: no finding is dropped, and none counts twice.

Expected verdicts are written by hand. By the US label CRS and ICANS of grade 1 to 3 hold the drug and grade 4 stops it (2.5, Tables 5 and
6); the page stops at neurotoxicity of grade 3. Patient, results and course are otherwise clean.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from time import process_time
from typing import Any

import pytest
from attrs import evolve
from hypothesis import assume, example, given
from hypothesis import strategies as st

from helpers import ALERT, DRUG_BOOKS, PAGE, VITALS, normal_labs, rows, well
from tarlatamab_rules import (
    CrsFindings,
    Decided,
    DoseAssessment,
    FieldError,
    GivenDose,
    Grade,
    NeuroFindings,
    ToxicityEvent,
    assess_dose,
    during_infusion,
    rulebooks,
    toxicity_action,
)
from tarlatamab_rules.formats.cases import read_case
from tarlatamab_rules.rules.course import worst_of
from tarlatamab_rules.rules.signs import is_severe_with_or_without_fever
from tarlatamab_rules.strategies import crs_findings, events, neuro_findings

US = "us-2025-11"
DEFAULT_BOOK = rulebooks.default()
BOOKS = [None, *DRUG_BOOKS]
ACTING = [None, US]
"""The books that hold the drug for CRS and ICANS of every grade."""
C1D1 = datetime(2026, 1, 12, 9, tzinfo=UTC)
C1D8, C1D15, C2D1 = (C1D1 + timedelta(days=days) for days in (7, 14, 28))
GIVEN = [GivenDose("C1D1", C1D1, "1 mg"), GivenDose("C1D8", C1D8, "10 mg"), GivenDose("C1D15", C1D15, "10 mg")]


def assessed(book: str | None = None, **facts: Any) -> DoseAssessment:
    """The assessment of C2D1 of a patient who is well, with these findings."""
    given_facts: dict[str, Any] = {"course": GIVEN, "labs": normal_labs(C2D1 - timedelta(hours=2)), "events": (), "planned_start": C2D1}
    return assess_dose(well(), "C2D1", rulebook=book, **(given_facts | facts))


def vitals(**changes: Any) -> CrsFindings:
    """Normal vital signs, with changes."""
    return CrsFindings(**(VITALS | changes))


def neuro(**changes: Any) -> NeuroFindings:
    """A normal neurologic examination, with changes."""
    return NeuroFindings(**(ALERT | changes))


def active(findings: CrsFindings | NeuroFindings, **facts: Any) -> ToxicityEvent:
    """The same facts as an ongoing event."""
    toxicity: Any = "crs" if isinstance(findings, CrsFindings) else "icans"
    return ToxicityEvent(toxicity, status="active", onset=C2D1, findings=findings, **facts)


def all_findings() -> st.SearchStrategy[CrsFindings | NeuroFindings]:
    """Findings of both kinds, other causes and scores before treatment among them."""
    cause, before = st.none() | st.booleans(), st.none() | st.integers(7, 10)
    return st.builds(lambda found, other: evolve(found, other_cause=other), crs_findings(), cause) | st.builds(
        lambda found, other, ice: evolve(found, other_cause=other, baseline_ice=ice), neuro_findings(), cause, before
    )


class TestNotGraded:
    """Abnormal findings that the scale does not grade are for a clinician."""

    SHOCK = vitals(temperature="37.2 Cel", hypotension="several-vasopressors", vasopressin=True, oxygen="positive-pressure")

    @pytest.mark.parametrize("book", BOOKS)
    @pytest.mark.parametrize(
        "findings",
        [SHOCK, vitals(oxygen="mask"), vitals(hypotension="responds-to-fluids"), vitals(vasopressin=True), vitals(oxygen="low-flow")],
    )
    def test_without_fever(self, findings: CrsFindings, book: str | None) -> None:
        """In every book: at least needs-assessment, and listed with the reason."""
        found = assessed(book, findings=findings)
        assert found.verdict == "needs-assessment"
        (vote,) = (vote for vote in found.votes if vote.part == "findings.crs")
        assert (vote.verdict, rows(vote)) == ("needs-assessment", ["guard/no-fever"])  # type: ignore[arg-type]  # it has reasons too
        assert vote.reasons[0].says.startswith("Not CRS by ASTCT, because there is no fever")
        listed = [(each.path, rows(each.action)) for each in found.toxicities if not each.path.startswith("labs.")]
        assert listed == [("findings.crs", ["guard/no-fever"])]

    @pytest.mark.parametrize("book", [*ACTING, PAGE])
    def test_oxygen_at_home(self, book: str | None) -> None:
        """Oxygen by cannula that was there before, with another cause, is a note."""
        found = assessed(book, findings=vitals(oxygen="low-flow", other_cause=True))
        assert found.verdict == "proceed"
        assert "findings.crs: oxygen without fever, because of another cause; it does not count as CRS." in found.notes

    @pytest.mark.parametrize(
        "changes", [{"oxygen": "mask"}, {"hypotension": "one-vasopressor"}, {"oxygen": "low-flow", "vasopressin": True}]
    )
    def test_another_cause_of_more_than_that(self, changes: dict[str, Any]) -> None:
        """What is severe, or no chronic oxygen, is for a clinician whatever the cause."""
        assert assessed(findings=vitals(**changes, other_cause=True)).verdict == "needs-assessment"

    @pytest.mark.parametrize("book", ACTING)
    def test_another_cause_of_a_fever(self, book: str | None) -> None:
        """Fever counts as CRS, whatever its reported cause. Only a normal temperature rules CRS out."""
        assert assessed(book, findings=vitals(temperature="38.6 Cel", other_cause=True)).verdict == "withhold"

    def test_an_event_that_was_called_crs(self) -> None:
        """Who called it CRS did not go by the fever: ventilation beside a recorded grade 1 is grade 4, which stops the drug."""
        event = active(self.SHOCK, grade=1)
        assert assessed(US, events=[event]).verdict == "discontinue"
        chronic = active(vitals(oxygen="low-flow", other_cause=True), grade=1)
        assert assessed(US, events=[chronic]).toxicities[0].grades == (1,)

    @given(crs_findings(), st.sampled_from(ACTING))
    @example(vitals(oxygen="low-flow", vasopressin=None, other_cause=True), None)
    @example(vitals(oxygen="low-flow", fever_masked=None, other_cause=True), None)
    def test_nothing_abnormal_proceeds(self, findings: CrsFindings, book: str | None) -> None:
        """Fever, low blood pressure, vasopressin and oxygen never end in proceed by a book that acts on CRS, but for chronic oxygen."""
        hot = findings.temperature is not None and findings.temperature.value >= 38
        pressure = findings.hypotension not in {None, "none"} or findings.vasopressin is True
        assume(hot or pressure or findings.oxygen not in {None, "none"})
        unmasked = findings.temperature is not None and not hot and findings.fever_masked is not True
        chronic = findings.other_cause is True and findings.oxygen == "low-flow" and unmasked and not pressure
        assert (assessed(book, findings=findings).verdict >= "needs-assessment") is not chronic

    def test_chronic_oxygen_with_unknown_support(self) -> None:
        """What is not known beside chronic oxygen is named: without fever, a vasopressor would be for a clinician."""
        found = assessed(findings=vitals(oxygen="low-flow", hypotension=None, vasopressin=None, other_cause=True))
        assert (found.verdict, found.missing) == ("proceed", ())
        (note,) = [note for note in found.notes if "not known" in note]
        assert note.startswith("findings.crs: not known: blood pressure and vasopressors and whether a vasopressor is vasopressin. Without")

    def test_in_a_document(self) -> None:
        """The key in JSON."""
        case = read_case({"point": "C2D1", "findings": {"crs": {"oxygen": "low-flow", "other_cause": True}}})
        assert case.findings == (CrsFindings(oxygen="low-flow", other_cause=True),)


class TestMasked:
    """A drug given for fever or CRS since the last dose masks a fever; premedication does not."""

    @pytest.mark.parametrize("book", ACTING)
    @pytest.mark.parametrize(
        "findings", [vitals(temperature="37.6 Cel", fever_masked=True), CrsFindings(temperature="37.6 Cel", fever_masked=True)]
    )
    def test_nothing_else(self, findings: CrsFindings, book: str | None) -> None:
        """The temperature without the drug is asked for."""
        found = assessed(book, findings=findings)
        assert found.verdict == "needs-data"
        assert "findings.crs.temperature" in found.missing

    @pytest.mark.parametrize("book", ACTING)
    def test_an_unmasked_temperature_settles_it(self, book: str | None) -> None:
        """Normal without the drug: proceed. Fever: withhold."""
        assert assessed(book, findings=vitals(temperature="37.6 Cel")).verdict == "proceed"
        assert assessed(book, findings=vitals(temperature="38.1 Cel", fever_masked=True)).verdict == "withhold"

    @pytest.mark.parametrize("book", ACTING)
    def test_beside_active_crs(self, book: str | None) -> None:
        """While CRS is active the dose is withheld."""
        masked = vitals(temperature="37.6 Cel", fever_masked=True)
        assert assessed(book, events=[ToxicityEvent("crs", 1, status="active")], findings=masked).verdict == "withhold"
        assert assessed(book, events=[active(masked)]).verdict == "withhold"

    def test_while_an_infusion_runs(self) -> None:
        """A normal temperature is not known to be one."""
        masked = vitals(temperature="37.6 Cel", fever_masked=True)
        assert not isinstance(during_infusion(masked, rulebook=US), Decided)
        assert during_infusion(vitals(temperature="37.6 Cel"), rulebook=US).unwrap().step == "continue"
        assert during_infusion(vitals(oxygen="low-flow", other_cause=True), rulebook=US).unwrap().step == "continue"
        assert during_infusion(vitals(oxygen="low-flow"), rulebook=US).unwrap().step == "stop"

    def test_error(self) -> None:
        """An error says what is meant."""
        with pytest.raises(FieldError, match="for fever or CRS since the last dose"):
            CrsFindings(fever_masked=1)  # type: ignore[arg-type]  # what is wrong here


class TestFeverNotKnown:
    """Whether a fever is there, or was masked, may not be known; what is severe either way does not wait for it."""

    @pytest.mark.parametrize("book", BOOKS)
    @pytest.mark.parametrize("unknown", [{"fever_masked": None}, {"temperature": None}, {"temperature": None, "fever_masked": None}])
    @pytest.mark.parametrize(
        "severe", [{"hypotension": "one-vasopressor"}, {"hypotension": "several-vasopressors"}, {"oxygen": "high-flow"}], ids=str
    )
    @pytest.mark.parametrize("vasopressin", [True, False, None])
    def test_severe_either_way(self, book: str | None, unknown: dict[str, Any], severe: dict[str, Any], vasopressin: bool | None) -> None:
        """Severe support is CRS of grade 3 with a fever and unexplained without one: no book waits for data alone."""
        found = assessed(book, findings=vitals(vasopressin=vasopressin, **severe, **unknown))
        assert found.verdict >= "needs-assessment"

    def test_milder_support_asks(self) -> None:
        """Grade 2 with a fever is nothing to a book that is silent on CRS, and unexplained without: the fact is asked for."""
        found = assessed(PAGE, findings=vitals(hypotension="responds-to-fluids", fever_masked=None))
        assert (found.verdict, found.missing) == ("needs-data", ("findings.crs.fever_masked",))


class TestVasopressin:
    """Vasopressin alone has no grade in the scale, and is never milder than none."""

    @pytest.mark.parametrize("book", ACTING)
    def test_beside_fever(self, book: str | None) -> None:
        """Fever, fluids, cannula and vasopressin: grade 2 at least, which holds the drug."""
        found = assessed(
            book, findings=vitals(temperature="38.6 Cel", hypotension="responds-to-fluids", vasopressin=True, oxygen="low-flow")
        )
        assert found.verdict == "withhold"
        assert [each.grades for each in found.toxicities] == [(2, 3, 4)]

    @given(crs_findings(), st.sampled_from(BOOKS))
    @example(vitals(temperature="38.6 Cel", hypotension="responds-to-fluids", oxygen="low-flow"), US)
    @example(vitals(temperature="37 Cel", fever_masked=True, oxygen="low-flow"), US)
    def test_never_milder(self, findings: CrsFindings, book: str | None) -> None:
        """The verdict with vasopressin is never milder than the same without, as findings or as an event."""
        with_it, without = evolve(findings, vasopressin=True), evolve(findings, vasopressin=False)
        assert assessed(book, findings=with_it).verdict >= assessed(book, findings=without).verdict
        assert assessed(book, events=[active(with_it)]).verdict >= assessed(book, events=[active(without)]).verdict


class TestAnotherCause:
    """Another cause makes the grade of neurologic findings a clinician's matter."""

    STATUS = neuro(ice=0, arousable=False, consciousness="unarousable", seizure="prolonged", other_cause=True)

    @pytest.mark.parametrize("book", BOOKS)
    @pytest.mark.parametrize("findings", [STATUS, neuro(motor_weakness=True, other_cause=True), NeuroFindings(ice=1, other_cause=True)])
    def test_severe(self, findings: NeuroFindings, book: str | None) -> None:
        """Severe findings need assessment, as findings and as an event."""
        assert assessed(book, findings=findings).verdict == "needs-assessment"
        assert assessed(book, events=[active(findings)]).verdict == "needs-assessment"
        assert assessed(book, events=[active(evolve(findings, other_cause=None), other_cause=True)]).verdict >= "needs-assessment"

    @pytest.mark.parametrize("book", [*ACTING, PAGE])
    @pytest.mark.parametrize(
        "findings", [neuro(symptoms=["muscle-weakness"], other_cause=True), neuro(ice=8, raised_icp=None, other_cause=True)]
    )
    def test_milder(self, findings: NeuroFindings, book: str | None) -> None:
        """Milder findings are a note, as findings and as an event."""
        for facts, path in (({"findings": findings}, "findings.icans"), ({"events": [active(findings)]}, "events[0]")):
            found = assessed(book, **facts)
            assert (found.verdict, found.missing) == ("proceed", ())
            assert f"{path}: another cause is reported, so it does not count as ICANS. Inform a clinician." in found.notes
        assert during_infusion(findings, rulebook=US).unwrap().step == "continue"

    @pytest.mark.parametrize("book", ACTING)
    def test_that_may_be_severe(self, book: str | None) -> None:
        """Confusion of another cause, and no score: the score is asked for. A seizure is severe."""
        found = assessed(book, findings=NeuroFindings(symptoms=["confusion"], other_cause=True))
        assert found.verdict == "needs-data"
        assert "findings.icans.ice" in found.missing
        assert not isinstance(during_infusion(NeuroFindings(symptoms=["confusion"], other_cause=True), rulebook=US), Decided)
        denied = NeuroFindings(symptoms=["seizures"], seizure="none", other_cause=True)
        assert assessed(book, findings=denied).verdict == "needs-assessment"
        fit = NeuroFindings(symptoms=["seizures"], other_cause=True)
        assert assessed(book, findings=fit).verdict == "needs-assessment"
        assert during_infusion(fit, rulebook=US).unwrap().step == "stop"

    @pytest.mark.parametrize(
        ("grade", "verdict"), [(1, "proceed"), (2, "proceed"), (3, "withhold"), (4, "discontinue"), (None, "needs-data")]
    )
    def test_recorded_grade(self, grade: Any, verdict: str) -> None:
        """A mild grade that was recorded is a note; one that was recorded as severe counts as ever; without one, it is asked for."""
        event = ToxicityEvent("icans", grade, status="active", other_cause=True)
        found = assessed(US, events=[event])
        assert found.verdict == verdict
        action = toxicity_action(event, rulebook=US)
        assert (rows(action) == ["guard/other-cause"]) is (grade in {1, 2})

    def test_beside_an_event_without_another_cause(self) -> None:
        """An old weakness does not explain ICANS that is reported."""
        paresis = neuro(symptoms=["muscle-weakness"], other_cause=True)
        found = assessed(US, events=[ToxicityEvent("icans", 2, status="active")], findings=paresis)
        assert found.verdict == "withhold"
        assert [each.path for each in found.toxicities] == ["events[0]", "findings.icans"]


def _facts_of(found: DoseAssessment) -> object:
    """What an assessment answers, without the paths."""
    actions = [(each.toxicity, each.grades, each.action) for each in found.toxicities]
    return found.verdict, found.monitoring.possible, found.premedication, actions


class TestFindingsAndEvents:
    """The same facts give the same answers, as findings and as an event."""

    CRS_3 = vitals(temperature="39 Cel", hypotension="one-vasopressor")

    def test_hours_after_crs_3(self) -> None:
        """CRS of grade 3 that is found now reaches the hours of the dose: 22 to 24 h (Table 5), as it does as an event."""
        for facts in ({"findings": self.CRS_3}, {"events": [active(self.CRS_3)]}):
            found = assessed(US, **facts)
            assert (found.verdict, str(found.monitoring.unwrap().observe)) == ("withhold", "22-24 h")
        assert str(assessed(US).monitoring.unwrap().observe) == "6-8 h"

    def test_drugs_after_crs_3(self) -> None:
        """And the drugs before it."""
        found, reported = (assessed(US, **facts).premedication for facts in ({"findings": self.CRS_3}, {"events": [active(self.CRS_3)]}))
        assert found == reported != assessed(US).premedication

    @given(all_findings(), st.sampled_from(BOOKS))
    @example(vitals(temperature="38.5 Cel", oxygen="low-flow"), US)
    @example(NeuroFindings(symptoms=["confusion"]), US)
    @example(neuro(ice=5), None)
    @example(vitals(temperature=None, fever_masked=None, vasopressin=True), PAGE)
    def test_moving_changes_nothing(self, findings: CrsFindings | NeuroFindings, book: str | None) -> None:
        """Verdict, hours, drugs and actions are the same wherever an abnormal finding is entered, unless without fever it is not CRS."""
        from tarlatamab_rules.rules.signs import is_abnormal, is_unexplained

        assume(is_abnormal(findings) and not is_unexplained(findings))
        assert _facts_of(assessed(book, findings=findings)) == _facts_of(assessed(book, events=[active(findings)]))

    @given(all_findings(), st.sampled_from(BOOKS))
    def test_given_as_both(self, findings: CrsFindings | NeuroFindings, book: str | None) -> None:
        """Given as both, it counts once, and as the event alone."""
        from tarlatamab_rules.rules.signs import is_unexplained

        assume(not is_unexplained(findings))
        both, event = (assessed(book, events=[active(findings)], **facts) for facts in ({"findings": findings}, {}))
        assert _facts_of(both) == _facts_of(event)

    @given(all_findings(), events(offsets=True), st.sampled_from(BOOKS))
    def test_the_worse_counts(self, findings: CrsFindings | NeuroFindings, event: ToxicityEvent, book: str | None) -> None:
        """If both are given and differ, the verdict is never milder than that of either alone."""
        both = assessed(book, events=[event], findings=findings).verdict
        assert both >= assessed(book, events=[event]).verdict
        assert both >= assessed(book, findings=findings).verdict

    def test_differing_grades(self) -> None:
        """CRS of grade 1 by the event, of grade 3 by what is found: grade 3, once; grade 3, and 1 by now: as reported."""
        event = ToxicityEvent("crs", 1, status="active")
        found = assessed(US, events=[event], findings=self.CRS_3)
        assert [(each.path, each.grades) for each in found.toxicities] == [("events[0]", (3,))]
        assert str(found.monitoring.unwrap().observe) == "22-24 h"
        milder = ToxicityEvent("crs", 3, status="active", current_grade=1)
        hot = vitals(temperature="38.6 Cel")
        assert [each.grades for each in assessed(US, events=[milder], findings=hot).toxicities] == [(3,)]
        again = ToxicityEvent("neutropenia", 1, status="active"), ToxicityEvent("crs", 3, current_grade=1)
        assert [each.action.unwrap().action for each in assessed(US, events=again, findings=self.CRS_3).toxicities[1:]] == ["withhold"]

    def test_what_is_open_is_asked_of_the_findings(self) -> None:
        """Fever alone beside a recorded grade 1: what else is found is asked for, and settles it."""
        event = ToxicityEvent("crs", 1, status="active")
        found = assessed(US, events=[event], findings=CrsFindings(temperature="38.6 Cel"))
        assert found.missing == ("findings.crs.hypotension", "findings.crs.vasopressin", "findings.crs.oxygen")
        settled = assessed(
            US, events=[event], findings=CrsFindings(temperature="38.6 Cel", hypotension="none", vasopressin=False, oxygen="none")
        )
        assert (settled.verdict, settled.missing) == ("withhold", ())


class TestIcans:
    """A sign of ICANS, and the facts that are asked for when an examination is normal so far."""

    @pytest.mark.parametrize("book", ACTING)
    @pytest.mark.parametrize("symptom", ["confusion", "speech-disorder", "muscle-weakness", "seizures"])
    def test_first_sign(self, symptom: Any, book: str | None) -> None:
        """A key symptom without a score: withhold at least (2.5, at the first sign); none of the grades is 0. A seizure is grade 3 or 4."""
        found = assessed(book, findings=NeuroFindings(symptoms=[symptom]))
        assert found.verdict == ("discontinue" if (symptom, book) == ("seizures", None) else "withhold")
        assert 0 not in found.toxicities[0].grades
        assert toxicity_action(active(NeuroFindings(symptoms=[symptom])), rulebook=US).possible[0] is not None

    @pytest.mark.parametrize("book", ACTING)
    @pytest.mark.parametrize("findings", [neuro(), NeuroFindings(ice=10), NeuroFindings(), neuro(symptoms=None)])
    def test_active_icans_is_never_grade_0(self, findings: NeuroFindings, book: str | None) -> None:
        """An ongoing ICANS event has some grade, whatever the score."""
        found = assessed(book, events=[active(findings)])
        assert found.verdict == "withhold"
        assert 0 not in found.toxicities[0].grades

    @pytest.mark.parametrize("book", [*ACTING, PAGE])
    @pytest.mark.parametrize("absent", [("symptoms",), ("raised_icp",), ("symptoms", "raised_icp", "arousable")])
    def test_alert_patient(self, absent: tuple[str, ...], book: str | None) -> None:
        """ICE 10, alert, no seizure, no weakness: what else is not known is a note."""
        found = assessed(book, findings=neuro(**dict.fromkeys(absent)))
        assert (found.verdict, found.missing) == ("proceed", ())
        words = {"symptoms": "symptoms", "raised_icp": "raised intracranial pressure or cerebral edema"}
        notes = [note.split(". ")[0] for note in found.notes if note.startswith("findings.icans")]
        assert notes == [f"findings.icans: not known: {words[name]}" for name in absent if name != "arousable"]

    @pytest.mark.parametrize("book", ACTING)
    @pytest.mark.parametrize("absent", ["ice", "consciousness", "seizure", "motor_weakness"])
    def test_symptoms_are_asked_for(self, absent: str, book: str | None) -> None:
        """If less is known of the patient, the symptoms are asked for as well."""
        found = assessed(book, findings=neuro(**{absent: None, "symptoms": None}))
        assert found.verdict == "needs-data"
        assert {"findings.icans.symptoms", f"findings.icans.{absent}"} <= set(found.missing)


class TestContradictions:
    """Findings that contradict each other never soften what is certain."""

    def test_a_prolonged_seizure(self) -> None:
        """It stops the drug beside a score of 5 of a patient who cannot be woken, as it does alone."""
        for found in (NeuroFindings(ice=5, arousable=False, seizure="prolonged"), neuro(seizure="prolonged")):
            assert assessed(US, findings=found).verdict == "discontinue"
            assert assessed(US, events=[active(found)]).verdict == "discontinue"

    def test_which_one_is_wrong_is_not_known(self) -> None:
        """A score of 2 (grade 3) of a patient who cannot be woken (grade 4) is severe either way; of an alert one it may be nothing."""
        assert assessed(US, findings=NeuroFindings(ice=2, arousable=False)).toxicities[0].grades == (3, 4)
        three = NeuroFindings(ice=0, arousable=False, consciousness="alert")
        assert assessed(US, findings=three).toxicities[0].grades == (3, 4)
        every = NeuroFindings(ice=7, arousable=False, consciousness="alert")
        assert assessed(US, findings=every).toxicities[0].grades == (1, 2, 3, 4)
        assert assessed(US, findings=NeuroFindings(ice=10, arousable=False, consciousness="unarousable")).verdict == "withhold"

    @given(neuro_findings(), st.sampled_from(BOOKS))
    def test_never_softer(self, findings: NeuroFindings, book: str | None) -> None:
        """With a contradictory level of consciousness the verdict is never milder than that of seizure, weakness and pressure alone."""
        certain = evolve(findings, ice=None, arousable=None, consciousness=None, symptoms=None)
        doubtful = evolve(findings, ice=5, arousable=False)
        assert assessed(book, findings=doubtful).verdict >= assessed(book, findings=certain).verdict

    @pytest.mark.parametrize("book", ACTING)
    @pytest.mark.parametrize(("findings", "path"), [(CrsFindings(), "findings.crs.temperature"), (NeuroFindings(), "findings.icans.ice")])
    def test_nothing_said(self, findings: Any, path: str, book: str | None) -> None:
        """Empty findings need data and withhold nothing."""
        found = assessed(book, findings=findings)
        assert found.verdict == "needs-data"
        assert path in found.missing

    @pytest.mark.parametrize("book", BOOKS)
    def test_current_grade_above_the_findings(self, book: str | None) -> None:
        """A grade of 2 now beside findings of grade 1: the worse counts, in every book."""
        event = ToxicityEvent("crs", current_grade=2, findings=vitals(temperature="38.6 Cel"))
        found = assessed(book, events=[event])
        assert found.toxicities[0].grades == (2,)
        assert found.verdict >= ("withhold" if book in ACTING else "proceed")
        assert toxicity_action(event, rulebook=book) == found.toxicities[0].action


class TestAsked:
    """What is asked for can be supplied, and settles it."""

    @pytest.mark.parametrize("status", ["active", "resolved"])
    @pytest.mark.parametrize("toxicity", ["crs", "icans"])
    def test_another_scale(self, toxicity: Any, status: Any) -> None:
        """Where the scale is what is wrong, the scale is asked for, and by the right one the question ends."""
        end = C1D8 + timedelta(days=2) if status == "resolved" else None
        event = ToxicityEvent(toxicity, 3, scale="ctcae-5.0", status=status, onset=C1D8, resolved=end)
        assert assessed(US, events=[event]).missing == ("events[0].scale",)
        assert assessed(US, events=[evolve(event, scale="astct-2019")]).missing == ()
        assert "scale" in toxicity_action(event, rulebook=US).missing

    def test_another_scale_before_the_first_dose(self) -> None:
        """The same of what was over before the drug."""
        event = ToxicityEvent("neutropenia", 3, scale="ctcae-6.0", onset=C1D1 - timedelta(days=90), resolved=C1D1 - timedelta(days=80))
        assert assessed(US, events=[event]).missing == ("events[0].scale",)

    def test_findings_beside_a_recorded_grade(self) -> None:
        """Weakness beside a recorded grade 1, over: no fact settles whether it was severe, so a clinician must say."""
        event = ToxicityEvent(
            "icans", 1, onset=C1D8, resolved=C1D8 + timedelta(days=2), findings=NeuroFindings(symptoms=["muscle-weakness"])
        )
        found = assessed(events=[event])
        assert (found.verdict, found.missing) == ("needs-assessment", ())
        assert "guard/worse-found" in [reason.row for reason in found.reasons]


class TestRecurrence:
    """What may be recurrence is never less than needs-data."""

    @pytest.mark.parametrize("book", ACTING)
    def test_two_without_dates(self, book: str | None) -> None:
        """CRS of grade 3 twice, over, without dates: the second stops the drug if it came after the first, so dates are asked for."""
        event = ToxicityEvent("crs", 3, status="resolved")
        found = assessed(book, events=[event, event])
        assert found.verdict == "needs-data"
        assert found.missing == ("events[0].onset", "events[1].onset")
        assert assessed(book, events=[event]).verdict == "proceed"
        assert not isinstance(toxicity_action(event, events=[evolve(event), evolve(event)], rulebook=US), Decided)
        assert not isinstance(toxicity_action(event, events=[event, evolve(event)], rulebook=US), Decided)

    def test_dates_settle_it(self) -> None:
        """One after the other: discontinue. The same dates: one report twice."""
        first = ToxicityEvent("crs", 3, onset=C1D1, resolved=C1D1 + timedelta(days=2))
        second = ToxicityEvent("crs", 3, onset=C1D8, resolved=C1D8 + timedelta(days=2))
        assert assessed(US, events=[first, second]).verdict == "discontinue"
        assert assessed(US, events=[first, evolve(first)]).verdict == "proceed"

    @pytest.mark.parametrize("book", ACTING)
    def test_another_cause_before_the_first_dose(self, book: str | None) -> None:
        """Febrile neutropenia of old chemotherapy, over before the first dose, is a note if its cause is stated."""
        days = [C1D1 - timedelta(days=number) for number in (360, 352)]
        event = ToxicityEvent("febrile-neutropenia", 3, onset=days[0], resolved=days[1], other_cause=True)
        found = assessed(book, events=[event])
        assert found.verdict == "proceed"
        assert "events[0]: febrile neutropenia of another cause was over before the first dose; it does not count." in found.notes
        assert assessed(book, events=[evolve(event, other_cause=None)]).verdict == "needs-assessment"


def _grades(worst: Grade | frozenset[Grade]) -> frozenset[Grade]:
    return worst if isinstance(worst, frozenset) else frozenset((worst,))


def _moments() -> st.SearchStrategy[Any]:
    """A time, in one of two places; a mere day; or nothing."""
    hours = st.integers(0, 72).map(lambda hour: C1D1 + timedelta(hours=hour))
    return st.none() | hours | hours.map(lambda when: when.astimezone(timezone(timedelta(hours=5)))) | hours.map(datetime.date)


@st.composite
def _episodes(draw: st.DrawFn) -> ToxicityEvent:
    """Episodes of three days, so that many fall on one day."""
    onset, resolved = draw(_moments()), draw(_moments())
    status: Any = draw(st.sampled_from([None, "resolved"] if resolved else [None, "active", "resolved"]))
    try:
        return ToxicityEvent("crs", draw(st.sampled_from([None, Grade.MILD, Grade.SEVERE])), onset=onset, resolved=resolved, status=status)
    except FieldError:
        assume(False)
        raise


class TestMany:
    """Many episodes of one toxicity."""

    @given(st.lists(st.tuples(_episodes(), st.sampled_from(["events", "labs", "findings"])), min_size=1, max_size=8))
    def test_put_together_as_one_by_one(self, found: list[tuple[ToxicityEvent, str]]) -> None:
        """The worst earlier grade of a history is that of each of its episodes, compared one by one and put together."""
        from tarlatamab_rules.core.paths import Fact
        from tarlatamab_rules.rules.earlier import worst_earlier
        from tarlatamab_rules.rules.event_grade import read

        events = [read(event, DEFAULT_BOOK, Fact(source, n)) for n, (event, source) in enumerate(found)]
        for episode in events:
            each = [_grades(worst_earlier(episode, [other])) for other in events]
            assert worst_earlier(episode, events) == worst_of(each)

    @given(st.lists(st.frozensets(st.sampled_from(Grade), min_size=1), max_size=5), st.data())
    def test_the_worst_of_several(self, each: list[frozenset[Grade]], data: st.DataObject) -> None:
        """The worst of several does not mind order, grouping or repetition, on which putting them together rests."""
        whole = worst_of(each)
        assert whole == worst_of(data.draw(st.permutations(each))) == worst_of([*each, *each])
        assert whole == worst_of([_grades(worst_of(each[:2])), *each[2:]])

    @pytest.mark.parametrize("book", ACTING)
    @pytest.mark.parametrize("hours", [0, 0.01, 5])
    def test_a_thousand(self, hours: float, book: str | None) -> None:
        """A thousand episodes within a second, without dates, on one day, or over months; twice as many take about twice as long."""

        def seconds(number: int) -> float:
            dates = [(C1D1 + timedelta(hours=hours * n), C1D1 + timedelta(hours=hours * (n + 0.5))) for n in range(number)]
            reported = [
                ToxicityEvent("crs", Grade(1 + n % 3), onset=onset, resolved=end)
                if hours
                else ToxicityEvent("crs", Grade(1 + n % 3), status="resolved")
                for n, (onset, end) in enumerate(dates)
            ]
            start = process_time()
            assessed(book, events=reported, planned_start=C2D1 + timedelta(days=500))
            return process_time() - start

        seconds(10)
        # The best of three, since other work may run beside.
        thousand, twice = (min(seconds(number) for _ in range(3)) for number in (1000, 2000))
        assert thousand < 1
        assert twice < 4 * thousand


class TestSigns:
    """Signs while an infusion runs."""

    @pytest.mark.parametrize(
        ("found", "step"),
        [
            ({}, "continue"),
            ({"ice": 7, "baseline_ice": 7}, "continue"),
            ({"symptoms": ["confusion"]}, "stop"),
            ({"ice": 9}, "stop"),
            ({"ice": 6, "baseline_ice": 7}, "stop"),
            ({"consciousness": "awakens-to-voice"}, "stop"),
            ({"seizure": "brief"}, "stop"),
            ({"motor_weakness": True}, "stop"),
            ({"raised_icp": "diffuse"}, "stop"),
            *(({fact: None}, None) for fact in ("ice", "symptoms", "consciousness", "raised_icp")),
        ],
    )
    def test_signs_of_neurotoxicity(self, found: dict[str, Any], step: str | None) -> None:
        """2.5: the first sign stops the infusion. One unknown finding leaves it open, even if all others are normal."""
        answer = during_infusion(NeuroFindings(**(ALERT | found)), rulebook=US)
        if step is None:
            assert not isinstance(answer, Decided)
            assert {str(each and each.step) for each in answer.possible} == {"stop", "continue"}
        else:
            assert answer.unwrap().step == step

    @pytest.mark.parametrize(("hypotension", "step"), [("none", "continue"), ("responds-to-fluids", "stop"), (None, None)])
    def test_oxygen_from_before(self, hypotension: Any, step: str | None) -> None:
        """Oxygen by cannula with another cause is no sign; while the blood pressure is not known, nobody can say that there is none."""
        answer = during_infusion(vitals(oxygen="low-flow", other_cause=True, hypotension=hypotension), rulebook=US)
        if step is None:
            assert not isinstance(answer, Decided)
            assert {str(each and each.step) for each in answer.possible} == {"stop", "continue"}
        else:
            assert answer.unwrap().step == step

    @pytest.mark.parametrize(
        ("found", "unknown"),
        [
            ({"temperature": None}, True),
            ({"temperature": "36.8 Cel", "fever_masked": None}, True),
            ({"temperature": "36.8 Cel"}, False),
            ({"temperature": "38 Cel"}, False),
            ({"temperature": None, "fever_masked": True}, False),
            ({"temperature": None, "hypotension": "none"}, False),
        ],
    )
    def test_fever_that_is_not_known(self, found: dict[str, Any], unknown: bool) -> None:
        """A blood pressure that needs a vasopressor is grade 3 with a fever and unexplained without: open only while the fever is."""
        facts: dict[str, Any] = {"hypotension": "one-vasopressor"} | found
        assert is_severe_with_or_without_fever(vitals(**facts)) is unknown

    @pytest.mark.parametrize(("masked", "told"), [(True, True), (None, False)])
    def test_what_a_drug_may_hide(self, masked: bool | None, told: bool) -> None:
        """With a drug for fever a normal temperature does not rule out CRS, and the reason says so."""
        found = assessed(US, findings=vitals(temperature="36.8 Cel", fever_masked=masked))
        assert ("guard/masked" in {reason.row for vote in found.votes for reason in vote.reasons}) is told

    def test_a_temperature_without_a_unit(self) -> None:
        """A bare number is refused, with a temperature as an example."""
        with pytest.raises(FieldError, match=r"as '38\.5 Cel'"):
            vitals(temperature=38)
