"""Streaks and bands: dark lines that run from edge to edge of the picture, as a dirty scanner leaves them."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from app.reader.quality_finding import Finding, Subject
from app.reader.quality_lie import is_scan
from app.reader.quality_light import Mask, below, paper_and_ink
from app.reader.types import Grey, Page

MOST_STREAK_IN = 0.01  # ours: two pixels at 200 dots per inch, thinner than a stroke of MICR print (0.013 in)
STREAK_SHARE = 0.9  # of a row that is dark, and of both its ends; printed rules and borders end before the edges
END_SHARE = 0.03  # of the row, that makes an end
MARGIN_SHARE = 0.05  # of the picture's height at top and bottom, where borders and grounds are and no streak counts
LEAST_TURN_DEGREES = 0.02


def streaks_and_or_bands(subject: Subject) -> Finding | None:
    """Inches of the thickest dark line that runs across or down the whole picture; dark margins are left out.

    Of a scan the picture as uploaded is looked at, for streaks follow the scanner and not the check.
    """
    page = subject.page
    grey = as_scanned(page) if is_scan(subject) else page.grey
    paper, black = paper_and_ink(grey)
    dark = inside_margins(below(grey, paper - 0.6 * (paper - black)))
    (across, row), (down, column) = thickest(dark, 0), thickest(dark, 1)
    thick, direction, at = (across, "across", row) if across >= down else (down, "down", column)
    value, place = thick / page.dpi, f"{at / page.dpi:.1f} in from {'the top' if direction == 'across' else 'the left'}"
    advice = (
        f"A dark streak or band {value:.2f} in thick runs {direction} the whole picture, {place}; at most {MOST_STREAK_IN:.2f} in: clean "
        "the scanner's glass or rollers, or avoid the shadow."
    )
    return Finding(value, MOST_STREAK_IN, "most", "inches of thickness", advice)


def as_scanned(page: Page) -> Grey:
    """The page (H, W) turned back to how it lay in the scanner; corners that were turned out of it are filled with what was next."""
    transform = page.page_to_image
    angle = float(np.degrees(np.arctan2(transform[1, 0], transform[0, 0])))
    angle -= 90.0 * round(angle / 90.0)
    if abs(angle) < LEAST_TURN_DEGREES:
        return page.grey
    height, width = page.grey.shape
    back = cv2.getRotationMatrix2D((width / 2.0, height / 2.0), -angle, 1.0)
    return np.asarray(cv2.warpAffine(page.grey, back, (width, height), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE), np.uint8)


def inside_margins(dark: Mask) -> Mask:
    """The part inside the dark ground around a check: rows and columns at the edges that are mostly dark are cut off."""
    rows, columns = (np.flatnonzero(dark_shares(dark, axis) < STREAK_SHARE / 2) for axis in (0, 1))
    if len(rows) == 0 or len(columns) == 0:
        return dark[:0, :0]
    return np.ascontiguousarray(dark[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1])


def dark_shares(dark: Mask, axis: int) -> npt.NDArray[np.float32]:
    """Share of dark pixels in each row (H,) of a mask (H, W), axis 0, or in each column (W,), axis 1."""
    return np.asarray(cv2.reduce(dark, 1 - axis, cv2.REDUCE_AVG, dtype=cv2.CV_32F), np.float32).ravel()


def thickest(dark: Mask, axis: int) -> tuple[int, int]:
    """(thickness, place) in pixels of the thickest run of rows (axis 0) or columns (axis 1) that are dark from end to end; (0, 0)
    without one.

    The outermost 5 % of the rows or columns on either side do not count.
    """
    if dark.size == 0:
        return 0, 0
    length, count = dark.shape[1 - axis], dark.shape[axis]
    edge, margin = max(1, round(END_SHARE * length)), max(1, round(MARGIN_SHARE * count))
    ends = (dark[:, :edge], dark[:, -edge:]) if axis == 0 else (dark[:edge], dark[-edge:])
    shares = np.min([dark_shares(part, axis) for part in (dark, *ends)], axis=0)
    streaks = np.concatenate([[0], (shares[margin:-margin] > STREAK_SHARE).astype(np.int8), [0]])
    begins, stops = np.flatnonzero(np.diff(streaks) == 1), np.flatnonzero(np.diff(streaks) == -1)
    if len(begins) == 0:
        return 0, 0
    longest = int(np.argmax(stops - begins))
    return int(stops[longest] - begins[longest]), int(begins[longest]) + margin
