"""Which way up a check lies."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt
import pytest

from app.reader.micr_band import find_micr_bands
from app.reader.orientation import Laid, quarter_turned, row_evidence, way_up

Grey = npt.NDArray[np.uint8]


def check(with_line: bool = True) -> Grey:
    """A check of 6 x 2.75 inches at 200 dots per inch with 24 marks in the place of the MICR line; their right edges keep the pitch, their
    left edges do not, as with E-13B."""
    picture = np.full((550, 1200), 235, np.uint8)
    if with_line:
        for k in range(24):
            wide = (16, 12, 8, 16, 11)[k % 5]
            right = 140 + 25 * k
            cv2.rectangle(picture, (right - wide, 478), (right, 501), 10, -1)
    return picture


def laid(picture: Grey) -> Laid:
    ink = ((255 - picture) / 255.0).astype(np.float32)
    return Laid(picture, ink, np.eye(3), 0, find_micr_bands(ink, most=1))


@pytest.mark.parametrize("degrees", [0, 180])
def test_the_foot_of_the_check_is_laid_down(degrees: int) -> None:
    """As it is it stays, upside down it is turned by 180 degrees; and a corner comes back to where it was."""
    picture, _ = quarter_turned(check(), np.eye(3), degrees)
    best = way_up(laid(picture))
    assert best.rotation_degrees == degrees
    assert best.has_micr_line
    assert np.array_equal(best.grey, check())
    x, y, _ = best.to_picture @ np.array([0.0, 0.0, 1.0])
    assert (x, y) == ((0.0, 0.0) if degrees == 0 else (1200.0, 550.0))


@pytest.mark.parametrize("degrees", [90, 270])
def test_a_square_picture_is_tried_at_right_angles(degrees: int) -> None:
    """Where the check may lie along either axis all four ways are tried."""
    square = np.full((1200, 1200), 235, np.uint8)
    square[650:] = check()
    picture, _ = quarter_turned(square, np.eye(3), (360 - degrees) % 360)
    best = way_up(laid(picture), either_axis=True)
    assert best.rotation_degrees == degrees
    assert np.array_equal(best.grey, square)


def test_the_back_stays_as_it_is() -> None:
    """No row of marks: nothing is decided, and no MICR line is claimed."""
    best = way_up(laid(check(with_line=False)), either_axis=True)
    assert best.rotation_degrees == 0
    assert not best.has_micr_line


@pytest.mark.parametrize("degrees", [90, 180, 270])
def test_a_quarter_turn_maps_back(degrees: int) -> None:
    """A pixel of the turned picture is the pixel that the way back names."""
    picture = np.arange(12, dtype=np.uint8).reshape(3, 4)
    turned, back = quarter_turned(picture, np.eye(3), degrees)
    for y in range(turned.shape[0]):
        for x in range(turned.shape[1]):
            u, v, _ = back @ np.array([x + 0.5, y + 0.5, 1.0])
            assert picture[int(v), int(u)] == turned[y, x]


def test_a_row_high_up_counts_less() -> None:
    """The MICR line stands within 5/8 inch of the lower edge."""
    (band,) = find_micr_bands(laid(check()).ink, most=1)
    assert row_evidence(band, 1200, 550) > row_evidence(band, 1200, 900)
