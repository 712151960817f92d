"""What the books of a stack say differently, in words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain
from typing import Any, Final

from tarlatamab_rules.core.decisions import Decision, Dissent
from tarlatamab_rules.values.plans import Instruction, in_conflict
from tarlatamab_rules.values.vocabulary import Modality
from tarlatamab_rules.values.wording import adds_hours, in_words, piece_in_words

__all__ = ["differing_in_words", "dissent_in_words"]


def dissent_in_words(answer: Decision[Any], see: str = "") -> list[str]:
    """One line for each disagreement between the books of a stack. Orders are listed only if they conflict; a silent book gets no line.

    *see* is added to a line with hours that a toxicity adds to the next dose.
    """
    by_rows: dict[tuple[str, tuple[str, ...]], dict[str, None]] = {}
    with_hours: set[tuple[str, tuple[str, ...]]] = set()
    for dissent in answer.dissent:
        rows = tuple(reason.row for reason in dissent.reasons)
        by_rows.setdefault((dissent.rulebook, rows), {}).update(dict.fromkeys(_differing(dissent, answer)))
        with_hours |= {(dissent.rulebook, rows)} if adds_hours(dissent.value) else set()
    lines: dict[tuple[str, tuple[str, ...], str], list[str]] = {}
    for (book, rows), parts in by_rows.items():
        lines.setdefault((book, tuple(parts), see if (book, rows) in with_hours else ""), []).extend(rows)
    return [f"{book}: {'; '.join(parts)} [{', '.join(dict.fromkeys(rows))}]{ends}" for (book, parts, ends), rows in lines.items() if parts]


def _differing(dissent: Dissent, answer: Decision[Any]) -> Iterator[str]:
    """What a book says in one part of an answer, in words; nothing if it says nothing there."""
    name, value = dissent.field.replace("_", " "), dissent.value
    if value is None:
        yield from dict.fromkeys(f"not settled: {reason.unsettled}" for reason in dissent.reasons if reason.unsettled)
    elif value == ():
        # A plan without an instruction says that there is nothing to do; any other empty list says nothing.
        yield from ("nothing",) if dissent.field == "instructions" else ()
    elif isinstance(value, tuple) and {type(item) for item in value} == {Instruction}:
        yield from _differing_orders(value, [getattr(possible, dissent.field, None) or () for possible in answer.possible])
    else:
        yield _LEADS.get(dissent.field, f"{name}: ") + _listed_parts([value])


_LEADS: Final = {
    "": "",
    "anchor": "counted from ",
    "discontinue_if": "",
    "near_care": "",
    "next_dose": "",
    "observe": "monitor for ",
    "resume_when": "resume when ",
    "setting": "in ",
}
"""What leads to the words of a part of an answer, if that is not its name."""


def _differing_orders(orders: Sequence[Instruction], standing: Sequence[Sequence[Instruction]]) -> Iterator[str]:
    """The orders of a book that conflict with those in force, and the drugs in force in every case that it does not order."""
    every = list(chain.from_iterable(standing))
    yield from (words for order in orders if (words := _against(order, every)))
    named = {order.what for order in orders}
    always = [order for order in standing[0] if order.amount is not None and all(order in plan for plan in standing)]
    yield from (f"does not order {order.what}" for order in always if order.what not in named)


def differing_in_words(one: object, other: object) -> tuple[str, str]:
    """One part of an answer by two books, in words; of two lists only what one of them has and the other has not."""
    if isinstance(one, tuple) and isinstance(other, tuple):
        return _beside(one, other), _beside(other, one)
    return _listed_parts([] if one is None else [one]), _listed_parts([] if other is None else [other])


def _beside(items: tuple[object, ...], others: tuple[object, ...]) -> str:
    """What a list has and another one has not."""
    rest = [item for item in items if item not in others]
    return _listed_parts(rest) if rest or not items else "nothing else"


def _listed_parts(items: Sequence[object]) -> str:
    parts = [part for item in items for part in (item if isinstance(item, tuple) else [item])]
    return "; ".join(map(piece_in_words, parts)) or "nothing"


def _against(item: Instruction, standing: Sequence[Instruction]) -> str:
    """How an order differs from the one of the same drug or measure that is in force; empty if it does not."""
    if item in standing:
        return ""
    if in_conflict(item, standing):
        return f"gives this instead, not in addition: {in_words(item)[0]}"
    return f"{_SAYS_ONLY[item.modality]} {item.what}"


_SAYS_ONLY: Final = {
    Modality.GIVE: "orders",
    Modality.RECOMMEND: "only recommends",
    Modality.CONSIDER: "only considers",
    Modality.AVOID: "avoids",
}
