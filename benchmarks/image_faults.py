"""Faults of pictures of checks at stated levels, in the units of the image tests: for measuring, with Pillow and numpy alone and with
code that neither the reader nor the synthetic kit shares.

Every fault takes a flat picture (mode "1", "L" or "RGB"), its resolution in dots per inch and a generator; it gives a picture of the
same mode back. A picture of one bit stays one.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFilter

Box = tuple[float, float, float, float]  # left, top, right, bottom in pixels
Corner = Literal["upper left", "upper right", "lower right", "lower left"]
Edge = Literal["left", "top", "right", "bottom"]
Ground = Literal["white", "black", "table"]
Field = Literal["amount", "micr"]
Levels = npt.NDArray[np.float32]  # (H, W) or (H, W, 3), 0..255

CORNERS: tuple[Corner, ...] = ("upper left", "upper right", "lower right", "lower left")
EDGES: tuple[Edge, ...] = ("left", "top", "right", "bottom")
TABLE_COLOURS = ((112, 78, 52), (70, 82, 96), (150, 120, 96), (46, 60, 48))
TABLE_NOISE = 4.0  # levels of 255
STROKE_IN = 0.013  # a stroke of E-13B
STREAK_LEVEL = 30  # of 255
BOX_ROOT = math.sqrt(12.0)  # length of a box over its standard deviation


@dataclass(frozen=True, slots=True, eq=False)
class Good:
    """A good picture with what a fault must know of it: dots per inch, and the boxes of the amount and of the MICR line (those of
    ``corners`` in a photo: upper left, upper right, lower right, lower left of the check)."""

    picture: Image.Image
    dpi: float
    amount_box: Box | None = None
    micr_box: Box | None = None
    corners: tuple[tuple[float, float], ...] = ()


Spoil = Callable[[Good, np.random.Generator], Image.Image]


def levels_of(picture: Image.Image) -> Levels:
    """The picture as levels 0..255."""
    return np.asarray(picture.convert("L") if picture.mode == "1" else picture, np.float32)


def of_mode(levels: Levels, mode: str) -> Image.Image:
    """Levels as a picture of the mode; black or white by the middle level where it has one bit."""
    image = Image.fromarray(np.clip(np.round(levels), 0, 255).astype(np.uint8))
    return image.point(lambda level: 255 * (level >= 128), mode="1") if mode == "1" else image


def plain(mode: str, level: int) -> int | tuple[int, int, int]:
    """A grey level as a colour of the mode."""
    return (level, level, level) if mode == "RGB" else level


def turned(good: Good, rng: np.random.Generator, degrees: float, ground: Ground) -> Image.Image:
    """The check turned by ``degrees`` to either side, as large as it needs to be, on a plain ground."""
    picture = good.picture.convert("L") if good.picture.mode == "1" else good.picture
    fill = plain(picture.mode, 255 if ground == "white" else 0)
    moved = picture.rotate(degrees if rng.random() < 0.5 else -degrees, Image.Resampling.BICUBIC, expand=True, fillcolor=fill)
    return of_mode(np.asarray(moved, np.float32), good.picture.mode)


def paled(good: Good, rng: np.random.Generator, contrast: float) -> Image.Image:
    """A grey or colour picture whose ink is as pale as ``contrast`` of full scale says: 1st to 75th percentile of its levels."""
    levels = levels_of(good.picture)
    low, high = np.quantile(darkest(levels), [0.01, 0.75])
    return of_mode(255.0 - (255.0 - levels) * contrast * 255.0 / max(high - low, 1.0) if high > low else levels, good.picture.mode)


def thinned(good: Good, rng: np.random.Generator, share: float) -> Image.Image:
    """A picture of one bit with no more than ``share`` of black pixels: the others are lost at random."""
    return sown(good.picture, rng, share, black=True)


def dimmed(good: Good, rng: np.random.Generator, brightness: float) -> Image.Image:
    """A grey or colour picture whose paper has ``brightness`` of full scale: its 75th percentile."""
    levels = levels_of(good.picture)
    return of_mode(levels * brightness * 255.0 / max(float(np.quantile(darkest(levels), 0.75)), 1.0), good.picture.mode)


def clogged(good: Good, rng: np.random.Generator, share: float) -> Image.Image:
    """A picture of one bit with ``share`` of black pixels: white ones are filled at random."""
    return sown(good.picture, rng, 1.0 - share, black=False)


def sown(picture: Image.Image, rng: np.random.Generator, share: float, black: bool) -> Image.Image:
    """A picture of one bit in which only ``share`` of all pixels keep the colour, drawn at random from those that have it."""
    white = levels_of(picture) >= 128
    has = ~white if black else white
    lost = has & (rng.random(has.shape) >= share / max(float(has.mean()), 1e-9))
    return of_mode(np.where(lost ^ white, 255.0, 0.0).astype(np.float32), "1")


def darkest(levels: Levels) -> Levels:
    """(H, W) the darkest channel."""
    return np.asarray(levels.min(axis=2) if levels.ndim == 3 else levels, np.float32)


def streaked(good: Good, rng: np.random.Generator, inches: float, down: bool) -> Image.Image:
    """A dark line of a thickness across or down the whole picture, not near its edges."""
    levels = levels_of(good.picture).copy()
    along = levels.swapaxes(0, 1) if down else levels
    thick = max(1, round(inches * good.dpi))
    at = int(rng.uniform(0.1, 0.9) * along.shape[0])
    along[at : at + thick] = np.minimum(along[at : at + thick], STREAK_LEVEL)
    return of_mode(levels, good.picture.mode)


def unfocused(good: Good, rng: np.random.Generator, strokes: float) -> Image.Image:
    """Blurred as by a lens: a Gaussian whose standard deviation is so many strokes of E-13B."""
    return good.picture.filter(ImageFilter.GaussianBlur(strokes * STROKE_IN * good.dpi))


def shaken(good: Good, rng: np.random.Generator, strokes: float) -> Image.Image:
    """Blurred by a straight motion in a random direction: the mean of shifted pictures, their standard deviation along it as stated."""
    length, angle = BOX_ROOT * strokes * STROKE_IN * good.dpi, rng.uniform(0.0, math.pi)
    steps = max(3, math.ceil(1.5 * length))
    levels = levels_of(good.picture)
    room = math.ceil(length / 2.0) + 1
    wide = np.pad(levels, [(room, room), (room, room)] + [(0, 0)] * (levels.ndim - 2), mode="edge")
    height, width = levels.shape[:2]
    total = np.zeros_like(levels)
    for way in np.linspace(-length / 2.0, length / 2.0, steps):
        x, y = room + round(way * math.cos(angle)), room + round(way * math.sin(angle))
        total += wide[y : y + height, x : x + width]
    return of_mode(np.asarray(total / steps, np.float32), good.picture.mode)


def cornerless(good: Good, rng: np.random.Generator, inches: float, corner: Corner, ground: Ground) -> Image.Image:
    """A corner cut off by a straight line, ``inches`` along either edge; the ground shows, of a photo its own table."""
    photo = bool(good.corners)
    right, low = good.picture.width, good.picture.height
    corners = good.corners or ((0.0, 0.0), (right, 0.0), (right, low), (0.0, low))
    k = CORNERS.index(corner)
    here, before, after = (np.array(corners[j % 4], np.float64) for j in (k, k + 3, k + 1))
    reach = inches * good.dpi
    ends = [here + (other - here) * min(0.95, reach / max(float(np.hypot(*(other - here))), 1e-9)) for other in (before, after)]
    beyond = here + 0.02 * (2.0 * here - before - after) if photo else here
    mask = Image.new("1", good.picture.size)
    ImageDraw.Draw(mask).polygon([tuple(ends[0]), tuple(beyond), tuple(ends[1])], fill=1)
    levels = levels_of(good.picture).copy()
    gone = np.asarray(mask, bool)
    levels[gone] = table_seen(good, levels, here, rng, int(gone.sum())) if photo else ground_levels(levels, ground, rng, int(gone.sum()))
    return of_mode(levels, good.picture.mode)


def ground_levels(levels: Levels, ground: Ground, rng: np.random.Generator, count: int) -> Levels:
    """(count,) or (count, 3) levels of a ground: plain white or black, or a table's colour with noise."""
    channels = levels.shape[2:]
    if ground != "table":
        return np.full((count, *channels), 255.0 if ground == "white" else 0.0, np.float32)
    colour = np.array(TABLE_COLOURS[int(rng.integers(len(TABLE_COLOURS)))], np.float32)
    level = colour if channels else colour.mean()
    return np.asarray(level + rng.normal(0.0, TABLE_NOISE, (count, *(1 for _ in channels))), np.float32)


