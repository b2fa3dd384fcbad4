"""Bytes -> DecodedImage: JPEG, PNG, TIFF (CCITT G4 and several pages), BMP and WebP, through Pillow.

Formats are on an allow-list; the number of pixels is known from the header and bounded before anything is decoded;
nothing is decoded half (a truncated file is an error, not a picture with a grey rest). What comes out is upright by
its EXIF orientation, three channels of 8 bits, paper bright; metadata goes no further than the resolution.
"""

from __future__ import annotations

import struct
import warnings
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from PIL import Image, UnidentifiedImageError

from app.errors import CorruptImage, EmptyFile, ImageTooLarge, ImageTooSmall, PageNotFound, UnsupportedFormat
from app.reader.bounded_file import BoundedFile, check_directories
from app.reader.types import RGB, DecodedImage

FORMATS = ("JPEG", "PNG", "TIFF", "BMP", "WEBP")
LEAST_SIDE_PX = 8
SANE_DPI = (50.0, 1200.0)
MOST_JPEG_SCANS = 50  # a progressive JPEG has about ten; every one costs a pass over all pixels
ACCEPTED = "accepted are JPEG, PNG, TIFF, BMP and WebP"
BMP_HEADER_SIZES = (12, 40, 52, 56, 64, 108, 124)
PHOTOMETRIC_TAG, WHITE_IS_ZERO = 262, 0
ORIENTATION_TAG = 0x0112
UPRIGHT_BY = {  # EXIF orientation -> what undoes it
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
BAND_ROWS = 64  # few enough for the processor's cache
GREY_LEVELS = (255, 1023, 4095, 16383, 65535)  # full scale of 8, 10, 12, 14 and 16 bits
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
    (b"\x00\x00\x00\x0cjP  ", "a JPEG 2000 picture"),
    (b"\xff\x4f\xff\x51", "a JPEG 2000 picture"),
    (b"\xff\x0a", "a JPEG XL picture"),
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
    with opened(data, limits) as image:
        pages = page_count(image, limits)
        if not 0 <= page_index < pages:
            raise PageNotFound(f"the file has {pages} page{'s' if pages > 1 else ''}, counted from 0; asked for page {page_index}")
        image.seek(page_index)
        check_size(image, limits)
        check_scans(image, data)
        dpi = stated_dpi(image)
        bitonal = image.mode == "1"
        image.load()
        rgb = to_rgb(upright(image))
    return DecodedImage(rgb, dpi, bitonal, format_of(image), page_index, pages)


def format_of(image: Image.Image) -> str:
    """The format's name; a JPEG with further pictures behind the first (MPO, as phones write them) is a JPEG."""
    return "JPEG" if image.format == "MPO" else image.format or ""


def count_pages(data: bytes, limits: DecodeLimits = DEFAULT_LIMITS) -> int:
    """How many pages the file has. Raises like ``decode``."""
    with opened(data, limits) as image:
        return page_count(image, limits)


@contextmanager
def opened(data: bytes, limits: DecodeLimits) -> Iterator[Image.Image]:
    """The file opened by Pillow, its header read; every failure of Pillow inside becomes an error of ours."""
    if not data:
        raise EmptyFile("the file has no bytes")
    check_directories(data, limits.max_pages + 1)
    try:
        image = Image.open(BoundedFile(data), formats=FORMATS)
    except (UnidentifiedImageError, *PILLOW_FAILURES) as failure:
        raise unreadable(data) from failure
    try:
        with image:
            yield image
    except PILLOW_FAILURES as failure:
        raise CorruptImage(f"the {format_of(image)} file is damaged or cut short: its pixels cannot be decoded") from failure


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
    zlib.error,
    Image.DecompressionBombError,
    UserWarning,
)


def unreadable(data: bytes) -> UnsupportedFormat | CorruptImage:
    """The error for bytes that no accepted decoder knows."""
    claimed = claimed_format(data)
    if claimed:
        return CorruptImage(f"the file begins like a {claimed} picture, but its header is damaged or cut short")
    if data[4:8] == b"ftyp":
        return UnsupportedFormat(f"the file is a HEIC or AVIF picture or a film; {ACCEPTED}")
    start = data[:64].lstrip().lower()
    for magic, name in KNOWN_MAGIC:
        if data.startswith(magic) or start.startswith(magic.lower()):
            return UnsupportedFormat(f"the file is {name}; {ACCEPTED}")
    return UnsupportedFormat(f"the file is no picture in a known format; {ACCEPTED}")


def claimed_format(data: bytes) -> str | None:
    """The accepted format whose first bytes these are."""
    magics = ((b"\xff\xd8\xff", "JPEG"), (b"\x89PNG\r\n\x1a\n", "PNG"), (b"II*\x00", "TIFF"), (b"MM\x00*", "TIFF"), (b"II+\x00", "TIFF"))
    for magic, name in magics:
        if data.startswith(magic):
            return name
    if data.startswith(b"RIFF") and data[8:12] == b"WEBP":
        return "WebP"
    return "BMP" if data.startswith(b"BM") and int.from_bytes(data[14:18], "little") in BMP_HEADER_SIZES else None


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


