"""One written or printed mark, ready to be painted: pen strokes or a bitmap.

Glyph coordinates are *digit heights*: x to the right from the glyph's left edge, y downwards, baseline y = 0, top of
a digit y = -1.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import cv2
import numpy as np
import numpy.typing as npt

from training.synthetic.strokes import STEADY, Affine, Coverage, Pressure, Strokes, extent, paint

Bounds = tuple[float, float, float, float]  # left, top, right, bottom in digit heights


class Glyph(Protocol):
    """What can be laid out by its bounds and painted under an affine map."""

    @property
    def bounds(self) -> Bounds:
        """Tight box of the glyph in digit heights, pen width not counted."""

    def paint(self, to_picture: Affine, pen_px: float, shape: tuple[int, int]) -> tuple[Coverage, tuple[int, int]]:
        """Coverage of a patch and its (left, top) in the picture of ``shape``; (0, 0) in size when outside."""


@dataclass(frozen=True, slots=True, eq=False)
class StrokeGlyph:
    """A mark made of pen strokes (in digit heights)."""

    strokes: Strokes
    pressure: Pressure = STEADY

    @property
    def bounds(self) -> Bounds:
        return extent(self.strokes)

    def paint(self, to_picture: Affine, pen_px: float, shape: tuple[int, int]) -> tuple[Coverage, tuple[int, int]]:
        return paint(self.strokes, to_picture, pen_px, shape, self.pressure)


@dataclass(frozen=True, slots=True, eq=False)
class BitmapGlyph:
    """A mark as a picture: ``bitmap`` (h, w) uint8 with ink bright; ``px_per_height`` pixels make one digit height.

    Row ``baseline_px`` of the bitmap lies on the baseline. ``ink_level`` in 0..1 is the brightness taken as the edge
    of the ink: lower makes strokes bolder.
    """

    bitmap: npt.NDArray[np.uint8]
    px_per_height: float
    baseline_px: float
    ink_level: float = 0.45

    @property
    def bounds(self) -> Bounds:
        height, width = self.bitmap.shape
        k = self.px_per_height
        return 0.0, -self.baseline_px / k, width / k, (height - self.baseline_px) / k

    def paint(self, to_picture: Affine, pen_px: float, shape: tuple[int, int]) -> tuple[Coverage, tuple[int, int]]:
        left, top, right, bottom = self.bounds
        corners = np.array([(left, top), (right, top), (left, bottom), (right, bottom)]) @ to_picture[:, :2].T + to_picture[:, 2]
        x0, y0 = (max(0, int(v)) for v in np.floor(corners.min(axis=0)))
        x1, y1 = (min(limit, int(v) + 1) for v, limit in zip(np.ceil(corners.max(axis=0)), (shape[1], shape[0]), strict=True))
        if x1 <= x0 or y1 <= y0:
            return np.zeros((0, 0), np.float32), (0, 0)
        scale = 1.0 / self.px_per_height
        pixel_to_glyph = np.array([[scale, 0, 0.5 * scale], [0, scale, (0.5 - self.baseline_px) * scale], [0, 0, 1]])
        to_fine = np.array([[2.0, 0, -2.0 * x0 - 0.5], [0, 2.0, -2.0 * y0 - 0.5]])  # warpAffine counts from pixel centres
        matrix = to_fine @ np.vstack([to_picture @ pixel_to_glyph, [0, 0, 1]])
        size = (2 * (x1 - x0), 2 * (y1 - y0))
        fine = cv2.warpAffine(self.bitmap, matrix, size, flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_CONSTANT, borderValue=0)
        enlargement = max(1.0, float(np.sqrt(abs(np.linalg.det(matrix[:, :2])))))
        sharp = np.clip((fine.astype(np.float32) / 255.0 - self.ink_level) * enlargement + 0.5, 0.0, 1.0)
        sharp[fine < 12] = 0.0
        return cv2.resize(sharp, (x1 - x0, y1 - y0), interpolation=cv2.INTER_AREA), (x0, y0)


def tight(bitmap: npt.NDArray[np.uint8]) -> tuple[npt.NDArray[np.uint8], int]:
    """The bitmap cut to its ink (brighter than 30), one pixel of paper left around, and the first row kept."""
    rows, columns = np.flatnonzero(bitmap.max(axis=1) > 30), np.flatnonzero(bitmap.max(axis=0) > 30)
    padded = np.pad(bitmap, 1)
    return padded[rows[0] : rows[-1] + 3, columns[0] : columns[-1] + 3], int(rows[0]) - 1


def bent_bitmap(rng: np.random.Generator, bitmap: npt.NDArray[np.uint8], amount: float = 0.035) -> npt.NDArray[np.uint8]:
    """The bitmap (h, w) with room around it, pushed about by one slow wave along each axis and a little turned and stretched,
    so that no two uses of a scanned mark are alike; ``amount`` is a share of the height."""
    room = 3
    padded = np.pad(bitmap, room)
    height, width = padded.shape
    y, x = np.mgrid[:height, :width].astype(np.float32)
    u, v = (x - width / 2) / height, (y - height / 2) / height
    fx, fy = rng.uniform(2.0, 6.0, 2)
    px, py = rng.uniform(0.0, 2 * np.pi, 2)
    ax, ay = rng.normal(0.0, amount, 2)
    turn, stretch = rng.normal(0.0, 0.05), rng.lognormal(0.0, 0.08)
    across = u * stretch + turn * v + ax * np.sin(fx * v + px)
    down = v - turn * u + ay * np.sin(fy * u + py)
    at_x, at_y = (across * height + width / 2).astype(np.float32), (down * height + height / 2).astype(np.float32)
    return np.asarray(cv2.remap(padded, at_x, at_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT, borderValue=0), np.uint8)
