"""What is known of the patient."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Literal, TypeAlias

from attrs import field, frozen

from tarlatamab_rules.core.errors import FieldError
from tarlatamab_rules.core.shown import Shown
from tarlatamab_rules.inputs._fields import number, truth, word

__all__ = ["Diagnosis", "Infection", "Patient"]


class Diagnosis(StrEnum):
    """The cancer that is treated."""

    EXTENSIVE_STAGE_SCLC = "extensive-stage-sclc"
    LIMITED_STAGE_SCLC = "limited-stage-sclc"
    OTHER = "other"


class Infection(StrEnum):
    """Whether an infection is active. *controlled* means active and responding to treatment."""

    NONE = "none"
    CONTROLLED = "controlled"
    UNCONTROLLED = "uncontrolled"


if TYPE_CHECKING:
    DiagnosisLike: TypeAlias = Diagnosis | Literal["extensive-stage-sclc", "limited-stage-sclc", "other"]
    InfectionLike: TypeAlias = Infection | Literal["none", "controlled", "uncontrolled"]

OLDEST = 130
"""The greatest age in years that is accepted."""


def _age(value: float | None) -> float | None:
    return number(value, "age_years", 0, OLDEST)


def _diagnosis(value: DiagnosisLike | None) -> Diagnosis | None:
    return word(Diagnosis, value, "diagnosis")


def _progressed(value: bool | None) -> bool | None:  # noqa: FBT001  # a converter takes its value by position
    return truth(value, "progressed_after_platinum")


def _infection(value: InfectionLike | None) -> Infection | None:
    return word(Infection, value, "infection")


def _childbearing(value: bool | None) -> bool | None:  # noqa: FBT001  # as above
    return truth(value, "childbearing_potential")


def _pregnant(value: bool | None) -> bool | None:  # noqa: FBT001  # as above
    return truth(value, "pregnant")


def _breastfeeding(value: bool | None) -> bool | None:  # noqa: FBT001  # as above
    return truth(value, "breastfeeding")


def _hypersensitivity(value: bool | None) -> bool | None:  # noqa: FBT001  # as above
    return truth(value, "hypersensitivity")


@frozen(kw_only=True)
class Patient(Shown):
    """What is known of the patient. ``None``, the default, means *not known*, never *no*.

    Attributes:
        age_years: Age in years, 0 to 130.

        diagnosis: The cancer that is treated.

        progressed_after_platinum: Whether it progressed on or after platinum-based chemotherapy.

        infection: Whether an infection is active.

        childbearing_potential: Whether the patient can become pregnant. ``False`` also answers `pregnant` and `breastfeeding` if they
            are not known.

        pregnant: Whether the patient is pregnant. Raises `FieldError` if true without childbearing potential.

        breastfeeding: Whether the patient is breast-feeding.

        hypersensitivity: Whether the patient is known to be hypersensitive to the drug.
    """

    age_years: float | None = field(default=None, converter=_age)
    diagnosis: Diagnosis | None = field(default=None, converter=_diagnosis)
    progressed_after_platinum: bool | None = field(default=None, converter=_progressed)
    infection: Infection | None = field(default=None, converter=_infection)
    childbearing_potential: bool | None = field(default=None, converter=_childbearing)
    pregnant: bool | None = field(default=None, converter=_pregnant)
    breastfeeding: bool | None = field(default=None, converter=_breastfeeding)
    hypersensitivity: bool | None = field(default=None, converter=_hypersensitivity)

    def __attrs_post_init__(self) -> None:
        if self.childbearing_potential is False and self.pregnant:
            fix = "one of the two is wrong: correct pregnant or childbearing_potential"
            raise FieldError("pregnant", "a patient without childbearing potential cannot be pregnant", fix)
