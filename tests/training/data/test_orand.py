"""Real amounts with their labels."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from training.data.orand import load_orand
from training.data.sources import MalformedData, MissingData


def _write(root: Path, *records: dict[str, object]) -> Path:
    folder = root / "strings" / "orand_car_a_dev"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "labels.json").write_text(json.dumps(records))
    return folder


def test_boxes_become_corners(tmp_path: Path) -> None:
    """Stored as x, y, width, height; handed on as left, top, right, bottom."""
    folder = _write(tmp_path, {"file": "a.jpg", "text": "42", "digit_boxes_xywh": [[1, 2, 3, 4], [10, 0, 5, 5]]})
    (folder / "a.jpg").write_bytes(b"")
    (amount,) = load_orand(tmp_path, allow_unknown=True)
    assert (amount.text, amount.digit_boxes, amount.path) == ("42", ((1, 2, 4, 6), (10, 0, 15, 5)), folder / "a.jpg")
    assert not amount.label_is_wrong


def test_records_that_do_not_fit_are_refused(tmp_path: Path) -> None:
    """A picture that is not there, a digit without a box, a record without text: each says which."""
    _write(tmp_path, {"file": "a.jpg", "text": "4", "digit_boxes_xywh": [[1, 2, 3, 4]]})
    with pytest.raises(MissingData, match=r"a\.jpg"):
        load_orand(tmp_path, allow_unknown=True)
    _write(tmp_path, {"file": "a.jpg", "text": "42", "digit_boxes_xywh": [[1, 2, 3, 4]]})
    with pytest.raises(MalformedData, match="1 boxes for 2 digits"):
        load_orand(tmp_path, allow_unknown=True)
    _write(tmp_path, {"file": "a.jpg"})
    with pytest.raises(MalformedData, match="lacks"):
        load_orand(tmp_path, allow_unknown=True)


def test_the_real_amounts(data_root: Path) -> None:
    """800 pictures, one of them known to be labelled wrongly."""
    amounts = load_orand(data_root)
    assert len(amounts) == 800
    assert [amount.path.stem for amount in amounts if amount.label_is_wrong] == ["a_car_000669"]
    assert all(amount.text.isdigit() for amount in amounts)
