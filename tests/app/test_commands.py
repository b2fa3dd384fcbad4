"""The commands on the committed models."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from app import commands
from app.cli import build_parser, main
from app.commands import table
from app.errors import InvalidParameter
from app.reader.pipeline import CheckReader
from app.reader.printed_numbers import PrintedNumber
from app.reader.types import AmountPlace, ReadOptions
from app.settings import Settings
from tests.app.api.stub_reader import BOX, reading
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


@pytest.mark.parametrize("command", ["read a.png", "score a.png --out o.jsonl"])
def test_a_layout_is_a_file_or_a_name_of_the_folder(command: str, tmp_path: Path) -> None:
    """For one picture and for many; an unknown name lists the known ones; without a folder only files are layouts."""
    (tmp_path / "stock.toml").write_text("[amount]\nright = 0.5\nbottom = 1\nwidth = 1.5\nheight = 0.4\n", encoding="utf-8")
    place = AmountPlace(0.5, 1.0, 1.5, 0.4)
    known, bare = Settings(layouts=tmp_path), Settings()

    def options(layout: str, settings: Settings) -> AmountPlace | None:
        parsed = build_parser().parse_args([*command.split(), "--layout", layout])
        return commands._options(parsed, settings, 0).amount_place

    assert options("stock", known) == place
    assert options(str(tmp_path / "stock.toml"), known) == place
    assert options(str(tmp_path / "stock.toml"), bare) == place
    with pytest.raises(InvalidParameter, match="layout must be one of stock; given: other"):
        options("other", known)
    with pytest.raises(InvalidParameter, match="cannot be read"):
        options("stock", bare)


def test_the_table_tells_printed_numbers_and_a_difference() -> None:
    """Below the check number of the MICR line, where they were found."""
    known = reading(ReadOptions())
    assert known.micr is not None
    assert not [line for line in table(known) if "printed" in line]
    number = PrintedNumber("1238", 0.9, BOX, False, "The print says 1238; the MICR line says 1237.")
    lines = list(table(replace(known, micr=replace(known.micr, printed_check_number=number))))
    assert any(line.split()[:2] == ["printed", "1238"] and number.note is not None and number.note in line for line in lines)
