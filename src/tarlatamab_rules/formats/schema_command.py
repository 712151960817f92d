"""The command that prints a JSON Schema."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from tarlatamab_rules.core.printing import print_text

if TYPE_CHECKING:
    import argparse

__all__ = ["add_to", "run"]

_ABOUT = "Prints the JSON Schema (2020-12) of a case, as assess takes it, or of an assessment, as assess --json prints it."


def add_to(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Adds ``schema`` to the commands."""
    command = commands.add_parser("schema", help="what a case and an assessment look like as JSON", description=_ABOUT)
    command.add_argument("name", choices=("case", "assessment"), help="what the schema describes")


def run(options: argparse.Namespace) -> int:
    """Prints the schema."""
    from tarlatamab_rules.formats.schemas import schema  # noqa: PLC0415  # only this command needs it

    return print_text(json.dumps(schema(options.name), indent=2, ensure_ascii=False))
