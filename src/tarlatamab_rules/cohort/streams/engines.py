"""Assessments inside Spark, Dask and Ray: one function each, with the answers of `assess`.

An engine sends the name of the rulebook to its processes, and each process makes its tables once. Needs the extra
``tarlatamab-rules[cohort]`` in every process, and the engine itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from pickle import dumps
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from tarlatamab_rules.cohort.arguments import columns_in
from tarlatamab_rules.cohort.frames.coded import beside
from tarlatamab_rules.cohort.frames.columns import no_facts, units_of
from tarlatamab_rules.cohort.frames.frame import assess
from tarlatamab_rules.core.errors import FieldError
from tarlatamab_rules.formats.policies import book_of
from tarlatamab_rules.inputs._zones import zone_name
from tarlatamab_rules.rulebooks._registry import resolve
from tarlatamab_rules.rules.labs import lab_age

if TYPE_CHECKING:
    from datetime import timedelta

    from tarlatamab_rules.inputs.units import QuantityLike
    from tarlatamab_rules.rulebooks._book import Rulebook

__all__ = ["assess_batches", "assess_dask", "assess_ray", "assess_spark"]


def assess_spark(  # pragma: no cover  # runs in `nox -s engines`
    frame: Any,  # noqa: ANN401  # frames of Spark
    *,
    rulebook: Rulebook | str | None = None,
    keep: Sequence[str] = (),
    **choices: Any,  # noqa: ANN401  # as `assess`
) -> Any:  # noqa: ANN401  # frames of Spark
    """`assess` for a frame of Spark, by its ``mapInArrow``.

    Args:
        frame: A frame of Spark with one row a dose, in the columns of `COLUMNS`.

        rulebook: The book that answers, or its name; the default book if left out. A policy of your own is named as ``module:NAME``;
            every process imports that module, which runs its code.

        keep: The columns that are no facts, such as the key of the dose. They stand beside the answers: Spark keeps no order of rows.

        choices: ``max_lab_age``, ``site_zone`` and ``units``, as `assess` takes them.

    Returns:
        A frame of Spark: the columns of *keep*, and the answers as text.

    Raises:
        FieldError: A column is not known, or an argument is wrong.
    """
    from pyspark.sql.types import StringType, StructField, StructType  # noqa: PLC0415  # pyright: ignore[reportMissingImports]  # the engine of the caller

    asked = _choices(rulebook, keep, **choices)
    names = _answers_of(frame.columns, asked).schema.names
    columns = [frame.schema[name] if name in keep else StructField(name, StringType()) for name in names]
    return frame.mapInArrow(partial(assess_batches, **asked), StructType(columns))


def assess_dask(
    frame: Any,  # noqa: ANN401  # frames of Dask
    *,
    rulebook: Rulebook | str | None = None,
    keep: Sequence[str] = (),
    **choices: Any,  # noqa: ANN401  # as `assess`
) -> Any:  # noqa: ANN401  # frames of Dask
    """`assess` for a frame of Dask, by its ``map_partitions``.

    Args:
        frame: A frame of Dask with one row a dose, in the columns of `COLUMNS`.

        rulebook: As `assess_spark` takes it.

        keep: The columns that are no facts. They stand beside the answers.

        choices: ``max_lab_age``, ``site_zone`` and ``units``, as `assess` takes them.

    Returns:
        A frame of Dask with the same index: the columns of *keep*, and the answers as text.

    Raises:
        FieldError: A column is not known, or an argument is wrong.
    """
    asked = _choices(rulebook, keep, **choices)
    kept = {name: frame.dtypes[name] for name in keep}
    words = {name: kept.get(name, "string[pyarrow]") for name in _answers_of(frame.columns, asked).schema.names}
    return frame.map_partitions(partial(_of_pandas, types=words, **asked), meta=words)


def assess_ray(
    dataset: Any,  # noqa: ANN401  # datasets of Ray
    *,
    rulebook: Rulebook | str | None = None,
    keep: Sequence[str] = (),
    **choices: Any,  # noqa: ANN401  # as `assess`
) -> Any:  # noqa: ANN401  # datasets of Ray
    """`assess` for a dataset of Ray, by its ``map_batches``.

    Args:
        dataset: A dataset of Ray with one row a dose, in the columns of `COLUMNS`.

        rulebook: As `assess_spark` takes it.

        keep: The columns that are no facts, such as the key of the dose. They stand beside the answers.

        choices: ``max_lab_age``, ``site_zone`` and ``units``, as `assess` takes them.

    Returns:
        A dataset of Ray: the columns of *keep*, and the answers as text.

    Raises:
        FieldError: An argument is wrong. A column that is not known raises when the dataset is read.
    """
    return dataset.map_batches(partial(_of_arrow, **_choices(rulebook, keep, **choices)), batch_format="pyarrow", zero_copy_batch=True)


def assess_batches(
    batches: Iterable[pa.RecordBatch],
    *,
    keep: Sequence[str] = (),
    **choices: Any,  # noqa: ANN401  # as `assess`
) -> Iterator[pa.RecordBatch]:
    """`assess` for batches of Arrow, one after the other, as engines pass them.

    Args:
        batches: Batches with one row a dose, in the columns of `COLUMNS`.

        keep: The columns that are no facts. They stand in front of the answers.

        choices: ``rulebook`` as `assess_spark` takes it; ``max_lab_age``, ``site_zone`` and ``units``, as `assess` takes them.

    Yields:
        One batch of text for each batch, with the columns of *keep* in front.
    """
    for batch in batches:
        yield from _of_arrow(pa.Table.from_batches([batch]), keep=keep, **choices).combine_chunks().to_batches()


def _answers_of(columns: Iterable[str], asked: Mapping[str, Any]) -> pa.Table:
    """The answers to no rows of these columns; a column that is not known is refused here, before any process starts."""
    return _of_arrow(pa.table({str(name): pa.nulls(0) for name in columns}), **asked)


def _of_arrow(
    table: pa.Table,
    *,
    keep: Sequence[str],
    rulebook: str | None = None,
    **choices: Any,  # noqa: ANN401  # as `assess`
) -> pa.Table:
    return beside(table, keep, _plain(assess(table, ignore=no_facts(keep), rulebook=book_of(rulebook), **choices).frame))


def _plain(answers: pa.Table) -> pa.Table:
    """Answers without dictionaries, which engines share between batches or refuse."""
    return answers.cast(pa.schema([(name, pa.string()) for name in answers.schema.names]))


def _of_pandas(
    frame: Any,  # noqa: ANN401  # of pandas
    *,
    types: Mapping[str, Any],
    keep: Sequence[str],
    rulebook: str | None,
    **choices: Any,  # noqa: ANN401  # as `assess`
) -> Any:  # noqa: ANN401  # of pandas
    answers = assess(frame, ignore=no_facts(keep), rulebook=book_of(rulebook), **choices).frame
    for n, name in enumerate(keep):  # that they are there was checked before any process started
        answers.insert(n, name, frame[name].array)
    return answers.astype(types)


def _choices(
    rulebook: Rulebook | str | None,
    keep: Sequence[str],
    *,
    max_lab_age: QuantityLike | timedelta | None = None,
    site_zone: str | None = None,
    units: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """The arguments, checked here, so that a mistake is raised before any process starts."""
    choices = {
        "max_lab_age": lab_age(max_lab_age, "max_lab_age"),
        "site_zone": zone_name(site_zone),
        "units": units_of(units),
    }
    return {**choices, "rulebook": _name(rulebook), "keep": list(columns_in(keep, "keep"))}


def _name(rulebook: Rulebook | str | None) -> str:
    """The name by which every process finds the rulebook."""
    if isinstance(rulebook, str) and ":" in rulebook:
        return rulebook
    book = resolve(rulebook)
    try:
        dumps(book)
    except TypeError:
        fix = "name it as module:NAME, so that each process can import it"
        raise FieldError("rulebook", f"{book.name!r} is known to this process alone", fix) from None
    return book.name
