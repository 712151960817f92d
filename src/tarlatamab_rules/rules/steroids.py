"""How much of another corticosteroid is worth as much: what "or equivalent" comes to."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING

from tarlatamab_rules.answers.vocabulary import Route, Steroid
from tarlatamab_rules.core.decisions import Decided, Decision, NotCovered, either, union
from tarlatamab_rules.core.errors import FieldTypeError
from tarlatamab_rules.inputs._fields import word
from tarlatamab_rules.inputs.course import dose_amount
from tarlatamab_rules.inputs.kinds import MASS
from tarlatamab_rules.inputs.units import Amount, take
from tarlatamab_rules.rulebooks._registry import table
from tarlatamab_rules.rulebooks.questions import EQUIVALENT

if TYPE_CHECKING:
    from tarlatamab_rules.answers.vocabulary import RouteLike, SteroidLike
    from tarlatamab_rules.inputs.units import QuantityLike
    from tarlatamab_rules.rulebooks._book import Rulebook

__all__ = ["equivalent_dose"]


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