def table_seen(good: Good, levels: Levels, corner: npt.NDArray[np.float64], rng: np.random.Generator, count: int) -> Levels:
    """(count, …) levels of the table of a photo beyond a corner (x, y) of the check, with noise."""
    away = corner - np.mean(np.array(good.corners), axis=0)
    x, y = corner + 0.1 * good.dpi * away / max(float(np.hypot(*away)), 1e-9)
    row, column = int(np.clip(y, 2, levels.shape[0] - 3)), int(np.clip(x, 2, levels.shape[1] - 3))
    near = np.median(levels[row - 2 : row + 3, column - 2 : column + 3], axis=(0, 1))
    return np.asarray(near + rng.normal(0.0, TABLE_NOISE, (count, *(1 for _ in levels.shape[2:]))), np.float32)


def cut(good: Good, rng: np.random.Generator, inches: float, edge: Edge) -> Image.Image:
    """The picture without a strip along one edge."""
    width, height = good.picture.size
    reach = round(inches * good.dpi)
    left, top = (reach if edge == "left" else 0), (reach if edge == "top" else 0)
    return good.picture.crop((left, top, width - (reach if edge == "right" else 0), height - (reach if edge == "bottom" else 0)))


def middle_part(good: Good, rng: np.random.Generator, length_in: float, height_in: float) -> Image.Image:
    """A part of the check of so many inches, from somewhere in it."""
    width, height = min(good.picture.width, round(length_in * good.dpi)), min(good.picture.height, round(height_in * good.dpi))
    left, top = int(rng.integers(good.picture.width - width + 1)), int(rng.integers(good.picture.height - height + 1))
    return good.picture.crop((left, top, left + width, top + height))


