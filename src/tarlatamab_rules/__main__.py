"""The command line: ``tarlatamab-rules assess CASE.json`` and the other commands, each in a module of its own.

``python -m tarlatamab_rules`` is the same command.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Mapping, Sequence
from importlib.metadata import version
from typing import Final, Never

from tarlatamab_rules.cohort import command as cohort
from tarlatamab_rules.commands import assess, books, plan
from tarlatamab_rules.core.errors import DocumentError, TarlatamabRulesError
from tarlatamab_rules.core.printing import failed, print_text, refuse, report, title_of
from tarlatamab_rules.formats import schema_command as schema
from tarlatamab_rules.formats.fhir import command as fhir
from tarlatamab_rules.service import command as service

_PROGRAM: Final = "tarlatamab-rules"
_STATUS: Final = (
    "exit status: 0, there is an answer, whatever it is; 1, replay: some answers changed, or import: something that the rulebook asks for "
    "is unclear; 2, no answer, or none to one of several "
    "cases: a file, an option or a rulebook cannot be read; 3, no answer: an error in the library itself."
)
_LONGEST: Final = 500
"""How many characters of an unexpected error are printed."""
_COMMANDS: Final[Mapping[str, Callable[[argparse.Namespace], int]]] = {
    "assess": assess.run,
    "cohort": cohort.run,
    "compare": books.compare,
    "diff": books.diff,
    "explore": books.explore,
    "import": fhir.run,
    "plan": plan.run,
    "replay": books.replay,
    "rulebooks": books.list_rulebooks,
    "schema": schema.run,
    "serve": service.run,
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command line. Exit 0 with an answer, 1 if a record gives other answers, 2 on bad input, 3 on an error of the library."""
    try:
        return _run(arguments)
    except Exception as error:  # noqa: BLE001  # whatever it is, it must not look like an answer
        what = " ".join(f"{type(error).__name__}: {error}".split())[:_LONGEST]
        report(f"There is no answer, because of an error in the library itself: {what}; please report it")
        return 3


def _run(arguments: Sequence[str] | None) -> int:
    parser = _parser()
    options = parser.parse_args(arguments)
    try:
        if options.version:
            return print_text(version("tarlatamab-rules"))
        if options.command is None:
            parser.error(f"say what to do: assess CASE.json, or one of {', '.join(list(_COMMANDS)[1:])}")
        return _COMMANDS[options.command](options)
    except DocumentError as error:
        faults = [str(fault) for fault in error.exceptions]
        return refuse(faults, title_of(options.file, faults))
    except TarlatamabRulesError as error:
        return refuse([str(error)])
    except OSError as error:
        return refuse([failed(error)])


class _Parser(argparse.ArgumentParser):
    """A parser that writes its errors as the library writes its own, so that a standard error nobody can read changes no status."""

    def error(self, message: str) -> Never:
        report(f"{self.format_usage()}{self.prog}: error: {message}")
        sys.exit(2)


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog=_PROGRAM, description="The rules for giving tarlatamab, with their sources.", epilog=_STATUS)
    parser.add_argument("--version", action="store_true", help="print the version")
    commands = parser.add_subparsers(dest="command")
    for room in (assess, books, plan, cohort, fhir, schema, service):
        room.add_to(commands)
    for command in commands.choices.values():
        command.epilog = _STATUS
    return parser


if __name__ == "__main__":
    sys.exit(main())
