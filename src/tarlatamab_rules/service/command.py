"""The command that starts the service."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

from tarlatamab_rules.core.errors import FieldError

if TYPE_CHECKING:
    import argparse

__all__ = ["add_to", "run"]

_ABOUT: Final = (
    "Starts the service of CDS Hooks, which also assesses cases as JSON. It listens on this machine alone unless --host says otherwise; "
    "run it behind a reverse proxy that encrypts. It needs the extra tarlatamab-rules[service]."
)
_HIGHEST_PORT: Final = 65_535
_GRACE: Final = 5
"""Seconds beyond the time of a request that a stop waits."""


def add_to(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Adds ``serve`` to the commands."""
    command = commands.add_parser("serve", help="a service of CDS Hooks", description=_ABOUT)
    command.add_argument("--host", default="127.0.0.1", help="the address to listen on; by default 127.0.0.1")
    command.add_argument("--port", default="8080", help="the port; by default 8080")
    command.add_argument("--workers", default="1", help="how many processes answer; by default 1")
    command.add_argument("--rulebook", metavar="NAME", help="the book that answers, by its name; by default that of assess")
    command.add_argument("--site-zone", metavar="ZONE", default="", help="the time zone of the site, as Europe/Berlin")
    command.add_argument("--body", metavar="BYTES", default="5000000", help="how many bytes a request may have; by default 5,000,000")
    command.add_argument("--seconds", default="10", help="how long a request may take; by default 10")
    command.add_argument("--concurrency", default="64", help="how many requests a process answers at a time; by default 64")
    command.add_argument("--token-file", metavar="FILE", default="", help="a file with the token that callers must send")
    command.add_argument("--origin", metavar="URL", action="append", default=[], help="a web page that may call it; may be repeated")
    command.add_argument("--path", default="", help="the path under which a proxy publishes it, as /cds")


def run(options: argparse.Namespace) -> int:
    """Serves until it is stopped.

    Raises:
        FieldError: An option cannot be, or the extra is not installed.

        OSError: The file of the token cannot be read.
    """
    try:
        from tarlatamab_rules.service.app import service  # noqa: PLC0415  # an extra
    except ImportError as missing:
        raise FieldError("", str(missing)) from None
    from tarlatamab_rules.service.settings import Settings  # noqa: PLC0415  # as above

    settings = Settings(
        rulebook=options.rulebook,
        body=_whole(options.body, "body"),
        seconds=_whole(options.seconds, "seconds"),
        concurrency=_whole(options.concurrency, "concurrency"),
        token_file=options.token_file,
        origins=options.origin,
        site_zone=options.site_zone,
        path=options.path,
    )
    service(settings)  # its faults are those of this process, before any other one starts
    os.environ.update(settings.kept())
    _serve(options.host, _whole(options.port, "port", _HIGHEST_PORT), _whole(options.workers, "workers"), settings.seconds)
    return 0


def _serve(host: str, port: int, workers: int, seconds: float) -> None:
    import uvicorn  # noqa: PLC0415  # as above

    from tarlatamab_rules.service.logs import CONFIGURATION  # noqa: PLC0415  # as above

    uvicorn.run(
        "tarlatamab_rules.service.app:from_environment",
        factory=True,
        host=host,
        port=port,
        workers=workers,
        log_config=CONFIGURATION,
        access_log=False,  # the service has its own, without addresses of patients
        server_header=False,
        timeout_graceful_shutdown=int(seconds) + _GRACE,
    )


def _whole(text: str, name: str, most: int = 10**9) -> int:
    if not text.isascii() or not text.isdigit() or not 1 <= int(text[:12]) <= most:
        raise FieldError(f"--{name}", f"{text[:60]!r} is not a whole number from 1 to {most:,}", "write a number")
    return int(text)
