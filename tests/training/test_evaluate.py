"""The command: what it refuses, and what it writes where."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from app.reader.pipeline import CheckReader
from tests.app.api.stub_reader import StubRecogniser
from tests.requirements_gate import DATA_VARIABLE
from training.evaluate import checks_part, digits_part, fields_part, main, orand_part, parse, write
from training.evaluation.record import Documents
from training.evaluation.sets import Measured
from training.measure import Answer


def answer(group: str, right: bool, confidence: float = 0.95, truth: str = "5") -> Answer:
    """An accepted answer about one picture of a physical check."""
    value = truth if right else "6"
    return Answer("a.png", group, truth, value, value, confidence, True, right)


@pytest.mark.parametrize("arguments", [[], ["--data-root", "nowhere"]])
def test_a_missing_data_folder_is_refused(
    arguments: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """Exit status 2 with a sentence, and no document is touched."""
    monkeypatch.delenv(DATA_VARIABLE, raising=False)
    monkeypatch.chdir(tmp_path)
    assert main(arguments) == 2
    assert "CHECKREADER_DATA" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_every_part_goes_into_the_documents(tmp_path: Path) -> None:
    """Blocks, JSON files, curves and the summary; no amount of anybody's check stands in a file of results."""
    to = Documents(tmp_path, tmp_path / "CARD.md", tmp_path / "README.md")
    names = ("orand", "readers", "fields", "x9", "checks", "digits", "curves", "summary")
    for path in (tmp_path / "results.md", to.card, to.readme):
        path.write_text("".join(f"<!-- figures:{name} -->\n<!-- /figures -->\n" for name in names), encoding="utf-8")
    reader = CheckReader(StubRecogniser())
    amounts = Measured("orand_car_a_dev", tuple(answer(str(k), k > 0, truth="98765") for k in range(4)), 1.0)
    published = Measured("orand_car_a_dev_as_published", amounts.answers, 1.0)
    found = {"amount": list(amounts.answers), "routing": [answer("a", True)]}
    parts = [
        orand_part(reader, amounts, published, amounts),
        fields_part({"others": list(amounts.answers)}, 0),
        checks_part(found, found),
        digits_part({"MNIST test": amounts}),
    ]
    write(reader, parts, "the summary", to)
    assert {path.stem for path in (tmp_path / "results").iterdir()} == {
        *("orand", "orand_as_published", "check_fields", "checks", "digits", "curves")
    }
    assert all("98765" not in path.read_text(encoding="utf-8") for path in (tmp_path / "results").iterdir())
    assert "the summary" in to.readme.read_text(encoding="utf-8")
    assert "3 of 4" in to.card.read_text(encoding="utf-8")
    curves = json.loads((tmp_path / "results" / "curves.json").read_text(encoding="utf-8"))["sets"]
    assert set(curves) == {"orand_car_a_dev", "orand_car_a_dev_as_published", "check_fields", "whole_checks"}


def test_sets_can_be_measured_alone(capsys: pytest.CaptureFixture[str]) -> None:
    """By name; a name that is none is refused."""
    assert parse(["--only", "orand", "strings"]).only == ["orand", "strings"]
    with pytest.raises(SystemExit):
        parse(["--only", "nothing"])
    assert "invalid choice" in capsys.readouterr().err


@pytest.mark.parametrize("document", ["docs/results.md", "model/MODEL_CARD.md"])
def test_the_documents_have_every_block_that_is_written(document: str, repository: Path) -> None:
    """A run of many minutes must not end at a missing marker."""
    text = (repository / document).read_text(encoding="utf-8")
    for name in ("orand", "readers", "fields", "x9", "checks", "strings", "digits", "synthetic", "curves"):
        assert f"<!-- figures:{name} -->" in text, name
