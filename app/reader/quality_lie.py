"""How the check lies in the picture: skew, and whether the picture is a scan on a plain ground, to be judged as uploaded, or a photo,
whose table is cut away and whose tilt is undone."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from app.reader.page import line_skew_degrees
from app.reader.quality_finding import Finding, Subject, on_page
from app.reader.types import Page

MOST_SKEW_DEGREES = 5.0  # ours: the page stage levels up to 8, and glyphs blur when turned by more than about 5
RING = (0.015, 0.04)  # of the length of the check: how far beyond its outline the ground is looked at
RING_POINTS = 30  # per side and distance
LEAST_RING_POINTS = 20
PLAIN_LEVELS = 6  # of 255, by which all points of a scanner's ground agree; the table under a photo has noise and shades
CLIPPED = (8, 247)  # a scanner's ground is black or white up to these
LEAST_CHARACTERS = 8  # of a MICR line that tells how level the page is, and how large
LEAST_SCANNER_DPI = 100.0  # software for screens states 72 or 96 by habit
SURE_CHARACTER, LEAST_SURE_SHARE = 0.5, 0.9  # of a MICR line whose pitch is believed


def is_scan(subject: Subject) -> bool:
    """Whether the picture is judged as uploaded: nothing was cut away, or what was cut away is the plain black or white of a scanner."""
    if subject.image.bitonal or not subject.page.outline:
        return True
    ground = ring(subject)
    if len(ground) < LEAST_RING_POINTS:
        return False
    low, high = np.quantile(ground, [0.05, 0.95], axis=0)
    return bool((high - low).max() <= PLAIN_LEVELS and (high.max() <= CLIPPED[0] or low.min() >= CLIPPED[1]))


def ring(subject: Subject) -> npt.NDArray[np.uint8]:
    """Colours (N, 3) of points of the picture just beyond the outline of the check; those outside the picture are left out."""
    corners = np.array(subject.page.outline, np.float64)
    centre, length = corners.mean(axis=0), float(np.hypot(*(corners[1] - corners[0])))
    share = np.linspace(0.05, 0.95, RING_POINTS)[:, None]
    points = []
    for first, second in zip(corners, np.roll(corners, -1, axis=0), strict=True):
        along = (second - first) / max(float(np.hypot(*(second - first))), 1e-9)
        outward = np.array([along[1], -along[0]])
        outward *= 1.0 if outward @ ((first + second) / 2.0 - centre) > 0 else -1.0
        points += [first + share * (second - first) + distance * length * outward for distance in RING]
    x, y = np.floor(np.concatenate(points)).astype(int).T
    inside = (x >= 0) & (y >= 0) & (x < subject.image.width_px) & (y < subject.image.height_px)
    return np.asarray(subject.image.rgb[y[inside], x[inside]], np.uint8)


def excessive_image_skew(subject: Subject) -> Finding | None:
    """Degrees by which the check stands askew, without sign: in the picture as uploaded, or, where it was cut out of a photo and laid
    flat, what is left of it."""
    skew = abs(subject.page.skew_degrees) if is_scan(subject) else abs(skew_left(subject))
    advice = (
        f"The check stands askew by {skew:.1f} degrees; at most {MOST_SKEW_DEGREES:.1f}: lay it straight in the scanner, or hold the "
        "camera parallel to its edges."
    )
    return Finding(skew, MOST_SKEW_DEGREES, "most", "degrees", advice)


def skew_left(subject: Subject) -> float:
    """Degrees by which the page still stands askew: of the feet of the MICR characters, else of the long lines of the print."""
    characters = subject.micr.characters if subject.micr is not None else ()
    if len(characters) < LEAST_CHARACTERS:
        return line_skew_degrees(subject.page.grey)
    boxes = np.array([on_page(character.polygon, subject.page) for character in characters])
    slope = float(np.polyfit((boxes[:, 0] + boxes[:, 2]) / 2.0, boxes[:, 3], 1)[0])
    return float(np.degrees(np.arctan(slope)))


def page_scale(page: Page) -> float:
    """Pixels of the uploaded picture per page pixel."""
    return float(np.sqrt(abs(np.linalg.det(page.page_to_image[:2, :2]))))


def line_is_read(subject: Subject) -> bool:
    """Whether the MICR line reads well enough for its pitch to be believed; where it was not asked for, it is."""
    if subject.micr is None:
        return True
    sure = [character.confidence >= SURE_CHARACTER for character in subject.micr.characters]
    return len(sure) >= LEAST_CHARACTERS and sum(sure) >= LEAST_SURE_SHARE * len(sure)


def sure_dpi(subject: Subject) -> float:
    """Dots per inch of the page by a MICR line that reads, else as the file of a scan states; 0.0 where neither is there."""
    page, image = subject.page, subject.image
    if page.dpi_source == "micr_pitch" and line_is_read(subject):
        return page.dpi
    return image.dpi / page_scale(page) if image.dpi >= LEAST_SCANNER_DPI and is_scan(subject) else 0.0
