"""Scored lattice + grammar -> best paths and their posterior.

The score of an arc with symbol c is log P(c | ink) - log P(rubbish | ink): the evidence that the arc *is* a character
at all times which one it is. A plain product of probabilities would favour paths with fewer arcs; the log odds do not,
since every arc that is no character has rubbish for its best class (``docs/adr/0008``). A stray mark is stepped over:
class ``stray`` takes an arc without a symbol.

Best path: v[n, s] = max over arcs into node n and grammar steps into state s (Viterbi). Posterior: the same recursion
with log-sum-exp in place of max (the forward sum of the paper), which gives the sum over all accepted paths.
"""

from __future__ import annotations

import heapq
import math
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from app.reader.grammar import Grammar, compile_grammar, word
from app.reader.types import RUBBISH, STRAY, Alphabet, CharacterHypothesis, LogProbs, Path, SegmentationLattice

Scores = npt.NDArray[np.float64]

CLIP = 12.0  # upper bound of the log odds of one arc: no single arc may outvote a whole field
MARGIN = 9.0  # nats behind the best path within which rivals are looked for
MOST_POPS = 1500


@dataclass(frozen=True, slots=True, eq=False)
class Steps:
    """The steps of a grammar over an alphabet, those between the same two states taken together, sorted by the state they lead to.

    ``source`` (P,) and ``group`` (P,): from which state, with any symbol of which group; ``starts`` (T,) first step of each distinct
    target, ``targets`` (T,) those targets. ``symbols`` (M,) are the class indices of all groups in a row, ``group_starts`` (G,) where
    each begins. ``into`` lists for each state the (source, class indices) that lead to it. A stray step leads from each state
    to itself.
    """

    source: npt.NDArray[np.int64]
    group: npt.NDArray[np.int64]
    starts: npt.NDArray[np.int64]
    targets: npt.NDArray[np.int64]
    symbols: npt.NDArray[np.int64]
    group_starts: npt.NDArray[np.int64]
    into: tuple[tuple[tuple[int, tuple[int, ...]], ...], ...]
    accepting: npt.NDArray[np.int64]
    stray: int

    @property
    def state_count(self) -> int:
        """States of the grammar."""
        return len(self.into)


@lru_cache(maxsize=32)
def grammar_steps(grammar: Grammar, alphabet: Alphabet) -> Steps:
    """The grammar's edges in class indices, with stray steps added where the alphabet has that class."""
    between: dict[tuple[int, int], list[int]] = {}
    for source, symbol, target in grammar.edges:
        if symbol in alphabet.symbols:
            between.setdefault((target, source), []).append(alphabet.index(symbol))
    stray = alphabet.index(STRAY) if STRAY in alphabet.symbols else -1
    if stray >= 0:
        for state in range(grammar.state_count):
            between.setdefault((state, state), []).append(stray)
    groups = {symbols: number for number, symbols in enumerate(sorted({tuple(sorted(found)) for found in between.values()}))}
    rows = [(target, source, groups[tuple(sorted(found))]) for (target, source), found in sorted(between.items())]
    table = np.array(rows, np.int64).reshape(-1, 3)
    targets, starts = np.unique(table[:, 0], return_index=True)
    listed = list(groups)
    into = tuple(tuple((source, listed[group]) for target, source, group in rows if target == s) for s in range(grammar.state_count))
    sizes = np.array([len(symbols) for symbols in listed], np.int64)
    every = np.array([symbol for symbols in listed for symbol in symbols], np.int64)
    accepting = np.array(sorted(grammar.accepting), np.int64)
    return Steps(table[:, 1], table[:, 2], starts, targets, every, np.cumsum(sizes) - sizes, into, accepting, stray)


