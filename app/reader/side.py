"""Which side of the check a picture shows: the front has a MICR line; the back has none, and its print runs along the short side.

A front whose MICR line cannot be seen (cut off, out of focus, painted over) is no back. What is told of a back is that most of its print,
the endorsement area above all, is read with the check held upright (12 CFR 229 appendix D and X9.100-111 have the area at the trailing
edge), while all print of a front runs along the long side, as do the lines to write on. Where neither is plain the side is ``unknown``:
a back with nothing but a stamp, for one.
"""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np

from app.reader.types import AmountReading, CheckReading, Ink, MicrReading, Page, ReadOptions, Reason, Scope, Side

LEAST_WIDTH_PX = 560  # of a page on which a MICR line would be seen: its marks are then 11 pixels high
LEAST_MARKS = 150  # of print, below which its direction says nothing
UPRIGHT = 1.05  # pieces that print joined along the page falls into, over those of print joined across it
MOST_RULED = 0.45  # share of the page's width that lines to write on may cover on a back
WRITING_LINE = 0.11  # least length of such a line, as a share of the page's width
THICKEST_RULE_PX = 6
EDGE = 0.04  # of the page, where the border of the picture may be
MARK = (0.004, 0.03)  # least and greatest size of a mark of print, as shares of the page's width
REACH = 0.012  # between neighbours in print, as a share of the page's width
BACK = Reason("back_of_a_check", "The picture shows the back of a check: no MICR line, and print along the short side. Send the front.")


def with_side(reading: CheckReading, options: ReadOptions) -> CheckReading:
    """The reading with its side, and the amount of a back refused; as it is for a picture of one field."""
    if options.scope is not Scope.CHECK or reading.page is None:
        return reading
    side = side_of(reading.page, reading.micr)
    amount = refused_on_back(reading.amount) if side == "back" and reading.amount is not None else reading.amount
    return replace(reading, image=replace(reading.image, side=side), amount=amount)


def side_of(page: Page, micr: MicrReading | None) -> Side:
    """The side of the check that a page shows."""
    if page.has_micr_line or (micr is not None and micr.form != "unknown"):
        return "front"
    if page.grey.shape[1] < LEAST_WIDTH_PX or ruled_share(page.ink) > MOST_RULED:
        return "unknown"
    count, along, across = print_pieces(page.ink)
    return "back" if count >= LEAST_MARKS and along >= UPRIGHT * across else "unknown"


def ruled_share(ink: Ink) -> float:
    """Share of the width of a page (H, W), without its edges, over which some long thin line runs along it."""
    height, width = ink.shape
    inked = cv2.dilate((ink > 0.4).astype(np.uint8), np.ones((3, 3), np.uint8))
    runs = cv2.morphologyEx(inked, cv2.MORPH_OPEN, np.ones((1, max(3, round(WRITING_LINE * width))), np.uint8))
    thick = cv2.morphologyEx(runs, cv2.MORPH_OPEN, np.ones((2 * THICKEST_RULE_PX, 1), np.uint8))
    top, left = round(EDGE * height), round(EDGE * width)
    rules = ((runs > 0) & (thick == 0))[top : height - top, left : width - left]
    return float(rules.any(axis=0).mean()) if rules.size else 0.0


def print_pieces(ink: Ink) -> tuple[int, int, int]:
    """(marks of print on a page (H, W), pieces left where they are joined along the page, the same where joined across it).

    Print that runs along the page falls into fewer pieces when it is joined along the page, for letters stand closer to one another than
    lines do.
    """
    width = ink.shape[1]
    _, labels, stats, _ = cv2.connectedComponentsWithStats((ink > 0.45).astype(np.uint8), connectivity=8)
    size = np.maximum(stats[:, cv2.CC_STAT_WIDTH], stats[:, cv2.CC_STAT_HEIGHT])
    keep = (size > MARK[0] * width) & (size < MARK[1] * width) & (stats[:, cv2.CC_STAT_AREA] > 8)
    keep[0] = False
    marks = keep[labels].astype(np.uint8)
    side = max(3, round(REACH * width))
    return int(keep.sum()), joined_pieces(marks, (1, side)), joined_pieces(marks, (side, 1))


def joined_pieces(marks: np.ndarray, shape: tuple[int, int]) -> int:
    """Pieces of a mask (H, W) uint8 after what lies within ``shape`` (rows, columns) of one another was joined."""
    count, _ = cv2.connectedComponents(cv2.morphologyEx(marks, cv2.MORPH_CLOSE, np.ones(shape, np.uint8)), connectivity=8)
    return int(count) - 1


def refused_on_back(amount: AmountReading) -> AmountReading:
    """The amount of a back: what was read there is none."""
    return replace(amount, decision="refused" if amount.value is not None else "not_found", reason=BACK)
