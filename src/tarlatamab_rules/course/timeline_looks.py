"""How each kind of entry looks on the timeline, and what its marks mean."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Final

from attrs import evolve, frozen

from tarlatamab_rules.course.drawing import AMBER, BLUE, GREEN, INK, PAPER, PURPLE, SKY, Shape, Words, bar, mark
from tarlatamab_rules.course.entries import EntryKind

if TYPE_CHECKING:
    from tarlatamab_rules.course.entries import PlanEntry
    from tarlatamab_rules.course.reported import Reported

__all__ = ["LANES", "LOOKS", "ON_TIMELINE", "TOXICITIES", "WATCHED", "keys", "mark_of", "moved"]


@frozen
class Look:
    """How a kind of entry is drawn.

    Attributes:
        lane: Its lane.

        shape: The shape of its mark; empty: it is a bar.

        fill: The colour of what is given, or of a deadline.

        light: The colour of what is planned.

        means: What the mark means, for the explanation above.
    """

    lane: str
    shape: str
    fill: str
    light: str
    means: str


LOOKS: Final[Mapping[EntryKind, Look]] = {
    EntryKind.DOSE: Look("Doses", "square", BLUE, PAPER, "dose"),
    EntryKind.OBSERVATION: Look("Observation", "", BLUE, SKY, "observation"),
    EntryKind.NEAR_CARE: Look("Near care", "", GREEN, PAPER, "near care"),
    EntryKind.LABS: Look("Lab results", "up", GREEN, PAPER, "results needed"),
    EntryKind.RESTART_LIMIT: Look("Last days", "flag", AMBER, AMBER, "last day for this dose"),
    EntryKind.RECOVERY_DEADLINE: Look("Last days", "down", PURPLE, PURPLE, "must have improved"),
    EntryKind.CONTRACEPTION: Look("Last days", "hourglass", PAPER, PAPER, "last day of contraception, and of no breast-feeding"),
    EntryKind.BREAST_FEEDING: Look("Last days", "hourglass", PAPER, PAPER, "last day of contraception, and of no breast-feeding"),
}
ON_TIMELINE: Final = frozenset(LOOKS)
"""The kinds of entries that the timeline shows. The others are on the picture of their dose."""

TOXICITIES: Final = "Toxicities"
_FIRST, *_REST = dict.fromkeys(look.lane for look in LOOKS.values())
LANES: Final = (_FIRST, TOXICITIES, *_REST)
"""The lanes of a strip, from the top down: the toxicities are beneath the doses."""

WATCHED: Final = frozenset((EntryKind.OBSERVATION, EntryKind.NEAR_CARE))
_PLANNED_DOSE: Final = "diamond"


def mark_of(entry: PlanEntry, x: float, y: float) -> Shape:
    """The mark of an entry at a place."""
    look = LOOKS[entry.kind]
    shape = _PLANNED_DOSE if entry.kind is EntryKind.DOSE and not entry.given else look.shape
    return mark(shape, x, y, look.fill if entry.given else look.light)


def keys(entries: Iterable[PlanEntry], toxicities: Sequence[Reported]) -> Iterator[tuple[list[Shape], str]]:
    """A key and its meaning, for everything that is drawn."""
    seen: dict[tuple[str, str, bool], tuple[list[Shape], str]] = {}
    for entry in entries:
        look = LOOKS[entry.kind]
        of_state = look.lane != "Last days"
        state = (" (given)" if entry.given else " (planned)") if of_state else ""
        fill = look.fill if entry.given else look.light
        key: list[Shape] = [mark_of(entry, 12, 0) if look.shape else bar((2, -5, 22, 5), fill, INK)]
        seen.setdefault((look.lane, look.means, of_state and entry.given), (key, f"{look.means}{state}"))
    places = {means: n for n, means in enumerate(dict.fromkeys(look.means for look in LOOKS.values()))}
    for _, (key, text) in sorted(seen.items(), key=lambda item: (places[item[0][1]], not item[0][2])):
        yield key, text
    if any(entry.kind in WATCHED and entry.end is not None and entry.end_from is not None for entry in entries):
        yield [bar((2, -5, 12, 5), PAPER, INK), bar((12, -2, 22, 2), PAPER, INK)], "earliest to latest end"
    if any(entry.kind in WATCHED and entry.end is None for entry in entries):
        yield [bar((2, -5, 22, 5), PAPER, INK, dashed=True)], "times not known"
    if toxicities:
        yield [bar((2, -5, 22, 5), AMBER, INK)], "reported toxicity"
    if any(toxicity.open for toxicity in toxicities):
        yield [bar((2, -5, 22, 5), AMBER, INK, dashed=True)], "goes on, or its end is not known"


def moved(shapes: Iterable[Shape], x: float, y: float) -> list[Shape]:
    """The same shapes at another place."""
    return [
        evolve(shape, points=tuple((x + right, y + down) for right, down in shape.points))
        for shape in shapes
        if not isinstance(shape, Words)
    ]
