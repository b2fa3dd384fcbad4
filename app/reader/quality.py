"""Page -> ImageQuality: the image tests of X9.100-187 type 54 and of FSTC, each with advice that a person can follow.

The standards name the defects and leave their limits to the exchange; where a public rule states one it is taken
(black-pixel ratio of the front: Saint Lucia's clearing house), else the limit is this project's and says what it was
chosen by. A test that is not carried out says so (``not_tested``): silence would pass for a clean picture.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import cv2
import numpy as np
import numpy.typing as npt

from app.reader.ink import weighted_quantile
from app.reader.types import DecodedImage, Grey, ImageQuality, Ink, Page, QualityTest, Scope

Mask = npt.NDArray[np.uint8]  # (H, W), 0 or 1

MOST_SKEW_DEGREES = 5.0  # ours: the page stage levels up to 8, and glyphs blur when turned by more than about 5
BLACK_SHARE = (0.009, 0.9)  # black-pixel ratio of the front, Saint Lucia
# X9.100-160 allows 6 to 8.75 in by 2.75 to 3.67 in; half an inch is left for pictures cut close or wide and for a pitch of
# the MICR line that is a little off.
LENGTH_IN = (5.5, 9.25)
HEIGHT_IN = (2.25, 4.17)
LEAST_ASPECT = 2.0  # ours: of a picture cut to the edges of a check; those of a personal check are 6 / 2.75 = 2.18
LONGEST_ASPECT = 3.3  # the longest check is 8.75 / 2.75 = 3.18 times as long as high
LEAST_CHECK_WIDTH_PX = 300  # ours: 50 dots per inch; on anything smaller no check could be read
STREAK_SHARE = 0.9  # ours; printed rules and borders may be as long, but end before the edges of the picture
STROKE_IN = 0.013  # a stroke of E-13B, one unit of its grid (X9.100-20)
MOST_BLUR_STROKES = 0.9  # ours: blurred by about a stroke, neighbouring strokes of E-13B run together
EDGE_BLUR = 0.73  # blur in pixels = this over the root of the sharpness: fitted on real checks with known Gaussian blur
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
    """All tests of one picture, in a fixed order. What asks for a whole check is not tested on a picture of one field.

    Nor is it on a page narrower than any check that could be read: that is a cut-out sent as a check.
    """
    whole = scope is Scope.CHECK and page.grey.shape[1] >= LEAST_CHECK_WIDTH_PX
    tests = []
    for name, measure, of_fields_too in MEASUREMENTS:
        finding = measure(page, image) if of_fields_too or whole else None
        tests.append(untested(name) if finding is None else tested(name, finding))
    return ImageQuality((*tests, *(untested(name) for name in NOT_TESTED)))


def tested(name: str, finding: Finding) -> QualityTest:
    """The result of a test that was carried out."""
    result: Literal["present", "not_present"] = "present" if finding.present else "not_present"
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
    black = cv2.countNonZero(cv2.bitwise_or(ink_mask(page.ink, 0.5), below(page.grey, VERY_DARK))) / page.grey.size
    least, most = BLACK_SHARE
    if black < least:
        advice = f"Only {100 * black:.1f} % of the picture is ink. Scan it darker, with more contrast; on a photo, give it more light."
        return Finding(black, least, True, advice)
    advice = f"{100 * black:.0f} % of the picture is black. Scan it lighter, or take the photo on a bright ground without shadow."
    return Finding(black, most, black > most, advice)


def ink_mask(ink: Ink, least: float) -> Mask:
    """(H, W) 0/1: where there is more ink than ``least``."""
    return np.asarray(cv2.threshold(ink, least, 1.0, cv2.THRESH_BINARY)[1], np.uint8)


def below(grey: Grey, level: float) -> Mask:
    """(H, W) 0/1: where the picture is darker than ``level`` or equal to it."""
    return np.asarray(cv2.threshold(grey, level, 1, cv2.THRESH_BINARY_INV)[1], np.uint8)


def streaks_and_or_bands(page: Page, image: DecodedImage) -> Finding | None:
    """The largest share of dark pixels in a row or column that is dark at both of its ends; dark margins are left out.

    Streaks of a scanner run from edge to edge; rules and borders that are printed on the check end before them.
    """
    counts = cv2.calcHist([page.grey], [0], None, [256], [0, 256]).ravel()
    paper, black = weighted_quantile(counts, 0.75), weighted_quantile(counts, 0.01)
    dark = inside_margins(below(page.grey, paper - 0.6 * (paper - black)))
    across, down = edge_to_edge(dark), edge_to_edge(np.ascontiguousarray(dark.T))
    direction = "across" if across > down else "down"
    advice = f"A dark streak or band runs {direction} the whole picture. Clean the scanner's glass or rollers, or avoid a shadow."
    return Finding(max(across, down), STREAK_SHARE, max(across, down) > STREAK_SHARE, advice)


def inside_margins(dark: Mask) -> Mask:
    """The part inside the dark ground around a check: rows and columns at the edges that are mostly dark are cut off."""
    rows = np.flatnonzero(row_shares(dark) < STREAK_SHARE / 2)
    columns = np.flatnonzero(row_shares(np.ascontiguousarray(dark.T)) < STREAK_SHARE / 2)
    if len(rows) == 0 or len(columns) == 0:
        return dark[:0, :0]
    return np.ascontiguousarray(dark[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1])


def row_shares(dark: Mask) -> npt.NDArray[np.float32]:
    """(H,) share of dark pixels in each row."""
    return np.asarray(cv2.reduce(dark, 1, cv2.REDUCE_AVG, dtype=cv2.CV_32F), np.float32).ravel()


def edge_to_edge(dark: Mask) -> float:
    """The largest over all rows of the least of three shares of dark pixels: of the whole row, and of its two ends.

    Ends are 3 % of the row. The uppermost and lowest 5 % of the rows do not count.
    """
    if dark.size == 0:
        return 0.0
    edge, margin = max(1, round(0.03 * dark.shape[1])), max(1, round(0.05 * dark.shape[0]))
    shares = np.min([row_shares(part) for part in (dark, dark[:, :edge], dark[:, -edge:])], axis=0)
    return float(shares[margin:-margin].max(initial=0.0))


def below_minimum_image_size(page: Page, image: DecodedImage) -> Finding | None:
    """Inches of length or height, whichever falls shorter of its minimum. Not tested where no resolution is known.

    Where the MICR pitch and the file state different resolutions, the one that speaks for the picture counts.
    """
    sizes = sizes_in(page, image)
    if not sizes:
        return None
    length, height = max(sizes)
    value, limit = min((length, LENGTH_IN[0]), (height, HEIGHT_IN[0]), key=lambda pair: pair[0] / pair[1])
    advice = (
        f"At its resolution the picture shows {length:.1f} x {height:.1f} inches, less than a whole check. "
        "Take the whole check; if it is whole, state the true resolution in the file."
    )
    return Finding(value, limit, value < limit, advice)


def exceeds_maximum_image_size(page: Page, image: DecodedImage) -> Finding | None:
    """Inches of length or height, whichever exceeds its maximum more. Not tested where no resolution is known.

    Where the MICR pitch and the file state different resolutions, the one that speaks for the picture counts.
    """
    sizes = sizes_in(page, image)
    if not sizes:
        return None
    length, height = min(sizes)
    value, limit = max((length, LENGTH_IN[1]), (height, HEIGHT_IN[1]), key=lambda pair: pair[0] / pair[1])
    advice = (
        f"At its resolution the picture shows {length:.1f} x {height:.1f} inches, more than a check. "
        "Cut the picture to the edges of the check; if it is cut, state the true resolution in the file."
    )
    return Finding(value, limit, value > limit, advice)


def sizes_in(page: Page, image: DecodedImage) -> list[tuple[float, float]]:
    """(length, height) in inches by every resolution that is known: of the MICR pitch, and as the file states it.

    A pitch that makes a giant or a dwarf of a picture with the very shape of a check was read from other print: small
    type in a row passes for a MICR line where there is none.
    """
    height, width = page.grey.shape
    size = (width / page.dpi, height / page.dpi)
    misread = page.dpi_source == "micr_pitch" and LEAST_ASPECT <= width / height <= LONGEST_ASPECT and not of_a_check(size)
    sizes = [] if page.dpi_source == "assumed" or misread else [size]
    if image.dpi > 0:
        long, short = max(image.width_px, image.height_px), min(image.width_px, image.height_px)
        sizes.append((long / image.dpi, short / image.dpi))
    return sizes


def of_a_check(size: tuple[float, float]) -> bool:
    """Whether (length, height) in inches are within the limits of both."""
    return LENGTH_IN[0] <= size[0] <= LENGTH_IN[1] and HEIGHT_IN[0] <= size[1] <= HEIGHT_IN[1]


def out_of_focus(page: Page, image: DecodedImage) -> Finding | None:
    """Blur of the ink's edges in strokes of E-13B (0.013 inch), as the standard deviation of a Gaussian.

    It follows from the root mean square of the Laplacian on the ink over the contrast of the ink, which is the variance
    of the Laplacian (Pech-Pacheco et al. 2000) made independent of contrast and of the amount of ink. Not tested on
    bitonal pictures, whose edges are always steep, nor where there is too little ink to tell.
    """
    near_ink = ink_mask(page.ink, 0.25)
    if image.bitonal or cv2.countNonZero(near_ink) < LEAST_INK_PIXELS:
        return None
    laplacian = cv2.Laplacian(page.grey, cv2.CV_16S)
    mean, spread = (float(part.item()) for part in cv2.meanStdDev(laplacian, mask=near_ink))
    contrast = cv2.mean(page.grey)[0] - cv2.mean(page.grey, near_ink)[0]
    sharpness = max(1e-6, float(np.hypot(mean, spread)) / max(1.0, contrast))
    blur = EDGE_BLUR / float(np.sqrt(sharpness)) / (STROKE_IN * page.dpi)
    advice = "The picture is out of focus. Hold the camera still, a little farther away, and let it focus on the check."
    return Finding(blur, MOST_BLUR_STROKES, blur > MOST_BLUR_STROKES, advice)


MEASUREMENTS: tuple[tuple[str, Measurement, bool], ...] = (  # (test, its measurement, whether it fits a picture of one field)
    ("partial_image", partial_image, False),
    ("excessive_image_skew", excessive_image_skew, True),
    ("too_light_or_too_dark", too_light_or_too_dark, True),
    ("streaks_and_or_bands", streaks_and_or_bands, False),
    ("below_minimum_image_size", below_minimum_image_size, False),
    ("exceeds_maximum_image_size", exceeds_maximum_image_size, False),
    ("out_of_focus", out_of_focus, True),
)
