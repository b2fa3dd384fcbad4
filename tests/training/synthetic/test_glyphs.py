"""Bitmap glyphs: they are painted where their bounds say."""

from __future__ import annotations

import numpy as np
import pytest

from training.synthetic.glyphs import BitmapGlyph, tight


@pytest.mark.parametrize("scale", [10.0, 20.0, 40.0])
def test_a_bitmap_is_painted_at_its_place_and_size(scale: float) -> None:
    """A block of 8 x 20 px keeps its centre and its area at every scale."""
    bitmap = np.zeros((24, 14), np.uint8)
    bitmap[2:22, 3:11] = 255
    glyph = BitmapGlyph(bitmap, px_per_height=20.0, baseline_px=22.0)
    patch, (left, top) = glyph.paint(np.array([[scale, 0, 30.0], [0, scale, 60.0]]), 1.0, (100, 100))
    rows, columns = np.indices(patch.shape)
    assert (patch * (rows + 0.5)).sum() / patch.sum() + top == pytest.approx(60 - scale / 2, abs=0.1)
    assert (patch * (columns + 0.5)).sum() / patch.sum() + left == pytest.approx(30 + scale * 7 / 20, abs=0.1)
    assert patch.sum() == pytest.approx(scale * scale * 8 / 20, rel=0.05)


def test_tight_keeps_one_pixel_of_paper() -> None:
    """The ink with a border of one pixel, and the row where the cut begins."""
    bitmap = np.zeros((20, 20), np.uint8)
    bitmap[5:9, 7:10] = 200
    cut, first_row = tight(bitmap)
    assert cut.shape == (6, 5)
    assert first_row == 4
    assert np.all(cut[1:-1, 1:-1] == 200)
