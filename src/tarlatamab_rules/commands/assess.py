"""The command ``assess``: may this dose be given?"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from tarlatamab_rules.assessment import DISCLAIMER, assess_case
from tarlatamab_rules.assessment.screen.blocks import is_of_scale
from tarlatamab_rules.assessment.words import fact_in_words
from tarlatamab_rules.commands.options import CASE, case_of, chosen, takes_options
from tarlatamab_rules.core.decisions import Verdict
from tarlatamab_rules.core.errors import DocumentError, FieldError
from tarlatamab_rules.core.printing import failed, named_file, output, print_text, refuse, title_of
from tarlatamab_rules.formats.assessments import assessment_document
from tarlatamab_rules.rulebooks._registry import resolve
from tarlatamab_rules.rules.labs import lab_age

if TYPE_CHECKING:
    import argparse

    from tarlatamab_rules.assessment import DoseAssessment
    from tarlatamab_rules.inputs.case import Case
    from tarlatamab_rules.rulebooks._book import Rulebook

__all__ = ["add_to", "run"]

_ABOUT = (
    "Assesses the planned dose of one case, or of several, with one line for each. The verdict is proceed, needs-data, needs-assessment, "
    "withhold, excluded or discontinue."
)
_MOST_MISSING = 3
"""How many missing facts are printed in the line of one of several cases; the rest is counted."""


def add_to(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Adds the command."""
    assess = commands.add_parser("assess", help="may this dose be given?", description=_ABOUT)
    assess.add_argument("file", metavar="CASE.json", nargs="+", help=f"{CASE}; of several cases each has one line")
    takes_options(assess)
    assess.add_argument("--full", action="store_true", help="print every answer with its reasons, not one screen; of one case")
    form = assess.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="print the assessment as JSON; of several cases each on a line")
    form.add_argument("--html", action="store_true", help="print the assessment as a page of HTML")
    form.add_argument("--markdown", action="store_true", help="print the assessment as Markdown")
    form.add_argument("--record", action="store_true", help="print a record for an audit, as JSON")


def run(options: argparse.Namespace) -> int:
    """Runs the command."""
    files, book = options.file, chosen(options)
    if len(files) > 1:
        return _assess_several(files, book, options)
    (options.file,) = files
    assessment = assess_case(case_of(options.file), max_lab_age=options.max_lab_age, rulebook=book)
    if options.json:
        return print_text(json.dumps(assessment_document(assessment), indent=2, ensure_ascii=False))
    if options.record:
        from tarlatamab_rules.formats.records import audit_record  # noqa: PLC0415  # of all commands only this one needs it

        return print_text(json.dumps(audit_record(assessment, rulebook=book), indent=2, ensure_ascii=False))
    if options.html:
        from tarlatamab_rules.views.html import html_page  # noqa: PLC0415  # as above

        return print_text(html_page(assessment, f"{assessment.case.point}: {assessment.verdict}", full=options.full))
    if options.markdown:
        from tarlatamab_rules.views.markdown import as_markdown  # noqa: PLC0415  # as above

        return print_text(as_markdown(assessment, full=options.full).rstrip())
    return _show(assessment, full=options.full)


def _assess_several(files: Sequence[str], book: Rulebook | None, options: argparse.Namespace) -> int:
    """One line for each case. A case that cannot be read has its faults, and the others are still assessed."""
    if options.full or options.html or options.markdown or options.record:
        return refuse(["of several cases there is one line each: leave --full, --html, --markdown and --record out, or pass one case"])
    resolve(book)  # a rulebook that is not known is one fault, not one of each case
    lab_age(options.max_lab_age, "max_lab_age")
    status, lines = 0, []
    for file in files:
        case = _read(file)
        if isinstance(case, list):
            status = refuse(case, title_of(file, case))
            lines.append(_as_json(file, {"faults": case}) if options.json else f"{named_file(file)}: no answer: {case[0]}")
        else:
            assessment = assess_case(case, max_lab_age=options.max_lab_age, rulebook=book)
            lines.append(
                _as_json(file, assessment_document(assessment)) if options.json else f"{named_file(file)}: {_in_a_line(assessment)}"
            )
    print_text("\n".join(lines if options.json else [*lines, "", DISCLAIMER]))
    return status


def _read(file: str) -> Case | list[str]:
    """A case, or the faults for which it cannot be read."""
    try:
        return case_of(file)
    except DocumentError as error:
        return [str(fault) for fault in error.exceptions]
    except FieldError as error:
        return [str(error)]
    except OSError as error:
        return [failed(error)]


def _as_json(file: str, document: Mapping[str, Any]) -> str:
    return json.dumps({"file": file, **document}, ensure_ascii=False)


def _in_a_line(assessment: DoseAssessment) -> str:
    """The verdict, the dose and the main reason."""
    verdict = assessment.verdict
    if verdict is Verdict.PROCEED:
        why = "no source gives a reason to withhold it"
    elif verdict is Verdict.NEEDS_DATA:
        first, more = assessment.missing[:_MOST_MISSING], len(assessment.missing) - _MOST_MISSING
        words = [fact_in_words(fact, assessment.case) for fact in first]
        why = f"missing: {', '.join(words)}{f' and {more} more' if more > 0 else ''}"
    else:
        reason = next((reason for reason in assessment.reasons if not is_of_scale(reason)), assessment.reasons[0])
        why = f"{reason.says} [{reason.row}]"
    return f"{verdict}, {assessment.case.point}: {why}"


def _show(assessment: DoseAssessment, *, full: bool) -> int:
    """Prints an assessment: in colour on a terminal if rich is installed, else as plain text."""
    if output().isatty() and find_spec("rich") is not None:
        from rich.console import Console  # noqa: PLC0415  # an extra

        from tarlatamab_rules.views.terminal import renderable  # noqa: PLC0415  # needs the extra

        Console().print(renderable(assessment, full=full))
        return 0
    from tarlatamab_rules.views.text import as_text  # noqa: PLC0415  # --json does without it

    return print_text(as_text(assessment, full=full))
