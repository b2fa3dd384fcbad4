"""The second reader of an amount: LeNet-5 slid over the whole field, without any segmentation (the paper's space displacement
network, section VII, trained with CTC: Graves et al. 2006). It corroborates: where both readers agree the answer is surer.

Its output is one row of log-probabilities per place, class 0 being "no character here". The probability of a text is the sum
over all ways to spell it along the places; the texts asked for are those that the first reader found, and its own best one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import cv2
import numpy as np
import numpy.typing as npt

from app.reader.grammar import Grammar
from app.reader.types import (
    MODEL_OF_FIELD,
    Alphabet,
    Ink,
    LogProbs,
    ModelInfo,
    Path,
    Recogniser,
    SegmentationLattice,
)
from app.reader.viterbi import spelled

BLANK = 0
ROOM_PX = 16  # paper on either end of a strip, so that the first and the last character can be centred
# (slant, width, height) of the views of one strip: straight as it is, slanted to either side, narrower and wider, lower and higher
VIEWS = ((0.0, 1.0, 1.0), (0.15, 1.0, 1.0), (-0.15, 1.0, 1.0), (0.0, 0.9, 1.0), (0.0, 1.1, 1.0), (0.0, 0.95, 0.9), (0.0, 1.05, 1.1))
PLACES_A_SCALE = 8  # after so many places the sums are brought back to 1, far from the smallest double
LEAST_SUM = 1e-300

Doubles = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Fusion:
    """How the two readers' opinions of one value are weighed: first * log posterior of the first reader + second * log-probability
    of the second, against ``none`` for "neither is right". Fitted on fields that training has not seen."""

    first: float
    second: float
    none: float


@dataclass(frozen=True, slots=True)
class SecondReaderInfo:
    """What the model file of the second reader says of itself. Where it is there, its calibration and thresholds hold for amounts."""

    name: str
    digest: str  # "sha256:…" of the file
    version: str
    symbols: tuple[str, ...]  # class k + 1; class 0 is "no character here"
    fusion: Fusion
    thresholds: tuple[tuple[float, float], ...]  # as in ``ModelInfo``
    calibration: tuple[float, float]


@runtime_checkable
class SlidingRecogniser(Recogniser, Protocol):
    """A recogniser with a second reader of amounts."""

    def second_reader(self) -> SecondReaderInfo | None:
        """What the second reader says of itself; None where there is none."""

    def slide(self, strips: Ink) -> LogProbs:
        """Log-probabilities (V, T, C + 1) of the places of strips (V, 32, W), as ``views`` gives them. Thread-safe."""


def all_models(recogniser: Recogniser) -> tuple[ModelInfo | SecondReaderInfo, ...]:
    """What all models of a recogniser say of themselves, the second reader last."""
    models: tuple[ModelInfo | SecondReaderInfo, ...] = tuple(recogniser.info(name) for name in dict.fromkeys(MODEL_OF_FIELD.values()))
    second = recogniser.second_reader() if isinstance(recogniser, SlidingRecogniser) else None
    return models if second is None else (*models, second)


def views(strip: Ink) -> Ink:
    """A strip (32, W) of ``patches.strip`` as (V, 32, W'), seen in the ways of ``VIEWS`` about its middle line, with half a window
    of paper on either end. A shape that the reader mistakes in one of them it seldom mistakes in all."""
    height, width = strip.shape
    middle = height / 2.0
    size = (int(np.ceil(width * max(stretch for _, stretch, _ in VIEWS))) + 2 * ROOM_PX, height)
    seen = [
        cv2.warpAffine(strip, np.array([[stretch, slant, ROOM_PX - slant * middle], [0.0, tall, middle - tall * middle]]), size)
        for slant, stretch, tall in VIEWS
    ]
    return np.asarray(np.stack(seen), np.float32)


def text_log_probs(rows: LogProbs, symbols: tuple[str, ...], texts: Sequence[str]) -> Doubles:
    """Natural log (K,) of the probability of each text, from the rows (V, T, C + 1) of V views: the mean of their probabilities;
    class k + 1 is ``symbols[k]``.

    The CTC forward sum, for all texts at once. A text with more symbols than places, or with an unknown one, has none.
    """
    if not texts:
        return np.zeros(0)
    index = {symbol: k + 1 for k, symbol in enumerate(symbols)}
    longest = 2 * max(len(text) for text in texts) + 1
    states = np.zeros((len(texts), longest), np.int64)
    for row, text in enumerate(texts):
        states[row, 1 : 2 * len(text) : 2] = [index.get(symbol, -1) for symbol in text]
    skips = np.zeros(states.shape)  # 1 for a state that may follow the one before the last: a symbol other than that one
    skips[:, 3::2] = states[:, 3::2] != states[:, 1:-2:2]
    emitted = np.exp(rows.astype(np.float64))[:, :, np.maximum(states, 0)] * (states >= 0)  # (V, T, K, S)
    reached = np.zeros((len(rows), len(texts), longest + 2))  # sums over the ways to each state, two that none reaches before them
    reached[:, :, 2:4] = emitted[:, 0, :, :2]
    scale = np.zeros(reached.shape[:2])  # natural log of what was taken out of ``reached``
    for place in range(1, rows.shape[1]):
        ways = reached[:, :, 2:] + reached[:, :, 1:-1] + skips * reached[:, :, :-2]
        reached[:, :, 2:] = ways * emitted[:, place]
        if place % PLACES_A_SCALE == 0:
            most = np.maximum(reached.max(axis=2), LEAST_SUM)
            reached /= most[:, :, None]
            scale += np.log(most)
    ends = np.array([2 * len(text) for text in texts]) + 2
    every = np.arange(len(texts))
    last = np.where(ends > 2, reached[:, every, ends - 1], 0.0)
    seen = np.log(np.maximum(reached[:, every, ends] + last, LEAST_SUM)) + scale
    return np.asarray(np.logaddexp.reduce(seen, axis=0) - np.log(len(rows)))


def best_text(rows: LogProbs, symbols: tuple[str, ...]) -> str:
    """The text of the best class of each place, repetitions and blanks taken out."""
    best = rows.argmax(axis=1)
    new = np.concatenate([[True], best[1:] != best[:-1]])
    return "".join(symbols[k - 1] for k in best[new] if k != BLANK)


def heard(
    lattice: SegmentationLattice,
    log_probs: LogProbs,
    alphabet: Alphabet,
    grammar: Grammar,
    paths: tuple[Path, ...],
    rows: LogProbs,
    symbols: tuple[str, ...],
) -> tuple[tuple[Path, ...], tuple[float, ...]]:
    """The first reader's paths (at least one), with one more for the second reader's own best text where grammar and lattice have
    it; and the log-probability that the second reader's ``rows`` (V, T, C + 1) give each path's text."""
    own = best_text(rows[0], symbols)
    if own not in [path.text for path in paths] and grammar.expression.fullmatch(own):
        paths = (*paths, *spelled(lattice, log_probs, alphabet, own, paths[0]))
    opinions = text_log_probs(rows, symbols, [path.text for path in paths])
    return paths, tuple(float(value) for value in opinions)


def fused(first: Doubles, second: Doubles, fusion: Fusion) -> Doubles:
    """Log posterior (K,) of each value after both readers: ``first`` and ``second`` are their logs (K,) for the same values."""
    score = fusion.first * first + fusion.second * second
    return np.asarray(score - np.logaddexp(np.logaddexp.reduce(score), fusion.none))
