"""From arguments to files."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.batch.sources import IMAGE_ENDINGS, Source, expand
from app.errors import UsageError


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """a/b/c.png, a/b/d/e.TIF, a/b/notes.txt, a/z.jpeg below the working folder."""
    for name in ("a/b/c.png", "a/b/d/e.TIF", "a/b/notes.txt", "a/z.jpeg"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    monkeypatch.chdir(tmp_path)
    return tmp_path


def _names(*arguments: str) -> list[str]:
    return [source.name for source in expand(arguments)]


def test_a_file_is_named_as_reached_from_its_argument(tree: Path) -> None:
    """Argument a/b, file c.png: a/b/c.png; the spelling of the argument is kept."""
    assert _names("a/b") == ["a/b/c.png", "a/b/d/e.TIF"]
    assert _names("a/b/") == ["a/b/c.png", "a/b/d/e.TIF"]
    assert _names("./a/b/c.png") == ["./a/b/c.png"]
    assert _names(str(tree / "a")) == [str(tree / "a" / name) for name in ("z.jpeg", "b/c.png", "b/d/e.TIF")]


def test_what_is_no_image_by_its_ending_is_skipped_in_folders_only(tree: Path) -> None:
    """A folder gives images; a file that is named is taken at its word."""
    assert "a/b/notes.txt" not in _names("a")
    assert _names("a/b/notes.txt") == ["a/b/notes.txt"]


def test_patterns_are_expanded_in_sorted_order(tree: Path) -> None:
    """A pattern gives files, and folders that it matches are walked."""
    assert _names("a/*/*.png") == ["a/b/c.png"]
    assert _names("a/**/*.TIF") == ["a/b/d/e.TIF"]
    assert _names("a/[b]") == ["a/b/c.png", "a/b/d/e.TIF"]


def test_an_existing_name_is_no_pattern(tree: Path) -> None:
    """A file whose name holds a bracket is that file."""
    (tree / "a[b].png").touch()
    assert _names("a[b].png") == ["a[b].png"]


@pytest.mark.parametrize("argument", ["missing.png", "missing/*.png", "*.nothing"])
def test_an_argument_that_names_nothing_is_wrong_usage(tree: Path, argument: str) -> None:
    """A path that does not exist and a pattern without a match are named."""
    with pytest.raises(UsageError, match="no such file or folder"):
        expand([argument])


def test_what_is_neither_file_nor_folder_is_wrong_usage(tree: Path) -> None:
    """A named pipe would never end."""
    os.mkfifo(tree / "pipe.png")
    with pytest.raises(UsageError, match="neither a file nor a folder"):
        expand(["pipe.png"])


def test_the_relative_path_is_below_the_argument(tree: Path) -> None:
    """For a folder the path below it, for a file its own name."""
    assert expand(["a"])[2] == Source(name="a/b/d/e.TIF", relative="b/d/e.TIF")
    assert expand(["a/z.jpeg"]) == (Source(name="a/z.jpeg", relative="z.jpeg"),)


@given(st.lists(st.sampled_from(["x.png", "y.txt", "s/x.webp", "s/t/x.bmp", "s/q.pdf", "x.JPG", "q"]), unique=True))
def test_a_folder_gives_each_of_its_images_once(tmp_path_factory: pytest.TempPathFactory, names: list[str]) -> None:
    """What a folder gives equals listing it by hand."""
    folder = tmp_path_factory.mktemp("drawn")
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()
    expected = {f"{folder}/{name}" for name in names if Path(name).suffix.lower() in IMAGE_ENDINGS}
    found = [source.name for source in expand([str(folder)])]
    assert set(found) == expected
    assert len(found) == len(expected)
