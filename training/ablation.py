"""What each step of the training gained: the same network trained with one step more each time, read on the development sets.

    python -m training.ablation --data-root DATA --shards runs/courtesy_amount-80000-21 --fields 20000

Isolated characters only; with check-like fields; with rubbish and stray marks; trained through the lattice; read with the
grammar. Takes the shards that ``training.train`` has drawn. Every variant is read without the second reader; those before
the last with a grammar of any number string, those without rubbish by the plain product of probabilities. Writes the block
``ablation`` of ``docs/results.md`` and ``docs/results/ablation.json``. Goes on where it was killed.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch

from app.reader.courtesy_amount import amount_grammar, interpret
from app.reader.patches import patches
from app.reader.types import RUBBISH, STRAY, Alphabet, AmountFormat, LogProbs, ModelName, Scope
from app.reader.viterbi import best_paths
from benchmarks.figures import write_block
from training.checkpoint import CheckpointError
from training.data.checks import CheckPicture, load_checks
from training.data.digits import read_picture
from training.data.orand import load_orand
from training.digit_pool import load_digit_pool
from training.evaluation.amount_fields import amount_format_of, field_rgb, has_amount
from training.evaluation.strings import any_marks
from training.fitting import Losses, Recipe, SegmentStep, TrainingSet, fit, log_probs_of, segment_steps, train, training_set
from training.lenet5 import LeNet5
from training.measure import Answer, counts, per_group, percent_with_interval
from training.segments import AMBIGUOUS, PATCH_UNIT, lattice_of
from training.shards import FIELDS_PER_SHARD
from training.train import ALPHABETS, RECIPES

MODEL: ModelName = "courtesy_amount"
NEVER = -1e9  # log-probability of a class that a variant does not know
Picture = npt.NDArray[np.uint8]  # (H, W) or (H, W, 3), paper bright
Units = npt.NDArray[np.int8]  # (A, 32, 32), ink times 127
ScorePatches = Callable[[Units], LogProbs]


@dataclass(frozen=True, slots=True)
class Variant:
    """One row of the table: what training has, and how the lattice is read."""

    name: str
    check_like: bool = False
    rubbish: bool = False
    lattice: bool = False
    grammar: bool = False

    @property
    def folder(self) -> str:
        """Variants that differ in reading alone share a network; training through the lattice goes on from the segments."""
        return "rubbish" if self.rubbish else "fields" if self.check_like else "characters"


VARIANTS = (
    Variant("characters only"),
    Variant("+ check-like fields", check_like=True),
    Variant("+ rubbish and stray marks", check_like=True, rubbish=True),
    Variant("+ training through the lattice", check_like=True, rubbish=True, lattice=True),
    Variant("+ grammar", check_like=True, rubbish=True, lattice=True, grammar=True),
)


@dataclass(frozen=True, slots=True)
class Row:
    """What a variant came to: right of all, on each development set; checks are physical ones."""

    variant: str
    amounts_right: int
    amounts: int
    checks_right: int
    checks: int


def known_classes(variant: Variant, alphabet: Alphabet) -> list[int]:
    """The classes that a variant was trained on: figures, then the marks of amounts, then what is no character."""
    unknown = set() if variant.rubbish else {RUBBISH, STRAY}
    symbols = alphabet.symbols if variant.check_like else "0123456789"
    return [alphabet.index(symbol) for symbol in symbols if symbol not in unknown]


def restricted(data: TrainingSet, variant: Variant, alphabet: Alphabet) -> TrainingSet:
    """The set with the arcs of classes that the variant does not know left out of the loss."""
    known = torch.tensor(known_classes(variant, alphabet) if variant.check_like else [], dtype=torch.int64)
    return replace(data, classes=torch.where(torch.isin(data.classes, known), data.classes, AMBIGUOUS))


def character_steps(count: int, seed: int, epoch: int) -> Iterator[SegmentStep]:
    """Steps without any arc: the isolated characters beside them are all there is."""
    rng = np.random.default_rng([seed, epoch, 4])
    for _ in range(count):
        yield torch.zeros(0, dtype=torch.int64), int(rng.integers(2**31))


def network_of(variant: Variant, data: TrainingSet, recipe: Recipe, alphabet: Alphabet, runs: Path, device: torch.device) -> LeNet5:
    """The trained network of a variant; checkpoints stand in a folder of ``runs``."""
    folder = runs / variant.folder
    folder.mkdir(parents=True, exist_ok=True)
    if variant.check_like:
        chosen = recipe if variant.lattice else replace(recipe, lattice_epochs=0, polish_epochs=0)
        return train(restricted(data, variant, alphabet), chosen, alphabet, folder, device)
    if data.digits is None:
        raise ValueError("isolated characters alone need the data sets")
    torch.manual_seed(recipe.seed)
    network = LeNet5(len(alphabet), normalised=True).to(device)
    losses = Losses(network, restricted(data, variant, alphabet), replace(recipe, digit_batch=recipe.batch), alphabet, device)
    steps = sum(1 for _ in segment_steps(restricted(data, replace(variant, check_like=True), alphabet), recipe, alphabet, 0))
    rate, checkpoint = recipe.segment_rate, folder / "characters.pt"
    fit("characters", network, recipe.segment_epochs, rate, lambda e: character_steps(steps, recipe.seed, e), losses.segments, checkpoint)
    return network.folded()


def as_known(log_probs: LogProbs, variant: Variant, alphabet: Alphabet) -> LogProbs:
    """Log-probabilities (A, C) over the classes that the variant knows. Where it knows no rubbish, that scores as certain, so
    that the score of a path is the plain product of its characters' probabilities."""
    known = known_classes(variant, alphabet)
    out = np.full_like(log_probs, NEVER)
    out[:, known] = log_probs[:, known] - np.logaddexp.reduce(log_probs[:, known], axis=1, keepdims=True)
    if not variant.rubbish:
        out[:, alphabet.index(RUBBISH)] = 0.0
    return out


