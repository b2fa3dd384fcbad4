"""Bytes -> DecodedImage: JPEG, PNG, TIFF (CCITT G4 and several pages), BMP and WebP, through Pillow.

Formats are on an allow-list; the number of pixels is known from the header and bounded before anything is decoded;
nothing is decoded half (a truncated file is an error, not a picture with a grey rest). What comes out is upright by
its EXIF orientation, three channels of 8 bits, paper bright; metadata goes no further than the resolution.
"""

from __future__ import annotations

import io
import struct
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageOps, UnidentifiedImageError

from app.errors import CorruptImage, EmptyFile, ImageTooLarge, ImageTooSmall, PageNotFound, UnsupportedFormat
from app.reader.types import RGB, DecodedImage

FORMATS = ("JPEG", "PNG", "TIFF", "BMP", "WEBP")
LEAST_SIDE_PX = 8
SANE_DPI = (50.0, 1200.0)
ORIENTATION_TAG = 0x0112
KNOWN_MAGIC = (
    (b"%PDF", "a PDF document"),
    (b"GIF8", "a GIF picture"),
    (b"PK\x03\x04", "a ZIP archive or office document"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"<svg", "an SVG drawing"),
    (b"<?xml", "an XML document"),
    (b"<!DOCTYPE", "an HTML page"),
    (b"<html", "an HTML page"),
    (b"8BPS", "a Photoshop picture"),
)

# Pillow's own limit is a module-wide setting; ours is checked per file, before anything is decoded.
Image.MAX_IMAGE_PIXELS = None

# Pillow warns of odd metadata in damaged files; what matters of it becomes an error of ours. (Filters are set once:
# ``warnings.catch_warnings`` is not safe between threads.)
warnings.filterwarnings("ignore", module=r"PIL\.")


@dataclass(frozen=True, slots=True)
class DecodeLimits:
    """Bounds of what is decoded: pixels of one page, pages of one file."""

    max_pixels: int = 50_000_000
    max_pages: int = 100


DEFAULT_LIMITS = DecodeLimits()


def decode(data: bytes, limits: DecodeLimits = DEFAULT_LIMITS, page_index: int = 0) -> DecodedImage:
    """One page of the file, upright, (H, W, 3) uint8.

    Raises ``EmptyFile``, ``UnsupportedFormat``, ``CorruptImage``, ``ImageTooLarge``, ``ImageTooSmall`` or
    ``PageNotFound``; nothing else.
    """
    with opened(data) as image:
        pages = page_count(image, limits)
        if page_index >= pages:
            raise PageNotFound(f"the file has {pages} page{'s' if pages > 1 else ''}, counted from 0; asked for page {page_index}")
        image.seek(page_index)
        check_size(image, limits)
        dpi = stated_dpi(image)
        bitonal = image.mode == "1"
        file_format = image.format or ""
        upright = ImageOps.exif_transpose(image)
        rgb = to_rgb(upright)
    return DecodedImage(rgb, dpi, bitonal, file_format, page_index, pages)


def count_pages(data: bytes, limits: DecodeLimits = DEFAULT_LIMITS) -> int:
    """How many pages the file has. Raises like ``decode``."""
    with opened(data) as image:
        return page_count(image, limits)


@contextmanager
def opened(data: bytes) -> Iterator[Image.Image]:
    """The file opened by Pillow, its header read; every failure of Pillow inside becomes an error of ours."""
    if not data:
        raise EmptyFile("the file has no bytes")
    try:
        image = Image.open(io.BytesIO(data), formats=FORMATS)
    except (UnidentifiedImageError, *PILLOW_FAILURES) as failure:
        raise unreadable(data) from failure
    try:
        with image:
            yield image
    except PILLOW_FAILURES as failure:
        raise CorruptImage(f"the {image.format or 'picture'} file is damaged or cut short: its pixels cannot be decoded") from failure


# What Pillow's decoders are known to raise on damaged files.
PILLOW_FAILURES = (
    OSError,
    SyntaxError,
    ValueError,
    TypeError,
    IndexError,
    KeyError,
    AttributeError,
    EOFError,
    ArithmeticError,
    AssertionError,
    NotImplementedError,
    RuntimeError,
    MemoryError,
    struct.error,
    Image.DecompressionBombError,
    UserWarning,
)


