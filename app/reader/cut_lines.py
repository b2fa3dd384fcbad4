"""The candidate cuts of a lattice as lines: what a node is, for a person to look at.

Node k lies between piece k and piece k + 1. Where there is a gap the line stands upright in its middle. Where the pieces touch or
overlap, it runs half-way between their ink in every row that has both, and keeps clear of either in the others. Pieces that lie
one over the other (numerator, bar and denominator of a fraction) are parted by a level line.
"""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from app.reader.types import Box, Polygon, SegmentationLattice

OVERHANG = 0.12  # of a line beyond the ink that it parts, in digit heights
STRAY_PX = 0.6  # how far a line may be simplified away from its rows
STACKED_SHARE = 0.5  # of the narrower piece's width: an overlap above it is one over the other


def cut_lines(lattice: SegmentationLattice) -> tuple[Polygon, ...]:
    """One line per node, (x, y) points in the lattice frame from top to bottom (from left to right where it is level).

    Node 0 is the left end, the last node the right end; a lattice without ink has none.
    """
    if lattice.piece_count == 0:
        return ()
    boxes: list[Box] = [(left, top, right, bottom) for left, top, right, bottom in lattice.piece_boxes.tolist()]
    overhang = OVERHANG * lattice.digit_height_px
    between = (line_between(lattice.pieces, node, boxes[node - 1], boxes[node], overhang) for node in range(1, len(boxes)))
    return (upright(boxes[0][0], boxes[0], overhang), *between, upright(boxes[-1][2], boxes[-1], overhang))


def upright(x: float, box: Box, overhang: float) -> Polygon:
    """A straight line over the height of a box."""
    return (float(x), box[1] - overhang), (float(x), box[3] + overhang)


def line_between(pieces: npt.NDArray[np.int32], node: int, before: Box, after: Box, overhang: float) -> Polygon:
    """The line that parts piece ``node`` (box ``before``) from piece ``node + 1`` (box ``after``); ``pieces`` is (H, W)."""
    shared = min(before[2], after[2]) - max(before[0], after[0])
    narrower = min(before[2] - before[0], after[2] - after[0])
    upper, lower = sorted((before, after), key=lambda box: box[1])
    if shared > STACKED_SHARE * narrower and upper[3] <= lower[1]:
        y = (upper[3] + lower[1]) / 2.0
        return (float(min(before[0], after[0])), y), (float(max(before[2], after[2])), y)
    left, top, right, bottom = (*(min(before[side], after[side]) for side in (0, 1)), *(max(before[side], after[side]) for side in (2, 3)))
    if before[2] <= after[0]:
        return upright((before[2] + after[0]) / 2.0, (left, top, right, bottom), overhang)
    window = pieces[top:bottom, left:right]
    column = (before[2] + after[0]) / 2.0 - left
    x = row_places(window == node, window == node + 1, column) + left
    rows = np.arange(top, bottom) + 0.5
    points = np.stack([np.concatenate([x[:1], x, x[-1:]]), np.concatenate([[top - overhang], rows, [bottom + overhang]])], axis=1)
    kept = cv2.approxPolyDP(points.astype(np.float32)[:, None, :], STRAY_PX, False)[:, 0]
    return tuple((float(a), float(b)) for a, b in kept)


def row_places(before: npt.NDArray[np.bool_], after: npt.NDArray[np.bool_], column: float) -> npt.NDArray[np.float64]:
    """x (H,) of the line in each row of a window: between the masks (H, W) of the two pieces, ``column`` where neither has ink."""
    width = before.shape[1]
    has_before, has_after = before.any(axis=1), after.any(axis=1)
    end = np.where(has_before, width - before[:, ::-1].argmax(axis=1), -np.inf)  # first x behind the piece before
    start = np.where(has_after, after.argmax(axis=1), np.inf)  # first x of the piece after
    clear = np.clip(column, np.minimum(end, start), np.maximum(start, end))
    both = has_before & has_after
    return np.asarray(np.where(both, (np.where(both, end, 0.0) + np.where(both, start, 0.0)) / 2.0, clear))
