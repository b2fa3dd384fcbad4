"""Missing corners: found where the ground differs from the paper, measured in inches, and told from margins, shadows and print."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt
import pytest

from app.reader.quality_corners import CORNERS, MOST_MISSING_IN, folded_or_torn_corners
from app.reader.quality_cut_corners import crossing, cut_corner, ground_plane
from app.reader.quality_finding import Finding, Subject
from app.reader.types import DecodedImage, Page

DPI, WIDTH, HEIGHT = 200, 1200, 550
Picture = npt.NDArray[np.uint8]
PLACE = {"upper left": (0, 0), "upper right": (WIDTH, 0), "lower right": (WIDTH, HEIGHT), "lower left": (0, HEIGHT)}


def check_picture() -> Picture:
    """Paper with lines of print at 200 dpi."""
    picture = np.full((HEIGHT, WIDTH), 225, np.uint8)
    for top in (150, 220, 290, 360, 430):
        cv2.putText(picture, "Pay to the order of One thousand", (100, top), cv2.FONT_HERSHEY_SIMPLEX, 1.1, 40, 3)
    return picture


def finding(picture: Picture) -> Finding:
    image = DecodedImage(np.repeat(picture[:, :, None], 3, axis=2), DPI, False, "PNG", 0, 1)
    blank = np.zeros(picture.shape, bool)
    page = Page(picture, blank.astype(np.float32), blank, np.eye(3), DPI, "file", 0.0, 0)
    found = folded_or_torn_corners(Subject(page, image))
    assert found is not None
    return found


def torn(corner: str, inches: float, level: int) -> Picture:
    """The check without a corner, its ground of one level."""
    (x, y), reach = PLACE[corner], round(inches * DPI)
    ends = [(x + (reach if x == 0 else -reach), y), (x, y + (reach if y == 0 else -reach))]
    return np.asarray(cv2.fillConvexPoly(check_picture(), np.array([(x, y), *ends], np.int32), level), np.uint8)


@pytest.mark.parametrize("corner", sorted(PLACE))
@pytest.mark.parametrize("ground", [0, 90, 255])
def test_every_corner_is_named_and_measured(corner: str, ground: int) -> None:
    """A corner beyond its limit is told with its name, its inches and its own limit."""
    limit = MOST_MISSING_IN[corner]
    found = finding(torn(corner, limit + 0.3, ground))
    assert found.present
    assert found.limit == limit
    assert found.value == pytest.approx(limit + 0.3, abs=0.1)
    assert found.advice.startswith(f"The {corner} corner is missing {found.value:.1f} in; at most {limit:.1f} in:")


def test_a_small_corner_is_measured_and_allowed() -> None:
    """Half an inch is told as such and is no defect."""
    found = finding(torn("lower right", 0.5, 0))
    assert not found.present
    assert found.value == pytest.approx(0.5, abs=0.1)


def test_what_is_no_missing_corner() -> None:
    """A whole check, a shadow in a corner, a margin around a frame, a printed block and the ground along an edge are none."""
    shadow = check_picture().astype(np.float32)
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH]
    shadow -= 130.0 * np.clip(1.0 - np.hypot(x, y) / 420.0, 0.0, 1.0)
    margin, block, wedge = check_picture(), check_picture(), check_picture()
    margin[:30], margin[:, :30], margin[-30:], margin[:, -30:] = 254, 254, 254, 254
    margin[300:306, :30] = 0  # ends the margin along one edge
    block[:120, :240] = 60
    cv2.fillConvexPoly(wedge, np.array([[0, 0], [WIDTH, 0], [0, 90]], np.int32), 0)
    for picture in (check_picture(), shadow.astype(np.uint8), margin, block, wedge):
        assert finding(np.asarray(picture, np.uint8)).value == 0.0


@pytest.mark.parametrize("dpi", [1.0, 1e6])
def test_a_resolution_that_no_scanner_has(dpi: float) -> None:
    """What a file states is no reason for a huge map: a page of 100 feet is not tested, one of a hair's breadth has no corner missing."""
    picture = check_picture()
    blank = np.zeros(picture.shape, bool)
    image = DecodedImage(np.repeat(picture[:, :, None], 3, axis=2), dpi, False, "PNG", 0, 1)
    found = folded_or_torn_corners(Subject(Page(picture, blank.astype(np.float32), blank, np.eye(3), dpi, "file", 0.0, 0), image))
    assert (found is None) == (dpi < 2.0)
    assert found is None or not found.present


def test_white_on_white_cannot_be_told() -> None:
    """Paper as white as the ground hides a missing corner; nothing is claimed."""
    picture = np.where(check_picture() > 200, 255, check_picture()).astype(np.uint8)
    cv2.fillConvexPoly(picture, np.array([[0, 0], [300, 0], [0, 300]], np.int32), 255)
    assert finding(picture).value == 0.0


def on_table(corners: list[tuple[int, int]], shade: float = 0.0) -> npt.NDArray[np.float32]:
    """Paper of a polygon on a darker table in cells, light falling off to the right by ``shade`` levels."""
    cells = np.full((60, 120), 120, np.uint8)
    cv2.fillPoly(cells, [np.array(corners, np.int32)], 220)
    return np.asarray(cells - np.linspace(0.0, shade, 120)[None], np.float32)


@pytest.mark.parametrize("shade", [0.0, 60.0])
def test_a_corner_cut_off_paper_on_a_table(shade: float) -> None:
    """Paper with five sides, one of which cuts a corner off, is told also where the light falls off; whole paper is not."""
    found = cut_corner(on_table([(40, 10), (110, 10), (110, 50), (10, 50), (10, 40)], shade))
    assert found is not None
    assert found[0] == "upper left"
    assert found[1] == pytest.approx(30.0, abs=2.0)
    assert cut_corner(on_table([(10, 10), (110, 10), (110, 50), (10, 50)], shade)) is None


def test_no_table_no_cut_corner() -> None:
    """A picture that is paper up to its edges has no polygon on a ground."""
    assert cut_corner(np.full((60, 120), 220, np.float32)) is None


def test_the_ground_is_a_plane() -> None:
    """The level of the ground under the paper follows from the edges, which a piece of paper may reach."""
    x = np.linspace(100.0, 160.0, 120, dtype=np.float32)
    cells = np.repeat(x[None], 60, axis=0)
    cells[:8, 50:60] = 230
    assert np.abs(ground_plane(cells) - x[None]).max() < 1.0


def test_crossing_lies_beyond_both_ends() -> None:
    """Two sides meet beyond the side between them, or not at all."""
    points = [np.array(point, np.float64) for point in ((0, 5), (0, 3), (5, 0), (2, 0))]
    met = crossing(points[0], points[1], points[2], points[3])
    assert met is not None
    assert met == pytest.approx([0.0, 0.0])
    assert crossing(points[1], points[0], points[2], points[3]) is None


def test_corners_are_named_once() -> None:
    """Every corner has its limit."""
    assert sorted(corner.name for corner in CORNERS) == sorted(MOST_MISSING_IN)
