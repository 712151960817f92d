"""What a second reader of the sources missed: facts that rows now ask of, and how open rows beside an answer show."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from helpers import DRUG_BOOKS, normal_labs, revisions_to, rows, well
from tarlatamab_rules import (
    DoseAssessment,
    GivenDose,
    LabResult,
    NeedsData,
    NotCovered,
    ToxicityEvent,
    assess_dose,
    checklist,
    liver_injury,
    monitoring_duration,
    preparation,
    rulebooks,
    toxicity_action,
    what_to_ask,
)
from tarlatamab_rules.formats.vectors import vectors
from tarlatamab_rules.views.text import as_text

US, EU, FIRST_US = "us-2025-11", "eu-2026", "us-2024-05"
CLINICIAN = "! a clinician decides what is not settled here"
PLANNED = datetime(2026, 2, 2, 9, tzinfo=UTC)
COURSE = (
    GivenDose("C1D1", datetime(2026, 1, 5, 9, tzinfo=UTC), "1 mg"),
    GivenDose("C1D8", datetime(2026, 1, 12, 9, tzinfo=UTC), "10 mg"),
    GivenDose("C1D15", datetime(2026, 1, 19, 9, tzinfo=UTC), "10 mg"),
)


def at_c2d1(rulebook: str, **facts: Any) -> DoseAssessment:
    """A later dose that is due, for a patient who is well, with changes."""
    drawn = datetime(2026, 2, 2, 7, tzinfo=UTC)
    known: dict[str, Any] = {"course": COURSE, "labs": normal_labs(drawn), "events": (), "planned_start": PLANNED}
    return assess_dose(well(hypersensitivity=False), "C2D1", rulebook=rulebook, site_zone="Europe/Berlin", **(known | facts))


class TestInfection:
    """An infection is one of the phase in which it began."""

    @pytest.mark.parametrize(
        ("onset", "verdict"), [(date(2026, 1, 14), "withhold"), (date(2026, 1, 19), "withhold"), (date(2026, 1, 20), "proceed")]
    )
    def test_it_goes_on(self, onset: date, verdict: str) -> None:
        """A mild ongoing infection of the step-up phase holds C2D1; one that began after the day of C1D15 does not."""
        found = at_c2d1(US, events=[ToxicityEvent("infection", 1, status="active", onset=onset)])
        assert (found.verdict, found.missing) == (verdict, ())

    def test_its_onset_is_asked(self) -> None:
        """Without an onset the phase is not known, and the onset is asked; each answer to that settles it."""
        found = at_c2d1(US, events=[ToxicityEvent("infection", 1, status="active")])
        assert (found.verdict, found.missing) == ("needs-data", ("events[0].onset",))
        (asked,) = what_to_ask(found)
        assert {str(each.verdict) for each in asked.outcomes} == {"withhold", "proceed"}

    def test_doses_that_are_not_listed(self) -> None:
        """Before the first dose that a course lists there were others: an infection of then may be of the step-up phase."""
        listed = [GivenDose("C1D15", date(2026, 1, 19), "10 mg"), GivenDose("C2D1", date(2026, 2, 2), "10 mg")]
        event = ToxicityEvent("infection", 1, status="active", onset=date(2026, 1, 10))
        answer = toxicity_action(event, events=(), planned_start=date(2026, 2, 16), point="C2D15", course=listed[1:], rulebook=US)
        assert isinstance(answer, NeedsData)
        assert answer.missing == ()
        assert answer.reasons[-1].row == "guard/amount"
        assert {None if each is None else str(each.action) for each in answer.possible} == {None, "withhold"}

    def test_the_other_books(self) -> None:
        """No other book asks when an infection began: their rows do not tell phases apart."""
        for book in [name for name in DRUG_BOOKS if US not in revisions_to(name)]:
            answer = toxicity_action(ToxicityEvent("infection", 1, status="active"), events=(), point="C2D1", rulebook=book)
            assert isinstance(answer, NotCovered)


class TestRaisedBaseline:
    """The EU text goes by a raised baseline; the US label by the upper limits."""

    BILIRUBIN = LabResult("bilirubin", "3 mg/dL", date(2026, 2, 2), upper_limit="1.2 mg/dL", baseline="1 mg/dL")

    def answer(self, book: str, baseline: str | None, limit: str | None = "40 U/L") -> Any:
        """An ALT of 160 U/L, with bilirubin at 2.5 times its limit."""
        alt = LabResult("alt", "160 U/L", date(2026, 2, 2), upper_limit=limit, baseline=baseline)
        return liver_injury([alt, self.BILIRUBIN], other_cause=False, rulebook=book)

    def test_once_the_baseline(self) -> None:
        """Four times the limit and once the baseline: stopped by the US label alone."""
        assert rows(self.answer(EU, "160 U/L")) == ["EU-LIVER-TOGETHER/enzymes"]
        assert rows(self.answer(US, "160 U/L")) == ["T7-LIVER-TOGETHER"]

    @pytest.mark.parametrize(
        ("baseline", "limit", "row"),
        [
            ("40 U/L", "40 U/L", "EU-LIVER-TOGETHER"),
            ("50 U/L", "40 U/L", "EU-LIVER-TOGETHER"),
            ("60 U/L", "40 U/L", "EU-LIVER-TOGETHER/enzymes"),
        ],
    )
    def test_raised_or_not(self, baseline: str, limit: str, row: str) -> None:
        """A baseline at the limit is not raised, and one that is raised a little is multiplied all the same."""
        assert row in rows(self.answer(EU, baseline, limit))

    @pytest.mark.parametrize(
        ("baseline", "limit", "missing"),
        [(None, "40 U/L", "labs.alt.baseline"), ("160 U/L", None, "labs.alt.upper_limit"), (None, None, "labs.alt.upper_limit")],
    )
    def test_not_known(self, baseline: str | None, limit: str | None, missing: str) -> None:
        """Without a baseline, or without a limit to compare it with, what is missing is asked, and stopping stays possible."""
        answer = self.answer(EU, baseline, limit)
        assert isinstance(answer, NeedsData)
        assert answer.missing == (missing,)
        assert {None if each is None else str(each.action) for each in answer.possible} == {None, "discontinue"}

    def test_at_least(self) -> None:
        """A value above a bound may be any multiple, also of an unknown baseline."""
        alt = LabResult("alt", ">160 U/L", date(2026, 2, 2), upper_limit="40 U/L")
        assert isinstance(liver_injury([alt, self.BILIRUBIN], other_cause=False, rulebook=EU), NeedsData)

    def test_in_an_assessment(self) -> None:
        """So in a whole case: by the EU text a raised baseline does not stop the drug, and an unknown one is asked."""
        drawn = datetime(2026, 2, 2, 7, tzinfo=UTC)
        bilirubin = LabResult("bilirubin", "3 mg/dL", drawn, upper_limit="1.2 mg/dL", baseline="1 mg/dL")
        found = {}
        for baseline in ("160 U/L", None):
            alt = LabResult("alt", "160 U/L", drawn, upper_limit="40 U/L", baseline=baseline)
            labs = normal_labs(drawn, alt=alt, bilirubin=bilirubin)
            event = ToxicityEvent("hepatotoxicity", 1, status="active", other_cause=False)
            found[baseline] = {book: at_c2d1(book, labs=labs, events=[event]) for book in (EU, US)}
        assert {book: str(each.verdict) for book, each in found["160 U/L"].items()} == {EU: "proceed", US: "discontinue"}
        assert "labs.alt.baseline" in found[None][EU].missing
        assert "labs.alt.baseline" in {asked.path for asked in what_to_ask(found[None][EU])}
        assert "EU-LIVER-TOGETHER" not in {reason.row for vote in found["160 U/L"][EU].votes for reason in vote.reasons}


class TestOpenRows:
    """A question that a source mentions and does not settle shows beside what it settles."""

    def test_plans_show_it(self) -> None:
        """A plan with an open row says that a clinician decides, also where other rows answer; one without says nothing of it."""
        open_ = [
            monitoring_duration("C5D1", rulebook=EU),
            checklist("C1D1", rulebook=EU),
            checklist("C1D1", rulebook=FIRST_US),
            preparation("1 mg", rulebook=FIRST_US),
            monitoring_duration("C1D8", events=[ToxicityEvent("crs", 3, status="resolved")], rulebook=EU),
            monitoring_duration("C1D8", rulebook=EU),
        ]
        assert all(as_text(answer, full=True).count(CLINICIAN) == 1 for answer in open_)
        settled = [monitoring_duration("C1D8", events=(), rulebook=EU), checklist("C1D1", rulebook=US), preparation("1 mg", rulebook=US)]
        assert not any(CLINICIAN in as_text(answer, full=True) for answer in settled)

    def test_plans_do_not_vote(self) -> None:
        """In an assessment open plans show it, and no vote is one of a plan."""
        found = at_c2d1(FIRST_US)
        text = as_text(found, full=True)
        assert "Checklist: not covered by this source" in text
        assert text.count(CLINICIAN) == 2
        plans = {"premedication", "monitoring", "infusion", "checklist", "preparation"}
        assert plans.isdisjoint(vote.part for book in DRUG_BOOKS for vote in at_c2d1(book).votes)

    @pytest.mark.parametrize("name", [*DRUG_BOOKS, f"strictest of {', '.join(DRUG_BOOKS)}"])
    def test_vectors_are_flagged(self, name: str) -> None:
        """A vector is unsettled wherever a row that does not settle it is among those behind it, or behind what a book says otherwise."""
        book = rulebooks.get(name)
        open_ = {row.id for member in book.members for of_question in member.rows.values() for row in of_question if row.unsettled}
        for vector in vectors(book):
            behind = {*vector["rows"], *(row for each in vector["dissent"] for row in each["rows"])}
            assert vector["unsettled"] is not behind.isdisjoint(open_)


def test_wrong_vial() -> None:
    """That vials are never swapped is marked as our inference."""
    answer = preparation("1 mg", vial="10 mg", rulebook=US)
    assert [(reason.row, reason.citation, "our inference" in reason.interpretation) for reason in answer.reasons] == [
        ("guard/wrong-vial", None, True)
    ]


@pytest.mark.parametrize("statement", ["T1-NOTE"])
def test_out(statement: str) -> None:
    """What the facts do not carry is in no statement: where the note on longer monitoring stands, and section 16.2 for vials."""
    book = rulebooks.get(US)
    assert statement not in {each.id for each in book.statements}
    assert not any("16.2" in each.section for each in book.statements)
