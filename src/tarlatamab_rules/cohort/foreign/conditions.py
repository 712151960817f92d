"""Conditions of OMOP as events. A condition that is not known stays, as an open event: nobody has reviewed it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Mapping
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from tarlatamab_rules.cohort.foreign.dates import agreeing, day_of
from tarlatamab_rules.cohort.foreign.episodes_joined import Episode
from tarlatamab_rules.cohort.foreign.sources import Sorted, event_table, first_of, known_word
from tarlatamab_rules.core.errors import FieldError, shown
from tarlatamab_rules.inputs.vocabulary import Scale, Toxicity

if TYPE_CHECKING:
    import pyarrow as pa

    from tarlatamab_rules.cohort.reading.readings import Frame

__all__ = ["omop_events"]

TOXICITIES: Final[Mapping[int, Toxicity]] = {439777: Toxicity.ANEMIA}
"""What a condition concept is. SNOMED 271737000."""

_ICD: Final = (
    (re.compile(r"D8983([1-5])$"), Toxicity.CRS),
    (re.compile(r"D89839?$"), Toxicity.CRS),
    (re.compile(r"G920([1-5])$"), Toxicity.ICANS),
    (re.compile(r"G9200?$"), Toxicity.ICANS),
    (re.compile(r"(?:G92[89]|G936|R569)$"), Toxicity.NEUROTOXICITY),
    (re.compile(r"D70[19]$"), Toxicity.NEUTROPENIA),
    (re.compile(r"R5081$"), Toxicity.FEBRILE_NEUTROPENIA),
    (re.compile(r"D696$"), Toxicity.THROMBOCYTOPENIA),
    (re.compile(r"R7401$"), Toxicity.HEPATOTOXICITY),
)
"""Codes of ICD-10-CM in the source value of a condition; the group is the grade, which these codes count by ASTCT 2019."""

_CANCER: Final = re.compile(r"C34\d*|C7A1|C7B8|C7931|254632001|678[1-4]1000119\d{3}|683991000119103|254637007")
"""Codes of ICD-10-CM and SNOMED CT of lung cancer and its metastases."""

_CODE: Final = re.compile(r"[A-TV-Z]\d[0-9A-Z]{1,5}")
"""A code of ICD-10-CM, which may be shown. Another source value may be anything."""

_Word = tuple[str, int | None]
"""A toxicity, and its grade if a code states it."""


def omop_events(
    frame: Frame, toxicities: Mapping[int | str, str], unrelated: Collection[int | str], doses: pa.Table
) -> tuple[pa.Table, dict[str, int], tuple[str, ...]]:
    """The events of the table ``condition_occurrence``, the counts of its rows, and a note on conditions that are not known.

    Args:
        frame: The table.

        toxicities: More conditions, by concept or by source value, each with its toxicity.

        unrelated: Conditions that are neither infections nor toxicities, by concept or by source value.

        doses: The doses of the registry.

    Raises:
        FieldError: The table lacks a column, or a condition is none.
    """
    frame.need(("person_id", "condition_concept_id"))
    numbers = np.nan_to_num(frame.numbers("condition_concept_id"), nan=0).astype(int).tolist()
    codes, patient = frame.words("condition_source_value"), frame.arrow("person_id").to_pylist()
    texts = [_code(codes.at(row)) for row in range(frame.rows)]
    onset = agreeing(frame, "condition_start_datetime", "condition_start_date").to_pylist()
    end = agreeing(frame, "condition_end_datetime", "condition_end_date").to_pylist()
    words = _words(toxicities)
    known = [words.get(text) or _coded(text) or words.get(number) for number, text in zip(numbers, texts, strict=True)]
    sorting, first, apart = Sorted(frame.rows), _first_doses(doses), _apart(unrelated)
    for reason, rows in {
        "the cancer": [_CANCER.fullmatch(text) is not None for text in texts],
        "unrelated": [number in apart or text in apart for number, text in zip(numbers, texts, strict=True)],
        "no dose of the patient": [person not in first for person in patient],
        "over before the first dose": [_before(ended, first.get(person)) for ended, person in zip(end, patient, strict=True)],
    }.items():
        sorting.leave_out(np.array([word is None for word in known], bool) & np.array(rows, bool), reason)
    episodes, open_ones = list[Episode](), Counter[str]()
    for row in np.flatnonzero(sorting.kept).tolist():
        toxicity, grade = known[row] or (str(Toxicity.OTHER), None)
        if known[row] is None:
            open_ones[_shown(texts[row], numbers[row])] += 1
        scale = None if grade is None else str(Scale.ASTCT_2019)
        episodes.append(Episode(patient[row], toxicity, grade, onset[row], end[row], None if end[row] is None else "resolved", scale))
    return *event_table(episodes, sorting), _note(open_ones)


def _note(conditions: Counter[str]) -> tuple[str, ...]:
    if not conditions:
        return ()
    names = first_of([f"{name} ({rows})" for name, rows in conditions.most_common()])
    what = "Each is an event of other without a grade, and a dose that sees it asks for one."
    return (f"Conditions that may be infections or toxicities: {names}. {what} Map them, or pass those that are neither as unrelated.",)


def _code(text: str | None) -> str:
    """A source value without dots, which some write and others do not. A float such as 12.0 means the whole number."""
    code = (text or "").strip().upper()
    return re.sub(r"^(\d+)\.0$", r"\1", code).replace(".", "")


def _shown(code: str, number: int) -> str:
    return f"{code[:3]}.{code[3:]}".rstrip(".") if _CODE.fullmatch(code) else f"concept {number}"


def _coded(text: str) -> _Word | None:
    """The toxicity of a code of ICD-10-CM, and the grade that it states."""
    for pattern, toxicity in _ICD:
        if (match := pattern.match(text)) is not None:
            return str(toxicity), int(match[1]) if match.groups() else None
    return None


def _words(toxicities: Mapping[int | str, str]) -> dict[int | str, _Word]:
    """What concepts and source values of the caller, and concepts of the library, mean."""
    words: dict[int | str, _Word] = {number: (str(toxicity), None) for number, toxicity in TOXICITIES.items()}
    for key, text in toxicities.items():
        words[_key(key, "toxicities")] = known_word(Toxicity, text, f"toxicities[{key}]"), None
    return words


def _apart(unrelated: Collection[int | str]) -> frozenset[int | str]:
    if isinstance(unrelated, str):
        raise FieldError("unrelated", "is a text", "pass a list of concepts and source values")
    return frozenset([_key(key, "unrelated") for key in unrelated])


def _key(key: int | str, path: str) -> int | str:
    """A concept or a source value. Those that stand for nothing would match every condition that nobody coded."""
    if isinstance(key, str):
        key = _code(key)
    if not key:
        raise FieldError(path, f"{shown(key)} is no condition", "pass concepts that are not 0, or source values")
    return key


def _first_doses(doses: pa.Table) -> dict[Any, date | None]:
    """The day of the first dose of each patient; ``None`` if one of the doses has no date."""
    first: dict[Any, date | None] = {}
    for person, started in zip(doses["patient"].to_pylist(), doses["started"].to_pylist(), strict=True):
        day = day_of(started)
        earlier = first.get(person, day)
        first[person] = None if day is None or earlier is None else min(day, earlier)
    return first


def _before(end: str | None, first: date | None) -> bool:
    """Whether a condition was certainly over before the day of the first dose, in any time zone."""
    day = day_of(end)
    return day is not None and first is not None and day + timedelta(days=1) < first
