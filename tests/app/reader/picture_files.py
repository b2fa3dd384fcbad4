"""Small pictures as files, made here: in every format, with any header."""

from __future__ import annotations

import io
import struct
import zlib
from typing import Any

import numpy as np
from PIL import Image

HEIGHT, WIDTH = 16, 24
INK, PAPER = 20, 200
GREY = np.full((HEIGHT, WIDTH), PAPER, np.uint8)
GREY[4:8, 4:12] = INK
WHITE_IS_ZERO, BLACK_IS_ZERO = 0, 1


def file_of(picture: Image.Image, file_format: str, **options: Any) -> bytes:
    buffer = io.BytesIO()
    picture.copy().save(buffer, file_format, **options)
    return buffer.getvalue()


def grey(scale: float = 1.0, dtype: type[np.generic] = np.uint8) -> Image.Image:
    return Image.fromarray((GREY * scale).astype(dtype))


def tiff(bits: int, photometric: int, pixels: bytes, side: int = 8) -> bytes:
    """A TIFF of one uncompressed strip, written by hand: side x side pixels, one sample each."""
    tags = {256: side, 257: side, 258: bits, 259: 1, 262: photometric, 277: 1, 278: side, 279: len(pixels)}
    tags[273] = 8 + 2 + 12 * (len(tags) + 1) + 4
    entries = b"".join(struct.pack("<HHII", tag, 4, 1, tags[tag]) for tag in sorted(tags))
    return b"II*\x00" + struct.pack("<IH", 8, len(tags)) + entries + bytes(4) + pixels


def png_header(width: int, height: int) -> bytes:
    """A small PNG whose header, with its right checksum, claims another size."""
    data = bytearray(file_of(grey(), "PNG"))
    data[16:24] = struct.pack(">II", width, height)
    data[29:33] = struct.pack(">I", zlib.crc32(data[12:29]))
    return bytes(data)


WHOLE = {
    "JPEG": file_of(grey().convert("RGB"), "JPEG"),
    "PNG": file_of(grey(), "PNG"),
    "TIFF": file_of(grey().convert("1"), "TIFF", compression="group4"),
    "BMP": file_of(grey(), "BMP"),
    "WebP": file_of(grey().convert("RGB"), "WEBP", quality=80),
}
