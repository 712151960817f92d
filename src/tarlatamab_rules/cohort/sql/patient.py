"""The patient, in SQL: the criteria of eligibility, the ones that a book leaves open, and an infection."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from itertools import product
from typing import TYPE_CHECKING, Any, Final

from tarlatamab_rules.assessment.chart import ActiveInfection
from tarlatamab_rules.assessment.events import judge_episode
from tarlatamab_rules.cohort.frames.schedule import regular_doses
from tarlatamab_rules.cohort.sql.course import POINTS
from tarlatamab_rules.cohort.sql.text import code_of, quoted, reasons_of, relation
from tarlatamab_rules.core.decisions import NotCovered, Verdict, unsettled_of
from tarlatamab_rules.core.errors import ContradictionError
from tarlatamab_rules.core.paths import Fact
from tarlatamab_rules.inputs.course import Course, GivenDose
from tarlatamab_rules.inputs.events import ToxicityEvent
from tarlatamab_rules.inputs.patient import OLDEST, Diagnosis, Infection
from tarlatamab_rules.inputs.vocabulary import EventStatus, Toxicity
from tarlatamab_rules.rulebooks.facts import BEGAN_BEFORE, POINT
from tarlatamab_rules.rulebooks.questions import BY_HYPERSENSITIVITY, BY_INFECTION, ELIGIBILITY, TOXICITY_ACTION
from tarlatamab_rules.rules.course import amounts_given, roles_by_dose
from tarlatamab_rules.rules.event_grade import read
from tarlatamab_rules.rules.planned import Planned
from tarlatamab_rules.values.vocabulary import Eligibility, Role

if TYPE_CHECKING:
    from tarlatamab_rules.assessment.votes import Vote
    from tarlatamab_rules.core.tables import Question
    from tarlatamab_rules.rulebooks._book import Rulebook

__all__ = ["patient"]

_SILENT: Final = -1
"""Less strict than every answer: a criterion about which a book says nothing."""
_COLUMNS: Final = {
    "code": "INTEGER",
    "other": "INTEGER",
    "least": "INTEGER",
    "most": "INTEGER",
    "rows": "VARCHAR[]",
    "unsettled": "VARCHAR[]",
    "silent": "BOOLEAN",
}
_PATIENT: Final = """\
-- Each criterion with the mildest and the strictest answer that it may have. Mirrors rules.eligibility.criteria.
criteria AS MATERIALIZED (
  SELECT dose_row,
    CASE
      WHEN NOT (age_years BETWEEN 0 AND {oldest}) THEN 'age_years'
      WHEN diagnosis NOT IN ({diagnoses}) THEN 'diagnosis'
      WHEN infection NOT IN ({infections}) THEN 'infection'
      WHEN NOT childbearing_potential AND pregnant THEN 'pregnant'
    END AS patient_left,
    infection, hypersensitivity,
{of_concern},
{criteria}
  FROM (
    SELECT dose_row, age_years, diagnosis, progressed_after_platinum, infection, childbearing_potential, pregnant, hypersensitivity,
      CASE WHEN breastfeeding IS NULL AND NOT childbearing_potential THEN FALSE ELSE breastfeeding END AS breastfeeding,
      breastfeeding AS reported_breastfeeding
    FROM typed
  ) AS patients
{joins}
),
-- The strictest answer of all. Mirrors core.decisions.strictest and assessment.patient._of_criteria.
together AS MATERIALIZED (
  SELECT *, greatest({leasts}) AS least, greatest({mosts}) AS most FROM criteria
),
patient AS MATERIALIZED (
  SELECT dose_row,
    CASE WHEN patient_left IS NOT NULL THEN patient_left
      WHEN least = {silent} AND most > least THEN 'criteria about which the book may say nothing' END AS patient_left,
    CASE WHEN {verdict_least} = {verdict_most} THEN {verdict_least} ELSE greatest({needs_data}, {verdict_least}) END AS eligibility_rank,
    list_concat({reasons}) AS eligibility_rows,
    list_concat({open_patient}, CASE WHEN hypersensitivity AND {silent_on_hypersensitivity} THEN ['guard/hypersensitivity'] ELSE {none} END)
      AS patient_rows,
    greatest({open_ranks}, CASE WHEN hypersensitivity AND {silent_on_hypersensitivity} THEN {assess} ELSE 0 END) AS patient_rank,
    {open_infection} AS infection_open_rows,
    {open_infection_rank} AS infection_open_rank,
    infection
  FROM together
),
-- The infection of the patient. Mirrors assessment.patient.infection_votes and assessment.events.judge_episode.
infected AS MATERIALIZED (
  SELECT patient.dose_row,
    CASE WHEN {acts} AND patient.infection IN ({active}) AND infections.rank IS NULL THEN 'the infection of the patient' END
      AS infection_left,
    CASE WHEN {acts} AND patient.infection IS NULL THEN {needs_data} WHEN {acts} THEN infections.rank END AS rank,
    CASE WHEN {acts} AND patient.infection IS NULL THEN ['guard/infection'] WHEN {acts} THEN infections.rows ELSE {none} END AS rows
  FROM patient
  JOIN planned ON planned.dose_row = patient.dose_row
  LEFT JOIN infections ON patient.infection IN ({active}) AND infections.number = planned.number AND infections.role = planned.role
)"""
_NONE: Final = "CAST([] AS VARCHAR[])"


def patient(book: Rulebook) -> Iterator[str]:
    """The tables and steps of the patient."""
    names = [f"c{place}" for place in range(len(ELIGIBILITY))]
    for name, question in zip(names, ELIGIBILITY, strict=True):
        yield relation(name, _COLUMNS, _criterion(book, question))
    yield relation("infections", _INFECTIONS, _infections(book) if acts_on_infection(book) else ())
    facts = [question.axes[-1].fact for question in ELIGIBILITY]
    concerns = [(name, _CONCERN.get(fact, "TRUE"), _UNKNOWN.get(fact, "FALSE")) for name, fact in zip(names, facts, strict=True)]
    infection = names[ELIGIBILITY.index(BY_INFECTION)]
    yield _PATIENT.format(
        oldest=OLDEST,
        diagnoses=_words(Diagnosis),
        infections=_words(Infection),
        active=_words(sorted(ActiveInfection)),
        of_concern=",\n".join(f"    {test} AS {name}_concerns, {unknown} AS {name}_unknown" for name, test, unknown in concerns),
        criteria=",\n".join(_listed(names)),
        joins="\n".join(_join(name, question, book) for name, question in zip(names, ELIGIBILITY, strict=True)),
        leasts=", ".join(f"{name}_least" for name in names),
        mosts=", ".join(f"{name}_most" for name in names),
        silent=_SILENT,
        verdict_least=_verdict("least"),
        verdict_most=_verdict("most"),
        reasons=", ".join(_reasons(names)),
        open_patient=", ".join(_open(name) for name in names if name != infection),
        open_ranks=", ".join(_open_rank(name) for name in names if name != infection),
        open_infection=_open(infection),
        open_infection_rank=_open_rank(infection),
        assess=Verdict.NEEDS_ASSESSMENT.rank,
        silent_on_hypersensitivity=f"{names[ELIGIBILITY.index(BY_HYPERSENSITIVITY)]}_silent",
        none=_NONE,
        acts="TRUE" if acts_on_infection(book) else "FALSE",
        needs_data=Verdict.NEEDS_DATA.rank,
    )


_CONCERN: Final = {
    "infection": "COALESCE(infection <> 'none', TRUE)",
    "pregnant": "COALESCE(pregnant, TRUE) AND COALESCE(childbearing_potential, TRUE)",
    "breastfeeding": "COALESCE(reported_breastfeeding, TRUE) AND "
    "(COALESCE(childbearing_potential, TRUE) OR COALESCE(reported_breastfeeding, FALSE))",
    "hypersensitivity": "COALESCE(hypersensitivity, FALSE)",
}
"""When a criterion that a book leaves open concerns a patient. Mirrors assessment.patient._open_criteria."""


_UNKNOWN: Final = {
    "infection": "infection IS NULL",
    "pregnant": "pregnant IS NULL",
    "breastfeeding": "reported_breastfeeding IS NULL",
}
"""When it is not known whether such a criterion concerns a patient. Mirrors assessment.patient._FREES_IF_ABSENT."""


def _words(words: Any) -> str:  # noqa: ANN401  # an enumeration, or some of its members
    return ", ".join(quoted(str(word)) for word in words)


def _criterion(book: Rulebook, question: Question[Eligibility]) -> Iterator[tuple[object, ...]]:
    """The answer to a criterion for each code of its facts; one code more for a fact that is not known."""
    table = book[question]
    for codes in product(*(range(len(axis) + (len(axis) > 1)) for axis in table.axes)):
        facts = tuple(
            [axis.sample(code) if code < len(axis) and len(axis) > 1 else None for axis, code in zip(table.axes, codes, strict=True)]
        )
        try:
            answer = table.worked_out(facts)
        except ContradictionError:
            continue
        ranks = [_SILENT if value is None else value.rank for value in answer.possible]
        unsettled = tuple(dict.fromkeys(reason.row for reason in unsettled_of(answer)))
        *other, code = codes
        yield code, *(other or [0]), min(ranks), max(ranks), reasons_of(answer), unsettled, isinstance(answer, NotCovered)


def _join(name: str, question: Question[Eligibility], book: Rulebook) -> str:
    """The row of a criterion by the codes of its facts. The fact after which it is named comes last."""
    codes = [code_of(axis, f"patients.{axis.fact}") for axis in book[question].axes]
    other = codes[0] if len(codes) > 1 else "0"
    return f"  LEFT JOIN {name} ON {name}.code = {codes[-1]} AND {name}.other = {other}"


def _listed(names: list[str]) -> Iterator[str]:
    for name in names:
        yield f"    {name}.least AS {name}_least, {name}.most AS {name}_most, {name}.rows AS {name}_rows"
        yield f"    {name}.unsettled AS {name}_unsettled, {name}.silent AS {name}_silent"


def _verdict(rank: str) -> str:
    """What an answer means for the dose. Mirrors assessment.patient._BY_ELIGIBILITY."""
    known = {Eligibility.ELIGIBLE: Verdict.PROCEED, Eligibility.EXCLUDED: Verdict.EXCLUDED}
    tests = " ".join(f"WHEN {answer.rank} THEN {verdict.rank}" for answer, verdict in known.items())
    return f"CASE {rank} {tests} ELSE {Verdict.NEEDS_ASSESSMENT.rank} END"


def _reasons(names: list[str]) -> Iterator[str]:
    """The rows of each criterion that decides, or that can still change the answer; and those that are not settled.

    Mirrors core.decisions: _settled, _floor, _can_change and with_unsettled.
    """
    for name in names:
        decides = f"{name}_least = {name}_most AND {name}_least = least"
        changes = f"{name}_most > {name}_least AND {name}_most > least"
        yield f"CASE WHEN (({decides}) AND (least = most OR least > 0)) OR (least < most AND {changes}) THEN {name}_rows ELSE {_NONE} END"
        yield f"{name}_unsettled"


def _open(name: str) -> str:
    return f"CASE WHEN {name}_concerns THEN {name}_unsettled ELSE {_NONE} END"


def _open_rank(name: str) -> str:
    """The vote of a criterion that a book leaves open; 0 if it does not concern the patient."""
    open_ = f"CASE WHEN {name}_unknown THEN {Verdict.NEEDS_DATA.rank} ELSE {Verdict.NEEDS_ASSESSMENT.rank} END"
    return f"CASE WHEN {name}_concerns AND len({name}_unsettled) > 0 THEN {open_} ELSE 0 END"


# --- an infection ---

_INFECTIONS: Final = {"number": "INTEGER", "role": "VARCHAR", "rank": "INTEGER", "rows": "VARCHAR[]"}


def acts_on_infection(book: Rulebook) -> bool:
    """Whether the book acts on an infection, as `Chart.acts_on_infection` has it."""
    table = book[TOXICITY_ACTION[Toxicity.INFECTION]]
    return table.silent < table.cells


_ANY_DAY: Final = date(2000, 1, 1)
"""No answer depends on it."""


def _infections(book: Rulebook) -> Iterator[tuple[object, ...]]:
    """The vote on an ongoing infection without a grade and an onset, for each dose of a regular course and each role that it may have.

    It depends on nothing else. The library is asked for it, because such an infection may have any grade and may have begun before any
    dose.
    """
    given = [GivenDose(point, _ANY_DAY + timedelta(days=days), amount) for point, days, amount in regular_doses(POINTS, book)]
    event = ToxicityEvent(Toxicity.INFECTION, status=EventStatus.ACTIVE)
    episode = read(event, book, Fact("patient", field="infection"))
    votes: dict[object, Vote] = {}
    for number, role in product(range(1, POINTS + 1), Role):
        course = Course(tuple(given[: number - 1]))
        seen = _seen(book, course, number)
        if (seen, role) not in votes:
            (votes[seen, role],) = judge_episode(episode, Planned(number, role, None, course, (), book, lacks=())).votes
        vote = votes[seen, role]
        yield number, str(role), vote.verdict.rank, tuple(dict.fromkeys(reason.row for reason in vote.reasons))


def _seen(book: Rulebook, course: Course, number: int) -> object:
    """What the table can tell apart of a planned dose and of the doses before it, after which the infection may have begun."""
    table = book[TOXICITY_ACTION[Toxicity.INFECTION]]
    axes = dict(zip(table.question.axes, table.axes, strict=True))
    roles = roles_by_dose(amounts_given(course), book)
    began = frozenset((axes[BEGAN_BEFORE].code(dose.point.number), possible) for dose, possible in zip(course.doses, roles, strict=True))
    return axes[POINT].code(number), axes[BEGAN_BEFORE].code(number), began
