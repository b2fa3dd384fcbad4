"""draw_micr_line: pictures, owners, texts and pitch of synthetic MICR lines."""

from __future__ import annotations

import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from training.synthetic.micr import draw_micr_line, pitch_px
from training.synthetic.micr_style import MicrStyle
from training.synthetic.micr_text import SYMBOLS
from training.synthetic.types import SyntheticField

seeds = st.integers(0, 2**32 - 1)
LINE = "⑆123456780⑆ 0001234⑉56⑈  1207 ⑇0000012345⑇"


def drawn(seed: int) -> SyntheticField:
    return draw_micr_line(np.random.default_rng(seed))


@settings(max_examples=40, deadline=None)
@given(seeds)
def test_a_line_is_a_bright_picture_with_an_owner_map_of_its_shape(seed: int) -> None:
    """Picture and owner map are of one shape; ink is darker than the paper."""
    field = drawn(seed)
    assert field.picture.dtype == np.uint8
    assert field.owner.dtype == np.int32
    assert field.picture.shape == field.owner.shape
    assert field.picture[field.owner > 0].mean() < field.picture[field.owner == 0].mean()


@settings(max_examples=40, deadline=None)
@given(seeds)
def test_text_value_and_characters_agree(seed: int) -> None:
    """The text is the characters' symbols; the value is the same with single spaces."""
    field = drawn(seed)
    assert field.text == "".join(c.symbol for c in field.characters)
    assert set(field.text) <= set(SYMBOLS)
    assert field.value.replace(" ", "") == field.text
    assert re.search("  |^ | $", field.value) is None
    assert field.amount_format is None


@settings(max_examples=40, deadline=None)
@given(seeds)
def test_the_owner_map_and_the_boxes_agree(seed: int) -> None:
    """The box of each character is the tight box of the pixels that it owns; boxes follow each other to the right."""
    field = drawn(seed)
    assert set(np.unique(field.owner)) <= set(range(len(field.characters) + 1))
    for number, character in enumerate(field.characters, start=1):
        rows, across = np.nonzero(field.owner == number)
        if len(rows) == 0:
            assert character.box == (0, 0, 0, 0)
        else:
            assert character.box == (across.min(), rows.min(), across.max() + 1, rows.max() + 1)
    lefts = [c.box[0] for c in field.characters if c.box != (0, 0, 0, 0)]
    assert lefts == sorted(lefts)


@pytest.mark.parametrize("dpi", [100.0, 200.0, 240.0, 300.0])
def test_characters_stand_an_eighth_of_an_inch_apart(dpi: float) -> None:
    """Right edges of neighbours are one pitch apart: 25 pixels at 200 dots per inch; free positions count."""
    field = draw_micr_line(np.random.default_rng(1), LINE, MicrStyle.clean(dpi))
    rights = np.array([c.box[2] for c in field.characters])
    positions = np.array([k for k, sign in enumerate(LINE) if sign != " "])
    assert pitch_px(dpi) == pytest.approx(dpi / 8)
    assert np.abs((rights - rights[0]) - (positions - positions[0]) * dpi / 8).max() <= 1.5


@pytest.mark.parametrize("dpi", [100.0, 200.0, 300.0])
def test_digits_are_0_117_inch_high(dpi: float) -> None:
    """The boxes of clean digits have the standard's height, to a pixel."""
    field = draw_micr_line(np.random.default_rng(1), LINE, MicrStyle.clean(dpi))
    heights = [c.box[3] - c.box[1] for c in field.characters if c.symbol.isdigit()]
    assert all(abs(height - 0.117 * dpi) <= 1.2 for height in heights)


def test_every_character_of_a_clean_line_owns_ink() -> None:
    """On a clean line no character is lost, and its ink is dark."""
    field = draw_micr_line(np.random.default_rng(4), LINE, MicrStyle.clean())
    assert field.value == re.sub(" +", " ", LINE)
    for number in range(1, len(field.characters) + 1):
        assert field.picture[field.owner == number].mean() < 120


@settings(max_examples=10, deadline=None)
@given(seeds)
def test_the_same_seed_gives_the_same_line(seed: int) -> None:
    """Pictures, owners and texts repeat; another seed gives another picture."""
    first, again = drawn(seed), drawn(seed)
    assert np.array_equal(first.picture, again.picture)
    assert np.array_equal(first.owner, again.owner)
    assert first.characters == again.characters
    other = drawn((seed + 1) % 2**32)
    assert other.picture.shape != first.picture.shape or not np.array_equal(other.picture, first.picture)


@pytest.mark.parametrize("raw", ["", "   ", "12A4", "1234-5"])
def test_a_text_that_the_font_cannot_print_is_refused(raw: str) -> None:
    """Nothing but the fourteen characters and spaces; the message shows what was given."""
    with pytest.raises(ValueError, match="given"):
        draw_micr_line(np.random.default_rng(0), raw)
