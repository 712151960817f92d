"""The command line: ``tarlatamab-rules assess CASE.json``, ``compare``, ``explore``, ``plan``, ``diff``, ``replay``, ``rulebooks``.

``python -m tarlatamab_rules`` is the same command.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import date, datetime, time
from errno import EBADF
from importlib.metadata import version
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, Final, TextIO, TypeVar

from tarlatamab_rules import rulebooks
from tarlatamab_rules.assessment import DISCLAIMER, assess_case
from tarlatamab_rules.assessment.screen.blocks import is_of_scale
from tarlatamab_rules.assessment.words import fact_in_words
from tarlatamab_rules.core.decisions import Verdict
from tarlatamab_rules.core.errors import DocumentError, FieldError, TarlatamabRulesError, UnknownRulebookError, shown
from tarlatamab_rules.formats.assessments import assessment_document
from tarlatamab_rules.formats.cases import LARGEST, read_case, read_case_file
from tarlatamab_rules.rulebooks._registry import resolve
from tarlatamab_rules.rules.labs import lab_age

if TYPE_CHECKING:
    from tarlatamab_rules.assessment import DoseAssessment
    from tarlatamab_rules.course.plan import CoursePlan
    from tarlatamab_rules.inputs.case import Case
    from tarlatamab_rules.rulebooks._book import Rulebook

T = TypeVar("T")
_PROGRAM = "tarlatamab-rules"
_STATUS = (
    "exit status: 0, there is an answer, whatever it is; 1, replay alone: some answers changed; 2, no answer, or none to one of several "
    "cases: a file, an option or a rulebook cannot be read; 3, no answer: an error in the library itself."
)
_ABOUT = (
    "Assesses the planned dose of one case, or of several, with one line for each. The verdict is proceed, needs-data, needs-assessment, "
    "withhold, excluded or discontinue."
)
_ABOUT_BOOKS = (
    "Prints every statement of a rulebook with the rows that encode it, the functions that read them, and the hand-written cases and tests."
)
_ABOUT_COMPARE = (
    "Asks several rulebooks about one case, and prints every answer; what all say alike is printed once. Without --rulebook: the default "
    "stack, and its books one by one."
)
_ABOUT_DIFF = "Prints every combination of facts for which two rulebooks answer differently, in words, by question."
_ABOUT_EXPLORE = "Prints which missing fact settles most, and which changes of single facts would give another verdict."
_ABOUT_PLAN = (
    "Plans the course that follows from a case: every dose on its day, with what goes before, with and after it. A plan is no clearance: "
    "assess each dose on its day. Files are written whole or not at all."
)
_ABOUT_REPLAY = "Asks a record of assess --record again, and prints what changed."
_STACKS = (
    "a rulebook; a stack as 'NAME over NAME'; or a policy of your own as MODULE:NAME, whose module is imported from the current folder or "
    "the path of Python, which runs its code"
)
_CASE = "the case, a JSON file; - reads the standard input"
_MOST_MISSING = 3
"""How many missing facts are printed in the line of one of several cases; the rest is counted."""
_LONGEST = 500
"""How many characters of an unexpected error are printed."""
_SHOWN = 25
"""How many faults of a document are printed; the rest is counted."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command line. Exit 0 with an answer, 1 if a record gives other answers, 2 on bad input, 3 on an error of the library."""
    try:
        return _run(arguments)
    except Exception as error:  # noqa: BLE001  # whatever it is, it must not look like an answer
        what = " ".join(f"{type(error).__name__}: {error}".split())[:_LONGEST]
        _report(f"There is no answer, because of an error in the library itself: {what}; please report it")
        return 3


