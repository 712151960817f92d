"""The output of the quickstart script, written by hand."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

SCRIPT = Path(__file__).parents[1] / "examples" / "quickstart.py"


def test_quickstart() -> None:
    """Unknown history asks for it; a clean second dose proceeds; half the rate is a mismatch; ICE 2 stops the drug for good.

    The label disagrees: it withholds the drug at grade 3.
    """
    done = subprocess.run([sys.executable, "-W", "error", str(SCRIPT)], capture_output=True, text=True, encoding="utf-8", check=True)
    reports = re.split(r"^(?:Before|It was|The pump|The pharmacy|On the evening) .*\.\n\n", done.stdout, flags=re.MULTILINE)[1:]
    unasked, well, pump, steroid, last = (" ".join(report.split()) for report in reports)
    assert unasked.startswith("NEEDS-DATA")
    assert "Must: the toxicities so far" in unasked
    assert well.startswith("PROCEED")
    assert re.search(r"AFTER .*\b22 to 24 h\b.* in hospital", well)
    assert pump.startswith("Mismatch")
    assert "Set: 125 mL/h; planned: 250 mL/h." in pump
    assert steroid.startswith("42.6667 mg")
    assert last.startswith("STOP - DISCONTINUE")
    assert re.search(r"WHY .*\bNEU-2\b.*\bNEU-4\b.* NOW ", last)
    assert re.search(r"SOURCES DISAGREE .*withhold.*\bT6-3\b", last)
