"""Papers, scanners and light of the kit's test part: kinds that the training fields know nothing of.

Training draws ``backgrounds.PATTERNS``, a Gaussian blur, noise that is independent from pixel to pixel, a threshold against the paper
around, and light that falls evenly to one side (``scan``, ``check_scan``). Here: three other patterns, a lens that smears along the
motion of the paper, grain in clumps and columns of uneven gain, one threshold for the whole picture with dust on the glass, and a
shadow with an edge under light that fades towards the corners.
"""

from __future__ import annotations

from typing import Literal

import cv2
import numpy as np
import numpy.typing as npt

from app.reader.types import RGB
from training.synthetic.check_canvas import CheckCanvas, Colour, Rgb
from training.synthetic.strokes import Coverage

ReservedPattern = Literal["fibres", "weave", "contours"]
RESERVED_PATTERNS: tuple[ReservedPattern, ...] = ("fibres", "weave", "contours")
BLACK_BELOW = 0.72  # of the light of the paper: the one threshold of the bitonal scanner


def reserved_pattern(rng: np.random.Generator, shape: tuple[int, int], pattern: ReservedPattern) -> Coverage:
    """Ink (H, W) of a pattern, 0..1."""
    if pattern == "fibres":
        return _fibres(rng, shape)
    return _weave(rng, shape) if pattern == "weave" else _contours(rng, shape)


def _fibres(rng: np.random.Generator, shape: tuple[int, int]) -> Coverage:
    """Short bent fibres strewn all over."""
    mask = np.zeros(shape, np.uint8)
    count = round(shape[0] * shape[1] / float(rng.uniform(1500.0, 4000.0)))
    places = rng.uniform((0, 0), (shape[1], shape[0]), (count, 2))
    steps = rng.normal(0.0, float(rng.uniform(3.0, 7.0)), (count, 3, 2))
    lines = np.round((places[:, None, :] + np.cumsum(steps, axis=1)) * 16).astype(np.int32)
    cv2.polylines(mask, list(lines), False, 255, 1, cv2.LINE_AA, 4)
    return mask.astype(np.float32) / np.float32(255.0)


def _weave(rng: np.random.Generator, shape: tuple[int, int]) -> Coverage:
    """Threads over and under each other."""
    thread = int(rng.integers(4, 9))
    ramp = np.abs(np.linspace(-1.0, 1.0, thread, dtype=np.float32))
    over, under = np.repeat(ramp[:, None], thread, axis=1), np.repeat(ramp[None, :], thread, axis=0)
    cell = np.block([[over, under], [under, over]]) ** 2 * np.float32(0.9)
    repeats = (shape[0] // len(cell) + 1, shape[1] // len(cell) + 1)
    return np.asarray(np.tile(cell, repeats)[: shape[0], : shape[1]], np.float32)


def _contours(rng: np.random.Generator, shape: tuple[int, int]) -> Coverage:
    """Lines of equal height of a smooth landscape, as on a map."""
    cells = (int(rng.integers(4, 9)), int(rng.integers(7, 15)))
    land = cv2.resize(rng.random(cells).astype(np.float32), (shape[1], shape[0]), interpolation=cv2.INTER_CUBIC)
    levels = land * np.float32(rng.uniform(9.0, 18.0))
    off = np.abs(levels - np.rint(levels))
    return np.clip(np.float32(1.3) - off * np.float32(7.0), 0.0, 1.0)


def lay_reserved_paper(rng: np.random.Generator, canvas: CheckCanvas, tint: Colour) -> None:
    """A sheet with one of the reserved patterns in a tint, in place."""
    pattern = RESERVED_PATTERNS[int(rng.integers(len(RESERVED_PATTERNS)))]
    depth = reserved_pattern(rng, canvas.shape, pattern)
    canvas.tint(depth * np.float32(rng.uniform(0.25, 0.5)), tint)


def grain(rng: np.random.Generator, shape: tuple[int, int], strength: float) -> npt.NDArray[np.float32]:
    """Grain (H, W) in clumps of two pixels, of standard deviation ``strength`` grey levels before the clumps are smoothed."""
    coarse = rng.integers(-128, 128, (shape[0] // 2 + 1, shape[1] // 2 + 1), np.int8).astype(np.float32)
    clumps = cv2.resize(coarse, (2 * coarse.shape[1], 2 * coarse.shape[0]), interpolation=cv2.INTER_LINEAR)
    return np.asarray(clumps[: shape[0], : shape[1]] * np.float32(strength / 74.0), np.float32)


def scanned_otherwise(rng: np.random.Generator, rgb: Rgb, bitonal: bool) -> Rgb:
    """What the reserved scanner makes of a sheet (H, W, 3): smeared, columns of uneven gain, grain, or one bit per pixel."""
    smear = np.array([[float(rng.uniform(0.1, 0.25))], [1.0], [float(rng.uniform(0.1, 0.25))]], np.float32)
    seen = np.asarray(cv2.sepFilter2D(rgb, -1, np.array([[0.12, 0.76, 0.12]], np.float32), smear / smear.sum()), np.float32)
    shape = (rgb.shape[0], rgb.shape[1])
    lamp = np.float32(0.015) * np.sin(np.linspace(0.0, 9.0, shape[1], dtype=np.float32))
    gain = np.asarray(1.0 + rng.normal(0.0, 0.006, shape[1]) + lamp, np.float32)
    noise = grain(rng, shape, float(rng.uniform(1.0, 5.0)))
    for channel in range(3):
        seen[:, :, channel] = seen[:, :, channel] * gain + noise
    return _one_threshold(rng, seen) if bitonal else seen


def _one_threshold(rng: np.random.Generator, seen: Rgb) -> Rgb:
    """Black where darker than a share of the middle light of the whole sheet; dust makes single black pixels."""
    grey = np.minimum(np.minimum(seen[:, :, 0], seen[:, :, 1]), seen[:, :, 2])
    black = grey < BLACK_BELOW * float(np.median(grey[::8, ::8]))
    dust = round(black.size * float(rng.uniform(0.0, 4e-5)))
    black[rng.integers(0, black.shape[0], dust), rng.integers(0, black.shape[1], dust)] = True
    return np.asarray(cv2.merge([np.where(black, 0.0, 255.0).astype(np.float32)] * 3), np.float32)


def lit_otherwise(rng: np.random.Generator, seen: RGB) -> Rgb:
    """A photo (H, W, 3) under light that fades towards the corners, with the shadow of a hand or a lamp across, and grain."""
    shape = (seen.shape[0], seen.shape[1])
    y, x = np.linspace(-1.0, 1.0, shape[0], dtype=np.float32)[:, None], np.linspace(-1.0, 1.0, shape[1], dtype=np.float32)[None, :]
    light = 1.0 - np.float32(rng.uniform(0.05, 0.18)) * (x * x + y * y)
    angle, at = float(rng.uniform(0.0, 2 * np.pi)), float(rng.uniform(-0.6, 0.6))
    edge = (x * np.float32(np.cos(angle)) + y * np.float32(np.sin(angle)) - np.float32(at)) / np.float32(rng.uniform(0.02, 0.15))
    light -= np.float32(rng.uniform(0.1, 0.3)) * np.clip(edge + np.float32(0.5), 0.0, 1.0)
    warm = np.array([1.0, 1.0 - 0.4 * (cast := float(rng.uniform(0.0, 0.12))), 1.0 - cast], np.float32)
    noise = grain(rng, shape, float(rng.uniform(1.5, 5.0)))
    return np.asarray(cv2.merge([seen[:, :, channel] * (light * warm[channel]) + noise for channel in range(3)]), np.float32)
