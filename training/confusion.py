"""Which digit is taken for which: single characters through a recogniser, counted. numpy only."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Patches = npt.NDArray[np.float32]  # (N, 1, 32, 32), ink = 1.0, paper = 0.0
LogProbs = npt.NDArray[np.float32]  # (N, C): natural log of P(class c | patch n)
ScorePatches = Callable[[Patches], LogProbs]

DIGITS = tuple("0123456789")


@dataclass(frozen=True, slots=True)
class Misreading:
    """Sample ``index`` shows class ``truth`` and was read as class ``answer`` with P(answer) = ``confidence``."""

    index: int
    truth: int
    answer: int
    confidence: float


@dataclass(frozen=True, slots=True, eq=False)
class ConfusionMatrix:
    """``counts[t, a]``: how often class t was read as class a; ``misreadings`` the same sample by sample, in order."""

    symbols: tuple[str, ...]
    counts: npt.NDArray[np.int64]  # (C, C), rows = truth
    misreadings: tuple[Misreading, ...]

    @property
    def total(self) -> int:
        return int(self.counts.sum())

    @property
    def errors(self) -> int:
        return len(self.misreadings)

    @property
    def error_rate(self) -> float:
        """Wrong answers over all, 0 to 1; 0 for no samples at all."""
        return self.errors / self.total if self.total else 0.0

    def text(self) -> str:
        """The matrix as a table for people: rows are the truth, columns the answer, dots are zeros."""
        width = max(5, len(str(self.counts.max(initial=0))) + 1)
        head = "truth" + "".join(symbol.rjust(width) for symbol in self.symbols) + "  wrong"
        lines = [head]
        for truth, row in enumerate(self.counts):
            cells = "".join((str(n) if n else ".").rjust(width) for n in row)
            lines.append(self.symbols[truth].rjust(5) + cells + str(int(row.sum() - row[truth])).rjust(7))
        lines.append(f"{self.errors} of {self.total} wrong: {100.0 * self.error_rate:.2f} %")
        return "\n".join(lines)


def evaluate_digits(
    score: ScorePatches, patches: Patches, labels: npt.NDArray[np.int64], symbols: Sequence[str] = DIGITS, batch: int = 1000
) -> ConfusionMatrix:
    """Read every patch; class c means ``symbols[c]``.

    ``score`` may know more classes than ``symbols`` (separators, rubbish): the answer is the best of the first C, and
    its confidence the share that the answer has among *all* classes. Raises ``ValueError`` for labels out of range.
    """
    classes = len(symbols)
    if labels.shape != (len(patches),) or (len(labels) and not 0 <= labels.min() <= labels.max() < classes):
        raise ValueError(f"labels must be one class from 0 to {classes - 1} per patch; given: {labels.shape} for {len(patches)} patches")
    counts = np.zeros((classes, classes), np.int64)
    misreadings: list[Misreading] = []
    for first in range(0, len(patches), batch):
        log_probs = score(patches[first : first + batch])
        answers = np.argmax(log_probs[:, :classes], axis=1)
        truths = labels[first : first + batch]
        np.add.at(counts, (truths, answers), 1)
        for row in np.flatnonzero(answers != truths):
            confidence = float(np.exp(log_probs[row, answers[row]]))
            misreadings.append(Misreading(first + int(row), int(truths[row]), int(answers[row]), confidence))
    return ConfusionMatrix(tuple(symbols), counts, tuple(misreadings))
