"""The pages to print: what stands on them, and that nothing of a plan is lost."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tarlatamab_rules import (
    DISCLAIMER,
    CrsFindings,
    FieldError,
    FieldTypeError,
    GivenDose,
    Grade,
    NeuroFindings,
    ToxicityEvent,
    UnknownRulebookError,
    course,
    grade_crs,
    grade_icans,
    plan_course,
    replan,
    rulebooks,
)
from tarlatamab_rules.answers import Anchor, CoursePlan, Dissent, EntryKind, Modality
from tarlatamab_rules.course import Sheet, SheetBlock, SheetTable, checklist_page, first_sign_card, preparation_sheet
from tarlatamab_rules.course.sheets.checklist import Part, part_of
from tarlatamab_rules.course.strategies import plans

US, EU, PAGE = "us-2025-11", "eu-2026", "precautions-2025-09"
BOX = "\N{BALLOT BOX}"


def plan(**changes: Any) -> CoursePlan:
    """Two cycles from 27 March 2026 at nine in Berlin, where summer time begins two days later."""
    facts: dict[str, Any] = {"cycles": 2, "infusion_at": time(9), "site_zone": "Europe/Berlin", "rulebook": US}
    return plan_course(date(2026, 3, 27), **(facts | changes))


def block(sheet: Sheet, title: str) -> list[str]:
    """The lines of a block, each after its time."""
    (found,) = [part for part in sheet.parts if isinstance(part, SheetBlock) and part.title == title]
    return [f"{line.when}: {line.text}" if line.when else line.text for line in found.lines]


def cells(sheet: Sheet, title: str, row: str) -> list[tuple[tuple[str, ...], ...]]:
    """The cells of the rows of a table that have this name."""
    (found,) = [part for part in sheet.parts if isinstance(part, SheetTable) and part.title.startswith(title)]
    return [cells[1:] for cells in found.rows if cells[0] == (row,)]


class TestNames:
    """What `tarlatamab_rules.course` offers."""

    def test_names(self) -> None:
        """The pages, the calendar, and what pages are made of; every name says what it is."""
        assert dir(course) == [
            "Sheet", "SheetBlock", "SheetCite", "SheetLine", "SheetTable",
            "calendar", "checklist_page", "first_sign_card", "preparation_sheet",
        ]  # fmt: skip
        assert all(getattr(course, name).__doc__ for name in dir(course))


class TestChecklist:
    """The checklist of a dose."""

    def test_the_first_dose(self) -> None:
        """C1D1 by the US label: Table 3 before and after it, 22 to 24 h from its start, 48 h near care across the change of clocks."""
        sheet = checklist_page(plan(), "C1D1")
        assert sheet.title == "Checklist C1D1: tarlatamab 1 mg (step-up dose)"
        assert sheet.head[0].endswith("Date: Friday 27 March 2026, infusion at 09:00 (Europe/Berlin)")
        before, during, after, discharge = (block(sheet, str(part)) for part in Part)
        assert "08:00 to 09:00: Dexamethasone 8 mg IV (or equivalent), within 1 h before the infusion starts" in before
        assert "by 09:00: Required: neutrophils, hemoglobin, platelets, ALT, AST, bilirubin" in [line.partition(";")[0] for line in before]
        assert "by 09:00: Hydration before the infusion" in before
        assert "Verify pregnancy status in females of reproductive potential" in before
        assert "09:00: Tarlatamab 1 mg (step-up dose)" in during
        assert "An appropriate healthcare setting, equipped to monitor and manage CRS, for the infusion" in during
        assert any(line.startswith("10:00 to 12:00-14:00: Normal saline 1000 mL IV over 2 to 4 h") for line in after)
        assert any(line.startswith("09:00 to Sat 28 Mar 07:00-09:00: Monitor for 22 to 24 h") for line in after)
        assert discharge[0].startswith("Avoid driving and hazardous work")
        assert any(
            line.startswith("09:00 to Sun 29 Mar 10:00: Recommended: stay within 1 h of an appropriate healthcare setting")
            for line in discharge
        )
        assert any(line.startswith("by Sat 28 Mar 07:00: Teach patient and caregiver") for line in discharge)

    def test_its_sources(self) -> None:
        """A line has its rows, their place, and a link; an item of the checklist has its own row."""
        sheet = checklist_page(plan(), "C1D1")
        (line,) = [line for line in sheet.lines if line.text.startswith("Dexamethasone")]
        assert [str(cite) for cite in line.cites] == ["[T3-DEX] US label 11/2025, Section 2.3, Table 3, dexamethasone"]
        assert line.cites[0].url.startswith("https://dailymed.nlm.nih.gov/")
        (pregnancy,) = [line for line in sheet.lines if line.text.startswith("Verify pregnancy")]
        assert [cite.rows for cite in pregnancy.cites] == [("PREGNANCY/verify",)]
        assert f"US label 11/2025: {line.cites[0].url}" in sheet.foot
        assert sheet.foot[-1] == DISCLAIMER
        assert any("September 2026" in text for text in sheet.head if text.startswith("CAUTION"))

    def test_a_condition(self) -> None:
        """What may change before the day comes stands below its line, with what holds instead; C2D1 has a last day."""
        sheet = checklist_page(plan(), "C2D1")
        (line,) = [line for line in sheet.lines if line.text.startswith("Monitor for 6 to 8 h")]
        assert line.notes[0].startswith("If there is no CRS of grade 2 or worse")
        assert line.notes[1].startswith("Otherwise: monitor for 22 to 24 h after the infusion starts")
        assert line.notes[1].endswith(" OR no source says")
        assert "09:00: Premedication: nothing" in block(sheet, "before")
        assert any(text.startswith("by Fri 8 May: Last day of this dose: C2D1: 10 mg") for text in block(sheet, "before"))

    def test_sources_disagree(self) -> None:
        """What the sources disagree on is a numbered note, written once; orders do not repeat the ids of books."""
        sheet = checklist_page(plan(rulebook=None), "C1D1")
        marked = [line for line in sheet.lines if any(note.startswith("Sources disagree: see note") for note in line.notes)]
        assert [line.entry.kind for line in marked if line.entry] == ["premedication", "saline", "observation", "near-care"]
        notes = block(sheet, "where the sources disagree")
        assert [note[:8] for note in notes] == ["Note 1. ", "Note 2. ", "Note 3. "]
        assert "US label 11/2025: counted from the start of the infusion" in notes[2]
        assert not any("(us-2025-11)" in line.text for line in sheet.lines)

    def test_a_dose_that_was_given(self) -> None:
        """A given dose has its page too, which says so; notes on other doses are not on it."""
        first = GivenDose("C1D1", datetime(2026, 3, 27, 8, tzinfo=UTC), "1 mg", complete=True)
        late = replan(plan(), course=[first], events=[], start=date(2026, 4, 20))
        assert checklist_page(late, "C1D1").head[1] == "This dose has been given."
        assert not any("step-up begins anew" in text for text in checklist_page(late, "C1D1").head)
        assert any("step-up begins anew" in text for text in checklist_page(late, "C1D8").head)

    def test_open_answers(self) -> None:
        """An answer that is not decided has a line that says what it depends on; recovery comes before the dose."""
        first = GivenDose("C1D1", datetime(2026, 3, 27, 8, tzinfo=UTC), "1 mg", complete=True)
        crs = ToxicityEvent("crs", 2, status="active", onset=datetime(2026, 3, 27, 20, tzinfo=UTC))
        sheet = checklist_page(replan(plan(), course=[first], events=[crs]), "C1D8")
        assert any("CRS: resolved" in text for text in block(sheet, "before"))
        page = checklist_page(plan_course(date(2026, 3, 27), cycles=1, rulebook="us-2024-05"), "C1D1")
        assert any("no source says; a clinician decides" in line.text for line in page.lines)

    def test_without_a_time(self) -> None:
        """If the time of the infusion is not known, it is filled in by hand; of a dose without a date, the date too."""
        assert checklist_page(plan(infusion_at=None), "C1D1").head[0].endswith("Friday 27 March 2026, infusion at ____")
        undated = plan(course=[GivenDose("C1D1", None, None)], cycles=1)
        page = checklist_page(undated, "C1D1")
        assert page.head[0].endswith("Date: ________________________")
        assert page.title == "Checklist C1D1: tarlatamab amount not known (step-up dose)"
        assert "infusion at 09:00" in checklist_page(plan(site_zone=None), "C1D1").head[0]

    def test_label(self) -> None:
        """The caller's label takes the place of the line for a name."""
        assert checklist_page(plan(), "C1D1", label="Bed\n 4").head[0].startswith("Bed 4    Date: ")
        assert checklist_page(plan(), "C1D1").head[0].startswith("Patient: ____")

    def test_refused(self) -> None:
        """Anything but a plan, a dose of it, and a text is refused."""
        with pytest.raises(FieldTypeError, match="plan: 'x' is not a CoursePlan; pass what plan_course gave"):
            checklist_page("x", "C1D1")  # type: ignore[arg-type]  # on purpose
        with pytest.raises(FieldError, match="point: C9D1 is not a dose of this plan; pass one that is, such as C1D1, C1D8, "):
            checklist_page(plan(), "C9D1")
        with pytest.raises(FieldTypeError, match="label: 4 is not a text"):
            checklist_page(plan(), "C1D1", label=4)  # type: ignore[arg-type]  # on purpose

    def test_every_kind_has_a_part(self) -> None:
        """No kind of entry is without a part of the day; a drug that is counted from the end of the infusion goes after it."""
        entries = {entry.kind: entry for entry in plan(rulebook=None).entries}
        assert {part_of(entry) for entry in entries.values()} == set(Part)
        from attrs import evolve

        some = entries[EntryKind.DOSE]
        assert all(part_of(evolve(some, kind=kind)) in set(Part) for kind in EntryKind)
        assert part_of(evolve(entries[EntryKind.PREMEDICATION], anchor=Anchor.INFUSION_END)) is Part.AFTER

    @given(plans(), st.data())
    def test_nothing_is_lost(self, drawn: CoursePlan, data: st.DataObject) -> None:
        """Every line comes from an entry of the dose, every entry has a line, and every item of the checklist has its own."""
        if not drawn.doses:
            return
        point = data.draw(st.sampled_from(drawn.doses)).point
        assert point is not None
        sheet = checklist_page(drawn, point)
        of_parts = [line for part in sheet.parts[: len(Part)] if isinstance(part, SheetBlock) for line in part.lines]
        wanted = [
            id(entry)
            for entry in drawn.for_dose(point)
            for _ in (entry.value if entry.kind is EntryKind.CHECK and isinstance(entry.value, tuple) else (entry,))
        ]
        assert sorted(id(line.entry) for line in of_parts) == sorted(wanted)
        assert all(line.box and line.cites for line in of_parts if line.entry and line.entry.reasons)
        text = " ".join(sheet.to_text().split())
        assert all(" ".join(line.text.split()) in text for line in sheet.lines)


