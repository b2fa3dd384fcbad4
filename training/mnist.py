"""LeNet-5 on MNIST: the runs of record, from the publishers' files to the test error.

    python -m training.mnist --network original --seed 1 --report docs/results/mnist.json
    python -m training.mnist --network modern --seed 1 2 3 4 5 --report docs/results/mnist.json
    python -m training.mnist --network modern_taught --seed 1 2 3 4 5 --report docs/results/mnist.json

The results of the runs of record stand in docs/results.md. In the paper the network of 1998 has 0.95 % without distortions and
0.8 % with them. The taught networks go on from the modern ones, with the mean answer of those as their teacher.

Original: the writers of a tenth of the training digits are kept out of the fit; the epoch with the fewest errors on their
digits is chosen. Modern: its recipe was chosen that way; the runs of record then fit all training digits, and the last epoch
counts. The test digits, by other writers again, are read once, by the chosen weights, at the very end. Each epoch
ends with a checkpoint; after a kill the same command goes on and comes to the same weights.
"""

from __future__ import annotations

import argparse
import json
import math
import shlex
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional
from tqdm import tqdm

from benchmarks.figures import write_block
from training.checkpoint import Checkpoint, CheckpointError, NetworkName, build_network, save_checkpoint
from training.confusion import DIGITS, ConfusionMatrix, LogProbs, Patches, evaluate_digits
from training.contact_sheet import write_error_sheet
from training.data.images import CharacterImages
from training.data.mnist import load_mnist
from training.data.sources import DataError, add_data_root, data_root, describe
from training.data.splits import held_out_mask
from training.distortions import MNIST_STRENGTH, Distorter
from training.lenet5 import LeNet5, map_loss
from training.mnist_report import RunResult, as_table, write_report
from training.mnist_teachers import Teachers, load_teachers

VALIDATION_SHARE = 0.1  # of the writers of the training digits
WARM_UP_STEPS = 500
CALM = 0.4


@dataclass(frozen=True, slots=True)
class Recipe:
    """How a network is trained: AdamW, the learning rate rises over the first steps and falls along a cosine to zero.

    ``averaging`` is the decay of the running mean of the weights; the mean is what is validated and kept.
    """

    network: NetworkName
    epochs: int
    batch: int
    peak_learning_rate: float
    weight_decay: float
    averaging: float
    distorted: bool
    label_smoothing: float = 0.0  # modern
    normalised: bool = False  # modern: batch normalisation while it is trained
    calm_share: float = 0.0  # of the epochs, the last ones, with distortions of ``CALM`` of their strength
    validated: bool = True  # a tenth of the writers is kept out to choose the epoch; else all are fitted and the last epoch counts
    rubbish_penalty: float = 0.0  # original: j of the MAP criterion
    taught: bool = False  # goes on from the finished modern network of its seed, with those of all seeds as teachers


RECIPES: dict[str, Recipe] = {
    "original": Recipe("original", 30, 32, 2e-3, 0.15, 0.999, distorted=False, rubbish_penalty=20.0),
    "modern": Recipe(
        network="modern",
        epochs=40,
        batch=100,
        peak_learning_rate=4e-3,
        weight_decay=0.05,
        averaging=0.999,
        distorted=True,
        label_smoothing=0.02,
        normalised=True,
        calm_share=0.3,
        validated=False,
    ),
    "modern_taught": Recipe("modern", 20, 100, 1e-3, 0.05, 0.999, distorted=True, calm_share=0.4, validated=False, taught=True),
}


@dataclass(frozen=True, slots=True, eq=False)
class Digits:
    """``patches`` (N, 32, 32) uint8, ink bright, two pixels of paper around MNIST's 28 x 28; ``labels`` (N,) int64."""

    patches: Tensor
    labels: Tensor

    @classmethod
    def of(cls, images: CharacterImages) -> Digits:
        """Digits of 28 x 28 in the middle of 32 x 32."""
        return cls(torch.from_numpy(np.pad(images.images, ((0, 0), (2, 2), (2, 2)))), torch.from_numpy(images.digits))


def ink_of(patches: Tensor) -> Tensor:
    """uint8 patches (N, 32, 32) as the networks' input (N, 1, 32, 32), ink = 1.0 and paper = 0.0."""
    return patches.to(torch.float32).unsqueeze(1) / 255.0


def loss_of(recipe: Recipe, logits: Tensor, labels: Tensor) -> Tensor:
    """The paper's MAP criterion for the network of 1998, cross-entropy for the modern one."""
    if recipe.network == "original":
        return map_loss(logits, labels, recipe.rubbish_penalty)
    return functional.cross_entropy(logits, labels, label_smoothing=recipe.label_smoothing)


def learning_rate(recipe: Recipe, step: int, steps: int) -> float:
    """Linear warm-up times a cosine from the peak to zero."""
    return recipe.peak_learning_rate * min(1.0, (step + 1) / WARM_UP_STEPS) * 0.5 * (1.0 + math.cos(math.pi * step / steps))


