"""Fitting a recogniser in two phases: to single segments, then through the lattice. Checkpointed, resumable.

Phase ``segments``: cross-entropy on segments, one by one. Phase ``lattice``: the discriminative forward criterion on
whole fields, with a little of the first loss on the same arcs, which holds the classes to their meaning; the normalisation of the
first phase is folded into the weights before it, which halves the time of a step. An epoch's
order depends on seed and epoch alone, so a run that was killed and goes on ends like one that was not.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import nn
from torch.nn import functional
from tqdm import tqdm

from app.reader.types import RUBBISH, Alphabet
from training.checkpoint import CheckpointError
from training.digit_pool import STRENGTH, DigitPool
from training.distortions import Distorter
from training.lattice_loss import discriminative_forward_loss, lattice_batch
from training.lenet5 import LeNet5
from training.segments import AMBIGUOUS, PATCH_UNIT
from training.shards import Shard, read_shards

SEGMENT_LOSS_SHARE = 0.3  # of the lattice phase
LOSS_BOUND = 12.0  # nats per field towards which the lattice loss of a hopeless field flattens out
MOST_ARCS = 4000  # in one step of the lattice phase
PART = 96  # patches that a CPU takes at once

SegmentStep = tuple[torch.Tensor, int]  # rows (batch,), seed of the digits that are drawn beside them
LatticeStep = tuple[npt.NDArray[np.int64], int]  # fields, seed


@dataclass(frozen=True, slots=True)
class Recipe:
    """How one model is trained."""

    fields: int
    rare_fields: int  # fields with the rarer shapes, which join in the lattice phase
    held_out_fields: int
    rare_held_out_fields: int
    segment_epochs: int
    lattice_epochs: int
    polish_epochs: int  # through the lattice again at a low rate
    batch: int  # segments in a step
    field_batch: int  # fields in a step
    digit_batch: int  # isolated digits beside them in a step of either phase
    segment_rate: float  # peak learning rates
    lattice_rate: float
    polish_rate: float
    rubbish_share: float  # of the rubbish segments that are kept in the first phase
    seed: int


@dataclass(frozen=True, slots=True, eq=False)
class TrainingSet:
    """All shards behind one another: arcs of field f are rows ``offsets[f] : offsets[f + 1]``."""

    patches: torch.Tensor  # (A, 32, 32) int8, ink times 127
    classes: torch.Tensor  # (A,) int64, ``AMBIGUOUS`` included
    source: npt.NDArray[np.int16]
    target: npt.NDArray[np.int16]
    offsets: npt.NDArray[np.int64]
    texts: tuple[str, ...]
    usable: npt.NDArray[np.int64]  # fields that have a text and arcs
    true_path_share: float
    first_arcs: int  # the rows of the segment phase; what comes after them joins in the lattice phase
    digits: DigitPool | None = None


def training_set(paths: list[Path], digits: DigitPool | None = None, rare_paths: Sequence[Path] = ()) -> TrainingSet:
    """The shards in memory, those of ``rare_paths`` last."""
    shards: list[Shard] = list(read_shards([*paths, *rare_paths]))
    sizes = np.concatenate([np.diff(shard.offsets) for shard in shards])
    good = np.concatenate([shard.has_true_path for shard in shards])
    texts = tuple(text for shard in shards for text in shard.texts)
    spelled = np.array([len(text) > 0 for text in texts])
    return TrainingSet(
        patches=torch.from_numpy(np.concatenate([shard.patches for shard in shards])),
        classes=torch.from_numpy(np.concatenate([shard.classes for shard in shards]).astype(np.int64)),
        source=np.concatenate([shard.source for shard in shards]),
        target=np.concatenate([shard.target for shard in shards]),
        offsets=np.concatenate([[0], np.cumsum(sizes)]),
        texts=texts,
        usable=np.flatnonzero(spelled & (sizes > 0)),
        true_path_share=float(good.mean()) if len(good) else 0.0,
        first_arcs=sum(len(shard.classes) for shard in shards[: len(paths)]),
        digits=digits,
    )


def ink_of(patches: torch.Tensor) -> torch.Tensor:
    """int8 patches (N, 32, 32) as the network's input (N, 1, 32, 32)."""
    return patches.to(torch.float32).unsqueeze(1) / PATCH_UNIT