def on_sheet(good: Good, rng: np.random.Generator, length_in: float, height_in: float, ground: Ground = "white") -> Image.Image:
    """The check somewhere on a plain sheet of so many inches."""
    width, height = round(length_in * good.dpi), round(height_in * good.dpi)
    sheet = Image.new(good.picture.mode, (width, height), plain(good.picture.mode, 255 if ground == "white" else 0))
    place = (int(rng.integers(max(1, width - good.picture.width))), int(rng.integers(max(1, height - good.picture.height))))
    sheet.paste(good.picture, place)
    return sheet


def part_of(box: Box, rng: np.random.Generator, share: float) -> tuple[int, int, int, int]:
    """A part of a box: all of its height and a share of its length, from either end or the middle; (left, top, right, bottom)."""
    left, top, right, bottom = box
    start = left + float(rng.choice([0.0, 0.5, 1.0])) * (1.0 - share) * (right - left)
    return round(start), round(top), round(start + share * (right - left)), round(bottom)


@dataclass(frozen=True, slots=True)
class Harm:
    """What is done to a field: ``how`` over a ``share`` of its length, at a ``level`` (strokes of blur, contrast left) where it has one."""

    field: Field
    how: Literal["covered dark", "covered pale", "smeared", "faded"]
    share: float = 1.0
    level: float = 0.0


def harmed(good: Good, rng: np.random.Generator, harm: Harm) -> Image.Image:
    """The picture with one field made unusable. Raises ``ValueError`` where the box of the field is not known."""
    box = good.amount_box if harm.field == "amount" else good.micr_box
    if box is None:
        raise ValueError(f"the box of the {harm.field} is not known")
    levels = levels_of(good.picture).copy()
    left, top, right, bottom = part_of(box, rng, harm.share)
    rows, columns = slice(max(0, top), max(0, bottom)), slice(max(0, left), max(0, right))
    part = levels[rows, columns]
    if part.size == 0:
        raise ValueError(f"the box of the {harm.field} lies outside the picture")
    paper = np.quantile(part, 0.8, axis=(0, 1))
    if harm.how == "covered dark":
        levels[rows, columns] = 45.0
    elif harm.how == "covered pale":
        levels[rows, columns] = paper
    elif harm.how == "faded":
        contrast = float(np.quantile(darkest(part), 0.6) - np.quantile(darkest(part), 0.02))
        levels[rows, columns] = paper - (paper - part) * min(1.0, harm.level * 255.0 / max(contrast, 1.0))
    else:
        flat = Image.fromarray(np.round(part).astype(np.uint8)).filter(ImageFilter.GaussianBlur(harm.level * STROKE_IN * good.dpi))
        levels[rows, columns] = np.asarray(flat, np.float32)
    return of_mode(levels, good.picture.mode)
