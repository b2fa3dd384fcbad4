"""Errors as RFC 9457 problem details: the one place where an error becomes an HTTP answer.

``type`` is ``urn:checkreader:problem:CODE``; ``instance`` names the request by its id. Nothing of what was uploaded and no text
of a library stands in an answer; the values of query parameters do, cut short.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.types import Scope

from app.api.schemas import ALLOWED, UNKNOWN_PARAMETER, Problem
from app.errors import (
    CheckReaderError,
    InputError,
    InvalidParameter,
    MalformedUpload,
    MethodNotAllowed,
    Overloaded,
    RouteNotFound,
    ServiceError,
    UploadTooSlow,
)

MEDIA_TYPE = "application/problem+json"
REQUEST_ID = "checkreader.request_id"  # keys of the ASGI scope
PROBLEM_CODE = "checkreader.problem_code"
GIVEN_CHARACTERS = 60  # of a query value that an answer repeats

_OF_STATUS: Mapping[int, type[InputError]] = {404: RouteNotFound, 405: MethodNotAllowed}


def problem_of(error: CheckReaderError, request_id: str = "") -> Problem:
    """The problem document of an error. What is neither the caller's fault nor a known state tells nothing of the inside."""
    detail = error.detail
    if error.status == 500 or not isinstance(error, InputError | ServiceError):
        error, detail = CheckReaderError(""), "The service failed on this request. Its log holds the cause under the id of the request."
    return Problem(
        type=f"urn:checkreader:problem:{error.code}",
        title=error.title,
        status=error.status,
        detail=_sentence(detail),
        code=error.code,
        instance=f"urn:checkreader:request:{request_id}" if request_id else None,
    )


def _sentence(detail: str) -> str:
    """The detail with a capital and a full stop; the name of a parameter at its head stays as it is spelt."""
    head = detail.split(" ", 1)[0]
    text = detail if head in ALLOWED else detail[:1].upper() + detail[1:]
    return text if not text or text.endswith((".", "!", "?")) else f"{text}."


def problem_response(error: CheckReaderError, scope: Scope, headers: Mapping[str, str] | None = None) -> Response:
    """The HTTP answer to an error; books its code in the scope for log and metrics."""
    document = problem_of(error, scope.get(REQUEST_ID, ""))
    scope[PROBLEM_CODE] = document.code
    extra = dict(headers or {})
    if document.status == ServiceError.status:
        extra["Retry-After"] = str(error.retry_after_s if isinstance(error, Overloaded) else 1)
    if isinstance(error, UploadTooSlow):
        extra["Connection"] = "close"  # the rest of the body may never come
    content = document.model_dump(mode="json", exclude_none=True)
    return JSONResponse(content, status_code=document.status, headers=extra, media_type=MEDIA_TYPE)


def problem_responses(*errors: type[CheckReaderError]) -> dict[int | str, dict[str, Any]]:
    """The ``responses`` of a route for OpenAPI: for each status its codes, each with an example."""
    responses: dict[int | str, dict[str, Any]] = {}
    for kind in errors:
        entry = responses.setdefault(kind.status, {"description": "", "content": {MEDIA_TYPE: {"schema": SCHEMA, "examples": {}}}})
        entry["description"] = ", ".join(filter(None, [entry["description"], kind.title]))
        example = problem_of(kind(DETAIL_EXAMPLES[kind.code]), "0198c1d2e4f54a1bb3c7").model_dump(mode="json")
        entry["content"][MEDIA_TYPE]["examples"][kind.code] = {"summary": kind.title, "value": example}
        if issubclass(kind, ServiceError):
            entry["headers"] = {"Retry-After": {"description": "Seconds to wait", "schema": {"type": "integer"}}}
    return responses


SCHEMA: Mapping[str, Any] = {"$ref": "#/components/schemas/Problem"}
DETAIL_EXAMPLES: Mapping[str, str] = {
    "malformed_upload": "The body is no well-formed multipart form.",
    "empty_file": "The part 'image' holds 0 bytes.",
    "upload_too_slow": "The request body did not arrive within 30 s.",
    "body_too_large": "A request body may have at most 20971520 bytes; given: 31457280.",
    "too_many_pixels": "A picture may have at most 50000000 pixels; given: 20000 x 10000 = 200000000.",
    "unsupported_media_type": "The body must be multipart/form-data with a file part 'image'; given: application/json.",
    "not_an_image": "The file is no image in an accepted format: JPEG, PNG, TIFF, BMP, WebP.",
    "missing_image": "The form has no file part 'image'; given parts: file.",
    "invalid_parameter": "amount_format must be one of auto, us, in, plain; given: eu.",
    "corrupt_image": "The file begins like a PNG image but cannot be decoded.",
    "image_too_small": "A picture must be at least 8 x 8 pixels; given: 3 x 3.",
    "page_not_found": "page must be 0 to 1 for this file of 2 pages; given: 5.",
    "overloaded": "2 reads are under way and 32 requests wait, which is the limit. Try again in 1 s.",
    "not_ready": "The service is starting.",
    "internal_error": "",
}


def invalid_parameter(errors: Any) -> InvalidParameter:
    """What FastAPI says of a query, in this service's words: every wrong parameter once, what it allows, what was given."""
    sentences: dict[str, str] = {}
    for error in errors:
        if error["type"] == UNKNOWN_PARAMETER:
            sentences.setdefault("", str(error["msg"]))
            continue
        name = str(error["loc"][1]) if len(error["loc"]) > 1 else "the request"
        sentences.setdefault(name, f"{name} must be {ALLOWED.get(name, 'valid')}; given: {_shown(error.get('input'))}")
    return InvalidParameter(". ".join(sentences.values()) + ".")


def _shown(given: object) -> str:
    text = ",".join(map(str, given)) if isinstance(given, list) else str(given)
    printable = "".join(character if character.isprintable() else "?" for character in text)
    if not printable:
        return "nothing"
    return printable if len(printable) <= GIVEN_CHARACTERS else printable[:GIVEN_CHARACTERS] + "…"


async def _on_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, CheckReaderError)
    return problem_response(error, request.scope)


async def _on_invalid_query(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    return problem_response(invalid_parameter(error.errors()), request.scope)


async def _on_http_exception(request: Request, error: Exception) -> Response:
    """What the framework raises by itself: unknown path, wrong method; anything else of 4xx is a malformed request."""
    assert isinstance(error, HTTPException)
    if error.status_code >= 500:
        return problem_response(CheckReaderError(""), request.scope)
    kind = _OF_STATUS.get(error.status_code, MalformedUpload)
    allow = (error.headers or {}).get("Allow", "")
    detail = {
        RouteNotFound: "There is nothing at this path; GET /openapi.json lists what there is.",
        MethodNotAllowed: f"This path answers {allow} only.",
    }.get(kind, "The request is malformed.")
    return problem_response(kind(detail), request.scope, {"Allow": allow} if allow else None)


def install(app: FastAPI) -> None:
    """Answer every error of the application with a problem document."""
    app.add_exception_handler(CheckReaderError, _on_error)
    app.add_exception_handler(RequestValidationError, _on_invalid_query)
    app.add_exception_handler(HTTPException, _on_http_exception)