def score_with(network: nn.Module) -> Callable[[Patches], LogProbs]:
    """The network as a function from patches to log-probabilities, for evaluations that know no torch."""

    def score(patches: Patches) -> LogProbs:
        with torch.no_grad():
            return np.asarray(functional.log_softmax(network(torch.from_numpy(patches)), dim=1).numpy(), np.float32)

    return score


def evaluate(network: nn.Module, digits: Digits) -> ConfusionMatrix:
    """Read all digits and count."""
    return evaluate_digits(score_with(network), ink_of(digits.patches).numpy(), digits.labels.numpy())


@dataclass(slots=True)
class Training:
    """What changes while a network is trained, and what a checkpoint holds."""

    network: nn.Module
    mean: nn.Module  # running mean of the network's weights
    optimiser: torch.optim.Optimizer
    epoch: int  # epochs done
    best: dict[str, Any]  # {"epoch", "error", "state"} of the fewest validation errors so far
    history: list[list[float]]  # [mean loss, validation error rate] of each epoch

    @classmethod
    def begin(cls, recipe: Recipe, seed: int) -> Training:
        """Start weights drawn from the seed."""
        torch.manual_seed(seed)
        network, mean = (build_network(recipe.network, len(DIGITS), recipe.normalised) for _ in range(2))
        mean.load_state_dict(network.state_dict())
        optimiser = torch.optim.AdamW(network.parameters(), lr=recipe.peak_learning_rate, weight_decay=recipe.weight_decay)
        return cls(network, mean, optimiser, 0, {"epoch": 0, "error": math.inf, "state": {}}, [])

    def save(self, path: Path, settings: dict[str, Any]) -> None:
        """Write under another name, then rename."""
        stored = {"network": self.network.state_dict(), "mean": self.mean.state_dict(), "optimiser": self.optimiser.state_dict()}
        stored |= {"epoch": self.epoch, "best": self.best, "history": self.history, "settings": settings}
        partial = path.with_suffix(".partial")
        torch.save(stored, partial)
        partial.replace(path)

    def resume(self, path: Path, settings: dict[str, Any]) -> None:
        """Go on from a checkpoint, if there is one. Raises ``CheckpointError`` if it is of a run with other settings."""
        if not path.exists():
            return
        stored = torch.load(path, weights_only=True)
        if stored["settings"] != settings:
            raise CheckpointError(f"{path} is of a run with other settings: {stored['settings']}; use another --out or remove it")
        self.network.load_state_dict(stored["network"])
        self.mean.load_state_dict(stored["mean"])
        self.optimiser.load_state_dict(stored["optimiser"])
        self.epoch, self.best, self.history = stored["epoch"], stored["best"], stored["history"]


def weights_of(network: nn.Module) -> list[Tensor]:
    """All that is averaged: parameters, and the running moments of the normalisation."""
    return [value for value in network.state_dict().values() if value.dtype.is_floating_point]


def train_epoch(
    run: Training, recipe: Recipe, fit: Digits, distorter: Distorter | None, chance: torch.Generator, teachers: Teachers | None
) -> float:
    """One pass in random order; the mean loss."""
    order = torch.randperm(len(fit.labels), generator=chance)
    batches = order.split(recipe.batch)
    total = 0.0
    for number, rows in enumerate(tqdm(batches, desc=f"epoch {run.epoch + 1}/{recipe.epochs}", mininterval=5, leave=False, disable=None)):
        step = run.epoch * len(batches) + number
        for group in run.optimiser.param_groups:
            group["lr"] = learning_rate(recipe, step, recipe.epochs * len(batches))
        ink = ink_of(fit.patches[rows])
        ink = distorter(ink, chance) if distorter else ink
        scores = run.network(ink)
        loss = teachers.loss(ink, scores) if teachers else loss_of(recipe, scores, fit.labels[rows])
        run.optimiser.zero_grad(set_to_none=True)
        loss.backward()
        run.optimiser.step()
        with torch.no_grad():
            keep = min(recipe.averaging, step / (step + 10.0))
            torch._foreach_lerp_(weights_of(run.mean), weights_of(run.network), 1.0 - keep)
        total += float(loss.detach())
    return total / len(batches)


def train(
    recipe: Recipe, seed: int, fit: Digits, validation: Digits, folder: Path, teachers: Teachers | None = None, start: int = 0
) -> Training:
    """All epochs, or those that are left. All chance of an epoch comes from the seed and its number. With ``teachers`` it goes on
    from the one of index ``start``."""
    folder.mkdir(parents=True, exist_ok=True)
    known = {key: value for key, value in asdict(recipe).items() if key != "taught" or value}
    settings = {**known, "seed": seed, "fit": len(fit.labels), "validation": len(validation.labels)}
    run = Training.begin(recipe, seed)
    if teachers:
        run.network.load_state_dict(teachers.networks[start].state_dict())
        run.mean.load_state_dict(run.network.state_dict())
    run.resume(folder / "training.pt", settings)
    distorter, calm = (Distorter(s, seed=seed) if recipe.distorted else None for s in (MNIST_STRENGTH, MNIST_STRENGTH.scaled(CALM)))
    while run.epoch < recipe.epochs:
        chance = torch.Generator().manual_seed(10_000 * seed + run.epoch)
        is_calm = run.epoch >= (1.0 - recipe.calm_share) * recipe.epochs
        loss = train_epoch(run, recipe, fit, calm if is_calm else distorter, chance, teachers)
        error = evaluate(run.mean.eval(), validation).error_rate
        run.network.train()
        run.epoch += 1
        run.history.append([loss, error])
        if error < run.best["error"] or not recipe.validated:
            run.best = {"epoch": run.epoch, "error": error, "state": {key: value.clone() for key, value in run.mean.state_dict().items()}}
        run.save(folder / "training.pt", settings)
        print(f"seed {seed} epoch {run.epoch}/{recipe.epochs}: loss {loss:.4f}, validation error {100.0 * error:.2f} %", flush=True)
    return run


