"""Ink out of grey: what a pen left, without paper, tint, guilloche and ruled lines."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt
import pytest

from app.reader.ink import frame_lines, ink_map, otsu_split, to_grey, without_ruled_lines

Grey = npt.NDArray[np.uint8]


def written(paper: int = 230, pen: int = 40) -> Grey:
    picture = np.full((80, 240), paper, np.uint8)
    cv2.putText(picture, "3805", (30, 60), cv2.FONT_HERSHEY_SIMPLEX, 1.8, pen, 4, cv2.LINE_AA)
    return picture


def strokes() -> npt.NDArray[np.bool_]:
    """Where the writing is black through and through."""
    return written(255, 0) < 30


@pytest.mark.parametrize(("paper", "pen"), [(250, 10), (230, 120), (120, 40), (90, 20)])
def test_ink_is_bright_and_paper_zero(paper: int, pen: int) -> None:
    """Polarity and range, at any level of paper and pen."""
    ink = ink_map(written(paper, pen), 15)
    assert ink.dtype == np.float32
    assert ink[strokes()].mean() > 0.9
    assert ink[written(255, 0) == 255].mean() < 0.02


def test_flat_paper_has_no_ink() -> None:
    """Nothing written, nothing found; noise is no ink."""
    assert ink_map(np.full((60, 90), 200, np.uint8), 15).max() == 0.0
    noise = np.clip(np.random.default_rng(0).normal(200, 2, (60, 90)), 0, 255).astype(np.uint8)
    assert ink_map(noise, 15).max() == 0.0


def test_a_shadow_is_paper() -> None:
    """Light that falls off across the picture changes nothing."""
    shade = np.linspace(1.0, 0.45, 240)[None, :]
    ink = ink_map((written() * shade).astype(np.uint8), 15)
    assert ink[strokes()].mean() > 0.75
    assert ink[written(255, 0) == 255].mean() < 0.03


def test_guilloche_paler_than_the_pen_is_paper() -> None:
    """Fine lines at a third of the pen's darkness stay below the level of ink; the pen stays above."""
    picture = written().astype(np.float64)
    rows = np.arange(80)[:, None] + 4 * np.sin(np.arange(240)[None, :] / 15)
    picture = np.where((np.round(rows) % 6 == 0) & (picture > 150), picture - 60, picture)
    ink = ink_map(picture.astype(np.uint8), 15)
    assert ink[strokes()].mean() > 0.85
    assert (ink[written(255, 0) == 255] > 0.4).mean() < 0.04


def test_a_pen_of_any_colour_is_dark() -> None:
    """The darkest channel counts."""
    rgb = np.full((10, 30, 3), 240, np.uint8)
    rgb[:, 5:10] = (230, 40, 60)
    rgb[:, 15:20] = (40, 60, 220)
    rgb[:, 25:30] = (20, 150, 40)
    assert (to_grey(rgb)[:, [7, 17, 27]] <= 60).all()
    assert (to_grey(rgb)[:, [2, 12]] == 240).all()


@pytest.mark.parametrize("tilt", [0, 3])
def test_an_underline_goes_and_the_digits_stay(tilt: int) -> None:
    """A long line leaves, tilted a little too, and what crosses it keeps its ink."""
    ink = (written(255, 0) < 128).astype(np.float32)
    lined = ink.copy()
    cv2.line(lined, (0, 55), (239, 55 + tilt), 1.0, 2)
    cleaned = without_ruled_lines(lined, 90)
    assert (cleaned[ink > 0] > 0).mean() > 0.93
    assert (cleaned[ink == 0] > 0).mean() < 0.01


def test_bars_of_digits_are_no_rules() -> None:
    """The bars of sevens that stand side by side are no line: between them is more than a gap of two pixels."""
    ink = np.zeros((40, 160), np.float32)
    for left in range(6, 130, 28):
        cv2.line(ink, (left, 8), (left + 18, 8), 1.0, 3)
        cv2.line(ink, (left + 18, 8), (left + 6, 34), 1.0, 3)
    assert np.array_equal(without_ruled_lines(ink, 48), ink)


def test_a_box_is_a_frame_and_a_one_is_not() -> None:
    """Sides that end on the rules above and below go, a tall stroke between them stays."""
    ink = np.zeros((120, 300), np.float32)
    cv2.rectangle(ink, (20, 20), (280, 90), 1.0, 3)
    cv2.line(ink, (150, 30), (150, 80), 1.0, 4)
    frames = frame_lines(ink, 90, 40)
    assert frames[30:80, 19:22].mean() > 0.9
    assert frames[30:80, 279:282].mean() > 0.9
    assert not frames[32:78, 146:155].any()


def test_otsu_splits_two_heaps() -> None:
    """The split lies between two heaps of levels."""
    counts = np.zeros(256)
    counts[10:20], counts[180:190] = 100, 20
    assert 19 <= otsu_split(counts) < 180
