"""Many doses at once, as columns: every answer is that of `assess_dose`. Asks the house, and nothing in it asks this.

- `assess`: one row a dose. Needs the extra ``tarlatamab-rules[cohort]``.
- `case_of_row`: what a row means, as a `Case`.
- `COLUMNS`: the columns that a frame may have.

Names load on first use.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tarlatamab_rules.core.lazy import face

if TYPE_CHECKING:
    from tarlatamab_rules.cohort.columns import COLUMNS as COLUMNS
    from tarlatamab_rules.cohort.columns import Column as Column
    from tarlatamab_rules.cohort.frame import AssessedFrame as AssessedFrame
    from tarlatamab_rules.cohort.frame import assess as assess
    from tarlatamab_rules.cohort.rows import case_of_row as case_of_row

if not TYPE_CHECKING:
    _HOMES = {
        "cohort.columns": "COLUMNS Column",
        "cohort.frame": "AssessedFrame assess",
        "cohort.rows": "case_of_row",
    }
    __all__, __getattr__, __dir__ = face(globals(), _HOMES)
