"""Page -> ImageQuality: the image tests of X9.100-187 type 54 and of FSTC, each with advice that a person can follow.

The standards name the defects and leave their limits to the exchange; where a public rule states one it is taken
(black-pixel ratio of the front: Saint Lucia's clearing house), else the limit is this project's and says what it was
chosen by. A test that is not carried out says so (``not_tested``): silence would pass for a clean picture.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from app.reader.types import DecodedImage, Grey, ImageQuality, Page, QualityTest, Scope

MOST_SKEW_DEGREES = 5.0  # ours: the page stage levels up to 8, and glyphs blur when turned by more than about 5
BLACK_SHARE = (0.009, 0.9)  # black-pixel ratio of the front, Saint Lucia
# X9.100-160 allows 6 to 8.75 in by 2.75 to 3.67 in; a quarter inch is left for pictures cut a little close or wide.
LENGTH_IN = (5.75, 9.0)
HEIGHT_IN = (2.5, 3.92)
LONGEST_ASPECT = 3.3  # the longest check is 8.75 / 2.75 = 3.18 times as long as high
STREAK_SHARE = 0.9  # ours: printed rules and borders leave more than a tenth of a full row or column free
LEAST_SHARPNESS = 0.12  # ours: pictures of checks blurred until their MICR glyphs closed up (benchmarks of the page stage)
LEAST_INK_PIXELS = 200  # fewer tell nothing of the focus
VERY_DARK = 64  # grey level that counts as black wherever it stands, of 255

NOT_TESTED = (
    "piggyback_image",
    "folded_or_torn_corners",
    "folded_or_torn_edges",
    "framing_error",
    "spot_noise",
    "front_rear_dimension_mismatch",
)


@dataclass(frozen=True, slots=True)
class Finding:
    """A measured value against its limit, in the unit that the test names; ``advice`` for when the defect is present."""

    value: float
    limit: float
    present: bool
    advice: str


Measurement = Callable[[Page, DecodedImage], Finding | None]


def assess(page: Page, image: DecodedImage, scope: Scope = Scope.CHECK) -> ImageQuality:
    """All tests of one picture, in a fixed order. What asks for a whole check is not tested on a picture of one field."""
    tests = []
    for name, measure, of_fields_too in MEASUREMENTS:
        finding = measure(page, image) if of_fields_too or scope is Scope.CHECK else None
        tests.append(untested(name) if finding is None else tested(name, finding))
    return ImageQuality((*tests, *(untested(name) for name in NOT_TESTED)))


def tested(name: str, finding: Finding) -> QualityTest:
    """The result of a test that was carried out."""
    result = "present" if finding.present else "not_present"
    return QualityTest(name, result, round(finding.value, 4), finding.limit, finding.advice if finding.present else None)


def untested(name: str) -> QualityTest:
    """A test that was not carried out: no value, no limit."""
    return QualityTest(name, "not_tested", float("nan"), float("nan"), None)


def partial_image(page: Page, image: DecodedImage) -> Finding | None:
    """Length over height of the picture: above that of the longest check, a strip along a long edge is missing."""
    height, width = page.grey.shape
    advice = "The picture is too long for its height: a part of the check is cut off. Take the whole check, with all four edges."
    return Finding(width / height, LONGEST_ASPECT, width / height > LONGEST_ASPECT, advice)


def excessive_image_skew(page: Page, image: DecodedImage) -> Finding | None:
    """Degrees by which the check stands askew in the picture, without sign."""
    skew = abs(page.skew_degrees)
    advice = f"The check stands askew by {skew:.1f} degrees. Lay it straight in the scanner, or hold the camera parallel to its edges."
    return Finding(skew, MOST_SKEW_DEGREES, skew > MOST_SKEW_DEGREES, advice)


def too_light_or_too_dark(page: Page, image: DecodedImage) -> Finding | None:
    """Share of black pixels: ink against its local paper, or black as such. The limit is the nearer of the two."""
    black = float(np.count_nonzero((page.ink > 0.5) | (page.grey < VERY_DARK))) / page.grey.size
    least, most = BLACK_SHARE
    if black < least:
        advice = f"Only {100 * black:.1f} % of the picture is ink. Scan it darker, with more contrast; on a photo, give it more light."
        return Finding(black, least, True, advice)
    advice = f"{100 * black:.0f} % of the picture is black. Scan it lighter, or take the photo on a bright ground without shadow."
    return Finding(black, most, black > most, advice)


def streaks_and_or_bands(page: Page, image: DecodedImage) -> Finding | None:
    """The largest share of dark pixels in any row or column that does not belong to a dark margin."""
    dark = dark_mask(page.grey)
    columns = np.asarray(cv2.reduce(dark, 0, cv2.REDUCE_AVG, dtype=cv2.CV_32F)).ravel()  # (W,)
    rows = np.asarray(cv2.reduce(dark, 1, cv2.REDUCE_AVG, dtype=cv2.CV_32F)).ravel()  # (H,)
    across, down = inner_peak(rows), inner_peak(columns)
    direction = "across" if across > down else "down"
    advice = f"A dark streak or band runs {direction} the whole picture. Clean the scanner's glass or rollers, or avoid a shadow."
    return Finding(max(across, down), STREAK_SHARE, max(across, down) > STREAK_SHARE, advice)


def dark_mask(grey: Grey) -> npt.NDArray[np.uint8]:
    """(H, W) 0/1: clearly darker than the paper, which is the upper quartile of the picture."""
    counts = np.bincount(grey.ravel(), minlength=256)
    total = np.cumsum(counts)
    paper, black = (int(np.searchsorted(total, share * total[-1])) for share in (0.75, 0.01))
    _, dark = cv2.threshold(grey, paper - 0.4 * (paper - black), 1, cv2.THRESH_BINARY_INV)
    return np.asarray(dark, np.uint8)


def inner_peak(profile: npt.NDArray[np.float32]) -> float:
    """The largest entry between the margins: 3 % at either end, and what joins them without a break above half of the limit."""
    edge = max(1, round(0.03 * len(profile)))
    quiet = np.flatnonzero(profile < STREAK_SHARE / 2)
    if len(quiet) == 0:
        return 0.0
    first, last = max(edge, int(quiet[0])), min(len(profile) - edge, int(quiet[-1]) + 1)
    return float(profile[first:last].max(initial=0.0))


def below_minimum_image_size(page: Page, image: DecodedImage) -> Finding | None:
    """Inches of length or height, whichever falls shorter of its minimum. Not tested where the resolution is not known."""
    if page.dpi_source == "assumed":
        return None
    length, height = page.grey.shape[1] / page.dpi, page.grey.shape[0] / page.dpi
    value, limit = min((length, LENGTH_IN[0]), (height, HEIGHT_IN[0]), key=lambda pair: pair[0] / pair[1])
    advice = (
        f"At its resolution the picture shows {length:.1f} x {height:.1f} inches, less than a whole check. "
        "Take the whole check; if it is whole, state the true resolution in the file."
    )
    return Finding(value, limit, value < limit, advice)


def exceeds_maximum_image_size(page: Page, image: DecodedImage) -> Finding | None:
    """Inches of length or height, whichever exceeds its maximum more. Not tested where the resolution is not known."""
    if page.dpi_source == "assumed":
        return None
    length, height = page.grey.shape[1] / page.dpi, page.grey.shape[0] / page.dpi
    value, limit = max((length, LENGTH_IN[1]), (height, HEIGHT_IN[1]), key=lambda pair: pair[0] / pair[1])
    advice = (
        f"At its resolution the picture shows {length:.1f} x {height:.1f} inches, more than a check. "
        "Cut the picture to the edges of the check; if it is cut, state the true resolution in the file."
    )
    return Finding(value, limit, value > limit, advice)


def out_of_focus(page: Page, image: DecodedImage) -> Finding | None:
    """Root mean square of the Laplacian on the ink over the contrast of the ink: high where edges are steep.

    The variance of the Laplacian (Pech-Pacheco et al. 2000) made independent of contrast and of the amount of ink. Not
    tested on bitonal pictures, whose edges are always steep, nor where there is too little ink to tell.
    """
    if image.bitonal:
        return None
    near_ink = np.asarray(page.ink > 0.25, np.uint8)
    if int(near_ink.sum()) < LEAST_INK_PIXELS:
        return None
    laplacian = cv2.Laplacian(page.grey, cv2.CV_16S)
    mean, spread = (float(part.item()) for part in cv2.meanStdDev(laplacian, mask=near_ink))
    on_ink = cv2.mean(page.grey, near_ink)[0]
    off_ink = cv2.mean(page.grey, np.asarray(1 - near_ink, np.uint8))[0]
    sharpness = float(np.hypot(mean, spread)) / max(1.0, off_ink - on_ink)
    advice = "The picture is out of focus. Hold the camera still, a little farther away, and let it focus on the check."
    return Finding(sharpness, LEAST_SHARPNESS, sharpness < LEAST_SHARPNESS, advice)


MEASUREMENTS: tuple[tuple[str, Measurement, bool], ...] = (  # (test, its measurement, whether it fits a picture of one field)
    ("partial_image", partial_image, False),
    ("excessive_image_skew", excessive_image_skew, True),
    ("too_light_or_too_dark", too_light_or_too_dark, True),
    ("streaks_and_or_bands", streaks_and_or_bands, False),
    ("below_minimum_image_size", below_minimum_image_size, False),
    ("exceeds_maximum_image_size", exceeds_maximum_image_size, False),
    ("out_of_focus", out_of_focus, True),
)
