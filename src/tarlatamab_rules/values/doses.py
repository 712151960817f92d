"""Which dose comes next, and how it is prepared."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from attrs import frozen

from tarlatamab_rules.core.shown import Shown
from tarlatamab_rules.inputs.course import DosePoint
from tarlatamab_rules.inputs.kinds import CONCENTRATION, DURATION, MASS, TEMPERATURE, VOLUME, Kind
from tarlatamab_rules.inputs.units import Amount, Span, span_in, take
from tarlatamab_rules.values.plans import filled
from tarlatamab_rules.values.vocabulary import Modality, Role

__all__ = [
    "AfterLastDose",
    "BreastfeedingWindow",
    "ContraceptionWindow",
    "Deadlines",
    "DoseStep",
    "Mixing",
    "NextDose",
    "Preparation",
    "Storage",
    "one_preparation",
]


def _keep(answer: object, kinds: Mapping[str, Kind]) -> None:
    """Puts quantities into the units that their fields are kept in."""
    for name, kind in kinds.items():
        value = getattr(answer, name)
        object.__setattr__(answer, name, span_in(value, kind, name) if isinstance(value, Span) else take(value, kind, name))


@frozen
class DoseStep(Shown):
    """What follows the dose that was given last.

    Attributes:
        amount: How much is given; kept in mg.

        role: What the dose is in the course.

        after: How many days after the last dose it is due; 0 for a dose that is due at once.

        restart: Whether the step-up begins anew.
    """

    amount: Amount
    role: Role
    after: int = 0
    restart: bool = False

    def __attrs_post_init__(self) -> None:
        _keep(self, {"amount": MASS})


@frozen
class NextDose(Shown):
    """The dose that comes next.

    Attributes:
        point: Its place in the schedule; ``None`` while the course is not known. No source says how doses are numbered after a restart;
            here the count goes on.

        amount: How much is given.

        role: What the dose is in the course.

        restart: Whether the step-up begins anew with it.

        due: The first day on which the schedule allows it; ``None`` while the day of the last dose is not known, or before the first.

        latest: The last day on which it is still this dose. Only in an answer for every day; ``None`` if it stays this dose.

        later: What follows from the day after `latest` on, with a `latest` of its own if that changes again.
    """

    point: DosePoint | None
    amount: Amount
    role: Role
    restart: bool = False
    due: date | None = None
    latest: date | None = None
    later: NextDose | None = None


@frozen(kw_only=True)
class Mixing(Shown):
    """How a dose is mixed. Masses are kept in mg, volumes in mL, concentrations in mg/mL.

    Attributes:
        vial: The strength of the vial; one vial makes one dose.

        water: Sterile water for injection to reconstitute it with.

        concentration: The concentration of the reconstituted drug.

        bag: The infusion bag of 0.9 % sodium chloride.

        discarded: What is first withdrawn from the bag and discarded.

        stabilizer: IV solution stabilizer that is added to the bag, never to the vial.

        stabilizer_vial: What one vial of the stabilizer holds.

        drug: The reconstituted drug that is added last.
    """

    vial: Amount
    water: Amount
    concentration: Amount
    bag: Amount
    discarded: Amount
    stabilizer: Amount
    stabilizer_vial: Amount
    drug: Amount

    def __attrs_post_init__(self) -> None:
        volumes = ("water", "bag", "discarded", "stabilizer", "stabilizer_vial", "drug")
        _keep(self, {"vial": MASS, "concentration": CONCENTRATION} | dict.fromkeys(volumes, VOLUME))

    @property
    def stabilizer_vials(self) -> int:
        """How many vials of the stabilizer it takes."""
        return int(-(-self.stabilizer.value // self.stabilizer_vial.value))

    @property
    def final_volume(self) -> Amount:
        """The volume of the finished bag."""
        millilitres = self.bag.value - self.discarded.value + self.stabilizer.value + self.drug.value
        return Amount(float(f"{millilitres:.15g}"), "mL")

    @property
    def delivered(self) -> Amount:
        """The drug that the added volume holds, in mg."""
        return Amount(float(f"{self.concentration.value * self.drug.value:.15g}"), "mg")


@frozen(kw_only=True)
class Storage(Shown):
    """How long a prepared dose keeps. Times are kept in hours, temperatures in degrees Celsius.

    Attributes:
        vial: The reconstituted vial, in hours; within them it is diluted, or discarded.

        bag_at_room: The bag at room temperature, in hours from reconstitution to the end of the infusion.

        bag_refrigerated: The bag in a refrigerator, in hours from reconstitution to the end of the infusion.

        rewarmed: A bag that comes out of a refrigerator, in hours to the end of the infusion, preparation included. It is brought to room
            temperature, and not refrigerated again.

        room: Room temperature.

        refrigerator: The temperature of the refrigerator.
    """

    vial: Amount
    bag_at_room: Amount
    bag_refrigerated: Amount
    rewarmed: Amount
    room: Span
    refrigerator: Span

    def __attrs_post_init__(self) -> None:
        kinds: dict[str, Kind] = dict.fromkeys(("vial", "bag_at_room", "bag_refrigerated", "rewarmed"), DURATION)
        _keep(self, kinds | dict.fromkeys(("room", "refrigerator"), TEMPERATURE))


@frozen(kw_only=True)
class Deadlines(Shown):
    """The moments until which a prepared dose keeps.

    Attributes:
        dilute_by: When the reconstituted vial must be diluted, or discarded.

        end_at_room_by: When the infusion must have ended if the bag stays at room temperature.

        start_at_room_by: When it must begin at the latest for that; ``None`` if the source gives no duration.

        end_refrigerated_by: When the infusion must have ended if the bag is kept in a refrigerator.
    """

    dilute_by: datetime
    end_at_room_by: datetime
    start_at_room_by: datetime | None
    end_refrigerated_by: datetime


@frozen(kw_only=True)
class Preparation(Shown):
    """How a dose is prepared, and how long it keeps. A field is ``None`` if the source does not say.

    Attributes:
        mixing: Volumes and concentrations.

        steps: What is done, in this order.

        materials: What bag and line may be made of.

        transfer_device: What the source says of closed-system transfer devices.

        storage: How long it keeps.

        vials: How vials are kept before use.

        deadlines: The times of day that follow from `storage`; ``None`` while the time of reconstitution is not known.
    """

    mixing: Mixing | None = None
    steps: tuple[str, ...] | None = None
    materials: tuple[str, ...] | None = None
    transfer_device: Modality | None = None
    storage: Storage | None = None
    vials: tuple[str, ...] | None = None
    deadlines: Deadlines | None = None


def one_preparation(parts: Sequence[Preparation]) -> Preparation:
    """One answer from rows that each fill some of its fields."""
    return filled(Preparation, parts)


@frozen
class AfterLastDose(Shown):
    """How long something lasts after the last dose.

    Attributes:
        modality: How strongly the source says it.

        months: For how many calendar months.
    """

    modality: Modality
    months: int


@frozen
class ContraceptionWindow(Shown):
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
class BreastfeedingWindow(Shown):
    """Until when a child is not breast-fed.

    Attributes:
        modality: How strongly the source says it.

        months: For how many calendar months after the last dose.

        until: The last day of them; ``None`` while the day of the last dose is not known.
    """

    modality: Modality
    months: int
    until: date | None = None
