"""Synthetic courtesy amount fields: an amount written by a hand on paper, with the owner of every ink pixel.

The ink is painted where it ends up; nothing moves it afterwards (blur, noise and JPEG stay in place), so that
``owner`` and ``picture`` agree pixel by pixel.
"""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import numpy.typing as npt

from app.reader.types import AmountFormat, Box
from training.synthetic.amounts import write_amount
from training.synthetic.backgrounds import Canvas, draw_paper, scatter_specks
from training.synthetic.layout import PlacedGlyph, lay_out
from training.synthetic.pens import Hand, PenSet
from training.synthetic.scan import scan
from training.synthetic.strokes import Coverage
from training.synthetic.style import FieldStyle
from training.synthetic.surroundings import draw_rules, draw_strangers
from training.synthetic.types import SyntheticCharacter, SyntheticField

OWNED_COVERAGE = 0.35  # a pixel is ink of a character from this coverage on
_LEAST_SIDE_PX = 8


def _frame(placed: tuple[PlacedGlyph, ...], style: FieldStyle) -> tuple[tuple[int, int], tuple[float, float]]:
    """Picture shape (height, width) and the place (x, y) in pixels of the field's origin."""
    boxes = np.array([glyph.bounds() for glyph in placed])
    half_pen = style.pen / 2
    left, top = boxes[:, 0].min() - half_pen - style.margins[0], boxes[:, 1].min() - half_pen - style.margins[1]
    right, bottom = boxes[:, 2].max() + half_pen + style.margins[2], boxes[:, 3].max() + half_pen + style.margins[3]
    scale = style.digit_height_px
    shape = (max(_LEAST_SIDE_PX, round((bottom - top) * scale)), max(_LEAST_SIDE_PX, round((right - left) * scale)))
    return shape, (-left * scale, -top * scale)


def _tight_box(owned: npt.NDArray[np.bool_], x0: int, y0: int) -> Box:
    """The box of the true pixels of a patch at (x0, y0); (0, 0, 0, 0) where there are none."""
    rows, columns = np.flatnonzero(owned.any(axis=1)), np.flatnonzero(owned.any(axis=0))
    if len(rows) == 0:
        return 0, 0, 0, 0
    return x0 + int(columns[0]), y0 + int(rows[0]), x0 + int(columns[-1]) + 1, y0 + int(rows[-1]) + 1


def _paint(
    rng: np.random.Generator, placed: tuple[PlacedGlyph, ...], style: FieldStyle, shape: tuple[int, int], origin: tuple[float, float]
) -> tuple[Coverage, npt.NDArray[np.int32], tuple[Box, ...]]:
    """Coverage of all ink, owner map, and the box of each character (empty at the border where it fell outside)."""
    ink, strongest, owner = np.zeros(shape, np.float32), np.zeros(shape, np.float32), np.zeros(shape, np.int32)
    boxes: list[Box] = []
    peaks: list[tuple[int, int, int]] = []  # number, y, x of the darkest pixel
    pen_px = style.pen * style.digit_height_px
    for number, item in enumerate(placed, start=1):
        matrix = item.to_field * style.digit_height_px
        matrix[:, 2] += origin
        own_pen = pen_px * float(rng.normal(1.0, 0.06)) if not style.machine_print else pen_px
        if item.symbol == ".":
            own_pen *= float(rng.uniform(1.0, 1.7))  # a point is pressed down, not drawn
        patch, (x0, y0) = item.glyph.paint(matrix, max(0.9, own_pen), shape)
        height, width = patch.shape
        window = (slice(y0, y0 + height), slice(x0, x0 + width))
        ink[window] = 1 - (1 - ink[window]) * (1 - patch)
        if item.symbol is None:
            continue
        owned = patch >= min(OWNED_COVERAGE, 0.6 * float(patch.max(initial=0.0)) + 1e-3)
        takes = owned & (patch >= strongest[window])
        owner[window][takes] = number
        strongest[window][takes] = patch[takes]
        if owned.any():
            row, column = divmod(int(patch.argmax()), width)
            peaks.append((number, y0 + row, x0 + column))
        boxes.append(_tight_box(owned, x0, y0))
    seen = set(np.unique(owner).tolist())
    for number, y, x in peaks:
        if number not in seen:  # all of it lies under another character
            owner[y, x] = number
    return ink, owner, tuple(boxes)


def _apply_ink(rng: np.random.Generator, paper: Canvas, coverage: Coverage, darkness: float, mottling: float) -> Canvas:
    """Paper under ink: the ink takes ``darkness`` of the light where it covers fully, unevenly by ``mottling``."""
    strength = coverage
    if mottling > 0.02:
        grain = rng.random((coverage.shape[0] // 2 + 1, coverage.shape[1] // 2 + 1)).astype(np.float32)
        strength = coverage * (1 - mottling * cv2.resize(grain, (coverage.shape[1], coverage.shape[0])))
    return (paper * (1 - darkness * strength)).astype(np.float32)


def draw_field(
    rng: np.random.Generator,
    pens: PenSet,
    amount_format: AmountFormat,
    style: FieldStyle | None = None,
    hand: Hand | None = None,
) -> SyntheticField:
    """A random courtesy amount field; the same ``rng`` state and pens give the same field.

    Without ``style`` and ``hand`` both are drawn at random. The picture is (H, W) uint8, paper bright.
    """
    look = style or FieldStyle.draw(rng, amount_format)
    amount = write_amount(rng, amount_format, look.on_one_line)
    printer = pens.printer(rng)
    chosen = hand or (printer if look.machine_print else pens.hand(rng))
    if chosen.pen is not None:
        look = replace(look, pen=chosen.pen)
    placed = lay_out(rng, amount, chosen, printer, look)
    shape, origin = _frame(placed, look)
    coverage, owner, boxes = _paint(rng, placed, look, shape, origin)
    paper = draw_paper(rng, shape, look.paper)
    draw_rules(rng, paper, look, baseline_px=origin[1])
    if look.neighbouring_print:
        draw_strangers(rng, paper, look, pens)
    scatter_specks(rng, paper, look.specks)
    inked = _apply_ink(rng, paper, coverage, look.ink_darkness, look.ink_mottling)
    picture = scan(rng, inked, look)
    characters = tuple(SyntheticCharacter(mark.symbol, box) for mark, box in zip(amount.marks, boxes, strict=True))
    return SyntheticField(picture, owner, characters, amount.text, amount.value, amount_format)
