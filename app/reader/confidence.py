"""Posterior -> confidence -> accepted or refused at a stated error rate.

``max_error`` is the share of wrong answers among *all* fields (the paper's count). The thresholds that hold it were
fitted on fields that training has not seen and travel inside the model file.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from app.reader.second_reader import SecondReaderInfo
from app.reader.types import ModelInfo, Reason


@dataclass(frozen=True, slots=True)
class OperatingPoint:
    """The least confidence that is accepted for a stated error rate."""

    max_error: float
    least_confidence: float  # above 1 where the model states no threshold that strict


def calibrated(log_posterior: float, calibration: tuple[float, float]) -> float:
    """Probability that the answer is right: sigmoid(slope * logit(posterior) + intercept) (Platt 1999).

    ``log_posterior`` is a natural log, at most 0; ``calibration`` is (slope, intercept).
    """
    slope, intercept = calibration
    log_rest = math.log(-math.expm1(log_posterior)) if log_posterior < -1e-12 else math.log(1e-12)
    logit = min(60.0, max(-60.0, slope * (log_posterior - log_rest) + intercept))
    return 1.0 / (1.0 + math.exp(-logit))


def operating_point(model: ModelInfo | SecondReaderInfo, max_error: float) -> OperatingPoint:
    """The threshold fitted for the largest stated error rate that is not above ``max_error``.

    A ``max_error`` of 1 accepts every answer. Where all stated rates are above ``max_error`` nothing is accepted.
    """
    if max_error >= 1.0:
        return OperatingPoint(max_error, 0.0)
    fitting = [least for stated, least in model.thresholds if stated <= max_error * (1 + 1e-9)]
    return OperatingPoint(max_error, min(fitting) if fitting else 1.1)


ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth", "eleventh", "twelfth")


def ordinal(position: int) -> str:
    """ "first" for 0 and so on; "13th" and on as figures."""
    return ORDINALS[position] if position < len(ORDINALS) else f"{position + 1}th"


def with_article(symbol: str) -> str:
    """ "a 3", "an 8", "a dot" …"""
    spoken = {
        ".": "a dot",
        ",": "a comma",
        "/": "a slash",
        "-": "a dash",
        "*": "a star",
        "#": "a number sign",
        "=": "an equals sign",
        "$": "a dollar sign",
    }
    return spoken.get(symbol, f"an {symbol}" if symbol == "8" else f"a {symbol}")


def refusal(
    symbols: list[tuple[str, float, tuple[tuple[str, float], ...]]], rival: str | None, confidence: float, point: OperatingPoint
) -> Reason:
    """Why an answer below the threshold was refused, as precisely as it can be said.

    ``symbols`` are (symbol, confidence, alternatives) in reading order; ``rival`` is the text of the second-best answer.
    """
    if point.least_confidence > 1.0:
        return Reason("no_threshold", f"The model states no threshold for an error rate as low as {point.max_error:g}.")
    digits = [entry for entry in symbols if entry[0].isdigit()]
    doubtful = [(k, s, alternatives) for k, (s, sure, alternatives) in enumerate(digits) if sure < 0.9 and alternatives]
    text = "".join(entry[0] for entry in symbols)
    if rival is not None and len(rival) == len(text):
        differing = [k for k, (mine, other) in enumerate(zip(text, rival, strict=True)) if mine != other]
        if len(differing) == 1 and text[differing[0]].isdigit() and rival[differing[0]].isdigit():
            place = sum(1 for symbol in text[: differing[0]] if symbol.isdigit())
            return ambiguous(place, text[differing[0]], rival[differing[0]])
    if rival is not None and digits_of(rival) == digits_of(text) and rival != text:
        return Reason("ambiguous_separator", f'The digits are clear, the point or comma is not: "{text}" or "{rival}".')
    if doubtful:
        place, symbol, alternatives = min(doubtful, key=lambda entry: digits[entry[0]][1])
        return ambiguous(place, symbol, alternatives[0][0])
    if rival is not None and len(digits_of(rival)) != len(digits_of(text)):
        return Reason("ambiguous_segmentation", f'It is not clear how many characters there are: "{text}" or "{rival}".')
    return Reason(
        "low_confidence",
        f"The confidence {confidence:.3f} is below {point.least_confidence:.3f}, which an error rate of {point.max_error:g} asks for.",
    )


def digits_of(text: str) -> str:
    """The digits of a text."""
    return "".join(character for character in text if character.isdigit())


def ambiguous(place: int, symbol: str, other: str) -> Reason:
    """The reason for one doubtful digit."""
    return Reason("ambiguous_character", f"The {ordinal(place)} digit may be {with_article(symbol)} or {with_article(other)}.")
