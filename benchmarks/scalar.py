"""Decisions a second on built inputs: our rules, a plain function, and zen-engine in its quickest form.

    python benchmarks/scalar.py [--check]

One process, one thread, one decision a call. First the answers of the three are compared. Then they run in turn, many times, over the same
inputs. A machine changes its pace from one moment to the next, so a ratio is that of one turn, and the median of all turns counts. For the
documentation `figures` also measures other books, and facts that are not known.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import zen
from turns import STACK, pace, per_second, ratio, seconds

from tarlatamab_rules import Decided, DosePoint, NotCovered, ToxicityEvent, monitoring_duration, toxicity_action

ROUNDS, LOOPS = 41, 3
BOOK = "precautions-2025-09"
"""The plain functions and the tables for zen say what this book says."""


def plain_monitoring(number: int, events: Sequence[ToxicityEvent]) -> str:
    """What a program without a rule library would write: no unknown facts, no reasons."""
    if number <= 2:
        return "22-24 h"
    if number <= 9:
        return "silent"
    for event in events:
        if event.grade is not None and event.grade >= 2:
            return "silent"
    return "2 h"


def plain_action(toxicity: str, grade: int, over: bool) -> str:  # noqa: FBT001  # a fact
    """The same for the action of a toxicity. The page does not use a history, so this does not even look at it."""
    if toxicity in {"icans", "neurotoxicity"}:
        if grade >= 3:
            return "discontinue"
        if grade >= 1 and not over:
            return "withhold"
        return "silent"
    if toxicity == "neutropenia" and grade >= 3 and not over:
        return "withhold"
    return "silent"


def jdm(fields: Sequence[str], rows: Sequence[Sequence[str]]) -> dict[str, Any]:
    """A decision table in the form of zen-engine."""
    return {
        "contentType": "application/vnd.gorules.decision",
        "nodes": [
            {"id": "i", "name": "in", "type": "inputNode", "position": {"x": 0, "y": 0}},
            {
                "id": "t",
                "name": "table",
                "type": "decisionTableNode",
                "position": {"x": 1, "y": 0},
                "content": {
                    "hitPolicy": "first",
                    "inputs": [{"id": name, "name": name, "field": name} for name in fields],
                    "outputs": [{"id": "o", "name": "answer", "field": "answer"}],
                    "rules": [
                        {"_id": str(n), **dict(zip(fields, row[:-1], strict=True)), "o": json.dumps(row[-1])} for n, row in enumerate(rows)
                    ],
                },
            },
            {"id": "x", "name": "out", "type": "outputNode", "position": {"x": 2, "y": 0}},
        ],
        "edges": [
            {"id": "a", "sourceId": "i", "targetId": "t", "type": "edge"},
            {"id": "b", "sourceId": "t", "targetId": "x", "type": "edge"},
        ],
    }


ENGINE = zen.ZenEngine(
    {
        "loader": {
            "type": "static",
            "content": {
                "monitoring": jdm(
                    ("number", "worst"),
                    [("[1..2]", "", "22-24 h"), ("[3..9]", "", "silent"), (">= 10", "<= 1", "2 h"), (">= 10", "> 1", "silent")],
                ),
                "action": jdm(
                    ("toxicity", "grade", "over"),
                    [
                        ('"icans", "neurotoxicity"', ">= 3", "", "discontinue"),
                        ('"icans", "neurotoxicity"', "[1..2]", "false", "withhold"),
                        ('"neutropenia"', ">= 3", "false", "withhold"),
                        ("", "", "", "silent"),
                    ],
                ),
            },
        }
    }
)


def short(answer: Any) -> str:  # noqa: ANN401  # any answer
    """Our answer in the words of the other two."""
    match answer:
        case Decided(value):
            return str(value.observe) if hasattr(value, "observe") else str(value.action)
        case NotCovered():
            return "silent"
        case _:
            return "open"


def run_all(calls: Sequence[Callable[[], object]]) -> Callable[[], None]:
    """Runs one decision after another; their inputs are already built."""

    def run() -> None:
        for call in calls:
            call()

    return run


def zen_monitoring(facts: dict[str, object]) -> object:
    """The engine's quickest form."""
    return ENGINE.evaluate("monitoring", facts)["result"]["answer"]


def zen_action(facts: dict[str, object]) -> object:
    """As above."""
    return ENGINE.evaluate("action", facts)["result"]["answer"]


def worst(events: Sequence[ToxicityEvent]) -> int:
    """What a plain program makes of a history."""
    most = 0
    for event in events:
        most = max(most, event.grade or 0)
    return most


GRADES = range(5)
POINTS = [DosePoint.at(number) for number in range(1, 25)]
PAST = [(ToxicityEvent("crs", a, status="resolved"), ToxicityEvent("anemia", b, status="resolved")) for a in GRADES for b in GRADES]  # type: ignore[arg-type]  # ranges of grades
EVENTS = [
    ToxicityEvent(toxicity, grade, status=status)  # type: ignore[arg-type]  # tables of words
    for toxicity in ("icans", "neurotoxicity", "neutropenia", "crs", "anemia")
    for grade in GRADES
    for status in ("active", "resolved")
    if grade or status == "resolved"  # what goes on has a grade
]

Calls = list[Callable[[], object]]


def monitoring_calls(past: Sequence[tuple[ToxicityEvent, ...]]) -> dict[str, Calls]:
    """The same decisions for each of the three, and ours by the books of the default."""
    asked = [(point, events) for point in POINTS for events in past]
    return {
        "ours": [partial(monitoring_duration, point, events=events, rulebook=BOOK) for point, events in asked],
        "default": [partial(monitoring_duration, point, events=events) for point, events in asked],
        "plain": [partial(plain_monitoring, point.number, events) for point, events in asked],
        "zen": [partial(zen_monitoring, {"number": point.number, "worst": worst(events)}) for point, events in asked],
    }


