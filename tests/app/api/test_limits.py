"""The gate, on real connections: clean refusals, bounded bodies, places given back."""

from __future__ import annotations

import http.client
import json
import threading
from collections.abc import Iterator

import pytest

from tests.app.api.live_server import FORM, HEAD, PATIENCE_S, Live, form, live, wait_until
from tests.app.api.stub_reader import HeldReader, StubReader, settings

BIG = form(b"x" * 3_000_000)  # more than the buffers of a connection hold: the client is in mid-upload when it is refused


class Caller(threading.Thread):
    """A request in a thread of its own; ``status`` is 0 until it is answered."""

    def __init__(self, service: Live) -> None:
        super().__init__(daemon=True)
        self._service = service
        self.status = 0

    def run(self) -> None:
        """Upload a small picture and wait for the answer."""
        connection = self._service.connect()
        try:
            connection.request("POST", "/v1/checks", body=form(b"x"), headers=FORM)
            self.status = connection.getresponse().status
        finally:
            connection.close()


@pytest.fixture
def held() -> Iterator[HeldReader]:
    reader = HeldReader()
    yield reader
    reader.let_go.set()


@pytest.fixture
def full(held: HeldReader) -> Iterator[tuple[Live, list[Caller]]]:
    """A service with one reader that is busy and one request waiting, which is all it takes."""
    with live(settings(workers=1, queue_length=1), held) as service:
        callers = [Caller(service), Caller(service)]
        for caller in callers:
            caller.start()
        assert held.started.acquire(timeout=PATIENCE_S)
        wait_until(lambda: service.gauge("checkreader_in_flight") == 2)
        yield service, callers
        held.let_go.set()
        for caller in callers:
            caller.join(PATIENCE_S)


def test_overload_is_a_clean_503_in_mid_upload(full: tuple[Live, list[Caller]], held: HeldReader) -> None:
    """Ten clients with large bodies: each gets a whole 503 with Retry-After on a connection that goes on; who waits is answered."""
    service, callers = full
    for _ in range(10):
        connection = service.connect()
        connection.request("POST", "/v1/checks", body=BIG, headers=FORM)
        response = connection.getresponse()
        document = json.loads(response.read())
        assert (response.status, document["code"], response.headers["retry-after"]) == (503, "overloaded", "1")
        assert response.headers["content-type"] == "application/problem+json"
        assert response.headers.get("connection") is None
        connection.request("GET", "/livez")
        assert connection.getresponse().read() == b'{"status":"alive"}'
        connection.close()
    held.let_go.set()
    for caller in callers:
        caller.join(PATIENCE_S)
        assert caller.status == 200
    assert service.gauge("checkreader_in_flight") == 0


def test_probes_answer_while_every_reader_is_busy(full: tuple[Live, list[Caller]]) -> None:
    """The event loop is never blocked."""
    service, _ = full
    for path in ("/livez", "/readyz", "/v1/model", "/openapi.json"):
        assert service.get(path)[0] == 200


def test_client_that_leaves_the_queue_is_not_read(full: tuple[Live, list[Caller]], held: HeldReader) -> None:
    """Its place is free again, and no reader works for nobody."""
    service, callers = full
    held.let_go.set()
    for caller in callers:
        caller.join(PATIENCE_S)
    held.let_go.clear()
    first = Caller(service)
    first.start()
    for _ in range(2):
        assert held.started.acquire(timeout=PATIENCE_S)
    leaver = service.connect()
    leaver.request("POST", "/v1/checks", body=form(b"x"), headers=FORM)
    wait_until(lambda: service.gauge("checkreader_in_flight") == 2)
    asked = len(held.asked)
    leaver.close()
    held.let_go.set()
    first.join(PATIENCE_S)
    wait_until(lambda: service.gauge("checkreader_in_flight") == 0)
    assert first.status == 200
    assert len(held.asked) == asked
    assert 'status="499"' in service.get("/metrics")[1]


def test_client_that_leaves_in_mid_upload_gives_its_place_back() -> None:
    """A body that never ends takes no place for ever."""
    with live(settings(workers=1, queue_length=0), StubReader()) as service:
        leaver = service.raw()
        leaver.sendall(b"POST /v1/checks HTTP/1.1\r\nHost: x\r\nContent-Length: 5000\r\n" + header(FORM) + b"\r\n" + HEAD)
        wait_until(lambda: service.gauge("checkreader_in_flight") == 1)
        leaver.close()
        wait_until(lambda: service.gauge("checkreader_in_flight") == 0)


def header(fields: dict[str, str]) -> bytes:
    """Header lines as bytes."""
    return "".join(f"{name}: {value}\r\n" for name, value in fields.items()).encode()


def test_declared_size_is_refused_before_the_body() -> None:
    """The answer comes while no byte of the body has been sent, and names limit and size."""
    with live(settings(max_body_bytes=10_000), StubReader()) as service, service.raw() as client:
        client.sendall(b"POST /v1/checks HTTP/1.1\r\nHost: x\r\nContent-Length: 123456789\r\n" + header(FORM) + b"\r\n")
        response = http.client.HTTPResponse(client)
        response.begin()
        document = json.loads(response.read())
        response.close()
    assert (response.status, document["code"]) == (413, "body_too_large")
    assert "10000 bytes; given: 123456789" in document["detail"]


def test_size_is_counted_where_none_was_declared() -> None:
    """A chunked body is cut off at the limit."""
    with live(settings(max_body_bytes=10_000), StubReader()) as service:
        connection = service.connect()
        chunks = iter([HEAD, *[b"x" * 1000] * 50])
        connection.request("POST", "/v1/checks", body=chunks, headers=FORM, encode_chunked=True)
        response = connection.getresponse()
        assert response.status == 413
        assert json.loads(response.read())["code"] == "body_too_large"
        connection.close()


def test_body_at_the_limit_is_read() -> None:
    """The limit itself is allowed."""
    body = form(b"x" * 2000)
    with live(settings(max_body_bytes=len(body)), StubReader()) as service:
        connection = service.connect()
        connection.request("POST", "/v1/checks", body=body, headers=FORM)
        assert connection.getresponse().status == 200
        connection.close()


def test_slow_body_is_answered_408_and_closed() -> None:
    """A body that does not arrive in time gets its answer, and the place is free."""
    with live(settings(body_timeout_s=0.3), StubReader()) as service, service.raw() as client:
        client.sendall(b"POST /v1/checks HTTP/1.1\r\nHost: x\r\nContent-Length: 5000\r\n" + header(FORM) + b"\r\n" + HEAD)
        response = http.client.HTTPResponse(client)
        response.begin()
        document = json.loads(response.read())
        response.close()
        assert (response.status, document["code"]) == (408, "upload_too_slow")
        assert "0.3 s" in document["detail"]
        assert response.headers["connection"] == "close"
        assert client.recv(1) == b"", "the connection is closed"
        assert service.gauge("checkreader_in_flight") == 0


def test_dripping_body_does_not_move_the_deadline() -> None:
    """The time counts for the whole body, not from byte to byte."""
    with live(settings(body_timeout_s=0.4), StubReader()) as service, service.raw() as client:
        client.sendall(b"POST /v1/checks HTTP/1.1\r\nHost: x\r\nContent-Length: 5000\r\n" + header(FORM) + b"\r\n" + HEAD)
        client.settimeout(0.05)
        answer = b""
        for _ in range(40):
            try:
                answer = client.recv(100)
                break
            except TimeoutError:
                client.sendall(b"x")
        assert answer.startswith(b"HTTP/1.1 408")
