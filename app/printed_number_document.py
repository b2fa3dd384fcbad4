"""The JSON form of a number in ordinary print that repeats a part of the MICR line."""

from __future__ import annotations

from typing import Self

from app.json_values import Corners, Document, Share, corners, share
from app.reader.printed_numbers import PrintedNumber


class PrintedNumberDocument(Document):
    """``agrees_with_micr_line`` is null where the MICR line's own number was not read; ``note`` tells a difference."""

    value: str
    confidence: Share
    box: Corners | None
    agrees_with_micr_line: bool | None
    note: str | None

    @classmethod
    def of(cls, number: PrintedNumber | None) -> Self | None:
        """The document of a number, None where none was found."""
        if number is None:
            return None
        return cls(
            value=number.value,
            confidence=share(number.confidence),
            box=corners(number.polygon),
            agrees_with_micr_line=number.agrees,
            note=number.note,
        )
