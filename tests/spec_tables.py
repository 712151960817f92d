"""Reads the hand-written tables of `tests/spec`, and asks the library what each line says.

A heading names the function in backticks; below it stand lines of facts, ``answer``, ``asks for`` and ``cites``. Semicolons part the values
of a fact of which each makes a case.

A book that revises another one is asked every case of the book before it as well, unless its own tables have a case of the same facts.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime
from functools import cache
from itertools import product
from pathlib import Path
from typing import Any

from attrs import evolve, frozen

from tarlatamab_rules import (
    Analyte,
    CrsFindings,
    Decided,
    Decision,
    DosePoint,
    GivenDose,
    IceTest,
    InfusionSetup,
    LabResult,
    NeedsData,
    NeuroFindings,
    NotCovered,
    Patient,
    Symptom,
    ToxicityEvent,
    breastfeeding_window,
    checklist,
    contraception_window,
    during_infusion,
    eligibility,
    equivalent_dose,
    grade_crs,
    grade_febrile_neutropenia,
    grade_icans,
    grade_lab,
    ice_assessment,
    ice_score,
    infusion_check,
    infusion_plan,
    lab_standings,
    labs_due,
    liver_injury,
    monitoring_duration,
    next_dose,
    premedication_plan,
    preparation,
    rulebooks,
    toxicity_action,
)
from tarlatamab_rules.inputs.analytes import KINDS
from tarlatamab_rules.inputs.units import take
from tarlatamab_rules.policy import Rulebook
from tarlatamab_rules.rulebooks.questions import LAB_DURING_CRS, NEURO_GRADE, OTHER_RESULT
from tarlatamab_rules.values.wording import in_words

SLICE = "/~"
"""Ends the id of a row that was split off another one, which a case cannot know of."""

_EXPECTED = ("answer", "asks for", "cites")
FOLDER = Path(__file__).parent / "spec"
Facts = Mapping[str, str]


@frozen
class SpecCase:
    """A line of a table.

    Attributes:
        file: The name of its file.

        line: The number of the line.

        asked: The function that is asked.

        book: The name of the book that answers.

        facts: Its cells, by heading.

        inherited: Whether the table is of the book before this one.
    """

    file: str
    line: int
    asked: str
    book: str
    facts: Facts
    inherited: bool = False

    @property
    def key(self) -> tuple[str, frozenset[tuple[str, str]]]:
        """What is asked, and of which facts: the same in two revisions of a source."""
        return self.asked, frozenset((head, value) for head, value in self.facts.items() if head not in _EXPECTED)

    @property
    def expected(self) -> tuple[str, list[str], list[str]]:
        """The answer in words, what is asked for, and the rows that are cited."""
        return self.facts["answer"], _listed(self.facts["asks for"]), sorted(_listed(self.facts["cites"]))

    def __str__(self) -> str:
        """As a test is called."""
        book = f"{self.book}-" if self.inherited else ""
        return f"{self.file}:{self.line}-{book}{'-'.join(value for head, value in self.facts.items() if head not in _EXPECTED)}"


def _listed(cell: str) -> list[str]:
    return [part.strip() for part in cell.split(",") if part.strip()]


@cache
def cases() -> list[SpecCase]:
    """Every line of every table, of a revision also those of the book before it."""
    return [case for name in rulebooks.names() for case in of_book(name)]


@cache
def of_book(name: str) -> list[SpecCase]:
    """The cases of a book, those of a revision by `of_revision`."""
    before = rulebooks.get(name).revises
    return of_revision(name, [case for case in _written() if case.book == name], of_book(before) if before else [])


@cache
def _written() -> list[SpecCase]:
    return [case for path in sorted(FOLDER.glob("*.md")) for case in _read(path)]


def of_revision(name: str, own: list[SpecCase], before: list[SpecCase]) -> list[SpecCase]:
    """The cases of a revision: its own, and those of the book before it of which it has none of the same facts."""
    keys = {case.key for case in own}
    return own + [evolve(case, book=name, inherited=True) for case in before if case.key not in keys]


def said_again(cases: list[SpecCase], before: list[SpecCase]) -> list[str]:
    """The cases that a revision states although the book before it says the same."""
    expected = {case.key: case.expected for case in before}
    return [str(case) for case in cases if not case.inherited and expected.get(case.key) == case.expected]


def _read(path: Path) -> list[SpecCase]:
    found, asked, book, heads = [], "", "", None
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        if line.startswith("#"):
            named = re.search(r"`(\w+)`(?: by `([\w.-]+)`)?", line)
            asked, heads = named[1] if named else "", None
            book = (named[2] or ASKED[asked][0]) if named else ""
        elif line.startswith("|") and asked:
            cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
            if heads is None:
                heads = cells
            elif cells[0] != "---":
                found += [SpecCase(path.name, number, asked, book, facts) for facts in _each(dict(zip(heads, cells, strict=True)))]
    return found


def _each(cells: dict[str, str]) -> Iterator[Facts]:
    """A line stands for several cases where semicolons part the values of a fact."""
    values = [[value.strip() for value in cell.split(";")] if head not in _EXPECTED else [cell] for head, cell in cells.items()]
    for combination in product(*values):
        yield dict(zip(cells, combination, strict=True))


# --- what a cell says ---


def _text(cell: str) -> Any:
    return None if cell == "?" else cell


def _truth(cell: str) -> bool | None:
    return {"?": None, "yes": True, "no": False}[cell]


def _whole_number(cell: str) -> Any:
    return None if cell == "?" else int(cell)


def _celsius(cell: str) -> Any:
    return None if cell == "?" else (float(cell), "Cel")


def _time(cell: str) -> date | None:
    if cell == "?":
        return None
    return datetime.fromisoformat(cell) if " " in cell else date.fromisoformat(cell)


def _events(cell: str) -> tuple[ToxicityEvent, ...] | None:
    """Episodes that are over, as ``crs 2`` or ``crs 2 from 2025-10-14 until 2025-10-20``."""
    if cell == "?":
        return None
    return tuple(_episode(*words.split()) for words in ([] if cell == "nothing" else _listed(cell)))


def _episode(toxicity: Any, grade: Any, *rest: str) -> ToxicityEvent:
    days = {word: _time(day) for word, day in zip(rest[::2], rest[1::2], strict=True)}
    return ToxicityEvent(toxicity, _whole_number(grade), status="resolved", onset=days.get("from"), resolved=days.get("until"))


def _given(cell: str) -> list[GivenDose] | None:
    """The doses given, as ``C1D1 1 mg 2026-01-05, C1D8 10 mg 2026-01-12``; ``? mg`` and ``?`` for what is not known of one."""
    if cell == "?":
        return None
    return [_dose(*words.split()) for words in ([] if cell == "nothing" else _listed(cell))]


def _dose(point: str, amount: str, unit: str, day: str) -> GivenDose:
    return GivenDose(point, _time(day), None if amount == "?" else f"{amount} {unit}")


_ROLES = {"C1D1": "step-up", "C1D8": "first-full"}


def _planned(facts: Facts) -> dict[str, Any]:
    """What a table says of the planned dose; a column that it lacks is not passed. Without a course a dose is what its name says."""
    known: dict[str, Any] = {}
    for head, name, read in (("given", "course", _given), ("planned_start", "planned_start", _time), ("events", "events", _events)):
        if head in facts:
            known[name] = read(facts[head])
    if known.get("course") is None and facts.get("point", "?") != "?":
        known["role"] = _ROLES.get(facts["point"], "later")
    return known


# --- what is asked ---


def _eligibility(facts: Facts, book: Rulebook) -> Decision[Any]:
    patient = Patient(
        age_years=None if facts["age_years"] == "?" else float(facts["age_years"]),
        diagnosis=_text(facts["diagnosis"]),
        progressed_after_platinum=_truth(facts["progressed_after_platinum"]),
        infection=_text(facts["infection"]),
        childbearing_potential=_truth(facts["childbearing_potential"]),
        pregnant=_truth(facts["pregnant"]),
        breastfeeding=_truth(facts["breastfeeding"]),
        hypersensitivity=_truth(facts.get("hypersensitivity", "?")),
    )
    return eligibility(patient, rulebook=book)


def _window(ask: Callable[..., Decision[Any]]) -> Callable[[Facts, Rulebook], Decision[Any]]:
    def asked(facts: Facts, book: Rulebook) -> Decision[Any]:
        truths: dict[str, Any] = {name: _truth(facts.get(name, "?")) for name in ("childbearing_potential", "pregnant", "breastfeeding")}
        patient = Patient(**truths)
        return ask(patient, _time(facts["last dose"]), rulebook=book)

    return asked


def _preparation(facts: Facts, book: Rulebook) -> Decision[Any]:
    made: Any = _time(facts["reconstituted at"])
    return preparation(facts["dose"], vial=_text(facts["vial"]), reconstituted_at=made, rulebook=book)


_READERS: Mapping[str, Callable[[str], Any]] = {
    "temperature": _celsius,
    "vasopressin": _truth,
    "fever_masked": _truth,
    "ice": _whole_number,
    "arousable": _truth,
    "motor_weakness": _truth,
    "baseline_ice": _whole_number,
    "symptoms": lambda cell: () if cell == "none" else (cell,),
}


def _found(kind: Callable[..., Any], cell: str) -> list[Any]:
    """Findings, as ``temperature 38.2, oxygen none``; ``-`` for none of this kind."""
    if cell == "-":
        return []
    return [kind(**{name: _READERS.get(name, _text)(value) for name, value in (words.split() for words in _listed(cell))})]


def _during(facts: Facts, book: Rulebook) -> Decision[Any]:
    return during_infusion([*_found(CrsFindings, facts["crs"]), *_found(NeuroFindings, facts["icans"])], rulebook=book)


def _result(analyte: Analyte, quantity: Any, collected: date | None, **limits: Any) -> LabResult:
    """A result of which only the units are checked: the tables answer for numbers that no patient has as well."""
    amounts = {name: None if value is None else take(value, KINDS[analyte], name) for name, value in limits.items()}
    result = LabResult.__new__(LabResult)
    fields: Any = {"lower_limit": None, "upper_limit": None, "baseline": None} | amounts
    result.__attrs_init__(analyte, take(quantity, KINDS[analyte], "quantity"), collected, **fields)  # pyright: ignore[reportAttributeAccessIssue]  # attrs makes it
    return result


def _liver(facts: Facts, book: Rulebook) -> Decision[Any]:
    """Values and baselines in multiples of the upper limit, all of one day; ``-`` for none, ``?`` for a value without a limit."""
    labs = []
    for analyte in (Analyte.ALT, Analyte.AST, Analyte.BILIRUBIN):
        cell, before, unit = facts[analyte], facts.get(f"{analyte} baseline", "?"), KINDS[analyte].unit
        if cell != "-":
            value, limit = (1.0, None) if cell == "?" else (float(cell), (1.0, unit))
            baseline = None if before in {"?", "-"} else (float(before), unit)
            labs.append(_result(analyte, (value, unit), date(2026, 1, 5), upper_limit=limit, baseline=baseline))
    return liver_injury(labs, other_cause=_truth(facts["other_cause"]), rulebook=book)


def _setup(facts: Facts, book: Rulebook) -> Decision[Any]:
    amounts: dict[str, Any] = {name: _text(facts[name]) for name in ("volume", "rate", "duration")}
    truths: dict[str, Any] = {name: _truth(facts[name]) for name in ("pump", "constant_rate", "transfer_device")}
    return infusion_check("C1D1", InfusionSetup(**amounts, **truths), rulebook=book)


def _equivalent(facts: Facts, book: Rulebook) -> Decision[Any]:
    steroid, to, route = _text(facts["steroid"]), _text(facts["to"]), _text(facts["route"])
    return equivalent_dose(facts["amount"], steroid, to=to, route=route, rulebook=book)


def _ice_assessment(facts: Facts, book: Rulebook) -> Decision[Any]:
    listed = facts["symptoms"]
    symptoms = None if listed == "?" else [] if listed == "nothing" else [Symptom(each) for each in _listed(listed)]
    findings = NeuroFindings(symptoms=symptoms, seizure=_text(facts["seizure"]), motor_weakness=_truth(facts["motor_weakness"]))
    return ice_assessment(findings, rulebook=book)


def _ice_score(facts: Facts, book: Rulebook) -> Decision[Any]:
    items = {name: _truth(facts[name]) for name in ("year", "month", "city", "hospital", "command", "sentence", "counting")}
    return ice_score(IceTest(**items, objects_named=_whole_number(facts["objects_named"])), rulebook=book)


def _neuro_grades(facts: Facts, book: Rulebook) -> Decision[Any]:
    return book[NEURO_GRADE](_whole_number(facts["ice"]), _truth(facts["findings beside it"]))


_NO_OTHER_FINDING: dict[str, Any] = {"consciousness": "alert", "symptoms": [], "raised_icp": "none"}


def _toxicity(facts: Facts, book: Rulebook) -> Decision[Any]:
    if "findings beside it" in facts:
        return _neuro_grades(facts, book)
    if "result" in facts:
        return book[OTHER_RESULT](Analyte(facts["result"]))
    toxicity, status = _text(facts["toxicity"]), _text(facts["status"])
    event = ToxicityEvent(
        toxicity,
        _whole_number(facts["grade"]),
        status=status,
        current_grade=_whole_number(facts.get("now", "?")),
        findings=NeuroFindings(ice=_whole_number(facts["ice"]), **_NO_OTHER_FINDING) if "ice" in facts else None,
        onset=_time(facts.get("onset", "?")),
        improved=_time(facts.get("improved", "?")),
        resolved=_time(facts.get("resolved", "?")),
        bleeding=_truth(facts.get("bleeding", "?")),
    )
    return toxicity_action(event, point=_text(facts.get("point", "?")), **_planned(facts), rulebook=book)


def _grade_lab(facts: Facts, book: Rulebook) -> Decision[Any]:
    names = ("value", "lower_limit", "upper_limit", "baseline")
    value, *rest = (None if facts[name] == "?" else (float(facts[name]), facts["unit"]) for name in names)
    assert value is not None
    result = _result(Analyte(facts["analyte"]), value, None, **dict(zip(names[1:], rest, strict=True)))
    return grade_lab(result, symptoms=_truth(facts.get("symptoms", "?")), rulebook=book)


def _febrile(facts: Facts, book: Rulebook) -> Decision[Any]:
    count = LabResult("neutrophils", (float(facts["neutrophils"]), "10*9/L"))
    return grade_febrile_neutropenia(count, _celsius(facts["temperature"]), sustained=_truth(facts["sustained"]), rulebook=book)


def _crs(facts: Facts, book: Rulebook) -> Decision[Any]:
    findings = CrsFindings(
        temperature=_celsius(facts["temperature"]),
        fever_masked=_truth(facts["fever_masked"]),
        hypotension=_text(facts["hypotension"]),
        vasopressin=_truth(facts["vasopressin"]),
        oxygen=_text(facts["oxygen"]),
    )
    return grade_crs(findings, rulebook=book)


def _icans(facts: Facts, book: Rulebook) -> Decision[Any]:
    findings = NeuroFindings(
        ice=_whole_number(facts["ice"]),
        arousable=_truth(facts["arousable"]),
        consciousness=_text(facts["consciousness"]),
        seizure=_text(facts["seizure"]),
        motor_weakness=_truth(facts["motor_weakness"]),
        raised_icp=_text(facts["raised_icp"]),
    )
    return grade_icans(findings, rulebook=book)


def _monitoring(facts: Facts, book: Rulebook) -> Decision[Any]:
    return monitoring_duration(facts["point"], **_planned(facts), rulebook=book)


_SOME = {
    Analyte.HEMOGLOBIN: "13 g/dL",
    Analyte.BILIRUBIN: "1 mg/dL",
    Analyte.URIC_ACID: "5 mg/dL",
    Analyte.CREATININE: "1 mg/dL",
    Analyte.POTASSIUM: "4 mmol/L",
}
_BEFORE = {"C1D1": (), "C2D1": ("C1D1", "C1D8", "C1D15")}


def _course(facts: Facts) -> list[GivenDose] | None:
    ended = facts["last dose ended"]
    if ended in {"?", "nothing"}:
        return None if ended == "?" else []
    *earlier, last = _BEFORE[facts["point"]]
    return [*map(GivenDose, earlier), GivenDose(last, ended=_time(ended))]


def _labs_due(facts: Facts, book: Rulebook) -> Decision[Any]:
    if "analyte" in facts:
        return book[LAB_DURING_CRS](DosePoint.of(facts["point"]).number, Analyte(facts["analyte"]))
    return labs_due(facts["point"], rulebook=book)


def _standing(facts: Facts, book: Rulebook) -> tuple[str, list[str], list[str]]:
    """A standing in words: the need, and the standing."""
    analyte = Analyte(facts["analyte"])
    drawn = facts["drawn"]
    labs = [] if drawn == "nothing" else [LabResult(analyte, _SOME.get(analyte, (140, KINDS[analyte].unit)), _time(drawn))]
    found = lab_standings(
        facts["point"],
        labs,
        planned_start=_time(facts["planned start"]),
        course=_course(facts),
        max_lab_age=_text(facts["greatest age"]),
        rulebook=book,
    )
    (one,) = (each for each in found if each.analyte == analyte)
    return f"{one.need}: {one.standing}", list(one.missing), sorted({_whole(reason.row) for reason in one.reasons})


ASKED: Mapping[str, tuple[str, Callable[[Facts, Rulebook], Any]]] = {
    "breastfeeding_window": ("us-2025-11", _window(breastfeeding_window)),
    "checklist": ("us-2025-11", lambda facts, book: checklist(facts["point"], rulebook=book)),
    "contraception_window": ("precautions-2025-09", _window(contraception_window)),
    "during_infusion": ("us-2025-11", _during),
    "eligibility": ("precautions-2025-09", _eligibility),
    "equivalent_dose": ("steroid-equivalence", _equivalent),
    "grade_crs": ("astct-2019", _crs),
    "grade_febrile_neutropenia": ("ctcae-5.0", _febrile),
    "grade_icans": ("astct-2019", _icans),
    "grade_lab": ("ctcae-5.0", _grade_lab),
    "ice_assessment": ("precautions-2025-09", _ice_assessment),
    "ice_score": ("astct-2019", _ice_score),
    "infusion_check": ("precautions-2025-09", _setup),
    "infusion_plan": ("precautions-2025-09", lambda facts, book: infusion_plan(facts["point"], rulebook=book)),
    "lab_standings": ("precautions-2025-09", _standing),
    "labs_due": ("precautions-2025-09", _labs_due),
    "liver_injury": ("us-2025-11", _liver),
    "monitoring_duration": ("precautions-2025-09", _monitoring),
    "next_dose": (
        "us-2025-11",
        lambda facts, book: next_dose(_given(facts["given"]), planned_start=_time(facts["planned_start"]), rulebook=book),
    ),
    "premedication_plan": (
        "precautions-2025-09",
        lambda facts, book: premedication_plan(facts["point"], **_planned(facts), rulebook=book),
    ),
    "preparation": ("us-2025-11", _preparation),
    "toxicity_action": ("precautions-2025-09", _toxicity),
}
"""Which book answers a function here, and how it is asked."""


def _whole(row: str) -> str:
    """The id of a row, without what marks a part that was split off it."""
    return row.partition(SLICE)[0]


def answered(case: SpecCase, book: Rulebook | None = None) -> tuple[str, list[str], list[str]]:
    """What the library says to a case: the answer in words, what is missing, and the rows that are cited."""
    answer = ASKED[case.asked][1](case.facts, book or rulebooks.get(case.book))
    if isinstance(answer, tuple):
        return answer
    assert isinstance(answer, Decided | NeedsData | NotCovered)
    options = ["silent" if value is None else "; ".join(in_words(value)) for value in answer.possible]
    return " or ".join(options), list(answer.missing), sorted({_whole(reason.row) for reason in answer.reasons})
