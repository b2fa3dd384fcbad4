"""Where to cut a component of ink, and the cut itself: a seam of least ink from top to bottom.

Two kinds of candidates, as in the 1998 reader: *thin* places, the minima of the vertical projection, where the cut follows
the thinnest way near its column (found by dynamic programming), and *contacts*, where two characters lean on one another:
the waists between upper and lower contour, the valleys of the upper contour and the peaks of the lower one ("hit and
deflect"). A contact is cut straight through its ink: the thinnest way nearby would lead through the arch of a 0.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice, pairwise

import numpy as np
import numpy.typing as npt

Ink = npt.NDArray[np.float32]  # (H, W), 0..1
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
    around = np.lib.stride_tricks.sliding_window_view(np.pad(cost, 2, constant_values=np.inf), 5).min(axis=1)
    minima = (np.flatnonzero(cost[edge : width - edge] <= around[edge : width - edge] + 1e-9) + edge).tolist()
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


@dataclass(frozen=True, slots=True, eq=False)
class Component:
    """A component to be cut: its ``own`` ink (H, W), zero where the ink is another's, and where it may be cut."""

    own: Ink
    cuts: Cuts


def cut_components(components: Sequence[Component], digit_height: float) -> list[list[Mask]]:
    """Each component (H, W) cut along a seam near each of its columns: parts from left to right, some may be empty."""
    reaches = [max(1, round(reach * digit_height)) for reach in (THIN_REACH, CONTACT_REACH)]
    places = [
        Place(component.own, column, reach)
        for component in components
        for columns, reach in zip((component.cuts.thin, component.cuts.contacts), reaches, strict=True)
        for column in columns
    ]
    seams = iter(least_ink_seams(places))
    found: list[list[Mask]] = []
    for component in components:
        own = component.own > 0
        across = np.arange(own.shape[1])
        columns = (*component.cuts.thin, *component.cuts.contacts)
        parts: list[Mask] = []
        left = np.ones(own.shape, bool)
        for _, seam in sorted(zip(columns, islice(seams, len(columns)), strict=True), key=lambda pair: pair[0]):
            right = across[None, :] >= seam[:, None]
            parts.append(own & left & ~right)
            left = left & right
        found.append([*parts, own & left])
    return found


@dataclass(frozen=True, slots=True, eq=False)
class Place:
    """A seam that is sought: through ``ink`` (H, W), near ``column``, at most ``reach`` pixels from it."""

    ink: npt.NDArray[np.floating]
    column: int
    reach: int


def least_ink_seams(places: Sequence[Place]) -> list[npt.NDArray[np.int64]]:
    """The seam (H,) of each place: the x per row whose ink plus bending is least. All places are gone through row by row together.

    A step moves at most one pixel sideways; a sideways step costs 0.12 and distance from the column 0.01 per pixel
    and row, against 1.0 for a pixel of full ink.
    """
    if not places:
        return []
    heights = np.array([len(place.ink) for place in places])
    reach = max(place.reach for place in places)
    local = np.full((int(heights.max()), len(places), 2 * reach + 1), 1e6)  # outside a picture and its reach
    for number, place in enumerate(places):
        first, last = max(0, place.column - place.reach), min(place.ink.shape[1], place.column + place.reach + 1)
        local[: len(place.ink), number, first - place.column + reach : last - place.column + reach] = place.ink[:, first:last]
    local += 0.01 * np.abs(np.arange(-reach, reach + 1))
    total = np.full((len(places), 2 * reach + 3), 1e9)  # a wall on either side
    total[:, 1:-1] = local[0]
    steps = np.zeros(local.shape, np.int8)
    position = np.zeros(len(places), np.int64)
    for row, costs in enumerate(local):
        if row > 0:
            aside = np.minimum(total[:, :-2], total[:, 2:]) + 0.12
            to_left, straight = total[:, :-2] <= total[:, 2:], total[:, 1:-1] <= aside
            np.copyto(steps[row], np.where(to_left, np.int8(-1), np.int8(1)), where=~straight)
            total[:, 1:-1] = np.minimum(total[:, 1:-1], aside) + costs
        ends = heights == row + 1
        if ends.any():
            position[ends] = total[ends, 1:-1].argmin(axis=1)
    order = np.arange(len(places))
    seams = np.zeros((len(local), len(places)), np.int64)
    for row in range(len(local) - 1, -1, -1):
        seams[row] = position
        position = np.where(row < heights, position + steps[row, order, position], position)
    return [seams[: len(place.ink), number] + place.column - reach for number, place in enumerate(places)]
