"""DecodedImage -> Page: one working resolution, level lines, grey and ink.

Resolution comes from the MICR pitch where a MICR line is found, else from the file, else from an assumed length of the
check. Skew comes from the MICR line itself, where there is none from the long straight lines of the print (Hough transform).
"""

from __future__ import annotations

from typing import Literal

import cv2
import numpy as np

from app.errors import ImageTooSmall
from app.reader.ink import frame_lines, ink_map, to_grey, without_ruled_lines
from app.reader.micr_band import CHARACTERS_PER_INCH, CUT_OUT_LINE, MicrBand, find_micr_bands
from app.reader.types import DecodedImage, Grey, Ink, Matrix, Page, Scope

CHECK_WIDTH_PX = 1600  # wider checks are scaled down to this
FIELD_HEIGHT_PX = 160  # higher field pictures are scaled down to this
SMALL_FIELD_PX, ENLARGED = 40, 2.0  # lower ones are enlarged: a stroke should be wider than a pixel, a point more than a speck
ASSUMED_LENGTH_IN = 6.0  # of a check of unknown resolution: US personal
LEAST_SKEW_DEGREES = 0.2
MOST_SKEW_DEGREES = 8.0
FRAME_SIDE = 0.06  # share of a field's width in which the sides of its frame may stand
THICKEST_SIDE = 0.07  # of its height


def normalise(image: DecodedImage, scope: Scope = Scope.CHECK) -> Page:
    """The page of a picture. Raises ``ImageTooSmall`` below 8 pixels a side."""
    if min(image.width_px, image.height_px) < 8:
        raise ImageTooSmall(f"the picture must be at least 8 x 8 pixels; given: {image.width_px} x {image.height_px}")
    grey = to_grey(image.rgb)
    if scope is Scope.CHECK:
        return check_page(image, grey)
    return field_page(image, grey, scope)


def field_page(image: DecodedImage, grey: Grey, scope: Scope) -> Page:
    """A picture of one field or digit: white ink on black is turned over, a tilted MICR line is levelled."""
    if is_negative(grey):
        grey = np.asarray(cv2.bitwise_not(grey), np.uint8)
    small = scope is Scope.COURTESY_AMOUNT and grey.shape[0] < SMALL_FIELD_PX
    scale = ENLARGED if small else min(1.0, FIELD_HEIGHT_PX / grey.shape[0])
    grey, to_image = scaled(grey, scale)
    ink = ink_map(grey, round(0.8 * max(grey.shape))) if scope is Scope.DIGIT else field_ink(grey)
    skew = 0.0
    bands = find_micr_bands(ink, most=1, limits=CUT_OUT_LINE) if scope is Scope.MICR_LINE else ()
    if bands and abs(bands[0].slope) > np.radians(LEAST_SKEW_DEGREES):
        skew = float(np.degrees(np.arctan(bands[0].slope)))
        grey, turn = turned(grey, skew)
        ink, to_image = field_ink(grey), to_image @ turn
    dpi, source = stated_resolution(image, scale)
    return Page(grey, ink, np.zeros(grey.shape, bool), to_image, dpi, source, -skew, 0)


def field_ink(grey: Grey) -> Ink:
    """The ink (H, W) of one field's crop, without ruled lines and the sides of a frame; used for pictures of fields and fields of
    checks."""
    stroke = int(np.clip(0.35 * grey.shape[0], 9, 31))
    ink = without_frame_sides(ink_map(grey, stroke))
    return without_ruled_lines(ink, max(16, round(1.2 * grey.shape[0])))


def without_frame_sides(ink: Ink) -> Ink:
    """The ink (H, W) of a field without the upright sides of a printed frame: thin lines from rule to rule at its left and right
    end, which are taller than the digits and would spoil the estimate of their height."""
    height, width = ink.shape
    sides = frame_lines(ink, max(16, round(0.7 * width)), max(12, round(0.75 * height)))
    sides[:, round(FRAME_SIDE * width) : round((1.0 - FRAME_SIDE) * width)] = False
    if not sides.any():
        return ink
    _, labels, stats, _ = cv2.connectedComponentsWithStats(sides.astype(np.uint8), connectivity=8)
    thin = stats[:, cv2.CC_STAT_WIDTH] <= max(4, round(THICKEST_SIDE * height))
    thin[0] = False
    return np.where(thin[labels], np.float32(0.0), ink)