def _run(arguments: Sequence[str] | None) -> int:
    parser = _parser()
    options = parser.parse_args(arguments)
    try:
        if options.version:
            return _print(version("tarlatamab-rules"))
        if options.command is None:
            parser.error("say what to do: assess CASE.json, compare, explore, diff, plan, replay, or rulebooks")
        return _COMMANDS[options.command](options)
    except DocumentError as error:
        faults = [str(fault) for fault in error.exceptions]
        return _refuse(faults, _title(options.file, faults))
    except TarlatamabRulesError as error:
        return _refuse([str(error)])
    except OSError as error:
        return _refuse([_failed(error)])


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog=_PROGRAM, description="The rules for giving tarlatamab, with their sources.", epilog=_STATUS)
    parser.add_argument("--version", action="store_true", help="print the version")
    commands = parser.add_subparsers(dest="command")
    assess = commands.add_parser("assess", help="may this dose be given?", description=_ABOUT, epilog=_STATUS)
    assess.add_argument("file", metavar="CASE.json", nargs="+", help=f"{_CASE}; of several cases each has one line")
    _takes_options(assess)
    assess.add_argument("--full", action="store_true", help="print every answer with its reasons, not one screen; of one case")
    form = assess.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="print the assessment as JSON; of several cases each on a line")
    form.add_argument("--html", action="store_true", help="print the assessment as a page of HTML")
    form.add_argument("--markdown", action="store_true", help="print the assessment as Markdown")
    form.add_argument("--record", action="store_true", help="print a record for an audit, as JSON")
    compared = commands.add_parser("compare", help="what do several rulebooks say of one case?", description=_ABOUT_COMPARE, epilog=_STATUS)
    compared.add_argument("file", metavar="CASE.json", help=_CASE)
    compared.add_argument("--rulebook", metavar="NAME", action="append", help=f"{_STACKS}; may be repeated")
    explored = commands.add_parser(
        "explore", help="what to ask next, and what would change the verdict?", description=_ABOUT_EXPLORE, epilog=_STATUS
    )
    explored.add_argument("file", metavar="CASE.json", help=_CASE)
    _takes_options(explored)
    differing = commands.add_parser("diff", help="where do two rulebooks differ?", description=_ABOUT_DIFF, epilog=_STATUS)
    differing.add_argument("one", metavar="ONE", help=_STACKS)
    differing.add_argument("other", metavar="OTHER", help=_STACKS)
    _takes_plan(commands.add_parser("plan", help="when is each dose, and what goes with it?", description=_ABOUT_PLAN, epilog=_STATUS))
    again = commands.add_parser("replay", help="does a record still give the same answers?", description=_ABOUT_REPLAY, epilog=_STATUS)
    again.add_argument("file", metavar="RECORD.json", help="what assess --record printed")
    again.add_argument("--rulebook", metavar="MODULE:NAME", help="the policy of your own that answered, if one did")
    books = commands.add_parser("rulebooks", help="what is encoded, statement by statement?", description=_ABOUT_BOOKS, epilog=_STATUS)
    books.add_argument("name", metavar="NAME", nargs="?", help=f"{_STACKS}; left out, all are listed")
    return parser


def _takes_options(command: argparse.ArgumentParser) -> None:
    command.add_argument("--rulebook", metavar="NAME", help=f"{_STACKS}; by default {rulebooks.default().name}")
    command.add_argument("--max-lab-age", metavar="DURATION", help="results older than this at the planned start do not count, as '7 days'")


def _takes_plan(command: argparse.ArgumentParser) -> None:
    command.add_argument("file", metavar="CASE.json", help=_CASE)
    command.add_argument("--rulebook", metavar="NAME", help=f"{_STACKS}; by default {rulebooks.default().name}")
    until = command.add_mutually_exclusive_group()
    until.add_argument("--cycles", metavar="NUMBER", help="up to which cycle doses are planned; by default 6")
    until.add_argument("--until", metavar="DATE", help="up to which day doses are planned, as 2026-12-31")
    command.add_argument(
        "--start", metavar="DATE", help="the day of the next dose, as 2026-02-02; by default the planned start of the case"
    )
    command.add_argument("--infusion-at", metavar="HH:MM", help="the time of day at which infusions begin; by default that of the start")
    command.add_argument("--html", metavar="FILE", help="write the plan as a page of HTML, with the timeline")
    command.add_argument("--picture", metavar="FILE", help="write the timeline, as .svg, .png or .pdf")
    command.add_argument("--ics", metavar="FILE", help="write the plan as a calendar; needs --plan-id")
    command.add_argument("--plan-id", metavar="ID", help="what the plan is called in calendars, such as a UUID; the same for a later plan")
    command.add_argument("--sequence", metavar="NUMBER", help="how often the plan was made anew; by default 0")
    command.add_argument("--force", action="store_true", help="replace files that are there already")
    command.add_argument("--json", action="store_true", help="print the plan as JSON")


