"""Columns and registries: every dose of a table, with the same answers as `assess_dose`. Needs the extra ``tarlatamab-rules[cohort]``.

- `assess_registry`: four tables (patients, doses, results, events), one answer a dose.

Names load on first use.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tarlatamab_rules.core.lazy import face

if TYPE_CHECKING:
    from tarlatamab_rules.cohort.registry import RegistryAnswers as RegistryAnswers
    from tarlatamab_rules.cohort.registry import assess_registry as assess_registry

if not TYPE_CHECKING:
    _HOMES = {
        "cohort.registry": "RegistryAnswers assess_registry",
    }
    __all__, __getattr__, __dir__ = face(globals(), _HOMES)
