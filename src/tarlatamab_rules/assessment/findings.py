"""Findings of now that are no episode: abnormal findings that no scale grades, and unknown findings that no dose waits for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Final

from tarlatamab_rules.assessment.votes import AssessedToxicity, Judged, Vote
from tarlatamab_rules.core.decisions import NotCovered, Verdict
from tarlatamab_rules.core.paths import Fact, Note
from tarlatamab_rules.inputs.findings import CrsFindings
from tarlatamab_rules.inputs.vocabulary import Toxicity
from tarlatamab_rules.rules.signs import NO_FEVER, is_chronic, is_normal, is_unexplained

if TYPE_CHECKING:
    from tarlatamab_rules.inputs.findings import Findings, NeuroFindings

__all__ = ["judge_findings"]

_CRS: Final = Fact("findings", Toxicity.CRS)
_ICANS: Final = Fact("findings", Toxicity.ICANS)


def judge_findings(several: Iterable[Findings] | None) -> Iterator[Judged]:
    """The findings of now that do not count as an episode, with a vote if a clinician must assess them."""
    for findings in several or ():
        if not isinstance(findings, CrsFindings):
            yield from _unknown_neurologic(findings)
        elif is_chronic(findings):
            yield Judged(notes=(Note(_CRS, "oxygen without fever, for another cause; it does not count as CRS."),))
        elif is_unexplained(findings):
            vote = Vote(_CRS, Verdict.NEEDS_ASSESSMENT, (), (NO_FEVER,))
            yield Judged((vote,), (AssessedToxicity(_CRS, Toxicity.CRS, (), NotCovered((NO_FEVER,))),))
        elif is_normal(findings):
            yield from _unknown_support(findings)


def _unknown_neurologic(findings: NeuroFindings) -> Iterator[Judged]:
    """Notes on unknown neurologic signs of an alert patient with a full ICE score; no dose waits for them."""
    absent = [name for name, value in (("symptoms", findings.symptoms), ("raised_icp", findings.raised_icp)) if value is None]
    if absent and is_normal(findings):
        says = "the patient is alert, has a full ICE score, no seizure and no weakness, so no dose waits for it."
        yield Judged(notes=tuple([Note(_ICANS, f"{name} is not known; {says}") for name in absent]))


def _unknown_support(findings: CrsFindings) -> Iterator[Judged]:
    """A note on unknown support of pressure or breathing: without fever the scale does not ask for it, but it would be abnormal."""
    support = (("hypotension", findings.hypotension), ("vasopressin", findings.vasopressin), ("oxygen", findings.oxygen))
    if absent := [name for name, value in support if value is None]:
        *others, last = absent
        named, they = (f"{', '.join(others)} and {last} are", "them") if others else (f"{last} is", "it")
        says = f"without fever the scale gives {they} no grade, so no dose waits for {they}, but what is abnormal would be for a clinician."
        yield Judged(notes=(Note(_CRS, f"{named} not known; {says}"),))
