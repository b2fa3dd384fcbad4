"""Fitting on tiny sets: the loss falls, and a run that was killed ends like one that was not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import training.shards
from app.reader.types import Alphabet
from tests.requirements_gate import require
from training.segments import AMBIGUOUS
from training.shards import ShardPlan, build_shards

require("torch")

import torch  # noqa: E402

import training.fitting  # noqa: E402
from training.checkpoint import CheckpointError  # noqa: E402
from training.digit_pool import DigitPool  # noqa: E402
from training.fitting import (  # noqa: E402
    MOST_ARCS,
    Losses,
    Recipe,
    TrainingSet,
    ink_of,
    lattice_steps,
    log_probs_of,
    segment_steps,
    train,
    training_set,
)
from training.lenet5 import LeNet5  # noqa: E402

ALPHABET = Alphabet((*"0123456789$,./-*#=", "rubbish", "stray"))
RECIPE = Recipe(12, 0, 0, 0, 2, 2, 0, 64, 2, 4, 4e-3, 1.5e-3, 1e-4, 0.5, 3)
CPU = torch.device("cpu")


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    """Sums in one order, and no more than one core."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> TrainingSet:
    """Twelve fields by the project's own pens, in two shards."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(training.shards, "FIELDS_PER_SHARD", 6)
        return training_set(
            build_shards(ShardPlan("courtesy_amount", ALPHABET, "train", 1, 12, tmp_path_factory.mktemp("shards"), None), 1)
        )


def weights(network: LeNet5) -> dict[str, np.ndarray]:
    """The parameters as arrays."""
    return {name: value.detach().numpy().copy() for name, value in network.state_dict().items()}


def mean_losses(network: LeNet5, data: TrainingSet) -> tuple[float, float]:
    """Loss of all segments that have a class, and of all usable fields."""
    rows = torch.nonzero(data.classes != AMBIGUOUS)[:, 0]
    with torch.no_grad():
        losses = Losses(network, data, RECIPE, ALPHABET, CPU)
        return float(losses.segments((rows, 0))), float(losses.lattice((data.usable, 0)))


def test_shards_stand_behind_one_another(data: TrainingSet) -> None:
    """Offsets run on over the border of two shards; every field with a text and arcs is usable, its true path or not."""
    assert len(data.texts) == 12
    assert data.offsets.shape == (13,)
    assert data.offsets[-1] == len(data.patches) == len(data.classes) == len(data.source)
    assert (np.diff(data.offsets) > 0).all()
    assert all(data.source[first] == 0 for first in data.offsets[:-1])
    assert data.usable.tolist() == list(range(12))
    assert 0.3 < data.true_path_share <= 1.0


def test_ink_is_scaled_to_one() -> None:
    """127 is full ink, 0 paper, -64 the ink of a neighbour."""
    row = torch.tensor([[127, 0, -64]], dtype=torch.int8).repeat(1, 32, 11)[:, :, :32]
    ink = ink_of(row)
    assert ink.shape == (1, 1, 32, 32)
    assert ink[0, 0, 0, :3].tolist() == pytest.approx([1.0, 0.0, -0.504], abs=1e-3)


def test_an_epoch_takes_every_segment_once_and_some_rubbish(data: TrainingSet) -> None:
    """In steps of the recipe's size, in an order that seed and epoch alone decide; ambiguous segments never."""
    recipe = replace(RECIPE, batch=1, rubbish_share=0.5)
    rows, again, later = (torch.cat([step for step, _ in segment_steps(data, recipe, ALPHABET, epoch)]) for epoch in (0, 0, 1))
    assert rows.tolist() == again.tolist() != later.tolist()
    assert len(set(rows.tolist())) == len(rows)
    rubbish = ALPHABET.index("rubbish")
    classes = data.classes
    real = torch.nonzero((classes != AMBIGUOUS) & (classes != rubbish))[:, 0].tolist()
    taken = rows[classes[rows] != rubbish].tolist()
    assert sorted(taken) == real
    assert 0 < len(rows) - len(real) < int((classes == rubbish).sum())


