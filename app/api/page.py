"""``GET /``: the page for people, and its own files under ``/web``; programs that do not ask for HTML get a pointer at ``/``."""

from __future__ import annotations

from pathlib import Path

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse
from starlette.responses import Response

from app import __version__
from app.api.examples import POINTER
from app.api.schemas import PointerDocument
from app.errors import RouteNotFound

FOLDER = Path(__file__).resolve().parents[1] / "web"
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
TYPES = {".js": "text/javascript", ".css": "text/css", ".html": "text/html"}

router = APIRouter(tags=["operations"])


@router.get("/", summary="What there is", response_model=PointerDocument)
async def pointer(request: Request) -> Response:
    """Where to go from here; a browser gets the page."""
    if "text/html" in request.headers.get("accept", ""):
        return file_of_page("index.html")
    return JSONResponse(PointerDocument.model_validate({**POINTER, "version": __version__}).model_dump())


@router.get("/web/{name}", include_in_schema=False)
async def asset(name: str) -> Response:
    """A file of the page."""
    return file_of_page(name)


def file_of_page(name: str) -> Response:
    """One file of the page with its security headers. Raises ``RouteNotFound`` for any other name."""
    path = FOLDER / name
    if name not in {file.name for file in FOLDER.iterdir()} or path.suffix not in TYPES:
        raise RouteNotFound("The page has no file of this name.")
    headers = {"Content-Security-Policy": POLICY, "X-Content-Type-Options": "nosniff", "Cache-Control": "no-cache"}
    return Response(path.read_bytes(), media_type=TYPES[path.suffix], headers=headers)
