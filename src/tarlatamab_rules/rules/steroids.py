"""The equivalent dose of another corticosteroid: what "or equivalent" amounts to."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING

from tarlatamab_rules.core.decisions import Decided, Decision, NotCovered, either, union
from tarlatamab_rules.core.errors import FieldTypeError
from tarlatamab_rules.inputs._fields import word
from tarlatamab_rules.inputs.course import dose_amount
from tarlatamab_rules.inputs.kinds import MASS
from tarlatamab_rules.inputs.units import Amount, take
from tarlatamab_rules.rulebooks._registry import table
from tarlatamab_rules.rulebooks.questions import EQUIVALENT
from tarlatamab_rules.values.vocabulary import Route, Steroid

if TYPE_CHECKING:
    from tarlatamab_rules.inputs.units import QuantityLike
    from tarlatamab_rules.rulebooks._book import Rulebook
    from tarlatamab_rules.values.vocabulary import RouteLike, SteroidLike

__all__ = ["equivalent_dose"]


def equivalent_dose(
    amount: QuantityLike,
    steroid: SteroidLike,
    *,
    to: SteroidLike,
    route: RouteLike | None = None,
    rulebook: Rulebook | str = "steroid-equivalence",
) -> Decision[Amount]:
    """The dose of another corticosteroid that is equivalent to *amount* of this one, in mg: what "or equivalent" amounts to.

    ``equivalent_dose("8 mg", "dexamethasone", to="methylprednisolone", route="intravenous")``. The relations hold for oral and intravenous
    use only: `NotCovered` for another route, and `NeedsData` without a route. A pharmacist decides whether a steroid exists for a route,
    and which one to choose.

    Args:
        amount: The amount, a mass.

        steroid: The steroid that *amount* is of.

        to: The other steroid.

        route: The route of both.

        rulebook: The book that answers, or its name.

    Source: the tables of relative doses in the US labels of dexamethasone tablets and of methylprednisolone.
    """
    dose, relations = dose_amount(amount, "amount"), table(EQUIVALENT, rulebook)
    known = word(Route, route, "route")
    first, second = relations(_steroid(steroid, "steroid"), known), relations(_steroid(to, "to"), known)
    reasons = union((first.reasons, second.reasons))
    values = [_converted(dose, *worths) for worths in product(first.possible, second.possible)]
    answers: list[Decision[Amount]] = [NotCovered(reasons) if value is None else Decided(value, reasons) for value in values]
    return either(answers, (*first.missing, *second.missing))


def _steroid(name: SteroidLike, path: str) -> Steroid:
    steroid = word(Steroid, name, path)
    if steroid is None:
        raise FieldTypeError(path, "the steroid is missing", f"use one of {', '.join(Steroid)}")
    return steroid


def _converted(amount: Amount, worth: Amount | None, worth_of_other: Amount | None) -> Amount | None:
    if worth is None or worth_of_other is None:
        return None
    ratio = take(worth_of_other, MASS, "to").value / take(worth, MASS, "steroid").value
    return Amount(float(f"{amount.value * ratio:.15g}"), amount.unit)
