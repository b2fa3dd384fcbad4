"""Connected components of a mask at the cost that each use asks for: statistics and centroids of every pixel, which OpenCV's one call
computes, take ten times as long as the components themselves.
"""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt
from cv2.typing import MatLike as Mask  # (H, W) uint8, 0 or 1

MOST_SHORT_LABELS = 60_000  # labels of two bytes


def outlines(mask: Mask) -> list[npt.NDArray[np.int32]]:
    """The outer outline (P, 1, 2) x, y of every component (8 neighbours), those inside a hole of another too. For masks of few
    components."""
    found, levels = cv2.findContours(mask, cv2.RETR_CCOMP, cv2.CHAIN_APPROX_SIMPLE)
    return [np.asarray(found[k], np.int32) for k in np.flatnonzero(levels[0, :, 3] < 0).tolist()] if found else []


def holes(mask: Mask) -> list[tuple[int, int, int, int]]:
    """Boxes (left, top, width, height) of what components (8 neighbours) close in on all sides."""
    found, levels = cv2.findContours(mask, cv2.RETR_CCOMP, cv2.CHAIN_APPROX_SIMPLE)
    if not found:
        return []
    around = (cv2.boundingRect(found[k]) for k in np.flatnonzero(levels[0, :, 3] >= 0).tolist())
    return [(x + 1, y + 1, wide - 2, tall - 2) for x, y, wide, tall in around]


def labelled(mask: Mask) -> tuple[npt.NDArray[np.integer], npt.NDArray[np.int32]]:
    """(labels (H, W) from 1 on, statistics (N + 1, 5): left, top, width, height, area) of the components (8 neighbours); row 0 of the
    statistics is what lies outside them."""
    few = np.count_nonzero(mask[:, 1:] > mask[:, :-1]) + mask.shape[0] <= MOST_SHORT_LABELS  # no more components than runs
    _, labels, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8, ltype=cv2.CV_16U if few else cv2.CV_32S)
    return np.asarray(labels), np.asarray(stats, np.int32)
