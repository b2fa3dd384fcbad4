"""Counting the numbers in ordinary print."""

from __future__ import annotations

import tomllib
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from app.reader.printed_numbers import routing_start
from benchmarks.printed_numbers import PRINTED, Told, main, same, table, truths_of


def test_leading_zeros_do_not_count() -> None:
    """Nothing is the same as no number."""
    assert same("0112", "112")
    assert not same("1121", "112")
    assert not same("", "")


@pytest.mark.parametrize(
    ("truth", "value", "outcome"),
    [("112", "0112", "right"), ("112", "113", "wrong"), ("", "113", "wrong"), ("112", "", "not found"), ("", "", "none")],
)
def test_outcomes(truth: str, value: str, outcome: str) -> None:
    """A number where none is printed is wrong."""
    assert Told(truth, value, None).outcome == outcome


def test_the_table_counts_what_is_told() -> None:
    """Wrong among the told, right among the printed, and the bars."""
    right, wrong, none = Told("101", "101", True), Told("102", "120", False), Told("", "", None)
    text = table([("some", [(right, none), (wrong, none)])], [3.0, 4.0])
    assert "| some | check number | 2 | 1 of 2: 50.0 % (9.5-90.5) | 1 of 2 | 0 | 1 |" in text
    assert "| some | fraction | 2 | 0 of 0: 0.0 %" in text
    assert "**1 of 2** (at most 2 %: not reached)" in text
    assert "median **3.5 ms**, longest 4.0 ms (at most 4 ms: reached)" in text


def test_the_list_holds_fractions_and_files_that_are_there() -> None:
    """A file that the data does not have is named."""
    listed = tomllib.loads(PRINTED.read_text(encoding="utf-8"))
    assert all(routing_start(text) for text in listed["fractions"].values())
    with pytest.raises(ValueError, match="check5"):
        truths_of([])
    files = {*listed["fractions"], *listed["check_numbers"]}
    checks = cast("Any", [SimpleNamespace(file=file, check_number="7") for file in sorted(files)])
    assert truths_of(checks)["ianmalcolm93+OCR-Check-Extraction/check5.jpg"] == ("5719", "")


def test_a_missing_folder_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Exit status 1 and a sentence."""
    assert main(["--data-root", str(tmp_path / "none")]) == 1
    assert "does not exist" in capsys.readouterr().err
