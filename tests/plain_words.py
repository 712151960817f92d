"""The phrases that no reader should meet, as data: what a native writer of package inserts or library documentation would not write.

    from plain_words import faults

    assert faults("The dose is read as the first one.") == ["'is read as': write 'means', or give the interpretation"]

`AWKWARD` is for everything that users read: rows, reports, errors, pages. `LOOSE` adds phrases that are wrong in a row or an answer, while
a page may need one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Final

__all__ = ["AWKWARD", "LOOSE", "faults"]

_PEOPLE: Final = ("patient", "patients", "person", "people", "anyone", "those", "clinician", "physician", "pharmacist", "nurse", "reader")

AWKWARD: Final[Mapping[str, str]] = MappingProxyType(
    {
        r"\b(?:is|are|was|were) (?:also )?read (?:as|of|thus|alike|from)\b": "'means', or give the interpretation",
        r"\bread thus\b": "'Interpretation'",
        r"\bfor want of\b": "'because ... is missing'",
        r"\bwhereof\b": "'of which'",
        r"\bat hand\b": "'available'",
        r"\bof (?:before|after) (?:it|this|the|an?)\b": "'from before', 'later'",
        r"\btells? of\b": "'shows' or 'means'",
        r"\b(?:is|are|cannot be|can be) told\b": "'is reported', 'is listed' or 'is distinguished'",
        r"\btold apart\b": "'distinguished'",
        r"\bspeaks?\b": "'mentions', 'answers' or 'says'",
        r"\b(?:what|which|it|the stricter|they) stands?\b": "'applies' or 'is used'",
        r"\bas (?:it|they) stands?\b": "'literally'",
        r"\bnobody need\b": "'... is not required'",
        r"\bobliges? one\b": "'what to do about ...'",
        r"\basks? nothing of\b|\bnothing is asked of\b": "'requires nothing for'",
        r"\b(?:is|are) seen to\b": "'check'",
        r"\b(?:down|up) to grade\b": "'improved to grade'",
        r"\bour reading\b": "'our interpretation'",
        r"\bthough over\b|\bthat is over\b": "'has resolved'",
        r"\ball the same\b": "'still' or 'in any case'",
        r"\bat (?:least|most) \w+ \w+ at (?:least|most)\b|\b\d+ days at (?:least|most)\b": "'at least 3 days'",
        r"\bsays? (?:nothing|something) of\b": "'says nothing about'",
        r"(?:^|[.;:] )[Ww]here (?:there|it|one|no|nothing|that|a|an|the)\b": "'if'",
        r"".join(f"(?<!{word} )" for word in _PEOPLE)
        + r"\bwho (?:is|has|was|had|cannot|can|wakes|may|does|dissents|says)\b": "'a patient who'",
    }
)
"""A regular expression of an awkward phrase, and what to write instead."""

LOOSE: Final[Mapping[str, str]] = MappingProxyType(
    {
        r"\bstands?\b": "'applies', 'is used' or 'is listed'",
        r"\btold\b": "'reported', 'listed' or 'distinguished'",
        r"\bfrom infusion (?:start|end)\b|\binfusion-(?:start|end)\b": "'after the infusion ends'",
        r"\b\d+-\d+ (?:h|min|mg|mL|d)\b": "'22 to 24 h'",
        r"\b(?:give|consider|avoid|recommend): ": "the order itself, 'consider ...', 'avoid ...', 'recommended: ...'",
        r"\bstop(?:ping|ped)? permanently\b": "'stop for good'",
        r"\bhold(?:s|ing)? the drug\b|\bheld\b": "'withholds the drug'",
        r"\bis to be\b|\bare to be\b": "say what to do",
    }
)
"""Phrases of this kind that rows and answers must not have, while a page may need one."""


def faults(text: str, *more: Mapping[str, str], ignore: Iterable[str] = ()) -> list[str]:
    """The awkward phrases in a text, each with what to write instead. *more* adds `LOOSE`; *ignore* leaves out what it has literally."""
    for part in ignore:
        text = text.replace(part, "")
    phrases = {pattern: fix for table in (AWKWARD, *more) for pattern, fix in table.items()}
    return [f"{match[0].strip()!r}: write {fix}" for pattern, fix in phrases.items() for match in re.finditer(pattern, text)]
