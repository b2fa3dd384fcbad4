"""Synthetic MICR lines: E-13B print on paper, with the owner of every ink pixel.

The characters are painted as distance fields where they end up, skew and all; spread, rough edges and voids of the
ink act on the distance; nothing moves the ink afterwards, so that ``owner`` and ``picture`` agree pixel by pixel.
"""

from __future__ import annotations

import re
from dataclasses import replace

import cv2
import numpy as np
import numpy.typing as npt

from app.reader.types import Box
from training.synthetic.backgrounds import draw_paper, scatter_specks
from training.synthetic.e13b import MARGIN_UNITS, PITCH_UNITS, ROWS, SAMPLES_PER_UNIT, UNIT_INCH, Distance, columns, distance_field
from training.synthetic.micr_style import MicrStyle
from training.synthetic.micr_surroundings import draw_surroundings
from training.synthetic.micr_text import SYMBOLS, draw_text
from training.synthetic.scan import scan
from training.synthetic.strokes import Affine, Coverage
from training.synthetic.style import FieldStyle
from training.synthetic.types import SyntheticCharacter, SyntheticField

OWNED_COVERAGE = 0.35  # a pixel is ink of a character from this coverage on
_FAR = -8.0  # units: distance where no character is near

Owner = npt.NDArray[np.int32]  # (H, W), number of the character from 1 on, 0 = nobody


def pitch_px(dpi: float) -> float:
    """Pixels from one character to the next: 1/8 inch."""
    return PITCH_UNITS * UNIT_INCH * dpi


def _line_to_picture(style: MicrStyle, positions: int) -> tuple[tuple[int, int], Affine]:
    """Picture shape (height, width), and the map (2, 3) from units (x from the line's left end, y down from the top of the
    characters) to pixels."""
    scale = UNIT_INCH * style.dpi
    left, top, right, bottom = style.margins
    width = positions * PITCH_UNITS
    turn = np.tan(np.radians(style.skew_degrees))
    linear = scale * np.array([[style.stretch, -style.lean], [turn * style.stretch, 1.0]])
    corners = np.array([(-left, -top), (width + right, -top), (-left, ROWS + bottom), (width + right, ROWS + bottom)])
    fall = abs(turn) * width * style.stretch
    extra = max(0.0, fall - 0.5 * (top + bottom))  # a skewed line is cut with less room around, not out of the picture
    height_units = ROWS + top + bottom + extra + min(fall, 0.5 * (top + bottom)) * 0.6
    placed = corners @ linear.T
    shape = (max(10, round(height_units * scale)), max(12, round(float(np.ptp(corners[:, 0])) * style.stretch * scale)))
    middle = np.array([width / 2, ROWS / 2]) @ linear.T
    shift = (float(-placed[:, 0].min()), shape[0] / 2 - float(middle[1]) + scale * (top - bottom) / 2)
    return shape, np.column_stack([linear, shift])


def paint_line(
    rng: np.random.Generator, printed: str, style: MicrStyle, to_picture: Affine, shape: tuple[int, int]
) -> tuple[Distance, Owner, tuple[str, ...]]:
    """Distance to the ink's edge (H, W) in units, the character nearest to each pixel, and the symbols left to right."""
    distance, owner = np.full(shape, _FAR, np.float32), np.zeros(shape, np.int32)
    symbols: list[str] = []
    sample = 1.0 / SAMPLES_PER_UNIT
    for position, symbol in enumerate(printed):
        if symbol == " ":
            continue
        symbols.append(symbol)
        field = distance_field(symbol)
        along = position / max(1, len(printed) - 1) * 2 - 1
        right = (position + 1) * PITCH_UNITS + float(rng.normal(0.0, style.pitch_jitter))
        top = float(rng.normal(0.0, style.baseline_jitter)) + style.bow * (1 - along * along)
        origin = (right - columns(symbol) - MARGIN_UNITS, top - MARGIN_UNITS)
        to_units = np.array([[sample, 0.0, origin[0] + sample / 2], [0.0, sample, origin[1] + sample / 2], [0.0, 0.0, 1.0]])
        matrix = to_picture @ to_units
        matrix[:, 2] -= 0.5  # pixel centres
        height, width = field.shape
        ends = np.array([(0, 0), (width, 0), (0, height), (width, height)]) @ matrix[:, :2].T + matrix[:, 2]
        x0, y0 = (max(0, int(v)) for v in ends.min(axis=0))
        x1, y1 = (min(limit, int(v) + 2) for v, limit in zip(ends.max(axis=0), (shape[1], shape[0]), strict=True))
        if x1 <= x0 or y1 <= y0:
            continue
        matrix[:, 2] -= (x0, y0)
        patch = cv2.warpAffine(field, matrix, (x1 - x0, y1 - y0), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT, borderValue=_FAR)
        if style.spread_jitter:
            patch = patch + np.float32(rng.normal(0.0, style.spread_jitter))
        window = (slice(y0, y1), slice(x0, x1))
        nearer = patch > distance[window]
        distance[window][nearer] = patch[nearer]
        owner[window][nearer] = len(symbols)
    return distance, owner, tuple(symbols)


