"""Usability of the convenience amount and of the MICR line: what locating and reading found there, in terms of the picture.

Whether a hand is legible is no matter of the picture; so the amount is judged by its ink and not by how sure its reading is.
"""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np

from app.reader.ink import weighted_quantile
from app.reader.quality_finding import Finding, Subject, on_page, worst
from app.reader.quality_focus import LEAST_INK_PIXELS, STROKE_IN, edge_blur_px, most_blur_strokes
from app.reader.quality_light import Mask, below
from app.reader.types import AmountReading, Box, Character, Grey, ImageQuality, Page, Reason

MOST_LOST = 0.25  # ours: share of the characters, or of the length of the field
SURE = 0.5  # confidence of a character that counts as read
LEAST_LINE = 20  # characters of the shortest whole MICR lines: a routing number in its symbols and a short account number
ROUTING_DIGITS = 9
LEAST_HEIGHT_PX = 8.0  # of a character in the picture as uploaded: below it, fewer than half of real MICR lines are read right
LEAST_FIELD_CONTRAST = 0.12  # ours: share of full contrast between paper and ink in the field
BLOT_IN = 0.07  # thickness of ink that no pen and no print of the field leaves
BLOT_LEVEL = 0.6  # of the level of the paper, at which an area is dark
PAPER_QUANTILE, INK_QUANTILE = 0.8, 0.02  # of the levels of a field that are taken for its paper and its ink
INK_SHARE = 0.3  # of the contrast, from which on a pixel counts as ink
INSET_IN = 0.08  # a printed frame stands within that of the edges of the box around it
FRAME_PX = 5  # by which the lines of a printed frame are widened before they are left out
SURE_AMOUNT = 0.5  # confidence of an amount that was surely read at its own place
BESIDE_IN = 0.6  # on either side of an amount that was read, in which a blot may cover the rest of it
SAME_PLACE = 0.5  # share of the likeliest place that what was read must take to stand there
MICR, AMOUNT = "MICR line", "amount"


def usability_of_micr_line(subject: Subject) -> Finding | None:
    """The worst of: share of the line that is unread, height of its characters, contrast, blur and blots. Not tested where the line was
    not asked for."""
    micr = subject.micr
    if micr is None:
        return None
    if micr.polygon is None or not micr.characters:
        return lost(1.0, MICR, "no MICR line was found")
    sure = sum(character.confidence >= SURE for character in micr.characters)
    routing = sum(digit.isdigit() for digit in micr.routing_number or "")
    unread = max(1.0 - sure / max(len(micr.characters), LEAST_LINE), 1.0 - routing / ROUTING_DIGITS)
    return worst(
        lost(unread, MICR, f"{100 * unread:.0f} % of the line or of its routing number could not be read"),
        height(micr.characters, MICR),
        *state_of(subject, inside_page(on_page(micr.polygon, subject.page), subject.page), MICR),
    )


def usability_of_convenience_amount(subject: Subject) -> Finding | None:
    """The worst of: no amount found, height of its characters, contrast, blur and blots. Not tested where the amount was not asked for.

    Where the reading is unsure or stands elsewhere, the likeliest place of an amount is looked at as well: of an amount that is
    smeared or faded another line of print is read. Blots are looked for beside what was read too: of an amount that is half covered
    the other half reads well.
    """
    amount = subject.amount
    if amount is None:
        return None
    place = None if subject.amount_place is None else inset(subject.amount_place, subject.page)
    there = () if place is None else state_of(subject, place, AMOUNT)
    if amount.polygon is None or not amount.characters:
        return worst(lost(1.0, AMOUNT, "no amount was found"), *there)
    box = inside_page(on_page(amount.polygon, subject.page), subject.page)
    elsewhere = place is not None and shared(place, box) < SAME_PLACE
    read = state_of(subject, box, AMOUNT, round(BESIDE_IN * subject.page.dpi))
    return worst(height(amount.characters, AMOUNT), *read, *(there if elsewhere or amount.confidence < SURE_AMOUNT else ()))


def refused_where_unusable(amount: AmountReading | None, quality: ImageQuality) -> AmountReading | None:
    """The amount, refused where the picture shows that it cannot be used: what is left of it may read as another one."""
    advice = next((t.advice for t in quality.tests if t.test == "usability_of_convenience_amount" and t.result == "present"), None)
    if amount is None or amount.decision != "accepted" or advice is None:
        return amount
    return replace(amount, decision="refused", reason=Reason("unusable_amount", advice))


def shared(box: Box, other: Box) -> float:
    """Share of the first box that lies in the other, 0..1."""
    wide, tall = min(box[2], other[2]) - max(box[0], other[0]), min(box[3], other[3]) - max(box[1], other[1])
    return max(0, wide) * max(0, tall) / max(1, (box[2] - box[0]) * (box[3] - box[1]))


def lost(share: float, field: str, what: str) -> Finding:
    """So much of a field is lost."""
    advice = f"The {field} cannot be used: {what}; at most {100 * MOST_LOST:.0f} %: retake with the {field} sharp, well lit and uncovered."
    return Finding(share, MOST_LOST, "most", f"share of the {field}", advice)


