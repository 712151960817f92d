"""A Parquet file to another one, part by part: in bounded memory, written whole or not at all, and continued after a stop.

Needs the extra ``tarlatamab-rules[cohort]``.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from errno import EEXIST
from hashlib import sha256
from pathlib import Path
from secrets import token_hex
from typing import IO, Any, Final

import pyarrow as pa
import pyarrow.parquet as pq
from attrs import frozen

from tarlatamab_rules.cohort.arguments import path_in
from tarlatamab_rules.cohort.progress import progress
from tarlatamab_rules.core.errors import FieldError

__all__ = ["Written", "transform"]

_FORMAT: Final = {"format": "tarlatamab-rules-parts", "version": 1}
_MANIFEST: Final = "manifest.json"
_FOOTER: Final = 1 << 16
"""How many bytes of the end of a file identify it, with its size and the time at which it was last written."""


@frozen
class Written:
    """What was written.

    Attributes:
        target: The file.

        rows: How many rows it has: as many as the source.

        parts: In how many parts it was made.

        resumed: How many of them were there from an earlier run.
    """

    target: str
    rows: int
    parts: int
    resumed: int


@frozen
class _Part:
    """Some rows of a source.

    Attributes:
        group: The row group of the source.

        number: The number of the part in its row group.

        rows: How many rows it has.
    """

    group: int
    number: int
    rows: int

    @property
    def name(self) -> str:
        return f"part-{self.group:06}-{self.number:06}.parquet"


def transform(  # noqa: PLR0913  # one keyword a setting of the run
    source: str | os.PathLike[str],
    target: str | os.PathLike[str],
    work: Callable[[pa.Table], pa.Table],
    *,
    settings: Mapping[str, Any],
    rows: int,
    force: bool = False,
) -> Written:
    """Applies *work* to a Parquet file and writes the result to another one.

    Each part is written beside the target, in the folder ``TARGET.parts``. If the run is stopped, the next one with the same source and
    *settings* continues after the last whole part. In the end the parts become the target in one step, and the folder is removed. It is
    also removed if a new run stops before its first part is whole.

    Args:
        source: The file to read.

        target: The file to write.

        work: Makes the answers for some rows, as many as it is given, always with the same columns.

        settings: What decides the answers, as plain values: parts of a run with other settings are not used.

        rows: How many rows a part has at most.

        force: Whether a target that is there already is replaced.

    Raises:
        FieldError: The source is no whole Parquet file, or is the target; a part has other columns; or parts of another run are there.

        FileExistsError: The target is there already.

        OSError: A file cannot be read or written. Whole parts stay, and the target is as it was.
    """
    origin, place = path_in(source, "source"), path_in(target, "target")
    if _is_same(origin, place):
        raise FieldError(str(place), "is the source itself: the answers would take the place of the facts", "name another target")
    if os.path.lexists(place) and not force:
        raise FileExistsError(EEXIST, "is there already; pass force=True (--force) to replace it", str(place))
    with ExitStack() as stack:
        with _opened(origin) as file:
            parts = list(_parts(file, rows))
            manifest = {**_FORMAT, "source": _identity(origin), "rows": rows, "settings": dict(settings)}
            folder = stack.enter_context(_folder(place, manifest))
            resumed = {part.name for part in parts if _is_whole(folder / part.name, part.rows)}
            with progress(sum(part.rows for part in parts), "rows") as advance:
                for part, batch in _batches(file, parts, resumed, rows):
                    if batch is not None:
                        _write(folder / part.name, _answered(work, batch))
                    advance(part.rows)
        _join([folder / part.name for part in parts], place, work, file.schema_arrow)
    return Written(str(place), sum(part.rows for part in parts), len(parts), len(resumed))


def _is_same(source: Path, target: Path) -> bool:
    """Whether both are one file, by whatever names."""
    try:
        return source.samefile(target)
    except OSError:  # one of them is not there
        return False


@contextmanager
def _opened(source: Path) -> Generator[pq.ParquetFile]:
    """A Parquet file for reading. What is wrong with it is our error."""
    with source.open("rb") as bytes_:
        try:
            with pq.ParquetFile(bytes_, pre_buffer=False) as file:
                yield file
        except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
            raise _no_parquet(source, error) from None
        except OSError as error:
            if error.errno is not None:
                raise
            raise _no_parquet(source, error) from None


def _no_parquet(source: Path, error: Exception) -> FieldError:
    what = " ".join(str(error).split())
    return FieldError(str(source), f"is no whole Parquet file: {what}", "it may have been cut off; write it again")


def _parts(file: pq.ParquetFile, rows: int) -> Iterator[_Part]:
    for group in range(file.num_row_groups):
        total = file.metadata.row_group(group).num_rows
        for number, first in enumerate(range(0, total, rows)):
            yield _Part(group, number, min(rows, total - first))


def _batches(file: pq.ParquetFile, parts: list[_Part], done: set[str], rows: int) -> Iterator[tuple[_Part, pa.Table | None]]:
    """Each part with its rows; without them if it is done. A row group of which every part is done is not read."""
    for group in range(file.num_row_groups):
        of_group = [part for part in parts if part.group == group]
        if all(part.name in done for part in of_group):
            yield from ((part, None) for part in of_group)
            continue
        for part, batch in zip(of_group, _slices(file, group, rows), strict=True):
            yield part, None if part.name in done else batch


def _slices(file: pq.ParquetFile, group: int, rows: int) -> Iterator[pa.Table]:
    """The rows of a group, *rows* at a time, whatever the sizes in which the file is decoded."""
    pending: list[pa.RecordBatch] = []
    count = 0
    for batch in file.iter_batches(rows, [group], use_threads=False):
        rest = batch
        while count + rest.num_rows >= rows:
            pending.append(rest.slice(0, rows - count))
            yield pa.Table.from_batches(pending)
            rest, pending, count = rest.slice(rows - count), [], 0
        if rest.num_rows:
            pending.append(rest)
            count += rest.num_rows
    if pending:
        yield pa.Table.from_batches(pending)


def _answered(work: Callable[[pa.Table], pa.Table], batch: pa.Table) -> pa.Table:
    answers = work(batch)
    if answers.num_rows != batch.num_rows:
        msg = f"{batch.num_rows} rows gave {answers.num_rows} answers"
        raise AssertionError(msg)
    return answers


def _identity(source: Path) -> dict[str, Any]:
    """What tells a file from another one or from another state of it."""
    status = source.stat()
    with source.open("rb") as file:
        file.seek(max(0, status.st_size - _FOOTER))
        return {"size": status.st_size, "modified": status.st_mtime_ns, "end": sha256(file.read()).hexdigest()}


@contextmanager
def _folder(target: Path, manifest: dict[str, Any]) -> Generator[Path]:
    """The folder of the parts, with the manifest of this run. It is removed in the end, and if a new run stops without a whole part."""
    folder = target.with_name(f"{target.name}.parts")
    folder.mkdir(exist_ok=True)
    new = not (folder / _MANIFEST).exists()
    try:
        _begin(folder, manifest)
        yield folder
    except BaseException:
        if new and all(_is_of_begin(path) for path in folder.iterdir()):
            shutil.rmtree(folder, ignore_errors=True)
        raise
    shutil.rmtree(folder)


def _is_of_begin(path: Path) -> bool:
    """Whether a file of the folder is the manifest, or one that was being written."""
    return path.name.lstrip(".").startswith(_MANIFEST)


def _begin(folder: Path, manifest: dict[str, Any]) -> None:
    """Writes the manifest of a new run, or compares it with that of the run that is continued."""
    kept = folder / _MANIFEST
    if not kept.exists():
        if not all(_is_of_begin(path) for path in folder.iterdir()):
            raise FieldError(str(folder), "is there already, and is no folder of parts", "name another target, or move the folder")
        content = json.dumps(manifest, indent=2).encode()

        def write(file: IO[bytes]) -> None:
            file.write(content)

        _replace(kept, write)
    elif _read(kept) != manifest:
        raise FieldError(str(folder), "has the parts of another run", "remove it to begin anew, or name another target")


def _read(manifest: Path) -> object:
    try:
        return json.loads(manifest.read_bytes())
    except ValueError:
        return None


def _is_whole(part: Path, rows: int) -> bool:
    """Whether a part is there. It is moved to its place when it is whole, but a disk may lose the end of a file when the power fails."""
    try:
        with pq.ParquetFile(part) as file:
            return bool(file.metadata.num_rows == rows)
    except (OSError, pa.ArrowInvalid):
        return False


def _whole(part: Path) -> pa.Table:
    with pq.ParquetFile(part) as file:
        return file.read()


def _write(part: Path, answers: pa.Table) -> None:
    def write(file: IO[bytes]) -> None:
        pq.write_table(answers, file, compression="zstd")

    _replace(part, write)


def _join(parts: list[Path], target: Path, work: Callable[[pa.Table], pa.Table], schema: pa.Schema) -> None:
    """Writes the parts into the target, in their order; the answers to no rows if there is no part."""

    def write(file: IO[bytes]) -> None:
        columns = pq.read_schema(parts[0]) if parts else work(schema.empty_table()).schema
        with pq.ParquetWriter(file, columns, compression="zstd") as writer:
            for part in parts:
                table = _whole(part)
                if table.schema != columns:
                    raise FieldError(str(part), "has other columns than the first part", "remove the folder, and begin anew")
                writer.write_table(table)

    _replace(target, write)


def _replace(path: Path, write: Callable[[IO[bytes]], None]) -> None:
    """Writes a file beside its place, makes sure that it is on the disk, and moves it there."""
    beside = path.with_name(f".{path.name}.{token_hex(4)}")
    try:
        with beside.open("wb") as file:
            write(file)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    except BaseException as error:
        with suppress(OSError):
            beside.unlink()
        if isinstance(error, OSError):
            raise OSError(error.errno, error.strerror or str(error), str(path)) from None
        raise
