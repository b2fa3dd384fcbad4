"""Read rate against error rate over all thresholds, and the reliability of the confidence.

Rates are shares of *all* answers of a set; ``of_accepted`` alone is a share of the accepted ones. Intervals are 95 %
Wilson intervals.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass

import numpy as np

from training.measure import Answer, wilson

MOST_POINTS = 60
BINS = 10


@dataclass(frozen=True, slots=True)
class CurvePoint:
    """What a set comes to if answers are accepted from ``threshold`` on."""

    threshold: float
    accepted: int
    read_rate: float  # accepted and right, of all
    read_low: float
    read_high: float
    error_rate: float  # accepted and wrong, of all
    error_low: float
    error_high: float
    of_accepted: float  # wrong, of the accepted
    of_accepted_low: float
    of_accepted_high: float


@dataclass(frozen=True, slots=True)
class ReliabilityBin:
    """Answers of similar confidence: their mean confidence beside the share that is right."""

    count: int
    confidence: float
    right: float
    right_low: float
    right_high: float


@dataclass(frozen=True, slots=True)
class Curve:
    """One set: its title, its points by rising count of accepted answers, and its reliability."""

    title: str
    count: int
    points: tuple[CurvePoint, ...]
    bins: tuple[ReliabilityBin, ...]
    calibration_error: float  # mean distance of confidence and share right over the bins, weighted by count


def point(threshold: float, right: int, wrong: int, count: int) -> CurvePoint:
    """The rates of ``right`` and ``wrong`` accepted answers of ``count``."""
    accepted = right + wrong
    return CurvePoint(
        threshold, accepted,
        right / max(1, count), *wilson(right, count),
        wrong / max(1, count), *wilson(wrong, count),
        wrong / max(1, accepted), *wilson(wrong, accepted),
    )  # fmt: skip


def curve_points(answers: Sequence[Answer], most: int = MOST_POINTS) -> tuple[CurvePoint, ...]:
    """Up to ``most`` points, the last with everything accepted that has a value. Answers of one confidence are accepted
    together or not at all."""
    rows = sorted((a for a in answers if a.value is not None), key=lambda a: -a.confidence)
    if not rows:
        return ()
    right = np.cumsum([a.right for a in rows])
    ends = [k for k, a in enumerate(rows) if k + 1 == len(rows) or rows[k + 1].confidence < a.confidence]
    chosen = sorted({ends[round(float(place))] for place in np.linspace(0, len(ends) - 1, min(most, len(ends)))})
    return tuple(point(rows[k].confidence, int(right[k]), k + 1 - int(right[k]), len(answers)) for k in chosen)


def reliability(answers: Sequence[Answer], bins: int = BINS) -> tuple[ReliabilityBin, ...]:
    """Bins of equal count by rising confidence; none that is empty."""
    rows = sorted(answers, key=lambda a: a.confidence)
    out = []
    for part in np.array_split(np.arange(len(rows)), bins):
        if len(part):
            right = sum(rows[k].right for k in part)
            mean = float(np.mean([rows[k].confidence for k in part]))
            out.append(ReliabilityBin(len(part), mean, right / len(part), *wilson(right, len(part))))
    return tuple(out)


def calibration_error(bins: Sequence[ReliabilityBin]) -> float:
    """Expected calibration error, 0 to 1 (Naeini et al. 2015)."""
    return sum(abs(b.confidence - b.right) * b.count for b in bins) / max(1, sum(b.count for b in bins))


def curve(title: str, answers: Sequence[Answer]) -> Curve:
    """The curve of a set."""
    bins = reliability(answers)
    return Curve(title, len(answers), curve_points(answers), bins, calibration_error(bins))


def one_per_check(answers: Sequence[Answer]) -> list[Answer]:
    """The first picture of each physical check, so that a check that was photographed five times counts once."""
    seen: dict[str, Answer] = {}
    for answer in answers:
        seen.setdefault(answer.group or answer.file, answer)
    return list(seen.values())


def as_json(found: Curve) -> dict[str, object]:
    """The curve as plain values, rates to six decimals."""
    return {name: _rounded(value) for name, value in asdict(found).items()}


def _rounded(value: object) -> object:
    if isinstance(value, float):
        return round(value, 6)
    if isinstance(value, dict):
        return {name: _rounded(inner) for name, inner in value.items()}
    return [_rounded(inner) for inner in value] if isinstance(value, (list, tuple)) else value
