"""Where to cut a component of ink, and the cut itself: a seam of least ink from top to bottom.

Candidates are the minima of the vertical projection and of the distance between upper and lower contour; the cut
follows the thinnest way near its column (the "hit and deflect" of the 1998 reader, found here by dynamic programming).
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import numpy.typing as npt

Mask = npt.NDArray[np.bool_]  # (H, W), true = ink of this component


def cut_columns(own: Mask, digit_height: float, spacing: float) -> list[int]:
    """Columns at which a component (H, W) may be cut, from left to right, at least ``spacing`` digit heights apart."""
    height, width = own.shape
    ink = own.sum(axis=0).astype(np.float64)
    top = np.where(ink > 0, own.argmax(axis=0), height)
    bottom = np.where(ink > 0, height - own[::-1].argmax(axis=0), 0)
    span = np.maximum(bottom - top, 0).astype(np.float64)
    cost = smoothed(ink) + 0.35 * smoothed(span)
    gap = max(2, round(spacing * digit_height))
    edge = max(2, round(0.08 * digit_height))
    minima = [x for x in range(edge, width - edge) if cost[x] <= cost[max(0, x - 2) : x + 3].min() + 1e-9]
    chosen: list[int] = []
    for x in sorted(minima, key=lambda column: cost[column]):
        if cost[x] <= 1.15 * digit_height and all(abs(x - other) >= gap for other in chosen):
            chosen.append(x)
    return filled(sorted(chosen), cost, width, digit_height)


def filled(columns: list[int], cost: npt.NDArray[np.float64], width: int, digit_height: float) -> list[int]:
    """Add the cheapest column of every stretch wider than 0.8 digit heights that has no cut."""
    widest = max(6, round(0.8 * digit_height))
    out: list[int] = []
    bounds = [0, *columns, width]
    for left, right in pairwise(bounds):
        if left > 0:
            out.append(left)
        if right - left > widest:
            margin = (right - left) // 4
            out.append(left + margin + int(np.argmin(cost[left + margin : right - margin])))
    return out


def smoothed(profile: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """The profile (W,) averaged over three columns."""
    padded = np.concatenate([profile[:1], profile, profile[-1:]])
    return np.asarray((padded[:-2] + padded[1:-1] + padded[2:]) / 3.0)


def cut_component(ink: npt.NDArray[np.float32], own: Mask, columns: list[int], digit_height: float) -> list[Mask]:
    """The component (H, W) cut along a seam near each column: parts from left to right, some may be empty."""
    if not columns:
        return [own]
    reach = max(2, round(0.18 * digit_height))
    seams = least_ink_seams(np.where(own, ink, 0.0), columns, reach)
    across = np.arange(own.shape[1])
    rights = [across[None, :] >= seam[:, None] for seam in seams]
    parts: list[Mask] = []
    left = np.ones(own.shape, bool)
    for right in rights:
        parts.append(own & left & ~right)
        left = left & right
    parts.append(own & left)
    return parts


def least_ink_seams(ink: npt.NDArray[np.float64], columns: list[int], reach: int) -> npt.NDArray[np.int64]:
    """Seams (N, H): for each column the x per row, within ``reach`` of the column, whose ink plus bending is least.

    A step moves at most one pixel sideways; a sideways step costs 0.12 and distance from the column 0.01 per pixel
    and row, against 1.0 for a pixel of full ink.
    """
    height, width = ink.shape
    window = np.array(columns)[:, None] + np.arange(-reach, reach + 1)[None, :]
    inside = (window >= 0) & (window < width)
    clipped = np.clip(window, 0, width - 1)
    away = 0.01 * np.abs(np.arange(-reach, reach + 1))[None, :]
    local = np.where(inside[None], ink[:, clipped], 1e6) + away[None]
    total = np.full((len(columns), 2 * reach + 3), 1e9)  # a wall on either side
    total[:, 1:-1] = local[0]
    steps = np.zeros(local.shape, np.int8)
    for row in range(1, height):
        left, straight, right = total[:, :-2] + 0.12, total[:, 1:-1], total[:, 2:] + 0.12
        side = np.minimum(left, right)
        steps[row] = np.where(straight <= side, 0, np.where(left <= right, -1, 1))
        total[:, 1:-1] = np.minimum(straight, side) + local[row]
    position = total[:, 1:-1].argmin(axis=1)
    seams = np.zeros((len(columns), height), np.int64)
    order = np.arange(len(columns))
    for row in range(height - 1, -1, -1):
        seams[:, row] = window[order, position]
        position = position + steps[row, order, position]
    return seams
