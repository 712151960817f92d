"""Texts that reports print as one line."""

from __future__ import annotations

import re
from typing import Final

from tarlatamab_rules.core.errors import FieldError, FieldTypeError, shown

__all__ = ["check_text"]

_CONTROL: Final = re.compile("[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]")
"""Line breaks, control characters, and marks that turn the direction of a text: reports show these texts, and terminals obey them."""


def check_text(value: object, path: str, *, empty: bool = False) -> None:
    """Raises `FieldError` if the value is no text, is blank, or would not print as one line. With *empty*, it may be an empty text."""
    if not isinstance(value, str):
        raise FieldTypeError(path, f"{shown(value)} is not text", "write a sentence")
    if not value.strip() and not (empty and not value):
        raise FieldError(path, "is blank", "write a sentence, or leave it out" if empty else "write a sentence")
    if found := _CONTROL.search(value):
        raise FieldError(path, f"has the character {found.group()!r}", "write one line of plain text")
