"""How many MICR lines of clean checks are read wholly right, every character and every space: whole checks of the kit's test part.

    python -m benchmarks.micr_lines [--checks 5000] [--workers 2] [--kept FILE] [--write]

Clean means without a fault: print within the standard's tolerances, scans in colour, grey and one bit per pixel at 200 dpi, and photos
with up to 15 degrees of tilt, evenly of all forms. Each check is read from its PNG as a client would have it read, asking for the MICR
line alone. ``--kept`` appends every answer to a file, so that a run that was stopped, or a shorter one, is gone on with. ``--write``
puts the figures into the block ``micr-lines`` of ``docs/results.md``.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path

import cv2
from PIL import Image

from app.inference.recogniser import load_recogniser
from app.reader.pipeline import CheckReader
from app.reader.types import ReadOptions
from benchmarks.figures import write_block
from training.measure import percent_with_interval
from training.synthetic.kit import FORMS, KINDS, KitPlan, draw_kit_check
from training.synthetic.kit_command import encoded

SEED = 70_001
PLAN = KitPlan(SEED, "test")
LEAST_SHARE = 0.995  # the bar


@dataclass(frozen=True, slots=True)
class LineResult:
    """One line: what was printed, what was read, and the decision."""

    number: int
    form: str
    kind: str
    printed: str
    read: str
    decision: str  # "accepted", "refused" or "not_found"

    @property
    def right(self) -> bool:
        return self.read == self.printed


@cache
def reader() -> CheckReader:
    """The reader with the shipped models, one per process."""
    cv2.setNumThreads(1)
    return CheckReader(load_recogniser())


def read_check(number: int) -> LineResult:
    """Draw check ``number`` of the plan and read its MICR line."""
    using = reader()
    check = draw_kit_check(PLAN, number)
    kind = str(check.truth["kind"])
    micr = using.read(encoded(Image.fromarray(check.picture), "png", kind), ReadOptions(fields=("micr_line",))).micr
    found = ("", "not_found") if micr is None else (micr.raw, str(micr.decision))
    return LineResult(number, str(check.truth["form"]), kind, str(check.truth["micr"]), *found)


def kept_results(path: Path | None) -> list[LineResult]:
    """The answers of earlier runs."""
    if path is None or not path.exists():
        return []
    return [LineResult(**json.loads(line)) for line in path.read_text(encoding="utf-8").splitlines()]


def answers(numbers: Sequence[int], workers: int) -> Iterator[LineResult]:
    """The answers to the checks in the order of their numbers."""
    if workers == 1:
        yield from map(read_check, numbers)
        return
    with multiprocessing.get_context("spawn").Pool(workers) as pool:
        yield from pool.imap(read_check, numbers, chunksize=8)


def measure(count: int, workers: int, kept: Path | None) -> list[LineResult]:
    """The answers to checks 0 to ``count`` - 1, those that are kept already not drawn again."""
    results = {result.number: result for result in kept_results(kept)}
    for result in answers([number for number in range(count) if number not in results], workers):
        results[result.number] = result
        if kept is not None:
            with kept.open("a", encoding="utf-8") as out:
                out.write(json.dumps(asdict(result), ensure_ascii=False) + "\n")
    return [results[number] for number in range(count)]


def row(name: str, results: Sequence[LineResult]) -> str:
    """One line of the table."""
    right = sum(r.right for r in results)
    wrong = sum(r.decision == "accepted" and not r.right for r in results)
    accepted = sum(r.decision == "accepted" for r in results)
    return f"| {name} | {len(results)} | {right}: {percent_with_interval(right, len(results))} | {accepted} | {wrong} |"


def lines_block(results: Sequence[LineResult]) -> str:
    """The figures as Markdown: all, by form and by kind, and whether the bar is reached."""
    lines = [
        "| checks | lines | wholly right, without refusal | accepted at `max_error` 0.01 | accepted and not wholly right |",
        "|---|---|---|---|---|",
    ]
    lines.append(row("all", results))
    lines += [row(f"`{form}`", [r for r in results if r.form == form]) for form in FORMS]
    lines += [row(f"{kind}", [r for r in results if r.kind == kind]) for kind in KINDS]
    right = sum(r.right for r in results)
    reached = "reached" if right >= LEAST_SHARE * len(results) else "not reached"
    return "\n".join([*lines, "", f"At least {100 * LEAST_SHARE:g} % of the lines wholly right: {reached} ({right} of {len(results)})."])


def main(arguments: Sequence[str] | None = None) -> int:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.micr_lines", description="Read MICR lines of clean checks and count.")
    parser.add_argument("--checks", type=int, default=5000, help="checks that are drawn and read (default: 5000)")
    parser.add_argument("--workers", type=int, default=1, help="processes (default: 1)")
    parser.add_argument("--kept", type=Path, help="file of answers, one JSON object per line; what it holds is not read again")
    parser.add_argument("--write", action="store_true", help="write the block micr-lines of docs/results.md")
    given = parser.parse_args(arguments)
    if given.checks < 1 or given.workers < 1:
        parser.error("--checks and --workers must be at least 1")
    results = measure(given.checks, given.workers, given.kept)
    text = lines_block(results)
    print(text)
    for result in [r for r in results if not r.right][:40]:
        print(f"{result.number} {result.form} {result.kind} {result.decision}\nprinted {result.printed}\nread    {result.read}")
    if given.write:
        write_block(Path("docs/results.md"), "micr-lines", text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
