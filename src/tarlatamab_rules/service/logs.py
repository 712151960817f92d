"""The log of a service: one object of JSON a line, on the standard error, without anything of a patient."""

from __future__ import annotations

import json
import logging
import sys
import time
from typing import Any, Final

__all__ = ["CONFIGURATION", "OneLine", "log_line"]


def log_line(**facts: object) -> None:
    """Writes one line. Only facts of the service are passed, never those of a request's body."""
    sys.stderr.write(_line(**facts) + "\n")


def _line(**facts: object) -> str:
    return json.dumps({"time": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()), **facts})


class OneLine(logging.Formatter):
    """What the server says, as a line of the log: without its values, and without a traceback, which could hold those of a request."""

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        return _line(event="server", level=record.levelname.lower(), says=str(record.msg).strip())


CONFIGURATION: Final[dict[str, Any]] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"()": f"{__name__}.OneLine"}},
    "handlers": {"line": {"class": "logging.StreamHandler", "formatter": "line"}},
    "loggers": {"uvicorn": {"handlers": ["line"], "level": "WARNING", "propagate": False}},
}
"""How the server logs, for `logging.config`."""
