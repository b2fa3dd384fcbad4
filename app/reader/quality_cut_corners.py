"""A corner that is missing on a check whose outline was not found, for an outline has four corners: the paper on its ground is followed
by a polygon of five sides, one of which cuts a corner off."""

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
DEVIATIONS = (0.012, 0.016, 0.02, 0.025, 0.03)  # of the longer side, by which the border may leave a polygon's sides, until five are left
ASPECT = (1.5, 4.0)  # long over short side as seen
SQUARE_DEGREES = 25.0  # by which the angles of a check that is seen askew may differ from a right angle


def cut_corner(cells: npt.NDArray[np.float32]) -> tuple[str, float] | None:
    """Name of the corner that is cut off, and cells along its longer edge; None where no paper with one cut corner lies on a ground."""
    hull = paper_hull(np.asarray(cells, np.uint8))
    if hull is None:
        return None
    longest = float(np.ptp(hull.reshape(-1, 2), axis=0).max())
    polygons = [cv2.approxPolyDP(hull, share * longest, closed=True).reshape(-1, 2).astype(np.float64) for share in DEVIATIONS]
    polygon = next((polygon for polygon in polygons if len(polygon) == 5), None)
    if polygon is None:
        return None
    found = [corner for side in range(5) if (corner := without_side(polygon, side)) is not None]
    return min(found, key=lambda corner: corner[1]) if found else None


def paper_hull(cells: Grey) -> npt.NDArray[np.int32] | None:
    """The convex hull (N, 1, 2) of the paper on its ground; None where the picture (h, w) shows no paper with ground all around."""
    rim = np.concatenate([cells[0], cells[-1], cells[:, 0], cells[:, -1]])
    if abs(float(np.median(rim)) - float(np.median(cells))) < 0.3 * LEAST_STEP:  # the paper goes on to the edges
        return None
    smooth = np.asarray(cv2.medianBlur(np.ascontiguousarray(cells), SMOOTH_CELLS), np.float32)
    off = np.abs(smooth - ground_plane(smooth))
    paper = off > 0.5 * LEAST_STEP
    edge = np.concatenate([paper[0], paper[-1], paper[:, 0], paper[:, -1]])
    if edge.mean() > 1.0 - GROUND_SHARE or not paper.any() or float(np.median(off[paper])) < LEAST_STEP:
        return None
    outlines, _ = cv2.findContours(paper.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    largest = max(outlines, key=cv2.contourArea)
    hull = cv2.convexHull(largest)
    area = cv2.contourArea(largest)
    if not PAPER_SHARE[0] <= area / cells.size <= PAPER_SHARE[1] or area < LEAST_CONVEX * cv2.contourArea(hull):
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


def without_side(polygon: Points, side: int) -> tuple[str, float] | None:
    """The corner that one side of a pentagon (5, 2) cuts off: its name and the longer of its two edges; None where the pentagon without
    that side is no check."""
    before, first, second, after = (polygon[(side + k) % 5] for k in (-1, 0, 1, 2))
    corner = crossing(before, first, after, second)
    if corner is None:
        return None
    check = np.array([corner, *(polygon[(side + k) % 5] for k in (2, 3, 4))])
    sides = np.roll(check, -1, axis=0) - check
    length = np.hypot(sides[:, 0], sides[:, 1])
    turn = np.degrees(np.arccos(np.clip((sides * np.roll(sides, -1, axis=0)).sum(axis=1) / (length * np.roll(length, -1)), -1.0, 1.0)))
    one, other = length[0] + length[2], length[1] + length[3]
    if np.abs(turn - 90.0).max() > SQUARE_DEGREES or not ASPECT[0] <= max(one, other) / min(one, other) <= ASPECT[1]:
        return None
    middle = check.mean(axis=0)
    name = f"{'upper' if corner[1] < middle[1] else 'lower'} {'left' if corner[0] < middle[0] else 'right'}"
    legs = np.hypot(*(first - corner)), np.hypot(*(second - corner))
    return (name, float(max(legs))) if min(legs) >= FLATTEST * max(legs) else None


def crossing(one: Points, through: Points, other: Points, also: Points) -> Points | None:
    """Where the line from ``one`` through ``through`` meets that from ``other`` through ``also``, beyond both; None where it does not."""
    along, across = through - one, also - other
    det = along[0] * across[1] - along[1] * across[0]
    if abs(det) < 1e-9:
        return None
    gap = other - one
    far, wide = (gap[0] * across[1] - gap[1] * across[0]) / det, (gap[0] * along[1] - gap[1] * along[0]) / det
    return np.asarray(one + far * along) if far > 1.0 and wide > 1.0 else None
