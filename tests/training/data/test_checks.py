"""The index of whole checks."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from training.data.checks import load_checks
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


def test_the_real_checks(data_root: Path) -> None:
    """150 pictures of fewer physical checks; twenty came out of an image cash letter."""
    checks = load_checks(data_root)
    assert len(checks) == 150
    assert len({check.physical for check in checks}) == 128
    assert sum("Arthware" in check.file for check in checks) == 20
    assert all(check.path.is_file() for check in checks)
