"""MNIST out of IDX files."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.training.data.idx_files import idx_bytes, write_mnist
from training.data.mnist import load_mnist, parse_idx
from training.data.sources import ChecksumMismatch, MalformedData, MissingData
from training.data.splits import held_out_mask

IMAGES = np.arange(3 * 28 * 28, dtype=np.int64).reshape(3, 28, 28).astype(np.uint8)
LABELS = np.array([7, 0, 7], np.uint8)
WRITERS = np.array([12, 5, 12], np.int32)


@pytest.mark.parametrize("packed", [True, False])
@pytest.mark.parametrize("folder", ["digits/mnist", "mnist", "MNIST/raw", "."])
def test_digits_come_with_labels_and_writers(tmp_path: Path, packed: bool, folder: str) -> None:
    """Packed or not, in any of the usual folders, the same images, symbols and writers come out."""
    write_mnist(tmp_path / folder, IMAGES, LABELS, WRITERS, packed=packed)
    found = load_mnist(tmp_path, "train", allow_unknown=True)
    assert np.array_equal(found.images, IMAGES)
    assert found.labels.tolist() == ["7", "0", "7"]
    assert found.digits.tolist() == [7, 0, 7]
    assert found.writers.tolist() == ["mnist/12", "mnist/5", "mnist/12"]


def test_files_with_other_bytes_than_mnist_are_refused(tmp_path: Path) -> None:
    """Nobody trains on a file by accident that only has the name."""
    write_mnist(tmp_path, IMAGES, LABELS, WRITERS)
    with pytest.raises(ChecksumMismatch, match="train-images-idx3-ubyte"):
        load_mnist(tmp_path, "train")


def test_writers_are_only_needed_where_they_are_asked_for(tmp_path: Path) -> None:
    """Without the QMNIST file the digits still load, without writers."""
    write_mnist(tmp_path, IMAGES, LABELS, WRITERS)
    (tmp_path / "qmnist-train-labels-idx2-int.gz").unlink()
    with pytest.raises(MissingData, match="qmnist-train-labels-idx2-int"):
        load_mnist(tmp_path, "train", allow_unknown=True)
    assert load_mnist(tmp_path, "train", with_writers=False, allow_unknown=True).writers.tolist() == ["", "", ""]


def test_writers_of_other_digits_are_refused(tmp_path: Path) -> None:
    """A QMNIST file whose digits differ from the labels belongs to other images."""
    write_mnist(tmp_path, IMAGES, LABELS, WRITERS)
    write_mnist(tmp_path / "other", IMAGES, LABELS[::-1] + np.array([0, 1, 0], np.uint8), WRITERS)
    (tmp_path / "other" / "qmnist-train-labels-idx2-int.gz").replace(tmp_path / "qmnist-train-labels-idx2-int.gz")
    with pytest.raises(MalformedData, match="same digits"):
        load_mnist(tmp_path, "train", allow_unknown=True)


@given(st.integers(0, 40), st.sampled_from([np.uint8, np.int32]), st.integers(1, 3))
def test_idx_round_trip(count: int, kind: type[np.generic], rank: int) -> None:
    """What was written as IDX is read back, in native byte order."""
    values = (np.arange(count * 6).reshape((count, 2, 3)[:rank] if rank == 3 else (count * 6,) if rank == 1 else (count, 6)) * 7).astype(
        kind
    )
    found = parse_idx(idx_bytes(values), "x")
    assert np.array_equal(found, values)
    assert found.dtype.isnative


@given(st.data())
def test_damaged_idx_is_malformed_and_nothing_else(data: st.DataObject) -> None:
    """Cut anywhere, an IDX file is an error that names it, never an array of another shape."""
    whole = idx_bytes(IMAGES)
    cut = whole[: data.draw(st.integers(0, len(whole) - 1))]
    with pytest.raises(MalformedData, match="broken idx"):
        parse_idx(cut, "broken idx")


def test_the_real_files(data_root: Path) -> None:
    """60,000 and 10,000 digits by 539 and 297 writers, none in both; a split by writer shares none either."""
    train, test = load_mnist(data_root, "train"), load_mnist(data_root, "test")
    assert (len(train), len(test)) == (60_000, 10_000)
    writers = set(train.writers.tolist()), set(test.writers.tolist())
    assert (len(writers[0]), len(writers[1])) == (539, 297)
    assert not writers[0] & writers[1]
    out = held_out_mask(train.writers, 0.1)
    assert not set(train.select(out).writers.tolist()) & set(train.select(~out).writers.tolist())
    assert 0.05 < out.mean() < 0.15
