"""The loss through the lattice against the slow, obvious answer: every path with every labelling, written out."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.reader.types import Alphabet
from tests.requirements_gate import require

require("torch")

import torch  # noqa: E402

from training.lattice_loss import (  # noqa: E402
    MOST_STEP,
    discriminative_forward_loss,
    forward_all,
    forward_true,
    lattice_batch,
)

ALPHABET = Alphabet(("0", "1", "rubbish", "2", "stray"))
RUBBISH, STRAY = 2, 4
BEYOND_REACH = 1000.0  # a loss above this says that no path spells the truth


@dataclass(frozen=True, slots=True, eq=False)
class Drawn:
    """A lattice with logits (A, C) of its arcs and a text that it may or may not spell."""

    source: npt.NDArray[np.int16]
    target: npt.NDArray[np.int16]
    logits: npt.NDArray[np.float64]
    text: str


@st.composite
def lattices(draw: st.DrawFn, most_pieces: int = 4) -> Drawn:
    """Up to ``most_pieces`` pieces; a single piece is always an arc, longer runs by chance, in any order."""
    pieces = draw(st.integers(1, most_pieces))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    longer = [(a, b) for a in range(pieces) for b in range(a + 2, min(a + MOST_STEP, pieces) + 1)]
    arcs = [*((k, k + 1) for k in range(pieces)), *(pair for pair in longer if rng.random() < 0.6)]
    arcs = [arcs[k] for k in rng.permutation(len(arcs))]
    logits = rng.normal(0.0, 3.0, (len(arcs), len(ALPHABET)))
    text = draw(st.text(alphabet="012", min_size=0, max_size=pieces + 1))
    return Drawn(np.array([a for a, _ in arcs], np.int16), np.array([b for _, b in arcs], np.int16), logits, text)


def ways(lattice: Drawn, node: int = 0) -> list[tuple[int, ...]]:
    """All paths from ``node`` to the right end, as rows of arcs."""
    if node == int(lattice.target.max()):
        return [()]
    begins = np.flatnonzero(lattice.source == node).tolist()
    return [(arc, *rest) for arc in begins for rest in ways(lattice, int(lattice.target[arc]))]


def by_hand(lattice: Drawn) -> tuple[float, float]:
    """(log sum over everything, log sum over what spells the text), by listing every labelled path."""
    scores = lattice.logits - lattice.logits[:, RUBBISH : RUBBISH + 1]
    everything, truth = [-np.inf], [-np.inf]
    for way in ways(lattice):
        for classes in itertools.product([c for c in range(len(ALPHABET)) if c != RUBBISH], repeat=len(way)):
            score = sum(scores[arc, c] for arc, c in zip(way, classes, strict=True))
            everything.append(score)
            if "".join(ALPHABET.symbols[c] for c in classes if c != STRAY) == lattice.text:
                truth.append(score)
    return float(np.logaddexp.reduce(everything)), float(np.logaddexp.reduce(truth))


def losses(drawn: list[Drawn]) -> torch.Tensor:
    """The losses (F,) of the lattices as one batch."""
    batch = lattice_batch([d.source for d in drawn], [d.target for d in drawn], [d.text for d in drawn], ALPHABET)
    return discriminative_forward_loss(torch.from_numpy(np.concatenate([d.logits for d in drawn])), batch, ALPHABET)


@settings(max_examples=60, deadline=None)
@given(lattices())
def test_forward_sums_equal_the_listing_of_every_path(drawn: Drawn) -> None:
    """Both forward sums are those of exhaustive search; where no path spells the truth the loss is beyond any other."""
    batch = lattice_batch([drawn.source], [drawn.target], [drawn.text], ALPHABET)
    scores = torch.from_numpy(drawn.logits - drawn.logits[:, RUBBISH : RUBBISH + 1])
    padded = torch.cat([scores, torch.full_like(scores[:1], -1e4)])[batch.arc_of]
    symbols = padded[..., [c for c in range(len(ALPHABET)) if c != RUBBISH]].logsumexp(dim=3)
    everything, truth = by_hand(drawn)
    assert float(forward_all(symbols, batch.last)) == pytest.approx(everything, abs=1e-9)
    spelled = padded.gather(3, batch.wanted[:, None, None, :].expand(-1, padded.shape[1], padded.shape[2], -1))
    found = float(forward_true(spelled, padded[..., STRAY], batch))
    loss = float(losses([drawn]))
    if np.isfinite(truth):
        assert found == pytest.approx(truth, abs=1e-9)
        assert loss == pytest.approx(everything - truth, abs=1e-9)
        assert loss >= -1e-9
    else:
        assert loss > BEYOND_REACH


@settings(max_examples=40, deadline=None)
@given(st.lists(lattices(most_pieces=9), min_size=2, max_size=5))
def test_fields_of_different_sizes_share_a_batch(drawn: list[Drawn]) -> None:
    """A field's loss is the same alone and beside fields with more nodes, more arcs, longer texts."""
    alone = [float(losses([d])) for d in drawn]
    assert losses(drawn).tolist() == pytest.approx(alone, abs=1e-8)


