"""Page -> ImageQuality: the image tests of X9.100-187 type 54 and of FSTC, each with advice that a person can follow.

The standards name the defects and leave their limits to the exchange; where a public rule states one it is taken
(Saint Lucia's clearing house: black-pixel ratio of the front, missing corners), else the limit is this project's and says what it was
chosen by. A test that is not carried out says so (``not_tested``): silence would pass for a clean picture.
"""

from __future__ import annotations

from typing import Literal

from app.reader.quality_corners import folded_or_torn_corners
from app.reader.quality_finding import Finding, Measurement, Subject
from app.reader.quality_focus import out_of_focus
from app.reader.quality_lie import excessive_image_skew
from app.reader.quality_light import too_light_or_too_dark
from app.reader.quality_size import below_minimum_image_size, exceeds_maximum_image_size, partial_image
from app.reader.quality_streaks import streaks_and_or_bands
from app.reader.types import AmountReading, Box, DecodedImage, ImageQuality, MicrReading, Page, QualityTest, Scope
from app.reader.usability import usability_of_convenience_amount, usability_of_micr_line

LEAST_CHECK_WIDTH_PX = 300  # ours: 50 dots per inch; on anything smaller no check could be read

MEASUREMENTS: tuple[tuple[str, Measurement, bool], ...] = (  # (test, its measurement, whether it fits a picture of one field)
    ("partial_image", partial_image, False),
    ("excessive_image_skew", excessive_image_skew, True),
    ("too_light_or_too_dark", too_light_or_too_dark, True),
    ("streaks_and_or_bands", streaks_and_or_bands, False),
    ("below_minimum_image_size", below_minimum_image_size, False),
    ("exceeds_maximum_image_size", exceeds_maximum_image_size, False),
    ("out_of_focus", out_of_focus, True),
    ("folded_or_torn_corners", folded_or_torn_corners, False),
    ("usability_of_convenience_amount", usability_of_convenience_amount, False),
    ("usability_of_micr_line", usability_of_micr_line, False),
)
NOT_TESTED = (
    "piggyback_image",
    "folded_or_torn_edges",
    "framing_error",
    "spot_noise",
    "front_rear_dimension_mismatch",
)


def assess(
    page: Page,
    image: DecodedImage,
    scope: Scope = Scope.CHECK,
    amount: AmountReading | None = None,
    micr: MicrReading | None = None,
    amount_place: Box | None = None,
) -> ImageQuality:
    """All tests of one picture, in a fixed order. What asks for a whole check is not tested on a picture of one field, nor is the
    usability of a field for which no reading is given.

    Nor is it on a page narrower than any check that could be read: that is a cut-out sent as a check.
    """
    whole = scope is Scope.CHECK and page.grey.shape[1] >= LEAST_CHECK_WIDTH_PX
    subject = Subject(page, image, amount, micr, amount_place)
    tests = []
    for name, measure, of_fields_too in MEASUREMENTS:
        finding = measure(subject) if of_fields_too or whole else None
        tests.append(untested(name) if finding is None else tested(name, finding))
    return ImageQuality((*tests, *(untested(name) for name in NOT_TESTED)))


def tested(name: str, finding: Finding) -> QualityTest:
    """The result of a test that was carried out."""
    result: Literal["present", "not_present"] = "present" if finding.present else "not_present"
    advice = finding.advice if finding.present else None
    return QualityTest(name, result, round(finding.value, 4), finding.limit, advice, finding.unit)


def untested(name: str) -> QualityTest:
    """A test that was not carried out: no value, no limit, no unit."""
    return QualityTest(name, "not_tested", float("nan"), float("nan"), None, None)
