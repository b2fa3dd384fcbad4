"""Counting clean MICR lines."""

from __future__ import annotations

import numpy as np
import pytest

from app.inference.recogniser import load_recogniser
from app.reader.pipeline import CheckReader
from benchmarks.micr_strips import LineResult, clean_style, differences, lines_block, main, read_line


def test_clean_lines_are_read() -> None:
    """The shipped model reads ten of them without an error, and a number gives the same line every time."""
    reader = CheckReader(load_recogniser())
    results = [read_line(reader, number) for number in range(10)]
    assert all(result.right and result.accepted for result in results)
    assert read_line(reader, 3) == results[3]
    assert len({result.printed for result in results}) == 10


def test_clean_is_within_the_tolerances() -> None:
    """No stain, no rule, no stroke; skew and ink spread within their bounds."""
    for seed in range(50):
        style = clean_style(np.random.default_rng(seed))
        assert abs(style.skew_degrees) <= 1.0
        assert abs(style.spread) <= 0.2
        assert (style.voids, style.rules, style.strokes, style.specks, style.border, style.streak) == (0, 0, 0, 0, False, False)
        assert not (style.bitonal and style.jpeg_quality)


def test_what_went_wrong_is_counted() -> None:
    """Sign by sign where the lengths agree."""
    results = [LineResult("⑆123⑆", "⑆123⑆", True), LineResult("⑆123⑆", "⑆173⑆", True), LineResult("⑆123⑆", "⑆12⑆", False)]
    assert differences([r for r in results if not r.right]) == {"2 as 7": 1, "another length": 1}
    text = lines_block(results)
    assert "3 clean lines, every character and space right: **1, 33.3 %" in text
    assert "Accepted at `max_error` 0.01: 2, of them 1 not wholly right" in text
    assert "2 as 7 (1)" in text


def test_no_lines_are_refused() -> None:
    """With the usage."""
    with pytest.raises(SystemExit) as raised:
        main(["--lines", "0"])
    assert raised.value.code == 2
