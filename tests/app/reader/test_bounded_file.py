"""Bounds on the way to the first pixel: many parts, many entries, shared values; and real files that stay inside."""

from __future__ import annotations

import contextlib
import struct
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from app.errors import CorruptImage
from app.reader import bounded_file
from app.reader.bounded_file import MOST_DIRECTORY_ENTRIES, BoundedFile, TiffLayout, check_directories, directories, tiff_layout
from app.reader.decode import decode
from tests.app.reader.picture_files import WHOLE, file_of, grey

MEGABYTE = 2**20
LONGEST_S = 2.0

Entry = tuple[int, int, int, int]  # tag, type, number of values, place or value
ONE_STRIP: list[Entry] = [
    (256, 4, 1, 8), (257, 4, 1, 8), (258, 3, 1, 1), (259, 3, 1, 4), (262, 3, 1, 1),
    (277, 3, 1, 1), (278, 4, 1, 8), (273, 4, 1, 8), (279, 4, 1, 60),
]  # fmt: skip


def tiff_of(*pages: list[Entry], behind: bytes = b"", order: str = "<", big: bool = False) -> bytes:
    """A TIFF of directories one behind the other."""
    layout = TiffLayout(order, big)
    head = (b"II" if order == "<" else b"MM") + struct.pack(order + "H", 43 if big else 42)
    data = head + (struct.pack(order + "HHQ", 8, 0, 16) if big else struct.pack(order + "I", 8))
    for number, entries in enumerate(pages):
        body = layout.count.pack(len(entries))
        body += b"".join(struct.pack(order + ("HHQQ" if big else "HHII"), *entry) for entry in entries)
        following = len(data) + len(body) + layout.offset.size
        data += body + layout.offset.pack(following if number + 1 < len(pages) else 0)
    return data + behind


