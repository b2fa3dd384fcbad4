"""Where the MICR line lies: a row of marks of equal height, standing on one line at a pitch of 1/8 inch.

E-13B marks are 0.117 inch high at 8 characters per inch (ANSI X9.100-20), so a pitch is 1.068 mark heights whatever
the resolution; the row found so tells the resolution of the picture and what is left of its skew.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from app.reader.components import labelled
from app.reader.types import Ink, MicrBand

PITCH_PER_HEIGHT = 0.125 / 0.117
CHARACTERS_PER_INCH = 8.0
LEAST_MARKS = 8
ROOM_BESIDE = 2.4  # pitches of the line's box on either side of its marks
LENGTH_IN = (4.8, 9.8)  # of a page that shows a check and little else; X9.100-160 allows 6 to 8.75
CERTAIN_MARKS, CERTAIN_REGULARITY = (20, 45), 0.95  # of a row beside which no other is looked for; an ornamental border has more
ODD_LENGTH = 0.5  # weight of a row whose pitch makes a giant or a dwarf of the page


@dataclass(frozen=True, slots=True)
class BandLimits:
    """Where marks are looked for: height of a mark as a share of the page's width, top of the line as a share of its height."""

    height_of_width: tuple[float, float]
    top_share: float


WHOLE_CHECK = BandLimits((0.008, 0.034), 0.5)
CUT_OUT_LINE = BandLimits((0.004, 0.3), 0.0)

Boxes = npt.NDArray[np.int32]  # (N, 4) left, top, right, bottom


def size_weight(band: MicrBand, width: int) -> float:
    """1, or less where the pitch of the row makes a page of ``width`` pixels longer or shorter than checks are: small type in a
    long row keeps a pitch of its own as well as the MICR line does."""
    length_in = width / (CHARACTERS_PER_INCH * max(band.pitch_px, 1e-6))
    return 1.0 if LENGTH_IN[0] <= length_in <= LENGTH_IN[1] else ODD_LENGTH


def beyond_doubt(band: MicrBand, width: int) -> bool:
    """Whether a row is the MICR line of a page of ``width`` pixels for certain, so that no other need be looked for."""
    return (
        CERTAIN_MARKS[0] <= band.mark_count <= CERTAIN_MARKS[1]
        and band.regularity >= CERTAIN_REGULARITY
        and size_weight(band, width) == 1.0
    )


def mark_boxes(ink: Ink, limits: BandLimits = WHOLE_CHECK) -> Boxes:
    """Boxes (N, 4) of ink components of a page (H, W), within the limits, whose height could be that of a mark."""
    height, width = ink.shape
    first = round(limits.top_share * height)
    _, stats = labelled((ink[first:] > 0.5).view(np.uint8))
    stats[:, cv2.CC_STAT_TOP] += first
    left, top, wide, tall = (stats[1:, i] for i in (cv2.CC_STAT_LEFT, cv2.CC_STAT_TOP, cv2.CC_STAT_WIDTH, cv2.CC_STAT_HEIGHT))
    least, most = limits.height_of_width[0] * width, limits.height_of_width[1] * width
    keep = (tall >= max(6.0, least)) & (tall <= most) & (wide <= 1.1 * tall) & (wide >= 2)
    return np.asarray(np.stack([left, top, left + wide, top + tall], axis=1)[keep], np.int32)


def find_micr_bands(ink: Ink, most: int = 2, limits: BandLimits = WHOLE_CHECK) -> tuple[MicrBand, ...]:
    """Up to ``most`` candidate rows, best first."""
    boxes = mark_boxes(ink, limits)
    found: list[MicrBand] = []
    while len(boxes) >= LEAST_MARKS and len(found) < most + 2:
        members = best_row(boxes)
        if members.sum() < LEAST_MARKS:
            break
        found.append(band_of(boxes[members], ink.shape))
        if limits is WHOLE_CHECK and beyond_doubt(found[-1], ink.shape[1]):
            break
        boxes = boxes[~members]
    found = [band for band in found if band.regularity >= 0.5]
    if limits is WHOLE_CHECK:
        return tuple(sorted(found, key=lambda band: -band.score * size_weight(band, ink.shape[1]))[:most])
    return tuple(sorted(found, key=lambda band: -band.score)[:most])


