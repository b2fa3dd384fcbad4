"""Pens: writers who give the marks of a field, from the project's own stroke models and, where there is data, from people.

A field is written by one writer. A writer of a data set gives what the set holds of him; the rest comes from one
writer of the own models. Writers belong to one split, ``train`` or ``held_out``, and never to both.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np

from training.synthetic.glyphs import BitmapGlyph, Glyph, StrokeGlyph, bent_bitmap, tight
from training.synthetic.pen_data import BitmapsOfWriter, Split, StrokesOfWriter, load_bhmsds, load_mnist_by_writer, load_unipen
from training.synthetic.printed import SCREENS, PrintedWriter, font_names
from training.synthetic.rare_shapes import BOTH_SHAPES
from training.synthetic.stroke_models import ALL_SHAPES, Shape, draw_shape
from training.synthetic.strokes import Pressure, Strokes, average_neighbours, shorten, warp

_SHAPE_INDEX = {symbol: k for k, symbol in enumerate(ALL_SHAPES)}
_SEED_SPAN = 2**31


class Writer(Protocol):
    """Someone who writes marks; ``glyph`` is None for a mark that this writer has no sample of."""

    @property
    def name(self) -> str:
        """Unique among all writers, stable between runs."""

    def glyph(self, rng: np.random.Generator, shape: str) -> Glyph | None:
        """A fresh instance of the mark ``shape`` (a symbol, or a key of the stray shapes)."""


@dataclass(frozen=True, slots=True)
class OwnWriter:
    """A writer of the project's stroke models: all habits follow from ``seed``. ``rare`` adds the rarer shapes."""

    seed: int
    rare: bool = False

    @property
    def name(self) -> str:
        return f"own/{self.seed}{'/rare' if self.rare else ''}"

    def _favourite(self, shape: str) -> tuple[Shape, Shape, np.random.Generator]:
        """First and second choice of this writer for a mark, and the generator that holds his habits for it."""
        habits = np.random.default_rng((self.seed, _SHAPE_INDEX[shape]))
        shapes = (BOTH_SHAPES if self.rare else ALL_SHAPES)[shape]
        weights = np.array([s.weight for s in shapes])
        first, second = habits.choice(len(shapes), 2, p=weights / weights.sum())
        return shapes[int(first)], shapes[int(second)], habits

    def glyph(self, rng: np.random.Generator, shape: str) -> StrokeGlyph | None:
        """Drawn with the writer's aspect, curvature and roundness, and the jitter of the instance."""
        if shape not in _SHAPE_INDEX:
            return None
        first, second, habits = self._favourite(shape)
        form = first if rng.random() < 0.85 else second
        general = np.random.default_rng((self.seed, len(_SHAPE_INDEX)))
        aspect, steadiness, roundness, zero_size = general.lognormal(0.0, 0.2), general.uniform(0.004, 0.03), general.beta(0.7, 2.0), 1.0
        freedom = float(np.clip(general.lognormal(np.log(0.03), 0.35), 0.012, 0.06))
        if shape == "0" and general.random() < 0.35:
            zero_size = general.uniform(0.5, 0.95)
        drawn = draw_shape(habits, form.path, freedom, 0.0 if roundness < 0.3 else roundness)
        strokes = tuple(s + rng.normal(0.0, steadiness, 2) for s in drawn)
        strokes = warp(rng, warp(habits, strokes, freedom), steadiness)
        if rng.random() < 0.05 and shape.isdigit():
            strokes = shorten(rng, strokes, 0.12)
        stretch = (aspect * zero_size * rng.lognormal(0.0, 0.06), zero_size)
        return StrokeGlyph(tuple(s * stretch for s in strokes), Pressure.draw(rng))


@dataclass(frozen=True, slots=True, eq=False)
class StrokeWriter:
    """A UNIPEN writer: recorded strokes, standing on the line, in digit heights."""

    name: str
    samples: Mapping[str, tuple[Strokes, ...]]

    def glyph(self, rng: np.random.Generator, shape: str) -> StrokeGlyph | None:
        """A recorded instance, smoothed, and bent a little so that no two are alike."""
        found = self.samples.get(shape)
        if not found:
            return None
        strokes = found[int(rng.integers(len(found)))]
        strokes = tuple(average_neighbours(s, int(rng.integers(0, 3))) for s in strokes)
        if rng.random() < 0.04 and shape.isdigit():
            strokes = shorten(rng, strokes, 0.12)
        bent = warp(rng, strokes, 0.03)
        width, turn = float(rng.lognormal(0.0, 0.09)), float(rng.normal(0.0, 0.05))
        turned = tuple(np.stack([s[:, 0] * width - turn * s[:, 1], s[:, 1] + turn * s[:, 0]], axis=1) for s in bent)
        return StrokeGlyph(turned, Pressure.draw(rng))


