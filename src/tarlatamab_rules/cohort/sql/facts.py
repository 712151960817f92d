"""The columns of a frame as typed facts, in SQL. Whatever the script cannot read exactly as the library does is left to the library.

The names of types, ``typeof`` and ``UNION ALL BY NAME`` are DuckDB's. All other parts of the script build on these facts.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Final

from tarlatamab_rules.cohort.frames.columns import COLUMNS, Column, Holds
from tarlatamab_rules.cohort.sql.text import name_of, quoted

__all__ = ["facts"]

_NUMBERS: Final = "'DOUBLE', 'FLOAT', 'TINYINT', 'SMALLINT', 'INTEGER', 'BIGINT', 'UTINYINT', 'USMALLINT', 'UINTEGER', 'UBIGINT'"
_MOST: Final = 10**15
"""Below this, a whole number equals its float."""
_FACTS: Final = """\
-- The table with every column of the library. A column that it lacks holds NULL, which means: not known.
known AS MATERIALIZED (
  SELECT row_number() OVER () AS dose_row, * FROM {source}
  UNION ALL BY NAME
  SELECT * FROM (SELECT {nulls}) AS columns WHERE FALSE
),
-- Each fact in one type. unread names the columns with a value that is left to the library: of another type, or of a kind of fact that
-- this script does not answer from.
typed AS MATERIALIZED (
  SELECT dose_row,
{typed},
    concat_ws(', ',
{unread}
    ) AS unread
  FROM known
)"""


def facts(source: str, read: Collection[str]) -> str:
    """The facts of each row.

    Args:
        source: The table, or a subquery in brackets.

        read: The columns that the script answers from.
    """
    columns = [column for column in COLUMNS.values() if column.name in read]
    typed = [f"    {_typed(column)} AS {name_of(column.name)}" for column in columns]
    return _FACTS.format(
        source=source,
        nulls=", ".join(f"NULL AS {name_of(name)}" for name in COLUMNS),
        typed=",\n".join(typed),
        unread=",\n".join(_unread(read)),
    )


def _unread(read: Collection[str]) -> Iterator[str]:
    for column in COLUMNS.values():
        name = name_of(column.name)
        value = f"{name} IS NOT NULL"
        if column.name in read:
            value += f" AND {_typed(column)} IS NULL"
        yield f"      CASE WHEN {value} THEN {quoted(column.name)} END"


def _typed(column: Column) -> str:
    name = name_of(column.name)
    kind = f"typeof({name})"
    match column.holds:
        case Holds.TEXT:
            return f"CASE WHEN {kind} = 'VARCHAR' OR {kind} LIKE 'ENUM%' THEN CAST({name} AS VARCHAR) END"
        case Holds.TRUTH:
            return f"CASE WHEN {kind} = 'BOOLEAN' THEN CAST({name} AS VARCHAR) = 'true' END"
        case Holds.WHEN:
            # Days alone. The order of times, and the clock of the site, are the library's work.
            day = f"TRY_CAST({name} AS DATE)"
            return f"CASE WHEN {kind} = 'DATE' AND {day} BETWEEN DATE '1900-01-01' AND DATE '2199-12-31' THEN {day} END"
        case _:
            number = f"TRY_CAST({name} AS DOUBLE)"
            whole = f" AND {number} = floor({number})" if column.holds is Holds.WHOLE else ""
            return f"CASE WHEN {kind} IN ({_NUMBERS}) AND abs({number}) < {_MOST}{whole} THEN {number} END"
