"""Registries in which a table has nothing to offer: no rows, only faulty rows, or a zone that nobody knows."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from tarlatamab_rules import cohort
from test_cohort_audit import DOSES, LABEL, LABS, PATIENTS, TABLES

NOBODY = pd.DataFrame({"patient": pd.Series([], dtype=str), "toxicity": pd.Series([], dtype=str)})
FAULTY = pd.DataFrame({"patient": ["d"], "toxicity": ["misspelt"]})
NOWHERE = PATIENTS.assign(site_zone="Europe/Nowhere")
WITH_OFFSETS = DOSES.assign(started=pd.to_datetime(DOSES["started"]).dt.tz_localize("UTC"))


@pytest.mark.parametrize(
    ("changes", "answered"),
    [
        ({"events": FAULTY}, 6),
        ({"events": NOBODY}, 8),
        ({"events": FAULTY.assign(patient="b")}, 6),
        ({"labs": LABS[:0]}, 6),
        ({"doses": DOSES[:0]}, 0),
        ({"patients": PATIENTS[:0]}, 0),
        ({"patients": NOWHERE}, 0),
        ({"patients": NOWHERE, "doses": WITH_OFFSETS}, 0),
    ],
)
def test_as_one_by_one(changes: dict[str, Any], answered: int) -> None:
    """Such a registry is assessed as dose by dose: the same answers, the same faults, and no crash."""
    frames = [cohort.assess_registry(**TABLES | changes, rulebook=LABEL, columns=columns).frame for columns in (True, False)]
    shared, single = (frame.drop(columns="way").astype(str).sort_index(axis=1) for frame in frames)
    assert shared.equals(single)
    assert int(frames[0]["verdict"].notna().sum()) == answered