def _grain(rng: np.random.Generator, shape: tuple[int, int], cell_px: float) -> Coverage:
    """Smooth noise (H, W) of mean 0 and standard deviation about 1, with lumps of ``cell_px`` pixels."""
    cells = (int(shape[0] / cell_px) + 2, int(shape[1] / cell_px) + 2)
    noise = rng.standard_normal(cells, dtype=np.float32)
    return np.asarray(cv2.resize(noise, (shape[1], shape[0]), interpolation=cv2.INTER_LINEAR) * 1.5, np.float32)


def wear(rng: np.random.Generator, distance: Distance, owner: Owner, style: MicrStyle) -> Distance:
    """The distance field after ink spread, rough edges, voids and streaks."""
    scale = UNIT_INCH * style.dpi
    worn = distance + np.float32(style.spread)
    if style.roughness > 0.02:
        worn += _grain(rng, distance.shape, max(1.0, scale * float(rng.uniform(0.4, 1.0)))) * np.float32(style.roughness)
    ink = np.flatnonzero(owner)
    for _ in range(style.voids if len(ink) else 0):
        y, x = divmod(int(ink[int(rng.integers(len(ink)))]), distance.shape[1])
        radius = float(rng.uniform(0.3, 1.3))
        reach = int(np.ceil((radius + 1) * scale))
        window = (slice(max(0, y - reach), y + reach + 1), slice(max(0, x - reach), x + reach + 1))
        rows, across = np.ogrid[
            window[0].start : min(window[0].stop, distance.shape[0]), window[1].start : min(window[1].stop, distance.shape[1])
        ]
        worn[window] = np.minimum(worn[window], (np.hypot(rows - y, across - x) / scale - radius).astype(np.float32))
    if style.streak and len(ink):
        y = ink[int(rng.integers(len(ink)))] // distance.shape[1]
        off = np.abs(np.arange(distance.shape[0], dtype=np.float32) - y) / scale
        worn = np.minimum(worn, (off - rng.uniform(0.1, 0.5))[:, None].astype(np.float32))
    return worn


def coverage_of(distance: Distance, dpi: float) -> Coverage:
    """Ink coverage (H, W) in 0..1 of a distance field: the edge is one pixel wide."""
    return np.clip(distance * np.float32(UNIT_INCH * dpi) + np.float32(0.5), 0.0, 1.0)


def boxes_of(owner: Owner, count: int) -> tuple[Box, ...]:
    """The tight box of each of the characters 1 to ``count``; (0, 0, 0, 0) where it has no pixel."""
    rows, across = np.nonzero(owner)
    numbers = owner[rows, across]
    low, high = np.full((count + 1, 2), 2**30), np.full((count + 1, 2), -1)
    for axis, values in enumerate((across, rows)):
        np.minimum.at(low[:, axis], numbers, values)
        np.maximum.at(high[:, axis], numbers, values)
    found = zip(low[1:].tolist(), high[1:].tolist(), strict=True)
    return tuple((a[0], a[1], b[0] + 1, b[1] + 1) if b[0] >= 0 else (0, 0, 0, 0) for a, b in found)


def _scan_style(style: MicrStyle) -> FieldStyle:
    """What ``scan`` asks of a style."""
    return replace(
        FieldStyle.clean(),
        paper=style.paper,
        ink_darkness=style.ink_darkness,
        blur_px=style.blur_px,
        jpeg_quality=style.jpeg_quality,
        bitonal=style.bitonal,
    )


def draw_micr_line(rng: np.random.Generator, raw: str | None = None, style: MicrStyle | None = None) -> SyntheticField:
    """A random MICR line; the same ``rng`` state gives the same line.

    ``raw`` is the text to print, every space one free position; without it a line of a random form is drawn. ``text``
    of the result is without spaces, ``value`` has one space where the print leaves free positions. Raises ValueError
    for other signs than those of E-13B.
    """
    printed = draw_text(rng).printed if raw is None else raw
    if not printed.strip() or not set(printed) <= set(SYMBOLS + " "):
        raise ValueError(f"a MICR line holds some of {SYMBOLS} and spaces; given: {printed!r}")
    look = style or MicrStyle.draw(rng)
    shape, to_picture = _line_to_picture(look, len(printed))
    distance, nearest, symbols = paint_line(rng, printed, look, to_picture, shape)
    coverage = coverage_of(wear(rng, distance, nearest, look), look.dpi)
    owner = np.where(coverage >= OWNED_COVERAGE, nearest, 0).astype(np.int32)
    paper = draw_paper(rng, shape, look.paper)
    draw_surroundings(rng, paper, look, to_picture)
    scatter_specks(rng, paper, look.specks)
    if look.ink_mottling > 0.02:
        coverage = coverage * (1 - np.float32(look.ink_mottling) * np.clip(_grain(rng, shape, 2.0) * 0.3 + 0.5, 0, 1))
    picture = scan(rng, (paper * (1 - np.float32(look.ink_darkness) * coverage)).astype(np.float32), _scan_style(look))
    characters = tuple(SyntheticCharacter(symbol, box) for symbol, box in zip(symbols, boxes_of(owner, len(symbols)), strict=True))
    return SyntheticField(picture, owner, characters, "".join(symbols), re.sub(" +", " ", printed).strip(), None)
