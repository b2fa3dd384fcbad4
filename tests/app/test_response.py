"""The JSON form of a reading."""

from __future__ import annotations

import base64
import io
import json
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from app.reader.types import ReadOptions, Scope
from app.response import from_reading
from tests.app.api.stub_reader import reading

DESIGN_KEYS = {
    "amount": ["decision", "reason", "value", "currency", "text", "confidence", "max_error", "box", "characters", "alternatives"],
    "micr": [
        "decision", "raw", "form", "confidence", "routing_number", "routing_number_valid", "account_number", "check_number",
        "auxiliary_on_us", "external_processing_code", "amount", "solved_by_checksum", "parses",
    ],
    "image": ["width_px", "height_px", "dpi", "skew_degrees", "rotation_degrees", "quality"],
}  # fmt: skip


def test_keys_stand_in_the_order_of_the_design() -> None:
    """Every key of the design's example is there, in its order."""
    document = from_reading(reading(ReadOptions()), {"characters", "alternatives"}).model_dump(mode="json")
    assert list(document) == ["model", "amount", "micr", "image", "timings_ms"]
    for part, keys in DESIGN_KEYS.items():
        assert [key for key in document[part] if key in keys] == keys
    assert list(document["amount"]["characters"][0]) == ["symbol", "box", "confidence", "alternatives"]
    assert list(document["timings_ms"]) == ["decode", "page", "locate", "segment", "recognise", "best_path"]


def test_optional_lists_are_left_out_unless_included() -> None:
    """Without ``include`` there is no list of characters or alternatives, and no snippet."""
    plain = from_reading(reading(ReadOptions())).model_dump(mode="json")
    assert not {"characters", "alternatives", "snippet_png_base64"} & (set(plain["amount"]) | set(plain["micr"]))
    characters = from_reading(reading(ReadOptions()), {"characters"}).model_dump(mode="json")["amount"]
    assert "alternatives" not in characters
    assert "alternatives" not in characters["characters"][0]


def test_parts_that_were_not_asked_for_are_left_out() -> None:
    """A digit answers with a digit, its alternatives included."""
    document = from_reading(reading(ReadOptions(scope=Scope.DIGIT))).model_dump(mode="json")
    assert not {"amount", "micr"} & set(document)
    assert document["digit"]["value"] == "7"
    assert document["digit"]["alternatives"] == [{"value": "1", "confidence": 0.01}]


@pytest.mark.parametrize("wrong", [float("nan"), float("inf"), -float("inf"), 1.0000001, -0.1])
def test_no_number_is_nan_infinite_or_out_of_range(wrong: float) -> None:
    """A confidence is always from 0 to 1; what has no value is null."""
    broken = reading(ReadOptions())
    assert broken.amount is not None
    broken = replace(broken, amount=replace(broken.amount, confidence=wrong), image=replace(broken.image, dpi=float("nan")))
    document = json.loads(from_reading(broken).model_dump_json(), parse_constant=lambda name: pytest.fail(name))
    assert 0.0 <= document["amount"]["confidence"] <= 1.0
    assert document["image"]["dpi"] is None
    assert document["image"]["quality"][0]["value"] is None


def test_snippet_is_the_field_cut_from_the_picture() -> None:
    """The PNG holds exactly the pixels of the box."""
    picture = np.random.default_rng(5).integers(0, 256, (48, 64, 3), dtype=np.uint8)
    document = from_reading(reading(ReadOptions()), {"snippets"}, picture)
    assert document.amount is not None
    assert document.amount.snippet_png_base64 is not None
    with Image.open(io.BytesIO(base64.b64decode(document.amount.snippet_png_base64))) as cut:
        np.testing.assert_array_equal(np.asarray(cut), picture[10:30, 10:50])
