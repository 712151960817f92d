"""A Parquet file to another one, part by part: nothing is lost and nothing half written, whatever happens on the way."""

from __future__ import annotations

import json
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
from errno import EFBIG
from io import StringIO
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tarlatamab_rules.cohort.progress import progress
from tarlatamab_rules.cohort.streams.streaming import Written, transform
from tarlatamab_rules.core.errors import FieldError

SETTINGS = {"rulebook": "us-2025-11"}


def doubled(table: pa.Table) -> pa.Table:
    """Stands for an assessment: one answer for each row."""
    return pa.table({"double": pa.array([2 * value for value in table["value"].to_pylist()], pa.int64())})


def file_of(folder: Path, count: int, group: int = 7) -> Path:
    """A Parquet file with so many rows, *group* in a row group."""
    source = folder / "in.parquet"
    pq.write_table(pa.table({"value": pa.array(range(count), pa.int64())}), source, row_group_size=group)
    return source


def run(source: Path, target: Path, **changed: Any) -> Written:
    """A run of parts of 3 rows."""
    settings: dict[str, Any] = {"work": doubled, "settings": SETTINGS, "rows": 3}
    return transform(source, target, **settings | changed)


def answers(target: Path) -> list[int]:
    """What a target holds."""
    values: list[int] = pq.ParquetFile(target).read()["double"].to_pylist()
    return values


class TestWhole:
    """A run that nothing disturbs."""

    @given(count=st.integers(0, 40), group=st.integers(1, 40), rows=st.integers(1, 45))
    def test_every_row_once_and_in_order(self, count: int, group: int, rows: int) -> None:
        """Each row has its answer, at its place, whatever the sizes of row groups and parts; nothing else is left in the folder."""
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            source, target = file_of(folder, count, group), folder / "out.parquet"
            written = run(source, target, rows=rows)
            assert (written.target, written.rows, written.resumed) == (str(target), count, 0)
            assert answers(target) == [2 * number for number in range(count)]
            assert sorted(path.name for path in folder.iterdir()) == ["in.parquet", "out.parquet"]

    def test_name_with_an_equals_sign(self, tmp_path: Path) -> None:
        """A folder called ``site=4`` is a folder, and no column."""
        folder = tmp_path / "site=4"
        folder.mkdir()
        run(file_of(folder, 5), folder / "out.parquet")
        assert pq.ParquetFile(folder / "out.parquet").schema_arrow.names == ["double"]

    def test_wrong_number_of_answers(self, tmp_path: Path) -> None:
        """Work that loses a row stops the run."""
        with pytest.raises(AssertionError, match="3 rows gave 2 answers"):
            run(file_of(tmp_path, 7), tmp_path / "out.parquet", work=lambda table: doubled(table).slice(1))
        assert not (tmp_path / "out.parquet").exists()

    def test_other_columns(self, tmp_path: Path) -> None:
        """Answers that change their columns from part to part are refused, and no target is written."""

        def changing(table: pa.Table) -> pa.Table:
            return doubled(table).rename_columns(["first" if table["value"][0].as_py() == 0 else "later"])

        with pytest.raises(FieldError, match=r"part-000000-000001.parquet: has other columns than the first part"):
            run(file_of(tmp_path, 7), tmp_path / "out.parquet", work=changing)
        assert not (tmp_path / "out.parquet").exists()


