"""Many doses at once: whole registries, as columns. The answers are those of `assess_case`. Needs the extra ``tarlatamab-rules[cohort]``.

- `grade_labs`: grades of a long table of results.
- `assess_registry`: four tables (patients, doses, results, events), one answer a dose.
- `audit`: was each dose that was given, as known then, what the book says?
- `compare`: two books over a registry, or the next revision of the label: whose verdict changes.
- `from_omop`, `from_cdisc`: tables of OMOP CDM 5.4 and of CDISC as the four tables.
- `omop_grades`, `grade_adlb`, `grade_lb`: grades as OMOP, ADaM and SDTM expect them.
- `simulate`: a synthetic registry.

Names load on first use.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tarlatamab_rules.core.lazy import face

if TYPE_CHECKING:
    from tarlatamab_rules.cohort.audits import Audit as Audit
    from tarlatamab_rules.cohort.audits import audit as audit
    from tarlatamab_rules.cohort.cdisc import from_cdisc as from_cdisc
    from tarlatamab_rules.cohort.cdisc import grade_adlb as grade_adlb
    from tarlatamab_rules.cohort.cdisc import grade_lb as grade_lb
    from tarlatamab_rules.cohort.comparison import CohortComparison as CohortComparison
    from tarlatamab_rules.cohort.comparison import compare as compare
    from tarlatamab_rules.cohort.grading import grade_labs as grade_labs
    from tarlatamab_rules.cohort.omop import from_omop as from_omop
    from tarlatamab_rules.cohort.omop import omop_grades as omop_grades
    from tarlatamab_rules.cohort.registry import RegistryAnswers as RegistryAnswers
    from tarlatamab_rules.cohort.registry import assess_registry as assess_registry
    from tarlatamab_rules.cohort.simulation import simulate as simulate
    from tarlatamab_rules.cohort.sources import RegistryTables as RegistryTables

if not TYPE_CHECKING:
    _HOMES = {
        "cohort.audits": "Audit audit",
        "cohort.cdisc": "from_cdisc grade_adlb grade_lb",
        "cohort.comparison": "CohortComparison compare",
        "cohort.grading": "grade_labs",
        "cohort.omop": "from_omop omop_grades",
        "cohort.registry": "RegistryAnswers assess_registry",
        "cohort.simulation": "simulate",
        "cohort.sources": "RegistryTables",
    }
    __all__, __getattr__, __dir__ = face(globals(), _HOMES)
