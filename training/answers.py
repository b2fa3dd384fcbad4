"""Training the second reader to choose: among the answers of the first reader to the fields that it was trained on, the right one.

The same criterion as the lattice's, for both readers together: minus the log posterior of the right value after the fusion of
their opinions, over the first reader's answers and "none of them". What the first reader is sure of teaches the second little;
what it confuses, much.

One JSON file per shard, written under another name and then renamed: a kill loses the shard under way, a second call reads on.
"""

from __future__ import annotations

import json
import multiprocessing
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn
from torch.nn import functional
from tqdm import tqdm

from app.reader.courtesy_amount import amount_grammar, interpret
from app.reader.interpretation import LEAST_OPINION, LEAST_POSTERIOR, by_value
from app.reader.second_reader import Fusion
from app.reader.types import AMOUNT_FORMATS, Alphabet, AmountFormat, ReadOptions
from app.reader.viterbi import best_paths
from training.calibrate import ScoreFunction, bare_lattice
from training.sdnn import BLANK, StripSet, places, strip_batch
from training.shards import Shard, read_shard

MOST_ANSWERS = 8
ABSENT = -1e9  # score of a value that a field does not have
SPELLING_SHARE = 0.2  # of the CTC loss per symbol of the right text, beside the loss of the choice


@dataclass(frozen=True, slots=True)
class Answers:
    """The first reader's answers to one field."""

    texts: tuple[str, ...]  # what really stands there, then what the first reader found
    values: tuple[int, ...]  # of each text: the number of its value; -1 for what really stands there
    first: tuple[float, ...]  # of each value: log posterior of the first reader
    right: int  # the number of the right value, -1 where the first reader did not find it


def answers_of(shard: Shard, field: int, rows: np.ndarray, alphabet: Alphabet) -> Answers | None:
    """The answers to one field, from the log-probabilities ``rows`` (A, C) of its arcs; None where nothing stands on it."""
    text = shard.texts[field]
    if not text:
        return None
    amount_format: AmountFormat = next(f for f in AMOUNT_FORMATS if f == shard.formats[field])
    paths = best_paths(bare_lattice(shard, field), rows, alphabet, amount_grammar(amount_format), MOST_ANSWERS)
    found = by_value(paths, ReadOptions(amount_format=amount_format)) if paths else []
    number = {value: k for k, (value, _, _, _) in enumerate(found)}
    values = [number[interpret(path.text, amount_format).value] for path in paths]
    return Answers(
        texts=(text, *(path.text for path in paths)),
        values=(-1, *values),
        first=tuple(max(log, LEAST_POSTERIOR) for _, _, _, log in found),
        right=number.get(shard.values[field], -1),
    )


def answers_file(path: Path) -> Path:
    """Where the answers to the fields of a shard lie."""
    return path.with_suffix(".answers.json")


def write_answers(path: Path, score: ScoreFunction, alphabet: Alphabet) -> None:
    """Read the fields of one shard and write the answers to them."""
    shard = read_shard(path)
    log_probs = score(shard.patches)
    rows = [log_probs[shard.offsets[k] : shard.offsets[k + 1]] for k in range(len(shard.texts))]
    told = [answers_of(shard, k, rows[k], alphabet) for k in range(len(rows))]
    partial = answers_file(path).with_suffix(".partial")
    partial.write_text(json.dumps([None if a is None else [a.texts, a.values, a.first, a.right] for a in told]))
    partial.replace(answers_file(path))


def _write_job(job: tuple[Path, ScoreFunction, Alphabet]) -> None:
    torch.set_num_threads(1)
    write_answers(*job)


def collect(paths: Sequence[Path], score: ScoreFunction, alphabet: Alphabet, workers: int = 1) -> list[Answers | None]:
    """The answers to every field of the shards, in order; what is on disk already is not read again. More than one worker takes a
    ``score`` that can be pickled."""
    missing = [path for path in paths if not answers_file(path).exists()]
    if workers > 1 and len(missing) > 1:
        with multiprocessing.get_context("spawn").Pool(workers) as pool:
            jobs = ((path, score, alphabet) for path in missing)
            list(tqdm(pool.imap_unordered(_write_job, jobs), total=len(missing), desc="answers of the first reader", mininterval=20))
    else:
        for path in missing:
            write_answers(path, score, alphabet)
    stored = [json.loads(answers_file(path).read_text()) for path in paths]
    return [
        None if told is None else Answers(tuple(told[0]), tuple(told[1]), tuple(told[2]), int(told[3]))
        for shard in stored
        for told in shard
    ]


