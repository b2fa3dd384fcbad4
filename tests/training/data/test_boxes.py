"""The marked courtesy amount boxes of the development checks."""

from __future__ import annotations

import csv
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from app.reader.decode import ORIENTATION_TAG
from tests.requirements_gate import require
from training.data.checks import BOXES, CheckPicture, load_boxes, load_checks

require("data")

TURNED_ORIENTATIONS = (5, 6, 7, 8)  # EXIF orientations that swap width and height
LEAST_WIDTH_PX, LEAST_HEIGHT_PX = 25, 8
MOST_OF_WIDTH, MOST_OF_HEIGHT = 0.4, 0.2  # of the picture


@pytest.fixture
def checks(data_root: Path) -> tuple[CheckPicture, ...]:
    return load_checks(data_root)


def _size(path: Path) -> tuple[int, int]:
    """(width, height) of the picture as it is seen, from its header."""
    with Image.open(path) as image:
        width, height = image.size
        turned = image.getexif().get(ORIENTATION_TAG) in TURNED_ORIENTATIONS
    return (height, width) if turned else (width, height)


def _box(check: CheckPicture) -> tuple[int, int, int, int]:
    box = load_boxes().get(check.file)
    assert box is not None, check.file
    return box


def test_every_positive_amount_has_a_box(checks: tuple[CheckPicture, ...]) -> None:
    """No filled check with a positive amount is left out of the measurement."""
    boxes = load_boxes()
    positive = [check for check in checks if check.filled and check.amount and Decimal(check.amount) > 0]
    assert len(positive) > 100
    assert [check.file for check in positive if check.file not in boxes] == []


def test_boxes_lie_inside_their_pictures(checks: tuple[CheckPicture, ...]) -> None:
    """Half-open, of the picture as it is seen, large enough to hold an amount, a small part of the check."""
    boxes = load_boxes()
    for check in checks:
        if check.file not in boxes:
            continue
        left, top, right, bottom = boxes[check.file]
        width, height = _size(check.path)
        assert min(left, top, width - right, height - bottom) >= 0, check.file
        assert LEAST_WIDTH_PX <= right - left <= MOST_OF_WIDTH * width, check.file
        assert LEAST_HEIGHT_PX <= bottom - top <= MOST_OF_HEIGHT * height, check.file
        assert right - left > bottom - top, check.file


def test_rows_are_in_the_order_of_the_index_without_doubles(checks: tuple[CheckPicture, ...]) -> None:
    """A file is named once, and only files of the index; so two versions of the file can be compared line by line."""
    with BOXES.open(newline="", encoding="utf-8") as lines:
        marked = [row["file"] for row in csv.DictReader(lines, strict=True)]
    known = set(marked)
    assert len(known) == len(marked)
    assert marked == [check.file for check in checks if check.file in known]


def test_boxes_of_filled_checks_hold_ink(checks: tuple[CheckPicture, ...]) -> None:
    """Inside a box there is both paper and ink: the levels differ; a box shifted off its amount would hold paper alone."""
    for check in checks:
        if not check.filled:
            continue
        with Image.open(check.path) as image:
            levels = np.asarray(image.convert("L").crop(_box(check)), np.float32)
        dark, bright = np.percentile(levels, (1, 75))
        assert bright - dark >= 60, check.file
