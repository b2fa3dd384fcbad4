"""Ink of an arc -> 32 x 32 patch: the one normalisation, shared with training.

The field is scaled as a whole, so that its digits are 20 pixels high (the paper's size of a digit in its frame), never
character by character: a stray mark scaled up to fill the patch would become a "1", a comma a "9". The arc's ink is
positive, the ink around it negative and fainter: what was cut off an arc is seen, and a piece is known for a piece.
"""

from __future__ import annotations

from typing import TypeVar

import cv2
import numpy as np
import numpy.typing as npt

from app.reader.types import PATCH_SIDE_PX, Ink, Patches, SegmentationLattice

DIGIT_HEIGHT_PX = 20.0  # height of a digit in the patch
LARGEST_PX = 28  # an arc larger than this in the patch is scaled down to it
MOST_STRIP_PX = 640
CONTEXT_INK = -0.5  # value of full ink that is not the arc's own

Places = npt.NDArray[np.int64]
Number = TypeVar("Number", np.float32, np.int32)


def patches(lattice: SegmentationLattice) -> Patches:
    """Patches (A, 1, 32, 32) of all arcs of a lattice, in arc order."""
    if lattice.arc_count == 0:
        return np.zeros((0, 1, PATCH_SIDE_PX, PATCH_SIDE_PX), np.float32)
    scale = DIGIT_HEIGHT_PX / lattice.digit_height_px
    ink, owner, grow = scaled(lattice.ink, lattice.pieces, scale)
    x0, y0, side = windows_of(lattice.boxes.astype(np.float64) * grow, lattice.midline_px * grow)
    first, last = lattice.source + 1, lattice.target
    out = np.empty((lattice.arc_count, PATCH_SIDE_PX, PATCH_SIDE_PX), np.float32)
    for wide in np.unique(side).tolist():
        members = np.flatnonzero(side == wide)
        seen = cut_windows(ink, x0[members], y0[members], wide)
        of_piece = cut_windows(owner, x0[members], y0[members], wide)
        own = (of_piece >= first[members, None, None]) & (of_piece <= last[members, None, None])
        drawn = np.where(own, seen, np.float32(CONTEXT_INK) * seen)
        out[members] = drawn if wide == PATCH_SIDE_PX else [shrunk(patch) for patch in drawn]
    return out[:, None]


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


def windows_of(boxes: npt.NDArray[np.float64], midline: float) -> tuple[Places, Places, Places]:
    """(left, top, side), each (A,): the square of the scaled field that the patch of each box (A, 4) shows.

    Tall arcs are centred on themselves; low ones (dots, dashes) on the middle line of the field, as far as they stay
    inside, so that the place of a mark is seen. What is larger than ``LARGEST_PX`` is seen in a larger square.
    """
    left, top, right, bottom = boxes.T
    size, tall = np.maximum(right - left, bottom - top), bottom - top
    middle_x, middle_y = (left + right) / 2.0, (top + bottom) / 2.0
    reach = LARGEST_PX / 2.0 - tall / 2.0
    low = (tall < 0.5 * DIGIT_HEIGHT_PX) & (size <= LARGEST_PX)
    middle_y = np.where(low, np.clip(midline, middle_y - reach, middle_y + reach), middle_y)
    side = np.where(size <= LARGEST_PX, PATCH_SIDE_PX, np.round(PATCH_SIDE_PX * size / LARGEST_PX))
    x0, y0 = np.round(middle_x - side / 2.0), np.round(middle_y - side / 2.0)
    return x0.astype(np.int64), y0.astype(np.int64), side.astype(np.int64)


def cut_windows(array: npt.NDArray[Number], x0: Places, y0: Places, side: int) -> npt.NDArray[Number]:
    """The squares (K, side, side) of an array (H, W) whose upper left corners are (x0, y0), zero outside it."""
    before = np.array([max(0, -int(y0.min())), max(0, -int(x0.min()))])
    after = [max(0, int(y0.max()) + side - array.shape[0]), max(0, int(x0.max()) + side - array.shape[1])]
    padded = np.pad(array, ((before[0], after[0]), (before[1], after[1])))
    squares = np.lib.stride_tricks.sliding_window_view(padded, (side, side))
    return np.asarray(squares[y0 + before[0], x0 + before[1]], array.dtype)


def shrunk(patch: Ink) -> Ink:
    """A square of ink at the size of a patch (32, 32)."""
    return np.asarray(cv2.resize(patch, (PATCH_SIDE_PX, PATCH_SIDE_PX), interpolation=cv2.INTER_AREA), np.float32)


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
