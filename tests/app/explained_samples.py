"""Readings of the samples by the committed models, read once: for the tests of explanations."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

pytest.importorskip("onnxruntime", reason="the committed models need onnxruntime (extra cpu)")

from app.explanation import Explanations, explain_reading
from app.inference.recogniser import OnnxRecogniser, load_recogniser
from app.reader.decode import decode
from app.reader.pipeline import CheckReader
from app.reader.types import CheckReading, DecodedImage, ReadOptions, Scope

SAMPLES = Path(__file__).resolve().parents[2] / "samples"
CLEAR, AMBIGUOUS = "us_business_1.png", "us_personal_1.png"


@cache
def recogniser() -> OnnxRecogniser:
    """The committed models."""
    return load_recogniser()


@cache
def image(name: str) -> DecodedImage:
    """The picture of a sample."""
    return decode((SAMPLES / name).read_bytes())


@cache
def reading(name: str, options: ReadOptions = ReadOptions()) -> CheckReading:  # noqa: B008 - frozen value
    """The reading of a sample."""
    return CheckReader(recogniser()).read((SAMPLES / name).read_bytes(), options)


@cache
def explained(name: str, character: int | None = None, options: ReadOptions = ReadOptions()) -> Explanations:  # noqa: B008 - frozen value
    """The explanation of a sample."""
    return explain_reading(reading(name, options), recogniser(), options, character)


MICR_ONLY = ReadOptions(fields=("micr_line",))
WHOLE_AS_DIGIT = ReadOptions(scope=Scope.DIGIT)
