"""Hard cases on the first screen: what a nurse must see there, and what must not be there. Written by hand before they were run."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from helpers import ALERT, normal_labs, well
from tarlatamab_rules import (
    CrsFindings,
    DoseAssessment,
    FieldError,
    GivenDose,
    LabResult,
    NeuroFindings,
    Patient,
    ToxicityEvent,
    assess_dose,
    rulebooks,
    toxicity_action,
)
from tarlatamab_rules.policy import MONITORING, ROLE, Anchor, MonitoringPlan, Role, Row, Rulebook, Setting, Span
from tarlatamab_rules.views.html import as_html
from tarlatamab_rules.views.markdown import as_markdown

START = datetime(2025, 10, 13, 9)  # noqa: DTZ001  # times without an offset are those of the site
DAY = timedelta(days=1)
FIRST = GivenDose("C1D1", START - 7 * DAY, "1 mg")
PLAN = re.compile(r"\n(?:BEFORE|INFUSE|AFTER)\b")


def planned(point: str = "C1D8", patient: Patient | None = None, **changes: Any) -> DoseAssessment:
    """A well patient before a dose, with changes: by default, before C1D8."""
    facts: dict[str, Any] = {"planned_start": START, "course": [FIRST], "labs": normal_labs(START - DAY), "events": ()}
    return assess_dose(patient or well(), point, **(facts | changes))


def one_line(shown: object) -> str:
    """A screen without its line breaks and indents."""
    return " ".join(str(shown).split())


def sees(shown: object, *patterns: str) -> None:
    """Each pattern is on the screen."""
    text = one_line(shown)
    assert [pattern for pattern in patterns if not re.search(pattern, text, re.IGNORECASE)] == [], str(shown)


def sees_no(shown: object, *patterns: str) -> None:
    """None of the patterns is on the screen."""
    text = one_line(shown)
    assert [pattern for pattern in patterns if re.search(pattern, text, re.IGNORECASE)] == [], str(shown)


def since_day_15(**changes: Any) -> dict[str, Any]:
    """The course up to C1D15, with the last dose two weeks before the planned one."""
    course = [
        GivenDose("C1D1", START - 28 * DAY, "1 mg"),
        GivenDose("C1D8", START - 21 * DAY, "10 mg"),
        GivenDose("C1D15", START - 14 * DAY, "10 mg"),
    ]
    return {"course": course} | changes


def _stays(says: str) -> Rulebook:
    """The policy of a hospital that keeps patients for 48 hours after the first two doses."""
    stay = Row(
        id="OBS-1",
        when={ROLE: frozenset((Role.STEP_UP, Role.FIRST_FULL))},
        then=MonitoringPlan(observe=Span(48, 48, "h"), anchor=Anchor.INFUSION_END, setting=Setting.HOSPITAL),
        says=says,
    )
    return rulebooks.default().overlay("our-hospital", {MONITORING: (stay,)})


class TestToxicities:
    """Toxicities before a dose."""

    def test_ventilated_fever_unknown(self) -> None:
        """Ventilated, on two vasopressors, no temperature: no dose, grade 4 is possible, and the fever is asked for."""
        found = planned(findings=CrsFindings(hypotension="several-vasopressors", oxygen="positive-pressure"))
        sees(found, r"^STOP", r"grade 4", r"vasopressor", r"positive.pressure", r"Must: [^.]*(temperature|fever)")
        assert not PLAN.search(str(found))

    def test_two_with_steroids(self) -> None:
        """CRS grade 3 and ICANS grade 3: both steroid orders, a warning against adding them up, and each order says for what."""
        found = planned(events=[ToxicityEvent("crs", 3, status="active"), ToxicityEvent("icans", 3, status="active")])
        sees(found, r"^STOP - DISCONTINUE", r"Steroids: more than one toxicity", r"8 mg", r"10 mg", r"every 8 h", r"every 6 h")
        sees_no(found, r"18 mg", r"AGAIN WHEN")

    def test_ice_2_with_seizure(self) -> None:
        """ICE 2 and a brief seizure: stop by the page, which leaves open whether it is grade 3 or 4; the label withholds at grade 3."""
        found = planned(findings=NeuroFindings(**ALERT | {"ice": 2, "seizure": "brief", "symptoms": ["seizures"]}))
        sees(found, r"^STOP - DISCONTINUE", r"ICANS, grade 3 or 4 \(ICE score 2; seizure: brief; seizures\)", r"Neurology consult")
        sees(found, r"If grade 3: dexamethasone 10 mg IV", r"label [^.]*says withhold", r"settle the grade: a clinician records it")
        sees_no(found, r"\d\. Dexamethasone", r"CRS")

    def test_grade_5(self) -> None:
        """Death from CRS: stop for good. Nothing to resume, no next dose, no plan."""
        found = planned(events=[ToxicityEvent("crs", 5, status="active")])
        sees(found, r"^STOP - DISCONTINUE", r"CRS, grade 5")
        sees_no(found, r"AGAIN WHEN", r"NEXT DOSE", r"\bNOW\b")

    def test_other_cause(self) -> None:
        """An event with another cause is named, and as one that does not count."""
        found = planned(events=[ToxicityEvent("crs", 3, status="active", other_cause=True)])
        sees(found, r"CRS[^.]*(another|other) cause")

    def test_resolved_after_the_planned_start(self) -> None:
        """A CRS that resolves the day after the planned start is still there at the planned start."""
        event = ToxicityEvent("crs", 2, status="resolved", onset=START - 2 * DAY, resolved=START + DAY)
        found = planned(events=[event])
        sees_no(found, r"^PROCEED")
        sees(found, r"CRS", r"after the planned start|not over|2025-10-14")

    def test_resolved_infection(self) -> None:
        """An infection in the step-up that is over does not hold C1D8; it is named."""
        event = ToxicityEvent("infection", 1, status="resolved", onset=START - 6 * DAY, resolved=START - 3 * DAY)
        found = planned(events=[event])
        sees(found, r"^PROCEED", r"infection[^.]*(resolved|over)")

    def test_active_infection_in_the_step_up(self) -> None:
        """A mild infection holds C1D8 until it resolves."""
        found = planned(events=[ToxicityEvent("infection", 1, status="active", onset=START - 2 * DAY)])
        sees(found, r"^STOP - WITHHOLD", r"infection", r"AGAIN WHEN [^.]*resolved")

    def test_recurrent_crs_3(self) -> None:
        """CRS grade 3 for the second time stops the drug for good."""
        events = [
            ToxicityEvent("crs", 3, status="resolved", onset=START - 27 * DAY, resolved=START - 25 * DAY),
            ToxicityEvent("crs", 3, status="resolved", onset=START - 13 * DAY, resolved=START - 11 * DAY),
        ]
        found = planned("C2D1", **since_day_15(events=events))
        sees(found, r"^STOP - DISCONTINUE", r"recur|second|again", r"CRS")
        sees_no(found, r"AGAIN WHEN")

    def test_icans_3_after_a_week(self) -> None:
        """By the label, ICANS grade 3 that is still grade 2 on the eighth day stops the drug."""
        event = ToxicityEvent("icans", 3, status="active", onset=START - 8 * DAY, current_grade=2)
        found = planned("C2D1", **since_day_15(events=[event], rulebook="us-2025-11"))
        sees(found, r"^STOP - DISCONTINUE", r"7 days|a week|one week")

    def test_controlled_infection(self) -> None:
        """A controlled infection in the step-up is an infection of any grade: the label withholds, and the grade is asked for."""
        found = planned("C1D1", well(infection="controlled"), course=())
        sees(
            found,
            r"^STOP - WITHHOLD",
            r"Infection, grade not known \(controlled\)",
            r"AGAIN WHEN Infection: resolved",
            r"Must: infection: grade",
        )
        sees_no(found, r"AGAIN WHEN [^.]*whether")

    def test_ice_below_normal_from_before(self) -> None:
        """ICE 8 in a patient who always scores 8: seen on the screen, with the score from before."""
        found = planned(findings=NeuroFindings(**ALERT | {"ice": 8, "baseline_ice": 8}))
        sees(found, r"ICE", r"baseline|from before|before treatment")
        sees_no(found, r"^PROCEED")

    def test_events_unknown(self) -> None:
        """At C5D1, no list of events asks for them; an empty list settles two hours."""
        course = [GivenDose("C4D15", START - 14 * DAY, "10 mg")]
        unknown = planned("C5D1", course=course, events=None)
        none = planned("C5D1", course=course, events=())
        sees(unknown, r"Must: [^.]*toxicities")
        sees_no(unknown, r"^PROCEED")
        sees(none, r"\b2 h\b")
        sees_no(none, r"Must: [^.]*toxicities")

    def test_an_answer_of_an_open_grade(self) -> None:
        """A CRS without a grade and without findings asks for the grade, and shows that the drug may have to be stopped."""
        answer = toxicity_action(ToxicityEvent("crs", status="active"))
        sees(answer, r"Cannot answer yet", r"grade", r"^[^.]*: WITHHOLD or DISCONTINUE MISSING")
        sees_no(answer, r"\bNone\b", r"ToxicityEvent")


class TestResults:
    """Laboratory results before a dose."""

    def test_drawn_after_the_planned_start(self) -> None:
        """Neutrophils of grade 4 drawn after the planned start: a clinician must look, and the value and its time are on the screen."""
        late = LabResult("neutrophils", "0.3 10*9/L", START + timedelta(hours=3))
        found = planned(labs=[*normal_labs(START - DAY), late])
        sees(found, r"0\.3 10\*9/L", r"after (the )?planned start", r"2025-10-13 12:00")
        sees_no(found, r"^PROCEED")

    def test_only_consider(self) -> None:
        """Neutropenia grade 3: the one order is to consider G-CSF, and it reads so."""
        low = LabResult("neutrophils", "0.7 10*9/L", START - DAY)
        found = planned(labs=normal_labs(START - DAY, neutrophils=low))
        sees(found, r"^STOP - WITHHOLD", r"0\.7 10\*9/L", r"Consider G-CSF", r"grade 2 or less", r"21 days|3 weeks")
        sees_no(found, r"\d\. (Give )?G-CSF")

    def test_hemoglobin(self) -> None:
        """Haemoglobin 7.9 g/dL: withheld until it is 8 g/dL or more."""
        low = LabResult("hemoglobin", "7.9 g/dL", START - DAY)
        found = planned(labs=normal_labs(START - DAY, hemoglobin=low))
        sees(found, r"^STOP - WITHHOLD", r"7\.9 g/dL", r"AGAIN WHEN [^.]*8 g/dL")

    def test_liver_injury(self) -> None:
        """ALT four times and bilirubin two and a half times normal: both on the screen, and no dose."""
        alt = LabResult("alt", "160 U/L", START - DAY, upper_limit="40 U/L")
        bilirubin = LabResult("bilirubin", "3 mg/dL", START - DAY, upper_limit="1.2 mg/dL")
        found = planned(labs=normal_labs(START - DAY, alt=alt, bilirubin=bilirubin))
        sees(found, r"160 U/L", r"3 mg/dL", r"other cause|another cause")
        sees_no(found, r"^PROCEED")

    def test_two_results_at_one_time(self) -> None:
        """Two neutrophil counts of the same minute: the dose does not go by the better one."""
        low = LabResult("neutrophils", "0.4 10*9/L", START - DAY)
        found = planned(labs=[*normal_labs(START - DAY), low])
        sees(found, r"0\.4 10\*9/L", r"\b4 10\*9/L")
        sees_no(found, r"^PROCEED")

    def test_not_due_but_bad(self) -> None:
        """By the label, no result is due before C6D15; a count of grade 4 on file holds the dose."""
        low = LabResult("neutrophils", "0.4 10*9/L", START - DAY)
        found = planned("C6D15", course=[GivenDose("C6D1", START - 14 * DAY, "10 mg")], labs=[low], rulebook="us-2025-11")
        sees(found, r"^STOP - WITHHOLD", r"0\.4 10\*9/L")

    def test_too_old(self) -> None:
        """Results older than the policy of the site allows are missing; the old ones are named with the reason."""
        found = planned(labs=normal_labs(START - 4 * DAY), max_lab_age="72 h")
        sees(found, r"NEEDS.DATA", r"Must: [^.]*neutrophils", r"4 10\*9/L[^.]*too old")

    def test_a_year_old(self) -> None:
        """A result of a year ago does not count, and is named or behind *+n more*."""
        old = LabResult("neutrophils", "0.4 10*9/L", date(2024, 10, 12))
        sees(planned(labs=[*normal_labs(START - DAY), old]), r"^PROCEED", r"neutrophils[^.]*0\.4|\+\d+ more")


class TestDoses:
    """The course, the planned dose and its order."""

    def test_wrong_amount_at_a_restart(self) -> None:
        """20 days after C1D1 the step-up starts again: 10 mg is ordered, 1 mg is due."""
        found = planned(course=[GivenDose("C1D1", START - 20 * DAY, "1 mg")], ordered="10 mg")
        sees(found, r"NEEDS.ASSESSMENT", r"10 mg is ordered", r"1 mg is due", r"More than 14 days")
        sees_no(found, r"^PROCEED")

    def test_amount_that_does_not_exist(self) -> None:
        """100 mg is ordered: nothing lets it pass."""
        found = planned(ordered="100 mg")
        sees(found, r"100 mg is ordered", r"10 mg is due")
        sees_no(found, r"^PROCEED")

    def test_no_planned_start(self) -> None:
        """Without a planned start the date is asked for, and no clock time is invented."""
        found = planned(planned_start=None)
        sees(found, r"NEEDS.DATA", r"Must: [^.]*planned")
        sees_no(found, r"\b\d\d:\d\d to \d\d:\d\d")

    def test_broken_off(self) -> None:
        """A first dose that was broken off is for a clinician."""
        found = planned(course=[GivenDose("C1D1", START - 7 * DAY, "1 mg", complete=False)])
        sees(found, r"C1D1", r"not complete|incomplete|broken off|part")
        sees_no(found, r"^PROCEED")

    def test_ten_milligrams_first(self) -> None:
        """A first dose of 10 mg in place of 1 mg is seen."""
        found = planned(course=[GivenDose("C1D1", START - 7 * DAY, "10 mg")])
        sees(found, r"C1D1", r"10 mg")
        sees_no(found, r"^PROCEED")

    def test_date_only(self) -> None:
        """Days without a time of day: an answer without a clock time."""
        day = START.date()
        found = planned(planned_start=day, course=[GivenDose("C1D1", day - 7 * DAY, "1 mg")], labs=normal_labs(day - DAY))
        sees_no(found, r"\d\d:\d\d")
        sees(found, r"2025-10-13", r"10 mg", r"22 to 24 h")

    @pytest.mark.parametrize(("day", "leave"), [(date(2025, 10, 25), "06:00 to 08:00"), (date(2026, 3, 28), "08:00 to 10:00")])
    def test_night_of_a_clock_change(self, day: date, leave: str) -> None:
        """22 to 24 h from 09:00 are elapsed hours: an hour early by the clock in autumn, an hour late in spring."""
        start = datetime(day.year, day.month, day.day, 9, tzinfo=ZoneInfo("Europe/Berlin"))
        found = planned("C1D1", planned_start=start, course=(), labs=normal_labs(start - DAY), rulebook="us-2025-11")
        sees(found, leave)

    @pytest.mark.parametrize(("day", "leave"), [(date(2025, 10, 25), "06:00 to 08:00"), (date(2026, 3, 28), "08:00 to 10:00")])
    def test_a_clock_change_without_an_offset(self, day: date, leave: str) -> None:
        """A start without an offset belongs to the site, so its hours are elapsed hours there too: a plan says the same."""
        start = datetime.combine(day, time(9))
        found = planned(
            "C1D1", planned_start=start, course=(), labs=normal_labs(start - DAY), rulebook="us-2025-11", site_zone="Europe/Berlin"
        )
        sees(found, leave)

    def test_skipped_hour(self) -> None:
        """02:30 of the night that skips it is 03:30."""
        start = datetime.fromisoformat("2026-03-29T02:30")
        found = planned("C1D1", planned_start=start, course=(), labs=normal_labs(start - DAY), site_zone="Europe/Berlin")
        sees(found, r"2026-03-29 03:30\+02:00")

    def test_doubled_hour(self) -> None:
        """02:30 of the night that has it twice is shown with its offset."""
        start = datetime(2025, 10, 26, 0, 30, tzinfo=UTC)
        found = planned("C1D1", planned_start=start, course=(), labs=normal_labs(start - DAY), site_zone="Europe/Berlin")
        sees(found, r"2025-10-26 02:30\+02:00")


class TestSources:
    """Which sources answer, and which are silent."""

    def test_eu(self) -> None:
        """The EU label: 6 to 8 h from the start, 24 h nearby, not the hours of the US label."""
        found = planned("C1D1", course=(), rulebook="eu-2026", patient=well(hypersensitivity=False))
        sees(found, r"6 to 8 h", r"24 h", r"Source: EU")
        sees_no(found, r"22 to 24 h", r"Sources: [^.]*US label", r"Precautions page")

    def test_eu_hypersensitivity(self) -> None:
        """A hypersensitivity excludes by the EU label, and is not passed over by the US label."""
        patient = well(hypersensitivity=True)
        sees(planned("C1D1", patient, course=(), rulebook="eu-2026"), r"^STOP - EXCLUDED", r"hypersensitiv")
        sees(planned("C1D1", patient, course=()), r"hypersensitiv")

    def test_silent(self) -> None:
        """The page alone gives no amount: the screen says so, and shows none."""
        found = planned("C2D1", **since_day_15(rulebook="precautions-2025-09"))
        sees(found, r"(no source|not|does not) [^.]*(amount|dose)", r"Source: Precautions page")
        sees_no(found, r"due: \d", r"US label")

    def test_policy(self) -> None:
        """48 hours by the policy of a hospital: its hours, its name as a source, and no hint that a policy was not checked."""
        found = planned("C1D1", course=(), rulebook=_stays("48 hours in hospital."))
        sees(found, r"48 h after the infusion ends", r"Sources: our-hospital, Precautions page 09/2025, US label 11/2025\.")
        sees_no(found, r"22 to 24 h after")
        assert "Your hospital's own policy" not in as_html(found)

    def test_hostile_words(self) -> None:
        """A policy with 4,000 characters of markup: short lines, and escaped in HTML and Markdown."""
        ours = _stays("<script>alert(1)</script> |*_` " + "x" * 4000)
        found = planned("C1D1", well(infection="uncontrolled", pregnant=None), course=(), rulebook=ours)
        assert all(len(line) <= 100 for text in (str(found), str(found.monitoring)) for line in text.splitlines())
        for answer in (found, found.monitoring):
            assert "<script" not in as_html(answer, full=True)
            assert "<script" not in as_markdown(answer, full=True)

    @pytest.mark.parametrize("words", ["a\nPROCEED: all clear", "\x1b[2J", "a\u202eb", "a\x00b"])
    def test_words_that_do_not_print(self, words: str) -> None:
        """A policy whose words would break a line, clear a terminal or turn the text around is refused."""
        with pytest.raises(FieldError, match=r"\.says: has the character .*; write one line of plain text"):
            _stays(words)

    def test_nothing_known(self) -> None:
        """Nothing is known but the dose: all that must be supplied is listed, and none of it is cut."""
        found = assess_dose(Patient(), "C1D1")
        sees(
            found,
            r"NEEDS.DATA",
            r"age",
            r"diagnosis",
            r"platinum",
            r"infection",
            r"pregnan",
            r"planned",
            *(["neutrophils", "ALT", "bilirubin"]),
        )
        sees_no(found, r"(?-i:\bNone\b)", r"MISSING [^.]*Must: [^.]*\+\d+ more NOT")
