"""Lines of JSON."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path

import pytest

from app.batch.engine import Failure, ScoredPage
from app.batch.sinks import JsonLinesSink, document, to_line
from app.batch.sources import Source
from app.errors import UsageError
from app.response import from_reading
from tests.app.batch.stub_reader import reading


def _failed(name: str = "a.png", page_index: int = 0, page_count: int = 1) -> ScoredPage:
    return ScoredPage(Source(name, name), page_index, page_count, Failure("not_an_image", "No image."))


def test_a_line_has_file_and_reading_or_error() -> None:
    """``page`` stands only in lines of files with several pages."""
    assert document(_failed()) == {"file": "a.png", "error": {"code": "not_an_image", "detail": "No image."}}
    assert document(_failed(page_index=1, page_count=2))["page"] == 1
    good = ScoredPage(Source("b/a.png", "a.png"), 0, 1, from_reading(reading({"amount": "1.00"})))
    assert set(document(good)) == {"file", "reading"}
    assert document(good)["reading"]["amount"]["value"] == "1.00"


def test_signs_are_written_as_they_are() -> None:
    """MICR signs are readable in the file, not escaped."""
    page = ScoredPage(Source("a.png", "a.png"), 0, 1, from_reading(reading({"micr": "075911713/123/1"})))
    line = to_line(document(page))
    assert "⑆075911713⑆" in line.decode()
    assert line.count(b"\n") == 1


def test_a_file_name_that_is_no_text_can_be_written() -> None:
    """Names of any bytes come back as they were."""
    name = b"\xff\xfe.png".decode(errors="surrogateescape")
    assert json.loads(to_line(document(_failed(name))))["file"] == name


def test_out_is_written_anew_unless_append(tmp_path: Path) -> None:
    """A second run replaces the first, unless it is to be added."""
    out = tmp_path / "out.jsonl"
    for append in (False, False, True):
        with JsonLinesSink(str(out), append) as sink:
            sink.write(_failed())
    assert len(out.read_text(encoding="utf-8").splitlines()) == 2


def test_append_begins_on_a_line_of_its_own(tmp_path: Path) -> None:
    """What an interrupted copy left without a line end does not spoil the first new line."""
    out = tmp_path / "out.jsonl"
    out.write_bytes(b'{"file": "half')
    with JsonLinesSink(str(out), append=True) as sink:
        sink.write(_failed())
    lines = out.read_text(encoding="utf-8").splitlines()
    assert lines[0] == '{"file": "half'
    assert json.loads(lines[1])["file"] == "a.png"


def test_each_line_is_on_disk_when_it_was_written(tmp_path: Path) -> None:
    """Nothing waits in a buffer."""
    out = tmp_path / "out.jsonl"
    with JsonLinesSink(str(out)) as sink:
        sink.write(_failed())
        assert out.read_bytes().endswith(b"}\n")


def test_a_dash_is_standard_output(monkeypatch: pytest.MonkeyPatch) -> None:
    """``--out -`` writes there and leaves it open."""
    taken = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(taken))
    with JsonLinesSink("-") as sink:
        sink.write(_failed())
    assert json.loads(taken.getvalue())["file"] == "a.png"


def test_a_file_that_cannot_be_written_is_wrong_usage(tmp_path: Path) -> None:
    """A folder that does not exist, and a folder where a file should be."""
    for out in (tmp_path / "missing" / "out.jsonl", tmp_path):
        with pytest.raises(UsageError, match="cannot write to"):
            JsonLinesSink(str(out)).__enter__()
