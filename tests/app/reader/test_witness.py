"""The amount in the MICR line as a witness."""

from __future__ import annotations

import pytest

from app.reader.types import AmountReading, Decision, MicrReading, Reason
from app.reader.witness import with_witness

DOUBT = Reason("low_confidence", "The reading is not sure enough.")


def amount(value: str | None, confidence: float = 0.7, reason: Reason | None = DOUBT) -> AmountReading:
    """An amount that was refused for ``reason``, accepted without one."""
    decision: Decision = "not_found" if value is None else "refused" if reason else "accepted"
    cents = None if value is None else round(float(value) * 100)
    return AmountReading(decision, reason, value, cents, "USD", value or "", confidence, 0.01, None, (), ())


def line(printed: str | None, accepted: bool = True) -> MicrReading:
    """A MICR line with this amount."""
    decision: Decision = "accepted" if accepted else "refused"
    nothing = (None,) * 6
    return MicrReading(decision, None, "", "us_business", 0.99, 0.01, None, (), *nothing, printed, (), ())


def test_a_witness_that_agrees_takes_the_doubt_away() -> None:
    """Two independent readings of one amount: accepted, and surer than either."""
    heard = with_witness(amount("12.50"), line("12.50"))
    assert heard is not None
    assert (heard.decision, heard.reason, heard.value) == ("accepted", None, "12.50")
    assert heard.confidence == pytest.approx(0.997)


def test_a_witness_that_says_another_amount_refuses() -> None:
    """Also what was accepted; the value as read stays, and both stand in the reason."""
    heard = with_witness(amount("12.50", 0.99, None), line("1250.00"))
    assert heard is not None
    assert (heard.decision, heard.value) == ("refused", "12.50")
    assert heard.reason is not None
    assert heard.reason.code == "micr_amount_differs"
    assert "1250.00" in heard.reason.text
    assert "12.50" in heard.reason.text


@pytest.mark.parametrize("code", ["zero_amount", "negative_amount"])
def test_some_reasons_stay(code: str) -> None:
    """A negative amount is none, whatever a bank printed."""
    before = amount("12.50", 0.99, Reason(code, ""))
    assert with_witness(before, line("12.50")) is before


@pytest.mark.parametrize("micr", [None, line(None), line("1250.00", accepted=False), line("0.00")])
def test_without_a_sure_witness_nothing_changes(micr: MicrReading | None) -> None:
    """No line, no amount field, a line that was refused, a field of zeros."""
    before = amount("12.50")
    assert with_witness(before, micr) is before


def test_without_an_amount_there_is_nothing_to_witness() -> None:
    """Not asked for, or not found."""
    nothing = amount(None, 0.0)
    assert with_witness(None, line("12.50")) is None
    assert with_witness(nothing, line("12.50")) is nothing
