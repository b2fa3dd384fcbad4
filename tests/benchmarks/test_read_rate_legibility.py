"""The MICR line counted over legible print."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.batch.sources import Source
from app.batch.truth import Outcome
from app.errors import UsageError
from benchmarks.read_rate_counts import Comparison, Counted
from benchmarks.read_rate_legibility import (
    LEAST_HEIGHT_PX,
    distinct_right,
    is_development_set,
    legibility_lines,
    load_illegible,
    parts_of,
)
from benchmarks.read_rate_pictures import Picture
from benchmarks.read_rate_readers import Look

ROWS: list[tuple[str, str, str, Outcome]] = [  # file, group, code, outcome
    ("a.png", "one", "000000000", "accepted_right"),
    ("b.png", "one", "000000000", "refused_wrong"),
    ("c.png", "", "075911713", "accepted_right"),
    ("d.png", "", "075911713", "refused_wrong"),
    ("e.png", "", "122000661", "refused_right"),
    ("f.png", "", "323276524", "refused_wrong"),
]
ILLEGIBLE = {"f.png": "not E-13B: Arial"}


def comparison() -> Comparison:
    """Six pictures of five checks, one of them not legible."""
    pictures = tuple(
        Picture(Source(name, name), group or name, "others" if group else "Indian", {"routing": code}, "auto", timed=False)
        for name, group, code, _ in ROWS
    )
    looks = tuple((Look({"routing": outcome}, 1.0, 1.0),) for *_, outcome in ROWS)
    return Comparison(pictures, {"checkreader": looks}, frozenset({"checkreader"}))


def test_what_is_not_legible_is_left_out_and_zeros_stand_apart() -> None:
    """All, legible, zeros and others, each by physical check."""
    parts = parts_of(comparison(), "checkreader", "routing", ILLEGIBLE)
    assert parts["all"] == Counted(count=5, right=3, read=2, wrong=0)
    assert (parts["legible"].count, parts["legible"].right) == (4, 3)
    assert (parts["zeros"].count, parts["zeros"].right) == (1, 1)
    assert (parts["others"].count, parts["others"].right) == (3, 2)


def test_distinct_codes_are_counted_once() -> None:
    """Zeros are no code."""
    assert distinct_right(comparison(), "checkreader") == (2, 3)


def test_the_report_states_the_bar_and_the_reasons() -> None:
    """Three of four is below the bar; every picture that is left out is named with its reason."""
    text = "\n".join(legibility_lines(comparison(), ILLEGIBLE, "checkreader"))
    assert "MICR code right, of those legible in print: **75.0 %** (at least 97 %: not reached)" in text
    assert "distinct MICR codes read right by checkreader, zeros left out: 2 of 3" in text
    assert "`f.png` (not E-13B: Arial)" in text


def test_a_listed_picture_that_is_not_there_is_an_error() -> None:
    """A list that outlived its pictures must not leave anything out silently."""
    with pytest.raises(UsageError, match=r"g\.png"):
        parts_of(comparison(), "checkreader", "routing", {"g.png": "x"})


def test_the_list_of_the_repository_keeps_its_rule() -> None:
    """Every entry has a reason that the rule knows."""
    found = load_illegible()
    assert found
    assert all(why.startswith(("not E-13B: ", "marks of ")) for why in found.values())


@pytest.mark.parametrize(
    "entry",
    ['reason = "font"', 'reason = "height"\nheight_px = 8.0', 'reason = "blurred"', 'reason = "font"\nfont = "Arial"\nheight_px = 5.0'],
)
def test_an_entry_that_breaks_the_rule_is_an_error(entry: str, tmp_path: Path) -> None:
    """Marks of eight pixels are legible, and no other reason counts."""
    file = tmp_path / "list.toml"
    file.write_text(f'["a.png"]\n{entry}\n', encoding="utf-8")
    with pytest.raises(UsageError, match=f"below {LEAST_HEIGHT_PX:g}"):
        load_illegible(file)


def test_the_list_is_about_checks_of_all_kinds() -> None:
    """The X9 images alone, or a folder of one's own, are another set."""
    assert is_development_set(comparison())
    one = comparison()
    assert not is_development_set(Comparison(one.pictures[:2], {"checkreader": one.looks["checkreader"][:2]}, one.deciding))
