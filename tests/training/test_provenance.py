"""What a model file says of the data that it was trained on."""

from __future__ import annotations

import gzip
import hashlib
from pathlib import Path

from training.data.sources import DATA_SETS
from training.provenance import SETS, SINGLE_SETS, datasets_used, digests

OWN = {"name": "the project's own synthetic pictures", "licence": "Apache-2.0", "files": {}}


def test_digests_are_those_of_the_files_that_are_there(tmp_path: Path) -> None:
    """SHA-256 in hexadecimal, however the file is packed, by path relative to the data folder; what is not there was not used."""
    (tmp_path / "digits").mkdir()
    (tmp_path / "digits/a.npz").write_bytes(b"ink")
    (tmp_path / "digits/c.gz").write_bytes(gzip.compress(b"ink"))
    ink = hashlib.sha256(b"ink").hexdigest()
    assert digests(tmp_path, ("digits/a.npz", "digits/b.npz", "digits/c.gz")) == {"digits/a.npz": ink, "digits/c.gz": ink}


def test_own_pens_and_printed_lines_use_no_data_set(tmp_path: Path) -> None:
    """A MICR line is drawn from the standard's shapes; a run without data from the project's own strokes."""
    assert datasets_used("micr_e13b", tmp_path) == datasets_used("courtesy_amount", None) == [OWN]


def test_every_set_is_named_with_its_licence(tmp_path: Path) -> None:
    """In the order of the table."""
    every = {**SETS, **SINGLE_SETS}
    for name, (_, files) in every.items():
        for file in files:
            (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
            content = gzip.compress(name.encode()) if file.endswith(".gz") else name.encode()
            (tmp_path / file).write_bytes(content)
    found = datasets_used("courtesy_amount", tmp_path)
    assert [entry["name"] for entry in found] == list(every)
    assert [entry["name"] for entry in datasets_used("courtesy_amount", tmp_path, singles=False)] == list(SETS)
    for entry, (name, (licence, files)) in zip(found, every.items(), strict=True):
        assert entry == {"name": name, "licence": licence, "files": dict.fromkeys(files, hashlib.sha256(name.encode()).hexdigest())}


def test_the_files_are_those_that_the_loaders_know() -> None:
    """Every file of the table is one whose digest the loaders insist on."""
    known = {file.path for data_set in DATA_SETS.values() for file in data_set.files}
    assert {file for _, files in {**SETS, **SINGLE_SETS}.values() for file in files} <= known


def test_digests_agree_with_the_known_ones(data_root: Path) -> None:
    """The data sets that are there are those that were described."""
    known = {file.path: file.sha256 for data_set in DATA_SETS.values() for file in data_set.files}
    for _, files in SETS.values():
        found = digests(data_root, files)
        assert found == {file: known[file] for file in files}
