"""The printed check number and the fractional routing number: lines of print, what they say, and what that witnesses."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from app.inference.recogniser import load_recogniser
from app.reader.pipeline import CheckReader
from app.reader.printed_numbers import (
    Found,
    candidates,
    chained,
    check_number,
    check_number_kind,
    fraction,
    fraction_kind,
    number_lines,
    print_lattice,
    routing_start,
)
from app.reader.types import Ink, MicrReading, Page, ReadOptions, Scope
from tests.app.api.stub_reader import BOX, micr
from tests.app.reader.test_pipeline import samples


@pytest.fixture(scope="module")
def reader() -> CheckReader:
    """With the shipped models."""
    pytest.importorskip("onnxruntime", reason="the models need onnxruntime (extra cpu)")
    return CheckReader(load_recogniser())


def page(ink: Ink) -> Page:
    """A page of 200 dots per inch with this ink."""
    grey = np.asarray(255.0 * (1.0 - ink), np.uint8)
    return Page(grey, ink, np.zeros(ink.shape, bool), np.eye(3), 200.0, "file", 0.0, 0, (), True)


def written(*lines: tuple[str, int, int, float]) -> Ink:
    """Ink (550, 1200) of texts in a stroke font, each as (text, left, baseline, size); at size 1 a figure is 22 pixels high."""
    grey = np.zeros((550, 1200), np.uint8)
    for text, left, baseline, size in lines:
        cv2.putText(grey, text, (left, baseline), cv2.FONT_HERSHEY_SIMPLEX, size, 255, 2, cv2.LINE_AA)
    return np.asarray(grey / 255.0, np.float32)


def found(value: str, confidence: float = 0.95) -> Found:
    """A line that was read."""
    return Found(value, confidence, -0.1, BOX)


def line(check: str | None = "1237", routing: str | None = "075911713", form: str = "us_personal") -> MicrReading:
    """A MICR reading with these numbers."""
    return replace(micr(ReadOptions()), check_number=check, routing_number=routing, form=form)


def test_marks_follow_one_another_on_one_line() -> None:
    """A gap as wide as a figure keeps a line together, a wider one ends it; a mark below is another line."""
    row = [(10 + 18 * k, 20, 22 + 18 * k, 40) for k in range(4)]
    assert chained(row) == [(10, 20, 76, 40)]
    assert chained([*row, (120, 20, 132, 40)]) == [(10, 20, 76, 40), (120, 20, 132, 40)]
    assert sorted(chained(sorted([*row, (12, 60, 24, 80)]))) == [(10, 20, 76, 40), (12, 60, 24, 80)]


def test_the_number_in_the_corner_is_a_candidate_and_the_name_is_not() -> None:
    """Lines in the upper right; a number of the right shape in another place is none."""
    paper = page(written(("1237", 1040, 60, 1.0), ("John Doe", 40, 60, 1.0), ("1237", 600, 400, 1.0)))
    lines = number_lines(paper)
    assert len(lines) == 1
    ((prior, box),) = candidates(lines, check_number_kind(), paper)
    assert prior > -0.5
    assert box[0] < 1042
    assert box[2] > 1100
    assert not candidates(lines, fraction_kind(), paper)


def test_the_lattice_of_print_has_a_piece_per_figure() -> None:
    """Without cuts through single figures; it maps back to the page."""
    paper = page(written(("1237", 1040, 60, 1.0)))
    ((_, box),) = candidates(number_lines(paper), check_number_kind(), paper)
    lattice = print_lattice(paper, box)
    assert lattice.piece_count == 4
    corner = lattice.lattice_to_page @ np.array([0.0, 0.0, 1.0])
    assert tuple(corner[:2]) == box[:2]


def test_a_ground_of_marks_has_no_lines() -> None:
    """Thousands of specks of the size of figures are a pattern."""
    ink = np.zeros((550, 1200), np.float32)
    for top in range(0, 540, 15):
        for left in range(0, 1190, 13):
            ink[top : top + 10, left : left + 7] = 1.0
    assert number_lines(page(ink)) == []


@pytest.mark.parametrize(
    ("text", "start"),
    [("79-1171/759", "07591171"), ("19-7076/2312", "23127076"), ("1-2/210", "02100002"), ("1237", None), ("79/759", None)],
)
def test_a_fraction_states_eight_figures_of_the_routing_number(text: str, start: str | None) -> None:
    """The routing symbol in four figures, then the institution in four."""
    assert routing_start(text) == start


def test_the_grammars_let_through_what_is_printed() -> None:
    """Check numbers of three to eight figures; fractions with one dash and one slash."""
    number, fractional = check_number_kind().grammar, fraction_kind().grammar
    assert all(number.accepts(text) for text in ("101", "0112", "12345678"))
    assert not any(number.accepts(text) for text in ("11", "123456789", "12-3"))
    assert all(fractional.accepts(text) for text in ("79-1171/759", "1-2/210", "19-7076/2312"))
    assert not any(fractional.accepts(text) for text in ("11/22/2019", "79-1171", "791171/759", "5-5-2015"))


def test_a_number_that_agrees_is_a_witness() -> None:
    """Leading zeros do not count, and it may be the second candidate or less sure than one that stands alone."""
    told = check_number([found("2010"), found("01237", 0.3)], line())
    assert told is not None
    assert (told.value, told.agrees, told.note) == ("01237", True, None)


def test_a_difference_is_told_and_is_no_error() -> None:
    """In a sentence with both numbers; only where the print is sure."""
    told = check_number([found("1936", 0.99)], line())
    assert told is not None
    assert told.agrees is False
    assert told.note == "The print says 1936; the MICR line says 1237."
    assert check_number([found("1936", 0.6)], line()) is None
    assert check_number([], line()) is None


def test_without_a_number_in_the_micr_line_nothing_agrees_or_differs() -> None:
    """The print is told by itself where it is sure; an unread MICR number is none."""
    for stated in (None, "12*7"):
        told = check_number([found("1237", 0.99)], line(check=stated))
        assert told is not None
        assert (told.agrees, told.note) == (None, None)
        assert check_number([found("1237", 0.5)], line(check=stated)) is None


def test_the_fraction_is_held_against_the_routing_number() -> None:
    """Its note says what the fraction should be; a Canadian line has no such number."""
    agreeing = fraction([found("79-1171/759", 0.5)], line())
    assert agreeing is not None
    assert agreeing.agrees is True
    told = fraction([found("79-1171/758")], line())
    assert told is not None
    assert told.note == "The print says 79-1171/758; the MICR line says 075911713, which would be 1171/759."
    canadian = fraction([found("79-1171/759")], line(form="canadian"))
    assert canadian is not None
    assert canadian.agrees is None


def test_the_samples_say_their_check_number(reader: CheckReader, repository: Path) -> None:
    """Every US sample whose printed number is found says the one of the MICR line, and most are found; an Indian one has none."""
    told = []
    for truth in samples(repository):
        reading = reader.read((repository / "samples" / truth["file"]).read_bytes())
        assert reading.micr is not None
        number = reading.micr.printed_check_number
        if reading.micr.form == "indian_cts":
            assert number is None
        elif number is not None:
            assert number.value == truth["check_number"]
            assert number.agrees is True
        told.append(number is not None)
    assert sum(told) >= 2


def test_a_cut_out_line_has_no_printed_numbers(reader: CheckReader, repository: Path) -> None:
    """They are sought on whole checks."""
    reading = reader.read((repository / "samples" / "us_personal_1.png").read_bytes(), ReadOptions(scope=Scope.MICR_LINE))
    assert reading.micr is not None
    assert reading.micr.printed_check_number is None
    assert "printed_numbers" not in reading.timings_ms
