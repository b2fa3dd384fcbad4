"""Real amounts with their labels, and the corrections of those that are wrong."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from training.data.orand import load_corrections, load_orand
from training.data.sources import MalformedData, MissingData

HEADER = "picture,published,corrected,reason\n"
RECORD: dict[str, object] = {"file": "a.jpg", "text": "42", "digit_boxes_xywh": [[1, 2, 3, 4], [10, 0, 5, 5]]}


def _write(root: Path, *records: dict[str, object]) -> Path:
    folder = root / "strings" / "orand_car_a_dev"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "labels.json").write_text(json.dumps(records))
    return folder


def _corrections(root: Path, lines: str) -> Path:
    path = root / "corrections.csv"
    path.write_text(HEADER + lines, encoding="utf-8")
    return path


def test_boxes_become_corners(tmp_path: Path) -> None:
    """Stored as x, y, width, height; handed on as left, top, right, bottom."""
    folder = _write(tmp_path, RECORD)
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


def test_a_wrong_label_is_corrected_and_kept(tmp_path: Path) -> None:
    """``text`` is what one sees, also with another count of digits; ``published`` is what the set says."""
    (_write(tmp_path, RECORD) / "a.jpg").write_bytes(b"")
    (amount,) = load_orand(tmp_path, allow_unknown=True, corrections=_corrections(tmp_path, "a,42,420,a last 0 is there\n"))
    assert (amount.text, amount.published, amount.label_is_wrong) == ("420", "42", True)


def test_a_correction_of_another_label_is_refused(tmp_path: Path) -> None:
    """A correction states the label that it corrects, so that it cannot slip onto another picture."""
    (_write(tmp_path, RECORD) / "a.jpg").write_bytes(b"")
    with pytest.raises(MalformedData, match="labelled 42"):
        load_orand(tmp_path, allow_unknown=True, corrections=_corrections(tmp_path, "a,43,44,a 4\n"))


@pytest.mark.parametrize(
    "lines", ["a,42,42,nothing\n", "a,42,43,\n", "a,42,4x,letters\n", "a,42,43,so\na,42,44,or so\n", "a,42\n", "a,42,43,one, two\n"]
)
def test_a_correction_is_whole_and_there_once(tmp_path: Path, lines: str) -> None:
    """It changes the label, holds digits, gives a reason, and is the only one of its picture; else the line is named."""
    with pytest.raises(MalformedData, match="line"):
        load_corrections(_corrections(tmp_path, lines))


def test_corrections_have_their_columns(tmp_path: Path) -> None:
    """Another table, and a missing one, say so."""
    (tmp_path / "other.csv").write_text("file,label\n", encoding="utf-8")
    with pytest.raises(MalformedData, match="columns picture"):
        load_corrections(tmp_path / "other.csv")
    with pytest.raises(MissingData, match=r"none\.csv"):
        load_corrections(tmp_path / "none.csv")


def test_the_corrections_of_the_project() -> None:
    """The label that is stated to be wrong with the set is among them."""
    assert load_corrections()["a_car_000669"].corrected == "157946"


def test_the_real_amounts(data_root: Path) -> None:
    """800 pictures; exactly those with a correction are labelled wrongly."""
    amounts = load_orand(data_root)
    assert len(amounts) == 800
    assert {amount.path.stem for amount in amounts if amount.label_is_wrong} == set(load_corrections())
    assert all(amount.text.isdigit() and amount.published.isdigit() for amount in amounts)
