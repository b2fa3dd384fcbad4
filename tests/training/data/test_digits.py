"""Sets that come as npz, and HASCII cells."""

from __future__ import annotations

import json
from pathlib import Path
from typing import get_args

import numpy as np
import pytest
from PIL import Image

from training.data.digits import NpzSet, load_hascii_cells, load_npz_set
from training.data.sources import DATA_SETS, ChecksumMismatch, MalformedData, MissingData

COUNTS = {
    "bhmsds": 27_000,
    "optdigits_tra": 1_934,
    "optdigits_tes": 946,
    "optdigits_windep": 1_797,
    "semeion": 1_593,
    "usps_train": 7_291,
    "usps_test": 2_007,
    "cvl_valid": 7_000,
}


def _write(root: Path, name: str, **arrays: np.ndarray) -> None:
    path = root / DATA_SETS[name].files[0].path
    path.parent.mkdir(parents=True, exist_ok=True)
    np.savez(path, **arrays)  # type: ignore[arg-type]


def test_labels_become_symbols_and_writers_names(tmp_path: Path) -> None:
    """Words like "dot" become ".", numbers their digit; writers carry the set's name so that sets never mix."""
    images = np.zeros((3, 4, 4), np.uint8)
    _write(tmp_path, "bhmsds", images=images, labels=np.array(["7", "dot", "slash"]))
    _write(tmp_path, "cvl_valid", images=images, labels=np.array([7, 0, 1]), writers=np.array(["0001", "0001", "0002"]))
    marks, digits = load_npz_set(tmp_path, "bhmsds", allow_unknown=True), load_npz_set(tmp_path, "cvl_valid", allow_unknown=True)
    assert marks.labels.tolist() == ["7", ".", "/"]
    assert marks.writers.tolist() == ["", "", ""]
    assert digits.digits.tolist() == [7, 0, 1]
    assert digits.writers.tolist() == ["cvl/0001", "cvl/0001", "cvl/0002"]


def test_what_is_wrong_with_a_set_is_said(tmp_path: Path) -> None:
    """Missing, of other bytes, no npz, an npz of something else: each its own error with the file's name."""
    with pytest.raises(MissingData, match=r"semeion\.npz"):
        load_npz_set(tmp_path, "semeion")
    _write(tmp_path, "semeion", images=np.zeros((1, 16, 16), np.uint8), labels=np.array([1]))
    with pytest.raises(ChecksumMismatch, match=r"semeion\.npz"):
        load_npz_set(tmp_path, "semeion")
    _write(tmp_path, "semeion", pictures=np.zeros((1, 16, 16), np.uint8))
    with pytest.raises(MalformedData, match=r"semeion\.npz"):
        load_npz_set(tmp_path, "semeion", allow_unknown=True)
    (tmp_path / "digits" / "semeion.npz").write_bytes(b"PK\x03\x04 cut short")
    with pytest.raises(MalformedData, match=r"semeion\.npz"):
        load_npz_set(tmp_path, "semeion", allow_unknown=True)


def test_cells_keep_their_size(tmp_path: Path) -> None:
    """A cell is handed on as scanned, with symbol, writer and sample; a missing picture is named."""
    folder = tmp_path / "digits" / "hascii_cells"
    folder.mkdir(parents=True)
    records = [{"file": f"cells/w1_55_{n}.png", "label": "7", "writer": "1", "sample": n} for n in (1, 2)]
    (folder / "cells.json").write_text(json.dumps(records))
    Image.fromarray(np.full((5, 9), 200, np.uint8)).save(folder / "w1_55_1.png")
    with pytest.raises(MissingData, match=r"w1_55_2\.png"):
        load_hascii_cells(tmp_path, allow_unknown=True)
    Image.fromarray(np.full((6, 3), 10, np.uint8)).save(folder / "w1_55_2.png")
    first, second = load_hascii_cells(tmp_path, allow_unknown=True)
    assert (first.picture.shape, second.picture.shape) == ((5, 9), (6, 3))
    assert (first.label, first.writer, second.sample) == ("7", "hascii/1", 2)


@pytest.mark.parametrize("name", get_args(NpzSet))
def test_the_real_sets(data_root: Path, name: NpzSet) -> None:
    """The counts of the data sheet, and ink that is bright on dark paper."""
    found = load_npz_set(data_root, name)
    assert len(found) == COUNTS[name]
    assert np.median(found.images[:, 0, 0]) < 32


def test_the_real_cells(data_root: Path) -> None:
    """192 cells by three writers."""
    cells = load_hascii_cells(data_root)
    assert len(cells) == 192
    assert {cell.writer for cell in cells} == {"hascii/1", "hascii/2", "hascii/3"}
