"""The limits of a service, its token check and its log, around everything that answers."""

from __future__ import annotations

import hmac
import time
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, Final
from uuid import uuid4

import anyio

from tarlatamab_rules.service.logs import log_line
from tarlatamab_rules.service.problems import Issue, refusal

if TYPE_CHECKING:
    from starlette.responses import Response
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from tarlatamab_rules.service.settings import Settings

__all__ = ["Guard"]

_OPEN: Final = frozenset(("/health", "/ready"))
"""What answers at any load and without a token: it has nothing about a patient."""


class _SlowBodyError(Exception):
    """The body did not come in time."""


class _LargeBodyError(Exception):
    """The body is larger than allowed."""


class Guard:
    """An application of ASGI around another one.

    Refuses what is too large, too slow, too much at a time or without a token; logs each request; hides each unexpected error.
    """

    app: ASGIApp
    settings: Settings
    log: Callable[..., None]
    token: bytes
    active: int

    def __init__(self, app: ASGIApp, settings: Settings, log: Callable[..., None] = log_line) -> None:
        self.app, self.settings, self.log = app, settings, log
        self.token = settings.token().encode()
        self.active = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: D102  # as ASGI has it
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        seen = _Seen(send, uuid4().hex)
        started = time.perf_counter()
        try:
            await self._limited(scope, receive, seen)
        finally:
            route = scope.get("route")
            self.log(
                request=seen.id,
                method=scope["method"] if scope["method"] in _METHODS else "other",
                route=getattr(route, "path", "none"),  # the pattern: a path could hold anything
                status=seen.status,
                milliseconds=round((time.perf_counter() - started) * 1000, 1),
            )

    async def _limited(self, scope: Scope, receive: Receive, seen: _Seen) -> None:
        refused = None if scope["path"] in _OPEN else self._refused(scope)
        if refused is not None:
            await refused(scope, receive, seen)
            return
        self.active += 1
        try:
            await self._answered(scope, receive, seen)
        finally:
            self.active -= 1

    def _refused(self, scope: Scope) -> Response | None:
        """What is refused before its body is read."""
        headers = dict(scope["headers"])
        if scope["method"] != "OPTIONS" and self.token and not self._has_token(headers.get(b"authorization", b"")):
            issue = Issue("login", "this service asks for a token; send it as Authorization: Bearer")
            return refusal(401, issue, headers={"WWW-Authenticate": "Bearer"})
        if self.active >= self.settings.concurrency:
            issue = Issue("throttled", "the service is at its limit; try again in a second")
            return refusal(503, issue, headers={"Retry-After": "1"})
        length = headers.get(b"content-length", b"0")
        if length.isdigit() and int(length[:20]) > self.settings.body:
            return self._too_large()
        return None

    def _has_token(self, header: bytes) -> bool:
        kind, _, token = header.partition(b" ")
        return kind.lower() == b"bearer" and hmac.compare_digest(token.strip(), self.token)

    def _too_large(self) -> Response:
        issue = Issue("too-long", f"the body has more than {self.settings.body:,} bytes")
        return refusal(413, issue, headers={"Connection": "close"})

    async def _answered(self, scope: Scope, receive: Receive, seen: _Seen) -> None:
        """The answer, within the limits of size and time; an unexpected error is logged by its kind and its place alone."""
        until = anyio.current_time() + self.settings.seconds
        answer: Response | None = None
        try:
            body = await _read(receive, self.settings.body, until)
            with anyio.fail_after(max(until - anyio.current_time(), 0)):
                await self.app(scope, body, seen)
        except _LargeBodyError:
            answer = self._too_large()
        except _SlowBodyError:
            issue = Issue("timeout", f"the body did not arrive within {self.settings.seconds:g} seconds")
            answer = refusal(408, issue, headers={"Connection": "close"})
        except TimeoutError:
            issue = Issue("timeout", f"there was no answer within {self.settings.seconds:g} seconds; try again")
            answer = refusal(503, issue, headers={"Retry-After": "1"})
        except Exception as error:  # noqa: BLE001  # whatever it is, it must not show a value of the request
            self.log(request=seen.id, error=type(error).__name__, place=_place_of(error))
            answer = refusal(500, Issue("exception", f"an error in the service itself; its log has it under request {seen.id}"))
        if answer is not None and seen.status == 0:
            await answer(scope, receive, seen)


_METHODS: Final = frozenset(("GET", "POST", "HEAD", "OPTIONS", "PUT", "PATCH", "DELETE"))


class _Seen:
    """Sends, and remembers the status."""

    def __init__(self, send: Send, name: str) -> None:
        self.send, self.id, self.status = send, name, 0

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            message["headers"] = [*message.get("headers", ()), (b"x-request-id", self.id.encode())]
        await self.send(message)


async def _read(receive: Receive, most: int, until: float) -> Receive:
    """The whole body, as what receives it again."""
    parts: list[bytes] = []
    size, more = 0, True
    while more:
        message: Message | None = None
        with anyio.move_on_after(max(until - anyio.current_time(), 0)):
            message = await receive()
        if message is None:
            raise _SlowBodyError
        if message["type"] != "http.request":
            break
        parts.append(message.get("body", b""))
        size += len(parts[-1])
        more = message.get("more_body", False)
        if size > most:
            raise _LargeBodyError
    return _again(b"".join(parts), receive)


def _again(body: bytes, receive: Receive) -> Callable[[], Awaitable[Message]]:
    first = True

    async def received() -> Message:
        nonlocal first
        if first:
            first = False
            return {"type": "http.request", "body": body, "more_body": False}
        return await receive()

    return received


def _place_of(error: BaseException) -> str:
    """The place in the code that raised an error."""
    trace: Any = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return "" if trace is None else f"{trace.tb_frame.f_code.co_filename.rpartition('/')[2]}:{trace.tb_lineno}"
