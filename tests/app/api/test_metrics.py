"""GET /metrics."""

from __future__ import annotations

from prometheus_client.parser import text_string_to_metric_families
from starlette.testclient import TestClient

from app.main import create_app
from tests.app.api.stub_reader import SECRETS, StubReader, settings

IMAGE = {"image": b"x"}


def samples(client: TestClient) -> dict[tuple[str, frozenset[tuple[str, str]]], float]:
    """(name, labels) -> value."""
    families = text_string_to_metric_families(client.get("/metrics").text)
    return {(sample.name, frozenset(sample.labels.items())): sample.value for family in families for sample in family.samples}


def value(client: TestClient, name: str, **labels: str) -> float:
    return samples(client).get((name, frozenset(labels.items())), 0.0)


def test_requests_stages_and_decisions_are_counted(client: TestClient) -> None:
    """One reading: one request, one observation of each stage, one decision of each field; the warm-up counts nowhere."""
    client.post("/v1/checks", files=IMAGE)
    assert value(client, "checkreader_requests_total", route="/v1/checks", method="POST", status="200") == 1
    assert value(client, "checkreader_request_seconds_count", route="/v1/checks") == 1
    assert value(client, "checkreader_stage_seconds_count", stage="recognise") == 1
    assert value(client, "checkreader_decisions_total", field="courtesy_amount", decision="refused") == 1
    assert value(client, "checkreader_decisions_total", field="micr_line", decision="accepted") == 1
    assert value(client, "checkreader_in_flight") == 0
    assert value(client, "checkreader_ready") == 1


def test_what_meets_a_limit_is_counted() -> None:
    """A limit has its count from the start, and each refusal is one more."""
    with TestClient(create_app(settings(max_body_bytes=1024), StubReader())) as client:
        assert ("checkreader_refused_by_limit_total", frozenset({("limit", "overloaded")})) in samples(client)
        client.post("/v1/checks", files={"image": b"x" * 2000})
        assert value(client, "checkreader_refused_by_limit_total", limit="body_too_large") == 1
        assert value(client, "checkreader_problems_total", code="body_too_large") == 1


def test_labels_are_bounded_and_hold_nothing_of_a_check(client: TestClient) -> None:
    """Whatever paths, methods and pictures come, the label values are ours."""
    client.post("/v1/checks", files=IMAGE)
    for k in range(5):
        client.get(f"/secret/{k}")
        client.request(f"M{k}", "/livez")
    text = client.get("/metrics").text
    assert "/secret" not in text
    assert 'method="M1"' not in text
    assert not any(secret in text for secret in SECRETS)


def test_applications_do_not_share_counts(client: TestClient) -> None:
    """A registry per application."""
    client.post("/v1/checks", files=IMAGE)
    with TestClient(create_app(settings(), StubReader())) as other:
        assert value(other, "checkreader_requests_total", route="/v1/checks", method="POST", status="200") == 0
