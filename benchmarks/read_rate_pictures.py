"""The pictures that ``read_rate`` reads, with what truly stands on them and which of them show the same physical check."""

from __future__ import annotations

import csv
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from app.batch.sources import Source, expand
from app.batch.truth import Truth, TruthField, load_truth
from app.errors import UsageError
from app.reader.types import AmountFormatChoice
from training.data.checks import CheckPicture, load_checks
from training.data.sources import DataError
from training.evaluation.amount_fields import KINDS, X9_SOURCE, has_amount, kind_of
from training.evaluation.sets import check_options
from training.measure import plain

X9_KIND = "image cash letter"  # the kind that the bars on speed are about
MOST_NAMES = 5  # in a message


@dataclass(frozen=True, slots=True)
class Picture:
    """One picture to read. ``group`` names the physical check, ``kind`` the row of the tables; ``truth`` holds the known fields."""

    source: Source
    group: str
    kind: str
    truth: Mapping[TruthField, str]
    amount_format: AmountFormatChoice
    timed: bool  # read again in every further round, for its time


def of_folder(
    folder: Path, truth_file: Path, group_column: str | None, amount_format: AmountFormatChoice | None = None
) -> tuple[Picture, ...]:
    """All pictures under a folder, each with its row of the truth (the CSV of ``checkreader score --truth``).

    Without ``group_column`` every picture is a check of its own; so is one whose cell is empty. Raises ``UsageError`` for a folder without
    pictures, a truth that is not usable (a second row of one file, an amount that is no number …), a picture without a row, a row without
    a picture, and a missing column.
    """
    if not folder.is_dir():
        raise UsageError(f"no such folder: {folder}")
    sources = expand([str(folder)])
    if not sources:
        raise UsageError(f"no picture in {folder}")
    asked = amount_format or "auto"
    truth = load_truth(truth_file, asked)
    groups = {} if group_column is None else groups_of(truth_file, group_column)
    rows = {source: row_of(source, truth, truth_file) for source in sources}
    if without := [source.relative for source, row in rows.items() if row is None]:
        raise UsageError(f"{named(without, 'picture')} of {folder} without a row in {truth_file}: add it, or move the picture away")
    if idle := sorted(truth.by_name.keys() - set(rows.values())):
        raise UsageError(f"{named(idle, 'row')} of {truth_file} without a picture in {folder}")
    return tuple(
        Picture(source, groups.get(row, "") or source.relative, str(folder.name), truth.by_name[row], asked, timed=True)
        for source, row in rows.items()
        if row is not None
    )


def row_of(source: Source, truth: Truth, truth_file: Path) -> str | None:
    """The name by which the truth knows a file: relative to the CSV, to the argument, or as written; None where it has no row."""
    by_place = os.path.relpath(os.path.realpath(source.name), truth_file.resolve().parent)
    names = (by_place, os.path.normpath(source.relative), os.path.normpath(source.name))
    return next((name for name in names if name in truth.by_name), None)


def groups_of(truth_file: Path, column: str) -> dict[str, str]:
    """The physical check by file. Raises ``UsageError`` where the truth has no such column."""
    with truth_file.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.DictReader(file)
        if column not in (reader.fieldnames or ()):
            raise UsageError(f"{truth_file}: the truth has no column named {column}; its columns: {', '.join(reader.fieldnames or ())}")
        return {os.path.normpath((row["file"] or "").strip()): (row[column] or "").strip() for row in reader}


def of_development_checks(root: Path, amount_format: AmountFormatChoice | None = None, only_x9: bool = False) -> tuple[Picture, ...]:
    """The development checks, each in the amount format that the evaluation reads it in unless another is given.

    Only positive amounts count; number and account are those of the MICR line. Raises ``UsageError`` where the data is not there or not as
    published.
    """
    try:
        checks = load_checks(root)
    except DataError as error:
        raise UsageError(str(error)) from None
    wanted = [check for check in checks if not only_x9 or check.file.startswith(X9_SOURCE)]
    found = tuple(of_check(check, amount_format) for check in wanted)
    return tuple(sorted(found, key=lambda picture: KINDS.index(picture.kind)))


def of_check(check: CheckPicture, amount_format: AmountFormatChoice | None) -> Picture:
    """One development check."""
    truth: dict[TruthField, str] = {"amount": check.amount} if has_amount(check) else {}
    number = check.check_number if check.micr_code else ""
    micr: dict[TruthField, str] = {"routing": check.micr_code, "account": check.micr_account, "check_number": number}
    truth.update({name: plain(text) for name, text in micr.items() if text})
    kind = kind_of(check)
    asked = amount_format or check_options(check).amount_format
    return Picture(Source(str(check.path), check.file), check.physical, kind, truth, asked, timed=kind == X9_KIND)


def named(names: list[str], what: str) -> str:
    """E.g. "3 pictures (a.png, b.png, c.png)"; a long list is cut."""
    shown = ", ".join(names[:MOST_NAMES]) + (", …" if len(names) > MOST_NAMES else "")
    return f"{len(names)} {what}{'' if len(names) == 1 else 's'} ({shown})"
