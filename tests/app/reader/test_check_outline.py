"""The outline of a check on its background."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt
import pytest

from app.reader.check_outline import find_outlines, long_side_first, quad_areas

RGB = npt.NDArray[np.uint8]

LYING = np.array([[220.0, 180.0], [1050.0, 260.0], [1010.0, 640.0], [190.0, 540.0]])


def paper() -> RGB:
    """A check of 1200 x 550 with a printed frame, rules and a row of marks."""
    picture = np.full((550, 1200, 3), (232, 236, 226), np.uint8)
    cv2.rectangle(picture, (25, 25), (1175, 525), (40, 60, 90), 5)
    for y in (180, 260, 420):
        cv2.line(picture, (100, y), (1100, y), (30, 30, 30), 2)
    for k in range(26):
        cv2.rectangle(picture, (100 + 25 * k, 480), (116 + 25 * k, 503), (10, 10, 10), 4)
    return picture


def table(kind: str) -> RGB:
    """A table of 1280 x 960."""
    ground = np.full((960, 1280, 3), (70, 85, 110), np.uint8)
    if kind == "tiles":
        for k in range(0, 1280, 240):
            ground[:, k : k + 10] = 35
            ground[k : k + 10] = 35
    if kind == "cloth":
        y, x = np.mgrid[:960, :1280]
        ground = ground + (40 * ((x // 40 + y // 40) % 2)).astype(np.uint8)[:, :, None]
    return ground


def photo(kind: str, corners: npt.NDArray[np.float64] = LYING) -> RGB:
    """The check on a table."""
    source = np.array([[0, 0], [1200, 0], [1200, 550], [0, 550]], np.float32)
    warp = cv2.getPerspectiveTransform(source, corners.astype(np.float32))
    ground = table(kind)
    laid = cv2.warpPerspective(paper(), warp, (1280, 960), flags=cv2.INTER_AREA)
    mask = cv2.warpPerspective(np.full((550, 1200), 255, np.uint8), warp, (1280, 960))
    return np.where(mask[:, :, None] > 127, laid, ground).astype(np.uint8)


@pytest.mark.parametrize("kind", ["plain", "tiles", "cloth"])
def test_the_corners_are_found(kind: str) -> None:
    """On every table, to within three pixels of 1280; the first corner is the upper left of the check."""
    outline = next(find_outlines(photo(kind)))
    assert np.abs(outline.corners - LYING).max() < 3.0
    assert outline.support > 0.9
    assert outline.area_share == pytest.approx(quad_areas(LYING[None])[0] / (960 * 1280), rel=0.03)


def test_a_scan_has_no_outline() -> None:
    """The paper fills the picture: neither its printed frame nor its rules are taken for its sides."""
    assert tuple(find_outlines(paper())) == ()


def test_a_shadow_across_the_check_is_no_side() -> None:
    """The light falls by half from one column on: the sides stay where the paper ends."""
    shaded = photo("plain").astype(np.float32)
    shaded[:, 640:] *= 0.6
    outline = next(find_outlines(shaded.astype(np.uint8)))
    assert np.abs(outline.corners - LYING).max() < 3.0


def test_a_table_alone_has_no_outline() -> None:
    """Tiles are as long as a check is, but their joints are lines and no steps."""
    assert tuple(find_outlines(table("tiles"))) == ()


@pytest.mark.parametrize("turn", [0, 1, 2, 3])
def test_the_long_side_comes_first(turn: int) -> None:
    """Whichever corner is named first, the upper left one comes first."""
    assert np.allclose(long_side_first(np.roll(LYING, turn, axis=0)), LYING)


def test_an_upright_check_begins_at_its_lower_left() -> None:
    """Its long side then runs upwards: a quarter turn clockwise lays it down."""
    upright = np.array([[100.0, 100.0], [300.0, 100.0], [300.0, 600.0], [100.0, 600.0]])
    assert np.allclose(long_side_first(upright)[0], [100.0, 600.0])
