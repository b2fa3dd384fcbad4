"""The gate before body parsing: load shedding, the size of a body, the time that it may take.

A pure ASGI layer, because what is refused here must cost nothing: no form is parsed and no byte is awaited. A refusal is a
whole HTTP answer on a connection that stays open, so that a client in mid-upload gets the 503 and not a reset.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import anyio
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.api.problems import problem_response
from app.errors import CheckReaderError, MalformedUpload, Overloaded, UploadTooLarge, UploadTooSlow

READING_PATHS = ("/v1/checks", "/v1/fields/")


@dataclass(frozen=True, slots=True)
class GateLimits:
    """``workers`` reads at a time, ``queue_length`` requests that wait (or still upload) behind them."""

    workers: int
    queue_length: int
    max_body_bytes: int
    body_timeout_s: float

    @property
    def capacity(self) -> int:
        return self.workers + self.queue_length


class Gate:
    """Lets at most ``capacity`` requests for readings in at a time; the others are answered 503 at once.

    A place is held from the first header to the last byte of the answer and given back however the request ends.
    """

    def __init__(self, app: ASGIApp, limits: GateLimits, on_change: Callable[[int], None]) -> None:
        self._app = app
        self._limits = limits
        self._on_change = on_change
        self._in_flight = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "POST" or not scope["path"].startswith(READING_PATHS):
            await self._app(scope, receive, send)
            return
        refusal = self._refusal(scope)
        if refusal is not None:
            await problem_response(refusal, scope)(scope, receive, send)
            return
        self._count(+1)
        try:
            await self._app(scope, BoundedBody(receive, self._limits).receive, send)
        finally:
            self._count(-1)

    def _refusal(self, scope: Scope) -> CheckReaderError | None:
        if self._in_flight >= self._limits.capacity:
            return Overloaded(
                f"{self._limits.workers} reads are under way and {self._limits.queue_length} requests wait, which is the limit. "
                "Try again in 1 s."
            )
        declared = dict(scope["headers"]).get(b"content-length")
        if declared is None:
            return None
        if not declared.isdigit():
            return MalformedUpload("Content-Length must be a whole number.")
        return too_large(self._limits, int(declared[:19])) if int(declared[:19]) > self._limits.max_body_bytes else None

    def _count(self, step: int) -> None:
        self._in_flight += step
        self._on_change(self._in_flight)


def too_large(limits: GateLimits, given_bytes: int) -> UploadTooLarge:
    """The refusal of a body; ``given_bytes`` is what was declared, or what had come when it was refused."""
    return UploadTooLarge(f"A request body may have at most {limits.max_body_bytes} bytes; given: {given_bytes}.")


class BoundedBody:
    """The ``receive`` of one request, with the size and the time of the body bounded.

    Raises ``UploadTooLarge`` and ``UploadTooSlow`` into whoever awaits the body. Once the body is there, nothing is bounded:
    the same ``receive`` then waits for the client to go away.
    """

    def __init__(self, receive: Receive, limits: GateLimits) -> None:
        self._receive = receive
        self._limits = limits
        self._deadline = anyio.current_time() + limits.body_timeout_s
        self._arrived_bytes = 0
        self._complete = False

    async def receive(self) -> Message:
        """The next message of the request."""
        if self._complete:
            return await self._receive()
        message: Message | None = None
        with anyio.CancelScope(deadline=self._deadline):
            message = await self._receive()
        if message is None:
            raise UploadTooSlow(f"The request body did not arrive within {self._limits.body_timeout_s:g} s.")
        if message["type"] == "http.request":
            self._arrived_bytes += len(message.get("body", b""))
            self._complete = not message.get("more_body", False)
            if self._arrived_bytes > self._limits.max_body_bytes:
                raise too_large(self._limits, self._arrived_bytes)
        else:
            self._complete = True
        return message
