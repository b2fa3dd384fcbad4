"""Amounts as written: grouping, notations, and the agreement of marks, text and value."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.reader.courtesy_amount import interpret
from app.reader.types import AMOUNT_FORMATS, AmountFormat
from training.synthetic.amounts import LARGEST_WHOLE, WrittenAmount, draw_whole, group_lakhs, group_thousands, write_amount

seeds = st.integers(0, 2**32 - 1)


def written(seed: int, amount_format: AmountFormat) -> WrittenAmount:
    return write_amount(np.random.default_rng(seed), amount_format)


@pytest.mark.parametrize(
    ("digits", "thousands", "lakhs"),
    [
        ("7", "7", "7"),
        ("123", "123", "123"),
        ("1234", "1,234", "1,234"),
        ("123456", "123,456", "1,23,456"),
        ("12345678", "12,345,678", "1,23,45,678"),
    ],
)
def test_grouping(digits: str, thousands: str, lakhs: str) -> None:
    """Threes from the right; the Indian way, three and then twos."""
    assert group_thousands(digits, ",") == thousands
    assert group_lakhs(digits, ",") == lakhs


@given(seeds)
def test_whole_amounts_stay_in_their_range(seed: int) -> None:
    """At least one, below ten million."""
    assert 1 <= draw_whole(np.random.default_rng(seed)) < LARGEST_WHOLE


def test_whole_amounts_of_every_length_occur() -> None:
    """One digit to seven, the round ones among them."""
    rng = np.random.default_rng(0)
    wholes = [draw_whole(rng) for _ in range(1000)]
    assert {len(str(w)) for w in wholes} == set(range(1, 8))
    assert sum(w >= 1000 and w % 1000 == 0 for w in wholes) > 30


@given(seeds, st.sampled_from(AMOUNT_FORMATS))
def test_the_value_has_the_form_of_its_format(seed: int, amount_format: AmountFormat) -> None:
    """Two decimals for us and in, a whole number for plain, never grouped, no leading zero."""
    whole, _, decimals = written(seed, amount_format).value.partition(".")
    assert whole == str(int(whole))
    assert len(decimals) == (0 if amount_format == "plain" else 2)


@given(seeds, st.sampled_from(AMOUNT_FORMATS))
def test_the_digits_of_the_text_are_the_digits_of_the_value(seed: int, amount_format: AmountFormat) -> None:
    """The digits written are those of the value; zero cents, a zero before the point, /100 and the o of no/100 may differ."""
    amount = written(seed, amount_format)
    shown = "".join(c for c in amount.text.replace("*0/100", "").replace("/100", "") if c.isdigit())
    digits = amount.value.replace(".", "")
    assert shown in {digits, digits.removesuffix("00"), digits.removeprefix("0")}


@given(seeds, st.sampled_from(AMOUNT_FORMATS))
def test_the_reader_takes_the_text_for_the_value(seed: int, amount_format: AmountFormat) -> None:
    """Where the amount grammar accepts the text, it means the value; raised cents without a point are the exception."""
    amount = written(seed, amount_format)
    if any(m.place == "raised" for m in amount.marks) and "." not in amount.text:
        return
    try:
        understood = interpret(amount.text, amount_format).value
    except ValueError:
        return
    assert understood == amount.value


@pytest.mark.parametrize("amount_format", AMOUNT_FORMATS)
def test_most_texts_are_amounts_to_the_grammar(amount_format: AmountFormat) -> None:
    """At least four in five texts are accepted by the reader's grammar of the format."""
    accepted = 0
    for seed in range(300):
        try:
            interpret(written(seed, amount_format).text, amount_format)
        except ValueError:
            continue
        accepted += 1
    assert accepted >= 240


def test_every_notation_of_cents_occurs() -> None:
    """Points, raised cents, fractions on the line and over a bar."""
    amounts = [written(seed, "us") for seed in range(400)]
    places = {m.place for a in amounts for m in a.marks}
    assert places == {"line", "raised", "over", "bar", "under"}
    assert any(a.text.endswith("/100") and all(m.place == "line" for m in a.marks) for a in amounts)
    assert any(a.text.endswith("***") for a in amounts)
