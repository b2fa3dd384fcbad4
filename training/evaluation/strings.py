"""Number strings of UNIPEN, by contributors of whom training has seen nothing: strokes -> picture -> text.

Telephone numbers, dates and codes are no amounts, so the lattice is read with a grammar of the forms in which people write
numbers. Those strings that are amounts are read as amounts as well.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from app.reader.confidence import calibrated
from app.reader.courtesy_amount import amount_grammar, interpret
from app.reader.grammar import Grammar, compile_grammar, either, one_of, optional, repeated, sequence
from app.reader.interpretation import LEAST_OPINION, LEAST_POSTERIOR
from app.reader.patches import patches, strip
from app.reader.pipeline import MOST_ANSWERS, CheckReader
from app.reader.second_reader import SlidingRecogniser, fused, heard, views
from app.reader.types import ReadOptions, Scope
from app.reader.viterbi import best_paths
from training.data.splits import held_out_contributors
from training.data.unipen import StrokeSample, load_strokes
from training.measure import Answer, amount_answer
from training.segments import lattice_of

DIGIT_HEIGHT_PX, PEN_PX, MARGIN_PX, MOST_WIDTH_PX = 34.0, 3.0, 10, 2400
PAPER, INK, NOISE = 226.0, 62.0, 3.0  # grey levels: a scan of ball-point on paper
SUBPIXEL_BITS = 4
_DATE = re.compile(r"\d{1,2}[/-]\d{1,2}([/-]\d{2,4})?\.?")
_AMOUNT = re.compile(r"\$?\d[\d,]*(\.\d*)?,?")


def measured_strings(root: Path) -> list[StrokeSample]:
    """The strings of the held-out contributors that are number strings: others hold letters, parentheses, colons."""
    held_out = held_out_contributors()
    return [s for s in load_strokes(root, "strings") if s.contributor in held_out and any_marks().accepts(spelled(s))]


def spelled(sample: StrokeSample) -> str:
    """The label without spaces."""
    return sample.label.replace(" ", "")


def kind_of(label: str) -> str:
    """What sort of string it is."""
    if label.isdigit():
        return "whole numbers"
    if _DATE.fullmatch(label):
        return "dates and fractions"
    return "amounts" if _AMOUNT.fullmatch(label) else "telephone numbers and codes"


def picture_of(sample: StrokeSample, seed: int) -> npt.NDArray[np.uint8]:
    """The strokes as a ball-point writes them and a scanner sees them: (H, W) uint8, paper bright, digits about 34 px high."""
    strokes = [stroke * (1.0, -1.0) for stroke in sample.strokes]
    points = np.concatenate(strokes)
    low, high = points.min(axis=0), points.max(axis=0)
    heights = np.array([np.ptp(stroke[:, 1]) for stroke in strokes])
    digit = float(np.median(heights[heights >= 0.5 * heights.max()]))
    scale = min(DIGIT_HEIGHT_PX / max(digit, 1e-6), MOST_WIDTH_PX / max(float(high[0] - low[0]), 1e-6))
    width, height = (np.ceil((high - low) * scale).astype(int) + 2 * MARGIN_PX).tolist()
    coverage = np.zeros((height * 2, width * 2), np.uint8)
    for stroke in strokes:
        line = np.round(((stroke - low) * scale + MARGIN_PX) * 2 * (1 << SUBPIXEL_BITS)).astype(np.int32).reshape(-1, 1, 2)
        cv2.polylines(coverage, [line], False, 255, round(2 * PEN_PX), cv2.LINE_AA, SUBPIXEL_BITS)
    ink = cv2.GaussianBlur(cv2.resize(coverage, (width, height), interpolation=cv2.INTER_AREA), (0, 0), 0.6) / 255.0
    noise = np.random.default_rng(seed).normal(0.0, NOISE, (height, width))
    return np.asarray(np.clip(PAPER - (PAPER - INK) * ink + noise, 0, 255), np.uint8)


@cache
def any_marks() -> Grammar:
    """Figures with single marks between them, a sign before and a mark behind: the strings that are measured."""
    figures = repeated(one_of("0123456789"), 1)
    more = repeated(sequence(one_of(",./-"), figures))
    return compile_grammar(sequence(optional(one_of("$#*")), figures, more, optional(one_of(".,*=-"))))


@cache
def string_grammar() -> Grammar:
    """The forms that they are read in: whole numbers, amounts and decimals, dates and fractions, telephone numbers and codes (groups of
    up to five figures). Two of the 1,021 measured labels have none of these forms and count as misread."""
    digit = one_of("0123456789")
    few, three = repeated(digit, 1, 2), repeated(digit, 3, 3)
    whole = repeated(digit, 1)
    grouped = sequence(repeated(digit, 1, 3), repeated(sequence(one_of(","), three), 1))
    decimal = sequence(either(whole, grouped), one_of("."), repeated(digit, 1, 4))
    date = sequence(few, one_of("/"), few, optional(sequence(one_of("/"), either(repeated(digit, 2, 2), repeated(digit, 4, 4)))))
    group = repeated(digit, 1, 5)
    code = either(*(sequence(group, repeated(sequence(one_of(mark), group), 1)) for mark in "-."))
    return compile_grammar(sequence(optional(one_of("$#*")), either(whole, grouped, decimal, date, code), optional(one_of(".,*=-"))))


def read_string(reader: CheckReader, picture: npt.NDArray[np.uint8]) -> tuple[str | None, float]:
    """(text, confidence) of a picture of one string under the grammar of number strings, by both readers as amounts are read;
    (None, 0.0) where there is no path."""
    lattice, _ = lattice_of(picture, Scope.COURTESY_AMOUNT)
    recogniser = reader.recogniser
    model = recogniser.info("courtesy_amount")
    rows = recogniser.score(patches(lattice), "courtesy_amount")
    paths = best_paths(lattice, rows, model.alphabet, string_grammar(), MOST_ANSWERS)
    second = recogniser.second_reader() if isinstance(recogniser, SlidingRecogniser) else None
    if not paths or second is None or not isinstance(recogniser, SlidingRecogniser):
        return (paths[0].text, calibrated(paths[0].log_posterior, model.calibration)) if paths else (None, 0.0)
    slid = recogniser.slide(views(strip(lattice)))
    paths, opinions = heard(lattice, rows, model.alphabet, string_grammar(), paths, slid, second.symbols)
    first = np.maximum([path.log_posterior for path in paths], LEAST_POSTERIOR)
    joint = fused(np.asarray(first, np.float64), np.maximum(opinions, LEAST_OPINION), second.fusion)
    best = int(np.argmax(joint))
    return paths[best].text, calibrated(float(joint[best]), second.calibration)


def string_answer(reader: CheckReader, sample: StrokeSample, seed: int) -> Answer:
    """One string; ``right`` means every symbol. Its group is its kind."""
    label = spelled(sample)
    text, confidence = read_string(reader, picture_of(sample, seed))
    return Answer(f"{sample.writer} {seed}", kind_of(label), label, text, text or "", confidence, False, text == label)


def digits_right(answer: Answer) -> bool:
    """Whether the digits are right, punctuation ignored."""
    return answer.value is not None and _digits(answer.value) == _digits(answer.truth)


def _digits(text: str) -> str:
    return "".join(c for c in text if c.isdigit())


def is_amount(label: str) -> bool:
    """Whether the amount format ``us`` accepts the string, with something to pay."""
    return amount_grammar("us").accepts(label) and interpret(label, "us").cents > 0


def amount_string_answer(reader: CheckReader, sample: StrokeSample, seed: int) -> Answer:
    """One string that is an amount, read as a client would have it read: a PNG of one field in the format ``us``."""
    label = spelled(sample)
    ok, png = cv2.imencode(".png", picture_of(sample, seed))
    if not ok:
        raise RuntimeError("a picture could not be written as PNG")
    reading = reader.read(png.tobytes(), ReadOptions(scope=Scope.COURTESY_AMOUNT, amount_format="us"))
    return amount_answer(reading, f"{sample.writer} {seed}", "", interpret(label, "us").value)


def measure_strings(reader: CheckReader, samples: Sequence[StrokeSample]) -> tuple[tuple[Answer, ...], tuple[Answer, ...]]:
    """(answers of all as number strings, answers of the amounts among them in the format ``us``)."""
    strings = tuple(string_answer(reader, sample, seed) for seed, sample in enumerate(samples))
    amounts = [(seed, sample) for seed, sample in enumerate(samples) if is_amount(spelled(sample))]
    return strings, tuple(amount_string_answer(reader, sample, seed) for seed, sample in amounts)
