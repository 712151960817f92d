"""The drug that the rulebooks are about."""

from __future__ import annotations

from typing import Final

from tarlatamab_rules.core.evidence import Drug

TARLATAMAB: Final = Drug(
    name="tarlatamab",
    brands=("Imdelltra", "Imdylltra"),
    kind="bispecific T-cell engager",
    targets=("DLL3", "CD3"),
    codes=(("UNII", "74X82ST8Q1"), ("ATC", "L01FX33"), ("DrugBank", "DB17256"), ("CAS", "2307488-83-9"), ("KEGG", "D12234")),
)

DAILYMED_SET_ID: Final = "1e7b6163-5d83-42ea-82c9-cf7620cdc782"
"""The number that all revisions of the US label share at DailyMed, the label archive of the US National Library of Medicine."""

DAILYMED: Final = f"https://dailymed.nlm.nih.gov/dailymed/drugInfo.cfm?setid={DAILYMED_SET_ID}"
"""Where the US label in force opens."""
