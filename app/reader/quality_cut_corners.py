"""A corner that is missing on a check whose outline was not found, for an outline has four corners: the border of the paper on its ground
is completed to four straight edges, and what it lacks of their corners is measured."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from app.reader.types import Grey

Points = npt.NDArray[np.float64]  # (N, 2) x, y in cells

PLANE_REACH, PLANE_ROUNDS = 40.0, 3  # grey levels within which the first plane is laid through the edges; rounds without what is off it
SMOOTH_CELLS = 5  # print on the paper is smoothed away
LEAST_STEP = 25.0  # grey levels between paper and ground
GROUND_SHARE = 0.8  # of the cells along the edges of the picture that are ground
PAPER_SHARE = (0.15, 0.93)  # of the picture
LEAST_CONVEX = 0.94  # area of the paper over that of its hull
FLATTEST = 0.2  # shorter over longer edge of a corner; a flatter one is a side that bends
DEVIATION, MOST_OFF = 0.008, 1.0  # by which the border may leave straight edges: share of its length, and cells at least
LEAST_LEG, MOST_LEG_SHARE = 4.0, 0.8  # of the edges of a missing corner: cells of the longer one, share of either edge of the check
GROUND_RANGE = (0.05, 0.95)  # quantiles of the levels along the edges of the picture, between which the ground lies
ASPECT = (1.5, 4.0)  # long over short side as seen
SQUARE_DEGREES = 25.0  # by which the angles of a check that is seen askew may differ from a right angle


def cut_corner(cells: npt.NDArray[np.float32]) -> tuple[str, float] | None:
    """Name of the corner that is cut off, and cells along its longer edge; None where no paper with one cut corner lies on a ground."""
    hull = paper_hull(np.asarray(cells, np.uint8))
    if hull is None:
        return None
    longest = float(np.ptp(hull.reshape(-1, 2), axis=0).max())
    border = cv2.approxPolyDP(hull, DEVIATION * longest, closed=True).reshape(-1, 2).astype(np.float64)
    check = without_cuts(border)
    if check is None:
        return None
    missing = [cut_off(check, k, border, max(MOST_OFF, DEVIATION * longest)) for k in range(4)]
    found = [(name, max(legs)) for name, legs, piece in filter(None, missing) if shows_ground(cells, piece)]
    return max(found, key=lambda corner: corner[1]) if found else None


def shows_ground(cells: npt.NDArray[np.float32], piece: Points) -> bool:
    """Whether what is to be seen in a triangle (3, 2) of the picture (h, w) is as dark as the ground along its edges: a part of the paper
    that lies in shadow is not."""
    rim = np.concatenate([cells[0], cells[-1], cells[:, 0], cells[:, -1]])
    least, most = np.quantile(rim, GROUND_RANGE)
    mask = cv2.fillConvexPoly(np.zeros(cells.shape, np.uint8), np.round(piece).astype(np.int32), 1)
    level = float(np.median(cells[mask > 0])) if mask.any() else np.inf
    return bool(least - 0.5 * LEAST_STEP <= level <= most + 0.5 * LEAST_STEP)


def without_cuts(border: Points) -> Points | None:
    """The four corners (4, 2) of the sheet of which a convex border (N, 2) is what is left; None where no such sheet is a check.

    Down to five sides, side after side goes whose neighbours meet over the smallest piece: those are corners that smoothing has rounded.
    Of the five, that one goes which leaves the corners nearest to right angles.
    """
    while len(border) > 5:
        completed = [without_side(border, side) for side in range(len(border))]
        usable = [(piece, rest) for found in completed if found is not None for piece, rest in (found,)]
        if not usable:
            return None
        border = min(usable, key=lambda found: found[0])[1]
    sheets = (
        [border] if len(border) == 4 else [found[1] for side in range(len(border)) if (found := without_side(border, side)) is not None]
    )
    checks = [sheet for sheet in sheets if len(sheet) == 4 and off_square(sheet) <= SQUARE_DEGREES and of_a_check(sheet)]
    return min(checks, key=off_square) if checks else None


def without_side(border: Points, side: int) -> tuple[float, Points] | None:
    """(area that is added, the border (N - 1, 2)) of a convex border (N, 2) whose side goes, its neighbours meeting beyond it; None where
    they do not meet there."""
    before, first, second, after = (border[(side + k) % len(border)] for k in (-1, 0, 1, 2))
    corner = crossing(before, first, after, second)
    if corner is None:
        return None
    one, other = first - corner, second - corner
    rest = [border[(side + 2 + k) % len(border)] for k in range(len(border) - 2)]
    return abs(float(one[0] * other[1] - one[1] * other[0])) / 2.0, np.array([corner, *rest])


def off_square(check: Points) -> float:
    """Degrees by which the worst of four corners (4, 2) differs from a right angle."""
    sides = np.roll(check, -1, axis=0) - check
    length = np.maximum(np.hypot(sides[:, 0], sides[:, 1]), 1e-9)
    turn = np.degrees(np.arccos(np.clip((sides * np.roll(sides, -1, axis=0)).sum(axis=1) / (length * np.roll(length, -1)), -1.0, 1.0)))
    return float(np.abs(turn - 90.0).max())


def of_a_check(check: Points) -> bool:
    """Whether four corners (4, 2) are as far apart as those of a check."""
    length = np.hypot(*(np.roll(check, -1, axis=0) - check).T)
    one, other = length[0] + length[2], length[1] + length[3]
    return bool(ASPECT[0] <= max(one, other) / max(min(one, other), 1e-9) <= ASPECT[1])


def cut_off(check: Points, number: int, border: Points, reach: float) -> tuple[str, tuple[float, ...], Points] | None:
    """Name of a corner of the check (4, 2), the two edges that its ``border`` (N, 2) lacks there, in cells, and the triangle (3, 2)
    over them; None where nothing, no more than a bent edge, or most of an edge is missing. Within ``reach`` is on an edge."""
    corner, legs, ends = check[number], [], []
    for neighbour in (check[number - 1], check[(number + 1) % 4]):
        length = max(float(np.hypot(*(neighbour - corner))), 1e-9)
        along = (neighbour - corner) / length
        away = border - corner
        near = np.abs(away[:, 0] * along[1] - away[:, 1] * along[0]) <= reach
        legs.append(float((away[near] @ along).min(initial=np.inf)))
        if legs[-1] > MOST_LEG_SHARE * length:
            return None
        ends.append(corner + legs[-1] * along)
    if max(legs) < LEAST_LEG or min(legs) < FLATTEST * max(legs):
        return None
    middle = check.mean(axis=0)
    return (
        f"{'upper' if corner[1] < middle[1] else 'lower'} {'left' if corner[0] < middle[0] else 'right'}",
        tuple(legs),
        np.array([corner, *ends]),
    )


def paper_hull(cells: Grey) -> npt.NDArray[np.int32] | None:
    """The convex hull (N, 1, 2) of the paper on its ground; None where the picture (h, w) shows no paper with ground all around."""
    rim = np.concatenate([cells[0], cells[-1], cells[:, 0], cells[:, -1]])
    height, width = cells.shape
    middle = cells[height // 4 : height - height // 4, width // 4 : width - width // 4]
    if abs(float(np.median(rim)) - float(np.median(middle))) < 0.3 * LEAST_STEP:  # the paper goes on to the edges
        return None
    smooth = np.asarray(cv2.medianBlur(np.ascontiguousarray(cells), SMOOTH_CELLS), np.float32)
    off = np.abs(smooth - ground_plane(smooth))
    _, bright = cv2.threshold(smooth.astype(np.uint8), 0, 1, cv2.THRESH_BINARY | cv2.THRESH_OTSU)  # under a shadow's edge no plane fits
    for paper, contrast in ((off > 0.5 * LEAST_STEP, off), (bright > 0, np.abs(smooth - smooth[bright == 0].mean()))):
        hull = hull_of(paper, contrast)
        if hull is not None:
            return hull
    return None


def hull_of(paper: npt.NDArray[np.bool_], contrast: npt.NDArray[np.float32]) -> npt.NDArray[np.int32] | None:
    """The convex hull (N, 1, 2) of the largest piece of what is taken for paper (h, w), of so much ``contrast`` to the ground (h, w); None
    where it reaches the edges, is no more than a shade, or is not nearly convex."""
    edge = np.concatenate([paper[0], paper[-1], paper[:, 0], paper[:, -1]])
    if edge.mean() > 1.0 - GROUND_SHARE or not paper.any() or float(np.median(contrast[paper])) < LEAST_STEP:
        return None
    outlines, _ = cv2.findContours(paper.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    largest = max(outlines, key=cv2.contourArea)
    hull = cv2.convexHull(largest)
    area = cv2.contourArea(largest)
    if not PAPER_SHARE[0] <= area / paper.size <= PAPER_SHARE[1] or area < LEAST_CONVEX * cv2.contourArea(hull):
        return None
    return np.asarray(hull, np.int32)


def ground_plane(cells: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Level (h, w) of the ground if it went on under the paper: a plane through most of the cells along the edges, for light falls from
    one side."""
    height, width = cells.shape
    y, x = np.mgrid[0:height, 0:width].astype(np.float64)
    terms = np.stack([np.ones_like(x), x / width, y / height], axis=-1)
    edge = np.zeros(cells.shape, bool)
    edge[[0, 1, -2, -1]] = True
    edge[:, [0, 1, -2, -1]] = True
    known, level = terms[edge], cells[edge].astype(np.float64)
    near = np.abs(level - np.median(level)) <= PLANE_REACH
    for _ in range(PLANE_ROUNDS):
        plane, *_ = np.linalg.lstsq(known[near], level[near], rcond=None)
        off = np.abs(known @ plane - level)
        near = off <= max(3.0, 2.5 * float(np.median(off)))
    return np.asarray(terms @ plane, np.float32)


def crossing(one: Points, through: Points, other: Points, also: Points) -> Points | None:
    """Where the line from ``one`` through ``through`` meets that from ``other`` through ``also``, beyond both; None where it does not."""
    along, across = through - one, also - other
    det = along[0] * across[1] - along[1] * across[0]
    if abs(det) < 1e-9:
        return None
    gap = other - one
    far, wide = (gap[0] * across[1] - gap[1] * across[0]) / det, (gap[0] * along[1] - gap[1] * along[0]) / det
    return np.asarray(one + far * along) if far > 1.0 and wide > 1.0 else None
