"""Decoding: every format and mode, with small pictures made here."""

from __future__ import annotations

import struct
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image

from app.errors import PageNotFound
from app.reader.decode import DecodeLimits, count_pages, decode, eight_bits
from tests.app.reader.picture_files import BLACK_IS_ZERO, GREY, HEIGHT, INK, PAPER, WHITE_IS_ZERO, WIDTH, file_of, grey, tiff


def levels(data: bytes) -> tuple[int, int]:
    """(ink, paper) as decoded, the mean of the three channels."""
    rgb = decode(data).rgb
    assert rgb.shape == (HEIGHT, WIDTH, 3)
    assert rgb.dtype == np.uint8
    return round(float(rgb[6, 8].mean())), round(float(rgb[14, 20].mean()))


@pytest.mark.parametrize(
    ("file_format", "options", "tolerance"),
    [
        ("PNG", {}, 0),
        ("BMP", {}, 0),
        ("TIFF", {}, 0),
        ("TIFF", {"compression": "tiff_lzw"}, 0),
        ("TIFF", {"compression": "tiff_adobe_deflate"}, 0),
        ("TIFF", {"compression": "packbits"}, 0),
        ("WEBP", {"lossless": True}, 0),
        ("WEBP", {"quality": 90}, 8),
        ("JPEG", {"quality": 95}, 8),
        ("JPEG", {"quality": 95, "progressive": True}, 8),
    ],
)
def test_formats(file_format: str, options: dict[str, Any], tolerance: int) -> None:
    """Every accepted format gives the picture back, with its name and the count of its pages."""
    data = file_of(grey().convert("RGB"), file_format, **options)
    ink, paper = levels(data)
    assert abs(ink - INK) <= tolerance
    assert abs(paper - PAPER) <= tolerance
    image = decode(data)
    assert (image.format, image.page_count, image.page_index, image.bitonal) == (file_format, 1, 0, False)
    assert (image.width_px, image.height_px) == (WIDTH, HEIGHT)


MODES_OF = {
    "PNG": ("L", "RGB", "P", "RGBA", "LA"),
    "TIFF": ("L", "RGB", "P", "RGBA", "LA", "PA", "CMYK", "YCbCr", "LAB"),
    "JPEG": ("L", "RGB", "CMYK", "YCbCr"),
    "BMP": ("L", "RGB", "P", "RGBA"),
    "WEBP": ("L", "RGB", "P", "RGBA", "CMYK"),
}


@pytest.mark.parametrize(("file_format", "mode"), [(name, mode) for name, modes in MODES_OF.items() for mode in modes])
def test_colour_modes(file_format: str, mode: str) -> None:
    """Grey, colour, palette, CMYK, YCbCr, Lab and opaque alpha all give the same picture, in every format that holds them."""
    picture = grey() if mode in ("LA", "PA") else grey().convert("RGB")
    made = picture.quantize(4) if mode == "P" else picture.convert("LA").convert(mode) if mode == "PA" else picture.convert(mode)
    ink, paper = levels(file_of(made, file_format))
    assert abs(ink - INK) <= 8
    assert abs(paper - PAPER) <= 8


@pytest.mark.parametrize("top", [255, 1023, 4095, 16383, 65535])
@pytest.mark.parametrize("file_format", ["PNG", "TIFF"])
def test_grey_of_16_bits_by_its_full_scale(top: int, file_format: str) -> None:
    """A picture of 8 to 16 bits stored in 16 is as bright as the same picture in 8."""
    ink, paper = levels(file_of(grey(top / 255, np.uint16), file_format))
    assert abs(ink - INK) <= 1
    assert abs(paper - PAPER) <= 1


@pytest.mark.parametrize("top", [1.0, 255.0, 65535.0])
def test_floating_grey(top: float) -> None:
    """Floating grey of 0..1, 0..255 or 0..65535 gives the same picture."""
    ink, paper = levels(file_of(grey(top / 255, np.float32), "TIFF"))
    assert abs(ink - INK) <= 1
    assert abs(paper - PAPER) <= 1


def test_what_is_no_number_is_black() -> None:
    """Not-a-number, infinities and values below zero become 0; nothing overflows."""
    values = np.array([[np.nan, np.inf, -np.inf, -5.0, 0.0, 1e38, 2e38, 3e38]], np.float32)
    assert eight_bits(values).tolist() == [[0, 0, 0, 0, 0, 85, 170, 255]]


