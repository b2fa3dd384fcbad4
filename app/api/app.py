"""The HTTP application: routes, errors, and the layers around them.

Observation (id, log, metrics, 500) → Gate (503, 413, 408) → routes → ReadingService → worker threads
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from app import __version__
from app.api import checks, fields, health, metrics, model, page, problems
from app.api.examples import EXAMPLES
from app.api.limits import Gate, GateLimits
from app.api.metrics import Metrics
from app.api.observation import Observation
from app.api.schemas import Problem
from app.api.service import ReadingService
from app.settings import Settings

DESCRIPTION = """Reads the courtesy amount and the MICR line of bank checks, with the evidence, or says that it cannot.

Every error is an RFC 9457 problem document (`application/problem+json`) with a stable `code`. Every answer carries
`X-Request-ID`: the caller's own where it is 1 to 128 characters of `A-Za-z0-9._-`, a new one otherwise."""

Lifespan = Callable[[FastAPI], AbstractAsyncContextManager[None]]


def build_api(settings: Settings, lifespan: Lifespan) -> FastAPI:
    """The application without a reader; ``lifespan`` opens ``app.state.service``."""
    counted = Metrics()
    app = FastAPI(
        title="checkreader",
        version=__version__,
        description=DESCRIPTION,
        docs_url=None,  # its assets come from an outside host
        redoc_url=None,
        lifespan=lifespan,
        telemetry={"tracing": False, "metrics": False, "logs": False, "operation_spans": False, "auto_configure": False},
    )
    app.state.metrics = counted
    app.state.service = ReadingService(settings, counted)
    limits = GateLimits(settings.workers, settings.queue_length, settings.max_body_bytes, settings.body_timeout_s)
    app.add_middleware(Gate, limits=limits, on_change=counted.in_flight.set)
    app.add_middleware(Observation, metrics=counted)  # the last one added is the outermost
    for resource in (checks, fields, model, health, metrics, page):
        app.include_router(resource.router)
    problems.install(app)
    app.openapi = lambda: _openapi(app)  # type: ignore[method-assign]
    return app


def _openapi(app: FastAPI) -> dict[str, Any]:
    """FastAPI's document, with the schema of a problem, which no route names as its model, and the examples."""
    if app.openapi_schema is None:
        document = get_openapi(title=app.title, version=app.version, description=app.description, routes=app.routes)
        document["components"]["schemas"]["Problem"] = Problem.model_json_schema()
        for path, examples in EXAMPLES.items():  # put in here, because FastAPI drops every null of an example
            for operation in document["paths"][path].values():
                operation["responses"]["200"]["content"]["application/json"]["examples"] = dict(examples)
        app.openapi_schema = document
    return app.openapi_schema
