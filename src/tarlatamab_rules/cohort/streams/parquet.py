"""A Parquet file of doses to one of answers, in bounded memory. Needs the extra ``tarlatamab-rules[cohort]``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from importlib.metadata import version
from typing import TYPE_CHECKING, Any, Final

from tarlatamab_rules.cohort.arguments import columns_in, whole_in
from tarlatamab_rules.cohort.frames.coded import beside
from tarlatamab_rules.cohort.frames.columns import no_facts, units_of
from tarlatamab_rules.cohort.frames.frame import assess
from tarlatamab_rules.cohort.streams.streaming import Written, transform
from tarlatamab_rules.core.errors import FieldError
from tarlatamab_rules.formats.canonical import content_hash
from tarlatamab_rules.inputs._zones import zone_name
from tarlatamab_rules.rulebooks._registry import resolve
from tarlatamab_rules.rules.labs import lab_age

if TYPE_CHECKING:
    import os
    from datetime import timedelta

    import pyarrow as pa

    from tarlatamab_rules.inputs.units import QuantityLike
    from tarlatamab_rules.rulebooks._book import Rulebook

__all__ = ["assess_parquet"]

_ROWS: Final = 100_000
"""How many rows are assessed at a time."""


def assess_parquet(  # noqa: PLR0913  # one keyword a choice of the caller
    source: str | os.PathLike[str],
    target: str | os.PathLike[str],
    *,
    rulebook: Rulebook | str | None = None,
    max_lab_age: QuantityLike | timedelta | None = None,
    site_zone: str | None = None,
    units: Mapping[str, str] | None = None,
    keep: Sequence[str] = (),
    rows: int = _ROWS,
    force: bool = False,
) -> Written:
    """`assess` for a Parquet file: one row a dose in, one row of answers out, in the same order.

    The target is written whole or not at all. A run that was stopped is continued by the next one with the same arguments.

    Args:
        source: The file to read, with the columns of `COLUMNS`.

        target: The file to write.

        rulebook: The book that answers, or its name; the default book if left out.

        max_lab_age: The maximum age of a result at the planned start, a duration.

        site_zone: The time zone of the site, for rows without one.

        units: The units of columns without a column of units, such as ``{"alt": "U/L"}``.

        keep: The columns that are no facts, such as the name of the site. They are written beside the answers. A fact may be kept, too; it
            still counts.

        rows: How many rows are assessed at a time, at least 1.

        force: Whether a target that is there already is replaced.

    Raises:
        FieldError: The source is no whole Parquet file, or is the target; a column is not known, or an argument is wrong. A fault of a row
            is not raised; it is in the column ``fault``.

        FileExistsError: The target is there already.

        OSError: A file cannot be read or written. What was done so far is kept for the next run.
    """
    if (rows := whole_in(rows, "rows")) < 1:
        raise FieldError("rows", f"{rows} rows cannot be assessed at a time", "use at least 1")
    book, age, given = resolve(rulebook), lab_age(max_lab_age, "max_lab_age"), units_of(units)
    kept = list(columns_in(keep, "keep"))
    settings = {
        "work": "assess",
        "version": version("tarlatamab-rules"),
        "rulebook": book.name,
        "hash": content_hash(book),
        "max_lab_age": None if age is None else age.total_seconds(),
        "site_zone": zone_name(site_zone),
        "units": given,
        "keep": list(map(str, kept)),
    }
    work = partial(_answers, keep=kept, rulebook=book, max_lab_age=age, site_zone=site_zone, units=given)
    return transform(source, target, work, settings=settings, rows=rows, force=force)


def _answers(table: pa.Table, *, keep: Sequence[str], **choices: Any) -> pa.Table:  # noqa: ANN401  # as `assess`
    """The kept columns of some doses, and their answers."""
    return beside(table, keep, assess(table, ignore=no_facts(keep), **choices).frame)
