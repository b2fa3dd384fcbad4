"""Isolated digits as patches, for the single-segment phase: the data sets' own digits through the reader's digit stage.

Only writers of the split are taken (as for the pens). Drawing distorts every digit anew: turned, sheared, stretched, with
thicker and thinner strokes.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
import torch

from training.data.digits import NpzSet, load_npz_set
from training.distortions import Distorter, DistortionStrength
from training.segments import PATCH_UNIT, digit_patch
from training.synthetic.pen_data import Split, load_bhmsds, load_mnist_by_writer

STRENGTH = DistortionStrength(rotation_degrees=12.0, shear=0.25, scale=0.14, shift_px=1.5, elastic_px=1.2, stroke_width=0.5)
RIM_PX = 2  # paper around each picture, as in a cut-out digit
SMALL_SETS: tuple[NpzSet, ...] = ("optdigits_tra", "semeion")  # writers unknown: all in the training split


@dataclass(frozen=True, slots=True, eq=False)
class DigitPool:
    """``patches`` (N, 32, 32) int8, ink times 127; ``classes`` (N,) int64, the digit; ``bounds`` the sets' row ranges."""

    patches: torch.Tensor
    classes: torch.Tensor
    bounds: tuple[int, ...]

    def draw(self, count: int, distorter: Distorter, generator: torch.Generator) -> tuple[torch.Tensor, torch.Tensor]:
        """``count`` distorted patches (count, 1, 32, 32) and their classes; a set's chance grows with the root of its size."""
        starts, ends = torch.tensor(self.bounds[:-1]), torch.tensor(self.bounds[1:])
        chosen = torch.multinomial((ends - starts).to(torch.float32).sqrt(), count, replacement=True, generator=generator)
        share = torch.rand(count, generator=generator)
        rows = starts[chosen] + (share * (ends - starts)[chosen]).to(torch.int64)
        ink = self.patches[rows].to(torch.float32).unsqueeze(1) / PATCH_UNIT
        return distorter(ink, generator), self.classes[rows]


def pictures_of(data_root: Path, split: Split) -> list[list[tuple[int, npt.NDArray[np.uint8]]]]:
    """(digit, picture with bright ink) of every set. Raises FileNotFoundError, ``MissingData``."""
    by_writer = [load_mnist_by_writer(data_root, split), load_bhmsds(data_root, split)]
    found = [[(int(d), image) for by in writers.values() for d, images in by.items() for image in images] for writers in by_writer]
    if split == "train":
        for name in SMALL_SETS:
            loaded = load_npz_set(data_root, name)
            found.append([(int(label), image) for label, image in zip(loaded.labels, loaded.images, strict=True)])
    return found


def load_digit_pool(data_root: Path, split: Split, kept: Path) -> DigitPool:
    """The pool, made once and kept as ``kept`` (npz)."""
    if not kept.exists():
        cv2.setNumThreads(1)
        patches, classes, bounds = [], [], [0]
        for pictures in pictures_of(data_root, split):
            for digit, picture in pictures:
                patch = digit_patch(np.pad(picture, RIM_PX))
                if patch is not None:
                    patches.append(patch)
                    classes.append(digit)
            bounds.append(len(patches))
        kept.parent.mkdir(parents=True, exist_ok=True)
        partial = kept.with_suffix(".partial.npz")
        np.savez(partial, patches=np.stack(patches), classes=np.array(classes, np.int64), bounds=np.array(bounds))
        partial.replace(kept)
    with np.load(kept, allow_pickle=False) as data:
        return DigitPool(torch.from_numpy(data["patches"]), torch.from_numpy(data["classes"]), tuple(int(b) for b in data["bounds"]))
