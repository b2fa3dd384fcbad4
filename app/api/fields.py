"""``POST /v1/fields/…``: a picture of one cut-out field or of one digit, read by the same code from ``locate`` on."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from app.api.dependencies import UPLOAD, Image, ServiceOfRequest
from app.api.reading import READING_PROBLEMS, answer
from app.api.schemas import AmountQuery, FieldQuery
from app.reader.types import Scope
from app.response import CheckResponse

router = APIRouter(prefix="/v1/fields", tags=["reading"])


@router.post(
    "/courtesy-amount",
    summary="Read a cut-out courtesy amount",
    response_model=CheckResponse,
    responses=READING_PROBLEMS,
    openapi_extra=UPLOAD,
)
async def read_courtesy_amount(
    request: Request, image: Image, query: Annotated[AmountQuery, Query()], service: ServiceOfRequest
) -> Response:
    """The amount in figures, in the notation of ``amount_format``."""
    return await answer(request, service, image, Scope.COURTESY_AMOUNT, query)


@router.post(
    "/micr-line",
    summary="Read a cut-out MICR line",
    response_model=CheckResponse,
    responses=READING_PROBLEMS,
    openapi_extra=UPLOAD,
)
async def read_micr_line(request: Request, image: Image, query: Annotated[FieldQuery, Query()], service: ServiceOfRequest) -> Response:
    """The E-13B line as printed, and what its fields say."""
    return await answer(request, service, image, Scope.MICR_LINE, query)


@router.post(
    "/digit",
    summary="Read one digit",
    response_model=CheckResponse,
    responses=READING_PROBLEMS,
    openapi_extra=UPLOAD,
)
async def read_digit(request: Request, image: Image, query: Annotated[FieldQuery, Query()], service: ServiceOfRequest) -> Response:
    """One handwritten or printed digit, with its alternatives."""
    return await answer(request, service, image, Scope.DIGIT, query)
