"""The MICR band on a page: place, pitch and slope."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt
import pytest

from app.reader.micr_band import find_micr_bands

Ink = npt.NDArray[np.float32]


def page(dpi: float, degrees: float = 0.0, characters: int = 24) -> Ink:
    """A page of 6 x 2.75 inches with a row of E-13B sized marks, and writing above it."""
    width, height = round(6 * dpi), round(2.75 * dpi)
    picture = np.zeros((height, width), np.uint8)
    tall, wide, pitch = 0.117 * dpi, 0.08 * dpi, 0.125 * dpi
    bottom = height - 0.25 * dpi
    for k in range(characters):
        if k in (9, 10):
            continue  # a gap between two fields
        left = 0.5 * dpi + k * pitch
        cv2.rectangle(picture, (round(left), round(bottom - tall)), (round(left + wide), round(bottom)), 255, max(1, round(0.02 * dpi)))
    cv2.putText(picture, "Pay to the order of", (round(0.3 * dpi), round(0.9 * dpi)), cv2.FONT_HERSHEY_SIMPLEX, dpi / 200, 255, 2)
    if degrees:
        matrix = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 1.0)
        picture = np.asarray(cv2.warpAffine(picture, matrix, (width, height)), np.uint8)
    return picture.astype(np.float32) / 255.0


@pytest.mark.parametrize("dpi", [110, 150, 200, 240, 300])
def test_the_pitch_tells_the_resolution(dpi: int) -> None:
    """An eighth of an inch per character, whatever the resolution, within two percent."""
    (band,) = find_micr_bands(page(dpi), most=1)
    assert band.pitch_px * 8 == pytest.approx(dpi, rel=0.02)
    assert band.mark_count >= 20


@pytest.mark.parametrize("degrees", [-4.0, -1.0, 0.0, 2.0, 5.0])
def test_the_slope_is_the_tilt(degrees: float) -> None:
    """Rotating the page counter-clockwise lowers y to the right."""
    (band,) = find_micr_bands(page(200, degrees), most=1)
    assert np.degrees(np.arctan(band.slope)) == pytest.approx(-degrees, abs=0.15)
    assert band.trusted


def test_the_box_holds_the_row() -> None:
    """All marks lie inside, and little else does."""
    (band,) = find_micr_bands(page(200), most=1)
    left, top, right, bottom = band.box
    assert left <= 100
    assert right >= 100 + 23 * 25 + 16
    assert top <= 477 <= 500 <= bottom
    assert bottom - top < 60


def test_writing_is_no_row() -> None:
    """Words alone, or too few marks, give no band."""
    assert find_micr_bands(page(200, characters=0)) == ()
    assert find_micr_bands(page(200, characters=5)) == ()
    assert find_micr_bands(np.zeros((300, 600), np.float32)) == ()


def test_small_print_is_not_taken_for_the_line() -> None:
    """A longer row of type half as high, above the MICR line, keeps a pitch too; but no check is 15 inches long."""
    picture = np.zeros((744, 1600), np.float32)
    for k in range(23):
        picture[690:715, 400 + 25 * k : 416 + 25 * k] = 1.0
    for k in range(36):
        picture[620:633, 300 + 13 * k : 308 + 13 * k] = 1.0
    best, other = find_micr_bands(picture, most=2)
    assert best.pitch_px * 8 == pytest.approx(200, rel=0.02)
    assert (best.mark_count, other.mark_count) == (23, 36)
