"""Many doses at once, as columns: every answer is that of `assess_dose`. Asks the house, and nothing in it asks this.

- `assess`: one row a dose. Needs the extra ``tarlatamab-rules[cohort]``.
- `assess_parquet`: a Parquet file to another one, in bounded memory.
- `assess_spark`, `assess_dask`, `assess_ray`, `assess_batches`: the same inside an engine.
- `case_of_row`: what a row means, as a `Case`.
- `COLUMNS`: the columns that a frame may have.
- `sql_statement`: a question of a rulebook as SQL.

Names load on first use.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tarlatamab_rules.core.lazy import face

if TYPE_CHECKING:
    from tarlatamab_rules.cohort.columns import COLUMNS as COLUMNS
    from tarlatamab_rules.cohort.columns import Column as Column
    from tarlatamab_rules.cohort.engines import assess_batches as assess_batches
    from tarlatamab_rules.cohort.engines import assess_dask as assess_dask
    from tarlatamab_rules.cohort.engines import assess_ray as assess_ray
    from tarlatamab_rules.cohort.engines import assess_spark as assess_spark
    from tarlatamab_rules.cohort.frame import AssessedFrame as AssessedFrame
    from tarlatamab_rules.cohort.frame import assess as assess
    from tarlatamab_rules.cohort.parquet import assess_parquet as assess_parquet
    from tarlatamab_rules.cohort.rows import case_of_row as case_of_row
    from tarlatamab_rules.cohort.sql import sql_questions as sql_questions
    from tarlatamab_rules.cohort.sql import sql_statement as sql_statement
    from tarlatamab_rules.cohort.streaming import Written as Written

if not TYPE_CHECKING:
    _HOMES = {
        "cohort.columns": "COLUMNS Column",
        "cohort.engines": "assess_batches assess_dask assess_ray assess_spark",
        "cohort.frame": "AssessedFrame assess",
        "cohort.parquet": "assess_parquet",
        "cohort.rows": "case_of_row",
        "cohort.sql": "sql_questions sql_statement",
        "cohort.streaming": "Written",
    }
    __all__, __getattr__, __dir__ = face(globals(), _HOMES)
