"""Tables of the OMOP Common Data Model 5.4 as the four tables of a registry.

The concept ids here were seen in the vocabulary table of OHDSI's EunomiaDatasets, those of operators in public conversions to OMOP.
Ids that could not be confirmed are left out: pass those of your vocabulary.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pyarrow as pa

from tarlatamab_rules.cohort.foreign.conditions import omop_events
from tarlatamab_rules.cohort.foreign.dates import agreeing, day_of, when_column
from tarlatamab_rules.cohort.foreign.results import Numbers, factors, filled, texts
from tarlatamab_rules.cohort.foreign.sources import RegistryTables, Sorted, dose_table, known_word, lab_table, of_kept
from tarlatamab_rules.cohort.grades.lab_grades import graded
from tarlatamab_rules.cohort.grades.lab_rows import labs_of_frame
from tarlatamab_rules.cohort.grades.lab_spans import BOUNDS
from tarlatamab_rules.cohort.reading.readings import Frame, Words, frame_of, pc
from tarlatamab_rules.formats.fhir.codes import LOINC, LOOKUP
from tarlatamab_rules.inputs.analytes import Analyte
from tarlatamab_rules.inputs.vocabulary import Grade

if TYPE_CHECKING:
    from tarlatamab_rules.cohort.reading.digits import Array
    from tarlatamab_rules.rulebooks._book import Rulebook

__all__ = ["from_omop", "omop_grades"]

ANALYTES: Final[Mapping[int, Analyte]] = {
    3013650: Analyte.NEUTROPHILS,  # LOINC 751-8
    3000905: Analyte.WHITE_CELLS,  # 6690-2
    3010813: Analyte.WHITE_CELLS,  # 26464-8
    3004327: Analyte.LYMPHOCYTES,  # 731-0
    3000963: Analyte.HEMOGLOBIN,  # 718-7
    3024929: Analyte.PLATELETS,  # 777-3
    3007461: Analyte.PLATELETS,  # 26515-7
    3006923: Analyte.ALT,  # 1742-6
    3013721: Analyte.AST,  # 1920-8
    3024128: Analyte.BILIRUBIN,  # 1975-2
    3035995: Analyte.ALKALINE_PHOSPHATASE,  # 6768-6
    3016723: Analyte.CREATININE,  # 2160-0
    3051825: Analyte.CREATININE,  # 38483-4
    3019550: Analyte.SODIUM,  # 2951-2
    3000285: Analyte.SODIUM,  # 2947-0
    3023103: Analyte.POTASSIUM,  # 2823-3
    3005456: Analyte.POTASSIUM,  # 6298-4
}
"""What a measurement concept measures."""

UNITS: Final[Mapping[int, str]] = {
    8576: "mg",
    8636: "g/L",
    8645: "U/L",
    8647: "/uL",
    8713: "g/dL",
    8749: "umol/L",
    8753: "mmol/L",
    8784: "{cells}/uL",
    8785: "/mm3",
    8840: "mg/dL",
    8848: "10*3/uL",
    8923: "[iU]/L",
    8961: "10*3/mm3",
    9444: "10*9/L",
}
"""The unit of a unit concept."""

OPERATORS: Final[Mapping[int, str]] = {4171756: "<", 4171754: "<=", 4172704: ">", 4171755: ">="}
"""The bound of an operator concept."""

_NO_BOUND: Final = frozenset((0, 4172703))
"""No operator, and *equals*."""

_AFTER_NUMBER: Final = re.compile(r"([<>=≤≥ ]*[\d.]+)\s+(\S.*)")
_EXTENSIVE: Final = frozenset(("683991000119103",))
"""The SNOMED CT code of extensive-stage small-cell lung cancer."""


def from_omop(  # noqa: PLR0913  # one keyword a table and a mapping
    *,
    person: Any,  # noqa: ANN401  # any frame that narwhals knows
    drug_exposure: Any,  # noqa: ANN401
    measurement: Any,  # noqa: ANN401
    condition_occurrence: Any,  # noqa: ANN401
    drug_concept_ids: Collection[int] = (),
    analytes: Mapping[int, str] | None = None,
    units: Mapping[int, str] | None = None,
    toxicities: Mapping[int | str, str] | None = None,
    unrelated: Collection[int | str] = (),
) -> RegistryTables:
    """The tables of a registry from tables of OMOP CDM 5.4.

    - **Doses** are the exposures whose concept is in *drug_concept_ids*, or whose source value names tarlatamab. OMOP has no cycles, so
      doses are numbered by their order. `quantity` is an amount only if `dose_unit_source_value` is mg; else it may count vials.
    - **Results** are the measurements of a known concept, or with a known code of LOINC in `measurement_source_value`. A bound is that of
      `operator_concept_id`, or one in `value_source_value`, which gives the number if there is no other. A row in which no number can be
      read is kept, and each dose that sees it is refused. Without `range_low` and `range_high` a result has no limits of normal.
    - **Events** are the conditions of a known concept, or with a code of ICD-10-CM that names a toxicity and perhaps its grade. A
      condition has no grade of CTCAE. Any other condition may be an infection or a toxicity, so it is an event of ``other`` without a
      grade, and each dose that sees it asks for one; unless it was over before the first dose, is the cancer, or is *unrelated*.
    - A datetime at midnight is taken as a day without a time, as OMOP writes unknown times.

    Nothing is concluded from gender, and OMOP does not say whether the cancer progressed after platinum: add such facts to the table
    ``patients``.

    Args:
        person: The table ``person``.

        drug_exposure: The table ``drug_exposure``.

        measurement: The table ``measurement``.

        condition_occurrence: The table ``condition_occurrence``.

        drug_concept_ids: The concepts of tarlatamab in your vocabulary.

        analytes: More measurement concepts, each with its analyte.

        units: More unit concepts, each with its unit.

        toxicities: More conditions, by concept or by source value, each with its toxicity.

        unrelated: Conditions that are neither infections nor toxicities, by concept or by source value.

    Raises:
        FieldError: A table lacks a column, or a mapping has a word that is not known.
    """
    patients, exposures = frame_of(person, "person"), frame_of(drug_exposure, "drug_exposure")
    results, conditions = frame_of(measurement, "measurement"), frame_of(condition_occurrence, "condition_occurrence")
    doses, dose_counts = _doses(exposures, frozenset(drug_concept_ids))
    columns, sorting = _labs(results, analytes or {}, units or {})
    labs, notes = lab_table(columns, sorting.kept)
    events, event_counts, more_notes = omop_events(conditions, toxicities or {}, unrelated, doses)
    counts = {"drug_exposure": dose_counts, "measurement": sorting.counts, "condition_occurrence": event_counts}
    tables = {"doses": doses, "patients": _patients(patients, conditions), "labs": labs, "events": events}
    return RegistryTables(tables, {"person": {"used": patients.rows}, **counts}, (*notes, *more_notes))


def _ids(frame: Frame, name: str) -> Array:
    """A column of whole numbers; 0 if it is missing."""
    numbers: Array = np.nan_to_num(frame.numbers(name), nan=0).astype(np.int64)
    return numbers


def _mapped(ids: Array, words: Mapping[int, str]) -> pa.Array:
    """The word of each id; null if it has none."""
    distinct, places = np.unique(ids, return_inverse=True)
    return pa.array([words.get(int(number)) for number in distinct], pa.string()).take(pa.array(places))


def _patients(person: Frame, conditions: Frame) -> pa.Table:
    person.need(("person_id",))
    year, month, day = (person.numbers(name) for name in ("year_of_birth", "month_of_birth", "day_of_birth"))
    born = pa.array([_date(*parts) for parts in zip(year.tolist(), month.tolist(), day.tolist(), strict=True)], pa.string())
    codes, of = conditions.words("condition_source_value"), conditions.arrow("person_id").to_pylist()
    extensive = {of[row] for row in range(conditions.rows) if (codes.at(row) or "").removesuffix(".0") in _EXTENSIVE}
    ids = person.arrow("person_id")
    diagnosis = ["extensive-stage-sclc" if number in extensive else None for number in ids.to_pylist()]
    birth = pc.coalesce(when_column(person, "birth_datetime"), born)
    return pa.table({"patient": ids, "birth_date": birth, "diagnosis": pa.array(diagnosis, pa.string())})


def _date(year: float, month: float, day: float) -> str | None:
    """A date of birth; ``None`` if a part is missing: a year alone gives no age."""
    return f"{year:04.0f}-{month:02.0f}-{day:02.0f}" if year == year and month == month and day == day else None  # noqa: PLR0124  # NaN


def _doses(frame: Frame, concepts: frozenset[int]) -> tuple[pa.Table, dict[str, int]]:
    frame.need(("person_id", "drug_concept_id"))
    sorting, named = Sorted(frame.rows), frame.words("drug_source_value")
    by_name = np.array(["tarlatamab" in text.casefold() for text in named.words] + [False])[named.codes]
    sorting.leave_out(~(np.isin(_ids(frame, "drug_concept_id"), list(concepts)) | by_name), "another drug")
    started = agreeing(frame, "drug_exposure_start_datetime", "drug_exposure_start_date")
    unit, quantity = frame.words("dose_unit_source_value"), frame.numbers("quantity")
    masses = np.array([text.strip().casefold() in {"mg", "milligram", "milligrams"} for text in unit.words] + [False])[unit.codes]
    columns = {
        "patient": frame.arrow("person_id"),
        "started": started,
        "ended": agreeing(frame, "drug_exposure_end_datetime", "drug_exposure_end_date"),
        "amount": np.where(masses & (quantity > 0), quantity, np.nan),
        "unit": pa.array(["mg"] * frame.rows),
    }
    return dose_table(columns, sorting.kept, [None] * frame.rows), sorting.counts


def _labs(frame: Frame, analytes: Mapping[int, str], units: Mapping[int, str]) -> tuple[dict[str, Any], Sorted]:
    """The columns of results of all rows, and which rows are results."""
    frame.need(("person_id", "measurement_concept_id", "value_as_number"))
    known: dict[int, str] = {**ANALYTES, **{number: known_word(Analyte, text, f"analytes[{number}]") for number, text in analytes.items()}}
    analyte = pc.coalesce(_mapped(_ids(frame, "measurement_concept_id"), known), _by_code(frame.words("measurement_source_value")))
    operator = _ids(frame, "operator_concept_id")
    sorting = Sorted(frame.rows)
    sorting.leave_out(np.asarray(analyte.is_null()), "a measurement of something else")
    of_concept = _mapped(_ids(frame, "unit_concept_id"), {**UNITS, **(units or {})})
    named = filled(frame, "unit_source_value")
    source, (numerals, written) = frame.words("value_source_value"), _split(frame.words("value_source_value"))
    in_words = pc.coalesce(texts(source, written), named)
    numbers, odd = _numbers(frame, Words(source.codes, numerals), operator, factors(analyte, in_words, pc.coalesce(of_concept, named)))
    in_text = pa.array(np.isnan(frame.numbers("value_as_number")))
    unit = pc.if_else(in_text, pc.coalesce(named, of_concept), pc.coalesce(of_concept, named))
    other_unit = np.asarray(pc.fill_null(pc.not_equal(unit, of_concept), fill_value=False))  # than that of the limits
    return {
        "patient": frame.arrow("person_id"),
        "analyte": analyte,
        "value": numbers.value,
        "unit": unit,
        "comparator": pc.coalesce(odd, numbers.comparator),
        "collected": agreeing(frame, "measurement_datetime", "measurement_date"),
        "lower_limit": np.where(other_unit, np.nan, frame.numbers("range_low")),
        "upper_limit": np.where(other_unit, np.nan, frame.numbers("range_high")),
        "baseline": np.full(frame.rows, np.nan),
    }, sorting


def _split(source: Words) -> tuple[tuple[str, ...], list[str | None]]:
    """Texts without the unit after their number, and these units; ``None`` if a text has none."""
    found = [_AFTER_NUMBER.fullmatch(text.strip()) for text in source.words]
    numerals = tuple([text if match is None else match[1] for text, match in zip(source.words, found, strict=True)])
    return numerals, [None if match is None else match[2] for match in found]


def _by_code(source: Words) -> pa.Array:
    """The analytes of codes of LOINC in the source value, or of a name there such as ``ANC``. A site may have no concept for them."""
    codes = [LOOKUP.get((LOINC, text.strip())) for text in source.words]
    means = ["" if code is None else code.means for code in codes]
    coded = [text.removeprefix("labs.") if text.startswith("labs.") else None for text in means]
    return texts(source, [_named(text) if code is None else known for text, code, known in zip(source.words, codes, coded, strict=True)])


def _named(text: str) -> str | None:
    """The analyte of a name; ``None`` if it is not known."""
    try:
        return str(Analyte(text.strip()))
    except ValueError:
        return None


def _numbers(frame: Frame, text: Words, operator: Array, factor: Array) -> tuple[Numbers, pa.Array]:
    """The numbers with their bounds, by operator or in the text of the source; and the operators that are not known.

    *factor* is that from the unit of each text to the unit of its number; NaN if it is not known.
    """
    bounds = {number: BOUNDS.index(bound) for number, bound in OPERATORS.items()}
    distinct, places = np.unique(operator, return_inverse=True)
    bound = np.array([bounds.get(int(number), 0) for number in distinct], int)[places]
    numbers = Numbers(frame.numbers("value_as_number"), bound, np.zeros(frame.rows, bool))
    odd = {int(number): f"operator {number} " for number in distinct if number not in OPERATORS and number not in _NO_BOUND}
    return numbers.beside(text, factor), _mapped(operator, odd)


# --- grades ---


def omop_grades(
    measurement: Any,  # noqa: ANN401  # any frame that narwhals knows
    *,
    scale: Rulebook | str = "ctcae-5.0",
    analytes: Mapping[int, str] | None = None,
    units: Mapping[int, str] | None = None,
) -> pa.Table:
    """The grades of a table ``measurement`` as rows for the table ``observation``: one row for each result whose grade is settled.

    OMOP has no standard place for a grade. Here `value_as_number` is the grade, `observation_source_value` the scale and the term, and
    `observation_event_id` the measurement. Concept ids that could not be confirmed are 0; fill in those of your vocabulary.

    Args:
        measurement: The table, with `measurement_id`.

        scale: The scale, or its name.

        analytes: More measurement concepts, each with its analyte.

        units: More unit concepts, each with its unit.

    Raises:
        FieldError: The table lacks a column, or a mapping has a word that is not known.
    """
    frame = frame_of(measurement, "measurement")
    frame.need(("measurement_id",))
    columns, sorting = _labs(frame, analytes or {}, units or {})
    source = of_kept({"measurement_id": frame.arrow("measurement_id"), **columns}, sorting.kept)
    grades = graded(labs_of_frame(frame_of(source, "measurement")), scale)
    settled = [grades.answers[code] if code >= 0 else None for code in grades.codes]
    keep = np.array([answer is not None and answer.grade is not None for answer in settled], bool)
    kept = source.filter(pa.array(keep))
    answers = [answer for answer in settled if answer is not None and answer.grade is not None]
    name = scale if isinstance(scale, str) else scale.name
    return pa.table(
        {
            "person_id": kept["patient"],
            "observation_concept_id": pa.array([0] * len(answers), pa.int32()),
            "observation_date": pa.array([None if day is None else day.isoformat() for day in map(day_of, kept["collected"].to_pylist())]),
            "value_as_number": pa.array([int(answer.grade or Grade.NONE) for answer in answers], pa.float64()),
            "observation_source_value": pa.array([f"{name}: {answer.term}" for answer in answers], pa.string()),
            "observation_event_id": kept["measurement_id"],
            "obs_event_field_concept_id": pa.array([0] * len(answers), pa.int32()),
        }
    )
