"""What stands in a field and is no part of the amount: underlines, box edges, rules, print and writing next to it."""

from __future__ import annotations

import numpy as np

from training.synthetic.backgrounds import Canvas, draw_line
from training.synthetic.pens import PenSet
from training.synthetic.style import FieldStyle

_PRINTED_MARKS = "0123456789$#*RsUx"


def draw_rules(rng: np.random.Generator, canvas: Canvas, style: FieldStyle, baseline_px: float) -> None:
    """Draws underline, box edges and vertical rules of the style onto the canvas, in place."""
    height, width = canvas.shape
    unit = style.digit_height_px
    pen = float(np.clip(unit * rng.uniform(0.02, 0.07), 0.8, 3.5))
    darkness = float(rng.uniform(0.25, 0.85))
    tilt = style.slope + float(rng.normal(0.0, 0.006))
    if style.underline:
        y = min(baseline_px + unit * float(rng.uniform(-0.04, 0.3)), height - 1.0)
        start = -1.0 if rng.random() < 0.85 else float(rng.uniform(0, 0.3)) * width
        draw_line(canvas, (start, y), (width + 1.0, y + tilt * width), pen, darkness)
        if rng.random() < 0.15:
            draw_line(canvas, (start, y + 2.5 * pen), (width + 1.0, y + 2.5 * pen + tilt * width), pen, darkness)
    if style.box:
        inset = rng.uniform(-0.05, 0.14, 4) * unit
        corners = ((inset[0], inset[1]), (width - inset[2], inset[1]), (width - inset[2], height - inset[3]), (inset[0], height - inset[3]))
        for k in range(4):
            if rng.random() < 0.75:
                draw_line(canvas, corners[k], corners[(k + 1) % 4], pen, darkness)
    for _ in range(style.vertical_rules):
        x = float(rng.choice([rng.uniform(0, 0.06), rng.uniform(0.94, 1.0), rng.uniform(0.0, 1.0)], p=[0.4, 0.5, 0.1])) * width
        draw_line(canvas, (x, -1.0), (x + float(rng.normal(0, 1.0)), height + 1.0), pen, darkness)


def draw_strangers(rng: np.random.Generator, canvas: Canvas, style: FieldStyle, pens: PenSet) -> None:
    """Draws print or writing above, below or beside the amount, mostly cut off by the border, in place."""
    height, width = canvas.shape
    hand = pens.printer(rng) if rng.random() < 0.7 else pens.hand(rng)
    size = style.digit_height_px * float(rng.uniform(0.25, 0.9))
    below = rng.random() < 0.5
    visible = style.digit_height_px * float(rng.uniform(0.03, 0.14))
    baseline = height - visible + size if below else visible
    x = float(rng.uniform(-0.2, 0.7)) * width
    strength = float(rng.uniform(0.3, 0.85))
    for _ in range(int(rng.integers(1, 9))):
        glyph = hand.glyph(rng, _PRINTED_MARKS[int(rng.integers(len(_PRINTED_MARKS)))])
        left, _, right, _ = glyph.bounds
        patch, (x0, y0) = glyph.paint(np.array([[size, 0.0, x], [0.0, size, baseline]]), max(1.0, 0.09 * size), canvas.shape)
        canvas[y0 : y0 + patch.shape[0], x0 : x0 + patch.shape[1]] *= 1 - strength * patch
        x += (right - left + 0.16) * size
