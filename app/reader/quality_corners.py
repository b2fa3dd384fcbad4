"""Folded or torn corners: in a corner of the page the ground shows and not the paper, up to an edge that cuts the corner off."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from app.reader.quality_cut_corners import FLATTEST, cut_corner
from app.reader.quality_finding import Finding, Subject, worst
from app.reader.types import Grey

MOST_MISSING_IN: Mapping[str, float] = {"lower right": 0.8, "lower left": 1.0, "upper left": 1.0, "upper right": 1.0}  # Saint Lucia, front
CELLS_PER_INCH = 20.0  # of the map on which the ground is followed: print is averaged out
LONGEST_PAGE_IN = 20.0  # a page that its resolution makes longer is no check, and its map would be large
PATCH_IN = 0.1  # side of the square in the corner that tells the colour of the ground
CORE_SHARE = 0.5  # of the page's pixels that are paper at least
LEAST_STEP, LEAST_PLAIN_STEP = 25.0, 6.0  # grey levels between ground and paper: at least, and where the ground is of one level
PLAIN_SPREAD = 0.5  # grey levels, of a ground of one level
LEAST_LEG_IN = 0.15  # along either edge; less is the rounding of a corner
FILL = (0.3, 0.8)  # of the rectangle over both legs: a half where the corner is cut straight, all of it where something is printed there
INNER = 0.3  # of both legs: a point that lies in a cut-off corner, and not in a margin along two edges around a printed frame
SHARP = 0.6  # share of the step that is made within two cells of the edge; a shadow has no edge
ALL_AROUND = 3  # corners in which ground is seen, from which on it lies all around the check
LONGEST_SHARE = (0.5, 0.9)  # of the length and the height of the page; more is the ground along an edge, or a shadow


@dataclass(frozen=True, slots=True)
class Corner:
    """Where a corner is: whether its map must be turned over left to right, and top to bottom, to bring it to the upper left."""

    name: str
    mirrored: bool
    overturned: bool


CORNERS = (
    Corner("upper left", False, False),
    Corner("upper right", True, False),
    Corner("lower right", True, True),
    Corner("lower left", False, True),
)


def folded_or_torn_corners(subject: Subject) -> Finding | None:
    """Inches that are missing of a corner along its longer edge; the corner that is farthest beyond its limit.

    A corner is seen to be missing where the ground differs from the paper: a white corner of white paper cannot be told. Not tested on
    a page that is far longer than any check.
    """
    page = subject.page
    if page.grey.shape[1] > LONGEST_PAGE_IN * page.dpi:
        return None
    cells = page_cells(page.grey, page.dpi)
    paper = float(np.median(cells))
    inches = [missing_inches(page.grey, cells, page.dpi, corner, paper) for corner in CORNERS]
    if sum(value > 0.0 for value in inches) >= ALL_AROUND and not page.outline:  # the ground around a check that lies on a table
        inches = [0.0] * len(CORNERS)
    findings = [missing(corner.name, value) for corner, value in zip(CORNERS, inches, strict=True)]
    cut = None if page.outline else cut_corner(cells)
    return worst(*findings, None if cut is None else missing(cut[0], cut[1] / CELLS_PER_INCH))


def missing(name: str, value: float) -> Finding:
    """So many inches are missing of the corner of that name."""
    limit = MOST_MISSING_IN[name]
    advice = (
        f"The {name} corner is missing {value:.1f} in; at most {limit:.1f} in: unfold it and retake with the whole check in view, on a "
        "ground of another colour."
    )
    return Finding(value, limit, "most", "inches missing", advice)


def missing_inches(grey: Grey, page: npt.NDArray[np.float32], dpi: float, corner: Corner, paper: float) -> float:
    """Inches along the longer edge that the ground takes of a corner of a page (H, W), given in cells as well, of this level of the
    ``paper``; 0.0 where it is paper."""
    flip = [slice(None, None, -1) if over else slice(None) for over in (corner.overturned, corner.mirrored)]
    turned = grey[flip[0], flip[1]]
    side = max(2, round(PATCH_IN * dpi))
    ground = float(np.median(turned[:side, :side]))
    spread = float(np.median(np.abs(turned[:side, :side] - ground)))
    cells = page[flip[0], flip[1]]
    step = abs(paper - ground)
    if step < (LEAST_PLAIN_STEP if spread <= PLAIN_SPREAD else LEAST_STEP):
        return 0.0
    tolerance = float(np.clip(3.0 * spread + 3.0, 0.0, 0.4 * step))
    like = (np.abs(cells - ground) <= tolerance).astype(np.uint8)
    _, labels = cv2.connectedComponents(np.ascontiguousarray(like), connectivity=4)
    if not labels[0, 0]:
        return 0.0
    return triangle_inches(labels == labels[0, 0], cells, ground, step)


def page_cells(grey: Grey, dpi: float) -> npt.NDArray[np.float32]:
    """The page (H, W) in cells of 1/20 inch, (h, w), the mean level of each."""
    fine = max(1, min(int(dpi / CELLS_PER_INCH / 2.0), min(grey.shape) // 4))  # a whole number of pixels is averaged many times faster
    size = (max(4, round(grey.shape[1] / dpi * CELLS_PER_INCH)), max(4, round(grey.shape[0] / dpi * CELLS_PER_INCH)))
    high, wide = grey.shape[0] // fine, grey.shape[1] // fine
    smaller = cv2.resize(grey[: high * fine, : wide * fine], (wide, high), interpolation=cv2.INTER_AREA) if fine > 1 else grey
    return np.asarray(cv2.resize(smaller, size, interpolation=cv2.INTER_AREA), np.float32)


def triangle_inches(ground: npt.NDArray[np.bool_], cells: npt.NDArray[np.float32], level: float, step: float) -> float:
    """Inches of the longer leg of a piece of ground in the upper left corner of ``cells`` (h, w); 0.0 where it is no cut-off corner."""
    across, down = leg(np.asarray(ground[:2].any(axis=0))), leg(np.asarray(ground[:, :2].any(axis=1)))
    shorter, longer = min(across, down), max(across, down)
    if (
        shorter < LEAST_LEG_IN * CELLS_PER_INCH or shorter < FLATTEST * longer
    ):  # a flat wedge is the ground along an edge of a check that lies askew
        return 0.0
    if across > LONGEST_SHARE[0] * ground.shape[1] or down > LONGEST_SHARE[1] * ground.shape[0]:
        return 0.0
    fill = float(ground.sum()) / (across * down)
    if not FILL[0] <= fill <= FILL[1] or not ground[int(INNER * down), int(INNER * across)]:
        return 0.0
    mask = ground.astype(np.uint8)
    near, far = (cv2.dilate(mask, np.ones((side, side), np.uint8)) for side in (3, 7))
    beyond = cells[(far > 0) & (near == 0)]
    if len(beyond) == 0 or abs(float(np.median(beyond)) - level) < SHARP * step:
        return 0.0
    return longer / CELLS_PER_INCH


def leg(along: npt.NDArray[np.bool_]) -> int:
    """Cells from the corner on that are ground."""
    other = np.flatnonzero(~along)
    return int(other[0]) if len(other) else len(along)
