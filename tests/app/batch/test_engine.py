"""Scoring one file."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from app.batch.engine import Failure, ScoreOptions, score_file
from app.batch.sources import Source
from app.reader.decode import DecodeLimits
from app.response import CheckResponse
from tests.app.batch.stub_reader import StubReader, picture


def _source(path: Path) -> Source:
    return Source(str(path), path.name)


def test_a_file_becomes_a_page_with_its_reading(tmp_path: Path) -> None:
    """One page, the value of the reading, with characters and alternatives."""
    (page,) = score_file(StubReader(), _source(picture(tmp_path, "a.png", "amount=12.34")), ScoreOptions())
    assert (page.page_index, page.page_count) == (0, 1)
    assert isinstance(page.outcome, CheckResponse)
    assert page.outcome.amount is not None
    assert page.outcome.amount.value == "12.34"
    assert page.outcome.amount.characters == []
    assert page.outcome.amount.alternatives == []


def test_every_page_of_a_file_is_read(tmp_path: Path) -> None:
    """Each page is asked for by its index."""
    pages = score_file(StubReader(), _source(picture(tmp_path, "a.tif", pages=3)), ScoreOptions())
    assert [page.page_index for page in pages] == [0, 1, 2]
    assert all(isinstance(page.outcome, CheckResponse) and page.outcome.image.page == page.page_index for page in pages)


@pytest.mark.parametrize(("order", "code"), [("fail=input", "corrupt_image"), ("fail=defect", "internal_error")])
def test_what_cannot_be_read_is_a_failure(tmp_path: Path, order: str, code: str) -> None:
    """An error of ours keeps its code; that of a library is told without its text."""
    (page,) = score_file(StubReader(), _source(picture(tmp_path, "a.png", order)), ScoreOptions())
    assert isinstance(page.outcome, Failure)
    assert page.outcome.code == code
    assert "secret" not in page.outcome.detail


def test_a_file_that_is_no_image_is_a_failure(tmp_path: Path) -> None:
    """Text with the ending of an image, and an empty file."""
    (tmp_path / "a.png").write_text("no image", encoding="utf-8")
    (tmp_path / "b.png").touch()
    codes = [score_file(StubReader(), _source(tmp_path / name), ScoreOptions())[0].outcome for name in ("a.png", "b.png")]
    assert [outcome.code for outcome in codes if isinstance(outcome, Failure)] == ["not_an_image", "empty_file"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read_is_a_failure(tmp_path: Path) -> None:
    """The reason of the operating system is told."""
    path = picture(tmp_path, "a.png")
    path.chmod(0)
    (page,) = score_file(StubReader(), _source(path), ScoreOptions())
    assert page.outcome == Failure("unreadable_file", "The file cannot be read: Permission denied.")


def test_a_file_that_vanished_is_a_failure(tmp_path: Path) -> None:
    """Gone between the walk and the read."""
    (page,) = score_file(StubReader(), _source(tmp_path / "gone.png"), ScoreOptions())
    assert page.outcome == Failure("unreadable_file", "The file cannot be read: No such file or directory.")


def test_limits_hold_while_pages_are_counted(tmp_path: Path) -> None:
    """A file with more pages than allowed is one failure."""
    source = _source(picture(tmp_path, "a.tif", pages=3))
    (page,) = score_file(StubReader(), source, ScoreOptions(limits=DecodeLimits(max_pages=2)))
    assert isinstance(page.outcome, Failure)
