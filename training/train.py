"""The recognisers of record, from nothing to exported model files: draw, train, calibrate, export.

    python -m training.train --data-root DATA --model all

Each step leaves its result in the runs folder and is not done twice: after a kill the same command goes on (shards one
by one, training epoch by epoch). Trained on the segmenter's own segments of synthetic fields by the writers of the
``train`` split; confidence and thresholds are fitted on fields by writers of the ``held_out`` split.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from dataclasses import asdict, replace
from functools import partial
from pathlib import Path

import numpy as np
import torch

from app.reader.types import Alphabet, ModelName
from training.calibrate import Outcomes, fit_platt, read_fields, thresholds
from training.checkpoint import CheckpointError
from training.digit_pool import load_digit_pool
from training.export import export
from training.fitting import Recipe, log_probs_of, train, training_set
from training.lenet5 import LeNet5
from training.provenance import datasets_used
from training.sdnn import strip_set, symbols_of
from training.second_reader import RECIPE as SECOND_RECIPE
from training.second_reader import SecondRecipe, export_second, fit_fusion, hear, outcomes, train_second
from training.shards import ShardPlan, build_shards, read_shard

MODEL_VERSION = "0.2.0"
ALPHABETS: dict[ModelName, Alphabet] = {
    "courtesy_amount": Alphabet((*"0123456789$,./-*#=", "rubbish", "stray")),
    "micr_e13b": Alphabet((*"0123456789⑆⑇⑈⑉", "rubbish", "stray")),
}
RECIPES: dict[ModelName, Recipe] = {
    "courtesy_amount": Recipe(80_000, 40_000, 18_000, 6_000, 7, 2, 1, 256, 48, 64, 3e-3, 1.2e-3, 4e-4, 0.4, 21),
    "micr_e13b": Recipe(4_000, 0, 1_000, 0, 3, 1, 0, 256, 32, 0, 4e-3, 1e-3, 1e-4, 0.3, 12),
}
# what the command line may change of a recipe
CHOSEN = (
    "fields",
    "rare_fields",
    "held_out_fields",
    "rare_held_out_fields",
    "segment_epochs",
    "lattice_epochs",
    "polish_epochs",
    "seed",
)


def held_out_outcomes(network: LeNet5, paths: Sequence[Path], model: ModelName, device: torch.device) -> Outcomes:
    """The answers on the held-out fields, read through lattice and grammar."""
    found = [
        read_fields(read_shard(path), lambda patches: log_probs_of(network, patches, device), ALPHABETS[model], model) for path in paths
    ]
    return Outcomes(np.concatenate([o.log_posterior for o in found]), np.concatenate([o.right for o in found]))


def run_folder(runs: Path, model: ModelName, recipe: Recipe, data_root: Path | None) -> Path:
    """Where shards and checkpoints of a run lie; runs with and without data never share them."""
    return runs / f"{model}-{recipe.fields}-{recipe.seed}{'-own-pens' if data_root is None else ''}"


def command_of(model: ModelName, recipe: Recipe, data_root: Path | None) -> str:
    """The command that makes this model again."""
    chosen = [f"--{name.replace('_', '-')} {getattr(recipe, name)}" for name in CHOSEN]
    return " ".join(["python -m training.train --model", model, *chosen, *(["--own-pens-only"] if data_root is None else [])])


def make_model(model: ModelName, recipe: Recipe, arguments: argparse.Namespace, device: torch.device) -> None:
    """Draw, train, calibrate and export one model."""
    alphabet = ALPHABETS[model]
    folder = run_folder(Path(arguments.runs), model, recipe, arguments.data_root)
    seen = ShardPlan(model, alphabet, "train", recipe.seed, recipe.fields, folder, arguments.data_root)
    seen_rare = replace(seen, count=recipe.rare_fields, rare=True)
    unseen = replace(seen, split="held_out", count=recipe.held_out_fields)
    unseen_rare = replace(seen_rare, split="held_out", count=recipe.rare_held_out_fields)
    train_paths, rare_paths = build_shards(seen, arguments.workers), build_shards(seen_rare, arguments.workers)
    held_out_paths = [*build_shards(unseen, arguments.workers), *build_shards(unseen_rare, arguments.workers)]
    with_digits = model == "courtesy_amount" and arguments.data_root is not None
    digits = load_digit_pool(arguments.data_root, "train", folder / "digits.npz") if with_digits else None
    data = training_set(train_paths, digits, rare_paths)
    print(
        f"{model}: {len(data.patches)} segments of {len(data.texts)} fields, true path in {data.true_path_share:.3f}, {device}", flush=True
    )
    network = train(data, recipe, alphabet, folder, device)
    outcomes = held_out_outcomes(network, held_out_paths, model, device)
    calibration = fit_platt(outcomes)
    points = thresholds(outcomes, calibration)
    read_rate = float(outcomes.right.mean())
    print(f"{model}: {read_rate:.4f} of {len(outcomes.right)} held-out fields right; thresholds {points}", flush=True)
    provenance = {
        "command": command_of(model, recipe, arguments.data_root),
        "recipe": asdict(recipe),
        "seed": recipe.seed,
        "segments": len(data.patches),
        "data_sets": datasets_used(model, arguments.data_root),
        "metrics": {"held_out_synthetic_fields": len(outcomes.right), "held_out_read_rate": round(read_rate, 4)},
    }
    export(network.cpu(), model, alphabet.symbols, points, calibration, provenance, Path(arguments.out), MODEL_VERSION)
    if model == "courtesy_amount":
        del data
        make_second_reader(network, (train_paths, rare_paths), held_out_paths, provenance, arguments, folder, device)


def make_second_reader(
    first: LeNet5,
    train_paths: tuple[Sequence[Path], Sequence[Path]],
    held_out_paths: Sequence[Path],
    provenance: dict[str, object],
    arguments: argparse.Namespace,
    folder: Path,
    device: torch.device,
) -> None:
    """Train the second reader on the same fields, weigh it against the first on the held-out ones, and export it."""
    alphabet = ALPHABETS["courtesy_amount"]
    recipe = second_recipe_of(arguments)
    score = partial(log_probs_of, first, device=torch.device("cpu"))
    network = train_second(strip_set(train_paths[0]), strip_set(train_paths[1]), recipe, alphabet, folder, device)
    fields = hear(held_out_paths, score, network, alphabet)
    fusion = fit_fusion(fields)
    answers = outcomes(fields, fusion)
    calibration = fit_platt(answers)
    points = thresholds(answers, calibration)
    rate = float(answers.right.mean())
    print(f"both readers: {rate:.4f} of {len(answers.right)} held-out fields right; {fusion}; thresholds {points}", flush=True)
    stated = {
        **provenance,
        "data_sets": datasets_used("courtesy_amount", arguments.data_root, singles=False),
        "recipe": asdict(recipe),
        "seed": recipe.seed,
        "metrics": {"held_out_synthetic_fields": len(answers.right), "held_out_read_rate": round(rate, 4)},
    }
    export_second(network, symbols_of(alphabet), fusion, points, calibration, stated, Path(arguments.out), MODEL_VERSION)


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m training.train", description="Draw, train, calibrate and export the recognisers.")
    given = os.environ.get("CHECKREADER_DATA")
    parser.add_argument("--model", choices=["all", *ALPHABETS], default="all")
    parser.add_argument(
        "--data-root", type=Path, default=Path(given) if given else None, help="folder of the data sets (or CHECKREADER_DATA)"
    )
    parser.add_argument("--own-pens-only", action="store_true", help="train without any data set, on the project's own stroke models")
    parser.add_argument("--out", type=Path, default=Path("model"), help="where the model files go")
    parser.add_argument("--runs", type=Path, default=Path("runs"), help="where shards and checkpoints go")
    parser.add_argument("--fields", type=int, help="synthetic fields to train on (default: the recipe's)")
    parser.add_argument("--rare-fields", type=int, help="more of them with the rarer shapes of digits (default: the recipe's)")
    parser.add_argument("--held-out-fields", type=int, help="synthetic fields to calibrate on (default: the recipe's)")
    parser.add_argument("--rare-held-out-fields", type=int, help="more of them with the rarer shapes (default: the recipe's)")
    parser.add_argument("--segment-epochs", type=int, help="epochs on single segments (default: the recipe's)")
    parser.add_argument("--lattice-epochs", type=int, help="epochs through the lattice (default: the recipe's)")
    parser.add_argument("--polish-epochs", type=int, help="epochs through the lattice at a low rate (default: the recipe's)")
    parser.add_argument("--second-epochs", type=int, help="epochs of the second reader of amounts (default: its recipe's)")
    parser.add_argument("--second-rare-epochs", type=int, help="epochs after them with the rarer shapes (default: its recipe's)")
    parser.add_argument("--seed", type=int)
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1, help="processes that draw fields")
    parser.add_argument("--device", choices=["auto", "cpu", "cuda"], default="auto")
    return parser.parse_args(arguments)


def recipe_of(model: ModelName, given: argparse.Namespace) -> Recipe:
    """The recipe of record with what the command line changes."""
    changes = {name: getattr(given, name) for name in CHOSEN if getattr(given, name) is not None}
    return replace(RECIPES[model], **changes)


def second_recipe_of(given: argparse.Namespace) -> SecondRecipe:
    """The second reader's recipe of record with what the command line changes."""
    changes = {"epochs": given.second_epochs, "rare_epochs": given.second_rare_epochs}
    return replace(SECOND_RECIPE, **{name: value for name, value in changes.items() if value is not None})


def main(arguments: Sequence[str] | None = None) -> int:
    """The command; exit status 0, or 2 for a data folder that is not there or checkpoints of another recipe."""
    given = parse(arguments)
    if given.own_pens_only:
        given.data_root = None
    elif given.data_root is None or not given.data_root.is_dir():
        print("name the folder of the data sets with --data-root or CHECKREADER_DATA, or ask for --own-pens-only", file=sys.stderr)
        return 2
    device = torch.device("cuda" if given.device == "cuda" or (given.device == "auto" and torch.cuda.is_available()) else "cpu")
    try:
        for model in ALPHABETS:
            if given.model in ("all", model):
                make_model(model, recipe_of(model, given), given, device)
    except CheckpointError as error:
        print(f"training refused: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
