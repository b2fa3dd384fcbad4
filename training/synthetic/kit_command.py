"""``checkreader-synth``: write pictures of checks with their complete truth into a folder.

    checkreader-synth --count 1000 --seed 7 out/

writes ``check_000000.png`` and so on, ``truth.csv`` for ``checkreader score --truth`` and ``truth.jsonl`` with all that is known. Every
file is written under another name and then renamed; a second call goes on where a first one was stopped.
"""

from __future__ import annotations

import argparse
import csv
import io
import json
import multiprocessing
import struct
import sys
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from pathlib import Path

import cv2
import numpy as np
from PIL import Image

from app.reader.types import RGB
from training.synthetic.kit import DPI, FORMS, KINDS, PARTS, KitPlan, draw_kit_check, plain_forms
from training.synthetic.kit_camera import MOST_TILT_DEGREES, TURNS
from training.synthetic.kit_faults import FAULTS, parse_fault
from training.synthetic.kit_sheet import write_sheet

TRUTH_COLUMNS = ("file", "amount", "routing", "account", "check_number")
FORMATS = {"png": "PNG", "jpeg": "JPEG", "tiff": "TIFF"}
PNG_HEAD_BYTES = 33  # signature and IHDR, after which pHYs may stand (PNG, 5.6)
PLAN_FILE = "plan.json"
Job = tuple[KitPlan, int, Path, str]


def encoded(picture: Image.Image, ending: str, kind: str) -> bytes:
    """The bytes of a file: grey pictures with one channel, bitonal ones with one bit; bitonal TIFF in CCITT G4, as image cash
    letters have it."""
    if ending == "png":
        return png_bytes(np.asarray(picture), kind)
    buffer = io.BytesIO()
    if kind == "grey":
        picture = picture.convert("L")
    elif kind == "bitonal" and ending != "jpeg":
        picture = picture.convert("1", dither=Image.Dither.NONE)
    if ending == "tiff" and kind == "bitonal":
        picture.save(buffer, "TIFF", compression="group4", dpi=(DPI, DPI))
    elif ending == "tiff":
        picture.save(buffer, "TIFF", compression="tiff_deflate", dpi=(DPI, DPI))
    else:
        picture.save(buffer, "JPEG", quality=88, dpi=(DPI, DPI))
    return buffer.getvalue()


def png_bytes(picture: RGB, kind: str) -> bytes:
    """A PNG of a picture (H, W, 3) with its resolution: grey with one channel, bitonal with one bit. Packed by runs alone: half as
    large again as what Pillow packs, in half the time."""
    if kind == "bitonal":
        buffer = io.BytesIO()
        Image.fromarray(picture).convert("1", dither=Image.Dither.NONE).save(buffer, "PNG", compress_level=1, dpi=(DPI, DPI))
        return buffer.getvalue()
    channels = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY if kind == "grey" else cv2.COLOR_RGB2BGR)
    done, data = cv2.imencode(".png", channels, [cv2.IMWRITE_PNG_STRATEGY, cv2.IMWRITE_PNG_STRATEGY_RLE])
    if not done:
        raise RuntimeError(f"OpenCV could not encode a picture of {picture.shape} as PNG")
    packed, per_metre = data.tobytes(), round(DPI / 0.0254)
    body = b"pHYs" + struct.pack(">IIB", per_metre, per_metre, 1)
    return packed[:PNG_HEAD_BYTES] + struct.pack(">I", 9) + body + struct.pack(">I", zlib.crc32(body)) + packed[PNG_HEAD_BYTES:]


def write_check(job: Job) -> None:
    """Draw one check and write its picture and its truth, the truth last."""
    cv2.setNumThreads(1)
    plan, number, folder, ending = job
    check = draw_kit_check(plan, number)
    name = f"check_{number:06d}.{ending}"
    replace_file(folder / name, encoded(Image.fromarray(check.picture), ending, str(check.truth["kind"])))
    replace_file(truth_part(folder, number), json.dumps({"file": name, **check.truth}, ensure_ascii=False).encode())


def replace_file(path: Path, content: bytes) -> None:
    """Write under another name, then rename."""
    partial = path.with_name(path.name + ".partial")
    partial.write_bytes(content)
    partial.replace(path)


def truth_part(folder: Path, number: int) -> Path:
    """The truth of one check, until all are gathered."""
    return folder / ".truth" / f"{number:06d}.json"


def write_kit(plan: KitPlan, count: int, folder: Path, ending: str, workers: int) -> int:
    """All checks that are missing, then both truth files; the count that was drawn. Raises ``ValueError`` for a folder that holds
    checks of another plan."""
    (folder / ".truth").mkdir(parents=True, exist_ok=True)
    stated = json.dumps({**asdict(plan), "pen_data": str(plan.pen_data) if plan.pen_data else None, "format": ending}, indent=1) + "\n"
    kept = folder / PLAN_FILE
    if kept.exists() and kept.read_text(encoding="utf-8") != stated:
        raise ValueError(f"{folder} holds checks that were drawn otherwise ({PLAN_FILE}); name another folder")
    replace_file(kept, stated.encode())
    missing = [n for n in range(count) if not (truth_part(folder, n).exists() and (folder / f"check_{n:06d}.{ending}").exists())]
    jobs: Iterable[Job] = ((plan, number, folder, ending) for number in missing)
    if workers > 1 and len(missing) > 1:
        with multiprocessing.get_context("spawn").Pool(workers) as pool:
            for done, _ in enumerate(pool.imap_unordered(write_check, jobs), start=1):
                progress(done, len(missing))
    else:
        for done, job in enumerate(jobs, start=1):
            write_check(job)
            progress(done, len(missing))
    gather(folder, count)
    return len(missing)


