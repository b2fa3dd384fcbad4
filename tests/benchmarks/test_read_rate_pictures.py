"""Pictures with their truth: every picture has a row, every row a picture, and what does not fit is named."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from app.errors import UsageError
from benchmarks import read_rate_pictures
from benchmarks.read_rate_pictures import named, of_development_checks, of_folder
from training.data.checks import CheckPicture
from training.evaluation.sets import check_options


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two pictures, one of them in a folder below."""
    (tmp_path / "scans" / "more").mkdir(parents=True)
    for name in ("a.png", "more/b.png"):
        (tmp_path / "scans" / name).write_bytes(b"")
    return tmp_path / "scans"


def truth(folder: Path, *rows: str, columns: str = "file,amount,routing,group") -> Path:
    path = folder / "truth.csv"
    path.write_text("\n".join((columns, *rows)) + "\n")
    return path


def test_rows_and_groups(folder: Path) -> None:
    """The known fields of the row; the group where a column names it, else the file."""
    path = truth(folder, "a.png,1.50,,one", "more/b.png,2.00,075911713,")
    first, second = of_folder(folder, path, "group")
    assert (first.truth, first.group, first.amount_format) == ({"amount": "1.50"}, "one", "auto")
    assert (second.truth, second.group) == ({"amount": "2.00", "routing": "075911713"}, "more/b.png")
    assert [picture.group for picture in of_folder(folder, path, None)] == ["a.png", "more/b.png"]
    assert {picture.timed for picture in (first, second)} == {True}


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (("a.png,1.00,,",), r"1 picture \(more/b\.png\) of .* without a row"),
        (("a.png,1.00,,", "more/b.png,1.00,,", "c.png,1.00,,"), r"1 row \(c\.png\) of .* without a picture"),
        (("a.png,1.00,,", "./a.png,1.00,,", "more/b.png,1.00,,"), r"line 3: a\.png has a second row"),
        (("a.png,many,,", "more/b.png,1.00,,"), r"line 2: the amount is no number: many"),
    ],
)
def test_what_does_not_fit(folder: Path, rows: tuple[str, ...], message: str) -> None:
    """A picture without a row, a row without a picture, a second row, an amount that is none."""
    with pytest.raises(UsageError, match=message):
        of_folder(folder, truth(folder, *rows), None)


def test_missing_places(folder: Path, tmp_path: Path) -> None:
    """No folder, no picture, no truth, no column: each is said."""
    path = truth(folder, "a.png,1.00,,", "more/b.png,1.00,,")
    (tmp_path / "empty").mkdir()
    for place, file, column, message in (
        (tmp_path / "none", path, None, "no such folder"),
        (tmp_path / "empty", path, None, "no picture in"),
        (folder, folder / "none.csv", None, "cannot read the truth"),
        (folder, path, "check", "no column named check; its columns: file, amount, routing, group"),
    ):
        with pytest.raises(UsageError, match=message):
            of_folder(place, file, column)


def test_long_lists_are_cut() -> None:
    """Five names stand for all."""
    assert named(["a"], "row") == "1 row (a)"
    assert named(list("abcdef"), "row") == "6 rows (a, b, c, d, e, …)"


def check(file: str, **texts: str) -> CheckPicture:
    names = ["kind", "layout", "licence", "amount", "x9_record_amount", "routing", "routing_checksum", "account"]
    names += ["check_number", "date", "micr_code", "micr_account", "group", "notes"]
    return CheckPicture(path=Path(file), file=file, filled=True, **{name: texts.get(name, "") for name in names})  # type: ignore[arg-type]


def test_development_checks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Truths are those of the MICR line, negative amounts do not count, formats and kinds are those of the evaluation."""
    x9 = check("arthg+Arthware.X937Parser/x.tif", amount="14.25", micr_code="075911713", micr_account="12-3", check_number="7")
    indian = check("i.jpg", layout="Indian CTS (any)", amount="5000.00", routing="400240015", check_number="8", group="g")
    altered = check("n.jpg", amount="-300.00")
    monkeypatch.setattr(read_rate_pictures, "load_checks", lambda root: (x9, indian, altered))
    found = {picture.source.relative: picture for picture in of_development_checks(Path("data"))}
    assert found[x9.file].truth == {"amount": "14.25", "routing": "075911713", "account": "123", "check_number": "7"}
    assert found["i.jpg"].truth == {"amount": "5000.00"}
    assert found["n.jpg"].truth == {}
    assert [(found[name].kind, found[name].group, found[name].timed) for name in (x9.file, "i.jpg")] == [
        ("image cash letter", x9.file, True),
        ("Indian", "g", False),
    ]
    assert found["i.jpg"].amount_format == check_options(indian).amount_format
    assert [picture.source.relative for picture in of_development_checks(Path("data"), "auto", only_x9=True)] == [x9.file]
    assert {picture.amount_format for picture in of_development_checks(Path("data"), "plain")} == {"plain"}


def test_missing_development_checks(tmp_path: Path) -> None:
    """A data folder without the index is wrong usage, not a traceback."""
    with pytest.raises(UsageError, match=r"index\.csv"):
        of_development_checks(tmp_path)


def test_the_real_index(data_root: Path) -> None:
    """Twenty images of the image cash letter; every picture of the index is there once."""
    with (data_root / "checks" / "index.csv").open(newline="", encoding="utf-8-sig") as lines:
        files = {row["file"] for row in csv.DictReader(lines)}
    assert {picture.source.relative for picture in of_development_checks(data_root)} == files
    assert len(of_development_checks(data_root, only_x9=True)) == 20
