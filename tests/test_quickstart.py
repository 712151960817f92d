"""The quickstart script says what stands here, by hand."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

SCRIPT = Path(__file__).parents[1] / "examples" / "quickstart.py"


def test_quickstart() -> None:
    """Unknown history asks for it; a clean second dose proceeds; half the rate is a mismatch; ICE 2 stops the drug for good.

    The label disagrees: it counts the hours from the start of the infusion, and withholds the drug at grade 3.
    """
    done = subprocess.run([sys.executable, "-W", "error", str(SCRIPT)], capture_output=True, text=True, encoding="utf-8", check=True)
    assert done.stdout.splitlines()[:9] == [
        "needs-data - missing: events",
        "proceed - watch for 22-24 h from infusion-end",
        "  but us-2025-11: from infusion-start",
        "mismatch",
        "42.6667 mg",
        "discontinue",
        "  An ICE score of 2 or less is severe. [NEU-2] Precautions page 09/2025, Monitoring: neurotoxicity",
        "  Grade 3-4 neurotoxicity: stop for good, and consult a neurologist. [NEU-4] Precautions page 09/2025, Monitoring: neurotoxicity",
        "  but us-2025-11: withhold [T6-3]",
    ]
