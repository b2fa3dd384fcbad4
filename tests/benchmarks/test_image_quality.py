"""The benchmark of the image tests: its cases, its counts, and a small run on the kit."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.inference.recogniser import load_recogniser
from app.reader.pipeline import CheckReader
from app.reader.quality import MEASUREMENTS
from app.reader.types import QualityTest
from benchmarks import image_quality
from benchmarks.image_quality import (
    VERDICTS,
    Alarms,
    Counts,
    Verdict,
    alarm_table,
    alarms_of,
    fault_table,
    found_faults,
    keeps_the_bars,
    load_verdicts,
    per_test,
    real_counts,
    summary_table,
)
from benchmarks.image_quality_cases import SCANS, FaultCase, applies, fault_cases, file_of, generator, kit_samples

ALARM = QualityTest("out_of_focus", "present", 1.5, 0.9, "…", "strokes")


def case(test: str, fault: str, blind: str = "") -> FaultCase:
    return FaultCase(test, fault, "twice", SCANS, lambda good, rng: good.picture, blind)


def test_every_test_has_a_fault() -> None:
    """Nothing that is measured goes without a fault that it should find."""
    assert {item.test for item in fault_cases()} == {name for name, _, _ in MEASUREMENTS}


def test_samples_and_faults_replay() -> None:
    """The same seed gives the same pictures, of all kinds in turn, and the same faults on them."""
    one, other = kit_samples(4, 7), kit_samples(4, 7)
    assert [sample.kind for sample in one] == ["colour", "grey", "bitonal", "photo"]
    assert [sample.good.picture.mode for sample in one] == ["RGB", "L", "1", "RGB"]
    assert bool(one[3].good.corners)
    for number, item in list(enumerate(fault_cases()))[::4]:
        for k in range(4):
            if applies(item, one[k]):
                spoiled = [item.spoil(sample.good, generator(1, k, number)).tobytes() for sample in (one[k], other[k])]
                assert spoiled[0] == spoiled[1]


def test_a_small_run() -> None:
    """On two scans of the kit no test is raised, and a turned check, a dark corner and a streak are found."""
    reader, samples = CheckReader(load_recogniser()), kit_samples(2, 54)
    assert not any(alarms_of(reader, samples).values())
    wanted = ("turned on white", "lower right, black ground", "dark line down")
    cases = [item for item in fault_cases() if item.fault in wanted]
    counts = found_faults(reader, samples, cases, seed=54)
    assert list(counts.values()) == [(2, 2)] * 3
    assert file_of(samples[0], samples[0].good.picture).startswith(b"\x89PNG")


def test_blind_faults_count_in_no_sum() -> None:
    """What a picture cannot tell is shown with its reason and left out of the sums."""
    counts: Counts = {case("out_of_focus", "a"): (9, 10), case("out_of_focus", "b", "nothing tells"): (0, 10)}
    assert per_test(counts) == {"out_of_focus": (9, 10)}
    table = fault_table(counts, None)
    assert "b (nothing tells)" in table
    assert "0 of 10" in table


def test_alarms_are_false_unless_judged_true() -> None:
    """An alarm on a real picture without a verdict counts as false, and the table says so."""
    alarms: Alarms = {"a/x.jpg": [ALARM], "a/y.jpg": [ALARM], "a/z.jpg": []}
    verdicts = {("a/x.jpg", "out_of_focus"): Verdict(True, "blurred")}
    every, false = real_counts(alarms, verdicts)
    assert (every["out_of_focus"], false["out_of_focus"]) == (2, 1)
    table = alarm_table(alarms, verdicts)
    assert "| x.jpg | `out_of_focus` | 1.50 strokes | 0.9 | true: blurred |" in table
    assert "not judged" in table


def test_the_bars() -> None:
    """Fewer found than 95 %, or more false than 2 % on either sort of good pictures, fails."""
    good: Counts = {case("out_of_focus", "a"): (95, 100)}
    none: Alarms = {str(k): [] for k in range(100)}
    three: Alarms = {**none, "0": [ALARM], "1": [ALARM], "2": [ALARM]}
    assert keeps_the_bars(good, none, none, {})
    assert not keeps_the_bars({case("out_of_focus", "a"): (94, 100)}, none, none, {})
    assert not keeps_the_bars(good, three, none, {})
    assert not keeps_the_bars(good, none, three, {})
    judged = {(str(k), "out_of_focus"): Verdict(True, "") for k in range(3)}
    assert keeps_the_bars(good, none, three, judged)
    assert "3 of 100" in summary_table(good, None, three, none, {})


def test_verdicts_are_true_or_false(tmp_path: Path) -> None:
    """The file of verdicts reads, and a word that is neither is an error."""
    assert all(verdict.why for verdict in load_verdicts(VERDICTS).values())
    wrong = tmp_path / "verdicts.csv"
    wrong.write_text("file,test,verdict,why\na.jpg,out_of_focus,perhaps,\n", encoding="utf-8")
    with pytest.raises(ValueError, match="true or false; given: perhaps"):
        load_verdicts(wrong)


def test_the_command_without_data(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Without a data folder the kit alone is measured, and a part of the faults is never written."""
    monkeypatch.delenv("CHECKREADER_DATA", raising=False)
    status = image_quality.main(["--good", "1", "--spoiled", "1", "--only", "streaks", "--write", "--docs", "/nowhere"])
    assert status == 0
    shown = capsys.readouterr().out
    assert "dark line across" in shown
    assert "real" not in shown
