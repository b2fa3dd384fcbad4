"""Printed boxes in which an amount may stand."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from app.reader.amount_boxes import amount_boxes
from app.reader.fields import locate
from app.reader.page import normalise
from app.reader.types import DecodedImage, Page, ReadOptions

BOX = (820, 200, 1140, 262)  # of a check of 1200 x 550 pixels, 6 inches wide


def page_with(*strokes: tuple[tuple[int, int], tuple[int, int]], writing: bool = True) -> Page:
    """A page with these lines, and figures of 34 pixels in the box."""
    picture = np.full((550, 1200), 235, np.uint8)
    for start, end in strokes:
        cv2.line(picture, start, end, 40, 2)
    if writing:
        for k in range(5):
            cv2.ellipse(picture, (860 + 40 * k, 231), (12, 17), 0, 0, 360, 30, 3, cv2.LINE_AA)
    return normalise(DecodedImage(np.repeat(picture[:, :, None], 3, axis=2), 200.0, False, "PNG", 0, 1))


def sides(left: bool = True, right: bool = True, gap: int = 0) -> list[tuple[tuple[int, int], tuple[int, int]]]:
    """The lines of ``BOX``; ``gap`` pixels are missing in the middle of the top."""
    x0, y0, x1, y1 = BOX
    middle = (x0 + x1) // 2
    lines = [((x0, y1), (x1, y1)), ((x0, y0), (middle - gap // 2, y0)), ((middle + gap - gap // 2, y0), (x1, y0))]
    return [*lines, *([((x0, y0), (x0, y1))] if left else []), *([((x1, y0), (x1, y1))] if right else [])]


@pytest.mark.parametrize(
    ("left", "right", "gap"), [(True, True, 0), (True, True, 10), (True, True, 20), (False, True, 0), (False, False, 0)]
)
def test_a_box_is_found_without_its_sides_too(left: bool, right: bool, gap: int) -> None:
    """Its inside, to a few pixels; and it is the first candidate, with no other that lies in it."""
    page = page_with(*sides(left, right, gap))
    (box,) = amount_boxes(page, 550)
    assert box == pytest.approx(BOX, abs=5)
    candidates = [field for (field,) in locate(page, ReadOptions(fields=("courtesy_amount",)))]
    assert candidates[0].box == pytest.approx(BOX, abs=16)
    assert all(other.box[0] >= BOX[2] or other.box[1] >= BOX[3] or other.box[3] <= BOX[1] for other in candidates[1:])


def test_dotted_sides_are_sides() -> None:
    """Points of two pixels with gaps of three close the box, though its lines run on to the left."""
    x0, y0, x1, y1 = BOX
    dots = [((x, y), (x, y)) for x in (x0, x1) for y in range(y0, y1, 5)]
    page = page_with(((400, y0), (x1, y0)), ((400, y1), (x1, y1)), *dots)
    assert any(box == pytest.approx(BOX, abs=6) for box in amount_boxes(page, 550))


def test_lines_that_do_not_end_together_are_no_box() -> None:
    """The rule of the payee above that of the legal amount; a box below the lowest row is none either."""
    assert amount_boxes(page_with(((600, 200), (900, 200)), ((600, 262), (1140, 262))), 550) == []
    assert amount_boxes(page_with(*sides()), 230) == []


def test_a_frame_around_the_check_is_no_box() -> None:
    """Nor is one that is far too high."""
    frame = [((20, 20), (1180, 20)), ((20, 530), (1180, 530)), ((20, 20), (20, 530)), ((1180, 20), (1180, 530))]
    assert amount_boxes(page_with(*frame), 550) == []


def test_a_low_candidate_is_enlarged_and_maps_back() -> None:
    """Figures 12 pixels high: the ink has twice the pixels of the box, and a piece lies on the page where it was drawn."""
    from app.reader.segmentation import segment

    picture = np.full((275, 600), 235, np.uint8)
    for k in range(5):
        cv2.ellipse(picture, (480 + 14 * k, 110), (4, 6), 0, 0, 360, 30, 1, cv2.LINE_AA)
    page = normalise(DecodedImage(np.repeat(picture[:, :, None], 3, axis=2), 100.0, False, "PNG", 0, 1))
    (field,) = next(locate(page, ReadOptions(fields=("courtesy_amount",))))
    assert field.scale == 2.0
    assert field.ink.shape == (2 * (field.box[3] - field.box[1]), 2 * (field.box[2] - field.box[0]))
    lattice = segment(field)
    corner = lattice.lattice_to_page @ np.array([*lattice.piece_boxes[0][:2], 1.0])
    assert corner[:2] == pytest.approx((475.5, 103.5), abs=2.5)
