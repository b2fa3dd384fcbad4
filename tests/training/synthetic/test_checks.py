"""draw_check: whole checks whose truth agrees with what is drawn."""

from __future__ import annotations

import re

import numpy as np
import pytest

from app.reader.types import Box
from training.synthetic.check_layouts import CHECK_FORMS, LAYOUTS, MICR_BOTTOM_IN, CheckForm, fraction
from training.synthetic.check_scan import CheckScan, moved_box
from training.synthetic.checks import SyntheticCheck, draw_check, draw_micr_text, plain_amount
from training.synthetic.pens import PenSet

PENS = PenSet.own()
DPI = 100.0


def drawn(seed: int, form: CheckForm, scan: CheckScan | None = None, spoiled: bool = False) -> SyntheticCheck:
    return draw_check(np.random.default_rng(seed), PENS, form, scan or CheckScan.flat(), DPI, spoiled=spoiled)


def darkness(check: SyntheticCheck, box: Box) -> float:
    left, top, right, bottom = box
    return float((check.picture[top:bottom, left:right].min(axis=2) < 110).mean())


@pytest.mark.parametrize("form", CHECK_FORMS)
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_check_has_the_size_of_its_form_and_ink_in_its_boxes(form: CheckForm, seed: int) -> None:
    """The picture is the form's size at its resolution; both boxes lie inside it and hold dark ink."""
    check = drawn(seed, form)
    layout = LAYOUTS[form]
    assert check.picture.shape == (round(layout.height_in * DPI), round(layout.width_in * DPI), 3)
    assert check.picture.dtype == np.uint8
    for box in (check.amount_box, check.micr_box):
        assert 0 <= box[0] < box[2] <= check.picture.shape[1]
        assert 0 <= box[1] < box[3] <= check.picture.shape[0]
        assert darkness(check, box) > 0.05


@pytest.mark.parametrize("form", CHECK_FORMS)
def test_the_micr_line_stands_in_the_print_band(form: CheckForm) -> None:
    """Characters are 0.117 inch high, their feet as far above the bottom edge as the band wants, nothing else beside them."""
    check = drawn(5, form)
    left, top, right, bottom = check.micr_box
    height = check.picture.shape[0]
    assert abs((height - bottom) - MICR_BOTTOM_IN * DPI) <= 2
    assert abs((bottom - top) - 0.117 * DPI) <= 3
    printed_in = (right - left) / DPI
    characters = len(check.micr.replace(" ", ""))
    assert printed_in >= (characters - 1) * 0.125


@pytest.mark.parametrize("form", CHECK_FORMS)
@pytest.mark.parametrize("seed", range(5))
def test_the_parts_stand_in_the_line(form: CheckForm, seed: int) -> None:
    """Routing, account and check number are parts of the raw line; an amount field is not yet printed."""
    text = draw_micr_text(np.random.default_rng(seed), form)
    assert text.form == form
    assert "⑇" not in text.raw
    for part in (text.routing, text.account, text.check_number):
        assert part
        assert part in text.printed


def test_amounts_are_within_what_checks_show() -> None:
    """Plain decimals of at least one unit, with two decimals."""
    for seed in range(6):
        check = drawn(seed, CHECK_FORMS[seed % 3])
        assert re.fullmatch(r"\d+\.\d\d", check.amount)
        assert 1 <= float(check.amount) < 1_000_000
        assert check.amount_format == ("in" if check.form == "indian_cts" else "us")


def test_a_given_amount_is_the_truth() -> None:
    """The amount that is asked for is the one that is written."""
    check = draw_check(np.random.default_rng(0), PENS, "us_personal", CheckScan.flat(), DPI, amount=plain_amount("1,204.50"))
    assert check.amount == "1204.50"
    assert check.amount_text == "1,204.50"


def test_a_spoiled_amount_has_much_more_ink() -> None:
    """Writing over and crossing out fills the amount box."""
    clean, spoiled = drawn(8, "us_personal"), drawn(8, "us_personal", spoiled=True)
    assert spoiled.amount == clean.amount
    layout = LAYOUTS["us_personal"]
    inner: Box = tuple(round(v * DPI) for v in layout.amount)  # type: ignore[assignment]
    assert darkness(spoiled, inner) > darkness(clean, inner) + 0.1


def test_boxes_follow_the_turn_of_the_picture() -> None:
    """On a turned picture with a table around, the moved boxes still hold the ink."""
    check = drawn(9, "us_personal", CheckScan.phone())
    left, _, right, bottom = check.micr_box
    for box in (check.micr_box, check.amount_box):
        assert darkness(check, box) > 0.03
    below: Box = (left, bottom, right, min(check.picture.shape[0], bottom + 4))
    assert darkness(check, below) < 0.02
    assert moved_box((1, 2, 3, 4), np.eye(3)) == (1, 2, 3, 4)


def test_a_bitonal_scan_has_two_levels() -> None:
    """Black and white and nothing between."""
    check = drawn(2, "us_personal", CheckScan.two_level())
    assert set(np.unique(check.picture)) == {0, 255}


@pytest.mark.parametrize("form", CHECK_FORMS)
def test_the_same_seed_gives_the_same_check(form: CheckForm) -> None:
    """Picture and truth repeat with a random scan; another seed differs."""
    first, again, other = (draw_check(np.random.default_rng(s), PENS, form, dpi=80.0) for s in (4, 4, 5))
    assert np.array_equal(first.picture, again.picture)
    assert (first.amount, first.micr, first.amount_box) == (again.amount, again.micr, again.amount_box)
    assert first.micr != other.micr


def test_the_fractional_form_repeats_the_routing_number() -> None:
    """Institution over Federal Reserve routing symbol, without leading zeros."""
    assert fraction("075911713") == "99-1171/759"
