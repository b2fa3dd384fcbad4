"""Learning to choose: the answers of the first reader, and the loss of both readers' choice."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from tests.requirements_gate import require

require("torch")

import torch  # noqa: E402

from app.reader.courtesy_amount import interpret  # noqa: E402
from app.reader.second_reader import Fusion, fused  # noqa: E402
from app.reader.types import AMOUNT_FORMATS, Alphabet  # noqa: E402
from training.answers import SPELLING_SHARE, Answers, Chooser, by_place, choice_loss, collect, spelling_loss  # noqa: E402
from training.fitting import log_probs_of  # noqa: E402
from training.lenet5 import LeNet5  # noqa: E402
from training.sdnn import SpaceDisplacementNetwork, StripSet  # noqa: E402
from training.shards import ShardPlan, build_shards, read_shard  # noqa: E402

SYMBOLS = tuple("0123456789")
ALPHABET = Alphabet((*"0123456789$,./-*#=", "rubbish", "stray"))
CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def shard(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A few fields in the project's own pens."""
    patch = pytest.MonkeyPatch()
    patch.setattr("training.shards.FIELDS_PER_SHARD", 12)
    plan = ShardPlan("courtesy_amount", ALPHABET, "train", 3, 12, tmp_path_factory.mktemp("shards"), None)
    (path,) = build_shards(plan, workers=1)
    patch.undo()
    return path


def test_the_answers_are_those_of_the_first_reader(shard: Path) -> None:
    """What stands there comes first and is no answer; the right value has its number where it was found."""
    random = np.random.default_rng(0)
    asked = []

    def score(patches: np.ndarray) -> np.ndarray:
        asked.append(len(patches))
        logits = random.normal(size=(len(patches), len(ALPHABET)))
        return np.asarray(logits - np.log(np.exp(logits).sum(axis=1, keepdims=True)), np.float32)

    answers = collect([shard], score, ALPHABET)
    fields = read_shard(shard)
    assert len(answers) == len(fields.texts)
    for text, value, shown, answer in zip(fields.texts, fields.values, fields.formats, answers, strict=True):
        assert answer is not None
        assert (answer.texts[0], answer.values[0]) == (text, -1)
        assert len(answer.texts) == len(answer.values)
        assert set(answer.values[1:]) == set(range(len(answer.first)))
        assert all(-14.0 <= log <= 0.0 for log in answer.first)
        known = next(f for f in AMOUNT_FORMATS if f == shown)
        read = {number: interpret(t, known).value for t, number in zip(answer.texts[1:], answer.values[1:], strict=True)}
        assert [number for number, found in read.items() if found == value] == ([answer.right] if answer.right >= 0 else [])
    assert collect([shard], score, ALPHABET) == answers
    assert len(asked) == 1, "what is on disk is not read again"


def test_a_killed_shard_leaves_no_half_answers(shard: Path, tmp_path: Path) -> None:
    """A failure in the middle leaves no file under the final name."""
    copy = tmp_path / shard.name
    copy.write_bytes(shard.read_bytes())

    def fails(_patches: np.ndarray) -> np.ndarray:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        collect([copy], fails, ALPHABET)
    assert [p.name for p in tmp_path.iterdir()] == [shard.name]


def test_workers_find_what_one_finds(shard: Path, tmp_path: Path) -> None:
    """In the order of the shards."""
    torch.manual_seed(1)
    score = partial(log_probs_of, LeNet5(len(ALPHABET)).eval(), device=CPU)
    first, second = tmp_path / "one", tmp_path / "two"
    for folder in (first, second):
        folder.mkdir()
        for number in range(2):
            (folder / f"{number}.npz").write_bytes(shard.read_bytes())
    alone = collect(sorted(first.glob("*.npz")), score, ALPHABET)
    assert collect(sorted(second.glob("*.npz")), score, ALPHABET, workers=2) == alone
    assert alone[:12] == alone[12:]


def one_field() -> tuple[StripSet, list[Answers]]:
    """A strip with two candidate values, the second of which has two spellings."""
    strip = (np.random.default_rng(1).random((32, 80)) ** 3 * 127).astype(np.int8)
    return StripSet((strip,), ("12",)), [Answers(("12", "12", "34", "034"), (-1, 0, 1, 1), (-1.2, -0.5), 0)]


