"""The generous measure for a general OCR engine: what counts as the right value somewhere in its text, and what does not."""

from __future__ import annotations

from decimal import Decimal

import pytest

from benchmarks.read_rate_tokens import holds, outcomes_of_text, values


@pytest.mark.parametrize(
    ("line", "truth"),
    [
        ("DATE $ 14.25 xO", "14.25"),
        ("$1,234.56", "1234.56"),
        ("1.234,56-", "1234.56"),
        ("**1 234.56", "1234.56"),
        ("Rs 1,05,000/-", "105000.00"),
        ("125", "125.00"),
        ("125 50/100", "125.50"),
        ("1,125.50/100", "1125.50"),
        ("248.50.", "$248.50"),
    ],
)
def test_amounts_that_are_there(line: str, truth: str) -> None:
    """Whatever separators, signs and hundredths are written, the value counts."""
    assert holds((line,), "amount", truth, "auto")


@pytest.mark.parametrize(("line", "truth"), [("1425", "14.25"), ("125", "125.50"), ("", "5.00"), ("14.25", "4.25"), ("five", "5.00")])
def test_amounts_that_are_not_there(line: str, truth: str) -> None:
    """Lost points, lost cents and parts of other numbers are no right amount."""
    assert not holds((line,), "amount", truth, "auto")


def test_plain_amounts_are_whole_numbers() -> None:
    """In the format ``plain`` separators do not count."""
    assert holds(("12.500",), "amount", "12500", "plain")
    assert not holds(("1250",), "amount", "12500", "plain")


def test_all_values_of_a_number() -> None:
    """With a point and two digits a number may be whole, too: a speck may have been read as a point."""
    assert values("1,234.56") == {Decimal("123456"), Decimal("1234.56")}
    assert values("no number") == set()


def test_numbers_of_the_micr_line() -> None:
    """Routing and account number across spaces and marks, but not with a wrong or a missing digit; the check number alone."""
    lines = ("1: 0759 11713: 12-34 567", "1220 x")
    truth = {"routing": "075911713", "account": "1234567", "check_number": "1220"}
    assert set(outcomes_of_text(lines, truth, "auto").values()) == {"accepted_right"}  # type: ignore[arg-type]
    assert outcomes_of_text(lines, {"routing": "075911714", "account": "12345678", "check_number": "122"}, "auto") == {
        "routing": "accepted_wrong",
        "account": "accepted_wrong",
        "check_number": "accepted_wrong",
    }
