"""What a ward calls the words of this library: analytes, toxicities, and the members of every other enumeration."""

from __future__ import annotations

from typing import Final

__all__ = ["named"]

_NAMES: Final = {
    "alt": "ALT",
    "ast": "AST",
    "breast-feeding": "breast-feeding",
    "crs": "CRS",
    "icans": "ICANS",
    "other": "another toxicity",
    "step-up": "step-up",
}
"""The words that are not written as they are spelled in code."""


def named(word: object) -> str:
    """What a ward calls something, such as ``uric acid`` for ``uric-acid`` and ``ALT`` for ``alt``."""
    return _NAMES.get(str(word), str(word).replace("-", " "))
