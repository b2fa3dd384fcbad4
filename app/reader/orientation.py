"""Which way up a check lies: the MICR line stands in its lower part, and reads from left to right along its foot.

A picture that lies across is tried as it is and upside down, a picture that stands upright at 90 and at 270 degrees. The
evidence is a row of marks that keep the pitch of E-13B by their *right* edges, of a pitch that makes a check of the page, near the
lower edge. Without such a row nothing is decided: the back of a check has none, nor has a front whose line cannot be seen.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np

from app.reader.micr_band import find_micr_bands, size_weight
from app.reader.types import Grey, Ink, Matrix, MicrBand

LOWEST_PITCHES = 7.0  # from the foot of the line to the lower edge: X9.100-160 has the line within 5/8 inch of it, five pitches
HIGH_UP = 0.7  # weight of a row above that
SETTLED_MARKS, SETTLED_REGULARITY = 14, 0.88
PREFERRED = 1.1  # by how much the evidence for another way up must be better
LEAST_EVIDENCE = 6.0  # marks that keep the pitch, below which a row decides nothing
LEAST_WITHOUT_SIZE = 10.0  # the same where the pitch does not fit the page
FAULTLESS, FAULTLESS_MARKS, ALONE = 0.95, 9, 2.0  # of a short row: regularity, marks, and by how much its evidence must be better
QUARTER = {90: cv2.ROTATE_90_CLOCKWISE, 180: cv2.ROTATE_180, 270: cv2.ROTATE_90_COUNTERCLOCKWISE}


@dataclass(frozen=True, slots=True, eq=False)
class Laid:
    """A picture turned: ``grey`` and ``ink`` (H, W), the way back ``to_picture`` (3, 3), the ``rotation_degrees`` clockwise that were
    applied, and the MICR line as far as it is seen, best first."""

    grey: Grey
    ink: Ink
    to_picture: Matrix
    rotation_degrees: int
    bands: tuple[MicrBand, ...]

    @property
    def evidence(self) -> float:
        """Marks of the best row that keep the pitch, weighted by size and place; 0 without a row."""
        height, width = self.grey.shape
        return row_evidence(self.bands[0], width, height) if self.bands else 0.0

    @property
    def settled(self) -> bool:
        """Whether the row is the MICR line of a check that lies this way up, so that nothing else need be tried."""
        if not self.bands:
            return False
        band, (height, width) = self.bands[0], self.grey.shape
        regular = band.mark_count >= SETTLED_MARKS and band.regularity >= SETTLED_REGULARITY
        return regular and weight_of(band, width, height) == 1.0

    @property
    def row_seen(self) -> bool:
        """Whether a row is seen that may be trusted to be a MICR line; on a page of any size."""
        return bool(self.bands) and self.bands[0].trusted and self.evidence >= LEAST_EVIDENCE

    @property
    def faultless(self) -> bool:
        """Whether nearly every mark of the row keeps the pitch, and its size and place are those of a MICR line."""
        if not self.bands:
            return False
        band, (height, width) = self.bands[0], self.grey.shape
        regular = band.mark_count >= FAULTLESS_MARKS and band.regularity >= FAULTLESS
        return regular and weight_of(band, width, height) == 1.0

    @property
    def has_micr_line(self) -> bool:
        """Whether a MICR line is seen whose pitch makes a check of the page."""
        return self.row_seen and size_weight(self.bands[0], self.grey.shape[1]) == 1.0


def row_evidence(band: MicrBand, width: int, height: int) -> float:
    """How much a row on a page of ``width`` x ``height`` pixels speaks for a MICR line in its place, in marks."""
    return band.score * weight_of(band, width, height)


def weight_of(band: MicrBand, width: int, height: int) -> float:
    """0..1: 1 for a row whose pitch makes a check of the page, and whose foot is near the lower edge."""
    foot = band.box[3] - 0.45 * band.mark_height_px
    low = (height - foot) / max(band.pitch_px, 1e-6) <= LOWEST_PITCHES
    return size_weight(band, width) * (1.0 if low else HIGH_UP)


def quarter_turned(grey: Grey, to_picture: Matrix, degrees: int) -> tuple[Grey, Matrix]:
    """The picture turned clockwise by 0, 90, 180 or 270 degrees, and the way back from it through ``to_picture``."""
    if degrees == 0:
        return grey, to_picture
    height, width = float(grey.shape[0]), float(grey.shape[1])
    back = {
        90: [[0.0, 1.0, 0.0], [-1.0, 0.0, height], [0.0, 0.0, 1.0]],
        180: [[-1.0, 0.0, width], [0.0, -1.0, height], [0.0, 0.0, 1.0]],
        270: [[0.0, -1.0, width], [1.0, 0.0, 0.0], [0.0, 0.0, 1.0]],
    }[degrees]
    return np.asarray(cv2.rotate(grey, QUARTER[degrees]), np.uint8), to_picture @ np.array(back)


def turned_by(laid: Laid, degrees: int) -> Laid:
    """The same picture turned clockwise by a further 90, 180 or 270 degrees, its MICR line looked for anew."""
    grey, to_picture = quarter_turned(laid.grey, laid.to_picture, degrees)
    ink = np.asarray(cv2.rotate(laid.ink, QUARTER[degrees]), np.float32)
    rotation = (laid.rotation_degrees + degrees) % 360
    return replace(laid, grey=grey, ink=ink, to_picture=to_picture, rotation_degrees=rotation, bands=find_micr_bands(ink))


def tilted_back(laid: Laid, skew_degrees: float) -> Laid:
    """The same picture with a skew (clockwise on the screen) undone, on paper large enough for its corners; its ink is turned with it."""
    height, width = laid.grey.shape
    forward = cv2.getRotationMatrix2D((width / 2.0, height / 2.0), skew_degrees, 1.0)
    cos, sin = abs(forward[0, 0]), abs(forward[0, 1])
    size = (round(width * cos + height * sin), round(width * sin + height * cos))
    forward[:, 2] += [(size[0] - width) / 2.0, (size[1] - height) / 2.0]
    grey = np.asarray(cv2.warpAffine(laid.grey, forward, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE), np.uint8)
    ink = np.asarray(cv2.warpAffine(laid.ink, forward, size, flags=cv2.INTER_LINEAR), np.float32)
    back = np.linalg.inv(np.vstack([forward, [0.0, 0.0, 1.0]]))
    return replace(laid, grey=grey, ink=ink, to_picture=laid.to_picture @ back, bands=find_micr_bands(ink))


def way_up(laid: Laid, either_axis: bool = False) -> Laid:
    """The way up with the best evidence: as it is or upside down, and with ``either_axis`` at right angles to that too where
    neither shows a MICR line. As it is where nothing speaks for another."""
    if laid.settled:
        return laid
    best = better(laid, turned_by(laid, 180))
    if either_axis and not best.row_seen:
        for degrees in (90, 270):
            best = better(best, turned_by(laid, degrees))
    return best


def better(one: Laid, other: Laid) -> Laid:
    """The one with more evidence; the first where the other shows no row to be trusted, or is not clearly better.

    A row beyond doubt beats one that is not. On a page whose size says nothing for the row, as with a background around the check,
    more evidence is asked for; a short row must be without fault and stand alone.
    """
    if other.settled:
        return one if one.settled and PREFERRED * one.evidence >= other.evidence else other
    short = other.evidence >= LEAST_EVIDENCE and other.faultless and other.evidence > ALONE * one.evidence
    believed = other.has_micr_line or (other.row_seen and other.evidence >= LEAST_WITHOUT_SIZE)
    return other if short or (believed and other.evidence > PREFERRED * one.evidence) else one
