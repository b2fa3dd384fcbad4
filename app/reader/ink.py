"""Grey picture -> ink map: what a pen or a printer left, without paper, tint, guilloche, shadow and ruled lines.

One function serves whole pages (to find things on) and single fields (to read them): a field is always read from the
ink map of its own crop, so that its levels are its own.
"""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt
from cv2.typing import MatLike

from app.reader.components import outlines
from app.reader.types import RGB, Grey, Ink

MOST_RULE_PX = 5  # thickness up to which a long run counts as a ruled line
DOTTED_GAP = 0.125  # gaps less than this share of their least length are closed in upright lines
MIN_CONTRAST = 14.0  # grey levels between paper and ink below which a picture counts as empty


def to_grey(rgb: RGB) -> Grey:
    """The darkest of the three channels, (H, W): pens of any colour are dark in at least one of them."""
    if rgb.strides[2] == 0:  # a grey picture, decoded to three channels that share their memory
        return np.ascontiguousarray(rgb[:, :, 0])
    red, green, blue = cv2.split(rgb)
    return np.asarray(cv2.min(cv2.min(red, green), blue), np.uint8)


def paper_level(grey: Grey, stroke_px: int) -> Grey:
    """The paper under the ink, (H, W): closing removes what is darker and narrower than ``stroke_px``, then smoothing.

    Large pictures are worked on at a quarter of the pixels: paper is smooth.
    """
    shrink = 2 if min(grey.shape) >= 128 else 1
    small = cv2.resize(grey, None, fx=1 / shrink, fy=1 / shrink, interpolation=cv2.INTER_AREA) if shrink > 1 else grey
    side = max(3, round(stroke_px / shrink)) | 1
    closed = cv2.morphologyEx(small, cv2.MORPH_CLOSE, np.ones((side, side), np.uint8))
    smooth = cv2.GaussianBlur(closed, (0, 0), side / 3.0)
    if shrink > 1:
        smooth = cv2.resize(smooth, (grey.shape[1], grey.shape[0]), interpolation=cv2.INTER_LINEAR)
    return np.asarray(smooth, np.uint8)


def ink_map(grey: Grey, stroke_px: int) -> Ink:
    """Ink in 0..1, (H, W), of a picture whose paper is bright; ``stroke_px`` bounds the width of a stroke in pixels.

    Darkness is measured against the local paper; levels come from Otsu's split of the darkness histogram (Otsu 1979),
    the split being refined once among the dark side, so that a guilloche, which is darker than paper and paler than
    a pen, falls to the paper.
    """
    smooth: Grey = np.asarray(cv2.GaussianBlur(grey, (0, 0), 0.6), np.uint8)
    dark: Grey = np.asarray(cv2.subtract(paper_level(smooth, stroke_px), smooth), np.uint8)
    low, high = ink_levels(dark)
    if high < MIN_CONTRAST:
        return np.zeros(grey.shape, np.float32)
    levels = (np.arange(256, dtype=np.float32) - np.float32(low)) / np.float32(max(high - low, 1.0))
    return np.asarray(cv2.LUT(dark, np.clip(levels, 0.0, 1.0)), np.float32)


def ink_levels(dark: Grey) -> tuple[float, float]:
    """(low, high) grey levels of darkness at which ink begins and is full, from the darkness map (H, W) uint8."""
    counts = cv2.calcHist([dark], [0], None, [256], [0, 256]).ravel().astype(np.float64)
    split = otsu_split(counts)
    above = counts.copy()
    above[: split + 1] = 0.0
    if above.sum() == 0:
        return 0.0, 0.0
    high = weighted_quantile(above, 0.5)
    below = counts.copy()
    below[split + 1 :] = 0.0
    paper = weighted_quantile(below, 0.9)
    low = max(paper, 0.28 * high)
    return low, high


def otsu_split(counts: np.ndarray) -> int:
    """The last level of the lower class that maximises the variance between the classes (Otsu 1979)."""
    levels = np.arange(len(counts))
    weight = np.cumsum(counts)
    moment = np.cumsum(counts * levels)
    total, mean = weight[-1], moment[-1]
    with np.errstate(divide="ignore", invalid="ignore"):
        between = (mean * weight - moment * total) ** 2 / (weight * (total - weight))
    between[~np.isfinite(between)] = -1.0
    return int(np.argmax(between))