def test_the_loss_is_that_of_the_readers_own_fusion() -> None:
    """Minus the log posterior that ``fused`` gives the right value, plus the share of the spelling."""
    torch.manual_seed(0)
    data, answers = one_field()
    fusion = Fusion(0.6, 0.3, -2.0)
    chooser = Chooser(SpaceDisplacementNetwork(10).eval(), fusion)
    step = (np.array([0]), 4)
    seen: list[torch.Tensor] = []
    chooser.network.register_forward_hook(lambda _module, _given, out: seen.append(torch.log_softmax(out, dim=2)))
    with torch.no_grad():
        loss = float(choice_loss(chooser, data, answers, SYMBOLS, CPU, step))
        told = -spelling_loss(seen[0], np.zeros(4, np.int64), answers[0].texts, np.array([seen[0].shape[1]]), SYMBOLS).numpy()
    second = np.maximum(told, -60.0)
    posterior = fused(np.array(answers[0].first), np.array([second[1], np.logaddexp(second[2], second[3])]), fusion)
    assert loss == pytest.approx(-posterior[0] - SPELLING_SHARE * told[0] / 2, abs=1e-4)


def test_training_learns_to_prefer_the_right_answer() -> None:
    """After a few steps on one field the right value leads, although the first reader prefers the other."""
    torch.manual_seed(0)
    data, answers = one_field()
    chooser = Chooser(SpaceDisplacementNetwork(10, normalised=False), Fusion(0.6, 0.3, -8.0))
    optimiser = torch.optim.Adam(chooser.parameters(), lr=2e-3)
    losses = []
    for _ in range(40):
        loss = choice_loss(chooser, data, answers, SYMBOLS, CPU, (np.array([0]), 4))
        optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimiser.step()
        losses.append(float(loss.detach()))
    assert losses[-1] < 0.3 * losses[0]


def test_fields_with_few_answers_stand_beside_fields_with_many() -> None:
    """The loss of both together is the mean of their own, and every gradient is a number."""
    torch.manual_seed(0)
    data, (answer,) = one_field()
    other = Answers(("12", "21", "11", "22", "1" * 60), (-1, 0, 1, 2, 3), (-0.2, -4.0, -5.0, -14.0), -1)
    chooser = Chooser(SpaceDisplacementNetwork(10).eval(), Fusion(0.6, 0.3, -2.0))
    both = StripSet(data.strips * 2, data.texts * 2)
    loss = choice_loss(chooser, both, [answer, other], SYMBOLS, CPU, (np.array([0, 1]), 4))
    loss.backward()  # type: ignore[no-untyped-call]
    assert torch.isfinite(loss)
    assert all(parameter.grad is not None and torch.isfinite(parameter.grad).all() for parameter in chooser.parameters())


def test_a_text_that_does_not_fit_has_a_bounded_loss_and_no_gradient() -> None:
    """Forty symbols on five places."""
    logits = torch.zeros(1, 5, 11, requires_grad=True)
    loss = spelling_loss(torch.log_softmax(logits, dim=2), np.array([0]), ["1" * 40], np.array([5]), SYMBOLS)
    assert float(loss.detach()) == 60.0
    loss.sum().backward()
    assert not logits.grad.any()  # type: ignore[union-attr]


def test_logs_of_one_place_are_added_up() -> None:
    """log(exp a + exp b) where two share a place, the least opinion where there is none."""
    logs = by_place(torch.tensor([-1.0, -2.0, -3.0]), torch.tensor([0, 0, 2]), 3)
    assert torch.allclose(logs, torch.tensor([np.logaddexp(-1.0, -2.0), -60.0, -3.0], dtype=torch.float32))


def test_answers_on_disk_are_plain_json(shard: Path) -> None:
    """So that they can be looked at."""
    kept = shard.with_suffix(".answers.json")
    assert kept.exists()
    assert all(item is None or len(item) == 4 for item in json.loads(kept.read_text()))
