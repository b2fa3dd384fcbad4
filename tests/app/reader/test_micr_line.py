"""The raw line of a path: spaces from the print, unread characters as stars."""

from __future__ import annotations

import numpy as np
import pytest

from app.reader.micr_line import line_grammar, pitch_px, raw_line
from app.reader.types import CharacterHypothesis, Field, Path, SegmentationLattice

HEIGHT, PITCH = 23.4, 25.0


def printed(line: str, unread: tuple[int, ...] = (), narrow: str = "1") -> tuple[SegmentationLattice, Path]:
    """A line at 200 dpi with one arc per character; "1" is printed narrow, at the right of its cell."""
    boxes: list[tuple[int, int, int, int]] = []
    characters: list[CharacterHypothesis] = []
    for position, symbol in enumerate(line):
        if symbol != " ":
            wide = 9 if symbol in narrow else 17
            right = 40 + round(PITCH * position)
            characters.append(CharacterHypothesis(symbol, len(boxes), 0.3 if len(boxes) in unread else 0.99, ()))
            boxes.append((right - wide, 10, right, 33))
    empty = np.zeros((1, 1), np.float32)
    lattice = SegmentationLattice(
        field=Field("micr_line", (0, 0, 1, 1), empty, 0.0),
        ink=empty,
        pieces=np.zeros((1, 1), np.int32),
        piece_boxes=np.zeros((len(boxes), 4), np.int32),
        source=np.arange(len(boxes), dtype=np.int32),
        target=np.arange(1, len(boxes) + 1, dtype=np.int32),
        boxes=np.array(boxes, np.int32),
        digit_height_px=HEIGHT,
        midline_px=21.0,
        lattice_to_page=np.eye(3),
    )
    return lattice, Path(tuple(characters), line.replace(" ", ""), 0.0, 0.0)


@pytest.mark.parametrize("line", ["⑆075911713⑆ 123456789⑈ 1237", "⑈309137⑈ 500211012⑆ 426160⑈ 31", "⑆111111111⑆111⑈11"])
def test_spaces_stand_where_the_print_leaves_them(line: str) -> None:
    """One free position is a space; narrow and wide neighbours are none."""
    assert raw_line(*printed(line)) == line


def test_a_wide_gap_is_one_space() -> None:
    """Several free positions are one space."""
    assert raw_line(*printed("⑆075911713⑆     12⑈")) == "⑆075911713⑆ 12⑈"


def test_an_unsure_character_is_a_star() -> None:
    """Below even odds nothing is claimed."""
    assert raw_line(*printed("⑆0759", unread=(2,))) == "⑆0*59"


def test_a_lone_unread_mark_at_an_end_is_no_character() -> None:
    """Apart from the line; one that touches it, or stands in its middle, is a character that was not read."""
    assert raw_line(*printed("8 ⑆075⑆ 12 4", unread=(0, 8))) == "⑆075⑆ 12"
    assert raw_line(*printed("⑆075⑆ 3 12", unread=(5,))) == "⑆075⑆ * 12"
    assert raw_line(*printed("⑆075⑆ 123", unread=(7,))) == "⑆075⑆ 12*"


def test_the_pitch_is_measured() -> None:
    """From the right edges of neighbours; from the height where there are too few."""
    assert pitch_px(*printed("⑆075911713⑆")) == pytest.approx(PITCH, abs=0.6)
    assert pitch_px(*printed("07")) == pytest.approx(0.125 / 0.117 * HEIGHT)


def test_the_grammar_wants_four_characters() -> None:
    """Any order of digits and symbols, but no shorter."""
    assert line_grammar().accepts("⑈12⑆")
    assert not line_grammar().accepts("123")
    assert not line_grammar().accepts("12a4")
