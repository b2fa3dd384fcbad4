"""The straight line with a recogniser that knows the letters of one stroke font: no model file, no onnxruntime."""

from __future__ import annotations

import io
from concurrent.futures import ThreadPoolExecutor

import cv2
import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image

from app.reader.patches import patches
from app.reader.pipeline import CheckReader
from app.reader.segmentation import segment
from app.reader.types import RUBBISH, STRAY, Alphabet, Field, LogProbs, ModelInfo, ModelName, Patches, ReadOptions, Scope

AMOUNT = Alphabet((*"0123456789$,./-*#=", RUBBISH, STRAY))
MICR = Alphabet((*"0123456789⑆⑇⑈⑉", RUBBISH, STRAY))
DRAWN = "0123456789$,."


def drawn(text: str, gap: int) -> npt.NDArray[np.uint8]:
    """The text, dark on light, digits about 30 px high, ``gap`` pixels more than usual between the letters."""
    canvas = np.full((70, 60 + (30 + gap) * len(text)), 245, np.uint8)
    left = 20
    for symbol in text:
        cv2.putText(canvas, symbol, (left, 50), cv2.FONT_HERSHEY_SIMPLEX, 1.4, 20, 3, cv2.LINE_AA)
        left += cv2.getTextSize(symbol, cv2.FONT_HERSHEY_SIMPLEX, 1.4, 3)[0][0] + gap
    return canvas


def png(picture: npt.NDArray[np.uint8]) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(picture).save(buffer, "PNG")
    return buffer.getvalue()


def template(symbol: str) -> npt.NDArray[np.float32]:
    """The patch of a symbol between two eights, own ink alone."""
    ink = (245.0 - drawn(f"8{symbol}8", 30).astype(np.float32)) / 225.0
    lattice = segment(Field("courtesy_amount", (0, 0, ink.shape[1], ink.shape[0]), ink, 0.0))
    columns = np.flatnonzero((lattice.ink > 0.4).any(axis=0))
    breaks = np.flatnonzero(np.diff(columns) > 15)
    left, right = columns[breaks[0] + 1], columns[breaks[-1]] + 1
    (arc,) = np.flatnonzero((lattice.boxes[:, 0] == left) & (lattice.boxes[:, 2] == right))[:1]
    return np.asarray(np.maximum(patches(lattice)[arc, 0], 0.0), np.float32)


def lone_template(digit: str) -> npt.NDArray[np.float32]:
    """The patch of a digit alone, whose slant is undone by itself."""
    ink = (245.0 - drawn(digit, 6).astype(np.float32)) / 225.0
    (patch,) = patches(segment(Field("digit", (0, 0, ink.shape[1], ink.shape[0]), ink, 0.0)))[:, 0]
    return np.asarray(patch, np.float32)


def blurred(patch: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """A patch's own ink, smeared so that a shift of one pixel is a small distance."""
    return np.asarray(cv2.GaussianBlur(np.maximum(patch, 0.0), (0, 0), 1.6), np.float32)


class NearestTemplate:
    """Scores by the distance to the nearest template, as a share of the ink; what is far from all of them is rubbish."""

    def __init__(self) -> None:
        self.calls: list[ModelName] = []
        known = [(symbol, template(symbol)) for symbol in DRAWN] + [(digit, lone_template(digit)) for digit in "0123456789"]
        self._templates = [(symbol, blurred(patch)) for symbol, patch in known]

    def info(self, model: ModelName) -> ModelInfo:
        return ModelInfo(model, "sha256:0", "1", AMOUNT if model == "courtesy_amount" else MICR, ((0.01, 0.5),), (1.0, 0.0))

    def score(self, patches: Patches, model: ModelName) -> LogProbs:
        self.calls.append(model)
        alphabet = self.info(model).alphabet
        logits = np.full((len(patches), len(alphabet)), -60.0)
        logits[:, alphabet.index(RUBBISH)] = -8.0
        for row, patch in zip(logits, patches[:, 0], strict=True):
            own = blurred(patch)
            for symbol, known in self._templates:
                if symbol in alphabet.symbols:
                    most = max(float((own**2).sum()), float((known**2).sum()))
                    place = alphabet.index(symbol)
                    row[place] = max(row[place], -50.0 * float(((own - known) ** 2).sum()) / most)
        return np.asarray(logits - np.logaddexp.reduce(logits, axis=1, keepdims=True), np.float32)


@pytest.fixture(scope="module")
def recogniser() -> NearestTemplate:
    return NearestTemplate()


@pytest.mark.parametrize("text", ["$1,234.56", "907.85", "$6,300.42"])
def test_an_amount_from_bytes_to_value(recogniser: NearestTemplate, text: str) -> None:
    """Every stage up to the value, with one call of one model."""
    recogniser.calls.clear()
    reading = CheckReader(recogniser).read(png(drawn(text, 6)), ReadOptions(scope=Scope.COURTESY_AMOUNT))
    assert reading.amount is not None
    assert (reading.amount.text, reading.amount.value) == (text, text.lstrip("$").replace(",", ""))
    assert recogniser.calls == ["courtesy_amount"]
    assert list(reading.timings_ms) == ["decode", "page", "locate", "segment", "recognise", "best_path"]


@pytest.mark.parametrize("digit", "0123456789")
def test_a_digit_from_bytes_to_value(recogniser: NearestTemplate, digit: str) -> None:
    """All ten, alone on the picture."""
    reading = CheckReader(recogniser).read(png(drawn(digit, 6)), ReadOptions(scope=Scope.DIGIT))
    assert reading.digit is not None
    assert reading.digit.value == digit


def test_threads_share_a_reader(recogniser: NearestTemplate) -> None:
    """Four threads get the answers that one gets."""
    reader, options = CheckReader(recogniser), ReadOptions(scope=Scope.COURTESY_AMOUNT)
    files = [png(drawn(text, 6)) for text in ("$1,234.56", "907.85", "42.10", "$8.00")]
    alone = [repr(reader.read(data, options).amount) for data in files]
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(lambda data: repr(reader.read(data, options).amount), files * 2)) == alone * 2
