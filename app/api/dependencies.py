"""What routes ask for: the service, and the one uploaded file."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request
from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser

from app.api.service import ReadingService
from app.errors import EmptyFile, MalformedUpload, MissingImage, UnsupportedMediaType

IMAGE_PART = "image"
MAX_PARTS = 16
MAX_TEXT_PART_BYTES = 64 * 1024
MULTIPART = "multipart/form-data"


async def _service(request: Request) -> ReadingService:
    service: ReadingService = request.app.state.service
    return service


ServiceOfRequest = Annotated[ReadingService, Depends(_service)]


class _MemoryParser(MultiPartParser):
    """Keeps files in memory (the gate has bounded the body, and the file system may be read-only) and knows whether the
    form was whole: a body that ends before its closing boundary has no error of its own in the library."""

    spool_max_size = 1 << 40
    whole = False

    def on_end(self) -> None:
        """The closing boundary has come."""
        self.whole = True

    def close(self) -> None:
        """Drop every file, also those of parts that never ended."""
        for file in self._files_to_close_on_error:
            file.close()


async def uploaded_image(request: Request) -> bytes:
    """The bytes of the file part ``image``. Raises ``InputError`` where the form holds no such part, or more than one."""
    content_type = request.headers.get("content-type", "")
    if not content_type:
        raise MissingImage(_what_is_missing([], 0, 0))
    if content_type.split(";")[0].strip().lower() != MULTIPART:
        given = content_type.split(";")[0].strip()[:60]
        raise UnsupportedMediaType(f"The body must be {MULTIPART} with a file part '{IMAGE_PART}'; given: {given}.")
    parser = _MemoryParser(request.headers, request.stream(), max_files=MAX_PARTS, max_fields=MAX_PARTS, max_part_size=MAX_TEXT_PART_BYTES)
    try:
        form = await parser.parse()
        if not parser.whole:
            raise MalformedUpload("The form ends before its closing boundary: the body is not whole.")
        images = form.getlist(IMAGE_PART)
        files = [part for part in images if isinstance(part, UploadFile)]
        if len(files) != 1:
            raise MissingImage(_what_is_missing(sorted({name for name, _ in form.multi_items()}), len(images), len(files)))
        data = await files[0].read()
    except MultiPartException:
        raise MalformedUpload(
            f"The body is no well-formed multipart form of at most {MAX_PARTS} parts: check its boundary and its end."
        ) from None
    finally:
        parser.close()
    if not data:
        raise EmptyFile(f"The part '{IMAGE_PART}' holds 0 bytes.")
    return data


def _what_is_missing(names: list[str], parts: int, files: int) -> str:
    if files > 1:
        return f"The form must have exactly one file part '{IMAGE_PART}'; given: {files}."
    if parts:
        return f"The part '{IMAGE_PART}' must be a file, with a filename; given: text (curl: -F {IMAGE_PART}=@check.png)"
    shown = ", ".join("".join(c if c.isprintable() else "?" for c in name[:40]) for name in names[:5]) or "none"
    return f"The form has no file part '{IMAGE_PART}'; given parts: {shown} (curl: -F {IMAGE_PART}=@check.png)"


Image = Annotated[bytes, Depends(uploaded_image)]

UPLOAD = {
    "requestBody": {
        "required": True,
        "content": {
            MULTIPART: {
                "schema": {
                    "type": "object",
                    "required": [IMAGE_PART],
                    "properties": {
                        IMAGE_PART: {
                            "type": "string",
                            "format": "binary",
                            "description": "A picture: JPEG, PNG, TIFF (also CCITT G4 and multi-page), BMP or WebP",
                        }
                    },
                },
                "encoding": {IMAGE_PART: {"contentType": "image/jpeg, image/png, image/tiff, image/bmp, image/webp"}},
            }
        },
    }
}
