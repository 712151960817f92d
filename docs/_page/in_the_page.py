"""What the page asks of Python: a case in, an assessment and a plan out, as text that `json` has written.

It is part of the archive that a browser loads, and the tests run it in CPython too. It decides nothing: every word comes from the library.
"""

from __future__ import annotations

import ast
import io
import json
import sys
import traceback
from contextlib import redirect_stdout
from typing import Any

from tarlatamab_rules import Case, TarlatamabRulesError, assess_case, read_case
from tarlatamab_rules.assessment import DISCLAIMER, DoseAssessment
from tarlatamab_rules.assessment.screen import Screen, screen
from tarlatamab_rules.assessment.words import fact_in_words
from tarlatamab_rules.core.errors import DocumentError
from tarlatamab_rules.formats.assessments import assessment_document
from tarlatamab_rules.inputs.course import DosePoint
from tarlatamab_rules.views.html import as_html
from tarlatamab_rules.views.screens import screen_lines

__all__ = ["assess", "document", "plan", "read", "run", "warm"]


def warm(rulebook: str) -> str:
    """Compiles the tables of a book, so that the first verdict comes at once."""
    return assess(f'{{"point": "{DosePoint.at(1)}"}}', rulebook)


def read(text: str) -> str:
    """Whether a case can be read: its document, or its faults. The text is read, so a key that occurs twice is a fault."""
    return _answer(lambda: {"document": json.loads(text)} if _case(text) else {})


def assess(text: str, rulebook: str) -> str:
    """The assessment of a case: the verdict, the report as the command line prints it and as HTML, and the missing facts."""
    return _answer(lambda: _assessed(text, rulebook))


def document(text: str, rulebook: str) -> str:
    """The assessment of a case as JSON, for a file. It takes longer than all of `assess`, and few readers ask for it."""
    return _answer(lambda: {"document": _document(assess_case(_case(text), rulebook=rulebook))})


def _case(text: str) -> Case:
    """A case from its text. In a browser, time zones are a package of their own, which is loaded when the first case names one."""
    if sys.platform == "emscripten" and "site_zone" in text:
        import tzdata  # noqa: F401, PLC0415  # if it is not there, the page loads it, and tries again

    return read_case(text)


def _assessed(text: str, rulebook: str) -> dict[str, Any]:
    case = _case(text)
    assessment = assess_case(case, rulebook=rulebook)
    first = screen(assessment)
    return {
        "verdict": str(assessment.verdict),
        "rulebook": assessment.rulebook,
        "report": "\n".join(line for _, line in screen_lines(first)),
        "html": as_html(assessment),
        "missing": [{"path": path, "says": fact_in_words(fact, case)} for path, fact in _missing(assessment, first).items()],
    }


def _document(assessment: DoseAssessment) -> str:
    return json.dumps(assessment_document(assessment), indent=2, ensure_ascii=False)


def _missing(assessment: DoseAssessment, first: Screen) -> dict[str, str]:
    """The missing facts by their path: those that keep the verdict open, then the others that the report lists as missing."""
    listed = [fact for block in first.blocks if block.title == "MISSING" for line in block.lines for fact in line.facts]
    return {str(fact): fact for fact in (*assessment.missing, *listed)}


def plan(text: str, rulebook: str) -> str:
    """The course that follows from a case: the plan as the command line prints it, and its timeline as SVG."""
    return _answer(lambda: _planned(text, rulebook))


def _planned(text: str, rulebook: str) -> dict[str, Any]:
    from tarlatamab_rules.course.cases import plan_case  # noqa: PLC0415  # the first verdict need not wait for what only a plan uses
    from tarlatamab_rules.course.pictures import timeline  # noqa: PLC0415  # as above

    planned = plan_case(_case(text), rulebook=rulebook)
    drawing = timeline(planned)
    return {"report": f"{planned}\n\n{DISCLAIMER}", "svg": drawing.svg, "title": drawing.title}


def _answer(build: Any) -> str:
    """What was built, or every fault, with the path and the fix."""
    try:
        found = build()
    except DocumentError as error:
        found = {"faults": [str(fault) for fault in error.exceptions]}
    except TarlatamabRulesError as error:
        found = {"faults": [str(error)]}
    return json.dumps(found, ensure_ascii=False)


_CONSOLES: dict[str, dict[str, Any]] = {}


def run(source: str, console: str) -> str:
    """Runs lines of Python, and gives what they print. The value of a last line that is an expression is shown as a notebook shows it.

    Cells of one *console* share their names.
    """
    names = _CONSOLES.setdefault(console, {"__name__": "__main__"})
    printed, failed = io.StringIO(), False
    try:
        with redirect_stdout(printed):
            shown = _run(source, names)
            html = _html(shown)
            if shown is not None and html is None:
                print(repr(shown))
    except ModuleNotFoundError:
        raise  # the page loads what it has, and tries again
    except BaseException as error:  # noqa: BLE001  # a reader's code may raise anything, and the page goes on
        html, failed = None, True
        lines = traceback.format_exception(error)
        printed.write("".join([lines[0], *(line for line in lines[1:] if f"{__name__}.py" not in line)]))
    return json.dumps({"printed": printed.getvalue(), "html": html, "failed": failed}, ensure_ascii=False)


def _run(source: str, names: dict[str, Any]) -> object:
    """Runs the lines; the value of the last one if it is an expression."""
    tree = ast.parse(source, "<cell>")
    last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
    exec(compile(tree, "<cell>", "exec"), names)  # noqa: S102  # the reader's own code, in the reader's own browser
    return None if last is None else eval(compile(ast.Expression(last.value), "<cell>", "eval"), names)  # noqa: S307  # as above


def _html(value: object) -> str | None:
    """A value as HTML or SVG, if it has such a form."""
    for name in ("_repr_html_", "_repr_svg_"):
        if callable(form := getattr(type(value), name, None)) and (text := form(value)) is not None:
            return str(text)
    return None
