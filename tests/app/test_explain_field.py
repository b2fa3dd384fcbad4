"""The block of one field: cuts over the ink, the winning path, and the runner-up beneath it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from app.drawing import WIDTH_PX, confidence_colour
from app.explain_field import CUT, OTHER, SAME, STEPPED_OVER, Strip, cut_strip, field_block, rival_colour, strip_with_cuts
from app.explanation import ExplainedArc, ExplainedPath, FieldExplanation
from app.reader.types import Polygon
from tests.app.explained_samples import AMBIGUOUS, CLEAR, explained, image, reading

STRIP = Strip(Image.new("RGB", (400, 100), (255, 255, 255)), np.diag([2.0, 2.0, 1.0]))


def box(left: float, right: float) -> Polygon:
    return (left, 10.0), (right, 10.0), (right, 40.0), (left, 40.0)


def arc(symbol: str, source: int, target: int, probability: float = 1.0) -> ExplainedArc:
    """Piece k takes the columns 40 k + 10 to 40 k + 30."""
    return ExplainedArc(symbol, source, target, box(40.0 * source + 10, 40.0 * (target - 1) + 30), 9.0, probability)


def explanation(runner_up: ExplainedPath | None = None) -> FieldExplanation:
    """Three pieces, read as 12 with the third stepped over."""
    winner = ExplainedPath("12", 18.0, 0.9, (arc("1", 0, 1), arc("2", 1, 2, 0.4)), (box(90, 110),))
    cuts = tuple(((x, 5.0), (x, 45.0)) for x in (5.0, 35.0, 75.0, 115.0))
    return FieldExplanation("courtesy_amount", cuts, winner, runner_up, None, None)


def colours(picture: np.ndarray) -> set[tuple[int, ...]]:
    return {tuple(row) for row in np.unique(picture.reshape(-1, 3), axis=0).tolist()}


def test_cuts_and_boxes_stand_where_they_are() -> None:
    """On the enlarged strip: cuts in their colour, sure and doubtful characters in theirs, what is stepped over in grey."""
    picture = np.asarray(strip_with_cuts(explanation(), STRIP))
    for x in (10, 70, 150, 230):
        assert (picture[60, x] == CUT).all()
    assert confidence_colour(1.0) in colours(picture[18:84, 18:62])
    assert confidence_colour(0.4) in colours(picture[18:84, 98:142])
    assert STEPPED_OVER in colours(picture[18:84, 178:222])
    assert colours(picture[:, 240:]) == {(255, 255, 255)}


def test_the_runner_up_stands_beneath_in_the_colour_of_what_differs() -> None:
    """Without a runner-up there is one row of brackets, with one there are two; what differs is orange, the rest quiet."""
    rival = ExplainedPath("17", 15.0, 0.1, (arc("1", 0, 1), arc("7", 1, 2)), (box(90, 110),))
    alone, both = field_block("Amount", explanation(), STRIP), field_block("Amount", explanation(rival), STRIP)
    assert alone.width == both.width == WIDTH_PX
    assert both.height > alone.height
    rows = np.asarray(both)[alone.height - 20 :]
    assert {OTHER, SAME} <= colours(rows)
    assert OTHER not in colours(np.asarray(alone))


def test_the_same_ink_with_the_same_symbol_is_quiet() -> None:
    """Another symbol, or the same symbol on other ink, is not the same."""
    known = ExplainedPath("1", 9.0, 0.9, (arc("1", 0, 1),), ())
    assert rival_colour(arc("1", 0, 1), known) == SAME
    assert rival_colour(arc("7", 0, 1), known) == OTHER
    assert rival_colour(arc("1", 0, 2), known) == OTHER


@pytest.mark.parametrize("name", [CLEAR, AMBIGUOUS])
def test_a_strip_shows_the_ink_of_its_field(name: str) -> None:
    """Every character of the winning path lies on the strip, its box holds ink, and it is enlarged."""
    read = reading(name)
    assert read.page is not None
    for item in read.evidence:
        if item.chosen:
            strip = cut_strip(image(name).rgb, item, read.page)
            dark = np.asarray(strip.image.convert("L")) < 140
            for one in explained(name)[item.lattice.field.kind].winner.arcs:
                x, y = np.array(strip.place(one.polygon)).T
                assert min(x.min(), y.min()) >= -2
                assert x.max() <= strip.image.width + 2
                assert y.max() <= strip.image.height + 2
                assert dark[round(y.min()) : round(y.max()), round(x.min()) : round(x.max())].mean() > 0.04


def test_what_only_the_runner_up_steps_over_stands_out() -> None:
    """A mark that the winner reads and the runner-up does not is orange in the runner-up's row, though no character differs."""
    rival = ExplainedPath("1", 9.0, 0.1, (arc("1", 0, 1),), (box(50, 70), box(90, 110)))
    alone, both = field_block("Amount", explanation(), STRIP), field_block("Amount", explanation(rival), STRIP)
    assert {OTHER, SAME, STEPPED_OVER} <= colours(np.asarray(both)[alone.height - 20 :])


def test_a_path_that_reads_nothing_new_is_drawn_too() -> None:
    """A runner-up that steps over all ink has no characters: its row is empty, not an error."""
    silent = ExplainedPath("", 0.0, 0.01, (), (box(10, 30), box(50, 70), box(90, 110)))
    assert field_block("Amount", replace(explanation(), runner_up=silent), STRIP).height > 0
