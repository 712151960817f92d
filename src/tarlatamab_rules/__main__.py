"""The command line: ``python -m tarlatamab_rules assess CASE.json``."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from importlib.metadata import version

from tarlatamab_rules import rulebooks
from tarlatamab_rules.assessment import assess_case
from tarlatamab_rules.errors import DocumentError, TarlatamabRulesError
from tarlatamab_rules.formats.documents import assessment_document, read_case_file

_ABOUT = (
    "Assesses the planned dose of one case. The verdict is proceed, needs-data, needs-assessment, withhold, excluded or discontinue. "
    "Exit status 0: there is an assessment, whatever its verdict; 2: the case cannot be read."
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
    assess.add_argument("--json", action="store_true", help="print the assessment as JSON")
    options = parser.parse_args(arguments)
    if options.version:
        print(version("tarlatamab-rules"))
        return 0
    if options.command is None:
        parser.error("say what to do: assess CASE.json")
    try:
        assessment = assess_case(read_case_file(options.case), rulebook=options.rulebook)
    except OSError as error:
        return _refuse([f"{options.case}: {error.strerror or error}"])
    except DocumentError as error:
        return _refuse([str(fault) for fault in error.exceptions])
    except TarlatamabRulesError as error:
        return _refuse([str(error)])
    if options.json:
        text = json.dumps(assessment_document(assessment), indent=2, ensure_ascii=False)
    else:
        from tarlatamab_rules.views.text import assessment_text  # noqa: PLC0415  # --json does without it

        text = assessment_text(assessment)
    sys.stdout.buffer.write(text.encode() + b"\n")
    return 0


def _refuse(faults: Sequence[str]) -> int:
    print("This case cannot be assessed:", file=sys.stderr)
    for fault in faults[:_SHOWN]:
        print(f"  - {fault}", file=sys.stderr)
    if len(faults) > _SHOWN:
        print(f"  and {len(faults) - _SHOWN} more", file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main())
