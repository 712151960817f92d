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