def arc_scores(log_probs: LogProbs, alphabet: Alphabet) -> Scores:
    """Scores (A, C): log odds of each class against rubbish; rubbish itself scores -inf.

    Where rubbish is all but impossible the best class scores ``CLIP`` and the others keep their distance from it.
    """
    rubbish = alphabet.index(RUBBISH)
    rows = log_probs.astype(np.float64)
    scores = rows - np.maximum(rows[:, rubbish], rows.max(axis=1) - CLIP)[:, None]
    scores[:, rubbish] = -np.inf
    return np.asarray(np.maximum(scores, -3 * CLIP, where=scores > -np.inf, out=scores))


def tables(lattice: SegmentationLattice, scores: Scores, steps: Steps) -> tuple[Scores, Scores]:
    """(best, total), each (N + 1, S): the maximum and the log-sum-exp over all ways to node n in state s."""
    best = np.full((lattice.piece_count + 1, steps.state_count), -np.inf)
    total = best.copy()
    best[0, 0] = total[0, 0] = 0.0
    into = arcs_into(lattice)
    emitted = scores[:, steps.symbols]
    with np.errstate(invalid="ignore"):
        likeliest = np.maximum.reduceat(emitted, steps.group_starts, axis=1)  # (A, G)
        any_of = np.logaddexp.reduceat(emitted, steps.group_starts, axis=1)
        for node in range(1, lattice.piece_count + 1):
            arcs = into[node]
            sources = lattice.source[arcs]
            ways = best[sources][:, steps.source] + likeliest[arcs][:, steps.group]
            best[node, steps.targets] = np.maximum.reduceat(ways.max(axis=0), steps.starts)
            ways = total[sources][:, steps.source] + any_of[arcs][:, steps.group]
            total[node, steps.targets] = np.logaddexp.reduceat(np.logaddexp.reduce(ways, axis=0), steps.starts)
    return best, total


def arcs_into(lattice: SegmentationLattice) -> list[npt.NDArray[np.int64]]:
    """For each node the arcs that end in it."""
    order = np.argsort(lattice.target, kind="stable")
    bounds = np.searchsorted(lattice.target[order], np.arange(lattice.piece_count + 2))
    return [order[bounds[node] : bounds[node + 1]] for node in range(lattice.piece_count + 1)]


@dataclass(frozen=True, slots=True, eq=False)
class Trellis:
    """A scored lattice under a grammar: ``best`` and ``total`` (N + 1, S) as ``tables`` gives them."""

    lattice: SegmentationLattice
    log_probs: LogProbs
    alphabet: Alphabet
    steps: Steps
    scores: Scores
    best: Scores
    total: Scores

    @staticmethod
    def of(lattice: SegmentationLattice, log_probs: LogProbs, alphabet: Alphabet, grammar: Grammar) -> Trellis:
        """The trellis of a lattice with the log-probabilities (A, C) of its arcs."""
        steps, scores = grammar_steps(grammar, alphabet), arc_scores(log_probs, alphabet)
        return Trellis(lattice, log_probs, alphabet, steps, scores, *tables(lattice, scores, steps))

    def paths(self, most: int) -> tuple[Path, ...]:
        """Up to ``most`` paths with distinct texts, best first; empty where the grammar accepts no path.

        ``Path.log_posterior`` is log of the share of the text's paths (those among the best enumerated) in the sum over
        all accepted paths: a lower bound that is exact once all paths of the text were enumerated.
        """
        log_sum = float(np.logaddexp.reduce(self.total[-1, self.steps.accepting]))
        if self.lattice.arc_count == 0 or not np.isfinite(log_sum):
            return ()
        symbols, stray = self.alphabet.symbols, self.steps.stray
        shares: dict[str, list[float]] = {}
        kept: dict[str, tuple[tuple[int, int], ...]] = {}
        for score, way in enumerate_paths(self.lattice, self.scores, self.steps, self.best, most):
            text = "".join(symbols[c] for _, c in way if c != stray)
            shares.setdefault(text, []).append(score)
            kept.setdefault(text, way)
        paths = []
        for text, way in kept.items():
            posterior = min(0.0, float(np.logaddexp.reduce(shares[text])) - log_sum)
            characters = hypotheses(self.log_probs, self.alphabet, tuple(step for step in way if step[1] != stray))
            paths.append(Path(characters, text, shares[text][0], posterior))
        paths.sort(key=lambda path: -path.log_posterior)
        return tuple(paths[:most])