def unreadable(data: bytes) -> UnsupportedFormat | CorruptImage:
    """The error for bytes that no accepted decoder knows."""
    accepted = "accepted are JPEG, PNG, TIFF, BMP and WebP"
    magics = {b"\xff\xd8\xff": "JPEG", b"\x89PNG\r\n\x1a\n": "PNG", b"II*\x00": "TIFF", b"MM\x00*": "TIFF", b"BM": "BMP"}
    for magic, name in magics.items():
        if data.startswith(magic):
            return CorruptImage(f"the file begins like a {name} picture, but its header is damaged or cut short")
    if data[4:12] in (b"ftypheic", b"ftypheix", b"ftypmif1", b"ftypavif"):
        return UnsupportedFormat(f"the file is a HEIC or AVIF picture; {accepted}")
    start = data[:64].lstrip().lower()
    for magic, name in KNOWN_MAGIC:
        if data.startswith(magic) or start.startswith(magic.lower()):
            return UnsupportedFormat(f"the file is {name}; {accepted}")
    return UnsupportedFormat(f"the file is no picture in a known format; {accepted}")


def page_count(image: Image.Image, limits: DecodeLimits) -> int:
    """Pages of the file, found by seeking to at most one more than allowed. Raises ``PageNotFound`` above the limit."""
    if image.format != "TIFF":
        return 1
    pages = 0
    try:
        while pages <= limits.max_pages:
            image.seek(pages)
            pages += 1
    except EOFError:
        pass
    if pages > limits.max_pages:
        raise PageNotFound(f"the file has more than {limits.max_pages} pages, the most that is read")
    image.seek(0)
    return max(1, pages)


def check_size(image: Image.Image, limits: DecodeLimits) -> None:
    """Bounds on the page's size, from its header."""
    width, height = image.size
    if width * height > limits.max_pixels:
        raise ImageTooLarge(f"the picture may have at most {limits.max_pixels} pixels; given: {width} x {height} = {width * height}")
    if min(width, height) < LEAST_SIDE_PX:
        raise ImageTooSmall(f"the picture must be at least {LEAST_SIDE_PX} x {LEAST_SIDE_PX} pixels; given: {width} x {height}")


def stated_dpi(image: Image.Image) -> float:
    """Dots per inch that the file states, the lesser of both directions; 0.0 where it states nothing sane."""
    stated = image.info.get("dpi")
    if not isinstance(stated, tuple) or len(stated) != 2:
        return 0.0
    try:
        value = float(min(stated))
    except (TypeError, ValueError, ZeroDivisionError):
        return 0.0
    return value if SANE_DPI[0] <= value <= SANE_DPI[1] else 0.0


def to_rgb(image: Image.Image) -> RGB:
    """(H, W, 3) uint8 of a picture in any of Pillow's modes; transparent parts become white paper."""
    if image.mode in ("I;16", "I;16B", "I;16L", "I", "F"):
        return grey_to_rgb(eight_bits(np.asarray(image)))
    if image.mode in ("RGBA", "LA", "PA", "RGBa", "La") or (image.mode == "P" and "transparency" in image.info):
        rgba = image.convert("RGBA")
        paper = Image.new("RGBA", rgba.size, (255, 255, 255, 255))
        image = Image.alpha_composite(paper, rgba)
    if image.mode in ("1", "L"):
        return grey_to_rgb(np.asarray(image.convert("L"), np.uint8))
    return np.array(image.convert("RGB"), np.uint8)


def grey_to_rgb(grey: npt.NDArray[np.uint8]) -> RGB:
    """The grey picture (H, W) in three equal channels."""
    return np.repeat(grey[:, :, None], 3, axis=2)


def eight_bits(values: npt.NDArray[np.generic]) -> npt.NDArray[np.uint8]:
    """16-bit, 32-bit or floating grey as 8 bits: full range of 16 bits, or the picture's own range where it is larger."""
    plain = np.nan_to_num(values.astype(np.float64), nan=0.0, posinf=0.0, neginf=0.0)
    top = float(plain.max(initial=0.0))
    full = 1.0 if top <= 1.0 and values.dtype.kind == "f" else 255.0 if top <= 255.0 else max(65535.0, top)
    return np.asarray(np.clip(plain / full, 0.0, 1.0) * 255.0 + 0.5, np.uint8)
