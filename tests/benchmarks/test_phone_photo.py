"""Photos of flat pictures."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from benchmarks.phone_photo import TABLES, Camera, perspective, photo_of, projected, table


def flat() -> Image.Image:
    """White paper of 600 x 275 with a black square about (150, 100)."""
    picture = np.full((275, 600, 3), 245, np.uint8)
    picture[90:110, 140:160] = 0
    return Image.fromarray(picture)


def test_the_same_seed_gives_the_same_photo() -> None:
    """And another seed another one."""
    assert photo_of(flat(), 5).data == photo_of(flat(), 5).data
    assert photo_of(flat(), 5).data != photo_of(flat(), 6).data


@pytest.mark.parametrize("seed", range(6))
def test_the_check_lies_where_its_corners_say(seed: int) -> None:
    """All four corners are in the photo, and the square is where the perspective puts it."""
    photo = photo_of(flat(), seed)
    seen = np.asarray(Image.open(io.BytesIO(photo.data)).convert("L"), np.int16)
    assert (photo.corners >= 0).all()
    assert (photo.corners < [seen.shape[1], seen.shape[0]]).all()
    a, b, c, d, e, f, g, h = perspective(photo.corners, 600, 275)
    x, y, w = np.linalg.inv(np.array([[a, b, c], [d, e, f], [g, h, 1.0]])) @ np.array([150.0, 100.0, 1.0])
    centre = seen[round(y / w) - 2 : round(y / w) + 3, round(x / w) - 2 : round(x / w) + 3]
    inside = photo.corners.mean(axis=0).astype(int)
    assert centre.mean() < 40 < 120 < seen[inside[1], inside[0]]


def test_a_tilt_makes_the_far_side_shorter() -> None:
    """Tilted about an upright line, the side that turns away is seen smaller; without tilt nothing changes."""
    corners = projected(600, 275, np.radians(25.0), 0.0, 0.0, 1.0)
    right, left = corners[2, 1] - corners[1, 1], corners[3, 1] - corners[0, 1]
    assert right < 275 < left
    assert np.allclose(projected(600, 275, 0.0, 0.0, 0.0, 1.0)[2], [300.0, 137.5])


@pytest.mark.parametrize("name", TABLES)
def test_every_table_fills_the_photo(name: str) -> None:
    """Its size, and not white like paper."""
    ground = table(name, 120, 90, np.random.default_rng(3))
    assert ground.shape == (90, 120, 3)
    assert 10 < ground.mean() < 200


def test_the_camera_sets_the_size() -> None:
    """A photo as large as asked for, whatever the check's own size."""
    photo = photo_of(flat(), 1, camera=Camera((800, 600), quality=95, noise_levels=3.0, coloured=True))
    assert Image.open(io.BytesIO(photo.data)).size == (800, 600)
