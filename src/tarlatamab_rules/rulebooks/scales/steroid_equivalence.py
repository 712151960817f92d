"""Relative doses of corticosteroids, as the US labels of dexamethasone tablets and of methylprednisolone list them."""

from __future__ import annotations

from typing import Final

from tarlatamab_rules.core.evidence import Source, Statement
from tarlatamab_rules.core.tables import Row
from tarlatamab_rules.inputs.units import Amount
from tarlatamab_rules.rulebooks._book import Rows, Rulebook
from tarlatamab_rules.rulebooks.facts import ROUTE, STEROID
from tarlatamab_rules.rulebooks.questions import EQUIVALENT
from tarlatamab_rules.values.vocabulary import Route, Steroid

_SOURCE = Source(
    name="steroid-equivalence",
    title="Relative corticosteroid doses in the US labels of dexamethasone tablets and of methylprednisolone",
    publisher="US labels, as quoted by globalrph.com (dexamethasone) and droracle.ai (methylprednisolone)",
    revision="not stated in the copies",
    short_name="US steroid labels (copies)",
    access="The addresses of the copies are not confirmed; look for the table of relative doses in the US labels.",
)

_TABLE = "Relative doses"
_STATEMENTS = (
    Statement("EQ-1", _TABLE, "Equivalent doses in mg, orally or intravenously."),
    Statement("EQ-2", _TABLE, "The relations apply only to oral and intravenous use."),
)

_ORAL_OR_INTRAVENOUS = frozenset((Route.ORAL, Route.INTRAVENOUS))
_FORMS = "The table does not say which steroid exists for which route, nor whether an oral steroid may replace an intravenous one."
_VARIANT = f"Other tables in use give 0.6 mg instead. {_FORMS}"

_EQUIVALENT: Rows = {
    EQUIVALENT: (
        *(
            Row(
                f"EQ-1/{steroid}",
                {STEROID: steroid, ROUTE: _ORAL_OR_INTRAVENOUS},
                Amount(mg, "mg"),
                f"{steroid.capitalize()}: the dose from the table of relative doses.",
                interpretation,
            )
            for steroid, mg, interpretation in (
                (Steroid.DEXAMETHASONE, 0.75, _VARIANT),
                (Steroid.BETAMETHASONE, 0.75, _VARIANT),
                (Steroid.METHYLPREDNISOLONE, 4, _FORMS),
                (Steroid.TRIAMCINOLONE, 4, _FORMS),
                (Steroid.PREDNISONE, 5, _FORMS),
                (Steroid.PREDNISOLONE, 5, _FORMS),
                (Steroid.HYDROCORTISONE, 20, _FORMS),
                (Steroid.CORTISONE, 25, _FORMS),
            )
        ),
        Row(
            "EQ-2",
            {ROUTE: frozenset(Route) - _ORAL_OR_INTRAVENOUS},
            None,
            "By any route other than oral or intravenous, the relations do not apply.",
        ),
    )
}

BOOK: Final = Rulebook(_SOURCE, _STATEMENTS, _EQUIVALENT, lab_scale="ctcae-5.0")
