"""The flat picture of a check between its four corners: perspective undone, the true shape estimated."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from app.reader.ink import to_grey
from app.reader.types import RGB, Grey, Matrix

Corners = npt.NDArray[np.float64]  # (4, 2) x, y in pixels of the picture; the picture spans 0..width, 0..height
MARGIN_PX = 8  # around the check, of the picture


def flattened(rgb: RGB, corners: Corners, longest_px: int) -> tuple[Grey, Matrix]:
    """The check between ``corners`` of a picture (H, W, 3) laid flat, its first side up, in grey, at most ``longest_px`` wide; and the
    transform (3, 3) from it to the picture, scaled as ``evenly_scaled`` says.

    Only the part around the check is touched. It is first shrunk by a whole number, by areas, so that the warp need not skip pixels.
    """
    sides = np.hypot(*(np.roll(corners, -1, axis=0) - corners).T)
    length = float(max(sides[0], sides[2]))
    wide = max(16, round(min(longest_px, length)))
    tall = max(8, round(wide / true_aspect(corners, rgb.shape[1], rgb.shape[0])))
    low = np.maximum(np.floor(corners.min(axis=0)).astype(int) - MARGIN_PX, 0)
    high = np.minimum(np.ceil(corners.max(axis=0)).astype(int) + MARGIN_PX, [rgb.shape[1], rgb.shape[0]])
    step = max(1, round(0.8 * length / wide))
    high = high - (high - low) % step
    part = rgb[low[1] : high[1], low[0] : high[0]]
    if step > 1:
        part = np.asarray(cv2.resize(part, (part.shape[1] // step, part.shape[0] // step), interpolation=cv2.INTER_AREA), np.uint8)
    grey = to_grey(part)
    to_part = np.array([[1.0 / step, 0.0, -low[0] / step], [0.0, 1.0 / step, -low[1] / step], [0.0, 0.0, 1.0]])
    target = np.array([[0, 0], [wide, 0], [wide, tall], [0, tall]], np.float32)
    to_picture = np.asarray(cv2.getPerspectiveTransform(target, corners.astype(np.float32)), np.float64)
    half = np.array([[1.0, 0.0, 0.5], [0.0, 1.0, 0.5], [0.0, 0.0, 1.0]])  # corners lie between pixels, warping counts from their centres
    warp = np.linalg.inv(half) @ to_part @ to_picture @ half
    flags = cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP
    flat = cv2.warpPerspective(grey, warp, (wide, tall), flags=flags, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(flat, np.uint8), evenly_scaled(to_picture, wide / 2.0, tall / 2.0)


def evenly_scaled(transform: Matrix, x: float, y: float) -> Matrix:
    """The same homography, multiplied so that the root of the determinant of its upper left 2 x 2 part is its scale at (x, y).

    The scale at a point is the root of ``det(H) / w^3`` there, where w is the third coordinate before the division.
    """
    w = float(transform[2] @ np.array([x, y, 1.0]))
    local = np.sqrt(abs(float(np.linalg.det(transform)) / w**3))
    stated = np.sqrt(abs(float(np.linalg.det(transform[:2, :2]))))
    return np.asarray(transform * (local / max(stated, 1e-12)), np.float64)


def true_aspect(corners: Corners, width: int, height: int) -> float:
    """Length over height of the rectangle whose picture has these corners (4, 2), the first side a long one.

    From Zhang and He, Whiteboard scanning and image enhancement (2007), section 3: the vanishing points give the focal length
    where the principal point is the middle of the picture. Seen nearly straight on they give nothing; then the sides are compared.
    """
    sides = np.hypot(*(np.roll(corners, -1, axis=0) - corners).T)
    plain = float((sides[0] + sides[2]) / max(sides[1] + sides[3], 1e-9))
    centre, unit = np.array([width / 2.0, height / 2.0]), float(max(width, height))
    one, two, four, three = (np.append((corner - centre) / unit, 1.0) for corner in corners)
    second = np.cross(one, four) @ three / (np.cross(two, four) @ three)
    third = np.cross(one, four) @ two / (np.cross(three, four) @ two)
    across, down = second * two - one, third * three - one
    if abs(across[2] * down[2]) < 1e-4:
        return plain
    focal = -(across[0] * down[0] + across[1] * down[1]) / (across[2] * down[2])
    if not 0.25 < focal < 16.0:  # in squares of the long side of the picture: no camera sees so
        return plain
    long = across[0] ** 2 + across[1] ** 2 + across[2] ** 2 * focal
    short = down[0] ** 2 + down[1] ** 2 + down[2] ** 2 * focal
    return float(np.clip(np.sqrt(long / short), 0.85 * plain, 1.2 * plain))
