"""A picture of a check as a phone's camera would see it on a table: for measuring, with code that the reader does not share.

The check is a plane before a pinhole camera, turned out of the picture by ``tilt_degrees`` in some direction and about the line
of sight by ``roll_degrees``; Pillow resamples it. Around it lies a table, over all a soft light from one side.
"""

from __future__ import annotations

import io
import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageFilter

TABLES = ("dark", "light", "wood", "cloth", "tiles", "speckled")
MOST_ROLL_DEGREES = 15.0
FOCAL_LENGTHS = (0.7, 1.0)  # of the long side of the photo, as main cameras of phones have
MARGINS = (1.08, 1.4)  # photo over the check in it
JPEG_QUALITY, NOISE_LEVELS = 90, 2.0  # spread of the noise of the sensor, of 255

Points = npt.NDArray[np.float64]  # (4, 2) x, y of the upper left, upper right, lower right, lower left corner of the check


@dataclass(frozen=True, slots=True, eq=False)
class Photo:
    """The file, the table's kind and where the corners of the check stand in the photo, in pixels."""

    data: bytes
    table: str
    corners: Points


@dataclass(frozen=True, slots=True)
class Camera:
    """``size_px`` (width, height) of the photo, as large as the check needs to keep its pixels where None; quality of the JPEG;
    spread of the noise in levels of 255, each colour for itself where ``coloured``."""

    size_px: tuple[int, int] | None = None
    quality: int = JPEG_QUALITY
    noise_levels: float = NOISE_LEVELS
    coloured: bool = False


def photo_of(picture: Image.Image, seed: int, most_tilt_degrees: float = 25.0, camera: Camera = Camera()) -> Photo:
    """A photo of the flat picture, tilted by up to ``most_tilt_degrees``. The same seed gives the same photo."""
    rng = np.random.default_rng(seed)
    flat = picture.convert("RGB")
    tilt, towards = math.radians(rng.uniform(0.2, 1.0) * most_tilt_degrees), rng.uniform(0.0, 2.0 * math.pi)
    roll = math.radians(rng.uniform(-1.0, 1.0) * MOST_ROLL_DEGREES)
    seen = projected(flat.width, flat.height, tilt, towards, roll, float(rng.uniform(*FOCAL_LENGTHS)))
    span, margin = np.ptp(seen, axis=0), float(rng.uniform(*MARGINS))
    width, height = camera.size_px or photo_size(span * margin)
    seen *= min(width / (span[0] * margin), height / (span[1] * margin))
    free = np.array([width, height]) - np.ptp(seen, axis=0)
    corners = seen - seen.min(axis=0) + free * rng.uniform(0.3, 0.7, 2)
    name = TABLES[int(rng.integers(len(TABLES)))]
    ground = table(name, width, height, rng)
    laid = laid_down(flat, corners, ground)
    lit = lighted(np.asarray(laid, np.float32), camera, rng)
    buffer = io.BytesIO()
    Image.fromarray(lit).save(buffer, "JPEG", quality=camera.quality)
    return Photo(buffer.getvalue(), name, corners)


def projected(width: int, height: int, tilt: float, towards: float, roll: float, focal: float) -> Points:
    """Corners (4, 2) of a plane of ``width`` x ``height`` about the middle of the picture; angles in radians, ``focal`` in long sides
    of the photo. The plane is so far away that its middle is seen in its own size."""
    long = 1.25 * max(width, height)
    distance = focal * long
    x = np.array([-width, width, width, -width]) / 2.0
    y = np.array([-height, -height, height, height]) / 2.0
    along = x * math.cos(towards) + y * math.sin(towards)  # the part that tilts towards the camera
    depth = distance + along * math.sin(tilt)
    shorter = along * (math.cos(tilt) - 1.0)
    x, y = x + shorter * math.cos(towards), y + shorter * math.sin(towards)
    x, y = x * distance / depth, y * distance / depth
    return np.stack([x * math.cos(roll) - y * math.sin(roll), x * math.sin(roll) + y * math.cos(roll)], axis=1)


def photo_size(least: npt.NDArray[np.float64]) -> tuple[int, int]:
    """The smallest photo of 4 to 3 that holds ``least`` (width, height)."""
    width = max(float(least[0]), float(least[1]) * 4.0 / 3.0)
    return math.ceil(width), math.ceil(width * 3.0 / 4.0)


