"""The page: scale, level lines, and the way back to the uploaded picture."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt
import pytest

from app.errors import ImageTooSmall
from app.reader.page import CHECK_WIDTH_PX, FIELD_HEIGHT_PX, is_negative, normalise
from app.reader.types import DecodedImage, Page, Scope

Grey = npt.NDArray[np.uint8]


def decoded(grey: Grey, dpi: float = 0.0) -> DecodedImage:
    return DecodedImage(np.repeat(grey[:, :, None], 3, axis=2), dpi, False, "PNG", 0, 1)


def check(width: int = 1200, degrees: float = 0.0, with_marks: bool = True) -> Grey:
    """Rules, a row of marks at 200 dpi per 1200 pixels, and one black square at (0.7, 0.3) of the picture. Upside down the row looks the
    same, but for where it stands."""
    scale = width / 1200.0
    picture = np.full((round(550 * scale), width), 235, np.uint8)

    def at(x: float, y: float) -> tuple[int, int]:
        return round(x * scale), round(y * scale)

    for y in (180, 260, 420):
        cv2.line(picture, at(100, y), at(1100, y), 30, max(1, round(2 * scale)))
    if with_marks:
        for k in range(26):
            cv2.rectangle(picture, at(100 + 25 * k, 480), at(116 + 25 * k, 503), 10, max(2, round(4 * scale)))
    cv2.rectangle(picture, at(832, 157), at(848, 173), 0, -1)
    if degrees:
        matrix = cv2.getRotationMatrix2D((picture.shape[1] / 2, picture.shape[0] / 2), degrees, 1.0)
        size = (picture.shape[1], picture.shape[0])
        picture = np.asarray(cv2.warpAffine(picture, matrix, size, borderMode=cv2.BORDER_REPLICATE), np.uint8)
    return picture


def square_of(grey: Grey) -> tuple[float, float]:
    """Centre of the black square: the largest all-black blob."""
    _, _, stats, centres = cv2.connectedComponentsWithStats(cv2.erode((grey < 90).astype(np.uint8), np.ones((9, 9), np.uint8)))
    best = 1 + int(stats[1:, cv2.CC_STAT_AREA].argmax())
    return float(centres[best][0]), float(centres[best][1])


def mapped(page: Page, x: float, y: float) -> tuple[float, float]:
    a, b, w = page.page_to_image @ np.array([x, y, 1.0])
    return float(a / w), float(b / w)


@pytest.mark.parametrize("degrees", [-3.0, -1.0, 0.0, 1.5, 3.0])
@pytest.mark.parametrize("with_marks", [True, False])
def test_skew_is_found_and_undone(degrees: float, with_marks: bool) -> None:
    """From the MICR line, or where there is none from the rules; a point of the page maps to where it was uploaded."""
    picture = check(degrees=degrees, with_marks=with_marks)
    page = normalise(decoded(picture))
    assert page.skew_degrees == pytest.approx(degrees, abs=0.3)
    x, y = mapped(page, *square_of(page.grey))
    expected = square_of(picture)
    assert np.hypot(x - expected[0], y - expected[1]) < 3.0


def test_wide_pictures_are_scaled_down_and_map_back() -> None:
    """A picture of 2400 pixels is worked on at the working width; boxes come back in its own pixels."""
    picture = check(2400)
    page = normalise(decoded(picture))
    assert page.grey.shape[1] == CHECK_WIDTH_PX
    x, y = mapped(page, *square_of(page.grey))
    assert (x, y) == pytest.approx(square_of(picture), abs=3.0)


def test_upright_pictures_are_laid_down() -> None:
    """A picture higher than wide is turned by 90 degrees, and points map back."""
    picture = np.asarray(cv2.rotate(check(), cv2.ROTATE_90_COUNTERCLOCKWISE), np.uint8)
    page = normalise(decoded(picture))
    assert page.rotation_degrees == 90
    assert page.grey.shape[1] > page.grey.shape[0]
    assert mapped(page, *square_of(page.grey)) == pytest.approx(square_of(picture), abs=3.0)


@pytest.mark.parametrize("degrees", [-20.0, 12.0, 20.0])
def test_a_steep_check_without_background_is_levelled(degrees: float) -> None:
    """White on white, tilted by more than scanners do: levelled by its rules, because a MICR line is seen then."""
    large = np.full((1000, 1500), 235, np.uint8)
    large[225:775, 150:1350] = check()
    matrix = cv2.getRotationMatrix2D((750.0, 500.0), degrees, 1.0)
    picture = np.asarray(cv2.warpAffine(large, matrix, (1500, 1000), borderValue=(235.0,)), np.uint8)
    page = normalise(decoded(picture))
    assert page.outline == ()
    assert page.rotation_degrees == 0
    assert page.skew_degrees == pytest.approx(degrees, abs=0.5)
    assert mapped(page, *square_of(page.grey)) == pytest.approx(square_of(picture), abs=3.0)


@pytest.mark.parametrize("degrees", [90, 180, 270])
def test_the_check_is_laid_the_right_way_up(degrees: int) -> None:
    """By its MICR line, however the picture was turned; the rotation is told, and points map back."""
    turn = {90: cv2.ROTATE_90_COUNTERCLOCKWISE, 180: cv2.ROTATE_180, 270: cv2.ROTATE_90_CLOCKWISE}[degrees]
    picture = np.asarray(cv2.rotate(check(), turn), np.uint8)
    page = normalise(decoded(picture))
    assert page.rotation_degrees == degrees
    assert page.has_micr_line
    assert square_of(page.grey) == pytest.approx((840, 165), abs=3.0)
    assert mapped(page, *square_of(page.grey)) == pytest.approx(square_of(picture), abs=3.0)


def test_the_back_is_told_by_what_it_lacks() -> None:
    """Rules without a MICR line: the page says that it has none."""
    assert not normalise(decoded(check(with_marks=False))).has_micr_line
    assert normalise(decoded(check())).has_micr_line


@pytest.mark.parametrize("turn", [0, 1, 2, 3])
def test_a_check_on_a_table_is_cut_out(turn: int) -> None:
    """Perspective is undone whichever way the photo was held: rotation, skew, outline and every point refer to the photo."""
    corners = np.array([[220.0, 180.0], [1050.0, 260.0], [1010.0, 640.0], [190.0, 540.0]], np.float32)
    flat = check()
    source = np.array([[0, 0], [1200, 0], [1200, 550], [0, 550]], np.float32)
    warp = np.asarray(cv2.getPerspectiveTransform(source, corners), np.float64)
    laid = cv2.warpPerspective(flat, warp, (1280, 960), flags=cv2.INTER_AREA)
    mask = cv2.warpPerspective(np.full_like(flat, 255), warp, (1280, 960))
    photo = np.ascontiguousarray(np.rot90(np.where(mask > 127, laid, 95).astype(np.uint8), turn))
    page = normalise(decoded(photo))
    assert page.rotation_degrees == 90 * turn
    assert page.skew_degrees == pytest.approx(-6.0, abs=2.0)
    assert page.dpi_source == "micr_pitch"
    assert page.grey.shape[1] / page.dpi == pytest.approx(6.0, rel=0.04)
    expected = photo_point(warp, (840.0, 165.0), turn)
    x, y = square_of(page.grey)
    assert (x / page.grey.shape[1], y / page.grey.shape[0]) == pytest.approx((0.7, 0.3), abs=0.02)
    assert mapped(page, x, y) == pytest.approx(expected, abs=3.0)
    assert page.outline[0] == pytest.approx(photo_point(warp, (0.0, 0.0), turn), abs=4.0)


def photo_point(warp: npt.NDArray[np.float64], point: tuple[float, float], turn: int) -> tuple[float, float]:
    """Where a point of the flat check stands in the photo of 1280 x 960 that was turned counter-clockwise ``turn`` times."""
    a, b, w = warp @ np.array([*point, 1.0])
    x, y, width, height = a / w, b / w, 1280.0, 960.0
    for _ in range(turn):
        x, y, width, height = y, width - x, height, width
    return float(x), float(y)


def test_a_scan_is_not_cut() -> None:
    """A check that fills its picture stays whole: no outline, and the page is the picture."""
    picture = check()
    page = normalise(decoded(picture))
    assert page.outline == ()
    assert np.array_equal(page.grey, picture)


def test_resolution_comes_from_the_micr_pitch_then_from_the_file() -> None:
    """The row of marks overrules the file; without it the file counts, and without both six inches are assumed."""
    page = normalise(decoded(check(), dpi=96.0))
    assert page.dpi_source == "micr_pitch"
    assert page.dpi == pytest.approx(200, rel=0.02)
    page = normalise(decoded(check(with_marks=False), dpi=240.0))
    assert (page.dpi_source, page.dpi) == ("file", 240.0)
    assert normalise(decoded(check(with_marks=False))).dpi == pytest.approx(200.0)


def test_a_field_is_scaled_by_its_height() -> None:
    """Large pictures of a field shrink to the working height, small ones stay."""
    large = normalise(decoded(np.full((400, 1600), 240, np.uint8)), Scope.COURTESY_AMOUNT)
    assert large.grey.shape == (FIELD_HEIGHT_PX, 640)
    small = normalise(decoded(np.full((40, 160), 240, np.uint8)), Scope.COURTESY_AMOUNT)
    assert small.grey.shape == (40, 160)
    assert not small.frames.any()


def test_small_print_keeps_its_feet_and_its_point() -> None:
    """A row of figures 12 pixels high stands on one line, but is no ruled line; a point of two pixels is no speck."""
    picture = np.full((30, 100), 240, np.uint8)
    for left in (20, 33, 56, 69):
        cv2.ellipse(picture, (left + 5, 15), (4, 6), 0, 0, 360, 40, 1, cv2.LINE_AA)
    picture[20:22, 47:49] = 40
    page = normalise(decoded(picture), Scope.COURTESY_AMOUNT)
    assert page.grey.shape == (60, 200)
    assert mapped(page, 96, 42) == pytest.approx((48, 21), abs=0.6)
    assert page.ink[40:44, 94:98].max() > 0.9
    for left in (20, 33, 56, 69):
        assert page.ink[40:44, 2 * left + 6 : 2 * left + 14].max() > 0.5


def test_white_on_black_is_turned_over() -> None:
    """A digit of a data set: bright ink on black paper."""
    picture = np.zeros((32, 32), np.uint8)
    cv2.line(picture, (16, 5), (16, 27), 255, 3)
    assert is_negative(picture)
    page = normalise(decoded(picture), Scope.DIGIT)
    assert page.ink[16, 16] > 0.9
    assert page.ink[2, 2] < 0.1


def test_too_small_is_refused() -> None:
    """The least size and the size given are named."""
    with pytest.raises(ImageTooSmall, match="at least 8 x 8 pixels; given: 30 x 5"):
        normalise(decoded(np.zeros((5, 30), np.uint8)))
