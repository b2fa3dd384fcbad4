"""Shards: drawn from their seed alone, written whole or not at all, drawn once."""

from __future__ import annotations

import itertools
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import training.shards
from app.reader.types import AMOUNT_FORMATS, Alphabet
from training.shards import Shard, ShardPlan, build_shards, pens_for, read_shard, read_shards, write_shard

AMOUNTS = Alphabet((*"0123456789$,./-*#=", "rubbish", "stray"))
LINES = Alphabet((*"0123456789⑆⑇⑈⑉", "rubbish", "stray"))
PER_SHARD = 3


@pytest.fixture(autouse=True)
def small_shards(monkeypatch: pytest.MonkeyPatch) -> None:
    """Three fields in a shard."""
    monkeypatch.setattr(training.shards, "FIELDS_PER_SHARD", PER_SHARD)


def plan_in(folder: Path, **changed: Any) -> ShardPlan:
    """Seven amounts by the project's own pens, so three shards."""
    return replace(ShardPlan("courtesy_amount", AMOUNTS, "train", 5, 7, folder, None), **changed)


def same(one: Shard, other: Shard) -> bool:
    """Whether two shards hold the same fields, bit by bit."""
    arrays = all(
        np.array_equal(getattr(one, name), getattr(other, name))
        for name in ("patches", "classes", "source", "target", "offsets", "has_true_path")
    )
    return arrays and (one.texts, one.values, one.formats) == (other.texts, other.values, other.formats)


def test_a_shard_holds_its_fields_behind_one_another(tmp_path: Path) -> None:
    """Shapes and types as the docstring says, for amounts and for MICR lines, and every field's lattice in its own rows."""
    for plan in (plan_in(tmp_path, count=PER_SHARD), plan_in(tmp_path, count=PER_SHARD, model="micr_e13b", alphabet=LINES)):
        (path,) = build_shards(plan, workers=1)
        shard = read_shard(path)
        arcs = int(shard.offsets[-1])
        assert (shard.patches.dtype, shard.patches.shape) == (np.dtype(np.int8), (arcs, 32, 32))
        assert [a.shape for a in (shard.classes, shard.source, shard.target)] == [(arcs,)] * 3
        assert {a.dtype for a in (shard.classes, shard.source, shard.target)} == {np.dtype(np.int16)}
        assert shard.offsets.dtype == np.int64
        assert shard.offsets.shape == (PER_SHARD + 1,)
        assert [len(texts) for texts in (shard.texts, shard.values, shard.formats)] == [PER_SHARD] * 3
        assert shard.has_true_path.dtype == bool
        for first, last in itertools.pairwise(shard.offsets):
            assert (shard.source[first:last] < shard.target[first:last]).all()
            assert shard.source[first:last].min() == 0
        expected = set(AMOUNT_FORMATS) if plan.model == "courtesy_amount" else {""}
        assert set(shard.formats) <= expected


def test_shards_follow_from_the_seed_alone(tmp_path: Path) -> None:
    """The same seed and index give the same fields in another folder; another index, seed or split gives others."""
    plan = plan_in(tmp_path / "a")
    again = plan_in(tmp_path / "b")
    for folder in (plan.folder, again.folder):
        folder.mkdir()
    shard = read_shard(write_shard(plan, 1))
    assert same(shard, read_shard(write_shard(again, 1)))
    for other, index in ((plan, 0), (plan_in(plan.folder, seed=6), 1), (plan_in(plan.folder, split="held_out"), 1)):
        assert not same(shard, read_shard(write_shard(other, index)))


def test_a_second_call_draws_only_what_is_missing(tmp_path: Path) -> None:
    """What lies there is kept, bit by bit; what was removed comes back the same; more fields add shards."""
    plan = plan_in(tmp_path)
    paths = build_shards(plan, workers=1)
    assert [path.name for path in paths] == [f"courtesy_amount-train-5-0000{index}.npz" for index in range(3)]
    before = {path: path.read_bytes() for path in paths}
    stamps = {path: path.stat().st_mtime_ns for path in paths}
    paths[1].unlink()
    assert build_shards(plan, workers=1) == paths
    assert {path: path.stat().st_mtime_ns for path in (paths[0], paths[2])} == {path: stamps[path] for path in (paths[0], paths[2])}
    assert {path: path.read_bytes() for path in paths} == before
    assert build_shards(plan_in(tmp_path, count=10), workers=1) == [*paths, tmp_path / "courtesy_amount-train-5-00003.npz"]


def test_a_kill_in_the_middle_of_writing_leaves_no_shard(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Half a file never has the name of a shard, and the next call draws it anew."""
    plan = plan_in(tmp_path, count=PER_SHARD)

    def killed(file: Path, **_arrays: Any) -> None:
        Path(file).write_bytes(b"half")
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(np, "savez", killed)
        with pytest.raises(KeyboardInterrupt):
            build_shards(plan, workers=1)
    assert not plan.path(0).exists()
    (path,) = build_shards(plan, workers=1)
    assert len(read_shard(path).texts) == PER_SHARD
    assert list(tmp_path.iterdir()) == [path]


def test_shards_are_read_in_the_order_that_is_asked(tmp_path: Path) -> None:
    """One after the other."""
    paths = build_shards(plan_in(tmp_path), workers=1)
    found = [shard.texts for shard in read_shards(paths[::-1])]
    assert found == [read_shard(path).texts for path in paths[::-1]]


def test_writers_of_one_split_do_not_write_the_other(tmp_path: Path) -> None:
    """Without data the own pens, whose seeds are even for training and odd for what is held out."""
    rng = np.random.default_rng(0)
    assert {pens_for(None, "train").own_writer(rng).seed % 2 for _ in range(20)} == {0}
    assert {pens_for(None, "held_out").own_writer(rng).seed % 2 for _ in range(20)} == {1}


def test_rare_shards_are_others(tmp_path: Path) -> None:
    """Fields with the rarer shapes have files and a stream of their own, and writers who know those shapes."""
    plain, rare = plan_in(tmp_path, count=3), plan_in(tmp_path, count=3, rare=True)
    (one,), (other,) = build_shards(plain, 1), build_shards(rare, 1)
    assert one != other
    assert read_shard(one).texts != read_shard(other).texts
    assert pens_for(None, "train", True).rare
    assert not pens_for(None, "train").rare
