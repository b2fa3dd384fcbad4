"""Whether the back of a check is told from its front: the two views of image cash letters, and fronts whose MICR line is cut off.

    python -m benchmarks.sides [--data-root DATA] [--write]

The views are the distinct TIFF pictures of the files in ``x9/`` of the data; the side is that of the record before each (type 50, view side
indicator). Every one is read as it is and turned by 90, 180 and 270 degrees. The development checks, all of them fronts, are read as they
are, and without the lower quarter of the picture, where the MICR line stands. ``--write`` puts the table into the block ``sides`` of
``docs/results.md``.
"""

from __future__ import annotations

import argparse
import hashlib
import io
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

import cv2
import numpy as np
from PIL import Image

from app.inference.recogniser import load_recogniser
from app.reader.pipeline import CheckReader
from app.reader.types import CheckReading
from benchmarks.figures import write_block
from training.data.checks import load_checks
from training.data.sources import DataError, add_data_root, data_root

ROOT = Path(__file__).resolve().parents[1]
TIFF = (b"II*\x00", b"MM\x00*")
SIDES = ("front", "back", "unknown")
VIEW_SIDE = {"0": "front", "1": "back"}
VIEW_SIDE_AT = 31  # of a record of type 50, from 0
KEPT = 0.75  # of the height of a front whose MICR line is cut off
LEAST_INK = 0.001  # share of a view that is ink where it shows a check at all: some files hold blank rears


def views_of(data: bytes) -> Iterator[tuple[str, bytes]]:
    """(side, TIFF) of each view of an image cash letter whose records have a length in front (X9.100-187: four bytes, big-endian)."""
    side, at = "", 0
    while at + 6 <= len(data):
        length = int.from_bytes(data[at : at + 4], "big")
        record = data[at + 4 : at + 4 + length]
        if not 2 <= length == len(record):
            return
        text = record[:40].decode("cp037" if record[:1] >= b"\xf0" else "latin-1")
        if text.startswith("50"):
            side = VIEW_SIDE.get(text[VIEW_SIDE_AT], "")
        elif text.startswith("52") and side:
            starts = [place for mark in TIFF if (place := record.find(mark)) >= 0]
            if starts:
                yield side, record[min(starts) :]
        at += 4 + length


def distinct_views(folder: Path) -> list[tuple[str, np.ndarray]]:
    """(side, picture (H, W) uint8) of the distinct views with ink on them, of all files of a folder."""
    seen: dict[str, tuple[str, np.ndarray]] = {}
    for file in sorted(folder.iterdir()):
        for side, tiff in views_of(file.read_bytes()):
            with Image.open(io.BytesIO(tiff)) as opened:
                picture = np.asarray(opened.convert("L"), np.uint8)
            if (picture < 128).mean() >= LEAST_INK:
                seen.setdefault(hashlib.sha256(picture.tobytes()).hexdigest(), (side, picture))
    return list(seen.values())


def read_picture(reader: CheckReader, picture: np.ndarray) -> CheckReading:
    """The reading of a picture in memory."""
    _, encoded = cv2.imencode(".png", picture)
    return reader.read(encoded.tobytes())


def row(title: str, readings: Sequence[CheckReading]) -> str:
    """One line of the table."""
    counts: Counter[str] = Counter(reading.image.side for reading in readings)
    accepted = sum(reading.amount is not None and reading.amount.decision == "accepted" for reading in readings)
    return f"| {title} | {len(readings)} | " + " | ".join(str(counts[side]) for side in SIDES) + f" | {accepted} |"


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print; 1 where the data is not there."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.sides", description=(__doc__ or "").split("\n")[0])
    add_data_root(parser)
    parser.add_argument("--write", action="store_true", help="write the block sides of docs/results.md")
    given = parser.parse_args(arguments)
    cv2.setNumThreads(1)
    try:
        root = data_root(given.data_root)
        checks = load_checks(root)
    except DataError as error:
        print(f"sides: {error}", file=sys.stderr)
        return 1
    reader = CheckReader(load_recogniser())
    lines = ["| pictures | number | told front | told back | told unknown | amount accepted |", "|---|---|---|---|---|---|"]
    views = distinct_views(root / "x9")
    for side in VIEW_SIDE.values():
        readings = [read_picture(reader, np.rot90(p, turn)) for known, p in views if known == side for turn in range(4)]
        lines.append(row(f"{side}s of image cash letters, each in four ways up", readings))
    fronts = [reader.read(check.path.read_bytes()) for check in checks]
    lines.append(row("development checks, all fronts", fronts))
    pages = [front.page for front in fronts if front.page is not None and front.page.has_micr_line]  # upright: what is cut off is the line
    cut = [read_picture(reader, page.grey[: round(KEPT * page.grey.shape[0])]) for page in pages]
    lines.append(row("the same without the lower quarter, where a MICR line was seen there", cut))
    text = "\n".join(lines)
    print(text)
    if given.write:
        write_block(ROOT / "docs" / "results.md", "sides", text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
