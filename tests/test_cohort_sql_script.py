"""Whole assessments as SQL: run in DuckDB, each answer is that of the library, or is left to the library with a reason."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import duckdb
import pyarrow as pa
import pytest

from cohort_equal import POLICY
from cohort_rows import Rows
from helpers import DEFAULT
from sql_rows import PlainRows, plausible, table_of
from tarlatamab_rules import rulebooks
from tarlatamab_rules.cohort import COLUMNS, assess, sql_script
from tarlatamab_rules.cohort.frames.answers import PARTS
from tarlatamab_rules.cohort.frames.columns import Holds
from tarlatamab_rules.core.decisions import DoseAction
from tarlatamab_rules.core.errors import FieldError, UnknownRulebookError
from tarlatamab_rules.inputs.vocabulary import Grade, Toxicity
from tarlatamab_rules.policy import Row
from tarlatamab_rules.rulebooks._book import Rulebook
from tarlatamab_rules.rulebooks.facts import BEGAN_BEFORE, GRADE, NOW, points
from tarlatamab_rules.rulebooks.questions import TOXICITY_ACTION
from tarlatamab_rules.values.toxicities import ToxicityAction

STACKS = (DEFAULT, "strictest of eu-2026, us-2025-11")
_BEGAN = Row(
    id="OWN-2",
    when={
        GRADE: frozenset((Grade.SEVERE, Grade.LIFE_THREATENING)),
        NOW: frozenset((Grade.SEVERE, Grade.LIFE_THREATENING)),
        BEGAN_BEFORE: points("C1D8", "C2D1"),
    },
    then=ToxicityAction(DoseAction.DISCONTINUE),
    says="Low neutrophils or hypersensitivity of grade 3 or 4 stops the drug if it began before the doses C1D8 to C2D1.",
)
BEGAN = rulebooks.default().overlay(
    "policy-by-onset", {TOXICITY_ACTION[toxicity]: (_BEGAN,) for toxicity in (Toxicity.NEUTROPENIA, Toxicity.HYPERSENSITIVITY)}
)
"""A policy of one's own by which it matters after which dose a low count began."""
BOOKS: tuple[Rulebook | str, ...] = (*rulebooks.names(), *STACKS, POLICY, BEGAN)
NAMES = [book if isinstance(book, str) else book.name for book in BOOKS]
ANSWERS = ("verdict", *PARTS, *(f"{part}.rows" for part in PARTS))
LEFT = "left_to_library"


def ran(doses: pa.Table, book: Rulebook | str | None = None, **choices: Any) -> list[dict[str, Any]]:
    """The answers of the script to each row of a table."""
    with duckdb.connect() as database:
        database.register("doses", doses)
        database.execute(sql_script(book, **choices)).fetchall()
        table = database.sql("SELECT * FROM answers ORDER BY dose_row").to_arrow_table()
    rows: list[dict[str, Any]] = table.to_pylist()
    assert [row["dose_row"] for row in rows] == list(range(1, doses.num_rows + 1))
    return rows


def differing(answers: list[dict[str, Any]], doses: pa.Table, **choices: Any) -> tuple[list[str], float]:
    """The differences between the script and the library, in words; and the share of the rows that the script decides."""
    wanted, differences = assess(doses, **choices).frame.to_pylist(), []
    for n, (row, by_library) in enumerate(zip(answers, wanted, strict=True)):
        if row[LEFT] is not None:
            assert all(row[name] is None for name in ANSWERS)
            continue
        columns = {name: (row[name], by_library.get(name)) for name in ANSWERS if row[name] != by_library.get(name)}
        if columns or by_library["fault"]:
            differences.append(f"row {n}: {columns}, fault {by_library['fault']}")
    return differences, sum(row[LEFT] is None for row in answers) / doses.num_rows


