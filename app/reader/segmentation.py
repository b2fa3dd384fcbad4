"""Field -> SegmentationLattice: the heuristic over-segmentation of the 1998 check reader.

The field is deslanted; its connected components are cut wherever a cut is at all likely; the pieces, from left to
right, are the steps of the lattice, and every run of a few pieces is an arc, that is, a candidate character. Too many
cuts are proposed on purpose: the recogniser knows rubbish, and the grammar knows amounts (LeCun et al. 1998, section V).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from app.reader.components import labelled
from app.reader.seams import Component, cut_columns, cut_components
from app.reader.types import Field, Ink, SegmentationLattice

INK_LEVEL = 0.4  # an ink value above which a pixel counts as ink
MOST_PIECES = 72
BAR_HEIGHT = 0.3  # components lower than this, in digit heights, are bars or dots
STRAIGHT_SPREAD = 0.06  # standard deviation across a straight stroke, in digit heights
SLIM = 0.35  # width of a stroke like a 1 or a slash against its height
WIDEST_WHOLE_BAR = 1.3  # wider bars are cut
FAINT_LEVEL = 0.2  # of ink that may be a point
FAINT_SIDE = (0.05, 0.3)  # sides of such a point in digit heights
MOST_FAINT_POINTS = 2
SHEARS = np.linspace(-0.5, 0.9, 15)

Boxes = npt.NDArray[np.int32]  # (N, 4) left, top, right, bottom, half-open
Labels = npt.NDArray[np.int32]  # (H, W)


@dataclass(frozen=True, slots=True)
class SegmentationLimits:
    """How far the segmenter goes; lengths in digit heights of the field."""

    longest_arc_pieces: int
    widest_arc: float
    widest_gap: float  # between neighbouring pieces of one arc
    least_cut_width: float  # components narrower than this stay whole
    cut_spacing: float  # between cuts at thin places
    contact_prominence: float  # of the contours where two characters lean on one another; 0 = no cuts there
    least_speck_area: float  # in squared digit heights
    deslant: bool
    height_share: float  # quantile of the tall components' heights that is the digit height
    fractions: bool  # whether cents may stand over a bar


HANDWRITING = SegmentationLimits(6, 1.75, 0.45, 0.38, 0.24, 0.05, 0.0015, True, 0.6, True)
E13B = SegmentationLimits(5, 1.05, 0.42, 0.95, 0.20, 0.0, 0.006, False, 0.85, False)


def segment(field: Field, most: int | None = None) -> SegmentationLattice:
    """The lattice of one field. One without ink, or whose ink falls into more than ``most`` marks or pieces, gives a lattice without
    pieces and arcs; the largest ``MOST_PIECES`` marks are kept."""
    limits = E13B if field.kind == "micr_line" else HANDWRITING
    height, midline = digit_line(components(field.ink)[1], field.ink.shape, limits.height_share)
    shear = slant(field.ink, height) if limits.deslant else 0.0
    ink, lattice_to_field = deslanted(field.ink, shear)
    labels, boxes = components(ink)
    labels, boxes = without_specks(ink, labels, boxes, limits.least_speck_area * height * height)
    labels, boxes = without_thicket(labels, boxes, most)
    if field.kind == "courtesy_amount":
        labels, boxes = with_faint_points(ink, labels, boxes, height)
    if field.kind == "digit":
        labels, boxes = joined(labels, boxes)
        height, midline = digit_line(boxes, ink.shape, limits.height_share)
    else:
        height, midline = digit_line(boxes, ink.shape, limits.height_share)
        labels, boxes = stacked_bars(labels, boxes, height)
        labels, boxes = without_thicket(*cut_pieces(ink, labels, boxes, height, limits), most)
    source, target, arc_boxes = arcs(boxes, height, limits, whole=field.kind == "digit")
    offset = np.array([[1.0 / field.scale, 0.0, field.box[0]], [0.0, 1.0 / field.scale, field.box[1]], [0.0, 0.0, 1.0]])
    return SegmentationLattice(
        field=field,
        ink=ink,
        pieces=labels,
        piece_boxes=boxes,
        source=source,
        target=target,
        boxes=arc_boxes,
        digit_height_px=height,
        midline_px=midline,
        lattice_to_page=offset @ lattice_to_field,
    )


def without_thicket(labels: Labels, boxes: Boxes, most: int | None) -> tuple[Labels, Boxes]:
    """None of the marks where there are more than ``most``: a ground that was taken for ink."""
    return (labels, boxes) if most is None or len(boxes) <= most else (np.zeros_like(labels), boxes[:0])


def components(ink: Ink) -> tuple[Labels, Boxes]:
    """Connected components (8 neighbours) of the ink: label map (H, W) from 1 on, boxes (N, 4) in label order."""
    labels, stats = labelled((ink > INK_LEVEL).view(np.uint8))
    boxes = np.concatenate([stats[1:, :2], stats[1:, :2] + stats[1:, 2:4]], axis=1)
    return labels.astype(np.int32), boxes


def digit_line(boxes: Boxes, shape: tuple[int, ...], share: float) -> tuple[float, float]:
    """(height of a digit, y of the digits' middle) in pixels, from component boxes (N, 4).

    Digits are the tall components: those of at least 45 % of the tallest that is not slim like a "/". The quantile ``share`` of
    their heights is the digit height, so that neither punctuation nor one long stroke decides.
    """
    if len(boxes) == 0:
        return float(max(8, shape[0])), shape[0] / 2.0
    heights = (boxes[:, 3] - boxes[:, 1]).astype(np.float64)
    reference = quantile(heights, 0.9) if len(heights) > 12 else float(heights.max())
    wide = heights[(boxes[:, 2] - boxes[:, 0] >= SLIM * heights) & (heights >= 0.25 * reference)]
    if len(wide) >= 2:
        reference = min(reference, float(wide.max()))
    tall = heights >= 0.45 * reference
    middles = (boxes[tall, 1] + boxes[tall, 3]) / 2.0
    return max(6.0, quantile(heights[tall], share)), quantile(middles, 0.5)


def quantile(values: npt.NDArray[np.float64], share: float) -> float:
    """The value (of N, N > 0) below which ``share`` of them lie, between two of them where it must be; NumPy's takes longer for few."""
    ordered = np.sort(values)
    place = share * (len(ordered) - 1)
    low = int(place)
    high = min(low + 1, len(ordered) - 1)
    return float(ordered[low] + (place - low) * (ordered[high] - ordered[low]))


def slant(ink: Ink, digit_height: float) -> float:
    """The shear dx/dy (upright = 0, leaning right > 0) that makes the strokes of the field stand upright.

    The one whose vertical projection has the greatest sum of squares, drawn towards upright by a mild prior.
    """
    rows, columns = np.nonzero(ink > INK_LEVEL)
    if len(rows) < 20:
        return 0.0
    middle = (rows.min() + rows.max()) / 2.0
    best, chosen = -1.0, 0.0
    for shear in SHEARS:
        moved = columns + shear * (rows - middle)
        counts = np.bincount((moved - moved.min()).astype(np.int64))
        score = float((counts.astype(np.float64) ** 2).sum()) * float(np.exp(-0.25 * (shear - 0.1) ** 2))
        if score > best:
            best, chosen = score, float(shear)
    return chosen if digit_height >= 8 else 0.0


def deslanted(ink: Ink, shear: float) -> tuple[Ink, npt.NDArray[np.float64]]:
    """The ink with its slant undone, and the (3, 3) transform from the new frame to the old one."""
    if abs(shear) < 1e-6:
        return ink, np.eye(3)
    height, width = ink.shape
    middle = height / 2.0
    reach = abs(shear) * middle
    new_width = int(np.ceil(width + 2 * reach))
    to_new = np.array([[1.0, shear, reach - shear * middle], [0.0, 1.0, 0.0]])
    moved = cv2.warpAffine(ink, to_new, (new_width, height), flags=cv2.INTER_LINEAR)
    back = np.linalg.inv(np.vstack([to_new, [0.0, 0.0, 1.0]]))
    return np.asarray(moved, np.float32), back


def without_specks(ink: Ink, labels: Labels, boxes: Boxes, least_area: float) -> tuple[Labels, Boxes]:
    """Drop components whose ink, in full-ink pixels, is below ``least_area``; keep the largest ``MOST_PIECES``."""
    if len(boxes) == 0:
        return labels, boxes
    mass = np.bincount(labels.ravel(), weights=ink.ravel(), minlength=len(boxes) + 1)[1:]
    keep = mass >= max(2.5, least_area)
    if keep.sum() > MOST_PIECES:
        keep &= mass >= np.sort(mass)[-MOST_PIECES]
    renumber = np.concatenate([[0], np.where(keep, np.cumsum(keep), 0)]).astype(np.int32)
    return renumber[labels], boxes[keep]


def with_faint_points(ink: Ink, labels: Labels, boxes: Boxes, height: float) -> tuple[Labels, Boxes]:
    """With marks that are too faint to be ink elsewhere, but stand where a decimal point stands: alone in a gap between two tall
    components, low, and small. A pen that hardly touched the paper left a hundredth of an amount. On a ground that shows more
    than ``MOST_FAINT_POINTS`` such marks they mean nothing."""
    tall = boxes[boxes[:, 3] - boxes[:, 1] >= 0.5 * height]
    if len(tall) < 2:
        return labels, boxes
    top, bottom = float(np.median(tall[:, 1])), float(np.median(tall[:, 3]))
    _, faint, stats, _ = cv2.connectedComponentsWithStats((ink > FAINT_LEVEL).astype(np.uint8), connectivity=8)
    found: list[tuple[int, tuple[int, int, int, int]]] = []
    for number, (left, upper, wide, high, _) in enumerate(stats[1:].tolist(), start=1):
        right, lower = left + wide, upper + high
        if max(wide, high) > FAINT_SIDE[1] * height or min(wide, high) < FAINT_SIDE[0] * height:
            continue
        low = upper >= top + 0.55 * (bottom - top) and lower <= bottom + 0.3 * height
        clear = ((tall[:, 2] <= left) | (tall[:, 0] >= right)).all()
        between = (tall[:, 2] <= left).any() and (tall[:, 0] >= right).any()
        if low and clear and between and not labels[upper:lower, left:right].any():
            found.append((number, (left, upper, right, lower)))
    if not 1 <= len(found) <= MOST_FAINT_POINTS:
        return labels, boxes
    out = labels.copy()
    for k, (number, _) in enumerate(found):
        out[faint == number] = len(boxes) + 1 + k
    return out, np.concatenate([boxes, np.array([box for _, box in found], np.int32)])


def joined(labels: Labels, boxes: Boxes) -> tuple[Labels, Boxes]:
    """All components as one piece: a picture of one digit."""
    if len(boxes) == 0:
        return labels, boxes
    whole = np.concatenate([boxes[:, :2].min(axis=0), boxes[:, 2:].max(axis=0)])[None, :]
    return (labels > 0).astype(np.int32), whole.astype(np.int32)


def is_straight(own: npt.NDArray[np.bool_], height: float) -> bool:
    """Whether a component (H, W) is one straight stroke ("/", "1"): its ink spreads little across its main direction."""
    moments = cv2.moments(own.view(np.uint8), binaryImage=True)
    count = moments["m00"]
    if count <= 2:
        return True
    across, both, down = (moments[name] / (count - 1) for name in ("mu20", "mu11", "mu02"))  # the covariance of columns and rows
    least = (across + down) / 2.0 - math.hypot((across - down) / 2.0, both)  # the lesser of its eigenvalues
    return math.sqrt(max(least, 0.0)) < STRAIGHT_SPREAD * height


def stacked_bars(labels: Labels, boxes: Boxes, height: float) -> tuple[Labels, Boxes]:
    """Low components that lie over one another (the bars of "=", the stripes of printed signs) as one component."""
    low = np.flatnonzero((boxes[:, 3] - boxes[:, 1] < BAR_HEIGHT * height) & (boxes[:, 2] - boxes[:, 0] > 0.2 * height))
    parent = np.arange(len(boxes))
    for upper in low:
        for lower in low:
            shared = min(boxes[upper, 2], boxes[lower, 2]) - max(boxes[upper, 0], boxes[lower, 0])
            spanned = max(boxes[upper, 2], boxes[lower, 2]) - min(boxes[upper, 0], boxes[lower, 0])
            gap = boxes[lower, 1] - boxes[upper, 3]
            if upper != lower and shared >= 0.6 * spanned and -1 <= gap <= 0.35 * height:
                parent[parent == parent[lower]] = parent[upper]
    if (parent == np.arange(len(boxes))).all():
        return labels, boxes
    roots, group = np.unique(parent, return_inverse=True)
    joint = np.array([[*boxes[parent == r, :2].min(axis=0), *boxes[parent == r, 2:].max(axis=0)] for r in roots], np.int32)
    return np.concatenate([[0], group + 1]).astype(np.int32)[labels], joint


def cut_pieces(ink: Ink, labels: Labels, boxes: Boxes, height: float, limits: SegmentationLimits) -> tuple[Labels, Boxes]:
    """Cut wide components and number all pieces from left to right by their centres."""
    owned = [labels[top:bottom, left:right] == number for number, (left, top, right, bottom) in enumerate(boxes.tolist(), start=1)]
    cut: dict[int, Component] = {}
    for number, (own, (left, top, right, bottom)) in enumerate(zip(owned, boxes.tolist(), strict=True)):
        bar = bottom - top < BAR_HEIGHT * height and right - left < WIDEST_WHOLE_BAR * height
        if right - left > limits.least_cut_width * height and not bar and not is_straight(own, height):
            columns = cut_columns(own, height, limits.cut_spacing, limits.contact_prominence)
            cut[number] = Component(np.where(own, ink[top:bottom, left:right], np.float32(0.0)), columns)
    parts_of = dict(zip(cut, cut_components(list(cut.values()), height), strict=True))
    pieces: list[tuple[int, npt.NDArray[np.bool_], tuple[int, int, int, int]]] = []  # (number, own ink, where it stands)
    for number, box in enumerate(boxes.tolist()):
        if number in parts_of:
            pieces += [(number, *tight(part, box[0], box[1])) for part in parts_of[number] if part.any()]
        else:
            pieces.append((number, owned[number], tuple(box)))
    pieces.sort(key=lambda piece: piece[2][0] + piece[2][2])
    piece_boxes = np.array([box for _, _, box in pieces], np.int32).reshape(-1, 4)
    order = reading_order(piece_boxes, height) if limits.fractions else list(range(len(pieces)))
    out = np.zeros(labels.shape, np.int32)
    for index, number in enumerate(order):
        _, part, (left, top, right, bottom) = pieces[number]
        out[top:bottom, left:right][part] = index + 1
    return out, piece_boxes[order]


def tight(part: npt.NDArray[np.bool_], left: int, top: int) -> tuple[npt.NDArray[np.bool_], tuple[int, int, int, int]]:
    """A part (H, W) whose corner lies at (left, top) without the empty rows and columns at its edges, and its box."""
    x0, y0, wide, tall = cv2.boundingRect(part.view(np.uint8))
    return part[y0 : y0 + tall, x0 : x0 + wide], (left + x0, top + y0, left + x0 + wide, top + y0 + tall)


def reading_order(boxes: Boxes, height: float) -> list[int]:
    """Numbers of the pieces (given from left to right) in reading order: what stands over a fraction bar comes before the bar,
    what stands under it after the bar. A bar is low and wide, with small pieces over and under it."""
    order = list(range(len(boxes)))
    tall = boxes[:, 3] - boxes[:, 1]
    small = (tall > 0.18 * height) & (tall < 0.8 * height)
    centre = (boxes[:, 0] + boxes[:, 2]) / 2.0
    for bar in np.flatnonzero((tall < 0.25 * height) & (boxes[:, 2] - boxes[:, 0] > 0.5 * height)):
        reach = 0.15 * height
        near = small & (centre > boxes[bar, 0] - reach) & (centre < boxes[bar, 2] + reach)
        over = near & (boxes[:, 3] <= boxes[bar, 3]) & (boxes[:, 1] < boxes[bar, 1])
        under = near & (boxes[:, 1] >= boxes[bar, 1]) & (boxes[:, 3] > boxes[bar, 3])
        if 1 <= over.sum() <= 6 and 2 <= under.sum() <= 9:
            block = [*np.flatnonzero(over).tolist(), int(bar), *np.flatnonzero(under).tolist()]
            first = min(order.index(number) for number in block)
            rest = [number for number in order if number not in block]
            order = [*rest[:first], *block, *rest[first:]]
    return order


def arcs(boxes: Boxes, height: float, limits: SegmentationLimits, whole: bool) -> tuple[Boxes, Boxes, Boxes]:
    """(source (A,), target (A,), boxes (A, 4)) of all runs of pieces that may be one character.

    A single piece is always an arc, so that a path exists; longer runs keep the limits on width and inner gaps.
    """
    source: list[int] = []
    target: list[int] = []
    arc_boxes: list[tuple[int, int, int, int]] = []
    most = len(boxes) if whole else limits.longest_arc_pieces
    for first in range(len(boxes)):
        left, top, right, bottom = (int(v) for v in boxes[first])
        for last in range(first, min(first + most, len(boxes))):
            if last > first:
                next_left, next_top, next_right, next_bottom = (int(v) for v in boxes[last])
                if next_left - right > limits.widest_gap * height:
                    break
                left, right = min(left, next_left), max(right, next_right)
                top, bottom = min(top, next_top), max(bottom, next_bottom)
                if right - left > limits.widest_arc * height:
                    break
            source.append(first)
            target.append(last + 1)
            arc_boxes.append((left, top, right, bottom))
    return np.array(source, np.int32), np.array(target, np.int32), np.array(arc_boxes, np.int32).reshape(-1, 4)