def check_scans(image: Image.Image, data: bytes) -> None:
    """Bounds on the passes that a JPEG asks for: a small progressive file can ask for thousands."""
    if format_of(image) != "JPEG" or is_of_one_scan(image, data):
        return
    scans = data.count(b"\xff\xda")
    if scans > MOST_JPEG_SCANS:
        raise CorruptImage(f"the JPEG file has {scans} scans; at most {MOST_JPEG_SCANS} are read")


def is_of_one_scan(image: Image.Image, data: bytes) -> bool:
    """Whether a JPEG is sequential and its first scan holds all components: the decoder reads no second one of such a file."""
    if "progressive" in image.info or "progression" in image.info:
        return False
    place = 2
    while data[place : place + 1] == b"\xff" and data[place + 1 : place + 2] != b"\xda":
        place += 2 + int.from_bytes(data[place + 2 : place + 4], "big")
    components = data[place + 4 : place + 5]
    return data[place : place + 2] == b"\xff\xda" and components == bytes([getattr(image, "layers", 0)])


def upright(image: Image.Image) -> Image.Image:
    """The loaded picture turned as its EXIF orientation says. TIFF is turned already when Pillow loads it.

    Orientation that cannot be read leaves the picture as it is: damaged metadata takes nothing from the pixels.
    """
    try:
        orientation = image.getexif().get(ORIENTATION_TAG)
    except PILLOW_FAILURES:
        return image
    undo = UPRIGHT_BY.get(orientation) if isinstance(orientation, int) else None
    return image if undo is None else image.transpose(undo)


def stated_dpi(image: Image.Image) -> float:
    """Dots per inch that the file states, the lesser of both directions; 0.0 where it states nothing sane."""
    stated = image.info.get("dpi")
    if not isinstance(stated, tuple) or len(stated) != 2:
        return 0.0
    try:
        value = float(min(stated))
    except (TypeError, ValueError, ZeroDivisionError):
        return 0.0
    return round(value, 1) if SANE_DPI[0] <= value <= SANE_DPI[1] else 0.0


def to_rgb(image: Image.Image) -> RGB:
    """(H, W, 3) uint8 of a picture in any of Pillow's modes; transparent parts become white paper."""
    if image.mode in ("I;16", "I;16B", "I;16L", "I", "F"):
        grey = eight_bits(np.asarray(image))
        return grey_to_rgb(np.asarray(255 - grey, np.uint8) if stays_negative(image) else grey)
    if image.has_transparency_data:
        rgba = image.convert("RGBA")
        paper = Image.new("RGBA", rgba.size, (255, 255, 255, 255))
        image = Image.alpha_composite(paper, rgba)
    if image.mode in ("1", "L"):
        return grey_to_rgb(np.asarray(image.convert("L"), np.uint8))
    return in_bands(image if image.mode == "RGB" else image.convert("RGB"))


def in_bands(image: Image.Image) -> RGB:
    """(H, W, 3) uint8 of a picture in mode RGB, copied a few rows at a time: of a large photo at once it costs as much as decoding."""
    rgb = np.empty((image.height, image.width, 3), np.uint8)
    for top in range(0, image.height, BAND_ROWS):
        bottom = min(top + BAND_ROWS, image.height)
        rgb[top:bottom] = np.asarray(image.crop((0, top, image.width, bottom)))
    return rgb


def stays_negative(image: Image.Image) -> bool:
    """Whether white is zero in a TIFF of more than 8 bits: Pillow turns over the levels of smaller ones only."""
    tags = getattr(image, "tag_v2", None) or {}
    return bool(tags.get(PHOTOMETRIC_TAG) == WHITE_IS_ZERO)


def grey_to_rgb(grey: npt.NDArray[np.uint8]) -> RGB:
    """The grey picture (H, W) in three equal channels, which share their memory."""
    return np.broadcast_to(grey[:, :, None], (*grey.shape, 3))


def eight_bits(values: npt.NDArray[np.number]) -> npt.NDArray[np.uint8]:
    """16-bit, 32-bit or floating grey as 8 bits, by the smallest usual full scale that holds the picture.

    Full scale is 1.0 (floating only), 2^8, 2^10, 2^12, 2^14 or 2^16 less one (scanners store 10 to 14 bits in 16), or the
    largest value where that is more. What is below zero or no number is black.
    """
    floating = values.dtype.kind == "f"
    bands = [values[top : top + BAND_ROWS] for top in range(0, len(values), BAND_ROWS)]
    largest = max((float(band.max(initial=0, where=np.isfinite(band))) for band in bands), default=0.0)
    full = next((float(level) for level in ((1, *GREY_LEVELS) if floating else GREY_LEVELS) if largest <= level), largest)
    grey = np.empty(values.shape, np.uint8)
    for number, band in enumerate(bands):
        plain = np.where(np.isfinite(band), band, 0).astype(np.float32) if floating else band.astype(np.float32)
        np.clip(plain, 0.0, full, out=plain)
        plain *= np.float32(255.0 / full)
        plain += np.float32(0.5)
        grey[number * BAND_ROWS : number * BAND_ROWS + len(band)] = plain
    return grey
