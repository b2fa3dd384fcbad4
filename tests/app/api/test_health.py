"""/livez, /readyz and the pointer at /."""

from __future__ import annotations

from starlette.testclient import TestClient

from app.main import create_app
from tests.app.api.stub_reader import StubReader, settings


def test_alive_and_ready_after_start_up(client: TestClient, reader: StubReader) -> None:
    """Both say so, after one warm-up read."""
    assert client.get("/livez").json() == {"status": "alive"}
    assert client.get("/readyz").json() == {"status": "ready"}
    assert len(reader.asked) == 1


def test_not_ready_before_start_up() -> None:
    """Alive at once; ready, and reading, only after the warm-up."""
    client = TestClient(create_app(settings(), StubReader()))  # without its lifespan
    assert client.get("/livez").status_code == 200
    for response in (client.get("/readyz"), client.get("/v1/model"), client.post("/v1/checks", files={"image": b"x"})):
        assert (response.status_code, response.json()["code"]) == (503, "not_ready")
        assert response.headers["retry-after"] == "1"


def test_draining_service_is_not_ready_but_reads(reader: StubReader) -> None:
    """From the notice on /readyz is 503, while what still comes is answered."""
    app = create_app(settings(), reader)
    with TestClient(app) as client:
        app.state.service.drain()
        assert client.get("/readyz").status_code == 503
        assert client.get("/livez").status_code == 200
        assert client.post("/v1/checks", files={"image": b"x"}).status_code == 200


def test_root_points_to_what_there_is(client: TestClient) -> None:
    """Every path that the pointer names is in the OpenAPI document."""
    pointer = client.get("/").json()
    paths = client.get(pointer["openapi"]).json()["paths"]
    for entry in pointer["read"].values():
        method, path = entry.split()
        assert method.lower() in paths[path]
    assert all(probe in paths for probe in pointer["probes"])
