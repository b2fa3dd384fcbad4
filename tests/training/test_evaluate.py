"""The evaluation's counting and its texts, on answers made by hand; with data, a few real pictures from end to end."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

import cv2
import numpy as np
import pytest

from app.reader.pipeline import CheckReader
from app.reader.types import CheckReading, ReadOptions, Scope
from tests.app.api.stub_reader import StubRecogniser, reading
from tests.requirements_gate import DATA_VARIABLE
from training.data.checks import CheckPicture
from training.data.images import CharacterImages
from training.data.orand import load_orand
from training.evaluate import (
    Measured,
    check_options,
    checks_block,
    contact_sheet,
    digit_answer,
    digit_readings,
    digits_block,
    main,
    measure,
    operating_rows,
    orand_answer,
    orand_block,
    per_group,
    save,
    summary_block,
    whole_checks,
)
from training.measure import Answer


class FixedReader(CheckReader):
    """Answers every picture with the same reading, and keeps the options that it was asked with."""

    def __init__(self) -> None:
        super().__init__(StubRecogniser())
        self.asked: list[ReadOptions] = []

    def read(self, data: bytes, options: ReadOptions = ReadOptions()) -> CheckReading:  # noqa: B008
        self.asked.append(options)
        return reading(options)


def answer(group: str, right: bool, confidence: float = 0.95, file: str = "a.png") -> Answer:
    """An accepted answer about one picture of a physical check."""
    return Answer(file, group, "5", "5" if right else "6", "5" if right else "6", confidence, True, right)


def check(path: Path, **changed: object) -> CheckPicture:
    """A filled check of which everything is known; the fixed reading is right on it."""
    known = dict.fromkeys(("kind", "licence", "x9_record_amount", "routing_checksum", "date", "notes"), "")
    given: dict[str, object] = {
        **known,
        "path": path,
        "file": path.name,
        "layout": "US personal",
        "filled": True,
        "amount": "1234.56",
        "routing": "075911713",
        "account": "123456789",
        "check_number": "1237",
        "micr_code": "075911713",
        "micr_account": "123456789",
        "group": "",
        **changed,
    }
    return CheckPicture(**given)  # type: ignore[arg-type]


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    """A file that is there; what it shows does not matter to the fixed reader."""
    path = tmp_path / "check.png"
    path.write_bytes(b"anything")
    return path


def test_a_physical_check_counts_once() -> None:
    """It is right where at least half of its pictures are; a picture without a group is a check of its own."""
    rows = [
        *(answer("a", right) for right in (True, True, False)),
        *(answer("b", right) for right in (True, False)),
        *(answer("c", right) for right in (True, False, False)),
        answer("", True, file="d.png"),
        answer("", False, file="e.png"),
    ]
    assert per_group(rows) == (3, 5)
    assert per_group([]) == (0, 0)


def test_every_reading_of_a_set_is_run_and_timed() -> None:
    """In order; the time is the median, none for an empty set."""
    readings: list[Callable[[], Answer]] = [partial(answer, name, True) for name in ("a", "b", "c")]
    found = measure("set", readings)
    assert [a.group for a in found.answers] == ["a", "b", "c"]
    assert found.milliseconds >= 0.0
    assert measure("empty", []) == Measured("empty", (), 0.0)


def test_what_is_known_of_a_check_is_compared(picture: Path) -> None:
    """Every field with a truth gives one answer; the fixed reading is right on all of them."""
    found = whole_checks(FixedReader(), [check(picture)])
    assert {field: [a.right for a in answers] for field, answers in found.items()} == {
        "amount": [True],
        "routing": [True],
        "account": [True],
        "check_number": [True],
    }


@pytest.mark.parametrize(
    ("changed", "asked"),
    [
        ({"filled": False}, {"routing", "account", "check_number"}),
        ({"amount": ""}, {"routing", "account", "check_number"}),
        ({"amount": "0.00"}, {"routing", "account", "check_number"}),
        ({"micr_account": ""}, {"amount", "routing", "check_number"}),
        ({"micr_code": ""}, {"amount", "account"}),  # without a MICR line no check number in it
    ],
)
def test_what_is_not_known_is_not_counted(picture: Path, changed: dict[str, object], asked: set[str]) -> None:
    """A blank check has no amount, an illegible line no numbers: neither right nor wrong."""
    found = whole_checks(FixedReader(), [check(picture, **changed)])
    assert {field for field, answers in found.items() if answers} == asked


def test_indian_checks_are_read_in_rupees(picture: Path) -> None:
    """The layout decides the amount format."""
    assert check_options(check(picture, layout="Indian CTS (Axis Bank)")).amount_format == "in"
    assert check_options(check(picture)).amount_format == "us"


def test_a_digit_goes_through_the_reader_as_a_file() -> None:
    """As a PNG in the scope of one digit, picked by a fixed seed, at most as many as are asked for."""
    reader = FixedReader()
    loaded = CharacterImages("nine", np.zeros((9, 28, 28), np.uint8), np.arange(9).astype(str), np.full(9, ""))
    readings = digit_readings(reader, "set", loaded, 4)
    answers = [read() for read in readings]
    assert len(answers) == 4
    assert {options.scope for options in reader.asked} == {Scope.DIGIT}
    assert [a.truth for a in answers] == [read().truth for read in digit_readings(reader, "set", loaded, 4)]
    assert all(a.file == f"set {a.truth}" for a in answers)
    assert len(digit_readings(reader, "set", loaded, 100)) == 9
    assert digit_answer(reader, loaded.images[0], answers[0].value or "", "x").right


def test_operating_points_stand_in_a_table() -> None:
    """One row a stated rate; what is refused is what is left. The stub's model states 0.9 for one percent."""
    rows = [answer("a", True, 0.95), answer("b", False, 0.92), answer("c", True, 0.5), answer("d", False, 0.1)]
    table = operating_rows(CheckReader(StubRecogniser()), rows)
    assert table[:2] == ["| `max_error` | accepted and right | accepted and wrong | refused |", "|---|---|---|---|"]
    assert table[2] == "| 0.01 | 25.0 % (4.6-69.9) | 1 of 4: 25.0 % (4.6-69.9) | 2 |"
    assert [row.split(" |")[0] for row in table[2:]] == ["| 0.01", "| 0.02", "| 0.05"]


