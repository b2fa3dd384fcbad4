"""Shards of labelled lattices on disk: what the recognisers are trained on.

A shard is an uncompressed ``.npz`` of a few hundred synthetic fields, drawn from the seed of the shard alone, written
under another name and then renamed: a kill loses at most the shard under way, and a second call draws only what is
missing. Drawing runs in worker processes.
"""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
from tqdm import tqdm

from app.reader.types import AMOUNT_FORMATS, Alphabet, ModelName, Scope
from training.segments import LabelledLattice, labelled_lattice
from training.synthetic.fields import draw_field
from training.synthetic.pen_data import Split
from training.synthetic.pens import PenSet

FIELDS_PER_SHARD = 500
FORMAT_SHARES = (0.35, 0.2, 0.45)  # us, in, plain
RARE_FORMAT_SHARES = (0.22, 0.2, 0.58)
RARE_OWN_SHARE = 0.75  # of rare fields that the own stroke models write, with their rarer shapes


@dataclass(frozen=True, slots=True)
class ShardPlan:
    """Which shards are wanted: ``split`` "train" or "held_out" names the writers that may appear."""

    model: ModelName
    alphabet: Alphabet
    split: Split
    seed: int
    count: int
    folder: Path
    data_root: Path | None
    rare: bool = False  # fields with the rarer shapes of digits

    def path(self, index: int) -> Path:
        """The file of one shard."""
        return self.folder / f"{self.model}-{'rare-' if self.rare else ''}{self.split}-{self.seed}-{index:05d}.npz"


@dataclass(frozen=True, slots=True, eq=False)
class Shard:
    """Many lattices behind one another: arcs of field f are rows ``offsets[f] : offsets[f + 1]``."""

    patches: npt.NDArray[np.int8]  # (A, 32, 32), ink times 127
    classes: npt.NDArray[np.int16]  # (A,)
    source: npt.NDArray[np.int16]  # (A,)
    target: npt.NDArray[np.int16]  # (A,)
    offsets: npt.NDArray[np.int64]  # (F + 1,)
    texts: tuple[str, ...]  # (F,)
    values: tuple[str, ...]  # (F,)
    formats: tuple[str, ...]  # (F,)
    has_true_path: npt.NDArray[np.bool_]  # (F,)
    strips: npt.NDArray[np.int8]  # (32, S), all fields' strips side by side, ink times 127
    strip_ends: npt.NDArray[np.int64]  # (F + 1,): the strip of field f is columns ``strip_ends[f] : strip_ends[f + 1]``


@cache
def pens_for(data_root: Path | None, split: Split, rare: bool = False) -> PenSet:
    """The pens of a split, loaded once per process; without data the project's own stroke models."""
    pens = PenSet.own(split) if data_root is None else PenSet.from_data(data_root, split)
    return replace(pens, rare=True, own_share=RARE_OWN_SHARE, bitmap_share=0.1) if rare else pens


def draw_lattice(plan: ShardPlan, rng: np.random.Generator) -> tuple[LabelledLattice, str]:
    """One labelled field of the plan's model, with its amount format ("" for MICR lines)."""
    if plan.model == "micr_e13b":
        from training.synthetic.micr import draw_micr_line

        return labelled_lattice(draw_micr_line(rng), Scope.MICR_LINE, plan.alphabet), ""
    shares = RARE_FORMAT_SHARES if plan.rare else FORMAT_SHARES
    amount_format = AMOUNT_FORMATS[int(rng.choice(len(AMOUNT_FORMATS), p=shares))]
    drawn = draw_field(rng, pens_for(plan.data_root, plan.split, plan.rare), amount_format)
    return labelled_lattice(drawn, Scope.COURTESY_AMOUNT, plan.alphabet), amount_format


def write_shard(plan: ShardPlan, index: int) -> Path:
    """Draw one shard and write it atomically."""
    cv2.setNumThreads(1)
    stream = {"train": 1, "held_out": 2}[plan.split] + 2 * plan.rare
    rng = np.random.default_rng([plan.seed, index, stream])
    drawn = [draw_lattice(plan, rng) for _ in range(FIELDS_PER_SHARD)]
    lattices = [lattice for lattice, _ in drawn]
    path = plan.path(index)
    partial = path.with_suffix(".partial.npz")
    np.savez(
        partial,
        patches=np.concatenate([lattice.patches for lattice in lattices]),
        classes=np.concatenate([lattice.classes for lattice in lattices]),
        source=np.concatenate([lattice.source for lattice in lattices]),
        target=np.concatenate([lattice.target for lattice in lattices]),
        offsets=np.cumsum([0, *(len(lattice.classes) for lattice in lattices)]),
        texts=np.array([lattice.text for lattice in lattices]),
        values=np.array([lattice.value for lattice in lattices]),
        formats=np.array([amount_format for _, amount_format in drawn]),
        has_true_path=np.array([lattice.has_true_path for lattice in lattices]),
        strips=np.concatenate([lattice.strip for lattice in lattices], axis=1),
        strip_ends=np.cumsum([0, *(lattice.strip.shape[1] for lattice in lattices)]),
    )
    partial.replace(path)
    return path


def _write_job(job: tuple[ShardPlan, int]) -> Path:
    return write_shard(*job)


def build_shards(plan: ShardPlan, workers: int) -> list[Path]:
    """All shards of a plan; those that lie there already are kept."""
    plan.folder.mkdir(parents=True, exist_ok=True)
    wanted = range(-(-plan.count // FIELDS_PER_SHARD))
    missing = [(plan, index) for index in wanted if not plan.path(index).exists()]
    label = f"draw {plan.model} {'rare ' if plan.rare else ''}{plan.split}"
    if missing and workers > 1:
        with multiprocessing.get_context("spawn").Pool(workers) as pool:
            list(tqdm(pool.imap_unordered(_write_job, missing), total=len(missing), desc=label, mininterval=5))
    else:
        for job in tqdm(missing, desc=label, mininterval=5, disable=not missing):
            _write_job(job)
    return [plan.path(index) for index in wanted]


def read_shard(path: Path) -> Shard:
    """One shard from disk."""
    with np.load(path, allow_pickle=False) as data:
        return Shard(
            patches=data["patches"],
            classes=data["classes"],
            source=data["source"],
            target=data["target"],
            offsets=data["offsets"],
            texts=tuple(data["texts"].tolist()),
            values=tuple(data["values"].tolist()),
            formats=tuple(data["formats"].tolist()),
            has_true_path=data["has_true_path"],
            strips=data["strips"],
            strip_ends=data["strip_ends"],
        )


def read_shards(paths: list[Path]) -> Iterator[Shard]:
    """The shards one after the other."""
    for path in paths:
        yield read_shard(path)