@dataclass(frozen=True, slots=True, eq=False)
class BitmapWriter:
    """An MNIST writer: scanned digits, 20 px high, ink bright."""

    name: str
    samples: Mapping[str, np.ndarray[tuple[int, ...], np.dtype[np.uint8]]]

    @property
    def pen(self) -> float:
        """Width of the lines in digit heights: twice the ink's area over its outline, averaged over one sample a digit."""
        bitmaps = [found[0].astype(np.float64) / 255 for found in self.samples.values() if len(found)]
        outline = sum(float(np.hypot(*np.gradient(b)).sum()) for b in bitmaps)
        return float(np.clip(2 * sum(float(b.sum()) for b in bitmaps) / max(outline, 1e-6) / 20.0, 0.04, 0.2))

    def glyph(self, rng: np.random.Generator, shape: str) -> BitmapGlyph | None:
        """A scanned instance with its own height taken as one digit height."""
        found = self.samples.get(shape)
        if found is None or len(found) == 0:
            return None
        bitmap, _ = tight(bent_bitmap(rng, found[int(rng.integers(len(found)))]))
        height = float(max(bitmap.shape[0] - 2, 14))
        return BitmapGlyph(bitmap, height, float(bitmap.shape[0] - 1), float(rng.uniform(0.3, 0.6)))


@dataclass(frozen=True, slots=True, eq=False)
class Hand:
    """Who writes one field: the writer asked first, and those who stand in for missing marks, in order."""

    writers: tuple[Writer, ...]
    pen: float | None = None  # width of the lines of the writer's bitmaps in digit heights; None = free to choose

    def glyph(self, rng: np.random.Generator, shape: str) -> Glyph:
        """The mark by the first writer who has it. Raises KeyError for a mark that nobody can write."""
        for writer in self.writers:
            glyph = writer.glyph(rng, shape)
            if glyph is not None:
                return glyph
        raise KeyError(f"no writer of this hand can write {shape!r}")


@dataclass(frozen=True, slots=True, eq=False)
class PenSet:
    """All writers of one split. ``own_share`` is the share of fields written by the own stroke models, with their rarer shapes
    where ``rare`` says so."""

    split: Split
    stroke_writers: tuple[StrokeWriter, ...] = ()
    symbol_writers: tuple[StrokeWriter, ...] = ()
    bitmap_writers: tuple[BitmapWriter, ...] = ()
    own_share: float = 0.35
    bitmap_share: float = 0.25
    rare: bool = False

    @classmethod
    def own(cls, split: Split = "train") -> PenSet:
        """The project's own stroke models alone; needs no data."""
        return cls(split)

    @classmethod
    def from_data(cls, data_root: Path, split: Split = "train", own_share: float = 0.35, bitmap_share: float = 0.25) -> PenSet:
        """Own models, UNIPEN, MNIST and BHMSDS writers of one split. Raises FileNotFoundError naming the missing file."""
        strokes = load_unipen(data_root, split)
        scanned = load_mnist_by_writer(data_root, split) | load_bhmsds(data_root, split)
        return cls.of_samples(strokes, scanned, split, own_share, bitmap_share)

    @classmethod
    def of_samples(
        cls, strokes: StrokesOfWriter, bitmaps: BitmapsOfWriter, split: Split, own_share: float = 0.35, bitmap_share: float = 0.25
    ) -> PenSet:
        """A set of loaded samples. A UNIPEN writer writes fields with five digits or more; symbols come from all."""
        by_digits = {w: {s: v for s, v in by.items() if s.isdigit()} for w, by in strokes.items()}
        by_symbols = {w: {s: v for s, v in by.items() if not s.isdigit()} for w, by in strokes.items()}
        return cls(
            split,
            tuple(StrokeWriter(w, strokes[w]) for w, by in sorted(by_digits.items()) if len(by) >= 5),
            tuple(StrokeWriter(w, by) for w, by in sorted(by_symbols.items()) if len(by) >= 3),
            tuple(BitmapWriter(w, by) for w, by in sorted(bitmaps.items()) if len(by) >= 8),
            own_share,
            bitmap_share,
        )

    @property
    def writer_names(self) -> frozenset[str]:
        """The names of all data-set writers of this set."""
        return frozenset([*(w.name for w in (*self.stroke_writers, *self.symbol_writers)), *(w.name for w in self.bitmap_writers)])

    def own_writer(self, rng: np.random.Generator) -> OwnWriter:
        """A random writer of the own models; seeds of the held-out split are odd, those of train even."""
        return OwnWriter(2 * int(rng.integers(_SEED_SPAN)) + (self.split == "held_out"), self.rare)

    def hand(self, rng: np.random.Generator) -> Hand:
        """A random hand for one field."""
        stand_in: tuple[Writer, ...] = (self.own_writer(rng),)
        if self.symbol_writers and rng.random() < 0.6:
            stand_in = (self.symbol_writers[int(rng.integers(len(self.symbol_writers)))], *stand_in)
        die = rng.random()
        if die >= self.own_share and self.bitmap_writers and die < self.own_share + self.bitmap_share:
            scanned = self.bitmap_writers[int(rng.integers(len(self.bitmap_writers)))]
            return Hand((scanned, *stand_in), scanned.pen)
        if die >= self.own_share and self.stroke_writers:
            return Hand((self.stroke_writers[int(rng.integers(len(self.stroke_writers)))], *stand_in))
        return Hand(stand_in)

    def printer(self, rng: np.random.Generator) -> Hand:
        """A machine with one font; what the font lacks comes from another font or is written by hand."""
        fonts = font_names()
        screen = SCREENS[int(rng.choice(len(SCREENS), p=(0.76, 0.14, 0.1)))]
        return Hand((PrintedWriter(fonts[int(rng.integers(len(fonts)))], screen), self.own_writer(rng)))
