"""GET /v1/model."""

from __future__ import annotations

from starlette.testclient import TestClient

from tests.app.api.stub_reader import ALPHABETS


def test_models_say_what_they_are(client: TestClient) -> None:
    """Digest, alphabet and thresholds of both models, and where they run."""
    document = client.get("/v1/model").json()
    assert document["device"] == "cpu"
    assert set(document["models"]) == {"courtesy_amount", "micr_e13b"}
    for name, model in document["models"].items():
        assert model["digest"].startswith("sha256:")
        assert tuple(model["alphabet"]) == ALPHABETS[name].symbols
        assert model["thresholds"] == [{"max_error": 0.01, "least_confidence": 0.9}]


def test_digests_are_those_of_the_readings(client: TestClient) -> None:
    """A reading names the files that /v1/model describes."""
    models = client.get("/v1/model").json()["models"]
    reading = client.post("/v1/checks", files={"image": b"x"}).json()
    assert reading["model"] == {name: model["digest"] for name, model in models.items()}
