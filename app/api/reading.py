"""What every reading route shares: the answer, its problems, its examples."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fastapi import Request, Response

from app.api.problems import problem_responses
from app.api.schemas import FieldQuery
from app.api.service import ReadingService
from app.errors import (
    CheckReaderError,
    CorruptImage,
    EmptyFile,
    ImageTooLarge,
    ImageTooSmall,
    InvalidParameter,
    MalformedUpload,
    MissingImage,
    NotReady,
    Overloaded,
    PageNotFound,
    UnsupportedFormat,
    UnsupportedMediaType,
    UploadTooLarge,
    UploadTooSlow,
)
from app.reader.types import Scope

READING_PROBLEMS = problem_responses(
    MalformedUpload, EmptyFile, UploadTooSlow, UploadTooLarge, ImageTooLarge, UnsupportedMediaType, UnsupportedFormat, MissingImage,
    InvalidParameter, CorruptImage, ImageTooSmall, PageNotFound, CheckReaderError, Overloaded, NotReady,
)  # fmt: skip


def reading_example(examples: Mapping[str, Any]) -> dict[int | str, dict[str, Any]]:
    """The 200 of a route for OpenAPI."""
    return {200: {"description": "A reading", "content": {"application/json": {"examples": dict(examples)}}}}


async def answer(request: Request, service: ReadingService, image: bytes, scope: Scope, query: FieldQuery) -> Response:
    """The HTTP answer of one reading; its JSON is written in the worker thread."""
    options = query.options(scope, service.settings.max_error)
    body = await service.read(image, options, frozenset(query.include), request.is_disconnected)
    return Response(body, media_type="application/json")
