"""Which notation an amount is in where nobody says."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from app.inference.recogniser import load_recogniser
from app.reader.amount_format import FORMAT_OF_FORM, format_of_micr
from app.reader.candidates import LOG_PRIOR
from app.reader.pipeline import CheckReader
from app.reader.types import AMOUNT_FORMATS, CheckReading, ReadOptions


@pytest.fixture(scope="module")
def reader() -> CheckReader:
    """The reader with the shipped models."""
    return CheckReader(load_recogniser())


def taken(reading: CheckReading) -> list[str]:
    """The notation of the winning candidate."""
    return [e.amount_format for e in reading.evidence if e.chosen and e.lattice.field.kind == "courtesy_amount"]


def test_the_samples_are_read_in_the_notation_of_their_country(reader: CheckReader, repository: Path) -> None:
    """Dollars on US checks, rupees on the Indian one, as if it had been said; the currency goes with it."""
    with (repository / "samples" / "truth.csv").open(encoding="utf-8", newline="") as file:
        names = [row["file"] for row in csv.DictReader(file)]
    seen = set()
    for name in names:
        data = (repository / "samples" / name).read_bytes()
        reading = reader.read(data)
        known = "in" if name.startswith("in") else "us"
        assert taken(reading) == [known], name
        said = reader.read(data, ReadOptions(amount_format=known))  # type: ignore[arg-type]
        assert reading.amount == said.amount
        assert reading.amount is not None
        assert reading.amount.currency == {"us": "USD", "in": "INR"}[known]
        seen.add(known)
    assert seen == {"us", "in"}


def test_what_is_said_holds(reader: CheckReader, repository: Path) -> None:
    """A notation that was asked for is not decided anew."""
    data = (repository / "samples" / "us_business_1.png").read_bytes()
    for known in AMOUNT_FORMATS:
        assert set(taken(reader.read(data, ReadOptions(amount_format=known)))) <= {known}


def test_without_a_line_nothing_is_told() -> None:
    """No candidate, no form; every form of a country has a notation, and every notation a prior."""
    assert format_of_micr(()) is None
    assert set(FORMAT_OF_FORM.values()) <= set(LOG_PRIOR)
    assert set(LOG_PRIOR) == set(AMOUNT_FORMATS)
    assert max(LOG_PRIOR.values()) == 0.0
