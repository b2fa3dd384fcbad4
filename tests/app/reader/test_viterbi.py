"""Viterbi and the forward sum against listing every path."""

from __future__ import annotations

import math
from itertools import product

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.reader.grammar import Grammar, compile_grammar, either, one_of, optional, repeated, sequence
from app.reader.types import RUBBISH, STRAY, Alphabet, Field, SegmentationLattice
from app.reader.viterbi import MARGIN, arc_scores, best_paths, grammar_steps, tables

ALPHABET = Alphabet(("1", "2", "-", RUBBISH, STRAY))
GRAMMARS: tuple[Grammar, ...] = (
    compile_grammar(repeated(one_of("12"), 1)),
    compile_grammar(sequence(optional(one_of("-")), repeated(one_of("12"), 1, 2))),
    compile_grammar(either(sequence(one_of("1"), one_of("2")), sequence(one_of("2"), repeated(one_of("-"))))),
)


def lattice_of(pieces: int, longest: int = 3) -> SegmentationLattice:
    """All arcs of up to ``longest`` pieces; no pictures."""
    pairs = [(first, first + length) for first in range(pieces) for length in range(1, longest + 1) if first + length <= pieces]
    empty = np.zeros((1, 1), np.float32)
    return SegmentationLattice(
        field=Field("courtesy_amount", (0, 0, 1, 1), empty, 0.0),
        ink=empty,
        pieces=np.zeros((1, 1), np.int32),
        piece_boxes=np.zeros((pieces, 4), np.int32),
        source=np.array([first for first, _ in pairs], np.int32),
        target=np.array([last for _, last in pairs], np.int32),
        boxes=np.zeros((len(pairs), 4), np.int32),
        digit_height_px=20.0,
        midline_px=0.0,
        lattice_to_page=np.eye(3),
    )


def every_path(lattice: SegmentationLattice, scores: npt.NDArray[np.float64], grammar: Grammar) -> list[tuple[str, float]]:
    """(text, score) of every path that the grammar accepts: the slow, obvious answer."""
    found: list[tuple[str, float]] = []
    classes = [c for c, symbol in enumerate(ALPHABET.symbols) if symbol != RUBBISH]

    def go_on(node: int, arcs: tuple[int, ...]) -> None:
        if node == lattice.piece_count:
            for chosen in product(classes, repeat=len(arcs)):
                text = "".join(ALPHABET.symbols[c] for c in chosen if ALPHABET.symbols[c] != STRAY)
                if grammar.accepts(text):
                    found.append((text, sum(float(scores[arc, c]) for arc, c in zip(arcs, chosen, strict=True))))
            return
        for arc in range(lattice.arc_count):
            if lattice.source[arc] == node:
                go_on(int(lattice.target[arc]), (*arcs, arc))

    go_on(0, ())
    return found


def log_sum(values: list[float]) -> float:
    top = max(values)
    return top + math.log(sum(math.exp(value - top) for value in values))


@st.composite
def scored_lattices(draw: st.DrawFn) -> tuple[SegmentationLattice, npt.NDArray[np.float32]]:
    lattice = lattice_of(draw(st.integers(1, 4)))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    logits = rng.normal(0.0, draw(st.sampled_from([0.3, 1.5, 4.0])), (lattice.arc_count, len(ALPHABET)))
    log_probs = logits - np.log(np.exp(logits).sum(axis=1, keepdims=True))
    return lattice, log_probs.astype(np.float32)


@settings(max_examples=150, deadline=None)
@given(scored_lattices(), st.sampled_from(GRAMMARS))
def test_best_path_and_forward_sum_equal_exhaustive_search(
    drawn: tuple[SegmentationLattice, npt.NDArray[np.float32]], grammar: Grammar
) -> None:
    """The best path is the best of all, and the forward sum is the log of the sum over all."""
    lattice, log_probs = drawn
    scores = arc_scores(log_probs, ALPHABET)
    everything = every_path(lattice, scores, grammar)
    paths = best_paths(lattice, log_probs, ALPHABET, grammar)
    if not everything:
        assert paths == ()
        return
    steps = grammar_steps(grammar, ALPHABET)
    best, total = tables(lattice, scores, steps)
    assert float(best[-1, steps.accepting].max()) == pytest.approx(max(score for _, score in everything), abs=1e-6)
    assert float(np.logaddexp.reduce(total[-1, steps.accepting])) == pytest.approx(log_sum([score for _, score in everything]), abs=1e-6)
    all_texts = best_paths(lattice, log_probs, ALPHABET, grammar, most=500)
    assert max(path.log_score for path in all_texts) == pytest.approx(max(score for _, score in everything), abs=1e-6)