def action_calls(past: Sequence[tuple[ToxicityEvent, ...]]) -> dict[str, Calls]:
    """The same decisions for each of the three, and ours by the books of the default."""
    asked = [(event, str(event.toxicity), int(event.grade or 0), event.over is True, events) for event in EVENTS for events in past]
    return {
        "ours": [partial(toxicity_action, event, events=events, rulebook=BOOK) for event, _, _, _, events in asked],
        "default": [partial(toxicity_action, event, events=events) for event, _, _, _, events in asked],
        "plain": [partial(plain_action, toxicity, grade, over) for _, toxicity, grade, over, _ in asked],
        "zen": [partial(zen_action, {"toxicity": toxicity, "grade": grade, "over": over}) for _, toxicity, grade, over, _ in asked],
    }


NOTHING: list[tuple[ToxicityEvent, ...]] = [()] * 10
TO_ZEN = 6.0
CASES = (
    ("monitoring_duration", monitoring_calls(NOTHING), 1 / 10),
    ("monitoring_duration, two events", monitoring_calls(PAST), 1 / 15),
    ("toxicity_action", action_calls(NOTHING), 1 / 15),
    ("toxicity_action, two events", action_calls(PAST[:10]), 1 / 18),
)


THREE = ("ours", "plain", "zen")
"""What is compared. The two books of the default give more answers, and others."""


def equal(calls: dict[str, Calls]) -> bool:
    """Whether the three give the same answers."""
    return [short(call()) for call in calls["ours"]] == [call() for call in calls["plain"]] == [call() for call in calls["zen"]]


def taken(calls: dict[str, Calls], names: Sequence[str]) -> dict[str, list[float]]:
    """The seconds that all calls of each take, turn by turn."""
    return seconds({name: run_all(calls[name]) for name in names}, ROUNDS, LOOPS)


def figures() -> dict[str, Any]:
    """What is measured here, as plain data. Raises `ValueError` if answers differ."""
    decisions: dict[str, Any] = {}
    for name, calls, bar in CASES:
        if not equal(calls):
            msg = f"{name}: the answers differ"
            raise ValueError(msg)
        turns = taken(calls, [*THREE, "default"])
        decisions[name.replace(",", "").replace(" ", "_")] = {
            "says": name,
            "compared_equal": len(calls["ours"]),
            "per_second": {who: per_second(times, len(calls[who])) for who, times in turns.items()},
            "times_plain": ratio(turns["ours"], turns["plain"]) | {"bar": round(1 / bar)},
            "zen_times_ours": ratio(turns["zen"], turns["ours"]) | {"bar": round(TO_ZEN)},
            "default_times_ours": ratio(turns["default"], turns["ours"]),
            "pace": pace(turns["plain"]),
        }
    return {"turns": ROUNDS, "book": BOOK, "stack": STACK, "decisions": decisions, "costs": costs()}


def costs() -> dict[str, Any]:
    """What a call takes by other books and with an unknown fact, also in multiples of a call by the page with all facts."""
    known = [ToxicityEvent(event.toxicity, 3, status="active") for event in EVENTS[::10]]
    unknown = [ToxicityEvent(event.toxicity, status="active") for event in known]
    asked: dict[str, Callable[[str | None, bool], Calls]] = {
        "monitoring_duration": lambda book, full: [
            partial(monitoring_duration, point, events=() if full else None, rulebook=book) for point in POINTS
        ],
        "toxicity_action": lambda book, full: [
            partial(toxicity_action, event, events=(), rulebook=book) for event in (known if full else unknown)
        ],
    }
    books = {"page": BOOK, "label": "us-2025-11", "default": None, "three": STACK}
    by_rule: dict[str, Any] = {}
    for rule, calls in asked.items():
        runs = {f"{who}_{facts}": calls(book, facts == "known") for who, book in books.items() for facts in ("known", "unknown")}
        turns = seconds({name: run_all(decisions) for name, decisions in runs.items()}, ROUNDS)
        by_rule[rule] = {
            name: {"us": 1e6 / per_second(times, len(runs[name]))["median"], "times": ratio(times, turns["page_known"])}
            for name, times in turns.items()
        }
    return by_rule


def main() -> int:
    """Measures, prints a table, and with --check fails below the bars."""
    parser = argparse.ArgumentParser(description="Decisions a second on built inputs: ours, a plain function, zen-engine.")
    parser.add_argument("--check", action="store_true", help="fail below the bars")
    check = parser.parse_args().check
    print(f"{'decision':34s} {'ours/s':>11s} {'plain/s':>11s} {'zen/s':>9s} {'ours:plain':>11s} {'bar':>6s} {'ours:zen':>9s} {'bar':>4s}")
    failed = False
    for name, calls, bar in CASES:
        if not equal(calls):
            print(f"{name}: the answers differ")
            return 1
        turns = taken(calls, THREE)
        rate = {who: per_second(times, len(calls[who]))["median"] for who, times in turns.items()}
        to_plain, to_zen = ratio(turns["plain"], turns["ours"])["median"], ratio(turns["zen"], turns["ours"])["median"]
        failed |= to_plain < bar or to_zen < TO_ZEN
        print(
            f"{name:34s} {rate['ours']:11,.0f} {rate['plain']:11,.0f} {rate['zen']:9,.0f} "
            f"{f'1/{1 / to_plain:.1f}':>11s} {f'1/{1 / bar:.0f}':>6s} {to_zen:8.1f}x {f'{TO_ZEN:.0f}x':>4s}"
        )
    return int(check and failed)


if __name__ == "__main__":
    sys.exit(main())
