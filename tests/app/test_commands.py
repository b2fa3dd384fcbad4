"""The commands on the committed models."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from PIL import Image

from app import commands
from app.cli import main
from app.reader.pipeline import CheckReader
from tests.app.explained_samples import CLEAR, SAMPLES, recogniser

SAMPLE = str(SAMPLES / CLEAR)


@pytest.fixture(autouse=True)
def _loaded_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The models are loaded once for all tests."""
    monkeypatch.setattr(commands, "make_reader", lambda settings: CheckReader(recogniser()))


def test_read_explains_a_sample(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """As a picture and as JSON in one run; without the word the JSON holds no explanation."""
    out = tmp_path / "explained.png"
    assert main(["read", SAMPLE, "--json", "--include", "explanation", "--explain", str(out), "--character", "2"]) == 0
    amount = json.loads(capsys.readouterr().out)["amount"]
    assert amount["explanation"]["network"]["character"] == 2
    with Image.open(out) as explained:
        assert explained.height > 1200
    assert main(["read", SAMPLE, "--json"]) == 0
    assert "explanation" not in json.loads(capsys.readouterr().out)["amount"]


def test_a_character_that_is_not_there_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """It says how many there are; no picture is written, and other files are read all the same."""
    out = tmp_path / "explained.png"
    assert main(["read", SAMPLE, "--explain", str(out), "--character", "99"]) == 1
    errors = capsys.readouterr().err
    assert "the amount has 9 characters; given: 99" in errors
    assert errors.count("\n") == 1
    assert not out.exists()
    assert main(["read", SAMPLE, SAMPLE, "--json", "--include", "explanation", "--character", "-1"]) == 1
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["error"]["code"] for line in lines] == ["invalid_parameter"] * 2