def height(characters: tuple[Character, ...], field: str) -> Finding:
    """Median height of the characters in pixels of the picture as uploaded."""
    value = float(np.median([max(y for _, y in c.polygon) - min(y for _, y in c.polygon) for c in characters]))
    advice = (
        f"The characters of the {field} are {value:.0f} pixels high; at least {LEAST_HEIGHT_PX:.0f}: scan at a higher resolution, or go "
        "nearer with the camera."
    )
    return Finding(value, LEAST_HEIGHT_PX, "least", "pixels of height", advice)


def inside_page(box: tuple[float, float, float, float], page: Page) -> Box:
    """The box in whole pixels, cut to the page."""
    height_px, width_px = page.grey.shape
    left, top, right, bottom = (round(v) for v in box)
    return max(0, left), max(0, top), min(width_px, right), min(height_px, bottom)


def inset(box: Box, page: Page) -> Box:
    """The inside of a box, without the lines of a printed frame that stand at its edges."""
    room = round(INSET_IN * page.dpi)
    left, top, right, bottom = box
    return (left + room, top + room, right - room, bottom - room) if min(right - left, bottom - top) > 4 * room else box


def state_of(subject: Subject, box: Box, field: str, beside_px: int = 0) -> tuple[Finding | None, ...]:
    """Contrast, blur and blots of a field of the page, without the printed frame around it; blots up to ``beside_px`` beside it too."""
    page = subject.page
    part = np.s_[box[1] : box[3], box[0] : box[2]]
    crop = np.ascontiguousarray(page.grey[part])
    if crop.size == 0:
        return ()
    visible = 1 - framed(page, box)
    counts = cv2.calcHist([crop], [0], visible, [256], [0, 256]).ravel()
    paper, dark = weighted_quantile(counts, PAPER_QUANTILE), weighted_quantile(counts, INK_QUANTILE)
    inked = paper - INK_SHARE * (paper - dark)
    ink = np.asarray(cv2.bitwise_and(below(crop, inked), visible), np.uint8)
    covered = blots(page, box, ink, paper, field, beside_px)
    if subject.image.bitonal:
        return (covered,)
    return contrast_of((paper - dark) / 255.0, field), blur_of(crop, ink, paper, page.dpi, field), covered


def framed(page: Page, box: Box) -> Mask:
    """0/1 (H, W): the lines of printed frames in a box of the page, widened."""
    lines = page.frames[box[1] : box[3], box[0] : box[2]].astype(np.uint8)
    return np.asarray(cv2.dilate(lines, np.ones((FRAME_PX, FRAME_PX), np.uint8)), np.uint8)


def contrast_of(value: float, field: str) -> Finding:
    """Contrast between paper and ink of a field as a share of full scale."""
    advice = (
        f"The {field} is faded or not filled in: {100 * value:.0f} % of the full contrast; at least {100 * LEAST_FIELD_CONTRAST:.0f} %: "
        "scan with more contrast, and write with a dark pen."
    )
    return Finding(value, LEAST_FIELD_CONTRAST, "least", "share of full contrast", advice)


def blur_of(crop: Grey, ink: Mask, paper: float, dpi: float, field: str) -> Finding | None:
    """Blur of the edges of a field (H, W) in strokes of 0.013 inch; None where there is too little ink to tell."""
    if cv2.countNonZero(ink) < LEAST_INK_PIXELS:
        return None
    value, most = edge_blur_px(crop, ink, paper) / (STROKE_IN * dpi), most_blur_strokes(dpi)
    advice = (
        f"The {field} is smeared or out of focus: its edges are blurred by {value:.1f} strokes of MICR print (0.013 in); at most "
        f"{most:.1f}: hold the camera still and keep the ink dry."
    )
    return Finding(value, most, "most", "strokes of 0.013 in", advice)


def blots(page: Page, box: Box, ink: Mask, paper: float, field: str, beside_px: int) -> Finding | None:
    """Share of a field's length that is covered by dark areas thicker than any stroke, in its box on the page or up to ``beside_px``
    beside it; the length is that of its ``ink`` (H, W) and of what covers it. None without ink."""
    left, right = max(0, box[0] - beside_px), min(page.grey.shape[1], box[2] + beside_px)
    crop = np.ascontiguousarray(page.grey[box[1] : box[3], left:right])
    side = min(max(3, round(BLOT_IN * page.dpi)), max(crop.shape))
    blot = np.asarray(cv2.morphologyEx(below(crop, BLOT_LEVEL * paper), cv2.MORPH_OPEN, np.ones((side, side), np.uint8))).any(axis=0)
    taken = np.flatnonzero(blot).tolist() + (np.flatnonzero(ink.any(axis=0)) + box[0] - left).tolist()
    if not taken:
        return None
    value = float(blot.sum()) / (max(taken) - min(taken) + 1)
    return lost(value, field, f"{100 * value:.0f} % of its length is covered by a dark area")
