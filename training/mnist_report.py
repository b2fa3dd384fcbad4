"""The results of the runs on MNIST as JSON, written by the command that measured them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class RunResult:
    """One run: ``chosen_epoch`` had the fewest errors on the validation writers; the test digits were read once, after."""

    seed: int
    epochs: int
    chosen_epoch: int
    validation_error: float  # 0..1, on writers of the training part that were not fitted
    test_errors: int
    test_digits: int

    @property
    def test_error(self) -> float:
        return self.test_errors / self.test_digits


def summary(results: Sequence[RunResult]) -> dict[str, object]:
    """The runs with mean and spread of their test errors, in per cent. Raises ``ValueError`` for no runs."""
    if not results:
        raise ValueError("no run to report")
    errors = [100.0 * result.test_error for result in results]
    return {
        "test_error_percent": {
            "mean": round(sum(errors) / len(errors), 4),
            "least": round(min(errors), 4),
            "greatest": round(max(errors), 4),
        },
        "runs": [{**asdict(result), "test_error_percent": round(100.0 * result.test_error, 4)} for result in results],
    }


def as_table(stored: Mapping[str, Any]) -> str:
    """What ``write_report`` stored as a Markdown table, one row per network."""
    lines = ["| network | test error, mean | least to greatest | seeds | epochs chosen | command |", "|---|---|---|---|---|---|"]
    for network, result in sorted(stored.items()):
        error, runs = result["test_error_percent"], result["runs"]
        seeds, epochs = (", ".join(str(run[key]) for run in runs) for key in ("seed", "chosen_epoch"))
        spread = f"{error['least']:.2f} to {error['greatest']:.2f} %"
        lines.append(f"| {network} | {error['mean']:.2f} % | {spread} | {seeds} | {epochs} | `{result['command']}` |")
    return "\n".join(lines)


def write_report(
    path: Path, network: str, recipe: Mapping[str, object], results: Sequence[RunResult], confusion: str, command: str
) -> None:
    """Put the results of one network into the JSON file, beside those of the others, atomically.

    ``confusion`` is the confusion matrix of the last run as text, kept line by line.
    """
    stored = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    stored[network] = {"command": command, **summary(results), "recipe": dict(recipe), "confusion_of_last_run": confusion.splitlines()}
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(path.name + ".partial")
    partial.write_text(json.dumps(stored, indent=2, sort_keys=True) + "\n", encoding="utf-8")
    partial.replace(path)
