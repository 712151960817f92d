"""The reported toxicities on a picture: their words, and from when to when they are drawn."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import TYPE_CHECKING

from attrs import frozen

from tarlatamab_rules.inputs._fields import day
from tarlatamab_rules.values.names import named
from tarlatamab_rules.values.wording import at

if TYPE_CHECKING:
    from tarlatamab_rules.inputs._fields import When
    from tarlatamab_rules.inputs.events import ToxicityEvent

__all__ = ["Reported", "reported"]


@frozen
class Reported:
    """A reported toxicity with its onset.

    Attributes:
        words: What it is, its grade, and whether it goes on.

        start: Its onset.

        end: When it was over; ``None``: it goes on, or that is not known.
    """

    words: str
    start: When
    end: When | None

    @property
    def open(self) -> bool:
        """Whether its end is not known."""
        return self.end is None

    @property
    def days(self) -> tuple[date, date]:
        """The first and the last day that is known of it."""
        return day(self.start), day(self.end or self.start)

    @property
    def says(self) -> str:
        """The words, with the times."""
        return f"from {at(self.start)}{'' if self.end is None else f' to {at(self.end)}'}: {self.words}"


def reported(events: Iterable[ToxicityEvent]) -> tuple[tuple[Reported, ...], tuple[str, ...]]:
    """The toxicities with an onset, in the order of their report; and the words of those without one, which cannot be drawn."""
    dated, lost = [], []
    for event in events:
        grade = "" if event.grade is None else f" grade {event.grade:d}"
        words = f"{named(event.toxicity)}{grade}{_state(event)}"
        if event.onset is None:
            lost.append(words)
        else:
            dated.append(Reported(words, event.onset, event.resolved))
    return tuple(dated), tuple(lost)


def _state(event: ToxicityEvent) -> str:
    if event.resolved is not None:
        return ""
    return {True: ", over, end not known", False: ", goes on", None: ", end not known"}[event.over]
