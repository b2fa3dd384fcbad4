"""Courtesy amounts of whole checks, given the true box: what reading alone makes of them, without finding them."""

from __future__ import annotations

from collections.abc import Sequence

import cv2

from app.errors import InputError
from app.reader.decode import decode
from app.reader.pipeline import CheckReader
from app.reader.types import RGB, AmountFormat, Box, CheckReading, ReadOptions, Scope
from training.data.checks import CheckPicture
from training.measure import Answer, amount_answer

MARGIN = 0.08  # around the box, of its height
LEAST_MARGIN_PX = 2
X9_SOURCE = "arthg+Arthware.X937Parser"
KINDS = ("US, filled in by hand", "Indian", "image cash letter", "others")


def kind_of(check: CheckPicture) -> str:
    """Which row of the table a check stands in."""
    if check.file.startswith(X9_SOURCE):
        return "image cash letter"
    if "Indian" in check.layout:
        return "Indian"
    return "US, filled in by hand" if check.layout.startswith("US") and "real handwriting" in check.kind else "others"


def amount_format_of(check: CheckPicture) -> AmountFormat:
    """Rupees for Indian forms, dollars for the rest."""
    return "in" if "Indian" in check.layout else "us"


def has_amount(check: CheckPicture) -> bool:
    """Whether a positive amount stands on the check."""
    return check.filled and bool(check.amount) and float(check.amount) > 0


def field_rgb(data: bytes, box: Box) -> RGB:
    """The box with its margin, cut out of a picture file: (H, W, 3), paper bright."""
    rgb = decode(data).rgb
    height, width = rgb.shape[:2]
    left, top, right, bottom = box
    margin = max(LEAST_MARGIN_PX, round(MARGIN * (bottom - top)))
    return rgb[max(0, top - margin) : min(height, bottom + margin), max(0, left - margin) : min(width, right + margin)].copy()


def field_png(data: bytes, box: Box) -> bytes:
    """The same as a PNG file, for the reader."""
    ok, png = cv2.imencode(".png", cv2.cvtColor(field_rgb(data, box), cv2.COLOR_RGB2BGR))
    if not ok:
        raise RuntimeError("a picture could not be written as PNG")
    return png.tobytes()


def field_reading(reader: CheckReader, check: CheckPicture, box: Box) -> CheckReading | None:
    """The reading of one amount box, None where the file is no readable picture."""
    options = ReadOptions(scope=Scope.COURTESY_AMOUNT, amount_format=amount_format_of(check))
    try:
        return reader.read(field_png(check.path.read_bytes(), box), options)
    except InputError:
        return None


def amount_fields(reader: CheckReader, checks: Sequence[CheckPicture]) -> dict[str, list[Answer]]:
    """Answers by kind of check, for all pictures with a positive amount and a marked box."""
    found: dict[str, list[Answer]] = {kind: [] for kind in KINDS}
    for check in checks:
        if has_amount(check) and check.amount_box is not None:
            reading = field_reading(reader, check, check.amount_box)
            found[kind_of(check)].append(amount_answer(reading, check.file, check.group, check.amount))
    return found