def shared_values(count: int) -> list[Entry]:
    """Entries whose values, a megabyte each, are the same bytes."""
    return [(60000 + k, 12, MEGABYTE // 8, 8) for k in range(count)]


def repeated(name: str, at: int, part: bytes, size: int = 5 * MEGABYTE) -> bytes:
    """A whole file with one part put in again and again."""
    return WHOLE[name][:at] + part * (size // len(part)) + WHOLE[name][at:]


MANY_PARTS = {
    "png chunks": repeated("PNG", 33, b"\x00\x00\x00\x00aaAa" + struct.pack(">I", 0x8C6B1C5B)),
    "jpeg fill bytes": repeated("JPEG", 2, b"\xff"),
    "jpeg comments": repeated("JPEG", 2, b"\xff\xfe\x00\x02"),
    "jpeg application data": repeated("JPEG", 2, b"\xff\xe1\x00\x02"),
    "bigtiff entries": tiff_of([(65000, 65000, 0, 0)] * (5 * MEGABYTE // 20), big=True),
    "tiff entries": tiff_of(ONE_STRIP + [(1000 + k, 3, 1, 0) for k in range(60000)]),
    "tiff pages of many entries": tiff_of(*[ONE_STRIP + [(1000 + k, 3, 1, 0) for k in range(4000)]] * 90),
    "tiff values shared": tiff_of(ONE_STRIP + shared_values(400), behind=bytes(MEGABYTE)),
    "tiff values shared on a later page": tiff_of(ONE_STRIP, ONE_STRIP + shared_values(400), behind=bytes(MEGABYTE)),
}


@pytest.mark.parametrize("name", MANY_PARTS)
def test_files_of_very_many_parts_are_refused_in_time(name: str) -> None:
    """Whatever the parts are, their number is bounded before it costs seconds."""
    begin = time.perf_counter()
    with pytest.raises(CorruptImage):
        decode(MANY_PARTS[name])
    assert time.perf_counter() - begin < LONGEST_S


def test_large_pictures_stay_far_inside_the_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    """A picture of 35 million pixels needs a hundredth of the reads allowed, a page of one line per strip a tenth."""
    monkeypatch.setattr(bounded_file, "MOST_READS", 2_000)
    assert decode(file_of(Image.effect_noise((7000, 5000), 5), "PNG", compress_level=1)).width_px == 7000
    assert decode(file_of(Image.new("1", (7000, 5000)), "TIFF", compression="group4")).width_px == 7000
    monkeypatch.setattr(bounded_file, "MOST_READS", 20_000)
    assert decode(file_of(Image.new("L", (8, 7000)), "TIFF", tiffinfo={278: 1}, strip_size=8)).height_px == 7000


def test_reads_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    """As many reads as allowed give what plain bytes give; the next is an error of ours."""
    monkeypatch.setattr(bounded_file, "MOST_READS", 3)
    file = BoundedFile(b"abcdef")
    assert (file.read(2), file.read(), file.read(1), file.getvalue()) == (b"ab", b"cdef", b"", b"abcdef")
    with pytest.raises(CorruptImage, match="more parts"):
        file.read(1)


@pytest.mark.parametrize("big", [False, True])
@pytest.mark.parametrize("order", ["<", ">"])
def test_directories_are_found_in_every_layout(order: str, big: bool) -> None:
    """Both byte orders, 32-bit and 64-bit offsets: each directory with the bytes that its values take."""
    pages: list[list[Entry]] = [[(1, 2, 100, 20), (2, 3, 1, 5)], [(1, 5, 10, 40), (2, 12, 10**6, 8), (3, 99, 9, 0)]]
    data = tiff_of(*pages, behind=bytes(200), order=order, big=big)
    layout = tiff_layout(data)
    assert layout == TiffLayout(order, big)
    assert layout is not None
    assert list(directories(data, layout)) == [[100, 0], [80, 0, 0]]


def test_a_chain_that_turns_back_ends() -> None:
    """Directories that follow one another in a circle are walked once."""
    data = bytearray(tiff_of(ONE_STRIP, ONE_STRIP))
    data[-4:] = struct.pack("<I", 8)
    assert len(list(directories(bytes(data), TiffLayout("<", False)))) == 2
    check_directories(bytes(data), 100)


def test_bounds_are_exact_and_named() -> None:
    """As many entries as allowed, and values that fill the file, pass; one more is refused with the page's number."""
    entries: list[Entry] = [(60000, 3, 1, 0)] * MOST_DIRECTORY_ENTRIES
    check_directories(tiff_of(entries), 1)
    with pytest.raises(CorruptImage, match=f"page 1 of the TIFF file has {MOST_DIRECTORY_ENTRIES + 1} entries"):
        check_directories(tiff_of([], [*entries, entries[0]]), 2)
    check_directories(tiff_of([], [*entries, entries[0]]), 1)  # beyond the pages that are read nothing is checked
    length = len(tiff_of([(1, 1, 0, 0)] * 2))
    check_directories(tiff_of([(1, 1, length - 8, 8), (1, 1, 8, 8)]), 1)
    with pytest.raises(CorruptImage, match="more bytes than the file has"):
        check_directories(tiff_of([(1, 1, length - 8, 8), (1, 1, 9, 8)]), 1)


@pytest.mark.filterwarnings("ignore::UserWarning")  # Pillow's; the service has them off
def test_an_entry_that_points_outside_of_the_file_takes_nothing_from_the_picture() -> None:
    """Damaged metadata is passed over; the pixels can be read."""
    data = file_of(grey(), "TIFF", dpi=(200, 200))
    broken = data.replace(struct.pack("<HHI", 296, 3, 1), struct.pack("<HHI", 296, 3, 2**30))
    assert broken != data
    assert decode(broken).rgb.tolist() == decode(data).rgb.tolist()


@given(st.sampled_from([b"", b"II*\x00", b"MM\x00*", b"II+\x00\x08\x00\x00\x00", b"MM\x00+\x00\x08\x00\x00"]), st.binary(max_size=300))
def test_any_bytes_pass_or_are_refused(head: bytes, tail: bytes) -> None:
    """The walk fails on nothing: it ends, or refuses."""
    with contextlib.suppress(CorruptImage):
        check_directories(head + tail, 101)
