"""Decoding: bounds, what is no picture, and files that are broken in any way."""

from __future__ import annotations

import struct
import subprocess
import sys
import threading
import time
from io import BytesIO

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from PIL import Image

from app.errors import CorruptImage, EmptyFile, ImageTooLarge, ImageTooSmall, InputError, UnsupportedFormat
from app.reader.decode import MOST_JPEG_SCANS, DecodeLimits, count_pages, decode, is_of_one_scan
from tests.app.reader.picture_files import HEIGHT, WHOLE, WIDTH, file_of, grey, png_header, tiff

LONGEST_S = 2.0


def test_pixel_limit_is_exact_and_names_what_was_given() -> None:
    """As many pixels as allowed are read, one more is refused."""
    data = file_of(grey(), "PNG")
    assert decode(data, DecodeLimits(max_pixels=WIDTH * HEIGHT)).width_px == WIDTH
    with pytest.raises(ImageTooLarge, match="at most 383 pixels; given: 24 x 16 = 384"):
        decode(data, DecodeLimits(max_pixels=WIDTH * HEIGHT - 1))


def test_the_pixel_limit_holds_for_every_page() -> None:
    """A small first page does not let a large second one through."""
    data = file_of(Image.new("L", (10, 10)), "TIFF", save_all=True, append_images=[Image.new("L", (100, 100))])
    limits = DecodeLimits(max_pixels=1000)
    assert decode(data, limits, 0).width_px == 10
    with pytest.raises(ImageTooLarge):
        decode(data, limits, 1)


def huge_headers() -> list[bytes]:
    webp = bytearray(file_of(grey().convert("RGB"), "WEBP"))
    start = webp.index(b"VP8 ") + 14
    webp[start : start + 4] = struct.pack("<HH", 16383, 16383)
    jpeg = bytearray(file_of(grey(), "JPEG"))
    frame = jpeg.index(b"\xff\xc0")
    jpeg[frame + 5 : frame + 9] = struct.pack(">HH", 65500, 65500)
    bmp = bytearray(file_of(grey(), "BMP"))
    bmp[18:26] = struct.pack("<II", 2**30, 2**30)
    return [png_header(2**31 - 1, 2**31 - 1), tiff(1, 0, b"\x00" * 100, 2**31 - 1), bytes(webp), bytes(jpeg), bytes(bmp)]


@pytest.mark.parametrize("data", huge_headers(), ids=["png", "tiff", "webp", "jpeg", "bmp"])
def test_a_small_file_that_claims_to_be_huge_is_refused_at_once(data: bytes) -> None:
    """The header alone decides: nothing of that size is decoded or allocated."""
    begin = time.perf_counter()
    with pytest.raises(ImageTooLarge):
        decode(data)
    assert time.perf_counter() - begin < 0.5


def test_a_jpeg_of_too_many_scans_is_refused() -> None:
    """Every scan costs a pass over all pixels, so their number is bounded."""
    data = file_of(grey(), "JPEG", progressive=True)
    scan = data.rindex(b"\xff\xda")
    assert decode(data).format == "JPEG"
    with pytest.raises(CorruptImage, match=f"at most {MOST_JPEG_SCANS}"):
        decode(data[:scan] + data[scan:-2] * (MOST_JPEG_SCANS + 1))


def test_scans_are_counted_only_where_there_may_be_many() -> None:
    """A sequential file with all components in its first scan has one; a further one is damage, and no work."""
    plain, progressive = file_of(grey(), "JPEG"), file_of(grey(), "JPEG", progressive=True)
    for data, one in ((plain, True), (progressive, False), (plain.replace(b"\xff\xda", b"\xff\xd9"), False), (plain[:40], False)):
        with Image.open(BytesIO(plain)) as image:
            image.info.update({"progressive": 1} if data is progressive else {})
            assert is_of_one_scan(image, data) is one
    scan = plain.rindex(b"\xff\xda")
    with pytest.raises(CorruptImage, match="damaged"):
        decode(plain[:scan] + plain[scan:-2] * (MOST_JPEG_SCANS + 1))


@pytest.mark.parametrize("size", [(7, 100), (100, 7), (1, 1)])
def test_too_small_pictures(size: tuple[int, int]) -> None:
    """Fewer than eight pixels in a side hold no character; eight are let through."""
    with pytest.raises(ImageTooSmall, match=f"given: {size[0]} x {size[1]}"):
        decode(file_of(Image.new("L", size), "PNG"))
    assert decode(file_of(Image.new("L", (8, 8)), "PNG")).width_px == 8


def test_no_bytes() -> None:
    """An empty file is told from a broken one."""
    with pytest.raises(EmptyFile):
        decode(b"")
    with pytest.raises(EmptyFile):
        count_pages(b"")