def _case(file: str) -> Case:
    """A case from a file, or from the standard input."""
    if file != "-":
        return read_case_file(file)
    if sys.stdin is None:  # it was closed
        raise OSError(EBADF, "is closed", "the standard input")
    return read_case(sys.stdin.buffer.read(LARGEST + 1))


def _book(name: str) -> Rulebook | str:
    """A rulebook by its name, or a policy by its module and its name there."""
    if ":" not in name:
        try:
            resolve(name)
        except UnknownRulebookError as error:
            module = name.removesuffix(".py") if name.removesuffix(".py").isidentifier() else "policy"
            msg = f"{error}; write a policy of your own as MODULE:NAME, such as {module}:OURS"
            raise UnknownRulebookError(msg) from None
        return name
    from tarlatamab_rules.formats.policies import policy_of  # noqa: PLC0415  # only a policy needs it

    return policy_of(name)


def _chosen(options: argparse.Namespace) -> Rulebook | str | None:
    return None if options.rulebook is None else _book(options.rulebook)


def _assess(options: argparse.Namespace) -> int:
    files, book = options.file, _chosen(options)
    if len(files) > 1:
        return _assess_several(files, book, options)
    (options.file,) = files
    assessment = assess_case(_case(options.file), max_lab_age=options.max_lab_age, rulebook=book)
    if options.json:
        return _print(json.dumps(assessment_document(assessment), indent=2, ensure_ascii=False))
    if options.record:
        from tarlatamab_rules.formats.records import audit_record  # noqa: PLC0415  # of all commands only this one needs it

        own = None if isinstance(book, str) else book
        return _print(json.dumps(audit_record(assessment, rulebook=own), indent=2, ensure_ascii=False))
    if options.html:
        from tarlatamab_rules.views.html import html_page  # noqa: PLC0415  # as above

        return _print(html_page(assessment, f"{assessment.case.point}: {assessment.verdict}", full=options.full))
    if options.markdown:
        from tarlatamab_rules.views.markdown import as_markdown  # noqa: PLC0415  # as above

        return _print(as_markdown(assessment, full=options.full).rstrip())
    return _show(assessment, full=options.full)


def _assess_several(files: Sequence[str], book: Rulebook | str | None, options: argparse.Namespace) -> int:
    """One line for each case. A case that cannot be read has its faults, and the others are still assessed."""
    if options.full or options.html or options.markdown or options.record:
        return _refuse(["of several cases there is one line each: leave --full, --html, --markdown and --record out, or pass one case"])
    resolve(book)  # a rulebook that is not known is one fault, not one of each case
    lab_age(options.max_lab_age, "max_lab_age")
    status, lines = 0, []
    for file in files:
        case = _read(file)
        if isinstance(case, list):
            status = _refuse(case, _title(file, case))
            lines.append(_as_json(file, {"faults": case}) if options.json else f"{_named(file)}: no answer: {case[0]}")
        else:
            assessment = assess_case(case, max_lab_age=options.max_lab_age, rulebook=book)
            lines.append(_as_json(file, assessment_document(assessment)) if options.json else f"{_named(file)}: {_in_a_line(assessment)}")
    _print("\n".join(lines if options.json else [*lines, "", DISCLAIMER]))
    return status


