"""The blocks of Markdown, on answers made by hand."""

from __future__ import annotations

from dataclasses import replace

from app.reader.pipeline import CheckReader
from tests.app.api.stub_reader import StubRecogniser
from training.evaluation.blocks import (
    checks_block,
    digits_block,
    fields_block,
    operating_rows,
    orand_block,
    strings_block,
    summary_block,
)
from training.evaluation.sets import Measured
from training.measure import Answer


def answer(group: str, right: bool, confidence: float = 0.95, file: str = "a.png") -> Answer:
    """An accepted answer about one picture of a physical check."""
    return Answer(file, group, "5", "5" if right else "6", "5" if right else "6", confidence, True, right)


def test_operating_points_stand_in_a_table() -> None:
    """One row a stated rate; what is refused is what is left. The stub's model states 0.9 for one percent, nothing stricter."""
    rows = [answer("a", True, 0.95), answer("b", False, 0.92), answer("c", True, 0.5), answer("d", False, 0.1)]
    table = operating_rows(CheckReader(StubRecogniser()), rows)
    assert table[0] == "| `max_error` | accepted and right | accepted and wrong | wrong among the accepted | refused |"
    assert table[2] == "| 0.001 | 0.0 % (0.0-49.0) | 0 of 4: 0.0 % (0.0-49.0) | 0.0 % (0.0-100.0) | 4 |"
    assert table[3] == "| 0.01 | 25.0 % (4.6-69.9) | 1 of 4: 25.0 % (4.6-69.9) | 50.0 % (9.5-90.5) | 2 |"
    assert [row.split(" |")[0] for row in table[2:]] == ["| 0.001", "| 0.01", "| 0.02", "| 0.05"]


def test_real_amounts_are_given_after_corrections_and_before() -> None:
    """Both read rates, both calibration errors, both tables, and how many labels were corrected."""
    corrected = Measured("orand", tuple(answer(str(k), k < 6, 0.6) for k in range(10)), 3.0)
    published = Measured("orand_as_published", (replace(corrected.answers[0], truth="7", right=False), *corrected.answers[1:]), 3.0)
    text = orand_block(CheckReader(StubRecogniser()), corrected, published)
    assert "**6 of 10, 60.0 % (31.3-83.2)** after the correction of 1 labels" in text
    assert "5 of 10, 50.0 % (23.7-76.3) with the labels as published" in text
    assert "48.0 % after corrections, 50.0 % before" in text
    assert text.count("| 0.01 |") == 2


def test_checks_are_counted_by_picture_and_by_check() -> None:
    """Counts, shares with their intervals, and groups; amount boxes with a row for all and what is not marked."""
    found = {"amount": [answer("a", True), answer("a", True), answer("b", False)], "routing": [answer("c", True)]}
    assert checks_block(found).splitlines()[2:] == [
        "| amount | 2 of 3 | 1 of 2: 50.0 % (9.5-90.5) |",
        "| routing | 1 of 1 | 1 of 1: 100.0 % (20.7-100.0) |",
    ]
    rows = fields_block(found, 5).splitlines()
    assert rows[4] == "| all | 3 of 4 | 2 of 3: 66.7 % (20.8-93.9) |"
    assert rows[-1] == "5 pictures with an amount have no marked box."
    assert len(fields_block(found, 0).splitlines()) == 5


def test_strings_are_counted_by_kind() -> None:
    """Right in digits, and right with punctuation; and the amounts among them."""
    strings = [
        Answer("a", "amounts", "1,2", "1.2", "", 0.5, False, False),
        Answer("b", "amounts", "1,2", "1,2", "", 0.5, False, True),
        Answer("c", "whole numbers", "12", "13", "", 0.5, False, False),
    ]
    rows = strings_block(strings, [answer("", True)]).splitlines()
    assert rows[2] == "| amounts | 2 | 100.0 % (34.2-100.0) | 50.0 % (9.5-90.5) |"
    assert rows[3] == "| whole numbers | 1 | 0.0 % (0.0-79.3) | 0.0 % (0.0-79.3) |"
    assert rows[4] == "| **all** | 3 | 66.7 % (20.8-93.9) | 33.3 % (6.1-79.2) |"
    assert rows[-1].endswith("value right: 1 of 1: 100.0 % (20.7-100.0).")


def test_digits_are_given_by_their_error() -> None:
    """One row a set."""
    measured = Measured("MNIST test", tuple(answer(str(k), k < 6) for k in range(10)), 3.0)
    assert digits_block({"MNIST test": measured}).splitlines()[2:] == ["| MNIST test | 10 | 40.0 % (16.8-68.7) |"]


def test_the_summary_names_what_was_measured() -> None:
    """Amounts under both labels, checks by physical check; a row of nothing is left out."""
    amounts = Measured("orand", tuple(answer(str(k), k < 6) for k in range(10)), 3.0)
    found = {"amount": [answer("a", True), answer("b", False)], "routing": [answer("a", True)]}
    rows = summary_block(amounts, amounts, {"others": []}, found, found).splitlines()
    assert rows[2] == "| 10 courtesy amounts of Latin American checks (ORAND-CAR-A), labels corrected | 60.0 % (31.3-83.2) |"
    assert rows[4] == "| 2 physical checks: bitonal image cash letter, courtesy amount | 50.0 % (9.5-90.5) |"
    assert len(rows) == 8
    assert len(summary_block(amounts, amounts, found, found, found).splitlines()) == 9
