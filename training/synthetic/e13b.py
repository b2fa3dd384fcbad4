"""The fourteen E-13B characters on the standard's grid of 0.013 inch, as distance fields that can be painted at any size.

A drawing has nine rows; the height of a character is 0.117 inch and its width four to seven units. Signs of a cell:
``#`` ink, ``.`` paper, ``'`` ink in the upper half of the cell, ``,`` ink in the lower half (the bars of the symbols
and some bars of digits stand half a unit off the grid). Every character is flush with the right edge of its cell;
cells follow each other at 1/8 inch. Sources: ANSI X9.100-20 for grid, pitch and corners; the drawings are the
project's own and were checked against printed lines: each correlates with its prints at 0.87 to 0.96 on average and better
than any other. No printed amount symbol was at hand; the height of the dash lies between what two sources say (3 and 4).
"""

from __future__ import annotations

from functools import cache

import cv2
import numpy as np
import numpy.typing as npt

UNIT_INCH = 0.013
ROWS = 9
MOST_COLUMNS = 7
PITCH_UNITS = 0.125 / UNIT_INCH  # 9.615 units from one character to the next

Distance = npt.NDArray[np.float32]  # (H, W), units: > 0 inside the ink, < 0 on the paper, 0 on the edge
Bits = npt.NDArray[np.uint8]  # (H, W), 1 = ink

SAMPLES_PER_UNIT = 8  # of a distance field
MARGIN_UNITS = 2.0  # of paper around the 9 rows and the columns of a character in its distance field

_CORNER_UNITS = 0.45  # radius of the corners: the standard's 0.0065 inch, and a hair less so that no stroke vanishes
_WIDE_CORNER_UNITS = {"0": 1.9}

GLYPHS: dict[str, tuple[str, ...]] = {
    "0": (
        "#######",
        "#.....#",
        "#.....#",
        "#.....#",
        "#.....#",
        "#.....#",
        "#.....#",
        "#.....#",
        "#######",
    ),
    "1": (
        "##..",
        "'#..",
        ".#..",
        ".#..",
        ".#..",
        "####",
        "####",
        "####",
        "####",
    ),
    "2": (
        "####",
        "...#",
        "...#",
        "...#",
        "####",
        "#...",
        "#...",
        "#...",
        "####",
    ),
    "3": (
        "####.",
        "...#.",
        "...#.",
        "...#.",
        "####,",
        "...##",
        "...##",
        "...##",
        "#####",
    ),
    "4": (
        "##....",
        "##....",
        "##....",
        "##....",
        "##....",
        "##..##",
        "######",
        "....##",
        "....##",
    ),
    "5": (
        "#####",
        "#....",
        "#....",
        "#....",
        "#####",
        "....#",
        "....#",
        "....#",
        "#####",
    ),
    "6": (
        "####..",
        "#..#..",
        "#..'..",
        "#.....",
        "#.....",
        "######",
        "#....#",
        "#....#",
        "######",
    ),
    "7": (
        "#####",
        "#...#",
        "#...#",
        "...,#",
        "..##'",
        "..#..",
        "..#..",
        "..#..",
        "..#..",
    ),
    "8": (
        ".#####.",
        ".#...#.",
        ".#...#.",
        ".#...#.",
        ",#####,",
        "##...##",
        "##...##",
        "##...##",
        "#######",
    ),
    "9": (
        "######",
        "#....#",
        "#....#",
        "#....#",
        "######",
        "....##",
        "....##",
        "....##",
        "....##",
    ),
    "⑆": (
        "....###",
        ",,..###",
        "##..###",
        "##.....",
        "##.....",
        "##.....",
        "##..###",
        "''..###",
        "....###",
    ),
    "⑇": (
        ".....##",
        ".....##",
        "...,.##",
        "...#.##",
        "...#...",
        "##.#...",
        "##.'...",
        "##.....",
        "##.....",
    ),
    "⑈": (
        "....,,,",
        ",.,.###",
        "#.#.###",
        "#.#.###",
        "#.#.'''",
        "#.#....",
        "#.#....",
        "'.'....",
        ".......",
    ),
    "⑉": (
        ".......",
        ".......",
        ",,.,,.,",
        "##.##.#",
        "##.##.#",
        "##.##.#",
        ".......",
        ".......",
        ".......",
    ),
}

_INK_ROWS = {"#": (1, 1), "'": (1, 0), ",": (0, 1), ".": (0, 0)}  # upper and lower half of a cell


def columns(symbol: str) -> int:
    """Width of a character in units, 4 to 7."""
    return len(GLYPHS[symbol][0])


def drawing(symbol: str) -> Bits:
    """The drawing of a character in half rows: (18, columns), 1 = ink."""
    halves = [[_INK_ROWS[sign][half] for sign in row] for row in GLYPHS[symbol] for half in (0, 1)]
    return np.array(halves, np.uint8)


def _distance_to(bits: Bits) -> npt.NDArray[np.float32]:
    """Distance in pixels of every pixel (H, W) to the nearest 1; large where there is none."""
    return np.asarray(cv2.distanceTransform(1 - bits, cv2.DIST_L2, cv2.DIST_MASK_PRECISE), np.float32)


def _opened(bits: Bits, radius_px: float) -> Bits:
    """The shape with its outward corners rounded to a radius: what a disc inside it can reach."""
    if not bits.any():
        return bits
    middle = (_distance_to(1 - bits) >= radius_px).astype(np.uint8)
    return (_distance_to(middle) < radius_px).astype(np.uint8)


def _without_holes(bits: Bits) -> Bits:
    filled = bits.copy()
    cv2.floodFill(filled, None, (0, 0), 2)
    return np.asarray(filled != 2, np.uint8)


@cache
def distance_field(symbol: str) -> Distance:
    """Signed distance to the edge of a character's ink in units, positive inside; read-only.

    The field has ``SAMPLES_PER_UNIT`` samples per unit and ``MARGIN_UNITS`` of paper around; corners are rounded.
    """
    fine = 3 * SAMPLES_PER_UNIT
    half = fine // 2
    bits = np.kron(drawing(symbol), np.ones((half, fine), np.uint8))
    bits = np.pad(bits, round(MARGIN_UNITS * fine))
    corner = _WIDE_CORNER_UNITS.get(symbol, _CORNER_UNITS)
    filled = _without_holes(bits)
    holes = (filled & (1 - bits)).astype(np.uint8)
    shape = _opened(filled, corner * fine) & (1 - _opened(holes, max(0.3, corner - 1.0) * fine))
    signed = (_distance_to(1 - shape) - _distance_to(shape)) / fine
    size = (bits.shape[1] // 3, bits.shape[0] // 3)
    field = np.asarray(cv2.resize(signed, size, interpolation=cv2.INTER_AREA), np.float32)
    field.setflags(write=False)
    return field
