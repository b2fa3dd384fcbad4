"""Known files: found where they lie, checked, and missed with a message that helps."""

from __future__ import annotations

import gzip
import hashlib
from pathlib import Path

import pytest

from training.data.sources import (
    DATA_SETS,
    DATA_VARIABLE,
    ChecksumMismatch,
    DataFile,
    MalformedData,
    MissingData,
    data_root,
    describe,
    find,
    read_known,
)

CONTENT = b"ink"
KNOWN = DataFile("digits/set/x.gz", hashlib.sha256(CONTENT).hexdigest(), ("set", "."))


def test_packed_and_unpacked_files_are_the_same_file(tmp_path: Path) -> None:
    """The digest is of the content, so x and x.gz both pass, whatever compressed them."""
    (tmp_path / "x").write_bytes(CONTENT)
    assert read_known(tmp_path, KNOWN) == CONTENT
    (tmp_path / "set").mkdir()
    (tmp_path / "set" / "x.gz").write_bytes(gzip.compress(CONTENT, compresslevel=1))
    assert find(tmp_path, KNOWN) == tmp_path / "set" / "x.gz"
    assert read_known(tmp_path, KNOWN) == CONTENT


def test_other_bytes_are_refused_unless_allowed(tmp_path: Path) -> None:
    """A file of the right name with other content is an error that states both digests."""
    (tmp_path / "x").write_bytes(b"other")
    with pytest.raises(ChecksumMismatch, match=KNOWN.sha256) as caught:
        read_known(tmp_path, KNOWN)
    assert hashlib.sha256(b"other").hexdigest() in str(caught.value)
    assert read_known(tmp_path, KNOWN, allow_unknown=True) == b"other"


def test_a_missing_file_is_named_with_the_folders_looked_in(tmp_path: Path) -> None:
    """The message names the file, every folder, and how to name another data folder."""
    with pytest.raises(MissingData) as caught:
        find(tmp_path, KNOWN)
    for part in ("x.gz", str(tmp_path / "digits" / "set"), str(tmp_path / "set"), "--data-root", DATA_VARIABLE):
        assert part in str(caught.value)


@pytest.mark.parametrize("broken", [gzip.compress(CONTENT)[:-9], b"no gzip at all", b""])
def test_a_broken_gzip_is_malformed(tmp_path: Path, broken: bytes) -> None:
    """A truncated download is said to be one; no exception of the library comes through."""
    (tmp_path / "x.gz").write_bytes(broken)
    with pytest.raises((MalformedData, ChecksumMismatch)):
        read_known(tmp_path, KNOWN)


def test_the_data_folder_comes_from_the_option_or_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The option wins over the variable; without either, and for a folder that is not there, the message names both."""
    monkeypatch.delenv(DATA_VARIABLE, raising=False)
    with pytest.raises(MissingData, match=f"--data-root.*{DATA_VARIABLE}"):
        data_root()
    monkeypatch.setenv(DATA_VARIABLE, str(tmp_path / "nowhere"))
    with pytest.raises(MissingData, match="nowhere"):
        data_root()
    assert data_root(tmp_path) == tmp_path


def test_every_known_set_has_a_licence_and_digests() -> None:
    """The provenance of a set can be written without the data being there."""
    for stated, known in zip(describe(DATA_SETS), DATA_SETS.values(), strict=True):
        assert stated["name"] == known.name
        assert known.licence
        assert known.files
        assert all(len(file.sha256) == 64 for file in known.files)


def test_the_known_files_are_the_known_files(data_root: Path) -> None:
    """Every file that is pinned lies in the data folder with the pinned digest."""
    for known in DATA_SETS.values():
        for file in known.files:
            read_known(data_root, file)
