"""Read rate on real checks with the committed models: measures, and writes every figure where it stands.

    python -m training.evaluate --data-root DATA [--only orand strings]

Writes ``docs/results/*.json``, ``docs/figures/*.svg`` and the marked blocks of ``docs/results.md``, ``README.md`` and
``model/MODEL_CARD.md``. Nothing that is measured here was trained on. Needs no torch.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2

from app.inference.recogniser import load_recogniser
from app.reader.pipeline import CheckReader
from benchmarks.figures import write_block
from training.data.checks import load_checks
from training.data.orand import load_orand
from training.evaluation.amount_fields import X9_SOURCE, amount_fields, has_amount
from training.evaluation.blocks import checks_block, digits_block, fields_block, orand_block, strings_block, summary_block
from training.evaluation.curves import one_per_check
from training.evaluation.readers import first_alone, readers_block
from training.evaluation.record import CurveSet, Documents, add_curves, contact_sheet
from training.evaluation.sets import Measured, as_published, digits, of_source, orand, whole_checks
from training.evaluation.strings import measure_strings, measured_strings
from training.evaluation.synthetic import synthetic_block, unseen_fields
from training.measure import Answer, as_rows, counts

PARTS = ("orand", "fields", "checks", "strings", "digits", "synthetic")


@dataclass(frozen=True, slots=True)
class Part:
    """One part of the evaluation: its blocks of Markdown, its JSON files, its curves."""

    blocks: dict[str, str]
    results: dict[str, object]
    curves: dict[str, CurveSet]


def orand_part(reader: CheckReader, corrected: Measured, published: Measured, alone: Measured) -> Part:
    """Real courtesy amounts, after corrections and before, and by the first reader ``alone``."""
    title = "ORAND-CAR-A"
    curves = {
        corrected.name: CurveSet(f"{title}, labels corrected", corrected.answers),
        published.name: CurveSet(f"{title}, labels as published", published.answers),
    }
    results: dict[str, object] = {"orand": as_rows(corrected.answers), "orand_as_published": as_rows(published.answers)}
    blocks = {
        "orand": orand_block(reader, corrected, published),
        "readers": readers_block((first_alone(reader), alone), (reader, corrected)),
    }
    return Part(blocks, results, curves)


def fields_part(found: dict[str, list[Answer]], unmarked: int) -> Part:
    """Amounts of whole checks in their marked boxes."""
    everything = one_per_check([answer for answers in found.values() for answer in answers])
    results: dict[str, object] = {"check_fields": {kind: as_rows(answers) for kind, answers in found.items()}}
    return Part({"fields": fields_block(found, unmarked)}, results, {"check_fields": CurveSet("Amount boxes of checks", everything)})


def checks_part(found: dict[str, list[Answer]], x9: dict[str, list[Answer]]) -> Part:
    """Whole checks."""
    results: dict[str, object] = {"checks": {field: as_rows(answers) for field, answers in found.items()}}
    curves = {"whole_checks": CurveSet("Amounts of whole checks", one_per_check(found["amount"]))}
    return Part({"x9": checks_block(x9), "checks": checks_block(found)}, results, curves)


def strings_part(reader: CheckReader, root: Path) -> Part:
    """Number strings of UNIPEN."""
    strings, amounts = measure_strings(reader, measured_strings(root))
    results: dict[str, object] = {"strings": {"number_strings": as_rows(strings), "amounts": as_rows(amounts)}}
    curves = {
        "unipen_strings": CurveSet("UNIPEN number strings", strings, decided=False),
        "unipen_amounts": CurveSet("UNIPEN amounts", amounts),
    }
    return Part({"strings": strings_block(strings, amounts)}, results, curves)


def digits_part(found: dict[str, Measured]) -> Part:
    """Single digits."""
    totals = {title: counts(measured.answers) for title, measured in found.items()}
    results: dict[str, object] = {"digits": {title: {"count": c.count, "right": c.right} for title, c in totals.items()}}
    return Part({"digits": digits_block(found)}, results, {})


def synthetic_part(reader: CheckReader, answers: Sequence[Answer]) -> Part:
    """Unseen synthetic fields: do the thresholds hold?"""
    total = counts(answers)
    results: dict[str, object] = {"synthetic": {"count": total.count, "right": total.right}}
    return Part({"synthetic": synthetic_block(reader, answers)}, results, {"synthetic": CurveSet("Unseen synthetic fields", answers)})


def evaluate(reader: CheckReader, root: Path, given: argparse.Namespace) -> tuple[list[Part], str | None]:
    """The parts asked for, and the summary of the README where all it needs was measured."""
    parts: list[Part] = []
    wanted = set(given.only or PARTS)
    checks = load_checks(root)
    if "orand" in wanted:
        pictures = load_orand(root)
        corrected = orand(reader, pictures)
        published = as_published(corrected, pictures)
        parts.append(orand_part(reader, corrected, published, orand(first_alone(reader), pictures)))
        if given.sheet:
            contact_sheet(corrected, root, given.sheet)
    if "fields" in wanted:
        fields = amount_fields(reader, checks)
        parts.append(fields_part(fields, sum(has_amount(check) and check.amount_box is None for check in checks)))
    if "checks" in wanted:
        found = whole_checks(reader, checks)
        x9 = of_source(found, X9_SOURCE)
        parts.append(checks_part(found, x9))
    if "strings" in wanted:
        parts.append(strings_part(reader, root))
    if "digits" in wanted:
        parts.append(digits_part(digits(reader, root, given.most_digits)))
    if "synthetic" in wanted:
        parts.append(synthetic_part(reader, unseen_fields(given.synthetic_fields, root, given.model_dir, given.workers)))
    summary = summary_block(corrected, published, fields, x9, found) if {"orand", "fields", "checks"} <= wanted else None
    return parts, summary


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
    parser.add_argument("--only", nargs="+", choices=PARTS, help="measure these sets alone (default: all)")
    parser.add_argument("--most-digits", type=int, default=10_000, help="digits of each set that are read")
    parser.add_argument("--synthetic-fields", type=int, default=20_000, help="unseen synthetic fields that are drawn and read")
    parser.add_argument("--workers", type=int, default=2, help="processes that draw and read synthetic fields")
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
    parts, summary = evaluate(reader, root, given)
    for part in parts:
        for name, text in part.blocks.items():
            print(f"\n== {name}\n{text}")
    if not given.dry_run:
        write(reader, parts, summary, Documents(given.docs, given.card, given.readme))
    return 0


def write(reader: CheckReader, parts: Sequence[Part], summary: str | None, to: Documents) -> None:
    """Every figure into its place."""
    for part in parts:
        for name, text in part.blocks.items():
            to.write(name, text)
        for name, value in part.results.items():
            to.save(name, value)
    add_curves(reader, {name: found for part in parts for name, found in part.curves.items()}, to)
    if summary is not None:
        write_block(to.readme, "summary", summary)


if __name__ == "__main__":
    sys.exit(main())
