"""The explanation of a reading agrees with the reading, and its numbers agree with one another."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import pytest

from app.errors import InvalidParameter
from app.explanation import ExplainedPath, Explanations, explain_reading
from app.reader.types import ReadOptions
from tests.app.api.stub_reader import StubRecogniser
from tests.app.explained_samples import AMBIGUOUS, CLEAR, MICR_ONLY, explained, image, reading, recogniser

Maps = npt.NDArray[np.float64]


def amount_length(name: str) -> int:
    amount = reading(name).amount
    assert amount is not None
    return len(amount.characters)


@pytest.mark.parametrize("name", [CLEAR, AMBIGUOUS])
def test_the_winning_path_is_the_answer(name: str) -> None:
    """Text, boxes and confidences of the arcs are those of the characters of the amount and of the MICR line."""
    read, found = reading(name), explained(name)
    assert read.amount is not None
    assert read.micr is not None
    for kind, answer in (("courtesy_amount", read.amount), ("micr_line", read.micr)):
        path = found[kind].winner  # type: ignore[index]
        assert [(arc.symbol, arc.polygon, arc.probability) for arc in path.arcs] == [
            (character.symbol, character.polygon, character.confidence) for character in answer.characters
        ]
    assert found["courtesy_amount"].winner.text == read.amount.text


@pytest.mark.parametrize("name", [CLEAR, AMBIGUOUS])
def test_the_runner_up_is_the_first_alternative(name: str) -> None:
    """The runner-up states the value that the alternatives begin with; where there are none, the same value in another way."""
    amount, found = reading(name).amount, explained(name)["courtesy_amount"]
    assert amount is not None
    assert found.runner_up is not None
    assert found.runner_up.text != found.winner.text
    value = found.runner_up.text.replace("$", "").replace(",", "")
    rival = amount.alternatives[0].value if amount.alternatives else amount.value
    assert float(value) == float(rival or "nan")


def paths_of(found: Explanations) -> list[ExplainedPath]:
    return [path for field in found.values() for path in (field.winner, field.runner_up) if path is not None]


@pytest.mark.parametrize("name", [CLEAR, AMBIGUOUS])
def test_arcs_run_from_cut_to_cut(name: str) -> None:
    """Every arc begins at or behind the end of the one before; what lies between is stepped over; scores add up where nothing is."""
    for path in paths_of(explained(name)):
        assert all(arc.source < arc.target for arc in path.arcs)
        gaps = sum(after.source - before.target for before, after in pairwise(path.arcs))
        assert all(before.target <= after.source for before, after in pairwise(path.arcs))
        assert gaps <= len(path.stepped_over)
        if not path.stepped_over:
            assert sum(arc.log_score for arc in path.arcs) == pytest.approx(path.log_score, abs=1e-6)


def test_every_node_has_its_cut_on_the_picture() -> None:
    """One line per node of the lattice, inside the picture, in the order of the nodes."""
    picture = image(CLEAR)
    for item in reading(CLEAR).evidence:
        if item.chosen:
            cuts = explained(CLEAR)[item.lattice.field.kind].cuts
            assert len(cuts) == item.lattice.piece_count + 1
            places = np.array([point for line in cuts for point in line])
            assert (places >= -5).all()
            assert (places <= [picture.width_px + 5, picture.height_px + 5]).all()
            assert cuts[0][0][0] < cuts[-1][0][0]


@pytest.mark.parametrize("index", [0, 1, 2])
def test_the_network_saw_what_it_scored(index: int) -> None:
    """The scores of the explanation are those of the arc in the reading, whatever batch that was scored in."""
    network = explained(CLEAR, index)["courtesy_amount"].network
    assert network is not None
    evidence = next(item for item in reading(CLEAR).evidence if item.chosen and item.lattice.field.kind == "courtesy_amount")
    arc = evidence.paths[0].characters[index].arc
    np.testing.assert_allclose(network.maps.log_probs, evidence.log_probs[arc], atol=1e-4)
    assert network.symbols[int(network.maps.log_probs.argmax())] == network.symbol


def correlated(patch: Maps, weights: Maps) -> Maps:
    """The correlation of a picture (H, W) with a filter (5, 5), without padding, the slow way."""
    height, width = patch.shape[0] - 4, patch.shape[1] - 4
    return np.array([[(patch[y : y + 5, x : x + 5] * weights).sum() for x in range(width)] for y in range(height)])


def halved(maps: Maps) -> Maps:
    """The greatest of every 2 x 2 units (M, H, W) -> (M, H / 2, W / 2)."""
    count, height, width = maps.shape
    return np.asarray(maps.reshape(count, height // 2, 2, width // 2, 2).max(axis=(2, 4)))


@pytest.mark.parametrize(("name", "options"), [(CLEAR, ReadOptions()), (CLEAR, MICR_ONLY)], ids=["amount", "micr"])
def test_the_maps_follow_from_patch_and_filters(name: str, options: ReadOptions) -> None:
    """C1 is the patch under the filters, plus bias, without the negative; S2 and S4 are the greatest of four; nothing is negative."""
    network = next(field.network for field in explained(name, 1, options).values() if field.network is not None)
    maps, filters = network.maps, network.filters
    sums = [correlated(maps.patch.astype(np.float64), weights.astype(np.float64)) for weights in filters.weights]
    c1 = np.maximum(np.array(sums) + filters.biases[:, None, None], 0.0)
    assert c1.max() > 0.1
    np.testing.assert_allclose(maps.c1, c1, atol=1e-5)
    np.testing.assert_allclose(maps.s2, halved(maps.c1.astype(np.float64)), atol=1e-6)
    np.testing.assert_allclose(maps.s4, halved(maps.c3.astype(np.float64)), atol=1e-6)
    assert min(float(layer.min()) for layer in (maps.c3, maps.c5, maps.f6)) >= 0.0
    assert np.exp(maps.log_probs.astype(np.float64)).sum() == pytest.approx(1.0, abs=1e-4)


def test_the_character_counts_in_the_first_field_that_was_asked_for() -> None:
    """In the amount where one was asked for, else in the MICR line; the other field has no network."""
    both, line = explained(CLEAR, 3), explained(CLEAR, 3, MICR_ONLY)
    assert both["courtesy_amount"].network is not None
    assert both["micr_line"].network is None
    assert set(line) == {"micr_line"}
    assert line["micr_line"].network is not None
    assert line["micr_line"].network.index == 3


def test_a_character_out_of_range_says_how_many_there_are() -> None:
    """Too great and negative alike; the count is that of the amount."""
    count = amount_length(CLEAR)
    for wrong in (count, 999, -1):
        with pytest.raises(InvalidParameter, match=f"0 to {count - 1}: the amount has {count} characters; given: {wrong}"):
            explain_reading(reading(CLEAR), recogniser(), ReadOptions(), wrong)
    assert explain_reading(reading(CLEAR), recogniser(), ReadOptions(), count - 1)


def test_nothing_read_is_nothing_to_explain() -> None:
    """No evidence, no explanation; a character of it cannot be chosen."""
    nothing = replace(reading(CLEAR), evidence=())
    assert explain_reading(nothing, recogniser(), ReadOptions()) == {}
    with pytest.raises(InvalidParameter, match="0 characters; given: 0"):
        explain_reading(nothing, recogniser(), ReadOptions(), 0)


def test_a_recogniser_without_layers_still_explains_the_path() -> None:
    """Cuts and paths are there; why there is no network stands in words."""
    field = explain_reading(reading(CLEAR), StubRecogniser(), ReadOptions(), 2)["courtesy_amount"]
    assert field.network is None
    assert field.network_missing == "this recogniser does not show its layers"
    assert field.winner.text == explained(CLEAR)["courtesy_amount"].winner.text
