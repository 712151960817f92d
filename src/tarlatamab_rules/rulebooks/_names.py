"""The names of all rulebooks, and the module of each."""

from __future__ import annotations

from importlib import import_module
from typing import Any, Final

from tarlatamab_rules.core.errors import UnknownRulebookError, meant, shown

__all__ = ["load", "names"]

_MODULES: Final = {
    "astct-2019": "scales.astct_2019",
    "ctcae-5.0": "scales.ctcae_5_0",
    "ctcae-6.0": "scales.ctcae_6_0",
    "eu-2026": "tarlatamab.eu_2026",
    "precautions-2025-09": "tarlatamab.precautions_2025_09",
    "steroid-equivalence": "scales.steroid_equivalence",
    "us-2024-05": "tarlatamab.us_2024_05",
    "us-2025-11": "tarlatamab.us_2025_11",
}


def names() -> tuple[str, ...]:
    """The names of all rulebooks, sorted."""
    return tuple(sorted(_MODULES))


def _may_be(name: str, book: str) -> bool:
    """Whether a book can be what was meant: one of another year or region, or another version of a scale, is not."""
    numbers, of_book = ("".join(letter for letter in text if letter.isdigit()) for text in (name, book))
    return of_book.startswith(numbers) and book[:1] == name[:1].casefold()


def load(name: object) -> Any:  # noqa: ANN401  # a Rulebook: books ask for names, so names know no books
    """One rulebook by its name; its module is imported on first use.

    Raises:
        UnknownRulebookError: No book has this name.
    """
    module = _MODULES.get(name) if isinstance(name, str) else None
    if module is None:
        near = meant(name, [book for book in names() if _may_be(name, book)]) if isinstance(name, str) else None
        msg = f"no rulebook is called {shown(name)}; {f'did you mean {near!r}? ' if near else ''}there are {', '.join(names())}"
        raise UnknownRulebookError(msg)
    return import_module(f"tarlatamab_rules.rulebooks.{module}").BOOK