@settings(max_examples=100, deadline=None)
@given(scored_lattices(), st.sampled_from(GRAMMARS))
def test_posteriors_are_shares_of_the_sum(drawn: tuple[SegmentationLattice, npt.NDArray[np.float32]], grammar: Grammar) -> None:
    """The posterior of a text never exceeds the true share of its paths; texts are distinct and fall in posterior."""
    lattice, log_probs = drawn
    everything = every_path(lattice, arc_scores(log_probs, ALPHABET), grammar)
    paths = best_paths(lattice, log_probs, ALPHABET, grammar)
    assert len({path.text for path in paths}) == len(paths)
    assert [path.log_posterior for path in paths] == sorted((path.log_posterior for path in paths), reverse=True)
    assert sum(math.exp(path.log_posterior) for path in paths) <= 1.0 + 1e-6
    for path in paths:
        share = log_sum([score for text, score in everything if text == path.text]) - log_sum([score for _, score in everything])
        assert path.log_posterior <= share + 1e-6
        assert grammar.accepts(path.text)


def certain(lattice: SegmentationLattice, wanted: dict[tuple[int, int], str]) -> npt.NDArray[np.float32]:
    """Log-probabilities that make the named arcs sure of their symbols and all others rubbish."""
    rows = np.full((lattice.arc_count, len(ALPHABET)), 1e-6)
    for arc in range(lattice.arc_count):
        symbol = wanted.get((int(lattice.source[arc]), int(lattice.target[arc])), RUBBISH)
        rows[arc, ALPHABET.index(symbol)] = 1.0
    return np.asarray(np.log(rows / rows.sum(axis=1, keepdims=True)), np.float32)


def test_stray_marks_are_stepped_over() -> None:
    """A mark between two digits leaves no symbol."""
    lattice = lattice_of(3)
    paths = best_paths(lattice, certain(lattice, {(0, 1): "1", (1, 2): STRAY, (2, 3): "2"}), ALPHABET, GRAMMARS[0])
    assert paths[0].text == "12"
    assert [character.symbol for character in paths[0].characters] == ["1", "2"]
    assert math.exp(paths[0].log_posterior) > 0.99


def test_one_wide_character_has_no_advantage_over_two() -> None:
    """Of two readings that the recogniser believes alike the number of arcs decides nothing: rubbish does."""
    lattice = lattice_of(2)
    two = best_paths(lattice, certain(lattice, {(0, 1): "1", (1, 2): "2"}), ALPHABET, GRAMMARS[0])
    one = best_paths(lattice, certain(lattice, {(0, 2): "2"}), ALPHABET, GRAMMARS[0])
    assert (two[0].text, one[0].text) == ("12", "2")


def test_nothing_is_read_where_the_grammar_accepts_nothing() -> None:
    """No path, no answer; no ink, no answer."""
    lattice = lattice_of(1)
    only_two = compile_grammar(sequence(one_of("1"), one_of("2")))
    assert best_paths(lattice, certain(lattice, {(0, 1): "1"}), ALPHABET, only_two) == ()
    empty = lattice_of(0)
    assert best_paths(empty, np.zeros((0, len(ALPHABET)), np.float32), ALPHABET, GRAMMARS[0]) == ()


@settings(max_examples=80, deadline=None)
@given(st.integers(1, 3), st.integers(0, 2**32 - 1), st.sampled_from(GRAMMARS))
def test_posteriors_of_all_texts_add_up_to_one(pieces: int, seed: int, grammar: Grammar) -> None:
    """Where no path is further than ``MARGIN`` behind, every text is found with its exact share."""
    lattice = lattice_of(pieces)
    logits = np.random.default_rng(seed).normal(0.0, 0.3, (lattice.arc_count, len(ALPHABET)))
    log_probs = (logits - np.log(np.exp(logits).sum(axis=1, keepdims=True))).astype(np.float32)
    everything = every_path(lattice, arc_scores(log_probs, ALPHABET), grammar)
    assert max(score for _, score in everything) - min(score for _, score in everything) < MARGIN
    whole = log_sum([score for _, score in everything])
    paths = best_paths(lattice, log_probs, ALPHABET, grammar, most=1000)
    assert {path.text for path in paths} == {text for text, _ in everything}
    assert sum(math.exp(path.log_posterior) for path in paths) == pytest.approx(1.0, abs=1e-6)
    for path in paths:
        assert path.log_posterior == pytest.approx(log_sum([s for text, s in everything if text == path.text]) - whole, abs=1e-6)


@settings(max_examples=80, deadline=None)
@given(scored_lattices(), st.sampled_from(GRAMMARS))
def test_one_path_alone_is_the_best_of_all(drawn: tuple[SegmentationLattice, npt.NDArray[np.float32]], grammar: Grammar) -> None:
    """Asked for one path, the text is that of exhaustive search; rivals of a character are other real symbols."""
    lattice, log_probs = drawn
    everything = every_path(lattice, arc_scores(log_probs, ALPHABET), grammar)
    (path,) = best_paths(lattice, log_probs, ALPHABET, grammar, most=1)
    assert (path.text, round(path.log_score, 6)) in {(text, round(score, 6)) for text, score in everything}
    assert path.log_score == pytest.approx(max(score for _, score in everything), abs=1e-6)
    for character in path.characters:
        assert {symbol for symbol, _ in character.alternatives} == {"1", "2", "-"} - {character.symbol}
