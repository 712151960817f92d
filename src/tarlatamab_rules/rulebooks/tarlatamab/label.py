"""What labels of the drug share: the shapes of their tables, and words without a number. Each label passes its own numbers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from attrs import evolve

from tarlatamab_rules.core.decisions import DoseAction
from tarlatamab_rules.core.intervals import Interval, above, at_least, at_most, below, between
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
from tarlatamab_rules.values.doses import AfterLastDose, DoseStep
from tarlatamab_rules.values.plans import Instruction, MonitoringPlan
from tarlatamab_rules.values.toxicities import NextDosePrecautions, Recovery, StopRule, ToxicityAction
from tarlatamab_rules.values.vocabulary import Anchor, Eligibility, InstructionKind, Modality, Role, Route, Setting


def grade_or_worse(grade: int) -> frozenset[Grade]:
    """This grade and all worse ones."""
    return frozenset(other for other in Grade if other >= grade)


def milder_than(grade: int) -> frozenset[Grade]:
    """All grades below this one."""
    return frozenset(Grade) - grade_or_worse(grade)


def grade_or_milder(grade: int) -> frozenset[Grade]:
    """This grade and all milder ones."""
    return milder_than(grade) | {Grade(grade)}


ACTIVE: Final = frozenset(Grade) - {Grade.NONE}
NOT_NAMED: Final = f"The source does not name grade {Grade.DEATH:d}. Its answer cannot be milder."
RESOLVED_IS_0: Final = f"Resolved means grade {Grade.NONE:d}."
RECURS: Final = "Recurrent means a second episode that reaches this grade after the first one resolved."
CLOCK: Final = "The source does not say when the clock starts. It starts on the day of onset and counts calendar days."

GIVE, RECOMMEND, CONSIDER, AVOID = Modality.GIVE, Modality.RECOMMEND, Modality.CONSIDER, Modality.AVOID
WITHHOLD, RESUME, STOP = DoseAction.WITHHOLD, DoseAction.CONTINUE, DoseAction.DISCONTINUE
RESOLVED: Final = Recovery(Grade.NONE)


def indication(statement: str, *, adult: int) -> Rows:
    """Adults of this age or older, with extensive-stage small-cell lung cancer that progressed on or after platinum-based chemotherapy."""
    interpretation = f"Adult means {adult} years or older."
    return {
        BY_AGE: (
            Row(f"{statement}/adult", {AGE: at_least(adult)}, Eligibility.ELIGIBLE, "The patient is an adult.", interpretation),
            Row(f"{statement}/minor", {AGE: below(adult)}, Eligibility.EXCLUDED, "The drug is for adults only.", interpretation),
        ),
        BY_DIAGNOSIS: (
            Row(
                f"{statement}/cancer",
                {DIAGNOSIS: Diagnosis.EXTENSIVE_STAGE_SCLC},
                Eligibility.ELIGIBLE,
                "The patient has extensive-stage small-cell lung cancer.",
            ),
            Row(
                f"{statement}/other-cancer",
                {DIAGNOSIS: frozenset((Diagnosis.LIMITED_STAGE_SCLC, Diagnosis.OTHER))},
                Eligibility.EXCLUDED,
                "The drug is for extensive-stage small-cell lung cancer only.",
            ),
        ),
        BY_PROGRESSION: (
            Row(f"{statement}/progressed", {PROGRESSED: True}, Eligibility.ELIGIBLE, "The cancer progressed on or after platinum."),
            Row(
                f"{statement}/not-progressed",
                {PROGRESSED: False},
                Eligibility.EXCLUDED,
                "The drug is for cancer that progressed on or after platinum only.",
            ),
        ),
    }


def pregnancy(statement: str) -> Rows:
    """A warning of harm to the fetus, without a contraindication."""
    return {
        BY_PREGNANCY: (
            Row(
                statement,
                {PREGNANT: True},
                Eligibility.NEEDS_ASSESSMENT,
                "The drug may harm the fetus. Pregnancy is no contraindication.",
                "The label warns, and advises of the risk to the fetus. A clinician and the patient decide.",
            ),
            Row(
                f"{statement}/none",
                {PREGNANT: False},
                Eligibility.ELIGIBLE,
                "Pregnancy is ruled out.",
                "The label verifies pregnancy status before treatment starts. Here it is asked at each dose.",
            ),
        ),
    }


def contraception(statement: str, months: int) -> Rows:
    """Contraception for females of reproductive potential, for so many months after the last dose."""
    return {
        CONTRACEPTION: (
            Row(
                statement,
                {CHILDBEARING: True},
                AfterLastDose(GIVE, months=months),
                "Contraception continues after the last dose.",
                "Months are calendar months.",
            ),
            Row(
                f"{statement}/none",
                {CHILDBEARING: False},
                None,
                "The label requires contraception only of females of reproductive potential.",
            ),
        ),
    }


# --- doses ---

_BY_DATE = "Days are calendar days."
_AGAIN = " After a restart, a dose counts as the dose of the same role."


def first_dose(statement: str, first: DoseStep) -> Row[DoseStep]:
    """Nothing was given: the first dose."""
    return Row(f"{statement}/first", {LAST: NOTHING_GIVEN}, first, f"The first dose is {first.amount}.")


def restart(  # noqa: PLR0913, PLR0917  # one parameter a cell of the table
    statement: str, last: Role, days: int, then: DoseStep, anew: tuple[DoseStep, str], interpretation: str = ""
) -> tuple[Row[DoseStep], Row[DoseStep]]:
    """What follows a dose within so many days, and that after more of them the step-up begins anew.

    Args:
        statement: The statement of this line of the table.

        last: The dose that was given last.

        days: Within how many days of it the schedule goes on.

        then: The dose with which it goes on.

        anew: The dose with which the step-up begins anew, and in words that dose and what follows it.

        interpretation: How else the first of the two was read.
    """
    step, in_words = anew
    by_date = _BY_DATE if last is Role.LATER else f"{_BY_DATE}{_AGAIN}"
    return (
        Row(
            statement,
            {LAST: last, DAYS_SINCE: in_time(days)},
            then,
            f"Up to {days} days since the last dose: give {then.amount} and continue the schedule.",
            f"{by_date} {interpretation}".strip(),
        ),
        Row(
            f"{statement}/restart",
            {LAST: last, DAYS_SINCE: late(days)},
            step,
            f"More than {days} days since the last dose: give {in_words}.",
            f"{by_date} The label does not say when a dose is tolerated, nor how doses are numbered after a restart. The count continues "
            "here.",
        ),
    )


# --- with a dose ---

NEW_ROLES: Final = frozenset((Role.STEP_UP, Role.FIRST_FULL))
SILENCE: Final = frozenset(("silence",))
PUMP_FEATURES: Final = ("programmable", "lockable", "non-elastomeric", "with an alarm")
RENUMBERED: Final = "The label does not say how doses are numbered after a restart. The hours follow the number that the dose has here."


def first_two(step_up: str, first_full: str, amounts: tuple[Amount, Amount]) -> str:
    """How the names of the first two doses, which have these amounts, are read."""
    small, full = amounts
    return f"{step_up} and {first_full} mean the first {small} and the first {full} after it. Both come again after a restart."


def no_next(grade: int) -> str:
    """The interpretation if the label says nothing about a dose after the grade at which the drug is stopped for good."""
    return (
        f"The drug is stopped for good at grade {grade}. The source says nothing about a dose after it, neither one of the first two nor "
        f"a later one. {NOT_NAMED}"
    )


def premedication(amount: Amount, hours: int, *, or_equivalent: bool) -> Instruction:
    """So much dexamethasone intravenously, within so many hours before the infusion."""
    return Instruction(
        GIVE,
        "dexamethasone",
        amount,
        route=Route.INTRAVENOUS,
        or_equivalent=or_equivalent,
        anchor=Anchor.INFUSION_START,
        offset=Span(-hours, 0, "h"),
    )


def saline(amount: Amount, duration: Span | None) -> Instruction:
    """So much normal saline after the infusion."""
    return Instruction(
        GIVE,
        "normal saline",
        amount,
        route=Route.INTRAVENOUS,
        anchor=Anchor.INFUSION_END,
        duration=duration,
        kind=InstructionKind.SALINE,
    )


def from_start(low: float, high: float) -> MonitoringPlan:
    """So many hours from the start of the infusion."""
    return MonitoringPlan(observe=Span(low, high, "h"), anchor=Anchor.INFUSION_START)


def hours_after(
    statement: str, doses: tuple[str, str | None], hours: tuple[float, float], setting: Setting | None, *, longer_from: int
) -> Row[MonitoringPlan]:
    """So many hours after the infusion, unless there was CRS or neurotoxicity of the grade from which it is longer."""
    low, high = hours
    return Row(
        statement,
        {POINT: points(*doses), ROLE: Role.LATER, CRS_BEFORE: milder_than(longer_from), NEURO_BEFORE: milder_than(longer_from)},
        MonitoringPlan(observe=Span(low, high, "h"), anchor=Anchor.INFUSION_END, setting=setting),
        f"Monitor for {low:g} h after the infusion." if low == high else f"Monitor for {low:g} to {high:g} h after the infusion.",
        f"{RENUMBERED} Grade {longer_from} or worse applies to CRS, ICANS and other neurotoxicity alike. After grade {longer_from - 1} "
        "ICANS these hours hold.",
    )


def misfit(statement: str, doses: tuple[str, str], later: Amount, *, longer_from: int) -> Row[MonitoringPlan]:
    """A later dose of this amount on one of the first two days, by which no table has one."""
    first, second = doses
    return Row(
        statement,
        {POINT: points(first, second), ROLE: Role.LATER, CRS_BEFORE: milder_than(longer_from), NEURO_BEFORE: milder_than(longer_from)},
        None,
        f"The schedule has no later dose of {later} on {first} or {second}.",
        unsettled="The doses that were given do not fit the schedule.",
    )


# --- drugs that several tables name ---

ANTIPYRETIC: Final = Instruction(GIVE, "antipyretic")
TOCILIZUMAB: Final = Instruction(CONSIDER, "tocilizumab", or_equivalent=True)
TOCILIZUMAB_RECOMMENDED: Final = Instruction(RECOMMEND, "tocilizumab", or_equivalent=True)
FLUIDS: Final = (
    Instruction(GIVE, "oxygen", when="as indicated"),
    Instruction(GIVE, "intravenous fluids", when="as indicated"),
)
SEVERE_SUPPORT: Final = (
    Instruction(GIVE, "vasopressor", when="as needed"),
    Instruction(GIVE, "high-flow oxygen", when="as needed"),
)
INTENSIVE: Final = Instruction(RECOMMEND, "intensive monitoring, such as in an intensive care unit")
INTENSIVE_CARE: Final = Instruction(GIVE, "intensive care")
STEROID_TAPER: Final = Instruction(GIVE, "taper of the steroid", when="if one was given, by standard-of-care guidelines")
TAPERED: Final = (
    "Not all of the marks that lead to the note on the steroid taper could be seen. The taper applies to every grade with a steroid."
)
NEUROLOGIST: Final = Instruction(CONSIDER, "neurology evaluation")
SPECIALISTS: Final = Instruction(CONSIDER, "evaluation by neurology and other specialists")
NEUROLOGIC_SIGNS: Final = Instruction(GIVE, "monitoring of neurologic symptoms")
OTHER_CAUSES_OF_CRS: Final = Instruction(GIVE, "exclude and treat other causes of fever, hypoxia and hypotension")
OTHER_CAUSES: Final = Instruction(GIVE, "exclude other causes of neurologic symptoms")
SUPPORT: Final = Instruction(GIVE, "supportive care")
VENTILATION: Final = Instruction(CONSIDER, "mechanical ventilation for airway protection")
CONVULSIONS: Final = Instruction(GIVE, "treatment of convulsive status epilepticus", when="as needed, by the institution's guideline")
GCSF: Final = Instruction(CONSIDER, "G-CSF")


def dexamethasone(  # noqa: PLR0913  # one parameter a word of the sentence
    modality: Modality,
    amount: Amount | Span,
    *routes: Route,
    every: Span | None = None,
    at_most: int | None = None,
    when: str = "",
    or_else: Instruction | None = None,
) -> Instruction:
    """Dexamethasone or an equivalent against a toxicity, by the first of these routes or, if there are two, the other."""
    route, *others = routes
    return Instruction(
        modality,
        "dexamethasone",
        amount,
        route=route,
        or_route=others[0] if others else None,
        or_equivalent=True,
        every=every,
        at_most=at_most,
        when=when,
        or_else=or_else,
    )


# --- toxicities ---


def in_time(days: int) -> Interval:
    """Up to so many days, from the day itself on."""
    return between(0, days)


def late(days: int) -> Interval:
    """From the day after so many days on."""
    return at_least(days + 1)


def not_again(grade: Grade) -> StopRule:
    """Stopped for good when this grade comes again."""
    return StopRule(GIVE, again=grade)


def within(days: int, grade: Grade) -> StopRule:
    """Stopped for good unless this grade is reached in time."""
    return StopRule(GIVE, at_most=grade, days=days)


def death(statement: str, treatments: tuple[Instruction, ...] = ()) -> Row[ToxicityAction]:
    """Death, if it shares no row with the grade before it. Of the *treatments* ordered at that grade nothing is left."""
    ordered = frozenset(item.what for item in treatments)
    return Row(
        f"{statement}/death",
        {GRADE: Grade.DEATH},
        ToxicityAction(STOP),
        "The patient died: no dose follows.",
        f"{NOT_NAMED} No treatment follows it." if ordered else NOT_NAMED,
        excepted={GRADE: ordered} if ordered else {},
    )


def until_resolved(  # noqa: PLR0913, PLR0917  # one parameter a cell of the table
    statement: str,
    toxicity: str,
    grade: int,
    treatments: tuple[Instruction, ...],
    next_dose: NextDosePrecautions | None = None,
    interpretation: str = "",
    excepted: frozenset[str] = frozenset(),
) -> tuple[Row[ToxicityAction], ...]:
    """A grade at which the drug is held until the episode is over, and then goes on at the next scheduled dose."""
    return (
        Row(
            statement,
            {GRADE: Grade(grade), NOW: ACTIVE},
            ToxicityAction(WITHHOLD, treatments, RESOLVED, next_dose=next_dose),
            f"Grade {grade} {toxicity}: withhold until it resolves.",
            f"{RESOLVED_IS_0} {interpretation}".strip(),
            excepted={GRADE: excepted} if excepted else {},
        ),
        Row(
            f"{statement}/over",
            {GRADE: Grade(grade), NOW: Grade.NONE},
            ToxicityAction(RESUME, next_dose=next_dose),
            f"Grade {grade} {toxicity} has resolved: resume at the next scheduled dose.",
            RESOLVED_IS_0,
        ),
    )


def held_then_stopped(  # noqa: PLR0913, PLR0917  # one parameter a cell of the table
    statement: str,
    toxicity: str,
    grade: int,
    treatments: tuple[Instruction, ...],
    next_dose: NextDosePrecautions | None = None,
    down_to: tuple[Grade, int] | None = None,
) -> tuple[Row[ToxicityAction], ...]:
    """A grade at which the drug is held until the episode is over, and stopped for good when that grade comes again.

    Args:
        statement: The statement of this grade.

        toxicity: What it is called.

        grade: The grade. The next one stops the drug at once.

        treatments: What is ordered.

        next_dose: What is different with the next dose.

        down_to: The grade to which it must be down, and in how many days; else the drug is stopped for good.
    """
    this, first, again = frozenset((Grade(grade),)), milder_than(grade), grade_or_worse(grade)
    stops: tuple[StopRule, ...] = (not_again(Grade(grade)),)
    timely: When = {}
    rows: tuple[Row[ToxicityAction], ...] = ()
    if down_to is not None:
        to, days = down_to
        stops, timely = (within(days, to), *stops), {DAYS: in_time(days)}
        too_late: When = {GRADE: this, EARLIER: first, DAYS: late(days)}
        says = f"Grade {grade} {toxicity} has not improved to grade {to:d} or less within {days} days: stop for good."
        rows = (
            Row(f"{statement}/late", {**too_late, NOW: ACTIVE}, ToxicityAction(STOP, treatments), says, CLOCK),
            Row(f"{statement}/late-over", {**too_late, NOW: Grade.NONE}, ToxicityAction(STOP), says, CLOCK),
        )
    recurs = (
        f"{RECURS} After an earlier grade {grade + 1} the drug is already stopped. The source does not name grade {Grade.DEATH:d}. "
        "Neither answer can be milder."
    )
    return (
        Row(
            statement,
            {GRADE: this, NOW: ACTIVE, EARLIER: first, **timely},
            ToxicityAction(WITHHOLD, treatments, RESOLVED, stops, next_dose),
            f"First grade {grade} {toxicity}: withhold until it resolves.",
            f"{RESOLVED_IS_0} {CLOCK}" if timely else RESOLVED_IS_0,
        ),
        Row(
            f"{statement}/over",
            {GRADE: this, NOW: Grade.NONE, EARLIER: first, **timely},
            ToxicityAction(RESUME, discontinue_if=stops[-1:], next_dose=next_dose),
            f"First grade {grade} {toxicity} has resolved: resume at the next scheduled dose.",
            RESOLVED_IS_0,
        ),
        Row(
            f"{statement}/again",
            {GRADE: this, NOW: ACTIVE, EARLIER: again},
            ToxicityAction(STOP, treatments),
            f"Recurrent grade {grade} {toxicity}: stop for good.",
            recurs,
        ),
        Row(
            f"{statement}/again-over",
            {GRADE: this, NOW: Grade.NONE, EARLIER: again},
            ToxicityAction(STOP),
            f"Recurrent grade {grade} {toxicity} has resolved: the drug stays stopped for good.",
            recurs,
        ),
        *rows,
    )


def stopped(
    statement: str, toxicity: str, grade: int, treatments: tuple[Instruction, ...] = (), interpretation: str = ""
) -> tuple[Row[ToxicityAction], ...]:
    """A grade at which the drug is stopped for good, over or not; and death."""
    return (
        Row(
            statement,
            {GRADE: Grade(grade), NOW: ACTIVE},
            ToxicityAction(STOP, treatments),
            f"Grade {grade} {toxicity}: stop for good.",
            interpretation,
        ),
        Row(
            f"{statement}/over",
            {GRADE: Grade(grade), NOW: Grade.NONE},
            ToxicityAction(STOP),
            f"Grade {grade} {toxicity} has resolved: the drug stays stopped for good.",
        ),
        death(statement, treatments),
    )


def none(statement: str, toxicity: str) -> Row[ToxicityAction]:
    """None of it."""
    return Row(f"{statement}/none", {GRADE: Grade.NONE}, None, f"No {toxicity}: nothing to do.")


EXAMPLE: Final = "Methylprednisolone is an example of a high dose. Its amount, route and days belong to the example."
MODERATE_ALONE: Final = frozenset((SUPPORT.what, NEUROLOGIC_SIGNS.what, SPECIALISTS.what))
"""What the table of ICANS orders at a grade and not at the next worse one: it is taken literally."""


def other(  # noqa: PLR0913  # one parameter a number of the table
    third: str, fourth: str, *, held: int, worse: int, to: int, days: int, again: str = ""
) -> tuple[Row[ToxicityAction], ...]:
    """Other reactions, which are held from one grade on.

    Args:
        third: The statement of the milder of the two grades.

        fourth: The statement of the worse one.

        held: The milder grade, at which stopping is considered only if it is not down in time.

        worse: The worse grade, at which stopping is considered at once.

        to: The grade to which it must be down.

        days: In how many days.

        again: Why it is not settled whether the drug may be given again; empty where it may.
    """
    down = Recovery(Grade(to), ("or baseline",))
    considered = "A clinician decides whether to stop for good."
    over = grade_or_milder(to)
    return (
        Row(
            third,
            {GRADE: Grade(held), NOW: grade_or_milder(held) - over, DAYS: in_time(days)},
            ToxicityAction(WITHHOLD, (), down, (StopRule(CONSIDER, at_most=Grade(to), days=days, or_baseline=True),)),
            f"Other grade {held} reaction: withhold until grade {to} or less, or baseline.",
            f"{CLOCK} Resolved means grade {to} or less. A clinician decides whether a grade {to + 1} was there before treatment.",
        ),
        Row(
            f"{third}/late",
            {GRADE: Grade(held), NOW: grade_or_milder(held) - over, DAYS: late(days)},
            ToxicityAction(WITHHOLD, (), down, (StopRule(CONSIDER),)),
            f"Other grade {held} reaction has not resolved within {days} days: withhold, and consider stopping for good.",
            CLOCK,
        ),
        Row(
            f"{third}/recovered",
            {GRADE: Grade(held), NOW: over, DAYS: in_time(days)},
            None if again else ToxicityAction(RESUME),
            f"Other grade {held} reaction has improved to grade {to} or less in time{'' if again else ': resume'}.",
            CLOCK,
            again,
        ),
        Row(
            f"{third}/recovered-late",
            {GRADE: Grade(held), NOW: over, DAYS: late(days)},
            None,
            f"Other grade {held} reaction took more than {days} days to resolve.",
            CLOCK,
            unsettled=considered,
        ),
        Row(
            fourth,
            {GRADE: Grade(worse), NOW: grade_or_milder(worse) - over},
            ToxicityAction(WITHHOLD, (), down, (StopRule(CONSIDER),)),
            f"Other grade {worse} reaction: withhold until grade {to} or less, or baseline; consider stopping for good.",
        ),
        Row(
            f"{fourth}/recovered",
            {GRADE: Grade(worse), NOW: over},
            None,
            f"Other grade {worse} reaction has improved to grade {to} or less.",
            unsettled=considered,
        ),
        death(fourth),
    )


def open_toxicity(statement: str, toxicity: str, unsettled: str) -> tuple[Row[ToxicityAction], ...]:
    """A toxicity for which a book does not say what to do, unless there is none of it."""
    return (
        Row(statement, {GRADE: ACTIVE}, None, f"What to do about {toxicity}.", unsettled=unsettled),
        none(statement, toxicity),
    )


def liver(  # noqa: PLR0913  # one parameter a number of the table
    third: str,
    fourth: str,
    together: str,
    *,
    held: int,
    to: int,
    stopped: int,
    enzyme: float,
    bilirubin: float,
    by_baseline: bool = False,
) -> Rows:
    """ALT, AST and bilirubin by grade; and together, without another cause.

    Args:
        third: The statement of the grade at which the drug is held.

        fourth: The statement of the grade at which it is stopped.

        together: The statement of the values taken together.

        held: The grade at which the drug is held.

        to: The grade to which it must be down.

        stopped: The grade at which the drug is stopped.

        enzyme: Above how many times its limit ALT or AST counts.

        bilirubin: And bilirubin.

        by_baseline: Whether a raised baseline takes the place of the upper limit.
    """
    of_enzyme, of_bilirubin = (AMINOTRANSFERASE_RISE, BILIRUBIN_RISE) if by_baseline else (AMINOTRANSFERASE, BILIRUBIN)
    limit = "the upper limit, or a raised baseline" if by_baseline else "the upper limit"
    read = "A baseline is raised if it was above the upper limit." if by_baseline else ""
    over = grade_or_milder(to)
    return {
        TOXICITY_ACTION[Toxicity.HEPATOTOXICITY]: (
            Row(
                third,
                {GRADE: Grade(held), NOW: grade_or_milder(held) - over},
                ToxicityAction(WITHHOLD, (), Recovery(Grade(to))),
                f"Grade {held} ALT, AST or bilirubin: withhold until grade {to} or less.",
            ),
            Row(
                f"{third}/recovered",
                {GRADE: Grade(held), NOW: over},
                ToxicityAction(RESUME),
                f"Grade {held} ALT, AST or bilirubin has improved to grade {to} or less: resume.",
            ),
            Row(
                fourth,
                {GRADE: grade_or_worse(stopped)},
                ToxicityAction(STOP),
                f"Grade {stopped} ALT, AST or bilirubin: stop for good.",
                NOT_NAMED,
            ),
            Row(f"{third}/mild", {GRADE: milder_than(held)}, None, f"The table requires nothing at grade {min(ACTIVE):d}-{held - 1}."),
        ),
        DRUG_INDUCED_LIVER_INJURY: (
            Row(
                together,
                {of_enzyme: above(enzyme), of_bilirubin: above(bilirubin), OTHER_CAUSE: False},
                ToxicityAction(STOP),
                f"AST or ALT above {enzyme:g} times and bilirubin above {bilirubin:g} times {limit}, without another cause: stop for good.",
                f"The values are of one sample, or at most a day apart; in an assessment, also the latest of each. {read}".strip(),
            ),
            Row(
                f"{together}/other-cause",
                {of_enzyme: above(enzyme), of_bilirubin: above(bilirubin), OTHER_CAUSE: True},
                None,
                "With another cause, each value counts by its own grade.",
            ),
            Row(
                f"{together}/bilirubin",
                {of_enzyme: above(enzyme), of_bilirubin: at_most(bilirubin)},
                None,
                f"Bilirubin is not above {bilirubin:g} times {limit}.",
            ),
            Row(f"{together}/enzymes", {of_enzyme: at_most(enzyme)}, None, f"Neither AST nor ALT is above {enzyme:g} times {limit}."),
        ),
    }


def noted(rows: Rows, readings: Mapping[str, str]) -> Rows:
    """The same rows, some of them with a further interpretation, by their ids."""
    return {
        question: tuple(
            evolve(row, interpretation=f"{row.interpretation} {readings[row.id]}".strip()) if row.id in readings else row for row in group
        )
        for question, group in rows.items()
    }


def next_doses(*rows: Row[DoseStep]) -> Rows:
    """The rows of the question which dose comes next."""
    return {NEXT_DOSE: rows}
