"""Many doses at once: whole registries, as columns. The answers are those of `assess_case`. Needs the extra ``tarlatamab-rules[cohort]``.

- `grade_labs`: grades of a long table of results.
- `assess_registry`: four tables (patients, doses, results, events), one answer a dose.
- `simulate`: a synthetic registry.

Names load on first use.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tarlatamab_rules.core.lazy import face

if TYPE_CHECKING:
    from tarlatamab_rules.cohort.grading import grade_labs as grade_labs
    from tarlatamab_rules.cohort.registry import RegistryAnswers as RegistryAnswers
    from tarlatamab_rules.cohort.registry import assess_registry as assess_registry
    from tarlatamab_rules.cohort.simulation import simulate as simulate

if not TYPE_CHECKING:
    _HOMES = {
        "cohort.grading": "grade_labs",
        "cohort.registry": "RegistryAnswers assess_registry",
        "cohort.simulation": "simulate",
    }
    __all__, __getattr__, __dir__ = face(globals(), _HOMES)
