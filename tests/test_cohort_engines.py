"""The answers inside Spark, Dask, Ray and a streaming Polars are those of `assess`. ``nox -s engines`` has the engines."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from importlib import import_module
from itertools import product
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa
import pytest

from tarlatamab_rules import rulebooks
from tarlatamab_rules.cohort.frames.frame import assess
from tarlatamab_rules.cohort.streams.engines import assess_batches, assess_dask, assess_ray, assess_spark
from tarlatamab_rules.core.errors import FieldError

START = datetime(2026, 3, 30, 9, tzinfo=UTC)
CHOICES: dict[str, Any] = {"units": {"alt": "U/L", "neutrophils": "10*9/L"}, "site_zone": "Europe/Berlin"}
ELSEWHERE = "the engines are in the dependency group engines: nox -s engines"
BOOKS = [None, "eu-2026", "strictest of eu-2026, us-2025-11", "hospital_policy:OURS"]


def installed(engine: str) -> Any:
    """The module of an engine. A test that needs it is skipped without it, but for ``nox -s engines``, where it must run."""
    if os.environ.get("TARLATAMAB_ENGINES"):
        return import_module(engine)
    return pytest.importorskip(engine, reason=ELSEWHERE)


@pytest.fixture(scope="session", autouse=True)
def _policy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """A policy in a module that every process can import."""
    folder = tmp_path_factory.mktemp("policy")
    text = 'from tarlatamab_rules import rulebooks\nOURS = rulebooks.get("us-2025-11").overlay("our-hospital", {})\n'
    (folder / "hospital_policy.py").write_text(text)
    sys.path.insert(0, str(folder))
    os.environ["PYTHONPATH"] = os.pathsep.join([str(folder), os.environ.get("PYTHONPATH", "")])
    os.environ["PYSPARK_PYTHON"] = os.environ["PYSPARK_DRIVER_PYTHON"] = sys.executable
    yield
    sys.path.remove(str(folder))


@pytest.fixture(scope="session")
def doses() -> pa.Table:
    """Doses with known and missing facts, with a fault in some rows; each with a key."""
    rows: list[dict[str, Any]] = []
    alts = [None, 30.0, 121.0, 900.0, -1.0]
    for point, alt, count, grade, days in product(["C1D1", "C1D8", "C2D1"], alts, [0.4, 3.0], [None, 1, 3], [7, 29]):
        rows.append(
            {
                "key": f"dose-{len(rows)}",
                "point": point,
                "planned_start": START,
                "previous_point": None if point == "C1D1" else "C1D1",
                "previous_started": None if point == "C1D1" else START - timedelta(days=days),
                "previous_amount": None if point == "C1D1" else 1.0,
                "course_before": "regular",
                "age_years": 64.0,
                "infection": "none",
                "alt": alt,
                "alt_upper_limit": 40.0,
                "alt_collected": START - timedelta(days=1),
                "neutrophils": count,
                "neutrophils_collected": START - timedelta(days=1),
                "events_reviewed": True,
                "crs_grade": grade,
                "crs_status": None if grade is None else "active",
            }
        )
    return pa.Table.from_pylist(rows)


def expected(doses: pa.Table, book: str | None) -> list[dict[str, Any]]:
    """The answers of `assess`, in the order of the keys."""
    name = None if book is None or ":" in book else book
    chosen = rulebooks.get("us-2025-11").overlay("our-hospital", {}) if book and ":" in book else name
    answers = assess(doses, rulebook=chosen, ignore=["key"], **CHOICES).frame
    return by_key(answers.add_column(0, "key", doses["key"]).to_pylist())


def by_key(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Rows in the order of their keys, without what a frame calls missing. ``way`` says how an answer was found, and is left out."""
    plain = [{name: None if value != value else value for name, value in row.items() if name != "way"} for row in rows]  # noqa: PLR0124  # NaN
    return sorted(plain, key=lambda row: str(row["key"]))


def test_the_doses_differ(doses: pa.Table) -> None:
    """The doses have every verdict but one, and some faults: equal answers mean something."""
    rows = expected(doses, None)
    assert len(rows) == 180
    assert {row["verdict"] for row in rows} >= {None, "needs-data", "withhold", "discontinue"}
    assert sum(row["fault"] is not None for row in rows) == 36


@pytest.mark.parametrize(
    ("book", "sizes"), [(None, (50, 1000)), *(pytest.param(book, (1, 7), marks=pytest.mark.thorough) for book in BOOKS)]
)
def test_batches(doses: pa.Table, book: str | None, sizes: tuple[int, ...]) -> None:
    """Batches of any size have the answers of the whole."""
    for size in sizes:
        found = pa.Table.from_batches(assess_batches(doses.to_batches(max_chunksize=size), rulebook=book, keep=["key"], **CHOICES))
        assert by_key(found.to_pylist()) == expected(doses, book)