class TestTarget:
    """What was there before."""

    def test_is_not_replaced_unasked(self, tmp_path: Path) -> None:
        """A file that is there stays, and the error says how to replace it."""
        (tmp_path / "out.parquet").write_text("mine")
        with pytest.raises(FileExistsError, match="pass force=True"):
            run(file_of(tmp_path, 7), tmp_path / "out.parquet")
        assert (tmp_path / "out.parquet").read_text() == "mine"

    @pytest.mark.parametrize("force", [False, True])
    def test_is_never_the_source(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, force: bool) -> None:
        """Answers never take the place of the facts, whatever the two are called, and the error advises no force."""
        source, linked, hard = file_of(tmp_path, 7), tmp_path / "link.parquet", tmp_path / "hard.parquet"
        linked.symlink_to(source.name)
        hard.hardlink_to(source)
        (tmp_path / "folder").mkdir()
        monkeypatch.chdir(tmp_path)
        names = [source, linked, hard, Path("in.parquet"), Path("./folder/../in.parquet")]
        for one, other in [(source, name) for name in names] + [(name, source) for name in names]:
            with pytest.raises(FieldError, match=r"parquet: is the source itself: .*; name another target") as error:
                run(one, other, force=force)
            assert "force" not in str(error.value)
        assert pq.ParquetFile(source).schema_arrow.names == ["value"]
        assert sorted(path.name for path in tmp_path.iterdir()) == ["folder", "hard.parquet", "in.parquet", "link.parquet"]

    def test_a_folder_of_others(self, tmp_path: Path) -> None:
        """A folder with the name of that of the parts, but without a manifest, is not used and not removed."""
        source, folder = file_of(tmp_path, 7), tmp_path / "out.parquet.parts"
        folder.mkdir()
        (folder / "notes.txt").write_text("mine")
        with pytest.raises(FieldError, match=r"out\.parquet\.parts: is there already, and is no folder of parts; name another target"):
            run(source, tmp_path / "out.parquet")
        assert (folder / "notes.txt").read_text() == "mine"
        (folder / "notes.txt").rename(folder / ".manifest.json.0123abcd")  # a run was killed before it had a manifest
        assert run(source, tmp_path / "out.parquet").rows == 7
        assert not folder.exists()

    @pytest.mark.parametrize("error", [FieldError("alt", "is wrong"), KeyboardInterrupt(), OSError(5, "disk")])
    def test_nothing_is_left_of_a_run_that_made_no_part(self, tmp_path: Path, error: BaseException) -> None:
        """If the first rows are refused, nothing is left, and a run with other settings begins anew; later, whole parts stay."""

        def failing(table: pa.Table) -> pa.Table:
            if table.num_rows == 0 or table["value"][0].as_py() >= failing_from:
                raise error
            return doubled(table)

        failing_from = 0
        for count in (7, 0):
            source = file_of(tmp_path, count)
            with pytest.raises(type(error)):
                run(source, tmp_path / "out.parquet", work=failing)
            assert [path.name for path in tmp_path.iterdir()] == ["in.parquet"]
        source, failing_from = file_of(tmp_path, 7), 3
        with pytest.raises(type(error)):
            run(source, tmp_path / "out.parquet", work=failing)
        assert sorted(path.name for path in (tmp_path / "out.parquet.parts").iterdir()) == ["manifest.json", "part-000000-000000.parquet"]
        assert run(source, tmp_path / "out.parquet").resumed == 1

    def test_is_replaced_only_by_a_whole_file(self, tmp_path: Path) -> None:
        """With *force*, a file that is there is as it was until the new one is whole."""
        source, target = file_of(tmp_path, 7), tmp_path / "out.parquet"
        target.write_text("mine")

        def failing(table: pa.Table) -> pa.Table:
            if table["value"][0].as_py() > 0:
                raise KeyError("stop")
            return doubled(table)

        with pytest.raises(KeyError):
            run(source, target, work=failing, force=True)
        assert target.read_text() == "mine"
        assert run(source, target, force=True).resumed == 1
        assert answers(target) == [0, 2, 4, 6, 8, 10, 12]


class TestContinued:
    """A run that goes on after an earlier one was stopped."""

    @pytest.fixture(scope="class")
    @classmethod
    def killed(cls, tmp_path_factory: pytest.TempPathFactory) -> Path:
        """A folder in which a run was killed after two parts."""
        folder = tmp_path_factory.mktemp("killed")
        code = (
            "import os, signal, sys; sys.path.insert(0, sys.argv[1])\n"
            "from pathlib import Path\n"
            "import test_cohort_streaming as t\n"
            "def killing(table):\n"
            "    if table['value'][0].as_py() >= 6: os.kill(os.getpid(), signal.SIGKILL)\n"
            "    return t.doubled(table)\n"
            "folder = Path(sys.argv[2])\n"
            "t.run(t.file_of(folder, 20), folder / 'out.parquet', work=killing)\n"
        )
        ended = subprocess.run([sys.executable, "-c", code, str(Path(__file__).parent), str(folder)], check=False)
        assert ended.returncode == -signal.SIGKILL
        assert not (folder / "out.parquet").exists()
        return folder

    @pytest.fixture
    def stopped(self, killed: Path, tmp_path: Path) -> Path:
        """A copy of that folder."""
        return Path(shutil.copytree(killed, tmp_path / "copy"))

    def test_killed(self, stopped: Path) -> None:
        """A run that was killed goes on after its last whole part, with the same file in the end."""
        assert run(stopped / "in.parquet", stopped / "out.parquet").resumed == 2
        assert answers(stopped / "out.parquet") == [2 * number for number in range(20)]
        assert sorted(path.name for path in stopped.iterdir()) == ["in.parquet", "out.parquet"]

    def test_damaged_part(self, stopped: Path) -> None:
        """A part that lost its end is made again."""
        part = stopped / "out.parquet.parts" / "part-000000-000001.parquet"
        part.write_bytes(part.read_bytes()[:-9])
        assert run(stopped / "in.parquet", stopped / "out.parquet").resumed == 1
        assert answers(stopped / "out.parquet") == [2 * number for number in range(20)]

    def test_part_with_other_rows(self, stopped: Path) -> None:
        """A part with another number of rows is made again."""
        pq.write_table(pa.table({"double": [0]}), stopped / "out.parquet.parts" / "part-000000-000000.parquet")
        assert run(stopped / "in.parquet", stopped / "out.parquet").resumed == 1
        assert answers(stopped / "out.parquet") == [2 * number for number in range(20)]

    def test_other_settings(self, stopped: Path) -> None:
        """Parts by another rulebook, or of another size, are not mixed in."""
        for changed in ({"settings": {"rulebook": "eu-2026"}}, {"rows": 4}):
            with pytest.raises(FieldError, match=r"out\.parquet\.parts: has the parts of another run; remove it"):
                run(stopped / "in.parquet", stopped / "out.parquet", **changed)

    def test_other_source(self, stopped: Path) -> None:
        """Parts of a source that has changed since are not mixed in."""
        file_of(stopped, 21)
        with pytest.raises(FieldError, match="has the parts of another run"):
            run(stopped / "in.parquet", stopped / "out.parquet")

    def test_damaged_manifest(self, stopped: Path) -> None:
        """Without a readable manifest, nobody knows of what the parts are."""
        manifest = stopped / "out.parquet.parts" / "manifest.json"
        for text in ("{", json.dumps({"format": "another"})):
            manifest.write_text(text)
            with pytest.raises(FieldError, match="has the parts of another run"):
                run(stopped / "in.parquet", stopped / "out.parquet")


