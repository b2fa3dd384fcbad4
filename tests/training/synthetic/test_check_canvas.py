"""The canvas: what is put down in its own place is what is put down on a sheet of full size."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from training.synthetic.check_canvas import BLACK, CheckCanvas


@pytest.mark.parametrize(("right", "bold"), [(False, False), (True, False), (False, True)])
def test_text_is_as_if_drawn_on_the_whole_sheet(right: bool, bold: bool) -> None:
    """Pixel by pixel, at places between pixels too, and where it runs over the edge."""
    for place in ((1.013, 0.507), (0.1, 0.05), (1.97, 0.9)):
        canvas = CheckCanvas(2.0, 1.0, 200.0)
        canvas.text(place, "Payez À l'ordre", 9.3, right=right, bold=bold)
        layer = Image.new("L", (400, 200))
        font, where = ImageFont.load_default(9.3 * 200 / 72), (place[0] * 200, place[1] * 200)
        ImageDraw.Draw(layer).text(
            where, "Payez À l'ordre", fill=255, font=font, anchor="rs" if right else "ls", stroke_width=0.4 if bold else 0
        )
        light = 1 - np.asarray(layer, np.float32)[:, :, None] / 255 * (1 - np.array(BLACK, np.float32) / 255)
        assert canvas.rgb.min() < 60
        assert np.allclose(canvas.rgb, 255 * light, atol=0.01)


def test_a_line_is_as_if_drawn_on_the_whole_sheet() -> None:
    """Slanting, backwards, and beyond the edge."""
    for start, end in (((0.2, 0.3), (1.1, 0.37)), ((1.5, 0.9), (0.9, 0.2)), ((-0.05, 0.5), (2.1, 0.5))):
        canvas = CheckCanvas(2.0, 1.0, 200.0)
        canvas.line(start, end, 0.01)
        mask = np.zeros((200, 400), np.uint8)
        p, q = ((round(x * 200 * 16), round(y * 200 * 16)) for x, y in (start, end))
        cv2.line(mask, p, q, 255, 2, cv2.LINE_AA, 4)
        light = 1 - mask.astype(np.float32)[:, :, None] / 255 * (1 - np.array(BLACK, np.float32) / 255)
        assert canvas.rgb.min() < 60
        assert np.allclose(canvas.rgb[:, 2:-2], 255 * light[:, 2:-2], atol=0.01)  # where a line leaves the sheet its faint edge may differ