def compared(doses: pa.Table, book: Rulebook | str | None = None, units: dict[str, str] | None = None) -> tuple[list[str], float]:
    """As `differing`, for the answers of the script to some doses."""
    return differing(ran(doses, book, units=units), doses, rulebook=book, units=units)


START = date(2026, 3, 16)
UNITS = {"neutrophils": "10*9/L", "hemoglobin": "g/dL", "platelets": "10*9/L", "alt": "U/L", "ast": "U/L", "bilirubin": "mg/dL"}
FIRST: dict[str, Any] = {
    "point": "C1D1",
    "planned_start": START,
    "ordered": 1.0,
    "course_before": "regular",
    "age_years": 64.0,
    "diagnosis": "extensive-stage-sclc",
    "infection": "none",
    "progressed_after_platinum": True,
    "hypersensitivity": False,
    "childbearing_potential": False,
    "events_reviewed": True,
    **{f"{name}_collected": START - timedelta(days=1) for name in UNITS},
    **{f"{name}_unit": unit for name, unit in UNITS.items()},
    "neutrophils": 4.0,
    "neutrophils_lower_limit": 1.8,
    "hemoglobin": 13.0,
    "hemoglobin_lower_limit": 12.0,
    "platelets": 210.0,
    "platelets_lower_limit": 150.0,
    "alt": 22.0,
    "alt_upper_limit": 40.0,
    "ast": 20.0,
    "ast_upper_limit": 35.0,
    "bilirubin": 0.5,
    "bilirubin_upper_limit": 1.1,
}
"""A first dose to which nothing objects."""
LATER = FIRST | {
    "point": "C2D1",
    "ordered": 10.0,
    "previous_point": "C1D15",
    "previous_started": START - timedelta(days=14),
    "previous_amount": 10.0,
}
"""A later dose to which nothing objects."""


def ago(days: int) -> date:
    """A day before the planned dose."""
    return START - timedelta(days=days)