def progress(done: int, total: int) -> None:
    """A line on standard error at every hundredth check and at the end."""
    if done % 100 == 0 or done == total:
        print(f"{done} of {total} checks", file=sys.stderr, flush=True)


def gather(folder: Path, count: int) -> None:
    """``truth.jsonl`` and ``truth.csv`` from the truths of the checks, in their order."""
    rows = [json.loads(truth_part(folder, number).read_text(encoding="utf-8")) for number in range(count)]
    replace_file(folder / "truth.jsonl", "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows).encode())
    table = io.StringIO()
    writer = csv.DictWriter(table, TRUTH_COLUMNS, extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    replace_file(folder / "truth.csv", table.getvalue().encode())


def parser() -> argparse.ArgumentParser:
    """The command line."""
    out = argparse.ArgumentParser(prog="checkreader-synth", description="Write pictures of synthetic checks with their complete truth.")
    out.add_argument("folder", type=Path, nargs="?", help="where the pictures go; a folder of an earlier call is gone on with")
    out.add_argument("--count", type=int, default=100, help="checks in the folder at the end (default: 100)")
    out.add_argument("--seed", type=int, default=0, help="the same seed and number give the same check (default: 0)")
    out.add_argument(
        "--set", dest="part", choices=PARTS, default="train", help="test: writers, layouts, print and noise that training never draws"
    )
    out.add_argument("--form", action="append", choices=FORMS, help="only these forms (may be repeated; default: all)")
    out.add_argument("--kind", action="append", choices=KINDS, help="only these kinds of pictures (may be repeated; default: all)")
    levels = "; ".join(f"{name}=LEVEL in {kind.unit}" for name, kind in FAULTS.items())
    out.add_argument("--fault", action="append", default=[], metavar="NAME=LEVEL", help=f"a fault at a level (may be repeated): {levels}")
    out.add_argument("--fault-share", type=float, help="share of checks that one of the faults strikes (default: 1 with --fault)")
    out.add_argument("--faults-per-check", type=int, default=1, help="different faults on a check that is struck (default: 1)")
    out.add_argument("--turn", type=int, action="append", choices=TURNS, help="degrees clockwise (may be repeated; default: 0)")
    out.add_argument("--tilt", type=float, default=15.0, help="most tilt of photos in degrees (default: 15)")
    out.add_argument("--contact-sheet", type=Path, metavar="FILE", help="write one PNG with checks of both sets and their boxes instead")
    out.add_argument("--pen-data", type=Path, help="folder of the data sets whose writers write too (default: own pens alone)")
    out.add_argument("--format", choices=sorted(FORMATS), default="png", help="of the files (default: png; bitonal tiff is CCITT G4)")
    out.add_argument("--workers", type=int, default=1, help="processes that draw (default: 1)")
    return out


def main(arguments: Sequence[str] | None = None) -> int:
    """The command; exit status 2 where it cannot be carried out."""
    options = parser()
    given = options.parse_args(arguments)
    if given.count < 1 or given.workers < 1 or given.seed < 0:
        options.error("--count and --workers must be at least 1, --seed at least 0")
    share = 1.0 if given.fault_share is None else given.fault_share
    if not 0.0 <= share <= 1.0:
        options.error(f"--fault-share must be from 0 to 1; given: {share:g}")
    if not 0.0 <= given.tilt <= MOST_TILT_DEGREES:
        options.error(f"--tilt must be from 0 to {MOST_TILT_DEGREES:g} degrees; given: {given.tilt:g}")
    if (given.folder is None) == (given.contact_sheet is None):
        options.error("a folder is needed, or --contact-sheet FILE and no folder")
    if given.pen_data is not None and not given.pen_data.is_dir():
        options.error(f"--pen-data names no folder: {given.pen_data}")
    try:
        faults = tuple(parse_fault(text) for text in given.fault)
        if given.faults_per_check < 1 or (faults and given.faults_per_check > len({fault.name for fault in faults})):
            raise ValueError(f"--faults-per-check must be from 1 to the number of different --fault; given: {given.faults_per_check}")
        if given.contact_sheet is not None:
            write_sheet(given.contact_sheet, given.seed)
            print(f"{given.contact_sheet}: checks of both sets with their boxes")
            return 0
        forms, kinds, turns = plain_forms(given.form or FORMS), tuple(given.kind or KINDS), tuple(given.turn or (0,))
        per_check = given.faults_per_check
        plan = KitPlan(given.seed, given.part, forms, kinds, faults, share, per_check, turns, given.tilt, given.pen_data)
        drawn = write_kit(plan, given.count, given.folder, given.format, given.workers)
    except (ValueError, OSError) as error:
        print(f"checkreader-synth: {error}", file=sys.stderr)
        return 2
    print(f"{given.folder}: {given.count} checks with truth.csv and truth.jsonl ({drawn} drawn now)")
    return 0


if __name__ == "__main__":
    sys.exit(main())
