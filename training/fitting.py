"""Fitting a recogniser in two phases: to single segments, then through the lattice. Checkpointed, resumable.

Phase ``segments``: cross-entropy on segments, one by one. Phase ``lattice``: the discriminative forward criterion on
whole fields, with a little of the first loss on the same arcs, which holds the classes to their meaning. An epoch's
order depends on seed and epoch alone, so a run that was killed and goes on ends like one that was not.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from torch.nn import functional
from tqdm import tqdm

from app.reader.types import RUBBISH, Alphabet
from training.checkpoint import CheckpointError
from training.lattice_loss import discriminative_forward_loss, lattice_batch
from training.lenet5 import LeNet5
from training.segments import AMBIGUOUS, PATCH_UNIT
from training.shards import Shard, read_shards

SEGMENT_LOSS_SHARE = 0.3  # of the lattice phase
MOST_ARCS = 4000  # in one step of the lattice phase


@dataclass(frozen=True, slots=True)
class Recipe:
    """How one model is trained."""

    fields: int
    held_out_fields: int
    segment_epochs: int
    lattice_epochs: int
    batch: int  # segments in a step
    field_batch: int  # fields in a step
    segment_rate: float  # peak learning rates
    lattice_rate: float
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
    usable: npt.NDArray[np.int64]  # fields whose lattice holds the true path


def training_set(paths: list[Path]) -> TrainingSet:
    """The shards in memory."""
    shards: list[Shard] = list(read_shards(paths))
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
        usable=np.flatnonzero(good & spelled & (sizes > 0)),
    )


def ink_of(patches: torch.Tensor) -> torch.Tensor:
    """int8 patches (N, 32, 32) as the network's input (N, 1, 32, 32)."""
    return patches.to(torch.float32).unsqueeze(1) / PATCH_UNIT


def segment_steps(data: TrainingSet, recipe: Recipe, alphabet: Alphabet, epoch: int) -> Iterator[torch.Tensor]:
    """Rows (batch,) of each step of an epoch: every segment of a class, and a fresh share of the rubbish.

    A rest smaller than a step is left out; a set smaller than a step is one step.
    """
    rng = np.random.default_rng([recipe.seed, epoch, 1])
    classes = data.classes.numpy()
    keep = classes != AMBIGUOUS
    keep &= (classes != alphabet.index(RUBBISH)) | (rng.random(len(classes)) < recipe.rubbish_share)
    order = rng.permutation(np.flatnonzero(keep))
    size = max(1, min(recipe.batch, len(order)))
    for first in range(0, len(order) - size + 1, size):
        yield torch.from_numpy(order[first : first + size])


def lattice_steps(data: TrainingSet, recipe: Recipe, epoch: int) -> Iterator[npt.NDArray[np.int64]]:
    """Fields of each step of an epoch, rests as above; a step of very long fields is cut at ``MOST_ARCS`` arcs."""
    order = np.random.default_rng([recipe.seed, epoch, 2]).permutation(data.usable)
    size = max(1, min(recipe.field_batch, len(order)))
    for first in range(0, len(order) - size + 1, size):
        chosen = order[first : first + size]
        arcs = np.cumsum(data.offsets[chosen + 1] - data.offsets[chosen])
        yield chosen[arcs <= MOST_ARCS] if arcs[0] <= MOST_ARCS else chosen[:1]


def segment_loss(network: LeNet5, data: TrainingSet, rows: torch.Tensor, device: torch.device) -> torch.Tensor:
    """Mean cross-entropy of segments."""
    return functional.cross_entropy(network(ink_of(data.patches[rows]).to(device)), data.classes[rows].to(device))


def lattice_loss(
    network: LeNet5, data: TrainingSet, fields: npt.NDArray[np.int64], alphabet: Alphabet, device: torch.device
) -> torch.Tensor:
    """Mean loss per true symbol of whole fields, plus a share of the segment loss on their arcs."""
    rows = np.concatenate([np.arange(data.offsets[f], data.offsets[f + 1]) for f in fields])
    parts = [slice(data.offsets[f], data.offsets[f + 1]) for f in fields]
    batch = lattice_batch([data.source[p] for p in parts], [data.target[p] for p in parts], [data.texts[f] for f in fields], alphabet)
    logits = network(ink_of(data.patches[rows]).to(device)).cpu()
    spelled = discriminative_forward_loss(logits, batch, alphabet)
    reached = spelled < 1000.0
    single = functional.cross_entropy(logits, data.classes[rows], ignore_index=AMBIGUOUS)
    return spelled[reached].sum() / max(1, int(batch.length[reached].sum())) + SEGMENT_LOSS_SHARE * single


def fit(
    phase: str,
    network: LeNet5,
    epochs: int,
    rate: float,
    steps: Callable[[int], Iterator[torch.Tensor]] | Callable[[int], Iterator[npt.NDArray[np.int64]]],
    loss_of: Callable[..., torch.Tensor],
    checkpoint: Path,
) -> None:
    """AdamW with a one-cycle rate over ``epochs``; a checkpoint per epoch, from which a second call goes on.

    Raises ``CheckpointError`` for a checkpoint of a run with another number of steps.
    """
    counts = [sum(1 for _ in steps(epoch)) for epoch in range(epochs)]
    if sum(counts) == 0:
        return
    optimiser = torch.optim.AdamW(network.parameters(), lr=rate, weight_decay=0.01)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, rate, total_steps=sum(counts), pct_start=0.1)
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
        state = {"network": network.state_dict(), "optimiser": optimiser.state_dict(), "schedule": schedule.state_dict(), "epoch": epoch}
        partial = checkpoint.with_suffix(".partial")
        torch.save(state, partial)
        partial.replace(checkpoint)
        print(f"{phase} epoch {epoch + 1}/{epochs}: mean loss {total / counts[epoch]:.4f}", flush=True)
    network.eval()


def train(data: TrainingSet, recipe: Recipe, alphabet: Alphabet, folder: Path, device: torch.device) -> LeNet5:
    """Both phases; checkpoints ``segments.pt`` and ``lattice.pt`` stand in ``folder``."""
    torch.manual_seed(recipe.seed)
    network = LeNet5(len(alphabet)).to(device)
    fit(
        "segments",
        network,
        recipe.segment_epochs,
        recipe.segment_rate,
        lambda epoch: segment_steps(data, recipe, alphabet, epoch),
        lambda rows: segment_loss(network, data, rows, device),
        folder / "segments.pt",
    )
    fit(
        "lattice",
        network,
        recipe.lattice_epochs,
        recipe.lattice_rate,
        lambda epoch: lattice_steps(data, recipe, epoch),
        lambda fields: lattice_loss(network, data, fields, alphabet, device),
        folder / "lattice.pt",
    )
    return network.eval()


def log_probs_of(network: LeNet5, patches: npt.NDArray[np.int8], device: torch.device) -> npt.NDArray[np.float32]:
    """Natural log-probabilities (A, C) of int8 patches (A, 32, 32)."""
    with torch.no_grad():
        parts = [functional.log_softmax(network(ink_of(part).to(device)), dim=1).cpu() for part in torch.from_numpy(patches).split(4096)]
    return np.asarray(torch.cat(parts).numpy(), np.float32)
