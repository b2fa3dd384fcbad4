"""The outline of a check that lies on a table: four corners, and the flat picture between them.

The sides are looked for on a small copy. A side of the check is a *step*: what lies along it inside differs in colour from what
lies along it outside. A printed frame is no step, for the paper goes on behind it; and a scan that fills its picture has no four
steps inside the picture. So where there is no background nothing is found.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import reduce
from itertools import combinations

import cv2
import numpy as np
import numpy.typing as npt

from app.reader.perspective import Corners
from app.reader.step_lines import REACH_PX, STEP_LEVELS, Lines, colours, fitted, side_lines, steps
from app.reader.types import RGB, Grey

SMALL_PX = 320  # long side of the copy on which the sides are looked for
QUICK_PX = 224  # the same where the picture is a check's already, and only a wide background would change that
FINER_PX = 720  # of the copy on which they are placed
LARGE = 8  # times the long side of the small copy
AREA_SHARE = (0.08, 0.93)  # of the picture
ASPECT = (1.5, 4.0)  # long over short side as seen; checks are 1.9 to 3.2 times as long as high, tilt shortens either side
LEAST_SIDE_SUPPORT, LEAST_SUPPORT = 0.35, 0.65  # share of the points of a side that are steps: of the worst, and in the mean
MOST_OUTLINES = 4
DISTINCT = 0.03  # of the long side of the picture, by which two outlines differ somewhere
PAPER_LEVELS = 60.0  # by which the colour of one paper may vary under shadows, of 255
SAMPLES = 40  # points per side
OUTSIDE_PX = 4.0  # of the small copy: how far beyond the picture a corner may lie


@dataclass(frozen=True, slots=True, eq=False)
class Outline:
    """A check on its background. ``corners`` (4, 2) clockwise on the screen, the first two ends of a long side. ``worst`` and
    ``support``, 0..1: share of the points of the worst side, and of all sides, at which the colour steps. ``area_share`` of the
    picture."""

    corners: Corners
    worst: float
    support: float
    area_share: float


TURNED = np.array([[(k - turn) % 4 for k in range(4)] for turn in range(4)])


def find_outlines(picture: RGB | Grey, most: int = MOST_OUTLINES, longest_px: int = SMALL_PX) -> Iterator[Outline]:
    """Up to ``most`` outlines that may be the check's in a picture (H, W, 3) or (H, W), best first, each refined when it is asked for;
    none where no background is seen.

    Lines are looked for in the darkest channel, and in the brightest where that shows no outline.
    """
    large = max(picture.shape[:2]) > LARGE * longest_px
    finer = small_copy(picture, FINER_PX) if large else picture  # a large picture is gone through once
    small = small_copy(finer, longest_px)
    channels = [np.ascontiguousarray(small[:, :, k]) for k in range(small.shape[2])]
    dark, bright = reduce(np.minimum, channels), reduce(np.maximum, channels)
    found = good_quads(small, (dark,))
    if not found and np.any(dark != bright):
        found = good_quads(small, (dark, bright))
    if not found:
        return
    finer = np.asarray(finer if large else small_copy(picture, FINER_PX), np.uint8)
    for quad, worst, mean, area in found[:most]:
        placed = refined(finer, quad * scale_of(finer, small))
        yield Outline(long_side_first(placed * scale_of(picture, finer)), worst, mean, area)


def good_quads(small: RGB, channels: tuple[Grey, ...]) -> list[tuple[Corners, float, float, float]]:
    """Distinct quadrilaterals with the support of their worst side and of all, and their share of the picture; best first."""
    lines = side_lines(small, channels)
    quads = candidate_quads(lines, small.shape[1], small.shape[0]) if len(lines) >= 4 else np.zeros((0, 4, 2))
    if len(quads) == 0:
        return []
    support = side_support(small, quads)
    worst, mean = support.min(axis=1), support.mean(axis=1)
    area = quad_areas(quads) / (small.shape[0] * small.shape[1])
    good = np.flatnonzero((worst >= LEAST_SIDE_SUPPORT) & (mean >= LEAST_SUPPORT))
    if len(good) == 0:
        return []
    # Among outlines with like support the larger is the check, the smaller a part of its print. The pattern of a cloth has steps as
    # well: there the one of one paper is the check. But some checks are of two colours; so the best of both orders are taken in turn.
    plain = mean[good] + 0.5 * worst[good] + 0.15 * np.sqrt(area[good])
    orders = np.argsort(-(plain + 0.5 * unity(small, quads[good]))), np.argsort(-plain)
    order = good[np.stack(orders, axis=1).ravel()]
    found: list[tuple[Corners, float, float, float]] = []
    for k in order:
        if all(apart(quads[k], other[0]) > DISTINCT * max(small.shape[:2]) for other in found):
            found.append((quads[k], float(worst[k]), float(mean[k]), float(area[k])))
        if len(found) == MOST_OUTLINES:
            break
    return found


def apart(one: Corners, other: Corners) -> float:
    """The largest distance between corresponding corners of two quadrilaterals (4, 2), numbered as they fit best."""
    away = one[None] - other[TURNED]  # (4 ways to number them, 4 corners, 2)
    return float(np.sqrt((away * away).sum(axis=2).max(axis=1).min()))


def small_copy(picture: RGB | Grey, longest_px: int) -> RGB:
    """The picture (H, W, 3) or (H, W) with its long side at ``longest_px`` or less, lightly smoothed; (h, w, 3) or (h, w, 1)."""
    height, width = picture.shape[:2]
    shrink = min(1.0, longest_px / max(height, width))
    size = (max(8, round(width * shrink)), max(8, round(height * shrink)))
    if shrink < 0.5:  # skipping pixels first is cheap, and smoothing follows
        picture = np.asarray(cv2.resize(picture, (2 * size[0], 2 * size[1]), interpolation=cv2.INTER_LINEAR), np.uint8)
    small = cv2.resize(picture, size, interpolation=cv2.INTER_AREA) if size != (picture.shape[1], picture.shape[0]) else picture
    return np.asarray(cv2.GaussianBlur(small, (0, 0), 0.8), np.uint8).reshape(size[1], size[0], -1)


def scale_of(larger: RGB | Grey, smaller: RGB) -> npt.NDArray[np.float64]:
    """(x, y) pixels of the larger copy per pixel of the smaller."""
    return np.array([larger.shape[1] / smaller.shape[1], larger.shape[0] / smaller.shape[0]])


def candidate_quads(lines: Lines, width: int, height: int) -> Corners:
    """All quadrilaterals (M, 4, 2) of two pairs of opposite lines that have the shape and size of a check in the picture."""
    angle = np.arctan2(lines[:, 1], lines[:, 0]) % np.pi
    pairs = np.array(list(combinations(range(len(lines)), 2)))
    turn = np.abs((angle[pairs[:, 0]] - angle[pairs[:, 1]] + np.pi / 2) % np.pi - np.pi / 2)
    opposite = pairs[turn <= np.radians(25)]
    if len(opposite) < 2:
        return np.zeros((0, 4, 2))
    middle = np.arctan2(np.sin(2 * angle[opposite]).sum(axis=1), np.cos(2 * angle[opposite]).sum(axis=1)) / 2 % np.pi
    first, second = np.triu_indices(len(opposite), 1)
    across = np.abs((middle[first] - middle[second] + np.pi / 2) % np.pi - np.pi / 2) >= np.radians(60)
    one, other = opposite[first[across]], opposite[second[across]]
    corners = np.stack([meet(lines[one[:, i]], lines[other[:, j]]) for i, j in ((0, 0), (0, 1), (1, 1), (1, 0))], axis=1)
    return in_shape(corners, width, height)


def meet(one: Lines, other: Lines) -> npt.NDArray[np.float64]:
    """Where lines (M, 3) cross lines (M, 3), (M, 2) x, y; far away where they do not."""
    det = one[:, 0] * other[:, 1] - one[:, 1] * other[:, 0]
    det = np.where(np.abs(det) < 1e-6, 1e-6, det)
    x = (one[:, 2] * other[:, 1] - one[:, 1] * other[:, 2]) / det
    y = (one[:, 0] * other[:, 2] - one[:, 2] * other[:, 0]) / det
    return np.stack([x, y], axis=1)


def in_shape(corners: Corners, width: int, height: int) -> Corners:
    """Those of the quadrilaterals (M, 4, 2) that are convex, in the picture, and shaped like a check; clockwise on the screen."""
    low, high = corners.min(axis=(1, 2)), corners.max(axis=1)
    keep = (low >= -OUTSIDE_PX) & (high[:, 0] <= width + OUTSIDE_PX) & (high[:, 1] <= height + OUTSIDE_PX)
    corners = corners[keep]
    sides = np.roll(corners, -1, axis=1) - corners
    following = np.roll(sides, -1, axis=1)
    bend = sides[:, :, 0] * following[:, :, 1] - sides[:, :, 1] * following[:, :, 0]
    corners = np.where((bend.sum(axis=1) < 0)[:, None, None], corners[:, ::-1], corners)
    length = np.hypot(sides[:, :, 0], sides[:, :, 1])
    one, other = length[:, 0] + length[:, 2], length[:, 1] + length[:, 3]
    aspect = np.maximum(one, other) / np.maximum(np.minimum(one, other), 1.0)
    area = quad_areas(corners) / (width * height)
    convex = (bend > 0).all(axis=1) | (bend < 0).all(axis=1)
    keep = convex & (aspect >= ASPECT[0]) & (aspect <= ASPECT[1]) & (area >= AREA_SHARE[0]) & (area <= AREA_SHARE[1])
    return np.asarray(corners[keep], np.float64)


def quad_areas(corners: Corners) -> npt.NDArray[np.float64]:
    """Areas (M,) of quadrilaterals (M, 4, 2) by the shoelace formula."""
    following = np.roll(corners, -1, axis=1)
    crossed = corners[:, :, 0] * following[:, :, 1] - corners[:, :, 1] * following[:, :, 0]
    return np.asarray(np.abs(crossed.sum(axis=1)) / 2.0, np.float64)


def side_support(small: RGB, quads: Corners) -> npt.NDArray[np.float64]:
    """(M, 4) share of the points of each side at which the colour steps: inside differs from outside near the side and farther
    off, in the same sense, and in the same sense as along most of the side. Lines, printed or of tiles, are no steps."""
    points, inward = side_points(quads, SAMPLES)
    step = steps(small, points, inward)
    up, down = (step >= STEP_LEVELS).mean(axis=2), (step <= -STEP_LEVELS).mean(axis=2)
    return np.asarray(np.maximum(up, down).max(axis=-1), np.float64)


def unity(small: RGB, quads: Corners) -> npt.NDArray[np.float64]:
    """(M,) 0..1: share of the points along the worst side, inside, that have the colour of most points along all four: of one paper."""
    points, inward = side_points(quads, SAMPLES)
    inside = colours(small, points + REACH_PX[1] * inward)
    paper = np.median(inside, axis=(1, 2), keepdims=True)
    return np.asarray((np.abs(inside - paper).max(axis=-1) <= PAPER_LEVELS).mean(axis=2).min(axis=1), np.float64)


def side_points(quads: Corners, count: int) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Points (M, 4, count, 2) on the sides of quadrilaterals (M, 4, 2) clockwise, corners left out, and unit normals inward."""
    ends = np.roll(quads, -1, axis=1)
    share = np.linspace(0.04, 0.96, count)[None, None, :, None]
    points = quads[:, :, None] * (1.0 - share) + ends[:, :, None] * share
    along = ends - quads
    along = along / np.maximum(np.hypot(along[..., 0], along[..., 1]), 1e-9)[..., None]
    inward = np.stack([-along[..., 1], along[..., 0]], axis=-1)
    return points, inward[:, :, None]


