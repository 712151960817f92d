"""What is done when something is seen while the infusion is running?"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from tarlatamab_rules.answers.plans import DuringInfusion
from tarlatamab_rules.decisions import Decision, strictest, union
from tarlatamab_rules.inputs.findings import CrsFindings, several_findings
from tarlatamab_rules.questions.dosing import DURING_INFUSION
from tarlatamab_rules.rulebooks._registry import table
from tarlatamab_rules.rules.signs import crs_signs, neuro_signs

if TYPE_CHECKING:
    from tarlatamab_rules.inputs.findings import Findings
    from tarlatamab_rules.rulebooks._book import Rulebook

__all__ = ["during_infusion"]


def during_infusion(findings: Findings | Iterable[Findings], *, rulebook: Rulebook | str | None = None) -> Decision[DuringInfusion]:
    """What happens to an infusion that is running, by what is found: the first sign of CRS or ICANS stops it.

    A sign is any finding that counts towards a grade, whatever the grade: fever, hypotension, a need for oxygen; an ICE score below the one
    before treatment, a key symptom, or any other neurologic finding. While some of it is not known, `NeedsData`;
    a normal temperature is not known to be one while a drug given for fever may mask it. Oxygen by cannula that was there before, and mild
    neurologic findings, are no sign if `other_cause` says so.

    Args:
        findings: What was found, of one kind or of both.

        rulebook: The book that answers, or its name; the default book if left out.

    Source: US prescribing information, 2.5 and 5.1.
    """
    answers = table(DURING_INFUSION, rulebook)
    signs, open_ = [], []
    for found in several_findings(findings):
        kind = "crs" if isinstance(found, CrsFindings) else "icans"
        sign = crs_signs(found) if isinstance(found, CrsFindings) else neuro_signs(found)
        signs += [kind] if sign else []
        open_ += [kind] if sign is None else []
    if not signs:
        return answers(frozenset((*open_, "none")))
    return strictest([answers(sign) for sign in sorted(signs)], join=_both)


def _both(one: DuringInfusion, other: DuringInfusion) -> DuringInfusion:
    """What two signs call for: the stricter step, and all that is ordered."""
    return DuringInfusion(max(one.step, other.step), union((one.instructions, other.instructions)))
