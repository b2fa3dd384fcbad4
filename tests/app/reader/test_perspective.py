"""The flat picture between four corners, and the way back."""

from __future__ import annotations

import numpy as np
import pytest

from app.reader.perspective import evenly_scaled, flattened, true_aspect

CORNERS = np.array([[110.0, 90.0], [900.0, 140.0], [860.0, 520.0], [150.0, 430.0]])


def seen_from(tilt_degrees: float, aspect: float, focal: float) -> np.ndarray:
    """Corners (4, 2) of a rectangle of that shape, tilted about an upright line and by 20 degrees about a level one, in a photo of
    2000 x 1500 with the focal length in pixels."""
    tilt, nod = np.radians(tilt_degrees), np.radians(20.0)
    across = np.array([np.cos(tilt), 0.0, np.sin(tilt)])
    down = np.array([-np.sin(tilt) * np.sin(nod), np.cos(nod), np.cos(tilt) * np.sin(nod)])
    assert abs(across @ down) < 1e-12
    places = np.array([i * aspect / 2.0 * across + j / 2.0 * down for i, j in ((-1, -1), (1, -1), (1, 1), (-1, 1))])
    depth = 4.0 + places[:, 2]
    return np.stack([1000.0 + focal * places[:, 0] / depth, 750.0 + focal * places[:, 1] / depth], axis=1)


def test_corners_map_to_corners() -> None:
    """The corners of the flat picture come back as the corners that were given."""
    rgb = np.full((600, 1000, 3), 200, np.uint8)
    flat, to_picture = flattened(rgb, CORNERS, 1600)
    height, width = flat.shape
    assert width == round(float(np.hypot(790, 50)))
    back = to_picture @ np.array([[0, width, width, 0], [0, 0, height, height], [1, 1, 1, 1]], np.float64)
    assert np.allclose((back[:2] / back[2]).T, CORNERS, atol=1e-6)


@pytest.mark.parametrize("longest_px", [1600, 300])
def test_a_mark_is_found_where_it_stands(longest_px: int) -> None:
    """A dark square of the picture lies on the flat page where the transform says, large or shrunk."""
    rgb = np.full((600, 1000, 3), 200, np.uint8)
    rgb[290:310, 590:610] = 0
    flat, to_picture = flattened(rgb, CORNERS, longest_px)
    rows, columns = np.nonzero(flat < 100)
    x, y, w = to_picture @ np.array([columns.mean() + 0.5, rows.mean() + 0.5, 1.0])
    assert (x / w, y / w) == pytest.approx((600.0, 300.0), abs=1.0)


def test_the_scale_is_stated_for_the_middle() -> None:
    """The upper left part of the transform has the determinant that the map has at the middle, by finite differences."""
    transform = np.array([[2.0, 0.1, 5.0], [0.2, 1.5, 7.0], [4e-4, 2e-4, 1.0]])
    scaled = evenly_scaled(transform, 400.0, 200.0)

    def place(x: float, y: float) -> np.ndarray:
        a, b, w = scaled @ np.array([x, y, 1.0])
        return np.array([a / w, b / w])

    across, down = place(400.5, 200.0) - place(399.5, 200.0), place(400.0, 200.5) - place(400.0, 199.5)
    assert abs(np.linalg.det(scaled[:2, :2])) == pytest.approx(abs(across[0] * down[1] - across[1] * down[0]), rel=1e-4)


@pytest.mark.parametrize("tilt_degrees", [-25.0, 15.0, 25.0])
@pytest.mark.parametrize("aspect", [2.18, 2.5])
def test_the_true_shape_is_told_from_the_perspective(tilt_degrees: float, aspect: float) -> None:
    """A tilt shortens the check; its vanishing points give the length back, within two percent."""
    corners = seen_from(tilt_degrees, aspect, 1900.0)
    assert true_aspect(corners, 2000, 1500) == pytest.approx(aspect, rel=0.02)


def test_straight_on_the_sides_are_compared() -> None:
    """A rectangle has no vanishing points; its sides say what it is."""
    corners = np.array([[100.0, 100.0], [540.0, 100.0], [540.0, 300.0], [100.0, 300.0]])
    assert true_aspect(corners, 800, 600) == pytest.approx(2.2)
