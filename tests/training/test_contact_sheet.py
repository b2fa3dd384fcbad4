"""Sheets of small pictures."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from training.confusion import ConfusionMatrix, Misreading
from training.contact_sheet import contact_sheet, write_error_sheet


def test_every_picture_has_its_place() -> None:
    """Ink is dark, paper white, neighbours' ink light grey; pictures run from left to right, then down."""
    pictures = np.zeros((3, 4, 4), np.float32)
    pictures[0], pictures[2] = 1.0, -0.5
    sheet = np.asarray(contact_sheet(pictures, ["", "", ""], columns=2, enlarge=2))
    first, second, third = sheet[6, 6], sheet[6, 18], sheet[32, 6]
    assert (first, second) == (0, 255)
    assert 200 < third < 255


def test_captions_are_drawn_below() -> None:
    """The same sheet without its caption differs only there."""
    pictures = np.zeros((1, 32, 32), np.float32)
    plain, named = (np.asarray(contact_sheet(pictures, [text])) for text in ("", "7 as 1"))
    rows = np.flatnonzero((plain != named).any(axis=1))
    assert rows.min() >= 4 + 64
    assert len(rows) > 4


def test_the_surest_errors_come_first(tmp_path: Path) -> None:
    """The sheet begins with what the recogniser was most sure of, and ends at the limit."""
    patches = np.zeros((3, 1, 8, 8), np.float32)
    patches[1] = 1.0
    wrong = tuple(Misreading(n, 0, 1, confidence) for n, confidence in enumerate((0.5, 0.9, 0.7)))
    matrix = ConfusionMatrix(("0", "1"), np.array([[0, 3], [0, 0]]), wrong)
    write_error_sheet(matrix, patches, tmp_path / "sub" / "errors.png", limit=2)
    with Image.open(tmp_path / "sub" / "errors.png") as sheet:
        pixels = np.asarray(sheet)
    assert pixels[10, 10] == 0
    assert pixels[10, 10 + 20] == 255


def test_no_errors_give_an_empty_sheet(tmp_path: Path) -> None:
    """A recogniser without mistakes still writes its file."""
    write_error_sheet(ConfusionMatrix(("0",), np.array([[5]]), ()), np.zeros((5, 1, 32, 32), np.float32), tmp_path / "e.png")
    with Image.open(tmp_path / "e.png") as sheet:
        assert np.asarray(sheet).min() == 255


def test_pictures_and_captions_go_together() -> None:
    """One caption per picture."""
    with pytest.raises(ValueError, match="captions"):
        contact_sheet(np.zeros((2, 4, 4), np.float32), [""])
