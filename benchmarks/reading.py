"""Time of one reading by stage, and checks per second of one and more processes."""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Sequence
from dataclasses import dataclass
from multiprocessing.synchronize import Barrier
from pathlib import Path
from statistics import median
from typing import Any

import cv2
import numpy as np

from app.inference.recogniser import load_recogniser
from app.reader.pipeline import CheckReader

PICTURE_ENDINGS = (".png", ".jpg", ".jpeg", ".tif", ".tiff", ".bmp", ".webp")
LONGEST_START_S = 120.0


@dataclass(frozen=True, slots=True)
class StageTimes:
    """Milliseconds over all readings: median per stage, and median and 99th percentile of the whole reading."""

    median_ms: dict[str, float]  # stage -> milliseconds, in stage order; "other" is what no stage books
    total_median_ms: float
    total_p99_ms: float
    p99_of_median: float  # median over the pictures of (99th percentile / median) of the same picture: how steady it is
    readings: int


def pictures(folder: Path) -> tuple[bytes, ...]:
    """The pictures of a folder in the order of their names. Raises ``FileNotFoundError`` where there are none."""
    found = sorted(path for path in folder.glob("*") if path.suffix.lower() in PICTURE_ENDINGS) if folder.is_dir() else []
    if not found:
        raise FileNotFoundError(f"no pictures in {folder}; name a folder of checks with --samples")
    return tuple(path.read_bytes() for path in found)


def stage_times(reader: CheckReader, files: Sequence[bytes], rounds: int) -> StageTimes:
    """Read every file once for warming up, then ``rounds`` times."""
    for data in files:
        reader.read(data)
    stages: dict[str, list[float]] = {}
    totals = np.zeros((rounds, len(files)))
    for number in range(rounds):
        for which, data in enumerate(files):
            begin = time.perf_counter()
            reading = reader.read(data)
            total = (time.perf_counter() - begin) * 1000.0
            totals[number, which] = total
            for stage, spent in reading.timings_ms.items():
                stages.setdefault(stage, []).append(spent)
            stages.setdefault("other", []).append(total - sum(reading.timings_ms.values()))
    medians = {stage: round(median(values), 2) for stage, values in stages.items() if stage != "other"}
    medians["other"] = round(median(stages["other"]), 2)
    steadiness = float(np.median(np.percentile(totals, 99, axis=0) / np.median(totals, axis=0)))
    return StageTimes(
        medians, round(float(np.median(totals)), 2), round(float(np.percentile(totals, 99)), 2), round(steadiness, 2), totals.size
    )


def checks_per_second(files: Sequence[bytes], processes: int, seconds: float) -> float:
    """Checks that ``processes`` fresh processes read side by side, each with a reader of its own, one thread each.

    All start together once every one is warm. Raises ``RuntimeError`` where one of them fails.
    """
    context = multiprocessing.get_context("spawn")
    barrier, answers = context.Barrier(processes), context.SimpleQueue()
    workers = [context.Process(target=read_for, args=(tuple(files), seconds, barrier, answers)) for _ in range(processes)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(LONGEST_START_S + 10.0 * seconds)
    if any(worker.exitcode != 0 for worker in workers):
        for worker in workers:
            worker.kill()
        raise RuntimeError(f"a reading process failed; exit statuses: {[worker.exitcode for worker in workers]}")
    return round(sum(answers.get() for _ in workers), 2)


def read_for(files: tuple[bytes, ...], seconds: float, barrier: Barrier, answers: Any) -> None:
    """One process: load, warm up, wait for the others, read for the time given, say how many per second."""
    cv2.setNumThreads(1)
    try:
        reader = CheckReader(load_recogniser())
        for data in files:
            reader.read(data)
    except BaseException:
        barrier.abort()  # the others need not wait for this one
        raise
    barrier.wait(LONGEST_START_S)
    count, begin = 0, time.perf_counter()
    while (spent := time.perf_counter() - begin) < seconds:
        reader.read(files[count % len(files)])
        count += 1
    answers.put(count / spent)
