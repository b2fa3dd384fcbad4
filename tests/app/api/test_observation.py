"""Ids, headers and log lines of requests."""

from __future__ import annotations

import json
import logging

import pytest
from starlette.testclient import TestClient

from app import logs
from app.main import create_app
from tests.app.api.stub_reader import SECRETS, BrokenReader, StubReader, settings

IMAGE = {"image": ("SECRETNAME.png", b"SECRETBYTES", "image/png")}


@pytest.mark.parametrize("given", ["abc-123", "0198C1D2.e4_f5", "x" * 128])
def test_sane_id_of_the_caller_is_kept(client: TestClient, given: str) -> None:
    """The answer carries the id that came."""
    assert client.get("/livez", headers={"X-Request-ID": given}).headers["x-request-id"] == given


@pytest.mark.parametrize("given", ["", "a b", "x" * 129, "a\tb", "<script>", "é"])
def test_other_ids_are_replaced(client: TestClient, given: str) -> None:
    """Nothing else of a header comes back or into the log."""
    answered = client.get("/livez", headers={b"X-Request-ID": given.encode()}).headers["x-request-id"]
    assert answered != given
    assert len(answered) == 32


def test_answers_are_not_to_be_stored(client: TestClient) -> None:
    """No cache keeps an amount."""
    response = client.post("/v1/checks", files=IMAGE)
    assert response.headers["cache-control"] == "no-store"
    assert response.headers["x-content-type-options"] == "nosniff"


@pytest.mark.usefixtures("undisturbed_logs")
@pytest.mark.parametrize("form", ["console", "json"])
def test_logs_hold_nothing_of_a_check(form: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """One line for each request with route, status and id; no picture, no amount, no MICR line, no query, no file name."""
    stream = _Stream()
    monkeypatch.setattr("sys.stderr", stream)
    logs.configure("debug", "json" if form == "json" else "console")
    monkeypatch.setattr(logging.getLogger("httpx2"), "disabled", True)  # the test's own client writes its addresses
    with TestClient(create_app(settings(), StubReader())) as client:
        client.post("/v1/checks?include=characters&max_error=0.5", files=IMAGE, headers={"X-Request-ID": "mine"})
        client.post("/v1/checks", content=b"SECRETBYTES", headers={"content-type": "multipart/form-data; boundary=a"})
    with TestClient(create_app(settings(), BrokenReader())) as client:
        client.post("/v1/checks", files=IMAGE, headers={"X-Request-ID": "broken"})
    written = stream.text
    assert "mine" in written
    assert "broken" in written
    assert "RuntimeError" in written, "the log is where the cause of a 500 stands"
    assert not any(secret in written for secret in (*SECRETS, "SECRET", "max_error"))
    if form == "json":
        lines = [json.loads(line) for line in written.splitlines()]
        assert any(line.get("route") == "/v1/checks" and line["status"] == 200 and line["request_id"] == "mine" for line in lines)


class _Stream:
    """Standard error, kept."""

    def __init__(self) -> None:
        self.text = ""

    def write(self, text: str) -> int:
        self.text += text
        return len(text)

    def flush(self) -> None:
        """Nothing is held back."""

    def isatty(self) -> bool:
        return False