CRS = {"crs_grade": 3, "crs_status": "active", "crs_onset": ago(1)}
ICANS = {"icans_grade": 3, "icans_status": "active"}
OVER = {"crs_status": "resolved", "crs_onset": ago(9), "crs_resolved": ago(8)}
PER_UL = {"neutrophils_unit": "/uL", "neutrophils_lower_limit": 1800.0}
THRICE = {"alt": 91.2, "alt_upper_limit": 30.4, "alt_baseline": 20.0}
DOUBTFUL = {"infection": "controlled", "childbearing_potential": True, "pregnant": None, "breastfeeding": False}
REACTION = {"hypersensitivity_grade": 3, "hypersensitivity_status": "active", "hypersensitivity_onset": ago(28)}
REACTION_ROWS = "events.hypersensitivity.rows"
PAST = {
    "hypersensitivity_grade": 3,
    "hypersensitivity_status": "resolved",
    "hypersensitivity_onset": ago(40),
    "hypersensitivity_resolved": ago(20),
}
CYCLE_3 = LATER | {"point": "C3D1", "previous_point": "C2D15"}
WITHOUT_ALT = {name: None for name in LATER if name.startswith("alt")}
CASES: tuple[tuple[str, dict[str, Any], str, str, str], ...] = (
    ("nothing objects to the first dose", FIRST, "proceed", "verdict", "proceed"),
    ("nothing objects to a later dose", LATER, "proceed", "verdict", "proceed"),
    ("neutrophils of 0.9 are grade 3", LATER | {"neutrophils": 0.9}, "withhold", "labs.neutrophils", "withhold"),
    ("neutrophils of 1.0 are grade 2", LATER | {"neutrophils": 1.0}, "proceed", "labs.neutrophils", "proceed"),
    ("at 15 digits, this is less than 1", LATER | {"neutrophils": 0.999999999999999}, "withhold", "labs.neutrophils", "withhold"),
    ("at 15 digits, this is 1", LATER | {"neutrophils": 0.9999999999999999}, "proceed", "labs.neutrophils", "proceed"),
    ("1000 /uL are 1.0", LATER | PER_UL | {"neutrophils": 1000.0}, "proceed", "labs.neutrophils", "proceed"),
    ("999 /uL are less", LATER | PER_UL | {"neutrophils": 999.0}, "withhold", "labs.neutrophils", "withhold"),
    ("another amount is due", LATER | {"ordered": 1.0}, "needs-assessment", "dose", "needs-assessment"),
    ("0.01 g are 10 mg", LATER | {"ordered": 0.01, "ordered_unit": "g"}, "proceed", "dose", "proceed"),
    ("no amount is ordered", LATER | {"ordered": 0.0}, "", LEFT, "the ordered amount"),
    ("too early", LATER | {"previous_started": ago(13)}, "needs-assessment", "dose.rows", "guard/too-early"),
    ("an unknown infection may hold the dose", LATER | {"infection": None}, "needs-data", "patient.infection.rows", "guard/infection"),
    ("pregnancy excludes", LATER | {"childbearing_potential": True, "pregnant": True}, "excluded", "eligibility", "excluded"),
    ("pregnancy without childbearing potential", LATER | {"pregnant": True}, "", LEFT, "pregnant"),
    ("a required result is missing", LATER | WITHOUT_ALT, "needs-data", "labs.alt.rows", "guard/labs"),
    ("first CRS of grade 3", LATER | CRS, "withhold", "events.crs", "withhold"),
    ("CRS of grade 4", LATER | CRS | {"crs_grade": 4}, "discontinue", "events.crs", "discontinue"),
    ("ICANS of grade 2", LATER | ICANS | {"icans_grade": 2, "icans_onset": ago(3)}, "withhold", "events.icans.rows", "NEU-3"),
    ("ICANS of grade 3", LATER | ICANS | {"icans_onset": ago(3)}, "discontinue", "events.icans.rows", "NEU-4"),
    ("CRS that is over", LATER | CRS | OVER, "proceed", "events.crs", "proceed"),
    ("CRS that ends later", LATER | CRS | {"crs_status": None, "crs_resolved": ago(-1)}, "", LEFT, "crs: its end"),
    ("a contradiction", LATER | CRS | {"crs_resolved": START}, "", LEFT, "crs: not known whether it is over"),
    ("CRS before the first dose", FIRST | CRS, "", LEFT, "crs: an episode before the first dose"),
    ("at 15 digits, this is 3 times the limit", LATER | THRICE, "proceed", "labs.alt.rows", "alanine-aminotransferase-increased/normal-1"),
    ("ALT of grade 4 before C1D1", FIRST | {"alt": 900.0, "alt_baseline": 20.0}, "withhold", "labs.alt.rows", "guard/do-not-start"),
    ("platelets of grade 3", LATER | {"platelets": 40.0}, "withhold", "labs.platelets.rows", "T7-PLATELETS/3"),
    ("to be assessed, and perhaps excluded", LATER | DOUBTFUL, "needs-assessment", "eligibility.rows", "CI-1"),
    ("perhaps excluded", LATER | DOUBTFUL, "needs-assessment", "eligibility.rows", "CI-2"),
    ("a reaction of 28 days", LATER | REACTION, "withhold", REACTION_ROWS, "T7-OTHER-3/hypersensitivity"),
    ("a reaction of 20 days", CYCLE_3 | PAST, "needs-assessment", REACTION_ROWS, "T7-OTHER-3/hypersensitivity/recovered"),
    ("CRS from before", LATER | CRS | {"crs_onset": ago(40)}, "", LEFT, "crs: no onset between the first dose and the planned one"),
    ("about a year late", LATER | {"previous_started": ago(330)}, "", LEFT, "the days since the previous dose"),
    ("an old result", FIRST | {"alt_collected": ago(29)}, "", LEFT, "alt: its age"),
    ("findings", LATER | {"findings_ice": 10}, "", LEFT, "not read by this script: findings_ice"),
    ("a time zone", LATER | {"site_zone": "Europe/Berlin"}, "", LEFT, "not read by this script: site_zone"),
    ("an impossible value", LATER | {"alt": 1e9}, "", LEFT, "alt: its value"),
    ("a unit of something else", LATER | {"alt_unit": "mg/dL"}, "", LEFT, "alt: its unit"),
    ("no unit", LATER | {"alt_unit": None}, "", LEFT, "alt: its unit"),
    ("limits without a value", LATER | {"sodium_upper_limit": 145.0}, "", LEFT, "sodium: facts of a result without a value"),
    ("drawn on the day of the dose", LATER | {"alt_collected": START}, "proceed", "labs.alt", "proceed"),
    ("drawn after the dose", LATER | {"alt_collected": ago(-1)}, "", LEFT, "alt: it does not count for the dose"),
    ("drawn before the last dose", LATER | {"alt_collected": ago(14)}, "", LEFT, "alt: it does not count for the dose"),
    ("undated", LATER | {"alt_collected": None}, "", LEFT, "alt: it does not count for the dose"),
    ("an amount of no schedule", LATER | {"previous_amount": 9.99}, "", LEFT, "the amount of the previous dose"),
    ("a dose was left out", LATER | {"previous_point": "C1D8"}, "", LEFT, "the previous dose is not the one before the planned one"),
    ("a dose of which the script knows nothing", LATER | {"point": "C99D1"}, "", LEFT, "a dose that this script does not know"),
    ("a name of a dose with a space", FIRST | {"point": "C1D1 "}, "", LEFT, "a dose that this script does not know"),
    ("toxicities not reviewed", LATER | {"events_reviewed": None}, "", LEFT, "it is not known whether the toxicities were reviewed"),
    ("no number", LATER | {"age_years": float("nan")}, "", LEFT, "not read by this script: age_years"),
    ("a word that is not known", LATER | {"diagnosis": "nonsense"}, "", LEFT, "diagnosis"),
    ("no planned start", LATER | {"planned_start": None}, "", LEFT, "no planned start"),
)  # fmt: skip
"""Rows whose answer is known by hand from the sources: what they are, the row, the verdict, and a column with what it holds."""


