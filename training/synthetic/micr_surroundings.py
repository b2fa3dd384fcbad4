"""What stands around and across a MICR line and is no part of it: rules, frames, strokes of a pen, cut-off print."""

from __future__ import annotations

import cv2
import numpy as np

from training.synthetic.backgrounds import Canvas, draw_line
from training.synthetic.e13b import ROWS, UNIT_INCH
from training.synthetic.micr_style import MicrStyle
from training.synthetic.strokes import Affine, smooth

_PRINT = "MEMO FOR Payable at par AUTHORIZED SIGNATURE Please sign above ABCDEFGH 0123456789"


def draw_surroundings(rng: np.random.Generator, canvas: Canvas, style: MicrStyle, to_picture: Affine) -> None:
    """Draws rules, frame, strokes and print of the style onto the canvas, in place."""
    unit = UNIT_INCH * style.dpi
    slope = float(to_picture[1, 0] / to_picture[0, 0])
    for _ in range(style.rules):
        _draw_rule(rng, canvas, unit, slope)
    if style.border:
        _draw_border(rng, canvas, unit, slope)
    for _ in range(style.strokes):
        _draw_stroke(rng, canvas, unit)
    if style.neighbouring_print:
        _draw_print(rng, canvas, unit)


def _draw_rule(rng: np.random.Generator, canvas: Canvas, unit: float, slope: float) -> None:
    """A printed line, mostly above or below the characters."""
    height, width = canvas.shape
    through = rng.random() < 0.2
    y = float(rng.uniform(0.2, 0.8) if through else rng.choice([rng.uniform(0.0, 0.15), rng.uniform(0.85, 1.0)])) * height
    start = float(rng.uniform(0, 0.7)) * width if rng.random() < 0.5 else -1.0
    end = width + 1.0 if rng.random() < 0.6 else start + float(rng.uniform(0.1, 0.6)) * width
    pen = max(0.8, unit * float(rng.uniform(0.2, 0.6)))
    draw_line(canvas, (start, y + slope * (start - width / 2)), (end, y + slope * (end - width / 2)), pen, float(rng.uniform(0.2, 0.8)))


def _draw_border(rng: np.random.Generator, canvas: Canvas, unit: float, slope: float) -> None:
    """The ornamental frame of the check along the lower edge: a heavy line, or rows of blocks."""
    height, width = canvas.shape
    y, thick, darkness = height - float(rng.uniform(0.2, 2.2)) * unit, float(rng.uniform(1.0, 3.0)) * unit, float(rng.uniform(0.3, 0.9))
    if rng.random() < 0.5:
        draw_line(canvas, (-1.0, y - slope * width / 2), (width + 1.0, y + slope * width / 2), thick, darkness)
        return
    step = thick * float(rng.uniform(1.2, 2.5))
    for x in np.arange(float(rng.uniform(0, step)), width, step):
        top = round(y + slope * (x - width / 2) - thick / 2)
        canvas[max(0, top) : max(0, top + round(thick)), round(x) : round(x + 0.7 * thick)] *= np.float32(1 - darkness)


def _draw_stroke(rng: np.random.Generator, canvas: Canvas, unit: float) -> None:
    """A loop or a tail of handwriting that comes down from above, seldom through the whole line."""
    height, width = canvas.shape
    x, depth = float(rng.uniform(0, 1)) * width, float(np.clip(rng.exponential(0.4), 0.08, 1.15)) * height
    spread = float(rng.uniform(1.0, 12.0)) * unit
    lean = float(rng.normal(0.0, 0.5)) * depth
    turn = x + lean + 0.25 * spread
    points = np.array(
        [
            (x - spread, -2.0),
            (x + lean - 0.5 * spread, 0.55 * depth),
            (x + lean, 0.93 * depth),
            (turn, depth),
            (turn + 0.25 * spread, 0.9 * depth),
            (x + lean + spread, 0.4 * depth),
            (x + 1.1 * lean + 1.3 * spread, -2.0),
        ]
    )
    if rng.random() < 0.4:
        points = points[:4]
    curve = np.round(smooth(points, 8) * 16).astype(np.int32).reshape(-1, 1, 2)
    mask = np.zeros(canvas.shape, np.uint8)
    cv2.polylines(mask, [curve], False, 255, max(1, round(unit * float(rng.uniform(0.8, 2.4)))), cv2.LINE_AA, 4)
    canvas *= 1 - np.float32(rng.uniform(0.35, 0.9)) * (mask.astype(np.float32) / np.float32(255.0))


def _draw_print(rng: np.random.Generator, canvas: Canvas, unit: float) -> None:
    """Small print above or below the line, of which the border cuts off a part."""
    height, width = canvas.shape
    start = int(rng.integers(len(_PRINT) - 8))
    text = _PRINT[start : start + int(rng.integers(6, 40))]
    size = float(rng.uniform(3.0, ROWS)) * unit
    mask = np.zeros(canvas.shape, np.uint8)
    visible = float(rng.uniform(0.15, 0.9)) * size
    baseline = visible - 1 if rng.random() < 0.6 else height + size - visible
    place = (round(float(rng.uniform(-0.1, 0.7)) * width), round(min(baseline, 0.2 * height) if baseline < height / 2 else baseline))
    cv2.putText(mask, text, place, cv2.FONT_HERSHEY_SIMPLEX, size / 22, 255, max(1, round(size / 9)), cv2.LINE_AA)
    canvas *= 1 - np.float32(rng.uniform(0.3, 0.85)) * (mask.astype(np.float32) / np.float32(255.0))
