"""The command ``import``: a case from a bundle of FHIR R4."""

from __future__ import annotations

import argparse
import json
from datetime import date, datetime
from typing import TYPE_CHECKING, Final

from tarlatamab_rules.core.errors import FieldError
from tarlatamab_rules.core.files import contents
from tarlatamab_rules.core.printing import print_text, report

if TYPE_CHECKING:
    from tarlatamab_rules.inputs._fields import When

__all__ = ["add_to", "run"]

_ABOUT: Final = (
    "Reads the resources of one patient (FHIR R4 as JSON), prints the case as JSON, and what became of each resource on standard error. "
    "Exit status: 0; 1 if something that the rulebook asks for is unclear; 2 if the bundle cannot be read."
)
_FORMS: Final = ("text", "prefetch", "capability")


def add_to(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Adds the command to those of the command line."""
    parser = commands.add_parser("import", help="a case from a FHIR R4 bundle", description=_ABOUT)
    parser.add_argument(
        "file", metavar="BUNDLE.json", nargs="?", help="a bundle, a resource, or a list of resources; - reads the standard input"
    )
    parser.add_argument("--point", metavar="DOSE", help="the planned dose, as C1D8")
    parser.add_argument("--start", metavar="TIME", help="when its infusion is to begin, as 2026-02-02T09:00:00+01:00, or the day")
    parser.add_argument("--site-zone", metavar="ZONE", help="the time zone of the site, as Europe/Berlin")
    parser.add_argument("--rulebook", metavar="NAME", help="the book whose questions mark the report; by default that of assess")
    parser.add_argument("--ordered", metavar="AMOUNT", help="the ordered amount, as '10 mg'")
    parser.add_argument("--complete", metavar="PART", action="append", choices=("course", "events"), help="the bundle has all of this part")
    parser.add_argument("--code", nargs=3, metavar=("SYSTEM", "CODE", "MEANS"), action="append", help="one more code, and what it means")
    parser.add_argument("--dose", nargs=2, metavar=("REFERENCE", "DOSE"), action="append", help="which dose an administration was")
    parser.add_argument("--needs", nargs="?", const="text", choices=_FORMS, help="print what is read, and what the rulebook asks for")


def run(arguments: argparse.Namespace) -> int:
    """Runs the command. Returns the exit status.

    Raises:
        TarlatamabRulesError: The bundle or an argument cannot be read.

        OSError: The file cannot be opened.
    """
    if arguments.needs is not None:
        return _print_needs(arguments)
    from tarlatamab_rules.formats.cases import case_document  # noqa: PLC0415  # parsing the command line needs none of them
    from tarlatamab_rules.formats.fhir.bundles import LARGEST  # noqa: PLC0415  # as above
    from tarlatamab_rules.formats.fhir.reader import read  # noqa: PLC0415  # as above

    if arguments.file is None or arguments.point is None:
        missing = "file" if arguments.file is None else "point"
        raise FieldError(missing, "is missing", "write import BUNDLE.json --point C1D8 --start 2026-02-02")
    imported = read(
        contents(arguments.file, LARGEST + 1),
        point=arguments.point,
        planned_start=None if arguments.start is None else _start(arguments.start),
        site_zone=arguments.site_zone,
        rulebook=arguments.rulebook,
        codes={(system, code): means for system, code, means in arguments.code or ()},
        points=dict(arguments.dose or ()),
        complete=arguments.complete or (),
        ordered=arguments.ordered,
    )
    print_text(json.dumps(case_document(imported.case), ensure_ascii=False, indent=2))
    report(str(imported.report))
    return 1 if imported.report.to_settle else 0


def _print_needs(arguments: argparse.Namespace) -> int:
    from tarlatamab_rules.formats.fhir.requirements import needs  # noqa: PLC0415  # as above

    asked = needs(rulebook=arguments.rulebook)
    forms = {"text": lambda: str(asked), "prefetch": lambda: _json(asked.prefetch()), "capability": lambda: _json(asked.capability())}
    return print_text(forms[arguments.needs]())


def _json(document: object) -> str:
    return json.dumps(document, indent=2)


def _start(text: str) -> When:
    try:
        return date.fromisoformat(text) if len(text) <= len("2026-02-02") else datetime.fromisoformat(text)
    except ValueError:
        raise FieldError("start", "is not a day or a time", "write 2026-02-02, or 2026-02-02T09:00:00+01:00") from None
