"""The truth and the comparison with it."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.batch.engine import Failure, ScoredPage
from app.batch.sources import Source, expand
from app.batch.truth import compare, load_truth
from app.errors import UsageError
from app.reader.types import AmountFormat, ReadOptions, Scope
from app.response import from_reading
from tests.app.batch.stub_reader import picture, reading


def _page(**order: str) -> ScoredPage:
    return ScoredPage(Source("a.png", "a.png"), 0, 1, from_reading(reading(order)))


def _csv(folder: Path, text: str) -> Path:
    path = folder / "truth.csv"
    path.write_text(text, encoding="utf-8")
    return path


def _outcome(read: str, truth: str, amount_format: AmountFormat = "us", **order: str) -> str:
    return compare(_page(amount=read, **order), {"amount": truth}, ReadOptions(amount_format=amount_format))["amount"]


@pytest.mark.parametrize("argument", ["scans", "scans/b.png"])
def test_a_row_is_found_relative_to_the_csv_or_to_the_argument(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, argument: str) -> None:
    """``scans/b.png`` from the folder of the CSV and ``b.png`` from the argument both name the file."""
    picture(tmp_path, "scans/b.png")
    monkeypatch.chdir(tmp_path)
    (source,) = expand([argument])
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    assert load_truth(_csv(tmp_path, "file,amount\nscans/b.png,1.00\n"), "us").of(source) == {"amount": "1.00"}
    assert load_truth(_csv(elsewhere, "file,amount\nb.png,2.00\n"), "us").of(source) == {"amount": "2.00"}
    assert load_truth(_csv(elsewhere, "file,amount\nscans/b.png,3.00\n"), "us").of(source) == {"amount": "3.00"}
    assert load_truth(_csv(elsewhere, "file,amount\nc.png,4.00\n"), "us").of(source) == {}


def test_columns_may_be_absent_or_empty_and_others_are_passed_over(tmp_path: Path) -> None:
    """Only what is known is compared; a byte order mark does no harm."""
    truth = load_truth(_csv(tmp_path, "\ufefffile,notes,amount,routing\na.png,x,,075911713\n"), "us")
    assert truth.by_name == {"a.png": {"routing": "075911713"}}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("name,amount\na,1\n", "no column named file"),
        ("", "no column named file"),
        ("file,amount\na.png,1\na.png,2\n", "line 3: a.png has a second row"),
        ("file,amount\na.png,illegible\n", "line 2: the amount is no number: illegible"),
    ],
)
def test_a_truth_that_cannot_be_used_is_wrong_usage(tmp_path: Path, text: str, message: str) -> None:
    """The line and what is wrong with it are named."""
    with pytest.raises(UsageError, match=message):
        load_truth(_csv(tmp_path, text), "us")


def test_a_truth_that_is_not_there_or_no_text_is_wrong_usage(tmp_path: Path) -> None:
    """One sentence in both cases."""
    with pytest.raises(UsageError, match="cannot read the truth"):
        load_truth(tmp_path / "missing.csv", "us")
    (tmp_path / "truth.csv").write_bytes(b"file\n\xff\xfe\x00")
    with pytest.raises(UsageError, match="no CSV file in UTF-8"):
        load_truth(tmp_path / "truth.csv", "us")


def test_amounts_are_compared_as_numbers() -> None:
    """Signs, grouping and trailing zeros of the truth do not count."""
    for truth in ("1234.5", "1,234.50", "$1,234.50", " 1234.500", "Rs. 1,234.50/-"):
        assert _outcome("1234.50", truth) == "accepted_right", truth
    assert _outcome("1234.50", "123450") == "accepted_wrong"


def test_plain_amounts_are_compared_as_whole_numbers() -> None:
    """Separators and leading zeros do not count."""
    assert _outcome("12500", "12.500", "plain") == "accepted_right"
    assert _outcome("12500", "012,500.-", "plain") == "accepted_right"
    assert _outcome("1250", "12.500", "plain") == "accepted_wrong"


@given(st.integers(0, 10**9), st.integers(0, 10**9))
def test_cents_are_right_only_where_equal(read_cents: int, true_cents: int) -> None:
    """Two amounts compare as their cents do, however the truth is grouped."""
    read, truth = f"{read_cents // 100}.{read_cents % 100:02}", f"${true_cents // 100:,}.{true_cents % 100:02}"
    assert (_outcome(read, truth) == "accepted_right") == (read_cents == true_cents)


def test_decisions_are_kept_apart_from_values() -> None:
    """Refused right and refused wrong are told apart; nothing read is not found; a failure is an error."""
    assert _outcome("1.00", "1.00", decision="refused") == "refused_right"
    assert _outcome("1.00", "2.00", decision="refused") == "refused_wrong"
    assert _outcome("", "2.00", decision="not_found") == "not_found"
    failed = ScoredPage(Source("a", "a"), 0, 1, Failure("x", "y"))
    assert compare(failed, {"amount": "1", "routing": "2"}, ReadOptions(scope=Scope.COURTESY_AMOUNT)) == {"amount": "error"}


def test_spaces_and_dashes_count_only_in_numbers_without_them() -> None:
    """Account numbers are compared without them, check numbers with their zeros."""
    page = _page(micr="075911713/0112-345 6/0012")
    truth = {"routing": "075911713", "account": "01 123456", "check_number": "12"}
    outcomes = compare(page, truth, ReadOptions())  # type: ignore[arg-type]
    assert outcomes == {"routing": "accepted_right", "account": "accepted_right", "check_number": "accepted_wrong"}


def test_only_what_was_asked_for_is_compared() -> None:
    """A MICR line has no amount; a digit is compared with the amount column."""
    truth = {"amount": "7", "routing": "075911713"}
    assert compare(_page(micr="075911713//"), truth, ReadOptions(scope=Scope.MICR_LINE)) == {"routing": "accepted_right"}  # type: ignore[arg-type]
    assert compare(_page(digit="7"), truth, ReadOptions(scope=Scope.DIGIT)) == {"amount": "accepted_right"}  # type: ignore[arg-type]
