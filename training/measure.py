"""Reading a set with truth and counting: right, wrong and refused, with Wilson intervals.

Every picture goes through ``CheckReader.read``, the same call as the service's.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from app.errors import InputError
from app.reader.confidence import operating_point
from app.reader.pipeline import CheckReader
from app.reader.second_reader import SecondReaderInfo, SlidingRecogniser
from app.reader.types import CheckReading, ModelInfo, ReadOptions

Z_95 = 1.959964  # of the normal distribution, for 95 % intervals


@dataclass(frozen=True, slots=True)
class Answer:
    """One field's outcome. ``file`` is relative to its set, ``value`` the best value whatever was decided."""

    file: str
    group: str
    truth: str
    value: str | None
    text: str
    confidence: float
    accepted: bool
    right: bool


@dataclass(frozen=True, slots=True)
class Counts:
    """Counts of a set; rates are shares of ``count``."""

    count: int
    right: int  # whatever was decided
    accepted_right: int
    accepted_wrong: int

    @property
    def read_rate(self) -> float:
        return self.right / self.count if self.count else 0.0


def counts(answers: Iterable[Answer]) -> Counts:
    """The counts of answers."""
    rows = list(answers)
    return Counts(
        count=len(rows),
        right=sum(a.right for a in rows),
        accepted_right=sum(a.accepted and a.right for a in rows),
        accepted_wrong=sum(a.accepted and not a.right for a in rows),
    )


def wilson(successes: int, trials: int) -> tuple[float, float]:
    """The 95 % interval of a share (Wilson 1927), as (lower, upper)."""
    if trials == 0:
        return 0.0, 1.0
    share, square = successes / trials, Z_95**2
    centre = (share + square / (2 * trials)) / (1 + square / trials)
    spread = Z_95 * math.sqrt(share * (1 - share) / trials + square / (4 * trials**2)) / (1 + square / trials)
    return max(0.0, centre - spread), min(1.0, centre + spread)


def percent_with_interval(successes: int, trials: int) -> str:
    """E.g. "63.4 % (60.0-66.7)"."""
    low, high = wilson(successes, trials)
    return f"{100 * successes / max(1, trials):.1f} % ({100 * low:.1f}-{100 * high:.1f})"


def read_file(reader: CheckReader, path: Path, options: ReadOptions) -> CheckReading | None:
    """The reading of a file, None where it is no readable picture."""
    try:
        return reader.read(path.read_bytes(), options)
    except InputError:
        return None


def amount_answer(reading: CheckReading | None, file: str, group: str, truth: str) -> Answer:
    """The courtesy amount (or digit) of a reading against the truth; amounts are compared as numbers."""
    part = reading.amount or reading.digit if reading is not None else None
    if part is None or part.value is None:
        return Answer(file, group, truth, None, "", 0.0, False, False)
    right = abs(float(part.value) - float(truth)) < 0.005
    return Answer(file, group, truth, part.value, getattr(part, "text", part.value), part.confidence, part.decision == "accepted", right)


def micr_answer(reading: CheckReading | None, file: str, group: str, truth: str, name: str) -> Answer:
    """One part of the MICR line ("routing_number", "account_number", "check_number") against the truth as digits."""
    micr = reading.micr if reading is not None else None
    value: str | None = getattr(micr, name) if micr is not None else None
    if micr is None or value is None:
        return Answer(file, group, truth, None, "", 0.0, False, False)
    right = plain(value) == plain(truth)
    return Answer(file, group, truth, value, micr.raw, micr.confidence, micr.decision == "accepted", right)


def plain(text: str) -> str:
    """The text without spaces and dashes."""
    return text.replace(" ", "").replace("-", "").replace("⑉", "")


def amount_model(reader: CheckReader) -> ModelInfo | SecondReaderInfo:
    """The model whose calibration and thresholds hold for amounts: the second reader's where there is one."""
    recogniser = reader.recogniser
    second = recogniser.second_reader() if isinstance(recogniser, SlidingRecogniser) else None
    return second or recogniser.info("courtesy_amount")


def at_operating_point(answers: Iterable[Answer], reader: CheckReader, max_error: float) -> list[Answer]:
    """The same amounts decided anew at another stated error rate, as the reader decides: zero is never accepted."""
    least = operating_point(amount_model(reader), max_error).least_confidence
    return [replace(a, accepted=a.value is not None and float(a.value) > 0 and a.confidence >= least) for a in answers]


def per_group(answers: Iterable[Answer]) -> tuple[int, int]:
    """(physical checks right, physical checks): a check counts as right where at least half of its pictures are."""
    groups: dict[str, list[bool]] = {}
    for answer in answers:
        groups.setdefault(answer.group or answer.file, []).append(answer.right)
    return sum(sum(votes) * 2 >= len(votes) for votes in groups.values()), len(groups)


def as_rows(answers: Iterable[Answer]) -> list[dict[str, object]]:
    """Outcomes as plain values for a JSON file: no amounts and no numbers of other people's checks stand in it."""
    return [
        {"file": a.file, "group": a.group, "confidence": round(a.confidence, 6), "accepted": a.accepted, "right": a.right} for a in answers
    ]
