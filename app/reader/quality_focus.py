"""Out of focus: how wide the edges of the ink are, in the direction in which they are widest, so that a moved camera is found too."""

from __future__ import annotations

import cv2
import numpy as np

from app.reader.ink import weighted_quantile
from app.reader.quality_finding import Finding, Subject
from app.reader.quality_lie import sure_dpi
from app.reader.quality_light import Mask, ink_mask
from app.reader.quality_size import of_a_check
from app.reader.types import Grey

STROKE_IN = 0.013  # a stroke of E-13B, one unit of its grid (X9.100-20)
MOST_BLUR_STROKES = 0.9  # ours: blurred by about a stroke, neighbouring strokes of E-13B run together
FLAT_SHARE = 0.03  # of the height of an edge: less of a step lies inside a stroke or on a line along it, and is no edge
STEEP_SHARE = 0.9  # quantile of the steps from pixel to pixel on the ink that counts as an edge seen square on
EDGE_BLUR = 0.66  # blur in pixels = this times contrast over step: fitted on pictures of known Gaussian blur
LEAST_INK_PIXELS = 200  # fewer tell nothing of the focus
LONGEST_CHECK_IN = 8.5  # assumed where the resolution is not known: a picture without focus shows no MICR line that would tell it


def out_of_focus(subject: Subject) -> Finding | None:
    """Blur of the ink's edges in strokes of E-13B (0.013 inch), as the standard deviation of a Gaussian.

    Not tested on bitonal pictures, whose edges are always steep, nor where there is too little ink to tell.
    """
    page = subject.page
    near_ink = ink_mask(page.ink, 0.25)
    if subject.image.bitonal or cv2.countNonZero(near_ink) < LEAST_INK_PIXELS:
        return None
    length, height = page.grey.shape[1] / page.dpi, page.grey.shape[0] / page.dpi
    likely = page.dpi_source == "micr_pitch" and of_a_check((length, height))
    dpi = sure_dpi(subject) or (page.dpi if likely else page.grey.shape[1] / LONGEST_CHECK_IN)
    blur, most = edge_blur_px(page.grey, near_ink) / (STROKE_IN * dpi), most_blur_strokes(dpi)
    advice = (
        f"The picture is out of focus: edges of the ink are blurred by {blur:.1f} strokes of MICR print (0.013 in); at most "
        f"{most:.1f}: hold the camera still, a little farther away, and let it focus on the check."
    )
    return Finding(blur, most, "most", "strokes of 0.013 in", advice)


def most_blur_strokes(dpi: float) -> float:
    """The limit in strokes: a pixel at least, for an edge of a pixel is as sharp as a coarse picture can be."""
    return max(MOST_BLUR_STROKES, 1.0 / (STROKE_IN * dpi))


def edge_blur_px(grey: Grey, near_ink: Mask, paper: float | None = None) -> float:
    """Blur of the edges of the ink in pixels, as the standard deviation s of a Gaussian, in the worst of four directions.

    The steepest place of an edge of height h that is blurred so rises by h / (s * root(2 pi)) per pixel. The height is taken from the
    mean contrast of what is near ink, against ``paper`` (of a field, much of which is ink) or the mean of the page; the constant makes up
    for what that falls short of it.
    """
    height = max(1.0, (cv2.mean(grey)[0] if paper is None else paper) - cv2.mean(grey, near_ink)[0])
    pairs = (
        (grey[:, 1:], grey[:, :-1], near_ink[:, 1:], 1.0),
        (grey[1:], grey[:-1], near_ink[1:], 1.0),
        (grey[1:, 1:], grey[:-1, :-1], near_ink[1:, 1:], np.sqrt(2.0)),
        (grey[1:, :-1], grey[:-1, 1:], near_ink[1:, :-1], np.sqrt(2.0)),
    )
    blurs = []
    for one, other, mask, distance in pairs:
        counts = cv2.calcHist([cv2.absdiff(one, other)], [0], np.ascontiguousarray(mask), [256], [0, 256]).ravel()
        floor = max(1, round(FLAT_SHARE * height))
        counts[:floor] = 0.0
        step = weighted_quantile(counts, STEEP_SHARE) if counts.any() else float(floor)
        blurs.append(EDGE_BLUR * height * float(distance) / step)
    return max(blurs)