_SOME = PlainRows(1)
DOSES = table_of([row for _, row, *_ in CASES] + [_SOME.row() for _ in range(30)])
"""The cases, and some random rows near to plain ones."""
KEYS = [f"dose {n}" for n in range(DOSES.num_rows)]


@pytest.fixture(scope="module")
def answered() -> list[dict[str, Any]]:
    """The answers of the script to these rows."""
    keyed = DOSES
    for name in ("dose_id", "strictest", "number", "grade", "role"):
        keyed = keyed.append_column(name, pa.array(KEYS))  # names that steps of the script have as well
    return ran(keyed, keep=["dose_id", "strictest"])


@pytest.mark.parametrize("n", range(len(CASES)), ids=[case[0] for case in CASES])
def test_case(n: int, answered: list[dict[str, Any]]) -> None:
    """A row has the answer that the source gives, or the reason why it is left to the library."""
    _, _, verdict, column, holds = CASES[n]
    assert answered[n]["verdict"] == (verdict or None)
    assert holds in str(answered[n][column]).split(", ") or holds == answered[n][column]


def test_keys(answered: list[dict[str, Any]]) -> None:
    """Columns to keep stand beside the answers of their row."""
    assert [row["dose_id"] for row in answered] == KEYS
    assert [row["strictest"] for row in answered] == KEYS


def test_as_the_library(answered: list[dict[str, Any]]) -> None:
    """Whatever the script answers, the library answers."""
    differences, share = differing(answered, DOSES)
    assert not differences
    assert share > 0.4


