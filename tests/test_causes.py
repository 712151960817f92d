"""Another cause means the same wherever it is reported; a worse finding never softens a verdict; a possible finding is named.

Expected verdicts are written by hand. By the US label ICANS of grade 1 to 3 holds the drug and grade 4 stops it (2.5, Table 6); the page
stops at neurotoxicity of grade 3. Whether findings of another cause have a grade is for a clinician: severe ones need assessment.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from attrs import evolve
from hypothesis import assume, example, given
from hypothesis import strategies as st

from helpers import DRUG_BOOKS, PAGE, well
from tarlatamab_rules import (
    ContradictionError,
    CrsFindings,
    NeuroFindings,
    NotCovered,
    ToxicityEvent,
    assess_dose,
    during_infusion,
    grade_icans,
    toxicity_action,
)
from tarlatamab_rules.inputs.vocabulary import Consciousness, RaisedPressure, Seizure, Symptom
from tarlatamab_rules.rules.signs import is_abnormal
from tarlatamab_rules.strategies import neuro_findings
from test_findings_count import C1D8, US, active, assessed, neuro, vitals

BOOKS = [None, *DRUG_BOOKS]
FIT = neuro(seizure="brief")


def over(findings: NeuroFindings, **facts: Any) -> ToxicityEvent:
    """The same facts as an event that ended before the last dose."""
    return ToxicityEvent("icans", onset=C1D8, resolved=C1D8 + timedelta(days=2), findings=findings, **facts)


def everywhere(findings: NeuroFindings) -> list[ToxicityEvent]:
    """An active event with another cause in its findings, on the event itself, and in both."""
    of_another = evolve(findings, other_cause=True)
    return [active(of_another), active(evolve(findings, other_cause=None), other_cause=True), active(of_another, other_cause=True)]


class TestWhereACauseIsSaid:
    """On the event or in its findings, another cause is the same fact."""

    @pytest.mark.parametrize("book", BOOKS)
    def test_a_seizure(self, book: str | None) -> None:
        """A brief seizure with another cause (grade 3) needs assessment, as findings and as an ongoing event, wherever it is reported."""
        assert assessed(book, findings=evolve(FIT, other_cause=True)).verdict == "needs-assessment"
        for event in everywhere(FIT):
            found = assessed(book, events=[event])
            assert found.verdict == "needs-assessment"
            assert "events[0]: another cause is reported, so it does not count as ICANS. Inform a clinician." in found.notes

    @pytest.mark.parametrize(("book", "verdict"), [(None, "discontinue"), (PAGE, "discontinue"), (US, "withhold")])
    @pytest.mark.parametrize("findings", [None, FIT])
    def test_a_recorded_grade_stands(self, findings: NeuroFindings | None, book: str | None, verdict: str) -> None:
        """Who recorded grade 3 called it that toxicity; a grade now is a recorded one."""
        for recorded in ({"grade": 3}, {"current_grade": 3}):
            event = ToxicityEvent("icans", status="active", findings=findings, other_cause=True, **recorded)  # type: ignore[arg-type]  # a grade
            assert assessed(book, events=[event]).verdict == verdict

    @pytest.mark.parametrize(("book", "verdict"), [(None, "discontinue"), (US, "withhold")])
    def test_the_two_contradict_each_other(self, book: str | None, verdict: str) -> None:
        """A cause that is stated in one place and denied in the other softens nothing."""
        for event in (active(evolve(FIT, other_cause=True), other_cause=False), active(evolve(FIT, other_cause=False), other_cause=True)):
            assert assessed(book, events=[event]).verdict == verdict

    @pytest.mark.parametrize(("book", "verdict"), [(None, "needs-assessment"), (PAGE, "needs-assessment"), (US, "proceed")])
    def test_over(self, book: str | None, verdict: str) -> None:
        """If it is over, a clinician assesses whether it had a grade if the book would stop for good; else the drug continues."""
        for event in (over(evolve(FIT, other_cause=True)), over(FIT, other_cause=True)):
            assert assessed(book, events=[event]).verdict == verdict

    @pytest.mark.parametrize("book", BOOKS)
    def test_weakness_that_is_over(self, book: str | None) -> None:
        """A hemiparesis of another cause would be grade 4, after which every book stops for good: for a clinician."""
        event = over(neuro(motor_weakness=True), other_cause=True)
        assert assessed(book, events=[event]).verdict == "needs-assessment"
        assert "guard/other-cause" in {reason.row for reason in toxicity_action(event, rulebook=book).reasons}

    @pytest.mark.parametrize("book", BOOKS)
    def test_who_scores_and_cannot_be_woken(self, book: str | None) -> None:
        """A score of 7 of a patient who cannot be woken: awake to touch at best, which is severe, so of another cause for a clinician."""
        for ice in (7, 0):
            found = NeuroFindings(ice=ice, arousable=False, consciousness="unarousable", other_cause=True)
            assert assessed(book, findings=found).verdict == "needs-assessment"
            assert assessed(book, events=[active(found)]).verdict == "needs-assessment"

    @given(neuro_findings(), st.sampled_from(BOOKS))
    @example(FIT, None)
    @example(NeuroFindings(ice=7, arousable=False, consciousness="unarousable"), US)
    def test_wherever_it_is_said(self, findings: NeuroFindings, book: str | None) -> None:
        """The verdict is the same as findings and as an ongoing event, with the cause in either place or in both."""
        as_findings = assessed(book, findings=evolve(findings, other_cause=True)).verdict
        verdicts = {assessed(book, events=[event]).verdict for event in everywhere(findings)}
        assert len(verdicts) == 1
        assert not is_abnormal(findings) or verdicts == {as_findings}

    @given(neuro_findings(), st.sampled_from([None, True, False]), st.sampled_from(BOOKS))
    @example(FIT, True, None)
    @example(FIT, True, PAGE)
    def test_over_is_never_stricter(self, findings: NeuroFindings, cause: Any, book: str | None) -> None:
        """A past episode is never judged more strictly than the same ongoing episode."""
        ended, on = over(findings, other_cause=cause), active(findings, other_cause=cause)
        assert assessed(book, events=[ended]).verdict <= assessed(book, events=[on]).verdict


_LEVELS: dict[str, list[Any]] = {
    "ice": list(range(10, -1, -1)),
    "arousable": [True, False],
    "consciousness": list(Consciousness),
    "seizure": list(Seizure),
    "motor_weakness": [False, True],
    "raised_icp": list(RaisedPressure),
}
"""The values of each finding, from the mildest to the worst, as the scale of ASTCT 2019 orders them."""


def contradictory(findings: NeuroFindings) -> bool:
    """Whether findings cannot all be true."""
    try:
        grade_icans(evolve(findings, other_cause=None))
    except ContradictionError:
        return True
    return False


def made_worse() -> st.SearchStrategy[tuple[NeuroFindings, NeuroFindings]]:
    """Findings, and the same with one of them worse, or with a bad one that was not known and contradicts no other."""

    @st.composite
    def pairs(draw: st.DrawFn) -> tuple[NeuroFindings, NeuroFindings]:
        findings, name = draw(neuro_findings()), draw(st.sampled_from([*_LEVELS, "symptoms"]))
        value: Any = getattr(findings, name)
        if name == "symptoms":
            return findings, evolve(findings, symptoms=[*(value or ()), draw(st.sampled_from(Symptom))])
        known = _LEVELS[name].index(value) + 1 if value is not None else 1
        assume(known < len(_LEVELS[name]))
        worse = evolve(findings, **{name: draw(st.sampled_from(_LEVELS[name][known:]))})
        assume(value is not None or not contradictory(worse))
        return findings, worse

    return pairs()


class TestWorse:
    """A finding made worse never makes a verdict milder, also where findings then contradict each other."""

    def test_order(self) -> None:
        """The order of the words is that of the scale: a full score is best, an unarousable patient is worst."""
        assert [str(each) for each in Consciousness] == [
            "alert",
            "awakens-spontaneously",
            "awakens-to-voice",
            "awakens-to-touch",
            "unarousable",
        ]
        assert [str(each) for each in (*Seizure, *RaisedPressure)] == ["none", "brief", "prolonged", "none", "focal", "diffuse"]

    @pytest.mark.parametrize(("book", "verdict"), [(None, "discontinue"), (US, "withhold")])
    def test_consciousness(self, book: str | None, verdict: str) -> None:
        """Awake to touch is grade 3. An unarousable patient is no better, even if a full score and `arousable` contradict it."""
        for level in ("awakens-to-touch", "unarousable"):
            found = neuro(consciousness=level)
            assert assessed(book, findings=found).verdict == verdict
            assert assessed(book, events=[active(found)]).verdict == verdict
        assert assessed(book, findings=neuro(consciousness="unarousable")).toxicities[0].grades == (3, 4)

    def test_the_contradiction_is_named(self) -> None:
        """And what contradicts what is among the reasons, with what was read for certain."""
        (reason,) = (
            reason for reason in assessed(US, findings=neuro(consciousness="unarousable")).reasons if reason.row == "guard/contradiction"
        )
        assert "correct them" in reason.says

    @given(made_worse(), st.sampled_from(BOOKS))
    @example((neuro(consciousness="awakens-to-touch"), neuro(consciousness="unarousable")), None)
    @example((NeuroFindings(ice=5, arousable=True), NeuroFindings(ice=5, arousable=False)), US)
    @example((neuro(consciousness="awakens-to-touch", other_cause=True), neuro(consciousness="unarousable", other_cause=True)), US)
    def test_never_milder(self, pair: tuple[NeuroFindings, NeuroFindings], book: str | None) -> None:
        """The same holds for findings, for an ongoing event, and for a past event once its grade is settled."""
        before, worse = pair
        assert assessed(book, findings=worse).verdict >= assessed(book, findings=before).verdict
        assert assessed(book, events=[active(worse)]).verdict >= assessed(book, events=[active(before)]).verdict
        ended = assessed(book, events=[over(before)]).verdict
        assert ended == "needs-data" or assessed(book, events=[over(worse)]).verdict >= ended


NO_DRUG = "findings.crs: it is not known whether a drug was given for fever or CRS since the last dose. None counts as given."


class TestMayBeThere:
    """An abnormal finding that may be there, and that the scale would not grade, is named."""

    @pytest.mark.parametrize("book", [None, US, PAGE])
    @pytest.mark.parametrize("masked", [None, False])
    def test_only_a_temperature(self, book: str | None, masked: bool | None) -> None:
        """A ward that measured only a temperature is not held; what it did not say is named."""
        found = assessed(book, findings=CrsFindings(temperature="36.8 Cel", fever_masked=masked))
        assert (found.verdict, found.missing) == ("proceed", ())
        note, *more = [note for note in found.notes if note.startswith("findings.crs")]
        assert more == ([] if masked is False else [NO_DRUG])
        assert note == (
            "findings.crs: not known: blood pressure and vasopressors, whether a vasopressor is vasopressin and oxygen need. Without fever "
            "the scale does not grade them, so the dose does not wait for them. If abnormal, a clinician must assess them."
        )

    @pytest.mark.parametrize(
        ("absent", "says"),
        [
            (["oxygen"], "not known: oxygen need. Without fever the scale does not grade it, so the dose does not wait for it."),
            (["hypotension", "oxygen"], "not known: blood pressure and vasopressors and oxygen need."),
        ],
    )
    def test_one_or_two(self, absent: list[str], says: str) -> None:
        """Only what is not known is named."""
        notes = [note for note in assessed(findings=vitals(**dict.fromkeys(absent))).notes if "not known" in note]
        assert len(notes) == 1
        assert notes[0].startswith(f"findings.crs: {says}")

    @pytest.mark.parametrize("findings", [vitals(), vitals(oxygen="mask", hypotension=None), CrsFindings(oxygen="none")])
    def test_no_such_note(self, findings: CrsFindings) -> None:
        """Not where all is known, where a clinician must look anyway, or where the finding is asked for."""
        assert not [note for note in assessed(findings=findings).notes if "not known" in note]

    def test_while_an_infusion_runs(self) -> None:
        """What is not known stays open at the bedside."""
        assert during_infusion(CrsFindings(temperature="36.8 Cel", fever_masked=False), rulebook=US).missing


def test_an_action_without_a_date() -> None:
    """Mild neurotoxicity with another cause is not a toxicity of the drug, also if nothing else is known about it."""
    answer = toxicity_action(ToxicityEvent("neurotoxicity", 2, status="active", other_cause=True), rulebook=PAGE)
    assert isinstance(answer, NotCovered)
    assert [reason.row for reason in answer.reasons] == ["guard/other-cause"]


def test_only_an_infection_is_asked_whether_it_goes_on() -> None:
    """While an infection is not known, CRS of unknown status is no infection whose status would tell."""
    unknown = ToxicityEvent("crs", 1, scale="astct-2019")
    for events, missing in (([unknown], ()), ([unknown, ToxicityEvent("infection", 2)], ("events[1].status",))):
        (vote,) = (vote for vote in assess_dose(well(infection=None), "C1D8", events=events).votes if vote.part == "eligibility")
        assert vote.missing == (*missing, "patient.infection")


@pytest.mark.parametrize(("status", "least"), [("active", 1), ("resolved", 0)])
def test_what_goes_on_has_some_grade(status: Any, least: int) -> None:
    """ICANS of an alert patient, of which one of two books reads no grade: grade 0 is left open only if it is over."""
    event = ToxicityEvent("icans", status=status, findings=NeuroFindings(consciousness="alert"))
    found = assess_dose(well(), "C1D8", events=[event])
    (grades,) = (toxicity.grades for toxicity in found.toxicities if toxicity.path == "events[0]")
    assert min(grades) == least
