"""The parts of the assessments of many doses: which doses share a situation, and what each part sees."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from attrs import frozen

if TYPE_CHECKING:
    from tarlatamab_rules.cohort.registries.alone import Alone
    from tarlatamab_rules.cohort.registries.coding import Array
    from tarlatamab_rules.cohort.registries.doses import Sees

__all__ = ["FEBRILE", "INFECTION", "LIVER", "EpisodeSlot", "Situations", "Slot", "is_of_results", "slot_of"]

LIVER: Final = "liver"
FEBRILE: Final = "febrile neutropenia"
INFECTION: Final = "patient.infection"


@frozen(eq=False)
class Slot:
    """One part of the assessments of all doses.

    Attributes:
        code: The situation of each dose; -1 if the part does not vote.

        hard: Whether no other dose shares the situation, because it has no plain form.

        sees: What the part sees of results and findings.
    """

    code: Array
    hard: Array
    sees: Sees


@frozen(eq=False)
class EpisodeSlot:
    """The episodes, each with every dose that sees it.

    Attributes:
        dose: The dose of each pair.

        event: The row of the event.

        toxicity: The place of the toxicity in `TOXICITIES`.

        code: The situation of each pair; -1 if the episode is judged with the current findings of its syndrome.

        hard: Whether no other pair shares the situation.

        sees: What an episode of each toxicity sees of results.
    """

    dose: Array
    event: Array
    toxicity: Array
    code: Array
    hard: Array
    sees: tuple[Sees, ...]


@frozen(eq=False)
class Situations:
    """The situations of all doses.

    Attributes:
        slots: The parts, by name.

        episodes: The episodes, each with every dose that sees it; ``None`` if the toxicities are not known.

        alone: The patients whose doses have no situation.

        apart: The planned doses after which something is dated, and which have no situation either.
    """

    slots: Mapping[str, Slot]
    episodes: EpisodeSlot | None
    alone: Alone
    apart: Array


def slot_of(part: str) -> str:
    """The slot of a part of an assessment."""
    name, _, beside = part.partition(" with ")
    if beside:
        return LIVER if beside.startswith("labs") else FEBRILE
    head, _, which = name.partition(".")
    if head == "eligibility" or (head == "patient" and name != INFECTION):
        return "patient"
    return f"events.{which}" if head == "findings" else name


def is_of_results(slot: str) -> bool:
    """Whether the part of a slot is one of the results."""
    return slot in {LIVER, FEBRILE} or slot.partition(".")[0] == "labs"
