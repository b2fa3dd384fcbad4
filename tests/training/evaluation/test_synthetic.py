"""Unseen synthetic fields: always the same ones, read through the reader, judged by their interval."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

import numpy as np
import pytest

from app.reader.pipeline import CheckReader
from app.reader.types import AMOUNT_FORMATS
from tests.app.api.stub_reader import StubRecogniser
from training.evaluation import synthetic
from training.evaluation.synthetic import draw_unseen, field_answer, holds, jobs_of, run_job, synthetic_block, unseen_fields
from training.measure import Answer
from training.shards import pens_for
from training.synthetic.pens import PenSet

READER = CheckReader(StubRecogniser())


def test_a_field_is_the_same_every_time_and_no_other() -> None:
    """It follows from its number alone; all formats occur."""
    first, again, other = draw_unseen(7, None), draw_unseen(7, None), draw_unseen(8, None)
    assert np.array_equal(first.picture, again.picture)
    assert first.value == again.value
    assert first.picture.shape != other.picture.shape or not np.array_equal(first.picture, other.picture)
    assert {draw_unseen(number, None).amount_format for number in range(20)} == set(AMOUNT_FORMATS)


def test_one_field_in_four_has_the_rarer_shapes(monkeypatch: pytest.MonkeyPatch) -> None:
    """All by held-out writers; the mix is that of the recipe's held-out fields."""
    asked: list[tuple[str, bool]] = []

    def pens(data_root: None, split: Literal["train", "held_out"], rare: bool = False) -> PenSet:
        asked.append((split, rare))
        return pens_for(data_root, split, rare)

    monkeypatch.setattr(synthetic, "pens_for", pens)
    for number in range(8):
        draw_unseen(number, None)
    assert asked == [("held_out", number % 4 == 0) for number in range(8)]


def test_a_field_goes_through_the_reader() -> None:
    """In its own format, against its own value."""
    drawn = draw_unseen(3, None)
    found = field_answer(READER, drawn, 3)
    assert (found.file, found.group, found.truth) == ("synthetic 3", drawn.amount_format, drawn.value)
    with pytest.raises(ValueError, match="no amount"):
        field_answer(READER, replace(drawn, amount_format=None), 3)


@pytest.mark.parametrize("count", [0, 1, 50, 51, 120])
def test_every_field_is_in_one_job(count: int) -> None:
    """In order, none twice."""
    numbers = [number for job in jobs_of(count, None, None) for number in range(job.first, job.first + job.count)]
    assert numbers == list(range(count))


def test_fields_come_back_in_order(monkeypatch: pytest.MonkeyPatch) -> None:
    """One answer a field, by number."""
    monkeypatch.setattr(synthetic, "reader_of", lambda model_dir: READER)
    monkeypatch.setattr(synthetic, "FIELDS_PER_JOB", 2)
    found = unseen_fields(3, None, workers=1)
    assert [a.file for a in found] == ["synthetic 0", "synthetic 1", "synthetic 2"]
    assert run_job(next(jobs_of(1, None, None))) == [found[0]]


@pytest.mark.parametrize(
    ("wrong", "rate", "word"), [(0, 0.001, "yes"), (10, 0.001, "no"), (2, 0.001, "yes"), (15, 0.01, "yes"), (40, 0.01, "no")]
)
def test_a_rate_holds_within_its_interval(wrong: int, rate: float, word: str) -> None:
    """Of a thousand answers: it holds until the lower end of the interval is above it."""
    assert holds(wrong, 1000, rate) == word


def test_the_block_says_what_holds() -> None:
    """Read rates by format, and a row a stated rate; the stub's model states 0.9 for one percent."""
    sure = Answer("a", "us", "1", "1", "1", 0.95, False, True)
    wrong = replace(sure, group="in", right=False)
    text = synthetic_block(READER, [sure] * 95 + [wrong] * 5)
    assert "**95 of 100: 95.0 % (88.8-97.8)**; `in` 0.0 % (0.0-43.4) of 5, `us` 100.0 % (96.1-100.0) of 95." in text
    assert "| 0.01 | 95.0 % (88.8-97.8) | 5 of 100: 5.00 % (2.15-11.18) | no |" in text
    assert "| 0.05 | 95.0 % (88.8-97.8) | 5 of 100: 5.00 % (2.15-11.18) | yes |" in text
    assert "| 0.001 | 0.0 % (0.0-3.7) | 0 of 100: 0.00 % (0.00-3.70) | yes |" in text
