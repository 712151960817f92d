"""Many doses at once, as columns: every answer is that of `assess_dose`. Needs the extra ``tarlatamab-rules[cohort]``.

- `assess`: a frame with one row a dose, in the columns of `COLUMNS`; `case_of_row` says what a row means.
- `assess_registry`: four tables (patients, doses, results, events), one answer a dose.
- `assess_parquet`: a Parquet file to another one, in bounded memory.
- `assess_spark`, `assess_dask`, `assess_ray`, `assess_batches`: the same inside an engine.
- `audit`: was each dose that was given, as known then, what the book says?
- `compare`: two books over a registry, or the next revision of the label: whose verdict changes.
- `grade_labs`: grades of a long table of results.
- `from_omop`, `from_cdisc`: tables of OMOP CDM 5.4 and of CDISC as the four tables.
- `omop_grades`, `grade_adlb`, `grade_lb`: grades as OMOP, ADaM and SDTM expect them.
- `simulate`: a synthetic registry.
- `sql_script`: whole assessments of a frame as SQL, to run inside a database; `sql_statement`: one question of a rulebook.

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
    from tarlatamab_rules.cohort.columns import COLUMNS as COLUMNS
    from tarlatamab_rules.cohort.columns import Column as Column
    from tarlatamab_rules.cohort.comparison import CohortComparison as CohortComparison
    from tarlatamab_rules.cohort.comparison import compare as compare
    from tarlatamab_rules.cohort.engines import assess_batches as assess_batches
    from tarlatamab_rules.cohort.engines import assess_dask as assess_dask
    from tarlatamab_rules.cohort.engines import assess_ray as assess_ray
    from tarlatamab_rules.cohort.engines import assess_spark as assess_spark
    from tarlatamab_rules.cohort.frame import AssessedFrame as AssessedFrame
    from tarlatamab_rules.cohort.frame import assess as assess
    from tarlatamab_rules.cohort.grading import grade_labs as grade_labs
    from tarlatamab_rules.cohort.omop import from_omop as from_omop
    from tarlatamab_rules.cohort.omop import omop_grades as omop_grades
    from tarlatamab_rules.cohort.parquet import assess_parquet as assess_parquet
    from tarlatamab_rules.cohort.registry import RegistryAnswers as RegistryAnswers
    from tarlatamab_rules.cohort.registry import assess_registry as assess_registry
    from tarlatamab_rules.cohort.rows import case_of_row as case_of_row
    from tarlatamab_rules.cohort.simulation import simulate as simulate
    from tarlatamab_rules.cohort.sources import RegistryTables as RegistryTables
    from tarlatamab_rules.cohort.sql import sql_questions as sql_questions
    from tarlatamab_rules.cohort.sql import sql_statement as sql_statement
    from tarlatamab_rules.cohort.sql_frame import sql_script as sql_script
    from tarlatamab_rules.cohort.streaming import Written as Written

if not TYPE_CHECKING:
    _HOMES = {
        "cohort.audits": "Audit audit",
        "cohort.cdisc": "from_cdisc grade_adlb grade_lb",
        "cohort.columns": "COLUMNS Column",
        "cohort.comparison": "CohortComparison compare",
        "cohort.engines": "assess_batches assess_dask assess_ray assess_spark",
        "cohort.frame": "AssessedFrame assess",
        "cohort.grading": "grade_labs",
        "cohort.omop": "from_omop omop_grades",
        "cohort.parquet": "assess_parquet",
        "cohort.registry": "RegistryAnswers assess_registry",
        "cohort.rows": "case_of_row",
        "cohort.simulation": "simulate",
        "cohort.sources": "RegistryTables",
        "cohort.sql": "sql_questions sql_statement",
        "cohort.sql_frame": "sql_script",
        "cohort.streaming": "Written",
    }
    __all__, __getattr__, __dir__ = face(globals(), _HOMES)
