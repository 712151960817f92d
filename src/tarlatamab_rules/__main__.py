"""The command line: ``python -m tarlatamab_rules assess CASE.json`` and ``rulebooks``."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from importlib.metadata import version

from tarlatamab_rules import rulebooks
from tarlatamab_rules.assessment import DISCLAIMER, assess_case
from tarlatamab_rules.errors import DocumentError, TarlatamabRulesError
from tarlatamab_rules.formats.documents import assessment_document, read_case_file

_ABOUT = (
    "Assesses the planned dose of one case. The verdict is proceed, needs-data, needs-assessment, withhold, excluded or discontinue. "
    "Exit status 0: there is an assessment, whatever its verdict; 2: the case cannot be read."
)
_ABOUT_BOOKS = (
    "Prints every statement of a rulebook with the rows that encode it, the functions that read them, and the hand-written cases and tests."
)
_SHOWN = 25
"""How many faults of a document are printed before the rest is only counted."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command line. Exit 0 with an assessment, 2 on bad input."""
    parser = argparse.ArgumentParser(prog="python -m tarlatamab_rules", description="The rules for giving tarlatamab, with their sources.")
    parser.add_argument("--version", action="store_true", help="print the version")
    commands = parser.add_subparsers(dest="command")
    assess = commands.add_parser("assess", help="may this dose be given?", description=_ABOUT)
    assess.add_argument("case", metavar="CASE.json", help="the case")
    assess.add_argument("--rulebook", metavar="NAME", help=f"the book that answers, by default {rulebooks.default().name}")
    assess.add_argument("--max-lab-age", metavar="DURATION", help="results older than this at the planned start do not count, as '7 days'")
    assess.add_argument("--json", action="store_true", help="print the assessment as JSON")
    books = commands.add_parser("rulebooks", help="what is encoded, statement by statement?", description=_ABOUT_BOOKS)
    books.add_argument("name", metavar="NAME", nargs="?", help="a rulebook; left out, all are listed")
    options = parser.parse_args(arguments)
    if options.version:
        return _print(version("tarlatamab-rules"))
    if options.command is None:
        parser.error("say what to do: assess CASE.json, or rulebooks")
    try:
        return _assess(options) if options.command == "assess" else _rulebooks(options.name)
    except TarlatamabRulesError as error:
        return _refuse([str(error)])


def _assess(options: argparse.Namespace) -> int:
    try:
        case = read_case_file(options.case)
    except OSError as error:
        return _refuse([f"{options.case}: {error.strerror or error}"])
    except DocumentError as error:
        faults = [str(fault) for fault in error.exceptions]
        return _refuse(faults, f"{options.case} cannot be read, for {'1 fault' if len(faults) == 1 else f'{len(faults)} faults'}:")
    assessment = assess_case(case, max_lab_age=options.max_lab_age, rulebook=options.rulebook)
    if options.json:
        return _print(json.dumps(assessment_document(assessment), indent=2, ensure_ascii=False))
    from tarlatamab_rules.views.text import assessment_text  # noqa: PLC0415  # --json does without it

    return _print(assessment_text(assessment))


def _rulebooks(name: str | None) -> int:
    if name is None:
        return _print("\n".join(f"{each}: {rulebooks.get(each).source.title}" for each in rulebooks.names()))
    from tarlatamab_rules.views.books import rulebook_text  # noqa: PLC0415  # assess does without it

    return _print(f"{rulebook_text(name)}\n\n{DISCLAIMER}")


def _print(text: str) -> int:
    sys.stdout.buffer.write(text.encode() + b"\n")
    return 0


def _refuse(faults: Sequence[str], title: str = "This cannot be done:") -> int:
    print(title, file=sys.stderr)
    for fault in faults[:_SHOWN]:
        print(f"  - {fault}", file=sys.stderr)
    if len(faults) > _SHOWN:
        print(f"  and {len(faults) - _SHOWN} more", file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main())
