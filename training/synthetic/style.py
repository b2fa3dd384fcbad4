"""How a field looks: everything that is the same for all characters of one field."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from app.reader.types import AmountFormat
from training.synthetic.backgrounds import PATTERNS, PaperStyle, Pattern

Margins = tuple[float, float, float, float]  # left, top, right, bottom of the writing, in digit heights


@dataclass(frozen=True, slots=True)
class FieldStyle:
    """Lengths are in digit heights unless the name says ``_px``; slant and slope are tangents."""

    digit_height_px: float
    machine_print: bool
    pen: float  # width of the pen
    slant: float  # positive leans to the right
    slope: float  # positive falls to the right
    width: float  # of every character against what the hand gives
    zero: tuple[float, float]  # width and height of a 0 against the other digits
    tail: float  # chance that a 1, 4, 7 or 9 is drawn much longer than the rest
    link: float  # chance that the pen stays down between two zeros
    gap: float  # mean gap between characters, negative = overlapping
    gap_jitter: float
    size_jitter: float
    baseline_jitter: float
    margins: Margins
    paper: PaperStyle
    ink_darkness: float  # 0..1, share of the paper's light that the ink takes
    ink_mottling: float  # 0..1, unevenness of the ink
    blur_px: float  # standard deviation of a Gaussian
    jpeg_quality: int | None
    bitonal: bool
    underline: bool
    box: bool  # edges of a printed box around the amount
    vertical_rules: int
    on_one_line: bool  # no cents that are raised or over a bar
    neighbouring_print: bool  # print or writing above, below or beside, cut off by the border
    specks: int

    @classmethod
    def draw(cls, rng: np.random.Generator, amount_format: AmountFormat) -> FieldStyle:
        """A random style, of the kind that fields of this format have on real checks."""
        machine = bool(rng.random() < {"us": 0.15, "in": 0.06, "plain": 0.02}[amount_format])
        bitonal = bool(rng.random() < {"us": 0.22, "in": 0.06, "plain": 0.02}[amount_format])
        gap = rng.uniform(0.04, 0.16) if machine else min(0.5, max(-0.1, rng.normal(0.1, 0.12)))
        busy = amount_format == "plain"
        height = float(np.clip(rng.lognormal(np.log({"us": 27, "in": 29, "plain": 33}[amount_format]), 0.25), 15, 52))
        return cls(
            digit_height_px=height,
            machine_print=machine,
            pen=float(np.clip(rng.lognormal(np.log(0.082), 0.3), max(0.04, 1.0 / height), 0.17)),
            slant=float(rng.normal(0.0, 0.02)) if machine else float(np.clip(rng.normal(0.16, 0.19), -0.35, 0.65)),
            slope=float(rng.normal(0.0, 0.008 if machine else 0.025)),
            width=1.0 if machine else float(np.clip(rng.lognormal(0.03, 0.16), 0.7, 1.6)),
            zero=(1.0, 1.0) if machine else _draw_zero(rng),
            tail=0.0 if machine else float(rng.choice([0.0, 0.12, 0.5], p=[0.5, 0.4, 0.1])),
            link=0.0 if machine else float(rng.choice([0.0, 0.3, 0.9], p=[0.78, 0.12, 0.1])),
            gap=float(gap),
            gap_jitter=0.01 if machine else float(rng.uniform(0.015, 0.1)),
            size_jitter=0.0 if machine else float(rng.uniform(0.02, 0.13)),
            baseline_jitter=0.004 if machine else float(rng.uniform(0.0, 0.09)),
            margins=_draw_margins(rng),
            paper=_draw_paper_style(rng, busy, bitonal),
            ink_darkness=float(np.clip(rng.normal(0.68, 0.17), 0.28, 0.97)),
            ink_mottling=float(rng.uniform(0.0, 0.4)),
            blur_px=float(rng.uniform(0.3, 0.85) if rng.random() < 0.75 else rng.uniform(0.85, 1.0 if height < 28 else 1.2)),
            jpeg_quality=int(rng.integers(50, 96)) if rng.random() < 0.85 else None,
            bitonal=bitonal,
            underline=bool(rng.random() < 0.35),
            box=bool(rng.random() < 0.12),
            vertical_rules=int(rng.random() < 0.08),
            on_one_line=False,
            neighbouring_print=bool(rng.random() < 0.13),
            specks=int(rng.poisson(0.5)),
        )

    @classmethod
    def clean(cls, digit_height_px: float = 32.0, machine_print: bool = False, gap: float = 0.22) -> FieldStyle:
        """Dark well-spaced ink on white paper: what every reader must cut apart rightly."""
        paper = PaperStyle(250.0, (), 0.0, 0.0, 1.0, 0.0)
        return cls(
            digit_height_px=digit_height_px,
            machine_print=machine_print,
            pen=0.09,
            slant=0.0,
            slope=0.0,
            width=1.0,
            zero=(1.0, 1.0),
            tail=0.0,
            link=0.0,
            gap=gap,
            gap_jitter=0.0,
            size_jitter=0.0,
            baseline_jitter=0.0,
            margins=(0.3, 0.3, 0.3, 0.3),
            paper=paper,
            ink_darkness=0.9,
            ink_mottling=0.0,
            blur_px=0.4,
            jpeg_quality=None,
            bitonal=False,
            underline=False,
            box=False,
            vertical_rules=0,
            on_one_line=True,
            neighbouring_print=False,
            specks=0,
        )

    def with_height(self, digit_height_px: float) -> FieldStyle:
        """The same style at another size."""
        return replace(self, digit_height_px=digit_height_px)


def _draw_margins(rng: np.random.Generator) -> Margins:
    """Mostly a tight cut, sometimes a wide one; never into the writing by more than a hair."""
    left, top, right, bottom = rng.exponential((0.18, 0.18, 0.25, 0.14))
    if rng.random() < 0.25:
        left, right = left + rng.uniform(0, 0.8), right + rng.uniform(0, 1.8)
    return float(left), float(top), float(right), float(bottom)


def _draw_zero(rng: np.random.Generator) -> tuple[float, float]:
    """Many write zeros wider, and lower, than the other digits."""
    width = float(rng.uniform(1.0, 1.5)) if rng.random() < 0.4 else 1.0
    height = float(rng.uniform(0.55, 0.95)) if rng.random() < 0.45 else 1.0
    return width * (0.5 + 0.5 * height), height


def _draw_paper_style(rng: np.random.Generator, busy: bool, bitonal: bool) -> PaperStyle:
    count = 0 if bitonal and rng.random() < 0.8 else int(rng.choice(4, p=(0.08, 0.52, 0.32, 0.08) if busy else (0.4, 0.4, 0.15, 0.05)))
    weights = np.array((0.32, 0.22, 0.2, 0.12, 0.08, 0.06))
    patterns: tuple[Pattern, ...] = tuple(PATTERNS[int(k)] for k in rng.choice(len(PATTERNS), count, p=weights))
    level = rng.uniform(120, 228) if busy else 250 - rng.exponential(30)
    return PaperStyle(
        level=float(np.clip(level, 90, 252)),
        patterns=patterns,
        contrast=float(np.clip(rng.lognormal(np.log(0.26 if busy else 0.18), 0.45), 0.03, 0.5)),
        light_fall=float(rng.exponential(0.05)),
        stripe=float(rng.uniform(0.6, 0.9)) if rng.random() < 0.12 else 1.0,
        noise=float(rng.exponential(1.5 if bitonal else 3.5)),
    )