def best_paths(lattice: SegmentationLattice, log_probs: LogProbs, alphabet: Alphabet, grammar: Grammar, most: int = 5) -> tuple[Path, ...]:
    """Up to ``most`` paths of a scored lattice under a grammar, as ``Trellis.paths`` gives them."""
    return Trellis.of(lattice, log_probs, alphabet, grammar).paths(most)


def spelled(lattice: SegmentationLattice, log_probs: LogProbs, alphabet: Alphabet, text: str, best: Path) -> tuple[Path, ...]:
    """The best path that spells ``text``, or none; its posterior is set against that of ``best``, the best path of all."""
    found = best_paths(lattice, log_probs, alphabet, compile_grammar(word(text)), most=1)
    return tuple(replace(path, log_posterior=min(0.0, best.log_posterior + path.log_score - best.log_score)) for path in found)


def enumerate_paths(
    lattice: SegmentationLattice, scores: Scores, steps: Steps, best: Scores, most_texts: int
) -> list[tuple[float, tuple[tuple[int, int], ...]]]:
    """Complete paths in falling order of score, as (score, ((arc, class), …)), until 4 x ``most_texts`` were found (one where
    one text is wanted).

    Best-first search from the end, with the Viterbi table as the exact rest score (A*, Hart et al. 1968); paths more than
    ``MARGIN`` nats behind the best one, and what comes after ``MOST_POPS`` steps, are left out.
    """
    into, origins = [arcs.tolist() for arcs in arcs_into(lattice)], lattice.source.tolist()
    rest, score_of = best.tolist(), scores.tolist()
    last = lattice.piece_count
    heap: list[tuple[float, int, int, int, float, tuple[tuple[int, int], ...]]] = []
    counter = 0
    for state in steps.accepting.tolist():
        if np.isfinite(best[last, state]):
            heapq.heappush(heap, (-rest[last][state], counter, last, state, 0.0, ()))
            counter += 1
    found: list[tuple[float, tuple[tuple[int, int], ...]]] = []
    floor = (heap[0][0] if heap else 0.0) + MARGIN
    pops = 0
    while heap and len(found) < (4 * most_texts if most_texts > 1 else 1) and pops < MOST_POPS:
        negative, _, node, state, suffix, way = heapq.heappop(heap)
        pops += 1
        if node == 0:
            if state == 0:
                found.append((-negative, way))
            continue
        for arc in into[node]:
            row, emitted = rest[origins[arc]], score_of[arc]
            for source, symbols in steps.into[state]:
                least = -floor - suffix - row[source]
                if least == math.inf:
                    continue
                for symbol in symbols:
                    if emitted[symbol] > least:
                        score = suffix + emitted[symbol]
                        heapq.heappush(heap, (-row[source] - score, counter, origins[arc], source, score, ((arc, symbol), *way)))
                        counter += 1
    return found


def hypotheses(log_probs: LogProbs, alphabet: Alphabet, way: tuple[tuple[int, int], ...]) -> tuple[CharacterHypothesis, ...]:
    """The characters of a way ((arc, class), …), each with its three nearest rivals among the real symbols."""
    if not way:
        return ()
    rows = np.exp(log_probs[[arc for arc, _ in way]].astype(np.float64))
    orders, shares = np.argsort(-rows, axis=1).tolist(), rows.tolist()
    unreal = {alphabet.index(name) for name in (RUBBISH, STRAY) if name in alphabet.symbols}
    found = []
    for (arc, chosen), order, share in zip(way, orders, shares, strict=True):
        rivals = [c for c in order if c != chosen and c not in unreal][:3]
        others = tuple((alphabet.symbols[c], share[c]) for c in rivals)
        found.append(CharacterHypothesis(alphabet.symbols[chosen], arc, share[chosen], others))
    return tuple(found)