@pytest.mark.parametrize(
    ("data", "named"),
    [
        (b"%PDF-1.7\n", "a PDF document"),
        (file_of(grey(), "GIF"), "a GIF picture"),
        (b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00", "a HEIC"),
        (b"PK\x03\x04\x14\x00", "a ZIP archive"),
        (b"  <!doctype html><html>", "an HTML page"),
        (b'<svg xmlns="x"/>', "an SVG drawing"),
        (file_of(grey(), "JPEG2000"), "a JPEG 2000 picture"),
        (b"plain text", "no picture in a known format"),
        (b"BMW is no BMP file, whatever its first letters", "no picture in a known format"),
        (file_of(grey(), "PPM"), "no picture in a known format"),
    ],
)
def test_other_files_are_told_what_they_are(data: bytes, named: str) -> None:
    """What is not accepted is named where it can be known, with what is accepted."""
    with pytest.raises(UnsupportedFormat) as caught:
        decode(data)
    assert named in caught.value.detail
    assert "accepted are JPEG, PNG, TIFF, BMP and WebP" in caught.value.detail


@pytest.mark.parametrize("name", WHOLE)
def test_a_file_cut_in_half_is_corrupt_not_half_a_picture(name: str) -> None:
    """Nothing is decoded half, and the message is ours: it names the format and no library."""
    with pytest.raises(CorruptImage) as caught:
        decode(WHOLE[name][: len(WHOLE[name]) // 2])
    assert name.lower() in caught.value.detail.lower()
    assert not any(word in caught.value.detail for word in ("PIL", "object", "0x", "Error", "strip"))


@pytest.mark.filterwarnings("ignore::UserWarning")  # Pillow's; the service has them off
@settings(max_examples=150, deadline=None)
@given(st.sampled_from(sorted(WHOLE)), st.data())
def test_broken_files_raise_only_errors_of_the_tree(name: str, data: st.DataObject) -> None:
    """Cut short, changed, extended or with parts moved: a picture or an InputError, and nothing else."""
    broken = bytearray(WHOLE[name])
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, max(0, len(broken) - 1)))
        change = data.draw(st.sampled_from(["cut", "set", "insert", "extreme", "remove"]))
        if change == "cut":
            del broken[place:]
        elif change == "set":
            broken[place : place + 1] = bytes([data.draw(st.integers(0, 255))])
        elif change == "insert":
            broken[place:place] = data.draw(st.binary(max_size=8))
        elif change == "extreme":
            broken[place : place + 4] = data.draw(st.sampled_from([b"\xff\xff\xff\xff", b"\x00\x00\x00\x00", b"\x7f\xff\xff\xff"]))
        else:
            del broken[place : place + 5]
    answered(bytes(broken))


@pytest.mark.filterwarnings("ignore::UserWarning")  # Pillow's; the service has them off
@given(st.binary(max_size=200), st.sampled_from([b"", *(whole[:20] for whole in WHOLE.values())]))
@example(b"", b"II*\x00\x08\x00\x00\x00")
def test_any_bytes_are_answered(tail: bytes, head: bytes) -> None:
    """Any bytes at all, behind the head of a real file or not, are a picture or an InputError."""
    answered(head + tail)


def answered(data: bytes) -> None:
    """Decode within the time allowed; fails for anything but a picture and an error of the tree with its sentence."""
    begin = time.perf_counter()
    try:
        image = decode(data, DecodeLimits(max_pixels=1_000_000))
    except InputError as error:
        if not error.detail:
            raise AssertionError("an error without a sentence") from error
    else:
        assert image.rgb.ndim == 3
    assert time.perf_counter() - begin < LONGEST_S


def test_warnings_of_the_library_do_not_reach_the_log() -> None:
    """Odd metadata is passed over in silence: nothing of it appears on the error stream of a process that decodes."""
    broken = file_of(grey(), "TIFF").replace(struct.pack("<HHI", 278, 4, 1), struct.pack("<HHI", 278, 4, 2**30))
    broken = broken.replace(struct.pack("<HHI", 278, 3, 1), struct.pack("<HHI", 278, 3, 2**30))
    assert broken != file_of(grey(), "TIFF")
    code = "import sys; from app.reader.decode import count_pages; count_pages(sys.stdin.buffer.read())"
    noisy = "import io, sys; from PIL import Image; Image.open(io.BytesIO(sys.stdin.buffer.read()))"
    silent = subprocess.run([sys.executable, "-c", code], input=broken, capture_output=True, timeout=60, check=False)
    assert b"Warning" not in silent.stderr
    control = subprocess.run([sys.executable, "-c", noisy], input=broken, capture_output=True, timeout=60, check=False)
    assert b"Warning" in control.stderr  # the file does make Pillow warn


def test_decoding_in_many_threads_gives_the_same_pictures() -> None:
    """No state is shared between calls: limits of one call do not leak into another."""
    files = [WHOLE["PNG"], WHOLE["TIFF"], png_header(100_000, 100_000), WHOLE["BMP"]]
    wanted: list[npt.NDArray[np.uint8] | None] = [decode(files[0]).rgb, decode(files[1]).rgb, None, decode(files[3]).rgb]
    failures: list[str] = []

    def work(offset: int) -> None:
        for k in range(40):
            which = (k + offset) % len(files)
            try:
                rgb = decode(files[which], DecodeLimits(max_pixels=1000 + k)).rgb
            except ImageTooLarge:
                rgb = None
            expected = wanted[which]
            same = rgb is None if expected is None else rgb is not None and np.array_equal(rgb, expected)
            if not same:
                failures.append(f"file {which}")

    threads = [threading.Thread(target=work, args=(k,)) for k in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert not failures
