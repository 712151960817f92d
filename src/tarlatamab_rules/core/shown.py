"""Values that show themselves in a notebook, and in a terminal by rich."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

__all__ = ["Shown", "show_with"]

_VIEWS: Final[dict[str, Callable[[object], Any]]] = {}


def show_with(*, text: Callable[[object], str], html: Callable[[object], str], rich: Callable[[object], object]) -> None:
    """Sets how values show themselves. The package calls it once, when it is imported.

    Args:
        text: What ``print`` and `str` show.

        html: What a notebook shows.

        rich: What `rich.print` shows.
    """
    _VIEWS.update(text=text, html=html, rich=rich)


class Shown:
    """A value that ``print`` shows in plain words, notebooks as HTML, and `rich.print` in colour. Its `repr` is for developers."""

    __slots__ = ()

    def __str__(self) -> str:
        return str(_VIEWS["text"](self))

    def _repr_html_(self) -> str:
        return str(_VIEWS["html"](self))

    def __rich__(self) -> object:
        """What `rich` prints."""
        return _VIEWS["rich"](self)
