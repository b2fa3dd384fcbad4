"""The readers that ``read_rate`` compares: checkreader itself, and its peers Tesseract and RapidOCR where they are installed.

Every reader reads from the file and is timed with decoding, on one thread. Tesseract is called as people call it, one process per picture;
what the process alone costs is measured on a blank picture. RapidOCR lives in a Python of its own (``read_rate_rapidocr``) and takes its
own time, without the way between the processes.
"""

from __future__ import annotations

import json
import os
import resource
import shutil
import subprocess
import tempfile
import time
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import IO, Protocol

from PIL import Image

from app.batch.engine import Failure, ScoredPage
from app.batch.engine import Reader as CheckPictureReader
from app.batch.truth import Outcome, TruthField, compare
from app.errors import InputError
from app.reader.types import ReadOptions
from app.response import from_reading
from benchmarks.read_rate_pictures import Picture
from benchmarks.read_rate_tokens import outcomes_of_text

WORKER = Path(__file__).with_name("read_rate_rapidocr.py")
LONGEST_READ_S = 120.0
ONE_THREAD = {"OMP_NUM_THREADS": "1", "OMP_THREAD_LIMIT": "1", "OPENBLAS_NUM_THREADS": "1"}
BLANK_ROUNDS = 5


@dataclass(frozen=True, slots=True)
class Look:
    """What one reader made of one picture. Times are milliseconds, of wall clock and of processor; ``failure`` is mostly empty."""

    outcomes: Mapping[TruthField, Outcome]
    time_ms: float
    cpu_ms: float
    stages_ms: Mapping[str, float] = field(default_factory=dict)
    failure: str = ""


class PeerMissing(Exception):
    """A peer is not installed; the message says how to install it."""


class PeerFailed(Exception):
    """A peer's process has died; the message says on which picture."""


class Reader(Protocol):
    """One side of the comparison."""

    @property
    def name(self) -> str:
        """As it stands in the tables."""

    @property
    def decides(self) -> bool:
        """Whether it accepts and refuses; a reader that does not is only asked whether the right value stands in its text."""

    def look(self, picture: Picture) -> Look:
        """The outcome of every field with a truth, and the time."""


class Checkreader:
    """checkreader itself, in this process."""

    name = "checkreader"
    decides = True

    def __init__(self, reader: CheckPictureReader, max_error: float) -> None:
        self._reader = reader
        self._max_error = max_error

    def look(self, picture: Picture) -> Look:
        """One reading of the first page; a file that is no readable picture is an "error" of every field."""
        options = ReadOptions(amount_format=picture.amount_format, max_error=self._max_error)
        begin, cpu = time.perf_counter(), time.process_time()
        try:
            reading = self._reader.read(picture.source.path.read_bytes(), options)
        except (InputError, OSError) as error:
            spent, cpu_spent = since(begin), 1000.0 * (time.process_time() - cpu)
            detail = error.detail if isinstance(error, InputError) else f"The file cannot be read: {error.strerror}."
            failed = ScoredPage(picture.source, 0, 1, Failure("unreadable", detail))
            return Look(compare(failed, picture.truth, options), spent, cpu_spent, {}, detail)
        spent, cpu_spent = since(begin), 1000.0 * (time.process_time() - cpu)
        page = ScoredPage(picture.source, 0, 1, from_reading(reading))
        return Look(compare(page, picture.truth, options), spent, cpu_spent, dict(reading.timings_ms))


