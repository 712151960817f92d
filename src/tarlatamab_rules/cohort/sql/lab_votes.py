"""The votes of laboratory results, in SQL: what a book does about each grade that a result may have, and what that means for the dose."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import product
from typing import TYPE_CHECKING, Final

from tarlatamab_rules.assessment.lab_episodes import is_tracked
from tarlatamab_rules.cohort.sql.course import POINTS
from tarlatamab_rules.cohort.sql.events import BEGAN, answers_about, clocks, rank_of
from tarlatamab_rules.cohort.sql.text import action_cell, code_of, quoted, relation
from tarlatamab_rules.core.decisions import NotCovered, Verdict
from tarlatamab_rules.inputs.analytes import Analyte
from tarlatamab_rules.inputs.events import grades_of
from tarlatamab_rules.inputs.vocabulary import Grade, Toxicity
from tarlatamab_rules.rulebooks.facts import POINT, ROLE
from tarlatamab_rules.rulebooks.questions import DRUG_INDUCED_LIVER_INJURY, LAB_TOXICITY, OTHER_RESULT, TOXICITY_ACTION
from tarlatamab_rules.rules.toxicity import acts, at_its_worst
from tarlatamab_rules.values.vocabulary import Role

if TYPE_CHECKING:
    from tarlatamab_rules.rulebooks._book import Rulebook

__all__ = ["lab_votes"]

_VOTES: Final = """\
-- What the book does about each grade that a result may have. A low count on which the book acts is an episode that began with the sample,
-- judged as on that day (assessment.lab_episodes). Every other grade stands by itself (assessment.labs._alone).
possible AS MATERIALIZED (
  SELECT graded.dose_row, graded.analyte, graded.number, graded.role, of_grade.grade
  FROM graded CROSS JOIN UNNEST(graded.grades) AS of_grade(grade)
  WHERE graded_left IS NULL
),
acted AS MATERIALIZED (
  SELECT possible.dose_row, possible.analyte, possible.grade, action.tracked, action.answer, action.unsettled, action.rows
  FROM possible
  LEFT JOIN lab_actions AS action ON action.analyte = possible.analyte AND action.grade = possible.grade
    AND action.number = CASE WHEN possible.analyte IN ({by_dose}) THEN possible.number ELSE 0 END
    AND action.role = CASE WHEN possible.analyte IN ({by_dose}) THEN possible.role ELSE '' END
),
-- Mirrors assessment.votes: verdicts_of, and guards_of or the guard of assessment.labs._alone.
by_grade AS MATERIALIZED (
  SELECT dose_row, analyte, grade, rank,
    list_concat(rows, CASE WHEN tracked AND unsettled THEN ['guard/unsettled']
      WHEN tracked AND answer = 'silent' AND grade >= {severe} THEN ['guard/severe']
      WHEN NOT tracked AND rank = {assess} THEN [CASE WHEN grade >= {severe} THEN 'guard/severe' ELSE 'guard/unsettled' END]
      ELSE {none} END) AS rows
  FROM (
    SELECT *, {rank} AS rank FROM acted
  ) AS ranked
),
by_result AS MATERIALIZED (
  SELECT graded.dose_row, graded.analyte, min(rank) AS least, max(rank) AS most, count(*) > count(rank) AS lacks,
    min(rank) FILTER (WHERE list_contains(graded.normal_grades, by_grade.grade)) AS as_normal,
    flatten(list(by_grade.rows)) AS rows
  FROM graded JOIN by_grade ON by_grade.dose_row = graded.dose_row AND by_grade.analyte = graded.analyte
  GROUP BY graded.dose_row, graded.analyte
),
-- Mirrors assessment.labs: _result, _open_vote, _vote_as_normal and _judged. An open grade is resolved over every grade that is possible.
lab_votes AS MATERIALIZED (
  SELECT graded.dose_row, graded.analyte,
    CASE
      WHEN graded_left IS NOT NULL THEN graded_left
      WHEN kind <> 'silent' AND (least IS NULL OR lacks) THEN 'the action depends on a fact that is not known'
    END AS lab_left,
    CASE kind
      WHEN 'decided' THEN least
      WHEN 'silent' THEN {assess}
      ELSE CASE
        WHEN no_limit AND as_normal >= {assess} AND least_possible < {assess} THEN {assess}
        WHEN NOT no_limit AND as_normal >= {withhold} AND least_possible < {withhold} THEN as_normal
        WHEN waits THEN NULL
        ELSE least_possible END
    END AS rank,
    CASE kind
      WHEN 'decided' THEN list_concat(grade_rows, rows)
      WHEN 'silent' THEN list_concat(grade_rows, ['guard/not-graded'])
      ELSE CASE
        WHEN no_limit AND as_normal >= {assess} AND least_possible < {assess} THEN list_concat(['guard/any-limit'], grade_rows)
        WHEN NOT no_limit AND as_normal >= {withhold} AND least_possible < {withhold} THEN list_concat(['guard/baseline'], grade_rows)
        WHEN waits THEN {none}
        WHEN least < most THEN ['guard/open-grade']
        ELSE list_concat(grade_rows, rows) END
    END AS rows
  FROM (
    SELECT graded.*, by_result.least, by_result.most, by_result.lacks, by_result.as_normal, by_result.rows,
      CASE WHEN least = most THEN least ELSE greatest({needs_data}, least) END AS least_possible,
      graded.required IS NULL AND least < most AND greatest({needs_data}, least) = {needs_data}
        AND NOT ((COALESCE(is_below, FALSE) OR COALESCE(is_above, FALSE)
            OR greatest(list_min(graded.grades), COALESCE(list_min(normal_grades), {no_grade})) > {no_grade})
          AND (greatest(mildest, COALESCE(list_min(normal_grades), {no_grade})) >= {severe}
            OR (no_limit AND graded.analyte IN ({of_toxicities})))) AS waits
    FROM graded
    LEFT JOIN by_result ON by_result.dose_row = graded.dose_row AND by_result.analyte = graded.analyte
  ) AS graded
  UNION ALL
  -- A required result that is missing. Mirrors assessment.labs._of_analyte.
  SELECT planned.dose_row, needs.analyte, NULL, {needs_data}, ['guard/labs']
  FROM planned JOIN needs ON needs.number = planned.number
  WHERE NOT EXISTS (SELECT 1 FROM results WHERE results.dose_row = planned.dose_row AND results.analyte = needs.analyte)
),
-- Aminotransferases and bilirubin that may be raised together: left to the library, unless the book says nothing about them.
-- Mirrors assessment.lab_liver._judged_pairs.
liver AS MATERIALIZED (
  SELECT DISTINCT enzyme.dose_row
  FROM counting AS enzyme
  JOIN counting AS bilirubin ON bilirubin.dose_row = enzyme.dose_row AND bilirubin.analyte = {bilirubin}
  LEFT JOIN unpaired ON unpaired.enzyme = {enzyme_code} AND unpaired.bilirubin = {bilirubin_code}
  WHERE {pairs} AND enzyme.analyte IN ({enzymes}) AND enzyme.is_above IS NOT FALSE AND bilirubin.is_above IS NOT FALSE
    AND unpaired.enzyme IS NULL
),
-- Missing results of which the book leaves open whether they are required. Mirrors assessment.labs._left_open.
left_open AS MATERIALIZED (
  SELECT planned.dose_row, flatten(list(open_needs.rows)) AS rows
  FROM planned JOIN open_needs ON open_needs.number = planned.number
  WHERE NOT EXISTS (SELECT 1 FROM results WHERE results.dose_row = planned.dose_row AND results.analyte = open_needs.analyte)
  GROUP BY planned.dose_row
),
lab_parts AS MATERIALIZED (
  SELECT dose_row, string_agg(DISTINCT analyte || ': ' || lab_left, '; ') AS labs_left,
{parts}
  FROM lab_votes GROUP BY dose_row
)"""


def lab_votes(book: Rulebook) -> Iterator[str]:
    """The tables and steps from the grades of results to their votes."""
    yield relation("lab_actions", _ACTIONS, [row for analyte in Analyte for row in _actions(book, analyte)])
    liver = book[DRUG_INDUCED_LIVER_INJURY]
    yield relation("unpaired", {"enzyme": "INTEGER", "bilirubin": "INTEGER"}, _unpaired(book))
    yield _VOTES.format(
        by_dose=", ".join(map(quoted, [analyte for analyte in Analyte if _by_dose(book, analyte)])) or "''",
        rank=rank_of("acted", "acted.grade"),
        severe=int(Grade.SEVERE),
        no_grade=int(Grade.NONE),
        assess=Verdict.NEEDS_ASSESSMENT.rank,
        withhold=Verdict.WITHHOLD.rank,
        needs_data=Verdict.NEEDS_DATA.rank,
        none="CAST([] AS VARCHAR[])",
        of_toxicities=", ".join(map(quoted, LAB_TOXICITY)),
        bilirubin=quoted(Analyte.BILIRUBIN),
        enzymes=f"{quoted(Analyte.ALT)}, {quoted(Analyte.AST)}",
        enzyme_code=code_of(liver.axes[0], "enzyme.times"),
        bilirubin_code=code_of(liver.axes[1], "bilirubin.times"),
        pairs="TRUE" if DRUG_INDUCED_LIVER_INJURY in book.rows else "FALSE",
        parts=",\n".join(_part(analyte) for analyte in Analyte),
    )


def _part(analyte: Analyte) -> str:
    of = f"FILTER (WHERE analyte = {quoted(analyte)})"
    return f'    max(rank) {of} AS "labs.{analyte}", any_value(rows) {of} AS "labs.{analyte}.rows"'


# --- what a book does about a grade ---

_ACTIONS: Final = {
    "analyte": "VARCHAR",
    "grade": "INTEGER",
    "number": "INTEGER",
    "role": "VARCHAR",
    "tracked": "BOOLEAN",
    "answer": "VARCHAR",
    "unsettled": "BOOLEAN",
    "rows": "VARCHAR[]",
}


def _toxicity(analyte: Analyte) -> Toxicity:
    return LAB_TOXICITY.get(analyte, Toxicity.OTHER)


def _by_dose(book: Rulebook, analyte: Analyte) -> bool:
    """Whether the actions depend on the planned dose."""
    return bool(book[TOXICITY_ACTION[_toxicity(analyte)]].asks & {POINT, ROLE})


def _actions(book: Rulebook, analyte: Analyte) -> Iterator[tuple[object, ...]]:
    """What the book does about each grade of a result; for each dose, if that matters."""
    doses: Iterable[tuple[int, str]] = product(range(1, POINTS + 1), map(str, Role)) if _by_dose(book, analyte) else [(0, "")]
    for (number, role), grade in product(doses, sorted(grades_of(_toxicity(analyte)))):
        known = (number, Role(role)) if number else (None, None)
        yield str(analyte), int(grade), number, role, *_action(book, analyte, grade, *known)


def _action(book: Rulebook, analyte: Analyte, grade: Grade, number: int | None, role: Role | None) -> tuple[object, ...]:
    toxicity, beyond = _toxicity(analyte), (False, "open", False, ())
    if analyte in LAB_TOXICITY and is_tracked(toxicity, book) and acts(grade, toxicity, book):
        action = at_its_worst(book, toxicity, grade)
        recovers_at = None if action is None or action.resume_when is None else action.resume_when.at_most
        if book[TOXICITY_ACTION[toxicity]].asks & BEGAN or (recovers_at is not None and grade <= recovers_at):
            return beyond
        days = 0 if dict(clocks(book, toxicity)).get(int(grade)) is not None else None
        return True, *answers_about(book, toxicity, grade=grade, now=grade, days=days, held=0, number=number, role=role)
    if analyte not in LAB_TOXICITY and grade >= Grade.SEVERE:
        cell = action_cell(book[OTHER_RESULT](analyte))
        return False, cell.answer, cell.unsettled, cell.rows
    return False, *answers_about(book, toxicity, grade=grade, now=grade, days=0, held=0, number=number, role=role)


def _unpaired(book: Rulebook) -> Iterator[tuple[int, int]]:
    """The multiples of the upper limits, as codes, about which the book says nothing, whatever else is known."""
    table = book[DRUG_INDUCED_LIVER_INJURY]
    enzymes, bilirubins = table.axes[:2]

    def sample(axis: object, code: int) -> object:
        return axis.sample(code) if len(axis) > 1 and code < len(axis) else None  # type: ignore[arg-type, attr-defined]  # an axis

    for codes in product(*(range(len(axis) + (len(axis) > 1)) for axis in (enzymes, bilirubins))):
        known = [sample(axis, code) for axis, code in zip((enzymes, bilirubins), codes, strict=True)]
        if isinstance(table.worked_out((*known, None, None, None)), NotCovered):
            yield codes[0], codes[1]
