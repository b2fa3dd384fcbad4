"""Image quality: each defect made on purpose is found and named, and a good picture has none."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Literal

import cv2
import numpy as np
import numpy.typing as npt
import pytest

from app.reader.page import normalise
from app.reader.quality import MEASUREMENTS, NOT_TESTED, assess
from app.reader.types import DecodedImage, QualityTest, Scope

DPI = 200
WIDTH, HEIGHT = 1200, 550  # 6 x 2.75 inches
Picture = npt.NDArray[np.uint8]  # (H, W), paper bright
OF_READINGS = {"usability_of_convenience_amount", "usability_of_micr_line"}  # not tested where no reading is given


def check_picture() -> Picture:
    """Print, ruled lines and handwriting-like strokes at 200 dpi, a border that ends before the edges."""
    picture = np.full((HEIGHT, WIDTH), 230, np.uint8)
    cv2.rectangle(picture, (30, 25), (1170, 525), 60, 2)
    for top in (150, 220, 290, 360):
        cv2.line(picture, (90, top), (1100, top), 70, 2)
        cv2.putText(picture, "Pay to the order of One thousand", (100, top - 12), cv2.FONT_HERSHEY_SIMPLEX, 1.1, 40, 3)
    cv2.putText(picture, "$ 1,234.56", (860, 120), cv2.FONT_HERSHEY_SIMPLEX, 1.3, 30, 3)
    return picture


def decoded(picture: Picture, dpi: float = DPI, bitonal: bool = False) -> DecodedImage:
    return DecodedImage(np.repeat(picture[:, :, None], 3, axis=2), dpi, bitonal, "PNG", 0, 1)


def results(picture: Picture, dpi: float = DPI, bitonal: bool = False, scope: Scope = Scope.CHECK) -> dict[str, QualityTest]:
    image = decoded(picture, dpi, bitonal)
    return {test.test: test for test in assess(normalise(image, scope), image, scope).tests}


def defects(found: dict[str, QualityTest]) -> set[str]:
    return {name for name, test in found.items() if test.result == "present"}


def test_a_good_picture_has_no_defect() -> None:
    """Everything that is tested passes, without advice, and every test of the list is there once."""
    found = results(check_picture())
    assert not defects(found)
    assert all(test.advice is None for test in found.values())
    assert set(found) == {name for name, _, _ in MEASUREMENTS} | set(NOT_TESTED)
    tested = {name for name, test in found.items() if test.result == "not_present"}
    assert tested == {name for name, _, _ in MEASUREMENTS} - OF_READINGS
    assert all((test.unit is None) == (test.result == "not_tested") for test in found.values())


def test_what_is_not_tested_says_so() -> None:
    """No value and no limit pass for a measured one."""
    for name in NOT_TESTED:
        test = results(check_picture())[name]
        assert test.result == "not_tested"
        assert math.isnan(test.value)
        assert math.isnan(test.limit)


def turned(picture: Picture, degrees: float) -> Picture:
    matrix = cv2.getRotationMatrix2D((WIDTH / 2, HEIGHT / 2), degrees, 1.0)
    return np.asarray(cv2.warpAffine(picture, matrix, (WIDTH, HEIGHT), borderValue=230), np.uint8)


@pytest.mark.parametrize("degrees", [-7.0, 7.0])
def test_skew(degrees: float) -> None:
    """A check that stands askew is told by how many degrees."""
    skew = results(turned(check_picture(), degrees))["excessive_image_skew"]
    assert skew.result == "present"
    assert skew.value == pytest.approx(7.0, abs=0.6)
    assert skew.advice is not None
    assert f"{skew.value:.1f} degrees" in skew.advice


def test_a_little_skew_is_no_defect() -> None:
    """Two degrees are levelled without harm."""
    assert not defects(results(turned(check_picture(), 2.0)))


def test_too_light() -> None:
    """A picture with next to no ink is too light, and the limit given is the lower one."""
    faint = np.full((HEIGHT, WIDTH), 240, np.uint8)
    faint[100:104, 100:300] = 200
    found = results(faint)["too_light_or_too_dark"]
    assert (found.result, found.limit) == ("present", 0.009)
    assert found.advice is not None
    assert "darker" in found.advice


def test_too_dark() -> None:
    """A grey picture whose paper is dark is too dark; so is one of one bit that is black nearly everywhere, by its share of black."""
    found = results((check_picture() // 6).astype(np.uint8))["too_light_or_too_dark"]
    assert (found.result, found.limit, found.unit) == ("present", 0.35, "share of full brightness")
    assert found.advice is not None
    assert "lighter" in found.advice
    black = np.zeros((HEIGHT, WIDTH), np.uint8)
    black[::20, ::2] = 255
    found = results(black, bitonal=True)["too_light_or_too_dark"]
    assert (found.result, found.limit, found.unit) == ("present", 0.9, "share of black pixels")
    assert found.value == pytest.approx(0.975, abs=0.001)


def test_too_little_contrast() -> None:
    """Ink that is nearly as bright as its paper is too light, whatever share of the picture it takes."""
    pale = (235 - (230 - check_picture().astype(int)) // 8).astype(np.uint8)
    found = results(pale)["too_light_or_too_dark"]
    assert (found.result, found.limit, found.unit) == ("present", 0.2, "share of full contrast")
    assert found.value == pytest.approx(200 / 8 / 255, abs=0.01)


def every_defect() -> dict[str, tuple[QualityTest, str]]:
    """One defect of every test of the picture alone, with its limit as the advice should state it."""
    white = np.full((HEIGHT, WIDTH), 255, np.uint8)
    streak, torn = check_picture(), check_picture()
    streak[320:326] = 20
    cv2.fillConvexPoly(torn, np.array([[0, 0], [260, 0], [0, 260]], np.int32), 0)
    blurred = np.asarray(cv2.GaussianBlur(check_picture(), (0, 0), 5.0), np.uint8)
    spoiled: dict[str, tuple[Picture, str]] = {
        "partial_image": (check_picture()[:300], "0.5"),
        "excessive_image_skew": (turned(check_picture(), 7.0), "5.0"),
        "too_light_or_too_dark": (white, "0.9 %"),
        "streaks_and_or_bands": (streak, "0.01 in"),
        "below_minimum_image_size": (check_picture()[:, :600], "5.5 x 2.25"),
        "exceeds_maximum_image_size": (np.full((1100, 1900), 230, np.uint8), "9.25 x 4.17"),
        "out_of_focus": (blurred, "0.9"),
        "folded_or_torn_corners": (torn, ""),  # each corner has a limit of its own
    }
    found = {name: (results(picture)[name], limit) for name, (picture, limit) in spoiled.items()}
    return {name: (test, limit or f"{test.limit:.1f} in") for name, (test, limit) in found.items()}


def test_advice_states_value_and_limit() -> None:
    """Whoever reads the advice of a defect learns what was measured, what is allowed and what to do."""
    for name, (test, limit) in every_defect().items():
        assert test.result == "present", name
        assert test.unit
        assert test.advice is not None
        before, _, after = test.advice.partition(";")
        assert any(character.isdigit() for character in before), test.advice
        assert after.strip().startswith((f"at most {limit}", f"at least {limit}")), test.advice
        assert ":" in after, test.advice


@pytest.mark.parametrize("bitonal", [False, True])
def test_streaks_and_bands(bitonal: bool) -> None:
    """A line from edge to edge is a streak in either direction; a printed rule that ends before the edges is none."""
    across, down, rule = check_picture(), check_picture(), check_picture()
    across[320:323] = 20
    down[:, 600:640] = 60
    rule[320:323, 60:1140] = 20
    levels = [np.where(picture < 128, 0, 255).astype(np.uint8) if bitonal else picture for picture in (across, down, rule)]
    found = [results(picture, bitonal=bitonal)["streaks_and_or_bands"] for picture in levels]
    assert [test.result for test in found] == ["present", "present", "not_present"]
    assert found[0].advice is not None
    assert found[1].advice is not None
    assert "across" in found[0].advice
    assert "down" in found[1].advice


def test_dark_margins_are_no_bands() -> None:
    """The dark ground around a check, as a scanner's lid or a table leaves it, is not a band."""
    picture = cv2.copyMakeBorder(check_picture(), 40, 40, 70, 70, cv2.BORDER_CONSTANT, value=[15])
    assert results(np.asarray(picture, np.uint8))["streaks_and_or_bands"].result == "not_present"


