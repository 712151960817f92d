"""What labels of the drug share: the shapes of their tables. Every book says itself which of them it holds, under its own statements."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from attrs import evolve

from tarlatamab_rules.answers.doses import AfterLastDose, DoseStep
from tarlatamab_rules.answers.plans import Instruction, MonitoringPlan
from tarlatamab_rules.answers.toxicities import NextDosePrecautions, Recovery, StopRule, ToxicityAction
from tarlatamab_rules.answers.vocabulary import Anchor, Eligibility, Modality, Role, Route, Setting
from tarlatamab_rules.core.decisions import DoseAction
from tarlatamab_rules.core.intervals import above, at_least, at_most, below, between
from tarlatamab_rules.core.tables import Row, When
from tarlatamab_rules.inputs.patient import Diagnosis
from tarlatamab_rules.inputs.units import Amount, Span
from tarlatamab_rules.inputs.vocabulary import Grade, Toxicity
from tarlatamab_rules.rulebooks._book import Rows
from tarlatamab_rules.rulebooks.facts import (
    AGE,
    AMINOTRANSFERASE,
    AMINOTRANSFERASE_RISE,
    BILIRUBIN,
    BILIRUBIN_RISE,
    CHILDBEARING,
    CRS_BEFORE,
    DAYS,
    DAYS_SINCE,
    DIAGNOSIS,
    EARLIER,
    GRADE,
    LAST,
    NEURO_BEFORE,
    NOTHING_GIVEN,
    NOW,
    OTHER_CAUSE,
    POINT,
    PREGNANT,
    PROGRESSED,
    ROLE,
    grades,
    points,
)
from tarlatamab_rules.rulebooks.questions import (
    BY_AGE,
    BY_DIAGNOSIS,
    BY_PREGNANCY,
    BY_PROGRESSION,
    CONTRACEPTION,
    DRUG_INDUCED_LIVER_INJURY,
    NEXT_DOSE,
    TOXICITY_ACTION,
)

ACTIVE: Final = grades(1, 2, 3, 4, 5)
NOT_NAMED: Final = "Grade 5 is not named; nothing milder can follow it."
NO_NEXT: Final = (
    f"The drug is stopped for good at grade 4: nothing is said of a dose after it, of the first two and of later ones alike. {NOT_NAMED}"
)
AFTER_WORSE: Final = "After an earlier grade 4 the drug was stopped already, and grade 5 is not named; nothing milder can follow them."
RESOLVED_IS_0: Final = "Resolved is read as grade 0."
RECURS: Final = "Recurrent is read as a second episode that reaches this grade, after the first was over."
CLOCK: Final = "Where the clock starts is not said; read as the day of onset, in calendar days."

GIVE, RECOMMEND, CONSIDER, AVOID = Modality.GIVE, Modality.RECOMMEND, Modality.CONSIDER, Modality.AVOID
WITHHOLD, RESUME, STOP = DoseAction.WITHHOLD, DoseAction.CONTINUE, DoseAction.DISCONTINUE
RESOLVED: Final = Recovery(Grade.NONE)


def indication(statement: str) -> Rows:
    """Adults with extensive-stage small-cell lung cancer that progressed on or after platinum-based chemotherapy."""
    return {
        BY_AGE: (
            Row(f"{statement}/adult", {AGE: at_least(18)}, Eligibility.ELIGIBLE, "An adult.", _ADULT),
            Row(f"{statement}/minor", {AGE: below(18)}, Eligibility.EXCLUDED, "The drug is for adults.", _ADULT),
        ),
        BY_DIAGNOSIS: (
            Row(
                f"{statement}/cancer",
                {DIAGNOSIS: Diagnosis.EXTENSIVE_STAGE_SCLC},
                Eligibility.ELIGIBLE,
                "Extensive-stage small-cell lung cancer.",
            ),
            Row(
                f"{statement}/other-cancer",
                {DIAGNOSIS: frozenset((Diagnosis.LIMITED_STAGE_SCLC, Diagnosis.OTHER))},
                Eligibility.EXCLUDED,
                "The drug is for extensive-stage small-cell lung cancer.",
            ),
        ),
        BY_PROGRESSION: (
            Row(f"{statement}/progressed", {PROGRESSED: True}, Eligibility.ELIGIBLE, "The cancer progressed on or after platinum."),
            Row(
                f"{statement}/not-progressed",
                {PROGRESSED: False},
                Eligibility.EXCLUDED,
                "The drug is for cancer that progressed on or after platinum.",
            ),
        ),
    }


_ADULT = "Adult is read as 18 years or older."


def pregnancy(statement: str) -> Rows:
    """A warning of harm to the fetus, without a contraindication."""
    return {
        BY_PREGNANCY: (
            Row(
                statement,
                {PREGNANT: True},
                Eligibility.NEEDS_ASSESSMENT,
                "It may harm the fetus; there is no contraindication.",
                "A warning, with advice of the risk to the fetus: for a clinician and the patient to decide.",
            ),
            Row(
                f"{statement}/none",
                {PREGNANT: False},
                Eligibility.ELIGIBLE,
                "Pregnancy is ruled out.",
                "The label has it verified before treatment begins; here it is asked at each dose.",
            ),
        ),
    }


def contraception(statement: str, months: int) -> Rows:
    """Contraception of females of reproductive potential, for so many months after the last dose."""
    return {
        CONTRACEPTION: (
            Row(
                statement,
                {CHILDBEARING: True},
                AfterLastDose(GIVE, months=months),
                "Contraception goes on after the last dose.",
                "Months are calendar months.",
            ),
            Row(
                f"{statement}/none", {CHILDBEARING: False}, None, "The label asks contraception of females of reproductive potential only."
            ),
        ),
    }


# --- doses ---

STEP_UP: Final = Amount(1, "mg")
FULL: Final = Amount(10, "mg")
_RESTART = DoseStep(STEP_UP, Role.STEP_UP, restart=True)
_BY_DATE = "Days are counted by calendar date."
_AGAIN = " What was given after a restart counts as the dose of the same role."
_CYCLE = " No length of a cycle is named; that a cycle has 28 days follows from its two doses, 14 days apart."


def first_dose(statement: str) -> Row[DoseStep]:
    """Nothing was given: the first dose."""
    return Row(f"{statement}/first", {LAST: NOTHING_GIVEN}, DoseStep(STEP_UP, Role.STEP_UP), "The first dose is 1 mg.")


def restart(statement: str, last: Role, days: int, then: DoseStep, reading: str = "") -> tuple[Row[DoseStep], Row[DoseStep]]:
    """What follows a dose within so many days, and that after more of them the step-up begins anew."""
    return (
        Row(
            statement,
            {LAST: last, DAYS_SINCE: between(0, days)},
            then,
            f"Within {days} days: 10 mg, and the schedule goes on.",
            f"{_BY_DATE}{_CYCLE if last is Role.LATER else _AGAIN} {reading}".strip(),
        ),
        Row(
            f"{statement}/restart",
            {LAST: last, DAYS_SINCE: at_least(days + 1)},
            _RESTART,
            f"After more than {days} days: 1 mg, and if it is tolerated 10 mg one week later.",
            f"{_BY_DATE}{_AGAIN if last is not Role.LATER else ''} When a dose is tolerated is not said; how doses are numbered after it "
            "is not said either, and the count goes on here.",
        ),
    )


AFTER_STEP_UP: Final = DoseStep(FULL, Role.FIRST_FULL, after=7)
AFTER_FIRST_FULL: Final = DoseStep(FULL, Role.LATER, after=7)
AFTER_LATER: Final = DoseStep(FULL, Role.LATER, after=14)


def restarts(c1d1: str, c1d8: str, later: str, first: str = "") -> tuple[Row[DoseStep], ...]:
    """The whole table of restarts after a delay; *first* says how the day after the first dose was read."""
    return (
        *restart(c1d1, Role.STEP_UP, 14, AFTER_STEP_UP, first),
        *restart(c1d8, Role.FIRST_FULL, 21, AFTER_FIRST_FULL),
        *restart(later, Role.LATER, 28, AFTER_LATER),
    )


# --- with a dose ---

NEW_ROLES: Final = frozenset((Role.STEP_UP, Role.FIRST_FULL))
ROLES: Final = "C1D1 and C1D8 are read as the first 1 mg and the first 10 mg after it, which come back after a restart."
STOPPED_CRS: Final = "After grade 4 cytokine release syndrome there is no next dose."
SILENCE: Final = frozenset(("silence",))
PUMP_FEATURES: Final = ("programmable", "lockable", "non-elastomeric", "with an alarm")
RENUMBERED: Final = "After a restart the label does not say how doses are numbered; the hours follow the name that the dose has here."
FROM_GRADE_2: Final = (
    "Grade 2 or worse is read of CRS, ICANS and other neurotoxicity alike: after grade 1 ICANS these hours hold, and none longer."
)
TO_GRADE_1: Final = grades(0, 1)


def dexamethasone(*, or_equivalent: bool) -> Instruction:
    """8 mg intravenously within an hour before the infusion."""
    return Instruction(
        GIVE,
        "dexamethasone",
        Amount(8, "mg"),
        route=Route.INTRAVENOUS,
        or_equivalent=or_equivalent,
        anchor=Anchor.INFUSION_START,
        offset=Span(-1, 0, "h"),
    )


def saline(duration: Span | None) -> Instruction:
    """A litre after the infusion."""
    return Instruction(GIVE, "normal saline", Amount(1000, "mL"), route=Route.INTRAVENOUS, anchor=Anchor.INFUSION_END, duration=duration)


def from_start(low: float, high: float) -> MonitoringPlan:
    """So many hours from the start of the infusion."""
    return MonitoringPlan(observe=Span(low, high, "h"), anchor=Anchor.INFUSION_START)


def hours_after(statement: str, doses: tuple[str, str | None], hours: tuple[float, float], setting: Setting | None) -> Row[MonitoringPlan]:
    """So many hours after the infusion, where there was neither CRS nor neurotoxicity of grade 2 or worse."""
    low, high = hours
    return Row(
        statement,
        {POINT: points(*doses), ROLE: Role.LATER, CRS_BEFORE: TO_GRADE_1, NEURO_BEFORE: TO_GRADE_1},
        MonitoringPlan(observe=Span(low, high, "h"), anchor=Anchor.INFUSION_END, setting=setting),
        f"{low:g} hours after the infusion." if low == high else f"{low:g} to {high:g} hours after the infusion.",
        f"{RENUMBERED} {FROM_GRADE_2}",
    )


def misfit(statement: str) -> Row[MonitoringPlan]:
    """A later 10 mg on C1D1 or C1D8."""
    return Row(
        statement,
        {POINT: points("C1D1", "C1D8"), ROLE: Role.LATER, CRS_BEFORE: TO_GRADE_1, NEURO_BEFORE: TO_GRADE_1},
        None,
        "The schedule has no later 10 mg on C1D1 or C1D8.",
        unsettled="The amounts given do not fit the schedule.",
    )


# --- drugs that several tables name ---

ANTIPYRETIC: Final = Instruction(GIVE, "antipyretic")
TOCILIZUMAB: Final = Instruction(CONSIDER, "tocilizumab", or_equivalent=True)
TOCILIZUMAB_RECOMMENDED: Final = Instruction(RECOMMEND, "tocilizumab", or_equivalent=True)
CRS_STEROID_MILD: Final = Instruction(
    CONSIDER, "dexamethasone", Span(4, 10, "mg"), route=Route.ORAL, or_route=Route.INTRAVENOUS, or_equivalent=True
)
CRS_STEROID: Final = Instruction(
    CONSIDER, "dexamethasone", Amount(8, "mg"), route=Route.ORAL, or_route=Route.INTRAVENOUS, or_equivalent=True
)
CRS_STEROID_SEVERE: Final = Instruction(
    GIVE, "dexamethasone", Amount(8, "mg"), route=Route.INTRAVENOUS, or_equivalent=True, every=Span(8, 8, "h"), at_most=3
)
FLUIDS: Final = (
    Instruction(GIVE, "oxygen", when="as indicated"),
    Instruction(GIVE, "intravenous fluids", when="as indicated"),
)
SEVERE_SUPPORT: Final = (
    Instruction(GIVE, "vasopressor", when="as needed"),
    Instruction(GIVE, "high-flow oxygen", when="as needed"),
)
INTENSIVE: Final = "intensive monitoring, such as in an intensive care unit"
INTENSIVE_CARE: Final = Instruction(GIVE, "intensive care")
METHYLPREDNISOLONE: Final = Instruction(
    GIVE, "methylprednisolone", Amount(1, "mg/kg"), route=Route.INTRAVENOUS, or_equivalent=True, every=Span(12, 12, "h")
)
METHYLPREDNISOLONE_CONSIDERED: Final = evolve(METHYLPREDNISOLONE, modality=CONSIDER)
ICANS_STEROID: Final = Instruction(
    GIVE, "dexamethasone", Span(8, 10, "mg"), route=Route.ORAL, or_route=Route.INTRAVENOUS, or_equivalent=True
)
ICANS_STEROID_AGAIN: Final = Instruction(
    CONSIDER,
    "dexamethasone",
    Span(8, 10, "mg"),
    route=Route.ORAL,
    or_route=Route.INTRAVENOUS,
    or_equivalent=True,
    every=Span(12, 12, "h"),
    when="if symptoms worsen",
    or_else=METHYLPREDNISOLONE_CONSIDERED,
)
ICANS_STEROID_SEVERE: Final = Instruction(
    GIVE,
    "dexamethasone",
    Amount(10, "mg"),
    route=Route.INTRAVENOUS,
    or_equivalent=True,
    every=Span(6, 6, "h"),
    or_else=METHYLPREDNISOLONE,
)
ICANS_STEROID_HIGH: Final = Instruction(
    GIVE,
    "high-dose corticosteroids, such as methylprednisolone in divided doses",
    Amount(1000, "mg/d"),
    route=Route.INTRAVENOUS,
    duration=Span(3, 3, "d"),
)
STEROID_TAPER: Final = Instruction(GIVE, "taper of the steroid", when="if one was given, by standard-of-care guidelines")
TAPERED: Final = "Which entries of steroids carry the note on the taper is only partly visible; it is read of every grade with a steroid."
NEUROLOGIST: Final = Instruction(CONSIDER, "neurology evaluation")
SPECIALISTS: Final = Instruction(CONSIDER, "evaluation by neurology and other specialists")
NEUROLOGIC_SIGNS: Final = Instruction(GIVE, "monitoring of neurologic symptoms")
OTHER_CAUSES_OF_CRS: Final = Instruction(GIVE, "exclude and treat other causes of fever, hypoxia and hypotension")
OTHER_CAUSES: Final = Instruction(GIVE, "exclude other causes of neurologic symptoms")
SUPPORT: Final = Instruction(GIVE, "supportive care")
VENTILATION: Final = Instruction(CONSIDER, "mechanical ventilation for airway protection")
IMAGING: Final = Instruction(CONSIDER, "repeat CT or MRI", every=Span(2, 3, "d"), when="while grade 3 or worse persists")
GCSF: Final = Instruction(CONSIDER, "G-CSF")


# --- toxicities ---


def not_again(grade: Grade) -> StopRule:
    """Stopped for good when this grade comes again."""
    return StopRule(GIVE, again=grade)


def within(days: int, grade: Grade) -> StopRule:
    """Stopped for good unless this grade is reached in time."""
    return StopRule(GIVE, at_most=grade, days=days)


def death(statement: str, treatments: tuple[Instruction, ...] = ()) -> Row[ToxicityAction]:
    """Grade 5, where it has no row with grade 4; of what was ordered at grade 4, *treatments*, nothing is left."""
    ordered = frozenset(item.what for item in treatments)
    return Row(
        f"{statement}/death",
        {GRADE: Grade.DEATH},
        ToxicityAction(STOP),
        "Death: no dose follows.",
        f"{NOT_NAMED} Nobody is treated after it." if ordered else NOT_NAMED,
        excepted={GRADE: ordered} if ordered else {},
    )


def until_resolved(  # noqa: PLR0913, PLR0917  # one parameter a cell of the table
    statement: str,
    toxicity: str,
    grade: int,
    treatments: tuple[Instruction, ...],
    next_dose: NextDosePrecautions | None = None,
    reading: str = "",
    excepted: frozenset[str] = frozenset(),
) -> tuple[Row[ToxicityAction], ...]:
    """A grade at which the drug is held until the episode is over, and then goes on at the next scheduled dose."""
    return (
        Row(
            statement,
            {GRADE: Grade(grade), NOW: ACTIVE},
            ToxicityAction(WITHHOLD, treatments, RESOLVED, next_dose=next_dose),
            f"Grade {grade} {toxicity}: withhold until it is resolved.",
            f"{RESOLVED_IS_0} {reading}".strip(),
            excepted={GRADE: excepted} if excepted else {},
        ),
        Row(
            f"{statement}/over",
            {GRADE: Grade(grade), NOW: Grade.NONE},
            ToxicityAction(RESUME, next_dose=next_dose),
            f"Grade {grade} {toxicity} that is over: resume at the next scheduled dose.",
            RESOLVED_IS_0,
        ),
    )


def held_then_stopped(
    statement: str,
    toxicity: str,
    treatments: tuple[Instruction, ...],
    next_dose: NextDosePrecautions | None = None,
    days: int | None = None,
) -> tuple[Row[ToxicityAction], ...]:
    """Grade 3: held until resolved; stopped for good when it comes again, or is not down to a grade in time."""
    third, first = grades(3), grades(0, 1, 2)
    to = Grade.MILD
    stops = (*((within(days, to),) if days is not None else ()), not_again(Grade.SEVERE))
    in_time: When = {DAYS: between(0, days)} if days is not None else {}
    rows = [
        Row(
            statement,
            {GRADE: third, NOW: ACTIVE, EARLIER: first, **in_time},
            ToxicityAction(WITHHOLD, treatments, RESOLVED, stops, next_dose),
            f"Grade 3 {toxicity}, for the first time: withhold until it is resolved.",
            f"{RESOLVED_IS_0} {CLOCK if days is not None else ''}".strip(),
        ),
        Row(
            f"{statement}/over",
            {GRADE: third, NOW: Grade.NONE, EARLIER: first, **in_time},
            ToxicityAction(RESUME, discontinue_if=stops[-1:], next_dose=next_dose),
            f"Grade 3 {toxicity}, for the first time, that is over: resume at the next scheduled dose.",
            RESOLVED_IS_0,
        ),
        Row(
            f"{statement}/again",
            {GRADE: third, NOW: ACTIVE, EARLIER: grades(3, 4, 5)},
            ToxicityAction(STOP, treatments),
            f"Recurrent grade 3 {toxicity}: stop permanently.",
            f"{RECURS} {AFTER_WORSE}",
        ),
        Row(
            f"{statement}/again-over",
            {GRADE: third, NOW: Grade.NONE, EARLIER: grades(3, 4, 5)},
            ToxicityAction(STOP),
            f"Recurrent grade 3 {toxicity}, though over: stopping was permanent.",
            f"{RECURS} {AFTER_WORSE}",
        ),
    ]
    if days is not None:
        late: When = {GRADE: third, EARLIER: first, DAYS: at_least(days + 1)}
        says = f"Grade 3 {toxicity}, not down to grade {to:d} within {days} days: stop permanently."
        rows += [
            Row(f"{statement}/late", {**late, NOW: ACTIVE}, ToxicityAction(STOP, treatments), says, CLOCK),
            Row(f"{statement}/late-over", {**late, NOW: Grade.NONE}, ToxicityAction(STOP), says, CLOCK),
        ]
    return tuple(rows)


def stopped(statement: str, toxicity: str, treatments: tuple[Instruction, ...] = (), reading: str = "") -> tuple[Row[ToxicityAction], ...]:
    """Grade 4: stopped for good, over or not; and death."""
    return (
        Row(
            statement,
            {GRADE: Grade.LIFE_THREATENING, NOW: ACTIVE},
            ToxicityAction(STOP, treatments),
            f"Grade 4 {toxicity}: stop permanently.",
            reading,
        ),
        Row(
            f"{statement}/over",
            {GRADE: Grade.LIFE_THREATENING, NOW: Grade.NONE},
            ToxicityAction(STOP),
            f"Grade 4 {toxicity}, though over: stopping was permanent.",
        ),
        death(statement, treatments),
    )


def none(statement: str, toxicity: str) -> Row[ToxicityAction]:
    """Grade 0."""
    return Row(f"{statement}/none", {GRADE: Grade.NONE}, None, f"No {toxicity}: nothing to do for it.")


_CRS: Final = "cytokine release syndrome"
_AS_GRADE_3 = "The treatment is that of grade 3; that an equivalent of dexamethasone will do is read from there too."
_EXAMPLE = "Methylprednisolone is an example of a high dose: its amount, route and days are those of the example."
_RANGE: Final = "The range of dexamethasone at grade 1 ends above the dose of grade 2; both are taken as they stand."


def crs(  # noqa: PLR0913, PLR0917  # one parameter where labels differ
    grade: tuple[str, str, str, str],
    hospital: tuple[Instruction, ...],
    watched: tuple[Instruction, ...],
    second: NextDosePrecautions | None,
    third: NextDosePrecautions,
    general: tuple[Instruction, ...] = (),
) -> Rows:
    """The table of cytokine release syndrome.

    Args:
        grade: The statements of its grades.

        hospital: What is asked of a hospital at grade 2 and 3.

        watched: How the heart and the lungs are watched from grade 2 on.

        second: What is different with the next dose after grade 2.

        third: And after grade 3.

        general: What the text asks at any grade.
    """
    mild = (ANTIPYRETIC, CRS_STEROID_MILD, *general)
    moderate = (*hospital, *watched, ANTIPYRETIC, *FLUIDS, CRS_STEROID, TOCILIZUMAB, *general)
    severe = (*watched, ANTIPYRETIC, *FLUIDS, *SEVERE_SUPPORT, CRS_STEROID_SEVERE, TOCILIZUMAB_RECOMMENDED, *general)
    return {
        TOXICITY_ACTION[Toxicity.CRS]: (
            *until_resolved(grade[0], _CRS, 1, mild),
            *until_resolved(grade[1], _CRS, 2, moderate, second, _RANGE, frozenset(("dexamethasone",))),
            *held_then_stopped(grade[2], _CRS, (Instruction(RECOMMEND, INTENSIVE), *hospital, *severe), third),
            *stopped(grade[3], _CRS, (INTENSIVE_CARE, *severe), _AS_GRADE_3),
            none(grade[0], _CRS),
        ),
    }


def icans(
    grade: tuple[str, str, str, str],
    after: NextDosePrecautions | None,
    beside: Sequence[tuple[Instruction, ...]] = ((), (), (), ()),
) -> Rows:
    """The table of ICANS: its grades, the next dose after grade 2 and 3, and what the text asks of each grade beside the table."""
    moderate = (ICANS_STEROID, ICANS_STEROID_AGAIN, NEUROLOGIC_SIGNS, SPECIALISTS, *beside[1])
    severe = (Instruction(RECOMMEND, INTENSIVE), VENTILATION, ICANS_STEROID_SEVERE, IMAGING, *beside[2])
    status = Instruction(GIVE, "treatment of convulsive status epilepticus", when="as needed, by the institution's guideline")
    fourth = (INTENSIVE_CARE, VENTILATION, ICANS_STEROID_HIGH, IMAGING, status, *beside[3])
    worse = (
        "If symptoms worsen is read of both: of repeating dexamethasone, and of methylprednisolone in its place. The table has supportive "
        "care at grade 1 and not here, and monitoring of symptoms and specialists beside neurology here alone; it is taken as it stands."
    )
    alone = frozenset((SUPPORT.what, NEUROLOGIC_SIGNS.what, SPECIALISTS.what))
    return {
        TOXICITY_ACTION[Toxicity.ICANS]: (
            *until_resolved(grade[0], "ICANS", 1, (SUPPORT, *beside[0])),
            *until_resolved(grade[1], "ICANS", 2, moderate, after, worse, alone),
            *held_then_stopped(grade[2], "ICANS", severe, after, days=7),
            *stopped(grade[3], "ICANS", fourth, _EXAMPLE),
            none(grade[0], "ICANS"),
        ),
    }


def other(third: str, fourth: str, *, again: str = "") -> tuple[Row[ToxicityAction], ...]:
    """Other reactions of grade 3 and worse; *again* says why it is not settled whether the drug may be given again."""
    to_1 = Recovery(Grade.MILD, ("or baseline",))
    considered = "Consider permanently discontinuing: a clinician decides."
    return (
        Row(
            third,
            {GRADE: Grade.SEVERE, NOW: grades(2, 3), DAYS: between(0, 28)},
            ToxicityAction(WITHHOLD, (), to_1, (StopRule(CONSIDER, at_most=Grade.MILD, days=28, or_baseline=True),)),
            "Another grade 3 reaction: withhold until grade 1 or less, or baseline.",
            f"{CLOCK} Resolved is read as grade 1 or less. Whether a grade 2 was there before treatment is for a clinician to tell.",
        ),
        Row(
            f"{third}/late",
            {GRADE: Grade.SEVERE, NOW: grades(2, 3), DAYS: at_least(29)},
            ToxicityAction(WITHHOLD, (), to_1, (StopRule(CONSIDER),)),
            "Another grade 3 reaction, not resolved within 28 days: withhold, and consider stopping permanently.",
            CLOCK,
        ),
        Row(
            f"{third}/recovered",
            {GRADE: Grade.SEVERE, NOW: grades(0, 1), DAYS: between(0, 28)},
            None if again else ToxicityAction(RESUME),
            f"Another grade 3 reaction that is down to grade 1 or less in time{'' if again else ': resume'}.",
            CLOCK,
            again,
        ),
        Row(
            f"{third}/recovered-late",
            {GRADE: Grade.SEVERE, NOW: grades(0, 1), DAYS: at_least(29)},
            None,
            "Another grade 3 reaction that took more than 28 days.",
            CLOCK,
            unsettled=considered,
        ),
        Row(
            fourth,
            {GRADE: Grade.LIFE_THREATENING, NOW: grades(2, 3, 4)},
            ToxicityAction(WITHHOLD, (), to_1, (StopRule(CONSIDER),)),
            "Another grade 4 reaction: withhold until grade 1 or less, or baseline; consider stopping permanently.",
        ),
        Row(
            f"{fourth}/recovered",
            {GRADE: Grade.LIFE_THREATENING, NOW: grades(0, 1)},
            None,
            "Another grade 4 reaction that is down to grade 1 or less.",
            unsettled=considered,
        ),
        death(fourth),
    )


def open_toxicity(statement: str, toxicity: str, unsettled: str) -> tuple[Row[ToxicityAction], ...]:
    """A toxicity of which a book does not know what it obliges one to do, unless there is none of it."""
    return (
        Row(statement, {GRADE: ACTIVE}, None, f"What {toxicity} obliges one to do.", unsettled=unsettled),
        none(statement, toxicity),
    )


def liver(third: str, fourth: str, together: str, *, by_baseline: bool = False) -> Rows:
    """ALT, AST and bilirubin by grade; and together, without another cause: in multiples of the upper limit, or of a raised baseline."""
    enzyme, bilirubin = (AMINOTRANSFERASE_RISE, BILIRUBIN_RISE) if by_baseline else (AMINOTRANSFERASE, BILIRUBIN)
    limit = "the upper limit, or a raised baseline" if by_baseline else "the upper limit"
    read = "A baseline is read as raised if it was above the upper limit." if by_baseline else ""
    return {
        TOXICITY_ACTION[Toxicity.HEPATOTOXICITY]: (
            Row(
                third,
                {GRADE: Grade.SEVERE, NOW: grades(2, 3)},
                ToxicityAction(WITHHOLD, (), Recovery(Grade.MILD)),
                "Grade 3 ALT, AST or bilirubin: withhold until grade 1 or less.",
            ),
            Row(
                f"{third}/recovered",
                {GRADE: Grade.SEVERE, NOW: grades(0, 1)},
                ToxicityAction(RESUME),
                "Grade 3 ALT, AST or bilirubin that is down to grade 1 or less: resume.",
            ),
            Row(
                fourth,
                {GRADE: grades(4, 5)},
                ToxicityAction(STOP),
                "Grade 4 ALT, AST or bilirubin: stop permanently.",
                NOT_NAMED,
            ),
            Row(f"{third}/mild", {GRADE: grades(0, 1, 2)}, None, "The table asks nothing at grade 1-2."),
        ),
        DRUG_INDUCED_LIVER_INJURY: (
            Row(
                together,
                {enzyme: above(3), bilirubin: above(2), OTHER_CAUSE: False},
                ToxicityAction(STOP),
                f"AST or ALT above 3 times and bilirubin above 2 times {limit}, without another cause: stop permanently.",
                f"Read as values of one sample, or at most a day apart; in an assessment, also as the latest of each. {read}".strip(),
            ),
            Row(
                f"{together}/other-cause",
                {enzyme: above(3), bilirubin: above(2), OTHER_CAUSE: True},
                None,
                "With another cause each value is taken by its own grade.",
            ),
            Row(
                f"{together}/bilirubin",
                {enzyme: above(3), bilirubin: at_most(2)},
                None,
                f"Bilirubin is not above 2 times {limit}.",
            ),
            Row(f"{together}/enzymes", {enzyme: at_most(3)}, None, f"Neither AST nor ALT is above 3 times {limit}."),
        ),
    }


def noted(rows: Rows, readings: Mapping[str, str]) -> Rows:
    """The same rows, some of them with one more word on how they were read: by their ids."""
    return {
        question: tuple(evolve(row, reading=f"{row.reading} {readings[row.id]}".strip()) if row.id in readings else row for row in each)
        for question, each in rows.items()
    }


def next_doses(*rows: Row[DoseStep]) -> Rows:
    """The rows of the question which dose comes next."""
    return {NEXT_DOSE: rows}
