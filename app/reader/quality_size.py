"""The size of the check in inches, against the smallest and the largest that checks have, and against the usual size of its form."""

from __future__ import annotations

from collections.abc import Mapping

from app.reader.quality_finding import Finding, Subject, on_page, worst
from app.reader.quality_lie import LEAST_SCANNER_DPI, is_scan, line_is_read, page_scale, sure_dpi

# X9.100-160 allows 6 to 8.75 in by 2.75 to 3.67 in; half an inch is left for pictures cut close or wide and for a pitch of
# the MICR line that is a little off.
LENGTH_IN = (5.5, 9.25)
HEIGHT_IN = (2.25, 4.17)
LEAST_ASPECT = 2.0  # ours: of a picture cut to the edges of a check; those of a personal check are 6 / 2.75 = 2.18
LONGEST_ASPECT = 3.3  # the longest check is 8.75 / 2.75 = 3.18 times as long as high
# Usual length and height by the form of the MICR line: personal checks 6 x 2 3/4 in (X9.100-160), CTS-2010 202 x 92 mm; business checks
# are 8 1/4 to 8 1/2 in long and from 3 in high on, so that 3.2 in leaves those of 3 in some room.
USUAL_IN: Mapping[str, tuple[float, float]] = {"us_business": (8.25, 3.2), "indian_cts": (7.95, 3.62)}
LEAST_USUAL_IN = (6.0, 2.75)
LONG_IN, LEAST_LONG_IN = 7.5, (7.5, 3.2)  # checks that long are business checks or Indian, whose MICR line would tell; the same for them
MOST_MISSING_IN = 0.5  # ours: less may be a picture cut close, or a pitch of the MICR line that is a little off
AMOUNT_FOOT_IN = 1.4  # X9.100-160: from the lower edge of the check to that of the convenience-amount area
SURE_AMOUNT = 0.5  # confidence from which on the place of an amount tells where the lower edge should be


def partial_image(subject: Subject) -> Finding | None:
    """Inches that are missing along one edge, as far as the usual size of the form and the place of the amount tell; or length over
    height, which speaks where no resolution is known: above that of the longest check, a strip along a long edge is missing."""
    return worst(too_long(subject), smaller_than_usual(subject), foot_missing(subject))


def too_long(subject: Subject) -> Finding:
    """Length over height of the page."""
    height, width = subject.page.grey.shape
    advice = (
        f"The picture is {width / height:.1f} times as long as high; at most {LONGEST_ASPECT:.1f}: a part of the check is cut off; "
        "take the whole check, with all four edges."
    )
    return Finding(width / height, LONGEST_ASPECT, "most", "length over height", advice)


def smaller_than_usual(subject: Subject) -> Finding | None:
    """Inches by which the page falls short of the usual length or height of its form; None without a resolution."""
    size = size_of_check(subject)
    if size is None:
        return None
    form = subject.micr.form if subject.micr is not None else "unknown"
    usual = LEAST_LONG_IN if form == "unknown" and size[0] >= LONG_IN else USUAL_IN.get(form, LEAST_USUAL_IN)
    missing, edge = max((usual[0] - size[0], "length"), (usual[1] - size[1], "height"))
    return missing_finding(max(0.0, missing), f"of its {edge}")


def size_of_check(subject: Subject) -> tuple[float, float] | None:
    """(length, height) of the page in inches: by the resolution that makes it the larger where the MICR line reads, else as a file states
    that makes it as long as a check; None where nothing tells."""
    page, dpi = subject.page, sure_dpi(subject)
    height, width = page.grey.shape
    if line_is_read(subject):
        cut_out = page.outline and page.dpi_source == "micr_pitch"
        return (width / page.dpi, height / page.dpi) if cut_out else max(sizes_in(subject), default=None)
    if dpi == 0.0 or not LENGTH_IN[0] <= width / dpi <= LENGTH_IN[1]:
        return None
    return width / dpi, height / dpi


