"""How fast the check kit draws: checks per second on one core, from the draw to the file.

    python -m benchmarks.synth [--count N] [--write]

Each row is one call of the kit's own ``write_kit`` with one process: drawing, encoding as PNG, both truth files. The processor time
is given beside the time on the clock, since other work on the machine slows the latter; the bar is held against processor time.
``--write`` puts the table into the block ``synth`` of ``docs/results.md``.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2

from benchmarks.figures import write_block
from training.synthetic.kit import KINDS, KitPlan, draw_kit_check
from training.synthetic.kit_command import write_kit

RESULTS = Path(__file__).resolve().parents[1] / "docs" / "results.md"
SEED = 7
LEAST_PER_S = 10.0  # the bar


@dataclass(frozen=True, slots=True)
class Speed:
    """One call: ``count`` checks in ``clock_s`` seconds, of which the process computed ``processor_s``."""

    name: str
    count: int
    clock_s: float
    processor_s: float


def measure(name: str, kinds: tuple[str, ...], count: int) -> Speed:
    """Write ``count`` checks of ``kinds`` into a folder that is removed afterwards; one thread, after one check to warm up."""
    cv2.setNumThreads(1)
    plan = KitPlan(SEED, kinds=kinds)
    draw_kit_check(plan, count)
    with tempfile.TemporaryDirectory() as folder:
        clock, processor = time.perf_counter(), time.process_time()
        write_kit(plan, count, Path(folder), "png", 1)
        return Speed(name, count, time.perf_counter() - clock, time.process_time() - processor)


def table(speeds: Sequence[Speed]) -> str:
    """The figures as Markdown, and whether the first row reaches the bar by processor time."""
    lines = ["| checks | number | checks per second | per second of processor time |", "|---|---|---|---|"]
    lines += [f"| {s.name} | {s.count} | {s.count / s.clock_s:.1f} | {s.count / s.processor_s:.1f} |" for s in speeds]
    reached = "reached" if speeds[0].count / speeds[0].processor_s >= LEAST_PER_S else "not reached"
    return "\n".join([*lines, "", f"At least {LEAST_PER_S:g} checks per second of one core's time: {reached}."])


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print; with ``--write`` also into the document."""
    parser = argparse.ArgumentParser(description="Checks per second of checkreader-synth on one core.")
    parser.add_argument("--count", type=int, default=100, help="checks of the mixed row; each kind draws a quarter of it (default: 100)")
    parser.add_argument("--write", action="store_true", help="write the block synth of docs/results.md")
    options = parser.parse_args(arguments)
    if options.count < 4:
        parser.error(f"--count must be at least 4; given: {options.count}")
    speeds = [measure("all kinds, mixed", KINDS, options.count)]
    speeds += [measure(kind, (kind,), options.count // 4) for kind in KINDS]
    text = table(speeds)
    print(text)
    if options.write:
        write_block(RESULTS, "synth", text)


if __name__ == "__main__":
    main()
