"""How a MICR line looks: print, paper and scan, the same for all characters of one line."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from training.synthetic.backgrounds import PATTERNS, PaperStyle, Pattern

Margins = tuple[float, float, float, float]  # left, top, right, bottom of the line, in units of 0.013 inch


@dataclass(frozen=True, slots=True)
class MicrStyle:
    """Lengths are in the grid units of 0.013 inch unless the name says otherwise."""

    dpi: float
    stretch: float  # width against height: fonts and phone pictures that are a little off
    pitch_jitter: float  # standard deviation of a character's place along the line
    baseline_jitter: float
    bow: float  # how far the middle of the line hangs below its ends
    skew_degrees: float  # clockwise on the screen
    lean: float  # tangent, positive leans to the right
    spread: float  # how far the ink runs over its edge; negative = eroded
    spread_jitter: float
    roughness: float  # standard deviation of the edge
    voids: int  # round holes in the ink
    streak: bool  # a thin level line without ink
    ink_darkness: float  # 0..1, share of the paper's light that the ink takes
    ink_mottling: float  # 0..1
    paper: PaperStyle
    blur_px: float
    jpeg_quality: int | None
    bitonal: bool
    specks: int
    margins: Margins
    rules: int  # level lines above, below or through
    border: bool  # a heavy frame of the check along the lower edge
    strokes: int  # strokes of a pen that reach into the line: signature, memo
    neighbouring_print: bool  # print above or below, cut off by the border

    @classmethod
    def draw(cls, rng: np.random.Generator) -> MicrStyle:
        """A random style, of the kind that MICR lines have on scans and photographs of checks."""
        dpi = 200.0 if rng.random() < 0.3 else float(rng.uniform(100, 300))
        bitonal = bool(rng.random() < 0.3)
        rough = float(rng.exponential(0.07)) if rng.random() < 0.8 else float(rng.uniform(0.1, 0.3))
        spread = float(np.clip(rng.normal(0.05, 0.15), -0.26, 0.42))
        return cls(
            dpi=dpi,
            stretch=float(np.clip(rng.normal(1.0, 0.03), 0.9, 1.12)),
            pitch_jitter=float(rng.exponential(0.12)),
            baseline_jitter=float(rng.exponential(0.1)),
            bow=float(rng.normal(0.0, 0.6)) if rng.random() < 0.3 else 0.0,
            skew_degrees=float(rng.normal(0.0, 0.25) if rng.random() < 0.75 else rng.uniform(-2.0, 2.0)),
            lean=float(rng.normal(0.0, 0.015)),
            spread=spread,
            spread_jitter=float(rng.exponential(0.03)),
            roughness=min(rough, 0.45 * (0.5 + spread)),  # thin strokes break otherwise
            voids=int(rng.poisson(1.5)) if rng.random() < 0.4 else 0,
            streak=bool(rng.random() < 0.06),
            ink_darkness=float(np.clip(rng.normal(0.78, 0.16), 0.28, 0.98)),
            ink_mottling=float(rng.uniform(0.0, 0.35)),
            paper=_draw_paper_style(rng, bitonal),
            blur_px=float(np.clip(rng.lognormal(np.log(0.65), 0.35) * (dpi / 200) ** 0.5, 0.3, 1.0 * dpi / 130)),
            jpeg_quality=int(rng.integers(35, 96)) if rng.random() < 0.7 else None,
            bitonal=bitonal,
            specks=int(rng.poisson(2.0)) if rng.random() < 0.4 else 0,
            margins=_draw_margins(rng),
            rules=int(rng.choice(3, p=(0.82, 0.14, 0.04))),
            border=bool(rng.random() < 0.08),
            strokes=int(rng.integers(1, 4)) if rng.random() < 0.14 else 0,
            neighbouring_print=bool(rng.random() < 0.15),
        )

    @classmethod
    def clean(cls, dpi: float = 200.0) -> MicrStyle:
        """Dark print as the standard asks for, on white paper."""
        return cls(
            dpi=dpi,
            stretch=1.0,
            pitch_jitter=0.0,
            baseline_jitter=0.0,
            bow=0.0,
            skew_degrees=0.0,
            lean=0.0,
            spread=0.0,
            spread_jitter=0.0,
            roughness=0.0,
            voids=0,
            streak=False,
            ink_darkness=0.9,
            ink_mottling=0.0,
            paper=PaperStyle(250.0, (), 0.0, 0.0, 1.0, 0.0),
            blur_px=0.4,
            jpeg_quality=None,
            bitonal=False,
            specks=0,
            margins=(12.0, 4.0, 12.0, 4.0),
            rules=0,
            border=False,
            strokes=0,
            neighbouring_print=False,
        )


def _draw_margins(rng: np.random.Generator) -> Margins:
    """As the reader cuts the band out of a check, more or less."""
    left, right = rng.uniform(1.0, 16.0, 2)
    top, bottom = np.clip(rng.normal(4.2, 1.6, 2), 0.7, 9.0)
    return float(left), float(top), float(right), float(bottom)


def _draw_paper_style(rng: np.random.Generator, bitonal: bool) -> PaperStyle:
    """The clear band is mostly plain; photographs bring shade, home-printed forms their pattern."""
    count = 0 if bitonal and rng.random() < 0.85 else int(rng.choice(3, p=(0.6, 0.32, 0.08)))
    weights = np.array((0.2, 0.12, 0.25, 0.1, 0.18, 0.15))
    patterns: tuple[Pattern, ...] = tuple(PATTERNS[int(k)] for k in rng.choice(len(PATTERNS), count, p=weights))
    return PaperStyle(
        level=float(np.clip(250 - rng.exponential(35), 90, 253)),
        patterns=patterns,
        contrast=float(np.clip(rng.lognormal(np.log(0.13), 0.5), 0.02, 0.4)),
        light_fall=float(rng.exponential(0.06)),
        stripe=float(rng.uniform(0.6, 0.9)) if rng.random() < 0.08 else 1.0,
        noise=float(rng.exponential(3.0)),
    )
