"""Values that show themselves in a notebook, and in a terminal by rich."""

from __future__ import annotations

__all__ = ["Shown"]


class Shown:
    """A value that notebooks show as HTML, and `rich.print` in colour. How is for the views, which load when they are asked for."""

    __slots__ = ()

    def _repr_html_(self) -> str:
        from tarlatamab_rules.views.html import as_html  # noqa: PLC0415  # the views know every value, and every value knows only this

        return as_html(self)

    def __rich__(self) -> object:
        """What rich prints."""
        from tarlatamab_rules.views.terminal import renderable  # noqa: PLC0415  # as above

        return renderable(self)