def laid_down(flat: Image.Image, corners: Points, ground: npt.NDArray[np.uint8]) -> Image.Image:
    """The check on the table (H, W, 3), with a narrow shadow around it."""
    size = (ground.shape[1], ground.shape[0])
    coefficients = tuple(perspective(corners, flat.width, flat.height).tolist())
    warped = flat.transform(size, Image.Transform.PERSPECTIVE, coefficients, Image.Resampling.BICUBIC)
    whole = Image.new("L", flat.size, 255)
    mask = whole.transform(size, Image.Transform.PERSPECTIVE, coefficients, Image.Resampling.BILINEAR)
    blur = max(1.0, 0.004 * size[0])
    shadow = np.asarray(mask.filter(ImageFilter.GaussianBlur(blur)), np.float32) / 255.0
    shaded = Image.fromarray((ground * (1.0 - 0.3 * shadow)[:, :, None]).astype(np.uint8))
    return Image.composite(warped, shaded, mask)


def perspective(corners: Points, width: int, height: int) -> npt.NDArray[np.float64]:
    """Pillow's eight coefficients (8,) from a place in the photo to a place in the flat picture."""
    rows, wanted = [], []
    for (x, y), (u, v) in zip(corners, ((0, 0), (width, 0), (width, height), (0, height)), strict=True):
        rows.append([x, y, 1, 0, 0, 0, -u * x, -u * y])
        rows.append([0, 0, 0, x, y, 1, -v * x, -v * y])
        wanted += [u, v]
    return np.linalg.solve(np.array(rows, np.float64), np.array(wanted, np.float64))


def table(name: str, width: int, height: int, rng: np.random.Generator) -> npt.NDArray[np.uint8]:
    """A table (H, W, 3) of a kind: its colour varies from photo to photo."""
    long = max(width, height)
    x, y = np.meshgrid(np.arange(width, dtype=np.float32) / long, np.arange(height, dtype=np.float32) / long)
    colour: npt.NDArray[Any]
    pattern: npt.NDArray[Any]
    if name == "dark":
        colour, pattern = rng.uniform(20, 70, 3), np.zeros_like(x)
    elif name == "light":
        colour, pattern = rng.uniform(135, 175) + rng.uniform(-12, 12, 3), np.zeros_like(x)
    elif name == "wood":
        colour = np.array([140, 95, 60]) * rng.uniform(0.6, 1.15)
        bend = grain(width, height, 6, 2, rng)
        pattern = 18.0 * np.sin(2.0 * np.pi * (24.0 * y + 3.0 * bend)) + 10.0 * grain(width, height, 12, 160, rng)
    elif name == "cloth":
        colour = rng.uniform(60, 140, 3)
        pattern = 25.0 * (np.sign(np.sin(2 * np.pi * 14 * x)) + np.sign(np.sin(2 * np.pi * 14 * y)))
    elif name == "tiles":
        colour, edge = rng.uniform(70, 130, 3), 0.01
        pattern = -45.0 * ((((x + 0.03) * 4) % 1 < edge * 4) | (((y + 0.05) * 4) % 1 < edge * 4)) + 8.0 * grain(width, height, 40, 40, rng)
    else:
        colour, pattern = rng.uniform(60, 140, 3), 30.0 * grain(width, height, 260, 200, rng)
    ground = np.asarray(colour, np.float32)[None, None] + np.asarray(pattern, np.float32)[:, :, None]
    return np.clip(ground, 0, 255).astype(np.uint8)


def grain(width: int, height: int, columns: int, rows: int, rng: np.random.Generator) -> npt.NDArray[np.float32]:
    """Smooth noise (H, W) of unit spread with so many cells across and down."""
    coarse = Image.fromarray(rng.normal(0.0, 1.0, (rows, columns)).astype(np.float32))
    return np.asarray(coarse.resize((width, height), Image.Resampling.BICUBIC), np.float32)


def lighted(photo: npt.NDArray[np.float32], camera: Camera, rng: np.random.Generator) -> npt.NDArray[np.uint8]:
    """The photo (H, W, 3) under a light that falls off by up to a third to one side, with the noise of a sensor."""
    height, width = photo.shape[:2]
    turn, fall = rng.uniform(0.0, 2.0 * math.pi), rng.uniform(0.0, 0.35)
    x, y = np.linspace(-0.5, 0.5, width, dtype=np.float32), np.linspace(-0.5, 0.5, height, dtype=np.float32)
    light = 1.0 - fall * (0.5 + 0.7 * (x[None, :] * math.cos(turn) + y[:, None] * math.sin(turn)))
    noise = rng.normal(0.0, camera.noise_levels, (height, width, 3 if camera.coloured else 1)).astype(np.float32)
    return np.clip(photo * light[:, :, None] + noise, 0, 255).astype(np.uint8)
