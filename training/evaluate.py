"""Read rate on real checks with the committed models: measures, and writes every figure where it stands.

    python -m training.evaluate --data-root DATA

Writes ``docs/results/*.json`` and the marked blocks of ``docs/results.md``, ``README.md`` and ``model/MODEL_CARD.md``.
Nothing that is measured here was trained on. Needs no torch.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image

from app.inference.recogniser import load_recogniser
from app.reader.pipeline import CheckReader
from app.reader.types import AmountFormat, ReadOptions, Scope
from benchmarks.figures import write_block
from training.data.checks import CheckPicture, load_checks
from training.data.digits import load_npz_set, read_picture
from training.data.images import CharacterImages
from training.data.mnist import load_mnist
from training.data.orand import AmountPicture, load_orand
from training.measure import (
    Answer,
    amount_answer,
    as_rows,
    at_operating_point,
    calibration_error,
    counts,
    micr_answer,
    percent_with_interval,
    read_file,
)

RATES = (0.01, 0.02, 0.05)
X9_SOURCE = "arthg+Arthware.X937Parser"


@dataclass(frozen=True, slots=True)
class Measured:
    """The answers of one set and the milliseconds that one reading took, as the median."""

    name: str
    answers: tuple[Answer, ...]
    milliseconds: float


def measure(name: str, readings: Sequence[Callable[[], Answer]]) -> Measured:
    """Run the readings of a set, one after the other."""
    answers, spent = [], []
    for read in readings:
        begin = time.perf_counter()
        answers.append(read())
        spent.append((time.perf_counter() - begin) * 1000.0)
    return Measured(name, tuple(answers), float(np.median(spent)) if spent else 0.0)


def orand(reader: CheckReader, root: Path) -> Measured:
    """Real courtesy amounts, cut out: format ``plain``."""
    options = ReadOptions(scope=Scope.COURTESY_AMOUNT, amount_format="plain")
    return measure("orand_car_a_dev", [partial(orand_answer, reader, picture, options) for picture in load_orand(root)])


def orand_answer(reader: CheckReader, picture: AmountPicture, options: ReadOptions) -> Answer:
    """One cut-out amount."""
    return amount_answer(read_file(reader, picture.path, options), picture.path.name, picture.path.stem, picture.text)


def check_options(check: CheckPicture) -> ReadOptions:
    """The options for a whole check: rupees for Indian forms."""
    amount_format: AmountFormat = "in" if "Indian" in check.layout else "us"
    return ReadOptions(amount_format=amount_format)


def whole_checks(reader: CheckReader, checks: Sequence[CheckPicture]) -> dict[str, list[Answer]]:
    """Answers by field for whole checks, wherever the truth of the field is known."""
    out: dict[str, list[Answer]] = {"amount": [], "routing": [], "account": [], "check_number": []}
    for check in checks:
        reading = read_file(reader, check.path, check_options(check))
        if check.filled and check.amount and float(check.amount) > 0:
            out["amount"].append(amount_answer(reading, check.file, check.group, check.amount))
        names = {"routing": "routing_number", "account": "account_number", "check_number": "check_number"}
        truths = {"routing": check.micr_code, "account": check.micr_account, "check_number": check.check_number if check.micr_code else ""}
        for field, name in names.items():
            if truths[field]:
                out[field].append(micr_answer(reading, check.file, check.group, truths[field], name))
    return out


def per_group(answers: Sequence[Answer]) -> tuple[int, int]:
    """(physical checks right, physical checks): a check counts as right where at least half of its pictures are."""
    groups: dict[str, list[bool]] = {}
    for answer in answers:
        groups.setdefault(answer.group or answer.file, []).append(answer.right)
    return sum(sum(votes) * 2 >= len(votes) for votes in groups.values()), len(groups)


def digits(reader: CheckReader, root: Path, most: int) -> dict[str, Measured]:
    """Single digits through the digit field, with the committed model."""
    sets = {
        "MNIST test": load_mnist(root, "test"),
        "CVL valid": load_npz_set(root, "cvl_valid"),
        "USPS test": load_npz_set(root, "usps_test"),
        "optdigits windep": load_npz_set(root, "optdigits_windep"),
    }
    return {title: measure(title, digit_readings(reader, title, loaded, most)) for title, loaded in sets.items()}


def digit_readings(reader: CheckReader, title: str, loaded: CharacterImages, most: int) -> list[Callable[[], Answer]]:
    """The readings of up to ``most`` digits of a set, picked by a fixed seed."""
    chosen = np.random.default_rng(5).permutation(len(loaded.images))[:most]
    return [partial(digit_answer, reader, loaded.images[k], str(loaded.labels[k]), f"{title} {k}") for k in chosen]


def digit_answer(reader: CheckReader, picture: npt.NDArray[np.uint8], label: str, file: str) -> Answer:
    """One digit, handed over as the PNG that a client would send."""
    padded = cv2.copyMakeBorder(picture, 2, 2, 2, 2, cv2.BORDER_CONSTANT, value=0)
    ok, png = cv2.imencode(".png", padded)
    if not ok:
        raise RuntimeError("a picture could not be written as PNG")
    return amount_answer(reader.read(png.tobytes(), ReadOptions(scope=Scope.DIGIT)), file, file, label)


def operating_rows(reader: CheckReader, answers: Sequence[Answer]) -> list[str]:
    """Table rows: stated rate, accepted and right, accepted and wrong, refused."""
    rows = ["| `max_error` | accepted and right | accepted and wrong | refused |", "|---|---|---|---|"]
    for rate in RATES:
        c = counts(at_operating_point(answers, reader, rate))
        rows.append(
            f"| {rate:g} | {percent_with_interval(c.accepted_right, c.count)} | {c.accepted_wrong} of {c.count}: "
            f"{percent_with_interval(c.accepted_wrong, c.count)} | {c.count - c.accepted_right - c.accepted_wrong} |"
        )
    return rows


def orand_block(reader: CheckReader, measured: Measured) -> str:
    """The text on ORAND-CAR-A."""
    c = counts(measured.answers)
    head = [
        f"Whole string right without refusal: **{c.right} of {c.count}, {percent_with_interval(c.right, c.count)}** (95 % interval in "
        "brackets; labels as published, about 2 % of them wrong). Expected calibration error "
        f"{100 * calibration_error(measured.answers):.1f} % (10 equal-count bins).",
        "",
    ]
    return "\n".join([*head, *operating_rows(reader, measured.answers)])


def checks_block(found: dict[str, list[Answer]]) -> str:
    """The table on whole checks: pictures, and physical checks (groups)."""
    rows = ["| field | pictures right | physical checks right |", "|---|---|---|"]
    for field, answers in found.items():
        c = counts(answers)
        right, groups = per_group(answers)
        rows.append(f"| {field} | {c.right} of {c.count} | {right} of {groups}: {percent_with_interval(right, groups)} |")
    return "\n".join(rows)


def digits_block(found: dict[str, Measured]) -> str:
    """The table on single digits."""
    rows = ["| set | digits | error |", "|---|---|---|"]
    for title, measured in found.items():
        c = counts(measured.answers)
        rows.append(f"| {title} | {c.count} | {percent_with_interval(c.count - c.right, c.count)} |")
    return "\n".join(rows)


def summary_block(amounts: Measured, x9: dict[str, list[Answer]], checks: dict[str, list[Answer]]) -> str:
    """The short table of the README."""
    rows = ["| real pictures, none trained on | right without refusal |", "|---|---|"]
    amount = counts(amounts.answers)
    rows.append(
        f"| {amount.count} courtesy amounts of Latin American checks (ORAND-CAR-A) | {percent_with_interval(amount.right, amount.count)} |"
    )
    for title, answers in (
        ("bitonal image cash letter, courtesy amount", x9["amount"]),
        ("bitonal image cash letter, routing number", x9["routing"]),
        ("US and Indian checks of many kinds, courtesy amount", checks["amount"]),
        ("US and Indian checks of many kinds, code of the MICR line", checks["routing"]),
    ):
        right, groups = per_group(answers)
        rows.append(f"| {groups} physical checks: {title} | {percent_with_interval(right, groups)} |")
    return "\n".join(rows)


def contact_sheet(measured: Measured, root: Path, path: Path, most: int = 80) -> None:
    """A PNG of what was misread; for looking at, never committed: the pictures are other people's."""
    wrong = [a for a in measured.answers if not a.right][:most]
    sheet = np.full((max(1, -(-len(wrong) // 5)) * 90, 5 * 260), 255, np.uint8)
    for k, answer in enumerate(wrong):
        picture = read_picture(root / "strings" / "orand_car_a_dev" / answer.file)
        scale = min(1.3, 250 / picture.shape[1], 68 / picture.shape[0])
        small = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        y, x = (k // 5) * 90, (k % 5) * 260
        sheet[y + 16 : y + 16 + small.shape[0], x : x + small.shape[1]] = small
        cv2.putText(sheet, f"{answer.truth} > {answer.text} {answer.confidence:.2f}", (x, y + 12), 0, 0.42, 0, 1)
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(sheet).save(path)


def save(name: str, value: object, docs: Path) -> None:
    """One JSON file of results."""
    folder = docs / "results"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.json").write_text(json.dumps(value, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    """The command line."""
    given = os.environ.get("CHECKREADER_DATA")
    parser = argparse.ArgumentParser(prog="python -m training.evaluate", description="Measure the committed models on real checks.")
    default = Path(given) if given else None
    parser.add_argument("--data-root", type=Path, default=default, help="folder of the data sets (or CHECKREADER_DATA)")
    parser.add_argument("--model-dir", type=Path, help="folder of the model files (default: the packaged ones)")
    parser.add_argument("--docs", type=Path, default=Path("docs"), help="folder of results.md")
    parser.add_argument("--card", type=Path, default=Path("model/MODEL_CARD.md"))
    parser.add_argument("--readme", type=Path, default=Path("README.md"))
    parser.add_argument("--most-digits", type=int, default=10_000, help="digits of each set that are read")
    parser.add_argument("--sheet", type=Path, help="write a contact sheet of the misread amounts here (do not commit it)")
    parser.add_argument("--dry-run", action="store_true", help="print the figures, write no document")
    return parser.parse_args(arguments)


def main(arguments: Sequence[str] | None = None) -> int:
    """The command; exit status 2 where the data folder is not named or not there."""
    given = parse(arguments)
    root: Path | None = given.data_root
    if root is None or not root.is_dir():
        print("name the folder of the data sets with --data-root or CHECKREADER_DATA", file=sys.stderr)
        return 2
    cv2.setNumThreads(1)
    reader = CheckReader(load_recogniser(given.model_dir))
    amounts = orand(reader, root)
    checks = load_checks(root)
    x9 = whole_checks(reader, [check for check in checks if check.file.startswith(X9_SOURCE)])
    everything = whole_checks(reader, checks)
    singles = digits(reader, root, given.most_digits)
    blocks = {
        "orand": orand_block(reader, amounts),
        "x9": checks_block(x9),
        "checks": checks_block(everything),
        "digits": digits_block(singles),
    }
    for name, text in blocks.items():
        print(f"\n== {name}\n{text}")
    if given.sheet:
        contact_sheet(amounts, root, given.sheet)
    if not given.dry_run:
        for name, text in blocks.items():
            write_block(given.docs / "results.md", name, text)
            write_block(given.card, name, text)
        write_block(given.readme, "summary", summary_block(amounts, x9, everything))
        save("orand", as_rows(amounts.answers), given.docs)
        save("checks", {field: as_rows(answers) for field, answers in everything.items()}, given.docs)
        totals = {title: counts(measured.answers) for title, measured in singles.items()}
        save("digits", {title: {"count": total.count, "right": total.right} for title, total in totals.items()}, given.docs)
    return 0


if __name__ == "__main__":
    sys.exit(main())
