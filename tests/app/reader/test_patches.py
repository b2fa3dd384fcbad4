"""Patches: the field's scale, the arc's ink positive, its neighbours negative."""

from __future__ import annotations

import cv2
import numpy as np

from app.reader.patches import CONTEXT_INK, patches
from app.reader.segmentation import segment
from app.reader.types import Field, SegmentationLattice


def lattice_of(scale: float = 1.0) -> SegmentationLattice:
    """ "1", a low dot and a "7", digits 30 px high times ``scale``."""
    ink = np.zeros((60, 140), np.float32)
    cv2.line(ink, (30, 15), (30, 45), 1.0, 4)
    cv2.circle(ink, (55, 43), 2, 1.0, -1)
    cv2.polylines(ink, [np.array([[80, 16], [100, 16], [88, 45]], np.int32)], False, 1.0, 4)
    if scale != 1.0:
        ink = np.asarray(cv2.resize(ink, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), np.float32)
    return segment(Field("courtesy_amount", (0, 0, ink.shape[1], ink.shape[0]), ink, 0.0))


def arc_of(lattice: SegmentationLattice, first: int, last: int) -> int:
    """The arc over pieces first .. last (from 1)."""
    return int(np.flatnonzero((lattice.source == first - 1) & (lattice.target == last))[0])


def dot_of(lattice: SegmentationLattice) -> int:
    """The number of the lowest piece, from 1."""
    return int(np.argmin(lattice.piece_boxes[:, 3] - lattice.piece_boxes[:, 1])) + 1


def test_shape_and_range() -> None:
    """(A, 1, 32, 32) float32 between the value of neighbouring ink and one."""
    lattice = lattice_of()
    found = patches(lattice)
    assert found.shape == (lattice.arc_count, 1, 32, 32)
    assert found.dtype == np.float32
    assert found.min() >= CONTEXT_INK - 1e-6
    assert found.max() <= 1.0 + 1e-6


def test_own_ink_is_positive_and_neighbours_are_negative() -> None:
    """In the patch of the dot the digits beside it are negative; in the patch of the "1" the dot is."""
    lattice = lattice_of()
    dot = dot_of(lattice)
    patch = patches(lattice)[arc_of(lattice, dot, dot), 0]
    assert (patch > 0.5).sum() >= 2
    assert (patch < -0.3).sum() >= 10
    columns = np.flatnonzero((patch > 0.3).any(axis=0))
    assert abs(columns.mean() - 15.5) <= 1.5


def test_a_dot_stays_small_and_low() -> None:
    """It is not blown up, and lies below the middle."""
    lattice = lattice_of()
    dot = dot_of(lattice)
    own = patches(lattice)[arc_of(lattice, dot, dot), 0] > 0.3
    rows = np.flatnonzero(own.any(axis=1))
    assert rows[-1] - rows[0] <= 5
    assert rows.mean() > 20


def test_digits_are_twenty_pixels_high() -> None:
    """The "1" fills the digit height, centred."""
    own = patches(lattice_of())[0, 0] > 0.3
    rows = np.flatnonzero(own.any(axis=1))
    assert 18 <= rows[-1] - rows[0] + 1 <= 23
    assert abs(rows.mean() - 15.5) <= 1.5


def test_the_same_ink_at_twice_the_size_gives_the_same_patches() -> None:
    """Only the digit height counts, not the resolution."""
    small, large = lattice_of(), lattice_of(2.0)
    assert np.abs(patches(small)[0] - patches(large)[0]).mean() < 0.05
    dots = [patches(lattice)[arc_of(lattice, dot_of(lattice), dot_of(lattice)), 0] for lattice in (small, large)]
    assert np.abs(dots[0] - dots[1]).mean() < 0.08


def test_a_wide_arc_fits() -> None:
    """A mark twice as wide as a digit is high is scaled down into the frame."""
    ink = np.zeros((60, 200), np.float32)
    cv2.line(ink, (20, 15), (20, 45), 1.0, 4)
    cv2.line(ink, (60, 30), (96, 30), 1.0, 9)
    lattice = segment(Field("courtesy_amount", (0, 0, 200, 60), ink, 0.0))
    for arc, patch in enumerate(patches(lattice)[:, 0]):
        if lattice.boxes[arc][0] > 40:
            assert np.flatnonzero((patch > 0.3).any(axis=0))[[0, -1]].tolist() != [0, 31]


def test_no_arcs_no_patches() -> None:
    """An empty lattice gives (0, 1, 32, 32)."""
    empty = segment(Field("courtesy_amount", (0, 0, 50, 30), np.zeros((30, 50), np.float32), 0.0))
    assert patches(empty).shape == (0, 1, 32, 32)


def test_a_dot_keeps_its_distance_from_the_middle_line() -> None:
    """Its row in the patch is the distance from the digits' middle at the scale of the field."""
    lattice = lattice_of()
    dot = dot_of(lattice)
    _, top, _, bottom = lattice.piece_boxes[dot - 1].tolist()
    rows = np.flatnonzero((patches(lattice)[arc_of(lattice, dot, dot), 0] > 0.3).any(axis=1))
    expected = 15.5 + ((top + bottom) / 2.0 - lattice.midline_px) * 20.0 / lattice.digit_height_px
    assert abs(rows.mean() - expected) <= 1.2


def test_an_arc_wider_than_the_frame_is_shrunk_into_it() -> None:
    """Two bars together are 33 px wide at the scale of the field: shrunk, they leave a margin on either side."""
    ink = np.zeros((60, 200), np.float32)
    cv2.line(ink, (20, 15), (20, 45), 1.0, 4)
    ink[27:33, 60:84] = ink[27:33, 90:119] = 1.0
    lattice = segment(Field("courtesy_amount", (0, 0, 200, 60), ink, 0.0))
    widths = lattice.boxes[:, 2] - lattice.boxes[:, 0]
    arc = int(np.argmax(widths))
    assert widths[arc] * 20.0 / lattice.digit_height_px > 32
    columns = np.flatnonzero((patches(lattice)[arc, 0] > 0.3).any(axis=0))
    assert 1 <= columns[0] <= 4
    assert 27 <= columns[-1] <= 30
