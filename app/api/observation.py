"""The outermost layer: an id for every request, one log line and the metrics of every answer, and the last resort.

No line holds anything of a picture, an amount or a MICR line: method, route, status, time, sizes and codes only.
"""

from __future__ import annotations

import re
import secrets
import time
from typing import Any

import structlog
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.api.limits import READING_PATHS
from app.api.metrics import Metrics
from app.api.problems import PROBLEM_CODE, REQUEST_ID, problem_response
from app.api.service import ClientGone
from app.errors import CheckReaderError

REQUEST_ID_HEADER = b"x-request-id"
SANE_REQUEST_ID = re.compile(rb"[A-Za-z0-9._-]{1,128}\Z")
CLIENT_GONE = 499  # in log and metrics only: there was nobody to answer
PROBES = frozenset({"/livez", "/readyz", "/metrics"})
HEADERS = [(b"cache-control", b"no-store"), (b"x-content-type-options", b"nosniff")]

log = structlog.get_logger("checkreader.request")


class Observation:
    """Gives the request its id, sends every answer with it, books it, and answers 500 where something broke."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = scope[REQUEST_ID] = request_id_of(scope)
        begin = time.perf_counter()
        status = 0

        async def send_observed(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message.get("headers", []), *HEADERS, (REQUEST_ID_HEADER, request_id.encode())]
            await send(message)

        try:
            await self._app(scope, receive, send_observed)
        except (ClientGone, ClientDisconnect):
            status = status or CLIENT_GONE
        except Exception:
            log.exception("request broke", request_id=request_id, route=route_of(scope))
            if status == 0:
                await problem_response(CheckReaderError(""), scope)(scope, receive, send_observed)
        finally:
            self._book(scope, status or CLIENT_GONE, time.perf_counter() - begin)

    def _book(self, scope: Scope, status: int, seconds: float) -> None:
        route, code = route_of(scope), scope.get(PROBLEM_CODE)
        self._metrics.count_request(route, scope["method"], status, seconds, code)
        fields: dict[str, Any] = {
            "request_id": scope[REQUEST_ID],
            "method": scope["method"],
            "route": route,
            "status": status,
            "ms": round(seconds * 1000.0, 1),
        }
        if code is not None:
            fields["code"] = code
        write = log.debug if route in PROBES else log.warning if status >= 500 else log.info
        write("request", **fields)


def request_id_of(scope: Scope) -> str:
    """The caller's id where it is a sane one, else a new one."""
    given = next((value for name, value in scope["headers"] if name == REQUEST_ID_HEADER), b"")
    return given.decode("ascii") if SANE_REQUEST_ID.match(given) else secrets.token_hex(16)


def route_of(scope: Scope) -> str:
    """The template of the matched path. What was refused before routing is a reading path; the rest has no name."""
    path = getattr(scope.get("route"), "path", None)
    if path is not None:
        return str(path)
    if scope["path"] == "/openapi.json":
        return "/openapi.json"
    return "refused" if scope["path"].startswith(READING_PATHS) and scope["method"] == "POST" else "unmatched"
