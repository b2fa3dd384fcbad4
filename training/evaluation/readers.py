"""What the second reader gains and costs: the same amounts by the first reader alone and by both."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from app.reader.pipeline import CheckReader
from app.reader.types import LogProbs, ModelInfo, ModelName, Patches, Recogniser
from training.evaluation.sets import Measured
from training.measure import Answer, at_operating_point, counts, percent_with_interval

RATE = 0.01  # stated, and of the observed errors


class FirstAlone:
    """A recogniser without its second reader; the first reader's own calibration and thresholds then hold."""

    def __init__(self, recogniser: Recogniser) -> None:
        self._recogniser = recogniser

    def info(self, model: ModelName) -> ModelInfo:
        """As the recogniser behind it."""
        return self._recogniser.info(model)

    def score(self, patches: Patches, model: ModelName) -> LogProbs:
        """As the recogniser behind it."""
        return self._recogniser.score(patches, model)


def first_alone(reader: CheckReader) -> CheckReader:
    """The reader without its second opinion."""
    return CheckReader(FirstAlone(reader.recogniser))


def most_right(answers: Sequence[Answer], rate: float) -> int:
    """How many answers are accepted and right at the lowest threshold at which at most ``rate`` of all are accepted and wrong: what
    the order of the confidences is worth, whatever the thresholds."""
    rows = sorted((a for a in answers if a.value is not None), key=lambda a: -a.confidence)
    wrong = np.cumsum([not a.right for a in rows])
    ends = np.array([k + 1 == len(rows) or rows[k + 1].confidence < a.confidence for k, a in enumerate(rows)], bool)
    holding = np.flatnonzero((wrong <= rate * len(answers)) & ends)
    return int(holding[-1] + 1 - wrong[holding[-1]]) if len(holding) else 0


def readers_block(alone: tuple[CheckReader, Measured], both: tuple[CheckReader, Measured]) -> str:
    """The table of both readers beside the first alone; labels after corrections. Times are of one run, in turns set by set."""
    rows = [
        f"| readers | right without refusal | accepted and right at `max_error` {RATE:g} | wrong there | right with at most 1 % wrong, "
        "whatever the threshold | time of a reading |",
        "|---|---|---|---|---|---|",
    ]
    for name, (reader, measured) in (("the first alone", alone), ("both", both)):
        total, c = counts(measured.answers), counts(at_operating_point(measured.answers, reader, RATE))
        best = percent_with_interval(most_right(measured.answers, RATE), total.count)
        share = measured.milliseconds / alone[1].milliseconds if alone[1].milliseconds else 1.0
        rows.append(
            f"| {name} | {percent_with_interval(total.right, total.count)} | {percent_with_interval(c.accepted_right, c.count)} | "
            f"{c.accepted_wrong} of {c.count} | {best} | {share:.2f} |"
        )
    return "\n".join(rows)
