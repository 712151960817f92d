"""Which fields of a value are content, and which are marks that this library puts beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    import attrs

__all__ = ["NOT_CONTENT", "is_content"]

_KEY: Final = "content"
NOT_CONTENT: Final = {_KEY: False}
"""The metadata of a field that no source states: documents leave it out, and the hash of a book does not depend on it."""


def is_content(attribute: attrs.Attribute[Any], _: object = None) -> bool:
    """Whether a field says what a source says. It fits the `filter` of `attrs.asdict`."""
    return bool(attribute.metadata.get(_KEY, True))
