"""What a service answers if it does not answer: OperationOutcomes of FHIR, without a value of the request."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from attrs import frozen
from starlette.responses import JSONResponse

__all__ = ["Issue", "ProblemError", "outcome", "refusal"]


@frozen
class Issue:
    """One thing that is wrong or missing.

    Attributes:
        code: The kind of issue, by the code system of FHIR.

        says: What is wrong, and what to do.

        where: The place in the request, or the path of a missing fact; may be empty.
    """

    code: str
    says: str
    where: str = ""


class ProblemError(Exception):
    """A request that is not answered.

    Attributes:
        status: The status of HTTP.

        issues: What is wrong.
    """

    status: int
    issues: tuple[Issue, ...]

    def __init__(self, status: int, *issues: Issue) -> None:
        super().__init__(status)
        self.status, self.issues = status, issues


def outcome(issues: Iterable[Issue]) -> dict[str, Any]:
    """Issues as an OperationOutcome."""
    return {
        "resourceType": "OperationOutcome",
        "issue": [
            {"severity": "error", "code": issue.code, "diagnostics": issue.says, **({"expression": [issue.where]} if issue.where else {})}
            for issue in issues
        ],
    }


def refusal(status: int, *issues: Issue, headers: dict[str, str] | None = None) -> JSONResponse:
    """A response that says what is wrong."""
    return JSONResponse(outcome(issues), status, {"Cache-Control": "no-store", **(headers or {})})