class TestScript:
    """What the script is."""

    def test_names(self) -> None:
        """It reads and makes the tables that a caller names, and a comment cannot run on."""
        script = sql_script("us-2024-05", source="(SELECT *\nFROM doses)", target="registry.answers")
        head = script[: script.index("CREATE")].splitlines()
        assert all(line.startswith("-- ") for line in head)
        assert "CREATE OR REPLACE TABLE registry.answers AS\nWITH " in script
        assert "* FROM (SELECT *\nFROM doses)\n" in script
        assert script.endswith(";\n")

    def test_tables(self) -> None:
        """What the book asks for is in the tables: units, needs that it leaves open, and grades that the script cannot follow."""
        assert "('alt', 'kat/L', 6.0000000000000000e+07)" in sql_script("eu-2026", units={"alt": "kat/L"})
        assert "open_needs (number, analyte, rows) AS (VALUES" in sql_script("eu-2026")
        script = sql_script(BEGAN)
        assert "('neutrophils', 3, 0, '', FALSE, 'open', FALSE, CAST([] AS VARCHAR[]))" in script
        assert "events_icans AS MATERIALIZED" in script
        assert "events_hypersensitivity" not in script

    def test_wrong_arguments(self) -> None:
        """An unknown book, or a unit of a column that has none, is refused."""
        with pytest.raises(UnknownRulebookError):
            sql_script("nonsense")
        with pytest.raises(FieldError, match=r"units.infection: there is no such column with a unit; name a column such as 'alt'"):
            sql_script(units={"infection": "mg"})
        for name in ("Verdict", "labs.alt.rows", "dose_row"):
            with pytest.raises(FieldError, match=rf"keep: '{name}' is a column of the answers; rename it in the source"):
                sql_script(keep=[name])

    def test_no_number_of_its_own(self) -> None:
        """Two books differ only in the tables and in the codes of their axes; the steps are the same."""

        def steps(book: str) -> str:
            script = re.sub(r"\n(\w+) (\([\w, ]+\) AS \(VALUES\n.*?\n\)|AS \(SELECT CAST.*?FALSE\))", "", sql_script(book), flags=re.DOTALL)
            return re.sub(r"CASE WHEN [\w.]+ IS NULL THEN \d+ .*? END|\d\.\d{16}e[+-]\d+", "", script[script.index("WITH ") :])

        assert len(steps("ctcae-5.0")) > 10_000
        assert steps("ctcae-5.0") == steps("astct-2019")


