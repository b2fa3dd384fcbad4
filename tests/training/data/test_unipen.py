"""Pen strokes."""

from __future__ import annotations

import gzip
import json
import math
from pathlib import Path

import pytest

from training.data.sources import MalformedData
from training.data.unipen import load_strokes

SAMPLE = {
    "label": "1",
    "writer_file": "aga/x.dat",
    "contrib": "aga",
    "quality": "OK",
    "rel_w": 0.2,
    "rel_h": 0.9,
    "strokes": [[[1.0, 2.0], [3.0, 4.0]], []],
}


def _write(root: Path, part: str, *lines: str) -> None:
    folder = root / ("strings" if part == "strings" else "digits") / "unipen"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{part}.jsonl.gz").write_bytes(gzip.compress("\n".join(lines).encode()))


def test_a_sample_has_strokes_writer_and_size(tmp_path: Path) -> None:
    """Strokes are (P, 2) with y upwards as stored; empty strokes vanish; a size that is not known is NaN."""
    _write(tmp_path, "digits", json.dumps(SAMPLE), json.dumps({**SAMPLE, "rel_h": None}))
    first, second = load_strokes(tmp_path, "digits", allow_unknown=True)
    assert [stroke.tolist() for stroke in first.strokes] == [[[1.0, 2.0], [3.0, 4.0]]]
    assert (first.label, first.writer, first.contributor, first.relative_height) == ("1", "unipen/aga/x.dat", "aga", 0.9)
    assert math.isnan(second.relative_height)


def test_symbols_with_shifted_labels_are_left_out(tmp_path: Path) -> None:
    """One contributor's symbol labels belong to their neighbours; its digits are sound."""
    shifted = json.dumps({**SAMPLE, "writer_file": "ibm/y.dat", "contrib": "ibm"})
    for part, count in (("digits", 1), ("symbols", 0)):
        _write(tmp_path, part, shifted)
        assert len(load_strokes(tmp_path, part, allow_unknown=True)) == count  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "line", ["{", "[]", "{}", json.dumps({**SAMPLE, "strokes": [[[1.0, 2.0, 3.0]]]}), json.dumps({**SAMPLE, "rel_w": "wide"})]
)
def test_a_line_that_is_no_sample_is_named(tmp_path: Path, line: str) -> None:
    """The error says which line of which file."""
    _write(tmp_path, "strings", json.dumps(SAMPLE), line)
    with pytest.raises(MalformedData, match=r"strings\.jsonl\.gz, line 2"):
        load_strokes(tmp_path, "strings", allow_unknown=True)


def test_the_real_strokes(data_root: Path) -> None:
    """Counts of the data sheet; symbols without the shifted contributor."""
    digits, symbols, strings = (load_strokes(data_root, part) for part in ("digits", "symbols", "strings"))
    assert (len(digits), len(strings)) == (15_953, 2_121)
    assert len({sample.writer for sample in digits}) == 634
    assert not any(sample.contributor == "ibm" for sample in symbols)
    assert sum(sample.label == "$" for sample in symbols) > 300