@pytest.mark.parametrize("photometric", [WHITE_IS_ZERO, BLACK_IS_ZERO])
@pytest.mark.parametrize("bits", [1, 8, 16])
def test_both_polarities(bits: int, photometric: int) -> None:
    """Paper is bright whichever of black and white the file counts from, at every depth."""
    row = {1: b"\xf0", 8: b"\xff" * 4 + b"\x00" * 4, 16: b"\xff" * 8 + b"\x00" * 8}[bits]
    image = decode(tiff(bits, photometric, row * 8))
    left, right = (255, 0) if photometric == BLACK_IS_ZERO else (0, 255)
    assert image.rgb[3, :, 0].tolist() == [left] * 4 + [right] * 4
    assert image.bitonal == (bits == 1)


@pytest.mark.parametrize("compression", ["group3", "group4", "tiff_ccitt", "packbits", "raw"])
def test_bitonal_tiff(compression: str) -> None:
    """Bitonal TIFF in the compressions of check images is black ink on white paper."""
    data = file_of(grey().convert("1", dither=Image.Dither.NONE), "TIFF", compression=compression)
    assert levels(data) == (0, 255)
    assert decode(data).bitonal


def test_transparent_parts_become_white_paper() -> None:
    """Ink that is drawn as black of varying alpha stands on white; a colour declared transparent is white too."""
    alpha = np.where(GREY == INK, 255, 0).astype(np.uint8)
    drawn = Image.merge("LA", [Image.new("L", (WIDTH, HEIGHT), 0), Image.fromarray(alpha)])
    for mode in ("LA", "RGBA"):
        assert levels(file_of(drawn.convert(mode), "PNG")) == (0, 255)
    assert levels(file_of(grey(), "PNG", transparency=PAPER)) == (INK, 255)
    assert levels(file_of(grey().convert("P"), "PNG", transparency=PAPER)) == (INK, 255)
    assert levels(file_of(grey().convert("RGB"), "PNG", transparency=(PAPER,) * 3)) == (INK, 255)


def test_palette_with_alpha_of_each_colour() -> None:
    """A palette may give each colour an alpha of its own: half transparent ink is half as dark on white paper."""
    palette = Image.fromarray(np.where(GREY == INK, 1, 0).astype(np.uint8), "L").convert("P")
    palette.putpalette([0, 0, 0, 0, 0, 0])
    ink, paper = levels(file_of(palette, "PNG", transparency=bytes([0, 128])))
    assert abs(ink - 127) <= 1
    assert paper == 255


def test_cmyk_as_photoshop_writes_it() -> None:
    """CMYK in a JPEG is stored turned over, as Adobe does, with its marker or without: paper stays bright."""
    inks = Image.fromarray(np.stack([255 - GREY] * 3 + [np.zeros_like(GREY)], axis=2), "CMYK")
    data = file_of(inks, "JPEG", quality=95)
    marker = data.index(b"\xff\xee\x00\x0eAdobe")
    for given in (data, data[:marker] + data[marker + 16 :]):
        ink, paper = levels(given)
        assert abs(ink - INK) <= 8
        assert abs(paper - PAPER) <= 8


@pytest.mark.parametrize("file_format", ["PNG", "BMP", "TIFF"])
def test_bitonal_pictures(file_format: str) -> None:
    """One bit per pixel is black ink on white paper, and is known as such."""
    data = file_of(grey().convert("1", dither=Image.Dither.NONE), file_format)
    assert levels(data) == (0, 255)
    assert decode(data).bitonal


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("file_format", ["JPEG", "PNG", "TIFF", "WEBP"])
def test_orientation(file_format: str, orientation: int) -> None:
    """What comes out is upright: each of the eight EXIF orientations is undone, once."""
    done: dict[int, Callable[[npt.NDArray[np.uint8]], npt.NDArray[np.uint8]]] = {
        1: lambda a: a,
        2: np.fliplr,
        3: lambda a: np.rot90(a, 2),
        4: np.flipud,
        5: np.transpose,
        6: lambda a: np.rot90(a, 1),
        7: lambda a: np.rot90(a.T, 2),
        8: lambda a: np.rot90(a, -1),
    }
    stored = np.ascontiguousarray(done[orientation](GREY))
    exif = Image.Exif()
    exif[0x0112] = orientation
    image = decode(file_of(Image.fromarray(stored).convert("RGB"), file_format, exif=exif))
    assert (image.width_px, image.height_px) == (WIDTH, HEIGHT)
    assert np.abs(image.rgb[:, :, 1].astype(int) - GREY).mean() < 6


@pytest.mark.parametrize("orientation", [0, 9, 255])
def test_an_orientation_that_means_nothing_is_passed_over(orientation: int) -> None:
    """Damaged metadata takes nothing from the pixels."""
    exif = Image.Exif()
    exif[0x0112] = orientation
    assert levels(file_of(grey(), "PNG", exif=exif)) == (INK, PAPER)