class Asks:
    """Stands for a frame of Dask or a dataset of Ray where the engines are missing: it asks for its two halves, one after the other."""

    def __init__(self, table: pa.Table) -> None:
        self.halves = [table.slice(0, 90), table.slice(90)]
        self.columns = table.schema.names
        self.dtypes = dict.fromkeys(table.schema.names, object)

    def map_partitions(self, work: Any, meta: Mapping[str, Any]) -> list[dict[str, Any]]:
        """As Dask: frames of pandas, with the columns that were announced."""
        frames = [work(half.to_pandas()) for half in self.halves]
        assert all(list(frame.columns) == list(meta) for frame in frames)
        return [row for frame in frames for row in frame.astype(object).where(frame.notna(), None).to_dict("records")]

    def map_batches(self, work: Any, *, batch_format: str, zero_copy_batch: bool) -> list[dict[str, Any]]:
        """As Ray: tables of Arrow, which are not changed."""
        assert (batch_format, zero_copy_batch) == ("pyarrow", True)
        return [row for half in self.halves for row in work(half).to_pylist()]


@pytest.mark.parametrize("book", [BOOKS[0], *(pytest.param(book, marks=pytest.mark.thorough) for book in BOOKS[1:])])
def test_any_engine(doses: pa.Table, book: str | None) -> None:
    """Whoever asks part by part has the answers of the whole."""
    for function in (assess_dask, assess_ray):
        assert by_key(function(Asks(doses), rulebook=book, keep=["key"], **CHOICES)) == expected(doses, book)


def test_refused_early(doses: pa.Table) -> None:
    """A column that is not known, and a policy that other processes cannot import, are refused before anything runs."""
    with pytest.raises(FieldError, match="key: there is no such column"):
        assess_dask(Asks(doses), **CHOICES)
    ours = rulebooks.default().overlay("ours", {})
    with pytest.raises(FieldError, match=r"'ours' is known to this process alone; name it as module:NAME"):
        assess_ray(Asks(doses), rulebook=ours, keep=["key"], **CHOICES)


@pytest.fixture(scope="session")
def spark() -> Iterator[Any]:
    """Spark on this machine."""
    pyspark = installed("pyspark.sql")
    host = {"spark.ui.enabled": "false", "spark.driver.bindAddress": "127.0.0.1", "spark.driver.host": "127.0.0.1"}
    session = pyspark.SparkSession.builder.master("local[2]").config(map=host).getOrCreate()
    session.sparkContext.setLogLevel("ERROR")
    yield session
    session.stop()


@pytest.mark.parametrize("book", BOOKS)
def test_spark(doses: pa.Table, book: str | None, spark: Any) -> None:
    """Spark gives the answers of `assess`, whatever the partitions."""
    frame = spark.createDataFrame(doses).repartition(3)
    found = assess_spark(frame, rulebook=book, keep=["key"], **CHOICES)
    assert by_key([row.asDict() for row in found.collect()]) == expected(doses, book)


@pytest.mark.parametrize("scheduler", ["threads", "processes"])
@pytest.mark.parametrize("book", BOOKS)
def test_dask(doses: pa.Table, book: str | None, scheduler: str) -> None:
    """Dask gives the answers of `assess`, in threads and in processes, with the index of the frame."""
    dd = installed("dask.dataframe")
    frame = dd.from_pandas(doses.to_pandas(), npartitions=3)
    found = assess_dask(frame, rulebook=book, keep=["key"], **CHOICES)
    computed = found.compute(scheduler=scheduler)
    assert list(computed.columns) == list(found.columns)
    assert list(computed.index) == list(range(len(doses)))
    assert by_key(computed.astype(object).where(computed.notna(), None).to_dict("records")) == expected(doses, book)


@pytest.fixture(scope="session")
def ray() -> Iterator[Any]:
    """Ray on this machine."""
    engine = installed("ray")
    paths = {"env_vars": {"PYTHONPATH": os.environ["PYTHONPATH"]}}
    engine.init(num_cpus=2, include_dashboard=False, object_store_memory=200_000_000, log_to_driver=False, runtime_env=paths)
    yield engine
    engine.shutdown()


@pytest.mark.filterwarnings(r"ignore::DeprecationWarning:ray\..*")  # of Ray about itself
@pytest.mark.parametrize("book", BOOKS)
def test_ray(doses: pa.Table, book: str | None, ray: Any) -> None:
    """Ray gives the answers of `assess`, whatever the blocks."""
    dataset = ray.data.from_arrow(doses).repartition(3)
    assert by_key(assess_ray(dataset, rulebook=book, keep=["key"], **CHOICES).take_all()) == expected(doses, book)


@pytest.mark.parametrize("book", [BOOKS[0], *(pytest.param(book, marks=pytest.mark.thorough) for book in BOOKS[1:3])])
def test_polars(doses: pa.Table, book: str | None, tmp_path: Path) -> None:
    """A lazy Polars frame that is read and written in a stream has the answers of `assess`, by ``map_batches``."""
    pl.DataFrame(doses).write_parquet(tmp_path / "doses.parquet", row_group_size=50)

    def answers(frame: pl.DataFrame) -> pl.DataFrame:
        batches = frame.to_arrow().to_batches()
        return pl.DataFrame(pa.Table.from_batches(assess_batches(batches, rulebook=book, keep=["key"], **CHOICES)))

    names = list(expected(doses, book)[0])
    schema = dict.fromkeys([*names, "way"], pl.String)
    lazy = pl.scan_parquet(tmp_path / "doses.parquet").map_batches(answers, schema=schema, streamable=True)
    lazy.sink_parquet(tmp_path / "answers.parquet", engine="streaming")
    assert by_key(pl.read_parquet(tmp_path / "answers.parquet").to_dicts()) == expected(doses, book)