@pytest.mark.thorough
class TestAgainstLibrary:
    """Many rows, by every book."""

    @pytest.mark.parametrize("book", BOOKS, ids=NAMES)
    def test_rows(self, book: Rulebook | str) -> None:
        """Rows near to plain ones, on limits, hostile and dirty ones, and plausible ones, of which the script decides more than 95 %."""
        rows, hostile, dirty = PlainRows(2), Rows(3, dated="days"), Rows(4, dated="days", dirt=0.02, calm=0.9)
        odd = table_of([rows.row() for _ in range(220)] + [hostile.row() for _ in range(40)] + [dirty.row() for _ in range(40)])
        calm, units = plausible(20_000 if book == DEFAULT else 1_000)
        doses = pa.concat_tables([odd, calm], promote_options="permissive")
        answers = ran(doses, book, units=units)
        differences, _ = differing(answers, doses, rulebook=book, units=units)
        assert not differences
        assert sum(row[LEFT] is None for row in answers[: odd.num_rows]) > 0.3 * odd.num_rows
        assert sum(row[LEFT] is None for row in answers[odd.num_rows :]) > 0.95 * calm.num_rows

    def test_clock(self) -> None:
        """By the label, ICANS of grade 3 stops the drug if it has not improved within 7 days."""
        rows = [LATER | ICANS | {"icans_onset": ago(days)} for days in (7, 8)]
        over = {"icans_status": "resolved", "icans_onset": ago(10)}
        rows += [LATER | ICANS | over | {"icans_resolved": ago(days)} for days in (3, 2)]
        verdicts = [row["verdict"] for row in ran(table_of(rows), "us-2025-11")]
        # What took at most 7 days is in time. What took at most 8 days may have improved in time: a fact is missing.
        assert verdicts == ["withhold", "discontinue", "proceed", None]

    def test_facts_that_change_nothing(self) -> None:
        """By the label, a patient who is breast-feeding needs assessment. An unknown pregnancy adds nothing; an unknown cancer may."""
        row = LATER | {"childbearing_potential": True, "pregnant": None, "breastfeeding": True, "diagnosis": None}
        (answer,) = ran(table_of([row]), "us-2025-11")
        assert answer["eligibility"] == "needs-assessment"
        assert answer["eligibility.rows"] == "IND/cancer, IND/other-cancer, LACTATION"

    def test_any_other_column(self) -> None:
        """A value in any column never gives an answer that differs: the row is left to the library, or answered alike."""
        rows = []
        for column in COLUMNS.values():
            if column.holds is Holds.TEXT:
                values: tuple[Any, ...] = (*column.words, "", "nonsense", "g")
            elif column.holds is Holds.TRUTH:
                values = (True, False)
            elif column.holds is Holds.WHEN:
                values = (START, ago(1), ago(14), ago(400), ago(-1), date(1899, 12, 31))
            else:
                values = (0, 1, 3, 5) if column.holds is Holds.WHOLE else (0.0, 0.5, 3.0, -1.0, 1e300, float("nan"))
            rows += [base | {column.name: value} for base in (FIRST, LATER | CRS) for value in values]
        differences, _ = compared(table_of(rows))
        assert not differences

    @pytest.mark.parametrize("kind", ["times", "utc", "text", "decimal", "float", "whole", "words", "large"])
    def test_columns_of_other_types(self, kind: str) -> None:
        """Columns of other types are read as the library reads them, or their rows are left to the library."""
        rows = PlainRows(5)
        doses = table_of([FIRST, LATER, LATER | CRS, *[rows.row() for _ in range(40)]])
        columns = {name: _as(kind, name, doses.column(name)) for name in doses.column_names}
        differences, _ = compared(pa.table(columns))
        assert not differences


_KINDS: dict[tuple[Holds, str], Callable[[list[Any]], Any]] = {
    (Holds.WHEN, "times"): lambda values: pa.array(values).cast(pa.timestamp("us")),
    (Holds.WHEN, "utc"): lambda values: pa.array(values).cast(pa.timestamp("us", "UTC")),
    (Holds.WHEN, "text"): lambda values: [None if value is None else str(value) for value in values],
    (Holds.NUMBER, "decimal"): lambda values: [None if value is None else Decimal(str(round(value, 4))) for value in values],
    (Holds.NUMBER, "float"): lambda values: pa.array(values, pa.float32()),
    (Holds.NUMBER, "whole"): lambda values: [None if value is None else int(value) for value in values],
    (Holds.NUMBER, "text"): lambda values: [None if value is None else str(value) for value in values],
    (Holds.WHOLE, "float"): lambda values: pa.array(values, pa.float64()),
    (Holds.WHOLE, "text"): lambda values: [None if value is None else str(value) for value in values],
    (Holds.TRUTH, "whole"): lambda values: pa.array([None if value is None else int(value) for value in values]),
    (Holds.TRUTH, "text"): lambda values: [None if value is None else str(value) for value in values],
    (Holds.TEXT, "words"): lambda values: pa.array(values, pa.string()).dictionary_encode(),
    (Holds.TEXT, "large"): lambda values: pa.array(values, pa.large_string()),
}


def _as(kind: str, name: str, column: pa.ChunkedArray) -> Any:
    """A column in another type, if its values can be of that type."""
    change = _KINDS.get((COLUMNS[name].holds, kind))
    return column if change is None else change(column.to_pylist())
