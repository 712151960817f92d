"""The command ``plan``: when is each dose, and what goes with it?"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from datetime import date, datetime, time
from typing import TYPE_CHECKING, Final, TypeVar

from tarlatamab_rules.assessment import DISCLAIMER
from tarlatamab_rules.commands.options import CASE, case_of, chosen, takes_book
from tarlatamab_rules.core.errors import FieldError, shown
from tarlatamab_rules.core.printing import print_text

if TYPE_CHECKING:
    import argparse

    from tarlatamab_rules.course.plan import CoursePlan

__all__ = ["add_to", "run"]

T = TypeVar("T")
_ABOUT = (
    "Plans the course that follows from a case: every dose on its day, with what goes before, with and after it. A plan is no clearance: "
    "assess each dose on its day. Files are written whole or not at all."
)
_NAMED: Final = ("start", "until", "cycles", "infusion_at", "picture", "ics", "plan_id", "sequence")
_OPTIONS: Final = {name: f"--{name.replace('_', '-')}" for name in _NAMED}


def add_to(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Adds the command."""
    command = commands.add_parser("plan", help="when is each dose, and what goes with it?", description=_ABOUT)
    command.add_argument("file", metavar="CASE.json", help=CASE)
    takes_book(command)
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


def run(options: argparse.Namespace) -> int:
    """Runs the command."""
    from tarlatamab_rules.course.cases import plan_case  # noqa: PLC0415  # parsing the command line needs none of it

    start, until = (_read_option(options, name, _day_or_moment, "write it like 2026-02-02") for name in ("start", "until"))
    infusion_at = _read_option(options, "infusion_at", time.fromisoformat, "write it like 09:30")
    cycles = _read_option(options, "cycles", int, "write a whole number, as 6")
    case = case_of(options.file)
    try:
        plan = plan_case(case, start=start, until=until, cycles=cycles, infusion_at=infusion_at, rulebook=chosen(options))
        _write_files(options, plan)
    except FieldError as error:
        raise type(error)(_OPTIONS.get(error.path, error.path), error.problem, error.fix) from None
    if options.json:
        from tarlatamab_rules.course.document import plan_document  # noqa: PLC0415  # as above

        return print_text(json.dumps(plan_document(plan), indent=2, ensure_ascii=False))
    return print_text(f"{plan}\n\n{DISCLAIMER}")


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