def _read(file: str) -> Case | list[str]:
    """A case, or the faults for which it cannot be read."""
    try:
        return _case(file)
    except DocumentError as error:
        return [str(fault) for fault in error.exceptions]
    except FieldError as error:
        return [str(error)]
    except OSError as error:
        return [_failed(error)]


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


def _named(file: str) -> str:
    """A file as a line names it. Characters that would break the line or command a terminal are escaped."""
    return "the standard input" if file == "-" else file if file.isprintable() else repr(file)


def _title(file: str, faults: Sequence[str]) -> str:
    return f"{_named(file)} cannot be read, for {'1 fault' if len(faults) == 1 else f'{len(faults)} faults'}:"


def _failed(error: OSError) -> str:
    """What could not be opened, read or written, and why."""
    return f"{_named(str(error.filename or 'the output'))}: {error.strerror or error}"


def _compare(options: argparse.Namespace) -> int:
    from tarlatamab_rules.assessment.compare import compare  # noqa: PLC0415  # as above

    books = None if options.rulebook is None else [_book(name) for name in options.rulebook]
    return _print(f"{compare(_case(options.file), books)}\n\n{DISCLAIMER}")


def _diff(options: argparse.Namespace) -> int:
    from tarlatamab_rules.assessment.compare import diff  # noqa: PLC0415  # as above

    return _print(str(diff(_book(options.one), _book(options.other))))


def _explore(options: argparse.Namespace) -> int:
    from tarlatamab_rules.assessment.what_if import what_to_ask, what_would_change  # noqa: PLC0415  # as above

    book = _chosen(options)
    assessment = assess_case(_case(options.file), max_lab_age=options.max_lab_age, rulebook=book)
    lines = [f"VERDICT: {assessment.verdict}"]
    found = ("ASK NEXT", what_to_ask(assessment, rulebook=book)), ("OTHER VERDICTS", what_would_change(assessment, rulebook=book))
    for title, items in found:
        lines += [title, *(f"  {item}" for item in items)] if items else []
    return _print("\n".join([*lines, "", DISCLAIMER]))


def _plan(options: argparse.Namespace) -> int:
    from tarlatamab_rules.course.cases import plan_case  # noqa: PLC0415  # as above

    start, until = (_read_option(options, name, _day_or_moment, "write it like 2026-02-02") for name in ("start", "until"))
    infusion_at = _read_option(options, "infusion_at", time.fromisoformat, "write it like 09:30")
    cycles = _read_option(options, "cycles", int, "write a whole number, as 6")
    case = _case(options.file)
    try:
        plan = plan_case(case, start=start, until=until, cycles=cycles, infusion_at=infusion_at, rulebook=_chosen(options))
        _write_files(options, plan)
    except FieldError as error:
        raise type(error)(_OPTIONS.get(error.path, error.path), error.problem, error.fix) from None
    if options.json:
        from tarlatamab_rules.course.document import plan_document  # noqa: PLC0415  # as above

        return _print(json.dumps(plan_document(plan), indent=2, ensure_ascii=False))
    return _print(f"{plan}\n\n{DISCLAIMER}")


_NAMED: Final = ("start", "until", "cycles", "infusion_at", "picture", "ics", "plan_id", "sequence")
_OPTIONS: Final = {name: f"--{name.replace('_', '-')}" for name in _NAMED}


def _write_files(options: argparse.Namespace, plan: CoursePlan) -> None:
    """Writes the files that were asked for. All of them are made before the first one is written."""
    names = [name for name in (options.html, options.picture, options.ics) if name is not None]
    if not names:
        return
    if len({os.path.realpath(name) for name in names}) < len(names):
        raise FieldError("", "two files have one name", "name each file once")
    from tarlatamab_rules.course.files import page_file, picture_file, write_files  # noqa: PLC0415  # as above

    files = {} if options.html is None else {options.html: page_file(plan)}
    files |= {} if options.picture is None else {options.picture: picture_file(plan, options.picture)}
    files |= {} if options.ics is None else {options.ics: _calendar(options, plan)}
    write_files(files, force=options.force)


