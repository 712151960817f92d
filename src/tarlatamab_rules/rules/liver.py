"""What must be done about aminotransferases and bilirubin together?"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date, timedelta
from itertools import product
from typing import TYPE_CHECKING, Final

from attrs import evolve, frozen

from tarlatamab_rules.core.decisions import Decision, NeedsData, NotCovered, either, strictest
from tarlatamab_rules.core.evidence import Reason
from tarlatamab_rules.core.intervals import Interval
from tarlatamab_rules.core.paths import Fact
from tarlatamab_rules.inputs._fields import day, several, truth
from tarlatamab_rules.inputs._zones import readings
from tarlatamab_rules.inputs.analytes import Analyte
from tarlatamab_rules.inputs.labs import LabResult
from tarlatamab_rules.inputs.vocabulary import Toxicity
from tarlatamab_rules.rulebooks._registry import resolve
from tarlatamab_rules.rulebooks.questions import DRUG_INDUCED_LIVER_INJURY
from tarlatamab_rules.rules.grading import in_limits, in_rise
from tarlatamab_rules.rules.readings import strictest_reading
from tarlatamab_rules.values.toxicities import ToxicityAction

if TYPE_CHECKING:
    from tarlatamab_rules.rulebooks._book import Rulebook

__all__ = ["OTHER_CAUSE", "Pair", "highest", "judge_pair", "liver_injury", "pairs_of"]

OTHER_CAUSE: Final = Fact("events", Toxicity.HEPATOTOXICITY, "other_cause")
"""Where the caller can enter whether something else explains a pair."""

_ENZYMES = frozenset((Analyte.ALT, Analyte.AST))
_UNPAIRED = NotCovered((Reason("guard/unpaired", "No aminotransferase and bilirubin were drawn at the same time."),))


def liver_injury(
    labs: Iterable[LabResult],
    *,
    other_cause: bool | None = None,
    site_zone: str | None = None,
    rulebook: Rulebook | str | None = None,
) -> Decision[ToxicityAction]:
    """What must be done about aminotransferases and bilirubin of the same time. The strictest answer of all pairs is used.

    `NotCovered`: no pair is above both limits, or there is no pair. `NeedsData`: a pair is above both, and it is not known whether it has
    another cause; or an upper limit is missing; or only one of the two has a date, so that they may be a pair.

    Args:
        labs: The results. ALT and AST are paired with bilirubin of the same calendar day or of the day before or after. Two results without
            a date are a pair. A result with a date and one without may be a pair.

        other_cause: Whether something else explains them.

        site_zone: The time zone of the site, by its IANA name, such as ``Europe/Berlin``. Days are counted by the calendar there. If left
            out, times with different UTC offsets are read in two ways, and the stricter answer is used.

        rulebook: The book that answers, or its name; the default book if left out.

    Source: US prescribing information, 2.5 Table 7.
    """
    book, cause = resolve(rulebook), truth(other_cause, "other_cause")
    ways = readings(site_zone, labs=several(labs, LabResult, "labs"))
    return strictest_reading([_strictest_pair(reading["labs"], cause, book) for reading in ways])


def _strictest_pair(labs: tuple[LabResult, ...], other_cause: bool | None, book: Rulebook) -> Decision[ToxicityAction]:  # noqa: FBT001  # a fact
    answers = [pair.judged(other_cause, book) for pair in pairs_of(labs)]
    return strictest(answers, rank=_how_strict) if answers else _UNPAIRED


def _how_strict(action: ToxicityAction) -> int:
    return action.action.rank


@frozen
class Pair:
    """An aminotransferase and a bilirubin.

    Attributes:
        enzyme: The aminotransferase.

        bilirubin: The bilirubin.

        undated: The result without a date, if the other has one. Then it is not known whether they are of the same time.
    """

    enzyme: LabResult
    bilirubin: LabResult
    undated: LabResult | None = None

    def judged(self, other_cause: bool | None, book: Rulebook) -> Decision[ToxicityAction]:  # noqa: FBT001  # a fact
        """What must be done about the pair. Missing facts are named by their path in a case."""
        answer = judge_pair(self.enzyme, self.bilirubin, other_cause, book)
        if self.undated is None or isinstance(answer, NotCovered):
            return answer
        return either((_UNPAIRED, answer), (Fact("labs", self.undated.analyte, "collected"),))


def pairs_of(labs: Iterable[LabResult], group: Callable[[LabResult], object] = lambda _: None) -> Iterator[Pair]:
    """Each aminotransferase with each bilirubin of the same day, or of the day before or after, because midnight may lie between them.

    Only the results of a day that can matter make a pair: the highest of each analyte, and one without an upper limit. Two results without
    a date make a pair. A result without a date may make a pair with any result that has a date.

    Args:
        labs: The results.

        group: What distinguishes enzymes apart from value and day, such as their cause. The highest of each group counts.
    """
    results = tuple(labs)
    enzymes = _by_day([result for result in results if result.analyte in _ENZYMES], group)
    bilirubins = _by_day([result for result in results if result.analyte is Analyte.BILIRUBIN])
    for when, of_day in enzymes.items():
        near = [None] if when is None else [when, when - _DAY, when + _DAY]
        others = highest([result for other in near for result in bilirubins.get(other, ())])
        yield from (Pair(*both) for both in product(of_day, others))
    for enzyme, bilirubin in product(enzymes.get(None, ()), highest(_dated(bilirubins))):
        yield Pair(enzyme, bilirubin, enzyme)
    for enzyme, bilirubin in product(highest(_dated(enzymes), group), bilirubins.get(None, ())):
        yield Pair(enzyme, bilirubin, bilirubin)


_DAY: Final = timedelta(days=1)


def _by_day(results: Iterable[LabResult], group: Callable[[LabResult], object] = lambda _: None) -> dict[date | None, list[LabResult]]:
    """The results of each day that can matter."""
    days: dict[date | None, list[LabResult]] = {}
    for result in results:
        days.setdefault(None if result.collected is None else day(result.collected), []).append(result)
    return {when: highest(of_day, group) for when, of_day in days.items()}


def _dated(days: Mapping[date | None, Iterable[LabResult]]) -> list[LabResult]:
    return [result for when, of_day in days.items() if when is not None for result in of_day]


def highest(results: Iterable[LabResult], group: Callable[[LabResult], object] = lambda _: None) -> list[LabResult]:
    """The highest results of each analyte and group: by the least value, by the greatest possible value, and one without a limit.

    With a raised baseline, another result may be the highest than with the limits of normal. Both are kept. Of results that are equally
    high in one way, the one that is higher in the other ways counts, whatever their order.
    """
    best: dict[object, tuple[tuple[float, ...], LabResult]] = {}
    for result in results:
        heights = tuple(_heights(result))
        for kind, value in heights:
            key, height = (result.analyte, group(result), kind), (value, *[other for _, other in heights])
            if key not in best or height > best[key][0]:
                best[key] = height, result
    return list({id(result): result for _, result in best.values()}.values())


def _heights(result: LabResult) -> Iterator[tuple[str, float]]:
    """How high a result is, by each way to compare results."""
    times, rise = in_limits(result), in_rise(result)
    if times is None or rise is None:
        yield "no limit", 0.0
        return
    for what, value in (("limit", times), ("rise", rise)):
        low, high = (value.start, value.stop) if isinstance(value, Interval) else (value, value)
        yield f"{what}, at least", low
        yield f"{what}, at most", high


def judge_pair(enzyme: LabResult, bilirubin: LabResult, other_cause: bool | None, book: Rulebook) -> Decision[ToxicityAction]:  # noqa: FBT001  # a fact
    """What must be done about one pair. Missing facts are named by their path in a case."""
    answer = book[DRUG_INDUCED_LIVER_INJURY](in_limits(enzyme), in_limits(bilirubin), other_cause, in_rise(enzyme), in_rise(bilirubin))
    if not isinstance(answer, NeedsData):
        return answer
    paths = {
        "alt or ast": _lacking(enzyme, ("upper_limit",)),
        "bilirubin": _lacking(bilirubin, ("upper_limit",)),
        "alt or ast rise": _lacking(enzyme, ("upper_limit", "baseline")),
        "bilirubin rise": _lacking(bilirubin, ("upper_limit", "baseline")),
        "other_cause": OTHER_CAUSE,
    }
    return evolve(answer, missing=tuple(dict.fromkeys(paths[fact] for fact in answer.missing)))


def _lacking(result: LabResult, fields: tuple[str, ...]) -> Fact:
    """The first of these fields that is missing for a multiple; if none is, the exact value behind a bound."""
    return Fact("labs", result.analyte, next((field for field in fields if getattr(result, field) is None), "value"))
