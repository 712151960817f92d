"""How far long work has come, on a terminal only."""

from __future__ import annotations

import sys
from collections.abc import Callable, Generator
from contextlib import contextmanager

__all__ = ["progress"]


@contextmanager
def progress(total: int, unit: str) -> Generator[Callable[[int], object]]:
    """A function to call with how many more *unit* are done. It draws a bar on the standard error if that is a terminal; else it is silent.

    Args:
        total: How many there are.

        unit: What they are, as ``rows``.
    """
    if sys.stderr is None or not sys.stderr.isatty():
        yield _silent
        return
    from tqdm import tqdm  # noqa: PLC0415  # only a terminal needs it

    with tqdm(total=total, unit=f" {unit}", unit_scale=True) as bar:
        yield bar.update


def _silent(_done: int) -> None:
    """Nobody looks."""
