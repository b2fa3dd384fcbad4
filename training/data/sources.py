"""Which files the data sets consist of, where they are looked for, and their digests, licences and permitted use.

A digest is the sha256 of the content *after* gunzip, so that ``x.gz`` and the unpacked ``x`` are the same file. Use
``train`` may enter the shipped weights; use ``measure`` never does: it is for evaluation alone.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import os
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

DATA_VARIABLE = "CHECKREADER_DATA"

Use = Literal["train", "measure"]


class DataError(Exception):
    """A data set cannot be used. The message names the file, the folders looked in and what to do."""


class MissingData(DataError):
    """A file of a data set, or the folder of them all, is not there."""


class ChecksumMismatch(DataError):
    """A file has other bytes than the known ones."""


class MalformedData(DataError):
    """A file does not have the form that its set has."""


@dataclass(frozen=True, slots=True)
class DataFile:
    """One known file: its path under the data root, where else it may lie, and the sha256 of its unpacked content."""

    path: str
    sha256: str
    other_folders: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DataSet:
    """A data set with its licence, as stated by its publisher, and what it may be used for."""

    name: str
    licence: str
    use: Use
    files: tuple[DataFile, ...]


_MNIST_FOLDERS = ("mnist", "MNIST/raw", ".")  # a folder of one's own, torchvision's layout, the publishers' files as they are
_NIST = "from NIST SD-1 and SD-3 (US government); distributed under CC BY-SA 3.0; QMNIST labels BSD"
_UNIPEN = "CC BY 4.0 (doi 10.5281/zenodo.1195803)"
_UCI = "CC BY 4.0 (UCI Machine Learning Repository)"


def _mnist(name: str, sha256: str) -> DataFile:
    return DataFile(f"digits/mnist/{name}", sha256, _MNIST_FOLDERS)


DATA_SETS: dict[str, DataSet] = {
    known.name: known
    for known in (
        DataSet(
            "mnist_train",
            _NIST,
            "train",
            (
                _mnist("train-images-idx3-ubyte.gz", "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db"),
                _mnist("train-labels-idx1-ubyte.gz", "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5"),
                _mnist("qmnist-train-labels-idx2-int.gz", "bb1b6e1ec7b04fd5696f1ed50b5f58f8ef195118edd5c93c81783df9740b8ac5"),
            ),
        ),
        DataSet(
            "mnist_test",
            _NIST,
            "measure",
            (
                _mnist("t10k-images-idx3-ubyte.gz", "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7"),
                _mnist("t10k-labels-idx1-ubyte.gz", "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2"),
                _mnist("qmnist-test-labels-idx2-int.gz", "92d0ccb8c25f9c6534270fb4be7e1d24a1c6d315edfc8a638bfbd31c70f362dd"),
            ),
        ),
        DataSet(
            "unipen_digits",
            _UNIPEN,
            "train",
            (DataFile("digits/unipen/digits.jsonl.gz", "fb5963ef2c19bfa324b144c8cfe5eb49efc94ac5ac4faf3f5d22237d1de925f8"),),
        ),
        DataSet(
            "unipen_symbols",
            _UNIPEN,
            "train",
            (DataFile("digits/unipen/symbols.jsonl.gz", "f6727d1cb9fae110f378d34612dca68f7fbcb9547edce75c3dccc0052c2d88d1"),),
        ),
        DataSet(
            "unipen_strings",
            _UNIPEN,
            "measure",
            (DataFile("strings/unipen/strings.jsonl.gz", "fd05aa1226c85d75b25e4766e79bdea15d794a52d2004575499c90379f1628a5"),),
        ),
        DataSet(
            "bhmsds",
            "MIT",
            "train",
            (DataFile("digits/bhmsds.npz", "d5f7ce6e3c1a8fdeaaae6b42be1f485fb74f42fdf394c132e9e40d9fbf8d8e84"),),
        ),
        DataSet(
            "optdigits_tra",
            _UCI,
            "train",
            (DataFile("digits/optdigits_tra.npz", "47a87afb8380023ea3e3a2498cec94a3c54f94409b6fe36d664dddae4f07f527"),),
        ),
        DataSet(
            "optdigits_tes",
            _UCI,
            "measure",
            (DataFile("digits/optdigits_tes.npz", "dd2d258ec5c245ac11d1f09ccc040f1b21dd32c79b930d5e3c5f2fd8357b18f1"),),
        ),
        DataSet(
            "optdigits_windep",
            _UCI,
            "measure",
            (DataFile("digits/optdigits_windep.npz", "92ef8acfd3417f4043ebd0da9cd8dbdc58f509859638180be89fe8de68e27480"),),
        ),
        DataSet(
            "semeion",
            _UCI,
            "train",
            (DataFile("digits/semeion.npz", "84fc1f5920449616c7e0013cc370e365f88dbb9683bf0291639b40408682a16c"),),
        ),
        DataSet(
            "usps_train",
            "unclear",
            "measure",
            (DataFile("digits/usps_train.npz", "8ad6e5bca348be7be134b3bbc9977c549781a460357138a20c2e528ca90fd28d"),),
        ),
        DataSet(
            "usps_test",
            "unclear",
            "measure",
            (DataFile("digits/usps_test.npz", "176b59f4838df0c67f41edba089065f6c5bcf52d327dd6f675ea71d3a8c31e38"),),
        ),
        DataSet(
            "cvl_valid",
            "non-commercial as far as known",
            "measure",
            (DataFile("digits/cvl_valid.npz", "74cc01f0f786a5f2edc94a0dc190b7e2031722f974a6aa3a03aca5ece5bc9436"),),
        ),
        DataSet(
            "hascii_cells",
            "none stated",
            "measure",
            (DataFile("digits/hascii_cells/cells.json", "43dd1f700c81e12bac0145d3531ac5a1b9d2a7b5d6bc197254a1a0f69f378ecb"),),
        ),
        DataSet(
            "orand_car_a_dev",
            "terms of the pictures unclear",
            "measure",
            (DataFile("strings/orand_car_a_dev/labels.json", "61c6609285789a609334a4977ac105b1a6b985b50c7b8e78996e56dc56738acc"),),
        ),
        DataSet(
            "checks",
            "mixed, several unstated (column licence)",
            "measure",
            (DataFile("checks/index.csv", "82c44e33a6d3bdca6b0ded9ff92d129590a6b498d6a411879e8ca81cc83ecb03"),),
        ),
    )
}


def add_data_root(parser: argparse.ArgumentParser) -> None:
    """Give a command the option ``--data-root``; resolve it with ``data_root``."""
    parser.add_argument("--data-root", type=Path, help=f"folder of the data sets (default: the environment variable {DATA_VARIABLE})")


def data_root(given: Path | None = None) -> Path:
    """The folder of the data sets: as given, or from the environment. Raises ``MissingData``."""
    stated = given if given is not None else Path(os.environ.get(DATA_VARIABLE, ""))
    if stated == Path():
        raise MissingData(f"no data folder is named: use --data-root FOLDER or set {DATA_VARIABLE}")
    if not stated.is_dir():
        raise MissingData(f"the data folder {stated} does not exist: use --data-root FOLDER or set {DATA_VARIABLE}")
    return stated


def find(root: Path, known: DataFile) -> Path:
    """Where a known file lies, packed or unpacked. Raises ``MissingData`` that names the file and the folders."""
    path = Path(known.path)
    folders = [root / path.parent, *(root / other for other in known.other_folders)]
    names = [path.name, path.name.removesuffix(".gz")] if path.suffix == ".gz" else [path.name]
    for folder in folders:
        for name in names:
            if (folder / name).is_file():
                return folder / name
    looked = ", ".join(str(folder) for folder in folders)
    raise MissingData(
        f"{' or '.join(dict.fromkeys(names))} is missing; looked in {looked} (--data-root or {DATA_VARIABLE} names the data folder)"
    )


def read_known(root: Path, known: DataFile, allow_unknown: bool = False) -> bytes:
    """The unpacked content of a known file.

    Raises ``MissingData``, ``MalformedData`` for a broken gzip, and ``ChecksumMismatch`` unless ``allow_unknown``.
    """
    path = find(root, known)
    content = path.read_bytes()
    if path.suffix == ".gz":
        try:
            content = gzip.decompress(content)
        except (OSError, EOFError, zlib.error) as error:
            raise MalformedData(f"{path} is no complete gzip file") from error
    digest = hashlib.sha256(content).hexdigest()
    if digest != known.sha256 and not allow_unknown:
        raise ChecksumMismatch(f"{path} is not the known file: sha256 of its content is {digest}, expected {known.sha256}; fetch it anew")
    return content


def describe(names: Iterable[str]) -> list[dict[str, object]]:
    """Data sets for a provenance file: name, licence and the digests of the files (of their unpacked content)."""
    return [
        {
            "name": DATA_SETS[name].name,
            "licence": DATA_SETS[name].licence,
            "files": [{"path": known.path, "sha256_unpacked": known.sha256} for known in DATA_SETS[name].files],
        }
        for name in names
    ]
