"""The second reader: the CTC sums against all alignments, and how two opinions become one."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from app.reader.grammar import compile_grammar, one_of, repeated
from app.reader.second_reader import BLANK, VIEWS, Fusion, best_text, fused, heard, text_log_probs, views
from app.reader.types import Alphabet, Field, LogProbs, SegmentationLattice
from app.reader.viterbi import best_paths

SYMBOLS = ("1", "2", "3")


def random_rows(places: int, seed: int) -> LogProbs:
    """Log-probabilities (T, 4) drawn at random."""
    logits = np.random.default_rng(seed).normal(size=(places, len(SYMBOLS) + 1))
    return np.asarray(logits - np.log(np.exp(logits).sum(axis=1, keepdims=True)), np.float32)


def collapsed(way: tuple[int, ...]) -> str:
    """What a sequence of classes spells: repetitions, then blanks taken out."""
    kept = [k for n, k in enumerate(way) if n == 0 or k != way[n - 1]]
    return "".join(SYMBOLS[k - 1] for k in kept if k != BLANK)


@pytest.mark.parametrize("seed", range(6))
def test_the_sum_is_over_all_alignments(seed: int) -> None:
    """Every text, the empty one too, has the sum of all class sequences that spell it."""
    rows = random_rows(4, seed)
    sums: dict[str, float] = {}
    for way in product(range(4), repeat=4):
        sums[collapsed(way)] = sums.get(collapsed(way), 0.0) + float(np.exp(sum(float(rows[t, k]) for t, k in enumerate(way))))
    texts = sorted(sums)
    found = np.exp(text_log_probs(rows[None], SYMBOLS, texts))
    assert np.allclose(found, [sums[text] for text in texts], atol=1e-6)
    assert abs(found.sum() - 1.0) < 1e-5


def test_a_text_that_does_not_fit_has_no_probability() -> None:
    """Too many symbols for the places, a doubled one without room for a blank, or a symbol that the reader does not know."""
    rows = random_rows(3, 1)
    logs = text_log_probs(rows[None], SYMBOLS, ["1231", "1122", "1?"])
    assert (logs < -600).all()
    assert text_log_probs(rows[None], SYMBOLS, []).shape == (0,)


def test_the_best_text_drops_repetitions_and_blanks() -> None:
    """1 1 - 1 2 2 reads "112"."""
    rows = np.full((6, 4), -9.0, np.float32)
    rows[np.arange(6), [1, 1, BLANK, 1, 2, 2]] = -0.01
    assert best_text(rows, SYMBOLS) == "112"


def test_agreement_raises_and_disagreement_lowers() -> None:
    """The same first opinion is surer with a second reader that agrees than with one that does not."""
    fusion = Fusion(0.7, 0.4, -6.0)
    first = np.log([0.8, 0.2])
    agreed, opposed = (fused(first, second, fusion) for second in (np.log([0.9, 0.05]), np.log([0.01, 0.8])))
    assert agreed[0] > opposed[0]
    assert agreed.argmax() == 0
    assert (np.exp(agreed).sum(), np.exp(opposed).sum()) < (1.0, 1.0)


def test_two_low_opinions_are_no_certainty() -> None:
    """What neither reader believes stays unlikely, even where it is the only candidate."""
    (log,) = fused(np.array([-0.01]), np.array([-40.0]), Fusion(0.7, 0.4, -6.0))
    assert np.exp(log) < 0.01


def small_lattice() -> SegmentationLattice:
    """Two pieces: two single arcs and one over both."""
    ink = np.zeros((8, 8), np.float32)
    return SegmentationLattice(
        field=Field("courtesy_amount", (0, 0, 8, 8), ink, 0.0),
        ink=ink,
        pieces=np.zeros((8, 8), np.int32),
        piece_boxes=np.zeros((2, 4), np.int32),
        source=np.array([0, 1, 0], np.int32),
        target=np.array([1, 2, 2], np.int32),
        boxes=np.zeros((3, 4), np.int32),
        digit_height_px=8.0,
        midline_px=4.0,
        lattice_to_page=np.eye(3),
    )


def test_the_second_readers_own_text_is_heard() -> None:
    """A text that grammar and lattice have, but the first reader did not name, joins the candidates with its low posterior."""
    alphabet = Alphabet((*SYMBOLS, "rubbish", "stray"))
    logits = np.array([[6, 0, 0, 0, 0], [0, 6, 0, 0, 0], [0, 0, 0, 6, 0]], np.float32)
    log_probs = logits - np.log(np.exp(logits).sum(axis=1, keepdims=True))
    grammar = compile_grammar(repeated(one_of("123"), 1, 4))
    paths = best_paths(small_lattice(), log_probs, alphabet, grammar, most=1)
    rows = np.full((5, 4), -9.0, np.float32)
    rows[np.arange(5), [3, 3, BLANK, 2, 2]] = -0.01
    found, second = heard(small_lattice(), log_probs, alphabet, grammar, paths, rows[None], SYMBOLS)
    assert [path.text for path in found] == ["12", "32"]
    assert found[1].log_posterior < found[0].log_posterior
    assert second[1] > second[0]


def test_the_opinion_is_the_mean_over_the_views() -> None:
    """A text that one view alone believes in keeps its share of the views."""
    both = np.stack([random_rows(4, 1), random_rows(4, 2)])
    alone = [np.exp(text_log_probs(rows[None], SYMBOLS, ["12", "3"])) for rows in both]
    assert np.allclose(np.exp(text_log_probs(both, SYMBOLS, ["12", "3"])), (alone[0] + alone[1]) / 2)


def test_a_strip_is_seen_in_several_ways_with_half_a_window_of_paper() -> None:
    """The first view is the strip itself; an upright stroke leans in the slanted ones and keeps its middle; nothing is cut off."""
    strip = np.zeros((32, 40), np.float32)
    strip[6:26, 0:2] = strip[6:26, 38:40] = 1.0
    seen = views(strip)
    assert seen.shape == (len(VIEWS), 32, 76)
    assert np.array_equal(seen[0, :, 16:56], strip)
    assert seen[:, :, :12].sum() == seen[:, :, -14:].sum() == 0.0
    slants = [np.argmax(view[8:12, :36].sum(axis=0)) - np.argmax(view[20:24, :36].sum(axis=0)) for view in seen]
    assert [int(np.sign(lean)) for lean in slants] == [-int(np.sign(slant)) for slant, _, _ in VIEWS]
    inked = seen.sum(axis=(1, 2)) / strip.sum()
    assert np.allclose(inked, [wide * tall for _, wide, tall in VIEWS], atol=0.1)