def value_of(text: str, amount_format: AmountFormat) -> str | None:
    """The amount that a text states; for ``plain`` its figures, whatever stands between them, where it is no amount."""
    if amount_grammar(amount_format).accepts(text):
        return interpret(text, amount_format).value
    figures = "".join(c for c in text if c.isdigit())
    return figures if amount_format == "plain" and figures else None


def read_field(picture: Picture, amount_format: AmountFormat, variant: Variant, score: ScorePatches) -> str | None:
    """The value of one cut-out amount."""
    alphabet = ALPHABETS[MODEL]
    lattice, _ = lattice_of(picture, Scope.COURTESY_AMOUNT)
    rows = as_known(score(np.round(patches(lattice)[:, 0] * PATCH_UNIT).astype(np.int8)), variant, alphabet)
    grammar = amount_grammar(amount_format) if variant.grammar else any_marks()
    paths = best_paths(lattice, rows, alphabet, grammar, most=1)
    return value_of(paths[0].text, amount_format) if paths else None


def answer(file: str, group: str, truth: str, value: str | None) -> Answer:
    """One outcome; amounts are compared as numbers."""
    right = value is not None and abs(float(value) - float(truth)) < 0.005
    return Answer(file, group, truth, value, value or "", 0.0, False, right)


def read_sets(variant: Variant, network: LeNet5, root: Path, device: torch.device, most: int) -> Row:
    """A variant on the development sets: cut-out amounts (labels corrected), and marked amount boxes of checks."""
    network.eval()

    def score(units: Units) -> LogProbs:
        return log_probs_of(network, units, device)

    amounts = [
        answer(shown.path.name, "", shown.text, read_field(read_picture(shown.path), "plain", variant, score))
        for shown in load_orand(root)[:most]
    ]
    marked = [check for check in load_checks(root) if has_amount(check) and check.amount_box is not None][:most]
    checks = [answer(check.file, check.group, check.amount, read_check(check, variant, score)) for check in marked]
    right, groups = per_group(checks)
    return Row(variant.name, counts(amounts).right, len(amounts), right, groups)


