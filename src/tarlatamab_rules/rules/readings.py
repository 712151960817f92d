"""One answer if times can be read in two ways. The stricter one is used."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Final, TypeVar

from attrs import evolve

from tarlatamab_rules.core.decisions import Decided, NeedsData, dissent_of, union
from tarlatamab_rules.core.evidence import Reason

if TYPE_CHECKING:
    from tarlatamab_rules.core.decisions import Decision

__all__ = ["SITE_ZONE", "strictest_reading"]

T = TypeVar("T")
SITE_ZONE: Final = Reason(
    "guard/site-zone",
    "The times have different UTC offsets, and the answer depends on the offset at which days are counted. The stricter answer is used. "
    "To settle it, give the time zone of the site (site_zone).",
)


def strictest_reading(answers: Iterable[Decision[T]], strictness: Callable[[T], tuple[int, ...]] = lambda _: ()) -> Decision[T]:
    """One answer from the answers of all readings of the same times.

    If all are decided, the strictest is used; of equally strict ones, the first. If one is not decided, all answers are still possible.

    Args:
        answers: One answer for each reading.

        strictness: How strict an answer is, as a key to compare answers by.
    """
    listed = list(answers)
    if all(answer == listed[0] for answer in listed):
        return listed[0]
    decided = [answer for answer in listed if isinstance(answer, Decided)]
    if len(decided) == len(listed):
        strictest = max(decided, key=lambda answer: strictness(answer.value))
        return evolve(strictest, reasons=(*strictest.reasons, SITE_ZONE))
    missing = union([("site_zone",), *(answer.missing for answer in listed)])
    possible = union(tuple(answer.possible) for answer in listed)
    return NeedsData(missing, possible, union([*(answer.reasons for answer in listed), (SITE_ZONE,)]), dissent_of(listed))
