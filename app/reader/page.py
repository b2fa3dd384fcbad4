"""DecodedImage -> Page: one working resolution, level lines, grey and ink.

Resolution comes from the MICR pitch where a MICR line is found, else from the file, else from an assumed length of the
check. Skew comes from the MICR line itself, where there is none from the long straight lines of the print (Hough transform).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Literal

import cv2
import numpy as np

from app.errors import ImageTooSmall
from app.reader.check_outline import QUICK_PX, Outline, find_outlines, long_side_first
from app.reader.ink import frame_lines, ink_map, to_grey, without_ruled_lines
from app.reader.micr_band import CHARACTERS_PER_INCH, CUT_OUT_LINE, find_micr_bands
from app.reader.orientation import Laid, quarter_turned, tilted_back, way_up
from app.reader.perspective import flattened
from app.reader.types import DecodedImage, Grey, Ink, Matrix, MicrBand, Page, Polygon, Scope

CHECK_WIDTH_PX = 1600  # wider checks are scaled down to this
CUT_OUT_WIDTH_PX = 1280  # those that are cut out of a photo: as many dots per inch as scans have
FIELD_HEIGHT_PX = 160  # higher field pictures are scaled down to this
SMALL_FIELD_PX, ENLARGED = 40, 2.0  # lower ones are enlarged: a stroke should be wider than a pixel, a point more than a speck
LEAST_FRAME_PX = 48  # of the line of a printed frame: on pictures of few pixels the feet of a row of figures are a line too
ASSUMED_LENGTH_IN = 6.0  # of a check of unknown resolution: US personal
LEAST_SKEW_DEGREES = 0.2
MOST_SKEW_DEGREES = 8.0
STEEPEST_DEGREES = 25.0  # tried where no MICR line is seen, and kept where one is seen then
EITHER_AXIS_ASPECT = 1.75  # of a picture in which a check may lie across or upright: less elongated than any check
FILLING_ASPECT = 1.9  # of the picture of a check with nothing around it
CERTAIN_SUPPORT, CERTAIN_SIDE, CERTAIN_AREA = 0.9, 0.75, 0.8  # of an outline that needs no MICR line to be believed
AS_GOOD = 0.8  # of the evidence of the whole picture, that an outline must keep
FRAME_SIDE = 0.06  # share of a field's width in which the sides of its frame may stand
THICKEST_SIDE = 0.07  # of its height


DpiSource = Literal["micr_pitch", "file", "assumed"]


def normalise(image: DecodedImage, scope: Scope = Scope.CHECK) -> Page:
    """The page of a picture. Raises ``ImageTooSmall`` below 8 pixels a side."""
    if min(image.width_px, image.height_px) < 8:
        raise ImageTooSmall(f"the picture must be at least 8 x 8 pixels; given: {image.width_px} x {image.height_px}")
    if scope is Scope.CHECK:
        return check_page(image)
    return field_page(image, to_grey(image.rgb), scope)


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
    return Page(grey, ink, np.zeros(grey.shape, bool), to_image, dpi, source, -skew, 0, (), False)


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


def check_page(image: DecodedImage) -> Page:
    """A picture of a whole check: taken off its background where there is one, laid the right way up, scaled, deskewed.

    A picture of another shape than a check's shows something around it: there the outline is looked for before anything else.
    """
    oblong = max(image.width_px, image.height_px) >= FILLING_ASPECT * min(image.width_px, image.height_px)
    laid = None if oblong or image.bitonal else on_background(image, None)
    outline = laid is not None and laid.settled
    if laid is None or not outline:
        whole = whole_picture(to_grey(image.rgb))
        laid = on_background(image, whole) or whole
        outline = laid is not whole
    level, turn, ink, bands = laid.grey, np.eye(3), laid.ink, laid.bands
    source: DpiSource
    skew = float(np.degrees(np.arctan(bands[0].slope))) if bands and bands[0].trusted else line_skew_degrees(level)
    if abs(skew) > LEAST_SKEW_DEGREES:
        level, turn = turned(level, skew)
        ink = page_ink(level)
        bands = find_micr_bands(ink)
    else:
        skew = 0.0
    to_image = laid.to_picture @ turn
    if outline and not bands:  # what the file states is the camera's, and says nothing of the check
        dpi, source = level.shape[1] / ASSUMED_LENGTH_IN, "assumed"
    else:
        scale = min(1.0, CHECK_WIDTH_PX / (image.width_px if laid.rotation_degrees % 180 == 0 else image.height_px))
        dpi, source = check_resolution(image, scale, bands, level.shape[1])
    frames = frame_lines(ink, max(LEAST_FRAME_PX, round(0.45 * dpi)), max(12, round(0.2 * dpi)))
    aslant = outline or abs(laid.to_picture[0, 0] * laid.to_picture[0, 1]) > 1e-9
    rotation, skew = lie_of(to_image, level) if aslant else (laid.rotation_degrees, -skew)
    corners = corners_of(to_image, level) if outline else ()
    return Page(level, ink, frames, to_image, dpi, source, skew, rotation, corners, laid.has_micr_line, bands)


def whole_picture(grey: Grey) -> Laid:
    """The whole picture (H, W) at working size, its long side across, the way up that the MICR line says."""
    height, width = grey.shape
    rotation = 90 if height > 1.2 * width else 0
    flat, base = quarter_turned(grey, np.eye(3), rotation)
    flat, to_flat = scaled(flat, min(1.0, CHECK_WIDTH_PX / flat.shape[1]))
    either = max(width, height) < EITHER_AXIS_ASPECT * min(width, height)
    laid = way_up(laid_as_is(flat, base @ to_flat, rotation), either)
    steep = 0.0 if laid.row_seen else line_skew_degrees(laid.grey, STEEPEST_DEGREES)
    if abs(steep) <= MOST_SKEW_DEGREES:
        return laid
    level = way_up(tilted_back(laid, steep))
    return level if level.row_seen and level.evidence > laid.evidence else laid


def laid_as_is(grey: Grey, to_picture: Matrix, rotation: int) -> Laid:
    """A picture (H, W) at working size, its ink and its MICR line."""
    ink = page_ink(grey)
    return Laid(grey, ink, to_picture, rotation, find_micr_bands(ink))


def on_background(image: DecodedImage, whole: Laid | None) -> Laid | None:
    """The check cut out of its background, None where the picture shows the check and nothing around it, as far as can be seen.

    Where the whole picture has a MICR line and the shape of a check, an outline must be beyond doubt; and it must enclose the line.
    Without ``whole`` only an outline that shows a MICR line is believed.
    """
    seen = whole is not None and whole.row_seen
    fills = whole is not None and seen and whole.grey.shape[1] >= FILLING_ASPECT * whole.grey.shape[0]
    best: Laid | None = None
    if fills and image.bitonal:
        return None
    outlines = find_outlines(image.rgb) if whole is None or not fills else brought_back(find_outlines(whole.grey, 1, QUICK_PX), whole)
    for outline in outlines:
        certain = outline.support >= CERTAIN_SUPPORT and outline.worst >= CERTAIN_SIDE and outline.area_share <= CERTAIN_AREA
        if (fills and not certain) or (whole is not None and seen and not encloses(outline, whole)):
            continue
        flat = way_up(laid_as_is(*flattened(image.rgb, outline.corners, CUT_OUT_WIDTH_PX), 0))
        least = best.evidence if best is not None else AS_GOOD * whole.evidence if whole is not None else 0.0
        if (flat.row_seen and flat.evidence >= least) or (certain and best is None and whole is not None and not seen):
            best = flat
        if best is not None and best.settled:
            break
    return best


def brought_back(outlines: Iterator[Outline], whole: Laid) -> Iterator[Outline]:
    """Outlines that were found on the whole picture at working size, in pixels of the picture as uploaded."""
    for outline in outlines:
        x, y, w = whole.to_picture @ np.vstack([outline.corners.T, np.ones(4)])
        yield replace(outline, corners=long_side_first(np.stack([x / w, y / w], axis=1)))


def encloses(outline: Outline, whole: Laid) -> bool:
    """Whether the MICR line that is seen in the whole picture lies inside the outline."""
    left, top, right, bottom = whole.bands[0].box
    x, y, w = whole.to_picture @ np.array([[0.7 * left + 0.3 * right, 0.3 * left + 0.7 * right], [(top + bottom) / 2.0] * 2, [1.0, 1.0]])
    border = outline.corners.astype(np.float32)
    return all(cv2.pointPolygonTest(border, (float(a / c), float(b / c)), measureDist=False) > 0 for a, b, c in zip(x, y, w, strict=True))


def lie_of(to_image: Matrix, grey: Grey) -> tuple[int, float]:
    """How a page (H, W) lay in the picture: (rotation undone: 0, 90, 180 or 270; what is left of the angle, degrees counter-clockwise),
    from the direction of its middle row there."""
    height, width = grey.shape
    ends = to_image @ np.array([[0.25 * width, 0.75 * width], [0.5 * height, 0.5 * height], [1.0, 1.0]])
    (x0, x1), (y0, y1) = ends[0] / ends[2], ends[1] / ends[2]
    angle = -float(np.degrees(np.arctan2(y1 - y0, x1 - x0)))
    quarters = round(angle / 90.0)
    return 90 * (quarters % 4), angle - 90.0 * quarters


def corners_of(to_image: Matrix, grey: Grey) -> Polygon:
    """The corners of a page (H, W) in the picture as uploaded, from the upper left of the check clockwise."""
    height, width = grey.shape
    x, y, w = to_image @ np.array([[0, width, width, 0], [0, 0, height, height], [1, 1, 1, 1]], np.float64)
    return tuple((round(float(a / c), 1), round(float(b / c), 1)) for a, b, c in zip(x, y, w, strict=True))


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


def line_skew_degrees(grey: Grey, most_degrees: float = MOST_SKEW_DEGREES) -> float:
    """Angle of the long print lines in degrees, clockwise positive on the screen (rows grow downwards); 0 if none up to
    ``most_degrees``."""
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
    near = np.abs(angles) <= most_degrees
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


def check_resolution(image: DecodedImage, scale: float, bands: tuple[MicrBand, ...], width: int) -> tuple[float, DpiSource]:
    """Dots per inch of the page frame: from the MICR pitch, else from the file, else from the assumed length."""
    if bands:
        return CHARACTERS_PER_INCH * bands[0].pitch_px, "micr_pitch"
    if image.dpi > 0:
        return image.dpi * scale, "file"
    return width / ASSUMED_LENGTH_IN, "assumed"
