"""What a scanner or a phone does to a field: blur, noise, JPEG, one bit per pixel. Nothing is moved."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from training.synthetic.backgrounds import Canvas
from training.synthetic.style import FieldStyle


def _to_bitonal(rng: np.random.Generator, grey: Canvas, darkness: float) -> Canvas:
    """Black on white: darker than the local paper by a share of what the ink takes."""
    local_paper = cv2.blur(cv2.dilate(grey, np.ones((9, 9), np.uint8)), (25, 25))
    share = rng.uniform(0.3, 0.6) * darkness
    return np.where(grey < local_paper * (1 - share), 0.0, 255.0).astype(np.float32)


def scan(rng: np.random.Generator, inked: Canvas, style: FieldStyle) -> npt.NDArray[np.uint8]:
    """The picture (H, W) uint8, paper bright, of inked paper (H, W) float32."""
    grey = cv2.GaussianBlur(inked, (0, 0), style.blur_px, borderType=cv2.BORDER_REFLECT) if style.blur_px > 0.2 else inked
    if style.paper.noise:
        grey = grey + (rng.standard_normal(grey.shape, dtype=np.float32) * np.float32(style.paper.noise))
    if style.bitonal:
        grey = _to_bitonal(rng, np.asarray(grey, np.float32), style.ink_darkness)
    picture = np.clip(np.round(grey), 0, 255).astype(np.uint8)
    if style.jpeg_quality is None or style.bitonal:
        return picture
    done, encoded = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, style.jpeg_quality])
    if not done:
        raise RuntimeError(f"OpenCV could not encode a picture of {picture.shape} as JPEG")
    return np.asarray(cv2.imdecode(encoded, cv2.IMREAD_GRAYSCALE), np.uint8)
