"""``GET /v1/model``: which models read."""

from __future__ import annotations

from fastapi import APIRouter

from app import __version__
from app.api.dependencies import ServiceOfRequest
from app.api.problems import problem_responses
from app.api.schemas import ModelDocument, ModelsDocument
from app.errors import NotReady

router = APIRouter(prefix="/v1/model", tags=["reading"])


@router.get(
    "",
    summary="The models that read",
    responses=problem_responses(NotReady),
)
async def model(service: ServiceOfRequest) -> ModelsDocument:
    """Digest, version, alphabet and acceptance thresholds of each model file."""
    documents = {info.name: ModelDocument.of(info) for info in service.models()}
    return ModelsDocument(version=__version__, device=service.settings.device, models={str(name): item for name, item in documents.items()})
