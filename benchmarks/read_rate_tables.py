"""What ``read_rate`` has measured, as Markdown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from app.batch.truth import TruthField
from benchmarks.read_rate_counts import ALL, Comparison, Counted, count_checks, count_pictures
from benchmarks.read_rate_pictures import X9_KIND, named
from training.measure import percent_with_interval

OURS = "checkreader"
FIELD_TITLES: Mapping[TruthField, str] = {
    "amount": "amount",
    "routing": "routing number",
    "account": "account number",
    "check_number": "check number",
}
LEAST_RATIOS = {"RapidOCR": 40.0, "Tesseract": 10.0}  # the bars: a peer's median time over ours, on the X9 images
MOST_P99_OF_MEDIAN = 4.0  # the bar
GENEROUS = (
    "A peer does not know what an amount is. For it, a value counts as right where it stands *somewhere* in the text of the whole page: "
    "the amount as any number of its value, routing and account number as characters next to each other, the check number as any row of "
    "digits. It neither accepts nor refuses."
)
CHECKS = "A physical check is right, or read, where at least half of its pictures are, and wrong where one of them is."


def field_table(found: Comparison, kinds: Sequence[str]) -> list[str]:
    """Right, read, wrong and refused per kind, field and reader; per picture too where a check has several."""
    lines = [
        "| checks | field | reader | counted by | right, accepted or not | read (accepted, right) | wrong (accepted, wrong) | refused |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for kind in kinds:
        for name in found.fields(kind):
            for reader in found.looks:
                answers = found.answers(reader, kind, name)
                rows = {"check": count_checks(answers), "picture": count_pictures(answers)}
                if rows["check"].count == rows["picture"].count:
                    del rows["picture"]
                for by, counted in rows.items():
                    cells = (kind, FIELD_TITLES[name], reader, by, *cells_of(counted, reader in found.deciding))
                    lines.append("| " + " | ".join(cells) + " |")
    return lines


def cells_of(counted: Counted, decides: bool) -> tuple[str, str, str, str]:
    """Right, read, wrong, refused, each with its 95 % Wilson interval; dashes for a reader that does not decide."""
    parts = (counted.read, counted.wrong, counted.refused)
    shown = tuple(of(part, counted.count) if decides else "-" for part in parts)
    return of(counted.right, counted.count), shown[0], shown[1], shown[2]


def of(part: int, count: int) -> str:
    """E.g. "19 of 20: 95.0 % (76.4-99.1)"."""
    return f"{part} of {count}: {percent_with_interval(part, count)}"


def time_table(found: Comparison, kinds: Sequence[str]) -> list[str]:
    """Time per picture of every reader and how many times that of checkreader it is."""
    lines = [
        "| checks | reader | readings | median, ms | p99, ms | p99 / median | processor time / time | median / checkreader's |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for kind in kinds:
        ours = found.times(OURS, kind).median_ms
        for reader in found.looks:
            t = found.times(reader, kind)
            cells = (f"{t.median_ms:.1f}", f"{t.p99_ms:.1f}", f"{t.p99_of_median:.2f}", f"{t.busy:.2f}", f"{t.median_ms / ours:.1f}")
            lines.append(f"| {kind} | {reader} | {t.readings} | " + " | ".join(cells) + " |")
    return lines


def stage_table(found: Comparison, kinds: Sequence[str]) -> list[str]:
    """Milliseconds of checkreader per stage, medians."""
    rows = {kind: found.times(OURS, kind).stages_ms for kind in kinds}
    stages = list(dict.fromkeys(stage for row in rows.values() for stage in row))
    stages.sort(key=lambda stage: stage == "other")  # last
    lines = ["| checks | " + " | ".join(stages) + " |", "|---|" + "---|" * len(stages)]
    for kind, row in rows.items():
        lines.append(f"| {kind} | " + " | ".join(f"{row[stage]:.1f}" if stage in row else "-" for stage in stages) + " |")
    return lines


def bar_lines(found: Comparison) -> list[str]:
    """Each bar on the X9 images with what was measured; none where there are no such images."""
    if X9_KIND not in found.kinds:
        return []
    ours = found.times(OURS, X9_KIND)
    lines = []
    for peer, least in LEAST_RATIOS.items():
        if peer in found.looks:
            ratio = found.times(peer, X9_KIND).median_ms / ours.median_ms
            lines.append(
                bar(f"time per check of {peer} over ours, on the {X9_KIND}", f"{ratio:.1f}", f"at least {least:g}", ratio >= least)
            )
    spread = ours.p99_of_median
    what = f"our 99th percentile over our median, on the {X9_KIND}"
    return [*lines, bar(what, f"{spread:.2f}", f"at most {MOST_P99_OF_MEDIAN:g}", spread <= MOST_P99_OF_MEDIAN)]


def bar(what: str, measured: str, wanted: str, reached: bool) -> str:
    """One line of the list of bars."""
    return f"* {what}: **{measured}** ({wanted}: {'reached' if reached else 'not reached'})"


def failure_lines(found: Comparison) -> list[str]:
    """One sentence per reader that could not read some files at all; they count as refused, for a peer as not right."""
    lines = []
    for reader in found.looks:
        if failures := found.failures(reader):
            reasons = "; ".join(dict.fromkeys(why.rstrip(".") for _, why in failures))
            lines.append(f"{reader} could not read {named([file for file, _ in failures], 'file')}: {reasons}.")
    return lines


def as_markdown(found: Comparison, about: str, notes: Sequence[str], micr: Sequence[str] = ()) -> str:
    """The whole report; ``about`` says on what machine, ``micr`` counts the MICR line, ``notes`` what is to be known of the peers."""
    kinds = [*found.kinds, *([ALL] if len(found.kinds) > 1 else [])]
    peers = len(found.looks) > 1
    grouped = len({picture.group for picture in found.pictures}) < len(found.pictures)
    words = [GENEROUS] * peers + [CHECKS] * grouped
    parts: list[list[str]] = [
        [about],
        [" ".join(words)] if words else [],
        field_table(found, kinds),
        ["The MICR line, counted by physical check, whatever was decided:"] if micr else [],
        list(micr),
        ["Time of one picture from the file to the answer, each reader on one thread, in turns, picture by picture:"],
        time_table(found, kinds),
        ["Milliseconds of checkreader per stage (medians):"],
        stage_table(found, kinds),
        bar_lines(found),
        [f"* {sentence}" for sentence in (*failure_lines(found), *notes)],
    ]
    return "\n\n".join("\n".join(part) for part in parts if part)


def peers_markdown(found: Comparison, notes: Sequence[str]) -> str:
    """The short table of the README: amount and routing number right per kind, counted by physical check, and the time."""
    kinds = [*found.kinds, *([ALL] if len(found.kinds) > 1 else [])]
    shown = [ALL, X9_KIND] if ALL in kinds and X9_KIND in kinds else kinds
    lines = ["| reader | checks | amount right | routing number right | median time of a picture |", "|---|---|---|---|---|"]
    for kind in shown:
        title = "development checks of all kinds" if kind == ALL else kind
        for reader in found.looks:
            right = [count_checks(found.answers(reader, kind, name)) for name in ("amount", "routing")]
            cells = [of(counted.right, counted.count) if counted.count else "-" for counted in right]
            lines.append(f"| {reader} | {title} | {cells[0]} | {cells[1]} | {found.times(reader, kind).median_ms:.0f} ms |")
    words = (
        "Counted by physical check, whatever was decided; all in one run, each on one thread. For a peer a value counts as right where it "
    )
    words += "stands anywhere in the text that it reads on the page."
    return "\n".join([*lines, "", words if len(found.looks) > 1 else words.partition(" For a peer")[0], *notes])
