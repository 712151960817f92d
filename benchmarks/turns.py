"""Runs calls in turn and summarises their times. A machine changes its pace, so calls are compared turn by turn."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping, Sequence

STACK = "us-2024-05 over precautions-2025-09 over us-2025-11"
"""Three books that answer together."""
_FILLED = 0.004
"""Seconds that the calls of one turn fill if their number is left open."""


def seconds(runs: Mapping[str, Callable[[], object]], rounds: int, loops: int | None = None) -> dict[str, list[float]]:
    """The seconds that one call of each takes, turn by turn."""
    calls = {name: loops or _filling(run) for name, run in runs.items()}
    taken: dict[str, list[float]] = {name: [] for name in runs}
    for _ in range(rounds):
        for name, run in runs.items():
            began = time.perf_counter()
            for _ in range(calls[name]):
                run()
            taken[name].append((time.perf_counter() - began) / calls[name])
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


def per_second(taken: Sequence[float], in_one_call: int = 1) -> dict[str, float]:
    """How many decisions a second, if one call makes so many."""
    return spread([in_one_call / duration for duration in taken])


def ratio(taken: Sequence[float], measure: Sequence[float]) -> dict[str, float]:
    """How many times as long as the measure a call takes, turn by turn."""
    return spread([one / other for one, other in zip(taken, measure, strict=True)])


def pace(taken: Sequence[float]) -> float:
    """How many times as long a slow turn of the same work took as a quick one. Nine turns in ten lie between them."""
    cuts = statistics.quantiles(taken, n=20, method="inclusive")
    return cuts[-1] / cuts[0]
