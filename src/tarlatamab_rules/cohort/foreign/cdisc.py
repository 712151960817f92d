"""Tables of CDISC (SDTM: EX, LB, AE, DM; ADaM: ADLB, ADAE, ADSL) as the four tables of a registry, and grades as their columns."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np
import pyarrow as pa
from attrs import evolve

from tarlatamab_rules.cohort.foreign.adverse_events import adverse_events
from tarlatamab_rules.cohort.foreign.baselines import baselines
from tarlatamab_rules.cohort.foreign.dates import analysed, day_of, when_column
from tarlatamab_rules.cohort.foreign.results import factors, filled, numbers_of, texts
from tarlatamab_rules.cohort.foreign.sources import (
    RegistryTables,
    Sorted,
    dose_table,
    known_word,
    lab_table,
    of_kept,
    which,
)
from tarlatamab_rules.cohort.grades.grading import grade_columns
from tarlatamab_rules.cohort.grades.lab_grades import Grades, graded
from tarlatamab_rules.cohort.grades.lab_rows import labs_of_frame, number_of
from tarlatamab_rules.cohort.reading.readings import Frame, frame_of, pc
from tarlatamab_rules.core.errors import FieldError
from tarlatamab_rules.inputs.analytes import Analyte

if TYPE_CHECKING:
    from datetime import date

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
      reported; the two must agree. A bound in a text counts. A row in which no number can be read is kept, and each dose that sees it is
      refused. In LB the baseline is the value that is flagged, in any unit, unless it was drawn after the first dose; the notes name those
      that are not used.
    - **Events** are the rows of AE or ADAE, with the worst of their grades. Rows of one episode, which a trial writes whenever the grade
      changes, are joined, unless the first one has recovered (AEOUT) and the next began later. A row that did not recover goes on. The
      system organ class of infections, in AEBODSYS or AESOC, makes a term that is not known an infection; any other is an event of
      `other`, never left out, and the notes name it. Without a class it may be an infection, so a dose that sees it asks. CRS and ICANS are
      graded by *syndrome_scale*, all others by *scale*.
    - A date without its day is *not known*: nothing is imputed, and what ADaM imputed, by its flags, does not count. Any other text or
      number that is no date is kept, and a dose that sees it is refused.

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
    columns, sorting, on_baselines = _labs(results, analytes or {}, _first_days(doses))
    labs, notes = lab_table(columns, sorting.kept)
    of_events, events = ("ae", frame_of(ae, "ae")) if ae is not None else ("adae", frame_of(adae, "adae"))
    event_rows, event_counts, on_terms = adverse_events(events, (scale, syndrome_scale), toxicities or {})
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
        sorting.leave_out(which(drug, lambda text: treatment.casefold() not in text.casefold(), lacking=True), "another treatment")
    sorting.leave_out(which(frame.words("EXOCCUR"), lambda text: text.upper() == "N"), "not given (EXOCCUR)")
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


# --- results ---


def _first_days(doses: pa.Table) -> dict[Any, date]:
    """The first known day of a dose of each patient."""
    first: dict[Any, date] = {}
    for patient, started in zip(doses["patient"].to_pylist(), doses["started"].to_pylist(), strict=True):
        if (day := day_of(started)) is not None:
            first[patient] = min(day, first.get(patient, day))
    return first


def _labs(
    frame: Frame, analytes: Mapping[str, str], first: Mapping[Any, date] | None = None
) -> tuple[dict[str, Any], Sorted, tuple[str, ...]]:
    """The columns of results of all rows, which rows are results, and notes on baselines. *first* holds the first day of treatment."""
    known = {**TESTS, **{code: known_word(Analyte, text, f"analytes.{code}") for code, text in analytes.items()}}
    is_analysis = frame.has("PARAMCD")
    frame.need(("USUBJID", "PARAMCD", "AVAL") if is_analysis else ("USUBJID", "LBTESTCD"))
    test = frame.words("PARAMCD" if is_analysis else "LBTESTCD")
    analyte = texts(test, [known.get(code.strip().upper()) for code in test.words])
    sorting, columns = Sorted(frame.rows), _of_adlb(frame) if is_analysis else _of_lb(frame, analyte)
    sorting.leave_out(np.asarray(analyte.is_null()), "a test of something else")
    sorting.leave_out(which(frame.words("LBSPEC"), lambda text: text.strip().upper() not in _BLOOD), "another specimen than blood")
    sorting.leave_out(which(frame.words("DTYPE"), bool), "derived, not measured (DTYPE)")
    sorting.leave_out(which(frame.words("LBSTAT"), lambda text: bool(text.strip())) & np.isnan(columns["value"]), "not done (LBSTAT)")
    columns |= {"patient": frame.arrow("USUBJID"), "analyte": analyte}
    notes: tuple[str, ...] = ()
    if not is_analysis:
        flag = frame.words("LBLOBXFL" if frame.has("LBLOBXFL") else "LBBLFL")
        columns["baseline"], notes = baselines(columns, sorting.kept & which(flag, lambda text: text.strip().upper() == "Y"), first or {})
    return columns, sorting, notes


def _of_adlb(frame: Frame) -> dict[str, Any]:
    parameter = frame.words("PARAM")
    units = [match[1] if (match := _UNIT.search(text)) else None for text in parameter.words]
    numbers = numbers_of(frame.numbers("AVAL"), frame.words("AVALC"))
    return {
        "value": numbers.value,
        "unit": pc.coalesce(filled(frame, "AVALU"), texts(parameter, units)),
        "comparator": numbers.comparator,
        "collected": pc.coalesce(analysed(frame, "A"), when_column(frame, "LBDTC")),
        "lower_limit": frame.numbers("ANRLO"),
        "upper_limit": frame.numbers("ANRHI"),
        "baseline": frame.numbers("BASE"),
    }


def _of_lb(frame: Frame, analyte: pa.Array) -> dict[str, Any]:
    """Each row in standard units, else as the laboratory reported it. A bound of either text is kept, and the two must agree."""
    if not frame.has("LBSTRESU"):
        frame.need(("LBORRES", "LBORRESU"))
    unit, unit_reported, text = filled(frame, "LBSTRESU"), filled(frame, "LBORRESU"), frame.words("LBORRES")
    standard = numbers_of(frame.numbers("LBSTRESN"), frame.words("LBSTRESC"))
    reported = numbers_of(np.full(frame.rows, np.nan), text)
    without_unit = np.asarray(pc.and_(unit.is_null(), unit_reported.is_valid())) & ~np.isnan(reported.number)
    as_reported = np.isnan(standard.number) | without_unit
    numbers = standard.beside(text, factors(analyte, unit_reported, unit)).unless(as_reported, reported)
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
    grades = grade_columns(_with_unread(graded(labs_of_frame(results), scale), results), standard)
    place = pa.array(np.where(sorting.kept, np.cumsum(sorting.kept) - 1, 0), mask=~sorting.kept)
    return frame.with_columns({name: column.take(place) for name, column in grades.items()})


def _with_unread(grades: Grades, results: Frame) -> Grades:
    """The grades, with a fault for each row that has no number that can be read."""
    unread = np.flatnonzero(np.isnan(results.numbers("value"))).tolist()
    return evolve(grades, faults={**grades.faults, **dict.fromkeys(unread, _UNREAD)}) if unread else grades


_UNREAD: Final = "value: no number can be read, or two numbers contradict each other; correct it"
