"""Cuts as lines, on small drawings that the eye can check."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from app.reader.cut_lines import cut_lines
from app.reader.segmentation import segment
from app.reader.types import Field, SegmentationLattice


def lattice_of(drawing: str, height_px: float = 10.0) -> SegmentationLattice:
    """Digits are numbers of pieces, anything else is paper."""
    rows = drawing.split()
    pieces = np.array([[int(sign) if sign.isdigit() else 0 for sign in row] for row in rows], np.int32)
    boxes = []
    for piece in range(1, pieces.max(initial=0) + 1):
        y, x = np.nonzero(pieces == piece)
        boxes.append([x.min(), y.min(), x.max() + 1, y.max() + 1])
    ink = (pieces > 0).astype(np.float32)
    none = np.zeros(0, np.int32)
    box = (0, 0, ink.shape[1], ink.shape[0])
    table = np.array(boxes, np.int32).reshape(-1, 4)
    return SegmentationLattice(Field("courtesy_amount", box, ink, 0.0), ink, pieces, table, none, none, table, height_px, 5.0, np.eye(3))


def test_no_ink_no_cuts() -> None:
    """A lattice without pieces has no lines."""
    assert cut_lines(lattice_of("....")) == ()


def test_a_gap_is_cut_upright_in_its_middle() -> None:
    """Pieces apart: a straight line half-way, a little longer than the ink; straight ends beside the outer pieces."""
    first, between, last = cut_lines(lattice_of("11..22 11..22 11..22"))
    assert [x for x, _ in between] == [3.0, 3.0]
    assert between[0][1] < 0.0
    assert between[1][1] > 3.0
    assert {x for x, _ in first} == {0.0}
    assert {x for x, _ in last} == {6.0}


def test_touching_pieces_are_parted_along_their_border() -> None:
    """The line follows the border of two pieces that lean over one another."""
    _, line, _ = cut_lines(lattice_of("11112 11112 11222 11222 12222 12222"))
    x, y = np.array(line).T
    at = [float(np.interp(row + 0.5, y, x)) for row in range(6)]
    assert np.abs(np.array(at) - [4, 4, 2, 2, 1, 1]).max() <= 1.0


def test_what_lies_over_one_another_is_parted_by_a_level_line() -> None:
    """A numerator over its bar: the line runs level between them."""
    _, line, _ = cut_lines(lattice_of("11111 11111 ..... 22222"))
    assert {y for _, y in line} == {2.5}


@given(seed=st.integers(0, 10_000))
def test_lines_keep_to_their_pieces(seed: int) -> None:
    """Over drawn strokes, whatever the segmenter cuts: a line for each node, in every row between its two pieces, to 2 pixels."""
    rng = np.random.default_rng(seed)
    ink = np.zeros((40, 120), np.float32)
    for _ in range(6):
        left, top, slant = rng.integers(2, 100), rng.integers(2, 20), rng.uniform(0, 0.4)
        for step in range(30):
            x, y = int(left + slant * step), int(top + 0.55 * step)
            ink[y : y + 3, x : x + 3] = 1.0
    lattice = segment(Field("courtesy_amount", (0, 0, 120, 40), ink, 0.0))
    lines = cut_lines(lattice)
    assert len(lines) == lattice.piece_count + 1
    for node, line in enumerate(lines[1:-1], start=1):
        x, y = np.array(line).T
        for number, row in enumerate(lattice.pieces):
            before, after = np.flatnonzero(row == node), np.flatnonzero(row == node + 1)
            if len(before) and len(after) and before.max() < after.min():
                assert before.max() + 1 - 2 <= np.interp(number + 0.5, y, x) <= after.min() + 2
