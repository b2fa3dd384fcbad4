"""Every error is one problem document, with one table of codes in the guide."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from app import errors
from app.api.problems import DETAIL_EXAMPLES, problem_of
from app.errors import CheckReaderError, CorruptImage, Overloaded, ServiceError, StartupError, UsageError
from app.main import create_app
from tests.app.api.stub_reader import BrokenReader, StubReader, settings

GUIDE = Path(__file__).resolve().parents[3] / "docs/api.md"
IMAGE = {"image": ("check.png", b"not really a picture, the stub does not look", "image/png")}


def of_http(kind: type[CheckReaderError] = CheckReaderError) -> dict[str, int]:
    """Code -> status of every class of the tree that a client can meet."""
    found = {} if issubclass(kind, StartupError | UsageError) or kind.__module__ != errors.__name__ else {kind.code: kind.status}
    for child in kind.__subclasses__():
        found |= of_http(child)
    return found


def test_table_of_codes_is_the_error_tree() -> None:
    """docs/api.md lists every code of the tree with its status, sorted by status, and no other."""
    rows = re.findall(r"^\| `(\w+)` \| (\d{3}) \|", GUIDE.read_text(), re.MULTILINE)
    assert {code: int(status) for code, status in rows} == of_http()
    assert [int(status) for _, status in rows] == sorted(int(status) for _, status in rows)


def test_codes_are_unique() -> None:
    """No two classes share a code."""

    def all_codes(kind: type[CheckReaderError]) -> list[str]:
        return [kind.code, *(code for child in kind.__subclasses__() if child.__module__ == errors.__name__ for code in all_codes(child))]

    codes = all_codes(CheckReaderError)
    assert len(codes) == len(set(codes))


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/nothing", 404, "route_not_found"),
        ("POST", "/v1/fields/signature", 404, "route_not_found"),
        ("GET", "/v1/checks", 405, "method_not_allowed"),
        ("DELETE", "/v1/fields/digit", 405, "method_not_allowed"),
        ("POST", "/v1/checks", 422, "missing_image"),
        ("GET", "/docs", 404, "route_not_found"),
    ],
)
def test_framework_errors_are_problem_documents(client: TestClient, method: str, path: str, status: int, code: str) -> None:
    """What the framework answers by itself has the same form."""
    response = client.request(method, path)
    assert (response.status_code, response.json()["code"]) == (status, code)
    assert response.headers["content-type"] == "application/problem+json"
    assert set(response.json()) == {"type", "title", "status", "detail", "code", "instance"}
    assert response.json()["instance"].endswith(response.headers["x-request-id"])


def test_method_not_allowed_names_the_methods(client: TestClient) -> None:
    """405 carries Allow."""
    assert client.get("/v1/checks").headers["allow"] == "POST"
    assert client.post("/livez").headers["allow"] == "GET"


def test_internal_error_tells_nothing_of_the_inside() -> None:
    """500 has the id of the request and no word of the exception."""
    with TestClient(create_app(settings(), BrokenReader())) as client:
        response = client.post("/v1/checks", files=IMAGE, headers={"X-Request-ID": "abc-1"})
    assert (response.status_code, response.json()["code"]) == (500, "internal_error")
    assert response.json()["instance"] == "urn:checkreader:request:abc-1"
    assert not re.search("secret|RuntimeError|Traceback", response.text)


class Unforeseen(ServiceError):
    """An error of some part that has a code of its own, as a defect has."""

    status = 500
    code = "unforeseen"


@pytest.mark.parametrize("kind", [StartupError, Unforeseen, CheckReaderError])
def test_every_500_tells_nothing_either(kind: type[CheckReaderError]) -> None:
    """An error that is neither the caller's fault nor a known state is an internal error."""
    document = problem_of(kind("/secret/path"))
    assert (document.status, document.code) == (500, "internal_error")
    assert "secret" not in document.detail


def test_overload_says_when_to_come_back() -> None:
    """The hint of the error stands in Retry-After."""
    reader = StubReader()
    app = create_app(settings(), reader)

    @app.get("/full")
    async def full() -> None:
        raise Overloaded("full", retry_after_s=7)

    with TestClient(app) as client:
        assert client.get("/full").headers["retry-after"] == "7"


@pytest.mark.parametrize(
    ("query", "detail"),
    [
        ("amount_format=eu", "amount_format must be one of auto, us, in, plain; given: eu."),
        ("max_error=0", "max_error must be a number greater than 0 and at most 1; given: 0."),
        ("max_error=nan", "max_error must be a number greater than 0 and at most 1; given: nan."),
        ("page=-1", "page must be a whole number from 0 to 99999; given: -1."),
        ("page=x", "page must be a whole number from 0 to 99999; given: x."),
        ("include=pixels", "include must be some of characters, alternatives, snippets, explanation, with commas between; given: pixels."),
        ("fields=", "fields must be one or both of courtesy_amount, micr_line, with commas between; given: nothing."),
        (
            "field=micr_line",
            "Unknown query parameter field; known: max_error, include, page, character, amount_format, fields, amount_box, layout.",
        ),
    ],
)
def test_wrong_parameter_names_the_range_and_what_was_given(client: TestClient, query: str, detail: str) -> None:
    """422 says what was wrong, what is allowed and what came."""
    response = client.post(f"/v1/checks?{query}", files=IMAGE)
    assert (response.status_code, response.json()["code"]) == (422, "invalid_parameter")
    assert response.json()["detail"] == detail


def test_long_or_unprintable_values_are_cut(client: TestClient) -> None:
    """An answer repeats at most sixty characters of a value, and no control character."""
    detail = client.post("/v1/checks", params={"amount_format": "\x1b[31m" + "x" * 5000}, files=IMAGE).json()["detail"]
    assert len(detail) < 150
    assert detail.isprintable()


def test_422_never_echoes_the_upload(client: TestClient) -> None:
    """Nothing of the body comes back, not even with a wrong query beside it."""
    response = client.post("/v1/checks?page=x", files={"image": ("a.png", b"SECRETBYTES"), "note": (None, b"SECRETNOTE")})
    assert response.status_code == 422
    assert "SECRET" not in response.text


@pytest.mark.parametrize(
    ("detail", "said"),
    [
        ("the picture is too small", "The picture is too small."),
        ("page must be 0", "page must be 0."),
        ("Once more?", "Once more?"),
        ("", ""),
    ],
)
def test_details_are_sentences(detail: str, said: str) -> None:
    """A capital and a full stop, whoever worded it; a parameter's name is spelt as it is."""
    assert problem_of(CorruptImage(detail)).detail == said


def test_examples_of_problems_are_complete() -> None:
    """Each documented problem has an example sentence, and each sentence a class."""
    assert set(DETAIL_EXAMPLES) <= set(of_http())
