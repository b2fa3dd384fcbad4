"""Amounts in words."""

from __future__ import annotations

import pytest

from training.synthetic.words import in_words, legal_amount


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (0, "zero"),
        (13, "thirteen"),
        (40, "forty"),
        (75, "seventy-five"),
        (100, "one hundred"),
        (1_219, "one thousand two hundred nineteen"),
        (12_480, "twelve thousand four hundred eighty"),
        (2_000_001, "two million one"),
    ],
)
def test_numbers_in_words(number: int, words: str) -> None:
    """As they are said in the US."""
    assert in_words(number) == words


def test_lakhs_and_crores() -> None:
    """As they are said in India."""
    assert in_words(125_000, indian=True) == "one lakh twenty-five thousand"
    assert in_words(30_000_050, indian=True) == "three crore fifty"


def test_legal_amounts() -> None:
    """US cents as a fraction, Indian paise only where there are some."""
    assert legal_amount("105.07") == "One hundred five and 07/100"
    assert legal_amount("125000.00", indian=True) == "One lakh twenty-five thousand only"
    assert legal_amount("10.50", indian=True) == "Ten and fifty paise only"


def test_numbers_out_of_range_are_refused() -> None:
    """The message names the range and what was given."""
    with pytest.raises(ValueError, match="999999999; given: -1"):
        in_words(-1)
