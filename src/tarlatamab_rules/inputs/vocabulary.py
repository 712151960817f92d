"""The words in which toxicities and findings are reported."""

from __future__ import annotations

from enum import IntEnum, StrEnum
from typing import TYPE_CHECKING, Literal, TypeAlias

__all__ = ["Consciousness", "EventStatus", "Grade", "Hypotension", "Oxygen", "RaisedPressure", "Scale", "Seizure", "Symptom", "Toxicity"]

OBJECTS = 3
"""How many objects a patient is asked to name in the ICE tool."""


class Grade(IntEnum):
    """The severity of a toxicity: 0 (none) to 5 (death)."""

    NONE = 0
    MILD = 1
    MODERATE = 2
    SEVERE = 3
    LIFE_THREATENING = 4
    DEATH = 5


class Scale(StrEnum):
    """The scale of a grade. Scales differ, so a grade needs its scale."""

    ASTCT_2019 = "astct-2019"
    CTCAE_5 = "ctcae-5.0"
    CTCAE_6 = "ctcae-6.0"


class Toxicity(StrEnum):
    """The toxicity. *icans* is immune effector cell-associated neurotoxicity; *neurotoxicity* is any other neurotoxicity."""

    CRS = "crs"
    ICANS = "icans"
    NEUROTOXICITY = "neurotoxicity"
    NEUTROPENIA = "neutropenia"
    FEBRILE_NEUTROPENIA = "febrile-neutropenia"
    ANEMIA = "anemia"
    THROMBOCYTOPENIA = "thrombocytopenia"
    INFECTION = "infection"
    HEPATOTOXICITY = "hepatotoxicity"
    HYPERSENSITIVITY = "hypersensitivity"
    OTHER = "other"


class EventStatus(StrEnum):
    """Whether an episode is still active."""

    ACTIVE = "active"
    RESOLVED = "resolved"
    UNKNOWN = "unknown"


class Hypotension(StrEnum):
    """The treatment that a low blood pressure needs. Vasopressin is a separate fact."""

    NONE = "none"
    RESPONDS_TO_FLUIDS = "responds-to-fluids"
    ONE_VASOPRESSOR = "one-vasopressor"
    SEVERAL_VASOPRESSORS = "several-vasopressors"


class Oxygen(StrEnum):
    """The oxygen that hypoxia needs."""

    NONE = "none"
    LOW_FLOW = "low-flow"
    HIGH_FLOW = "high-flow"
    MASK = "mask"
    POSITIVE_PRESSURE = "positive-pressure"


class Consciousness(StrEnum):
    """What wakes a patient."""

    ALERT = "alert"
    AWAKENS_SPONTANEOUSLY = "awakens-spontaneously"
    AWAKENS_TO_VOICE = "awakens-to-voice"
    AWAKENS_TO_TOUCH = "awakens-to-touch"
    UNAROUSABLE = "unarousable"


class Seizure(StrEnum):
    """Seizures: *brief* resolves rapidly, *prolonged* is long or repetitive without return to baseline."""

    NONE = "none"
    BRIEF = "brief"
    PROLONGED = "prolonged"


class RaisedPressure(StrEnum):
    """Signs of raised intracranial pressure: local oedema, or diffuse oedema and its clinical signs."""

    NONE = "none"
    FOCAL = "focal"
    DIFFUSE = "diffuse"


class Symptom(StrEnum):
    """Key symptoms of neurotoxicity."""

    CONFUSION = "confusion"
    SEIZURES = "seizures"
    MUSCLE_WEAKNESS = "muscle-weakness"
    SPEECH_DISORDER = "speech-disorder"


if TYPE_CHECKING:
    GradeLike: TypeAlias = Grade | Literal[0, 1, 2, 3, 4, 5]
    ScaleLike: TypeAlias = Scale | Literal["astct-2019", "ctcae-5.0", "ctcae-6.0"]
    StatusLike: TypeAlias = EventStatus | Literal["active", "resolved", "unknown"]
    HypotensionLike: TypeAlias = Hypotension | Literal["none", "responds-to-fluids", "one-vasopressor", "several-vasopressors"]
    OxygenLike: TypeAlias = Oxygen | Literal["none", "low-flow", "high-flow", "mask", "positive-pressure"]
    ConsciousnessLike: TypeAlias = (
        Consciousness | Literal["alert", "awakens-spontaneously", "awakens-to-voice", "awakens-to-touch", "unarousable"]
    )
    SeizureLike: TypeAlias = Seizure | Literal["none", "brief", "prolonged"]
    RaisedPressureLike: TypeAlias = RaisedPressure | Literal["none", "focal", "diffuse"]
    SymptomLike: TypeAlias = Symptom | Literal["confusion", "seizures", "muscle-weakness", "speech-disorder"]
    ToxicityLike: TypeAlias = (
        Toxicity
        | Literal[
            "crs",
            "icans",
            "neurotoxicity",
            "neutropenia",
            "febrile-neutropenia",
            "anemia",
            "thrombocytopenia",
            "infection",
            "hepatotoxicity",
            "hypersensitivity",
            "other",
        ]
    )
