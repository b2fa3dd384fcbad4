"""Why amounts of ORAND-CAR-A were misread: a cause for each, given by a person who looked, counted by this command.

    python -m training.evaluation.causes

Reads ``docs/results/orand.json`` (written by ``make evaluate``) and ``docs/results/orand_causes.csv`` (picture, cause, remark); writes the
table of ``docs/failures.md``. Causes of pictures that are read rightly now stay in the file: they may come back.
"""

from __future__ import annotations

import argparse
import csv
import json
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

from benchmarks.figures import write_block
from training.data.orand import load_corrections

CAUSES = {
    "shape": "one character's shape taken for another's",
    "segmentation": "characters that touch, cross or fall apart",
    "background": "lines, patterns and edges of the stock in the ink",
    "symbol": "a separator or tail taken for a digit, or a digit for one",
    "grammar": "a notation that the amount grammar does not have",
}


def load_causes(path: Path) -> dict[str, str]:
    """Cause by picture. Raises ``ValueError`` for an unknown cause or a picture that is there twice."""
    out: dict[str, str] = {}
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file, strict=True):
            if row["cause"] not in CAUSES or row["picture"] in out:
                raise ValueError(f"{path}: {row['picture']} has the cause {row['cause']!r}, or is there twice")
            out[row["picture"]] = row["cause"]
    return out


def causes_block(rows: Sequence[Mapping[str, object]], causes: Mapping[str, str], wrong_labels: int) -> str:
    """The table. Raises ``ValueError`` where a misread picture has no cause yet."""
    misread = {Path(str(row["file"])).stem: bool(row["accepted"]) for row in rows if not row["right"]}
    if missing := sorted(set(misread) - set(causes)):
        raise ValueError(f"no cause is given yet for {', '.join(missing)}: look at them")
    count = Counter(causes[picture] for picture in misread)
    accepted = Counter(causes[picture] for picture, taken in misread.items() if taken)
    lines = [
        f"{len(misread)} of {len(rows)} amounts misread after label corrections, {sum(misread.values())} of them accepted at the "
        "default error rate.",
        "",
        "| cause | misread | accepted |",
        "|---|---|---|",
        *(f"| {name}: {what} | {count[name]} | {accepted[name]} |" for name, what in CAUSES.items()),
        f"| label wrong (corrected, not counted above) | {wrong_labels} | |",
    ]
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> int:
    """The command; exit status 2 where a misread picture has no cause."""
    parser = argparse.ArgumentParser(prog="python -m training.evaluation.causes", description="Count why amounts were misread.")
    parser.add_argument("--docs", type=Path, default=Path("docs"), help="folder of failures.md")
    docs = parser.parse_args(arguments).docs
    rows = json.loads((docs / "results" / "orand.json").read_text(encoding="utf-8"))
    try:
        block = causes_block(rows, load_causes(docs / "results" / "orand_causes.csv"), len(load_corrections()))
    except ValueError as error:
        print(f"causes: {error}", file=sys.stderr)
        return 2
    write_block(docs / "failures.md", "causes", block)
    print(block)
    return 0


if __name__ == "__main__":
    sys.exit(main())
