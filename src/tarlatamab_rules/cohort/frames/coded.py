"""The answers to many doses as integer codes, each with the list of what its codes mean; and as a frame."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import narwhals as nw
import numpy as np
import pyarrow as pa
from attrs import field, frozen

from tarlatamab_rules.cohort.frames.answers import PartAnswer
from tarlatamab_rules.core.decisions import Verdict
from tarlatamab_rules.core.errors import FieldError

if TYPE_CHECKING:
    import numpy.typing as npt

__all__ = ["COLUMNS_WAY", "NO_ANSWER", "Answers", "Codes", "Folded", "beside", "to_native"]

Codes: TypeAlias = "npt.NDArray[np.signedinteger[Any]]"
NO_ANSWER: Final = -1
"""The code of a row without an answer, because of a fault, and of a part that says nothing."""
COLUMNS_WAY: Final = "columns"
_VERDICTS: Final = tuple(str(verdict) for verdict in Verdict)
_BETWEEN: Final = ", "


@frozen(eq=False)
class Folded:
    """The items of all parts of each row.

    Attributes:
        codes: A code a row.

        lists: The sets of items that the codes mean.
    """

    codes: Codes
    lists: Sequence[frozenset[str]]

    @classmethod
    def of(cls, parts: Mapping[str, tuple[Codes, Sequence[PartAnswer]]], name: str) -> Folded:
        """The items of a field of the answers of all parts."""
        rows = len(next(iter(parts.values()))[0]) if parts else 0
        codes, lists = np.zeros(rows, np.int32), [frozenset[str]()]
        for of_part, answers in parts.values():
            items = [frozenset(getattr(answer, name)) for answer in answers]
            if not any(items):
                continue
            places = {known: place for place, known in enumerate(dict.fromkeys([frozenset[str](), *items]))}
            of_rows = np.array([*(places[item] for item in items), 0], np.int32).take(of_part, mode="wrap")
            pairs = codes.astype(np.int64) * len(places) + of_rows
            codes, lists = _united(pairs, len(places), lists, list(places))
        return cls(codes, lists)


def _united(pairs: Codes, width: int, one: Sequence[frozenset[str]], other: Sequence[frozenset[str]]) -> tuple[Codes, list[frozenset[str]]]:
    """The union of two sets for each pair of codes, and the unions that occur."""
    occurs = np.zeros(len(one) * width, bool)
    occurs[pairs] = True
    unions: dict[frozenset[str], int] = {}
    table = np.zeros(len(occurs), np.int32)
    for pair in np.flatnonzero(occurs).tolist():
        table[pair] = unions.setdefault(one[pair // width] | other[pair % width], len(unions))
    return table.take(pairs), list(unions)


@frozen(eq=False)
class Answers:
    """The answers to many doses.

    Attributes:
        verdict: The rank of the verdict of each row.

        parts: For each part, a code a row, and the answers that the codes mean.

        missing: The missing facts of all parts.

        dissent: The disagreements between books, of all parts.

        way: A code a row, and the ways that the codes mean.

        faults: The messages of the rows that were refused, by row.
    """

    verdict: Codes
    parts: Mapping[str, tuple[Codes, Sequence[PartAnswer]]] = field(repr=False)
    missing: Folded = field(repr=False)
    dissent: Folded = field(repr=False)
    way: tuple[Codes, Sequence[str]] = field(repr=False)
    faults: Mapping[int, str] = field(repr=False)

    def table(self) -> pa.Table:
        """The answers as a table of Arrow, one row a dose. Words are dictionary-encoded."""
        columns: dict[str, Any] = {"verdict": _words(self.verdict, _VERDICTS)}
        for name, (codes, answers) in self.parts.items():
            columns[name] = _shared(codes, [answer.verdict for answer in answers])
            rows = [None if answer.verdict is None else _BETWEEN.join(answer.rows) for answer in answers]
            columns[f"{name}.rows"] = _shared(codes, rows)
        for name, folded in (("missing", self.missing), ("dissent", self.dissent)):
            codes = np.where(self.verdict < 0, NO_ANSWER, folded.codes)
            columns[name] = _shared(codes, [_BETWEEN.join(sorted(items)) for items in folded.lists])
        columns["fault"] = _faults(self.faults, len(self.verdict))
        columns["way"] = _shared(*self.way)
        return pa.table(columns)


def _faults(faults: Mapping[int, str], rows: int) -> pa.Array:
    """The messages of all rows; null for a row that was not refused."""
    return pa.array([faults.get(n) for n in range(rows)], pa.string()) if faults else pa.nulls(rows, pa.string())


def _shared(codes: Codes, words: Iterable[str | None]) -> pa.DictionaryArray:
    """A column of words by codes, in which codes may share a word, or have none."""
    places: dict[str, int] = {}
    new = np.array([NO_ANSWER if word is None else places.setdefault(str(word), len(places)) for word in words] + [NO_ANSWER], np.int32)
    return _words(new[codes], tuple(places))


def _words(codes: Codes, words: Sequence[str]) -> pa.DictionaryArray:
    indices = pa.array(codes.astype(np.int32), mask=codes < 0)
    return pa.DictionaryArray.from_arrays(indices, pa.array(words, pa.string()))


def to_native(table: pa.Table, like: Any) -> Any:  # noqa: ANN401  # any frame that narwhals knows
    """A table of Arrow as a frame of the caller's kind, with the index of a pandas frame; of a lazy or other kind, as Arrow."""
    wide = nw.from_native(like)
    if isinstance(wide, nw.LazyFrame):
        if wide.implementation is not nw.Implementation.POLARS:
            return table
        return nw.DataFrame.from_arrow(table, backend="polars").lazy().to_native()
    native = nw.DataFrame.from_arrow(table, backend=wide.implementation).to_native()
    if wide.implementation is nw.Implementation.PANDAS:
        native.index = like.index
    return native


def beside(kept: pa.Table, names: Sequence[str], answers: pa.Table) -> pa.Table:
    """Answers with these columns of a table of as many rows in front.

    Raises:
        FieldError: The table has no such column, or answers have a column of this name.
    """
    for n, name in enumerate(names):
        if name not in kept.schema.names:
            raise FieldError("keep", f"there is no column {name!r}", "name columns of the frame")
        if name in answers.schema.names:
            raise FieldError("keep", f"{name!r} is a column of the answers as well", "rename the column")
        answers = answers.add_column(n, kept.schema.field(name), kept[name])
    return answers
