"""What rules answer: the types of their values, and how the answers of several rows become one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, TypeVar

from attrs import asdict, field, frozen

from tarlatamab_rules.decisions import DoseAction, Ranked
from tarlatamab_rules.errors import TableError
from tarlatamab_rules.evidence import Reason
from tarlatamab_rules.inputs.analytes import Analyte
from tarlatamab_rules.inputs.labs import LabResult
from tarlatamab_rules.inputs.vocabulary import Grade
from tarlatamab_rules.units import Amount, Span

__all__ = [
    "Anchor",
    "Contraception",
    "ContraceptionWindow",
    "Eligibility",
    "InfusionPlan",
    "Instruction",
    "LabNeed",
    "LabStanding",
    "LabsDue",
    "Modality",
    "MonitoringPlan",
    "NearCare",
    "PossibleGrades",
    "PremedicationPlan",
    "Route",
    "Setting",
    "SetupFit",
    "Standing",
    "Steroid",
    "ToxicityAction",
    "every_instruction",
    "one_infusion",
    "one_plan",
]

T = TypeVar("T")
P = TypeVar("P", bound="MonitoringPlan | InfusionPlan")


# --- words ---


class Eligibility(Ranked):
    """Whether the drug is for this patient: eligible < needs-assessment < excluded."""

    ELIGIBLE = "eligible"
    NEEDS_ASSESSMENT = "needs-assessment"
    EXCLUDED = "excluded"


class SetupFit(Ranked):
    """Whether an actual infusion is set up as planned: as-planned < warning < mismatch."""

    AS_PLANNED = "as-planned"
    WARNING = "warning"
    MISMATCH = "mismatch"


class LabNeed(StrEnum):
    """What a dose wants of a laboratory result."""

    REQUIRED = "required"
    RECOMMENDED = "recommended"
    NOT_ASKED = "not-asked"


class Standing(StrEnum):
    """Whether a laboratory result counts for a dose, and why not."""

    COUNTS = "counts"
    MISSING = "missing"
    TOO_OLD = "too-old"
    BEFORE_LAST_DOSE = "before-last-dose"
    AFTER_PLANNED_START = "after-planned-start"
    UNDATED = "undated"
    OPEN = "open"
    REPLACED = "replaced"


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
    ORAL = "oral"
    INTRAMUSCULAR = "intramuscular"
    INTRA_ARTICULAR = "intra-articular"
    OTHER = "other"


class Steroid(StrEnum):
    """A corticosteroid with a known relative dose."""

    DEXAMETHASONE = "dexamethasone"
    BETAMETHASONE = "betamethasone"
    METHYLPREDNISOLONE = "methylprednisolone"
    TRIAMCINOLONE = "triamcinolone"
    PREDNISONE = "prednisone"
    PREDNISOLONE = "prednisolone"
    HYDROCORTISONE = "hydrocortisone"
    CORTISONE = "cortisone"


if TYPE_CHECKING:
    RouteLike: TypeAlias = Route | Literal["intravenous", "oral", "intramuscular", "intra-articular", "other"]
    SteroidLike: TypeAlias = (
        Steroid
        | Literal[
            "dexamethasone",
            "betamethasone",
            "methylprednisolone",
            "triamcinolone",
            "prednisone",
            "prednisolone",
            "hydrocortisone",
            "cortisone",
        ]
    )


# --- plans ---


@frozen
class Instruction:
    """One thing to do.

    Attributes:
        modality: How strongly the source says it.

        what: A drug or a measure, such as ``dexamethasone`` or ``neurology consult``.

        amount: How much of it.

        route: How it is given.

        or_equivalent: Whether the source allows an equivalent; `equivalent_dose` computes one for a steroid.

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


@frozen(kw_only=True)
class InfusionPlan:
    """How the drug is infused. A field is ``None`` where the source does not say.

    Attributes:
        route: How it is given.

        duration: Over how long, in hours.

        rate: How fast, in mL/h.

        pump: Whether an infusion pump is used.

        constant_rate: Whether the rate stays the same throughout.

        transfer_device: What the source says of closed-system transfer devices.
    """

    route: Route | None = None
    duration: Amount | None = None
    rate: Amount | None = None
    pump: bool | None = None
    constant_rate: bool | None = None
    transfer_device: Modality | None = None

    @property
    def volume(self) -> Amount | None:
        """The volume in mL that rate and duration give; ``None`` where the source has not both."""
        return None if self.rate is None or self.duration is None else Amount(self.rate.value * self.duration.value, "mL")


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

        recommended: To be had as well; a dose does not wait for them.

        during_crs: To be monitored while cytokine release syndrome is active.
    """

    required: tuple[Analyte, ...] = ()
    recommended: tuple[Analyte, ...] = ()
    during_crs: tuple[Analyte, ...] = ()


@frozen
class LabStanding:
    """How one laboratory result stands to a dose.

    Attributes:
        analyte: What was measured, or is asked for.

        need: What the dose wants of it.

        standing: *counts*: the latest that is valid. *missing*: none was reported. *too-old*: older than the greatest age that the caller
            gave. *before-last-dose*: not drawn after the previous dose. *after-planned-start*: in the future of the dose. *undated*: it
            has no date. *open*: another date is missing. *replaced*: a later result counts.

        result: The result; ``None`` where it is missing.

        missing: The facts without which it cannot be told whether it counts.

        reasons: The rows that say what the dose wants of it.
    """

    analyte: Analyte
    need: LabNeed
    standing: Standing
    result: LabResult | None = None
    missing: tuple[str, ...] = ()
    reasons: tuple[Reason, ...] = ()


@frozen
class Contraception:
    """How long contraception is used after the last dose.

    Attributes:
        modality: How strongly the source says it.

        months: For how many calendar months.
    """

    modality: Modality
    months: int


@frozen
class ContraceptionWindow:
    """Until when contraception is used.

    Attributes:
        modality: How strongly the source says it.

        months: For how many calendar months after the last dose.

        until: The last day of them; ``None`` while the day of the last dose is not known.
    """

    modality: Modality
    months: int
    until: date | None = None


@frozen
class PossibleGrades:
    """What a finding leaves open of a grade.

    Attributes:
        grades: The grades that it may be.
    """

    grades: frozenset[Grade]


# --- how the answers of several rows become one ---


def one_plan(plans: Sequence[MonitoringPlan]) -> MonitoringPlan:
    """One plan from rows that each fill some of its fields."""
    return _filled(MonitoringPlan, plans)


def one_infusion(plans: Sequence[InfusionPlan]) -> InfusionPlan:
    """One plan from rows that each fill some of its fields."""
    return _filled(InfusionPlan, plans)


def _filled(kind: type[P], plans: Sequence[P]) -> P:
    filled: dict[str, Any] = {}
    for plan in plans:
        for name, value in asdict(plan, recurse=False).items():
            if value is not None and filled.setdefault(name, value) != value:
                msg = f"two rows fill {name} of one {kind.__name__}, with {filled[name]} and {value}"
                raise TableError(msg)
    return kind(**filled)


def every_instruction(plans: Sequence[PremedicationPlan]) -> PremedicationPlan:
    """The instructions of all rows."""
    return PremedicationPlan(_union(plan.instructions for plan in plans))


def _union(groups: Iterable[tuple[T, ...]]) -> tuple[T, ...]:
    return tuple(dict.fromkeys(item for group in groups for item in group))
