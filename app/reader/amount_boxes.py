"""Printed boxes on a page in which an amount may stand: rectangles of thin lines, of the size of a convenience-amount box.

X9.100-160 and CTS-2010 reserve a rectangle for the figures; most forms print it. What stands in it is read as a whole:
half a line of digits reads as well as the whole one, and means another amount.
"""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt
from cv2.typing import MatLike

from app.reader.components import holes, outlines
from app.reader.ink import row_sums
from app.reader.types import Box, Page

WIDTH_IN, HEIGHT_IN = (0.7, 2.7), (0.17, 0.75)  # inside; forms of the standards have 1.1 to 2 by 0.25 to 0.5
LEAST_FILLED = 0.85  # share of its bounding box that the inside of a rectangle fills
GAP_IN = 0.12  # gaps that writing and faint print leave in the lines
LEAST_RUN_IN = 0.3  # of a piece of a line between two gaps
SAME_END_IN = 0.1  # by which two lines of one box may differ in where they begin and end
HIGHEST, LOWEST = 0.05, 0.8  # of the page's height: where a box may stand
RIGHT_PART = 0.4  # of the page's width from which on boxes are looked for


def amount_boxes(page: Page, lowest: int) -> list[Box]:
    """The insides of printed boxes above row ``lowest`` in the right part of the page, in page pixels, largest first: what lines
    close in on all sides, and what lies between two lines that begin and end together."""
    height, width = page.grey.shape
    left, top = round(RIGHT_PART * width), round(HIGHEST * height)
    lines = np.ascontiguousarray(page.frames[top : max(top, min(lowest, round(LOWEST * height))), left:]).view(np.uint8)
    if not lines.any():
        return []
    found = closed_boxes(lines, page.dpi)
    found += [box for box in open_boxes(lines, page.dpi) if all(apart(box, other) for other in found)]
    placed = [(x0 + left, y0 + top, x1 + left, y1 + top) for x0, y0, x1, y1 in found]
    return sorted(placed, key=lambda box: (box[0] - box[2]) * (box[3] - box[1]))


def closed_boxes(lines: npt.NDArray[np.uint8], inch: float) -> list[Box]:
    """The insides of rectangles in a 0/1 mask of lines (H, W) of ``inch`` pixels per inch; small gaps in the lines are closed."""
    side = max(3, round(GAP_IN * inch))
    closed = cv2.morphologyEx(lines, cv2.MORPH_CLOSE, np.ones((1, side), np.uint8))
    closed = cv2.morphologyEx(closed, cv2.MORPH_CLOSE, np.ones((side, 1), np.uint8))
    found: list[Box] = []
    edged = np.pad(closed, ((0, 0), (0, 1)), constant_values=1)  # the edge of the picture closes a box as a line does
    for x, y, wide, tall in holes(edged):
        if fits(wide, tall, inch) and inside_area(closed[y : y + tall, x : x + wide]) >= LEAST_FILLED * wide * tall:
            found.append((x, y, x + wide, y + tall))
    return found


def inside_area(lines: MatLike) -> int:
    """Pixels of the largest stretch (4 neighbours) without lines in a 0/1 mask (H, W)."""
    _, _, stats, _ = cv2.connectedComponentsWithStats((lines == 0).astype(np.uint8), connectivity=4)
    return int(stats[1:, cv2.CC_STAT_AREA].max(initial=0))


def open_boxes(lines: npt.NDArray[np.uint8], inch: float) -> list[Box]:
    """What lies between a line and the next one below it that begins and ends where it does, as above; their sides may be missing."""
    run = max(8, round(LEAST_RUN_IN * inch)) | 1
    middles = row_sums(lines, run) == run
    long = (row_sums(middles.view(np.uint8), run) > 0).view(np.uint8)
    across = cv2.morphologyEx(long, cv2.MORPH_CLOSE, np.ones((3, round(0.2 * inch) | 1), np.uint8))
    placed = (cv2.boundingRect(outline) for outline in outlines(across))
    rules = sorted((y, x, x + wide, y + tall) for x, y, wide, tall in placed)
    found: list[Box] = []
    for number, (_, x0, x1, above) in enumerate(rules):
        for top, other_x0, other_x1, _ in rules[number + 1 :]:
            together = max(abs(other_x0 - x0), abs(other_x1 - x1)) <= SAME_END_IN * inch
            if together and fits(x1 - x0, top - above, inch):
                found.append((max(x0, other_x0), above, min(x1, other_x1), top))
                break
    return found


def fits(wide: float, tall: float, inch: float) -> bool:
    """Whether an inside of this size may be that of an amount's box."""
    return WIDTH_IN[0] * inch <= wide <= WIDTH_IN[1] * inch and HEIGHT_IN[0] * inch <= tall <= HEIGHT_IN[1] * inch


def apart(box: Box, other: Box) -> bool:
    """Whether two boxes share nothing."""
    return box[2] <= other[0] or other[2] <= box[0] or box[3] <= other[1] or other[3] <= box[1]