class Tesseract:
    """The program ``tesseract`` on the whole page, English. Raises ``PeerMissing``."""

    name = "Tesseract"
    decides = False

    def __init__(self, program: str = "tesseract") -> None:
        found = shutil.which(program)
        if found is None:
            raise PeerMissing(
                f"Tesseract is left out: there is no program {program}; install it (Debian and Ubuntu: apt-get install tesseract-ocr)"
            )
        self._program = found

    def version(self) -> str:
        """What the program calls itself."""
        said = subprocess.run([self._program, "--version"], capture_output=True, text=True, check=False)
        return (said.stdout or said.stderr).partition("\n")[0].strip()

    def look(self, picture: Picture) -> Look:
        """One process, one picture."""
        command = [self._program, str(picture.source.path.resolve()), "stdout", "-l", "eng"]
        begin, cpu = time.perf_counter(), children_cpu_s()
        try:
            done = subprocess.run(command, capture_output=True, check=False, timeout=LONGEST_READ_S, env={**os.environ, **ONE_THREAD})
        except subprocess.TimeoutExpired:
            return Look(outcomes_of_text((), picture.truth, picture.amount_format), since(begin), 0.0, {}, "it took too long")
        spent, cpu_spent = since(begin), 1000.0 * (children_cpu_s() - cpu)
        lines = done.stdout.decode("utf-8", "replace").splitlines() if done.returncode == 0 else []
        failure = "" if done.returncode == 0 else f"tesseract ended with status {done.returncode}"
        return Look(outcomes_of_text(lines, picture.truth, picture.amount_format), spent, cpu_spent, {}, failure)

    def start_ms(self) -> float:
        """Milliseconds of the process on a blank picture: what starting it and loading its model costs, median."""
        with tempfile.TemporaryDirectory() as folder:
            blank = Path(folder) / "blank.png"
            Image.new("L", (64, 64), 255).save(blank)
            times = []
            for _ in range(BLANK_ROUNDS):
                begin = time.perf_counter()
                command = [self._program, str(blank), "stdout", "-l", "eng"]
                subprocess.run(command, capture_output=True, check=False, env={**os.environ, **ONE_THREAD}, timeout=LONGEST_READ_S)
                times.append(since(begin))
        return median(times)


class RapidOcr:
    """RapidOCR (PP-OCRv4 through onnxruntime) in the process of another Python. Raises ``PeerMissing``."""

    name = "RapidOCR"
    decides = False

    def __init__(self, python: str, stack: ExitStack, worker: Path = WORKER) -> None:
        how = "python3 -m venv ENV && ENV/bin/pip install rapidocr-onnxruntime, then --rapidocr-python ENV/bin/python"
        pipe = subprocess.PIPE
        try:
            process = subprocess.Popen([python, str(worker)], stdin=pipe, stdout=pipe, text=True, env={**os.environ, **ONE_THREAD})
        except OSError as error:
            raise PeerMissing(f"RapidOCR is left out: {python} cannot be started ({error.strerror}); install it: {how}") from None
        stack.enter_context(process)
        stack.callback(process.terminate)  # before the context waits for it
        if process.stdin is None or process.stdout is None:
            raise RuntimeError("the process was started without pipes")
        self._asks: IO[str] = process.stdin
        self._answers: IO[str] = process.stdout
        ready = self._answers.readline()
        if not ready.startswith("ready"):
            raise PeerMissing(f"RapidOCR is left out: {python} cannot import rapidocr_onnxruntime; install it: {how}")
        self._version = ready.strip().partition(" ")[2]

    def version(self) -> str:
        """What the package calls itself."""
        return f"rapidocr-onnxruntime {self._version}"

    def look(self, picture: Picture) -> Look:
        """One picture. Raises ``PeerFailed`` where the process has died."""
        try:
            self._asks.write(json.dumps(str(picture.source.path.resolve())) + "\n")
            self._asks.flush()
            answer = self._answers.readline()
        except BrokenPipeError:
            answer = ""
        if not answer:
            raise PeerFailed(f"the process of RapidOCR ended at {picture.source.relative}")
        said = json.loads(answer)
        outcomes = outcomes_of_text(said["lines"], picture.truth, picture.amount_format)
        return Look(outcomes, said["time_ms"], said["cpu_ms"], {}, said["failure"])


def since(begin: float) -> float:
    """Milliseconds since a moment of ``time.perf_counter``."""
    return 1000.0 * (time.perf_counter() - begin)


def children_cpu_s() -> float:
    """Processor seconds of all child processes that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
