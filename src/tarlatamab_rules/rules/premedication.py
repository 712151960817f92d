"""What is given before and after an infusion?"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import product
from typing import TYPE_CHECKING

from tarlatamab_rules.answers.plans import PremedicationPlan
from tarlatamab_rules.answers.words import Route, Steroid
from tarlatamab_rules.decisions import Decided, Decision, NotCovered, either, union
from tarlatamab_rules.errors import FieldTypeError
from tarlatamab_rules.inputs._fields import word
from tarlatamab_rules.inputs.course import DosePoint, dose_amount
from tarlatamab_rules.inputs.findings import ToxicityEvent
from tarlatamab_rules.questions.dosing import PREMEDICATION
from tarlatamab_rules.questions.facts import CRS_BEFORE
from tarlatamab_rules.questions.scales import EQUIVALENT
from tarlatamab_rules.rulebooks._registry import resolve, table
from tarlatamab_rules.rules.planned import CRS, of_role, planned_readings, with_role
from tarlatamab_rules.rules.readings import strictest_reading
from tarlatamab_rules.units import MASS, Amount, take

if TYPE_CHECKING:
    from tarlatamab_rules.answers.words import RoleLike, RouteLike, SteroidLike
    from tarlatamab_rules.inputs._fields import When
    from tarlatamab_rules.rulebooks._book import Rulebook
    from tarlatamab_rules.rules.courses import CourseLike
    from tarlatamab_rules.rules.planned import Planned
    from tarlatamab_rules.units import QuantityLike

__all__ = ["equivalent_dose", "premedication", "premedication_plan"]


def premedication_plan(  # noqa: PLR0913  # one keyword a fact
    point: DosePoint | str,
    *,
    course: CourseLike = None,
    history: Iterable[ToxicityEvent] | None = None,
    on: When | None = None,
    role: RoleLike | None = None,
    site_zone: str | None = None,
    rulebook: Rulebook | str | None = None,
) -> Decision[PremedicationPlan]:
    """What is given before and after the infusion at *point*, each with its modality, amount, route and time.

    Args:
        point: The dose, as ``"C1D8"``.

        course: The doses given so far: after a restart the drugs of the first doses come back.

        history: The toxicities so far. ``None``: not known; empty: reviewed, nothing happened.

        on: The day of the dose; without it a delay is not seen.

        role: What the dose is in the course, as ``"step-up"``; read off the course if left out. Where neither is known, the dose is what
            its name says, with a caveat where a restart would change the answer.

        site_zone: The time zone of the site, by its IANA name, as ``Europe/Berlin``: days are counted by the calendar there. If left out,
            times with several UTC offsets are read in two ways, and the stricter answer is used.

        rulebook: The book that answers, or its name; the default book if left out.

    Raises:
        FieldError: The role is none that the dose can have by the course.

    Source: precautions page, PRE-1 to PRE-3; US prescribing information, 2.3 Table 3.
    """
    book = resolve(rulebook)
    each, asks = planned_readings(point, course, history, on, site_zone, book, role), book[PREMEDICATION].asks
    return strictest_reading([with_role(planned, premedication, asks) for planned in each])


def premedication(planned: Planned) -> Decision[PremedicationPlan]:
    """`premedication_plan` for what is known of a planned dose."""
    answers = planned.book[PREMEDICATION]
    before = planned.worst_since(CRS) if CRS_BEFORE in answers.asks else None
    return of_role(answers(planned.number, planned.role, before), planned)


def equivalent_dose(
    amount: QuantityLike,
    steroid: SteroidLike,
    *,
    to: SteroidLike,
    route: RouteLike | None = None,
    rulebook: Rulebook | str = "steroid-equivalence",
) -> Decision[Amount]:
    """How much of another corticosteroid is worth *amount* of this one, in mg: what "or equivalent" comes to.

    ``equivalent_dose("8 mg", "dexamethasone", to="methylprednisolone", route="intravenous")``. The relations hold for oral and intravenous
    use only: `NotCovered` by another route, and `NeedsData` without one. Whether a steroid exists for a route, and which one to choose,
    is for a pharmacist.

    Args:
        amount: How much, a mass.

        steroid: Of what.

        to: The other steroid.

        route: How both are given.

        rulebook: The book that answers, or its name.

    Source: the tables of relative doses in the US labels of dexamethasone tablets and of methylprednisolone.
    """
    given, relations = dose_amount(amount, "amount"), table(EQUIVALENT, rulebook)
    known = word(Route, route, "route")
    one, other = relations(_steroid(steroid, "steroid"), known), relations(_steroid(to, "to"), known)
    reasons = union((one.reasons, other.reasons))
    values = [_converted(given, a, b) for a, b in product(one.possible, other.possible)]
    each: list[Decision[Amount]] = [NotCovered(reasons) if value is None else Decided(value, reasons) for value in values]
    return either(each, (*one.missing, *other.missing))


def _steroid(name: SteroidLike, path: str) -> Steroid:
    steroid = word(Steroid, name, path)
    if steroid is None:
        raise FieldTypeError(path, "which steroid must be said", f"use one of {', '.join(Steroid)}")
    return steroid


def _converted(given: Amount, one: Amount | None, other: Amount | None) -> Amount | None:
    if one is None or other is None:
        return None
    worth = take(other, MASS, "to").value / take(one, MASS, "steroid").value
    return Amount(float(f"{given.value * worth:.15g}"), given.unit)
