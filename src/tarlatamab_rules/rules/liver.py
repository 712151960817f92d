"""What do aminotransferases and bilirubin oblige one to do together?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import product
from typing import TYPE_CHECKING

from attrs import evolve

from tarlatamab_rules.answers.toxicities import ToxicityAction
from tarlatamab_rules.decisions import Decision, NeedsData, NotCovered, strictest
from tarlatamab_rules.evidence import Reason
from tarlatamab_rules.inputs._fields import day, several, truth
from tarlatamab_rules.inputs._zones import readings
from tarlatamab_rules.inputs.analytes import Analyte
from tarlatamab_rules.inputs.labs import LabResult
from tarlatamab_rules.questions.toxicities import DRUG_INDUCED_LIVER_INJURY
from tarlatamab_rules.rulebooks._registry import resolve
from tarlatamab_rules.rules.grading import in_limits, in_rise
from tarlatamab_rules.rules.readings import strictest_reading

if TYPE_CHECKING:
    from tarlatamab_rules.rulebooks._book import Rulebook

__all__ = ["judge_pair", "liver_injury", "pairs_of"]

_ENZYMES = frozenset((Analyte.ALT, Analyte.AST))
_UNPAIRED = NotCovered((Reason("guard/unpaired", "There is no aminotransferase with a bilirubin of the same time."),))


def liver_injury(
    labs: Iterable[LabResult],
    *,
    other_cause: bool | None = None,
    site_zone: str | None = None,
    rulebook: Rulebook | str | None = None,
) -> Decision[ToxicityAction]:
    """What aminotransferases and bilirubin of one time oblige one to do together; the strictest of all pairs stands.

    `NotCovered`: no pair is above both limits, or there is no pair. `NeedsData`: a pair is above both, and whether it has another cause is
    not known; or an upper limit is missing.

    Args:
        labs: The results; those of ALT and AST are paired with bilirubin of the same calendar day or the next to it, or without a date with
            one without.

        other_cause: Whether something else explains them.

        site_zone: The time zone of the site, by its IANA name, as ``Europe/Berlin``: days are counted by the calendar there. If left out,
            times with several UTC offsets are read in two ways, and the stricter answer is used.

        rulebook: The book that answers, or its name; the default book if left out.

    Source: US prescribing information, 2.5 Table 7.
    """
    book, cause = resolve(rulebook), truth(other_cause, "other_cause")
    each = readings(site_zone, labs=several(labs, LabResult, "labs"))
    return strictest_reading([_strictest_pair(reading["labs"], cause, book) for reading in each])


def _strictest_pair(labs: tuple[LabResult, ...], other_cause: bool | None, book: Rulebook) -> Decision[ToxicityAction]:  # noqa: FBT001  # a fact
    answers = [judge_pair(enzyme, bilirubin, other_cause, book) for enzyme, bilirubin in pairs_of(labs)]
    return strictest(answers, rank=_how_strict) if answers else _UNPAIRED


def _how_strict(action: ToxicityAction) -> int:
    return action.action.rank


def pairs_of(labs: Iterable[LabResult]) -> Iterator[tuple[LabResult, LabResult]]:
    """Each aminotransferase with each bilirubin of the same day, or of the day before or after: midnight may lie between them."""
    results = tuple(labs)
    enzymes = [result for result in results if result.analyte in _ENZYMES]
    bilirubins = [result for result in results if result.analyte is Analyte.BILIRUBIN]
    for enzyme, bilirubin in product(enzymes, bilirubins):
        one, other = (None if result.collected is None else day(result.collected) for result in (enzyme, bilirubin))
        if one == other or (one is not None and other is not None and abs((one - other).days) <= 1):
            yield enzyme, bilirubin


def judge_pair(enzyme: LabResult, bilirubin: LabResult, other_cause: bool | None, book: Rulebook) -> Decision[ToxicityAction]:  # noqa: FBT001  # a fact
    """What one pair obliges one to do; what is missing has its path in a case."""
    answer = book[DRUG_INDUCED_LIVER_INJURY](in_limits(enzyme), in_limits(bilirubin), other_cause, in_rise(enzyme), in_rise(bilirubin))
    if not isinstance(answer, NeedsData):
        return answer
    paths = {
        "alt or ast": f"labs.{enzyme.analyte}.upper_limit",
        "bilirubin": f"labs.{bilirubin.analyte}.upper_limit",
        "alt or ast rise": _risen_by(enzyme),
        "bilirubin rise": _risen_by(bilirubin),
        "other_cause": "events.hepatotoxicity.other_cause",
    }
    return evolve(answer, missing=tuple(dict.fromkeys(paths[fact] for fact in answer.missing)))


def _risen_by(result: LabResult) -> str:
    """What a rise lacks: the upper limit, or the value before treatment."""
    return f"labs.{result.analyte}.{'upper_limit' if result.upper_limit is None else 'baseline'}"
