"""Page -> candidate Fields: the courtesy amount and the MICR band, several candidates each, each with a prior.

Nothing is decided here. Candidates are read in the order of their priors until one reads beyond doubt, and the best reading over
those that were read wins (the paper's cascade): a wrong box reads badly and loses to the right one.
"""

from __future__ import annotations

from collections.abc import Iterator

import cv2
import numpy as np
import numpy.typing as npt

from app.errors import InvalidParameter
from app.reader.amount_boxes import amount_boxes
from app.reader.components import labelled, outlines
from app.reader.micr_band import CUT_OUT_LINE, ROOM_BESIDE, find_micr_bands
from app.reader.page import ENLARGED, SMALL_FIELD_PX, field_ink, scaled
from app.reader.types import LEAST_BOX_PX, Box, Field, FieldKind, MicrBand, Page, ReadOptions, Scope

MOST_AMOUNT_CANDIDATES = 5
LEAST_LOG_PRIOR = -6.0  # a line of digits further from its place than that is the check number or the date
AMOUNT_CENTRE = (0.84, 0.42)  # of the amount, as shares of page width and height (X9.100-160: convenience-amount area)
AMOUNT_SPREAD = (0.09, 0.075)
HIGHEST_LINE, LOWEST_LINE = 0.08, 0.76  # of the page's height: beyond them no line has a prior that counts
PART_PENALTY = 2.5  # of a box beside which the line goes on, in nats
BOX_BONUS = 3.0  # of a printed box, in nats
BOX_MARGIN_IN = 0.05  # around the inside of a box: tails of figures cross its lines
MOST_SHARED = 0.3  # of a line of ink that may lie in a box
LINE_GAP = 4.0  # positions of a MICR line that may stay free within it
FAINT_INK = 0.25  # of a mark that is paler than the others of its line
KIND_OF_SCOPE: dict[Scope, FieldKind] = {Scope.COURTESY_AMOUNT: "courtesy_amount", Scope.DIGIT: "digit"}
DIGIT_HEIGHT_IN = (0.07, 0.5)  # of an amount line


def locate(page: Page, options: ReadOptions) -> Iterator[tuple[Field, ...]]:
    """Candidate fields of what was asked for, the likeliest of each kind first, then the next one of each, to be read in that order. A
    picture of one field is that field."""
    height, width = page.grey.shape
    whole: Box = (0, 0, width, height)
    if options.scope in KIND_OF_SCOPE:
        yield (Field(KIND_OF_SCOPE[options.scope], whole, page.ink, 0.0),)
        return
    if options.scope is Scope.MICR_LINE:
        bands = find_micr_bands(page.ink, most=1, limits=CUT_OUT_LINE)
        yield tuple(micr_field(page, band) for band in bands) or (Field("micr_line", whole, page.ink, 0.0),)
        return
    lines = page.micr_bands if "micr_line" in options.fields else ()
    amounts = amount_places(page, min((band.box[1] for band in page.micr_bands), default=height), options)
    for place in range(max(len(lines), len(amounts), 1)):
        found = [crop_field(page, "courtesy_amount", box, prior) for box, prior in amounts[place : place + 1]]
        yield (*found, *(micr_field(page, band) for band in lines[place : place + 1]))


def given_box(page: Page, options: ReadOptions) -> Box | None:
    """The amount's box in page pixels where the caller knows it, by itself or by the check stock; None where not. Raises
    ``InvalidParameter`` for a box outside the picture."""
    height, width = page.grey.shape
    if options.amount_box is not None:
        left, top, right, bottom = options.amount_box
        corners = np.array([[left, right, right, left], [top, top, bottom, bottom], [1.0, 1.0, 1.0, 1.0]])
        placed = np.linalg.inv(page.page_to_image) @ corners
        across, down = placed[0] / placed[2], placed[1] / placed[2]
    elif options.amount_place is not None:
        place = options.amount_place
        right, bottom = width - place.right_in * page.dpi, height - place.bottom_in * page.dpi
        across, down = np.array([right - place.width_in * page.dpi, right]), np.array([bottom - place.height_in * page.dpi, bottom])
    else:
        return None
    box = (max(0, round(across.min())), max(0, round(down.min())), min(width, round(across.max())), min(height, round(down.max())))
    if box[2] - box[0] < LEAST_BOX_PX or box[3] - box[1] < LEAST_BOX_PX:
        raise InvalidParameter("the box of the amount lies outside the check")
    return box


