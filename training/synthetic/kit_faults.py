"""Faults of pictures of checks at stated levels, in the terms of X9.100-187 type 54: what a bad scan or photo does to a good one.

Every fault takes a flat picture (H, W, 3) uint8 at ``dpi``, a level in its own unit and the colour of the ground, and gives the
picture back with the map (3, 3) from the old pixels to the new ones, so that the truth moves along.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from app.reader.types import RGB, Matrix

WHITE = (255, 255, 255)
Ground = tuple[int, int, int]  # what is seen where the check is not: white on a scan, the table on a photo
Spoil = Callable[[np.random.Generator, RGB, float, float, Ground], tuple[RGB, Matrix]]


@dataclass(frozen=True, slots=True)
class FaultKind:
    """``test`` is the standard's name; levels lie in ``least .. most``."""

    test: str
    unit: str
    least: float
    most: float
    spoil: Spoil


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault at one level."""

    name: str
    level: float


def _skew(rng: np.random.Generator, picture: RGB, level: float, dpi: float, ground: Ground) -> tuple[RGB, Matrix]:
    height, width = picture.shape[:2]
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), level if rng.random() < 0.5 else -level, 1.0)
    lift = abs(np.sin(np.radians(level)))
    size = (int(width + lift * height), int(height + lift * width))
    turn[:, 2] += ((size[0] - width) / 2, (size[1] - height) / 2)
    moved = cv2.warpAffine(picture, turn, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT, borderValue=ground)
    return np.asarray(moved, np.uint8), np.vstack([turn, [0.0, 0.0, 1.0]])


def _blur(rng: np.random.Generator, picture: RGB, level: float, dpi: float, ground: Ground) -> tuple[RGB, Matrix]:
    return np.asarray(cv2.GaussianBlur(picture, (0, 0), level * dpi / 1000.0), np.uint8), np.eye(3)


def _light(rng: np.random.Generator, picture: RGB, level: float, dpi: float, ground: Ground) -> tuple[RGB, Matrix]:
    return np.asarray(np.round(255.0 - (255.0 - picture.astype(np.float32)) * (1.0 - level)), np.uint8), np.eye(3)


def _dark(rng: np.random.Generator, picture: RGB, level: float, dpi: float, ground: Ground) -> tuple[RGB, Matrix]:
    return np.asarray(np.round(picture.astype(np.float32) * (1.0 - level)), np.uint8), np.eye(3)


def _streak(rng: np.random.Generator, picture: RGB, level: float, dpi: float, ground: Ground) -> tuple[RGB, Matrix]:
    out, thick = picture.copy(), max(1, round(level * dpi))
    at = int(rng.integers(0, max(1, picture.shape[0] - thick)))
    out[at : at + thick] = 25
    return out, np.eye(3)


def _corner(rng: np.random.Generator, picture: RGB, level: float, dpi: float, ground: Ground) -> tuple[RGB, Matrix]:
    height, width = picture.shape[:2]
    reach, corner = round(level * dpi), int(rng.integers(4))
    x, y = (0, width)[corner in (1, 2)], (0, height)[corner in (2, 3)]
    triangle = np.array([(x, y), (x + (-reach if x else reach), y), (x, y + (-reach if y else reach))], np.int32)
    return np.asarray(cv2.fillConvexPoly(picture.copy(), triangle, ground), np.uint8), np.eye(3)


def _cut(rng: np.random.Generator, picture: RGB, level: float, dpi: float, ground: Ground) -> tuple[RGB, Matrix]:
    height, width = picture.shape[:2]
    reach, side = round(level * dpi), int(rng.integers(4))
    left, top = (reach if side == 0 else 0), (reach if side == 1 else 0)
    right, bottom = width - (reach if side == 2 else 0), height - (reach if side == 3 else 0)
    shift = np.array([[1.0, 0.0, -left], [0.0, 1.0, -top], [0.0, 0.0, 1.0]])
    return np.ascontiguousarray(picture[top:bottom, left:right]), shift


FAULTS: Mapping[str, FaultKind] = {
    "skew": FaultKind("excessive_image_skew", "degrees", 0.1, 20.0, _skew),
    "blur": FaultKind("image_out_of_focus", "thousandths of an inch, standard deviation of a Gaussian", 2.0, 60.0, _blur),
    "light": FaultKind("image_too_light", "share of the contrast that is lost", 0.05, 0.98, _light),
    "dark": FaultKind("image_too_dark", "share of the light that is lost", 0.05, 0.98, _dark),
    "streak": FaultKind("horizontal_streaks", "inches of thickness", 0.005, 0.3, _streak),
    "corner": FaultKind("folded_or_torn_corners", "inches missing along either edge", 0.05, 2.0, _corner),
    "cut": FaultKind("partial_image", "inches missing along one edge", 0.05, 1.5, _cut),
}
STRIKING_ORDER = ("light", "dark", "blur", "streak", "corner", "cut", "skew")


def parse_fault(text: str) -> Fault:
    """``skew=6`` as a fault. Raises ``ValueError`` that says what is known and allowed."""
    name, _, level = text.partition("=")
    if name not in FAULTS:
        raise ValueError(f"{name!r} is no fault; known: {', '.join(FAULTS)}")
    kind = FAULTS[name]
    try:
        value = float(level)
    except ValueError:
        raise ValueError(f"a level is needed: {name}=LEVEL in {kind.unit}; given: {text!r}") from None
    if not kind.least <= value <= kind.most:
        raise ValueError(f"{name} must be {kind.least:g} to {kind.most:g} ({kind.unit}); given: {level}")
    return Fault(name, value)


def chosen_faults(rng: np.random.Generator, faults: Sequence[Fault], count: int) -> tuple[Fault, ...]:
    """``count`` faults of different names out of ``faults``, in the order in which they strike: light and print first, then what is
    missing, skew last. Raises ``ValueError`` where there are not so many names."""
    names = sorted({fault.name for fault in faults})
    if count > len(names):
        raise ValueError(f"{count} faults per check need as many different ones; named: {', '.join(names) or 'none'}")
    taken = [names[int(k)] for k in rng.permutation(len(names))[:count]]
    picked = []
    for name in sorted(taken, key=STRIKING_ORDER.index):
        levels = [fault for fault in faults if fault.name == name]
        picked.append(levels[int(rng.integers(len(levels)))])
    return tuple(picked)


def spoiled(rng: np.random.Generator, picture: RGB, faults: Sequence[Fault], dpi: float, ground: Ground = WHITE) -> tuple[RGB, Matrix]:
    """The picture with the faults, one after the other, and the map (3, 3) of its pixels; ``ground`` shows where the check does not."""
    whole = np.eye(3)
    for fault in faults:
        picture, moved = FAULTS[fault.name].spoil(rng, picture, fault.level, dpi, ground)
        whole = moved @ whole
    return picture, whole
