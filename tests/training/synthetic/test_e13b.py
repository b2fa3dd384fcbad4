"""The E-13B drawings and their distance fields."""

from __future__ import annotations

import numpy as np
import pytest

from training.synthetic.e13b import (
    GLYPHS,
    MARGIN_UNITS,
    MOST_COLUMNS,
    PITCH_UNITS,
    ROWS,
    SAMPLES_PER_UNIT,
    columns,
    distance_field,
    drawing,
)
from training.synthetic.micr_text import SYMBOLS


def ink(symbol: str) -> np.ndarray:
    """Cells (9, columns) of a character as the share of ink in the middle of each half cell, by its distance field."""
    field = distance_field(symbol)
    half = SAMPLES_PER_UNIT // 2
    first = round(MARGIN_UNITS * SAMPLES_PER_UNIT)
    rows = first + half // 2 + half * np.arange(2 * ROWS)
    across = first + half + SAMPLES_PER_UNIT * np.arange(columns(symbol))
    return np.asarray(field[np.ix_(rows, across)] > 0)


def test_there_is_a_drawing_for_each_character_of_the_font() -> None:
    """Ten digits and four symbols, and nothing else."""
    assert set(GLYPHS) == set(SYMBOLS)
    assert len(SYMBOLS) == 14


@pytest.mark.parametrize("symbol", SYMBOLS)
def test_a_drawing_keeps_the_grid(symbol: str) -> None:
    """Nine rows of one width of four to seven cells, drawn with the four signs."""
    rows = GLYPHS[symbol]
    assert len(rows) == ROWS
    assert {len(row) for row in rows} == {columns(symbol)}
    assert 4 <= columns(symbol) <= MOST_COLUMNS
    assert set("".join(rows)) <= set("#.',")


@pytest.mark.parametrize("symbol", SYMBOLS)
def test_a_drawing_reaches_both_sides_of_its_width(symbol: str) -> None:
    """No empty column at the left or the right: the width is the character's own."""
    bits = drawing(symbol)
    assert bits[:, 0].any()
    assert bits[:, -1].any()


def test_all_drawings_differ() -> None:
    """No two characters are drawn alike."""
    assert len(set(GLYPHS.values())) == len(GLYPHS)


@pytest.mark.parametrize("symbol", "0123456789⑆⑇")
def test_digits_transit_and_amount_fill_the_height(symbol: str) -> None:
    """All characters but on-us and dash are 0.117 inch high."""
    bits = drawing(symbol)
    assert bits[:2].any()
    assert bits[-2:].any()


@pytest.mark.parametrize("symbol", SYMBOLS)
def test_the_distance_field_is_the_drawing_with_round_corners(symbol: str) -> None:
    """In the middle of half cells the field's sign is that of the drawing, but for a few at the corners."""
    bits = drawing(symbol).astype(bool)
    assert (ink(symbol) != bits).mean() <= 0.06
    assert distance_field(symbol).max() >= 0.35
    corner = distance_field(symbol)[0, 0]
    assert corner < -MARGIN_UNITS * 0.9


def test_the_distance_field_is_signed_in_units() -> None:
    """In the foot of the 1, four units wide and high, the middle is two units away from the paper."""
    field = distance_field("1")
    y = round((MARGIN_UNITS + 7) * SAMPLES_PER_UNIT)
    x = round((MARGIN_UNITS + 2) * SAMPLES_PER_UNIT)
    assert abs(float(field[y, x]) - 2.0) < 0.15


def test_the_pitch_is_an_eighth_of_an_inch() -> None:
    """125 mils in units of 13 mils."""
    assert abs(PITCH_UNITS - 9.615) < 0.001