@pytest.mark.parametrize(
    ("file_format", "options", "dpi"),
    [
        ("JPEG", {"dpi": (240, 240)}, 240.0),
        ("PNG", {"dpi": (200, 200)}, 200.0),
        ("BMP", {"dpi": (240, 240)}, 240.0),
        ("TIFF", {"dpi": (200, 200)}, 200.0),
        ("TIFF", {"resolution_unit": 3, "x_resolution": 78.74, "y_resolution": 78.74}, 200.0),  # per centimetre
        ("TIFF", {"dpi": (204, 196)}, 196.0),
        ("JPEG", {}, 0.0),
        ("PNG", {"dpi": (20, 20)}, 0.0),
        ("PNG", {"dpi": (9600, 9600)}, 0.0),
        ("WEBP", {}, 0.0),
    ],
)
def test_resolution(file_format: str, options: dict[str, Any], dpi: float) -> None:
    """Dots per inch from the file, in inches or centimetres; nothing, and nonsense, are 0."""
    assert decode(file_of(grey().convert("RGB"), file_format, **options)).dpi == pytest.approx(dpi, abs=0.1)


def test_resolution_of_a_ratio_of_zeros() -> None:
    """A resolution of 0/0 is no resolution, not a failure."""
    data = file_of(grey(), "TIFF", dpi=(200, 200))
    assert decode(data.replace(struct.pack("<II", 200, 1), bytes(8))).dpi == 0.0


def several_pages(count: int) -> bytes:
    pages = [Image.new("L", (WIDTH, HEIGHT), 10 * k) for k in range(count)]
    return file_of(pages[0], "TIFF", save_all=True, append_images=pages[1:])


def test_pages_of_a_tiff() -> None:
    """Each page can be asked for; one that is not there is refused with the count of those that are."""
    data = several_pages(3)
    assert count_pages(data) == 3
    for k in range(3):
        image = decode(data, page_index=k)
        assert (image.page_index, image.page_count, image.rgb[0, 0, 0]) == (k, 3, 10 * k)
    with pytest.raises(PageNotFound, match="has 3 pages, counted from 0; asked for page 3"):
        decode(data, page_index=3)
    with pytest.raises(PageNotFound):
        decode(data, page_index=-1)


def test_front_and_back_in_group_4() -> None:
    """Scanners write front and back as two bitonal pages, each with its resolution."""
    pages = [grey().convert("1", dither=Image.Dither.NONE), Image.new("1", (40, 30), 1)]
    data = file_of(pages[0], "TIFF", save_all=True, append_images=pages[1:], compression="group4", dpi=(200, 200))
    front, back = decode(data), decode(data, page_index=1)
    assert (front.width_px, front.page_count, front.bitonal, front.dpi) == (WIDTH, 2, True, 200.0)
    assert (back.width_px, back.page_index, back.bitonal, back.dpi) == (40, 1, True, 200.0)
    assert (front.rgb[6, 8, 0], front.rgb[14, 20, 0], back.rgb.min()) == (0, 255, 255)


def test_more_pages_than_allowed() -> None:
    """The limit holds for counting and for reading, and stands in the message."""
    limits = DecodeLimits(max_pages=2)
    assert count_pages(several_pages(2), limits) == 2
    for call in (count_pages, decode):
        with pytest.raises(PageNotFound, match="more than 2 pages"):
            call(several_pages(3), limits)


def test_moving_pictures_are_their_first_frame() -> None:
    """Animated PNG and WebP, and the further pictures in a phone's JPEG, are no pages."""
    frames = [grey().convert("RGB"), Image.new("RGB", (WIDTH, HEIGHT), "red")]
    for file_format, name in (("PNG", "PNG"), ("WEBP", "WEBP"), ("MPO", "JPEG")):
        image = decode(file_of(frames[0], file_format, save_all=True, append_images=frames[1:]))
        assert (image.page_count, image.format) == (1, name)
        assert abs(int(image.rgb[14, 20, 1]) - PAPER) <= 8


@pytest.mark.parametrize("height", [8, 63, 64, 65, 200])
def test_every_row_is_copied(height: int) -> None:
    """Pixels are handed on a few rows at a time: none is lost where the height is no multiple of that."""
    pixels = np.random.default_rng(height).integers(0, 256, (height, 10, 3), np.uint8)
    assert np.array_equal(decode(file_of(Image.fromarray(pixels), "PNG")).rgb, pixels)
