"""Strokes of a pen as polylines: smoothing, jitter, and painting them as ink coverage.

A stroke is (N, 2) float64 in *digit heights*: x to the right, y downwards, the baseline at y = 0 and the top of a
digit at y = -1. Coverage is (H, W) float32 in 0..1, ink = 1.0, paper = 0.0.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

Stroke = npt.NDArray[np.float64]  # (N, 2) x, y in digit heights
Strokes = tuple[Stroke, ...]
Coverage = npt.NDArray[np.float32]  # (H, W), 0..1, ink = 1.0, paper = 0.0
Affine = npt.NDArray[np.float64]  # (2, 3): glyph x, y in digit heights -> picture x, y in pixels

SUPERSAMPLING = 4  # a stroke is painted on a grid that many times finer, then averaged
_SUBPIXEL_BITS = 4  # fractional bits of cv2.polylines


def smooth(points: Stroke, samples: int = 6) -> Stroke:
    """A Catmull-Rom spline through the control points (N, 2), ``samples`` points per piece.

    Source: E. Catmull, R. Rom, "A class of local interpolating splines", 1974.
    """
    if len(points) < 3:
        return points
    padded = np.vstack([2 * points[:1] - points[1:2], points, 2 * points[-1:] - points[-2:-1]])
    before, start, end, after = (padded[k : len(points) - 1 + k][:, None] for k in range(4))
    t = (np.arange(samples) / samples)[None, :, None]
    curve = 0.5 * (
        2 * start + (end - before) * t + (2 * before - 5 * start + 4 * end - after) * t**2 + (3 * start - before - 3 * end + after) * t**3
    )
    return np.vstack([curve.reshape(-1, 2), points[-1:]])


def average_neighbours(stroke: Stroke, rounds: int) -> Stroke:
    """The stroke with every inner point drawn to the middle of its neighbours, ``rounds`` times; the ends stay."""
    for _ in range(rounds):
        if len(stroke) < 3:
            return stroke
        stroke = np.vstack([stroke[:1], 0.25 * stroke[:-2] + 0.5 * stroke[1:-1] + 0.25 * stroke[2:], stroke[-1:]])
    return stroke


def extent(strokes: Strokes) -> tuple[float, float, float, float]:
    """The tight box (left, top, right, bottom) of all points, in the unit of the points."""
    points = np.concatenate(strokes)
    (left, top), (right, bottom) = points.min(axis=0), points.max(axis=0)
    return float(left), float(top), float(right), float(bottom)


def warp(rng: np.random.Generator, strokes: Strokes, amount: float) -> Strokes:
    """The strokes pushed about by one slow sine wave along each axis, ``amount`` digit heights at most."""
    fx, fy = rng.uniform(2.0, 6.0, 2)
    px, py = rng.uniform(0.0, 2 * np.pi, 2)
    ax, ay = rng.normal(0.0, amount, 2)
    return tuple(np.stack([s[:, 0] + ax * np.sin(fx * s[:, 1] + px), s[:, 1] + ay * np.sin(fy * s[:, 0] + py)], axis=1) for s in strokes)


def shorten(rng: np.random.Generator, strokes: Strokes, share: float) -> Strokes:
    """One stroke loses up to ``share`` of its points at one end: a pen that sets down late or lifts early."""
    which = int(rng.integers(len(strokes)))
    stroke = strokes[which]
    lost = int(len(stroke) * rng.uniform(0.0, share))
    kept = stroke[lost:] if rng.random() < 0.5 else stroke[: len(stroke) - lost]
    return (*strokes[:which], kept, *strokes[which + 1 :]) if len(kept) >= 2 else strokes


@dataclass(frozen=True, slots=True)
class Pressure:
    """How the width of a line changes along it, as shares of the pen's width."""

    swing: float = 0.0  # amplitude of a slow wave along the line
    frequency: float = 3.0  # of that wave, radians per digit height
    phase: float = 0.0
    nib: float = 0.0  # how much wider strokes down are than strokes across
    taper: float = 0.0  # how much thinner the line is at its last end

    @classmethod
    def draw(cls, rng: np.random.Generator) -> Pressure:
        """Random pressure: from a steady felt pen to a lively nib."""
        taper = float(rng.uniform(0.0, 0.6)) if rng.random() < 0.3 else 0.0
        return cls(
            float(rng.uniform(0.0, 0.22)), float(rng.uniform(1.5, 6.0)), float(rng.uniform(0, 6.3)), float(rng.normal(0.0, 0.15)), taper
        )

    def widths(self, stroke: Stroke) -> npt.NDArray[np.float64]:
        """The width of each of the N - 1 segments, as a multiple of the pen's width."""
        steps = np.diff(stroke, axis=0)
        lengths = np.maximum(np.hypot(steps[:, 0], steps[:, 1]), 1e-9)
        along = np.cumsum(lengths)
        wave = self.swing * np.sin(self.frequency * along + self.phase)
        end = self.taper * np.clip(1 - (along[-1] - along) / 0.35, 0.0, 1.0) if along[-1] > 0.5 else 0.0
        return np.asarray(np.clip(1 + wave + self.nib * (np.abs(steps[:, 1]) / lengths - 0.5) - end, 0.4, 1.8), np.float64)


