"""Do the thresholds hold? Many synthetic fields by writers that training has not seen, drawn from a seed of their own, read
through the whole reader.

The thresholds were fitted on other fields of the same writers; here nothing is fitted. A stated rate holds where the
95 % interval of the observed share of wrong answers reaches down to it.
"""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import cv2
import numpy as np
from tqdm import tqdm

from app.inference.recogniser import load_recogniser
from app.reader.pipeline import CheckReader
from app.reader.types import AMOUNT_FORMATS, ReadOptions, Scope
from training.evaluation.blocks import RATES, of
from training.measure import Answer, amount_answer, at_operating_point, counts, percent_with_interval, wilson
from training.shards import FORMAT_SHARES, RARE_FORMAT_SHARES, pens_for
from training.synthetic.fields import draw_field
from training.synthetic.types import SyntheticField

SEED = 90_001  # of no training run
FIELDS_PER_JOB = 50
RARE_EVERY = 4  # one field in so many has the rarer shapes, as among those that the thresholds were fitted on


@dataclass(frozen=True, slots=True)
class Job:
    """Fields ``first`` to ``first + count``, each drawn from its own seed, read with the models of a folder."""

    first: int
    count: int
    data_root: Path | None
    model_dir: Path | None


def draw_unseen(number: int, data_root: Path | None) -> SyntheticField:
    """Field ``number`` of the set, by a held-out writer; the same on every machine with the same data."""
    rng = np.random.default_rng([SEED, number])
    rare = number % RARE_EVERY == 0
    shares = RARE_FORMAT_SHARES if rare else FORMAT_SHARES
    amount_format = AMOUNT_FORMATS[int(rng.choice(len(AMOUNT_FORMATS), p=shares))]
    return draw_field(rng, pens_for(data_root, "held_out", rare), amount_format)


def field_answer(reader: CheckReader, drawn: SyntheticField, number: int) -> Answer:
    """One field as a client would send it; its group is its amount format. Raises ``ValueError`` for what is no amount."""
    if drawn.amount_format is None:
        raise ValueError("a field without an amount format is no amount")
    ok, png = cv2.imencode(".png", drawn.picture)
    if not ok:
        raise RuntimeError("a picture could not be written as PNG")
    options = ReadOptions(scope=Scope.COURTESY_AMOUNT, amount_format=drawn.amount_format)
    return amount_answer(reader.read(png.tobytes(), options), f"synthetic {number}", drawn.amount_format, drawn.value)


@cache
def reader_of(model_dir: Path | None) -> CheckReader:
    """The reader of a process, loaded once."""
    cv2.setNumThreads(1)
    return CheckReader(load_recogniser(model_dir))


def run_job(job: Job) -> list[Answer]:
    """The answers of one job."""
    reader = reader_of(job.model_dir)
    return [field_answer(reader, draw_unseen(number, job.data_root), number) for number in range(job.first, job.first + job.count)]


def jobs_of(count: int, data_root: Path | None, model_dir: Path | None) -> Iterator[Job]:
    """``count`` fields in jobs."""
    for first in range(0, count, FIELDS_PER_JOB):
        yield Job(first, min(FIELDS_PER_JOB, count - first), data_root, model_dir)


def unseen_fields(count: int, data_root: Path | None, model_dir: Path | None = None, workers: int = 2) -> tuple[Answer, ...]:
    """The answers to ``count`` fields in their order, drawn and read by ``workers`` processes; 1 is this process itself."""
    jobs = list(jobs_of(count, data_root, model_dir))
    if workers <= 1:
        return tuple(answer for job in tqdm(jobs, desc="synthetic fields", mininterval=5) for answer in run_job(job))
    with ProcessPoolExecutor(workers, multiprocessing.get_context("spawn")) as pool:  # a worker that dies ends the run, with an error
        done = tqdm(pool.map(run_job, jobs), total=len(jobs), desc="synthetic fields", mininterval=5)
        return tuple(answer for answers in done for answer in answers)


def holds(wrong: int, count: int, rate: float) -> str:
    """Whether a stated rate holds: "yes", or "no" where the observed share is above it beyond its interval."""
    return "yes" if wilson(wrong, count)[0] <= rate else "no"


def synthetic_block(reader: CheckReader, answers: Sequence[Answer]) -> str:
    """The text on unseen synthetic fields: read rates, and what becomes of the stated rates."""
    whole = counts(answers)
    rates = []
    for amount_format in sorted({answer.group for answer in answers}):
        c = counts(a for a in answers if a.group == amount_format)
        rates.append(f"`{amount_format}` {percent_with_interval(c.right, c.count)} of {c.count}")
    rows = [
        f"Right without refusal: **{of(whole.right, whole.count)}**; {', '.join(rates)}.",
        "",
        "| `max_error` | accepted and right | accepted and wrong | the stated rate holds |",
        "|---|---|---|---|",
    ]
    for rate in RATES:
        c = counts(at_operating_point(answers, reader, rate))
        wrong = f"{c.accepted_wrong} of {c.count}: {precise(c.accepted_wrong, c.count)}"
        rows.append(
            f"| {rate:g} | {percent_with_interval(c.accepted_right, c.count)} | {wrong} | {holds(c.accepted_wrong, c.count, rate)} |"
        )
    return "\n".join(rows)


def precise(successes: int, trials: int) -> str:
    """A small share with its interval, in percent with two decimals."""
    low, high = wilson(successes, trials)
    return f"{100 * successes / max(1, trials):.2f} % ({100 * low:.2f}-{100 * high:.2f})"
