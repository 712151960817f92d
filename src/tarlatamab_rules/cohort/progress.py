"""How far long work has come, on a terminal only."""

from __future__ import annotations

import sys
from collections.abc import Callable, Generator, Iterable
from contextlib import contextmanager
from typing import TypeVar

__all__ = ["counted", "progress"]

T = TypeVar("T")


@contextmanager
def progress(total: int, unit: str) -> Generator[Callable[[int], object]]:
    """A function to call with how many more *unit* are done.

    It draws a bar on the standard error if that is a terminal and tqdm is installed; else it is silent.

    Args:
        total: How many there are.

        unit: What they are, as ``rows``.
    """
    if sys.stderr is None or not sys.stderr.isatty():
        yield _silent
        return
    try:
        from tqdm import tqdm  # noqa: PLC0415  # only a terminal needs it
    except ImportError:
        yield _silent
        return
    with tqdm(total=total, unit=f" {unit}", unit_scale=True) as bar:
        yield bar.update


def counted(items: Iterable[T], total: int, unit: str) -> Generator[T]:
    """The items as they come, each counted by `progress`."""
    with progress(total, unit) as advance:
        for item in items:
            yield item
            advance(1)


def _silent(_done: int) -> None:
    """Nobody looks."""
