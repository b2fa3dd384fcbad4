"""The views of an image cash letter, and the table of sides."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from benchmarks.sides import distinct_views, main, views_of


def record(text: str, encoding: str, more: bytes = b"") -> bytes:
    """A record with its length in front."""
    body = text.ljust(80).encode(encoding) + more
    return len(body).to_bytes(4, "big") + body


def tiff(dark: int) -> bytes:
    """A picture of one bit per pixel with ``dark`` black columns."""
    picture = np.full((40, 90), 255, np.uint8)
    picture[:, :dark] = 0
    buffer = io.BytesIO()
    Image.fromarray(picture).convert("1").save(buffer, "TIFF", compression="group4")
    return buffer.getvalue()


def view(side: str, encoding: str, dark: int) -> bytes:
    """The two records of one view."""
    detail = "50" + "1" + "1" * 9 + "20261123" + "00" + "00" + "0" * 7 + side + "00"
    return record(detail, encoding) + record("52", encoding, tiff(dark))


@pytest.mark.parametrize("encoding", ["latin-1", "cp037"])
def test_the_side_is_that_of_the_record_before(encoding: str) -> None:
    """Front and rear, in ASCII and in EBCDIC; a picture that is not TIFF is stepped over."""
    placeholder = record("50" + " " * 29 + "0", encoding) + record("52", encoding, b"no picture")
    data = record("01", encoding) + view("0", encoding, 8) + view("1", encoding, 20) + placeholder
    found = list(views_of(data))
    assert [side for side, _ in found] == ["front", "back"]
    assert found[1][1] == tiff(20)


def test_a_file_without_lengths_has_no_views() -> None:
    """Text, a cut-off record, nothing."""
    for data in (b"01 a file of lines\n50\n", view("0", "latin-1", 8)[:50], b""):
        assert list(views_of(data)) == []


def test_pictures_that_come_again_and_blank_ones_count_not(tmp_path: Path) -> None:
    """By their pixels, over all files of a folder."""
    (tmp_path / "one.x937").write_bytes(view("0", "latin-1", 8) + view("1", "latin-1", 0))
    (tmp_path / "two.x937").write_bytes(view("0", "cp037", 8) + view("1", "cp037", 30))
    assert [side for side, _ in distinct_views(tmp_path)] == ["front", "back"]


def test_a_missing_folder_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Exit status 1 and a sentence."""
    assert main(["--data-root", str(tmp_path / "none")]) == 1
    assert "does not exist" in capsys.readouterr().err