def _calendar(options: argparse.Namespace, plan: CoursePlan) -> bytes:
    """The plan as a calendar."""
    if options.plan_id is None:
        raise FieldError("plan_id", "is missing", "name the plan, so that a later calendar replaces this one")
    from tarlatamab_rules.course.files import calendar_file  # noqa: PLC0415  # as above

    sequence = _read_option(options, "sequence", int, "write a whole number, such as 1")
    return calendar_file(plan, options.plan_id, sequence or 0)


def _read_option(options: argparse.Namespace, name: str, read: Callable[[str], T], fix: str) -> T | None:
    """An option in its type; ``None`` if it was left out."""
    text = getattr(options, name)
    try:
        return None if text is None else read(text)
    except ValueError:
        raise FieldError(_OPTIONS[name], f"{shown(text)} cannot be read", fix) from None


def _day_or_moment(text: str) -> date:
    return date.fromisoformat(text) if len(text) <= len("2026-02-02") else datetime.fromisoformat(text)


def _replay(options: argparse.Namespace) -> int:
    from tarlatamab_rules.formats.records import read_record_file, replay  # noqa: PLC0415  # as above

    book = _chosen(options)
    result = replay(read_record_file(options.file), rulebook=None if book is None else resolve(book))
    _print(str(result))
    return int(not result.same)


def _rulebooks(options: argparse.Namespace) -> int:
    name = options.name
    if name is None:
        return _print("\n".join(f"{book}: {rulebooks.get(book).source.title}" for book in rulebooks.names()))
    from tarlatamab_rules.views.books import rulebook_text  # noqa: PLC0415  # assess does without it

    return _print(f"{rulebook_text(_book(name))}\n\n{DISCLAIMER}")


_COMMANDS: Final[Mapping[str, Callable[[argparse.Namespace], int]]] = {
    "assess": _assess,
    "compare": _compare,
    "diff": _diff,
    "explore": _explore,
    "plan": _plan,
    "replay": _replay,
    "rulebooks": _rulebooks,
}


def _show(assessment: DoseAssessment, *, full: bool) -> int:
    """Prints an assessment: in colour on a terminal if rich is installed, else as plain text."""
    if _output().isatty() and find_spec("rich") is not None:
        from rich.console import Console  # noqa: PLC0415  # an extra

        from tarlatamab_rules.views.terminal import renderable  # noqa: PLC0415  # needs the extra

        Console().print(renderable(assessment, full=full))
        return 0
    from tarlatamab_rules.views.text import as_text  # noqa: PLC0415  # --json does without it

    return _print(as_text(assessment, full=full))


def _print(text: str) -> int:
    output = _output()
    try:
        output.buffer.write(text.encode() + b"\n")
        output.buffer.flush()
    except BrokenPipeError:  # the reader has seen enough; the result of the command stands
        with suppress(BrokenPipeError):
            output.close()
    return 0


def _output() -> TextIO:
    """The standard output; Python has none if it was closed."""
    if sys.stdout is None:
        raise OSError(EBADF, "is closed")
    return sys.stdout


def _refuse(faults: Sequence[str], title: str = "This cannot be done:") -> int:
    more = [f"  and {len(faults) - _SHOWN} more"] if len(faults) > _SHOWN else []
    _report(title, *(f"  - {fault}" for fault in faults[:_SHOWN]), *more)
    return 2


def _report(*lines: str) -> None:
    """Writes to the standard error. If nobody can read it, the exit status alone says that there is no answer."""
    if sys.stderr is None:  # Python's print would take the standard output instead
        return
    try:
        print(*lines, sep="\n", file=sys.stderr, flush=True)
    except OSError:
        with suppress(OSError):  # or Python fails once more when it ends, with a status of its own
            sys.stderr.close()


if __name__ == "__main__":
    sys.exit(main())
