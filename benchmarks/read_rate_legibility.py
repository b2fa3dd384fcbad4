"""The MICR line counted over all checks and over those on which it is legible in print; codes of zeros apart, distinct codes named.

A check is legible in print where none of its pictures stands in ``micr_legibility.toml``, which states the rule and the reason of each.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path

from app.batch.truth import Outcome, TruthField
from app.errors import UsageError
from benchmarks.read_rate_counts import ALL, Comparison, Counted, count_checks
from training.measure import percent_with_interval

LISTED = Path(__file__).with_name("micr_legibility.toml")
LEAST_HEIGHT_PX = 8.0
LEAST_CODES, LEAST_NUMBERS = 97.0, 92.0  # the bars, percent
MICR_FIELDS: Mapping[TruthField, str] = {"routing": "MICR code", "account": "MICR account", "check_number": "check number"}
ZEROS = frozenset("0")


def load_illegible(path: Path = LISTED) -> dict[str, str]:
    """Why the MICR line of a picture is not legible in print, by file. Raises ``UsageError`` for an entry that breaks the rule."""
    found: dict[str, str] = {}
    for file, entry in tomllib.loads(path.read_text(encoding="utf-8")).items():
        if entry.get("reason") == "font" and set(entry) == {"reason", "font"} and entry["font"]:
            found[file] = f"not E-13B: {entry['font']}"
        elif entry.get("reason") == "height" and set(entry) == {"reason", "height_px"} and 0 < entry["height_px"] < LEAST_HEIGHT_PX:
            found[file] = f"marks of {entry['height_px']:g} pixels"
        else:
            raise UsageError(f'{path}: {file} needs reason = "font" and font, or reason = "height" and height_px below {LEAST_HEIGHT_PX:g}')
    return found


def parts_of(found: Comparison, reader: str, name: TruthField, illegible: Mapping[str, str]) -> dict[str, Counted]:
    """Counts by physical check of one MICR field: all, legible in print, and of these zeros and others.

    Raises ``UsageError`` where the list names no picture of those that were read.
    """
    members = [k for k, picture in enumerate(found.pictures) if name in found.looks[reader][k][0].outcomes]
    if stray := sorted(illegible.keys() - {picture.source.relative for picture in found.pictures}):
        raise UsageError(f"{LISTED.name} names pictures that are not there: {', '.join(stray)}")
    unread = {found.pictures[k].group for k in members if found.pictures[k].source.relative in illegible}
    legible = [k for k in members if found.pictures[k].group not in unread]
    zeros = [k for k in legible if set(found.pictures[k].truth[name]) <= ZEROS]
    rows = {"all": members, "legible": legible, "zeros": zeros, "others": [k for k in legible if k not in zeros]}
    return {title: count_checks([answer(found, reader, k, name) for k in row]) for title, row in rows.items()}


def answer(found: Comparison, reader: str, k: int, name: TruthField) -> tuple[str, Outcome]:
    """(physical check, outcome) of a field of picture k."""
    return found.pictures[k].group, found.looks[reader][k][0].outcomes[name]


def distinct_right(found: Comparison, reader: str) -> tuple[int, int]:
    """(distinct codes read right on some picture, distinct codes), zeros left out."""
    known = [k for k, picture in enumerate(found.pictures) if set(picture.truth.get("routing", "0")) - ZEROS]
    right = {found.pictures[k].truth["routing"] for k in known if answer(found, reader, k, "routing")[1].endswith("_right")}
    return len(right), len({found.pictures[k].truth["routing"] for k in known})


def legibility_lines(found: Comparison, illegible: Mapping[str, str], ours: str) -> list[str]:
    """The table, the bars, and the pictures that are not legible with their reasons."""
    lines = [
        "| field | reader | right, of all | right, of those legible in print | of these zeros | of these others |",
        "|---|---|---|---|---|---|",
    ]
    for name, title in MICR_FIELDS.items():
        for reader in found.looks:
            cells = " | ".join(shown(part) for part in parts_of(found, reader, name, illegible).values())
            lines.append(f"| {title} | {reader} | {cells} |")
    lines.append("")
    for reader in found.looks:
        right, count = distinct_right(found, reader)
        lines.append(f"* distinct MICR codes read right by {reader}, zeros left out: {right} of {count}")
    for name, least in (("routing", LEAST_CODES), ("account", LEAST_NUMBERS), ("check_number", LEAST_NUMBERS)):
        part = parts_of(found, ours, name, illegible)["legible"]
        reached = "reached" if 100.0 * part.right >= least * part.count else "not reached"
        wanted = f"at least {least:g} %: {reached}"
        lines.append(
            f"* {MICR_FIELDS[name]} right, of those legible in print: **{100.0 * part.right / max(1, part.count):.1f} %** ({wanted})"
        )
    listed = "; ".join(f"`{file.rpartition('/')[2]}` ({why})" for file, why in illegible.items())
    return [*lines, f"* not legible in print by the rule of `benchmarks/{LISTED.name}`, {len(illegible)} pictures: {listed}"]


def shown(counted: Counted) -> str:
    """E.g. "19 of 20: 95.0 % (76.4-99.1)"; a dash where there is none."""
    return f"{counted.right} of {counted.count}: {percent_with_interval(counted.right, counted.count)}" if counted.count else "-"


def is_development_set(found: Comparison) -> bool:
    """Whether MICR lines of every kind were read, which the list is about."""
    return len(found.kinds) > 1 and bool(found.fields(ALL))
