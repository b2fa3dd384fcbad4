"""``include=explanation`` over HTTP, with the committed models behind it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from starlette.testclient import TestClient

from app.explanation_document import ExplanationDocument
from app.main import create_app
from app.reader.pipeline import CheckReader
from app.response import CheckResponse
from tests.app.api.stub_reader import settings
from tests.app.explained_samples import CLEAR, SAMPLES, reading, recogniser

GUIDE = Path(__file__).resolve().parents[3] / "docs/api.md"


@pytest.fixture(scope="module")
def service() -> Iterator[TestClient]:
    """The application with a real reader."""
    with TestClient(create_app(settings(), CheckReader(recogniser()))) as opened:
        yield opened


def post(service: TestClient, query: str, path: str = "/v1/checks") -> Any:
    return service.post(f"{path}?{query}", files={"image": (CLEAR, (SAMPLES / CLEAR).read_bytes(), "image/png")})


def test_every_field_that_was_found_is_explained(service: TestClient) -> None:
    """Amount with the network on the character that was asked for, MICR line without; small, and as the schema says."""
    response = post(service, "include=explanation&character=2")
    assert response.status_code == 200
    assert len(response.content) < 200_000
    CheckResponse.model_validate_json(response.content)
    amount, micr = response.json()["amount"], response.json()["micr"]
    assert amount["explanation"]["winner"]["text"] == amount["text"]
    assert amount["explanation"]["network"]["character"] == 2
    assert amount["explanation"]["network"]["symbol"] == amount["text"][2]
    assert amount["explanation"]["network_missing"] is None
    assert micr["explanation"]["network"] is None
    assert np.array(amount["explanation"]["network"]["c1"]["levels"]).shape == (6, 28, 28)


def test_the_first_character_is_shown_where_none_is_named(service: TestClient) -> None:
    """Of the amount; of the MICR line where only that is asked for."""
    assert post(service, "include=explanation").json()["amount"]["explanation"]["network"]["character"] == 0
    line = post(service, "include=explanation&fields=micr_line").json()
    assert line["micr"]["explanation"]["network"]["symbol"] == line["micr"]["raw"][0]


def test_nothing_is_explained_unasked(service: TestClient) -> None:
    """The key is not there, whatever else is included."""
    assert b"explanation" not in post(service, "include=characters,alternatives").content


def test_a_character_out_of_range_is_a_problem_that_says_how_many_there_are(service: TestClient) -> None:
    """422 with the count of the field; negative and absurd numbers are refused before reading."""
    amount = reading(CLEAR).amount
    assert amount is not None
    count = len(amount.characters)
    response = post(service, f"include=explanation&character={count}")
    assert (response.status_code, response.json()["code"]) == (422, "invalid_parameter")
    assert response.json()["detail"] == f"character must be 0 to {count - 1}: the amount has {count} characters; given: {count}."
    for wrong in ("-1", "1000", "first"):
        response = post(service, f"include=explanation&character={wrong}")
        assert response.status_code == 422
        assert response.json()["detail"] == f"character must be a whole number from 0 to 999; given: {wrong}."


def test_a_digit_has_one_character(service: TestClient) -> None:
    """The route of single digits explains its one character and no second one."""
    answer = post(service, "include=explanation", "/v1/fields/digit").json()
    assert answer["digit"]["explanation"]["network"]["character_count"] == 1
    refused = post(service, "include=explanation&character=1", "/v1/fields/digit").json()
    assert refused["detail"] == "character must be 0: the digit has 1 character; given: 1."


def test_the_schema_describes_every_part(service: TestClient) -> None:
    """The parameters on every reading route, and the documents down to the levels of a map."""
    document = service.get("/openapi.json").json()
    for path in ("/v1/checks", "/v1/fields/courtesy-amount", "/v1/fields/micr-line", "/v1/fields/digit"):
        parameters = {parameter["name"]: parameter for parameter in document["paths"][path]["post"]["parameters"]}
        assert "explanation" in parameters["include"]["schema"]["items"]["enum"]
        assert "character" in parameters
    schemas = document["components"]["schemas"]
    assert {"ExplanationDocument", "PathDocument", "ArcDocument", "NetworkDocument", "LayerDocument", "MapsDocument"} <= set(schemas)
    level = schemas["MapsDocument"]["properties"]["levels"]["items"]["items"]["items"]
    assert (level["minimum"], level["maximum"]) == (0, 255)


def test_the_guide_shows_a_real_explanation() -> None:
    """The example of docs/api.md is one that the schema accepts."""
    section = GUIDE.read_text(encoding="utf-8").split("### The explanation")[1]
    found = re.search(r"```json\n(.*?)```", section, re.DOTALL)
    assert found is not None
    assert ExplanationDocument.model_validate(json.loads(found[1])).winner.text == "$1,234.56"
