"""The arguments of `read`, checked."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from tarlatamab_rules.core.errors import FieldError, FieldTypeError, shown
from tarlatamab_rules.formats.fhir.bundles import Found
from tarlatamab_rules.formats.fhir.codes import lookup_with
from tarlatamab_rules.formats.fhir.draft import Setting
from tarlatamab_rules.formats.fhir.requirements import asked_for
from tarlatamab_rules.inputs._fields import is_aware, moment, word
from tarlatamab_rules.inputs._zones import zone_of
from tarlatamab_rules.inputs.course import DosePoint
from tarlatamab_rules.inputs.vocabulary import Scale

if TYPE_CHECKING:
    from tarlatamab_rules.formats.fhir.codes import Coding
    from tarlatamab_rules.inputs._fields import When
    from tarlatamab_rules.inputs.vocabulary import ScaleLike
    from tarlatamab_rules.rulebooks._book import Rulebook

__all__ = ["check_points", "complete_of", "points_of", "setting_of"]

_ADMINISTRATION: Final = "MedicationAdministration"
_PARTS: Final = ("course", "events")


def setting_of(  # noqa: PLR0913, PLR0917  # one parameter an argument
    point: DosePoint | str,
    planned_start: When | None,
    site_zone: str | None,
    rulebook: Rulebook | str | None,
    codes: Mapping[Coding, str] | None,
    ctcae: ScaleLike | None,
    state_age: timedelta,
) -> Setting:
    """What the caller said, checked."""
    if not isinstance(state_age, timedelta):
        raise FieldTypeError("state_age", f"{shown(state_age)} is not a duration", "pass datetime.timedelta(days=7)")
    if state_age < timedelta():
        raise FieldError("state_age", "is negative", "pass datetime.timedelta(days=7)")
    start, dose = moment(planned_start, "planned_start"), DosePoint.of(point)
    if isinstance(start, datetime) and not is_aware(start):
        raise FieldError("planned_start", f"{start} has no UTC offset, and the times of FHIR have one", "pass it with its UTC offset")
    scale = word(Scale, ctcae, "ctcae")
    if scale is Scale.ASTCT_2019:
        raise FieldError("ctcae", f"{str(scale)!r} is no version of CTCAE", "pass 'ctcae-5.0' or 'ctcae-6.0'")
    zone = None if site_zone is None else zone_of(site_zone)
    return Setting(dose, start, zone, lookup_with(codes), asked_for(dose, rulebook), scale, state_age)


def points_of(points: Mapping[str, DosePoint | str] | None) -> dict[str, DosePoint]:
    """Which dose each administration was, by its reference."""
    if points is None:
        return {}
    if not isinstance(points, Mapping):
        raise FieldTypeError("points", f"{shown(points)} is not a mapping", "pass {'MedicationAdministration/1': 'C1D1'}")
    return {reference: DosePoint.of(point) for reference, point in points.items()}


def complete_of(complete: Collection[str]) -> set[str]:
    """The parts of which the resources hold everything."""
    if not isinstance(complete, list | tuple | set | frozenset) or any(part not in _PARTS for part in complete):
        raise FieldError("complete", f"{shown(complete)} are not parts of a case", f"pass some of {', '.join(_PARTS)}, in a list")
    return set(complete)


def check_points(points: Mapping[str, DosePoint], found: tuple[Found, ...]) -> None:
    """Raises `FieldError` for a reference that no administration has: the caller counts on a dose that is not there."""
    given = {f"MedicationAdministration/{item.resource.get('id')}" for item in found if item.resource and item.type == _ADMINISTRATION}
    for reference in points:
        if reference not in given:
            fix = "write it like 'MedicationAdministration/1', by the id of the resource"
            raise FieldError("points", f"{shown(reference)} is no administration among the resources", fix)
