"""The command line: ``python -m tarlatamab_rules assess CASE.json``, ``compare``, ``explore``, ``diff``, ``replay`` and ``rulebooks``."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from errno import EBADF
from importlib.metadata import version
from importlib.util import find_spec
from typing import TYPE_CHECKING, Final, TextIO

from tarlatamab_rules import rulebooks
from tarlatamab_rules.assessment import DISCLAIMER, assess_case
from tarlatamab_rules.core.errors import DocumentError, TarlatamabRulesError
from tarlatamab_rules.formats.assessments import assessment_document
from tarlatamab_rules.formats.cases import read_case_file

if TYPE_CHECKING:
    from tarlatamab_rules.assessment import DoseAssessment

_ABOUT = (
    "Assesses the planned dose of one case. The verdict is proceed, needs-data, needs-assessment, withhold, excluded or discontinue. "
    "Exit status 0: there is an assessment, whatever its verdict; 2: the case cannot be read; 3: an error in the library itself."
)
_ABOUT_BOOKS = (
    "Prints every statement of a rulebook with the rows that encode it, the functions that read them, and the hand-written cases and tests."
)
_ABOUT_COMPARE = (
    "Asks several rulebooks about one case, and prints every answer; what all say alike stands once. Without --rulebook: the default "
    "stack, and its books one by one."
)
_ABOUT_DIFF = "Prints every combination of facts for which two rulebooks answer differently, in words, by question."
_ABOUT_EXPLORE = "Prints which missing fact settles most, and which changes of single facts would give another verdict."
_ABOUT_REPLAY = (
    "Asks a record of assess --record again. Exit status 0: the same answers; 1: some changed; 2: it is no record; 3: an error in the "
    "library itself."
)
_STACKS = "a rulebook, or a stack as 'NAME over NAME'"
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
            parser.error("say what to do: assess CASE.json, compare, explore, diff, replay, or rulebooks")
        return _COMMANDS[options.command](options)
    except DocumentError as error:
        faults = [str(fault) for fault in error.exceptions]
        return _refuse(faults, f"{options.file} cannot be read, for {'1 fault' if len(faults) == 1 else f'{len(faults)} faults'}:")
    except TarlatamabRulesError as error:
        return _refuse([str(error)])
    except OSError as error:
        return _refuse([f"{error.filename or 'the output'}: {error.strerror or error}"])


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tarlatamab_rules", description="The rules for giving tarlatamab, with their sources.")
    parser.add_argument("--version", action="store_true", help="print the version")
    commands = parser.add_subparsers(dest="command")
    assess = commands.add_parser("assess", help="may this dose be given?", description=_ABOUT)
    _takes_case(assess)
    form = assess.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="print the assessment as JSON")
    form.add_argument("--html", action="store_true", help="print the assessment as a page of HTML")
    form.add_argument("--markdown", action="store_true", help="print the assessment as Markdown")
    form.add_argument("--record", action="store_true", help="print a record for an audit, as JSON")
    compared = commands.add_parser("compare", help="what do several rulebooks say of one case?", description=_ABOUT_COMPARE)
    compared.add_argument("file", metavar="CASE.json", help="the case")
    compared.add_argument("--rulebook", metavar="NAME", action="append", help=f"{_STACKS}; may be repeated")
    _takes_case(commands.add_parser("explore", help="what to ask next, and what would change the verdict?", description=_ABOUT_EXPLORE))
    differing = commands.add_parser("diff", help="where do two rulebooks differ?", description=_ABOUT_DIFF)
    differing.add_argument("one", metavar="ONE", help=_STACKS)
    differing.add_argument("other", metavar="OTHER", help=_STACKS)
    again = commands.add_parser("replay", help="does a record still give the same answers?", description=_ABOUT_REPLAY)
    again.add_argument("file", metavar="RECORD.json", help="what assess --record printed")
    books = commands.add_parser("rulebooks", help="what is encoded, statement by statement?", description=_ABOUT_BOOKS)
    books.add_argument("name", metavar="NAME", nargs="?", help="a rulebook; left out, all are listed")
    return parser


def _takes_case(command: argparse.ArgumentParser) -> None:
    command.add_argument("file", metavar="CASE.json", help="the case")
    command.add_argument("--rulebook", metavar="NAME", help=f"{_STACKS}; by default {rulebooks.default().name}")
    command.add_argument("--max-lab-age", metavar="DURATION", help="results older than this at the planned start do not count, as '7 days'")


def _assessed(options: argparse.Namespace) -> DoseAssessment:
    return assess_case(read_case_file(options.file), max_lab_age=options.max_lab_age, rulebook=options.rulebook)


def _assess(options: argparse.Namespace) -> int:
    assessment = _assessed(options)
    if options.json:
        return _print(json.dumps(assessment_document(assessment), indent=2, ensure_ascii=False))
    if options.record:
        from tarlatamab_rules.formats.records import audit_record  # noqa: PLC0415  # of all commands only this one needs it

        return _print(json.dumps(audit_record(assessment), indent=2, ensure_ascii=False))
    if options.html:
        from tarlatamab_rules.views.html import html_page  # noqa: PLC0415  # as above

        return _print(html_page(assessment, f"{assessment.case.point}: {assessment.verdict}"))
    if options.markdown:
        from tarlatamab_rules.views.markdown import as_markdown  # noqa: PLC0415  # as above

        return _print(as_markdown(assessment).rstrip())
    return _show(assessment)


def _compare(options: argparse.Namespace) -> int:
    from tarlatamab_rules.assessment.compare import compare  # noqa: PLC0415  # as above

    return _print(f"{compare(read_case_file(options.file), options.rulebook)}\n\n{DISCLAIMER}")


def _diff(options: argparse.Namespace) -> int:
    from tarlatamab_rules.assessment.compare import diff  # noqa: PLC0415  # as above

    return _print(str(diff(options.one, options.other)))


def _explore(options: argparse.Namespace) -> int:
    from tarlatamab_rules.assessment.what_if import what_to_ask, what_would_change  # noqa: PLC0415  # as above

    assessment = _assessed(options)
    lines = [f"VERDICT: {assessment.verdict}"]
    for title, items in (("ASK NEXT", what_to_ask(assessment)), ("OTHER VERDICTS", what_would_change(assessment))):
        lines += [title, *(f"  {item}" for item in items)] if items else []
    return _print("\n".join([*lines, "", DISCLAIMER]))


def _replay(options: argparse.Namespace) -> int:
    from tarlatamab_rules.formats.records import read_record_file, replay  # noqa: PLC0415  # as above

    result = replay(read_record_file(options.file))
    _print(str(result))
    return int(not result.same)


def _rulebooks(options: argparse.Namespace) -> int:
    name = options.name
    if name is None:
        return _print("\n".join(f"{book}: {rulebooks.get(book).source.title}" for book in rulebooks.names()))
    from tarlatamab_rules.views.books import rulebook_text  # noqa: PLC0415  # assess does without it

    return _print(f"{rulebook_text(name)}\n\n{DISCLAIMER}")


_COMMANDS: Final[Mapping[str, Callable[[argparse.Namespace], int]]] = {
    "assess": _assess,
    "compare": _compare,
    "diff": _diff,
    "explore": _explore,
    "replay": _replay,
    "rulebooks": _rulebooks,
}


def _show(value: object) -> int:
    """Prints an answer: in colour on a terminal if rich is installed, else as plain text."""
    if _output().isatty() and find_spec("rich") is not None:
        from rich.console import Console  # noqa: PLC0415  # an extra

        Console().print(value)
        return 0
    from tarlatamab_rules.views.text import as_text  # noqa: PLC0415  # --json does without it

    return _print(as_text(value))


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
