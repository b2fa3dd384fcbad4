"""The JSON of the results."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from training.mnist_report import RunResult, as_table, summary, write_report

RUNS = [RunResult(1, 40, 38, 0.006, 50, 10_000), RunResult(2, 40, 40, 0.0055, 40, 10_000)]


def test_mean_and_spread_are_those_of_the_runs() -> None:
    """In per cent, over the seeds."""
    assert summary(RUNS)["test_error_percent"] == {"mean": 0.45, "least": 0.4, "greatest": 0.5}
    with pytest.raises(ValueError, match="no run"):
        summary([])


def test_results_of_another_network_stay(tmp_path: Path) -> None:
    """Each command writes its own part, and writing it again replaces it."""
    path = tmp_path / "docs" / "mnist.json"
    write_report(path, "modern", {"epochs": 40}, RUNS, "a\nb", "command 1")
    write_report(path, "original", {"epochs": 20}, RUNS[:1], "c", "command 2")
    write_report(path, "modern", {"epochs": 40}, RUNS[1:], "a\nb", "command 3")
    stored = json.loads(path.read_text())
    assert (stored["modern"]["command"], stored["original"]["command"]) == ("command 3", "command 2")
    assert [run["seed"] for run in stored["modern"]["runs"]] == [2]
    assert stored["modern"]["confusion_of_last_run"] == ["a", "b"]
    assert [file.name for file in path.parent.iterdir()] == ["mnist.json"]


def test_the_table_states_what_was_stored(tmp_path: Path) -> None:
    """One row per network with mean, spread, seeds and the command that measured it."""
    write_report(tmp_path / "mnist.json", "modern", {}, RUNS, "", "python -m x")
    rows = as_table(json.loads((tmp_path / "mnist.json").read_text())).splitlines()
    assert rows[2:] == ["| modern | 0.45 % | 0.40 to 0.50 % | 1, 2 | 38, 40 | `python -m x` |"]
