"""The comparison with the first version: what is taken out of the history, how the costs are counted, what it says without."""

from __future__ import annotations

import subprocess
from contextlib import ExitStack
from pathlib import Path

import pytest

from benchmarks import first_version
from benchmarks.first_version import Cost, NoFirstVersion, Round, Worker, compare, cost_rows, costs, real_fields, unpack_first_version


def test_costs_are_medians_and_the_ratio_is_of_each_round() -> None:
    """A round in which the machine was busy with something else weighs no more than one in which it was not."""
    pairs = [(Round(10.0, 4.0), Round(15.0, 8.0)), (Round(30.0, 12.0), Round(45.0, 24.0)), (Round(10.0, 4.0), Round(20.0, 4.0))]
    recognition, whole = costs(pairs)
    assert (recognition.first_ms, recognition.now_ms, recognition.ratio) == (4.0, 8.0, 2.0)
    assert (whole.first_ms, whole.now_ms, whole.ratio) == (10.0, 20.0, 1.5)


def test_costs_stand_in_a_table() -> None:
    """One row a part."""
    assert cost_rows([Cost("whole reading", 10.0, 15.0, 1.5)])[2] == "| whole reading | 10.0 | 15.0 | 1.50 |"


def test_without_its_means_it_says_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No data, no history, no git: each has its sentence, and the bench goes on."""
    for root in (None, tmp_path):
        with pytest.raises(NoFirstVersion, match="ORAND"):
            real_fields(root)
    subprocess.run(["git", "init", "--quiet", str(tmp_path)], check=True)
    with pytest.raises(NoFirstVersion, match="not in the history"):
        unpack_first_version(tmp_path, tmp_path / "out")
    monkeypatch.setenv("PATH", "")
    with pytest.raises(NoFirstVersion, match="git"):
        unpack_first_version(tmp_path, tmp_path / "out")


def test_fields_are_spread_over_the_set(tmp_path: Path) -> None:
    """A hundred at most, always the same ones."""
    folder = tmp_path / "strings" / "orand_car_a_dev"
    folder.mkdir(parents=True)
    for number in range(250):
        (folder / f"{number:03d}.jpg").touch()
    found = real_fields(tmp_path)
    assert len(found) == 100
    assert [path.name for path in found[:3]] == ["000.jpg", "002.jpg", "004.jpg"]


def test_a_worker_that_dies_is_noticed(tmp_path: Path) -> None:
    """A tree without a reader ends the comparison with a sentence, not with a hang."""
    with ExitStack() as stack, pytest.raises(NoFirstVersion, match="ended early"):
        Worker(tmp_path, [tmp_path / "none.jpg"], stack)


def test_both_versions_read_the_same_fields(data_root: Path, repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A round of three real amounts: both take time, and neither is a hundred times the other."""
    known = subprocess.run(["git", "-C", str(repository), "cat-file", "-e", first_version.FIRST_VERSION], capture_output=True)
    if known.returncode:
        pytest.skip("the history that is here does not reach back to the first version")
    monkeypatch.setattr(first_version, "FIELDS", 3)
    for cost in compare(repository, data_root, 1):
        assert cost.first_ms > 0
        assert 0.01 < cost.ratio < 100
