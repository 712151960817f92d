"""The packages that frames need. They are imported here alone, so that one error names the extra that installs them."""

from __future__ import annotations

from importlib import import_module
from typing import Any

try:
    import narwhals as nw
    import numpy as np
    import pyarrow as pa

    # Its functions are made when it is imported, so type checkers know none of them.
    pc: Any = import_module("pyarrow.compute")
except ImportError as error:
    msg = f"frames need {error.name}: install tarlatamab-rules[cohort]"
    raise ImportError(msg, name=error.name) from error

__all__ = ["np", "nw", "pa", "pc"]
