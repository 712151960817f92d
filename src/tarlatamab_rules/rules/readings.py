"""One answer if times can be read in two ways: the stricter one stands."""

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
    "The times have several UTC offsets, and the answer depends on which of them days are counted by: the stricter answer is used. "
    "Pass site_zone, the time zone of the site, to settle it.",
)


def strictest_reading(answers: Iterable[Decision[T]], strictness: Callable[[T], tuple[int, ...]] = lambda _: ()) -> Decision[T]:
    """The answers of all readings of the same times as one.

    Of decided ones the strictest stands, and of equally strict ones the first. If one of them is not decided, all answers are still
    possible.

    Args:
        answers: One answer a reading.

        strictness: How strict an answer is; what it gives is compared.
    """
    each = list(answers)
    if len(each) == 1 or all(answer == each[0] for answer in each):
        return each[0]
    decided = [answer for answer in each if isinstance(answer, Decided)]
    if len(decided) == len(each):
        stands = max(decided, key=lambda answer: strictness(answer.value))
        return evolve(stands, reasons=(*stands.reasons, SITE_ZONE))
    missing = union([("site_zone",), *(answer.missing for answer in each)])
    possible = union(tuple(answer.possible) for answer in each)
    return NeedsData(missing, possible, union([*(answer.reasons for answer in each), (SITE_ZONE,)]), dissent_of(each))