def sizes(picture: Picture, stated_dpi: float, page_dpi: float, source: Literal["micr_pitch", "file", "assumed"]) -> list[QualityTest]:
    """The two tests of size, with the resolutions of the file and of the page as given."""
    image = decoded(picture, stated_dpi)
    page = replace(normalise(image), grey=picture, ink=np.zeros(picture.shape, np.float32), dpi=page_dpi, dpi_source=source)
    return [test for test in assess(page, image).tests if test.test in ("below_minimum_image_size", "exceeds_maximum_image_size")]


def test_size_in_inches() -> None:
    """Half a check is below the minimum, a whole sheet above the maximum."""
    half, sheet = check_picture()[:, :600], np.full((1100, 1700), 230, np.uint8)
    below, not_above = sizes(half, 200.0, 200.0, "file")
    assert (below.result, below.value, not_above.result) == ("present", 3.0, "not_present")
    not_below, above = sizes(sheet, 200.0, 200.0, "micr_pitch")
    assert (not_below.result, above.result) == ("not_present", "present")
    assert above.advice is not None
    assert "8.5 x 5.5 inches" in above.advice


@pytest.mark.parametrize(("stated_dpi", "page_dpi"), [(72.0, 200.0), (200.0, 104.0), (600.0, 200.0)])
def test_one_resolution_that_fits_is_enough(stated_dpi: float, page_dpi: float) -> None:
    """A file that states 72 dpi by habit, or a pitch read wrongly, makes no defect out of a whole check."""
    assert [test.result for test in sizes(check_picture(), stated_dpi, page_dpi, "micr_pitch")] == ["not_present", "not_present"]


