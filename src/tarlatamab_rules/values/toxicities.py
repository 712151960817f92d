"""What to do about a toxicity."""

from __future__ import annotations

from datetime import date

from attrs import frozen

from tarlatamab_rules.core.decisions import DoseAction
from tarlatamab_rules.core.shown import Shown
from tarlatamab_rules.inputs.vocabulary import Grade
from tarlatamab_rules.values.plans import Instruction, MonitoringPlan, PremedicationPlan
from tarlatamab_rules.values.vocabulary import Modality

__all__ = ["NextDosePrecautions", "PossibleGrades", "Recovery", "StopRule", "ToxicityAction"]


@frozen
class Recovery(Shown):
    """How far a toxicity must be over before the drug is given again.

    Attributes:
        at_most: The grade at which it may be given again. Grade 0 means resolved; ``None`` means that no grade decides.

        also: What else must be true, such as ``no bleeding``.

        says: The condition in words, if the source does not state it as a grade.

        at_least: For how many days the drug is held in any case.
    """

    at_most: Grade | None
    also: tuple[str, ...] = ()
    says: str = ""
    at_least: int | None = None


@frozen
class StopRule(Shown):
    """When the drug is stopped for good.

    Attributes:
        modality: How strongly the source says it; *consider* leaves it to the clinician.

        at_most: The grade that must be reached in time; ``None`` if there is no time limit.

        days: Within how many calendar days of the onset.

        by: The last of these days; ``None`` while the onset is not known.

        or_baseline: Whether the grade from before treatment is enough as well.

        again: The grade that must not come again; ``None`` if recurrence does not matter.
    """

    modality: Modality
    at_most: Grade | None = None
    days: int | None = None
    by: date | None = None
    or_baseline: bool = False
    again: Grade | None = None


@frozen
class NextDosePrecautions(Shown):
    """What is different with the next dose because of the toxicity. A field is ``None`` if nothing is different.

    Attributes:
        premedication: What is given before and after it.

        monitoring: How long the patient is watched.
    """

    premedication: PremedicationPlan | None = None
    monitoring: MonitoringPlan | None = None


@frozen
class ToxicityAction(Shown):
    """What to do about one toxicity.

    Attributes:
        action: What happens to the drug.

        treatments: What to do for the patient at the worst grade of the episode; listed for active events only.

        resume_when: How far it must be over before the drug is given again; ``None`` if the source does not say.

        discontinue_if: When the drug is stopped for good instead.

        next_dose: What is different with the next dose; ``None`` if the source does not say.
    """

    action: DoseAction
    treatments: tuple[Instruction, ...] = ()
    resume_when: Recovery | None = None
    discontinue_if: tuple[StopRule, ...] = ()
    next_dose: NextDosePrecautions | None = None


@frozen
class PossibleGrades(Shown):
    """The grades that findings leave open.

    Attributes:
        grades: The grades that the toxicity may have.
    """

    grades: frozenset[Grade]
