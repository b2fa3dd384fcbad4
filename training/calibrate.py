"""Calibration and operating points: from posteriors on fields by writers that training has not seen.

Confidence = sigmoid(slope * logit(posterior) + intercept), fitted by maximum likelihood (Platt 1999). The threshold for
a stated error rate is the least confidence at which the share of wrong accepted answers among *all* fields stays at or
below that rate.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from app.reader.confidence import calibrated
from app.reader.courtesy_amount import amount_grammar
from app.reader.interpretation import by_value
from app.reader.micr_line import line_grammar
from app.reader.types import AMOUNT_FORMATS, Alphabet, Field, LogProbs, ModelName, Path, SegmentationLattice
from app.reader.viterbi import best_paths
from training.shards import Shard

Doubles = npt.NDArray[np.float64]
ScoreFunction = Callable[[npt.NDArray[np.int8]], LogProbs]  # patches (A, 32, 32) int8 -> (A, C)

STATED_RATES = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2)


@dataclass(frozen=True, slots=True, eq=False)
class Outcomes:
    """Answers on fields with truth: ``log_posterior`` (F,), -inf where nothing was read; ``right`` (F,)."""

    log_posterior: Doubles
    right: npt.NDArray[np.bool_]


def bare_lattice(shard: Shard, number: int) -> SegmentationLattice:
    """The lattice of field ``number`` of a shard, with nodes and arcs but without pictures."""
    first, last = shard.offsets[number], shard.offsets[number + 1]
    target = shard.target[first:last].astype(np.int32)
    pieces = int(target.max()) if len(target) else 0
    empty = np.zeros((1, 1), np.float32)
    return SegmentationLattice(
        field=Field("courtesy_amount", (0, 0, 1, 1), empty, 0.0),
        ink=empty,
        pieces=np.zeros((1, 1), np.int32),
        piece_boxes=np.zeros((pieces, 4), np.int32),
        source=shard.source[first:last].astype(np.int32),
        target=target,
        boxes=np.zeros((last - first, 4), np.int32),
        digit_height_px=20.0,
        midline_px=0.0,
        lattice_to_page=np.eye(3),
    )


def answer(paths: tuple[Path, ...], amount_format: str) -> tuple[str, float]:
    """(value, log posterior) of the best answer, ("", -inf) where there is none. As the reader does it: texts that state the
    same amount answer together; a MICR line ("" as its format) is its text."""
    if not paths:
        return "", -np.inf
    for known in AMOUNT_FORMATS:
        if amount_format == known:
            value, _, _, log_posterior = by_value(paths, known)[0]
            return value, log_posterior
    return paths[0].text, paths[0].log_posterior


def answer_is_right(paths: tuple[Path, ...], text: str, value: str, amount_format: str) -> bool:
    """Whether the best answer is the true value (amounts) or the true symbols (MICR lines)."""
    truth = value if amount_format in AMOUNT_FORMATS else text.replace(" ", "")
    return bool(paths) and answer(paths, amount_format)[0] == truth


def read_fields(shard: Shard, score: ScoreFunction, alphabet: Alphabet, model: ModelName) -> Outcomes:
    """Read every field of a shard through lattice and grammar."""
    log_probs = score(shard.patches)
    posterior, right = [], []
    for number, (text, value, amount_format) in enumerate(zip(shard.texts, shard.values, shard.formats, strict=True)):
        rows = log_probs[shard.offsets[number] : shard.offsets[number + 1]]
        known = [f for f in AMOUNT_FORMATS if f == amount_format]
        grammar = line_grammar() if model == "micr_e13b" else amount_grammar(known[0])
        paths = best_paths(bare_lattice(shard, number), rows, alphabet, grammar)
        posterior.append(answer(paths, amount_format)[1])
        right.append(answer_is_right(paths, text, value, amount_format))
    return Outcomes(np.array(posterior, np.float64), np.array(right, bool))


def fit_platt(outcomes: Outcomes) -> tuple[float, float]:
    """(slope, intercept) of maximum likelihood by Newton steps, over the fields that were read at all."""
    read = np.isfinite(outcomes.log_posterior)
    if not read.any() or outcomes.right[read].all() or not outcomes.right[read].any():
        return 1.0, 0.0
    logit = np.array([np.log(p) - np.log1p(-p) for p in (calibrated(v, (1.0, 0.0)) for v in outcomes.log_posterior[read])])
    logit = np.clip(logit, -20.0, 20.0)
    design = np.stack([logit, np.ones_like(logit)], axis=1)
    truth = outcomes.right[read].astype(np.float64)
    weights = np.array([1.0, 0.0])
    for _ in range(50):
        guess = 1.0 / (1.0 + np.exp(-(design @ weights)))
        curvature = (design * (guess * (1 - guess))[:, None]).T @ design + 1e-6 * np.eye(2)
        step = np.linalg.solve(curvature, design.T @ (truth - guess))
        weights = weights + np.clip(step, -1.0, 1.0)
        if np.abs(step).max() < 1e-8:
            break
    return float(max(weights[0], 1e-3)), float(weights[1])


def thresholds(outcomes: Outcomes, calibration: tuple[float, float]) -> tuple[tuple[float, float], ...]:
    """((stated error rate, least confidence), …) by rising rate; a rate that no threshold holds is left out."""
    confidence = np.array([calibrated(v, calibration) if np.isfinite(v) else 0.0 for v in outcomes.log_posterior])
    order = np.argsort(-confidence, kind="stable")
    falling = confidence[order]
    wrong = np.cumsum(~outcomes.right[order]) / len(order)
    ends = np.append(falling[:-1] > falling[1:], True)[: len(order)]  # answers of one confidence are accepted together or not at all
    out: list[tuple[float, float]] = []
    for rate in STATED_RATES:
        holding = np.flatnonzero((wrong <= rate) & ends)
        if len(holding):
            last = int(holding[-1])
            out.append((rate, 0.0 if last + 1 == len(order) else between(float(falling[last]), float(falling[last + 1]))))
    return tuple(out)


def between(upper: float, lower: float) -> float:
    """A threshold that ``upper`` reaches and ``lower`` does not: their middle, at six decimals where those tell them apart."""
    middle = (upper + lower) / 2.0
    return next((float(v) for v in (round(middle, 6), middle) if lower < v <= upper), upper)