def weighted_quantile(counts: np.ndarray, share: float) -> float:
    """The level below which ``share`` of the counts lie."""
    total = np.cumsum(counts)
    return float(np.searchsorted(total, share * total[-1]))


def without_ruled_lines(ink: Ink, least_length_px: int) -> Ink:
    """Ink without straight horizontal and vertical lines at least that long; strokes that cross a line stay whole.

    A pixel goes when it lies on a long run and the ink across the run is no thicker than the line itself.
    """
    mask = (ink > 0.25).view(np.uint8)
    drop = ruled(mask, least_length_px) | ruled(np.ascontiguousarray(mask.T), least_length_px).T
    if not drop.any():
        return ink
    cleaned = ink.copy()
    cleaned[drop] = 0.0
    return cleaned


def frame_lines(ink: Ink, least_length_px: int, least_side_px: int) -> npt.NDArray[np.bool_]:
    """Pixels (H, W) of printed boxes: horizontal lines, and thin upright lines that end on one above and below.

    Lines count from ``least_length_px`` on, upright ones from ``least_side_px``. A written "1" seldom ends on both.
    """
    mask = (ink > 0.25).view(np.uint8)
    across = ruled(mask, least_length_px)
    if not across.any():
        return across
    near = np.asarray(cv2.dilate(across.view(np.uint8), np.ones((9, 9), np.uint8)), np.uint8)
    drop = across.view(np.uint8).copy()
    gap = max(1, round(DOTTED_GAP * least_side_px))
    bridged = np.asarray(cv2.morphologyEx(mask, cv2.MORPH_CLOSE, np.ones((gap, 1), np.uint8)), np.uint8)
    upright = opened(bridged, (least_side_px, 1))
    for left, top, wide, tall in map(cv2.boundingRect, outlines(upright)):
        columns = slice(max(0, left - 2), left + wide + 2)
        above, below = near[max(0, top - 2) : top + 6, columns].any(), near[top + tall - 6 : top + tall + 2, columns].any()
        if wide <= MOST_RULE_PX + 2 and above and below:
            here = slice(top, top + tall), slice(left, left + wide)
            drop[here] |= upright[here]
    return np.asarray(cv2.dilate(drop, np.ones((1, 3), np.uint8)) > 0)


def ruled(mask: npt.NDArray[np.uint8], least_length_px: int) -> npt.NDArray[np.bool_]:
    """Pixels (H, W) of horizontal lines in a 0/1 mask: long runs with gaps of two pixels at most, a little tilted ones too,
    what continues them, minus crossings."""
    bridged = cv2.morphologyEx(mask, cv2.MORPH_CLOSE, np.ones((1, 3), np.uint8))
    thick = np.asarray(cv2.dilate(bridged, np.ones((3, 1), np.uint8)), np.uint8)
    middles = row_sums(thick, least_length_px) == least_length_px
    if not middles.any():
        return np.zeros(mask.shape, bool)
    runs = row_sums(middles.view(np.uint8), 2 * least_length_px - 1)
    tall = cv2.dilate(opened(mask, (MOST_RULE_PX + 1, 1)), np.ones((1, 3), np.uint8))
    return np.asarray((runs > 0) & (mask > 0) & (tall == 0))


def row_sums(mask: MatLike, width: int) -> npt.NDArray[np.uint16]:
    """(H, W) how many pixels of a 0/1 mask are set among the ``width`` about each one in its row; none outside the picture."""
    sums = cv2.boxFilter(mask, cv2.CV_16U, (width, 1), normalize=False, borderType=cv2.BORDER_CONSTANT)
    return np.asarray(sums, np.uint16)


def opened(mask: npt.NDArray[np.uint8], size: tuple[int, int]) -> npt.NDArray[np.uint8]:
    """Morphological opening with a box of ``size`` (rows, columns); outside the picture there is no ink."""
    box = np.ones(size, np.uint8)
    return np.asarray(cv2.morphologyEx(mask, cv2.MORPH_OPEN, box, borderType=cv2.BORDER_CONSTANT, borderValue=0), np.uint8)
