"""How many clean MICR lines, cut out, are read wholly right: every character, every space. ``benchmarks.micr_lines`` reads whole checks.

    python -m benchmarks.micr_strips [--lines 5000] [--write]

Clean means print within the standard's tolerances on plain paper, scanned at 150 to 300 dpi in grey or bitonal: a little ink spread, a
little skew, no stains. The lines are drawn from seeds of their own, in all forms that the synthetic lines know; ``training`` draws
from others. ``--write`` puts the figures into ``docs/results.md``.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np

from app.inference.recogniser import load_recogniser
from app.reader.pipeline import CheckReader
from app.reader.types import ReadOptions, Scope
from benchmarks.figures import write_block
from training.measure import percent_with_interval
from training.synthetic.micr import draw_micr_line
from training.synthetic.micr_style import MicrStyle

SEED = 70_001


@dataclass(frozen=True, slots=True)
class LineResult:
    """One line: what was printed, what was read, and whether it was accepted."""

    printed: str
    read: str
    accepted: bool

    @property
    def right(self) -> bool:
        return self.read == self.printed


def clean_style(rng: np.random.Generator) -> MicrStyle:
    """Print and scan within tolerance (X9.100-20: edges within 0.0035 in of the grid, skew of the line within 1.5 degrees)."""
    bitonal = bool(rng.random() < 0.3)
    return replace(
        MicrStyle.clean(float(rng.choice((150.0, 200.0, 240.0, 300.0)))),
        skew_degrees=float(np.clip(rng.normal(0.0, 0.3), -1.0, 1.0)),
        baseline_jitter=0.1,
        spread=float(np.clip(rng.normal(0.0, 0.08), -0.2, 0.2)),
        ink_darkness=float(rng.uniform(0.6, 0.95)),
        blur_px=float(rng.uniform(0.3, 0.7)),
        bitonal=bitonal,
        jpeg_quality=None if bitonal or rng.random() < 0.4 else int(rng.integers(75, 96)),
    )


def read_line(reader: CheckReader, number: int) -> LineResult:
    """Draw line ``number`` and read it as a client would have it read: a PNG of the line."""
    rng = np.random.default_rng([SEED, number])
    drawn = draw_micr_line(rng, style=clean_style(rng))
    ok, png = cv2.imencode(".png", drawn.picture)
    if not ok:
        raise RuntimeError("a picture could not be written as PNG")
    micr = reader.read(png.tobytes(), ReadOptions(scope=Scope.MICR_LINE)).micr
    return LineResult(drawn.value, micr.raw if micr else "", micr is not None and micr.decision == "accepted")


def differences(results: Sequence[LineResult]) -> Counter[str]:
    """What was read for what, counted, of lines that have as many signs as were printed; else "another length"."""
    found: Counter[str] = Counter()
    for result in results:
        if len(result.printed) != len(result.read):
            found["another length"] += 1
        else:
            found.update(f"{a} as {b}" for a, b in zip(result.printed, result.read, strict=True) if a != b)
    return found


def lines_block(results: Sequence[LineResult]) -> str:
    """The figures as Markdown."""
    right = sum(result.right for result in results)
    accepted_wrong = sum(result.accepted and not result.right for result in results)
    accepted = sum(result.accepted for result in results)
    wrong = [result for result in results if not result.right]
    shown = ", ".join(f"{what} ({count})" for what, count in differences(wrong).most_common(6)) or "none"
    return "\n".join(
        [
            f"{len(results)} clean lines, every character and space right: **{right}, {percent_with_interval(right, len(results))}**. "
            f"Accepted at `max_error` 0.01: {accepted}, of them {accepted_wrong} not wholly right.",
            "",
            f"What went wrong in the others: {shown}.",
        ]
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.micr_strips", description="Read clean MICR lines and count.")
    parser.add_argument("--lines", type=int, default=5000, help="lines that are drawn and read")
    parser.add_argument("--write", action="store_true", help="write the block micr-strips of docs/results.md")
    given = parser.parse_args(arguments)
    if given.lines < 1:
        parser.error("--lines must be at least 1")
    cv2.setNumThreads(1)
    reader = CheckReader(load_recogniser())
    results = [read_line(reader, number) for number in range(given.lines)]
    text = lines_block(results)
    print(text)
    for result in [r for r in results if not r.right][:20]:
        print(f"printed {result.printed}\nread    {result.read}")
    if given.write:
        write_block(Path("docs/results.md"), "micr-strips", text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
