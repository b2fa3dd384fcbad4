"""Cuts one field out of the uploaded picture, for a person to look at."""

from __future__ import annotations

import cv2
import numpy as np

from app.reader.types import RGB, Polygon

SNIPPET_SIDE_PX = 2000  # longest side of a snippet; larger fields are scaled down


def snippet_png(picture: RGB, polygon: Polygon) -> bytes:
    """PNG of a field, upright. ``picture`` is (H, W, 3) uint8; the four corners of ``polygon`` run from the field's
    upper left clockwise, (x, y) in pixels of the picture, so that a field on a turned picture comes out readable."""
    corners = np.asarray(polygon, dtype=np.float32)
    width, height = float(np.hypot(*(corners[1] - corners[0]))), float(np.hypot(*(corners[3] - corners[0])))
    scale = min(1.0, SNIPPET_SIDE_PX / max(width, height, 1.0))
    width_px, height_px = max(1, round(width * scale)), max(1, round(height * scale))
    target = np.array([[0, 0], [width_px, 0], [width_px, height_px], [0, height_px]], dtype=np.float32)
    half = np.float32(0.5)  # corners lie between pixels, warping counts from pixel centres
    to_snippet = cv2.getPerspectiveTransform(corners - half, target - half)
    flags = cv2.INTER_AREA if scale < 1.0 else cv2.INTER_LINEAR
    cut = cv2.warpPerspective(picture, to_snippet, (width_px, height_px), flags=flags, borderMode=cv2.BORDER_REPLICATE)
    _, encoded = cv2.imencode(".png", cv2.cvtColor(cut, cv2.COLOR_RGB2BGR))
    return encoded.tobytes()
