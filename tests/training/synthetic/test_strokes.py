"""Strokes: smoothing, painting, and the width of lines."""

from __future__ import annotations

import numpy as np
import pytest

from training.synthetic.strokes import Pressure, average_neighbours, extent, paint, shorten, smooth, warp

STEM = np.array([(0.0, -1.0), (0.0, -0.5), (0.0, 0.0)])


def upright(scale: float, x: float, y: float) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    """The map that scales by ``scale`` and moves to (x, y)."""
    return np.array([[scale, 0.0, x], [0.0, scale, y]])


def test_smoothing_passes_through_the_control_points() -> None:
    """A Catmull-Rom spline interpolates."""
    points = np.array([(0.0, 0.0), (1.0, 2.0), (3.0, 1.0), (4.0, 4.0)])
    curve = smooth(points, samples=6)
    assert np.allclose(curve[::6], points)


@pytest.mark.parametrize("pen_px", [1.0, 2.0, 3.5, 6.0])
def test_a_line_has_the_width_of_its_pen(pen_px: float) -> None:
    """The coverage across an upright stem sums to the pen's width."""
    patch, _ = paint((STEM,), upright(40, 20, 45), pen_px, (60, 40))
    assert patch[patch.shape[0] // 2].sum() == pytest.approx(pen_px, abs=0.35)


def test_painting_stays_in_place() -> None:
    """The centre of the ink is where the line was put."""
    patch, (left, top) = paint((STEM,), upright(40, 20, 50), 3.0, (60, 40))
    rows, columns = np.indices(patch.shape)
    assert (patch * (columns + 0.5)).sum() / patch.sum() + left == pytest.approx(20, abs=0.3)
    assert (patch * (rows + 0.5)).sum() / patch.sum() + top == pytest.approx(30, abs=0.5)


def test_ink_outside_the_picture_is_cut_off() -> None:
    """A stroke beside the picture gives an empty patch, one across the border a part."""
    outside, _ = paint((STEM,), upright(40, 400, 50), 3.0, (60, 40))
    across, (left, top) = paint((STEM,), upright(40, 20, 20), 3.0, (60, 40))
    assert outside.size == 0
    assert top == 0
    assert left + across.shape[1] <= 40


def test_pressure_makes_lines_thicker_down_than_across() -> None:
    """A nib widens upright segments and thins level ones."""
    nib = Pressure(nib=0.4)
    level = STEM[:, ::-1]
    assert nib.widths(STEM).min() > 1 > nib.widths(level).max()


def test_distortions_keep_most_of_a_stroke() -> None:
    """Warping, averaging and shortening move points a little and keep the ends of averaged strokes."""
    rng = np.random.default_rng(0)
    (warped,) = warp(rng, (STEM,), 0.02)
    assert np.abs(warped - STEM).max() < 0.1
    assert np.array_equal(average_neighbours(STEM, 3)[[0, -1]], STEM[[0, -1]])
    long = smooth(STEM, samples=20)
    _, top, _, bottom = extent(shorten(rng, (long,), 0.12))
    assert bottom - top > 0.8
