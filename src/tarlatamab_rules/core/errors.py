"""What can go wrong. Each error names the field or rule that it is about, and says how to correct it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Self

__all__ = [
    "ContradictionError",
    "DocumentError",
    "FieldError",
    "FieldTypeError",
    "TableError",
    "TarlatamabRulesError",
    "UndecidedError",
    "UnitError",
    "UnknownRulebookError",
]


def shown(value: object, most: int = 60) -> str:
    """A value as an error shows it: short, and safe for every value."""
    try:
        return repr(value)[:most]
    except ValueError:  # an integer of more digits than Python writes
        return f"a {type(value).__name__} with very many digits"
    except Exception:  # noqa: BLE001  # the repr of a stranger may raise anything
        return f"a {type(value).__name__} that cannot be shown"


def meant(value: str, known: Iterable[str], close: float = 0.7) -> str | None:
    """The known word that was probably meant; ``None`` if none is near. Capitals do not matter, nor how words are joined.

    *close* says how much alike the two must be: by 0.7 ``discontinu`` and ``discontinue`` are, and ``us-2025`` and ``us-2025-11``.
    """
    from difflib import get_close_matches  # noqa: PLC0415  # only errors need it

    words = {_plain(word): word for word in known}
    found = get_close_matches(_plain(value[:_LONGEST]), words, 1, close)
    return words[found[0]] if found else None


_LONGEST = 60


def _plain(word: str) -> str:
    return "-".join(word.casefold().replace("_", " ").replace("-", " ").split())


class TarlatamabRulesError(Exception):
    """The base of all errors that this library raises."""


class FieldError(TarlatamabRulesError, ValueError):
    """A field holds an impossible value.

    Attributes:
        path: The path of the field, such as ``patient.age_years`` or ``labs[0].value``.

        problem: What is wrong with the value.

        fix: What to write instead; may be empty.
    """

    path: str
    problem: str
    fix: str

    def __init__(self, path: str, problem: str, fix: str = "") -> None:
        super().__init__(path, problem, fix)
        self.path, self.problem, self.fix = path, problem, fix

    def __str__(self) -> str:
        """Path, problem and fix in a sentence."""
        text = f"{self.path}: {self.problem}" if self.path else self.problem
        return f"{text}; {self.fix}" if self.fix else text

    def under(self, prefix: str) -> Self:
        """The same error, seen from one level further out."""
        joint = "." if self.path and prefix and not self.path.startswith("[") else ""
        return type(self)(f"{prefix}{joint}{self.path}", self.problem, self.fix)


class FieldTypeError(FieldError, TypeError):
    """A field holds a value of a wrong type, such as a number as text, or a truth value as a number."""


class UnitError(FieldError):
    """A unit is missing, not known, or measures something else."""


class DocumentError(TarlatamabRulesError, ExceptionGroup[FieldError]):
    """Every fault of one document at once."""

    if TYPE_CHECKING:  # a group may hold groups; this one holds faults only

        @property
        def exceptions(self) -> tuple[FieldError, ...]:
            """The faults."""
            ...

    def derive(self, excs: Sequence[FieldError]) -> DocumentError:  # type: ignore[override]  # a group of FieldErrors stays one
        """A group of the same kind, which ``except*`` and ``split`` need."""
        return DocumentError(self.message, excs)


class ContradictionError(TarlatamabRulesError, ValueError):
    """Facts that cannot all be true of one case, or that a question does not ask about."""


class UndecidedError(TarlatamabRulesError, LookupError):
    """``unwrap()`` was called on an answer without a value."""


class TableError(TarlatamabRulesError, ValueError):
    """A decision table has a fault: two rows answer one cell, no row does, or a row cannot be read."""


class UnknownRulebookError(TarlatamabRulesError, LookupError):
    """No rulebook has this name."""
