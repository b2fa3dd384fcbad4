"""The MICR line of a synthetic check, where the standards want it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from app.reader.types import Box
from training.synthetic.check_canvas import CheckCanvas
from training.synthetic.check_layouts import MICR_BOTTOM_IN, MICR_RIGHT_IN, TRANSIT_POSITION, Layout
from training.synthetic.e13b import ROWS, UNIT_INCH
from training.synthetic.micr import coverage_of, paint_line, wear
from training.synthetic.micr_style import MicrStyle
from training.synthetic.micr_text import MicrText

PITCH_IN = 0.125
CANADIAN_LEFT_IN = 0.4  # of the first character of the line


def usual_micr(dpi: float) -> MicrStyle:
    """The print of a good printer."""
    return replace(
        MicrStyle.clean(dpi),
        pitch_jitter=0.06,
        baseline_jitter=0.06,
        spread=0.04,
        spread_jitter=0.02,
        roughness=0.05,
        ink_darkness=0.97,
    )


def micr_within_tolerance(rng: np.random.Generator, dpi: float) -> MicrStyle:
    """Print of any printer that keeps ANSI X9.100-20: edges within 0.0035 in of the grid (0.27 units), ink more or less dark."""
    return replace(
        usual_micr(dpi),
        pitch_jitter=float(rng.uniform(0.0, 0.1)),
        baseline_jitter=float(rng.uniform(0.0, 0.1)),
        spread=float(np.clip(rng.normal(0.03, 0.08), -0.18, 0.2)),
        ink_darkness=float(rng.uniform(0.75, 0.97)),
    )


def print_micr(rng: np.random.Generator, canvas: CheckCanvas, layout: Layout, micr: MicrText, style: MicrStyle) -> Box:
    """The MICR line in its band; the box of its characters in pixels."""
    if micr.form == "indian_cts":
        left = 0.26 * layout.width_in
    elif micr.form == "canadian":
        left = CANADIAN_LEFT_IN
    else:
        first = layout.width_in - MICR_RIGHT_IN - TRANSIT_POSITION * PITCH_IN
        left = first - micr.printed.index("⑆") * PITCH_IN
    top = layout.height_in - MICR_BOTTOM_IN - ROWS * UNIT_INCH
    scale = UNIT_INCH * canvas.dpi
    room = round(4 * scale)
    strip_top = round(canvas.px(top)) - room
    shape = (2 * room + round(ROWS * scale), canvas.shape[1])
    to_strip = np.array([[scale, 0.0, canvas.px(left)], [0.0, scale, canvas.px(top) - strip_top]])
    distance, owner, _ = paint_line(rng, micr.printed, style, to_strip, shape)
    coverage = coverage_of(wear(rng, distance, owner, style), canvas.dpi)
    canvas.put(coverage, (18, 18, 18), style.ink_darkness, at=(0, strip_top))
    rows, across = np.flatnonzero((coverage > 0.3).any(axis=1)) + strip_top, np.flatnonzero((coverage > 0.3).any(axis=0))
    return int(across[0]), int(rows[0]), int(across[-1]) + 1, int(rows[-1]) + 1
