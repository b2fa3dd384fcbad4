"""Mutated and truncated files of every accepted format: a problem document or a reading, never a 500, never more than 2 s.

Twenty files of each format in ``make test``, two hundred in ``make prove``. Every file follows from its format and its number,
so a failure replays.
"""

from __future__ import annotations

import io
import os
import time
from collections.abc import Callable, Iterator
from typing import Any

import cv2
import numpy as np
import pytest
from PIL import Image
from starlette.testclient import TestClient

from app.api.schemas import Problem
from app.main import create_app
from app.reader.decode import DecodeLimits
from app.reader.pipeline import CheckReader
from app.reader.types import Recogniser
from app.response import CheckResponse
from model import packaged_model_dir
from tests.app.api.stub_reader import StubRecogniser, settings

PROVE = os.environ.get("CHECKREADER_PROVE", "") not in ("", "0")
FILES_OF_EACH_FORMAT = 200 if PROVE else 20
LONGEST_S = 2.0
MAX_PIXELS = 20_000_000
FORMATS: dict[str, dict[str, Any]] = {
    "jpeg": {"format": "JPEG", "quality": 80},
    "png": {"format": "PNG"},
    "tiff_g4": {"format": "TIFF", "compression": "group4", "dpi": (200, 200)},
    "bmp": {"format": "BMP"},
    "webp": {"format": "WEBP", "quality": 80},
}


def check_picture() -> Image.Image:
    """Something like a check: lines of print, an amount, a row of marks at the lower edge."""
    picture = np.full((550, 1200), 235, dtype=np.uint8)
    picture += np.random.default_rng(0).integers(0, 16, picture.shape, dtype=np.uint8)
    for text, place, size in (("First Bank", (40, 60), 1.2), ("Pay to the order of", (40, 200), 0.8), ("$ 1,234.56", (880, 250), 1.3)):
        cv2.putText(picture, text, place, cv2.FONT_HERSHEY_SIMPLEX, size, 30, 2)
    cv2.putText(picture, "075911713  123456789  1237", (60, 530), cv2.FONT_HERSHEY_PLAIN, 2.0, 20, 3)
    return Image.fromarray(picture)


def file_of(name: str) -> bytes:
    """The picture in one format."""
    buffer = io.BytesIO()
    picture = check_picture()
    (picture.convert("1") if name == "tiff_g4" else picture).save(buffer, **FORMATS[name])
    return buffer.getvalue()


def mutated(whole: bytes, rng: np.random.Generator) -> bytes:
    """The file cut short, or with bytes changed, removed, repeated or put in, mostly near its head, where structure stands."""
    data = bytearray(whole)
    for _ in range(int(rng.integers(1, 5))):
        reach = min(len(data), 200) if rng.random() < 0.6 else len(data)
        place, run = int(rng.integers(0, reach)), int(rng.integers(1, 33))
        kind = rng.choice(["cut", "flip", "noise", "remove", "repeat", "insert", "extreme"], p=[0.15, 0.25, 0.15, 0.1, 0.1, 0.1, 0.15])
        if kind == "cut":
            del data[max(1, int(rng.integers(1, len(data)))) :]
        elif kind == "flip":
            data[place] ^= 1 << int(rng.integers(0, 8))
        elif kind == "noise":
            data[place : place + run] = rng.bytes(len(data[place : place + run]))
        elif kind == "remove":
            del data[place : place + run]
        elif kind == "repeat":
            data[place:place] = data[place : place + run] * int(rng.integers(1, 20))
        elif kind == "insert":
            data[place:place] = rng.bytes(run)
        else:
            data[place : place + 4] = [b"\xff\xff\xff\xff", b"\x00\x00\x00\x00", b"\x7f\xff\xff\xff"][int(rng.integers(0, 3))]
        if len(data) < 2:
            return bytes(whole[:2])
    return bytes(data)


def recogniser() -> Recogniser:
    """The packaged models; where there are none yet, one to which every class is as likely."""
    if not any(packaged_model_dir().glob("*.onnx")):
        return StubRecogniser()
    pytest.importorskip("onnxruntime", reason="the models need onnxruntime (extra cpu)")
    from app.inference.recogniser import load_recogniser

    return load_recogniser()


@pytest.fixture(scope="module")
def client() -> Iterator[TestClient]:
    reader = CheckReader(recogniser(), DecodeLimits(max_pixels=MAX_PIXELS))
    with TestClient(create_app(settings(max_pixels=MAX_PIXELS), reader)) as opened:
        yield opened


def answered(client: TestClient, data: bytes) -> float:
    """Send the file; the seconds that its answer took. Fails for an answer that is neither a reading nor a problem of 4xx."""
    begin = time.perf_counter()
    response = client.post("/v1/checks?include=characters,alternatives,snippets", files={"image": data})
    spent_s = time.perf_counter() - begin
    if response.status_code == 200:
        CheckResponse.model_validate_json(response.content)
    else:
        problem = Problem.model_validate_json(response.content)
        assert 400 <= problem.status == response.status_code < 500, problem
        assert response.headers["content-type"] == "application/problem+json"
    return spent_s


@pytest.mark.parametrize("name", FORMATS)
def test_whole_files_are_readings(client: TestClient, name: str) -> None:
    """What is mutated below is a picture that reads."""
    response = client.post("/v1/checks", files={"image": file_of(name)})
    assert response.status_code == 200
    assert response.json()["image"]["width_px"] == 1200


@pytest.mark.timeout(900)
@pytest.mark.parametrize("name", FORMATS)
def test_broken_files_get_an_answer_in_time(client: TestClient, name: str, record_property: Callable[[str, object], None]) -> None:
    """A problem document or a reading, never a 500, never more than two seconds."""
    whole, longest_s = file_of(name), 0.0
    for number in range(FILES_OF_EACH_FORMAT):
        data = mutated(whole, np.random.default_rng([list(FORMATS).index(name), number]))
        spent_s = answered(client, data)
        if spent_s > LONGEST_S:  # once more, for a machine that was busy with something else
            spent_s = answered(client, data)
        assert spent_s <= LONGEST_S, f"{name} file {number} took {spent_s:.1f} s"
        longest_s = max(longest_s, spent_s)
    counted = f"{FILES_OF_EACH_FORMAT} mutated or truncated {name} files answered without a 500"
    record_property("proved", f"{counted}, none after {LONGEST_S:g} s (longest {longest_s:.1f} s)")


def test_mutations_reach_both_ends(client: TestClient) -> None:
    """The files are neither all refused nor all read: the test above tries both ways."""
    codes = set()
    for number in range(12):
        data = mutated(file_of("jpeg"), np.random.default_rng([0, number]))
        codes.add(client.post("/v1/checks", files={"image": data}).status_code)
    assert 200 in codes
    assert codes - {200}
