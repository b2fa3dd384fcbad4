"""The JSON form of an explanation."""

from __future__ import annotations

import json

import numpy as np
import pytest
from pydantic import ValidationError

from app.explanation_document import ExplanationDocument, MapsDocument
from app.response import from_reading
from tests.app.explained_samples import AMBIGUOUS, CLEAR, explained, reading


@pytest.mark.parametrize("shape", [(1, 32, 32), (6, 28, 28), (16, 5, 5)])
def test_levels_give_the_values_back(shape: tuple[int, ...]) -> None:
    """Within half a level, for maps with and without negative values."""
    for shift in (0.0, 0.5):
        maps = np.random.default_rng(3).uniform(0.0, 3.0, shape).astype(np.float32) - np.float32(shift)
        document = MapsDocument.of(maps)
        step = (document.greatest - document.least) / 255
        values = document.least + np.array(document.levels) * step
        assert np.abs(values - maps).max() <= 0.51 * step


def test_maps_without_any_answer_are_all_level_zero() -> None:
    """A layer that is silent divides by nothing."""
    document = MapsDocument.of(np.zeros((6, 4, 4), np.float32))
    assert (document.least, document.greatest) == (0.0, 0.0)
    assert np.array(document.levels).max() == 0


@pytest.mark.parametrize("name", [CLEAR, AMBIGUOUS])
def test_the_document_holds_the_explanation(name: str) -> None:
    """Paths, cuts and layers as they are; filters to six digits; scores of every class."""
    found = explained(name, 2)["courtesy_amount"]
    document = ExplanationDocument.of(found)
    assert document.winner.text == found.winner.text
    assert [arc.symbol for arc in document.winner.arcs] == [arc.symbol for arc in found.winner.arcs]
    assert len(document.cuts) == len(found.cuts)
    network, seen = document.network, found.network
    assert network is not None
    assert seen is not None
    assert (network.character, network.character_count) == (2, len(found.winner.arcs))
    np.testing.assert_allclose(np.array(network.filters.weights), seen.filters.weights, atol=1e-6)
    assert [score.symbol for score in network.scores] == list(seen.symbols)
    assert [(layer.name, layer.receptive_field_px, layer.jump_px) for layer in network.layers] == [
        ("c1", 5, 1), ("s2", 6, 2), ("c3", 14, 2), ("s4", 16, 4), ("c5", 32, 4), ("f6", 32, 4),
    ]  # fmt: skip
    for layer, maps in (("c1", network.c1), ("s2", network.s2), ("c3", network.c3), ("s4", network.s4)):
        assert np.array(maps.levels).shape == getattr(seen.maps, layer).shape


@pytest.mark.parametrize("name", [CLEAR, AMBIGUOUS])
def test_a_reading_with_its_explanation_stays_small(name: str) -> None:
    """Amount and MICR line together are below 200 kB, and are JSON that the model of the answer accepts."""
    response = from_reading(reading(name), {"explanation", "characters", "alternatives"}, explanations=explained(name))
    content = response.model_dump_json()
    assert len(content.encode()) < 200_000
    assert type(response).model_validate_json(content) == response
    assert set(json.loads(content)["amount"]["explanation"]) == {"cuts", "winner", "runner_up", "network", "network_missing"}


def test_an_explanation_comes_only_where_it_was_asked_for() -> None:
    """Without the word in ``include`` the key is not there, nor without an explanation."""
    assert "explanation" not in from_reading(reading(CLEAR), explanations=explained(CLEAR)).model_dump_json()
    assert "explanation" not in from_reading(reading(CLEAR), {"explanation"}).model_dump_json()


def test_what_is_no_level_is_refused() -> None:
    """The schema bounds the levels."""
    with pytest.raises(ValidationError):
        MapsDocument(least=0.0, greatest=1.0, levels=[[[256]]])
