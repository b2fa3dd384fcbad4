"""Straight lines along which colours step: what lies on one side differs from what lies on the other, near and farther off.

Segments come from the line segment detector (LSD: Grompone von Gioi and others 2010). A printed line is no step, for the paper goes on
behind it, nor is the joint between two tiles.
"""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from app.reader.types import RGB, Grey

Lines = npt.NDArray[np.float64]  # (N, 3) a, b, c of a x + b y = c with a^2 + b^2 = 1

LEAST_SEGMENT = 0.05  # of the long side of the picture
MOST_SEGMENTS, MOST_LINES = 120, 24  # looked at, and kept
MOST_PARALLEL, PARALLEL = 6, 0.02  # of one direction; sine of the angle up to which two are parallel
LINE_STEP_PX = 3.0  # between the points of a line at which colours are compared
STEP_LEVELS = 14.0  # difference of colour across a side, of 255
REACH_PX = (2.0, 4.5)  # of the small copy: how far from the side the colours are compared


def side_lines(small: RGB, channels: tuple[Grey, ...]) -> Lines:
    """The straight lines of channels of the small copy along which colours step farthest, (N, 3)."""
    detector = cv2.createLineSegmentDetector(cv2.LSD_REFINE_NONE, 1.0)
    found = []
    for channel in channels:
        segments = detector.detect(channel)[0]
        if segments is not None:
            found.append(segments.reshape(-1, 4).astype(np.float64) + 0.5)
    if not found:
        return np.zeros((0, 3))
    ends = np.concatenate(found)
    along = ends[:, 2:] - ends[:, :2]
    length = np.hypot(along[:, 0], along[:, 1])
    keep = length >= LEAST_SEGMENT * max(small.shape[:2])
    ends, along, length = ends[keep], along[keep], length[keep]
    lines = together(ends, along / np.maximum(length, 1e-9)[:, None], length)
    stepped = step_lengths(small, lines)
    order = np.argsort(-stepped)
    return of_many_directions(lines[order[stepped[order] >= LEAST_SEGMENT * max(small.shape[:2])]])


def of_many_directions(lines: Lines) -> Lines:
    """The first ``MOST_LINES`` of lines (N, 3), at most ``MOST_PARALLEL`` of one direction: the pattern of a cloth has many in two."""
    angles = np.arctan2(lines[:, 1], lines[:, 0])
    kept: list[int] = []
    for k in range(len(lines)):
        if np.count_nonzero(np.abs(np.sin(angles[kept] - angles[k])) < PARALLEL) < MOST_PARALLEL:
            kept.append(k)
    return np.asarray(lines[kept[:MOST_LINES]], np.float64)


def step_lengths(small: RGB, lines: Lines) -> npt.NDArray[np.float64]:
    """(N,) pixels of each line across the small copy along which the colour steps in the one sense or in the other."""
    if len(lines) == 0:
        return np.zeros(0)
    height, width = small.shape[:2]
    reach = np.hypot(width, height) / 2.0
    normal, along = lines[:, None, :2], np.stack([-lines[:, 1], lines[:, 0]], axis=1)[:, None]
    centre = np.array([width, height]) / 2.0
    foot = centre - normal * ((normal @ centre)[..., None] - lines[:, None, 2:])  # of the perpendicular from the middle
    points = foot + along * np.arange(-reach, reach, LINE_STEP_PX)[None, :, None]
    within = (points >= 0).all(axis=2) & (points[..., 0] < width) & (points[..., 1] < height)
    step = steps(small, points, normal)
    counts = [((sense * step >= STEP_LEVELS) & within[..., None]).sum(axis=1).max(axis=1) for sense in (1.0, -1.0)]
    return np.asarray(LINE_STEP_PX * np.maximum(*counts), np.float64)


def together(ends: npt.NDArray[np.float64], along: npt.NDArray[np.float64], length: npt.NDArray[np.float64]) -> Lines:
    """Up to ``MOST_SEGMENTS`` lines through segments (N, 4) with unit directions (N, 2), longest sum of segments first."""
    lines: list[npt.NDArray[np.float64]] = []
    free = np.ones(len(ends), bool)
    order = np.argsort(-length)
    for first in order:
        if not free[first]:
            continue
        normal = np.array([-along[first, 1], along[first, 0]])
        level = normal @ ends[first, :2]
        off = np.maximum(np.abs(ends[:, :2] @ normal - level), np.abs(ends[:, 2:] @ normal - level))
        near = free & (off <= 1.2) & (np.abs(along @ normal) <= 0.05)
        near[first] = True
        free &= ~near
        lines.append(np.array([*fitted(ends[near], length[near]), length[near].sum()]))
    lines.sort(key=lambda line: -line[3])
    return np.array([line[:3] for line in lines[:MOST_SEGMENTS]]).reshape(-1, 3)


def fitted(ends: npt.NDArray[np.float64], weight: npt.NDArray[np.float64]) -> tuple[float, float, float]:
    """The line (a, b, c) of least squared distance through the ends of segments (N, 4), weighted (N,)."""
    points = np.concatenate([ends[:, :2], ends[:, 2:]])
    twice = np.concatenate([weight, weight])
    centre = (points * twice[:, None]).sum(axis=0) / twice.sum()
    apart = points - centre
    _, vectors = np.linalg.eigh((apart * twice[:, None]).T @ apart)
    normal = vectors[:, 0]
    return float(normal[0]), float(normal[1]), float(normal @ centre)


def steps(small: RGB, points: npt.NDArray[np.float64], normal: npt.NDArray[np.float64]) -> npt.NDArray[np.float32]:
    """(..., C) by how much the colour on the side of ``normal`` is brighter than on the other, at points (..., 2): the lesser of what is
    seen near and farther off, 0 where these differ in sense."""
    near, far = (colours(small, points + r * normal) - colours(small, points - r * normal) for r in REACH_PX)
    return np.asarray(np.where(near * far > 0, np.sign(near) * np.minimum(np.abs(near), np.abs(far)), np.float32(0.0)), np.float32)


def colours(small: RGB, points: npt.NDArray[np.float64]) -> npt.NDArray[np.float32]:
    """Colours (..., C) at points (..., 2) of the small copy, the nearest pixel, the edge repeated outside."""
    x = np.clip(points[..., 0].astype(np.intp), 0, small.shape[1] - 1)
    y = np.clip(points[..., 1].astype(np.intp), 0, small.shape[0] - 1)
    return small[y, x].astype(np.float32)
