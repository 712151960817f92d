"""An assessment as a record that can be repeated: what was known, which rules answered, and what they answered."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from importlib.metadata import version
from pathlib import Path
from types import NoneType
from typing import TYPE_CHECKING, Any, Final

from attrs import field, frozen

from tarlatamab_rules.assessment import DoseAssessment, assess_case
from tarlatamab_rules.core.errors import FieldError, FieldTypeError, shown
from tarlatamab_rules.core.shown import Shown
from tarlatamab_rules.formats.assessments import assessment_document
from tarlatamab_rules.formats.canonical import content_hash
from tarlatamab_rules.formats.cases import case_document, read_case
from tarlatamab_rules.rulebooks._registry import get, resolve

if TYPE_CHECKING:
    from tarlatamab_rules.rulebooks._book import Rulebook

__all__ = ["LARGEST", "Replay", "audit_record", "read_record_file", "replay"]

_FORMAT: Final = "tarlatamab-rules-record"
_VERSION: Final = 2
_KEYS: Final[Mapping[str, tuple[type, ...]]] = {
    "library": (str,),
    "rulebook": (str,),
    "books": (Mapping,),
    "max_lab_age_hours": (int, float, NoneType),
    "case": (Mapping,),
    "answers": (Mapping,),
}
LARGEST: Final = 20_000_000
"""In bytes. A record has some ten thousand bytes."""
_SCALES: Final = ("astct-2019",)
"""Every assessment may grade findings by these scales, whichever book it uses."""


@frozen
class Replay(Shown):
    """What changed when a record was assessed again.

    Attributes:
        assessment: The assessment of today.

        rules: What changed in the library and in the content of its books.

        answers: What changed in the answers, each with its path, such as ``monitoring.value.observe.low: 22 -> 24``.
    """

    assessment: DoseAssessment = field(repr=False)
    rules: tuple[str, ...]
    answers: tuple[str, ...]

    @property
    def same(self) -> bool:
        """Whether all answers are the same. The rules may still have changed elsewhere."""
        return not self.answers

    def __str__(self) -> str:
        """What changed, line by line. Halves of a surrogate pair, which no file can hold, are escaped."""
        head = "the same answers" if self.same else f"{len(self.answers)} of the answers changed"
        text = "\n".join([head, *(f"  {line}" for line in (*self.rules, *self.answers))])
        return text.encode(errors="backslashreplace").decode()


def audit_record(assessment: DoseAssessment, *, rulebook: Rulebook | None = None) -> dict[str, Any]:
    """An assessment as a JSON object: the case, the book and the hashes of its content, the version of the library, and the answers.

    `replay` assesses it again. The record holds the whole case, so it is as confidential as the case.

    Args:
        assessment: The assessment to record.

        rulebook: The book that answered, if it is your own and the library does not know its name.
    """
    book = _book(assessment.rulebook, rulebook)
    age = assessment.max_lab_age
    return {
        "format": _FORMAT,
        "version": _VERSION,
        "library": version("tarlatamab-rules"),
        "rulebook": book.name,
        "books": _hashes(book),
        "max_lab_age_hours": None if age is None else age.total_seconds() / 3600,
        "case": case_document(assessment.case),
        "answers": assessment_document(assessment),
    }


def replay(record: Mapping[str, Any] | str | bytes, *, rulebook: Rulebook | None = None) -> Replay:
    """Assesses the case of a record again: the same answers, or what changed.

    Args:
        record: From `audit_record`, or its JSON text.

        rulebook: The book that answered, if it is your own.

    Raises:
        FieldError: This is not a record, or its format is newer.

        DocumentError: The case in it cannot be read.

        UnknownRulebookError: The library does not have the book, and it was not passed.
    """
    data = _parsed(record) if isinstance(record, (str, bytes)) else _checked(record)
    book, hours = _book(data["rulebook"], rulebook), data["max_lab_age_hours"]
    try:
        assessment = assess_case(read_case(data["case"]), max_lab_age=None if hours is None else (hours, "h"), rulebook=book)
    except FieldError as error:
        raise FieldError("record.max_lab_age_hours", error.problem, error.fix) from None
    answers = json.loads(json.dumps(assessment_document(assessment)))
    return Replay(assessment, tuple(_rules(data, book)), tuple(_changed("", data["answers"], answers)))


def read_record_file(path: str | Path) -> Mapping[str, Any]:
    """A record from a JSON file.

    Raises:
        FieldError: This is not a record.

        OSError: The file cannot be opened.
    """
    with Path(path).open("rb") as file:
        return _parsed(file.read(LARGEST + 1))


def _parsed(text: str | bytes) -> Mapping[str, Any]:
    if len(text) > LARGEST:
        raise FieldError("record", f"the document is larger than {LARGEST:,} bytes", "pass one record")
    try:
        return _checked(json.loads(text))
    except (ValueError, RecursionError) as error:
        if isinstance(error, FieldError):
            raise
        raise FieldError("record", "this is not JSON", "pass what audit_record gave, or its JSON text") from None


def _checked(data: object) -> Mapping[str, Any]:
    if not isinstance(data, Mapping):
        raise FieldTypeError("record", f"{shown(data)} is not a record", "pass what audit_record gave, or its JSON text")
    if data.get("format") != _FORMAT or data.get("version") != _VERSION:
        form = f"{shown(data.get('format'))} {shown(data.get('version'))}"
        raise FieldError("record.format", f"{form} is not known", f"it is {_FORMAT} {_VERSION}")
    for key, kinds in _KEYS.items():
        if key not in data:
            raise FieldError(f"record.{key}", "is missing", "pass the whole record")
        if not isinstance(data[key], kinds) or isinstance(data[key], bool):
            raise FieldTypeError(f"record.{key}", f"{shown(data[key])} cannot be part of a record", "pass the record unchanged")
    for name, digest in data["books"].items():
        if not isinstance(digest, str):
            raise FieldTypeError(f"record.books[{shown(name)}]", f"{shown(digest)} is not a hash", "pass the record unchanged")
    return data


def _book(name: str, rulebook: Rulebook | None) -> Rulebook:
    if rulebook is None:
        return get(name)
    book = resolve(rulebook)
    if book.name != name:
        raise FieldError("rulebook", f"{book.name} did not answer", f"pass {name}")
    return book


def _hashes(book: Rulebook) -> dict[str, str]:
    """The hash of every book that may have answered: the books of a stack, and the scales by which they grade."""
    scales = (get(name) for name in (book.lab_scale, *_SCALES))
    return {member.name: content_hash(member) for member in (*book.members, *scales)}


def _rules(data: Mapping[str, Any], book: Rulebook) -> Iterator[str]:
    now = version("tarlatamab-rules")
    if data["library"] != now:
        yield f"library: {data['library']} -> {now}"
    then, hashes = data["books"], _hashes(book)
    for name in dict.fromkeys([*then, *hashes]):
        if then.get(name) != hashes.get(name):
            yield f"content of {name}: {then.get(name, 'none')[:12]} -> {hashes.get(name, 'none')[:12]}"


def _changed(path: str, then: object, now: object) -> Iterator[str]:
    """Where two JSON values differ, each with its path."""
    if isinstance(then, Mapping) and isinstance(now, Mapping):
        for key in dict.fromkeys([*then, *now]):
            yield from _changed(f"{path}.{key}".lstrip("."), then.get(key), now.get(key))
    elif isinstance(then, list) and isinstance(now, list) and len(then) == len(now):
        for n, (before, after) in enumerate(zip(then, now, strict=True)):
            yield from _changed(f"{path}[{n}]", before, after)
    elif then != now:
        yield f"{path}: {_short(then)} -> {_short(now)}"


def _short(value: object) -> str:
    try:
        text = json.dumps(value, ensure_ascii=False)
    except (TypeError, ValueError, RecursionError):  # not JSON: the record was not read from a file
        return shown(value)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}..."


_LONGEST = 120
"""The number of characters that are shown of a value."""
