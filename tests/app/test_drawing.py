"""Letters, colours and blocks of the explanation pictures."""

from __future__ import annotations

import numpy as np

from app.drawing import INNER_PX, RULE, WIDTH_PX, blank, confidence_colour, printable, stacked, text_width_px, wrapped


def test_colours_go_from_red_to_green() -> None:
    """Doubt is red, certainty green."""
    assert confidence_colour(0.2) == confidence_colour(0.5)
    red, green, _ = confidence_colour(0.5)
    assert red > green
    red, green, _ = confidence_colour(1.0)
    assert green > red


def test_micr_signs_are_written_as_letters() -> None:
    """The font has no MICR signs."""
    assert printable("⑆075⑆ 12⑈ ⑇9⑉") == "T075T 12U A9D"


def test_long_sentences_are_broken_between_words() -> None:
    """No line is wider than asked for, and no word is lost; a word that is wider stays whole."""
    text = "The digits are clear, the point or comma is not: " * 6
    lines = wrapped(text, 15, 300)
    assert len(lines) > 1
    assert " ".join(lines) == text.strip()
    assert all(text_width_px(line, 15) <= 300 for line in lines)
    assert wrapped("x" * 400, 15, 100) == ["x" * 400]


def test_blocks_are_stacked_with_a_rule_between() -> None:
    """Two blocks give one picture of both heights, with one rule where they meet."""
    sheet = np.asarray(stacked([blank(30)[0], blank(50)[0]]))
    assert sheet.shape == (80, WIDTH_PX, 3)
    ruled = (sheet == RULE).all(axis=2).sum(axis=1)
    assert np.flatnonzero(ruled).tolist() == [30]
    assert ruled[30] >= INNER_PX
