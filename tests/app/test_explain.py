"""The picture of an explanation."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from app.explain import CANDIDATE, CHOSEN, CUT, confidence_colour, cut_positions, explain
from app.reader.types import (
    CharacterHypothesis,
    CheckReading,
    DecodedImage,
    Field,
    FieldEvidence,
    Page,
    Path,
    SegmentationLattice,
)
from tests.app.batch.stub_reader import reading

IDENTITY = np.eye(3)


def _image(width_px: int = 1200, height_px: int = 400) -> DecodedImage:
    return DecodedImage(np.full((height_px, width_px, 3), 255, np.uint8), 200.0, False, "PNG", 0, 1)


def _lattice(box: tuple[int, int, int, int]) -> SegmentationLattice:
    """Three pieces of 20 x 40 pixels, 10 apart; an arc for each."""
    left, top, right, bottom = box
    ink = np.zeros((bottom - top, right - left), np.float32)
    pieces = np.array([[10, 10, 30, 50], [40, 10, 60, 50], [70, 10, 90, 50]], np.int32)
    to_page = np.array([[1.0, 0.0, left], [0.0, 1.0, top], [0.0, 0.0, 1.0]])
    return SegmentationLattice(
        field=Field("courtesy_amount", box, ink, 0.0),
        ink=ink,
        pieces=ink.astype(np.int32),
        piece_boxes=pieces,
        source=np.arange(3, dtype=np.int32),
        target=np.arange(1, 4, dtype=np.int32),
        boxes=pieces,
        digit_height_px=40.0,
        midline_px=30.0,
        lattice_to_page=to_page,
    )


def _reading() -> CheckReading:
    """A chosen field with a path of three characters, and another candidate."""
    characters = tuple(
        CharacterHypothesis(symbol, arc, confidence, ()) for arc, (symbol, confidence) in enumerate((("$", 0.99), ("⑆", 0.6), ("7", 0.5)))
    )
    scores = np.zeros((3, 2), np.float32)
    chosen = FieldEvidence(_lattice((800, 100, 900, 160)), scores, (Path(characters, "$17", 1.0, -0.1),), chosen=True)
    other = FieldEvidence(_lattice((100, 300, 200, 360)), scores, (), chosen=False)
    grey = np.full((400, 1200), 255, np.uint8)
    page = Page(grey, np.zeros((400, 1200), np.float32), np.zeros((400, 1200), bool), IDENTITY, 200.0, "assumed", 0.0, 0)
    return replace(reading({"amount": "17.00", "micr": "075911713/1/2", "digit": "7"}), evidence=(chosen, other), page=page)


def _colours(picture: np.ndarray) -> set[tuple[int, ...]]:
    return {tuple(row) for row in np.unique(picture.reshape(-1, 3), axis=0).tolist()}


def test_fields_cuts_and_characters_stand_where_they_were_read() -> None:
    """The chosen box, the cuts inside it and the characters on it; the other candidate in grey; nothing elsewhere."""
    picture = np.asarray(explain(_image(), _reading()))
    above = 30  # margin
    assert CHOSEN in _colours(picture[above + 98 : above + 102, 800:900])
    assert CANDIDATE in _colours(picture[above + 298 : above + 302, 100:200])
    assert CUT in _colours(picture[above + 102 : above + 158, 834:837])
    assert confidence_colour(0.99) in _colours(picture[above + 108 : above + 152, 808:832])
    assert _colours(picture[above + 180 : above + 280, 300:700]) == {(255, 255, 255)}


def test_cuts_are_half_way_between_the_pieces() -> None:
    """Two ends and two cuts for three pieces; none where there is no ink."""
    lattice = _lattice((0, 0, 100, 60))
    assert cut_positions(lattice) == (10.0, 35.0, 65.0, 90.0)
    empty = replace(lattice, piece_boxes=np.zeros((0, 4), np.int32))
    assert cut_positions(empty) == ()


def test_a_small_field_is_enlarged() -> None:
    """Characters of a cut-out field can be told apart."""
    small = explain(_image(170, 50), reading({"amount": "1.00"}))
    assert small.width >= 900


def test_a_reading_without_evidence_is_the_picture_with_its_decisions() -> None:
    """Nothing was found: the panel below says so."""
    nothing = explain(_image(), reading({"amount": "", "decision": "not_found"}))
    panel = np.asarray(nothing)[430:]
    assert panel.min() < 100


def test_colours_go_from_red_to_green() -> None:
    """Doubt is red, certainty green."""
    assert confidence_colour(0.2) == confidence_colour(0.5)
    red, green, _ = confidence_colour(0.5)
    assert red > green
    red, green, _ = confidence_colour(1.0)
    assert green > red