def foot_missing(subject: Subject) -> Finding | None:
    """Inches that are missing along the lower edge of a check with an amount and no legible MICR line, by the place of the amount."""
    amount, page, dpi = subject.amount, subject.page, sure_dpi(subject)
    if subject.micr is None or line_is_read(subject) or amount is None or amount.polygon is None or amount.confidence < SURE_AMOUNT:
        return None
    if dpi == 0.0 or not LENGTH_IN[0] <= page.grey.shape[1] / dpi <= LENGTH_IN[1]:
        return None
    foot = (page.grey.shape[0] - on_page(amount.polygon, page)[3]) / dpi
    return missing_finding(max(0.0, AMOUNT_FOOT_IN - foot), "of its lower edge")


def missing_finding(inches: float, where: str) -> Finding:
    """So many inches are missing."""
    advice = (
        f"The check is cut off: {inches:.1f} in {where} are missing; at most {MOST_MISSING_IN:.1f} in: take the whole check, with all four "
        "edges."
    )
    return Finding(inches, MOST_MISSING_IN, "most", "inches missing", advice)


def below_minimum_image_size(subject: Subject) -> Finding | None:
    """Inches of length or height, whichever falls shorter of its minimum. Not tested where no resolution is known.

    Where the MICR pitch and the file state different resolutions, the one that speaks for the picture counts.
    """
    sizes = sizes_in(subject)
    if not sizes:
        return None
    length, height = max(sizes)
    value, limit = min((length, LENGTH_IN[0]), (height, HEIGHT_IN[0]), key=lambda pair: pair[0] / pair[1])
    advice = (
        f"At its resolution the picture shows {length:.1f} x {height:.1f} inches, less than a whole check; at least {LENGTH_IN[0]:.1f} x "
        f"{HEIGHT_IN[0]:.2f}: take the whole check; if it is whole, state the true resolution in the file."
    )
    return Finding(value, limit, "least", "inches", advice)


def exceeds_maximum_image_size(subject: Subject) -> Finding | None:
    """Inches of length or height, whichever exceeds its maximum more. Not tested where no resolution is known.

    Where the MICR pitch and the file state different resolutions, the one that speaks for the picture counts.
    """
    sizes = sizes_in(subject)
    if not sizes:
        return None
    length, height = min(sizes)
    value, limit = max((length, LENGTH_IN[1]), (height, HEIGHT_IN[1]), key=lambda pair: pair[0] / pair[1])
    advice = (
        f"At its resolution the picture shows {length:.1f} x {height:.1f} inches, more than a check; at most {LENGTH_IN[1]:.2f} x "
        f"{HEIGHT_IN[1]:.2f}: cut the picture to the edges of the check; if it is cut, state the true resolution in the file."
    )
    return Finding(value, limit, "most", "inches", advice)


def sizes_in(subject: Subject) -> list[tuple[float, float]]:
    """(length, height) in inches by every resolution that is known: of the MICR pitch, and as the file states it.

    A pitch that makes a giant or a dwarf of a picture with the very shape of a check was read from other print: small
    type in a row passes for a MICR line where there is none. Nor is that of a line which does not read
    believed, nor what software for screens states by habit. Of a photo, what the file states is the camera's and says nothing;
    of a scan the whole picture counts, with the ground around the check.
    """
    page, image = subject.page, subject.image
    height, width = page.grey.shape
    size = (width / page.dpi, height / page.dpi)
    odd = LEAST_ASPECT <= width / height <= LONGEST_ASPECT and not of_a_check(size)
    unread = not line_is_read(subject)
    long, short = max(image.width_px, image.height_px), min(image.width_px, image.height_px)
    scan = is_scan(subject)
    if scan and page.outline:
        across = page.dpi * page_scale(page)
        size = (long / across, short / across)
    stated = [(long / image.dpi, short / image.dpi)] if image.dpi >= LEAST_SCANNER_DPI and scan else []
    return [size, *stated] if page.dpi_source == "micr_pitch" and not (odd or unread) else stated


def of_a_check(size: tuple[float, float]) -> bool:
    """Whether (length, height) in inches are within the limits of both."""
    return LENGTH_IN[0] <= size[0] <= LENGTH_IN[1] and HEIGHT_IN[0] <= size[1] <= HEIGHT_IN[1]
