"""Digits drawn in Pillow's own font, for tests that need something to learn and no data set."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFont


def drawn_digits(count: int, seed: int = 0) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.int64]]:
    """``count`` digits (N, 28, 28) uint8, ink bright, moved and sized at random; labels (N,) 0, 1, … 9, 0, …"""
    rng = np.random.default_rng(seed)
    images, labels = np.zeros((count, 28, 28), np.uint8), np.arange(count, dtype=np.int64) % 10
    for image, label in zip(images, labels, strict=True):
        canvas = Image.new("L", (28, 28))
        font = ImageFont.load_default(size=int(rng.integers(18, 24)))
        place = (float(14 + rng.uniform(-3, 3)), float(14 + rng.uniform(-3, 3)))
        ImageDraw.Draw(canvas).text(place, str(label), fill=255, font=font, anchor="mm")
        image[:] = np.asarray(canvas)
    return images, labels
