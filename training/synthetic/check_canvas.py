"""A sheet of check paper in inches, on which print, pens and MICR ink are put down in their colours.

Places are in inches from the upper left corner, x before y. The picture is RGB float32 (H, W, 3), 0..255.
"""

from __future__ import annotations

from dataclasses import dataclass, field

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


@dataclass(eq=False)
class CheckCanvas:
    """The sheet under work: everything multiplies its light."""

    width_in: float
    height_in: float
    dpi: float
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
        depth = (1 - draw_paper(rng, self.shape, style) / np.float32(255.0))[:, :, None] * np.float32(2.0)
        self.rgb *= 1 - np.clip(depth, 0, 1) * (1 - np.array(tint, np.float32) / np.float32(255.0))

    def put(self, coverage: Coverage, colour: Colour, strength: float = 1.0) -> None:
        """Ink of a colour where ``coverage`` (H, W) is."""
        x, y, width, height = cv2.boundingRect((coverage > 0).astype(np.uint8))
        inked = coverage[y : y + height, x : x + width, None] * np.float32(strength)
        self.rgb[y : y + height, x : x + width] *= 1 - inked * (1 - np.array(colour, np.float32) / np.float32(255.0))

    def text(
        self, place: tuple[float, float], text: str, points: float, colour: Colour = BLACK, right: bool = False, bold: bool = False
    ) -> None:
        """Printed text with its baseline at ``place``; ``right`` makes that the right end."""
        layer = Image.new("L", (self.shape[1], self.shape[0]))
        font = ImageFont.load_default(points * self.dpi / _POINTS_PER_INCH)
        where = (self.px(place[0]), self.px(place[1]))
        ImageDraw.Draw(layer).text(where, text, fill=255, font=font, anchor="rs" if right else "ls", stroke_width=0.4 if bold else 0)
        self.put(np.asarray(layer, np.float32) / np.float32(255.0), colour)

    def line(self, start: tuple[float, float], end: tuple[float, float], width_in: float = 0.006, colour: Colour = BLACK) -> None:
        """A straight printed line."""
        mask = np.zeros(self.shape, np.uint8)
        p, q = (tuple(round(self.px(v) * 16) for v in point) for point in (start, end))
        cv2.line(mask, p, q, 255, max(1, round(self.px(width_in))), cv2.LINE_AA, 4)
        self.put(mask.astype(np.float32) / np.float32(255.0), colour)

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
