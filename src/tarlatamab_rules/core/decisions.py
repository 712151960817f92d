"""The three answers that a rule can give, and the ordered words in them.

An answer is `Decided`, `NeedsData` or `NotCovered`. It is never a truth value: "not known" and "the source is silent" are
different things, and neither is "no". Knows nothing of any drug.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from enum import StrEnum
from functools import partial, reduce
from operator import attrgetter
from typing import Any, Generic, Never, TypeAlias, TypeVar

from attrs import evolve, field, frozen

from tarlatamab_rules.core.errors import FieldError, UndecidedError, meant, shown
from tarlatamab_rules.core.evidence import Reason, caveats_of
from tarlatamab_rules.core.shown import Shown

__all__ = [
    "Decided",
    "Decision",
    "Dissent",
    "DoseAction",
    "NeedsData",
    "NotCovered",
    "Ranked",
    "Verdict",
    "dissent_of",
    "either",
    "strictest",
    "together",
    "union",
    "unsettled_of",
    "with_unsettled",
]

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)
R = TypeVar("R", bound="Ranked")


class Ranked(StrEnum):
    """Words with an order, mildest first. ``max`` gives the strictest.

    Comparing with a string compares ranks, not letters. A string that is not one of the words raises `FieldError`, a word of another
    order `TypeError`.
    """

    def __init__(self, _word: str) -> None:
        self.rank = len(type(self).__members__)

    @classmethod
    def _missing_(cls, value: object) -> Never:
        near = meant(value, map(str, cls)) if isinstance(value, str) else None
        fix = f"{f'did you mean {near!r}? Otherwise ' if near else ''}use one of {', '.join(cls)}"
        raise FieldError("", f"{shown(value)} is not a {cls.__name__}", fix)

    rank: int
    """0 for the mildest word."""

    def _rank_of(self, other: str) -> int:
        if type(other) is type(self):
            return other.rank
        if isinstance(other, Ranked):
            msg = f"{type(self).__name__} and {type(other).__name__} have no common order"
            raise TypeError(msg)
        return type(self)(other).rank

    def __lt__(self, other: str) -> bool:
        """Whether this is milder."""
        return self.rank < self._rank_of(other)

    def __le__(self, other: str) -> bool:
        """Whether this is at most as strict."""
        return self.rank <= self._rank_of(other)

    def __gt__(self, other: str) -> bool:
        """Whether this is stricter."""
        return self.rank > self._rank_of(other)

    def __ge__(self, other: str) -> bool:
        """Whether this is at least as strict."""
        return self.rank >= self._rank_of(other)


class DoseAction(Ranked):
    """What one toxicity requires: continue < withhold < discontinue."""

    CONTINUE = "continue"
    WITHHOLD = "withhold"
    DISCONTINUE = "discontinue"


class Verdict(Ranked):
    """What the whole case requires: proceed < needs-data < needs-assessment < withhold < excluded < discontinue."""

    PROCEED = "proceed"
    NEEDS_DATA = "needs-data"
    NEEDS_ASSESSMENT = "needs-assessment"
    WITHHOLD = "withhold"
    EXCLUDED = "excluded"
    DISCONTINUE = "discontinue"


@frozen
class Dissent(Shown):
    """What a book of a stack says instead of the answer used.

    A book that is silent on the whole question does not dissent. A book that mentions it but does not settle it dissents, without a value.

    Attributes:
        rulebook: The name of the book.

        field: The field of the answer in which it differs; empty for the whole answer.

        value: What it says there; ``None`` if it leaves that open.

        reasons: Why it says so.
    """

    rulebook: str
    field: str
    value: object
    reasons: tuple[Reason, ...] = ()


def _row_ids(reasons: Sequence[Reason]) -> str:
    return "[" + ", ".join(reason.row for reason in reasons) + "]"


def _caveats(reasons: tuple[Reason, ...], dissent: tuple[Dissent, ...]) -> tuple[str, ...]:
    return caveats_of(reason for group in (reasons, *(part.reasons for part in dissent)) for reason in group)


class _Answer(Shown):
    __slots__ = ()

    def __bool__(self) -> Never:
        msg = f"{type(self).__name__} is not a yes or no: use match, isinstance, or .unwrap()"
        raise TypeError(msg)


@frozen(cache_hash=True)
class Decided(_Answer, Generic[T_co]):
    """The facts and the source settle the answer.

    Attributes:
        value: The answer.

        reasons: The rows that gave it.

        dissent: What other books of a stack say, if they differ.
    """

    value: T_co
    reasons: tuple[Reason, ...] = field(default=(), repr=_row_ids)
    dissent: tuple[Dissent, ...] = field(default=(), repr=False)

    def unwrap(self) -> T_co:
        """The value."""
        return self.value

    @property
    def possible(self) -> tuple[T_co]:
        """The one possible answer."""
        return (self.value,)

    @property
    def missing(self) -> tuple[str, ...]:
        """No fact is missing."""
        return ()

    @property
    def caveats(self) -> tuple[str, ...]:
        """The caveats of its reasons and of its dissent, each once. A reader must know them before relying on the answer."""
        return _caveats(self.reasons, self.dissent)


@frozen(cache_hash=True)
class NeedsData(_Answer, Generic[T_co]):
    """The known facts leave more than one answer open.

    Attributes:
        missing: The missing facts that matter, by name. Empty if no fact would settle the answer, so that a clinician must.

        possible: Every answer that is still open. ``None`` is among them if the source may be silent.

        reasons: The rows that could still apply.

        dissent: What other books of a stack say, if they differ.
    """

    missing: tuple[str, ...]
    possible: tuple[T_co | None, ...]
    reasons: tuple[Reason, ...] = field(default=(), repr=_row_ids)
    dissent: tuple[Dissent, ...] = field(default=(), repr=False)

    def unwrap(self) -> Never:
        """Raises `UndecidedError`, naming the missing facts."""
        why = f"{', '.join(self.missing)} not known" if self.missing else "no further fact settles it"
        msg = f"not decided: {why}; .possible lists the answers still open"
        raise UndecidedError(msg)

    @property
    def caveats(self) -> tuple[str, ...]:
        """The caveats of its reasons and of its dissent, each once. A reader must know them before relying on the answer."""
        return _caveats(self.reasons, self.dissent)


@frozen(cache_hash=True)
class NotCovered(_Answer):
    """The source is silent, and its rows say so.

    Attributes:
        reasons: The rows that say that the source is silent.

        dissent: What other books of a stack say.
    """

    reasons: tuple[Reason, ...] = field(default=(), repr=_row_ids)
    dissent: tuple[Dissent, ...] = field(default=(), repr=False)

    def unwrap(self) -> Never:
        """Raises `UndecidedError`, with what the source leaves open."""
        msg = "not covered: " + (" ".join(reason.says for reason in self.reasons) or "the rulebook does not mention this")
        raise UndecidedError(msg)

    @property
    def possible(self) -> tuple[None]:
        """Silence, whatever the facts."""
        return (None,)

    @property
    def missing(self) -> tuple[str, ...]:
        """No fact would settle it."""
        return ()

    @property
    def caveats(self) -> tuple[str, ...]:
        """The caveats of its reasons and of its dissent, each once. A reader must know them before relying on the answer."""
        return _caveats(self.reasons, self.dissent)


Decision: TypeAlias = Decided[T] | NeedsData[T] | NotCovered
_Combine: TypeAlias = Callable[[Iterable[T | None], Iterable[T | None]], set[T | None]]


def either(answers: Iterable[Decision[T]], missing: Iterable[str] = ()) -> Decision[T]:
    """One answer, if one of several answers holds and it is not known which. Whatever any of them leaves possible is possible.

    Args:
        answers: The answers, at least one.

        missing: The facts that would show which answer holds. They are named only if more than one answer is possible.
    """
    parts = tuple(answers)
    if len(parts) == 1:
        return parts[0]
    possible = union(part.possible for part in parts)
    reasons, dissent = union(part.reasons for part in parts), dissent_of(parts)
    value, *others = possible
    if others:
        return NeedsData(union((tuple(missing), *(part.missing for part in parts))), possible, reasons, dissent)
    return NotCovered(reasons, dissent) if value is None else Decided(value, reasons, dissent)


def strictest(
    parts: Iterable[Decision[T]], *, rank: Callable[[T], int] = attrgetter("rank"), join: Callable[[T, T], T] | None = None
) -> Decision[T]:
    """One answer, if several answers hold, each to its own question: the strictest value of each combination.

    A part that is silent adds nothing. The whole is decided as soon as no missing fact can change it. Then its reasons are those of the
    parts that give its value. A missing fact is named only if its part can still change the whole. While facts are missing, the reasons
    include those of the parts that already rule out the mildest answer.

    Args:
        parts: The answers.

        rank: How strict a value is. Ordered words have a rank themselves.

        join: The joint value of two values; the stricter one if left out.
    """
    parts = tuple(parts)
    combined: _Combine[T] = partial(_combined, join or partial(_stricter, rank))
    silent: set[T | None] = {None}
    values = reduce(combined, (part.possible for part in parts), silent)
    if len(values) == 1:
        return _settled(parts, *values)
    possible = tuple(sorted(values, key=lambda value: -1 if value is None else rank(value)))
    matter = [part for part in parts if _can_change(part, parts, combined)]
    reasons = union(part.reasons for part in (*_floor(parts, possible[0], rank), *matter))
    return NeedsData(union(part.missing for part in matter), possible, reasons, dissent_of(parts))


def _floor(parts: Iterable[Decision[T]], mildest: T | None, rank: Callable[[T], int]) -> list[Decision[T]]:
    """The parts that already rule out the mildest answer of all. They are decided, with the mildest value that is still possible."""
    if mildest is None or rank(mildest) == 0:
        return []
    return [part for part in parts if part.possible == (mildest,)]


def _can_change(part: Decision[T], parts: Iterable[Decision[T]], combined: _Combine[T]) -> bool:
    """Whether a part can still change the joint value of all parts."""
    silent: set[T | None] = {None}
    rest = reduce(combined, (other.possible for other in parts if other is not part), silent)
    return any(len(combined((value,), part.possible)) > 1 for value in rest)


def _stricter(rank: Callable[[T], int], value: T, other: T) -> T:
    """The stricter of two values. Of two equally strict values, the same one is taken, whatever their order."""
    return max(value, other, key=rank) if value == other or rank(value) != rank(other) else max(value, other, key=repr)


def _combined(join: Callable[[T, T], T], values: Iterable[T | None], others: Iterable[T | None]) -> set[T | None]:
    """Every value of the first with every value of the others. Silence adds nothing."""
    others = tuple(others)
    return {other if value is None else value if other is None else join(value, other) for value in values for other in others}


def _settled(parts: Sequence[Decision[T]], value: T | None) -> Decision[T]:
    """The joint value of parts, with the reasons of the parts that have it; if all are silent, with the reasons of all."""
    deciding = [part for part in parts if part.possible == (value,)] or parts
    reasons, dissent = union(part.reasons for part in deciding), dissent_of(parts)
    return NotCovered(reasons, dissent) if value is None else Decided(value, reasons, dissent)


def together(
    answers: Sequence[tuple[str, Decision[T]]],
    join: Callable[[Sequence[tuple[str, T]]], T],
    *,
    differ: Callable[[str, Decided[T], T], Iterable[Dissent]],
    stands: Callable[[T, T], bool],
    unsettled: Callable[[tuple[Reason, ...]], tuple[Reason, ...]] = tuple,
) -> Decision[T]:
    """One answer of several sources to one question: their joint value, and what each source says otherwise, as dissent.

    A source that is silent does not dissent. A source that mentions the question but leaves it open dissents, without a value.

    Args:
        answers: The name of each source and its answer, decided or not covered. The first source comes first.

        join: The value of the sources that answer.

        differ: What a source says that differs from the joint value.

        stands: Whether some part of what a source says is in the joint value. If so, its reasons are reasons of the whole.

        unsettled: What happens to the reasons why a source leaves the question open.
    """

    def dissent(value: T) -> Iterator[Dissent]:
        for name, answer in answers:
            if isinstance(answer, Decided):
                yield from differ(name, answer, value)
            elif open_ := unsettled_of(answer):
                yield Dissent(name, "", None, unsettled(open_))

    decided = [(name, answer) for name, answer in answers if isinstance(answer, Decided)]
    before = tuple(part for _, answer in answers for part in answer.dissent)
    if not decided:
        return NotCovered(union([answer.reasons for _, answer in answers]), before)
    value = join([(name, answer.value) for name, answer in decided])
    reasons = union([answer.reasons for _, answer in decided if stands(answer.value, value)])
    return Decided(value, reasons, union((before, tuple(dissent(value)))))


def with_unsettled(answer: Decision[T], parts: Iterable[Decision[Any]]) -> Decision[T]:
    """An answer with the reasons why a source does not settle some parts of it, although other parts decide it."""
    unsettled = union(unsettled_of(part) for part in parts)
    return evolve(answer, reasons=union((answer.reasons, unsettled))) if unsettled else answer


def dissent_of(parts: Iterable[Decision[Any]]) -> tuple[Dissent, ...]:
    """The dissent of several answers together. Equal dissent is listed once, with the reasons of the first.

    Dissent that is not settled or has a caveat does not equal dissent that is settled and has none.
    """
    first: dict[tuple[str, str, object, bool, tuple[str, ...]], Dissent] = {}
    for dissent in union(part.dissent for part in parts):
        unsettled = any(reason.unsettled for reason in dissent.reasons)
        first.setdefault((dissent.rulebook, dissent.field, dissent.value, unsettled, caveats_of(dissent.reasons)), dissent)
    return tuple(first.values())


def unsettled_of(answer: Decision[Any]) -> tuple[Reason, ...]:
    """Why a clinician must look: what the source, or one book of a stack, mentions but does not settle."""
    silent = answer.reasons if isinstance(answer, NotCovered) else ()
    if not silent and not answer.dissent:
        return ()
    groups = (silent, *(dissent.reasons for dissent in answer.dissent))
    return union([tuple(reason for reason in reasons if reason.unsettled) for reasons in groups])


def union(groups: Iterable[tuple[T, ...]]) -> tuple[T, ...]:
    """The items of all groups, each once, in the order in which they first occur."""
    return tuple(dict.fromkeys(item for group in groups for item in group))
