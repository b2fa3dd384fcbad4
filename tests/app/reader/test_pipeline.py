"""The straight line from bytes to a reading, with the packaged models and with a recogniser that counts."""

from __future__ import annotations

import csv
import io
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from app.errors import InvalidParameter
from app.inference.recogniser import load_recogniser
from app.reader.pipeline import CheckReader
from app.reader.types import CheckReading, LogProbs, ModelInfo, ModelName, Patches, ReadOptions, Recogniser, Scope

STAGES = ["decode", "page", "locate", "segment", "recognise", "best_path", "printed_numbers"]


class Counting:
    """A recogniser that counts its calls and hands them on."""

    def __init__(self, recogniser: Recogniser) -> None:
        self._recogniser = recogniser
        self.calls: Counter[ModelName] = Counter()

    def info(self, model: ModelName) -> ModelInfo:
        return self._recogniser.info(model)

    def score(self, patches: Patches, model: ModelName) -> LogProbs:
        self.calls[model] += 1
        return self._recogniser.score(patches, model)


@pytest.fixture(scope="module")
def reader() -> CheckReader:
    pytest.importorskip("onnxruntime", reason="the models need onnxruntime (extra cpu)")
    return CheckReader(load_recogniser())


def png(picture: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(picture).save(buffer, "PNG")
    return buffer.getvalue()


def samples(repository: Path) -> list[dict[str, str]]:
    with (repository / "samples" / "truth.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def options_for(name: str) -> ReadOptions:
    return ReadOptions(amount_format="in" if name.startswith("indian") else "us")


def test_the_samples_are_read(reader: CheckReader, repository: Path) -> None:
    """Amount, routing, account and check number of every legible sample; the illegible amount is refused with a reason.

    Of the five legible amounts at most one may be refused: a refusal of a right value is no error.
    """
    accepted = 0
    for truth in samples(repository):
        reading = reader.read((repository / "samples" / truth["file"]).read_bytes(), options_for(truth["file"]))
        assert reading.amount is not None
        assert reading.micr is not None
        assert (reading.micr.routing_number, reading.micr.check_number) == (truth["routing"], truth["check_number"])
        assert reading.micr.account_number == truth["account"]
        if "illegible" in truth["file"]:
            assert reading.amount.decision == "refused"
            assert reading.amount.reason is not None
            assert reading.amount.reason.text.endswith(".")
        else:
            assert reading.amount.value == truth["amount"], truth["file"]
            accepted += reading.amount.decision == "accepted"
    assert accepted >= 4


def test_boxes_lie_on_the_uploaded_picture(reader: CheckReader, repository: Path) -> None:
    """Every polygon lies inside the picture, characters inside their field, and the amount is right of the middle."""
    reading = reader.read((repository / "samples" / "us_personal_1.png").read_bytes())
    assert reading.amount is not None
    assert reading.amount.polygon is not None
    xs, ys = zip(*reading.amount.polygon, strict=True)
    assert min(xs) > reading.image.width_px / 2
    for character in reading.amount.characters:
        for x, y in character.polygon:
            assert min(xs) - 12 <= x <= max(xs) + 12
            assert min(ys) - 2 <= y <= max(ys) + 2


def test_a_turned_colour_copy_maps_its_boxes_back(reader: CheckReader, repository: Path) -> None:
    """A copy tilted by two degrees reads the same, and its boxes follow the tilt."""
    with Image.open(repository / "samples" / "us_personal_1.png") as opened:
        straight = np.asarray(opened.convert("RGB"))
    height, width = straight.shape[:2]
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), 2.0, 1.0)
    tilted = np.asarray(cv2.warpAffine(straight, matrix, (width, height), borderMode=cv2.BORDER_REPLICATE), np.uint8)
    before, after = reader.read(png(straight)), reader.read(png(tilted))
    assert before.amount is not None
    assert after.amount is not None
    assert after.amount.value == before.amount.value
    assert after.image.skew_degrees == pytest.approx(2.0, abs=0.4)
    first, moved = before.amount.characters[0].polygon[0], after.amount.characters[0].polygon[0]
    expected = matrix @ np.array([first[0], first[1], 1.0])
    assert np.hypot(*(expected - np.array(moved))) < 15


