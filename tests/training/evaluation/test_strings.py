"""Number strings: from strokes to a picture, read as number strings and as amounts."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from app.reader.pipeline import CheckReader
from tests.app.api.stub_reader import StubRecogniser
from training.data.splits import held_out_contributors
from training.data.unipen import StrokeSample
from training.evaluation.strings import (
    DIGIT_HEIGHT_PX,
    MARGIN_PX,
    any_marks,
    digits_right,
    is_amount,
    kind_of,
    measure_strings,
    measured_strings,
    picture_of,
    spelled,
    string_grammar,
)
from training.measure import Answer


def sample(label: str, *strokes: list[tuple[float, float]]) -> StrokeSample:
    """A string by a made-up writer; y points up."""
    return StrokeSample(label, tuple(np.array(s, np.float32) for s in strokes), "unipen/lex/a", "lex", "OK", float("nan"), float("nan"))


TWO_ONES = sample("1 1", [(0, 0), (0, 500)], [(400, 100), (400, 600)])


def test_strokes_become_a_picture() -> None:
    """Paper bright, ink dark, a digit as high as stated, what was written upwards stands above; the same seed the same noise."""
    picture = picture_of(TWO_ONES, 3)
    rows, columns = np.nonzero(picture < 140)
    assert picture.dtype == np.uint8
    assert picture.mean() > 190
    left, right = rows[columns < picture.shape[1] / 2], rows[columns >= picture.shape[1] / 2]
    assert np.ptp(left) == pytest.approx(DIGIT_HEIGHT_PX, abs=4)
    assert right.mean() < left.mean()
    assert rows.min() == pytest.approx(MARGIN_PX, abs=2)
    assert np.array_equal(picture, picture_of(TWO_ONES, 3))
    assert not np.array_equal(picture, picture_of(TWO_ONES, 4))


def test_dots_and_long_lines_do_not_set_the_size() -> None:
    """The height of a digit is the median of the tall strokes; a picture is never wider than its bound."""
    dotted = sample("1.1", [(0, 0), (0, 500)], [(200, 0), (201, 1)], [(400, 0), (400, 500)])
    assert picture_of(dotted, 0).shape[0] == pytest.approx(DIGIT_HEIGHT_PX + 2 * MARGIN_PX, abs=2)
    assert picture_of(sample("-", [(0, 0), (90000, 3)]), 0).shape[1] <= 2400 + 2 * MARGIN_PX + 1


@pytest.mark.parametrize("text", ["0", "0123456789", "$90,187,236.54", "800-901-4678", "12/27/93,", "$600.", "#100"])
def test_number_strings_are_accepted(text: str) -> None:
    """Figures with single marks between them, a sign before, a mark behind."""
    assert any_marks().accepts(text)
    assert string_grammar().accepts(text)


@pytest.mark.parametrize("text", ["", "$", "1--2", "(617)", "4:30", "1,,2", "/23/92", "1$2"])
def test_other_strings_are_not(text: str) -> None:
    """Nothing without figures, no two marks side by side, no letters."""
    assert not any_marks().accepts(text)
    assert not string_grammar().accepts(text)


@pytest.mark.parametrize("text", ["3/111/90", "1,23", "510-8743867", "1/4-3", "3.14.15926535"])
def test_what_nobody_writes_is_no_form(text: str) -> None:
    """Measured, but not read: a form that a label of the measured strings does not have."""
    assert any_marks().accepts(text)
    assert not string_grammar().accepts(text)


def test_strings_are_told_apart() -> None:
    """By what is written; spaces of the label do not count."""
    kinds = ("whole numbers", "amounts", "dates and fractions", "telephone numbers and codes")
    assert [kind_of(text) for text in ("1995", "$12,738.50", "05/03/94", "800-901-4678")] == list(kinds)
    assert spelled(TWO_ONES) == "11"
    assert [is_amount(text) for text in ("$12,738.50", "11", "0640", "00", "05/03/94")] == [True, True, False, False, False]


@pytest.mark.parametrize(("value", "right"), [("12,5", True), ("1-25", True), ("1.26", False), (None, False)])
def test_digits_are_right_whatever_stands_between(value: str | None, right: bool) -> None:
    """Punctuation is ignored; no answer is a wrong one."""
    assert digits_right(Answer("a", "", "1,25", value, "", 0.0, False, False)) is right


def test_a_string_is_read_twice_where_it_is_an_amount() -> None:
    """Once as a number string and, if it can be paid, once as an amount."""
    strings, amounts = measure_strings(CheckReader(StubRecogniser()), [TWO_ONES, sample("00", [(0, 0), (0, 9)], [(9, 0), (9, 9)])])
    assert [(a.truth, a.group) for a in strings] == [("11", "whole numbers"), ("00", "whole numbers")]
    assert [a.truth for a in amounts] == ["11.00"]
    assert all(a.confidence <= 1.0 for a in strings)


def test_the_measured_strings(data_root: Path) -> None:
    """More than 300, all of held-out contributors, all number strings."""
    found = measured_strings(data_root)
    assert len(found) >= 300
    assert {s.contributor for s in found} <= held_out_contributors()
    assert sum(is_amount(spelled(s)) for s in found) >= 300
