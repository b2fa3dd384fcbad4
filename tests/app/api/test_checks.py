"""POST /v1/checks."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image
from starlette.testclient import TestClient

from app.main import create_app
from app.reader.types import Scope
from tests.app.api.stub_reader import StubReader, settings

IMAGE = {"image": ("check.png", b"the stub does not look", "image/png")}


def test_a_check_is_read_with_the_defaults(client: TestClient, reader: StubReader) -> None:
    """A picture and nothing else: both fields, dollars, the stated error of the settings."""
    response = client.post("/v1/checks", files=IMAGE)
    assert response.status_code == 200
    assert response.headers["content-type"] == "application/json"
    assert response.json()["amount"]["value"] == "1234.56"
    assert response.json()["micr"]["raw"] == "⑆075911713⑆ 123456789⑈ 1237"
    asked = reader.asked[-1]
    assert (asked.scope, asked.fields, asked.amount_format) == (Scope.CHECK, ("courtesy_amount", "micr_line"), "auto")
    assert (asked.max_error, asked.page_index) == (0.01, 0)


def test_stated_error_of_the_settings_holds_unless_the_query_names_one() -> None:
    """CHECKREADER_MAX_ERROR is the default of the parameter."""
    reader = StubReader()
    with TestClient(create_app(settings(max_error=0.05), reader)) as client:
        client.post("/v1/checks", files=IMAGE)
        client.post("/v1/checks?max_error=0.002", files=IMAGE)
    assert [asked.max_error for asked in reader.asked[-2:]] == [0.05, 0.002]


def test_query_reaches_the_reader(client: TestClient, reader: StubReader) -> None:
    """Every parameter arrives."""
    response = client.post("/v1/checks?fields=micr_line&amount_format=in&page=3", files=IMAGE)
    asked = reader.asked[-1]
    assert (asked.fields, asked.amount_format, asked.page_index) == (("micr_line",), "in", 3)
    assert "amount" not in response.json()


def test_the_box_of_the_amount_reaches_the_reader(client: TestClient, reader: StubReader) -> None:
    """Four numbers; anything else is a 422 that says what is wanted."""
    assert client.post("/v1/checks?amount_box=812,214,1088.5,262", files=IMAGE).status_code == 200
    assert reader.asked[-1].amount_box == (812.0, 214.0, 1088.5, 262.0)
    for wrong in ("812,214,1088", "a,b,c,d", "812,214,812,262", "1,2,nan,4"):
        answer = client.post(f"/v1/checks?amount_box={wrong}", files=IMAGE)
        assert answer.status_code == 422, wrong
        assert answer.json()["code"] == "invalid_parameter"
        assert "left,top,right,bottom" in answer.json()["detail"]


@pytest.mark.parametrize("query", ["include=characters,alternatives", "include=characters&include=alternatives"])
def test_include_adds_the_evidence(client: TestClient, query: str) -> None:
    """Words may be repeated or have commas between."""
    amount = client.post(f"/v1/checks?{query}", files=IMAGE).json()["amount"]
    assert amount["characters"][0]["alternatives"] == [{"symbol": "7", "confidence": 0.0006}]
    assert amount["alternatives"] == [{"value": "1284.56", "confidence": 0.12}]


def test_include_snippets_cuts_the_uploaded_picture(client: TestClient) -> None:
    """Each field found carries its PNG."""
    buffer = io.BytesIO()
    Image.fromarray(np.full((48, 64), 200, dtype=np.uint8)).save(buffer, "PNG")
    document = client.post("/v1/checks?include=snippets", files={"image": buffer.getvalue()}).json()
    for part in ("amount", "micr"):
        assert document[part]["snippet_png_base64"].startswith("iVBORw0KGgo")


def test_other_parts_of_the_form_are_ignored(client: TestClient) -> None:
    """A form may carry more than the picture."""
    assert client.post("/v1/checks", files={**IMAGE, "note": (None, b"x")}).status_code == 200
