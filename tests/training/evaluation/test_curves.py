"""Curves on answers made by hand."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.evaluation.curves import as_json, calibration_error, curve, curve_points, one_per_check, point, reliability
from training.measure import Answer, wilson


def answer(confidence: float, right: bool, value: str | None = "12") -> Answer:
    """An answer to a field whose truth is 12."""
    return Answer("a.png", "", "12", value, value or "", confidence, False, right)


ANSWERS = st.lists(st.builds(answer, st.sampled_from([0.1, 0.4, 0.4000001, 0.9, 1.0]), st.booleans()), min_size=1, max_size=40)


def test_a_point_gives_rates_and_intervals() -> None:
    """Of all, and of the accepted alone."""
    found = point(0.5, 6, 2, 10)
    assert (found.accepted, found.read_rate, found.error_rate, found.of_accepted) == (8, 0.6, 0.2, 0.25)
    assert (found.read_low, found.read_high) == wilson(6, 10)
    assert (found.error_low, found.error_high) == wilson(2, 10)
    assert (found.of_accepted_low, found.of_accepted_high) == wilson(2, 8)


def test_a_curve_goes_from_the_surest_answer_to_all() -> None:
    """Answers of one confidence are accepted together; what has no value is never accepted and counts among all."""
    rows = [answer(0.9, True), answer(0.5, False), answer(0.5, True), answer(0.2, False), answer(0.99, False, None)]
    found = curve_points(rows)
    assert [(p.threshold, p.accepted, p.read_rate, p.error_rate) for p in found] == [
        (0.9, 1, 0.2, 0.0),
        (0.5, 3, 0.4, 0.2),
        (0.2, 4, 0.4, 0.4),
    ]
    assert curve_points([]) == ()
    assert curve_points([answer(0.9, True, None)]) == ()


@given(ANSWERS, st.integers(1, 6))
def test_points_are_what_counting_says(rows: list[Answer], most: int) -> None:
    """Each is the count of answers from its threshold on; at most as many as asked for, the last with everything."""
    found = curve_points(rows, most)
    assert len(found) <= most
    for p in found:
        accepted = [a for a in rows if a.confidence >= p.threshold]
        assert p.accepted == len(accepted)
        assert p.read_rate == pytest.approx(sum(a.right for a in accepted) / len(rows))
        assert p.error_rate == pytest.approx(sum(not a.right for a in accepted) / len(rows))
    if most > 1:
        assert found[-1].accepted == len(rows)


def test_bins_hold_equally_many() -> None:
    """By rising confidence; no bin is empty, none is left out."""
    bins = reliability([answer(k / 25, k > 12) for k in range(25)])
    assert [b.count for b in bins] == [3] * 5 + [2] * 5
    assert [b.confidence for b in bins] == sorted(b.confidence for b in bins)
    assert (bins[0].right, bins[-1].right) == (0.0, 1.0)
    assert len(reliability([answer(0.5, True)] * 3)) == 3


def test_calibration_error_is_the_mean_gap_over_bins() -> None:
    """Certain and always right: none. Certain and always wrong: one."""
    assert calibration_error(reliability([answer(1.0, True)] * 20)) == 0.0
    assert calibration_error(reliability([answer(1.0, False)] * 7)) == 1.0
    mixed = [answer(0.75, k % 4 != 0) for k in range(40)] + [answer(0.25, k % 4 == 0) for k in range(40)]
    assert calibration_error(reliability(mixed, 2)) == pytest.approx(0.0)
    # 0.2 against 0 in the lower half, 0.6 against 1 in the upper: (0.2 + 0.4) / 2
    halves = [answer(0.6, True), answer(0.2, False), answer(0.6, True), answer(0.2, False)]
    assert calibration_error(reliability(halves, 2)) == pytest.approx(0.3)
    assert calibration_error(reliability([])) == 0.0


def test_a_check_is_in_a_curve_once() -> None:
    """By its first picture; pictures without a group stand for themselves."""
    rows = [replace(answer(0.9, True), group=group, file=file) for group, file in (("g", "1"), ("g", "2"), ("", "3"), ("", "4"))]
    assert [a.file for a in one_per_check(rows)] == ["1", "3", "4"]


def test_a_curve_becomes_plain_values() -> None:
    """Lists, numbers with six decimals at most, and no amount."""
    found = as_json(curve("set", [answer(1 / 3, True), answer(0.1, False)]))
    assert (found["title"], found["count"]) == ("set", 2)
    points = found["points"]
    assert isinstance(points, list)
    assert points[0]["threshold"] == 0.333333
    assert set(points[0]) == {
        *("threshold", "accepted", "read_rate", "read_low", "read_high", "error_rate", "error_low", "error_high"),
        *("of_accepted", "of_accepted_low", "of_accepted_high"),
    }
