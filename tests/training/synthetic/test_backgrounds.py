"""Paper: levels, patterns and lines."""

from __future__ import annotations

import numpy as np
import pytest

from training.synthetic.backgrounds import PATTERNS, PaperStyle, Pattern, draw_line, draw_paper, scatter_specks


@pytest.mark.parametrize("pattern", PATTERNS)
def test_patterns_darken_the_paper_by_their_contrast_at_most(pattern: Pattern) -> None:
    """Every pattern is there, and none is darker than its contrast allows."""
    style = PaperStyle(200.0, (pattern,), 0.3, 0.0, 1.0, 0.0)
    for seed in range(12):
        paper = draw_paper(np.random.default_rng(seed), (50, 180), style)
        assert paper.shape == (50, 180)
        assert paper.std() > 0.2
        assert 200.0 * 0.68 <= paper.min() <= paper.max() <= 210.0


def test_plain_paper_is_even() -> None:
    """Without patterns, stripe or light fall the paper has one level."""
    paper = draw_paper(np.random.default_rng(0), (20, 30), PaperStyle(180.0, (), 0.0, 0.0, 1.0, 0.0))
    assert np.all(paper == 180.0)


def test_a_stripe_makes_two_tones() -> None:
    """Some rows keep the level, others take the stripe's."""
    paper = draw_paper(np.random.default_rng(1), (60, 100), PaperStyle(200.0, (), 0.0, 0.0, 0.7, 0.0))
    assert paper.max() == pytest.approx(200, abs=1)
    assert paper.min() == pytest.approx(140, abs=1)


def test_lines_and_specks_darken_in_place() -> None:
    """A line darkens its own rows only; specks darken something."""
    canvas = np.full((20, 40), 200.0, np.float32)
    draw_line(canvas, (0, 10), (39, 10), 1.0, 0.5)
    assert canvas[10, 20] == pytest.approx(105, abs=7)
    assert np.all(canvas[:8] == 200)
    scatter_specks(np.random.default_rng(0), canvas[:8], 3)
    assert canvas[:8].min() < 200
