"""Do frames give the answers of `assess_dose`? Every column of every row is compared, on random rows that somebody hostile would write.

    python benchmarks/cohort_equality.py [ROWS]

Every book, the default stack, a stack of the strictest and a policy; frames of Arrow, Polars and pandas; days, times and times with a zone;
sites in other zones; a maximum age of results; rows with faults. Any difference is printed, and makes the run fail.
"""

from __future__ import annotations

import sys
from collections import Counter
from itertools import count
from pathlib import Path
from random import Random
from time import perf_counter
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from cohort_equal import POLICY, compared
from cohort_rows import Rows
from tarlatamab_rules.inputs.analytes import Analyte
from tarlatamab_rules.inputs.vocabulary import Toxicity

BOOKS = (
    None,
    "us-2025-11",
    "precautions-2025-09",
    "eu-2026",
    "us-2024-05",
    "strictest of us-2025-11, eu-2026",
    POLICY,
)
PART = 10_000
"""The rows of a frame."""
CALM = (0.95, 0.9, 0.6, 0.95)
"""The share of results that are normal, in turn. Frames that repeat themselves show more of the codes, hostile ones more of the answers."""
BLOOD = (
    (Analyte.NEUTROPHILS, Analyte.PLATELETS, Analyte.SODIUM),
    (Toxicity.NEUTROPENIA, Toxicity.FEBRILE_NEUTROPENIA, Toxicity.THROMBOCYTOPENIA, Toxicity.CRS, Toxicity.OTHER),
)
LIVER = ((Analyte.ALT, Analyte.AST, Analyte.BILIRUBIN), (Toxicity.HEPATOTOXICITY, Toxicity.INFECTION, Toxicity.ICANS))


def main() -> int:
    """Compares frames until there are enough rows."""
    rows = int(float(sys.argv[1])) if len(sys.argv) > 1 else 200_000
    random, done, differing = Random(20261128), 0, 0  # noqa: S311  # nothing is secret
    ways: Counter[str] = Counter()
    began = perf_counter()
    for turn in count():
        if done >= rows:
            break
        analytes, toxicities = (BLOOD, LIVER, (tuple(random.sample(list(Analyte), 4)), tuple(random.sample(list(Toxicity), 3))))[turn % 3]
        kind = ("arrow", "polars", "pandas")[turn // 3 % 3]
        dated = random.choice(("times", "days", "utc") if kind != "pandas" else ("times", "utc"))
        choices: dict[str, Any] = {
            "rulebook": BOOKS[turn % len(BOOKS)],
            "max_lab_age": random.choice((None, None, (7, "d"), (72, "h"))),
            "site_zone": random.choice((None, None, "Europe/Berlin", "America/Los_Angeles")),
        }
        made = Rows(
            turn,
            analytes=analytes,
            toxicities=toxicities,
            dated=dated,
            dirt=random.choice((0, 0, 0.01)),
            calm=CALM[turn % 4],
        )
        differences, report = compared([made.row() for _ in range(PART)], kind, **choices)
        done, differing, ways = done + PART, differing + len(differences), ways + Counter(report)
        print(done, kind, dated, choices, len(differences), f"{perf_counter() - began:.0f} s", flush=True)
        for difference in differences[:2]:
            print(difference)
    print(f"{done} rows, {differing} differ; {dict(ways)}")
    return 1 if differing else 0


if __name__ == "__main__":
    sys.exit(main())
