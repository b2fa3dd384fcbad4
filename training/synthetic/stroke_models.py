"""The project's own stroke models: how people write each digit and each symbol, as control points.

A shape is text: strokes parted by ``|``, points ``x,y`` parted by spaces, in hundredths of a digit height, x to the
right and y **downwards from the top of the digit** (0 = top, 100 = baseline). The points of a stroke are joined by a
smooth curve; a point marked ``!`` is a corner. Names of shapes say what is special about them; weights say how often
a writer picks them. Drawn by hand for this project after looking at how checks are written in the Americas, Europe
and India; no data set is in them.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from itertools import pairwise

import numpy as np

from training.synthetic.strokes import Strokes, smooth


@dataclass(frozen=True, slots=True)
class Shape:
    """One way to write a symbol."""

    name: str
    weight: float
    path: str


DIGIT_SHAPES: dict[str, tuple[Shape, ...]] = {
    "0": (
        Shape("round", 4, "38,1 12,22 2,58 14,90 38,100 62,86 72,48 62,12 38,0 26,6"),
        Shape("open", 2, "30,6 8,34 3,70 24,98 52,94 70,62 66,20 50,2"),
        Shape("overshoot", 2, "30,8 6,38 6,78 34,100 62,84 70,42 52,8 28,6 40,26"),
        Shape("tail", 2, "36,4 10,26 2,62 22,98 52,90 66,50 54,10 36,2 62,8 92,6"),
        Shape("loop", 1, "60,22 40,2 14,20 3,62 22,98 50,92 66,52 54,14 40,4 52,26 76,14"),
        Shape("clockwise", 1, "18,22 40,0 64,24 68,66 44,100 14,86 4,50 16,20 28,12"),
        Shape("wide", 1, "56,4 20,16 2,54 24,96 66,98 98,66 90,22 54,2 42,10"),
        Shape("gap below", 0.5, "34,98 8,80 3,40 26,2 54,8 68,46 58,84 48,94"),
        Shape("slashed", 0.2, "38,1 12,22 2,58 14,90 38,100 62,86 72,48 62,12 38,0 26,6 | 66,6 10,96"),
    ),
    "1": (
        Shape("plain", 1.8, "4,0 0,100"),
        Shape("flag", 3, "0,34 26,0! 24,100"),
        Shape("curved flag", 1.5, "0,30 14,24 28,0! 26,102"),
        Shape("long upstroke", 2.5, "0,62 20,36 42,0! 38,100"),
        Shape("very long upstroke", 2.2, "0,96 24,54 48,0! 42,102"),
        Shape("narrow upstroke", 1.5, "0,78 16,0! 12,100"),
        Shape("wide foot", 0.6, "8,26 30,0! 30,98! | 0,100 74,97"),
        Shape("foot", 1, "0,24 24,0! 24,100! | 0,100 48,99"),
        Shape("one-stroke foot", 0.4, "4,22 26,0! 24,99! 0,100! 52,100"),
        Shape("hook below", 0.6, "6,18 18,0 16,50 22,96 40,88"),
        Shape("bow", 0.6, "14,0 4,40 2,70 10,100"),
        Shape("flag down", 1, "0,50 18,24! 34,0! 30,100"),
        Shape("loop", 0.25, "0,66 22,30 26,4 17,6 14,60 18,98 28,92"),
    ),
    "2": (
        Shape("plain", 3, "4,24 26,2 54,6 60,30 38,64 2,99! 70,97"),
        Shape("loop", 2.5, "4,26 24,2 52,6 58,34 36,72 10,99 2,88 16,80 40,92 70,98"),
        Shape("angular", 1, "4,8 58,4! 4,98! 66,94"),
        Shape("swan", 1.5, "2,22 22,0 48,8 52,38 32,74 2,100! 34,90 66,102"),
        Shape("hooked start", 1, "16,34 4,18 22,0 54,6 58,34 30,72 4,98! 66,98"),
        Shape("large loop", 1, "2,20 30,0 58,16 46,56 18,94 2,90 8,74 30,80 50,98 78,88"),
        Shape("long foot", 1, "2,30 20,2 54,8 50,48 22,84 4,92 12,78 42,90 98,98"),
        Shape("small head", 0.6, "14,16 30,0 46,14 34,52 0,98! 60,92"),
        Shape("round foot", 1, "4,20 28,0 56,14 50,44 20,70 6,92 24,98 64,94"),
    ),
    "3": (
        Shape("round", 3, "2,10 30,0 54,16 42,40 22,46! 50,52 60,76 38,99 0,90"),
        Shape("flat top", 2, "4,4! 56,3! 26,42! 52,48 62,74 38,100 2,92"),
        Shape("middle loop", 1.5, "4,12 32,0 52,18 36,44 20,44 36,42 62,64 48,96 4,92"),
        Shape("smooth", 1.5, "4,8 34,0 52,18 34,46 56,66 46,96 2,94"),
        Shape("long tail", 1, "6,4! 52,4! 24,44! 54,56 56,88 30,112 0,106"),
        Shape("shallow", 1, "4,14 30,2 50,18 36,46! 56,58 58,84 30,100 2,86 6,80"),
    ),
    "4": (
        Shape("open", 3, "18,0 2,54! 64,52 | 50,10 42,100"),
        Shape("open, curved", 2, "18,4 6,40 18,58 60,46 | 62,0 48,102"),
        Shape("closed", 1.5, "50,0! 2,66! 70,65 | 50,2 49,100"),
        Shape("closed, one stroke", 1, "2,64! 50,2! 46,100! | 2,66 68,62"),
        Shape("cup", 1.5, "8,2 6,36 26,50 54,36! 58,0! 50,100"),
        Shape("chair", 1.5, "10,0 2,46! 52,46 | 56,6 52,102"),
        Shape("lightning", 1, "30,0 4,48! 54,42! | 46,20 34,100"),
        Shape("wide open", 1, "12,8 0,60! 76,54 | 62,20 52,98"),
        Shape("low bar", 1, "28,0 0,72! 66,72 | 44,46 40,100"),
        Shape("one stroke, crossed", 0.6, "46,0! 2,58! 66,56! 40,70 36,100"),
    ),
    "5": (
        Shape("one stroke", 2, "60,4! 18,4! 12,44! 40,38 62,62 42,98 2,92"),
        Shape("hat", 3, "18,6 12,44! 42,40 60,68 38,100 2,92 | 18,5 64,2"),
        Shape("high hat", 1, "16,10 10,46! 40,44 56,72 34,100 2,92 | 26,0 74,-8"),
        Shape("loose hat", 1, "12,14 8,48! 36,44 52,72 30,100 0,94 | 30,12 74,6"),
        Shape("s-like", 1.5, "58,6 28,2 12,24 36,48 54,70 36,98 2,90"),
        Shape("angular", 1, "58,2! 16,6! 10,50! 54,46! 50,94! 2,98"),
        Shape("long hat", 1, "14,6 10,46! 38,42 54,70 34,100 2,94 | 14,5 92,-4"),
        Shape("short neck", 1, "14,10 12,30 34,30 54,60 36,98 0,96 | 14,8 60,4"),
        Shape("stem and hook", 1.2, "0,86 14,100 28,86 22,44 22,6! 68,2"),
        Shape("check mark", 0.5, "0,66 12,96 22,84 20,40 26,6! 78,2"),
    ),
    "6": (
        Shape("curved", 3, "50,2 22,26 4,64 16,96 42,96 54,72 38,54 8,74"),
        Shape("straight stem", 2, "40,0 12,52 6,88 32,100 56,82 44,58 10,76"),
        Shape("open loop", 1.5, "46,0 16,38 4,80 26,100 52,88 54,64 34,58"),
        Shape("b-like", 1.5, "16,0 4,60 12,94 40,98 54,74 38,54 10,64"),
        Shape("curl", 1, "60,10 44,0 16,32 4,70 20,98 48,92 52,66 28,60 12,80"),
        Shape("small loop", 1, "54,0 18,44 6,82 24,100 42,90 38,72 12,80"),
        Shape("inner curl", 0.8, "50,0 14,40 6,82 30,100 54,82 44,58 22,64 24,80"),
    ),
    "7": (
        Shape("plain", 3, "2,5! 60,4! 24,100"),
        Shape("crossed", 3, "2,6! 58,4! 24,100 | 10,52 54,48"),
        Shape("hooked", 1.5, "2,26! 4,6! 58,6! 32,54 22,100"),
        Shape("wavy", 1, "0,20 16,4 34,14 62,2! 28,100"),
        Shape("wavy, crossed", 1.5, "0,18 14,4 34,12 62,2! 24,102 | 12,56 60,46"),
        Shape("hooked, crossed", 1.5, "0,22! 4,4! 56,6! 32,60 26,100 | 10,54 54,50"),
        Shape("curved leg", 1, "2,6! 56,4! 38,40 32,100"),
        Shape("low cross", 0.5, "2,8! 54,6! 26,102 | 4,64 46,60"),
        Shape("long arm", 0.7, "0,10 20,2 74,4! 44,50 34,104"),
        Shape("sloping", 0.8, "0,14! 60,0! 30,104"),
    ),
    "8": (
        Shape("s loop", 4, "54,12 32,0 10,20 34,46 58,74 34,100 8,78 30,50 56,24 46,6"),
        Shape("two circles", 1.5, "32,2 12,22 32,46 52,22 32,2 | 32,46 6,72 32,100 58,72 32,46"),
        Shape("open above", 2, "60,6 36,2 12,20 34,46 56,74 32,100 6,78 28,50 66,8"),
        Shape("from the middle", 1, "32,48 8,24 32,0 56,22 30,50 6,76 32,100 58,76 34,50"),
        Shape("gap", 1, "50,14 30,0 12,20 32,46 54,74 32,100 8,80 24,54"),
        Shape("narrow", 1, "40,8 24,0 8,22 26,48 40,76 24,100 6,80 24,50 42,20 36,6"),
        Shape("diagonal", 1, "58,2 30,0 12,18 52,76 32,100 8,80 60,4"),
        Shape("loop and tail", 0.7, "26,46 6,24 28,0 48,22 8,78 24,100 46,80 18,44"),
    ),
    "9": (
        Shape("straight leg", 3, "54,14 30,0 4,26 22,50 50,28! 54,8! 50,100"),
        Shape("slanting leg", 2, "52,16 28,0 4,24 24,48 52,24! 50,60 28,102"),
        Shape("curled", 2, "54,18 32,0 6,22 26,50 54,26! 58,66 38,100 6,92"),
        Shape("looped p", 0.9, "18,102 16,50 24,6 50,4 60,26 42,48 16,46"),
        Shape("p from above", 0.6, "10,4! 8,102! 10,40 22,2 52,6 54,34 12,48"),
        Shape("looped l", 0.9, "2,62 30,46 46,20 34,0 16,20 16,66 26,98 50,88"),
        Shape("e-like", 0.8, "0,48 34,44 46,18 28,0 8,26 12,72 34,98 56,82"),
        Shape("rho", 1, "14,46 40,46 52,20 34,0 16,20 14,64 18,104"),
        Shape("open", 1, "44,8 14,6 6,36 30,46 54,10! 46,100"),
        Shape("g-like", 1, "52,10 24,4 6,28 28,48 52,22! 54,70 36,106 8,98"),
        Shape("q-like", 0.6, "48,10 20,4 6,30 26,48 48,20! 46,104! 64,86"),
        Shape("small loop", 1, "40,6 16,2 8,22 26,32 42,8! 36,100"),
    ),
}

SYMBOL_SHAPES: dict[str, tuple[Shape, ...]] = {
    "$": (
        Shape("one bar", 4, "56,20 34,8 10,24 32,48 58,70 34,92 4,78 | 34,-10 30,112"),
        Shape("two bars", 2, "58,20 34,8 10,24 32,48 58,70 34,92 4,78 | 27,-8 25,110 | 41,-8 39,110"),
        Shape("s-like", 1, "54,8 30,2 10,22 32,48 54,72 32,98 2,88 | 40,-14 22,116"),
        Shape("tips", 1, "58,18 34,6 10,26 34,50 58,72 34,94 4,80 | 34,-12 33,8 | 32,92 31,114"),
        Shape("one stroke", 0.6, "56,22 30,8 10,28 36,50 56,74 30,94 6,78 20,40 40,-14! 28,114"),
    ),
    ",": (
        Shape("tick", 3, "10,94 9,106 0,122"),
        Shape("slash", 2, "12,90 0,116"),
        Shape("hooked", 1, "2,92 10,92 9,106 0,120"),
        Shape("long", 1, "16,84 0,124"),
        Shape("upright", 0.5, "2,88 0,112"),
    ),
    ".": (
        Shape("dot", 4, "0,98 2,99"),
        Shape("ring", 1, "2,95 0,98 3,100 5,97 2,95"),
        Shape("short", 1.5, "0,96 5,101"),
        Shape("raised", 1, "0,84 3,86"),
        Shape("dash", 0.7, "0,98 9,96"),
        Shape("middle", 0.6, "0,56 3,57"),
    ),
    "/": (
        Shape("plain", 4, "48,-6 0,108"),
        Shape("steep", 2, "26,-10 0,112"),
        Shape("bow", 1, "52,-4 18,50 0,110"),
        Shape("flat", 1, "74,4 0,100"),
        Shape("upright", 1, "8,-8 0,112"),
    ),
    "-": (
        Shape("plain", 4, "0,54 38,52"),
        Shape("long", 2, "0,56 80,52"),
        Shape("wave", 1.5, "0,58 14,48 30,56 46,48"),
        Shape("rising", 1, "0,62 36,44"),
        Shape("high", 1, "0,34 34,32"),
        Shape("low", 1, "0,80 36,78"),
        Shape("hooked", 0.6, "0,50 4,46 36,50 42,60"),
    ),
    "*": (
        Shape("three strokes", 3, "24,28 24,76 | 4,38 44,66 | 44,38 4,66"),
        Shape("cross", 1, "4,34 44,70 | 42,32 6,72 | 0,52 48,52"),
        Shape("star", 1, "8,74 24,28! 40,74! 2,44! 46,44! 8,74"),
        Shape("small", 1, "14,16 14,48 | 2,22 28,42 | 28,22 2,42"),
    ),
    "#": (
        Shape("upright", 3, "22,6 18,98 | 50,6 46,98 | 2,36 66,32 | 0,68 64,64"),
        Shape("slanting", 2, "30,0 12,104 | 58,0 38,104 | 4,34 72,30 | 0,70 66,66"),
        Shape("double slash", 1, "28,10 0,96 | 54,6 26,96 | 0,40 70,34 | 0,62 68,58"),
    ),
    "=": (
        Shape("plain", 3, "0,42 40,40 | 0,62 40,60"),
        Shape("long", 1.5, "0,44 70,40 | 2,66 66,62"),
        Shape("high", 1.5, "0,18 30,16 | 2,34 30,32"),
        Shape("joined", 1, "0,44 38,40! 4,64! 44,60"),
        Shape("close", 1, "0,48 26,47 | 0,58 27,57"),
        Shape("low", 1, "0,70 32,68 | 0,88 32,86"),
    ),
}

STRAY_SHAPES: dict[str, tuple[Shape, ...]] = {
    "rupee": (
        Shape("plain", 2, "0,2! 58,0 | 2,24 56,22 | 10,2 36,4 44,24 28,46 4,46! 44,100"),
        Shape("narrow", 1, "0,4! 46,0 | 0,26 44,24 | 8,4 28,8 32,30 4,48! 36,102"),
    ),
    "R": (Shape("plain", 1, "6,100 4,2! 34,0 48,20 34,44 6,48! 50,100"),),
    "s": (Shape("plain", 1, "36,52 18,46 6,60 24,72 36,88 18,100 0,94"),),
    "U": (Shape("plain", 1, "2,0 4,70 24,100 48,84 54,0"),),
    "x": (
        Shape("plain", 2, "0,50 36,100 | 36,50 0,100"),
        Shape("curved", 1, "2,56 14,52 24,96 40,94 | 38,52 4,100"),
        Shape("one stroke", 1, "0,54 34,98 40,76 36,52 2,100"),
    ),
    "n": (
        Shape("plain", 2, "2,52! 4,98! 6,66 26,52 36,64 36,100"),
        Shape("cursive", 1, "0,62 10,54 10,98! 14,66 28,54 36,66 36,96 46,92"),
        Shape("capital", 1, "2,100! 4,20! 42,98! 46,18"),
    ),
    "filler": (
        Shape("line", 2, "0,52 60,50 160,48"),
        Shape("wave", 1, "0,50 24,40 50,58 78,42 106,58 136,42 170,52"),
        Shape("long line", 1, "0,54 120,50 260,50"),
    ),
}

ALL_SHAPES: dict[str, tuple[Shape, ...]] = {**DIGIT_SHAPES, **SYMBOL_SHAPES, **STRAY_SHAPES}


@cache
def control_points(path: str) -> tuple[tuple[tuple[float, float, bool], ...], ...]:
    """The strokes of a path text as (x, y, corner) in digit heights, y from the baseline."""
    strokes = []
    for stroke in path.split("|"):
        points = []
        for point in stroke.split():
            x, y = point.rstrip("!").split(",")
            points.append((float(x) / 100, float(y) / 100 - 1, point.endswith("!")))
        strokes.append(tuple(points))
    return tuple(strokes)


def draw_shape(rng: np.random.Generator, path: str, jitter: float, roundness: float) -> Strokes:
    """One instance of a shape: its points moved by N(0, ``jitter``) digit heights and joined by curves.

    ``roundness`` in 0..1 is the chance that a corner is rounded off.
    """
    strokes = []
    for points in control_points(path):
        xy = np.array([(x, y) for x, y, _ in points])
        xy = xy + rng.normal(0.0, jitter, xy.shape)
        corners = [k for k, (_, _, corner) in enumerate(points) if corner and 0 < k < len(points) - 1 and rng.random() >= roundness]
        bounds = [0, *corners, len(points) - 1]
        pieces = [smooth(xy[a : b + 1]) for a, b in pairwise(bounds)]
        strokes.append(np.vstack(pieces))
    return tuple(strokes)
