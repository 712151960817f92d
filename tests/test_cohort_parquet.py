"""The command ``cohort`` and the function behind it: doses in a file, answers in another."""

from __future__ import annotations

import argparse
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tarlatamab_rules import cohort
from tarlatamab_rules.cohort import command
from tarlatamab_rules.cohort.streams.engines import _of_pandas
from tarlatamab_rules.core.errors import FieldError, UnitError, UnknownRulebookError

POINTS = ["C1D1", "C1D8", "C9D9", "C3D1"]
DOSES = pa.table(
    {
        "site": ["a", "b", "c", None],
        "point": POINTS,
        "planned_start": [datetime(2026, 3, 30, 9, tzinfo=UTC)] * 4,
        "alt": [30.0, 900.0, 30.0, None],
        "alt_upper_limit": [40.0] * 4,
        "alt_collected": [datetime(2026, 3, 29, 9, tzinfo=UTC)] * 4,
    }
)


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A file of four doses; the third is of a day that no cycle has."""
    path = tmp_path / "doses.parquet"
    pq.write_table(DOSES, path)
    return path


def ran(*arguments: str) -> str:
    """What the command prints."""
    parser = argparse.ArgumentParser()
    command.add_to(parser.add_subparsers())
    printed: list[str] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(command, "print_text", printed.append)
        command.run(parser.parse_args(["cohort", *arguments]))
    return "".join(printed)


def rows(path: Path) -> list[dict[str, Any]]:
    """The rows of a file, without the way in which they were found."""
    return [{name: value for name, value in row.items() if name != "way"} for row in pq.ParquetFile(path).read().to_pylist()]


class TestFunction:
    """`assess_parquet`."""

    def test_same_as_a_frame(self, source: Path, tmp_path: Path) -> None:
        """The answers are those of `assess` for the whole frame, whatever the size of a part, with the kept column in front."""
        answers = cohort.assess(DOSES, units={"alt": "U/L"}, ignore=["site"], rulebook="us-2025-11").frame
        expected = [{"site": site, **row} for site, row in zip("abc", answers.to_pylist(), strict=False)]
        for size in (1, 3, 100):
            target = tmp_path / f"out{size}.parquet"
            written = cohort.assess_parquet(source, target, units={"alt": "U/L"}, keep=["site"], rulebook="us-2025-11", rows=size)
            assert (written.rows, written.resumed) == (4, 0)
            found = rows(target)
            assert [row["site"] for row in found] == ["a", "b", "c", None]
            assert found[:3] == [{name: value for name, value in row.items() if name != "way"} for row in expected]

    def test_fault_of_a_row(self, source: Path, tmp_path: Path) -> None:
        """A row with a fault has the message, and loses no other row."""
        cohort.assess_parquet(source, tmp_path / "out.parquet", units={"alt": "U/L"}, keep=["site"])
        faults = [row["fault"] for row in rows(tmp_path / "out.parquet")]
        assert [fault is None for fault in faults] == [True, True, False, True]
        assert faults[2].startswith("point: there is no dose on day 9 of cycle 9")

    def test_wrong_columns(self, source: Path, tmp_path: Path) -> None:
        """A column that is no fact, a kept column that is not there, and one that answers have too are refused."""
        with pytest.raises(FieldError, match="site: there is no such column"):
            cohort.assess_parquet(source, tmp_path / "out.parquet")
        with pytest.raises(FieldError, match="keep: there is no column 'ward'"):
            cohort.assess_parquet(source, tmp_path / "out.parquet", keep=["site", "ward"])
        assert cohort.assess_parquet(source, tmp_path / "corrected.parquet", keep=["site"]).rows == 4
        pq.write_table(pa.table({"point": ["C1D1"], "verdict": ["x"]}), source)
        with pytest.raises(FieldError, match="keep: 'verdict' is a column of the answers as well"):
            cohort.assess_parquet(source, tmp_path / "out3.parquet", keep=["verdict"])
        assert not list(tmp_path.glob("out*.parquet"))

    def test_a_kept_fact_counts(self, source: Path, tmp_path: Path) -> None:
        """A fact that is kept beside the answers is not lost to them: an ALT of 900 still holds the dose, in a file and in an engine."""
        cohort.assess_parquet(source, tmp_path / "out.parquet", units={"alt": "U/L"}, keep=["site", "alt"])
        found = rows(tmp_path / "out.parquet")
        assert [(row["alt"], row["verdict"]) for row in found] == [
            (30.0, "needs-data"),
            (900.0, "needs-assessment"),
            (30.0, None),
            (None, "needs-data"),
        ]
        batches = list(cohort.assess_batches(DOSES.to_batches(), units={"alt": "U/L"}, keep=["site", "alt"]))
        assert batches[0]["verdict"].to_pylist() == [row["verdict"] for row in found]
        frame = DOSES.to_pandas()
        types = dict.fromkeys(["site", *cohort.assess(frame, ignore=["site"]).frame.columns], "string[pyarrow]") | {"alt": "float64"}
        part = _of_pandas(frame, types=types, keep=["site", "alt"], rulebook=None, units={"alt": "U/L"})
        assert part["verdict"].astype(object).where(part["verdict"].notna(), None).tolist() == batches[0]["verdict"].to_pylist()

    def test_wrong_arguments(self, source: Path, tmp_path: Path) -> None:
        """A rulebook, an age, a unit or a size that is wrong is refused before anything is written."""
        wrong: list[tuple[type[Exception], dict[str, Any]]] = [
            (UnknownRulebookError, {"rulebook": "us-2099"}),
            (UnitError, {"max_lab_age": "7 mg"}),
            (FieldError, {"units": {"age_years": "a"}}),
            (FieldError, {"rows": 0}),
        ]
        for error, choice in wrong:
            with pytest.raises(error):
                cohort.assess_parquet(source, tmp_path / "out.parquet", keep=["site"], **choice)
        assert not (tmp_path / "out.parquet").exists()

    def test_another_book_does_not_continue(self, source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """Parts by one book are not taken for another one."""
        with monkeypatch.context() as patch:
            patch.setattr("tarlatamab_rules.cohort.streams.streaming._join", _stop)
            with pytest.raises(KeyboardInterrupt):
                cohort.assess_parquet(source, tmp_path / "out.parquet", rulebook="us-2025-11", keep=["site"])
        with pytest.raises(FieldError, match="has the parts of another run"):
            cohort.assess_parquet(source, tmp_path / "out.parquet", rulebook="eu-2026", keep=["site"])


class TestCommand:
    """``tarlatamab-rules cohort``."""

    def test_assess(self, source: Path, tmp_path: Path) -> None:
        """The verdicts are counted, with the rows that were refused."""
        target = tmp_path / "out.parquet"
        printed = ran("assess", str(source), "-o", str(target), "--unit", "alt=U/L", "--keep", "site", "--rows", "3")
        first, *others = printed.splitlines()
        assert first == f"4 doses, written to {target}"
        assert others[-1] == "  refused, see the column fault: 1"
        assert sum(int(line.rsplit(": ")[1]) for line in others) == 4

    def test_a_policy(self, source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """A policy of one's own answers by its module and its name."""
        text = 'from tarlatamab_rules import rulebooks\nOURS = rulebooks.get("us-2025-11").overlay("our-hospital", {})\n'
        (tmp_path / "cohort_policy.py").write_text(text)
        monkeypatch.chdir(tmp_path)
        printed = ran("assess", str(source), "-o", "out.parquet", "--keep", "site", "--rulebook", "cohort_policy:OURS")
        assert printed.startswith("4 doses, written to out.parquet\n")
        del sys.modules["cohort_policy"]

    def test_continued(self, source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """A run that goes on says so."""
        target = tmp_path / "out.parquet"
        with monkeypatch.context() as patch:
            patch.setattr("tarlatamab_rules.cohort.streams.streaming._join", _stop)
            with pytest.raises(KeyboardInterrupt):
                ran("assess", str(source), "-o", str(target), "--keep", "site", "--rows", "2")
        printed = ran("assess", str(source), "-o", str(target), "--keep", "site", "--rows", "2")
        assert printed.endswith("\nContinued an earlier run: 2 of 2 parts were there.")

    def test_unit_without_a_column(self, source: Path) -> None:
        """A unit must name its column."""
        for text in ("U/L", "=U/L", "alt="):
            with pytest.raises(FieldError, match=r"--unit: '.*' has no column or no unit; write it like alt=U/L"):
                ran("assess", str(source), "-o", "x.parquet", "--unit", text)

    def test_no_answer_for_every_row(self, tmp_path: Path) -> None:
        """A file in which every row is fine has no line about refused rows."""
        pq.write_table(pa.table({"point": ["C1D1"]}), tmp_path / "in.parquet")
        assert "refused" not in ran("assess", str(tmp_path / "in.parquet"), "-o", str(tmp_path / "out.parquet"))

    def test_sql(self) -> None:
        """Questions are listed, and one is printed as a statement; without a question, whole assessments are."""
        assert "next_dose: course, days" in ran("sql", "--questions").splitlines()
        script = ran(
            "sql",
            "--rulebook",
            "us-2024-05",
            "--unit",
            "alt=kat/L",
            "--source",
            "registry.doses",
            "--target",
            "registry.answers",
            "--keep",
            "dose_id",
        )
        assert script.startswith("-- Whole assessments, one row a dose, by us-2024-05\n")
        assert "* FROM registry.doses\n" in script
        assert "CREATE OR REPLACE TABLE registry.answers AS" in script
        assert "('alt', 'kat/L'," in script
        assert 'SELECT judged.dose_row, known."dose_id", ' in script
        assert script.endswith(";")
        statement = ran("sql", "toxicity_action", "icans", "--rulebook", "us-2025-11", "--facts", "registry.icans")
        assert statement.startswith("-- toxicity_action, icans, by us-2025-11\n")
        assert "FROM registry.icans AS facts" in statement
        assert statement.endswith(";")

    @pytest.mark.parametrize("arguments", [("assess", "doses.parquet", "-o", "x.parquet"), ("sql",)])
    def test_without_the_extra(self, arguments: tuple[str, ...]) -> None:
        """Without the extra, the command names it and exits with 2."""
        code = (
            f"import sys; sys.modules['pyarrow'] = sys.modules['numpy'] = None; sys.argv = {['tarlatamab-rules', 'cohort', *arguments]}\n"
        )
        code += "from tarlatamab_rules.__main__ import main; sys.exit(main())"
        finished = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
        assert finished.returncode == 2
        assert "pip install 'tarlatamab-rules[cohort]'" in finished.stderr

    @pytest.mark.parametrize("arguments", [("assess", "doses.parquet", "-o", "x.parquet"), ("sql",)])
    def test_says_what_is_not_installed(self, arguments: tuple[str, ...], monkeypatch: pytest.MonkeyPatch) -> None:
        """What a name of the wing says of a missing extra is what the command says."""

        def missing(name: str) -> object:
            msg = f"{name} needs numpy"
            raise ImportError(msg)

        for name in ("assess_parquet", "sql_questions", "sql_script", "sql_statement"):
            monkeypatch.delitem(vars(cohort), name, raising=False)
        monkeypatch.setattr(cohort, "__getattr__", missing)
        with pytest.raises(FieldError, match="needs numpy"):
            ran(*arguments)


def _stop(*_: object) -> None:
    raise KeyboardInterrupt