def segment_steps(data: TrainingSet, recipe: Recipe, alphabet: Alphabet, epoch: int) -> Iterator[SegmentStep]:
    """The steps of an epoch: every segment of a class, and a fresh share of the rubbish.

    A rest smaller than a step is left out; a set smaller than a step is one step.
    """
    rng = np.random.default_rng([recipe.seed, epoch, 1])
    classes = data.classes[: data.first_arcs].numpy()
    keep = classes != AMBIGUOUS
    keep &= (classes != alphabet.index(RUBBISH)) | (rng.random(len(classes)) < recipe.rubbish_share)
    order = rng.permutation(np.flatnonzero(keep))
    size = max(1, min(recipe.batch, len(order)))
    for first in range(0, len(order) - size + 1, size):
        yield torch.from_numpy(order[first : first + size]), int(rng.integers(2**31))


def lattice_steps(data: TrainingSet, recipe: Recipe, epoch: int) -> Iterator[LatticeStep]:
    """The steps of an epoch, rests as above; a step of very long fields is cut at ``MOST_ARCS`` arcs."""
    rng = np.random.default_rng([recipe.seed, epoch, 2])
    order = rng.permutation(data.usable)
    size = max(1, min(recipe.field_batch, len(order)))
    for first in range(0, len(order) - size + 1, size):
        chosen = order[first : first + size]
        arcs = np.cumsum(data.offsets[chosen + 1] - data.offsets[chosen])
        yield (chosen[arcs <= MOST_ARCS] if arcs[0] <= MOST_ARCS else chosen[:1]), int(rng.integers(2**31))


class Losses:
    """The two losses of a network on a training set, with the distorter that the isolated digits share."""

    def __init__(self, network: LeNet5, data: TrainingSet, recipe: Recipe, alphabet: Alphabet, device: torch.device) -> None:
        self.network, self.data, self.recipe, self.alphabet, self.device = network, data, recipe, alphabet, device
        self.distorter = Distorter(STRENGTH, seed=recipe.seed)

    def scored(self, rows: torch.Tensor | npt.NDArray[np.int64], seed: int) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """Logits (A, C) of arcs, and the losses (A,) and (D,) of these arcs and of the isolated digits drawn beside them."""
        patches, classes = ink_of(self.data.patches[rows]), self.data.classes[rows]
        if self.data.digits is not None and self.recipe.digit_batch:
            more, labels = self.data.digits.draw(self.recipe.digit_batch, self.distorter, torch.Generator().manual_seed(seed))
            patches, classes = torch.cat([patches, more]), torch.cat([classes, labels])
        logits = self.logits(patches.to(self.device))
        single = functional.cross_entropy(logits, classes.to(self.device), ignore_index=AMBIGUOUS, reduction="none")
        return logits[: len(rows)], single[: len(rows)], single[len(rows) :]

    def logits(self, patches: torch.Tensor) -> torch.Tensor:
        """Logits (A, C); a network without normalisation takes them in parts that stay in a CPU's caches, three times as fast."""
        if self.network.normalise or self.device.type != "cpu":
            return self.network(patches)  # type: ignore[no-any-return]
        return torch.cat([self.network(part) for part in patches.split(PART)])

    def segments(self, step: SegmentStep) -> torch.Tensor:
        """Mean cross-entropy of segments and digits."""
        rows, seed = step
        _, arcs, digits = self.scored(rows, seed)
        return torch.cat([arcs, digits]).mean()

    def lattice(self, step: LatticeStep) -> torch.Tensor:
        """Mean bounded loss per true symbol of whole fields, plus a share of the segment loss on their arcs and on digits."""
        fields, seed = step
        data, parts = self.data, [slice(self.data.offsets[f], self.data.offsets[f + 1]) for f in step[0]]
        rows = np.concatenate([np.arange(part.start, part.stop) for part in parts])
        texts = [data.texts[f] for f in fields]
        batch = lattice_batch([data.source[p] for p in parts], [data.target[p] for p in parts], texts, self.alphabet)
        logits, arcs, digits = self.scored(rows, seed)
        spelled = discriminative_forward_loss(logits.cpu(), batch, self.alphabet)
        reached = spelled < 1000.0
        bounded = LOSS_BOUND * -torch.expm1(-spelled[reached] / LOSS_BOUND)
        labelled = max(1, int((data.classes[rows] != AMBIGUOUS).sum()))
        single = arcs.sum() / labelled + (digits.mean() if len(digits) else 0.0)
        return bounded.sum() / max(1, int(batch.length[reached].sum())) + SEGMENT_LOSS_SHARE * single.cpu()


