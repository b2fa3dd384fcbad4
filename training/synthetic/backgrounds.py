"""Paper as a check shows it: level, light, guilloche, hatching, screens, stripes, rules and specks.

Pictures here are (H, W) float32 grey levels 0..255, paper bright.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import cv2
import numpy as np
import numpy.typing as npt

Canvas = npt.NDArray[np.float32]  # (H, W) grey 0..255, paper bright

Pattern = Literal["waves", "arcs", "hatch", "gratings", "dots", "blotches"]
PATTERNS: tuple[Pattern, ...] = ("waves", "arcs", "hatch", "gratings", "dots", "blotches")


@dataclass(frozen=True, slots=True)
class PaperStyle:
    """One paper. ``contrast`` is how much the patterns darken it, as a share of its level."""

    level: float  # grey 0..255
    patterns: tuple[Pattern, ...]
    contrast: float
    light_fall: float  # change of level across the field, as a share
    stripe: float  # level of a darker stripe as a share of the paper, 1 = none
    noise: float  # standard deviation in grey levels


def _coordinates(shape: tuple[int, int]) -> tuple[Canvas, Canvas]:
    y, x = np.mgrid[: shape[0], : shape[1]].astype(np.float32)
    return x, y


def _lines(distance_px: Canvas, period_px: float, width_px: float) -> Canvas:
    """1 on thin lines every ``period_px`` along ``distance_px``, 0 between."""
    off = np.abs((distance_px / period_px) % 1.0 - 0.5) * period_px
    return np.clip(0.5 + width_px / 2 - off, 0.0, 1.0).astype(np.float32)


def _waves(rng: np.random.Generator, x: Canvas, y: Canvas) -> Canvas:
    """A bundle of thin wavy lines, more or less level, with swelling amplitude."""
    wave_px, amplitude = rng.uniform(12, 90), rng.uniform(0.4, 5.0)
    swell = 1 + rng.uniform(0, 0.8) * np.sin(2 * np.pi * y / rng.uniform(15, 60) + rng.uniform(0, 6))
    second = rng.uniform(0, 2.0) * np.sin(2 * np.pi * x / rng.uniform(40, 200) + rng.uniform(0, 6))
    tilt = rng.normal(0.0, 0.12)
    if rng.random() < 0.35:
        angle = rng.uniform(-1.2, 1.2)
        x, y = (x * np.cos(angle) - y * np.sin(angle)).astype(np.float32), (x * np.sin(angle) + y * np.cos(angle)).astype(np.float32)
    distance = y + tilt * x + second + amplitude * swell * np.sin(2 * np.pi * (x + y * rng.normal(0, 0.3)) / wave_px + rng.uniform(0, 6))
    return _lines(distance, rng.uniform(2.6, 7.0), rng.uniform(0.5, 1.4))


def _arcs(rng: np.random.Generator, x: Canvas, y: Canvas) -> Canvas:
    """Families of circles around one to three centres in or near the field: rosettes."""
    result = np.zeros_like(x)
    height, width = x.shape
    period, pen = rng.uniform(3.5, 9.0), rng.uniform(0.5, 1.1)
    for _ in range(int(rng.integers(1, 4))):
        cx, cy = rng.uniform(-0.3, 1.3) * width, rng.uniform(-1.5, 2.5) * height
        radius = np.sqrt((x - cx) ** 2 * rng.uniform(0.5, 1.0) + (y - cy) ** 2)
        result = np.maximum(result, _lines(radius.astype(np.float32), period * rng.uniform(0.8, 1.3), pen))
    return result


def _hatch(rng: np.random.Generator, x: Canvas, y: Canvas) -> Canvas:
    """Straight parallel lines, in a quarter of the cases crossed."""
    period, pen, angle = rng.uniform(2.8, 8.0), rng.uniform(0.5, 1.2), rng.uniform(0, np.pi)
    result = _lines((x * np.cos(angle) + y * np.sin(angle)).astype(np.float32), period, pen)
    if rng.random() < 0.4:
        other = angle + rng.uniform(0.6, 2.4)
        result = np.maximum(result, _lines((x * np.cos(other) + y * np.sin(other)).astype(np.float32), period, pen))
    return result


def _gratings(rng: np.random.Generator, x: Canvas, y: Canvas) -> Canvas:
    """A sum of soft curved sine gratings."""
    result = np.zeros_like(x)
    for _ in range(int(rng.integers(1, 4))):
        angle, period = rng.uniform(0, np.pi), rng.uniform(2.5, 14.0)
        bend = rng.normal(0, 0.006) * (x - rng.uniform(0, x.shape[1])) ** 2 / 2
        result += 0.5 + 0.5 * np.sin(2 * np.pi * (x * np.cos(angle) + y * np.sin(angle) + bend) / period + rng.uniform(0, 6))
    return (result / max(1.0, float(result.max()))).astype(np.float32)


def _dots(rng: np.random.Generator, x: Canvas, y: Canvas) -> Canvas:
    """A halftone screen or a field of small dots."""
    angle, period = rng.uniform(0, np.pi / 2), rng.uniform(2.4, 6.0)
    along, across = x * np.cos(angle) + y * np.sin(angle), y * np.cos(angle) - x * np.sin(angle)
    screen = np.sin(2 * np.pi * along / period) * np.sin(2 * np.pi * across / period)
    return np.clip(screen * 1.5 - rng.uniform(-0.5, 0.6), 0, 1).astype(np.float32)


def _blotches(rng: np.random.Generator, x: Canvas, y: Canvas) -> Canvas:
    """Slow clouds: a picture printed under the field, stains, cloth."""
    small = rng.random((max(2, int(x.shape[0] / rng.uniform(6, 25))), max(2, int(x.shape[1] / rng.uniform(6, 25))))).astype(np.float32)
    return np.asarray(cv2.resize(small, (x.shape[1], x.shape[0]), interpolation=cv2.INTER_CUBIC), np.float32)


_DRAW = {"waves": _waves, "arcs": _arcs, "hatch": _hatch, "gratings": _gratings, "dots": _dots, "blotches": _blotches}


def draw_paper(rng: np.random.Generator, shape: tuple[int, int], style: PaperStyle) -> Canvas:
    """Empty paper of ``shape`` (height, width): float32 grey levels, noise not yet added."""
    x, y = _coordinates(shape)
    paper = np.full(shape, style.level, np.float32)
    if style.light_fall:
        angle = rng.uniform(0, 2 * np.pi)
        ramp = x / shape[1] * np.cos(angle) + y / shape[0] * np.sin(angle)
        paper *= 1 + style.light_fall * (ramp - ramp.mean())
    for pattern in style.patterns:
        ink = _DRAW[pattern](rng, x, y)
        if rng.random() < 0.3:
            ink = ink * np.clip(_blotches(rng, x, y) * 2 - 0.3, 0, 1)
        paper *= 1 - style.contrast * rng.uniform(0.6, 1.0) * ink
    if style.stripe < 1:
        edge = rng.uniform(0.15, 0.85) * shape[0] + rng.normal(0, 0.01) * x
        side = 1 if rng.random() < 0.5 else -1
        paper *= 1 - (1 - style.stripe) * np.clip(side * (y - edge) / rng.uniform(0.7, 4.0) + 0.5, 0, 1)
    return paper


def draw_line(canvas: Canvas, start: tuple[float, float], end: tuple[float, float], width_px: float, darkness: float) -> None:
    """Darkens the canvas, in place, along a straight line of the given width."""
    mask = np.zeros(canvas.shape, np.uint8)
    p, q = (tuple(round(v * 16) for v in point) for point in (start, end))
    cv2.line(mask, p, q, 255, max(1, round(width_px)), cv2.LINE_AA, 4)
    strength = darkness * min(1.0, width_px)
    canvas *= 1 - strength * mask.astype(np.float32) / 255.0


def scatter_specks(rng: np.random.Generator, canvas: Canvas, count: int) -> None:
    """Darkens ``count`` small round or long specks, in place."""
    height, width = canvas.shape
    for _ in range(count):
        x, y = rng.uniform(0, width), rng.uniform(0, height)
        dx, dy = rng.normal(0, 1.2, 2)
        draw_line(canvas, (x, y), (x + dx, y + dy), float(rng.uniform(0.6, 2.2)), float(rng.uniform(0.2, 0.8)))
