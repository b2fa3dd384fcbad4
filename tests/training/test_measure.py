"""Counting what was read: intervals, operating points and calibration on answers made by hand."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.reader.pipeline import CheckReader
from app.reader.second_reader import Fusion, SecondReaderInfo
from app.reader.types import Ink, LogProbs, ModelInfo, ModelName, ReadOptions, Scope
from tests.app.api.stub_reader import StubRecogniser, reading
from training.measure import (
    Answer,
    amount_answer,
    amount_model,
    as_rows,
    at_operating_point,
    counts,
    micr_answer,
    per_group,
    percent_with_interval,
    plain,
    read_file,
    wilson,
)


def answer(confidence: float, right: bool, accepted: bool = True, value: str | None = "12") -> Answer:
    """An answer to a field whose truth is 12."""
    return Answer("a.png", "", "12", value, value or "", confidence, accepted, right)


class StrictRecogniser(StubRecogniser):
    """States a threshold for two error rates."""

    def info(self, model: ModelName) -> ModelInfo:
        return replace(super().info(model), thresholds=((0.01, 0.9), (0.05, 0.5)))


class TwoReaders(StrictRecogniser):
    """Has a second reader, which states a threshold of its own."""

    def second_reader(self) -> SecondReaderInfo:
        return SecondReaderInfo("second", "sha256:0", "1", ("1",), Fusion(1.0, 1.0, 0.0), ((0.01, 0.7),), (1.0, 0.0))

    def slide(self, strips: Ink) -> LogProbs:
        return np.zeros((1, 1, 2), np.float32)


@pytest.mark.parametrize(
    ("successes", "trials", "low", "high"),
    [(0, 10, 0.0, 0.2775), (5, 10, 0.2366, 0.7634), (10, 10, 0.7225, 1.0), (81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605)],
)
def test_wilson_gives_the_published_intervals(successes: int, trials: int, low: float, high: float) -> None:
    """The examples of Newcombe 1998 (81 of 263, 15 of 148), and the ends."""
    assert wilson(successes, trials) == pytest.approx((low, high), abs=5e-5)


@given(st.integers(0, 500), st.integers(0, 500))
def test_wilson_holds_the_share_within_0_and_1(successes: int, failures: int) -> None:
    """The interval holds the observed share; what is a success and what a failure is a matter of the mirror."""
    trials = successes + failures
    low, high = wilson(successes, trials)
    assert 0.0 <= low < high <= 1.0
    if trials:
        assert low - 1e-12 <= successes / trials <= high + 1e-12
    mirrored = wilson(failures, trials)
    assert (1.0 - mirrored[1], 1.0 - mirrored[0]) == pytest.approx((low, high), abs=1e-12)


def test_shares_are_written_with_their_interval() -> None:
    """One decimal, in percent; no trials are no share."""
    assert percent_with_interval(5, 10) == "50.0 % (23.7-76.3)"
    assert percent_with_interval(0, 0) == "0.0 % (0.0-100.0)"


def test_counts_tell_right_from_accepted() -> None:
    """A right answer that was refused is right, but neither accepted and right nor accepted and wrong."""
    rows = [answer(0.9, True), answer(0.2, True, accepted=False), answer(0.8, False), answer(0.0, False, False, None)]
    found = counts(iter(rows))
    assert (found.count, found.right, found.accepted_right, found.accepted_wrong) == (4, 2, 1, 1)
    assert found.read_rate == 0.5
    assert counts([]).read_rate == 0.0


def test_an_operating_point_decides_by_confidence_alone() -> None:
    """Accepted from the threshold on; what has no value is never accepted; the answers themselves stay as they are."""
    reader = CheckReader(StrictRecogniser())
    rows = [answer(0.95, True, False), answer(0.9, False, False), answer(0.6, True), answer(0.4, True), answer(1.0, False, True, None)]
    strict, loose = at_operating_point(rows, reader, 0.01), at_operating_point(rows, reader, 0.05)
    assert [a.accepted for a in strict] == [True, True, False, False, False]
    assert [a.accepted for a in loose] == [True, True, True, False, False]
    assert not any(a.accepted for a in at_operating_point(rows, reader, 0.001))
    assert [replace(a, accepted=True) for a in strict] == [replace(a, accepted=True) for a in rows]


def test_zero_is_never_accepted() -> None:
    """Zero is no amount of a check, however sure the reading is."""
    rows = [answer(1.0, False, value="0.00"), answer(1.0, False, value="0.01")]
    assert [a.accepted for a in at_operating_point(rows, CheckReader(StrictRecogniser()), 0.01)] == [False, True]


def test_the_second_reader_states_the_thresholds_where_there_is_one() -> None:
    """Its calibration and thresholds were fitted on both readers' answers; without it the first one's hold."""
    assert amount_model(CheckReader(StrictRecogniser())).name == "courtesy_amount"
    found = amount_model(CheckReader(TwoReaders()))
    assert (found.name, found.thresholds) == ("second", ((0.01, 0.7),))


def test_a_physical_check_counts_once() -> None:
    """It is right where at least half of its pictures are; a picture without a group is a check of its own."""
    groups = {"a": (True, True, False), "b": (True, False), "c": (True, False, False)}
    rows = [replace(answer(0.9, right), group=name) for name, votes in groups.items() for right in votes]
    rows += [replace(answer(0.9, True), file="d.png"), replace(answer(0.9, False), file="e.png")]
    assert per_group(rows) == (3, 5)
    assert per_group([]) == (0, 0)


def test_amounts_are_compared_as_numbers() -> None:
    """1234.56 is 1234.56 and 01234.560, not 1234.57; a reading without an amount is wrong."""
    full = reading(ReadOptions())
    for truth, right in (("1234.56", True), ("01234.560", True), ("1234.57", False)):
        found = amount_answer(full, "a.png", "g", truth)
        assert (found.right, found.value, found.truth, found.accepted) == (right, "1234.56", truth, False)
    assert amount_answer(None, "a.png", "g", "5") == Answer("a.png", "g", "5", None, "", 0.0, False, False)
    assert amount_answer(replace(full, amount=None), "a.png", "g", "5").value is None


def test_a_digit_is_an_amount_of_one_figure() -> None:
    """A picture of one digit is compared by its digit."""
    digit = reading(ReadOptions(scope=Scope.DIGIT))
    assert digit.digit is not None
    value = digit.digit.value
    assert value is not None
    assert amount_answer(digit, "a.png", "", value).right
    assert not amount_answer(digit, "a.png", "", str((int(value) + 1) % 10)).right


def test_parts_of_the_line_are_compared_without_spaces_and_dashes() -> None:
    """Print and index differ in spaces and dashes; the digits must be the same."""
    full = reading(ReadOptions())
    assert micr_answer(full, "a.png", "", "12345-6789", "account_number").right
    assert micr_answer(full, "a.png", "", "075 911 713", "routing_number").right
    assert not micr_answer(full, "a.png", "", "075911714", "routing_number").right
    assert micr_answer(full, "a.png", "", "1237", "auxiliary_on_us").value is None
    assert not micr_answer(None, "a.png", "", "", "routing_number").right
    assert plain("12 3-4⑉5") == "12345"


def test_what_is_no_picture_has_no_reading(tmp_path: Path) -> None:
    """A file that cannot be decoded counts as not read; it stops nothing."""
    path = tmp_path / "a.png"
    path.write_bytes(b"no picture")
    assert read_file(CheckReader(StubRecogniser()), path, ReadOptions()) is None


def test_rows_are_plain_values() -> None:
    """What goes into a JSON file, confidence at six decimals."""
    (row,) = as_rows([answer(0.123456789, True)])
    assert json.loads(json.dumps(row)) == row
    assert row["confidence"] == 0.123457
