"""Printers of the kit's test part: a bitmap face struck by needles, and the same face run together by a ribbon.

Both come from the bitmap font that Pillow carries (Courier, 6 by 11 pixels a character), which no printer of the training fields uses:
``training.synthetic.printed`` draws with outline fonts alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Literal

import cv2
import numpy as np
import numpy.typing as npt
from PIL import ImageFont

from training.synthetic.check_canvas import Face
from training.synthetic.glyphs import BitmapGlyph, tight
from training.synthetic.strokes import Coverage

Strike = Literal["needles", "ribbon"]
STRIKES: tuple[Strike, ...] = ("needles", "ribbon")
_CAPITAL_EM = 0.71  # height of a capital of the outline face against its size: print of both is equally high
_WIDTH_EM = 0.5  # of one character; the font's own 0.6 would not fit the forms
_FINE = 8  # samples per pixel of the bitmap font
_ENLARGED = 5  # pixels of a glyph per pixel of the bitmap font


def _bits(text: str) -> npt.NDArray[np.float32]:
    """The text in the bitmap font, (11, 6 n), 1 = struck."""
    mask = ImageFont.load_default_imagefont().getmask(text)
    return (np.array(mask, np.float32).reshape(mask.size[1], mask.size[0]) > 0).astype(np.float32)


@cache
def _capital_rows() -> tuple[int, int]:
    """First row and row after the last of a 0: capital height and baseline."""
    rows = np.flatnonzero(_bits("0").max(axis=1))
    return int(rows[0]), int(rows[-1]) + 1


def _struck(bits: npt.NDArray[np.float32], strike: Strike) -> npt.NDArray[np.float32]:
    """The print at ``_FINE`` samples per pixel of the font, 0..1: round dots that touch, or edges run together."""
    fine = np.asarray(cv2.resize(bits, None, fx=_FINE, fy=_FINE, interpolation=cv2.INTER_NEAREST), np.float32)
    if strike == "ribbon":
        return np.clip((np.asarray(cv2.GaussianBlur(fine, (0, 0), 0.33 * _FINE), np.float32) - 0.42) * 4.0 + 0.5, 0.0, 1.0)
    middle = (np.arange(_FINE, dtype=np.float32) + 0.5) / _FINE - 0.5
    dot = (np.hypot(middle[:, None], middle[None, :]) < 0.52).astype(np.float32)
    return fine * np.tile(dot, bits.shape)


def bitmap_face(strike: Strike) -> Face:
    """A face for ``CheckCanvas``."""

    def face(text: str, place: tuple[float, float], size_px: float, right: bool, bold: bool) -> tuple[Coverage, tuple[int, int]]:
        bits = np.pad(_bits(text), ((0, 0), (1, 1)))
        top, base = _capital_rows()
        across, down = _WIDTH_EM * size_px / 6.0, _CAPITAL_EM * size_px / (base - top)
        size = (max(1, round(bits.shape[1] * across)), max(1, round(bits.shape[0] * down)))
        drawn = np.asarray(cv2.resize(_struck(bits, strike), size, interpolation=cv2.INTER_AREA), np.float32)
        if bold:  # struck twice, a little apart
            drawn = np.maximum(drawn, np.roll(drawn, 1, axis=1))
        return drawn, (round(place[0] - (size[0] - across if right else across)), round(place[1] - base * down))

    return face


@cache
def _printed(shape: str, strike: Strike) -> BitmapGlyph | None:
    text = {"filler": "---", "rupee": "₹"}.get(shape, shape)
    if not text.isascii() or not _bits(text).any():
        return None
    size = (len(text) * 6 * _ENLARGED, 11 * _ENLARGED)
    drawn = cv2.resize(_struck(_bits(text), strike), size, interpolation=cv2.INTER_AREA)
    bitmap, first_row = tight(np.asarray(np.rint(np.pad(drawn, 2) * 255.0), np.uint8))
    top, base = _capital_rows()
    return BitmapGlyph(bitmap, float((base - top) * _ENLARGED), float(base * _ENLARGED + 2 - first_row))


@dataclass(frozen=True, slots=True)
class BitmapPrinter:
    """A printer of the bitmap face, as a writer of amounts."""

    strike: Strike

    @property
    def name(self) -> str:
        return f"print/bitmap/{self.strike}"

    def glyph(self, rng: np.random.Generator, shape: str) -> BitmapGlyph | None:
        """The mark in this face, or None where the face lacks it."""
        return _printed(shape, self.strike)
