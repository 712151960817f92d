"""The command ``tarlatamab-rules cohort``: a Parquet file of doses to one of answers, and a question as SQL."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

from tarlatamab_rules.core.decisions import Verdict
from tarlatamab_rules.core.errors import FieldError
from tarlatamab_rules.core.printing import print_text

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterable

    from tarlatamab_rules.cohort.streams.streaming import Written

__all__ = ["add_to", "run"]

_ABOUT: Final = "Many doses at once. Needs the extra tarlatamab-rules[cohort]."
_ABOUT_ASSESS: Final = (
    "Assesses each row of a Parquet file, one dose a row, and writes a file with one row of answers for each. A row with a fault has the "
    "fault in a column; the others are still assessed. A run that was stopped is continued by the same command."
)
_ABOUT_SQL: Final = (
    "Prints whole assessments of a table of doses as a script of SQL, in the dialect of DuckDB, with the same answers as assess; or one "
    "question of a rulebook as a statement."
)


def add_to(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Adds the command."""
    cohort = commands.add_parser("cohort", help="many doses at once, from a Parquet file", description=_ABOUT)
    kinds = cohort.add_subparsers(dest="cohort", required=True, metavar="{assess,sql}")
    assess = kinds.add_parser("assess", help="may each of these doses be given?", description=_ABOUT_ASSESS)
    assess.add_argument("file", metavar="DOSES.parquet", help="one row a dose, in the columns of tarlatamab_rules.cohort.COLUMNS")
    assess.add_argument("-o", "--output", metavar="FILE", required=True, help="the file to write")
    assess.add_argument("--rulebook", metavar="NAME", help="a rulebook, a stack, or a policy of your own as MODULE:NAME")
    assess.add_argument("--max-lab-age", metavar="DURATION", help="results older than this at the planned start do not count, as '7 days'")
    assess.add_argument("--site-zone", metavar="ZONE", help="the time zone of rows without one, as Europe/Berlin")
    assess.add_argument(
        "--unit", metavar="COLUMN=UNIT", action="append", default=[], help="the unit of a column, as alt=U/L; may be repeated"
    )
    assess.add_argument(
        "--keep", metavar="COLUMN", action="append", default=[], help="a column that is no fact, written beside the answers"
    )
    assess.add_argument("--rows", metavar="NUMBER", type=int, default=100_000, help="how many rows are assessed at a time")
    assess.add_argument("--force", action="store_true", help="replace the file that is there already")
    sql = kinds.add_parser("sql", help="whole assessments, or one question, as SQL", description=_ABOUT_SQL)
    sql.add_argument("question", metavar="QUESTION", nargs="?", help="such as monitoring_duration; without it, whole assessments")
    sql.add_argument("subject", metavar="ABOUT", nargs="?", help="what it is about, if several share the name, as icans")
    sql.add_argument("--rulebook", metavar="NAME", help="as above")
    sql.add_argument("--facts", metavar="TABLE", default="facts", help="the table with the facts of a question; by default facts")
    sql.add_argument("--source", metavar="TABLE", default="doses", help="the table of doses of whole assessments; by default doses")
    sql.add_argument("--target", metavar="TABLE", default="answers", help="the table of answers that they make; by default answers")
    sql.add_argument("--unit", metavar="COLUMN=UNIT", action="append", default=[], help="as above, for whole assessments")
    sql.add_argument("--keep", metavar="COLUMN", action="append", default=[], help="as above, for whole assessments")
    sql.add_argument("--questions", action="store_true", help="list the questions")


def run(options: argparse.Namespace) -> int:
    """Runs the command.

    Raises:
        FieldError: An option or a file is wrong.

        OSError: A file cannot be read or written.
    """
    return print_text(_sql(options) if options.cohort == "sql" else _assess(options))


def _assess(options: argparse.Namespace) -> str:
    try:
        from tarlatamab_rules.cohort import assess_parquet  # noqa: PLC0415  # an extra
    except ImportError as missing:
        raise FieldError("", str(missing)) from None
    from tarlatamab_rules.formats.policies import book_of  # noqa: PLC0415  # needed here alone

    written = assess_parquet(
        options.file,
        options.output,
        rulebook=book_of(options.rulebook),
        max_lab_age=options.max_lab_age,
        site_zone=options.site_zone,
        units=_units(options.unit),
        keep=options.keep,
        rows=options.rows,
        force=options.force,
    )
    return _summary(written)


def _units(texts: Iterable[str]) -> dict[str, str]:
    """The unit of each column."""
    units: dict[str, str] = {}
    for text in texts:
        column, _, unit = text.partition("=")
        if not (column and unit):
            raise FieldError("--unit", f"{text!r} has no column or no unit", "write it like alt=U/L")
        if units.setdefault(column, unit) != unit:
            raise FieldError("--unit", f"{column!r} has two units, {units[column]!r} and {unit!r}", "write one of them")
    return units


def _summary(written: Written) -> str:
    """How many doses have which verdict, and how many were refused."""
    import pyarrow.parquet as pq  # noqa: PLC0415  # an extra, which is there by now

    counts: Counter[str | None] = Counter()
    with pq.ParquetFile(written.target) as file:
        for batch in file.iter_batches(columns=["verdict"]):
            counts.update(batch.column(0).to_pylist())
    lines = [f"{written.rows} doses, written to {written.target}"]
    lines += [f"  {verdict}: {counts[verdict]}" for verdict in map(str, Verdict) if counts[verdict]]
    lines += [f"  refused, see the column fault: {counts[None]}"] if counts[None] else []
    lines += [f"Continued an earlier run: {written.resumed} of {written.parts} parts were there."] if written.resumed else []
    return "\n".join(lines)


def _sql(options: argparse.Namespace) -> str:
    try:
        from tarlatamab_rules.cohort import sql_questions, sql_script, sql_statement  # noqa: PLC0415  # an extra
    except ImportError as missing:
        raise FieldError("", str(missing)) from None
    from tarlatamab_rules.formats.policies import book_of  # noqa: PLC0415  # needed here alone

    book = book_of(options.rulebook)
    if options.questions:
        return "\n".join(f"{name}: {subject}" for name, subject in sql_questions(book))
    if options.question is None:
        script = sql_script(book, source=options.source, target=options.target, units=_units(options.unit), keep=options.keep)
        return script.rstrip()
    return sql_statement(options.question, options.subject, rulebook=book, facts=options.facts).rstrip()