def micr_field(page: Page, band: MicrBand) -> Field:
    """The MICR band as a field, as far as the line goes on; its prior rises with the marks that keep the pitch."""
    return crop_field(page, "micr_line", whole_line(page, band), float(np.log(max(band.score, 1e-3) / 40.0)))


def whole_line(page: Page, band: MicrBand) -> Box:
    """The band's box, longer on either side while there are marks within ``LINE_GAP`` pitches: of a line that was printed unevenly
    the paler part is not among the marks of the band. A mark has paper above and below it; a frame or a signature has not,
    and where one stands beyond the last mark the line ends before it."""
    left, top, right, bottom = band.box
    edge = max(1, round(0.3 * band.mark_height_px))
    faint = page.ink[top:bottom] > FAINT_INK
    alone = ~(faint[:edge].any(axis=0) | faint[-edge:].any(axis=0))
    inked = np.flatnonzero(alone & (faint[edge:-edge].sum(axis=0) >= 0.2 * band.mark_height_px))
    reach = LINE_GAP * band.pitch_px
    for column in inked[inked < left][::-1]:
        if left - column <= reach:
            left = int(column)
    for column in inked[inked >= right]:
        if column + 1 - right <= reach:
            right = int(column) + 1
    room = round(0.5 * band.pitch_px)
    left, right = min(max(0, left - room), band.box[0]), max(min(page.grey.shape[1], right + room), band.box[2])
    within = inked[(inked >= left) & (inked < right)]
    free = round(0.4 * ROOM_BESIDE * band.pitch_px)  # the outer part of the room beside the marks of the band; a symbol may fill the rest
    first = min([band.box[0] + free] * (band.box[0] > 0) + within[:1].tolist(), default=left)
    last = max([band.box[2] - free] * (band.box[2] < page.grey.shape[1]) + within[-1:].tolist(), default=right)
    framed = np.flatnonzero(~alone)
    before, after = framed[(framed >= left) & (framed < first)], framed[(framed > last) & (framed < right)]
    return (int(before[-1]) + 1 if len(before) else left, top, int(after[0]) if len(after) else right, bottom)


def crop_field(page: Page, kind: FieldKind, box: Box, log_prior: float) -> Field:
    """A field with the ink map of its own crop; a low one is enlarged first, as a picture of a field is."""
    left, top, right, bottom = box
    crop = np.ascontiguousarray(page.grey[top:bottom, left:right])
    scale = ENLARGED if kind == "courtesy_amount" and crop.shape[0] < SMALL_FIELD_PX else 1.0
    ink = field_ink(scaled(crop, scale)[0])
    frames = cv2.resize(page.frames[top:bottom, left:right].astype(np.uint8), (ink.shape[1], ink.shape[0]), interpolation=cv2.INTER_NEAREST)
    return Field(kind, box, np.where(frames > 0, np.float32(0.0), ink), log_prior, scale)


def amount_places(page: Page, lowest: int, options: ReadOptions) -> list[tuple[Box, float]]:
    """(box, log prior) of what may be the amount, by falling prior of place and size: the box that the caller gave, else printed boxes
    and lines of ink in the right half, above row ``lowest``. A line that lies in a box or runs into it is no candidate of its own."""
    if "courtesy_amount" not in options.fields:
        return []
    given = given_box(page, options)
    if given is not None:
        return [(given, 0.0)]
    height, width = page.grey.shape
    reach = round(BOX_MARGIN_IN * page.dpi)
    boxes = [with_margin(box, reach, width, height) for box in amount_boxes(page, lowest)]
    scored = [(box, BOX_BONUS + amount_log_prior(box, width, height)) for box in boxes]
    for line, part in ink_lines(page, lowest):
        if all(shared(line, box) < MOST_SHARED for box in boxes):
            scored.append((line, amount_log_prior(line, width, height) - (PART_PENALTY if part else 0.0)))
    scored.sort(key=lambda pair: -pair[1])
    return [(box, prior) for box, prior in scored[:MOST_AMOUNT_CANDIDATES] if prior > LEAST_LOG_PRIOR]


def amount_log_prior(box: Box, width: int, height: int) -> float:
    """Natural log of a Gaussian prior over the box's centre, as shares of the page."""
    x = ((box[0] + box[2]) / 2.0 / width - AMOUNT_CENTRE[0]) / AMOUNT_SPREAD[0]
    y = ((box[1] + box[3]) / 2.0 / height - AMOUNT_CENTRE[1]) / AMOUNT_SPREAD[1]
    return -0.5 * (x * x + y * y)


