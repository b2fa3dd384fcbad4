"""Machine print: marks out of the fonts that come with OpenCV, Pillow and, where it is installed, matplotlib."""

from __future__ import annotations

import importlib.util
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFont

from training.synthetic.glyphs import BitmapGlyph, tight

_RENDER_PX = 44  # nominal font size of the bitmaps
_HERSHEY = {
    "hershey simplex": cv2.FONT_HERSHEY_SIMPLEX,
    "hershey duplex": cv2.FONT_HERSHEY_DUPLEX,
    "hershey complex": cv2.FONT_HERSHEY_COMPLEX,
    "hershey triplex": cv2.FONT_HERSHEY_TRIPLEX,
}
_TEXT_FONTS = ("DejaVu", "cmr10", "cmtt10", "cmb10", "cmss10")  # prefixes of matplotlib's files that hold digits and signs
_SHAPE_TEXT = {"rupee": "₹", "filler": "———"}
Screen = Literal["solid", "dots", "stripes"]
SCREENS: tuple[Screen, ...] = ("solid", "dots", "stripes")
_PILLOW = "pillow"
_IN_NO_FONT = "\U0010ff00"  # private: drawn as the box that stands for a missing character


@cache
def font_names() -> tuple[str, ...]:
    """All fonts that can be used here: names of OpenCV's, Pillow's own, paths of matplotlib's."""
    names = [*_HERSHEY, _PILLOW]
    spec = importlib.util.find_spec("matplotlib")
    if spec is not None and spec.origin is not None:
        folder = Path(spec.origin).parent / "mpl-data" / "fonts" / "ttf"
        names += [str(p) for p in sorted(folder.glob("*.ttf")) if p.name.startswith(_TEXT_FONTS) and "Display" not in p.name]
    return tuple(names)


def _draw_text(font: str, text: str) -> npt.NDArray[np.uint8]:
    if font in _HERSHEY:
        canvas = np.zeros((120, 160), np.uint8)
        return np.asarray(cv2.putText(canvas, text, (40, 80), _HERSHEY[font], 1.6, 255, 3, cv2.LINE_AA), np.uint8)
    face = ImageFont.load_default(_RENDER_PX) if font == _PILLOW else ImageFont.truetype(font, _RENDER_PX)
    picture = Image.new("L", (160, 120))
    ImageDraw.Draw(picture).text((40, 80), text, fill=255, font=face, anchor="ls")
    return np.asarray(picture)


@cache
def _zero_rows(font: str) -> tuple[int, int]:
    """First row and row after the last of the font's 0 in ``_draw_text``: its digit height and baseline."""
    rows = np.flatnonzero(_draw_text(font, "0").max(axis=1) > 30)
    return int(rows[0]), int(rows[-1]) + 1


def _screened(bitmap: npt.NDArray[np.uint8], screen: Screen) -> npt.NDArray[np.uint8]:
    """The bitmap as needles (dots) or a check writer (stripes) print it."""
    if screen == "solid":
        return bitmap
    y, x = np.mgrid[: bitmap.shape[0], : bitmap.shape[1]]
    wave = np.cos(2 * np.pi * y / 4.6)
    pattern = (
        np.clip(0.9 + 0.7 * wave, 0, 1) if screen == "stripes" else np.clip(0.75 + 0.4 * wave + 0.4 * np.cos(2 * np.pi * x / 4.6), 0, 1)
    )
    return np.asarray(cv2.dilate(bitmap, np.ones((3, 3), np.uint8)) * pattern, np.uint8)


@cache
def _printed(font: str, shape: str, screen: Screen) -> BitmapGlyph | None:
    text = _SHAPE_TEXT.get(shape, shape)
    if not text.isascii() and font in _HERSHEY:
        return None
    drawn = _draw_text(font, text)
    if drawn.max() <= 30 or np.array_equal(drawn, _draw_text(font, _IN_NO_FONT)):
        return None
    bitmap, first_row = tight(_screened(drawn, screen))
    top, base = _zero_rows(font)
    return BitmapGlyph(bitmap, float(base - top), float(base - first_row))


@dataclass(frozen=True, slots=True)
class PrintedWriter:
    """A printer with one font, as a writer: every instance of a mark looks the same."""

    font: str
    screen: Screen = "solid"

    @property
    def name(self) -> str:
        return f"print/{Path(self.font).stem}/{self.screen}"

    def glyph(self, rng: np.random.Generator, shape: str) -> BitmapGlyph | None:
        """The mark in this font, or None where the font lacks it."""
        return _printed(self.font, shape, self.screen)
