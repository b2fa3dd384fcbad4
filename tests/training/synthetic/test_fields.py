"""draw_field: pictures, owners, texts and values of synthetic courtesy amounts."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.reader.types import AMOUNT_FORMATS, STRAY, AmountFormat
from training.synthetic.fields import draw_field
from training.synthetic.pens import PenSet
from training.synthetic.style import FieldStyle
from training.synthetic.types import SyntheticField

ALPHABET = frozenset([*"0123456789$,./-*#=", STRAY])
PENS = PenSet.own()
seeds = st.integers(0, 2**32 - 1)
formats = st.sampled_from(AMOUNT_FORMATS)


def drawn(seed: int, amount_format: AmountFormat) -> SyntheticField:
    return draw_field(np.random.default_rng(seed), PENS, amount_format)


@settings(max_examples=40, deadline=None)
@given(seeds, formats)
def test_a_field_is_a_bright_picture_with_an_owner_map_of_its_shape(seed: int, amount_format: AmountFormat) -> None:
    """Picture and owner map are of one shape; ink is darker than the paper."""
    field = drawn(seed, amount_format)
    assert field.picture.dtype == np.uint8
    assert field.owner.dtype == np.int32
    assert field.picture.shape == field.owner.shape
    assert field.owner.min() == 0
    assert field.owner.max() <= len(field.characters)
    ink, paper = field.picture[field.owner > 0], field.picture[field.owner == 0]
    assert ink.mean() < paper.mean()


@settings(max_examples=60, deadline=None)
@given(seeds, formats)
def test_every_character_owns_ink_inside_its_box(seed: int, amount_format: AmountFormat) -> None:
    """Each character owns pixels, all of them inside its box, and each box lies in the picture."""
    field = drawn(seed, amount_format)
    height, width = field.picture.shape
    for number, character in enumerate(field.characters, start=1):
        left, top, right, bottom = character.box
        assert 0 <= left < right <= width
        assert 0 <= top < bottom <= height
        rows, columns = np.nonzero(field.owner == number)
        assert len(rows) > 0
        assert rows.min() >= top
        assert rows.max() < bottom
        assert columns.min() >= left
        assert columns.max() < right


@settings(max_examples=100, deadline=None)
@given(seeds, formats)
def test_text_is_the_symbols_without_strays(seed: int, amount_format: AmountFormat) -> None:
    """Only symbols of the alphabet are labels, and text joins them from left to right."""
    field = drawn(seed, amount_format)
    assert {c.symbol for c in field.characters} <= ALPHABET
    assert field.text == "".join(c.symbol for c in field.characters if c.symbol != STRAY)


@given(seeds)
@settings(max_examples=10, deadline=None)
def test_the_same_seed_gives_the_same_field(seed: int) -> None:
    """Drawing follows from the generator's state alone."""
    first, second = drawn(seed, "us"), drawn(seed, "us")
    assert np.array_equal(first.picture, second.picture)
    assert np.array_equal(first.owner, second.owner)
    assert first.text == second.text


def test_different_seeds_give_different_fields() -> None:
    """A generator that moves on draws something else."""
    rng = np.random.default_rng(7)
    assert len({draw_field(rng, PENS, "plain").picture.tobytes() for _ in range(10)}) == 10


@pytest.mark.parametrize("height", [16, 32, 48])
def test_clean_digits_have_the_height_that_was_asked_for(height: int) -> None:
    """The median digit box of clean machine print is as high as the style says, within two pixels."""
    rng = np.random.default_rng(3)
    style = FieldStyle.clean(height, machine_print=True)
    heights = [c.box[3] - c.box[1] for _ in range(12) for c in draw_field(rng, PENS, "plain", style).characters if c.symbol.isdigit()]
    assert abs(np.median(heights) - height) <= 2


def test_clean_characters_do_not_touch() -> None:
    """With clean style and printed characters no ink of one character is next to ink of another."""
    rng = np.random.default_rng(11)
    for _ in range(10):
        field = draw_field(rng, PENS, "plain", FieldStyle.clean(machine_print=True))
        left, right = field.owner[:, :-1], field.owner[:, 1:]
        assert not np.any((left > 0) & (right > 0) & (left != right))


def test_owned_ink_of_clean_fields_is_dark_and_the_rest_is_paper() -> None:
    """On white paper without strangers, owned pixels are darker than half, and dark pixels are owned."""
    rng = np.random.default_rng(5)
    for _ in range(10):
        field = draw_field(rng, PENS, "plain", FieldStyle.clean(40.0, machine_print=True))
        assert field.picture[field.owner > 0].max() < 225
        assert np.all(field.owner[field.picture < 80] > 0)


def test_bitonal_fields_hold_black_and_white_only() -> None:
    """A bitonal style gives nothing but 0 and 255."""
    rng = np.random.default_rng(2)
    pictures = [draw_field(rng, PENS, "us").picture for _ in range(40)]
    two_valued = [p for p in pictures if set(np.unique(p)) <= {0, 255}]
    assert 2 <= len(two_valued) <= 20
