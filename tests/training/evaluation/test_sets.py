"""The sets on a reader with fixed answers; with data, a few real pictures from end to end."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from app.reader.pipeline import CheckReader
from app.reader.types import CheckReading, ReadOptions, Scope
from tests.app.api.stub_reader import StubRecogniser, reading
from training.data.checks import CheckPicture
from training.data.images import CharacterImages
from training.data.orand import AmountPicture, load_orand
from training.evaluation.sets import (
    Measured,
    as_published,
    check_options,
    digit_answer,
    digit_readings,
    measure,
    of_source,
    orand_answer,
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


def test_checks_are_read_with_the_defaults(picture: Path) -> None:
    """Whatever the layout: the reader finds out the notation itself."""
    assert check_options(check(picture, layout="Indian CTS (Axis Bank)")) == check_options(check(picture)) == ReadOptions()


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


def test_real_amounts_go_through_the_reader(data_root: Path) -> None:
    """Ten pictures of the set that is measured: each is decoded and gives an answer with its truth."""
    reader = CheckReader(StubRecogniser())
    options = ReadOptions(scope=Scope.COURTESY_AMOUNT, amount_format="plain")
    pictures = load_orand(data_root)[:10]
    answers = [orand_answer(reader, shown, options) for shown in pictures]
    assert [a.truth for a in answers] == [shown.text for shown in pictures]
    assert answers[0].file == pictures[0].path.name


def test_labels_as_published_judge_the_same_answers() -> None:
    """An answer that is right after the correction is wrong by the label that was corrected, and the other way round."""
    pictures = [AmountPicture(Path("a.png"), "12", "13", ()), AmountPicture(Path("b.png"), "12", "12", ())]
    corrected = Measured(
        "set", (Answer("a.png", "a", "12", "12", "12", 0.9, True, True), Answer("b.png", "b", "12", None, "", 0.0, False, False)), 1.0
    )
    found = as_published(corrected, pictures)
    assert (found.name, [a.right for a in found.answers], [a.truth for a in found.answers]) == (
        "set_as_published",
        [False, False],
        ["13", "12"],
    )
    wrong = Measured("set", (Answer("a.png", "a", "12", "13", "13", 0.9, True, False),), 1.0)
    assert as_published(wrong, pictures[:1]).answers[0].right


def test_pictures_of_one_source_are_counted_apart() -> None:
    """By the beginning of their file."""
    found = of_source({"amount": [answer("a", True, file="x9/1.tif"), answer("b", True, file="us/1.png")]}, "x9")
    assert [a.file for a in found["amount"]] == ["x9/1.tif"]
