"""The OpenAPI document: complete, with real examples."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import BaseModel
from starlette.testclient import TestClient

from app.api.schemas import ModelsDocument, PointerDocument, Problem, StatusDocument
from app.response import CheckResponse

READING = ("/v1/checks", "/v1/fields/courtesy-amount", "/v1/fields/micr-line", "/v1/fields/digit")
ANSWERS: dict[str, type[BaseModel]] = {
    **dict.fromkeys(READING, CheckResponse),
    "/v1/model": ModelsDocument,
    "/livez": StatusDocument,
    "/readyz": StatusDocument,
    "/": PointerDocument,
}


@pytest.fixture
def document(client: TestClient) -> dict[str, Any]:
    found: dict[str, Any] = client.get("/openapi.json").json()
    return found


def examples_of(content: dict[str, Any]) -> list[Any]:
    return [content["example"]] if "example" in content else [entry["value"] for entry in content["examples"].values()]


def test_every_route_has_examples_that_its_model_accepts(document: dict[str, Any]) -> None:
    """An example that the service could not answer is a lie."""
    assert set(document["paths"]) == {*ANSWERS, "/metrics"}
    for path, model in ANSWERS.items():
        for operation in document["paths"][path].values():
            examples = examples_of(operation["responses"]["200"]["content"]["application/json"])
            assert examples
            for example in examples:
                model.model_validate(example)


def test_every_problem_has_an_example_of_its_status(document: dict[str, Any]) -> None:
    """Each code of a reading route stands under its status, as a whole problem document."""
    for path in READING:
        responses = document["paths"][path]["post"]["responses"]
        assert set(responses) == {"200", "400", "408", "413", "415", "422", "500", "503"}
        for status in set(responses) - {"200"}:
            assert set(responses[status]["content"]) == {"application/problem+json"}
            for example in examples_of(responses[status]["content"]["application/problem+json"]):
                assert Problem.model_validate(example).status == int(status)
                assert example["detail"]


def test_references_lead_somewhere(document: dict[str, Any]) -> None:
    """Every $ref of the document is defined in it."""

    def references(node: Any) -> list[str]:
        if isinstance(node, dict):
            own = [node["$ref"]] if isinstance(node.get("$ref"), str) else []
            return own + [found for child in node.values() for found in references(child)]
        return [found for child in node for found in references(child)] if isinstance(node, list) else []

    found = references(document)
    assert found
    for reference in found:
        assert reference.removeprefix("#/components/schemas/") in document["components"]["schemas"]


def test_upload_is_described(document: dict[str, Any]) -> None:
    """A generated client knows that ``image`` is a file."""
    for path in READING:
        schema = document["paths"][path]["post"]["requestBody"]["content"]["multipart/form-data"]["schema"]
        assert schema["properties"]["image"]["format"] == "binary"
        assert schema["required"] == ["image"]


def test_left_out_parts_are_not_required(document: dict[str, Any]) -> None:
    """What the answer may leave out, the schema does not demand."""
    schemas = document["components"]["schemas"]
    assert not {"amount", "micr", "digit"} & set(schemas["CheckResponse"]["required"])
    assert not {"characters", "alternatives"} & set(schemas["AmountDocument"]["required"])
    assert "reason" in schemas["AmountDocument"]["required"]
