"""How is a dose prepared, and how long does it keep?"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from attrs import evolve

from tarlatamab_rules.answers.doses import Deadlines, Preparation
from tarlatamab_rules.decisions import Decided, Decision, NotCovered
from tarlatamab_rules.errors import FieldTypeError, shown
from tarlatamab_rules.evidence import Reason
from tarlatamab_rules.inputs._fields import moment
from tarlatamab_rules.inputs.course import dose_amount
from tarlatamab_rules.questions.dosing import INFUSION, PREPARATION
from tarlatamab_rules.rulebooks._registry import resolve

if TYPE_CHECKING:
    from tarlatamab_rules.answers.doses import Storage
    from tarlatamab_rules.rulebooks._book import Rulebook
    from tarlatamab_rules.units import Amount, QuantityLike

__all__ = ["preparation"]

_FIRST = 1


def preparation(
    dose: QuantityLike,
    *,
    vial: QuantityLike | None = None,
    reconstituted_at: datetime | None = None,
    rulebook: Rulebook | str | None = None,
) -> Decision[Preparation]:
    """How a dose is prepared: volumes, concentrations, vials, materials, and how long it keeps, by the clock.

    One vial of the dose's own strength makes one dose; `NotCovered` where *vial* is another one, since the volumes hold for its own alone.

    Args:
        dose: How much is to be given, a mass.

        vial: The strength of the vial at hand.

        reconstituted_at: When the vial was reconstituted; hours are elapsed time, also over a change of the clocks.

        rulebook: The book that answers, or its name; the default book if left out.

    Source: US prescribing information, 2.6 Tables 8 to 12.
    """
    book, amount = resolve(rulebook), dose_amount(dose, "dose")
    made = None if moment(reconstituted_at, "reconstituted_at") is None else reconstituted_at
    if made is not None and not isinstance(made, datetime):
        raise FieldTypeError("reconstituted_at", f"{shown(made)} has no time", "pass the day and the time, as datetime(2025, 10, 1, 9, 30)")
    answer = book[PREPARATION](amount.value)
    if not isinstance(answer, Decided):
        return answer
    plan = answer.value
    if vial is not None and plan.mixing is not None and dose_amount(vial, "vial") != plan.mixing.vial:
        return NotCovered((_wrong_vial(amount, dose_amount(vial, "vial"), plan.mixing.vial),))
    if made is None or plan.storage is None:
        return answer
    return evolve(answer, value=evolve(plan, deadlines=_deadlines(plan.storage, made, book)))


def _wrong_vial(dose: Amount, vial: Amount, own: Amount) -> Reason:
    says = f"The dose of {dose} is made of one {own} vial; of a {vial} vial the volumes and concentrations do not hold. Do not use it."
    return Reason("guard/wrong-vial", says, reading="The label gives volumes for each vial; that vials are never swapped is our inference.")


def _deadlines(storage: Storage, made: datetime, book: Rulebook) -> Deadlines:
    infused = book[INFUSION](_FIRST).possible[0]
    takes = infused.duration.value if infused is not None and infused.duration is not None else None
    at_room = storage.bag_at_room.value
    return Deadlines(
        dilute_by=_after(made, storage.vial.value),
        end_at_room_by=_after(made, at_room),
        start_at_room_by=None if takes is None else _after(made, at_room - takes),
        end_refrigerated_by=_after(made, storage.bag_refrigerated.value),
    )


def _after(made: datetime, hours: float) -> datetime:
    """So many hours of elapsed time later, on the clock of the place."""
    if made.tzinfo is None:
        return made + timedelta(hours=hours)
    return (made.astimezone(UTC) + timedelta(hours=hours)).astimezone(made.tzinfo)
