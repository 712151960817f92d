"""The card for a first sign of CRS or ICANS during the infusion."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from tarlatamab_rules.assessment.words import capital, fact_in_words, listed
from tarlatamab_rules.core.decisions import Decided, Decision, DoseAction, NeedsData
from tarlatamab_rules.core.errors import FieldTypeError, shown
from tarlatamab_rules.course.sheets.parts import NOT_STATED, SheetBlock, SheetLine, SheetPart, SheetTable, cites_of, not_stated
from tarlatamab_rules.course.sheets.sheet import Sheet
from tarlatamab_rules.course.sheets.words import BLANK, Disagreements, foot_of, line_of_text, order
from tarlatamab_rules.inputs.events import ToxicityEvent
from tarlatamab_rules.inputs.vocabulary import EventStatus, Grade, Toxicity
from tarlatamab_rules.rulebooks._registry import get, resolve
from tarlatamab_rules.rulebooks.facts import FEVER_MASKED, TEMPERATURE
from tarlatamab_rules.rulebooks.questions import CRS_GRADE, DURING_INFUSION, ICANS_GRADE
from tarlatamab_rules.rules.toxicity import toxicity_action
from tarlatamab_rules.values.names import named

if TYPE_CHECKING:
    from tarlatamab_rules.core.axes import Axis
    from tarlatamab_rules.core.tables import Row
    from tarlatamab_rules.rulebooks._book import Rulebook
    from tarlatamab_rules.values.plans import DuringInfusion
    from tarlatamab_rules.values.toxicities import ToxicityAction

__all__ = ["first_sign_card"]

_SCALE: Final = "astct-2019"
_GRADES: Final = (Grade.MILD, Grade.MODERATE, Grade.SEVERE, Grade.LIFE_THREATENING)
_HEADS: Final = ("", *(f"Grade {grade:d}" for grade in _GRADES))
_SIGNS: Final = (Toxicity.CRS, Toxicity.ICANS)
_LINES: Final = 3
"""How many persons can be written down if the site names none."""


def first_sign_card(*, call: Iterable[str] = (), rulebook: Rulebook | str | None = None) -> Sheet:
    """What to do at a first sign of CRS or ICANS during the infusion, as a page to print.

    What happens to the infusion, whom to call, how to grade by ASTCT 2019, and what each grade requires. What the book does not say is
    listed as not stated. A drug, an amount or a person that no source names is not on the card.

    Args:
        call: Whom to call, such as ``"Oncologist on call"``. Names and numbers are filled in by hand. If left out, there are blank lines.

        rulebook: The book that answers, or its name; the default book if left out.

    Raises:
        FieldTypeError: *call* is not a list of texts.
    """
    book, people = resolve(rulebook), _people(call)
    notes = Disagreements()
    now = SheetBlock("now", tuple(line for sign in _SIGNS for line in _first(sign, book, notes)))
    calls = SheetBlock("call", tuple(SheetLine(text=f"{person or BLANK}   Phone: {BLANK}   Called at: ______") for person in people))
    crs, icans = (_treated(sign, book, notes) for sign in _SIGNS)
    parts: list[SheetPart] = [now, calls, _joined(Toxicity.CRS, _crs(), crs), _joined(Toxicity.ICANS, _icans(), icans)]
    if notes.notes:
        parts.append(SheetBlock("where the sources disagree", tuple(SheetLine(text=text, box=False) for text in notes.notes)))
    scale = get(_SCALE).source
    foot = (f"Grades: {scale.short_name}, {scale.published_in}. {scale.url}", *foot_of(book, parts))
    return Sheet(
        "First sign of CRS or ICANS during the infusion", (f"Patient: {BLANK}    Time of the first sign: ______",), tuple(parts), foot
    )


def _people(call: Iterable[str]) -> Sequence[str]:
    if isinstance(call, str) or not isinstance(call, Iterable):
        raise FieldTypeError("call", f"{shown(call)} is not a list of texts", "pass ['Oncologist on call', 'Intensive care']")
    return [line_of_text(person, f"call[{n}]") for n, person in enumerate(call)] or [""] * _LINES


class _Rows(NamedTuple):
    """Rows of a table, and the notes below it."""

    rows: tuple[tuple[tuple[str, ...], ...], ...]
    notes: tuple[str, ...] = ()


# --- now ---


def _first(sign: Toxicity, book: Rulebook, notes: Disagreements) -> Iterator[SheetLine]:
    """What happens to the infusion at a sign, and what to do for the patient."""
    answer: Decision[DuringInfusion] = book[DURING_INFUSION](str(sign))
    head = f"Sign of {named(sign)}"
    silent, why = not_stated(answer)
    if silent or not isinstance(answer, Decided):
        yield SheetLine(text=f"{head}: {silent}", notes=why, cites=cites_of(answer.reasons), box=False)
        return
    about = tuple(dict.fromkeys(reason.interpretation for reason in answer.reasons if reason.interpretation))
    rest = capital("; ".join(map(order, answer.value.instructions)))
    step = f"{head}: {str(answer.value.step).upper()} the infusion. {rest}".strip()
    yield SheetLine(text=step, notes=(*about, *notes.of(answer)), cites=cites_of(answer.reasons), strong=True)


# --- grades ---


def _rows(question: Any) -> list[Row[Grade]]:  # noqa: ANN401  # a question about a grade
    """The rows of the scale that give a grade from 1 to 4."""
    return [row for row in get(_SCALE).rows[question] if row.then in _GRADES]


def _joined(sign: Toxicity, graded: _Rows, treated: _Rows) -> SheetTable:
    """How a toxicity is graded, and what each grade requires, in one table."""
    title = f"{named(sign)}: grade by {get(_SCALE).source.short_name}, and what each grade requires"
    return SheetTable(title, _HEADS, (*graded.rows, *treated.rows), (*graded.notes, *treated.notes))


def _crs() -> _Rows:
    """How CRS is graded: fever, and the worst of the findings."""
    rows = _rows(CRS_GRADE)
    unmasked = [row for row in rows if FEVER_MASKED not in row.when]
    fever = tuple((" or ".join(_fever(row) for row in _first_of(unmasked, grade)),) for grade in _GRADES)
    findings = tuple(tuple(_finding(row) for row in unmasked if row.then is grade) for grade in _GRADES)
    worst = next(statement.text for statement in get(_SCALE).statements if statement.id == _WORST)
    body = ((("Fever",), *fever), (("With",), *findings))
    return _Rows(body, (worst,))


_WORST: Final = "CRS-5"
"""The statement on which finding decides, and when fever is no longer required."""


def _first_of(rows: Iterable[Row[Grade]], grade: Grade) -> list[Row[Grade]]:
    return [row for row in rows if row.then is grade][:1]


def _fever(row: Row[Grade]) -> str:
    return f"{row.when[TEMPERATURE].low:.1f} \N{DEGREE SIGN}C or more"


def _finding(row: Row[Grade]) -> str:
    """What a row says, without its grade."""
    return row.says.partition(": grade")[0]


def _icans() -> _Rows:
    """How ICANS is graded: the worst of five domains."""
    rows = _rows(ICANS_GRADE)
    domains: dict[Axis, list[Row[Grade]]] = {}
    for row in rows:
        domains.setdefault(next(iter(row.when)), []).append(row)
    body = tuple(
        ((_domain(axis),), *(tuple(_finding(row) for row in of_axis if row.then is grade) or ("",) for grade in _GRADES))
        for axis, of_axis in domains.items()
    )
    worst = tuple(dict.fromkeys(row.interpretation for row in rows))
    return _Rows(body, worst)


def _domain(axis: Axis) -> str:
    return capital(fact_in_words(f"findings.{axis.fact}"))


# --- treatment ---


def _treated(sign: Toxicity, book: Rulebook, notes: Disagreements) -> _Rows:
    """What each grade requires. What several grades require is written once, across their columns."""
    answers = [toxicity_action(ToxicityEvent(sign, grade, status=EventStatus.ACTIVE), rulebook=book) for grade in _GRADES]
    body = [
        (("Drug",), *((_action(answer),) for answer in answers)),
        *((("Treat",), *row) for row in _packed([_orders(answer) for answer in answers])),
        (("Source",), *(tuple(str(cite) for cite in cites_of(answer.reasons)) for answer in answers)),
    ]
    below = [(grade, line) for grade, answer in zip(_GRADES, answers, strict=True) for line in (*_open(answer), *notes.of(answer))]
    return _Rows(tuple(body), tuple(f"Grade {grade:d}: {line}" for grade, line in below))


def _packed(orders: Sequence[Sequence[str]]) -> Iterator[tuple[tuple[str, ...], ...]]:
    """The orders of four grades in as few rows as possible: those that the same grades have are one cell."""
    columns = range(len(orders))
    by_columns: dict[tuple[int, ...], list[str]] = {}
    for item in dict.fromkeys(item for items in orders for item in items):
        by_columns.setdefault(tuple(n for n in columns if item in orders[n]), []).append(item)
    rows: list[dict[int, str]] = []
    for which in sorted(by_columns, key=lambda which: (len(which), which)):
        cell = capital("; ".join(by_columns[which]))
        row = next((row for row in rows if not any(n in row for n in which)), None)
        if row is None:
            rows.append(row := {})
        row.update(dict.fromkeys(which, cell))
    return (tuple((row.get(n, ""),) for n in columns) for row in rows)


def _orders(answer: Decision[ToxicityAction]) -> list[str]:
    """The orders of every action that is possible; one that not all of them have is marked."""
    actions = [action for action in answer.possible if action is not None]
    every = dict.fromkeys(item for action in actions for item in action.treatments)
    words = [order(item) if all(item in action.treatments for action in actions) else f"may apply: {order(item)}" for item in every]
    return words or [NOT_STATED]


def _action(answer: Decision[ToxicityAction]) -> str:
    words = [NOT_STATED if action is None else _ACTIONS[action.action] for action in answer.possible]
    return " or ".join(dict.fromkeys(words)) or NOT_STATED


_ACTIONS: Final = {DoseAction.CONTINUE: "CONTINUE", DoseAction.WITHHOLD: "WITHHOLD", DoseAction.DISCONTINUE: "STOP FOR GOOD"}


def _open(answer: Decision[ToxicityAction]) -> tuple[str, ...]:
    """What an answer depends on, or why it is left open."""
    if isinstance(answer, NeedsData) and answer.missing:
        return (f"depends on {listed(map(fact_in_words, answer.missing))}.",)
    return not_stated(answer)[1]
