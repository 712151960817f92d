"""What a service is started with."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from typing import Any, Final

from attrs import asdict, field, frozen

from tarlatamab_rules.core.errors import FieldError, FieldTypeError, shown

__all__ = ["VARIABLE", "Settings"]

VARIABLE: Final = "TARLATAMAB_SERVICE"
"""The environment variable by which the processes of a service learn its settings."""


def _positive(_settings: object, attribute: Any, value: object) -> None:  # noqa: ANN401  # attrs' own type
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise FieldTypeError(attribute.name, f"{shown(value)} is not a number", "write a positive number")
    if value <= 0:
        raise FieldError(attribute.name, f"{value} is not positive", "write a positive number")


def _texts(value: Iterable[str]) -> tuple[str, ...]:
    return tuple(value)


@frozen(kw_only=True)
class Settings:
    """The limits and the rules of a service.

    Attributes:
        rulebook: The name of the book that answers; ``None``: the default.

        body: How many bytes a request may have. A larger one is refused with 413.

        seconds: How long a request may take, its body included. A slow body is answered with 408, a slow answer with 503.

        concurrency: How many requests may be answered at a time. One more is answered with 503, and asked to come back.

        token_file: A file whose first line is the token that a caller sends as ``Authorization: Bearer``; empty: no token is asked for.

        origins: The origins whose scripts in a browser may call the service; ``*``: any.

        site_zone: The time zone of the site, by its IANA name, unless a request names it; empty: not known.

        path: The path under which a reverse proxy publishes the service; empty at the root.
    """

    rulebook: str | None = None
    body: int = field(default=5_000_000, validator=_positive)
    seconds: float = field(default=10.0, validator=_positive)
    concurrency: int = field(default=64, validator=_positive)
    token_file: str = ""
    origins: tuple[str, ...] = field(default=(), converter=_texts)
    site_zone: str = ""
    path: str = ""

    def token(self) -> str:
        """The token that callers send; empty if none is asked for.

        Raises:
            FieldError: The file has no token. A service that was told to ask for one does not start without.
        """
        if not self.token_file:
            return ""
        with open(self.token_file, encoding="utf-8") as file:  # noqa: PTH123  # a path as text
            token = file.readline().strip()
        if len(token) < _SHORTEST:
            raise FieldError("token_file", "has no token of at least 16 characters in its first line", "write a long random token there")
        return token

    def kept(self) -> Mapping[str, str]:
        """The environment that passes these settings on."""
        return {VARIABLE: json.dumps(asdict(self))}

    @classmethod
    def from_environment(cls) -> Settings:
        """The settings that the starting process passed on; the defaults if it passed none."""
        return cls(**json.loads(os.environ.get(VARIABLE, "{}")))


_SHORTEST: Final = 16