def best_row(boxes: Boxes) -> npt.NDArray[np.bool_]:
    """Members (N,) of the fullest row of marks of one height on one straight line, tilted by at most 6 degrees.

    Every pair of marks proposes a line (at most 400 pairs, evenly picked); the line with the most marks whose bottom
    and height agree with it wins.
    """
    middle = (boxes[:, 0] + boxes[:, 2]) / 2.0
    bottom, tall = boxes[:, 3].astype(np.float64), (boxes[:, 3] - boxes[:, 1]).astype(np.float64)
    first, second = np.triu_indices(len(boxes), 1)
    apart = np.abs(middle[second] - middle[first])
    usable = (apart > 3 * np.maximum(tall[first], tall[second])) & (np.abs(tall[first] - tall[second]) <= 0.12 * tall[first] + 1)
    first, second = first[usable], second[usable]
    if len(first) == 0:
        return np.zeros(len(boxes), bool)
    picked = np.unique(np.linspace(0, len(first) - 1, 400).astype(int))
    first, second = first[picked], second[picked]
    slope = (bottom[second] - bottom[first]) / (middle[second] - middle[first])
    level = bottom[first] - slope * middle[first]
    height = (tall[first] + tall[second]) / 2.0
    off = np.abs(bottom[None, :] - slope[:, None] * middle[None, :] - level[:, None])
    same = np.abs(tall[None, :] - height[:, None]) <= 0.15 * height[:, None] + 1
    member = (off <= 0.12 * height[:, None] + 1) & same & (np.abs(slope) <= 0.105)[:, None]
    return np.asarray(member[member.sum(axis=1).argmax()])


def band_of(boxes: Boxes, shape: tuple[int, ...]) -> MicrBand:
    """The row of its marks (N, 4): line, pitch and box with room for the small parts of symbols."""
    order = np.argsort(boxes[:, 2])
    boxes = boxes[order]
    tall = float(np.median(boxes[:, 3] - boxes[:, 1]))
    middle, bottom = (boxes[:, 0] + boxes[:, 2]) / 2.0, boxes[:, 3].astype(np.float64)
    slope = float(np.polyfit(middle, bottom, 1)[0]) if np.ptp(middle) > 0 else 0.0
    pitch, regularity = pitch_of(boxes[:, 2].astype(np.float64), tall)
    room = round(0.45 * tall)
    side = round(ROOM_BESIDE * pitch)
    box = (
        max(0, int(boxes[:, 0].min()) - side),
        max(0, int(boxes[:, 1].min()) - room),
        min(shape[1], int(boxes[:, 2].max()) + side),
        min(shape[0], int(boxes[:, 3].max()) + room),
    )
    return MicrBand(box, tall, pitch, slope, len(boxes), regularity)


def pitch_of(rights: npt.NDArray[np.float64], tall: float) -> tuple[float, float]:
    """(pitch in pixels, share of the gaps that keep it) from the right edges (N,) of marks, left to right."""
    gaps = np.diff(rights)
    gaps = gaps[(gaps > 0.8 * tall) & (gaps < 6.5 * tall)]
    if len(gaps) == 0:
        return PITCH_PER_HEIGHT * tall, 0.0
    tried = np.linspace(0.92, 1.25, 67) * tall
    counts = np.maximum(1, np.round(gaps[None, :] / tried[:, None]))
    miss = np.abs(gaps[None, :] / tried[:, None] - counts)
    best = int((miss.mean(axis=1) + 0.1 * np.abs(tried / tall - PITCH_PER_HEIGHT)).argmin())
    pitch = float(np.median(gaps / counts[best]))
    return pitch, float((miss[best] < 0.2).mean())