@pytest.mark.parametrize("page_dpi", [104.0, 400.0])
def test_a_misread_pitch_is_no_size(page_dpi: float) -> None:
    """A picture with the shape of a check is not 11 or 3 inches long because small type was taken for its MICR line."""
    assert [test.result for test in sizes(check_picture(), 0.0, page_dpi, "micr_pitch")] == ["not_tested", "not_tested"]


def test_no_size_without_a_resolution() -> None:
    """Where neither the file nor a MICR line tells the resolution, sizes are not guessed."""
    assert [test.result for test in sizes(check_picture(), 0.0, 200.0, "assumed")] == ["not_tested", "not_tested"]


def test_a_strip_of_a_check_is_partial() -> None:
    """A picture longer for its height than any check lacks a part."""
    assert "partial_image" in defects(results(check_picture()[:300]))


def test_focus() -> None:
    """Blur grows the value; blur as wide as a stroke of MICR print is a defect; contrast and brightness are none."""
    sharp = check_picture()
    values = [results(sharp)["out_of_focus"].value]
    values += [results(np.asarray(cv2.GaussianBlur(sharp, (0, 0), blur), np.uint8))["out_of_focus"].value for blur in (1.0, 2.0, 4.0)]
    assert values == sorted(values)
    assert "out_of_focus" in defects(results(np.asarray(cv2.GaussianBlur(sharp, (0, 0), 4.0), np.uint8)))
    pale = (200 - (230 - sharp.astype(int)) // 3).astype(np.uint8)
    assert results(pale)["out_of_focus"].value == pytest.approx(values[0], rel=0.2)


def test_focus_of_bitonal_and_empty_pictures_is_not_tested() -> None:
    """One bit per pixel has steep edges whatever the lens did, and without ink there is nothing to judge."""
    bitonal = np.where(check_picture() < 128, 0, 255).astype(np.uint8)
    assert results(bitonal, bitonal=True)["out_of_focus"].result == "not_tested"
    assert results(np.full((HEIGHT, WIDTH), 230, np.uint8))["out_of_focus"].result == "not_tested"


@pytest.mark.parametrize("scope", [Scope.COURTESY_AMOUNT, Scope.MICR_LINE, Scope.DIGIT])
def test_a_picture_of_one_field_is_not_measured_as_a_check(scope: Scope) -> None:
    """A cut-out field is not too small, not partial and not streaked."""
    found = results(check_picture()[80:140, 840:1150], scope=scope)
    for name, _, of_fields_too in MEASUREMENTS:
        assert of_fields_too or found[name].result == "not_tested"
    assert found["too_light_or_too_dark"].result != "not_tested"


@pytest.mark.parametrize("shape", [(28, 28), (60, 299)])
def test_a_small_cut_out_is_not_measured_as_a_check(shape: tuple[int, int]) -> None:
    """What is too narrow for any check is tested for light and focus, not for the size and shape of a check."""
    found = results(np.asarray(cv2.resize(check_picture()[80:140, 840:1150], shape[::-1]), np.uint8))
    assert {found[name].result for name, _, of_fields_too in MEASUREMENTS if not of_fields_too} == {"not_tested"}
    assert found["too_light_or_too_dark"].result != "not_tested"


def test_a_strip_sent_as_a_check_is_partial() -> None:
    """A MICR line alone, as wide as a check, is told to be a part of one."""
    assert "partial_image" in defects(results(check_picture()[400:]))


@pytest.mark.parametrize("shape", [(8, 8), (8, 3000), (3000, 8), (28, 28)])
@pytest.mark.parametrize("level", [0, 128, 255])
def test_plain_pictures_of_any_shape_are_answered(shape: tuple[int, int], level: int) -> None:
    """No picture raises, and what is tested has a finite value."""
    for test in results(np.full(shape, level, np.uint8)).values():
        assert test.result == "not_tested" or math.isfinite(test.value)
