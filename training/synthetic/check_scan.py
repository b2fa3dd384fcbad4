"""What a scanner or a phone makes of a whole check: turn, shade, blur, noise, JPEG, one bit per pixel."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from app.reader.types import RGB, Box, Matrix
from training.synthetic.check_canvas import Rgb


@dataclass(frozen=True, slots=True)
class CheckScan:
    """How the picture is taken. ``table_px`` is what is seen of the table around the check."""

    blur_px: float
    noise: float
    jpeg_quality: int | None
    bitonal: bool
    turn_degrees: float  # counter-clockwise
    light_fall: float  # share by which the light changes across the picture
    warmth: float  # share by which blue is dimmed
    table_px: int

    @classmethod
    def flat(cls) -> CheckScan:
        """A good colour scanner."""
        return cls(0.5, 2.0, None, False, 0.0, 0.0, 0.0, 0)

    @classmethod
    def two_level(cls) -> CheckScan:
        """A bitonal scanner, as image cash letters ask for."""
        return cls(0.5, 3.0, None, True, 0.0, 0.0, 0.0, 0)

    @classmethod
    def phone(cls) -> CheckScan:
        """A phone held over the check on a table."""
        return cls(0.8, 4.0, 82, False, 0.9, 0.22, 0.06, 26)

    @classmethod
    def draw(cls, rng: np.random.Generator) -> CheckScan:
        """A random one of these, varied."""
        if rng.random() < 0.3:
            return cls(float(rng.uniform(0.4, 0.8)), float(rng.uniform(0, 8)), None, True, float(rng.normal(0, 0.3)), 0.0, 0.0, 0)
        phone = rng.random() < 0.4
        return cls(
            blur_px=float(rng.uniform(0.4, 1.2)),
            noise=float(rng.exponential(3.0)),
            jpeg_quality=int(rng.integers(45, 96)) if rng.random() < 0.7 else None,
            bitonal=False,
            turn_degrees=float(rng.normal(0.0, 1.0 if phone else 0.3)),
            light_fall=float(rng.uniform(0.05, 0.4)) if phone else 0.0,
            warmth=float(rng.uniform(0.0, 0.15)) if phone else 0.0,
            table_px=int(rng.integers(0, 50)) if phone else 0,
        )


def _turn(shape: tuple[int, int], scan: CheckScan) -> tuple[Matrix, tuple[int, int]]:
    """Map from check pixels to picture pixels, and the picture's size (width, height)."""
    size = (shape[1] + 2 * scan.table_px, shape[0] + 2 * scan.table_px)
    matrix = np.vstack([cv2.getRotationMatrix2D((shape[1] / 2, shape[0] / 2), scan.turn_degrees, 1.0), [0.0, 0.0, 1.0]])
    matrix[:2, 2] += scan.table_px
    return matrix, size


def moved_box(box: Box, matrix: Matrix) -> Box:
    """The upright box around a box that was moved by ``matrix`` (3, 3), a perspective one too."""
    left, top, right, bottom = box
    corners = np.array([(left, top, 1), (right, top, 1), (left, bottom, 1), (right, bottom, 1)], np.float64) @ matrix.T
    placed = corners[:, :2] / corners[:, 2:]
    low, high = np.floor(placed.min(axis=0)), np.ceil(placed.max(axis=0))
    return max(0, int(low[0])), max(0, int(low[1])), int(high[0]), int(high[1])


def _two_level(rgb: Rgb) -> Rgb:
    """Black where darker than the paper around by a third; paper is the brightest of the neighbourhood, smoothed."""
    grey = np.minimum(np.minimum(rgb[:, :, 0], rgb[:, :, 1]), rgb[:, :, 2])
    paper = cv2.blur(cv2.dilate(grey, np.ones((9, 9), np.uint8)), (41, 41))
    return np.asarray(cv2.merge([np.where(grey < 0.66 * paper, np.float32(0.0), np.float32(255.0))] * 3), np.float32)


def take_picture(rng: np.random.Generator, rgb: Rgb, scan: CheckScan) -> tuple[RGB, Matrix]:
    """The picture (H, W, 3) uint8 of a sheet, and the map (3, 3) from the sheet's pixels to it."""
    matrix, size = _turn((rgb.shape[0], rgb.shape[1]), scan)
    table = (96.0, 84.0, 70.0) if scan.table_px else (255.0, 255.0, 255.0)
    seen = rgb
    if scan.turn_degrees or scan.table_px:
        seen = np.asarray(
            cv2.warpAffine(rgb, matrix[:2], size, flags=cv2.INTER_AREA, borderMode=cv2.BORDER_CONSTANT, borderValue=table), np.float32
        )
    if scan.light_fall:
        y, x = np.mgrid[: seen.shape[0], : seen.shape[1]].astype(np.float32)
        angle = rng.uniform(0, 2 * np.pi)
        ramp = x / seen.shape[1] * np.cos(angle) + y / seen.shape[0] * np.sin(angle)
        seen = seen * (1 - scan.light_fall * (ramp - ramp.min()))[:, :, None]
    if scan.warmth:
        seen = seen * np.array([1.0, 1.0 - 0.4 * scan.warmth, 1.0 - scan.warmth], np.float32)
    seen = np.asarray(cv2.GaussianBlur(np.asarray(seen, np.float32), (0, 0), scan.blur_px), np.float32)
    if scan.noise:
        seen = seen + cv2.merge([rng.standard_normal(seen.shape[:2], dtype=np.float32) * np.float32(scan.noise)] * 3)
    if scan.bitonal:
        seen = _two_level(seen)
    picture = to_bytes(seen)
    return _compressed(picture, scan.jpeg_quality), matrix


def to_bytes(rgb: Rgb) -> RGB:
    """Light as whole numbers from 0 to 255."""
    rounded = np.rint(rgb)
    return np.asarray(np.clip(rounded, 0, 255, out=rounded).astype(np.uint8), np.uint8)


def _compressed(picture: npt.NDArray[np.uint8], quality: int | None) -> RGB:
    if quality is None:
        return picture
    done, data = cv2.imencode(".jpg", cv2.cvtColor(picture, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_JPEG_QUALITY, quality])
    if not done:
        raise RuntimeError(f"OpenCV could not encode a picture of {picture.shape} as JPEG")
    bgr = np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR), np.uint8)
    return np.asarray(cv2.cvtColor(bgr, cv2.COLOR_BGR2RGB), np.uint8)
