"""How severe is cytokine release syndrome or neurotoxicity by what was found?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import evolve

from tarlatamab_rules.decisions import Decision, NeedsData, NotCovered
from tarlatamab_rules.errors import FieldTypeError, shown
from tarlatamab_rules.evidence import Reason
from tarlatamab_rules.inputs.findings import FULL_ICE, CrsFindings, NeuroFindings
from tarlatamab_rules.questions.scales import CRS_GRADE, ICANS_GRADE
from tarlatamab_rules.rulebooks._registry import table
from tarlatamab_rules.rules.grading import mildest_first

if TYPE_CHECKING:
    from tarlatamab_rules.inputs.findings import Grade
    from tarlatamab_rules.rulebooks._book import Rulebook

__all__ = ["grade_crs", "grade_icans"]

_OTHER_CAUSE = NotCovered((Reason("guard/other-cause", "The findings are put down to another cause, and so are not graded as ICANS."),))


def grade_crs(findings: CrsFindings, *, rulebook: Rulebook | str = "astct-2019") -> Decision[Grade]:
    """The grade of cytokine release syndrome by what was found; the more severe of hypotension and hypoxia decides.

    `NeedsData` names the findings that are not known, and lists the grades that remain possible, mildest first; ``None`` among them where
    the scale leaves it open. `NotCovered`: without fever, and none masked, hypotension or hypoxia is not this syndrome by the scale;
    vasopressin alone has no grade; and masked fever alone cannot be told from none.

    Args:
        findings: What was found. Oxygen that is not known is not *none*.

        rulebook: The scale, or its name.

    Source: ASTCT consensus grading 2019, cytokine release syndrome.
    """
    if not isinstance(findings, CrsFindings):
        raise FieldTypeError("findings", f"{shown(findings)} is not CrsFindings", "pass CrsFindings(temperature=..., oxygen=...)")
    celsius = None if findings.temperature is None else findings.temperature.value
    facts = (celsius, findings.fever_masked, findings.hypotension, findings.vasopressin, findings.oxygen)
    return mildest_first(table(CRS_GRADE, rulebook)(*facts))


def grade_icans(findings: NeuroFindings, *, rulebook: Rulebook | str = "astct-2019") -> Decision[Grade]:
    """The grade of neurotoxicity of immune effector cells (ICANS) by what was found; the most severe of five domains decides.

    `NeedsData` names the findings that are not known, and lists the grades that remain possible, mildest first. An ICE score of 0 asks
    whether the patient can be woken. A score before treatment that was not full is named among the reasons. `NotCovered`: the findings
    have another cause.

    Args:
        findings: What was found.

        rulebook: The scale, or its name.

    Raises:
        ContradictionError: The findings cannot all be true, as a score of 5 of who cannot be woken.

    Source: ASTCT consensus grading 2019, ICANS in adults.
    """
    if not isinstance(findings, NeuroFindings):
        raise FieldTypeError("findings", f"{shown(findings)} is not NeuroFindings", "pass NeuroFindings(ice=...)")
    if findings.other_cause:
        return _OTHER_CAUSE
    facts = (
        findings.ice,
        findings.arousable,
        findings.consciousness,
        findings.seizure,
        findings.motor_weakness,
        findings.raised_icp,
    )
    answer = mildest_first(table(ICANS_GRADE, rulebook)(*facts))
    if isinstance(answer, NeedsData) and findings.ice == 0 and findings.arousable is None and findings.consciousness is None:
        # Either of the two tells, so the table misses neither by itself.
        answer = evolve(answer, missing=tuple(dict.fromkeys(("arousable", *answer.missing))))
    before = findings.baseline_ice
    if before is None or before == FULL_ICE:
        return answer
    says = f"The ICE score was {before} before treatment: a clinician must judge what of it is new."
    return evolve(answer, reasons=(Reason("guard/baseline-ice", says), *answer.reasons))
