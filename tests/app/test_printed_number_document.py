"""The JSON form of a printed number."""

from __future__ import annotations

from dataclasses import replace

from app.reader.printed_numbers import PrintedNumber
from app.reader.types import ReadOptions
from app.response import from_reading
from tests.app.api.stub_reader import BOX, reading


def test_a_printed_number_stands_beside_the_micr_line() -> None:
    """With its box, whether it agrees, and the sentence where it does not; null where none was found."""
    known = reading(ReadOptions())
    assert known.micr is not None
    plain = from_reading(known).model_dump(mode="json")["micr"]
    assert (plain["printed_check_number"], plain["fractional_routing_number"]) == (None, None)
    number = PrintedNumber("1238", 0.9, BOX, False, "The print says 1238; the MICR line says 1237.")
    told = from_reading(replace(known, micr=replace(known.micr, printed_check_number=number))).model_dump(mode="json")["micr"]
    assert told["printed_check_number"] == {
        "value": "1238",
        "confidence": 0.9,
        "box": [list(corner) for corner in BOX],
        "agrees_with_micr_line": False,
        "note": "The print says 1238; the MICR line says 1237.",
    }


def test_the_side_is_told_with_the_image() -> None:
    """Unknown where nothing is said."""
    known = reading(ReadOptions())
    assert from_reading(known).image.side == "unknown"
    assert from_reading(replace(known, image=replace(known.image, side="back"))).image.side == "back"
