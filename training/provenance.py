"""Which data sets a model was trained on, under which licence, with the digests of the files: for its provenance."""

from __future__ import annotations

import gzip
import hashlib
from pathlib import Path

from app.reader.types import ModelName

# Files of each set (relative to the data folder) whose writers the synthetic fields draw with, and the licence as stated.
SETS: dict[str, tuple[str, tuple[str, ...]]] = {
    "MNIST with QMNIST writers": (
        "derived from NIST SD-1/SD-3 (US government); distributed under CC BY-SA 3.0; QMNIST labels BSD",
        (
            "digits/mnist/train-images-idx3-ubyte.gz",
            "digits/mnist/train-labels-idx1-ubyte.gz",
            "digits/mnist/qmnist-train-labels-idx2-int.gz",
        ),
    ),
    "UNIPEN isolated digits and symbols": (
        "CC BY 4.0 (doi 10.5281/zenodo.1195803)",
        ("digits/unipen/digits.jsonl.gz", "digits/unipen/symbols.jsonl.gz"),
    ),
    "BHMSDS": ("MIT", ("digits/bhmsds.npz",)),
}


# Isolated digits that the first reader of amounts sees besides.
SINGLE_SETS: dict[str, tuple[str, tuple[str, ...]]] = {
    "UCI optdigits, training part": ("CC BY 4.0", ("digits/optdigits_tra.npz",)),
    "Semeion": ("CC BY 4.0", ("digits/semeion.npz",)),
}


def datasets_used(model: ModelName, data_root: Path | None, singles: bool = True) -> list[dict[str, object]]:
    """One entry per data set: name, licence, digests; ``singles`` with those of isolated digits alone. The MICR model and runs
    without data use drawn glyphs alone."""
    if model == "micr_e13b" or data_root is None:
        return [{"name": "the project's own synthetic pictures", "licence": "Apache-2.0", "files": {}}]
    sets = {**SETS, **SINGLE_SETS} if singles else SETS
    return [{"name": name, "licence": licence, "files": digests(data_root, files)} for name, (licence, files) in sets.items()]


def digests(data_root: Path, files: tuple[str, ...]) -> dict[str, str]:
    """SHA-256 of the files that are there, of the content after gunzip as in ``training.data.sources``."""
    return {name: digest(data_root / name) for name in files if (data_root / name).is_file()}


def digest(path: Path) -> str:
    """SHA-256 of one file's content, unpacked where it is a ``.gz``."""
    with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as content:
        found = hashlib.sha256()
        while block := content.read(1 << 20):
            found.update(block)
    return found.hexdigest()
