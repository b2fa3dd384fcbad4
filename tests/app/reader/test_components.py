"""Components, their outlines and holes, against OpenCV's full statistics."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from app.reader import components
from app.reader.components import holes, labelled, outlines


def blots(seed: int, shape: tuple[int, int] = (60, 90)) -> np.ndarray:
    """A 0/1 mask of blots, rings and dots, some of them inside a ring."""
    rng = np.random.default_rng(seed)
    mask = (rng.random(shape) < 0.03).astype(np.uint8)
    for _ in range(6):
        centre = int(rng.integers(shape[1])), int(rng.integers(shape[0]))
        cv2.circle(mask, centre, int(rng.integers(3, 14)), 1, int(rng.choice([-1, 1, 2])))
    return mask


@pytest.mark.parametrize("seed", range(8))
def test_outlines_bound_every_component(seed: int) -> None:
    """Their boxes are those of all components of eight neighbours, of those within a ring too."""
    mask = blots(seed)
    _, _, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    assert sorted(tuple(cv2.boundingRect(line)) for line in outlines(mask)) == sorted(tuple(row[:4]) for row in stats[1:].tolist())


@pytest.mark.parametrize("seed", range(8))
def test_holes_are_what_is_closed_in(seed: int) -> None:
    """Their boxes are those of the components of the ground (four neighbours) that do not reach the edge."""
    mask = blots(seed)
    height, width = mask.shape
    _, _, stats, _ = cv2.connectedComponentsWithStats(1 - mask, connectivity=4)
    inner = [(x, y, w, h) for x, y, w, h, _ in stats[1:].tolist() if x > 0 and y > 0 and x + w < width and y + h < height]
    assert sorted(holes(mask)) == sorted(inner)


def test_an_empty_mask_has_none() -> None:
    """No ink: no outline, no hole, one label."""
    empty = np.zeros((20, 30), np.uint8)
    assert outlines(empty) == []
    assert holes(empty) == []
    labels, stats = labelled(empty)
    assert not labels.any()
    assert stats.shape == (1, 5)


@pytest.mark.parametrize("most", [0, 60_000])
def test_labels_of_either_size_say_the_same(most: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each component has one label, and its statistics stand in its row; a mask of many runs gets labels of four bytes."""
    monkeypatch.setattr(components, "MOST_SHORT_LABELS", most)
    mask = blots(3)
    labels, stats = labelled(mask)
    assert labels.dtype.itemsize == (2 if most else 4)
    assert ((labels > 0) == (mask > 0)).all()
    for number, (x, y, wide, tall, area) in enumerate(stats.tolist()[1:], start=1):
        rows, columns = np.nonzero(labels == number)
        assert (columns.min(), rows.min(), np.ptp(columns) + 1, np.ptp(rows) + 1, len(rows)) == (x, y, wide, tall, area)


def test_more_components_than_short_labels_hold() -> None:
    """A picture of single dots keeps them apart."""
    dots = np.zeros((600, 600), np.uint8)
    dots[::2, ::2] = 1
    labels, stats = labelled(dots)
    assert len(stats) == 1 + 300 * 300
    assert len(np.unique(labels[::2, ::2])) == 300 * 300