def test_lattice_steps_take_usable_fields_and_bounded_arcs(data: TrainingSet, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every step has the recipe's number of fields, fewer where they are long, and at least one."""
    steps = [fields for fields, _ in lattice_steps(data, replace(RECIPE, field_batch=2), 0)]
    assert len(steps) == len(data.usable) // 2
    assert all(len(step) == 2 for step in steps)
    assert set(np.concatenate(steps).tolist()) <= set(data.usable.tolist())
    assert int(np.diff(data.offsets).max()) < MOST_ARCS
    monkeypatch.setattr(training.fitting, "MOST_ARCS", 1)
    assert all(len(fields) == 1 for fields, _ in lattice_steps(data, replace(RECIPE, field_batch=2), 0))


def test_a_set_smaller_than_a_step_is_one_step(data: TrainingSet) -> None:
    """A few fields are trained on too, rather than passed over without a word."""
    large = replace(RECIPE, batch=10**6, field_batch=10**6)
    assert len(list(segment_steps(data, large, ALPHABET, 0))) == 1
    ((fields, _),) = lattice_steps(data, large, 0)
    assert sorted(fields.tolist()) == data.usable.tolist()


def test_the_loss_falls(data: TrainingSet, tmp_path: Path) -> None:
    """Both criteria, on the fields that were trained on, and beyond what the classes' shares alone give."""
    torch.manual_seed(RECIPE.seed)
    before = mean_losses(LeNet5(len(ALPHABET)).eval(), data)
    after = mean_losses(train(data, replace(RECIPE, segment_epochs=20, lattice_epochs=15), ALPHABET, tmp_path, CPU), data)
    assert after[0] < 0.6 * before[0]
    assert after[1] < 0.6 * before[1]


@pytest.mark.parametrize("killed_in", ["segments", "lattice"])
def test_a_killed_run_ends_like_one_that_was_not(
    data: TrainingSet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, killed_in: str
) -> None:
    """Killed in the second epoch of either phase and started again: the same weights, bit by bit."""
    whole = weights(train(data, RECIPE, ALPHABET, made(tmp_path / "whole"), CPU))
    folder = made(tmp_path / "killed")
    name = "segments" if killed_in == "segments" else "lattice"
    proper = getattr(Losses, name)
    first = sum(1 for _ in (segment_steps(data, RECIPE, ALPHABET, 0) if killed_in == "segments" else lattice_steps(data, RECIPE, 0)))
    calls = 0

    def killed(*arguments: object) -> torch.Tensor:
        nonlocal calls
        calls += 1
        if calls > first + 1:
            raise KeyboardInterrupt
        return proper(*arguments)

    with monkeypatch.context() as patched:
        patched.setattr(Losses, name, killed)
        with pytest.raises(KeyboardInterrupt):
            train(data, RECIPE, ALPHABET, folder, CPU)
    assert (folder / f"{killed_in}.pt").is_file()
    found = weights(train(data, RECIPE, ALPHABET, folder, CPU))
    assert found.keys() == whole.keys()
    assert all(np.array_equal(found[key], whole[key]) for key in whole)


def made(folder: Path) -> Path:
    """The folder, which is there now."""
    folder.mkdir()
    return folder


def test_a_checkpoint_of_another_recipe_is_refused(data: TrainingSet, tmp_path: Path) -> None:
    """Going on with another number of epochs would be neither the one run nor the other."""
    train(data, replace(RECIPE, segment_epochs=1, lattice_epochs=0), ALPHABET, tmp_path, CPU)
    with pytest.raises(CheckpointError, match=r"segments\.pt is of a run with \d+ steps"):
        train(data, replace(RECIPE, segment_epochs=2, lattice_epochs=0), ALPHABET, tmp_path, CPU)


def test_log_probs_are_those_of_the_network_in_parts() -> None:
    """Rows sum to one; more patches than one part holds give the same as each alone; none give none."""
    torch.manual_seed(0)
    network = LeNet5(len(ALPHABET)).eval()
    patches = np.random.default_rng(0).integers(-64, 128, (4100, 32, 32)).astype(np.int8)
    found = log_probs_of(network, patches, CPU)
    assert found.dtype == np.float32
    assert found.shape == (4100, len(ALPHABET))
    assert np.allclose(np.exp(found).sum(axis=1), 1.0, atol=1e-5)
    assert np.allclose(found[4095:], log_probs_of(network, patches[4095:], CPU), atol=1e-5)
    assert log_probs_of(network, patches[:0], CPU).shape == (0, len(ALPHABET))


def test_a_hopeless_field_hardly_pulls(data: TrainingSet) -> None:
    """The loss of a field flattens out: with a wrong text everywhere the mean stays below the bound per symbol."""
    wrong = replace(data, texts=tuple("9" * len(text) for text in data.texts))
    losses = Losses(LeNet5(len(ALPHABET)).eval(), wrong, replace(RECIPE, digit_batch=0), ALPHABET, CPU)
    with torch.no_grad():
        total = float(losses.lattice((data.usable, 0))) - training.fitting.SEGMENT_LOSS_SHARE * float(
            torch.nn.functional.cross_entropy(losses.network(ink_of(data.patches)), data.classes, ignore_index=AMBIGUOUS)
        )
    shortest = min(len(text) for text in data.texts)
    assert 0.0 < total <= training.fitting.LOSS_BOUND / shortest + 1e-3


def test_isolated_digits_are_drawn_beside_the_segments(data: TrainingSet) -> None:
    """With a pool, a step holds the recipe's number of digits more, drawn from the step's seed."""
    pool = DigitPool(torch.full((6, 32, 32), 60, dtype=torch.int8), torch.arange(6), (0, 4, 6))
    losses = Losses(LeNet5(len(ALPHABET)).eval(), replace(data, digits=pool), RECIPE, ALPHABET, CPU)
    with torch.no_grad():
        logits, arcs, digits = losses.scored(torch.arange(5), 1)
        again = losses.scored(torch.arange(5), 1)[2]
        other = losses.scored(torch.arange(5), 2)[2]
    assert logits.shape == (5, len(ALPHABET))
    assert arcs.shape == (5,)
    assert digits.shape == (4,)
    assert torch.equal(digits, again)
    assert not torch.equal(digits, other)


def test_a_loss_that_is_no_number_stops_the_run(tmp_path: Path) -> None:
    """The checkpoint of the last good epoch stays; nothing is trained on from weights that are no numbers."""
    network = torch.nn.Linear(1, 1)
    epochs: list[int] = []

    def steps(epoch: int) -> Iterator[int]:
        epochs.append(epoch)
        return iter([epoch] * 4)

    def loss_of(step: int) -> torch.Tensor:
        return network(torch.ones(1, 1)).square().mean() / (1.0 - step)

    with pytest.raises(ArithmeticError, match="phase epoch 2: the loss is no number"):
        training.fitting.fit("phase", network, 3, 1e-3, steps, loss_of, tmp_path / "phase.pt")
    assert torch.load(tmp_path / "phase.pt", weights_only=True)["epoch"] == 0
