"""Amounts as people write them, and what they state."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.reader.courtesy_amount import MOST_ROUND, ROUND_LOG_PRIOR, amount_grammar, interpret, log_prior, round_log_prior
from app.reader.types import AmountFormat


def western(number: int, separator: str) -> str:
    """12345 -> 12,345."""
    return f"{number:,}".replace(",", separator)


def lakh(number: int) -> str:
    """1234567 -> 12,34,567."""
    text = str(number)
    head, tail = text[:-3], text[-3:]
    groups: list[str] = []
    while head:
        groups.insert(0, head[-2:])
        head = head[:-2]
    return ",".join([*groups, tail])


whole_amounts = st.integers(1, 9_999_999)
cents = st.integers(0, 99)


@settings(max_examples=300)
@given(whole_amounts, cents, st.booleans(), st.sampled_from(["", "$", "**", "$**", "#"]), st.sampled_from(["", "***", "-", "="]))
def test_dollars_round_trip(whole: int, part: int, grouped: bool, sign: str, tail: str) -> None:
    """Every notation of dollars states the amount that was written."""
    text = western(whole, ",") if grouped else str(whole)
    expected = f"{whole}.{part:02d}"
    assert interpret(f"{sign}{text}.{part:02d}{tail}", "us").value == expected
    assert interpret(f"{sign}{text}{part:02d}/100{tail}", "us").cents == whole * 100 + part
    assert interpret(f"{sign}{text}{tail}", "us").value == f"{whole}.00"


@settings(max_examples=200)
@given(whole_amounts, st.booleans(), st.sampled_from(["", "/-", "/=", "/", "=", "-", "=00"]))
def test_rupees_round_trip(whole: int, grouped: bool, tail: str) -> None:
    """Lakh grouping or none, and the usual tails."""
    text = lakh(whole) if grouped else str(whole)
    assert interpret(text + tail, "in").value == f"{whole}.00"


@settings(max_examples=200)
@given(whole_amounts, st.sampled_from(["", ".", ","]), st.sampled_from(["", ".-", "=", "-", ".", ",", "***"]))
def test_whole_numbers_round_trip(whole: int, separator: str, tail: str) -> None:
    """Groups of three after a point or a comma, or none, and the usual tails."""
    text = western(whole, separator) if separator else str(whole)
    amount = interpret(text + tail, "plain")
    assert (amount.value, amount.cents) == (str(whole), whole * 100)


@pytest.mark.parametrize("text", ["11/15/2010", "12.345.6", "1..00", "12,34", "1,2345", "", "$", "--", "609-949-9010", "12345678901"])
def test_what_is_no_amount_in_dollars(text: str) -> None:
    """Dates, telephone numbers, broken groups and bare signs are not accepted."""
    assert not amount_grammar("us").accepts(text)
    with pytest.raises(ValueError, match="is no amount"):
        interpret(text, "us")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("$12,738.50", "12738.50"),
        ("123455/100", "1234.55"),
        ("100--/100", "100.00"),
        (".55", "0.55"),
        ("0.55", "0.55"),
        ("$-300.00", "300.00"),
    ],
)
def test_notations_of_dollars(text: str, value: str) -> None:
    """The notations of the reference, in symbols."""
    assert interpret(text, "us").value == value


@pytest.mark.parametrize("text", ["1,2", "12,3", "1,2345", "1234567890", "11/15/2010", "--", ""])
def test_what_is_no_amount_in_rupees(text: str) -> None:
    """Groups have two or three digits, or more where the last commas are left out; ten figures have separators."""
    assert not amount_grammar("in").accepts(text)


@pytest.mark.parametrize(("amount_format", "most"), [("us", 7), ("in", 9), ("plain", 7)])
def test_many_figures_need_separators(amount_format: AmountFormat, most: int) -> None:
    """Seven without are an amount, eight are not; crores of rupees are written with no more than spaces between."""
    assert amount_grammar(amount_format).accepts("123456789"[:most])
    assert not amount_grammar(amount_format).accepts("1234567891"[: most + 1])


def test_dollars_without_any_cents_are_unusual() -> None:
    """Digits alone count less than digits with a point, a fraction or a dash; rupees and whole numbers are written so."""
    assert log_prior("10000", "us") < 0.0 == log_prior("100.00", "us")
    assert log_prior("$45", "us") < 0.0
    assert [log_prior(text, "us") for text in ("12-", "12**/100", "1234 56/100".replace(" ", ""), ".50")] == [0.0] * 4
    assert log_prior("10000", "in") == log_prior("10000", "plain") == 0.0


def test_rupees_in_odd_groups_are_unusual() -> None:
    """Groups by lakh or of three count fully, and so do figures without commas; what lost a figure counts less."""
    assert [log_prior(text, "in") for text in ("1,23,456/-", "123,456", "12,345", "123456/-", "1,23,45,678.50")] == [0.0] * 5
    for text in ("30,610,000", "5,70", "1,25,00000/-"):
        assert interpret(text, "in").cents > 0
        assert (log_prior(text, "in") < 0.0) == (text != "30,610,000")


def test_round_rupees_are_usual() -> None:
    """Each zero at the end counts up to the fourth; paise count as no zero; dollars and whole numbers are none the less for it."""
    steps = [round_log_prior(cents, "in") / ROUND_LOG_PRIOR + MOST_ROUND for cents in (57_041_300, 57_041_000, 57_040_000, 57_000_000)]
    assert steps == [0.0, 1.0, 2.0, 4.0]
    assert round_log_prior(5_700_000_000, "in") == 0.0
    assert round_log_prior(57_000_050, "in") == -MOST_ROUND * ROUND_LOG_PRIOR
    assert round_log_prior(57_041_300, "us") == round_log_prior(57_041_300, "plain") == 0.0
