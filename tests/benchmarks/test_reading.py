"""Timing of readings: what is counted, and what is missing is said."""

from __future__ import annotations

import time
from pathlib import Path
from typing import cast

import pytest

from app.reader.pipeline import CheckReader
from benchmarks.reading import checks_per_second, pictures, stage_times
from model import packaged_model_dir


class SlowReading:
    def __init__(self, timings_ms: dict[str, float]) -> None:
        self.timings_ms = timings_ms


class SlowReader:
    """Takes 4 ms for a reading and books 3 of them."""

    def __init__(self) -> None:
        self.read_files: list[bytes] = []

    def read(self, data: bytes) -> SlowReading:
        self.read_files.append(data)
        time.sleep(0.004)
        return SlowReading({"decode": 1.0, "page": 2.0})


def test_stages_and_what_no_stage_books() -> None:
    """Every file is read once to warm up and then in each round; time outside of the stages is shown."""
    reader = SlowReader()
    found = stage_times(cast(CheckReader, reader), [b"a", b"b"], 3)
    assert reader.read_files == [b"a", b"b"] * 4
    assert found.readings == 6
    assert list(found.median_ms) == ["decode", "page", "other"]
    assert (found.median_ms["decode"], found.median_ms["page"]) == (1.0, 2.0)
    assert found.total_median_ms >= 4.0
    assert found.median_ms["other"] == pytest.approx(found.total_median_ms - 3.0, abs=0.1)
    assert found.total_p99_ms >= found.total_median_ms
    assert found.p99_of_median >= 1.0


def test_pictures_of_a_folder(tmp_path: Path) -> None:
    """Only pictures, in the order of their names; a folder without any is an error that says what to do."""
    with pytest.raises(FileNotFoundError, match="--samples"):
        pictures(tmp_path)
    with pytest.raises(FileNotFoundError, match="--samples"):
        pictures(tmp_path / "missing")
    for name in ("b.png", "a.JPG", "truth.csv"):
        (tmp_path / name).write_bytes(name.encode())
    assert pictures(tmp_path) == (b"a.JPG", b"b.png")


def test_processes_read_side_by_side(repository: Path) -> None:
    """Two fresh processes read the samples and their rates are added up."""
    pytest.importorskip("onnxruntime", reason="reading needs onnxruntime (extra cpu)")
    if len(list(packaged_model_dir().glob("*.onnx"))) < 2:
        pytest.skip("the model files are not there")
    assert checks_per_second(pictures(repository / "samples")[:1], 2, 0.2) > 0.0


def test_a_process_that_fails_is_an_error_not_a_number(repository: Path) -> None:
    """A file that is no picture ends the processes; nothing is reported as a speed."""
    pytest.importorskip("onnxruntime", reason="reading needs onnxruntime (extra cpu)")
    with pytest.raises(RuntimeError, match="exit statuses"):
        checks_per_second([b"no picture"], 2, 0.1)
