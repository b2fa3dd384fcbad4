"""Confidence, operating points, and the sentences of a refusal."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.reader.confidence import OperatingPoint, calibrated, operating_point, ordinal, refusal
from app.reader.types import RUBBISH, Alphabet, ModelInfo

MODEL = ModelInfo("courtesy_amount", "sha256:0", "1", Alphabet(("1", RUBBISH)), ((0.001, 0.99), (0.01, 0.9), (0.05, 0.7)), (1.0, 0.0))
POINT = OperatingPoint(0.01, 0.9)


@given(st.floats(-60, 0), st.floats(-60, 0), st.floats(0.1, 4), st.floats(-3, 3))
def test_confidence_is_a_probability_and_keeps_the_order(first: float, second: float, slope: float, intercept: float) -> None:
    """Between 0 and 1, and a greater posterior never has a smaller confidence."""
    low, high = sorted((first, second))
    a, b = calibrated(low, (slope, intercept)), calibrated(high, (slope, intercept))
    assert 0.0 <= a <= b <= 1.0


@given(st.floats(1e-6, 1 - 1e-6))
def test_without_calibration_it_is_the_posterior(posterior: float) -> None:
    """Slope 1 and intercept 0 change nothing."""
    assert calibrated(math.log(posterior), (1.0, 0.0)) == pytest.approx(posterior, rel=1e-4)


@pytest.mark.parametrize(
    ("max_error", "least"),
    [(0.001, 0.99), (0.005, 0.99), (0.01, 0.9), (0.02, 0.9), (0.05, 0.7), (0.5, 0.7), (1.0, 0.0), (0.0005, 1.1)],
)
def test_the_threshold_is_the_one_of_the_next_stricter_rate(max_error: float, least: float) -> None:
    """Between two stated rates the stricter holds; below the strictest nothing is accepted; at 1 everything is."""
    assert operating_point(MODEL, max_error) == OperatingPoint(max_error, least)


def symbols(text: str, doubtful: int = -1, other: str = "") -> list[tuple[str, float, tuple[tuple[str, float], ...]]]:
    return [(c, 0.5 if k == doubtful else 0.99, ((other, 0.4),) if k == doubtful else ()) for k, c in enumerate(text)]


def test_one_differing_digit_is_named() -> None:
    """The rival differs in one digit: it is said which, counting digits alone."""
    reason = refusal(symbols("$1,234.56"), "$1,284.56", 0.8, POINT)
    assert (reason.code, reason.text) == ("ambiguous_character", "The third digit may be a 3 or an 8.")


def test_a_doubtful_digit_is_named() -> None:
    """Without such a rival the least sure digit is."""
    reason = refusal(symbols("$12", 2, "7"), None, 0.8, POINT)
    assert reason.text == "The second digit may be a 2 or a 7."


def test_another_number_of_digits_is_said() -> None:
    """The ten-fold error: one digit more or less."""
    reason = refusal(symbols("600.00"), "6000.00", 0.8, POINT)
    assert reason.code == "ambiguous_segmentation"
    assert '"600.00" or "6000.00"' in reason.text


def test_a_doubtful_point_is_said() -> None:
    """The hundred-fold error: the same digits with and without the point."""
    reason = refusal(symbols("$248.50"), "$24850", 0.8, POINT)
    assert reason.code == "ambiguous_separator"
    assert '"$248.50" or "$24850"' in reason.text


def test_otherwise_the_figures_are_given() -> None:
    """What the confidence is and what would have been needed."""
    reason = refusal(symbols("600"), None, 0.8, POINT)
    assert (reason.code, reason.text) == ("low_confidence", "The confidence 0.800 is below 0.900, which an error rate of 0.01 asks for.")
    assert refusal(symbols("600"), None, 0.8, OperatingPoint(0.0001, 1.1)).code == "no_threshold"


def test_ordinals() -> None:
    """Words up to the twelfth, figures beyond."""
    assert [ordinal(k) for k in (0, 2, 11, 12)] == ["first", "third", "twelfth", "13th"]


def test_slope_and_intercept_act_on_the_log_odds() -> None:
    """sigmoid(slope * logit + intercept), for even odds and for odds of nine to one."""
    assert calibrated(math.log(0.5), (2.0, 1.0)) == pytest.approx(1 / (1 + math.exp(-1.0)))
    assert calibrated(math.log(0.9), (2.0, -1.0)) == pytest.approx(1 / (1 + math.exp(1.0) / 81))
