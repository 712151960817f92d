"""A plan as it is read: by day, by dose, as text, as HTML, as a data frame, and beside another plan."""

from __future__ import annotations

import sys
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest

from tarlatamab_rules import GivenDose, Patient, ToxicityEvent, plan_course, replan
from tarlatamab_rules.answers import CoursePlan, EntryKind, PlanChanges
from tarlatamab_rules.core.errors import FieldError, FieldTypeError
from tarlatamab_rules.course import checklist_page
from tarlatamab_rules.course.pictures import dose_day
from tarlatamab_rules.views.html import as_html
from tarlatamab_rules.views.markdown import as_markdown
from tarlatamab_rules.views.text import as_text

FIRST = date(2026, 2, 2)
US = "us-2025-11"


def plan(**changes: Any) -> CoursePlan:
    """Cycle 1 from 2 February 2026 at nine UTC, by the US label, with changes."""
    facts: dict[str, Any] = {"cycles": 1, "infusion_at": time(9), "site_zone": "UTC", "rulebook": US}
    return plan_course(FIRST, **(facts | changes))


def at(text: str) -> datetime:
    """A moment in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def found(entries: Any) -> list[str]:
    """Dose and kind of some entries."""
    return [f"{entry.point or '-'} {entry.kind}" for entry in entries]


class TestViews:
    """What is to be done on a day, between two days, next, and for a dose."""

    def test_on(self) -> None:
        """The day after C1D1: the patient is still watched, stays near care, and learns the signs before leaving."""
        assert found(plan().on(date(2026, 2, 3))) == ["C1D1 observation", "C1D1 near-care", "C1D1 teaching"]
        assert plan().on(at("2026-02-03T23:00")) == plan().on(date(2026, 2, 3))
        assert plan().on(date(2026, 2, 5)) == ()

    def test_deadlines(self) -> None:
        """What is due by a day is found on that day: the last day of C1D8 as C1D8 is 16 February."""
        assert "C1D8 restart-limit" in found(plan().on(date(2026, 2, 16)))
        assert "C1D8 restart-limit" not in found(plan().on(date(2026, 2, 15)))

    def test_between(self) -> None:
        """Between two moments: from eleven to noon on the first day saline runs, and the patient is watched."""
        assert found(plan().between(at("2026-02-02T11:00"), at("2026-02-02T12:00"))) == [
            "C1D1 observation",
            "C1D1 near-care",
            "C1D1 saline",
        ]
        with pytest.raises(FieldError, match="last: 2026-02-01 is before 2026-02-02; pass the earlier one first"):
            plan().between(FIRST, date(2026, 2, 1))

    def test_next(self) -> None:
        """What comes next after a moment, of any kind or of one; after the last day there is nothing."""
        entry = plan().next(at("2026-02-02T09:30"))
        assert entry is not None
        assert (str(entry.point), entry.kind) == ("C1D1", "saline")
        dose = plan().next(at("2026-02-02T09:30"), "dose")
        assert dose is not None
        assert str(dose.point) == "C1D8"
        assert plan().next(date(2027, 1, 1)) is None
        with pytest.raises(FieldError, match="kind: 'doses' is not known; did you mean 'dose'"):
            plan().next(FIRST, "doses")

    def test_for_dose(self) -> None:
        """Everything that belongs to one dose, by its name."""
        assert found(plan().for_dose("C1D15")) == [
            f"C1D15 {kind}"
            for kind in ("labs", "check", "hydration", "premedication", "dose", "infusion", "observation", "teaching", "restart-limit")
        ]
        assert plan().for_dose("C9D1") == ()

    def test_without_an_offset(self) -> None:
        """A plan without a zone is asked with times without one, and the other way round."""
        bare = plan(site_zone=None)
        assert found(bare.between(datetime.fromisoformat("2026-02-02T09:00"), datetime.fromisoformat("2026-02-02T09:30")))
        with pytest.raises(
            FieldError, match=r"when: .* cannot be compared with the times of this plan; pass a moment without a UTC offset"
        ):
            bare.on(at("2026-02-02T09:00"))
        with pytest.raises(FieldError, match=r"now: .* cannot be compared .*; pass a moment with its UTC offset"):
            plan().next(datetime.fromisoformat("2026-02-02T09:00"))
        with pytest.raises(FieldTypeError, match="now: a day or a moment must be said"):
            plan().next(None)  # type: ignore[arg-type]  # on purpose

    def test_a_minimum(self) -> None:
        """What has a date alone is found on that date; what has none is found nowhere."""
        undated = plan(course=[GivenDose("C1D1", None, "1 mg")])
        assert undated.between(date(2020, 1, 1), date(2030, 1, 1)) == ()
        assert undated.next(date(2020, 1, 1)) is None


class TestText:
    """The same words as text, HTML and Markdown."""

    def test_text(self) -> None:
        """Day by day, after what a reader must know first."""
        lines = str(plan(patient=Patient(childbearing_potential=True))).splitlines()
        assert lines[0] == "Course plan: 3 doses from 2026-02-02 to 2026-02-16, by us-2025-11"
        assert lines[1] == "A dose to come is given if it is cleared on its day: assess_dose says so."
        assert lines[2].startswith("CAUTION ")
        assert lines[3] == "2026-02-02 Monday"
        assert lines[4].startswith("  08:00 to 09:00 C1D1 premedication: dexamethasone 8 mg IV (or equivalent)")
        assert lines[4].endswith(" [T3-DEX]")
        assert lines[5].startswith("  by 09:00 C1D1 labs: required: neutrophils, ")
        text = "\n".join(lines)
        assert "  09:00 C1D1 check: 11 more items of the checklist\n" in text
        assert "  09:00 to 2026-02-03 07:00-09:00 C1D1 observation: " in text
        assert "  09:00 to 2026-02-04 09:00 C1D1 near care: " in text
        assert "  by the end of the day C1D8 restart limit: C1D8: 10 mg" in text
        assert "\n      if there is no CRS of grade 3 or worse; otherwise: " in text

    def test_one_entry(self) -> None:
        """An entry by itself has its dates, and all items of a checklist."""
        entries = {str(entry.kind): entry for entry in plan().for_dose("C1D1")}
        assert str(entries["infusion"]).startswith("2026-02-02 09:00 to 2026-02-02 10:00 C1D1 infusion: IV infusion of 250 mL")
        assert "verify pregnancy status" in str(entries["check"])
        assert entries["observation"].caveats

    def test_disagreements(self) -> None:
        """If the sources disagree, a plan marks the entry, and the entry says what the other one has."""
        stack = plan(rulebook=None)
        entry = next(item for item in stack.for_dose("C1D1") if item.kind == "observation")
        assert any("us-2025-11: " in line and "counted from the start of the infusion" in line for line in entry.disagreements)
        assert "\n    sources disagree: us-2025-11: " in str(entry)
        (line,) = [line for line in str(stack).splitlines() if " C1D1 observation: " in line]
        assert line.endswith("(the sources disagree)")
        assert "the sources disagree" not in str(plan())

    def test_open_answers(self) -> None:
        """An answer that is not decided says what it depends on, and what is possible."""
        odd = plan(course=[GivenDose("C1D1", at("2026-02-02T09:00"), None)], cycles=2)
        entry = next(item for item in odd.for_dose("C1D1") if item.kind == "dose")
        assert entry.says == "tarlatamab amount not known (step-up dose), given"
        severe = ToxicityEvent("crs", status="resolved", onset=at("2026-02-17T09:00"), resolved=at("2026-02-18T09:00"))
        doses = [
            GivenDose(point, at("2026-02-02T09:00") + timedelta(days=day), amount)
            for point, day, amount in (("C1D1", 0, "1 mg"), ("C1D8", 7, "10 mg"), ("C1D15", 14, "10 mg"))
        ]
        after = plan(course=doses, events=[severe], cycles=2)
        watched = next(item for item in after.for_dose("C2D1") if item.kind == "observation")
        drugs = next(item for item in after.for_dose("C2D1") if item.kind == "premedication")
        assert watched.says.startswith("how long to observe: depends on ")
        assert " OR " in watched.says
        assert drugs.says.startswith("premedication: depends on ")

    def test_every_view(self) -> None:
        """A plan shows itself in a notebook, as Markdown, and as text by the views of the library."""
        for shown in (as_text(plan()), as_html(plan()), as_markdown(plan()), plan()._repr_html_()):
            assert "Course plan" in shown
            assert "C1D8" in shown


class TestChanges:
    """What changed between two plans."""

    def test_a_delay(self) -> None:
        """A dose that moves is one line, and what belongs to it moves along; contraception moves with the last dose."""
        before = plan()
        after = replan(before, course=[GivenDose("C1D1", at("2026-02-02T09:00"), "1 mg")], events=[], start=date(2026, 2, 11))
        assert str(before.changes(after)).splitlines() == [
            "C1D1 dose: given",
            "C1D8 dose: now 2026-02-11 09:00 (was 2026-02-09 09:00)",
            "C1D15 dose: now 2026-02-18 09:00 (was 2026-02-16 09:00)",
            "contraception: now by 2026-04-18 (was by 2026-04-16)",
            "breast-feeding: now by 2026-04-18 (was by 2026-04-16)",
        ]

    def test_a_restart(self) -> None:
        """A step-up that begins anew is a note; amounts, drugs and hours that are different are listed."""
        before = plan()
        after = replan(before, course=[GivenDose("C1D1", at("2026-02-02T09:00"), "1 mg")], events=[], start=date(2026, 2, 27))
        lines = str(before.changes(after)).splitlines()
        assert lines[0] == "! C1D8: 2026-02-27 is after 2026-02-16, the last day for 10 mg: the step-up begins anew, with 1 mg."
        assert "C1D8 dose: now 2026-02-27 09:00 (was 2026-02-09 09:00); 1 mg (was 10 mg)" in lines
        assert any(line.startswith("C1D15 saline: new: 2026-03-06 10:00 to ") for line in lines)
        assert any(line.startswith("C1D8 restart limit: gone: ") for line in lines)
        assert any("C1D15 observation: now " in line and "; no longer if there is no CRS" in line for line in lines)
        back = after.changes(before)
        assert "C1D1 dose: no longer given" in str(back)
        assert str(back).startswith("no longer: C1D8: 2026-02-27 is after")

    def test_a_stop(self) -> None:
        """A dose that is no longer planned is one line."""
        before = plan()
        crs = ToxicityEvent("crs", 4, status="active", onset=at("2026-02-02T20:00"))
        after = replan(before, course=[GivenDose("C1D1", at("2026-02-02T09:00"), "1 mg")], events=[crs])
        changes = before.changes(after)
        assert [str(change) for change in changes if change.kind == "gone" and change.entry.kind == "dose"] == [
            "C1D8 dose: gone: 2026-02-09 09:00, tarlatamab 10 mg (first full dose)",
            "C1D15 dose: gone: 2026-02-16 09:00, tarlatamab 10 mg (later dose)",
        ]
        assert "C1D8 infusion" not in str(changes)

    def test_a_condition(self) -> None:
        """A dose that is now withheld is a change, with its note."""
        before = replan(plan(), course=[GivenDose("C1D1", at("2026-02-02T09:00"), "1 mg")], events=[])
        crs = ToxicityEvent("crs", 2, status="active", onset=at("2026-02-02T20:00"))
        changes = before.changes(replan(before, events=[crs]))
        assert "C1D8 dose: withheld until CRS: resolved" in str(changes)
        assert len(changes) == len(changes.changes) + 1

    def test_dates_alone(self) -> None:
        """Without times a move is one of days; a dose without a date has none."""
        before = plan(infusion_at=None)
        after = replan(before, course=[GivenDose("C1D1", None, "1 mg")])
        assert "C1D1 dose: given; now no date (was 2026-02-02)" in str(before.changes(after))
        assert "was no date" in str(after.changes(before))

    def test_none(self) -> None:
        """No changes are false, and print as such."""
        assert not PlanChanges()
        assert str(PlanChanges()) == "no changes"


class TestFrame:
    """A plan as a data frame."""

    def test_columns(self) -> None:
        """One row an entry: words as text, moments as moments, and what is not known as none."""
        frame = plan().to_frame()
        assert len(frame) == len(plan().entries)
        row = frame[(frame["dose"] == "C1D1") & (frame["kind"] == "premedication")].iloc[0]
        assert (row["what"], row["amount"], row["route"], row["modality"]) == ("dexamethasone", "8 mg", "intravenous", "give")
        assert (row["start"], row["end"], row["deadline"]) == (at("2026-02-02T08:00"), at("2026-02-02T09:00"), None)
        assert row["sources"] == "T3-DEX (US label 11/2025, Section 2.3, Table 3, dexamethasone)"
        assert set(frame["kind"]) <= set(EntryKind)
        assert set(frame["disagreements"]) == {""}

    def test_without_pandas(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """If pandas is not installed, the error says how to get it; the plan itself does without."""
        monkeypatch.delitem(sys.modules, "tarlatamab_rules.course.frame", raising=False)
        monkeypatch.setitem(sys.modules, "pandas", None)
        with pytest.raises(ImportError, match="a data frame needs pandas: pip install pandas"):
            plan().to_frame()


def test_the_open_half_of_an_entry() -> None:
    """What the EU text leaves to a clinician is part of what an entry says: hours of observation, or near care without them."""
    plan = plan_course(start=date(2025, 12, 1), cycles=1, rulebook="eu-2026")
    says = {(str(entry.point), entry.kind): entry.says for entry in plan.entries}
    assert says["C1D15", EntryKind.NEAR_CARE].endswith("; a clinician decides how long to monitor")
    assert says["C1D8", EntryKind.OBSERVATION] == "monitor for 6 to 8 h after the infusion starts"
    assert "clinician" not in says["C1D8", EntryKind.NEAR_CARE]
    infusion = "; a clinician decides: Duration, volume, constant rate and transfer devices are not confirmed"
    assert says["C1D8", EntryKind.INFUSION].endswith(infusion)
    checklist = "what the EU label says about signs of infection, teaching and driving is not confirmed"
    assert says["C1D8", EntryKind.CHECK].lower().endswith(checklist.lower())
    assert "1 more items of the checklist; a clinician decides: " in str(plan)
    for shown in (str(checklist_page(plan, "C1D8")), dose_day(plan, "C1D8").svg):
        assert "clinician decides: What the EU label says" in shown
        assert "a clinician decides: Duration" in shown


def test_hours_and_near_care_say_once_what_is_open() -> None:
    """After CRS of grade 2 the hours of C1D8 may be longer; the near care beside them does not repeat it."""
    event = ToxicityEvent("crs", 2, onset=date(2025, 12, 2), resolved=date(2025, 12, 3))
    course = [GivenDose("C1D1", date(2025, 12, 1), "1 mg")]
    plan = plan_course(start=date(2025, 12, 1), course=course, events=[event], cycles=1, rulebook="eu-2026")
    says = {entry.kind: entry.says for entry in plan.entries if str(entry.point) == "C1D8"}
    assert says[EntryKind.OBSERVATION].endswith("; a clinician decides how much longer than these hours to monitor")
    assert "clinician" not in says[EntryKind.NEAR_CARE]
