"""What was measured as Markdown: one block per set, written between its markers in the documents."""

from __future__ import annotations

from collections.abc import Sequence

from app.reader.pipeline import CheckReader
from training.evaluation.curves import calibration_error, reliability
from training.evaluation.sets import Measured
from training.evaluation.strings import digits_right
from training.measure import Answer, at_operating_point, counts, per_group, percent_with_interval

RATES = (0.001, 0.01, 0.02, 0.05)


def of(successes: int, trials: int) -> str:
    """E.g. "19 of 20: 95.0 % (76.4-99.1)"."""
    return f"{successes} of {trials}: {percent_with_interval(successes, trials)}"


def operating_rows(reader: CheckReader, answers: Sequence[Answer]) -> list[str]:
    """Table rows: stated rate, accepted and right, accepted and wrong (of all, of the accepted), refused."""
    rows = [
        "| `max_error` | accepted and right | accepted and wrong | wrong among the accepted | refused |",
        "|---|---|---|---|---|",
    ]
    for rate in RATES:
        c = counts(at_operating_point(answers, reader, rate))
        accepted = c.accepted_right + c.accepted_wrong
        rows.append(
            f"| {rate:g} | {percent_with_interval(c.accepted_right, c.count)} | {of(c.accepted_wrong, c.count)} | "
            f"{percent_with_interval(c.accepted_wrong, accepted)} | {c.count - accepted} |"
        )
    return rows


def orand_block(reader: CheckReader, corrected: Measured, published: Measured) -> str:
    """The text on ORAND-CAR-A, after corrections and before."""
    after, before = counts(corrected.answers), counts(published.answers)
    wrong_labels = sum(a.truth != b.truth for a, b in zip(corrected.answers, published.answers, strict=True))
    errors = [100 * calibration_error(reliability(measured.answers)) for measured in (corrected, published)]
    return "\n".join(
        [
            f"Whole string right without refusal: **{after.right} of {after.count}, {percent_with_interval(after.right, after.count)}** "
            f"after the correction of {wrong_labels} labels (`training/data/corrections/orand_car_a_dev.csv` gives a reason for each); "
            f"{before.right} of {before.count}, {percent_with_interval(before.right, before.count)} with the labels as published. "
            "95 % intervals in brackets.",
            "",
            f"Expected calibration error (10 equal-count bins): {errors[0]:.1f} % after corrections, {errors[1]:.1f} % before.",
            "",
            "After corrections:",
            "",
            *operating_rows(reader, corrected.answers),
            "",
            "As published:",
            "",
            *operating_rows(reader, published.answers),
        ]
    )


def checks_block(found: dict[str, list[Answer]], first: str = "field") -> str:
    """The table on checks: pictures, and physical checks (groups)."""
    rows = [f"| {first} | pictures right | physical checks right |", "|---|---|---|"]
    for name, answers in found.items():
        c = counts(answers)
        rows.append(f"| {name} | {c.right} of {c.count} | {of(*per_group(answers))} |")
    return "\n".join(rows)


def fields_block(found: dict[str, list[Answer]], unmarked: int) -> str:
    """The table on amount boxes of checks; ``unmarked`` pictures have an amount and no box."""
    everything = [answer for answers in found.values() for answer in answers]
    table = checks_block({**found, "all": everything}, "checks")
    return table + (f"\n\n{unmarked} pictures with an amount have no marked box." if unmarked else "")


def strings_block(strings: Sequence[Answer], amounts: Sequence[Answer]) -> str:
    """The table on UNIPEN strings by kind; the group of an answer is its kind."""
    rows = ["| strings | count | right in digits | right with punctuation |", "|---|---|---|---|"]
    kinds = sorted({answer.group for answer in strings})
    for title, answers in [*((kind, [a for a in strings if a.group == kind]) for kind in kinds), ("**all**", list(strings))]:
        digits, whole = sum(map(digits_right, answers)), counts(answers).right
        rows.append(
            f"| {title} | {len(answers)} | {percent_with_interval(digits, len(answers))} | {percent_with_interval(whole, len(answers))} |"
        )
    c = counts(amounts)
    return "\n".join([*rows, "", f"Those that are amounts, read in the format `us`, value right: {of(c.right, c.count)}."])


def digits_block(found: dict[str, Measured]) -> str:
    """The table on single digits."""
    rows = ["| set | digits | error |", "|---|---|---|"]
    for title, measured in found.items():
        c = counts(measured.answers)
        rows.append(f"| {title} | {c.count} | {percent_with_interval(c.count - c.right, c.count)} |")
    return "\n".join(rows)


def summary_block(
    corrected: Measured, published: Measured, fields: dict[str, list[Answer]], x9: dict[str, list[Answer]], checks: dict[str, list[Answer]]
) -> str:
    """The short table of the README."""
    rows = ["| real pictures, none trained on | right without refusal |", "|---|---|"]
    for title, measured in (("labels corrected", corrected), ("labels as published", published)):
        c = counts(measured.answers)
        name = f"{c.count} courtesy amounts of Latin American checks (ORAND-CAR-A), {title}"
        rows.append(f"| {name} | {percent_with_interval(c.right, c.count)} |")
    for title, answers in (
        ("US and Indian checks of many kinds, courtesy amount in its marked box", [a for rows in fields.values() for a in rows]),
        ("bitonal image cash letter, courtesy amount", x9["amount"]),
        ("bitonal image cash letter, routing number", x9["routing"]),
        ("US and Indian checks of many kinds, courtesy amount", checks["amount"]),
        ("US and Indian checks of many kinds, code of the MICR line", checks["routing"]),
    ):
        right, groups = per_group(answers)
        if groups:
            rows.append(f"| {groups} physical checks: {title} | {percent_with_interval(right, groups)} |")
    return "\n".join(rows)
