"""Usability of the convenience amount and of the MICR line: what locating and reading found there, in terms of the picture.

Whether a hand is legible is no matter of the picture; so the amount is judged by its ink and not by how sure its reading is.
"""

from __future__ import annotations

import cv2
import numpy as np

from app.reader.ink import weighted_quantile
from app.reader.quality_finding import Finding, Subject, on_page, worst
from app.reader.quality_focus import LEAST_INK_PIXELS, STROKE_IN, edge_blur_px, most_blur_strokes
from app.reader.quality_light import Mask, below
from app.reader.types import Box, Character, Grey, Page

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

    Where the reading is unsure, the likeliest place of an amount is looked at as well: of an amount that is smeared or faded another
    line of print is read.
    """
    amount = subject.amount
    if amount is None:
        return None
    place = () if subject.amount_place is None else state_of(subject, inset(subject.amount_place, subject.page), AMOUNT)
    if amount.polygon is None or not amount.characters:
        return worst(lost(1.0, AMOUNT, "no amount was found"), *place)
    read = state_of(subject, inside_page(on_page(amount.polygon, subject.page), subject.page), AMOUNT)
    return worst(height(amount.characters, AMOUNT), *read, *(place if amount.confidence < SURE_AMOUNT else ()))


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


def state_of(subject: Subject, box: Box, field: str) -> tuple[Finding | None, ...]:
    """Contrast, blur and blots of a field of the page, without the printed frame around it."""
    page = subject.page
    part = np.s_[box[1] : box[3], box[0] : box[2]]
    crop = np.ascontiguousarray(page.grey[part])
    if crop.size == 0:
        return ()
    visible = 1 - np.asarray(cv2.dilate(page.frames[part].astype(np.uint8), np.ones((FRAME_PX, FRAME_PX), np.uint8)), np.uint8)
    counts = cv2.calcHist([crop], [0], visible, [256], [0, 256]).ravel()
    paper, dark = weighted_quantile(counts, PAPER_QUANTILE), weighted_quantile(counts, INK_QUANTILE)
    ink = np.asarray(cv2.bitwise_and(below(crop, paper - INK_SHARE * (paper - dark)), visible), np.uint8)
    covered = blots(crop, ink, paper, page.dpi, field)
    if subject.image.bitonal:
        return (covered,)
    return contrast_of((paper - dark) / 255.0, field), blur_of(crop, ink, paper, page.dpi, field), covered


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


def blots(crop: Grey, ink: Mask, paper: float, dpi: float, field: str) -> Finding | None:
    """Share of the inked length of a field (H, W) that is covered by dark areas thicker than any stroke; None without ink."""
    inked = np.flatnonzero(ink.any(axis=0))
    if len(inked) == 0:
        return None
    side = min(max(3, round(BLOT_IN * dpi)), max(crop.shape))
    blot = np.asarray(cv2.morphologyEx(below(crop, BLOT_LEVEL * paper), cv2.MORPH_OPEN, np.ones((side, side), np.uint8)))
    value = float(blot.any(axis=0).sum()) / float(inked[-1] - inked[0] + 1)
    return lost(value, field, f"{100 * value:.0f} % of its length is covered by a dark area")