def read_check(check: CheckPicture, variant: Variant, score: ScorePatches) -> str | None:
    """The value in the marked box of a check, None without a box."""
    if check.amount_box is None:
        return None
    return read_field(field_rgb(check.path.read_bytes(), check.amount_box), amount_format_of(check), variant, score)


def ablation_block(rows: Sequence[Row], fields: int) -> str:
    """The table for the document."""
    lines = [
        f"{fields} synthetic fields; right without refusal, without the second reader.",
        "",
        "| training and reading | ORAND-CAR-A, labels corrected | amount boxes, physical checks |",
        "|---|---|---|",
    ]
    for row in rows:
        checks = percent_with_interval(row.checks_right, row.checks) if row.checks else "none marked"
        lines.append(f"| {row.variant} | {percent_with_interval(row.amounts_right, row.amounts)} | {checks} |")
    return "\n".join(lines)


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    """The command line."""
    given = os.environ.get("CHECKREADER_DATA")
    parser = argparse.ArgumentParser(prog="python -m training.ablation", description="What each step of the training gained.")
    parser.add_argument(
        "--data-root", type=Path, default=Path(given) if given else None, help="folder of the data sets (or CHECKREADER_DATA)"
    )
    parser.add_argument("--shards", type=Path, required=True, help="folder of the shards that training.train has drawn")
    parser.add_argument("--fields", type=int, default=20_000, help="synthetic fields that every variant is trained on")
    parser.add_argument("--segment-epochs", type=int, help="epochs on single segments (default: the recipe's)")
    parser.add_argument("--lattice-epochs", type=int, help="epochs through the lattice (default: the recipe's)")
    parser.add_argument("--most", type=int, default=10_000, help="pictures of each set that are read")
    parser.add_argument("--runs", type=Path, help="where checkpoints go (default: ablation-FIELDS beside the shards)")
    parser.add_argument("--docs", type=Path, default=Path("docs"), help="folder of results.md")
    parser.add_argument("--dry-run", action="store_true", help="print the table, write no document")
    return parser.parse_args(arguments)


def main(arguments: Sequence[str] | None = None) -> int:
    """The command; exit status 2 without data or shards, or with checkpoints of another recipe."""
    given = parse(arguments)
    paths = sorted(given.shards.glob(f"{MODEL}-train-*.npz"))[: -(-given.fields // FIELDS_PER_SHARD)]
    if given.data_root is None or not given.data_root.is_dir() or not paths:
        print("name the folder of the data sets (--data-root or CHECKREADER_DATA) and one with shards (--shards)", file=sys.stderr)
        return 2
    chosen = {name: getattr(given, name) for name in ("segment_epochs", "lattice_epochs") if getattr(given, name) is not None}
    recipe, alphabet = replace(RECIPES[MODEL], **chosen), ALPHABETS[MODEL]
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    data = training_set(paths, load_digit_pool(given.data_root, "train", given.shards / "digits.npz"))
    runs = given.runs or given.shards.parent / f"ablation-{len(data.texts)}"
    rows = []
    try:
        for variant in VARIANTS:
            network = network_of(variant, data, recipe, alphabet, runs, device)
            rows.append(read_sets(variant, network, given.data_root, device, given.most))
            print(rows[-1], flush=True)
    except CheckpointError as error:
        print(f"training refused: {error}", file=sys.stderr)
        return 2
    text = ablation_block(rows, len(data.texts))
    print(text)
    if not given.dry_run:
        write_block(given.docs / "results.md", "ablation", text)
        (given.docs / "results" / "ablation.json").write_text(json_of(rows), encoding="utf-8")
    return 0


def json_of(rows: Sequence[Row]) -> str:
    """The rows as a JSON file."""
    return json.dumps([asdict(row) for row in rows], ensure_ascii=False, indent=1) + "\n"


if __name__ == "__main__":
    sys.exit(main())
