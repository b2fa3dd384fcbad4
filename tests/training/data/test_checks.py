"""The index of whole checks."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from training.data.checks import BOXES, load_boxes, load_checks
from training.data.sources import MalformedData, MissingData

COLUMNS = (
    "file,repo,commit,source_path,licence,width,height,mode,type,kind,filled,amount,x9_record_amount,routing,routing_checksum,"
    "account,check_number,date,amount_words,group,notes,micr_code,micr_account"
)


def _write(root: Path, *rows: dict[str, str]) -> Path:
    folder = root / "checks"
    folder.mkdir(exist_ok=True)
    with (folder / "index.csv").open("w", newline="", encoding="utf-8") as out:
        writer = csv.DictWriter(out, COLUMNS.split(","))
        writer.writeheader()
        writer.writerows(rows)
    return folder


def test_a_row_becomes_a_check(tmp_path: Path) -> None:
    """Texts as they are, quoted commas included; one physical check is one group, a lone picture its own."""
    rows = [
        {"file": "a/x.png", "filled": "y", "amount": "1234.56", "type": "US personal", "group": "g1", "notes": 'right of "$", small'},
        {"file": "a/y.png", "filled": "n", "routing": "075911713"},
    ]
    folder = _write(tmp_path, *rows)
    (folder / "a").mkdir()
    for row in rows:
        (folder / row["file"]).write_bytes(b"")
    first, second = load_checks(tmp_path, allow_unknown=True)
    assert (first.amount, first.filled, first.layout, first.physical, first.notes) == (
        "1234.56",
        True,
        "US personal",
        "g1",
        'right of "$", small',
    )
    assert (second.routing, second.filled, second.amount, second.physical) == ("075911713", False, "", "a/y.png")


def test_what_is_missing_is_named(tmp_path: Path) -> None:
    """The index, a picture of it, or a column of it."""
    with pytest.raises(MissingData, match=r"index\.csv"):
        load_checks(tmp_path)
    folder = _write(tmp_path, {"file": "a/x.png"})
    with pytest.raises(MissingData, match=r"a/x\.png"):
        load_checks(tmp_path, allow_unknown=True)
    (folder / "index.csv").write_text("file,amount\na/x.png,1.00\n")
    with pytest.raises(MalformedData, match="columns"):
        load_checks(tmp_path, allow_unknown=True)


def _boxes(root: Path, lines: str) -> Path:
    path = root / "boxes.csv"
    path.write_text("file,left,top,right,bottom\n" + lines, encoding="utf-8")
    return path


def test_a_marked_box_stands_with_its_check(tmp_path: Path) -> None:
    """The box of the courtesy amount by file; a check without one has none."""
    folder = _write(tmp_path, {"file": "a.png"}, {"file": "b.png"})
    for name in ("a.png", "b.png"):
        (folder / name).write_bytes(b"")
    first, second = load_checks(tmp_path, allow_unknown=True, boxes=_boxes(tmp_path, "a.png,10,20,110,60\n"))
    assert first.amount_box == (10, 20, 110, 60)
    assert second.amount_box is None


@pytest.mark.parametrize("lines", ["a,1,2,1,4\n", "a,1,5,3,4\n", "a,-1,2,3,4\n", "a,1,2,3\n", "a,1.5,2,3,4\n", "a,1,2,3,4\na,1,2,3,4\n"])
def test_a_box_holds_pixels_and_is_there_once(tmp_path: Path, lines: str) -> None:
    """Whole pixels, left of right, top above bottom; else the line is named."""
    with pytest.raises(MalformedData, match="line"):
        load_boxes(_boxes(tmp_path, lines))


def test_missing_boxes_are_named(tmp_path: Path) -> None:
    """A file that is not there says so."""
    with pytest.raises(MissingData, match=r"none\.csv"):
        load_boxes(tmp_path / "none.csv")


def test_the_marked_boxes_are_of_real_checks(data_root: Path) -> None:
    """Each belongs to a picture of the index."""
    assert {check.file for check in load_checks(data_root) if check.amount_box} == (set(load_boxes()) if BOXES.is_file() else set())


def test_the_real_checks(data_root: Path) -> None:
    """150 pictures of fewer physical checks; twenty came out of an image cash letter."""
    checks = load_checks(data_root)
    assert len(checks) == 150
    assert len({check.physical for check in checks}) == 128
    assert sum("Arthware" in check.file for check in checks) == 20
    assert all(check.path.is_file() for check in checks)
