"""Handwritten words for whole checks: letters as control points in the notation of ``stroke_models``, and signatures.

Lengths are hundredths of the height of a capital; y 0 = its top, 45 = top of small letters, 100 = baseline. Hand-drawn
for this project.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from training.synthetic.glyphs import Glyph, StrokeGlyph
from training.synthetic.stroke_models import draw_shape
from training.synthetic.strokes import Affine, Coverage, Pressure, Stroke, smooth

LETTERS: dict[str, str] = {
    "a": "44,50 20,46 2,70 12,98 34,94 44,60! 44,50 46,96 56,97",
    "b": "4,2 4,98! 6,60 24,46 44,60 44,86 24,100 4,92",
    "c": "40,54 22,45 4,64 6,90 24,100 44,92",
    "d": "44,56 22,46 2,68 10,98 34,94 46,70! 46,2 46,96 54,98",
    "e": "6,74 42,70 38,50 20,45 3,66 8,94 28,100 46,92",
    "f": "40,8 28,0 18,14 16,100 | 2,48 36,46",
    "g": "44,52 20,46 3,68 12,94 34,90 46,56! 46,120 30,140 6,132",
    "h": "4,0 4,100! 6,66 22,46 40,54 42,96 50,98",
    "i": "4,46 4,96 12,99 | 4,22 5,26",
    "j": "18,46 18,120 8,138 -6,130 | 18,22 19,26",
    "k": "4,0 4,100 | 38,48 6,74! 42,99",
    "l": "4,0 4,90 14,99",
    "m": "4,46 4,100! 6,62 18,46 30,54 30,100! 32,62 44,46 56,54 58,96 66,98",
    "n": "4,46 4,100! 6,64 22,46 38,54 40,96 48,98",
    "o": "22,45 4,62 6,92 24,100 44,86 42,56 22,45",
    "p": "4,48 4,140! 4,64 20,46 42,58 42,86 22,100 4,90",
    "q": "44,52 20,46 3,68 12,98 34,92 46,56! 46,140 58,128",
    "r": "4,46 4,100! 6,64 18,48 34,50",
    "s": "36,52 18,45 6,58 34,76 34,94 16,100 2,92",
    "t": "16,12 14,88 22,100 36,94 | 0,46 34,44",
    "u": "4,46 4,84 16,100 34,94 42,70! 42,46 42,96 50,98",
    "v": "2,46 20,100! 40,46",
    "w": "2,46 14,100! 28,54! 42,100! 56,46",
    "x": "2,46 40,100 | 40,46 2,100",
    "y": "2,46 20,96! | 42,46 24,100 6,140",
    "z": "4,46 40,46! 4,100! 42,98",
    "-": "4,62 26,60",
    "A": "2,100 30,0! 58,100 | 12,66 48,64",
    "B": "4,0 4,100 | 4,2 36,4 44,24 30,46 4,48! 44,54 52,78 36,100 4,100",
    "C": "56,14 34,0 8,20 4,68 24,100 56,88",
    "D": "4,0 4,100 | 2,0 40,8 58,48 42,92 2,100",
    "E": "48,2 4,0! 4,100! 50,98 | 4,48 38,46",
    "F": "48,2 4,0! 4,100 | 4,48 38,46",
    "G": "56,14 34,0 8,20 4,68 26,100 54,88 56,58! 34,58",
    "H": "4,0 4,100 | 52,0 52,100 | 4,50 52,48",
    "I": "20,0 20,100 | 4,0 36,0 | 4,100 36,100",
    "J": "40,0 40,80 24,100 4,86 | 20,0 56,0",
    "K": "4,0 4,100 | 50,0 6,54! 52,100",
    "L": "4,0 4,100! 46,98",
    "M": "4,100 8,0! 34,70! 60,0! 66,100",
    "N": "4,100 4,0! 52,100! 52,0",
    "O": "32,0 6,24 4,72 28,100 56,80 60,28 32,0",
    "P": "4,0 4,100 | 4,2 40,4 50,26 36,52 4,54",
    "Q": "32,0 6,24 4,72 28,100 56,80 60,28 32,0 | 38,76 66,108",
    "R": "4,0 4,100 | 4,2 40,4 48,26 34,50 4,52! 52,100",
    "S": "48,12 28,0 6,18 16,42 44,58 46,88 22,100 2,86",
    "T": "2,0 60,2 | 30,0 30,100",
    "U": "4,0 4,74 26,100 50,80 52,0",
    "V": "2,0 28,100! 56,0",
    "W": "2,0 18,100! 36,20! 54,100! 70,0",
    "X": "4,0 52,100 | 52,0 2,100",
    "Y": "2,0 28,50! | 56,0 20,100",
    "Z": "4,0 50,0! 2,100! 54,98",
}


class GivesGlyphs(Protocol):
    """A hand: whoever writes the digits and signs between the letters."""

    def glyph(self, rng: np.random.Generator, shape: str) -> Glyph:
        """A fresh instance of a digit or sign."""


@dataclass(frozen=True, slots=True)
class Script:
    """How one person writes words; lengths in heights of a capital, slant is a tangent."""

    slant: float
    gap: float
    unsteadiness: float
    width: float
    pen: float

    @classmethod
    def draw(cls, rng: np.random.Generator) -> Script:
        """A random legible script."""
        return cls(
            float(rng.uniform(-0.05, 0.4)),
            float(rng.uniform(0.08, 0.16)),
            float(rng.uniform(0.008, 0.022)),
            float(rng.uniform(0.85, 1.1)),
            float(rng.uniform(0.07, 0.1)),
        )


def write_words(
    rng: np.random.Generator, hand: GivesGlyphs, script: Script, text: str, start: tuple[float, float], height_px: float
) -> tuple[tuple[Glyph, Affine], ...]:
    """Glyphs of a text with their maps (2, 3) to pixels; ``start`` is (x, y) of the baseline's left end in pixels.

    Raises KeyError for a sign that neither the letters nor the hand know.
    """
    placed: list[tuple[Glyph, Affine]] = []
    x, y = start
    for sign in text:
        if sign == " ":
            x += 0.42 * height_px
            continue
        glyph = _letter(rng, script, sign) if sign in LETTERS else hand.glyph(rng, sign)
        left, _, right, _ = glyph.bounds
        size = height_px * (1.0 if sign.isalpha() else 0.92) * float(rng.normal(1.0, 0.03))
        base = y + height_px * float(rng.normal(0.0, 0.02))
        placed.append((glyph, np.array([[size, -script.slant * size, x - left * size], [0.0, size, base]])))
        x += (right - left + script.gap) * size
    return tuple(placed)


def _letter(rng: np.random.Generator, script: Script, letter: str) -> StrokeGlyph:
    drawn = draw_shape(rng, LETTERS[letter], script.unsteadiness, 0.5)
    return StrokeGlyph(tuple(s * (script.width, 1.0) for s in drawn), Pressure.draw(rng))


def signature(rng: np.random.Generator, initial: str) -> StrokeGlyph:
    """An initial that runs out into a scribble with loops; about four heights long."""
    count = int(rng.integers(9, 16))
    t = np.arange(count) / count
    swing = 0.42 * (1 - 0.75 * t) * rng.uniform(0.6, 1.3, count)
    xs = 0.55 + 3.2 * t + rng.normal(0.0, 0.1, count)
    ys = -0.28 + np.where(np.arange(count) % 2 == 0, 1.0, -1.0) * swing
    flourish = np.array([(3.9, -0.2), (4.3, 0.05), (2.4, 0.22), (0.9, 0.26)]) + rng.normal(0.0, 0.06, (4, 2))
    run: Stroke = smooth(np.vstack([np.column_stack([xs, ys]), flourish[: int(rng.integers(1, 5))]]), 8)
    first = draw_shape(rng, LETTERS[initial], 0.05, 1.0)
    strokes = (*(s * 1.5 for s in first), run)
    return StrokeGlyph(tuple(np.column_stack([s[:, 0] - 0.25 * s[:, 1], s[:, 1]]) for s in strokes), Pressure.draw(rng))


def paint_glyphs(placed: tuple[tuple[Glyph, Affine], ...], pen_px: float, shape: tuple[int, int]) -> Coverage:
    """Coverage (H, W) of all glyphs."""
    ink = np.zeros(shape, np.float32)
    for glyph, matrix in placed:
        patch, (x0, y0) = glyph.paint(matrix, pen_px, shape)
        window = (slice(y0, y0 + patch.shape[0]), slice(x0, x0 + patch.shape[1]))
        ink[window] = 1 - (1 - ink[window]) * (1 - patch)
    return ink
