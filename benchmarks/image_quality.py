"""Which faults of a picture are found, and how often one is found where there is none.

    python -m benchmarks.image_quality [--data-root DATA] [--write]

Good pictures are checks of the synthetic kit (``--set test``; scans in colour, grey and one bit, and photos) and, where a data folder is
named, real checks. Every fault is applied with the code of ``image_faults`` at twice the limit of the test that should find it. Alarms on
real pictures are counted with the verdicts of ``image_quality_verdicts.csv``, given by looking at each; an alarm without a verdict counts
as false. ``--write`` writes the block ``image-quality`` of ``docs/results.md``.
"""

from __future__ import annotations

import argparse
import csv
import os
import sys
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import cv2

from app.errors import InputError
from app.inference.recogniser import load_recogniser
from app.reader.decode import decode
from app.reader.pipeline import CheckReader
from app.reader.quality import assess
from app.reader.types import QualityTest
from benchmarks.figures import write_block
from benchmarks.image_quality_cases import FaultCase, Sample, applies, as_it_is, fault_cases, file_of, generator, kit_samples, real_samples
from training.data.sources import DATA_VARIABLE, add_data_root, data_root
from training.measure import percent_with_interval

ROOT = Path(__file__).resolve().parents[1]
VERDICTS = ROOT / "benchmarks" / "image_quality_verdicts.csv"
LEAST_FOUND, MOST_FALSE = 0.95, 0.02  # the bars
X9_WIDTH = 1208  # pixels of the pictures that the time is taken on
TIMES = 7

Alarms = dict[str, list[QualityTest]]  # by name of the picture
Counts = dict[FaultCase, tuple[int, int]]  # (found, applied)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What looking at a picture said of an alarm."""

    true: bool
    why: str


def quality_of(reader: CheckReader, sample: Sample, data: bytes) -> tuple[QualityTest, ...]:
    """The tests of one picture; none where it is refused."""
    try:
        return reader.read(data, sample.options).image.quality.tests
    except InputError:
        return ()


def found_faults(reader: CheckReader, samples: Sequence[Sample], cases: Sequence[FaultCase], seed: int) -> Counts:
    """For every case how many pictures it was applied to, and in how many the test that should find it did."""
    counts: Counts = {}
    for number, case in enumerate(cases):
        struck = [(k, sample) for k, sample in enumerate(samples) if applies(case, sample)]
        found = 0
        for k, sample in struck:
            spoiled = case.spoil(sample.good, generator(seed, k, number))
            tests = quality_of(reader, sample, file_of(sample, spoiled))
            found += any(test.test == case.test and test.result == "present" for test in tests)
        counts[case] = (found, len(struck))
        print(f"{case.test}: {case.fault}: {found} of {len(struck)}", file=sys.stderr, flush=True)
    return counts


def alarms_of(reader: CheckReader, samples: Sequence[Sample]) -> Alarms:
    """The alarms on good pictures, as their files are."""
    return {sample.name: [test for test in quality_of(reader, sample, as_it_is(sample)) if test.result == "present"] for sample in samples}


def load_verdicts(path: Path) -> dict[tuple[str, str], Verdict]:
    """Verdicts by (file, test). Raises ``ValueError`` for a verdict that is neither true nor false."""
    verdicts: dict[tuple[str, str], Verdict] = {}
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if row["verdict"] not in ("true", "false"):
                raise ValueError(f"{path}: a verdict is true or false; given: {row['verdict']} for {row['file']}")
            verdicts[row["file"], row["test"]] = Verdict(row["verdict"] == "true", row["why"])
    return verdicts


def fault_table(kit: Counts, real: Counts | None) -> str:
    """One row per fault."""
    head = ["test", "fault", "level", "found, kit", *(["found, real"] if real is not None else [])]
    lines = [f"| {' | '.join(head)} |", "|" + "---|" * len(head)]
    for case, (found, count) in kit.items():
        cells = [f"`{case.test}`", case.fault + (f" ({case.blind})" if case.blind else ""), case.level, of(found, count)]
        if real is not None:
            cells.append(of(*real[case]))
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def of(found: int, count: int) -> str:
    """E.g. "97 of 100, 97.0 % (91.5-99.0)"."""
    return f"{found} of {count}, {percent_with_interval(found, count)}" if count else "-"


def per_test(counts: Counts) -> dict[str, tuple[int, int]]:
    """Sums by test, without the faults that cannot be seen."""
    sums: dict[str, tuple[int, int]] = {}
    for case, (found, count) in counts.items():
        if not case.blind:
            before = sums.get(case.test, (0, 0))
            sums[case.test] = (before[0] + found, before[1] + count)
    return sums


