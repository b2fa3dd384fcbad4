"""What reading one field costs beside the first version: both read the same real amounts in one run, in turns.

The first version is taken out of the repository's history into a temporary folder. Each version has one process for the
whole run; they take turns, round by round, so that what else the machine does falls on both.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from statistics import median
from typing import IO

FIRST_VERSION = "853728e826df37b7e85890e812e0702aec604bb2"  # the commit that the first version of the whole reader ended with
FIELDS = 100
BEFORE_RECOGNITION = ("decode", "page", "locate", "segment")
WORKER = Path(__file__).with_name("field_worker.py")


class NoFirstVersion(Exception):
    """The comparison cannot be made here; the message says why."""


@dataclass(frozen=True, slots=True)
class Cost:
    """Milliseconds per field of both versions (medians over the rounds of the mean over the fields), and now / first."""

    part: str
    first_ms: float
    now_ms: float
    ratio: float


@dataclass(frozen=True, slots=True)
class Round:
    """Mean milliseconds per field in one round: of the whole reading, and of it what follows segmentation."""

    whole_ms: float
    recognition_ms: float


def unpack_first_version(repository: Path, folder: Path) -> Path:
    """The source tree of the first version under ``folder``. Raises ``NoFirstVersion`` without git or its history."""
    try:
        command = ["git", "-C", str(repository), "archive", "--format=tar", FIRST_VERSION, "app", "model"]
        packed = subprocess.run(command, capture_output=True, check=True).stdout
    except FileNotFoundError as error:
        raise NoFirstVersion("git is not installed") from error
    except subprocess.CalledProcessError as error:
        raise NoFirstVersion(f"the commit {FIRST_VERSION} is not in the history that is here") from error
    with tarfile.open(fileobj=BytesIO(packed)) as archive:
        archive.extractall(folder, filter="data")
    return folder


def real_fields(data_root: Path | None) -> list[Path]:
    """Real courtesy amounts, every so many of the set. Raises ``NoFirstVersion`` where the data is not there."""
    folder = None if data_root is None else data_root / "strings" / "orand_car_a_dev"
    found = [] if folder is None or not folder.is_dir() else sorted(folder.glob("*.jpg"))
    if not found:
        raise NoFirstVersion("CHECKREADER_DATA names no folder with the amounts of ORAND-CAR-A")
    return found[:: max(1, len(found) // FIELDS)][:FIELDS]


class Worker:
    """The process of one version."""

    def __init__(self, tree: Path, fields: Sequence[Path], stack: ExitStack) -> None:
        command = [sys.executable, "-P", str(WORKER), str(tree)]
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=tree, text=True)
        stack.enter_context(process)
        stack.callback(process.terminate)  # before the context waits for it
        if process.stdin is None or process.stdout is None:
            raise RuntimeError("a worker was started without pipes")
        self.asks: IO[str] = process.stdin
        self.answers: IO[str] = process.stdout
        self.ask(json.dumps([str(path.resolve()) for path in fields]))

    def ask(self, line: str) -> str:
        """One line in, one line out. Raises ``NoFirstVersion`` where the process has died."""
        try:
            self.asks.write(line + "\n")
            self.asks.flush()
        except BrokenPipeError:
            raise NoFirstVersion("the process of one version ended early") from None
        answer = self.answers.readline()
        if not answer:
            raise NoFirstVersion("the process of one version ended early")
        return answer

    def round(self) -> Round:
        """All fields once."""
        found = json.loads(self.ask("go"))
        count = len(found["whole_ms"])
        before = sum(sum(found["stages_ms"][stage]) for stage in BEFORE_RECOGNITION)
        return Round(sum(found["whole_ms"]) / count, (sum(map(sum, found["stages_ms"].values())) - before) / count)


def compare(repository: Path, data_root: Path | None, rounds: int) -> tuple[Cost, ...]:
    """The costs side by side. Raises ``NoFirstVersion`` where the comparison cannot be made."""
    fields = real_fields(data_root)
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        first = Worker(unpack_first_version(repository, Path(folder)), fields, stack)
        now = Worker(repository, fields, stack)
        pairs = []
        for number in range(rounds):
            if number % 2:
                later = now.round()
                pairs.append((first.round(), later))
            else:
                pairs.append((first.round(), now.round()))
    return costs(pairs)


def costs(pairs: Sequence[tuple[Round, Round]]) -> tuple[Cost, ...]:
    """Medians over the rounds; the ratio is the median of each round's own ratio."""
    table = {
        "recognition (what follows segmentation)": [(a.recognition_ms, b.recognition_ms) for a, b in pairs],
        "whole reading of a field": [(a.whole_ms, b.whole_ms) for a, b in pairs],
    }
    return tuple(
        Cost(part, round(median(a for a, _ in rows), 2), round(median(b for _, b in rows), 2), round(median(b / a for a, b in rows), 2))
        for part, rows in table.items()
    )


def cost_rows(found: Sequence[Cost]) -> list[str]:
    """The table of the document."""
    head = ["| one real amount | first version, ms | now, ms | now / first |", "|---|---|---|---|"]
    return head + [f"| {c.part} | {c.first_ms:.1f} | {c.now_ms:.1f} | {c.ratio:.2f} |" for c in found]