STEADY = Pressure()


def _draw_line(fine: npt.NDArray[np.uint8], line: npt.NDArray[np.int32], widths_px: npt.NDArray[np.float64]) -> None:
    """Paints one polyline with a width per segment: runs of equal (whole) width are painted in one call."""
    whole = np.maximum(1, np.round(widths_px)).astype(int)
    ends = [*(np.flatnonzero(np.diff(whole)) + 1), len(whole)]
    start = 0
    for end in ends:
        cv2.polylines(fine, [line[start : end + 1]], False, 255, int(whole[start]), cv2.LINE_8, _SUBPIXEL_BITS)
        start = end


def paint(
    strokes: Strokes, to_picture: Affine, pen_px: float, shape: tuple[int, int], pressure: Pressure = STEADY
) -> tuple[Coverage, tuple[int, int]]:
    """The ink of the strokes under ``to_picture`` with a round pen of ``pen_px`` pixels and its pressure.

    Returns the coverage of a patch and the patch's (left, top) in the picture of ``shape`` (height, width). The patch
    is clipped to the picture; it is (0, 0) in size where nothing of the strokes lies inside.
    """
    placed = tuple(s @ to_picture[:, :2].T + to_picture[:, 2] for s in strokes)
    left, top, right, bottom = extent(placed)
    reach = 0.9 * pen_px + 1
    x0, y0 = max(0, int(np.floor(left - reach))), max(0, int(np.floor(top - reach)))
    x1, y1 = min(shape[1], int(np.ceil(right + reach)) + 1), min(shape[0], int(np.ceil(bottom + reach)) + 1)
    if x1 <= x0 or y1 <= y0:
        return np.zeros((0, 0), np.float32), (0, 0)
    fine = np.zeros(((y1 - y0) * SUPERSAMPLING, (x1 - x0) * SUPERSAMPLING), np.uint8)
    scale = SUPERSAMPLING * (1 << _SUBPIXEL_BITS)
    shift_by_half = 0.5 * (1 << _SUBPIXEL_BITS)
    for stroke, laid in zip(strokes, placed, strict=True):
        line = np.round((laid - (x0, y0)) * scale - shift_by_half).astype(np.int32).reshape(-1, 1, 2)
        _draw_line(fine, line, pressure.widths(stroke) * pen_px * SUPERSAMPLING)
    coverage = cv2.resize(fine, (x1 - x0, y1 - y0), interpolation=cv2.INTER_AREA)
    return coverage.astype(np.float32) / 255.0, (x0, y0)
