"""Where each mark of a field stands: from a written amount and a hand to glyphs with affine maps.

Field coordinates are digit heights, x to the right from the first mark, y downwards, baseline y = 0; ``to_field``
maps glyph coordinates into them and holds size, slant and slope.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from training.synthetic.amounts import Mark, WrittenAmount
from training.synthetic.glyphs import Bounds, Glyph, StrokeGlyph
from training.synthetic.pens import Hand
from training.synthetic.strokes import Affine, smooth
from training.synthetic.style import FieldStyle

_POINTS = frozenset(".,")
_LONG = frozenset("1479")  # digits that some writers draw much longer than the rest


@dataclass(frozen=True, slots=True, eq=False)
class PlacedGlyph:
    """One mark's glyph and its (2, 3) map into field coordinates; ``symbol`` is None for what is no mark (a rule)."""

    symbol: str | None
    glyph: Glyph
    to_field: Affine

    def bounds(self) -> Bounds:
        """Box in field coordinates of the glyph's bounds under its map."""
        left, top, right, bottom = self.glyph.bounds
        corners = np.array([(left, top), (right, top), (left, bottom), (right, bottom)])
        placed = corners @ self.to_field[:, :2].T + self.to_field[:, 2]
        (x0, y0), (x1, y1) = placed.min(axis=0), placed.max(axis=0)
        return float(x0), float(y0), float(x1), float(y1)


@dataclass(slots=True)
class _Cursor:
    """The state of laying out one field from left to right."""

    x: float = 0.0
    drift: float = 0.0
    fraction_left: float = 0.0
    fraction_right: float = 0.0
    cents_left: float = 0.0


def _matrix(style: FieldStyle, size: tuple[float, float], x: float, y: float) -> Affine:
    """Glyph -> field: scaled by ``size`` (width, height), put at (x, y), sheared by the slant, tilted by the slope."""
    width, height = size
    shear = np.array([[width, -style.slant * height, x - style.slant * y], [0.0, height, y]])
    return np.vstack([shear[0], shear[1] + style.slope * shear[0]])


def _gap_before(rng: np.random.Generator, style: FieldStyle, mark: Mark, previous: Mark | None) -> float:
    """The free space between two marks' boxes, in digit heights."""
    gap = style.gap + rng.normal(0.0, style.gap_jitter)
    if previous is not None and mark.place == previous.place == "line" and (mark.symbol in _POINTS or previous.symbol in _POINTS):
        gap = max(gap, 0.02) + abs(rng.normal(0.0, 0.06)) if rng.random() < 0.8 else gap - 0.08
    if mark.new_group:
        gap = max(gap, 0.0) + rng.uniform(0.15, 0.5)
    if previous is not None and not mark.symbol.isdigit() and mark.symbol not in _POINTS:
        gap = max(gap, 0.06) + rng.exponential(0.06)
    if mark.place in ("over", "under"):
        gap = gap * 0.5 + 0.02
    return max(gap, -0.16) if style.gap < 0.2 else max(gap, 0.1)


def _size_and_baseline(rng: np.random.Generator, style: FieldStyle, mark: Mark, cents_size: float) -> tuple[tuple[float, float], float]:
    """Width and height of a mark against its glyph, and where its baseline lies below the field's."""
    jitter = float(rng.normal(1.0, style.size_jitter)) if style.size_jitter else 1.0
    size = float(np.clip(jitter, 0.72, 1.35))
    wide, high = style.zero if mark.shape == "0" else (1.0, 1.0)
    offset = float(rng.normal(0.0, style.baseline_jitter))
    small, lift = {"raised": (cents_size, cents_size - 1.02), "over": (0.46, -0.58), "under": (0.42, 0.0)}.get(mark.place, (1.0, 0.0))
    if mark.place == "line" and mark.shape in _LONG and rng.random() < style.tail:
        high = float(rng.uniform(1.1, 1.55))
        offset += (high - 1.0) * float(rng.uniform(0.0, 0.9))
    if mark.shape == "0" and rng.random() < 0.3:
        offset -= (1.0 - high) * float(rng.uniform(0.0, 0.8)) * small
    return (size * small * wide * style.width, size * small * high), lift + offset * (1.0 if mark.place == "line" else 0.3)


def _printed_sign(rng: np.random.Generator) -> tuple[tuple[float, float], float]:
    """Size and baseline of a currency sign that the form brings along."""
    size = float(np.clip(rng.lognormal(0.1, 0.22), 0.6, 1.8))
    return (size, size), float(rng.normal(0.0, 0.12)) + (size - 1) / 2


