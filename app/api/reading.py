"""What every reading route shares: the answer and its problems."""

from __future__ import annotations

from dataclasses import replace

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
from app.reader.types import AmountPlace, Scope

READING_PROBLEMS = problem_responses(
    MalformedUpload, EmptyFile, UploadTooSlow, UploadTooLarge, ImageTooLarge, UnsupportedMediaType, UnsupportedFormat, MissingImage,
    InvalidParameter, CorruptImage, ImageTooSmall, PageNotFound, CheckReaderError, Overloaded, NotReady,
)  # fmt: skip


async def answer(
    request: Request, service: ReadingService, image: bytes, scope: Scope, query: FieldQuery, place: AmountPlace | None = None
) -> Response:
    """The HTTP answer of one reading, the amount at ``place`` where that is known; its JSON is written in the worker thread."""
    options = replace(query.options(scope, service.settings.max_error), amount_place=place)
    body = await service.read(image, options, frozenset(query.include), request.is_disconnected, query.character)
    return Response(body, media_type="application/json")
