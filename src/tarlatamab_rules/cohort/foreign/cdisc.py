"""Tables of CDISC (SDTM: EX, LB, AE, DM; ADaM: ADLB, ADAE, ADSL) as the four tables of a registry, and grades as their columns."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np
import pyarrow as pa

from tarlatamab_rules.cohort.foreign.baselines import baselines
from tarlatamab_rules.cohort.foreign.dates import when_column
from tarlatamab_rules.cohort.foreign.episodes_joined import Episode
from tarlatamab_rules.cohort.foreign.results import filled, numbers_of, texts
from tarlatamab_rules.cohort.foreign.sources import (
    RegistryTables,
    Sorted,
    dose_table,
    event_table,
    first_of,
    known_word,
    lab_table,
    of_kept,
)
from tarlatamab_rules.cohort.grades.grading import grade_columns
from tarlatamab_rules.cohort.grades.lab_grades import graded
from tarlatamab_rules.cohort.grades.lab_rows import labs_of_frame, number_of
from tarlatamab_rules.cohort.reading.readings import Frame, Words, frame_of, pc
from tarlatamab_rules.core.errors import FieldError
from tarlatamab_rules.inputs.analytes import Analyte
from tarlatamab_rules.inputs.vocabulary import Grade, Toxicity

if TYPE_CHECKING:
    from tarlatamab_rules.cohort.reading.digits import Array
    from tarlatamab_rules.rulebooks._book import Rulebook

__all__ = ["from_cdisc", "grade_adlb", "grade_lb"]

TESTS: Final[Mapping[str, Analyte]] = {
    "NEUT": Analyte.NEUTROPHILS,
    "WBC": Analyte.WHITE_CELLS,
    "LYM": Analyte.LYMPHOCYTES,
    "LYMPH": Analyte.LYMPHOCYTES,
    "HGB": Analyte.HEMOGLOBIN,
    "PLAT": Analyte.PLATELETS,
    "ALT": Analyte.ALT,
    "AST": Analyte.AST,
    "BILI": Analyte.BILIRUBIN,
    "ALP": Analyte.ALKALINE_PHOSPHATASE,
    "ALKPH": Analyte.ALKALINE_PHOSPHATASE,
    "CREAT": Analyte.CREATININE,
    "SODIUM": Analyte.SODIUM,
    "K": Analyte.POTASSIUM,
    "POTAS": Analyte.POTASSIUM,
    "URATE": Analyte.URIC_ACID,
}
"""What LBTESTCD and PARAMCD measure: the controlled terms, and spellings of ADaM data sets."""

TERMS: Final[Mapping[str, Toxicity]] = {
    "cytokine release syndrome": Toxicity.CRS,
    "immune effector cell-associated neurotoxicity syndrome": Toxicity.ICANS,
    "neurotoxicity": Toxicity.NEUROTOXICITY,
    "encephalopathy": Toxicity.NEUROTOXICITY,
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
"""What AEDECOD names, in lower case."""

_INFECTIONS: Final = "infections and infestations"
_BLOOD: Final = frozenset(("", "BLOOD", "SERUM", "PLASMA", "SERUM OR PLASMA", "WHOLE BLOOD"))
_VISIT: Final = re.compile(r"C(?:YCLE)?\s*0*(\d{1,3})\s*,?\s*D(?:AY)?\s*0*(\d{1,3})\b", re.IGNORECASE)
_UNIT: Final = re.compile(r"\(([^()]*)\)\s*$")


def from_cdisc(  # noqa: PLR0913  # one keyword a table and a mapping
    *,
    ex: Any,  # noqa: ANN401  # any frame that narwhals knows
    lb: Any = None,  # noqa: ANN401
    adlb: Any = None,  # noqa: ANN401
    ae: Any = None,  # noqa: ANN401
    adae: Any = None,  # noqa: ANN401
    dm: Any = None,  # noqa: ANN401
    treatment: str = "tarlatamab",
    scale: Literal["ctcae-5.0", "ctcae-6.0"] = "ctcae-5.0",
    syndrome_scale: Literal["astct-2019", "ctcae-5.0", "ctcae-6.0"] = "astct-2019",
    analytes: Mapping[str, str] | None = None,
    toxicities: Mapping[str, str] | None = None,
) -> RegistryTables:
    """The tables of a registry from tables of a trial, SDTM or ADaM.

    - **Doses** are the rows of EX in which *treatment* was given. VISIT names the dose (``CYCLE 1 DAY 8``); without it, doses are
      numbered by their order.
    - **Results** are those of blood in LB or ADLB; derived rows of ADLB are left out. Each row of LB is read in standard units, else as
      reported. A bound in a text counts. A row in which no number can be read is kept, and each dose that sees it is refused. In LB the
      baseline is the value that is flagged, in any unit; the notes name those that are not used.
    - **Events** are the rows of AE or ADAE. Rows of one episode, which a trial writes whenever the grade changes, are joined. The system
      organ class of infections, in AEBODSYS or AESOC, makes a term that is not known an infection; any other is an event of `other`, never
      left out, and the notes name it. Without a class it may be an infection, so a dose that sees it asks. CRS and ICANS are graded by
      *syndrome_scale*, all others by *scale*.
    - A date without its day is *not known*: nothing is imputed. Any other text or number that is no date is kept, and a dose that sees it
      is refused.

    Args:
        ex: Exposure.

        lb: Laboratory results; or *adlb*.

        adlb: Analysis data of laboratory results.

        ae: Adverse events; or *adae*.

        adae: Analysis data of adverse events.

        dm: Demographics, DM or ADSL. If it is left out, the patients are those of the doses.

        treatment: The drug, as EXTRT names it; capitals do not matter.

        scale: The version of CTCAE of the trial.

        syndrome_scale: The scale by which the trial graded CRS and ICANS.

        analytes: More test codes, each with its analyte.

        toxicities: More terms of AEDECOD, each with its toxicity.

    Raises:
        FieldError: A table is missing or passed twice, lacks a column, or a mapping has a word that is not known.
    """
    if not treatment.strip():
        raise FieldError("treatment", "is empty, so every treatment would count", "write the drug as EXTRT names it")
    _one_of(lb=lb, adlb=adlb)
    _one_of(ae=ae, adae=adae)
    doses, dose_counts = _doses(frame_of(ex, "ex"), treatment)
    name, results = ("lb", frame_of(lb, "lb")) if lb is not None else ("adlb", frame_of(adlb, "adlb"))
    columns, sorting, on_baselines = _labs(results, analytes or {})
    labs, notes = lab_table(columns, sorting.kept)
    of_events, events = ("ae", frame_of(ae, "ae")) if ae is not None else ("adae", frame_of(adae, "adae"))
    event_rows, event_counts, on_terms = _events(events, (scale, syndrome_scale), toxicities or {})
    counts = {"ex": dose_counts, name: sorting.counts, of_events: event_counts}
    subjects = None if dm is None else frame_of(dm, "dm")
    if subjects is not None:
        counts["dm"] = {"used": subjects.rows}
    tables = {"doses": doses, "patients": _patients(subjects, doses), "labs": labs, "events": event_rows}
    return RegistryTables(tables, counts, (*notes, *on_baselines, *on_terms))


def _one_of(**tables: Any) -> None:  # noqa: ANN401  # frames
    names = " or ".join(tables)
    if sum(table is not None for table in tables.values()) != 1:
        raise FieldError(
            next(iter(tables)), f"one table of {names} is needed, and no more", "pass one of the two; an empty one if there are no rows"
        )


def _patients(dm: Frame | None, doses: pa.Table) -> pa.Table:
    if dm is None:
        return pa.table({"patient": doses["patient"].unique()})
    dm.need(("USUBJID",))
    unit, age = dm.words("AGEU"), dm.numbers("AGE")
    years = np.array([text.upper() == "YEARS" for text in unit.words] + [True])[unit.codes]
    ages = pa.array(np.where(years, age, np.nan), from_pandas=True)
    born = when_column(dm, "BRTHDTC", "BRTHDT")
    return pa.table({"patient": dm.arrow("USUBJID"), "age_years": ages, "birth_date": born})


def _doses(frame: Frame, treatment: str) -> tuple[pa.Table, dict[str, int]]:
    frame.need(("USUBJID", "EXDOSE", "EXDOSU", "EXSTDTC"))
    sorting, drug, amount = Sorted(frame.rows), frame.words("EXTRT"), frame.numbers("EXDOSE")
    if frame.has("EXTRT"):
        sorting.leave_out(_which(drug, lambda text: treatment.casefold() not in text.casefold(), lacking=True), "another treatment")
    sorting.leave_out(_which(frame.words("EXOCCUR"), lambda text: text.upper() == "N"), "not given (EXOCCUR)")
    sorting.leave_out(amount == 0, "not given (EXDOSE is 0)")
    columns = {
        "patient": frame.arrow("USUBJID"),
        "started": when_column(frame, "EXSTDTC"),
        "ended": when_column(frame, "EXENDTC"),
        "amount": amount,
        "unit": frame.arrow("EXDOSU"),
    }
    visits = frame.words("VISIT")
    points = [_point(visits.at(row)) for row in range(frame.rows)]
    return dose_table(columns, sorting.kept, points), sorting.counts


def _point(visit: str | None) -> str | None:
    match = _VISIT.search(visit or "")
    return f"C{match[1]}D{match[2]}" if match else None


def _which(column: Words, test: Callable[[str], bool], *, lacking: bool = False) -> Array:
    """The rows whose text passes a test; *lacking* for null."""
    rows: Array = np.array([*(test(text) for text in column.words), lacking], bool)[column.codes]
    return rows


# --- results ---


def _labs(frame: Frame, analytes: Mapping[str, str]) -> tuple[dict[str, Any], Sorted, tuple[str, ...]]:
    """The columns of results of all rows, which rows are results, and notes on baselines."""
    known = {**TESTS, **{code: known_word(Analyte, text, f"analytes.{code}") for code, text in analytes.items()}}
    analysed = frame.has("PARAMCD")
    frame.need(("USUBJID", "PARAMCD", "AVAL") if analysed else ("USUBJID", "LBTESTCD"))
    test = frame.words("PARAMCD" if analysed else "LBTESTCD")
    analyte = texts(test, [known.get(code.strip().upper()) for code in test.words])
    sorting, columns = Sorted(frame.rows), _of_adlb(frame) if analysed else _of_lb(frame)
    sorting.leave_out(np.asarray(analyte.is_null()), "a test of something else")
    sorting.leave_out(_which(frame.words("LBSPEC"), lambda text: text.strip().upper() not in _BLOOD), "another specimen than blood")
    sorting.leave_out(_which(frame.words("DTYPE"), bool), "derived, not measured (DTYPE)")
    sorting.leave_out(_which(frame.words("LBSTAT"), lambda text: bool(text.strip())) & np.isnan(columns["value"]), "not done (LBSTAT)")
    columns |= {"patient": frame.arrow("USUBJID"), "analyte": analyte}
    notes: tuple[str, ...] = ()
    if not analysed:
        flag = frame.words("LBLOBXFL" if frame.has("LBLOBXFL") else "LBBLFL")
        columns["baseline"], notes = baselines(columns, sorting.kept & _which(flag, lambda text: text.strip().upper() == "Y"))
    return columns, sorting, notes


def _of_adlb(frame: Frame) -> dict[str, Any]:
    parameter = frame.words("PARAM")
    units = [match[1] if (match := _UNIT.search(text)) else None for text in parameter.words]
    numbers = numbers_of(frame.numbers("AVAL"), frame.words("AVALC"))
    return {
        "value": numbers.value,
        "unit": pc.coalesce(filled(frame, "AVALU"), texts(parameter, units)),
        "comparator": numbers.comparator,
        "collected": when_column(frame, "ADTM", "ADT"),
        "lower_limit": frame.numbers("ANRLO"),
        "upper_limit": frame.numbers("ANRHI"),
        "baseline": frame.numbers("BASE"),
    }


def _of_lb(frame: Frame) -> dict[str, Any]:
    """Each row in standard units, else as the laboratory reported it. A bound of either text is kept."""
    if not frame.has("LBSTRESU"):
        frame.need(("LBORRES", "LBORRESU"))
    unit, unit_reported, text = filled(frame, "LBSTRESU"), filled(frame, "LBORRESU"), frame.words("LBORRES")
    standard = numbers_of(frame.numbers("LBSTRESN"), frame.words("LBSTRESC"))
    reported = numbers_of(np.full(frame.rows, np.nan), text)
    without_unit = np.asarray(pc.and_(unit.is_null(), unit_reported.is_valid())) & ~np.isnan(reported.number)
    as_reported = np.isnan(standard.number) | without_unit
    numbers = standard.beside(text, same_unit=False).unless(as_reported, reported)
    limits = [(_limit(frame, f"LBST{end}"), _limit(frame, f"LBOR{end}")) for end in ("NRLO", "NRHI")]
    lower, upper = (np.where(as_reported, other, first) for first, other in limits)
    return {
        "value": numbers.value,
        "unit": pc.if_else(pa.array(as_reported), unit_reported, unit),
        "comparator": numbers.comparator,
        "collected": when_column(frame, "LBDTC"),
        "lower_limit": lower,
        "upper_limit": upper,
    }


def _limit(frame: Frame, name: str) -> Array:
    """Limits of normal. LBORNRLO and LBORNRHI are text; what is no number is *not known*."""
    if not frame.holds_text(name):
        return frame.numbers(name)
    text = frame.words(name)
    parsed = [number_of(item) for item in text.words]
    return np.array([number if bound == 0 else np.nan for number, bound in parsed] + [np.nan])[text.codes]


# --- events ---


def _events(frame: Frame, scales: tuple[str, str], toxicities: Mapping[str, str]) -> tuple[pa.Table, dict[str, int], tuple[str, ...]]:
    frame.need(("USUBJID", "AEDECOD"))
    known = {**TERMS, **{text.casefold(): known_word(Toxicity, kind, f"toxicities.{text}") for text, kind in toxicities.items()}}
    terms = pc.coalesce(filled(frame, "AEDECOD"), filled(frame, "AETERM")).to_pylist()
    classes = list(zip(filled(frame, "AEBODSYS").to_pylist(), filled(frame, "AESOC").to_pylist(), strict=True))
    grade, out = frame.words("ATOXGR" if frame.has("ATOXGR") else "AETOXGR"), frame.words("AEOUT")
    onset = when_column(frame, "ASTDTM", "ASTDT", "AESTDTC").to_pylist()
    end = when_column(frame, "AENDTM", "AENDT", "AEENDTC").to_pylist()
    relative, subject, sorting = frame.words("AEENRTPT"), frame.arrow("USUBJID").to_pylist(), Sorted(frame.rows)
    sorting.leave_out(_which(frame.words("AEOCCUR"), lambda text: text.upper() == "N"), "did not occur (AEOCCUR)")
    rows, others = list[Episode](), {True: Counter[str](), False: Counter[str]()}
    for row in np.flatnonzero(sorting.kept).tolist():
        term, number = (terms[row] or "").casefold(), _number(grade.at(row))
        toxicity = known.get(term) or str(Toxicity.INFECTION if _infection(classes[row]) else Toxicity.OTHER)
        if toxicity == Toxicity.OTHER and term not in known:
            others[any(classes[row])][terms[row] or "no term"] += 1
            if not any(classes[row]) and number is not None and number < Grade.SEVERE:
                number = None  # it may be an infection, of which any grade counts; a severe event of other asks by itself
        of_syndrome = toxicity in {Toxicity.CRS, Toxicity.ICANS}
        status = _status(end[row], out.at(row), relative.at(row))
        of_row = None if number is None else scales[of_syndrome]
        rows.append(Episode(subject[row], toxicity, number, onset[row], end[row], status, of_row, term=term))
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


def _number(text: str | None) -> int | None:
    """A grade of 0 to 5; ``None`` if it is not known. Another text raises, because a grade is never dropped."""
    if text is None or not text.strip():
        return None
    match = re.fullmatch(r"(?:GRADE\s*)?([0-5])(?:\.0)?", text.strip().upper())
    if match is None:
        raise FieldError("ae.AETOXGR", f"{text!r:.40} is not a grade", "write 1, 2, 3, 4 or 5, or leave it empty")
    return int(match[1])


def _status(end: str | None, outcome: str | None, relative: str | None) -> str | None:
    if end is not None:
        return "resolved"
    if (relative or "").upper() == "ONGOING" or (outcome or "").upper().startswith(("NOT RECOVERED", "RECOVERING")):
        return "active"
    return "resolved" if (outcome or "").upper().startswith("RECOVERED") else None


# --- grades ---


def grade_adlb(adlb: Any, *, scale: Rulebook | str = "ctcae-5.0", analytes: Mapping[str, str] | None = None) -> Any:  # noqa: ANN401  # any frame
    """ADLB with ``ATOXGRL``, ``ATOXGRH`` and ``ATOXGR`` (that of a low value with a minus sign), and ``fault``.

    Args:
        adlb: The table, with PARAMCD, AVAL, the unit in AVALU or at the end of PARAM, and if known ANRLO, ANRHI and BASE.

        scale: The scale, or its name.

        analytes: More codes of PARAMCD, each with its analyte.

    Raises:
        FieldError: The table lacks a column, or has one of these already; or a mapping has a word that is not known.
    """
    return _graded(frame_of(adlb, "adlb"), "adam", scale, analytes)


def grade_lb(lb: Any, *, scale: Rulebook | str = "ctcae-5.0", analytes: Mapping[str, str] | None = None) -> Any:  # noqa: ANN401  # any frame
    """LB with ``LBTOX`` (the term) and ``LBTOXGR`` (its grade), and ``fault``. Arguments and errors as in `grade_adlb`."""
    return _graded(frame_of(lb, "lb"), "sdtm", scale, analytes)


def _graded(frame: Frame, standard: Literal["adam", "sdtm"], scale: Rulebook | str, analytes: Mapping[str, str] | None) -> Any:  # noqa: ANN401
    columns, sorting, _ = _labs(frame, analytes or {})
    results = frame_of(of_kept(columns, sorting.kept), frame.path)
    grades = grade_columns(graded(labs_of_frame(results), scale), standard)
    place = pa.array(np.where(sorting.kept, np.cumsum(sorting.kept) - 1, 0), mask=~sorting.kept)
    return frame.with_columns({name: column.take(place) for name, column in grades.items()})
