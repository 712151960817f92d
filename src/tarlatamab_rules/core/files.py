"""What a command reads: a file, or the standard input."""

from __future__ import annotations

import sys
from errno import EBADF
from pathlib import Path
from typing import Final

__all__ = ["STANDARD_INPUT", "contents"]

STANDARD_INPUT: Final = "-"


def contents(file: str, most: int) -> bytes:
    """A file, or with ``-`` the standard input, but no more than *most* bytes of it.

    Raises:
        OSError: It cannot be opened.
    """
    if file != STANDARD_INPUT:
        with Path(file).open("rb") as opened:
            return opened.read(most)
    if sys.stdin is None:  # it was closed
        raise OSError(EBADF, "is closed", "the standard input")
    return sys.stdin.buffer.read(most)
