"""Many doses at once: whole registries, as columns. The answers are those of `assess_case`. Needs the extra ``tarlatamab-rules[cohort]``.

- `grade_labs`: grades of a long table of results.
- `simulate`: a synthetic registry.

Names load on first use.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tarlatamab_rules.core.lazy import face

if TYPE_CHECKING:
    from tarlatamab_rules.cohort.grading import grade_labs as grade_labs
    from tarlatamab_rules.cohort.simulation import simulate as simulate

if not TYPE_CHECKING:
    _HOMES = {
        "cohort.grading": "grade_labs",
        "cohort.simulation": "simulate",
    }
    __all__, __getattr__, __dir__ = face(globals(), _HOMES)
