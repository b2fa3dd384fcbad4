"""``/livez`` and ``/readyz`` for whoever runs the service."""

from __future__ import annotations

from fastapi import APIRouter

from app.api.dependencies import ServiceOfRequest
from app.api.problems import problem_responses
from app.api.schemas import StatusDocument
from app.errors import NotReady

router = APIRouter(tags=["operations"])


@router.get("/livez", summary="Is the process alive?")
async def livez() -> StatusDocument:
    """Depends on nothing: it answers while every reader is busy."""
    return StatusDocument(status="alive")


@router.get(
    "/readyz",
    summary="May requests be sent here?",
    responses=problem_responses(NotReady),
)
async def readyz(service: ServiceOfRequest) -> StatusDocument:
    """200 after the warm-up read, 503 from the moment on at which the service is told to stop."""
    if service.state != "ready":
        raise NotReady(f"The service is {service.state}.")
    return StatusDocument(status="ready")