def certain(text: str, stray_at: int | None = None) -> Drawn:
    """One piece per symbol, and all longer runs; the logits leave no doubt of the text."""
    pieces = len(text) + (stray_at is not None)
    arcs = [(a, b) for a in range(pieces) for b in range(a + 1, min(a + MOST_STEP, pieces) + 1)]
    logits = np.zeros((len(arcs), len(ALPHABET)))
    symbols = [*text]
    if stray_at is not None:
        symbols.insert(stray_at, "stray")
    for row, (a, b) in enumerate(arcs):
        logits[row, ALPHABET.index(symbols[a]) if b == a + 1 else RUBBISH] = 40.0
    return Drawn(np.array([a for a, _ in arcs], np.int16), np.array([b for _, b in arcs], np.int16), logits, text)


@pytest.mark.parametrize("stray_at", [None, 0, 2, 5])
def test_certainty_of_the_truth_costs_nothing(stray_at: int | None) -> None:
    """The loss is 0 where the logits leave no doubt, stepping over a stray mark included, and large for another text."""
    right = certain("01210", stray_at)
    wrong = Drawn(right.source, right.target, right.logits, "01211")
    assert float(losses([right])) == pytest.approx(0.0, abs=1e-9)
    assert float(losses([wrong])) > 10.0


def test_a_path_with_fewer_arcs_has_no_advantage() -> None:
    """Two pieces that are each surely a 1 beat the one arc over both, which is surely rubbish; and the other way round."""
    arcs = (np.array([0, 1, 0], np.int16), np.array([1, 2, 2], np.int16))
    sure = {"1": (0.0, 9.0, 0.0, 0.0, 0.0), "rubbish": (0.0, 0.0, 9.0, 0.0, 0.0)}
    apart = np.array([sure["1"], sure["1"], sure["rubbish"]])
    whole = np.array([sure["rubbish"], sure["rubbish"], sure["1"]])
    for logits, text, other in ((apart, "11", "1"), (whole, "1", "11")):
        assert float(losses([Drawn(*arcs, logits, text)])) < 0.01
        assert float(losses([Drawn(*arcs, logits, other)])) > 5.0


def test_the_gradient_is_that_of_finite_differences() -> None:
    """In double precision, over a batch of two fields of different sizes."""
    rng = np.random.default_rng(3)
    drawn = [certain("012", 1), certain("21")]
    batch = lattice_batch([d.source for d in drawn], [d.target for d in drawn], [d.text for d in drawn], ALPHABET)
    arcs = sum(len(d.source) for d in drawn)
    logits = torch.from_numpy(rng.normal(0.0, 1.0, (arcs, len(ALPHABET)))).requires_grad_()
    assert torch.autograd.gradcheck(lambda given: discriminative_forward_loss(given, batch, ALPHABET), (logits,))


def test_single_precision_of_a_long_field_stays_finite() -> None:
    """Forty pieces with extreme logits: loss and gradient are finite numbers in the precision of training."""
    text = "0121021012" * 4
    drawn = certain(text)
    batch = lattice_batch([drawn.source], [drawn.target], [text], ALPHABET)
    for logits in (drawn.logits, -drawn.logits):
        given = torch.from_numpy(logits.astype(np.float32)).requires_grad_()
        loss = discriminative_forward_loss(given, batch, ALPHABET)
        loss.sum().backward()
        assert torch.isfinite(loss).all()
        assert torch.isfinite(given.grad).all()
        assert float(loss.detach()) >= -1e-2
