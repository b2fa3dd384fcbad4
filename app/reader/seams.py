"""Where to cut a component of ink, and the cut itself: a seam of least ink from top to bottom.

Two kinds of candidates, as in the 1998 reader: *thin* places, the minima of the vertical projection, where the cut follows
the thinnest way near its column (found by dynamic programming), and *contacts*, where two characters lean on one another:
the waists between upper and lower contour, the valleys of the upper contour and the peaks of the lower one ("hit and
deflect"). A contact is cut straight through its ink: the thinnest way nearby would lead through the arch of a 0.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

Mask = npt.NDArray[np.bool_]  # (H, W), true = ink of this component
Profile = npt.NDArray[np.float64]  # (W,), pixels

THIN_REACH, CONTACT_REACH = 0.18, 0.04  # how far a seam may lie from its column, in digit heights
CONTACT_SPACING = 0.1  # between contacts, in digit heights
MOST_INK = 1.15  # cost of a cut above which none is proposed, in digit heights


@dataclass(frozen=True, slots=True)
class Cuts:
    """Columns at which a component may be cut, each kind from left to right."""

    thin: tuple[int, ...]
    contacts: tuple[int, ...]


def cut_columns(own: Mask, digit_height: float, spacing: float, prominence: float) -> Cuts:
    """Candidate cuts of a component (H, W).

    Thin places are at least ``spacing`` digit heights apart. A contact stands out of its profile by ``prominence`` digit
    heights on both sides; 0 proposes no contacts.
    """
    height, width = own.shape
    ink = own.sum(axis=0).astype(np.float64)
    top = np.where(ink > 0, own.argmax(axis=0), height).astype(np.float64)
    bottom = np.where(ink > 0, height - own[::-1].argmax(axis=0), 0).astype(np.float64)
    span = smoothed(np.maximum(bottom - top, 0.0))
    cost = smoothed(ink) + 0.35 * span
    contacts = contact_columns(top, bottom, span, cost, digit_height, prominence) if prominence > 0 else []
    apart = max(2, round(CONTACT_SPACING * digit_height))
    gap = max(2, round(spacing * digit_height))
    edge = max(2, round(0.08 * digit_height))
    minima = [x for x in range(edge, width - edge) if cost[x] <= cost[max(0, x - 2) : x + 3].min() + 1e-9]
    thin: list[int] = []
    for x in sorted(minima, key=lambda column: cost[column]):
        free = all(abs(x - other) >= gap for other in thin) and all(abs(x - other) >= apart for other in contacts)
        if cost[x] <= MOST_INK * digit_height and free:
            thin.append(x)
    both = filled(sorted([*thin, *contacts]), cost, width, digit_height)
    return Cuts(tuple(x for x in both if x not in contacts), tuple(sorted(contacts)))


def contact_columns(top: Profile, bottom: Profile, span: Profile, cost: Profile, digit_height: float, prominence: float) -> list[int]:
    """Columns where two characters may lean on one another: waists first, then valleys and peaks of the contours."""
    drop = prominence * digit_height
    apart = max(2, round(CONTACT_SPACING * digit_height))
    edge = max(2, round(0.08 * digit_height))
    waists = sorted(prominent_minima(span, drop), key=lambda x: span[x])
    notches = sorted([*prominent_minima(smoothed(-top), drop), *prominent_minima(smoothed(bottom), drop)], key=lambda x: cost[x])
    chosen: list[int] = []
    for x in (*waists, *notches):
        if edge <= x < len(span) - edge and all(abs(x - other) >= apart for other in chosen):
            chosen.append(x)
    return chosen


def prominent_minima(profile: Profile, drop: float) -> list[int]:
    """Local minima of a profile (W,) that rises by at least ``drop`` on both sides before it falls below them again."""
    inner, before, after = profile[1:-1], profile[:-2], profile[2:]
    minima = np.flatnonzero(((inner <= before) & (inner < after)) | ((inner < before) & (inner <= after))) + 1
    return [int(x) for x in minima if rises(profile[x::-1], drop) and rises(profile[x:], drop)]


def rises(profile: Profile, drop: float) -> bool:
    """Whether a profile comes to ``drop`` above its first value before it falls below that."""
    above = profile - profile[0]
    high, low = np.flatnonzero(above >= drop), np.flatnonzero(above < 0)
    return len(high) > 0 and (len(low) == 0 or bool(high[0] < low[0]))


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


def cut_component(ink: npt.NDArray[np.float32], own: Mask, cuts: Cuts, digit_height: float) -> list[Mask]:
    """The component (H, W) cut along a seam near each column: parts from left to right, some may be empty."""
    own_ink = np.where(own, ink, 0.0)
    seams: list[tuple[int, npt.NDArray[np.int64]]] = []
    for columns, reach in ((cuts.thin, THIN_REACH), (cuts.contacts, CONTACT_REACH)):
        if columns:
            seams += zip(columns, least_ink_seams(own_ink, list(columns), max(1, round(reach * digit_height))), strict=True)
    across = np.arange(own.shape[1])
    parts: list[Mask] = []
    left = np.ones(own.shape, bool)
    for _, seam in sorted(seams, key=lambda pair: pair[0]):
        right = across[None, :] >= seam[:, None]
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
