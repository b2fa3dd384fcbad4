"""Counting a batch."""

from __future__ import annotations

from pathlib import Path

from app.batch.engine import Failure, ScoredPage
from app.batch.sources import Source
from app.batch.summary import Tally
from app.batch.truth import load_truth
from app.reader.types import ReadOptions
from app.response import from_reading
from tests.app.batch.stub_reader import reading


def _page(name: str, order: dict[str, str] | None, page_index: int = 0) -> ScoredPage:
    outcome = from_reading(reading(order)) if order is not None else Failure("not_an_image", "No image.")
    return ScoredPage(Source(name, name), page_index, 1 + page_index, outcome)


def _tally(folder: Path) -> Tally:
    path = folder / "truth.csv"
    rows = ["file,amount,routing", "a.png,1.00,", "b.png,2.00,", "c.png,3.00,075911713", "d.png,4.00,", "unused.png,5.00,"]
    path.write_text("\n".join(rows), encoding="utf-8")
    tally = Tally(load_truth(path, "us"), ReadOptions())
    tally.add(_page("a.png", {"amount": "1.00"}))
    tally.add(_page("b.png", {"amount": "9.00"}))
    tally.add(_page("c.png", {"amount": "3.00", "decision": "refused", "micr": "075911713//"}))
    tally.add(_page("d.png", None))
    tally.add(_page("without-truth.png", {"amount": "1.00"}))
    return tally


def test_the_run_is_told_in_one_line(tmp_path: Path) -> None:
    """Lines, errors, decisions per field."""
    line = _tally(tmp_path).run_line()
    assert line == "5 lines, 1 with an error; amount: 3 accepted, 1 refused, 0 not found; micr: 0 accepted, 1 refused, 0 not found"


def test_right_and_wrong_are_counted_per_field(tmp_path: Path) -> None:
    """Only files with a row count; a file without picture is an error of each known field."""
    tally = _tally(tmp_path)
    assert tally.outcomes["amount"] == {"accepted_right": 1, "accepted_wrong": 1, "refused_right": 1, "error": 1}
    assert tally.outcomes["routing"] == {"refused_right": 1}
    assert tally.matched == 4


def test_the_rates_are_over_all_fields_with_a_truth(tmp_path: Path) -> None:
    """Two of four best values are right; one of four is accepted and wrong, one of two accepted."""
    lines = list(_tally(tmp_path).truth_lines())
    assert lines[0].split()[:3] == ["field", "with", "truth"]
    assert lines[1].split() == ["amount", "4", "1", "1", "1", "0", "0", "1"]
    assert lines[3] == "amount: read rate without refusal 50.0%, accepted 50.0%, wrong among all 25.0%, wrong among accepted 50.0%"
    assert lines[4] == "routing: read rate without refusal 100.0%, accepted 0.0%, wrong among all 0.0%"


def test_only_the_first_page_has_a_truth(tmp_path: Path) -> None:
    """The back of a check is no second check."""
    tally = _tally(tmp_path)
    before = tally.outcomes["amount"].total()
    tally.add(_page("a.png", {"amount": "1.00"}, page_index=1))
    assert tally.outcomes["amount"].total() == before
