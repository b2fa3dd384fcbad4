"""The kit's camera: a check on a table seen at an angle by a pinhole, and pictures that were turned by quarters.

Maps (3, 3) lead from the pixels of the flat check, x before y, to those of the picture.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from app.reader.types import RGB, Matrix

TURNS = (0, 90, 180, 270)
MOST_TILT_DEGREES = 40.0
DISTANCE = 1.9  # of the camera from the middle of the check, in widths of the check


@dataclass(frozen=True, slots=True)
class Pose:
    """How the camera was held: ``tilt_degrees`` off the upright, towards ``direction_degrees`` (0 = the right edge of the check is
    farther, 90 = the lower one), and ``turn_degrees`` clockwise in the picture."""

    tilt_degrees: float
    direction_degrees: float
    turn_degrees: float

    @classmethod
    def draw(cls, rng: np.random.Generator, most_tilt_degrees: float) -> Pose:
        """Any tilt up to the most, in any direction, held nearly level."""
        tilt, direction = float(rng.uniform(0.0, most_tilt_degrees)), float(rng.uniform(0.0, 360.0))
        return cls(round(tilt, 2), round(direction, 1), round(float(np.clip(rng.normal(0.0, 2.0), -6.0, 6.0)), 2))


def pinhole(width: int, height: int, pose: Pose) -> Matrix:
    """The map of a flat check of ``width`` x ``height`` pixels under the pose, its middle at (0, 0) and seen at its true size:
    (X, Y, Z) = R (x, y, 0), then f X / (Z + f) with f the distance of the camera in pixels."""
    tilt, direction, turn = (np.radians(v) for v in (pose.tilt_degrees, pose.direction_degrees, pose.turn_degrees))
    far = np.array([np.cos(direction), np.sin(direction)])
    distance = DISTANCE * width
    lean = np.eye(3)
    lean[:2, :2] -= np.outer(far, far) * (1.0 - np.cos(tilt))
    lean[2, :2] = far * np.sin(tilt) / distance
    rotate = np.array([[np.cos(turn), -np.sin(turn), 0.0], [np.sin(turn), np.cos(turn), 0.0], [0.0, 0.0, 1.0]])
    middle = np.array([[1.0, 0.0, -width / 2], [0.0, 1.0, -height / 2], [0.0, 0.0, 1.0]])
    return np.asarray(rotate @ lean @ middle, np.float64)


def through(matrix: Matrix, points: Sequence[tuple[float, float]]) -> Matrix:
    """Points (n, 2) under a map."""
    moved = np.column_stack([np.array(points, np.float64), np.ones(len(points))]) @ matrix.T
    return np.asarray(moved[:, :2] / moved[:, 2:], np.float64)


def on_table(picture: RGB, pose: Pose, room_px: int, table: tuple[int, int, int]) -> tuple[RGB, Matrix]:
    """The check (H, W, 3) on a table of one colour, with ``room_px`` around its outline, and its map."""
    height, width = picture.shape[:2]
    matrix = pinhole(width, height, pose)
    placed = through(matrix, [(0, 0), (width, 0), (width, height), (0, height)])
    low, high = placed.min(axis=0) - room_px, placed.max(axis=0) + room_px
    matrix = np.array([[1.0, 0.0, -low[0]], [0.0, 1.0, -low[1]], [0.0, 0.0, 1.0]]) @ matrix
    size = (int(high[0] - low[0]), int(high[1] - low[1]))
    seen = cv2.warpPerspective(picture, matrix, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT, borderValue=table)
    return np.asarray(seen, np.uint8), matrix


def quarter_turned(picture: RGB, degrees: int) -> tuple[RGB, Matrix]:
    """The picture turned clockwise by 0, 90, 180 or 270 degrees, and the map of its pixels."""
    height, width = picture.shape[:2]
    maps = {
        0: [[1, 0, 0], [0, 1, 0]],
        90: [[0, -1, height], [1, 0, 0]],
        180: [[-1, 0, width], [0, -1, height]],
        270: [[0, 1, 0], [-1, 0, width]],
    }
    if degrees not in maps:
        raise ValueError(f"a turn is one of {', '.join(map(str, TURNS))} degrees; given: {degrees}")
    turned = np.ascontiguousarray(np.rot90(picture, -degrees // 90)) if degrees else picture
    return turned, np.array([*maps[degrees], [0, 0, 1]], np.float64)
