"""Bounds on the work that a small file can ask of the decoders before its first pixel.

The pixel limit bounds what is decoded. These bound the way there: Pillow walks the parts of a file (chunks, segments,
directory entries, strips) in Python, so every part costs microseconds and twenty megabytes can hold millions of them;
and libtiff copies the values of every entry of a TIFF directory, which may all lie in the same bytes.
"""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator
from dataclasses import dataclass

from app.errors import CorruptImage

MOST_READS = 200_000  # a picture of 50 million pixels in 20 MB takes fewer than 20,000
MOST_DIRECTORY_ENTRIES = 1_000  # of one TIFF page; scanners write about twenty, cameras about a hundred
BYTES_OF_TYPE = (0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8, 4, 0, 0, 8, 8, 8)  # TIFF type 1 (BYTE) .. 18 (IFD8)


class BoundedFile(io.BytesIO):
    """Bytes to read in at most ``MOST_READS`` calls; then ``CorruptImage``."""

    def __init__(self, data: bytes) -> None:
        super().__init__(data)
        self._reads = 0

    def read(self, size: int | None = -1, /) -> bytes:
        """As of ``io.BytesIO``. Raises ``CorruptImage`` beyond the bound."""
        self._reads += 1
        if self._reads > MOST_READS:
            raise CorruptImage("the file is damaged: it is cut into more parts than any picture has")
        return super().read(size)


@dataclass(frozen=True, slots=True)
class TiffLayout:
    """How a TIFF file writes numbers: byte order, and classic (32-bit offsets) or BigTIFF (64-bit)."""

    order: str  # "<" or ">"
    big: bool

    @property
    def count(self) -> struct.Struct:
        """Number of entries of a directory."""
        return struct.Struct(self.order + ("Q" if self.big else "H"))

    @property
    def entry(self) -> struct.Struct:
        """Tag (passed over), type, number of values, their place (or, where they are small, the values themselves)."""
        return struct.Struct(self.order + ("2xHQQ" if self.big else "2xHII"))

    @property
    def offset(self) -> struct.Struct:
        """Place in the file."""
        return struct.Struct(self.order + ("Q" if self.big else "I"))


def check_directories(data: bytes, most_pages: int) -> None:
    """Bounds on the first ``most_pages`` directories of a TIFF file. Raises ``CorruptImage``; passes over other files.

    A directory may have ``MOST_DIRECTORY_ENTRIES`` entries, and its values may not take more bytes than the file has. (Values
    outside of the file are not counted: nobody can read them, and pictures with such an entry can often be read without.)
    """
    layout = tiff_layout(data)
    if layout is None:
        return
    for number, sizes in enumerate(directories(data, layout)):
        if number >= most_pages:
            return
        if len(sizes) > MOST_DIRECTORY_ENTRIES:
            raise CorruptImage(f"page {number} of the TIFF file has {len(sizes)} entries; at most {MOST_DIRECTORY_ENTRIES} are read")
        if sum(sizes) > len(data):
            raise CorruptImage(f"page {number} of the TIFF file is damaged: its entries share more bytes than the file has")


def tiff_layout(data: bytes) -> TiffLayout | None:
    """The layout by the first four bytes; None for what is no TIFF."""
    layouts = {b"II*\x00": TiffLayout("<", False), b"MM\x00*": TiffLayout(">", False), b"II+\x00": TiffLayout("<", True)}
    layouts[b"MM\x00+"] = TiffLayout(">", True)
    return layouts.get(data[:4])


def directories(data: bytes, layout: TiffLayout) -> Iterator[list[int]]:
    """Bytes taken by the values of each entry, directory by directory; ends where the chain ends, turns back or leaves the file."""
    seen: set[int] = set()
    place = number_at(data, 8 if layout.big else 4, layout.offset)
    while place and place not in seen:
        seen.add(place)
        count = number_at(data, place, layout.count)
        first = place + layout.count.size
        end = min(len(data), first + count * layout.entry.size)
        whole = max(0, end - first) // layout.entry.size * layout.entry.size
        entries = layout.entry.iter_unpack(data[first : first + whole])
        yield [bytes_taken(len(data), *entry) for entry in entries]
        place = number_at(data, first + count * layout.entry.size, layout.offset)


def bytes_taken(length: int, kind: int, values: int, place: int) -> int:
    """Bytes of the values of one entry that lie apart from it and inside the file of ``length`` bytes."""
    size = values * (BYTES_OF_TYPE[kind] if kind < len(BYTES_OF_TYPE) else 0)
    return size if size > 4 and place + size <= length else 0


def number_at(data: bytes, place: int, form: struct.Struct) -> int:
    """The number at a place; 0 outside of the file."""
    return int(form.unpack_from(data, place)[0]) if 0 <= place <= len(data) - form.size else 0
