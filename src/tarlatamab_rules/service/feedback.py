"""Feedback on cards: checked, and counted in the log without the words of a clinician."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from tarlatamab_rules.service.cards import OVERRIDES
from tarlatamab_rules.service.hooks import is_uuid
from tarlatamab_rules.service.problems import Issue, ProblemError

__all__ = ["outcomes_of"]

_OUTCOMES: Final = ("accepted", "overridden")
_MOMENT: Final = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})", re.ASCII)


def outcomes_of(document: object) -> list[dict[str, str]]:
    """What became of each card: its outcome, and the code of the reason if it is one of ours.

    Raises:
        ProblemError: 400, with everything that is wrong in its form.
    """
    entries = document.get("feedback") if isinstance(document, Mapping) else None
    if not isinstance(entries, list) or not entries:
        raise ProblemError(400, Issue("structure", "is not a list with an entry for each card", "feedback"))
    issues = [issue for n, entry in enumerate(entries) for issue in _issues(entry, f"feedback[{n}]")]
    if issues:
        raise ProblemError(400, *issues)
    return [{"outcome": entry["outcome"], **_reason(entry)} for entry in entries]


def _issues(entry: object, path: str) -> list[Issue]:
    if not isinstance(entry, Mapping):
        return [Issue("structure", "is not an object", path)]
    accepted = entry.get("acceptedSuggestions")
    checks = {
        "card": (is_uuid(entry.get("card")), "is not the UUID of a card"),
        "outcome": (entry.get("outcome") in _OUTCOMES, "is not accepted or overridden"),
        "outcomeTimestamp": (_is_moment(entry.get("outcomeTimestamp")), "is not a moment with its UTC offset"),
        "acceptedSuggestions": (entry.get("outcome") != "accepted" or _names_suggestions(accepted), "is not a list of objects with an id"),
        "overrideReason": (isinstance(entry.get("overrideReason", {}), Mapping), "is not an object"),
    }
    return [Issue("structure", says, f"{path}.{key}") for key, (right, says) in checks.items() if not right]


def _is_moment(value: object) -> bool:
    return isinstance(value, str) and _MOMENT.fullmatch(value) is not None


def _names_suggestions(value: object) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(item, Mapping) and is_uuid(item.get("id")) for item in value)


def _reason(entry: Mapping[str, Any]) -> dict[str, str]:
    reason = entry.get("overrideReason", {}).get("reason")
    code = reason.get("code") if isinstance(reason, Mapping) else None
    return {"reason": code} if isinstance(code, str) and code in OVERRIDES else {}