class TestSource:
    """A file that cannot be read."""

    def test_cut_off(self, tmp_path: Path) -> None:
        """A file that lost its end is no whole Parquet file."""
        source = file_of(tmp_path, 100)
        source.write_bytes(source.read_bytes()[:-20])
        with pytest.raises(FieldError, match=r"in\.parquet: is no whole Parquet file: .*; it may have been cut off; write it again"):
            run(source, tmp_path / "out.parquet")

    @pytest.mark.parametrize("content", [b"", b"PAR1", b"point,amount\nC1D1,1\n", b"PAR1" + bytes(40) + b"PAR1"])
    def test_no_parquet(self, tmp_path: Path, content: bytes) -> None:
        """Text, nothing, or a file with the marks of Parquet alone is refused, and leaves nothing behind."""
        source = tmp_path / "in.parquet"
        source.write_bytes(content)
        with pytest.raises(FieldError, match="is no whole Parquet file"):
            run(source, tmp_path / "out.parquet")
        assert [path.name for path in tmp_path.iterdir()] == ["in.parquet"]

    def test_damaged_inside(self, tmp_path: Path) -> None:
        """A file whose pages are damaged stops the run; no target is written."""
        source = file_of(tmp_path, 100_000, 100_000)
        content = bytearray(source.read_bytes())
        content[100:5000] = bytes(4900)
        source.write_bytes(content)
        with pytest.raises(FieldError, match="is no whole Parquet file"):
            run(source, tmp_path / "out.parquet", rows=1000)
        assert not (tmp_path / "out.parquet").exists()

    def test_is_missing(self, tmp_path: Path) -> None:
        """A file that is not there raises what Python raises for it."""
        with pytest.raises(FileNotFoundError):
            run(tmp_path / "in.parquet", tmp_path / "out.parquet")
        with pytest.raises(IsADirectoryError):
            run(tmp_path, tmp_path / "out.parquet")


class TestDisk:
    """A disk that takes no more."""

    def test_full(self, tmp_path: Path) -> None:
        """If the disk is full, whole parts stay, the target is not there, and the next run goes on."""
        source = file_of(tmp_path, 60_000, 30_000)
        random = pa.table({"value": pa.array([(number * 2_654_435_761) % (1 << 40) for number in range(60_000)], pa.int64())})
        pq.write_table(random, source, row_group_size=30_000)
        target = tmp_path / "out.parquet"
        before = resource.getrlimit(resource.RLIMIT_FSIZE)
        try:
            resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, before[1]))  # each part has less, and the target has more
            with pytest.raises(OSError, match=r"out\.parquet") as caught:
                run(source, target, rows=30_000)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, before)
        assert (caught.value.errno, caught.value.filename) == (EFBIG, str(target))
        assert sorted(path.name for path in tmp_path.iterdir()) == ["in.parquet", "out.parquet.parts"]
        assert run(source, target, rows=30_000).resumed == 2
        assert answers(target) == [2 * value for value in random["value"].to_pylist()]

    def test_full_in_a_part(self, tmp_path: Path) -> None:
        """A part that does not fit is not left half written; nor is anything else, if it was the first."""
        source, target = file_of(tmp_path, 100, 10), tmp_path / "out.parquet"
        before = resource.getrlimit(resource.RLIMIT_FSIZE)
        try:
            resource.setrlimit(resource.RLIMIT_FSIZE, (500, before[1]))
            with pytest.raises(OSError, match=r"part-000000-000000\.parquet"):
                run(source, target)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, before)
        assert [path.name for path in tmp_path.iterdir()] == ["in.parquet"]


class TestProgress:
    """A bar on a terminal."""

    class Terminal(StringIO):
        """A standard error that somebody looks at."""

        def isatty(self) -> bool:
            """A terminal."""
            return True

    def test_on_a_terminal_only(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """The bar goes to a terminal on the standard error; elsewhere, or without one, nothing is printed."""
        terminal, file = self.Terminal(), StringIO()
        for stream in (terminal, file, None):
            monkeypatch.setattr(sys, "stderr", stream)
            with progress(10, "rows") as advance:
                advance(10)
        assert "10.0/10.0" in terminal.getvalue()
        assert file.getvalue() == ""
