"""POST /v1/fields/…"""

from __future__ import annotations

import pytest
from starlette.testclient import TestClient

from app.reader.types import Scope
from tests.app.api.stub_reader import StubReader

IMAGE = {"image": ("field.png", b"the stub does not look", "image/png")}


@pytest.mark.parametrize(
    ("path", "scope", "part"),
    [("courtesy-amount", Scope.COURTESY_AMOUNT, "amount"), ("micr-line", Scope.MICR_LINE, "micr"), ("digit", Scope.DIGIT, "digit")],
)
def test_a_field_is_read_in_its_scope(client: TestClient, reader: StubReader, path: str, scope: Scope, part: str) -> None:
    """Each route asks for its own field and answers with it alone."""
    response = client.post(f"/v1/fields/{path}?max_error=0.02&page=1", files=IMAGE)
    assert response.status_code == 200
    asked = reader.asked[-1]
    assert (asked.scope, asked.max_error, asked.page_index) == (scope, 0.02, 1)
    assert {"amount", "micr", "digit"} & set(response.json()) == {part}


def test_amount_format_is_known_where_there_is_an_amount(client: TestClient, reader: StubReader) -> None:
    """It reaches the reader on the amount's route and is unknown on the others."""
    assert client.post("/v1/fields/courtesy-amount?amount_format=plain", files=IMAGE).status_code == 200
    assert reader.asked[-1].amount_format == "plain"
    response = client.post("/v1/fields/micr-line?amount_format=plain", files=IMAGE)
    assert response.status_code == 422
    assert response.json()["detail"] == "Unknown query parameter amount_format; known: max_error, include, page, character."
