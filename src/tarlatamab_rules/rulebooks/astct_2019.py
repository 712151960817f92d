"""The ASTCT consensus grading of 2019: the ICE tool."""

from __future__ import annotations

from typing import Final

from tarlatamab_rules.evidence import Source, Statement
from tarlatamab_rules.inputs.ice import OBJECTS
from tarlatamab_rules.questions import ICE_ITEMS, ICE_OBJECTS, ICE_SCORE
from tarlatamab_rules.rulebooks._book import Rows, Rulebook
from tarlatamab_rules.tables import Row

_SOURCE = Source(
    name="astct-2019",
    title="ASTCT consensus grading for cytokine release syndrome and neurologic toxicity associated with immune effector cells",
    publisher="American Society for Transplantation and Cellular Therapy",
    revision="2019",
)

_ICE_TOOL = "The ICE tool"
_STATEMENTS = (
    Statement("ICE-1", _ICE_TOOL, "Orientation to year, month, city and hospital: 1 point each."),
    Statement("ICE-2", _ICE_TOOL, "Naming three objects: 1 point each."),
    Statement("ICE-3", _ICE_TOOL, "Following a simple command, such as to show two fingers: 1 point."),
    Statement("ICE-4", _ICE_TOOL, "Writing a standard sentence: 1 point."),
    Statement("ICE-5", _ICE_TOOL, "Counting backwards from 100 by ten: 1 point."),
)
_BY_ITEM = {
    "year": ("ICE-1/year", "Oriented to the year"),
    "month": ("ICE-1/month", "Oriented to the month"),
    "city": ("ICE-1/city", "Oriented to the city"),
    "hospital": ("ICE-1/hospital", "Oriented to the hospital"),
    "command": ("ICE-3", "Follows a simple command"),
    "sentence": ("ICE-4", "Writes a standard sentence"),
    "counting": ("ICE-5", "Counts backwards from 100 by ten"),
}

_ICE: Rows = {
    ICE_SCORE: (
        *(Row(_BY_ITEM[axis.fact][0], {axis: True}, 1, f"{_BY_ITEM[axis.fact][1]}: 1 point.") for axis in ICE_ITEMS),
        *(
            Row(f"{id_}{'-' if '/' in id_ else '/'}not", {axis: False}, 0, f"{says}: not done, no point.")
            for axis in ICE_ITEMS
            for id_, says in (_BY_ITEM[axis.fact],)
        ),
        *(Row(f"ICE-2/{named}", {ICE_OBJECTS: named}, named, f"Objects named: {named}, 1 point each.") for named in range(OBJECTS + 1)),
    )
}

BOOK: Final = Rulebook(_SOURCE, _STATEMENTS, _ICE, lab_scale="ctcae-5.0")
