"""What a command prints: whole or not at all, and an error never looks like an answer. Knows nothing of any drug."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from contextlib import suppress
from errno import EBADF
from typing import Final, TextIO

__all__ = ["failed", "named_file", "output", "print_text", "refuse", "report", "title_of"]

_SHOWN: Final = 25
"""How many faults of a document are printed; the rest is counted."""


def print_text(text: str) -> int:
    """Prints the answer of a command.

    Returns:
        0, the exit status of an answer.

    Raises:
        OSError: It cannot be written; a reader who stopped reading is no error.
    """
    stream = output()
    try:
        stream.buffer.write(text.encode() + b"\n")
        stream.buffer.flush()
    except BrokenPipeError:  # the reader has seen enough; the result of the command stands
        with suppress(BrokenPipeError):
            stream.close()
    return 0


def output() -> TextIO:
    """The standard output; Python has none if it was closed."""
    if sys.stdout is None:
        raise OSError(EBADF, "is closed")
    return sys.stdout


def refuse(faults: Sequence[str], title: str = "This cannot be done:") -> int:
    """Prints why there is no answer, on the standard error.

    Returns:
        2, the exit status without an answer.
    """
    more = [f"  and {len(faults) - _SHOWN} more"] if len(faults) > _SHOWN else []
    report(title, *(f"  - {fault}" for fault in faults[:_SHOWN]), *more)
    return 2


def report(*lines: str) -> None:
    """Writes to the standard error. If nobody can read it, the exit status alone says that there is no answer."""
    if sys.stderr is None:  # Python's print would take the standard output instead
        return
    try:
        print(*lines, sep="\n", file=sys.stderr, flush=True)
    except OSError:
        with suppress(OSError):  # or Python fails once more when it ends, with a status of its own
            sys.stderr.close()


def failed(error: OSError) -> str:
    """What could not be opened, read or written, and why."""
    return f"{named_file(str(error.filename or 'the output'))}: {error.strerror or error}"


def named_file(file: str) -> str:
    """A file as a line names it. Characters that would break the line or command a terminal are escaped."""
    return "the standard input" if file == "-" else file if file.isprintable() else repr(file)


def title_of(file: str, faults: Sequence[str]) -> str:
    """The line above the faults of a file."""
    return f"{named_file(file)} cannot be read, for {'1 fault' if len(faults) == 1 else f'{len(faults)} faults'}:"
