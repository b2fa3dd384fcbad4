"""A field cut out of the uploaded picture."""

from __future__ import annotations

import io

import numpy as np
import numpy.typing as npt
from PIL import Image

from app.snippets import SNIPPET_SIDE_PX, snippet_png


def _decoded(png: bytes) -> npt.NDArray[np.uint8]:
    with Image.open(io.BytesIO(png)) as image:
        return np.asarray(image, dtype=np.uint8)


def test_turned_field_comes_out_upright() -> None:
    """On a picture that lies on its side the snippet is what the field shows when read."""
    upright = np.random.default_rng(1).integers(0, 256, (20, 60, 3), dtype=np.uint8)
    picture = np.ascontiguousarray(np.rot90(upright, k=-1))  # clockwise: the upper left corner goes to the upper right
    corners = ((20.0, 0.0), (20.0, 60.0), (0.0, 60.0), (0.0, 0.0))
    np.testing.assert_array_equal(_decoded(snippet_png(picture, corners)), upright)


def test_large_field_is_scaled_down() -> None:
    """A snippet is bounded, whatever was uploaded."""
    picture = np.full((100, 3 * SNIPPET_SIDE_PX, 3), 200, dtype=np.uint8)
    width = float(picture.shape[1])
    cut = _decoded(snippet_png(picture, ((0.0, 0.0), (width, 0.0), (width, 100.0), (0.0, 100.0))))
    assert cut.shape == (33, SNIPPET_SIDE_PX, 3)


def test_field_that_reaches_over_the_edge_is_cut_there() -> None:
    """Corners outside the picture repeat its edge, and an empty box is one pixel."""
    picture = np.full((10, 10, 3), 7, dtype=np.uint8)
    assert (_decoded(snippet_png(picture, ((-5.0, -5.0), (15.0, -5.0), (15.0, 15.0), (-5.0, 15.0)))) == 7).all()
    assert _decoded(snippet_png(picture, ((3.0, 3.0), (3.0, 3.0), (3.0, 3.0), (3.0, 3.0)))).shape == (1, 1, 3)
