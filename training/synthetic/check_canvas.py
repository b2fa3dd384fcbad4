"""A sheet of check paper in inches, on which print, pens and MICR ink are put down in their colours.

Places are in inches from the upper left corner, x before y. The picture is RGB float32 (H, W, 3), 0..255.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFont

from training.synthetic.backgrounds import PaperStyle, draw_paper
from training.synthetic.strokes import Coverage

Colour = tuple[int, int, int]
Rgb = npt.NDArray[np.float32]  # (H, W, 3), 0..255

BLACK: Colour = (20, 20, 22)
_POINTS_PER_INCH = 72.0
# (text, place of the baseline (x, y) in pixels, size in pixels, place is the right end, bold) -> coverage, place of its first pixel
Face = Callable[[str, tuple[float, float], float, bool, bool], tuple[Coverage, tuple[int, int]]]


@cache
def _font(size_px: float) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(size_px)


def pillow_face(text: str, place: tuple[float, float], size_px: float, right: bool, bold: bool) -> tuple[Coverage, tuple[int, int]]:
    """Text in the outline font that comes with Pillow."""
    font, stroke = _font(size_px), 0.4 if bold else 0.0
    start = (place[0] - int(place[0]), place[1] - int(place[1]))
    anchor = "rs" if right else "ls"
    left, top, far, low = ImageDraw.Draw(Image.new("L", (1, 1))).textbbox(start, text, font=font, anchor=anchor, stroke_width=stroke)
    room = (2 - math.floor(left), 2 - math.floor(top))
    layer = Image.new("L", (room[0] + math.ceil(far) + 2, room[1] + math.ceil(low) + 2))
    where = (start[0] + room[0], start[1] + room[1])
    ImageDraw.Draw(layer).text(where, text, fill=255, font=font, anchor=anchor, stroke_width=stroke)
    return np.asarray(layer, np.float32) / np.float32(255.0), (int(place[0]) - room[0], int(place[1]) - room[1])


@dataclass(eq=False)
class CheckCanvas:
    """The sheet under work: everything multiplies its light."""

    width_in: float
    height_in: float
    dpi: float
    face: Face = pillow_face
    rgb: Rgb = field(init=False)

    def __post_init__(self) -> None:
        self.rgb = np.full((round(self.height_in * self.dpi), round(self.width_in * self.dpi), 3), 255.0, np.float32)

    @property
    def shape(self) -> tuple[int, int]:
        """Height and width in pixels."""
        return int(self.rgb.shape[0]), int(self.rgb.shape[1])

    def px(self, inches: float) -> float:
        """Pixels of a length."""
        return inches * self.dpi

    def lay_paper(self, rng: np.random.Generator, style: PaperStyle, tint: Colour) -> None:
        """Patterned paper; where the pattern takes half of the light the paper has the colour ``tint``."""
        self.tint((1 - draw_paper(rng, self.shape, style) / np.float32(255.0)) * np.float32(2.0), tint)

    def tint(self, depth: Coverage, colour: Colour) -> None:
        """The colour, as thick as ``depth`` (H, W) says: 0 none, 1 and more in full."""
        thick = np.clip(depth, 0, 1)
        for channel, level in enumerate(colour):
            self.rgb[:, :, channel] *= 1 - thick * np.float32(1 - np.float32(level) / np.float32(255.0))

    def put(self, coverage: Coverage, colour: Colour, strength: float = 1.0, at: tuple[int, int] = (0, 0)) -> None:
        """Ink of a colour where ``coverage`` (H, W) is, its first pixel at ``at`` (x, y); what lies beyond the sheet is lost."""
        x, y, width, height = cv2.boundingRect((coverage > 0).astype(np.uint8))
        left, top = max(0, x + at[0]), max(0, y + at[1])
        right, bottom = min(self.shape[1], x + at[0] + width), min(self.shape[0], y + at[1] + height)
        if right <= left or bottom <= top:
            return
        inked = coverage[top - at[1] : bottom - at[1], left - at[0] : right - at[0], None] * np.float32(strength)
        self.rgb[top:bottom, left:right] *= 1 - inked * (1 - np.array(colour, np.float32) / np.float32(255.0))

    def text(
        self, place: tuple[float, float], text: str, points: float, colour: Colour = BLACK, right: bool = False, bold: bool = False
    ) -> None:
        """Printed text with its baseline at ``place``; ``right`` makes that the right end."""
        coverage, at = self.face(text, (self.px(place[0]), self.px(place[1])), points * self.dpi / _POINTS_PER_INCH, right, bold)
        self.put(coverage, colour, at=at)

    def line(self, start: tuple[float, float], end: tuple[float, float], width_in: float = 0.006, colour: Colour = BLACK) -> None:
        """A straight printed line."""
        thick = max(1, round(self.px(width_in)))
        left, top = (int(self.px(min(a, b))) - thick - 2 for a, b in zip(start, end, strict=True))
        right, bottom = (int(self.px(max(a, b))) + thick + 3 for a, b in zip(start, end, strict=True))
        mask = np.zeros((bottom - top, right - left), np.uint8)
        p, q = ((round(self.px(x) * 16) - 16 * left, round(self.px(y) * 16) - 16 * top) for x, y in (start, end))
        cv2.line(mask, p, q, 255, thick, cv2.LINE_AA, 4)
        self.put(mask.astype(np.float32) / np.float32(255.0), colour, at=(left, top))

    def box(self, left: float, top: float, right: float, bottom: float, width_in: float = 0.008, colour: Colour = BLACK) -> None:
        """The frame of a printed box."""
        corners = ((left, top), (right, top), (right, bottom), (left, bottom))
        for k in range(4):
            self.line(corners[k], corners[(k + 1) % 4], width_in, colour)

    def fill(self, left: float, top: float, right: float, bottom: float, colour: Colour) -> None:
        """A printed area."""
        first, last = round(self.px(top)), round(self.px(bottom))
        self.rgb[first:last, round(self.px(left)) : round(self.px(right))] *= np.array(colour, np.float32) / np.float32(255.0)

    def border(self, inset_in: float, thickness_in: float, colour: Colour) -> None:
        """An ornamental frame: two lines with a row of blocks between."""
        far_x, far_y = self.width_in - inset_in, self.height_in - inset_in
        for k in (0.0, thickness_in):
            self.box(inset_in + k, inset_in + k, far_x - k, far_y - k, 0.006, colour)
        step, size = 1.6 * thickness_in, 0.6 * thickness_in
        ys = np.arange(inset_in + step, far_y - step, step)
        for x in np.arange(inset_in + step, far_x - step, step):
            for y in (inset_in + 0.2 * thickness_in, far_y - 0.8 * thickness_in):
                self.fill(float(x), y, float(x) + size, y + size, colour)
        for y in ys:
            for x in (inset_in + 0.2 * thickness_in, far_x - 0.8 * thickness_in):
                self.fill(x, float(y), x + size, float(y) + size, colour)
