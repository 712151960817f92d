"""The packages that frames need. They are imported here alone, so that one error names the extra that installs them."""

from __future__ import annotations

try:
    import narwhals as nw
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc
except ImportError as error:
    msg = f"frames need {error.name}: install tarlatamab-rules[cohort]"
    raise ImportError(msg, name=error.name) from error

__all__ = ["np", "nw", "pa", "pc"]
