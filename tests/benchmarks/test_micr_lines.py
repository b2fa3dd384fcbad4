"""Counting MICR lines of clean checks."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks import micr_lines
from benchmarks.micr_lines import LineResult, kept_results, lines_block, main, measure, read_check
from training.synthetic.kit import FORMS, KINDS


def test_clean_checks_are_read() -> None:
    """The shipped model reads six of them without an error, and a number gives the same check every time."""
    results = [read_check(number) for number in range(6)]
    assert all(result.right for result in results)
    assert sum(result.decision == "accepted" for result in results) >= 5
    assert read_check(3) == results[3]
    assert len({result.printed for result in results}) == 6


def test_the_plan_is_that_of_clean_test_checks() -> None:
    """No fault, the reserved part, upright, all forms and kinds."""
    plan = micr_lines.PLAN
    assert (plan.part, plan.faults, plan.turns) == ("test", (), (0,))
    assert (set(plan.forms), set(plan.kinds)) == (set(FORMS), set(KINDS))


def test_lines_are_counted() -> None:
    """By form and kind; refused ones apart from wrong ones; the bar at 99.5 %."""
    results = [
        LineResult(0, "us_personal", "grey", "⑆123⑆", "⑆123⑆", "accepted"),
        LineResult(1, "us_personal", "photo", "⑆123⑆", "⑆173⑆", "accepted"),
        LineResult(2, "canadian", "grey", "⑆123⑆", "⑆1*3⑆", "refused"),
    ]
    text = lines_block(results)
    assert "| all | 3 | 1: 33.3 % (6.1-79.2) | 2 | 1 |" in text
    assert "| `us_personal` | 2 | 1: 50.0 %" in text
    assert "| photo | 1 | 0: 0.0 %" in text
    assert "not reached (1 of 3)" in text
    assert "wholly right: reached (1 of 1)" in lines_block(results[:1])


def test_a_stopped_run_is_gone_on_with(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is kept is not read again, and comes back in the order of the numbers."""
    read: list[int] = []

    def answer(number: int) -> LineResult:
        read.append(number)
        return LineResult(number, "canadian", "grey", "⑆1⑆", "⑆1⑆", "accepted")

    monkeypatch.setattr(micr_lines, "read_check", answer)
    kept = tmp_path / "kept.jsonl"
    measure(2, 1, kept)
    assert [result.number for result in measure(4, 1, kept)] == [0, 1, 2, 3]
    assert read == [0, 1, 2, 3]
    assert kept_results(kept) == measure(4, 1, kept)


def test_no_checks_are_refused() -> None:
    """With the usage."""
    with pytest.raises(SystemExit) as raised:
        main(["--checks", "0"])
    assert raised.value.code == 2
