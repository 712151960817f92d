"""The service: what answers each address."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from functools import partial
from importlib.metadata import version
from typing import TYPE_CHECKING, Any, Final, Never

try:
    import anyio
    from starlette.applications import Starlette
    from starlette.exceptions import HTTPException
    from starlette.middleware import Middleware
    from starlette.middleware.cors import CORSMiddleware
    from starlette.responses import JSONResponse
    from starlette.routing import Route
except ImportError as _missing:
    msg = "the service needs starlette and uvicorn: pip install 'tarlatamab-rules[service]'"
    raise ImportError(msg, name=_missing.name) from _missing

from tarlatamab_rules.assessment import assess_case
from tarlatamab_rules.core.errors import DocumentError
from tarlatamab_rules.formats.assessments import assessment_document
from tarlatamab_rules.formats.cases import read_case
from tarlatamab_rules.rulebooks._registry import resolve
from tarlatamab_rules.service.cards import cards, one_at_a_time
from tarlatamab_rules.service.feedback import outcomes_of
from tarlatamab_rules.service.guard import Guard
from tarlatamab_rules.service.hooks import SERVICES, Service, checked, discovery, imported
from tarlatamab_rules.service.logs import log_line
from tarlatamab_rules.service.openapi import openapi
from tarlatamab_rules.service.problems import Issue, ProblemError, refusal
from tarlatamab_rules.service.settings import Settings

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.types import ASGIApp

__all__ = ["from_environment", "service"]

_PROBE: Final = '{"point": "C1D1", "patient": {"age_years": 17}}'
"""A case that is assessed before the service says that it is ready."""
_JSON: Final = "application/json"


def service(settings: Settings, log: Callable[..., None] = log_line) -> ASGIApp:
    """The service as an ASGI application.

    Args:
        settings: Its limits and rules.

        log: What writes a line of the log; its arguments hold nothing of a patient.

    Raises:
        FieldError: A setting cannot be.

        OSError: The file of the token cannot be read.
    """
    resolve(settings.rulebook)
    settings.token()  # its faults are those of the start, and not those of the first request
    answers = _Answers(settings, log)
    routes = [
        Route("/cds-services", answers.discovery, methods=["GET"]),
        Route("/cds-services/{id}", answers.hook, methods=["POST"]),
        Route("/cds-services/{id}/feedback", answers.feedback, methods=["POST"]),
        Route("/assess", answers.assess, methods=["POST"]),
        Route("/health", answers.health, methods=["GET"]),
        Route("/ready", answers.ready, methods=["GET"]),
        Route("/openapi.json", answers.openapi, methods=["GET"]),
    ]
    guard = Middleware(partial(Guard, settings=settings, log=log))
    origins = Middleware(
        CORSMiddleware,
        allow_origins=settings.origins,
        allow_methods=["GET", "POST"],
        allow_headers=["Authorization", "Content-Type"],
        expose_headers=["X-Request-Id"],
    )
    return Starlette(
        routes=routes,
        middleware=[*([origins] if settings.origins else []), guard],
        exception_handlers={HTTPException: _not_here, ProblemError: _problem},
        lifespan=answers.lifespan,
    )


def from_environment() -> ASGIApp:
    """The service with the settings that the starting process passed on."""
    return service(Settings.from_environment())


def _not_here(_request: Request, error: Exception) -> Response:
    """A wrong address, or a wrong method."""
    status = error.status_code if isinstance(error, HTTPException) else 500
    says = {404: "there is nothing at this address", 405: "this address does not take this method"}.get(status, "the request is not taken")
    headers = dict(error.headers or {}) if isinstance(error, HTTPException) else None
    return refusal(status, Issue("not-found" if status == 404 else "not-supported", says), headers=headers)  # noqa: PLR2004  # as HTTP has it


def _problem(_request: Request, error: Exception) -> Response:
    return refusal(error.status, *error.issues) if isinstance(error, ProblemError) else refusal(500)


class _Answers:
    """What answers each address. Work is done in threads, so that health is answered at any load."""

    def __init__(self, settings: Settings, log: Callable[..., None]) -> None:
        self.settings, self.log = settings, log
        self.is_ready = False

    @asynccontextmanager
    async def lifespan(self, _app: Starlette) -> AsyncGenerator[None]:
        await _in_thread(self._assessed, _PROBE.encode())
        self.is_ready = True
        self.log(event="started", version=version("tarlatamab-rules"), rulebook=self.settings.rulebook or "default")
        yield
        self.is_ready = False
        self.log(event="stopped")

    async def discovery(self, _request: Request) -> Response:
        return JSONResponse(await _in_thread(discovery, self.settings))

    async def hook(self, request: Request) -> Response:
        called = _called(request)
        return _answer({"cards": await _in_thread(self._cards, called, await _body(request))})

    async def feedback(self, request: Request) -> Response:
        called = _called(request)
        for outcome in outcomes_of(_parsed(await _body(request))):
            self.log(event="feedback", service=called.id, **outcome)
        return _answer({})

    async def assess(self, request: Request) -> Response:
        try:
            return _answer(await _in_thread(self._assessed, await _body(request)))
        except DocumentError as error:
            faults = [{"path": fault.path, "problem": fault.problem, "fix": fault.fix} for fault in error.exceptions]
            return JSONResponse({"faults": faults}, 422, {"Cache-Control": "no-store"})

    async def health(self, _request: Request) -> Response:
        return _answer({"status": "alive"})

    async def ready(self, _request: Request) -> Response:
        return _answer({"status": "ready"}) if self.is_ready else refusal(503, Issue("transient", "the service is starting"))

    async def openapi(self, _request: Request) -> Response:
        return JSONResponse(openapi(self.settings))

    def _assessed(self, body: bytes) -> dict[str, Any]:
        return assessment_document(assess_case(read_case(body), rulebook=self.settings.rulebook))

    def _cards(self, called: Service, body: bytes) -> list[dict[str, Any]]:
        request = checked(called, _parsed(body))
        if request.is_about_the_drug is False:
            return []
        if len(request.orders) > 1:
            return [one_at_a_time(request)]
        known = imported(request, self.settings)
        return cards(request, assess_case(known.case, rulebook=self.settings.rulebook), known)


def _answer(document: Any) -> Response:  # noqa: ANN401  # whatever JSON can hold
    return JSONResponse(document, headers={"Cache-Control": "no-store"})


def _called(request: Request) -> Service:
    called = SERVICES.get(request.path_params["id"])
    if called is None:
        raise ProblemError(404, Issue("not-found", f"there is no such service; use one of {', '.join(SERVICES)}"))
    return called


async def _body(request: Request) -> bytes:
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != _JSON and not (kind.startswith("application/") and kind.endswith("+json")):
        raise ProblemError(415, Issue("not-supported", f"send the body as {_JSON}"))
    return await request.body()


def _parsed(body: bytes) -> object:
    try:
        return json.loads(body, object_pairs_hook=_object, parse_constant=_refused)
    except (ValueError, RecursionError):  # not UTF-8, numbers of too many digits and a key twice are errors of values as well
        raise ProblemError(400, Issue("structure", "the body is not JSON, or an object in it has one key twice")) from None


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object. One with a key twice could be read in two ways."""
    data = dict(pairs)
    if len(data) < len(pairs):
        raise ValueError
    return data


def _refused(_constant: str) -> Never:
    raise ValueError


async def _in_thread(work: Callable[..., Any], *arguments: object) -> Any:  # noqa: ANN401  # what the work gives
    return await anyio.to_thread.run_sync(partial(work, *arguments), abandon_on_cancel=True)
