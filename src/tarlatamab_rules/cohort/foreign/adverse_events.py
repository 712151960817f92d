"""Adverse events of CDISC, of AE or ADAE, as the events of a registry."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from typing import TYPE_CHECKING, Final

import numpy as np

from tarlatamab_rules.cohort.foreign.dates import analysed, day_of, either, when_column
from tarlatamab_rules.cohort.foreign.episodes_joined import Episode
from tarlatamab_rules.cohort.foreign.results import filled
from tarlatamab_rules.cohort.foreign.sources import Sorted, event_table, first_of, known_word, which
from tarlatamab_rules.cohort.reading.readings import Frame, pc
from tarlatamab_rules.core.errors import FieldError
from tarlatamab_rules.inputs.vocabulary import Grade, Toxicity

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["TERMS", "adverse_events"]

TERMS: Final[Mapping[str, Toxicity]] = {
    "cytokine release syndrome": Toxicity.CRS,
    "immune effector cell-associated neurotoxicity syndrome": Toxicity.ICANS,
    "neurotoxicity": Toxicity.NEUROTOXICITY,
    "encephalopathy": Toxicity.NEUROTOXICITY,
    **dict.fromkeys(
        ("leukoencephalopathy", "muscular weakness", "cognitive disorder", "aphasia", "speech disorder", "seizure", "confusional state"),
        Toxicity.NEUROTOXICITY,
    ),
    **dict.fromkeys(
        ("depressed level of consciousness", "disorientation", "somnolence", "lethargy", "bradyphrenia"),
        Toxicity.NEUROTOXICITY,
    ),
    "neutropenia": Toxicity.NEUTROPENIA,
    "neutrophil count decreased": Toxicity.NEUTROPENIA,
    "febrile neutropenia": Toxicity.FEBRILE_NEUTROPENIA,
    "anaemia": Toxicity.ANEMIA,
    "anemia": Toxicity.ANEMIA,
    "thrombocytopenia": Toxicity.THROMBOCYTOPENIA,
    "platelet count decreased": Toxicity.THROMBOCYTOPENIA,
    "hepatotoxicity": Toxicity.HEPATOTOXICITY,
    "alanine aminotransferase increased": Toxicity.HEPATOTOXICITY,
    "aspartate aminotransferase increased": Toxicity.HEPATOTOXICITY,
    "transaminases increased": Toxicity.HEPATOTOXICITY,
    "blood bilirubin increased": Toxicity.HEPATOTOXICITY,
    "hypersensitivity": Toxicity.HYPERSENSITIVITY,
    "anaphylactic reaction": Toxicity.HYPERSENSITIVITY,
}
"""What AEDECOD names, in lower case. The signs of neurotoxicity are those that the label and the precautions page list."""

_INFECTIONS: Final = "infections and infestations"
_GRADES: Final = ("ATOXGR", "ATOXGRN", "AETOXGR", "AETOXGRN")
"""The columns of grades. The worst of them counts."""
_UNRECOVERED: Final = ("NOT RECOVERED", "RECOVERING")
"""How AEOUT begins for an event that goes on."""
_OVER: Final = frozenset(("", "FATAL", "UNKNOWN"))
"""The words of AEOUT, beside those of recovery, with which an end date is the end."""


def adverse_events(
    frame: Frame, scales: tuple[str, str], toxicities: Mapping[str, str]
) -> tuple[pa.Table, dict[str, int], tuple[str, ...]]:
    """The events, the counts of the rows, and notes on terms that are not known.

    Args:
        frame: The table AE or ADAE.

        scales: The scale of grades, and that of CRS and ICANS.

        toxicities: More terms of AEDECOD, each with its toxicity.

    Raises:
        FieldError: The table lacks a column, or a mapping or a grade is none.
    """
    frame.need(("USUBJID", "AEDECOD"))
    known = {**TERMS, **{text.casefold(): known_word(Toxicity, kind, f"toxicities.{text}") for text, kind in toxicities.items()}}
    terms = pc.coalesce(filled(frame, "AEDECOD"), filled(frame, "AETERM")).to_pylist()
    classes = list(zip(filled(frame, "AEBODSYS").to_pylist(), filled(frame, "AESOC").to_pylist(), strict=True))
    grades, out = [(name, frame.words(name)) for name in _GRADES], frame.words("AEOUT")
    relative, died = [frame.words(name) for name in ("AEENRTPT", "AEENRF")], frame.words("AESDTH")
    onset, end = (either(analysed(frame, name), when_column(frame, f"AE{name[1:]}DTC")).to_pylist() for name in ("AST", "AEN"))
    subject, sorting = frame.arrow("USUBJID").to_pylist(), Sorted(frame.rows)
    sorting.leave_out(which(frame.words("AEOCCUR"), lambda text: text.upper() == "N"), "did not occur (AEOCCUR)")
    rows, others = list[Episode](), {True: Counter[str](), False: Counter[str]()}
    for row in np.flatnonzero(sorting.kept).tolist():
        term, outcome = (terms[row] or "").casefold(), (out.at(row) or "").strip().upper()
        number = max((grade for name, column in grades if (grade := _number(column.at(row), name)) is not None), default=None)
        number = int(Grade.DEATH) if outcome == "FATAL" or (died.at(row) or "").strip().upper() == "Y" else number
        toxicity = known.get(term) or str(Toxicity.INFECTION if _infection(classes[row]) else Toxicity.OTHER)
        if toxicity == Toxicity.OTHER and term not in known:
            others[any(classes[row])][terms[row] or "no term"] += 1
            if not any(classes[row]) and number is not None and number < Grade.SEVERE:
                number = None  # it may be an infection, of which any grade counts; a severe event of other asks by itself
        # An end that is no date stays, so that whatever reads it next refuses it.
        goes_on = _leaves_open(outcome) and (end[row] is None or day_of(end[row]) is not None)
        status = _status(end[row], outcome, {(column.at(row) or "").strip().upper() for column in relative})
        of_row = None if number is None else scales[toxicity in {Toxicity.CRS, Toxicity.ICANS}]
        rows.append(
            Episode(
                subject[row],
                toxicity,
                number,
                onset[row],
                None if goes_on else end[row],
                status,
                of_row,
                term=term,
                until=end[row] if goes_on else None,
                recovered=outcome.startswith("RECOVERED"),
            )
        )
    return *event_table(rows, sorting), tuple(_on_terms(others))


def _infection(classes: tuple[str | None, ...]) -> bool:
    return any(text is not None and text.casefold() == _INFECTIONS for text in classes)


def _on_terms(others: Mapping[bool, Counter[str]]) -> Iterator[str]:
    """Which terms are not known, of events with and without a system organ class."""
    names = {classed: first_of([f"{term} ({rows})" for term, rows in terms.most_common()]) for classed, terms in others.items()}
    if names[True]:
        yield f"Terms that are not known, each an event of other: {names[True]}. Pass toxicities for those that the library should know."
    if names[False]:
        yield (
            f"Terms that are not known, without AEBODSYS and AESOC, so they may be infections: {names[False]}. Each is an event of other; "
            f"a grade below {Grade.SEVERE:d} is not used, so a dose that sees it asks. Fill in the class, or pass toxicities."
        )


def _number(text: str | None, column: str) -> int | None:
    """A grade of 0 to 5; ``None`` if it is not known. Another text raises, because a grade is never dropped."""
    if text is None or not text.strip():
        return None
    match = re.fullmatch(r"(?:GRADE\s*)?([0-5])(?:\.0)?", text.strip().upper())
    if match is None:
        raise FieldError(f"ae.{column}", f"{text!r:.40} is not a grade", "write 1, 2, 3, 4 or 5, or leave it empty")
    return int(match[1])


def _status(end: str | None, outcome: str, relative: Collection[str]) -> str | None:
    """Whether an event goes on. One that did not recover goes on after the end of its row: a change of grade ends a row."""
    if outcome.startswith(_UNRECOVERED):
        return "active"
    if _leaves_open(outcome):
        return "unknown"
    if end is not None:
        return "resolved"
    if "ONGOING" in relative:
        return "active"
    return "resolved" if outcome.startswith("RECOVERED") else None


def _leaves_open(outcome: str) -> bool:
    """Whether an event may go on after the end of its row: it did not recover, or the word is not one of the list."""
    return not (outcome in _OVER or outcome.startswith("RECOVERED"))
