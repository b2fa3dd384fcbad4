"""Too light or too dark: the share of black pixels, the contrast between paper and ink, the brightness of the paper."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from app.reader.ink import weighted_quantile
from app.reader.quality_finding import Finding, Subject, worst
from app.reader.types import Grey, Ink

Mask = npt.NDArray[np.uint8]  # (H, W), 0 or 1

BLACK_SHARE = (0.009, 0.9)  # black-pixel ratio of the front, Saint Lucia
LEAST_CONTRAST = 0.2  # ours: below it, pens are lost in the noise of a phone's picture; the palest of 150 real checks has 0.29
LEAST_BRIGHTNESS = 0.35  # ours: the darkest paper of 150 real checks has 0.46
MIDDLE = 127  # grey level up to which a pixel of a bitonal picture is black
VERY_DARK = 64  # grey level that counts as black wherever it stands, of 255
ROWS_APART, MANY_ROWS = 4, 200  # of a page of so many rows one in four tells its levels
PAPER_SHARE, INK_SHARE = 0.75, 0.01  # quantiles of the grey levels that are taken for paper and for ink


def too_light_or_too_dark(subject: Subject) -> Finding | None:
    """The worst of three: share of black pixels, and, of pictures with shades, contrast and brightness as shares of full scale."""
    page = subject.page
    if subject.image.bitonal:
        return worst(*black_share(below(page.grey, MIDDLE)))
    black = black_share(cv2.bitwise_or(ink_mask(page.ink, 0.5), below(page.grey, VERY_DARK)))
    paper, ink = paper_and_ink(page.grey)
    if black[0].present:  # with next to no ink there is no contrast to measure
        return black[0]
    return worst(*black, contrast((paper - ink) / 255.0, paper / 255.0), brightness(paper / 255.0))


def black_share(black: npt.ArrayLike) -> tuple[Finding, Finding]:
    """Share of black pixels (H, W) 0/1, against the least and the most. Where the picture has shades, black is ink against its local
    paper, or what is black as such."""
    share = cv2.countNonZero(np.asarray(black, np.uint8)) / np.asarray(black).size
    least, most = BLACK_SHARE
    few = (
        f"Only {100 * share:.2f} % of the picture is ink; at least {100 * least:.1f} %: scan it darker, with more contrast; "
        "on a photo, give it more light."
    )
    many = (
        f"{100 * share:.0f} % of the picture is black; at most {100 * most:.0f} %: scan it lighter, or take the photo on a bright ground "
        "without shadow."
    )
    unit = "share of black pixels"
    return Finding(share, least, "least", unit, few), Finding(share, most, "most", unit, many)


def paper_and_ink(grey: Grey) -> tuple[float, float]:
    """Grey levels of the paper and of the darkest ink of a page (H, W), 0..255."""
    some = grey[:: ROWS_APART if len(grey) >= MANY_ROWS else 1]
    counts = cv2.calcHist([some], [0], None, [256], [0, 256]).ravel()
    return weighted_quantile(counts, PAPER_SHARE), weighted_quantile(counts, INK_SHARE)


def contrast(value: float, paper: float) -> Finding:
    """Contrast between paper and ink as a share of full scale; what to do depends on how bright the ``paper`` is, 0..1."""
    remedy = "scan it darker, with more contrast" if paper >= 0.5 else "scan it lighter, or give the photo more light"
    advice = (
        f"Between paper and ink there is {100 * value:.0f} % of the full contrast; at least {100 * LEAST_CONTRAST:.0f} %: {remedy}, "
        "and write with a dark pen."
    )
    return Finding(value, LEAST_CONTRAST, "least", "share of full contrast", advice)


def brightness(value: float) -> Finding:
    """Brightness of the paper as a share of full scale."""
    advice = (
        f"The paper has {100 * value:.0f} % of the full brightness; at least {100 * LEAST_BRIGHTNESS:.0f} %: scan it lighter, or give "
        "the photo more light and no shadow."
    )
    return Finding(value, LEAST_BRIGHTNESS, "least", "share of full brightness", advice)


def ink_mask(ink: Ink, least: float) -> Mask:
    """(H, W) 0/1: where there is more ink than ``least``."""
    return np.asarray(cv2.threshold(ink, least, 1.0, cv2.THRESH_BINARY)[1], np.uint8)


def below(grey: Grey, level: float) -> Mask:
    """(H, W) 0/1: where the picture is darker than ``level`` or equal to it."""
    return np.asarray(cv2.threshold(grey, level, 1, cv2.THRESH_BINARY_INV)[1], np.uint8)
