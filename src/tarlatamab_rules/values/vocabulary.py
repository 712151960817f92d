"""The words of answers."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Literal, TypeAlias

from tarlatamab_rules.core.decisions import Ranked

__all__ = [
    "Anchor",
    "Eligibility",
    "InfusionStep",
    "InstructionKind",
    "LabNeed",
    "Modality",
    "Role",
    "Route",
    "Setting",
    "SetupFit",
    "Standing",
    "Steroid",
]


class Eligibility(Ranked):
    """Whether the drug is for this patient: eligible < needs-assessment < excluded."""

    ELIGIBLE = "eligible"
    NEEDS_ASSESSMENT = "needs-assessment"
    EXCLUDED = "excluded"


class SetupFit(Ranked):
    """Whether an infusion is set up as planned: as-planned < warning < mismatch."""

    AS_PLANNED = "as-planned"
    WARNING = "warning"
    MISMATCH = "mismatch"


class LabNeed(Ranked):
    """What a dose wants of a laboratory result: not-asked < recommended < required."""

    NOT_ASKED = "not-asked"
    RECOMMENDED = "recommended"
    REQUIRED = "required"


class Standing(StrEnum):
    """Whether a laboratory result counts for a dose, or why it does not."""

    COUNTS = "counts"
    MISSING = "missing"
    TOO_OLD = "too-old"
    BEFORE_LAST_DOSE = "before-last-dose"
    AFTER_PLANNED_START = "after-planned-start"
    UNDATED = "undated"
    OPEN = "open"
    REPLACED = "replaced"


class Modality(StrEnum):
    """How strongly a source says something. *Consider* never becomes an order."""

    GIVE = "give"
    RECOMMEND = "recommend"
    CONSIDER = "consider"
    AVOID = "avoid"


class InstructionKind(StrEnum):
    """What an instruction is to the plan of a course. A *measure* is a drug or anything else that has no entry of its own kind.

    *hydration* goes before an infusion, *saline* is the fluid after it, and *teaching* prepares patient and caregiver for going home.
    """

    MEASURE = "measure"
    HYDRATION = "hydration"
    SALINE = "saline"
    TEACHING = "teaching"


class Anchor(StrEnum):
    """The moment from which hours are counted. The actual end of an infusion takes precedence over the planned one."""

    INFUSION_START = "infusion-start"
    INFUSION_END = "infusion-end"


class Setting(StrEnum):
    """Where a patient is watched."""

    HOSPITAL = "hospital"
    HEALTHCARE = "appropriate-healthcare-setting"


class Role(StrEnum):
    """What a dose is in the course: the first 1 mg, the first 10 mg after it, or a later 10 mg. After a restart the roles come back."""

    STEP_UP = "step-up"
    FIRST_FULL = "first-full"
    LATER = "later"


class InfusionStep(Ranked):
    """What happens to an infusion that is running: continue < stop."""

    CONTINUE = "continue"
    STOP = "stop"


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
    RoleLike: TypeAlias = Role | Literal["step-up", "first-full", "later"]
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
