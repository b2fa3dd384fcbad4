"""The lattice of a field: pieces, cuts, arcs, and the frame they stand in."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt
from hypothesis import given, settings
from hypothesis import strategies as st

from app.reader.segmentation import HANDWRITING, reading_order, segment
from app.reader.types import Field, FieldKind, SegmentationLattice

Ink = npt.NDArray[np.float32]


def written(text: str, gap: int = 12, shear: float = 0.0) -> Ink:
    """The text in a stroke font, 30 px high digits, one after the other with ``gap`` pixels between."""
    canvas = np.zeros((60, 60 + 40 * len(text)), np.uint8)
    left = 20
    for symbol in text:
        (width, _), _ = cv2.getTextSize(symbol, cv2.FONT_HERSHEY_SIMPLEX, 1.4, 3)
        cv2.putText(canvas, symbol, (left, 45), cv2.FONT_HERSHEY_SIMPLEX, 1.4, 255, 3, cv2.LINE_AA)
        left += width - 6 + gap
    if shear:
        matrix = np.array([[1.0, -shear, shear * 30.0], [0.0, 1.0, 0.0]])
        canvas = np.asarray(cv2.warpAffine(canvas, matrix, (canvas.shape[1], canvas.shape[0])), np.uint8)
    return canvas.astype(np.float32) / 255.0


def lattice_of(ink: Ink, kind: FieldKind = "courtesy_amount") -> SegmentationLattice:
    return segment(Field(kind, (0, 0, ink.shape[1], ink.shape[0]), ink, 0.0))


def test_no_ink_is_an_empty_lattice() -> None:
    """Nothing to read: no pieces, no arcs."""
    lattice = lattice_of(np.zeros((40, 90), np.float32))
    assert (lattice.piece_count, lattice.arc_count) == (0, 0)


def test_apart_digits_stand_alone() -> None:
    """Between two digits that do not touch there is a node, and an arc for each of them."""
    lattice = lattice_of(written("38", gap=20))
    boxes = {tuple(box) for box in lattice.boxes.tolist()}
    columns = np.flatnonzero((lattice.ink > 0.4).any(axis=0))
    gap = columns[np.flatnonzero(np.diff(columns) > 5)[0]]
    assert any(box[0] == columns[0] and box[2] == gap + 1 for box in boxes)
    assert any(box[0] > gap and box[2] == columns[-1] + 1 for box in boxes)


def test_touching_digits_are_cut() -> None:
    """Two zeros grown together: some cut lies near their touch, so that each is an arc."""
    ink = written("00", gap=-1)
    assert cv2.connectedComponents((ink > 0.4).astype(np.uint8))[0] == 2
    lattice = lattice_of(ink)
    columns = np.flatnonzero((lattice.ink > 0.4).any(axis=0))
    middle, width = (columns[0] + columns[-1]) / 2.0, columns[-1] - columns[0]
    assert any(abs(box[2] - middle) < 0.12 * width and box[0] == columns[0] for box in lattice.boxes.tolist())
    assert any(abs(box[0] - middle) < 0.12 * width and box[2] == columns[-1] + 1 for box in lattice.boxes.tolist())


@settings(max_examples=40, deadline=None)
@given(st.text("0123456789.-/=", min_size=1, max_size=6), st.integers(-3, 25), st.sampled_from([-0.2, 0.0, 0.3]))
def test_every_lattice_keeps_its_promises(text: str, gap: int, shear: float) -> None:
    """Pieces are numbered from left to right, own all ink but specks, and arcs keep node order and limits."""
    lattice = lattice_of(written(text, gap, shear))
    assert lattice.piece_count >= 1
    centres = (lattice.piece_boxes[:, 0] + lattice.piece_boxes[:, 2]) / 2.0
    assert (np.diff(centres) >= -1.0).all()
    assert set(np.unique(lattice.pieces)) <= set(range(lattice.piece_count + 1))
    strong = lattice.ink > 0.9
    assert (lattice.pieces[strong] > 0).mean() > 0.97
    assert (lattice.source < lattice.target).all()
    assert {(k, k + 1) for k in range(lattice.piece_count)} <= set(zip(lattice.source.tolist(), lattice.target.tolist(), strict=True))
    several = lattice.target - lattice.source > 1
    assert (lattice.target - lattice.source <= HANDWRITING.longest_arc_pieces).all()
    widths = (lattice.boxes[:, 2] - lattice.boxes[:, 0])[several]
    assert (widths <= HANDWRITING.widest_arc * lattice.digit_height_px + 1e-6).all()


def test_slanted_strokes_are_straightened() -> None:
    """Leaning ones stand upright in the lattice frame, and the frame maps back onto the ink of the field."""
    ink = np.zeros((60, 160), np.float32)
    for left in (40, 80, 120):
        cv2.line(ink, (left - 12, 50), (left + 12, 10), 1.0, 3)
    lattice = lattice_of(ink)
    assert lattice.piece_count == 3
    assert (lattice.piece_boxes[:, 2] - lattice.piece_boxes[:, 0] < 14).all()
    for left, top, right, bottom in lattice.piece_boxes.tolist():
        x, y, w = lattice.lattice_to_page @ np.array([(left + right) / 2.0, (top + bottom) / 2.0, 1.0])
        assert min(abs(x / w - expected) for expected in (40, 80, 120)) < 3.0
        assert abs(y / w - 30.0) < 3.0


def test_a_digit_picture_is_one_arc() -> None:
    """All ink of a picture of one digit, detached parts too, is one piece and one arc."""
    ink = written("5")
    ink[28:30] = 0.0  # its hat comes off
    lattice = lattice_of(ink, "digit")
    assert (lattice.piece_count, lattice.arc_count) == (1, 1)


def test_a_dot_survives_and_a_speck_does_not() -> None:
    """The point of an amount is kept, a pixel of dust is dropped."""
    ink = written("11", gap=30)
    ink[42:46, 52:56] = 1.0
    with_dot = lattice_of(ink)
    ink[10, 52] = 1.0
    assert lattice_of(ink).piece_count == with_dot.piece_count
    heights = with_dot.piece_boxes[:, 3] - with_dot.piece_boxes[:, 1]
    assert heights.min() <= 5


def test_an_equals_sign_is_an_arc() -> None:
    """Bars over one another stay together from left to right: one arc holds both and nothing else."""
    ink = written("1")
    ink[24:27, 60:80] = ink[34:37, 60:80] = 1.0
    lattice = lattice_of(ink)
    bars = lattice.boxes[(lattice.boxes[:, 1] >= 22) & (lattice.boxes[:, 3] <= 39)]
    left, right = bars[:, 0].min(), bars[:, 2].max()
    assert right - left >= 18
    assert any((box == (left, 24, right, 37)).all() for box in bars)


def test_no_arc_spans_a_wide_gap() -> None:
    """Strokes two thirds of a digit height apart are no character, though both together are narrow enough."""
    for distance, spanned in ((10, True), (22, False)):
        ink = np.zeros((60, 160), np.float32)
        for left in (40, 40 + distance):
            cv2.line(ink, (left, 15), (left, 45), 1.0, 3)
        lattice = lattice_of(ink)
        assert lattice.piece_count == 2
        assert ((0, 2) in zip(lattice.source.tolist(), lattice.target.tolist(), strict=True)) == spanned


def test_the_bars_of_an_equals_sign_are_not_parted() -> None:
    """Every piece of the sign holds both bars: cuts run from top to bottom."""
    ink = np.zeros((60, 160), np.float32)
    cv2.line(ink, (30, 15), (30, 45), 1.0, 3)
    ink[24:27, 60:80] = ink[34:37, 60:80] = 1.0
    sign = [box for box in lattice_of(ink).piece_boxes.tolist() if box[0] >= 55]
    assert sign
    assert all((top, bottom) == (24, 37) for _, top, _, bottom in sign)


def test_a_fraction_is_read_over_bar_under() -> None:
    """What stands over a bar comes first, then the bar, then what stands under it; all else stays from left to right."""
    whole, over, bar, under, under_2, tail = (
        (0, 0, 20, 30),
        (34, 0, 42, 12),
        (30, 14, 60, 17),
        (32, 19, 38, 30),
        (44, 19, 50, 30),
        (70, 0, 90, 30),
    )
    given = np.array(sorted([whole, over, bar, under, under_2, tail], key=lambda box: (box[0] + box[2]) / 2), np.int32)
    ordered = [tuple(given[k].tolist()) for k in reading_order(given, 30.0)]
    assert ordered == [whole, over, bar, under, under_2, tail]


def test_a_dash_alone_changes_no_order() -> None:
    """A bar with nothing over or under it is a dash."""
    given = np.array([(0, 0, 20, 30), (24, 14, 44, 17), (50, 0, 70, 30)], np.int32)
    assert reading_order(given, 30.0) == [0, 1, 2]


def faint_field(points: int, level: float = 0.3) -> Field:
    """Four figures 20 pixels high in two pairs, with faint marks of two pixels low in the gap between them."""
    ink = np.zeros((40, 150), np.float32)
    for left in (10, 35, 95, 120):
        cv2.rectangle(ink, (left, 10), (left + 12, 29), 1.0, 2)
    for k in range(points):
        ink[27:29, 60 + 6 * k : 62 + 6 * k] = level
    return Field("courtesy_amount", (0, 0, 150, 40), ink, 0.0)


def test_a_faint_point_between_figures_is_a_piece() -> None:
    """A pen that hardly touched the paper; the same mark above the middle, or one of many, is the ground."""
    plain = segment(faint_field(0)).piece_count
    found = segment(faint_field(1))
    assert found.piece_count == plain + 1
    assert any(box[3] - box[1] <= 4 and 55 <= box[0] <= 66 for box in found.piece_boxes.tolist())
    assert segment(faint_field(5)).piece_count == plain
    assert segment(faint_field(1, level=0.1)).piece_count == plain
    high = faint_field(1)
    high.ink[12:14] = np.maximum(high.ink[12:14], high.ink[27:29] * (high.ink[27:29] < 0.5))
    high.ink[27:29, 60:62] = 0.0
    assert segment(high).piece_count == plain
