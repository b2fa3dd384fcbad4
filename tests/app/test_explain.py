"""The picture of an explanation."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from app.drawing import INNER_PX, MARGIN_PX, WIDTH_PX
from app.explain import CANDIDATE, CHOSEN, decisions, explain, note, overview
from app.explanation import explain_reading
from app.reader.interpretation import field_polygon
from app.reader.types import DecodedImage, ReadOptions
from tests.app.api.stub_reader import StubRecogniser
from tests.app.batch.stub_reader import reading as ordered
from tests.app.explained_samples import AMBIGUOUS, CLEAR, MICR_ONLY, explained, image, reading, recogniser


def blank_image(width_px: int, height_px: int) -> DecodedImage:
    return DecodedImage(np.full((height_px, width_px, 3), 255, np.uint8), 200.0, False, "PNG", 0, 1)


def colours(picture: np.ndarray) -> set[tuple[int, ...]]:
    return {tuple(row) for row in np.unique(picture.reshape(-1, 3), axis=0).tolist()}


def test_fields_are_outlined_where_they_were_found() -> None:
    """The chosen fields blue, the others grey, on the picture as it fits the sheet."""
    read, picture = reading(CLEAR), image(CLEAR)
    assert read.page is not None
    drawn = np.asarray(overview(picture, read))
    scale = INNER_PX / picture.width_px
    for item in read.evidence:
        corners = np.array(field_polygon(item.lattice, read.page)) * scale + [MARGIN_PX, MARGIN_PX]
        x, y = corners[0].round().astype(int)
        around = drawn[y - 3 : y + 4, x - 3 : x + 4]
        if item.chosen:
            assert CHOSEN in colours(around)
    assert CANDIDATE in colours(drawn)


@pytest.mark.parametrize("name", [CLEAR, AMBIGUOUS])
def test_every_part_has_its_block(name: str) -> None:
    """The whole picture is taller than that of one field, and that than the picture without explanation."""
    whole = explain(image(name), reading(name), explained(name))
    line = explain(image(name), reading(name, MICR_ONLY), {"micr_line": explained(name)["micr_line"]})
    bare = explain(image(name), reading(name), {})
    assert whole.width == line.width == bare.width == WIDTH_PX
    assert whole.height > line.height > bare.height


def test_another_character_is_another_picture() -> None:
    """The network's panel is that of the character that was chosen; the same one gives the same picture."""
    first, second, again = (
        np.asarray(explain(image(CLEAR), reading(CLEAR), explain_reading(reading(CLEAR), recogniser(), ReadOptions(), index)))
        for index in (0, 1, 0)
    )
    assert (first == again).all()
    assert (first != second).any()


def test_why_there_is_no_network_stands_in_its_place() -> None:
    """A recogniser without layers: a sentence, and the cuts and paths all the same."""
    silent = explain_reading(reading(CLEAR), StubRecogniser(), ReadOptions())
    with_note = explain(image(CLEAR), reading(CLEAR), silent)
    without = explain(image(CLEAR), reading(CLEAR), {kind: replace(field, network_missing=None) for kind, field in silent.items()})
    assert with_note.height - without.height == note("x").height


def test_a_small_field_is_enlarged_and_a_large_one_made_smaller() -> None:
    """Whatever the picture's size, the sheet is as wide; a picture of a few pixels is not blown up without end."""
    for width, height in ((8, 8), (170, 50), (4000, 3000)):
        sheet = explain(blank_image(width, height), ordered({"amount": "1.00"}), {})
        assert sheet.width == WIDTH_PX
        assert sheet.height < 900


def test_a_reading_without_evidence_is_the_picture_with_its_decisions() -> None:
    """Nothing was found: the words below say so."""
    read = ordered({"amount": "", "decision": "not_found"})
    assert any("not found" in line for line in decisions(read))
    sheet = np.asarray(explain(blank_image(1200, 400), read, {}))
    assert sheet[430:].min() < 100


def test_decisions_name_every_field() -> None:
    """Amount, MICR line with its fields, digit."""
    lines = " ".join(decisions(ordered({"amount": "17.00", "micr": "075911713/1/2", "digit": "7"})))
    assert all(word in lines for word in ("amount: 17.00", "MICR line", "routing 075911713, account 1, check 2", "digit: 7"))
