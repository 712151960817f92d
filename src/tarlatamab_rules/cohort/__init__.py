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
    from tarlatamab_rules.cohort.audits.audit import Audit as Audit
    from tarlatamab_rules.cohort.audits.audit import audit as audit
    from tarlatamab_rules.cohort.audits.comparison import CohortComparison as CohortComparison
    from tarlatamab_rules.cohort.audits.comparison import compare as compare
    from tarlatamab_rules.cohort.foreign.cdisc import from_cdisc as from_cdisc
    from tarlatamab_rules.cohort.foreign.cdisc import grade_adlb as grade_adlb
    from tarlatamab_rules.cohort.foreign.cdisc import grade_lb as grade_lb
    from tarlatamab_rules.cohort.foreign.omop import from_omop as from_omop
    from tarlatamab_rules.cohort.foreign.omop import omop_grades as omop_grades
    from tarlatamab_rules.cohort.foreign.sources import RegistryTables as RegistryTables
    from tarlatamab_rules.cohort.frames.columns import COLUMNS as COLUMNS
    from tarlatamab_rules.cohort.frames.columns import Column as Column
    from tarlatamab_rules.cohort.frames.frame import AssessedFrame as AssessedFrame
    from tarlatamab_rules.cohort.frames.frame import assess as assess
    from tarlatamab_rules.cohort.frames.rows import case_of_row as case_of_row
    from tarlatamab_rules.cohort.grades.grading import grade_labs as grade_labs
    from tarlatamab_rules.cohort.registries.registry import RegistryAnswers as RegistryAnswers
    from tarlatamab_rules.cohort.registries.registry import assess_registry as assess_registry
    from tarlatamab_rules.cohort.sql.frame import sql_script as sql_script
    from tarlatamab_rules.cohort.sql.statement import sql_questions as sql_questions
    from tarlatamab_rules.cohort.sql.statement import sql_statement as sql_statement
    from tarlatamab_rules.cohort.streams.engines import assess_batches as assess_batches
    from tarlatamab_rules.cohort.streams.engines import assess_dask as assess_dask
    from tarlatamab_rules.cohort.streams.engines import assess_ray as assess_ray
    from tarlatamab_rules.cohort.streams.engines import assess_spark as assess_spark
    from tarlatamab_rules.cohort.streams.parquet import assess_parquet as assess_parquet
    from tarlatamab_rules.cohort.streams.streaming import Written as Written
    from tarlatamab_rules.cohort.synthetic.simulation import simulate as simulate

if not TYPE_CHECKING:
    _HOMES = {
        "cohort.audits.audit": "Audit audit",
        "cohort.foreign.cdisc": "from_cdisc grade_adlb grade_lb",
        "cohort.frames.columns": "COLUMNS Column",
        "cohort.audits.comparison": "CohortComparison compare",
        "cohort.streams.engines": "assess_batches assess_dask assess_ray assess_spark",
        "cohort.frames.frame": "AssessedFrame assess",
        "cohort.grades.grading": "grade_labs",
        "cohort.foreign.omop": "from_omop omop_grades",
        "cohort.streams.parquet": "assess_parquet",
        "cohort.registries.registry": "RegistryAnswers assess_registry",
        "cohort.frames.rows": "case_of_row",
        "cohort.synthetic.simulation": "simulate",
        "cohort.foreign.sources": "RegistryTables",
        "cohort.sql.statement": "sql_questions sql_statement",
        "cohort.sql.frame": "sql_script",
        "cohort.streams.streaming": "Written",
    }
    __all__, __getattr__, __dir__ = face(globals(), _HOMES, "cohort")
