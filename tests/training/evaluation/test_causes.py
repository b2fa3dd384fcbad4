"""Counting why amounts were misread."""

from __future__ import annotations

from pathlib import Path

import pytest

from training.evaluation.causes import causes_block, load_causes

ROWS = [
    {"file": "a.jpg", "right": True, "accepted": True},
    {"file": "b.jpg", "right": False, "accepted": True},
    {"file": "c.jpg", "right": False, "accepted": False},
]


def test_each_misread_picture_counts_under_its_cause() -> None:
    """Right ones do not count, accepted ones count twice: as misread and as accepted."""
    block = causes_block(ROWS, {"a": "shape", "b": "shape", "c": "segmentation"}, 7)
    assert block.startswith("2 of 3 amounts misread after label corrections, 1 of them accepted")
    assert "| 1 | 1 |" in next(line for line in block.splitlines() if line.startswith("| shape"))
    assert "| 1 | 0 |" in next(line for line in block.splitlines() if line.startswith("| segmentation"))
    assert "| 7 |" in block


def test_a_misread_picture_without_a_cause_is_named() -> None:
    """A table with gaps would be no table."""
    with pytest.raises(ValueError, match="no cause is given yet for c: look"):
        causes_block(ROWS, {"b": "shape"}, 0)


@pytest.mark.parametrize("lines", ["a,mood,\n", "a,shape,\na,shape,\n"])
def test_unknown_causes_and_doubles_are_refused(lines: str, tmp_path: Path) -> None:
    """A slip of the pen would be counted nowhere or twice."""
    (tmp_path / "causes.csv").write_text("picture,cause,remark\n" + lines)
    with pytest.raises(ValueError, match="a has the cause"):
        load_causes(tmp_path / "causes.csv")
