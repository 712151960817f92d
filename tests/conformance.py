"""The folder `conformance`: every book as canonical JSON, and facts and answers for every cell.

    python tests/conformance.py

rewrites it, and prints what a fragment of the changelog must say of each book that is not released as it stands.

    python tests/conformance.py --release

notes the books as they are now as released, when a version is.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

from helpers import DRUG_BOOKS
from tarlatamab_rules import rulebooks
from tarlatamab_rules.formats.canonical import content_hash, rulebook_document
from tarlatamab_rules.formats.vectors import lines
from tarlatamab_rules.policy import Rulebook

ROOT: Final = Path(__file__).parents[1]
FOLDER: Final = ROOT / "conformance"
RELEASED: Final = FOLDER / "released.json"
FRAGMENTS: Final = ROOT / "changelog.d"
DIGITS: Final = 12
"""So many digits of a hash stand in a fragment."""

BOOKS: Final = rulebooks.names()
STACKS: Final = (rulebooks.default().name, f"strictest of {', '.join(DRUG_BOOKS)}")


def written() -> dict[str, str]:
    """What the folder must hold, by the name of the file."""
    files = {f"{name}.json": _pretty(rulebook_document(rulebooks.get(name))) for name in BOOKS}
    return files | {vector_file(name): "".join(f"{line}\n" for line in lines(rulebooks.get(name))) for name in (*BOOKS, *STACKS)}


def vector_file(name: str) -> str:
    """The name of the file with the vectors of a book or a stack."""
    return f"{name.replace(', ', '-').replace(' ', '-')}.jsonl"


def unannounced(book: Rulebook, released: Mapping[str, str], fragments: Iterable[str]) -> str:
    """What to do about a book that says something else than what was released, and of which no fragment tells; nothing if all is well."""
    now = content_hash(book)
    digits = now[:DIGITS]
    told = any(f"{book.name} {digits}" in " ".join(text.replace("`", "").split()) for text in fragments)
    if released.get(book.name) == now or told:
        return ""
    return (
        f"{book.name} is not what was released, and no changelog.d/*.clinical.md says so. Run `python tests/conformance.py`, and see in "
        "`git diff conformance` what changed. If it is meant, write what changes for a patient into a clinical fragment, and in it: "
        f"{book.name} {digits}"
    )


def released() -> dict[str, str]:
    """The hash of every book as it was released, by its name."""
    hashes: dict[str, str] = json.loads(RELEASED.read_text(encoding="utf-8"))
    return hashes


def fragments() -> list[str]:
    """The news of clinical content that are not released yet."""
    return [path.read_text(encoding="utf-8") for path in sorted(FRAGMENTS.glob("*.clinical.md"))]


def _pretty(document: object) -> str:
    return json.dumps(document, indent=1, sort_keys=True, ensure_ascii=False, allow_nan=False) + "\n"


def _write(*, release: bool) -> str:
    files = written()
    for path in {*FOLDER.glob("*.json"), *FOLDER.glob("*.jsonl")} - {RELEASED}:
        if path.name not in files:
            path.unlink()
    for name, text in files.items():
        (FOLDER / name).write_text(text, encoding="utf-8", newline="\n")
    if release:
        RELEASED.write_text(_pretty({name: content_hash(rulebooks.get(name)) for name in BOOKS}), encoding="utf-8", newline="\n")
    told = fragments()
    return "".join(f"{fault}\n" for name in BOOKS if (fault := unannounced(rulebooks.get(name), released(), told)))


if __name__ == "__main__":
    sys.stdout.write(_write(release="--release" in sys.argv[1:]))