class TestFirstSignCard:
    """The card for a first sign during the infusion."""

    def test_stop(self) -> None:
        """By the US label, 2.5: a first sign of either stops the infusion."""
        now = block(first_sign_card(rulebook=US), "now")
        assert now[0].startswith("Sign of CRS: STOP the infusion. Evaluation at once; consider hospitalization")
        assert now[1].startswith("Sign of ICANS: STOP the infusion. Evaluation at once; consider neurology evaluation")

    def test_not_stated(self) -> None:
        """What a book does not say is left as such: the EU label is not confirmed on this, the page has no CRS treatment."""
        now = block(first_sign_card(rulebook=EU), "now")
        assert now == ["Sign of CRS: not stated by this source", "Sign of ICANS: not stated by this source"]
        card = first_sign_card(rulebook=PAGE)
        assert cells(card, "CRS", "Treat") == [(("Not stated by this source",),) * 4]
        assert cells(card, "CRS", "Drug") == [(("not stated by this source",),) * 4]
        assert any(note.startswith("A clinician decides: ") for line in first_sign_card(rulebook=EU).lines for note in line.notes)

    def test_grades_of_crs(self) -> None:
        """ASTCT 2019: fever at each grade; fluids or low flow 2, one vasopressor or high flow 3, several or positive pressure 4."""
        card = first_sign_card(rulebook=US)
        assert cells(card, "CRS", "Fever") == [(("38.0 \N{DEGREE SIGN}C or more",),) * 4]
        assert cells(card, "CRS", "With") == [
            (
                ("Fever without hypotension or hypoxia",),
                ("Hypotension that responds to fluids", "Low-flow oxygen"),
                ("One vasopressor, with or without vasopressin", "High-flow oxygen or a mask"),
                ("Several vasopressors", "Positive pressure"),
            )
        ]

    def test_grades_of_icans(self) -> None:
        """ASTCT 2019: ICE 7 to 9, 3 to 6, 0 to 2, and 0 in a patient who cannot be woken; a domain without a grade is empty."""
        card = first_sign_card(rulebook=US)
        assert cells(card, "ICANS", "ICE score") == [
            (("ICE score 7-9",), ("ICE score 3-6",), ("ICE score 1-2", "ICE score 0, and arousable"), ("ICE score 0, and unarousable",))
        ]
        assert cells(card, "ICANS", "Deep focal motor weakness") == [(("",), ("",), ("",), ("Deep focal weakness",))]

    @pytest.mark.parametrize(
        ("grade", "findings"),
        [(2, {"hypotension": "responds-to-fluids"}), (3, {"oxygen": "high-flow"}), (4, {"oxygen": "positive-pressure"})],
    )
    def test_grades_agree_with_the_rule(self, grade: int, findings: dict[str, Any]) -> None:
        """The column of a finding is the grade that `grade_crs` gives it."""
        facts: dict[str, Any] = {"hypotension": "none", "oxygen": "none", "vasopressin": False} | findings
        answer = grade_crs(CrsFindings(temperature="38.5 degC", fever_masked=False, **facts))
        assert answer.unwrap() == grade
        (row,) = cells(first_sign_card(rulebook=US), "CRS", "With")
        assert f"{answer.reasons[0].says.partition(': grade')[0]}" in row[grade - 1]
        weak = grade_icans(NeuroFindings(ice=10, consciousness="alert", seizure="none", motor_weakness=True, raised_icp="none"))
        assert weak.unwrap() == 4

    def test_treatment(self) -> None:
        """US label, Table 5: dexamethasone 4 to 10 mg, 8 mg, 8 mg every 8 h at most 3 times; Table 6: 10 mg every 6 h, 1000 mg/day."""
        card = first_sign_card(rulebook=US)
        crs = [" ".join(cell for row in cells(card, "CRS", "Treat") for cell in row[n]) for n in range(4)]
        icans = [" ".join(cell for row in cells(card, "ICANS", "Treat") for cell in row[n]) for n in range(4)]
        assert "onsider dexamethasone 4 to 10 mg PO or IV (or equivalent)" in crs[0]
        assert "onsider dexamethasone 8 mg PO or IV (or equivalent)" in crs[1]
        assert "consider tocilizumab" in crs[1]
        for severe in crs[2:]:
            assert "dexamethasone 8 mg IV (or equivalent) every 8 h, at most 3 times; recommended: tocilizumab" in severe
        assert "examethasone" not in icans[0]
        assert "dexamethasone 10 mg IV (or equivalent) every 6 h, or methylprednisolone 1 mg/kg IV (or equivalent) every 12 h" in icans[2]
        assert "methylprednisolone in divided doses 1000 mg/day IV for 3 days" in icans[3]
        assert cells(card, "CRS", "Drug") == [(("WITHHOLD",), ("WITHHOLD",), ("WITHHOLD or STOP FOR GOOD",), ("STOP FOR GOOD",))]
        (table,) = [part for part in card.parts if isinstance(part, SheetTable) and part.title.startswith("CRS")]
        assert "Grade 3: depends on the toxicities so far." in table.notes

    @pytest.mark.parametrize("book", [*rulebooks.names(), None])
    def test_every_order_is_on_it(self, book: str | None) -> None:
        """Each order of each grade is in the column of its grade, by any book, and no other text is in the rows of treatment."""
        from tarlatamab_rules import toxicity_action
        from tarlatamab_rules.course.sheets.words import order

        card = first_sign_card(rulebook=book)
        for toxicity in ("crs", "icans"):
            for grade in map(Grade, range(1, 5)):
                answer = toxicity_action(ToxicityEvent(toxicity, grade, status="active"), rulebook=book)
                orders = {order(item).lower() for action in answer.possible if action for item in action.treatments}
                column = [cell for row in cells(card, toxicity.upper(), "Treat") for cell in row[grade - 1] if cell]
                written = "; ".join(column).lower().replace("may apply: ", "")
                assert all(item in written for item in orders)
                left = written
                for item in sorted(orders, key=len, reverse=True):
                    left = left.replace(item, "")
                assert set(left.replace("not stated by this source", "")) <= {";", " "}
        assert card.foot[-1] == DISCLAIMER

    def test_an_order_of_some_actions(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """An order that only one of the possible actions has is marked as one that may apply."""
        from attrs import evolve

        from tarlatamab_rules import toxicity_action
        from tarlatamab_rules.course.sheets import first_sign

        answer: Any = toxicity_action(ToxicityEvent("crs", 3, status="active"), rulebook=US)
        withheld, stopped = answer.possible
        partly = evolve(answer, possible=(evolve(withheld, treatments=withheld.treatments[:1]), evolve(stopped, treatments=()), None))
        monkeypatch.setattr(first_sign, "toxicity_action", lambda *_, **__: partly)
        card = first_sign_card(rulebook=US)
        assert cells(card, "CRS", "Treat")[0][0][0].startswith("May apply: recommended: intensive monitoring")
        assert cells(card, "CRS", "Drug")[0][0] == ("WITHHOLD or STOP FOR GOOD or not stated by this source",)

    def test_call(self) -> None:
        """Whom to call is the site's: blank lines, or its own names."""
        assert len(block(first_sign_card(), "call")) == 3
        (line,) = block(first_sign_card(call=["Oncologist on call"]), "call")
        assert line.startswith("Oncologist on call   Phone: ____")
        with pytest.raises(FieldTypeError, match="call: 'x' is not a list of texts"):
            first_sign_card(call="x")
        with pytest.raises(FieldTypeError, match=r"call\[0\]: 1 is not a text"):
            first_sign_card(call=[1])  # type: ignore[list-item]  # on purpose
        with pytest.raises(UnknownRulebookError):
            first_sign_card(rulebook="none")

    def test_sources_disagree(self) -> None:
        """By the default books the page orders dexamethasone for ICANS of grade 1, and the label does not: a note says so."""
        card = first_sign_card()
        assert block(card, "where the sources disagree")[0] == "Note 1. US label 11/2025: does not order dexamethasone [T6-1]"
        assert not any(part.title == "where the sources disagree" for part in first_sign_card(rulebook=US).parts)


class TestPreparation:
    """The preparation sheet."""

    def test_volumes(self) -> None:
        """US label, Tables 8 to 12: 1 mg from 1.3 mL water, 14 mL out, 13 mL stabilizer, 1.1 mL drug; 10 mg from 4.4, 17, 13, 4.2 mL."""
        assert block(preparation_sheet("1 mg", rulebook=US), "volumes") == [
            "Reconstitute one 1 mg vial with 1.3 mL of sterile water for injection: 0.9 mg/mL",
            "From a 250 mL bag of 0.9 % sodium chloride, withdraw and discard 14 mL",
            "Add 13 mL of IV solution stabilizer (2 vials of 7 mL)",
            "Add 1.1 mL of reconstituted drug: 0.99 mg in 250.1 mL",
        ]
        ten = " ".join(block(preparation_sheet("10 mg", rulebook=US), "volumes"))
        assert all(volume in ten for volume in ("4.4 mL", "17 mL", "13 mL", "4.2 mL"))

    def test_steps_and_sources(self) -> None:
        """Steps come in their order, each with a box and its row; kept vials have no box."""
        sheet = preparation_sheet("1 mg", rulebook=US)
        assert block(sheet, "steps, in this order")[0].startswith("Reconstitute the vial with sterile water for injection")
        rows = {
            part.title: {cite.rows for line in part.lines for cite in line.cites} for part in sheet.parts if isinstance(part, SheetBlock)
        }
        assert rows["volumes"] == {("PREP-1",)}
        assert rows["steps, in this order"] == {("PREP-STEPS/1",)}
        assert "Avoid closed-system transfer devices" in block(sheet, "bag and line")

    def test_use_by(self) -> None:
        """Reconstituted at eight: dilute within 4 h, at room temperature 8 h to the end, in a refrigerator 7 days; summer time counts."""
        from zoneinfo import ZoneInfo

        made = datetime(2026, 3, 28, 20, tzinfo=ZoneInfo("Europe/Berlin"))
        assert block(preparation_sheet("1 mg", reconstituted_at=made, rulebook=US), "use by") == [
            "Sun 29 Mar 00:00: Reconstituted vial: dilute it, or discard it",
            "Sun 29 Mar 04:00: Bag at room temperature: start the infusion at the latest",
            "Sun 29 Mar 05:00: Bag at room temperature: complete the infusion",
            "Sat 4 Apr 21:00: Bag refrigerated at once: complete the infusion",
        ]
        blank = block(preparation_sheet("1 mg", rulebook=US), "use by")
        assert len(blank) == 4
        assert all(line.startswith("____________: ") for line in blank)

    def test_not_stated(self) -> None:
        """A book without volumes says so; a vial of another strength has none; the EU label is silent in part."""
        assert block(preparation_sheet("1 mg", rulebook=PAGE), "preparation") == ["Not stated by this source"]
        (line,) = block(preparation_sheet("10 mg", vial="1 mg", rulebook=US), "preparation")
        assert line.endswith("The volumes and concentrations do not hold for a 1 mg vial. Do not use it.")

    def test_a_silent_field(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """A field that a book leaves empty is not stated; without storage there is nothing to use it by; a caller's book may disagree."""
        from attrs import evolve

        from tarlatamab_rules import preparation
        from tarlatamab_rules.course.sheets import preparation as module

        answer: Any = preparation("1 mg", rulebook=US)
        silent = evolve(
            answer, value=evolve(answer.value, storage=None, transfer_device=None), dissent=(Dissent(EU, "transfer_device", Modality.GIVE),)
        )
        monkeypatch.setattr(module, "preparation", lambda *_, **__: silent)
        sheet = preparation_sheet("1 mg", rulebook=US)
        assert "Transfer device: not stated by this source" in block(sheet, "bag and line")
        assert not any(part.title == "use by" for part in sheet.parts)
        assert sheet.parts[-1].title == "where the sources disagree"

    def test_a_start_without_a_duration(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """If no source says how long the infusion takes, no latest start is given."""
        from attrs import evolve

        from tarlatamab_rules import preparation
        from tarlatamab_rules.course.sheets import preparation as module

        answer: Any = preparation("1 mg", reconstituted_at=datetime(2026, 3, 28, 20, tzinfo=UTC), rulebook=US)
        short = evolve(answer, value=evolve(answer.value, deadlines=evolve(answer.value.deadlines, start_at_room_by=None)))
        monkeypatch.setattr(module, "preparation", lambda *_, **__: short)
        assert len(block(preparation_sheet("1 mg", rulebook=US), "use by")) == 3

    def test_head(self) -> None:
        """Who prepares and checks it, and the time, are filled in by hand unless they are known; the label takes the place of a name."""
        made = datetime(2026, 3, 27, 8, tzinfo=UTC)
        sheet = preparation_sheet("1 mg", reconstituted_at=made, label="Bed 4", rulebook=US)
        assert sheet.head[0] == "Bed 4    Reconstituted at: 2026-03-27 08:00+00:00"
        assert sheet.head[1].startswith("Prepared by: ___")
        assert sheet.foot[-1] == DISCLAIMER


SHEETS = {
    "checklist": checklist_page(plan(rulebook=None), "C1D1", label="<Bed & 4>"),
    "later": checklist_page(plan(rulebook=None), "C2D1"),
    "card": first_sign_card(),
    "silent": first_sign_card(rulebook=PAGE),
    "preparation": preparation_sheet("1 mg"),
    "wrong vial": preparation_sheet("1 mg", vial="10 mg"),
}


@pytest.mark.parametrize("sheet", SHEETS.values(), ids=SHEETS)
class TestViews:
    """The same page as text, Markdown and HTML."""

    def test_text(self, sheet: Sheet) -> None:
        """Every line is in the text, with a box if it is ticked; no line is wider than a terminal, but for an address."""
        text = sheet.to_text()
        assert str(sheet) == text
        assert text.count(BOX) == sum(line.box for line in sheet.lines)
        assert all(len(line) <= 100 or "http" in line for line in text.splitlines())
        assert DISCLAIMER in " ".join(text.split())

    def test_markdown(self, sheet: Sheet) -> None:
        """Every line is an item with its sources; a source with an address is a link."""
        text = sheet.to_markdown()
        assert text.startswith("# ")
        assert sum(line.startswith("- ") for line in text.splitlines()) == len(sheet.lines)
        assert text.count(BOX) == sum(line.box for line in sheet.lines)
        assert ("](https://" in text) == any(cite.url for line in sheet.lines for cite in line.cites)

    def test_html(self, sheet: Sheet) -> None:
        """A whole document for either paper, escaped, with nothing to fetch; in a notebook it is a piece of the page."""
        for paper in ("A4", "Letter"):
            html = sheet.to_html(paper)
            assert f"@page{{size:{paper};" in html
            assert html.count(BOX) == sum(line.box for line in sheet.lines)
            assert "<Bed" not in html
            assert "<link" not in html
            assert "src=" not in html
        assert "<html" not in sheet._repr_html_()
        assert sheet._repr_html_().startswith("<style>")

    def test_paper(self, sheet: Sheet) -> None:
        """Another paper is refused."""
        with pytest.raises(FieldError, match="paper: 'A5' is not known; write 'A4' or 'Letter'"):
            sheet.to_html("A5")
        with pytest.raises(FieldTypeError, match="paper: 4 is not a size of paper"):
            sheet.to_html(4)  # type: ignore[arg-type]  # on purpose


def test_an_empty_block_is_not_shown() -> None:
    """A part of the day without lines has no title, in any format."""
    sheet = Sheet("Page", (), (SheetBlock("empty", ()),), ("foot",))
    for text in (sheet.to_text(), sheet.to_markdown(), sheet.to_html()):
        assert "empty" not in text.lower()


def test_the_type_is_smaller_if_there_is_more() -> None:
    """A page with more lines begins with smaller type, never smaller than 6 points."""
    import re

    from tarlatamab_rules.course import SheetLine

    sizes = []
    for count in (5, 60, 400):
        lines = tuple(SheetLine(text=f"Line {n}") for n in range(count))
        found = re.search(r"font:([\d.]+)pt", Sheet("Page", (), (SheetBlock("lines", lines),), ()).to_html())
        assert found
        sizes.append(float(found[1]))
    assert sizes[0] > sizes[1] > sizes[2] == 6