def test_one_call_per_model_for_all_fields(reader: CheckReader, repository: Path) -> None:
    """All candidates of a check are scored together, then the printed numbers in a call or two; a cut-out field asks one model once."""
    counting = Counting(reader.recogniser)
    data = (repository / "samples" / "us_personal_1.png").read_bytes()
    CheckReader(counting).read(data)
    assert counting.calls["micr_e13b"] == 1
    assert 2 <= counting.calls["courtesy_amount"] <= 3
    counting.calls.clear()
    CheckReader(counting).read((repository / "samples" / "indian_cts_1.png").read_bytes())  # which has no printed numbers
    assert counting.calls == {"courtesy_amount": 1, "micr_e13b": 1}
    counting.calls.clear()
    CheckReader(counting).read(data, ReadOptions(scope=Scope.MICR_LINE))
    assert counting.calls == {"micr_e13b": 1}


def answer(reading: CheckReading) -> str:
    return repr((reading.amount, reading.micr, reading.digit, reading.image))  # as text: what was not tested is no number


def test_repeated_and_concurrent_reads_agree(reader: CheckReader, repository: Path) -> None:
    """Nothing sticks to a reader: the same bytes give the same answer, in any order and in any thread."""
    files = [(repository / "samples" / truth["file"]).read_bytes() for truth in samples(repository)]
    alone = [answer(reader.read(data)) for data in files]
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(lambda data: answer(reader.read(data)), files * 2))
    assert together == alone * 2


def test_stages_are_timed_in_order(reader: CheckReader, repository: Path) -> None:
    """The clock names every stage of the straight line, in its order."""
    reading = reader.read((repository / "samples" / "us_personal_2.tif").read_bytes())
    assert list(reading.timings_ms) == STAGES
    assert all(value >= 0 for value in reading.timings_ms.values())


@pytest.mark.parametrize("scope", list(Scope))
def test_a_blank_picture_is_an_answer(reader: CheckReader, scope: Scope) -> None:
    """No ink: not found, with a reason, and no value."""
    reading = reader.read(png(np.full((300, 700), 240, np.uint8)), ReadOptions(scope=scope))
    parts = [part for part in (reading.amount, reading.micr, reading.digit) if part is not None]
    assert parts
    for part in parts:
        assert part.decision == "not_found"
        assert part.reason is not None
        assert part.confidence == 0.0


def test_a_field_and_a_digit_are_read_alone(reader: CheckReader) -> None:
    """A cut-out amount and a single digit, white on black as well, go through the same line."""
    field = np.full((60, 260), 250, np.uint8)
    cv2.putText(field, "1,234.56", (10, 44), cv2.FONT_HERSHEY_SIMPLEX, 1.4, 20, 3, cv2.LINE_AA)
    reading = reader.read(png(field), ReadOptions(scope=Scope.COURTESY_AMOUNT))
    assert reading.amount is not None
    assert reading.amount.value == "1234.56"
    digit = np.zeros((32, 32), np.uint8)
    cv2.putText(digit, "7", (8, 26), cv2.FONT_HERSHEY_SIMPLEX, 0.9, 255, 2, cv2.LINE_AA)
    for picture in (digit, 255 - digit):
        single = reader.read(png(picture), ReadOptions(scope=Scope.DIGIT))
        assert single.digit is not None
        assert single.digit.value == "7"


def test_max_error_moves_the_decision_and_nothing_else(reader: CheckReader, repository: Path) -> None:
    """At an error rate of 1 everything readable is accepted; the value and its confidence stay."""
    data = (repository / "samples" / "us_personal_illegible.png").read_bytes()
    strict, lax = reader.read(data, ReadOptions(max_error=0.001)), reader.read(data, ReadOptions(max_error=1.0))
    assert strict.amount is not None
    assert lax.amount is not None
    assert (strict.amount.decision, lax.amount.decision) == ("refused", "accepted")
    assert (strict.amount.value, strict.amount.confidence) == (lax.amount.value, lax.amount.confidence)


def test_options_outside_their_range() -> None:
    """The message names the range and what was given."""
    with pytest.raises(InvalidParameter, match=r"greater than 0 and at most 1; given: 0"):
        ReadOptions(max_error=0.0)
    with pytest.raises(InvalidParameter, match="us, in, plain; given: uk"):
        ReadOptions(amount_format="uk")  # type: ignore[arg-type]
    with pytest.raises(InvalidParameter, match="given: none"):
        ReadOptions(fields=())
