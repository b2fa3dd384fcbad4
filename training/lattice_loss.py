"""Training through the lattice: the discriminative forward criterion of LeCun et al. 1998, section VI.

The loss of a field is the forward sum over *all* paths of its lattice minus the forward sum over the paths that spell
the truth, that is, minus the log of the posterior of the right string. Scores are those of the reader's Viterbi: log
odds of a class against rubbish, so that a path with fewer arcs has no advantage. No grammar: what the network learns
to tell apart must not lean on it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch

from app.reader.types import RUBBISH, STRAY, Alphabet

NEVER = -1e4  # log score of what cannot be
MOST_STEP = 6  # pieces of the longest arc


@dataclass(frozen=True, slots=True, eq=False)
class LatticeBatch:
    """Several lattices side by side.

    ``arc_of`` (F, N, K): row of the arc that ends in node n + 1 and spans k + 1 pieces, -1 where there is none;
    ``last`` (F,) the end node; ``wanted`` (F, T) class of each true symbol, 0 beyond the end; ``length`` (F,) their count.
    """

    arc_of: torch.Tensor
    last: torch.Tensor
    wanted: torch.Tensor
    length: torch.Tensor


def lattice_batch(
    sources: Sequence[npt.NDArray[np.int16]], targets: Sequence[npt.NDArray[np.int16]], texts: Sequence[str], alphabet: Alphabet
) -> LatticeBatch:
    """The index tensors of the lattices whose arcs stand behind one another in one stack of patches."""
    nodes = max(int(target.max()) for target in targets)
    arc_of = np.full((len(texts), nodes, MOST_STEP), -1, np.int64)
    wanted = np.zeros((len(texts), max(len(text) for text in texts)), np.int64)
    first = 0
    for row, (source, target, text) in enumerate(zip(sources, targets, texts, strict=True)):
        arc_of[row, target - 1, target - source - 1] = first + np.arange(len(source))
        wanted[row, : len(text)] = [alphabet.index(symbol) for symbol in text]
        first += len(source)
    last = np.array([int(target.max()) for target in targets])
    return LatticeBatch(*(torch.from_numpy(a) for a in (arc_of, last, wanted, np.array([len(text) for text in texts]))))


def discriminative_forward_loss(logits: torch.Tensor, batch: LatticeBatch, alphabet: Alphabet) -> torch.Tensor:
    """Loss (F,) in nats of logits (A, C); at least 0, and 0 where the truth has all the probability."""
    rubbish, stray = alphabet.index(RUBBISH), alphabet.index(STRAY)
    scores = logits - logits[:, rubbish : rubbish + 1]
    blank = torch.full_like(scores[:1], NEVER)
    everything = torch.cat([scores[:, :rubbish], scores[:, rubbish + 1 :]], dim=1).logsumexp(dim=1)
    padded = torch.cat([scores, blank])
    gathered = padded[batch.arc_of]  # (F, N, K, C); -1 picks the blank row
    total = torch.cat([everything, blank[:, 0]])[batch.arc_of]  # (F, N, K)
    positions = batch.wanted[:, None, None, :].expand(-1, gathered.shape[1], gathered.shape[2], -1)
    spelled = gathered.gather(3, positions)  # (F, N, K, T)
    return forward_all(total, batch.last) - forward_true(spelled, gathered[..., stray], batch)


def forward_all(total: torch.Tensor, last: torch.Tensor) -> torch.Tensor:
    """Log of the sum (F,) over all paths from arc scores (F, N, K)."""
    fields, nodes, _ = total.shape
    reached = [total.new_zeros(fields)]
    for node in range(nodes):
        ways = [reached[node - k] + total[:, node, k] for k in range(min(MOST_STEP, node + 1))]
        reached.append(torch.stack(ways).logsumexp(dim=0))
    return torch.stack(reached, dim=1).gather(1, last[:, None])[:, 0]


def forward_true(spelled: torch.Tensor, stray: torch.Tensor, batch: LatticeBatch) -> torch.Tensor:
    """Log of the sum (F,) over the paths that spell the truth: state = node and number of symbols spelled so far."""
    fields, nodes, _, symbols = spelled.shape
    start = spelled.new_full((fields, symbols + 1), NEVER)
    start[:, 0] = 0.0
    reached = [start]
    none = spelled.new_full((fields, 1), NEVER)
    for node in range(nodes):
        ways = []
        for k in range(min(MOST_STEP, node + 1)):
            before = reached[node - k]
            ways.append(torch.cat([none, before[:, :-1] + spelled[:, node, k]], dim=1))
            ways.append(before + stray[:, node, k, None])
        reached.append(torch.stack(ways).logsumexp(dim=0))
    ends = torch.stack(reached, dim=1)[torch.arange(fields), batch.last]
    return ends.gather(1, batch.length[:, None])[:, 0]
