"""Front or back: the MICR line, and the direction of the print."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest

from app.reader.side import BACK, print_pieces, ruled_share, side_of, with_side
from app.reader.types import Ink, Page, ReadOptions, Scope
from tests.app.api.stub_reader import micr, reading

HEIGHT, WIDTH = 550, 1200


def lines_of_print(count: int, letters: int = 60) -> Ink:
    """Lines of letters 8 pixels wide and 13 high, 12 pixels from one to the next, the lines 34 pixels apart."""
    ink = np.zeros((HEIGHT, WIDTH), np.float32)
    for line in range(count):
        for letter in range(letters):
            top, left = 40 + 34 * line, 100 + 12 * letter
            ink[top : top + 13, left : left + 8] = 1.0
    return ink


def upright(ink: Ink) -> Ink:
    """The same print as it stands on the back: turned by a quarter, on a page of the same size."""
    turned = np.zeros((HEIGHT, WIDTH), np.float32)
    quarter = cv2.rotate(ink, cv2.ROTATE_90_CLOCKWISE)[:HEIGHT]
    turned[: quarter.shape[0], : quarter.shape[1]] = quarter
    return turned


def page(ink: Ink, has_micr_line: bool = False) -> Page:
    """A page with this ink on white paper."""
    grey = np.asarray(255.0 * (1.0 - ink), np.uint8)
    return Page(grey, ink, np.zeros(ink.shape, bool), np.eye(3), 200.0, "file", 0.0, 0, (), has_micr_line)


def test_print_falls_into_fewer_pieces_along_its_direction() -> None:
    """Eight lines of sixty letters are eight pieces along the page, and sixty columns at least across it."""
    count, along, across = print_pieces(lines_of_print(8))
    assert (count, along) == (480, 8)
    assert across > 5 * along
    _, along, across = print_pieces(upright(lines_of_print(8)))
    assert along > 5 * across


def test_print_along_the_short_side_without_a_micr_line_is_a_back() -> None:
    """The same print along the long side, or with a MICR line, is none."""
    ink = upright(lines_of_print(8))
    assert side_of(page(ink), None) == "back"
    assert side_of(page(lines_of_print(8)), None) == "unknown"
    assert side_of(page(ink, has_micr_line=True), None) == "front"
    assert side_of(page(ink), micr(ReadOptions())) == "front"


def test_little_says_nothing() -> None:
    """Blank paper, a few words of a stamp, a picture of few pixels: unknown."""
    assert side_of(page(np.zeros((HEIGHT, WIDTH), np.float32)), None) == "unknown"
    assert side_of(page(upright(lines_of_print(2))), None) == "unknown"
    small = np.ascontiguousarray(upright(lines_of_print(8))[:, :500])
    assert side_of(page(small), None) == "unknown"


def test_lines_to_write_on_speak_against_a_back() -> None:
    """Long thin lines along the page; the border of the picture is none."""
    ink = upright(lines_of_print(8))
    ink[2:5] = 1.0
    assert ruled_share(ink) == 0.0
    assert side_of(page(ink), None) == "back"
    ink[500:502, 60:1100] = 1.0
    assert ruled_share(ink) > 0.8
    assert side_of(page(ink), None) == "unknown"


@pytest.mark.parametrize(("value", "decision"), [("1234.56", "refused"), (None, "not_found")])
def test_the_amount_of_a_back_is_refused(value: str | None, decision: str) -> None:
    """With a reason of its own; what was read stays there. A picture of one field has no side."""
    known = reading(ReadOptions())
    assert known.amount is not None
    known = replace(known, amount=replace(known.amount, decision="accepted", value=value), micr=None, page=page(upright(lines_of_print(8))))
    told = with_side(known, ReadOptions())
    assert told.image.side == "back"
    assert told.amount is not None
    assert (told.amount.decision, told.amount.reason, told.amount.value) == (decision, BACK, value)
    assert with_side(known, ReadOptions(scope=Scope.COURTESY_AMOUNT)) is known