def refined(small: RGB, quad: Corners) -> Corners:
    """The quadrilateral (4, 2) with each side moved to the steepest change of colour near it, a line through most of its points."""
    offsets = np.arange(-7.0, 7.01, 1.0)
    points, inward = side_points(quad[None], 2 * SAMPLES)
    points, inward = points[0], inward[0]
    probes = points[:, :, None] + offsets[None, None, :, None] * inward[:, :, None]
    maps = probes.astype(np.float32) - 0.5
    x, y = (np.ascontiguousarray(maps.reshape(-1, len(offsets), 2)[..., axis]) for axis in (0, 1))
    sampled = cv2.remap(small, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    values = sampled.reshape(*probes.shape[:3], -1).astype(np.float32)
    summed = np.concatenate([np.zeros_like(values[:, :, :1]), values.cumsum(axis=2)], axis=2)
    inside, outside = summed[:, :, 6:] - summed[:, :, 3:-3], summed[:, :, 3:-3] - summed[:, :, :-6]  # of three pixels each
    change = np.asarray(reduce(np.maximum, np.moveaxis(np.abs(inside - outside), -1, 0)))
    place = offsets[3:-2][change.argmax(axis=2)] - 0.5
    sides = []
    for side in range(4):
        moved = points[side] + place[side, :, None] * inward[side]
        weight = change[side].max(axis=1)
        for _ in range(3):
            a, b, c = fitted(np.concatenate([moved, moved], axis=1), weight + 1e-6)
            off = np.abs(moved @ np.array([a, b]) - c)
            weight = np.where(off <= max(0.5, 1.5 * float(np.median(off))), change[side].max(axis=1), 0.0)
        sides.append((a, b, c))
    lines = np.array(sides)
    corners = meet(np.roll(lines, 1, axis=0), lines)
    return corners if np.abs(corners - quad).max() <= 12.0 else quad


def long_side_first(corners: Corners) -> Corners:
    """The corners (4, 2) clockwise, turned so that a long side comes first: of the two, the one that is nearer to the upper
    left, so that a check which lies upright in the picture comes out upright."""
    sides = np.roll(corners, -1, axis=0) - corners
    length = np.hypot(sides[:, 0], sides[:, 1])
    first = 0 if length[0] + length[2] >= length[1] + length[3] else 1
    if abs(sides[first, 0]) >= abs(sides[first, 1]):
        start = first if sides[first, 0] > 0 else first + 2  # runs to the right
    else:
        start = first if sides[first, 1] < 0 else first + 2  # runs upwards: undone by 90 degrees clockwise
    return np.roll(corners, -start, axis=0)
