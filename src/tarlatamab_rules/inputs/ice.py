"""The ten points of the ICE tool, item by item."""

from __future__ import annotations

from attrs import field, frozen

from tarlatamab_rules.inputs._fields import truth, whole
from tarlatamab_rules.inputs.vocabulary import OBJECTS
from tarlatamab_rules.showing import Shown

__all__ = ["IceTest"]


def _year(value: bool | None) -> bool | None:  # noqa: FBT001  # a converter takes its value by position
    return truth(value, "year")


def _month(value: bool | None) -> bool | None:  # noqa: FBT001  # as above
    return truth(value, "month")


def _city(value: bool | None) -> bool | None:  # noqa: FBT001  # as above
    return truth(value, "city")


def _hospital(value: bool | None) -> bool | None:  # noqa: FBT001  # as above
    return truth(value, "hospital")


def _objects_named(value: int | None) -> int | None:
    return whole(value, "objects_named", 0, OBJECTS)


def _command(value: bool | None) -> bool | None:  # noqa: FBT001  # as above
    return truth(value, "command")


def _sentence(value: bool | None) -> bool | None:  # noqa: FBT001  # as above
    return truth(value, "sentence")


def _counting(value: bool | None) -> bool | None:  # noqa: FBT001  # as above
    return truth(value, "counting")


@frozen(kw_only=True)
class IceTest(Shown):
    """What a patient did of the Immune Effector Cell-Associated Encephalopathy (ICE) tool. ``None`` is *not known*, never *failed*.

    Attributes:
        year: Whether the patient knows the year.

        month: The month.

        city: The city.

        hospital: The hospital.

        objects_named: How many of three objects the patient names.

        command: Whether the patient follows a simple command, such as to show two fingers.

        sentence: Whether the patient writes a standard sentence.

        counting: Whether the patient counts backwards from 100 by ten.
    """

    year: bool | None = field(default=None, converter=_year)
    month: bool | None = field(default=None, converter=_month)
    city: bool | None = field(default=None, converter=_city)
    hospital: bool | None = field(default=None, converter=_hospital)
    objects_named: int | None = field(default=None, converter=_objects_named)
    command: bool | None = field(default=None, converter=_command)
    sentence: bool | None = field(default=None, converter=_sentence)
    counting: bool | None = field(default=None, converter=_counting)
