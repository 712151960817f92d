"""What several commands take: a case, a rulebook, a maximum age of results."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tarlatamab_rules import rulebooks
from tarlatamab_rules.core.files import STANDARD_INPUT, contents
from tarlatamab_rules.formats.cases import LARGEST, read_case, read_case_file
from tarlatamab_rules.formats.policies import book_of

if TYPE_CHECKING:
    import argparse

    from tarlatamab_rules.inputs.case import Case
    from tarlatamab_rules.rulebooks._book import Rulebook

__all__ = ["CASE", "STACKS", "case_of", "chosen", "takes_book", "takes_options"]

STACKS: Final = (
    "a rulebook; a stack as 'NAME over NAME'; or a policy of your own as MODULE:NAME, whose module is imported from the current folder or "
    "the path of Python, which runs its code"
)
CASE: Final = "the case, a JSON file; - reads the standard input"


def takes_book(command: argparse.ArgumentParser) -> None:
    """Adds the rulebook."""
    command.add_argument("--rulebook", metavar="NAME", help=f"{STACKS}; by default {rulebooks.default().name}")


def takes_options(command: argparse.ArgumentParser) -> None:
    """Adds what an assessment takes beside its case."""
    takes_book(command)
    command.add_argument("--max-lab-age", metavar="DURATION", help="results older than this at the planned start do not count, as '7 days'")


def case_of(file: str) -> Case:
    """A case from a file, or from the standard input."""
    return read_case(contents(file, LARGEST + 1)) if file == STANDARD_INPUT else read_case_file(file)


def chosen(options: argparse.Namespace) -> Rulebook | None:
    """The rulebook that was named; ``None`` for the default."""
    return None if options.rulebook is None else book_of(options.rulebook)
