"""Usability of the amount and of the MICR line: from what was read there, and from the picture of the place."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import numpy.typing as npt
import pytest

from app.reader import quality
from app.reader.quality import assess
from app.reader.quality_finding import Finding, Subject, worst
from app.reader.types import AmountReading, Box, Character, DecodedImage, ImageQuality, MicrReading, Page, QualityTest, Reason
from app.reader.usability import refused_where_unusable, usability_of_convenience_amount, usability_of_micr_line

DPI, WIDTH, HEIGHT = 200, 1200, 550
AMOUNT_BOX: Box = (880, 180, 1140, 250)
INSIDE: Box = (900, 190, 1120, 240)
LINE_BOX: Box = (60, 480, 760, 520)
SMEAR_PX = {INSIDE: 8.0, LINE_BOX: 6.5}  # the marks of the line stand closer and fade sooner
Picture = npt.NDArray[np.uint8]


def check_picture() -> Picture:
    """A figure in a printed box and a line of marks at 200 dpi."""
    picture = np.full((HEIGHT, WIDTH), 225, np.uint8)
    cv2.rectangle(picture, (AMOUNT_BOX[0], AMOUNT_BOX[1]), (AMOUNT_BOX[2], AMOUNT_BOX[3]), 60, 2)
    cv2.putText(picture, "1,234.56", (905, 232), cv2.FONT_HERSHEY_SIMPLEX, 1.3, 40, 3)
    for left in range(70, 740, 25):
        cv2.rectangle(picture, (left, 488), (left + 16, 511), 40, 3)
    return picture


def polygon(box: Box) -> tuple[tuple[float, float], ...]:
    left, top, right, bottom = box
    return ((left, top), (right, top), (right, bottom), (left, bottom))


def characters(count: int, confidence: float, height_px: int = 24) -> tuple[Character, ...]:
    """A row of characters, each ``height_px`` high."""
    return tuple(Character("1", polygon((70 + 25 * k, 488, 86 + 25 * k, 488 + height_px)), confidence, ()) for k in range(count))


def micr(count: int = 26, confidence: float = 0.99, height_px: int = 24) -> MicrReading:
    """A line with a whole routing number."""
    marks = characters(count, confidence, height_px)
    outline, routing = polygon(LINE_BOX), "021000021"
    return MicrReading(
        *("accepted", None, "1" * count, "us_personal", 0.99, 0.01, outline, marks, routing, True),
        *(None, None, None, None, None, (), ()),
    )


def amount(confidence: float = 0.97, box: Box | None = AMOUNT_BOX) -> AmountReading:
    """An amount that was read at ``box``, or none."""
    if box is None:
        return AmountReading("not_found", None, None, None, None, "", 0.0, 0.01, None, (), ())
    marks = characters(7, 0.9)
    return AmountReading("accepted", None, "1234.56", 123456, "USD", "1,234.56", confidence, 0.01, polygon(box), marks, ())


def page_of(picture: Picture) -> Page:
    """The picture as a page; the lines of its box are known."""
    frames = np.zeros(picture.shape, np.uint8)
    cv2.rectangle(frames, (AMOUNT_BOX[0], AMOUNT_BOX[1]), (AMOUNT_BOX[2], AMOUNT_BOX[3]), 1, 3)
    return Page(picture, np.zeros(picture.shape, np.float32), frames > 0, np.eye(3), DPI, "micr_pitch", 0.0, 0)


def subject(picture: Picture, line: MicrReading | None, figure: AmountReading | None, bitonal: bool = False) -> Subject:
    image = DecodedImage(np.repeat(picture[:, :, None], 3, axis=2), DPI, bitonal, "PNG", 0, 1)
    return Subject(page_of(picture), image, figure, line, AMOUNT_BOX)


def of_line(picture: Picture, line: MicrReading) -> Finding:
    found = usability_of_micr_line(subject(picture, line, None))
    assert found is not None
    return found


def of_amount(picture: Picture, figure: AmountReading) -> Finding:
    found = usability_of_convenience_amount(subject(picture, None, figure))
    assert found is not None
    return found


def changed(box: Box, change: str) -> Picture:
    """The check with a part of it spoiled."""
    picture = check_picture()
    left, top, right, bottom = box
    part = picture[top:bottom, left:right]
    if change == "covered":
        picture[top:bottom, left : (left + right) // 2] = 45
    elif change == "smeared":
        picture[top:bottom, left:right] = cv2.GaussianBlur(part, (0, 0), SMEAR_PX[box])
    elif change == "faded":
        picture[top:bottom, left:right] = 225 - (225 - part.astype(int)) // 12
    return picture


def test_a_good_check_is_usable() -> None:
    """Clear figures and a line that reads raise nothing."""
    assert not of_line(check_picture(), micr()).present
    assert not of_amount(check_picture(), amount()).present


@pytest.mark.parametrize(
    ("change", "word", "unit"),
    [("covered", "covered", "share"), ("smeared", "smeared", "strokes"), ("faded", "faded", "contrast")],
)
def test_what_was_done_to_a_field_is_told(change: str, word: str, unit: str) -> None:
    """A covered, smeared or faded field is told as that, with its unit, for the amount and for the MICR line."""
    for found in (of_amount(changed(INSIDE, change), amount()), of_line(changed(LINE_BOX, change), micr())):
        assert found.present
        assert word in found.advice
        assert unit in found.unit


def test_an_amount_read_elsewhere_is_judged_at_its_place() -> None:
    """Of a smeared amount another line of print is read, however surely: then the likeliest place is looked at as well."""
    elsewhere: Box = (60, 470, 760, 530)
    for confidence in (0.1, 0.9):
        assert of_amount(changed(INSIDE, "smeared"), amount(confidence, elsewhere)).present
        assert not of_amount(check_picture(), amount(confidence, elsewhere)).present


def test_half_an_amount_beside_a_blot_is_no_amount() -> None:
    """The right half is read surely where the left one is covered: the blot beside it counts, and an accepted amount is refused."""
    left, top, right, bottom = INSIDE
    middle = (left + right) // 2
    half = amount(0.98, (middle, top, right, bottom))
    finding = of_amount(changed((left, top, middle, bottom), "covered"), half)
    assert finding.present
    assert finding.unit == "share of the amount"
    refused = refused_where_unusable(half, ImageQuality((quality.tested("usability_of_convenience_amount", finding),)))
    assert refused is not None
    assert (refused.decision, refused.value) == ("refused", half.value)
    assert refused.reason == Reason("unusable_amount", finding.advice)


def test_a_usable_amount_keeps_its_decision() -> None:
    """So does one that is refused for another reason, and none."""
    good = ImageQuality((quality.tested("usability_of_convenience_amount", of_amount(check_picture(), amount(0.98))),))
    assert refused_where_unusable(amount(0.98), good) == amount(0.98)
    bad = ImageQuality((replace(good.tests[0], result="present", advice="Retake it."),))
    zero = replace(amount(0.98), decision="refused", reason=Reason("zero_amount", "Zero is no amount of a check."))
    assert refused_where_unusable(zero, bad) == zero
    assert refused_where_unusable(None, bad) is None


def test_fields_that_were_not_found() -> None:
    """No amount and no line are defects; what was not asked for is not tested."""
    nothing = replace(micr(), polygon=None, characters=(), raw="", decision="not_found")
    assert "no MICR line was found" in of_line(check_picture(), nothing).advice
    assert of_amount(check_picture(), amount(box=None)).present
    asked_for_nothing = subject(check_picture(), None, None)
    assert usability_of_micr_line(asked_for_nothing) is None
    assert usability_of_convenience_amount(asked_for_nothing) is None


def test_unread_characters_count_against_the_line() -> None:
    """A third of the characters unsure, half of the line gone, or digits of the routing number unread make it unusable."""
    unsure = replace(micr(), characters=(*characters(18, 0.99), *characters(8, 0.2)))
    assert of_line(check_picture(), unsure).value == pytest.approx(1.0 - 18 / 26, abs=1e-6)
    assert of_line(check_picture(), micr(count=13)).value == pytest.approx(1.0 - 13 / 20)
    assert of_line(check_picture(), replace(micr(), routing_number="0210*00**")).value == pytest.approx(1.0 - 6 / 9)
    assert not of_line(check_picture(), replace(micr(), routing_number="0210*0021")).present


def test_small_characters() -> None:
    """Characters of few pixels are told by their height in the picture as uploaded."""
    found = of_line(check_picture(), micr(height_px=6))
    assert (found.present, found.value, found.limit, found.unit) == (True, 6.0, 8.0, "pixels of height")
    assert "6 pixels high; at least 8" in found.advice


def test_one_bit_is_not_judged_by_shades() -> None:
    """A picture of one bit has no contrast and no blur to measure; what covers it is still told."""
    black = np.where(changed(INSIDE, "covered") < 128, 0, 255).astype(np.uint8)
    found = usability_of_convenience_amount(subject(black, None, amount(), bitonal=True))
    assert found is not None
    assert found.present
    assert "covered" in found.advice


def test_the_list_holds_both() -> None:
    """The list of all tests carries what was found, with value, limit and unit."""
    image = DecodedImage(np.repeat(check_picture()[:, :, None], 3, axis=2), DPI, False, "PNG", 0, 1)
    tests = assess(page_of(check_picture()), image, amount=amount(box=None), micr=micr(), amount_place=AMOUNT_BOX).tests
    found: dict[str, QualityTest] = {test.test: test for test in tests}
    assert found["usability_of_micr_line"].result == "not_present"
    missing = found["usability_of_convenience_amount"]
    assert (missing.result, missing.value, missing.limit, missing.unit) == ("present", 1.0, 0.25, "share of the amount")


def test_the_worst_finding_is_told() -> None:
    """The finding farthest beyond its own limit counts, whether its limit is a least or a most."""
    small, large = Finding(2.0, 8.0, "least", "a", ""), Finding(3.0, 1.0, "most", "b", "")
    assert worst(large, None, small) is small
    assert worst(None) is None
    assert Finding(0.0, 8.0, "least", "a", "").present
    assert not Finding(0.0, 1.0, "most", "a", "").present