def _fraction_bar(rng: np.random.Generator, style: FieldStyle, left: float, right: float) -> PlacedGlyph:
    width = right - left + rng.uniform(0.04, 0.14)
    bend = rng.normal(0.0, 0.02, 3)
    stroke = np.array([(0.0, bend[0]), (width / 2, bend[1]), (width, bend[2])])
    return PlacedGlyph("/", StrokeGlyph((stroke,)), _matrix(style, (1.0, 1.0), left - 0.05, -0.5))


def lay_out(rng: np.random.Generator, amount: WrittenAmount, hand: Hand, printer: Hand, style: FieldStyle) -> tuple[PlacedGlyph, ...]:
    """Places the marks of an amount from left to right; in the order of ``amount.marks``, rules after them.

    A leading currency sign comes from the ``printer`` in half of the fields, as forms have it printed.
    """
    cursor = _Cursor()
    placed: list[PlacedGlyph] = []
    cents_size, previous = float(rng.uniform(0.5, 0.72)), None
    printed_sign = rng.random() < 0.5
    pending_bar: int | None = None
    for number, mark in enumerate(amount.marks):
        if mark.place == "bar":
            pending_bar = len(placed)
            cursor.fraction_right, cursor.x = cursor.x, cursor.fraction_left
            previous = mark
            continue
        on_the_form = number == 0 and printed_sign and mark.shape in ("$", "rupee")
        glyph = (printer if on_the_form else hand).glyph(rng, mark.shape)
        size, base = _size_and_baseline(rng, style, mark, cents_size)
        if on_the_form and not style.machine_print:
            size, base = _printed_sign(rng)
        cursor.drift = 0.7 * cursor.drift + float(rng.normal(0.0, style.baseline_jitter * 0.5))
        left, _, right, _ = glyph.bounds
        if number:
            cursor.x += _gap_before(rng, style, mark, previous)
        if mark.place == "over" and (previous is None or previous.place != "over"):
            cursor.fraction_left = cursor.x
        if mark.place == "raised" and (previous is None or previous.place != "raised"):
            cursor.cents_left = cursor.x
        placed.append(PlacedGlyph(mark.symbol, glyph, _matrix(style, size, cursor.x - left * size[0], base + cursor.drift)))
        cursor.x += (right - left) * size[0] + style.pen * 0.8 + (float(rng.exponential(0.45)) if on_the_form and style.gap_jitter else 0.0)
        previous = mark
        if mark.place == "under":
            cursor.fraction_right = max(cursor.fraction_right, cursor.x)
    if style.link:
        placed = _linked(rng, placed, style.link)
    if pending_bar is not None:
        placed.insert(pending_bar, _fraction_bar(rng, style, cursor.fraction_left, cursor.fraction_right))
    if amount.underlined_cents:
        placed += _cents_rules(rng, style, cursor.cents_left, cents_size)
    return tuple(placed)


def _linked(rng: np.random.Generator, placed: list[PlacedGlyph], chance: float) -> list[PlacedGlyph]:
    """Zeros that follow one another joined at their tops, as a pen that stays down leaves them; the link belongs to the first."""
    out = list(placed)
    for k, (first, second) in enumerate(pairwise(placed)):
        pen, after = first.glyph, second.glyph
        if (
            isinstance(pen, StrokeGlyph)
            and isinstance(after, StrokeGlyph)
            and first.symbol == second.symbol == "0"
            and rng.random() < chance
        ):
            start, top = _upper_right(np.concatenate(pen.strokes)), np.concatenate(after.strokes)
            aim = second.to_field[:, :2] @ top[int(np.argmin(top[:, 1]))] + second.to_field[:, 2]
            end = np.linalg.solve(first.to_field[:, :2], aim - first.to_field[:, 2])
            sag = (start + end) / 2 + (0.0, float(rng.uniform(-0.02, 0.14)))
            out[k] = replace(first, glyph=replace(pen, strokes=(*pen.strokes, smooth(np.stack([start, sag, end])))))
    return out


def _upper_right(points: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """The point (2,) of a glyph's points (N, 2) that lies farthest up and to the right."""
    return np.asarray(points[int(np.argmax(points[:, 0] - 0.8 * points[:, 1]))])


def _cents_rules(rng: np.random.Generator, style: FieldStyle, left: float, cents_size: float) -> list[PlacedGlyph]:
    """One or two strokes of the pen under raised cents."""
    rules = []
    for k in range(1 + int(rng.random() < 0.4)):
        width = cents_size * rng.uniform(0.9, 1.5)
        stroke = np.array([(0.0, 0.0), (width, float(rng.normal(0.0, 0.03)))])
        y = -(1.02 - cents_size) + 0.14 + 0.13 * k + float(rng.uniform(0.0, 0.08))
        rules.append(PlacedGlyph(None, StrokeGlyph((stroke,)), _matrix(style, (1.0, 1.0), left - 0.03, y)))
    return rules
