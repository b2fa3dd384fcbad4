"""``POST /v1/checks``: a picture of a whole check."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from app.api.dependencies import UPLOAD, Image, ServiceOfRequest
from app.api.reading import READING_PROBLEMS, answer
from app.api.schemas import CheckQuery
from app.reader.types import Scope
from app.response import CheckResponse

router = APIRouter(prefix="/v1/checks", tags=["reading"])


@router.post(
    "",
    summary="Read a check",
    response_model=CheckResponse,
    responses=READING_PROBLEMS,
    openapi_extra=UPLOAD,
)
async def read_check(request: Request, image: Image, query: Annotated[CheckQuery, Query()], service: ServiceOfRequest) -> Response:
    """Courtesy amount and MICR line of one check, with confidence and evidence. A refusal to read is an answer, not an error."""
    return await answer(request, service, image, Scope.CHECK, query, service.place_of(query.layout))
