"""What is asked: the questions, the facts that each asks about, and the types of their answers.

Every rulebook fills the same questions, so that books print, stack and differ alike.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from math import inf
from typing import Any, Final, TypeVar

from attrs import asdict, field, frozen

from tarlatamab_rules.decisions import DoseAction, Ranked
from tarlatamab_rules.errors import TableError
from tarlatamab_rules.inputs.analytes import Analyte
from tarlatamab_rules.inputs.course import DosePoint
from tarlatamab_rules.inputs.findings import FULL_ICE, Grade, Toxicity, grades_of
from tarlatamab_rules.inputs.patient import Diagnosis, Infection
from tarlatamab_rules.intervals import Interval, between
from tarlatamab_rules.tables import Bands, Choices, Impossible, Question
from tarlatamab_rules.units import Amount, Span

T = TypeVar("T")
_YES_NO = (True, False)


# --- answers ---


class Eligibility(Ranked):
    """Whether the drug is for this patient: eligible < needs-assessment < excluded."""

    ELIGIBLE = "eligible"
    NEEDS_ASSESSMENT = "needs-assessment"
    EXCLUDED = "excluded"


class Modality(StrEnum):
    """How strongly a source says it. *Consider* never turns into an order."""

    GIVE = "give"
    RECOMMEND = "recommend"
    CONSIDER = "consider"
    AVOID = "avoid"


class Anchor(StrEnum):
    """The moment from which hours are counted; a real end of infusion beats the planned one."""

    INFUSION_START = "infusion-start"
    INFUSION_END = "infusion-end"


class Setting(StrEnum):
    """Where a patient is watched."""

    HOSPITAL = "hospital"


class Route(StrEnum):
    """How a drug is given."""

    INTRAVENOUS = "intravenous"


@frozen
class Instruction:
    """One thing to do.

    Attributes:
        modality: How strongly the source says it.

        what: A drug or a measure, such as ``dexamethasone`` or ``neurology consult``.

        amount: How much of it.

        route: How it is given.

        or_equivalent: Whether the source allows an equivalent.

        anchor: The moment from which `offset` is counted; with no offset, it is done at or after this moment.

        offset: How long before (negative) or after the anchor.

        duration: Over how long it is given.
    """

    modality: Modality
    what: str
    amount: Amount | None = None
    route: Route | None = field(default=None, kw_only=True)
    or_equivalent: bool = field(default=False, kw_only=True)
    anchor: Anchor | None = field(default=None, kw_only=True)
    offset: Span | None = field(default=None, kw_only=True)
    duration: Span | None = field(default=None, kw_only=True)

    @property
    def rate(self) -> Span | None:
        """The rate that amount and duration give; ``None`` where the source has not both."""
        if self.amount is None or self.duration is None:
            return None
        unit = f"{self.amount.unit}/{self.duration.unit}"
        return Span(self.amount.value / self.duration.high, self.amount.value / self.duration.low, unit)


@frozen
class PremedicationPlan:
    """What is given before and after an infusion.

    Attributes:
        instructions: In the order in which they are due.
    """

    instructions: tuple[Instruction, ...] = ()


@frozen
class NearCare:
    """Staying close to care after leaving.

    Attributes:
        hours: For how long, from the anchor of the plan.

        within: How far away at most, as a travel time.

        caregiver: Whether a caregiver must be there.
    """

    hours: Span
    within: Span
    caregiver: bool


@frozen
class MonitoringPlan:
    """How long a patient is watched after a dose.

    Attributes:
        observe: For how long, in hours.

        anchor: From which moment.

        setting: Where; ``None`` where the source does not say.

        near_care: How close to care to stay after that; ``None`` where the source asks nothing.
    """

    observe: Span | None = None
    anchor: Anchor | None = None
    setting: Setting | None = None
    near_care: NearCare | None = None


@frozen
class ToxicityAction:
    """What one toxicity obliges one to do.

    Attributes:
        action: What happens to the drug.

        treatments: What to do for the patient; listed for active events only.
    """

    action: DoseAction
    treatments: tuple[Instruction, ...] = ()


@frozen
class LabsDue:
    """Which laboratory results a dose asks for.

    Attributes:
        required: Without these the dose waits.
    """

    required: tuple[Analyte, ...] = ()


@frozen
class PossibleGrades:
    """What a finding leaves open of a grade.

    Attributes:
        grades: The grades that it may be, lowest first.
    """

    grades: frozenset[Grade]


# --- how the answers of several rows become one ---


def _one_plan(plans: Sequence[MonitoringPlan]) -> MonitoringPlan:
    filled: dict[str, Any] = {}
    for plan in plans:
        for name, value in asdict(plan, recurse=False).items():
            if value is not None and filled.setdefault(name, value) != value:
                msg = f"two rows fill {name} of a monitoring plan, with {filled[name]} and {value}"
                raise TableError(msg)
    return MonitoringPlan(**filled)


def _every_instruction(plans: Sequence[PremedicationPlan]) -> PremedicationPlan:
    return PremedicationPlan(_union(plan.instructions for plan in plans))


def _every_lab(due: Sequence[LabsDue]) -> LabsDue:
    return LabsDue(_union(labs.required for labs in due))


def _union(groups: Iterable[tuple[T, ...]]) -> tuple[T, ...]:
    return tuple(dict.fromkeys(item for group in groups for item in group))


# --- facts ---

_NUMBERS = between(0, inf)


def _dose(number: float) -> str:
    return "later" if number == inf else str(DosePoint.at(int(number)))


def _times(ratio: float) -> str:
    return f"{ratio:g} x"


AGE: Final = Bands("age_years", _NUMBERS)
DIAGNOSIS: Final = Choices("diagnosis", tuple(Diagnosis))
PROGRESSED: Final = Choices("progressed_after_platinum", _YES_NO)
INFECTION: Final = Choices("infection", tuple(Infection))
CHILDBEARING: Final = Choices("childbearing_potential", _YES_NO)
PREGNANT: Final = Choices("pregnant", _YES_NO)
BREASTFEEDING: Final = Choices("breastfeeding", _YES_NO)

POINT: Final = Bands("point", between(1, inf), whole=True, show=_dose)
"""The place of a dose in the schedule."""

HISTORY: Final = Choices("history", tuple(Grade))
"""The worst grade of any toxicity so far."""

TOXICITY: Final = Choices("toxicity", tuple(Toxicity))
GRADE: Final = Choices("grade", tuple(Grade))

OVER: Final = Choices("status", _YES_NO)
"""Whether the episode has ended."""

RECURRENT: Final = Choices("history", _YES_NO)
"""Whether an earlier episode of the same toxicity has ended."""

ICE: Final = Bands("ice", between(0, FULL_ICE), whole=True)

OTHER_FINDING: Final = Choices("findings", _YES_NO)
"""Whether there is a neurologic finding beside the ICE score: depressed consciousness, a seizure, weakness, raised pressure."""

VALUE: Final = Bands("value", _NUMBERS)
"""A laboratory value in the unit of its analyte."""

ABOVE_UPPER_LIMIT: Final = Choices("upper_limit", _YES_NO)
"""Whether a value is above the upper limit of normal."""

SYMPTOMATIC: Final = Choices("symptoms", _YES_NO)
"""Whether an abnormal value causes symptoms."""

BELOW_LOWER_LIMIT: Final = Choices("lower_limit", _YES_NO)
"""Whether a value is below the lower limit of normal."""

TIMES_UPPER_LIMIT: Final = Bands("upper_limit", _NUMBERS, show=_times)
"""A value in multiples of the upper limit of normal."""

BASELINE: Final = Choices("baseline", ("normal", "abnormal"))
"""Whether the value before treatment was abnormal."""

TIMES_BASELINE: Final = Bands("baseline", _NUMBERS, show=_times)
"""A value in multiples of the value before treatment."""


def points(first: str, last: str | None = None) -> Interval:
    """From one dose to another, both included; without a last, and all later ones."""
    return Interval(DosePoint.of(first).number, inf if last is None else DosePoint.of(last).number)


def grades(*numbers: int) -> frozenset[Grade]:
    """These grades."""
    return frozenset(map(Grade, numbers))


# --- questions ---

ELIGIBILITY: Final = (
    Question("eligibility", (AGE,), Eligibility),
    Question("eligibility", (DIAGNOSIS,), Eligibility),
    Question("eligibility", (PROGRESSED,), Eligibility),
    Question("eligibility", (INFECTION,), Eligibility),
    Question(
        "eligibility",
        (CHILDBEARING, PREGNANT),
        Eligibility,
        impossible=(Impossible({CHILDBEARING: False, PREGNANT: True}, "pregnant without childbearing potential cannot be"),),
    ),
    Question("eligibility", (BREASTFEEDING,), Eligibility),
)
"""One question a criterion: the criteria hang together only in that the strictest answer stands."""

BY_AGE, BY_DIAGNOSIS, BY_PROGRESSION, BY_INFECTION, BY_PREGNANCY, BY_LACTATION = ELIGIBILITY

PREMEDICATION: Final = Question("premedication_plan", (POINT,), PremedicationPlan, fold=_every_instruction)

MONITORING: Final = Question("monitoring_duration", (POINT, HISTORY), MonitoringPlan, fold=_one_plan)

LABS_DUE: Final = Question("labs_due", (POINT,), LabsDue, fold=_every_lab)

TOXICITY_ACTION: Final = Question(
    "toxicity_action",
    (TOXICITY, GRADE, OVER, RECURRENT),
    ToxicityAction,
    impossible=tuple(
        Impossible({TOXICITY: toxicity, GRADE: frozenset(Grade) - grades_of(toxicity)}, f"{toxicity} does not have this grade in CTCAE")
        for toxicity in Toxicity
        if grades_of(toxicity) < frozenset(Grade)
    ),
)

NEURO_GRADE: Final = Question("toxicity_action", (ICE, OTHER_FINDING), PossibleGrades)
"""Which grades of neurotoxicity the findings leave open; where a book is silent, any."""

_BELOW_NORMAL = (VALUE, BELOW_LOWER_LIMIT)
_ABOVE_NORMAL = (TIMES_UPPER_LIMIT, BASELINE, TIMES_BASELINE)
_BOTH_WAYS = (VALUE, BELOW_LOWER_LIMIT, ABOVE_UPPER_LIMIT, SYMPTOMATIC)
_SWAPPED = Impossible({BELOW_LOWER_LIMIT: True, ABOVE_UPPER_LIMIT: True}, "below the lower limit and above the upper one cannot be")

LAB_GRADE: Final[Mapping[Analyte, Question[Grade]]] = {
    analyte: Question("grade_lab", axes, Grade, impossible=(_SWAPPED,) if axes is _BOTH_WAYS else ())
    for axes, analytes in (
        (_BOTH_WAYS, (Analyte.SODIUM, Analyte.POTASSIUM)),
        (_BELOW_NORMAL, (Analyte.NEUTROPHILS, Analyte.WHITE_CELLS, Analyte.LYMPHOCYTES, Analyte.HEMOGLOBIN, Analyte.PLATELETS)),
        (_ABOVE_NORMAL, (Analyte.ALT, Analyte.AST, Analyte.BILIRUBIN, Analyte.ALKALINE_PHOSPHATASE)),
    )
    for analyte in analytes
}
"""How severe a laboratory value is; an analyte that is left out is not graded yet."""

LAB_TOXICITY: Final[Mapping[Analyte, Toxicity]] = {
    Analyte.NEUTROPHILS: Toxicity.NEUTROPENIA,
    Analyte.HEMOGLOBIN: Toxicity.ANEMIA,
    Analyte.PLATELETS: Toxicity.THROMBOCYTOPENIA,
    Analyte.ALT: Toxicity.HEPATOTOXICITY,
    Analyte.AST: Toxicity.HEPATOTOXICITY,
    Analyte.BILIRUBIN: Toxicity.HEPATOTOXICITY,
}
"""Which toxicity a graded laboratory value is a sign of; of no entry, *other*."""

DIFFERS_BY_SCALE: Final = frozenset((Toxicity.NEUTROPENIA, Toxicity.THROMBOCYTOPENIA, Toxicity.HEPATOTOXICITY))
"""The toxicities of laboratory values whose grades are not the same in CTCAE 5.0 and 6.0."""
