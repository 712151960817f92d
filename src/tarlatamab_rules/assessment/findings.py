"""Current findings that are no episode: abnormal ones that no scale grades, and unknown ones for which no dose waits."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Final

from tarlatamab_rules.assessment.votes import AssessedToxicity, Judged, Vote
from tarlatamab_rules.assessment.words import field_in_words, listed
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
    """The current findings that do not count as an episode, with a vote if a clinician must assess them."""
    for findings in several or ():
        if not isinstance(findings, CrsFindings):
            yield from _unknown_neurologic(findings)
        elif is_chronic(findings):
            yield Judged(
                notes=(Note(_CRS, "oxygen without fever, because of another cause; it does not count as CRS."), *_unknown_mask(findings))
            )
            yield from _unknown_support(findings)
        elif is_unexplained(findings):
            vote = Vote(_CRS, Verdict.NEEDS_ASSESSMENT, (), (NO_FEVER,))
            yield Judged((vote,), (AssessedToxicity(_CRS, Toxicity.CRS, (), NotCovered((NO_FEVER,))),))
        elif is_normal(findings):
            yield from _unknown_support(findings)


def _unknown_neurologic(findings: NeuroFindings) -> Iterator[Judged]:
    """Notes on unknown neurologic signs in an alert patient with a full ICE score; no dose waits for them."""
    absent = [name for name, value in (("symptoms", findings.symptoms), ("raised_icp", findings.raised_icp)) if value is None]
    if absent and is_normal(findings):
        says = "The patient is alert and has a full ICE score, no seizure and no weakness, so the dose does not wait for it."
        yield Judged(notes=tuple([Note(_ICANS, f"not known: {field_in_words(_ICANS.its(name))}. {says}") for name in absent]))


def _unknown_support(findings: CrsFindings) -> Iterator[Judged]:
    """A note on unknown support of blood pressure or breathing. Without fever the scale does not grade it, but it would be abnormal."""
    support = (("hypotension", findings.hypotension), ("vasopressin", findings.vasopressin), ("oxygen", findings.oxygen))
    if absent := [name for name, value in support if value is None]:
        names, it = listed(field_in_words(_CRS.its(name)) for name in absent), "them" if len(absent) > 1 else "it"
        says = (
            f"Without fever the scale does not grade {it}, so the dose does not wait for {it}. If abnormal, a clinician must assess {it}."
        )
        yield Judged(notes=(Note(_CRS, f"not known: {names}. {says}"), *(() if is_chronic(findings) else _unknown_mask(findings))))


def _unknown_mask(findings: CrsFindings) -> tuple[Note, ...]:
    """A note if no drug for fever counts as given because none is mentioned."""
    says = "it is not known whether a drug was given for fever or CRS since the last dose. None counts as given."
    return () if findings.fever_masked is not None else (Note(_CRS, says),)
