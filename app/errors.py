"""The error tree, drawn against the stages of a reading.

    bytes ─decode→ ─normalise→ ─locate→ ─segment→ ─score→ ─best_path→ ─interpret→ CheckReading
      │  InputError: what the caller sent cannot be read (4xx)          │
      │  ├─ EmptyFile, NotAnImage, ImageTooLarge, TooManyPages …        │
      └  ServiceError: the service cannot answer now or at all (5xx) ───┘

Each class knows its HTTP ``status`` and its stable ``code``; ``detail`` says what was wrong, the allowed range and
what was given. Texts of library exceptions never stand in ``detail``. A refusal to read is *not* an error: it is a
reading whose decision is ``refused``.
"""

from __future__ import annotations

from typing import ClassVar


class CheckReaderError(Exception):
    """Root of the tree. ``status`` is the HTTP status, ``code`` the stable machine-readable word."""

    status: ClassVar[int] = 500
    code: ClassVar[str] = "internal_error"
    title: ClassVar[str] = "Internal error"

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail


class InputError(CheckReaderError):
    """What the caller sent cannot be used."""

    status = 400
    code = "bad_request"
    title = "Bad request"


class MissingImage(InputError):
    """The upload carries no file part named ``image``."""

    status = 422
    code = "missing_image"
    title = "No image in the request"


class InvalidParameter(InputError):
    """A query parameter or option has a value outside its range."""

    status = 422
    code = "invalid_parameter"
    title = "Invalid parameter"


class EmptyFile(InputError):
    """The uploaded file has no bytes."""

    status = 400
    code = "empty_file"
    title = "Empty file"


class UnsupportedFormat(InputError):
    """The bytes are no image in an accepted format."""

    status = 415
    code = "not_an_image"
    title = "Not an accepted image"


class CorruptImage(InputError):
    """The bytes begin like an accepted image but cannot be decoded."""

    status = 422
    code = "corrupt_image"
    title = "Image cannot be decoded"


class ImageTooLarge(InputError):
    """The picture has more pixels than allowed."""

    status = 413
    code = "too_many_pixels"
    title = "Too many pixels"


class ImageTooSmall(InputError):
    """The picture is too small to hold a readable character."""

    status = 422
    code = "image_too_small"
    title = "Image too small"


class UploadTooLarge(InputError):
    """The request body has more bytes than allowed."""

    status = 413
    code = "body_too_large"
    title = "Upload too large"


class PageNotFound(InputError):
    """A page was asked for that the file does not have, or the file has more pages than allowed."""

    status = 422
    code = "page_not_found"
    title = "No such page"


class MalformedUpload(InputError):
    """The request body is no well-formed multipart form."""

    status = 400
    code = "malformed_upload"
    title = "Malformed upload"


class UnsupportedMediaType(InputError):
    """The request body has another content type than multipart/form-data."""

    status = 415
    code = "unsupported_media_type"
    title = "Unsupported media type"


class UploadTooSlow(InputError):
    """The request body did not arrive in the time allowed."""

    status = 408
    code = "upload_too_slow"
    title = "Upload too slow"


class RouteNotFound(InputError):
    """There is nothing at the path of the request."""

    status = 404
    code = "route_not_found"
    title = "Not found"


class MethodNotAllowed(InputError):
    """The path exists, but not for this method."""

    status = 405
    code = "method_not_allowed"
    title = "Method not allowed"


class ServiceError(CheckReaderError):
    """The service cannot answer."""

    status = 503
    code = "service_unavailable"
    title = "Service unavailable"


class Overloaded(ServiceError):
    """All readers are busy and the queue is full. ``retry_after_s`` is a hint in seconds."""

    code = "overloaded"
    title = "Too many requests at once"

    def __init__(self, detail: str, retry_after_s: int = 1) -> None:
        super().__init__(detail)
        self.retry_after_s = retry_after_s


class NotReady(ServiceError):
    """The service is starting or draining."""

    code = "not_ready"
    title = "Service not ready"


class NotExplainable(ServiceError):
    """The recogniser cannot show what its layers answer: its model file was exported without feature maps."""

    status = 501
    code = "not_explainable"
    title = "Network cannot be shown"


class StartupError(CheckReaderError):
    """The service must not start: wrong provider, wrong model, both runtimes installed …"""

    code = "startup_refused"
    title = "Start refused"


class ModelError(StartupError):
    """A model file is missing, has another digest than its provenance states, or breaks its contract."""

    code = "model_refused"
    title = "Model refused"


class ProviderError(StartupError):
    """The execution provider that was asked for cannot be had."""

    code = "provider_refused"
    title = "Execution provider refused"


class UsageError(CheckReaderError):
    """A command was called wrongly (exit status 2)."""

    status = 400
    code = "usage"
    title = "Wrong usage"