def fit(
    phase: str,
    network: nn.Module,
    epochs: int,
    rate: float,
    steps: Callable[[int], Iterator[Any]],
    loss_of: Callable[..., torch.Tensor],
    checkpoint: Path,
) -> None:
    """AdamW with a one-cycle rate over ``epochs``; a checkpoint per epoch, from which a second call goes on.

    Raises ``CheckpointError`` for a checkpoint of a run with another number of steps, ``ArithmeticError`` for a loss that is no number.
    """
    counts = [sum(1 for _ in steps(epoch)) for epoch in range(epochs)]
    if sum(counts) == 0:
        return
    optimiser = torch.optim.AdamW(network.parameters(), lr=rate, weight_decay=0.01)
    rising = 0.1 if sum(counts) > 15 else 0.3  # a rise of exactly one step is none to PyTorch
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, rate, total_steps=sum(counts), pct_start=rising)
    first = 0
    if checkpoint.exists():
        saved = torch.load(checkpoint, weights_only=True)
        if (steps_then := int(saved["schedule"]["total_steps"])) != sum(counts):
            raise CheckpointError(
                f"{checkpoint} is of a run with {steps_then} steps, this one has {sum(counts)}; remove it or go on as before"
            )
        network.load_state_dict(saved["network"])
        optimiser.load_state_dict(saved["optimiser"])
        schedule.load_state_dict(saved["schedule"])
        first = int(saved["epoch"]) + 1
    network.train()
    for epoch in range(first, epochs):
        total = 0.0
        for step in tqdm(steps(epoch), total=counts[epoch], desc=f"{phase} {epoch + 1}/{epochs}", mininterval=20):
            loss = loss_of(step)
            optimiser.zero_grad(set_to_none=True)
            loss.backward()
            torch.nn.utils.clip_grad_norm_(network.parameters(), 2.0)
            optimiser.step()
            schedule.step()
            total += float(loss.detach())
        if not np.isfinite(total):
            raise ArithmeticError(f"{phase} epoch {epoch + 1}: the loss is no number; {checkpoint.name} keeps the epoch before")
        state = {"network": network.state_dict(), "optimiser": optimiser.state_dict(), "schedule": schedule.state_dict(), "epoch": epoch}
        partial = checkpoint.with_suffix(".partial")
        torch.save(state, partial)
        partial.replace(checkpoint)
        print(f"{phase} epoch {epoch + 1}/{epochs}: mean loss {total / counts[epoch]:.4f}", flush=True)
    network.eval()


def train(data: TrainingSet, recipe: Recipe, alphabet: Alphabet, folder: Path, device: torch.device) -> LeNet5:
    """Both phases; checkpoints ``segments.pt`` and ``lattice.pt`` stand in ``folder``."""
    torch.manual_seed(recipe.seed)
    normalised = LeNet5(len(alphabet), normalised=True).to(device)
    fit(
        "segments",
        normalised,
        recipe.segment_epochs,
        recipe.segment_rate,
        lambda epoch: segment_steps(data, recipe, alphabet, epoch),
        Losses(normalised, data, recipe, alphabet, device).segments,
        folder / "segments.pt",
    )
    network = normalised.eval().folded()
    fit(
        "lattice",
        network,
        recipe.lattice_epochs,
        recipe.lattice_rate,
        lambda epoch: lattice_steps(data, recipe, epoch),
        Losses(network, data, recipe, alphabet, device).lattice,
        folder / "lattice.pt",
    )
    fit(
        "polish",
        network,
        recipe.polish_epochs,
        recipe.polish_rate,
        lambda epoch: lattice_steps(data, recipe, 100 + epoch),
        Losses(network, data, recipe, alphabet, device).lattice,
        folder / "polish.pt",
    )
    return network.eval()


def log_probs_of(network: LeNet5, patches: npt.NDArray[np.int8], device: torch.device) -> npt.NDArray[np.float32]:
    """Natural log-probabilities (A, C) of int8 patches (A, 32, 32)."""
    with torch.no_grad():
        parts = [functional.log_softmax(network(ink_of(part).to(device)), dim=1).cpu() for part in torch.from_numpy(patches).split(4096)]
    return np.asarray(torch.cat(parts).numpy(), np.float32)