def run_of_record(
    recipe: Recipe, seed: int, root: Path, folder: Path, allow_unknown: bool, teachers: Teachers | None = None, start: int = 0
) -> tuple[RunResult, ConfusionMatrix, Patches]:
    """Load, split, train, choose, and only then read the test digits, once."""
    images = load_mnist(root, "train", allow_unknown=allow_unknown)
    held_out = held_out_mask(images.writers, VALIDATION_SHARE)
    fit = images.select(~held_out) if recipe.validated else images
    run = train(recipe, seed, Digits.of(fit), Digits.of(images.select(held_out)), folder, teachers, start)
    run.network.load_state_dict(run.best["state"])
    network = run.network.eval().folded() if isinstance(run.network, LeNet5) else run.network
    test = Digits.of(load_mnist(root, "test", allow_unknown=allow_unknown))
    matrix = evaluate(network, test)
    result = RunResult(seed, recipe.epochs, run.best["epoch"], run.best["error"], matrix.errors, matrix.total)
    provenance = {"data_sets": describe(["mnist_train"]), "seed": seed, "metrics": {"mnist_test_error": matrix.error_rate}}
    kept = Checkpoint(network, f"mnist_{recipe.network}", "", DIGITS, (), (1.0, 0.0), provenance)
    save_checkpoint(kept, folder / "checkpoint.pt")
    return result, matrix, ink_of(test.patches).numpy()


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m training.mnist", description="Train LeNet-5 on MNIST and measure its test error.")
    parser.add_argument(
        "--network", choices=sorted(RECIPES), required=True, help="the network of 1998 without distortions, or the modern one"
    )
    parser.add_argument("--seed", type=int, nargs="+", default=[1], help="one run per seed")
    parser.add_argument("--epochs", type=int, help="passes over the training digits (default: the recipe's)")
    parser.add_argument("--out", type=Path, default=Path("runs/mnist"), help="folder of checkpoints; a run found there is gone on with")
    parser.add_argument("--report", type=Path, help="JSON file to write the result into, beside results of other networks")
    parser.add_argument("--document", type=Path, help="Markdown file whose block of figures named mnist is written from the report")
    parser.add_argument("--errors", type=Path, help="PNG of the misread test digits of the last seed")
    parser.add_argument("--threads", type=int, default=1, help="threads of torch (default: 1)")
    parser.add_argument("--allow-unknown-files", action="store_true", help="accept files with other checksums than the known ones")
    add_data_root(parser)
    given = parser.parse_args(arguments)
    if given.document and not given.report:
        parser.error("--document is written from the report: name one with --report")
    return given


def main(arguments: Sequence[str] | None = None) -> int:
    """The command; exit status 0, or 2 where data or a checkpoint cannot be used."""
    given = parse(arguments)
    torch.set_num_threads(given.threads)
    recipe = RECIPES[given.network]
    recipe = replace(recipe, epochs=given.epochs) if given.epochs else recipe
    results, texts = [], []
    try:
        root = data_root(given.data_root)
        teachers = load_teachers(given.out, given.seed) if recipe.taught else None
        for start, seed in enumerate(given.seed):
            folder = given.out / f"{given.network}-seed{seed}"
            result, matrix, patches = run_of_record(recipe, seed, root, folder, given.allow_unknown_files, teachers, start)
            results.append(result)
            texts.append(matrix.text())
            print(f"{given.network} seed {seed}, epoch {result.chosen_epoch}\n{matrix.text()}", flush=True)
    except (DataError, CheckpointError) as error:
        print(f"mnist: {error}", file=sys.stderr)
        return 2
    if given.errors:
        write_error_sheet(matrix, patches, given.errors)
    if given.report:
        command = f"python -m training.mnist --network {given.network} --seed {' '.join(map(str, given.seed))}"
        command += f" --epochs {shlex.quote(str(given.epochs))}" if given.epochs else ""
        write_report(given.report, given.network, asdict(recipe), results, texts[-1], command)
        if given.document:
            write_block(given.document, "mnist", as_table(json.loads(given.report.read_text(encoding="utf-8"))))
    return 0


if __name__ == "__main__":
    sys.exit(main())