def check_page(image: DecodedImage, grey: Grey) -> Page:
    """A picture of a whole check: laid with its long side across, scaled, deskewed."""
    rotation = 90 if image.height_px > 1.2 * image.width_px else 0
    base = np.eye(3)
    if rotation:
        grey = np.asarray(cv2.rotate(grey, cv2.ROTATE_90_CLOCKWISE), np.uint8)
        base = np.array([[0.0, 1.0, 0.0], [-1.0, 0.0, float(image.height_px)], [0.0, 0.0, 1.0]])
    scale = min(1.0, CHECK_WIDTH_PX / grey.shape[1])
    grey, to_image = scaled(grey, scale)
    level, turn, ink = grey, np.eye(3), page_ink(grey)
    bands = find_micr_bands(ink, most=1)
    skew = float(np.degrees(np.arctan(bands[0].slope))) if bands and bands[0].trusted else line_skew_degrees(grey)
    if abs(skew) > LEAST_SKEW_DEGREES:
        level, turn = turned(grey, skew)
        ink = page_ink(level)
        bands = find_micr_bands(ink, most=1)
    else:
        skew = 0.0
    dpi, source = check_resolution(image, scale, bands, level.shape[1])
    frames = frame_lines(ink, max(20, round(0.45 * dpi)), max(12, round(0.2 * dpi)))
    return Page(level, ink, frames, base @ to_image @ turn, dpi, source, -skew, rotation)


def page_ink(grey: Grey) -> Ink:
    """The ink (H, W) of a whole check, for finding fields."""
    return ink_map(grey, max(9, round(0.016 * grey.shape[1])))


def is_negative(grey: Grey) -> bool:
    """White ink on black paper: a dark middle value with bright strokes."""
    return bool(np.median(grey) < 60 and np.quantile(grey, 0.98) > 140)


def scaled(grey: Grey, scale: float) -> tuple[Grey, Matrix]:
    """The picture at ``scale``, and the transform from it back to the original."""
    if scale == 1.0:
        return grey, np.eye(3)
    size = (max(8, round(grey.shape[1] * scale)), max(8, round(grey.shape[0] * scale)))
    other = cv2.resize(grey, size, interpolation=cv2.INTER_AREA if scale < 1.0 else cv2.INTER_CUBIC)
    return np.asarray(other, np.uint8), np.diag([grey.shape[1] / size[0], grey.shape[0] / size[1], 1.0])


def line_skew_degrees(grey: Grey) -> float:
    """Angle of the long print lines in degrees, clockwise positive on the screen (rows grow downwards); 0 if none."""
    shrink = 640.0 / max(640, grey.shape[1])
    small = cv2.resize(grey, None, fx=shrink, fy=shrink, interpolation=cv2.INTER_AREA)
    edges = cv2.Canny(small, 60, 160)
    least = round(0.14 * small.shape[1])
    lines = cv2.HoughLinesP(edges, 1, np.pi / 540, 60, minLineLength=least, maxLineGap=6)
    if lines is None:
        return 0.0
    ends = lines.reshape(-1, 4).astype(np.float64)
    angles = np.degrees(np.arctan2(ends[:, 3] - ends[:, 1], ends[:, 2] - ends[:, 0]))
    lengths = np.hypot(ends[:, 2] - ends[:, 0], ends[:, 3] - ends[:, 1])
    near = np.abs(angles) <= MOST_SKEW_DEGREES
    if not near.any():
        return 0.0
    order = np.argsort(angles[near])
    mass = np.cumsum(lengths[near][order])
    return float(angles[near][order][np.searchsorted(mass, mass[-1] / 2.0)])


def turned(grey: Grey, skew_degrees: float) -> tuple[Grey, Matrix]:
    """The picture with its skew undone about its centre, and the transform from it back to the picture."""
    if abs(skew_degrees) < 1e-9:
        return grey, np.eye(3)
    height, width = grey.shape
    forward = cv2.getRotationMatrix2D((width / 2.0, height / 2.0), skew_degrees, 1.0)
    level = cv2.warpAffine(grey, forward, (width, height), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(level, np.uint8), np.linalg.inv(np.vstack([forward, [0.0, 0.0, 1.0]]))


def stated_resolution(image: DecodedImage, scale: float) -> tuple[float, Literal["file", "assumed"]]:
    """Dots per inch of the page frame from the file, 200 assumed where it states none."""
    return (image.dpi * scale, "file") if image.dpi > 0 else (200.0 * scale, "assumed")


def check_resolution(
    image: DecodedImage, scale: float, bands: tuple[MicrBand, ...], width: int
) -> tuple[float, Literal["micr_pitch", "file", "assumed"]]:
    """Dots per inch of the page frame: from the MICR pitch, else from the file, else from the assumed length."""
    if bands:
        return CHARACTERS_PER_INCH * bands[0].pitch_px, "micr_pitch"
    if image.dpi > 0:
        return image.dpi * scale, "file"
    return width / ASSUMED_LENGTH_IN, "assumed"
