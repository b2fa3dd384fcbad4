"""Ink of an arc -> 32 x 32 patch: the one normalisation, shared with training.

The field is scaled as a whole, so that its digits are 20 pixels high (the paper's size of a digit in its frame), never
character by character: a stray mark scaled up to fill the patch would become a "1", a comma a "9". The arc's ink is
positive, the ink around it negative and fainter: what was cut off an arc is seen, and a piece is known for a piece.
"""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from app.reader.types import PATCH_SIDE_PX, Ink, Patches, SegmentationLattice

DIGIT_HEIGHT_PX = 20.0  # height of a digit in the patch
LARGEST_PX = 28  # an arc larger than this in the patch is scaled down to it
MOST_STRIP_PX = 640
CONTEXT_INK = -0.5  # value of full ink that is not the arc's own


def patches(lattice: SegmentationLattice) -> Patches:
    """Patches (A, 1, 32, 32) of all arcs of a lattice, in arc order."""
    out = np.zeros((lattice.arc_count, 1, PATCH_SIDE_PX, PATCH_SIDE_PX), np.float32)
    if lattice.arc_count == 0:
        return out
    scale = DIGIT_HEIGHT_PX / lattice.digit_height_px
    ink, owner, grow = scaled(lattice.ink, lattice.pieces, scale)
    midline = lattice.midline_px * grow
    for index in range(lattice.arc_count):
        box = lattice.boxes[index] * grow
        first, last = int(lattice.source[index]) + 1, int(lattice.target[index])
        out[index, 0] = patch_of(ink, owner, box, first, last, midline)
    return out


def scaled(ink: Ink, pieces: npt.NDArray[np.int32], scale: float) -> tuple[Ink, npt.NDArray[np.int32], float]:
    """Ink and piece numbers at patch resolution, and the scale really applied (1.0 of it = one pixel)."""
    height, width = ink.shape
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    how = cv2.INTER_AREA if scale < 1.0 else cv2.INTER_LINEAR
    small = cv2.resize(ink, size, interpolation=how)
    owner = cv2.resize(pieces.astype(np.float32), size, interpolation=cv2.INTER_NEAREST)
    spread = cv2.dilate(owner, np.ones((3, 3), np.uint8))
    owner = np.where(owner > 0, owner, spread)
    return np.asarray(small, np.float32), owner.astype(np.int32), scale


def patch_of(
    ink: Ink, owner: npt.NDArray[np.int32], box: npt.NDArray[np.float64], first: int, last: int, midline: float
) -> npt.NDArray[np.float32]:
    """One patch (32, 32): ink of pieces ``first .. last`` positive, other ink negative, centred on ``box``.

    Tall arcs are centred on themselves; low ones (dots, dashes) on the middle line of the field, as far as they stay
    inside, so that the place of a mark is seen.
    """
    left, top, right, bottom = (float(v) for v in box)
    size = max(right - left, bottom - top)
    middle_x, middle_y = (left + right) / 2.0, (top + bottom) / 2.0
    if bottom - top < 0.5 * DIGIT_HEIGHT_PX and size <= LARGEST_PX:
        reach = LARGEST_PX / 2.0 - (bottom - top) / 2.0
        middle_y = float(np.clip(midline, middle_y - reach, middle_y + reach))
    side = PATCH_SIDE_PX if size <= LARGEST_PX else round(PATCH_SIDE_PX * size / LARGEST_PX)
    x0, y0 = round(middle_x - side / 2.0), round(middle_y - side / 2.0)
    window_ink, window_owner = window(ink, x0, y0, side), window(owner, x0, y0, side)
    own = (window_owner >= first) & (window_owner <= last)
    patch = np.where(own, window_ink, CONTEXT_INK * window_ink).astype(np.float32)
    if side != PATCH_SIDE_PX:
        return np.asarray(cv2.resize(patch, (PATCH_SIDE_PX, PATCH_SIDE_PX), interpolation=cv2.INTER_AREA), np.float32)
    return patch


def window(array: np.ndarray, x0: int, y0: int, side: int) -> np.ndarray:
    """The square of ``side`` pixels at (x0, y0), zero outside the array."""
    height, width = array.shape
    out = np.zeros((side, side), array.dtype)
    left, top, right, bottom = max(0, x0), max(0, y0), min(width, x0 + side), min(height, y0 + side)
    if right > left and bottom > top:
        out[top - y0 : bottom - y0, left - x0 : right - x0] = array[top:bottom, left:right]
    return out


def strip(lattice: SegmentationLattice) -> npt.NDArray[np.float32]:
    """The ink of the whole field as one strip (32, W), 0..1: digits 20 px high, their middle line on the strip's, as in a patch.

    What stands far above or below the line falls outside; ``MOST_STRIP_PX`` bounds the width.
    """
    scale = DIGIT_HEIGHT_PX / lattice.digit_height_px
    wide = int(np.clip(round(lattice.ink.shape[1] * scale), PATCH_SIDE_PX, MOST_STRIP_PX))
    to_strip = np.array([[scale, 0.0, 0.0], [0.0, scale, PATCH_SIDE_PX / 2.0 - scale * lattice.midline_px]])
    ink = lattice.ink
    if scale < 0.7:  # averaged first, so that thin strokes do not fall between the samples
        ink = np.asarray(cv2.GaussianBlur(ink, (0, 0), 0.35 / scale), np.float32)
    moved = cv2.warpAffine(ink, to_strip, (wide, PATCH_SIDE_PX), flags=cv2.INTER_LINEAR)
    return np.asarray(moved, np.float32)