def ink_lines(page: Page, lowest: int) -> list[tuple[Box, bool]]:
    """Runs of ink that stand close together on a line, in the right half, above row ``lowest``.

    As (box in page pixels with a margin, whether the line goes on beside it). Runs are formed at two distances, so that
    print beside the amount (a barcode, a frame) does not swallow it.
    """
    height, width = page.grey.shape
    inch = page.dpi
    left, top = round(0.45 * width), round(HIGHEST_LINE * height)
    part = np.s_[top : max(top, min(lowest, round(LOWEST_LINE * height))), left:]
    mask = ((page.ink[part] > 0.45) & ~page.frames[part]).view(np.uint8)
    if mask.size == 0:
        return []
    mask = without_frames(mask, inch)
    boxes: set[Box] = set()
    for reach in (0.07 * inch, 0.14 * inch):
        side = np.ones((max(1, round(0.03 * inch)), max(3, round(reach))), np.uint8)
        joined = cv2.morphologyEx(mask, cv2.MORPH_CLOSE, side)
        for x, y, wide, tall in map(cv2.boundingRect, outlines(joined)):
            if DIGIT_HEIGHT_IN[0] * inch <= tall <= DIGIT_HEIGHT_IN[1] * inch and wide >= 0.5 * tall and wide >= 0.1 * inch:
                boxes.add((x + left, y + top, x + left + wide, y + top + tall))
    grouped = merged(distinct(sorted(boxes), 0.02 * inch), 0.3 * inch)
    return [(with_margin(box, 0.06 * inch, width, height), part) for box, part in grouped if box[2] - box[0] <= 2.9 * inch]


def distinct(boxes: list[Box], reach: float) -> list[Box]:
    """Boxes without those that are the same as an earlier one but for ``reach`` pixels."""
    if not boxes:
        return []
    sides = np.array(boxes)
    near = np.abs(sides[:, None] - sides[None]).max(axis=2) <= reach
    kept: list[int] = []
    for number in range(len(boxes)):
        if not near[number, kept].any():
            kept.append(number)
    return [boxes[number] for number in kept]


def without_frames(mask: npt.NDArray[np.uint8], inch: float) -> npt.NDArray[np.uint8]:
    """The mask without components larger than any line of writing (frames, pictures) and without specks."""
    labels, stats = labelled(mask)
    large = (stats[:, cv2.CC_STAT_HEIGHT] > 0.6 * inch) | (stats[:, cv2.CC_STAT_WIDTH] > 2.5 * inch)
    specks = stats[:, cv2.CC_STAT_AREA] < 0.0002 * inch * inch
    keep = ~(large | specks)
    keep[0] = False
    return keep.astype(np.uint8).take(labels)


def merged(boxes: list[Box], reach: float) -> list[tuple[Box, bool]]:
    """Boxes on one line joined where the gap between them is at most ``reach`` pixels.

    The parts are kept as well; (box, whether it is a part of a joined one).
    """
    joined: list[Box] = []
    for first in boxes:
        left, top, right, bottom = first
        for second in boxes:
            gap = second[0] - right
            overlap = min(bottom, second[3]) - max(top, second[1])
            if 0 <= gap <= reach and overlap >= 0.4 * min(bottom - top, second[3] - second[1]):
                right, top, bottom = second[2], min(top, second[1]), max(bottom, second[3])
        if (left, top, right, bottom) != first:
            joined.append((left, top, right, bottom))
    everything = distinct([*boxes, *joined], 0.5)
    return [(box, any(other != box and inside(box, other) for other in joined)) for box in everything]


def shared(box: Box, other: Box) -> float:
    """Share of ``box`` that lies in ``other``, 0..1."""
    wide, tall = min(box[2], other[2]) - max(box[0], other[0]), min(box[3], other[3]) - max(box[1], other[1])
    return max(0, wide) * max(0, tall) / max(1, (box[2] - box[0]) * (box[3] - box[1]))


def inside(box: Box, other: Box) -> bool:
    """Whether ``box`` lies in ``other``."""
    return box[0] >= other[0] and box[1] >= other[1] and box[2] <= other[2] and box[3] <= other[3]


def with_margin(box: Box, margin: float, width: int, height: int) -> Box:
    """The box with ``margin`` pixels all around, inside the page."""
    room = round(margin)
    return (max(0, box[0] - room), max(0, box[1] - room), min(width, box[2] + room), min(height, box[3] + room))
