"""How fast it is: time per stage, checks per second, patches per second beside other runtimes.

    python -m benchmarks.run [--quick]

Prints a table, writes ``docs/results/bench.json`` and the figures of ``docs/results.md``. Measures what is packaged: the
models in ``model/`` on the pictures in ``samples/``. Without torch, or without onnx, PyTorch's part is left out and named; so is
the comparison with the first version without ``CHECKREADER_DATA`` or the repository's history.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import json
import os
import platform
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

import cv2

from app.errors import StartupError
from app.inference.recogniser import load_recogniser
from app.reader.pipeline import CheckReader
from app.settings import available_cpus
from benchmarks.figures import write_block
from benchmarks.first_version import Cost, NoFirstVersion, compare, cost_rows
from benchmarks.reading import StageTimes, checks_per_second, pictures, stage_times
from benchmarks.runtimes import Runtimes, RuntimeSpeed, measure, open_runtimes

ROOT = Path(__file__).resolve().parents[1]
BATCHES = (16, 64, 256)
PACKAGES = ("onnxruntime", "onnxruntime-gpu", "torch", "opencv-python-headless", "numpy", "pillow")


@dataclass(frozen=True, slots=True)
class Effort:
    """How long is measured."""

    rounds: int  # of all samples, for the stages
    seconds: float  # of reading per count of processes
    slots: int  # per runtime and batch size
    slot_s: float
    version_rounds: int  # of 100 real amounts, for the comparison with the first version


FULL = Effort(rounds=30, seconds=8.0, slots=9, slot_s=0.25, version_rounds=9)
QUICK = Effort(rounds=1, seconds=1.0, slots=1, slot_s=0.02, version_rounds=1)


@dataclass(frozen=True, slots=True)
class Bench:
    """All that one run has measured."""

    machine: dict[str, str | int]
    stages: StageTimes
    checks_per_second: dict[int, float]  # count of processes -> checks per second of all together
    runtimes: tuple[RuntimeSpeed, ...]
    left_out: dict[str, str]  # runtime or part -> why
    first_version: tuple[Cost, ...] = ()  # of one field, beside the first version


def machine() -> dict[str, str | int]:
    """What the figures depend on: date, processor, cores that may be used, versions."""
    versions = {name: version for name in PACKAGES if (version := installed_version(name))}
    return {
        "date": datetime.now(UTC).date().isoformat(),
        "processor": processor(),
        "cpus": available_cpus(),
        "load_before": f"{os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else "unknown",
        "system": platform.system(),
        "python": platform.python_version(),
        **versions,
    }


def processor() -> str:
    """The processor's name, where the system tells it."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.machine())


def installed_version(distribution: str) -> str | None:
    """Its version, None where it is not installed."""
    try:
        return importlib.metadata.version(distribution)
    except importlib.metadata.PackageNotFoundError:
        return None


def bench(samples: Path, effort: Effort) -> Bench:
    """Measure everything, one part after the other. Raises ``FileNotFoundError`` without pictures, ``StartupError`` without models."""
    about = machine()
    files = pictures(samples)
    cv2.setNumThreads(1)
    recogniser = load_recogniser()
    stages = stage_times(CheckReader(recogniser), files, effort.rounds)
    per_second = {processes: checks_per_second(files, processes, effort.seconds) for processes in (1, 2)}
    runtimes: Runtimes = open_runtimes(recogniser)
    speeds = measure(runtimes, BATCHES, effort.slots, effort.slot_s)
    given = os.environ.get("CHECKREADER_DATA")
    left_out = dict(runtimes.absent)
    costs: tuple[Cost, ...] = ()
    try:
        costs = compare(ROOT, Path(given) if given else None, effort.version_rounds)
    except NoFirstVersion as reason:
        left_out["the first version"] = str(reason)
    return Bench(about, stages, per_second, speeds, left_out, costs)


def as_markdown(found: Bench) -> str:
    """The figures as tables."""
    about = ", ".join(f"{key} {value}" for key, value in found.machine.items() if key not in ("date", "processor", "cpus", "load_before"))
    lines = [
        f"{found.machine['date']}, {found.machine['processor']}, {found.machine['cpus']} CPUs, "
        f"load before the run {found.machine['load_before']}; {about}.",
        "",
        "One thread per process, session and network.",
        "",
        f"Milliseconds of one reading (amount and MICR line), medians of {found.stages.readings} readings of the samples:",
        "",
        "| " + " | ".join(found.stages.median_ms) + " | whole reading | 99th percentile | 99th percentile of median, per picture |",
        "|" + "---|" * (len(found.stages.median_ms) + 3),
        "| " + " | ".join(f"{value:.1f}" for value in found.stages.median_ms.values())
        + f" | {found.stages.total_median_ms:.1f} | {found.stages.total_p99_ms:.1f} | {found.stages.p99_of_median:.2f} |",
        "",
        "| processes | checks per second |",
        "|---|---|",
        *(f"| {processes} | {rate:.1f} |" for processes, rate in found.checks_per_second.items()),
        "",
        "| runtime | patches per call | patches per second | of onnxruntime |",
        "|---|---|---|---|",
        *(f"| {s.runtime} | {s.batch} | {s.patches_per_second:,.0f} | {s.ratio_to_onnxruntime:.2f} |" for s in found.runtimes),
    ]  # fmt: skip
    if found.first_version:
        lines += ["", *cost_rows(found.first_version)]
    if found.left_out:
        lines += ["", *(f"Left out: {name} ({why})." for name, why in found.left_out.items())]
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> int:
    """The command: exit status 0; 1 where models or pictures are missing."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.run", description="Measure speed and write it into the documents.")
    parser.add_argument("--samples", type=Path, default=ROOT / "samples", help="folder of check pictures (default: samples)")
    parser.add_argument("--docs", type=Path, default=ROOT / "docs", help="folder of results.md (default: docs)")
    parser.add_argument("--quick", action="store_true", help="a few seconds, to see that it runs; writes nothing")
    given = parser.parse_args(arguments)
    try:
        found = bench(given.samples, QUICK if given.quick else FULL)
    except (StartupError, FileNotFoundError) as error:
        print(f"bench: {error}", file=sys.stderr)
        return 1
    text = as_markdown(found)
    print(text)
    if not given.quick:
        results = given.docs / "results"
        results.mkdir(parents=True, exist_ok=True)
        (results / "bench.json").write_text(json.dumps(asdict(found), indent=2) + "\n", encoding="utf-8")
        write_block(given.docs / "results.md", "bench", text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
