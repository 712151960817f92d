"""Things run in turn, and what their times come to. A machine changes its pace, so what is compared is compared turn by turn."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping, Sequence

STACK = "us-2024-05 over precautions-2025-09 over us-2025-11"
"""Three books that answer together."""
_FILLED = 0.004
"""Seconds that the calls of one turn fill where nobody says how many they are."""


def seconds(runs: Mapping[str, Callable[[], object]], rounds: int, loops: int | None = None) -> dict[str, list[float]]:
    """Seconds for one call of each in every turn."""
    often = {name: loops or _filling(run) for name, run in runs.items()}
    taken: dict[str, list[float]] = {name: [] for name in runs}
    for _ in range(rounds):
        for name, run in runs.items():
            began = time.perf_counter()
            for _ in range(often[name]):
                run()
            taken[name].append((time.perf_counter() - began) / often[name])
    return taken


def _filling(run: Callable[[], object]) -> int:
    run()  # the first call is not like the others
    began = time.perf_counter()
    run()
    return max(1, round(_FILLED / (time.perf_counter() - began)))


def spread(values: Sequence[float]) -> dict[str, float]:
    """The median, and the quartiles around it."""
    lower, median, upper = statistics.quantiles(values, n=4, method="inclusive")
    return {"median": median, "lower": lower, "upper": upper}


def per_second(taken: Sequence[float], of_each: int = 1) -> dict[str, float]:
    """How many a second, where one call does so many."""
    return spread([of_each / each for each in taken])


def ratio(one: Sequence[float], other: Sequence[float]) -> dict[str, float]:
    """How many times as long the one takes, turn by turn."""
    return spread([a / b for a, b in zip(one, other, strict=True)])


def pace(taken: Sequence[float]) -> float:
    """How many times as long a slow turn of one and the same work took as a quick one: nine turns in ten lie between them."""
    cuts = statistics.quantiles(taken, n=20, method="inclusive")
    return cuts[-1] / cuts[0]
