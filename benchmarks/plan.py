"""How long a plan of 24 months takes, and planning it again after a dose.

    python benchmarks/plan.py [--check]

CPU time of one call, the least of many, because other work on the machine only ever adds to it. The bar is in milliseconds: a plan must be
there before a reader notices a wait, also when a calendar asks for fifty of them.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from datetime import date, datetime, time
from time import process_time
from zoneinfo import ZoneInfo

from tarlatamab_rules import GivenDose, plan_course, replan
from tarlatamab_rules.answers import CoursePlan

ROUNDS = 40
BAR = 20.0
"""In milliseconds."""
FIRST, UNTIL = date(2026, 2, 2), date(2028, 2, 2)
GIVEN = [GivenDose("C1D1", datetime(2026, 2, 2, 9, tzinfo=ZoneInfo("Europe/Berlin")), "1 mg", complete=True)]


def planned(book: str | None) -> CoursePlan:
    """24 months, with times of day."""
    return plan_course(FIRST, until=UNTIL, infusion_at=time(9), site_zone="Europe/Berlin", events=(), rulebook=book)


def least(run: Callable[[], object]) -> float:
    """The least CPU time of one call, in milliseconds."""
    taken = []
    for _ in range(ROUNDS):
        began = process_time()
        run()
        taken.append(process_time() - began)
    return 1e3 * min(taken)


def main() -> int:
    """Measures, prints a table, and with --check fails above the bar."""
    parser = argparse.ArgumentParser(description="How long a plan of 24 months takes.")
    parser.add_argument("--check", action="store_true", help="fail above the bar")
    check = parser.parse_args().check
    plan = planned(None)
    if len(plan.doses) != 54 or replan(plan, course=GIVEN).doses[1].start != plan.doses[1].start:
        print("the plan is not the expected one")
        return 1
    runs: dict[str, Callable[[], object]] = {
        "plan, default books": lambda: planned(None),
        "plan, US label": lambda: planned("us-2025-11"),
        "plan again": lambda: replan(plan, course=GIVEN),
    }
    taken = {name: least(run) for name, run in runs.items()}
    print(f"{len(plan.doses)} doses, {len(plan.entries)} entries")
    for name, milliseconds in taken.items():
        print(f"{name:20s} {milliseconds:6.1f} ms  bar {BAR:.0f} ms")
    return int(check and max(taken.values()) > BAR)


if __name__ == "__main__":
    sys.exit(main())