def test_the_blocks_state_the_figures() -> None:
    """Counts, shares with their intervals, and groups; each a block of Markdown for one document."""
    amounts = Measured("orand", tuple(answer(str(k), k < 6, 0.6) for k in range(10)), 3.0)
    found = {"amount": [answer("a", True), answer("a", True), answer("b", False)], "routing": [answer("a", True)]}
    text = orand_block(CheckReader(StubRecogniser()), amounts)
    assert "**6 of 10, 60.0 % (31.3-83.2)**" in text
    assert "calibration error 48.0 % (10 equal-count bins)" in text
    assert checks_block(found).splitlines()[2:] == [
        "| amount | 2 of 3 | 1 of 2: 50.0 % (9.5-90.5) |",
        "| routing | 1 of 1 | 1 of 1: 100.0 % (20.7-100.0) |",
    ]
    assert digits_block({"MNIST test": amounts}).splitlines()[2:] == ["| MNIST test | 10 | 40.0 % (16.8-68.7) |"]
    summary = summary_block(amounts, found, found).splitlines()
    assert summary[2].startswith("| 10 courtesy amounts")
    assert summary[3] == "| 2 physical checks: bitonal image cash letter, courtesy amount | 50.0 % (9.5-90.5) |"
    assert len(summary) == 7


def test_results_are_saved_as_json(tmp_path: Path) -> None:
    """In the folder ``results`` of the documents, readable text."""
    save("digits", {"ü": [1]}, tmp_path / "docs")
    path = tmp_path / "docs" / "results" / "digits.json"
    assert json.loads(path.read_text(encoding="utf-8")) == {"ü": [1]}
    assert "ü" in path.read_text(encoding="utf-8")


def test_a_sheet_shows_what_was_misread(tmp_path: Path) -> None:
    """The wrong answers alone, five to a row, each under its text."""
    folder = tmp_path / "strings" / "orand_car_a_dev"
    folder.mkdir(parents=True)
    cv2.imwrite(str(folder / "a.png"), np.zeros((30, 90), np.uint8))
    rows = (answer("", False, file="a.png"), answer("", True, file="c.png"), *(answer("", False, file="a.png") for _ in range(5)))
    contact_sheet(Measured("orand", rows, 1.0), tmp_path, tmp_path / "out" / "sheet.png")
    sheet = cv2.imread(str(tmp_path / "out" / "sheet.png"), cv2.IMREAD_GRAYSCALE)
    assert sheet is not None
    assert sheet.shape == (180, 1300)
    assert (sheet[20:40, 10:90] == 0).all()
    assert (sheet[110:130, 10:90] == 0).all()
    assert (sheet[90:, 260:] == 255).all()


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


def test_real_amounts_go_through_the_reader(data_root: Path) -> None:
    """Ten pictures of the set that is measured: each is decoded and gives an answer with its truth."""
    reader = CheckReader(StubRecogniser())
    options = ReadOptions(scope=Scope.COURTESY_AMOUNT, amount_format="plain")
    pictures = load_orand(data_root)[:10]
    answers = [orand_answer(reader, shown, options) for shown in pictures]
    assert [a.truth for a in answers] == [shown.text for shown in pictures]
    assert replace(answers[0], confidence=0.0).file == pictures[0].path.name
