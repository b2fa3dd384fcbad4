"""The ablation on a few fields: what each variant knows, learns and reads."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from tests.requirements_gate import require

require("torch")

import torch  # noqa: E402

import training.shards  # noqa: E402
from app.reader.types import RUBBISH, STRAY  # noqa: E402
from training import ablation  # noqa: E402
from training.ablation import (  # noqa: E402
    VARIANTS,
    Row,
    ablation_block,
    as_known,
    character_steps,
    known_classes,
    main,
    network_of,
    read_field,
    restricted,
    value_of,
)
from training.digit_pool import DigitPool  # noqa: E402
from training.fitting import TrainingSet, log_probs_of, training_set  # noqa: E402
from training.segments import AMBIGUOUS  # noqa: E402
from training.shards import ShardPlan, build_shards  # noqa: E402
from training.train import ALPHABETS, RECIPES  # noqa: E402

ALPHABET = ALPHABETS["courtesy_amount"]
CPU = torch.device("cpu")
CHARACTERS, FIELDS, SEGMENTS, LATTICE, GRAMMAR = VARIANTS


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> TrainingSet:
    """Six fields by the project's own pens, and twenty noisy digits beside them."""
    digits = DigitPool(torch.randint(0, 127, (20, 32, 32), dtype=torch.int8), torch.arange(20) % 10, (0, 20))
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(training.shards, "FIELDS_PER_SHARD", 6)
        plan = ShardPlan("courtesy_amount", ALPHABET, "train", 1, 6, tmp_path_factory.mktemp("shards"), None)
        return training_set(build_shards(plan, 1), digits)


def test_each_variant_adds_one_thing() -> None:
    """Figures; then marks; then what is no character; the last two differ in training and in reading."""
    assert [len(known_classes(variant, ALPHABET)) for variant in VARIANTS] == [10, 18, 20, 20, 20]
    flags = [(v.check_like, v.rubbish, v.lattice, v.grammar) for v in VARIANTS]
    assert [sum(flag) for flag in flags] == [0, 1, 2, 3, 4]
    assert [v.folder for v in VARIANTS] == ["characters", "fields", "rubbish", "rubbish", "rubbish"]


def test_unknown_classes_are_not_learnt(data: TrainingSet) -> None:
    """Their arcs are left out of the loss; the whole variants have all of them."""
    kept = {int(c) for c in restricted(data, FIELDS, ALPHABET).classes.unique()}
    assert kept.isdisjoint({ALPHABET.index(RUBBISH), ALPHABET.index(STRAY)})
    assert len(kept) > 5
    assert (restricted(data, CHARACTERS, ALPHABET).classes == AMBIGUOUS).all()
    assert torch.equal(restricted(data, GRAMMAR, ALPHABET).classes, data.classes)


def test_characters_alone_come_without_arcs() -> None:
    """The same seeds every time, others in another epoch."""
    first, again, later = (list(character_steps(3, 1, epoch)) for epoch in (0, 0, 1))
    assert [len(rows) for rows, _ in first] == [0, 0, 0]
    assert [seed for _, seed in first] == [seed for _, seed in again] != [seed for _, seed in later]


@pytest.mark.parametrize("variant", VARIANTS)
def test_probabilities_are_over_what_is_known(variant: ablation.Variant) -> None:
    """They add up to one; without rubbish that class stands at one, so that a score is the log-probability itself."""
    rows = np.log(np.random.default_rng(1).dirichlet(np.ones(20), 4)).astype(np.float32)
    found = as_known(rows, variant, ALPHABET)
    known = known_classes(variant, ALPHABET)
    assert np.exp(found[:, known]).sum(axis=1) == pytest.approx(np.ones(4), abs=1e-5)
    if variant.rubbish:
        assert found == pytest.approx(rows, abs=1e-5)
    else:
        assert (found[:, ALPHABET.index(RUBBISH)] == 0.0).all()
        assert (found[:, ALPHABET.index(STRAY)] < -1e6).all()


@pytest.mark.parametrize(
    ("text", "amount_format", "value"),
    [
        ("25.574.-", "plain", "25574"),
        ("25.5.7", "plain", "2557"),
        ("$1,234.56", "us", "1234.56"),
        ("1-2", "us", None),
        ("$", "plain", None),
    ],
)
def test_texts_state_values(text: str, amount_format: str, value: str | None) -> None:
    """As the grammar takes them; whole amounts by their figures where it does not."""
    assert value_of(text, amount_format) == value  # type: ignore[arg-type]


def test_every_variant_trains_and_reads(data: TrainingSet, tmp_path: Path) -> None:
    """A network each, of which the last three share a folder and the last two the weights; a second call goes on from its
    checkpoints."""
    torch.set_num_threads(1)
    recipe = replace(RECIPES["courtesy_amount"], segment_epochs=1, lattice_epochs=1, batch=64, field_batch=2, digit_batch=4)
    picture = np.full((40, 120), 230, np.uint8)
    picture[10:30, 20:23] = picture[10:30, 60:63] = 30
    seen: list[np.ndarray] = []
    for variant in VARIANTS:
        network = network_of(variant, data, recipe, ALPHABET, tmp_path, CPU).eval()
        again = network_of(variant, data, recipe, ALPHABET, tmp_path, CPU).eval()
        units = np.random.default_rng(0).integers(0, 127, (3, 32, 32)).astype(np.int8)
        assert np.array_equal(log_probs_of(network, units, CPU), log_probs_of(again, units, CPU))
        value = read_field(picture, "plain", variant, lambda patches, net=network: log_probs_of(net, patches, CPU))  # type: ignore[misc]
        assert value is None or value.isdigit()
        seen.append(log_probs_of(network, units, CPU))
    assert [bool(np.array_equal(one, after)) for one, after in pairwise(seen)] == [False, False, False, True]
    assert {path.name for path in tmp_path.iterdir()} == {"characters", "fields", "rubbish"}


def test_the_table_has_a_row_a_variant() -> None:
    """With intervals; where no box is marked it says so."""
    text = ablation_block([Row("characters only", 5, 10, 0, 0), Row("+ more", 6, 10, 1, 2)], 500)
    assert "500 synthetic fields" in text
    assert "| characters only | 50.0 % (23.7-76.3) | none marked |" in text
    assert "| + more | 60.0 % (31.3-83.2) | 50.0 % (9.5-90.5) |" in text


def test_without_data_or_shards_it_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Exit status 2 and one sentence."""
    monkeypatch.delenv("CHECKREADER_DATA", raising=False)
    assert main(["--shards", str(tmp_path)]) == 2
    assert main(["--shards", str(tmp_path), "--data-root", str(tmp_path)]) == 2
    assert "--shards" in capsys.readouterr().err
