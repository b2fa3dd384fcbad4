"""Amount boxes of whole checks: which row they count in, how they are cut out, how they are read."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from app.reader.decode import decode
from app.reader.pipeline import CheckReader
from app.reader.types import CheckReading, ReadOptions, Scope
from tests.app.api.stub_reader import StubRecogniser, reading
from training.data.checks import CheckPicture
from training.evaluation.amount_fields import KINDS, X9_SOURCE, amount_fields, field_png, has_amount, kind_of


class FixedReader(CheckReader):
    """Answers every picture with the same reading, and keeps options and sizes."""

    def __init__(self) -> None:
        super().__init__(StubRecogniser())
        self.asked: list[tuple[ReadOptions, tuple[int, ...]]] = []

    def read(self, data: bytes, options: ReadOptions = ReadOptions()) -> CheckReading:  # noqa: B008
        self.asked.append((options, decode(data).rgb.shape[:2]))
        return reading(options)


def check(path: Path, **changed: object) -> CheckPicture:
    """A filled check with a marked box."""
    texts = ("x9_record_amount", "routing", "routing_checksum", "account", "check_number", "date", "micr_code", "micr_account", "notes")
    given: dict[str, object] = {
        **dict.fromkeys(texts, ""), "path": path, "file": path.name, "kind": "real handwriting on a form", "layout": "US personal",
        "licence": "", "filled": True, "amount": "1234.56", "group": "", "amount_box": (100, 50, 200, 90), **changed,
    }  # fmt: skip
    return CheckPicture(**given)  # type: ignore[arg-type]


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    """A white check, 300 x 120, black inside the box."""
    shown = np.full((120, 300, 3), 255, np.uint8)
    shown[50:90, 100:200] = 0
    cv2.imwrite(str(tmp_path / "check.png"), shown)
    return tmp_path / "check.png"


def test_the_box_is_cut_out_with_a_margin(picture: Path) -> None:
    """Its place in the picture stays; at the edge of the picture the margin ends."""
    cut = decode(field_png(picture.read_bytes(), (100, 50, 200, 90))).rgb
    assert cut.shape == (46, 106, 3)
    assert (cut[3:-3, 3:-3] == 0).all()
    assert (cut[:3] == 255).all()
    assert decode(field_png(picture.read_bytes(), (0, 0, 300, 120))).rgb.shape == (120, 300, 3)


def test_checks_are_counted_by_kind(picture: Path) -> None:
    """Each in one row; Indian forms are read in rupees."""
    reader = FixedReader()
    checks = [
        check(picture),
        check(picture, layout="Indian CTS (Axis Bank)"),
        check(picture, file=f"{X9_SOURCE}/1.tif"),
        check(picture, kind="specimen (computer font)"),
        check(picture, layout="Canadian personal"),
        check(picture, amount_box=None),
        check(picture, amount="0.00"),
    ]
    found = amount_fields(reader, checks)
    assert {kind: len(answers) for kind, answers in found.items()} == dict(zip(KINDS, (1, 1, 1, 2), strict=True))
    assert all(answer.right for answers in found.values() for answer in answers)
    assert {options.scope for options, _ in reader.asked} == {Scope.COURTESY_AMOUNT}
    assert [options.amount_format for options, _ in reader.asked] == ["us", "in", "us", "us", "us"]
    assert {shape for _, shape in reader.asked} == {(46, 106)}


def test_an_unreadable_picture_is_a_wrong_answer(tmp_path: Path) -> None:
    """It counts, as everything that has a truth."""
    (tmp_path / "check.png").write_bytes(b"no picture")
    (answer,) = amount_fields(FixedReader(), [check(tmp_path / "check.png")])["US, filled in by hand"]
    assert (answer.value, answer.right) == (None, False)


@pytest.mark.parametrize(
    ("changed", "has"), [({}, True), ({"filled": False}, False), ({"amount": ""}, False), ({"amount": "-5.00"}, False)]
)
def test_only_positive_amounts_are_measured(picture: Path, changed: dict[str, object], has: bool) -> None:
    """Nothing is to be read on a blank check, nothing to be paid on an altered one."""
    assert has_amount(check(picture, **changed)) is has
    assert kind_of(check(picture, **changed)) == "US, filled in by hand"
