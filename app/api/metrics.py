"""``GET /metrics``, and what it counts. A registry per application: two applications in one process do not mix."""

from __future__ import annotations

from collections.abc import Iterable

from fastapi import APIRouter, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector, generate_latest

from app.api.examples import METRICS_EXAMPLE
from app.reader.second_reader import SecondReaderInfo
from app.reader.types import CheckReading, ModelInfo

REQUEST_BUCKETS_S = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
STAGE_BUCKETS_S = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5)
LIMIT_CODES = frozenset({"overloaded", "body_too_large", "too_many_pixels", "upload_too_slow"})
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


class Metrics:
    """Counts of requests, stages and decisions. No label holds anything of a check."""

    def __init__(self) -> None:
        registry = self.registry = CollectorRegistry()
        ProcessCollector(registry=registry)
        self._requests = Counter("checkreader_requests", "Requests answered", ("route", "method", "status"), registry=registry)
        self._seconds = Histogram(
            "checkreader_request_seconds",
            "Time from first header to answer",
            ("route",),
            buckets=REQUEST_BUCKETS_S,
            registry=registry,
        )
        self._stages = Histogram(
            "checkreader_stage_seconds", "Time of each stage of a reading", ("stage",), buckets=STAGE_BUCKETS_S, registry=registry
        )
        self._decisions = Counter("checkreader_decisions", "Readings by field and decision", ("field", "decision"), registry=registry)
        self._problems = Counter("checkreader_problems", "Problem documents by code", ("code",), registry=registry)
        self._refused = Counter("checkreader_refused_by_limit", "Requests refused by a limit", ("limit",), registry=registry)
        for code in sorted(LIMIT_CODES):
            self._refused.labels(code)  # there from the start, so that a first refusal is a step from 0
        self.in_flight = Gauge("checkreader_in_flight", "Requests for a reading between first header and answer", registry=registry)
        self.reading = Gauge("checkreader_reading", "Reads that are running", registry=registry)
        self.ready = Gauge("checkreader_ready", "1 where /readyz answers 200", registry=registry)
        self._models = Gauge("checkreader_model_info", "The models that read", ("model", "version", "digest"), registry=registry)

    def count_request(self, route: str, method: str, status: int, seconds: float, problem_code: str | None) -> None:
        """Book one answered request; ``route`` is the template of its path."""
        self._requests.labels(route, method if method in METHODS else "OTHER", str(status)).inc()
        self._seconds.labels(route).observe(seconds)
        if problem_code is not None:
            self._problems.labels(problem_code).inc()
        if problem_code in LIMIT_CODES:
            self._refused.labels(problem_code).inc()

    def count_reading(self, reading: CheckReading) -> None:
        """Book the stages and the decisions of one reading."""
        for stage, spent_ms in reading.timings_ms.items():
            self._stages.labels(stage).observe(spent_ms / 1000.0)
        for field, part in (("courtesy_amount", reading.amount), ("micr_line", reading.micr), ("digit", reading.digit)):
            if part is not None:
                self._decisions.labels(field, part.decision).inc()

    def name_models(self, models: Iterable[ModelInfo | SecondReaderInfo]) -> None:
        """Say which models read."""
        for model in models:
            self._models.labels(model.name, model.version, model.digest).set(1)


router = APIRouter(tags=["operations"])


@router.get(
    "/metrics",
    summary="Metrics for Prometheus",
    response_class=Response,
    responses={200: {"description": "Text exposition format", "content": {"text/plain": {"example": METRICS_EXAMPLE}}}},
)
async def metrics(request: Request) -> Response:
    """Requests, latencies, stages, decisions, what was refused by a limit, what is under way."""
    counted: Metrics = request.app.state.metrics
    return Response(generate_latest(counted.registry), headers={"Content-Type": CONTENT_TYPE_LATEST})
