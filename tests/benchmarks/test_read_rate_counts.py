"""Counting by picture and by physical check, and the time of readers that take turns."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.batch.sources import Source
from app.batch.truth import Outcome
from benchmarks.read_rate_counts import ALL, Counted, compare_readers, count_checks, count_pictures, times_of
from benchmarks.read_rate_pictures import Picture
from benchmarks.read_rate_readers import Look
from benchmarks.read_rate_tables import as_markdown, bar_lines, cells_of, peers_markdown


def picture(name: str, kind: str = "image cash letter", group: str = "", timed: bool = True) -> Picture:
    return Picture(Source(name, name), group or name, kind, {"amount": "1.00"}, "auto", timed)


class Stub:
    """Gives every picture the outcome and the time that its name is mapped to; keeps what it was asked."""

    def __init__(self, name: str, outcomes: dict[str, Outcome], time_ms: float, decides: bool = True, failure: str = "") -> None:
        self.name, self.outcomes, self.time_ms, self.decides, self.failure = name, outcomes, time_ms, decides, failure
        self.asked: list[str] = []

    def look(self, picture: Picture) -> Look:
        self.asked.append(picture.source.name)
        stages = {"decode": 1.0, "page": 2.0} if self.decides else {}
        return Look({"amount": self.outcomes[picture.source.name]}, self.time_ms, self.time_ms, stages, self.failure)


GROUPED: list[tuple[str, Outcome]] = [
    ("one", "accepted_right"),
    ("one", "refused_right"),
    ("two", "accepted_right"),
    ("two", "accepted_wrong"),
    ("three", "refused_right"),
    ("three", "not_found"),
    ("three", "error"),
    ("four", "accepted_right"),
]


def test_pictures_and_checks() -> None:
    """A check is right and read by half of its pictures, wrong by a single one; refused is the rest."""
    assert count_pictures(GROUPED) == Counted(count=8, right=5, read=3, wrong=1)
    assert count_pictures(GROUPED).refused == 4
    assert count_checks(GROUPED) == Counted(count=4, right=3, read=2, wrong=1)
    assert count_checks(GROUPED).refused == 1
    assert count_checks([]) == Counted(0, 0, 0, 0)


def test_intervals_and_dashes() -> None:
    """A reader that does not decide has neither read nor wrong nor refused."""
    assert cells_of(Counted(20, 19, 10, 1), decides=True)[:2] == ("19 of 20: 95.0 % (76.4-99.1)", "10 of 20: 50.0 % (29.9-70.1)")
    assert cells_of(Counted(20, 19, 10, 1), decides=False)[1:] == ("-", "-", "-")


def test_times() -> None:
    """Median, 99th percentile, processor time over time, and stages with what no stage books."""
    looks = [Look({}, 10.0, 5.0, {"decode": 1.0, "page": 4.0}), Look({}, 30.0, 15.0, {"decode": 3.0}), Look({}, 20.0, 10.0)]
    found = times_of(looks)
    assert (found.readings, found.median_ms, found.busy) == (3, 20.0, 0.5)
    assert found.p99_ms == pytest.approx(29.8)
    assert found.p99_of_median == pytest.approx(1.49)
    assert found.stages_ms == {"decode": 2.0, "page": 4.0, "other": 16.0}
    assert times_of(looks[2:]).stages_ms == {}


def comparison_of(ours_ms: float = 10.0) -> tuple[Stub, Stub, str, list[str]]:
    ours = Stub("checkreader", {"x": "accepted_right", "y": "refused_wrong"}, ours_ms)
    peer = Stub("RapidOCR", {"x": "accepted_right", "y": "accepted_wrong"}, 500.0, decides=False, failure="it broke")
    found = compare_readers([picture("x"), picture("y", "Indian", "z", timed=False)], [ours, peer], rounds=3)
    assert len(found.looks["checkreader"][0]) == 3
    assert found.times("checkreader", ALL).readings == 4
    return ours, peer, as_markdown(found, "A machine.", ["Tesseract is left out."]), bar_lines(found)


def test_turns_and_rounds() -> None:
    """Each reader warms up once, reads everything once, and then what is timed."""
    ours, peer, _, _ = comparison_of()
    assert ours.asked == peer.asked == ["x", "x", "y", "x", "x"]


def test_the_report() -> None:
    """Fields, times and stages per kind and over all, bars, files that were not read, and notes."""
    _, _, text, bars = comparison_of()
    for row in (
        "A machine.",
        "| image cash letter | amount | checkreader | check | 1 of 1: 100.0 % (20.7-100.0) | 1 of 1: 100.0 % (20.7-100.0) |",
        "| Indian | amount | RapidOCR | check | 0 of 1: 0.0 % (0.0-79.3) | - | - | - |",
        "| all | RapidOCR | 4 | 500.0 | 500.0 | 1.00 | 1.00 | 50.0 |",
        "| all | 1.0 | 2.0 | 7.0 |",
        "* RapidOCR could not read 2 files (x, y): it broke.",
        "* Tesseract is left out.",
    ):
        assert row in text
    assert [line.partition("**")[2] for line in bars] == ["50.0** (at least 40: reached)", "1.00** (at most 4: reached)"]


def test_bars_that_are_not_reached_say_so() -> None:
    """At half of the speed the bar is missed; without images of a cash letter there is none."""
    assert "**25.0** (at least 40: not reached)" in comparison_of(20.0)[3][0]
    ours = Stub("checkreader", {"y": "not_found"}, 10.0)
    found = compare_readers([picture("y", "Indian")], [ours], 1)
    assert bar_lines(found) == []
    assert "A peer" not in as_markdown(found, "A machine.", [])


def test_pictures_of_one_check_are_counted_twice_over() -> None:
    """Where a check has several pictures both ways of counting stand in the table."""
    ours = Stub("checkreader", {"x": "accepted_right", "y": "refused_wrong"}, 10.0)
    text = as_markdown(compare_readers([picture("x", group="g"), picture("y", group="g")], [ours], 1), "", [])
    assert "| amount | checkreader | check | 1 of 1: " in text
    assert "| amount | checkreader | picture | 1 of 2: " in text
    assert "A physical check is right" in text


def test_the_short_table() -> None:
    """One row per reader and set, for the README; a field without a truth is a dash."""
    peer = Stub("RapidOCR", {"x": "accepted_right"}, 500.0, decides=False)
    found = compare_readers([picture(str(Path("x")))], [Stub("checkreader", {"x": "refused_right"}, 12.3), peer], 1)
    text = peers_markdown(found, ["Tesseract is left out."])
    assert "| checkreader | image cash letter | 1 of 1: 100.0 % (20.7-100.0) | - | 12 ms |" in text
    assert "| RapidOCR | image cash letter | 1 of 1: 100.0 % (20.7-100.0) | - | 500 ms |" in text
    assert "anywhere in the text" in text
    assert text.endswith("Tesseract is left out.")