class Chooser(nn.Module):
    """The second reader's network, and the weights of ``Fusion`` that are learnt with it."""

    def __init__(self, network: nn.Module, start: Fusion) -> None:
        super().__init__()
        self.network = network
        self.weights = nn.Parameter(torch.tensor([start.first, start.second, start.none]))


def choice_loss(
    chooser: Chooser,
    data: StripSet,
    answers: Sequence[Answers],
    symbols: tuple[str, ...],
    device: torch.device,
    step: tuple[npt.NDArray[np.int64], int],
) -> Tensor:
    """Mean loss of a step of ``sdnn.strip_steps``: of the choice, in nats per field, and ``SPELLING_SHARE`` of the spelling's."""
    fields, seed = step
    strips, widths = strip_batch(data, fields, seed)
    log_probs = functional.log_softmax(chooser.network(strips.to(device)), dim=2).cpu()
    asked = [answers[f] for f in fields]
    owner = np.repeat(np.arange(len(asked)), [len(a.texts) for a in asked])
    spelling = -spelling_loss(log_probs, owner, [text for a in asked for text in a.texts], places(widths), symbols)
    value = np.array([v for a in asked for v in a.values])
    widest = max(1, *(len(a.first) for a in asked))
    first, absent = torch.zeros((len(asked), widest)), torch.ones((len(asked), widest), dtype=torch.bool)
    for row, answer in enumerate(asked):
        first[row, : len(answer.first)] = torch.tensor(answer.first)
        absent[row, : len(answer.first)] = False
    found = torch.from_numpy(np.flatnonzero(value >= 0))
    place = torch.from_numpy(owner * widest + value)[found]
    second = by_place(spelling[found].clamp(min=LEAST_OPINION), place, len(asked) * widest).view(len(asked), widest)
    scores = (chooser.weights[0] * first + chooser.weights[1] * second).masked_fill(absent, ABSENT)
    none = chooser.weights[2].expand(len(asked), 1)
    chosen = functional.cross_entropy(torch.cat([none, scores], dim=1), torch.tensor([a.right + 1 for a in asked]))
    lengths = torch.tensor([len(a.texts[0]) for a in asked])
    return chosen - SPELLING_SHARE * (spelling[torch.from_numpy(np.flatnonzero(value < 0))] / lengths).mean()


def spelling_loss(
    log_probs: Tensor, owner: npt.NDArray[np.int64], texts: Sequence[str], length: npt.NDArray[np.int64], symbols: tuple[str, ...]
) -> Tensor:
    """CTC loss (K,) in nats of each text, spelled along the places of strip ``owner`` of ``log_probs`` (N, T, C + 1), of which
    ``length`` (N,) count. A text that does not fit has a loss of ``-LEAST_OPINION`` and no gradient."""
    index = {symbol: k + 1 for k, symbol in enumerate(symbols)}
    labels = torch.tensor([index[symbol] for text in texts for symbol in text])
    rows = log_probs[torch.from_numpy(owner)].transpose(0, 1)
    counts = torch.tensor([len(text) for text in texts])
    told = functional.ctc_loss(rows, labels, torch.from_numpy(length[owner]), counts, blank=BLANK, reduction="none", zero_infinity=True)
    return torch.where(told == 0.0, torch.full_like(told, -LEAST_OPINION), told)


def by_place(logs: Tensor, place: Tensor, count: int) -> Tensor:
    """log of the sum of exp of ``logs`` (K,) that share a place, (count,); -60 where there is none."""
    least = torch.full((count,), LEAST_OPINION)
    highest = least.scatter_reduce(0, place, logs.detach(), "amax")
    total = torch.zeros(count).index_add(0, place, torch.exp(logs - highest[place]))
    return torch.where(total > 0, highest + torch.log(total.clamp(min=1e-30)), least)
