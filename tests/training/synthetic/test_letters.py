"""Handwritten words and signatures."""

from __future__ import annotations

import string

import numpy as np
import pytest

from training.synthetic.letters import LETTERS, Script, paint_glyphs, signature, write_words
from training.synthetic.pens import PenSet

HAND = PenSet.own().hand(np.random.default_rng(1))


def test_every_letter_can_be_written() -> None:
    """Small letters and capitals, each leaving ink; none like another."""
    assert set(string.ascii_letters) <= set(LETTERS)
    rng = np.random.default_rng(0)
    script = Script.draw(rng)
    for letter in string.ascii_letters:
        placed = write_words(rng, HAND, script, letter, (20.0, 50.0), 30.0)
        assert paint_glyphs(placed, 3.0, (90, 90)).sum() > 20, letter
    assert len(set(LETTERS.values())) == len(LETTERS)


def test_words_run_to_the_right_on_their_baseline() -> None:
    """Signs stand one after the other; a space leaves room; digits come from the hand."""
    rng = np.random.default_rng(2)
    placed = write_words(rng, HAND, Script.draw(rng), "rent 20", (10.0, 60.0), 30.0)
    assert len(placed) == 6
    starts = [float((matrix @ (glyph.bounds[0], 0.0, 1.0))[0]) for glyph, matrix in placed]
    assert starts == sorted(starts)
    assert starts[4] - starts[3] > 0.42 * 30.0
    assert all(abs(matrix[1, 2] - 60.0) < 4 for _, matrix in placed)


def test_a_sign_that_nobody_can_write_is_an_error() -> None:
    """KeyError names it."""
    rng = np.random.default_rng(3)
    with pytest.raises(KeyError, match="é"):
        write_words(rng, HAND, Script.draw(rng), "é", (0.0, 0.0), 30.0)


def test_signatures_differ_by_their_seed() -> None:
    """A scribble of several heights; the same seed gives the same one."""
    first, again, other = (signature(np.random.default_rng(seed), "G") for seed in (1, 1, 2))
    assert first.bounds == again.bounds
    assert first.bounds != other.bounds
    assert first.bounds[2] - first.bounds[0] > 2.0
