"""How often the printed check number and the fractional routing number are found, right and wrong, and what they cost.

    python -m benchmarks.printed_numbers [--data-root DATA] [--kit 200] [--write]

Counted by picture on all development checks but Indian ones, which have neither, and on checks of the kit's test part, of which training
has seen nothing. A number that is told where none is printed counts as wrong. ``--write`` puts the table into the block ``printed-numbers``
of ``docs/results.md``.
"""

from __future__ import annotations

import argparse
import json
import sys
import tomllib
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import cv2
import numpy as np

from app.inference.recogniser import load_recogniser
from app.reader.pipeline import CheckReader
from app.reader.printed_numbers import PrintedNumber
from app.reader.types import CheckReading, ReadOptions
from benchmarks.figures import write_block
from training.data.checks import CheckPicture, load_checks
from training.data.sources import DataError, add_data_root, data_root
from training.evaluation.amount_fields import X9_SOURCE
from training.measure import percent_with_interval, read_file
from training.synthetic.check_layouts import fraction
from training.synthetic.kit import KitPlan, draw_kit_check

ROOT = Path(__file__).resolve().parents[1]
PRINTED = Path(__file__).with_name("printed_numbers.toml")
STAGE = "printed_numbers"
KIT_SEED = 31
MOST_WRONG, MOST_MS = 0.02, 4.0  # the bars: share of the told numbers that are wrong; milliseconds on an X9 image
NUMBERS = ("check number", "fraction")


@dataclass(frozen=True, slots=True)
class Told:
    """One picture: the truth and the answer of one number, "" for none; ``agrees`` as the reading says."""

    truth: str
    value: str
    agrees: bool | None

    @property
    def outcome(self) -> str:
        """right, wrong, not found, or none where none is printed and none told."""
        if not self.value:
            return "not found" if self.truth else "none"
        return "right" if same(self.value, self.truth) else "wrong"


def same(value: str, truth: str) -> bool:
    """Whether two numbers are the same but for leading zeros."""
    return bool(truth) and value.lstrip("0") == truth.lstrip("0")


def truths_of(checks: Iterable[CheckPicture]) -> dict[str, tuple[str, str]]:
    """(check number, fraction) in print by file, "" for none. Raises ``ValueError`` for a listed file that is not there."""
    listed = tomllib.loads(PRINTED.read_text(encoding="utf-8"))
    found = {c.file: (listed["check_numbers"].get(c.file, c.check_number), listed["fractions"].get(c.file, "")) for c in checks}
    if stray := sorted({*listed["check_numbers"], *listed["fractions"]} - set(found)):
        raise ValueError(f"{PRINTED.name} names files that are not there: {', '.join(stray)}")
    return found


def told(reading: CheckReading, truths: tuple[str, str]) -> tuple[Told, Told]:
    """Both numbers of a reading beside their truths."""
    micr = reading.micr
    answers = (micr.printed_check_number, micr.fractional_routing_number) if micr is not None else (None, None)
    return one(truths[0], answers[0]), one(truths[1], answers[1])


def one(truth: str, number: PrintedNumber | None) -> Told:
    """One number beside its truth."""
    return Told(truth, number.value if number else "", number.agrees if number else None)


def of_kit(reader: CheckReader, count: int) -> Iterator[tuple[Told, Told]]:
    """``count`` US and Canadian checks of the kit's test part. Canadian ones print their number too, and no fraction."""
    plan = KitPlan(KIT_SEED, part="test", forms=("us_personal", "us_business", "canadian"))
    for number in range(count):
        check = draw_kit_check(plan, number)
        truth = json.loads(json.dumps(check.truth))
        routing = truth["routing"] if str(truth["form"]).startswith("us") else ""
        _, encoded = cv2.imencode(".png", cv2.cvtColor(check.picture, cv2.COLOR_RGB2BGR))
        yield told(reader.read(encoded.tobytes()), (truth["check_number"], fraction(routing) if routing else ""))


def row(title: str, number: str, items: Sequence[Told]) -> str:
    """One line of the table."""
    counts = Counter(item.outcome for item in items)
    printed = sum(bool(item.truth) for item in items)
    said = counts["right"] + counts["wrong"]
    differing = sum(item.agrees is False for item in items)
    shares = f"{counts['right']} of {printed}: {percent_with_interval(counts['right'], printed)}"
    return f"| {title} | {number} | {len(items)} | {shares} | {counts['wrong']} of {said} | {counts['not found']} | {differing} |"


def table(groups: Sequence[tuple[str, Sequence[tuple[Told, Told]]]], times_ms: Sequence[float]) -> str:
    """The figures as Markdown, with the bars."""
    head = ["checks", "number", "pictures", "found and right, of those that have it in print", "wrong, of those told", "not found"]
    lines = [f"| {' | '.join([*head, 'told to differ from the MICR line'])} |", "|" + "---|" * (len(head) + 1)]
    for title, pairs in groups:
        lines += [row(title, number, [pair[k] for pair in pairs]) for k, number in enumerate(NUMBERS)]
    said = [item for _, pairs in groups for pair in pairs for item in pair if item.value]
    wrong = sum(item.outcome == "wrong" for item in said)
    kept = "reached" if wrong <= MOST_WRONG * len(said) else "not reached"
    fast = "reached" if median(times_ms) <= MOST_MS else "not reached"
    lines += [
        "",
        f"* wrong, of all that was told: **{wrong} of {len(said)}** (at most {100 * MOST_WRONG:g} %: {kept})",
        f"* time on the images of the image cash letter: median **{median(times_ms):.1f} ms**, longest {max(times_ms):.1f} ms "
        f"(at most {MOST_MS:g} ms: {fast})",
    ]
    return "\n".join(lines)


def development(reader: CheckReader, checks: Sequence[CheckPicture]) -> tuple[list[tuple[Told, Told]], list[float]]:
    """The development checks but Indian ones, and the milliseconds of the stage on the X9 images, each read three times."""
    truths = truths_of(checks)
    pairs: list[tuple[Told, Told]] = []
    times_ms: list[float] = []
    for check in checks:
        if check.layout.startswith("Indian"):
            continue
        reading = read_file(reader, check.path, ReadOptions())
        if reading is None:
            continue
        pairs.append(told(reading, truths[check.file]))
        if check.file.startswith(X9_SOURCE):
            again = [reader.read(check.path.read_bytes()).timings_ms[STAGE] for _ in range(3)]
            times_ms.append(float(np.median(again)))
        for item in pairs[-1]:
            if item.outcome == "wrong":
                print(f"wrong: {check.file}: {item.value}, in print {item.truth or 'none'}", file=sys.stderr)
    return pairs, times_ms


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print; 1 where the data is not there."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.printed_numbers", description=(__doc__ or "").split("\n")[0])
    add_data_root(parser)
    parser.add_argument("--kit", type=int, default=200, help="checks of the kit (default: 200)")
    parser.add_argument("--write", action="store_true", help="write the block printed-numbers of docs/results.md")
    given = parser.parse_args(arguments)
    cv2.setNumThreads(1)
    try:
        checks = load_checks(data_root(given.data_root))
    except DataError as error:
        print(f"printed_numbers: {error}", file=sys.stderr)
        return 1
    reader = CheckReader(load_recogniser())
    pairs, times_ms = development(reader, checks)
    kit = list(of_kit(reader, given.kit))
    text = table([("development checks without Indian ones", pairs), ("the kit's test part, US and Canadian", kit)], times_ms)
    print(text)
    if given.write:
        write_block(ROOT / "docs" / "results.md", "printed-numbers", text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
