"""The commands about rulebooks: ``compare``, ``explore``, ``diff``, ``replay``, ``rulebooks``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tarlatamab_rules import rulebooks
from tarlatamab_rules.assessment import DISCLAIMER, assess_case
from tarlatamab_rules.commands.options import CASE, STACKS, case_of, chosen, takes_options
from tarlatamab_rules.core.files import contents
from tarlatamab_rules.core.printing import print_text
from tarlatamab_rules.formats.policies import book_of
from tarlatamab_rules.rulebooks._registry import resolve

if TYPE_CHECKING:
    import argparse

__all__ = ["add_to", "compare", "diff", "explore", "list_rulebooks", "replay"]

_ABOUT_BOOKS = (
    "Prints every statement of a rulebook with the rows that encode it, the functions that read them, and the hand-written cases and tests."
)
_ABOUT_COMPARE = (
    "Asks several rulebooks about one case, and prints every answer; what all say alike is printed once. Without --rulebook: the default "
    "stack, and its books one by one."
)
_ABOUT_DIFF = "Prints every combination of facts for which two rulebooks answer differently, in words, by question."
_ABOUT_EXPLORE = "Prints which missing fact settles most, and which changes of single facts would give another verdict."
_ABOUT_REPLAY = "Asks a record of assess --record again, and prints what changed."


def add_to(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Adds the commands."""
    compared = commands.add_parser("compare", help="what do several rulebooks say of one case?", description=_ABOUT_COMPARE)
    compared.add_argument("file", metavar="CASE.json", help=CASE)
    compared.add_argument("--rulebook", metavar="NAME", action="append", help=f"{STACKS}; may be repeated")
    explored = commands.add_parser("explore", help="what to ask next, and what would change the verdict?", description=_ABOUT_EXPLORE)
    explored.add_argument("file", metavar="CASE.json", help=CASE)
    takes_options(explored)
    differing = commands.add_parser("diff", help="where do two rulebooks differ?", description=_ABOUT_DIFF)
    differing.add_argument("one", metavar="ONE", help=STACKS)
    differing.add_argument("other", metavar="OTHER", help=STACKS)
    again = commands.add_parser("replay", help="does a record still give the same answers?", description=_ABOUT_REPLAY)
    again.add_argument("file", metavar="RECORD.json", help="what assess --record printed; - reads the standard input")
    again.add_argument("--rulebook", metavar="MODULE:NAME", help="the policy of your own that answered, if one did")
    books = commands.add_parser("rulebooks", help="what is encoded, statement by statement?", description=_ABOUT_BOOKS)
    books.add_argument("name", metavar="NAME", nargs="?", help=f"{STACKS}; left out, all are listed")


def compare(options: argparse.Namespace) -> int:
    """What several rulebooks say of one case."""
    from tarlatamab_rules.assessment.compare import compare  # noqa: PLC0415  # one command is run

    books = None if options.rulebook is None else [book_of(name) for name in options.rulebook]
    return print_text(f"{compare(case_of(options.file), books)}\n\n{DISCLAIMER}")


def diff(options: argparse.Namespace) -> int:
    """Where two rulebooks differ."""
    from tarlatamab_rules.assessment.compare import diff  # noqa: PLC0415  # one command is run

    return print_text(str(diff(book_of(options.one), book_of(options.other))))


def explore(options: argparse.Namespace) -> int:
    """What to ask next, and what would change the verdict."""
    from tarlatamab_rules.assessment.what_if import what_to_ask, what_would_change  # noqa: PLC0415  # one command is run

    book = chosen(options)
    assessment = assess_case(case_of(options.file), max_lab_age=options.max_lab_age, rulebook=book)
    lines = [f"VERDICT: {assessment.verdict}"]
    found = ("ASK NEXT", what_to_ask(assessment, rulebook=book)), ("OTHER VERDICTS", what_would_change(assessment, rulebook=book))
    for title, items in found:
        lines += [title, *(f"  {item}" for item in items)] if items else []
    return print_text("\n".join([*lines, "", DISCLAIMER]))


def replay(options: argparse.Namespace) -> int:
    """Whether a record still gives the same answers."""
    from tarlatamab_rules.formats.records import LARGEST, replay  # noqa: PLC0415  # one command is run

    book = chosen(options)
    result = replay(contents(options.file, LARGEST + 1), rulebook=None if book is None else resolve(book))
    print_text(str(result))
    return int(not result.same)


def list_rulebooks(options: argparse.Namespace) -> int:
    """The rulebooks, or one of them statement by statement."""
    name = options.name
    if name is None:
        return print_text("\n".join(f"{book}: {rulebooks.get(book).source.title}" for book in rulebooks.names()))
    from tarlatamab_rules.views.books import rulebook_text  # noqa: PLC0415  # assess does without it

    return print_text(f"{rulebook_text(book_of(name))}\n\n{DISCLAIMER}")