def summary_table(
    kit: Counts, real: Counts | None, kit_alarms: Alarms, real_alarms: Alarms, verdicts: Mapping[tuple[str, str], Verdict]
) -> str:
    """One row per test: faults found, and alarms on good pictures."""
    head = ["test", "found, kit", *(["found, real"] if real is not None else []), "false, kit"]
    head += ["alarms, real", "of them false"] if real_alarms else []
    lines = [f"| {' | '.join(head)} |", "|" + "---|" * len(head)]
    on_kit = Counter(test.test for tests in kit_alarms.values() for test in tests)
    on_real, false_real = real_counts(real_alarms, verdicts)
    sums, real_sums = per_test(kit), per_test(real or {})
    for name in sums:
        cells = [f"`{name}`", of(*sums[name])]
        cells += [of(*real_sums.get(name, (0, 0)))] if real is not None else []
        cells.append(f"{on_kit[name]} of {len(kit_alarms)}")
        cells += [f"{on_real[name]} of {len(real_alarms)}", str(false_real[name])] if real_alarms else []
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def real_counts(alarms: Alarms, verdicts: Mapping[tuple[str, str], Verdict]) -> tuple[Counter[str], Counter[str]]:
    """Alarms by test, and those of them that are false or were not judged."""
    every = [(name, test.test) for name, tests in alarms.items() for test in tests]
    false = [key for key in every if key not in verdicts or not verdicts[key].true]
    return Counter(test for _, test in every), Counter(test for _, test in false)


def alarm_table(alarms: Alarms, verdicts: Mapping[tuple[str, str], Verdict]) -> str:
    """Every alarm on a real picture with what looking at it said."""
    lines = ["| picture | test | value | limit | verdict |", "|---|---|---|---|---|"]
    for name, tests in alarms.items():
        for test in tests:
            verdict = verdicts.get((name, test.test))
            words = "not judged" if verdict is None else f"{'true' if verdict.true else 'false alarm'}: {verdict.why}"
            lines.append(f"| {Path(name).name} | `{test.test}` | {test.value:.2f} {test.unit} | {test.limit:g} | {words} |")
    return "\n".join(lines)


def cost_ms(reader: CheckReader, samples: Sequence[Sample]) -> tuple[float, float]:
    """Median and largest milliseconds of all tests on one picture, each the least of several rounds, on one thread."""
    times = []
    for sample in samples:
        data = as_it_is(sample)
        reading, image = reader.read(data, sample.options), decode(data)
        assert reading.page is not None
        rounds = []
        for _ in range(TIMES):
            begin = time.perf_counter()
            assess(reading.page, image, sample.options.scope, reading.amount, reading.micr)
            rounds.append(1000.0 * (time.perf_counter() - begin))
        times.append(min(rounds))
    return median(times), max(times)


def keeps_the_bars(kit: Counts, kit_alarms: Alarms, real_alarms: Alarms, verdicts: Mapping[tuple[str, str], Verdict]) -> bool:
    """Whether every test finds enough of the faults of the kit, and falsely finds few on good pictures of either sort."""
    on_kit = Counter(test.test for tests in kit_alarms.values() for test in tests)
    _, false_real = real_counts(real_alarms, verdicts)
    return all(
        found >= LEAST_FOUND * count and on_kit[name] <= MOST_FALSE * len(kit_alarms) and false_real[name] <= MOST_FALSE * len(real_alarms)
        for name, (found, count) in per_test(kit).items()
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print, write the block where asked; 1 where a bar is not kept."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    add_data_root(parser)
    parser.add_argument("--good", type=int, default=200, help="good checks of the kit (default: 200)")
    parser.add_argument("--spoiled", type=int, default=28, help="checks of the kit that every fault is applied to (default: 28)")
    parser.add_argument("--every", type=int, default=12, help="spoil every N-th real check (default: 12)")
    parser.add_argument("--seed", type=int, default=94, help="of the checks of the kit (default: 94; 54 and 91 to 93 were developed on)")
    parser.add_argument("--only", help="only faults whose test has this in its name; nothing is written")
    parser.add_argument("--write", action="store_true", help="write the block into docs/results.md")
    parser.add_argument("--docs", type=Path, default=ROOT / "docs")
    given = parser.parse_args(arguments)
    cv2.setNumThreads(1)
    reader = CheckReader(load_recogniser())
    cases = [case for case in fault_cases() if given.only is None or given.only in case.test]
    kit = kit_samples(max(given.good, given.spoiled), given.seed)
    kit_counts = found_faults(reader, kit[: given.spoiled], cases, given.seed)
    kit_alarms = alarms_of(reader, kit[: given.good])
    known = given.data_root is not None or bool(os.environ.get(DATA_VARIABLE))
    reals = real_samples(data_root(given.data_root)) if known else []
    real_counts_ = found_faults(reader, reals[:: given.every], cases, given.seed) if reals else None
    real_alarms, verdicts = alarms_of(reader, reals), load_verdicts(VERDICTS)
    words = f"{given.spoiled} checks of the kit spoiled in every way that fits their kind, {given.good} looked at as they are; "
    words += f"seed {given.seed}."
    if reals:
        words += f" Every {given.every}. of {len(reals)} real checks spoiled where its length is known, all looked at as they are."
    parts = [words, summary_table(kit_counts, real_counts_, kit_alarms, real_alarms, verdicts)]
    parts.append(fault_table(kit_counts, real_counts_))
    if reals:
        timed = [sample for sample in reals if sample.good.picture.width == X9_WIDTH] or reals[:20]
        middle, most = cost_ms(reader, timed)
        parts.append(f"All tests of one picture of {X9_WIDTH} pixels' length: {middle:.1f} ms (median), {most:.1f} ms (most), one thread.")
        parts.append(alarm_table(real_alarms, verdicts))
    block = "\n\n".join(parts)
    print(block)
    if given.write and given.only is None:
        write_block(given.docs / "results.md", "image-quality", block)
    return 0 if keeps_the_bars(kit_counts, kit_alarms, real_alarms, verdicts) else 1


if __name__ == "__main__":
    sys.exit(main())
