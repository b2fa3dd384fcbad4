"""How much is lost when checks are turned or photographed, and what a large photo costs.

    python -m benchmarks.orientation --data-root DATA [--only orientation photo] [--every N]

Every picture of ``checks/`` is read as it is, turned by 90, 180 and 270 degrees, and as a photo on a table (``phone_photo``). Amount
and MICR code are counted without refusal per physical check: right where at least half of its pictures are. Writes the blocks
``orientation`` and ``photo`` of ``docs/results.md``; with ``--every`` greater than 1 it only prints.
"""

from __future__ import annotations

import argparse
import io
import multiprocessing
import re
import resource
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path
from statistics import median

import cv2
from PIL import Image, ImageOps

from app.errors import InputError
from app.inference.recogniser import load_recogniser
from app.reader.pipeline import CheckReader
from app.reader.types import CheckReading, ReadOptions
from benchmarks.figures import write_block
from benchmarks.phone_photo import Camera, photo_of
from training.data.checks import CheckPicture, load_checks
from training.data.sources import add_data_root, data_root
from training.evaluation.amount_fields import has_amount
from training.evaluation.sets import check_options
from training.measure import Answer, amount_answer, micr_answer, per_group

ROOT = Path(__file__).resolve().parents[1]
TURNS = {"turned by 90°": 90, "turned by 180°": 180, "turned by 270°": 270}  # counter-clockwise
AS_IT_IS, PHOTO = "as it is", "as a phone photo"
MOST_LOST_POINTS = 3.0  # the bar
LARGE_PHOTO = Camera((4000, 3000), quality=95, noise_levels=4.0, coloured=True)  # 12 megapixels in 3 to 4 MB, as phones write them
LARGE_PHOTO_OF, ITS_AMOUNT, ITS_ROUTING = "us_personal_1.png", "248.50", "271802257"  # of samples/
MOST_DECODES, MOST_MIB = 3.0, 400.0  # the bars
PHOTO_ROUNDS, PHOTO_SEEDS = 7, (1, 2, 3)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was right of the pictures in one pose; ``laid`` are the readings whose rotation was told right, of ``known``."""

    amounts: tuple[Answer, ...]
    codes: tuple[Answer, ...]
    laid: int
    known: int


@dataclass(frozen=True, slots=True)
class PhotoCost:
    """Size of the file, milliseconds of Pillow's full decode and of the reading (medians), peak memory of the process in MiB before the
    reading and after it, and what was right."""

    megabytes: float
    decode_ms: float
    read_ms: float
    start_mib: float
    peak_mib: float
    amount_right: bool
    routing_right: bool


def turned(data: bytes, degrees: int) -> bytes:
    """The picture of a file turned counter-clockwise by a multiple of 90 degrees, as a PNG: nothing is lost."""
    with Image.open(io.BytesIO(data)) as opened:
        picture = ImageOps.exif_transpose(opened)
    if picture.mode not in ("1", "L", "RGB"):
        picture = picture.convert("RGB")
    dpi = opened.info.get("dpi")
    buffer = io.BytesIO()
    stated = {"dpi": (float(dpi[0]), float(dpi[1]))} if dpi else {}
    picture.rotate(degrees, expand=True).save(buffer, "PNG", compress_level=1, **stated)
    return buffer.getvalue()


def turned_as_numbered(data: bytes, number: int, degrees: int) -> bytes:
    """The same for every picture, whatever its number."""
    return turned(data, degrees)


def photographed(data: bytes, seed: int) -> bytes:
    """The picture of a file as a phone photo."""
    with Image.open(io.BytesIO(data)) as opened:
        return photo_of(ImageOps.exif_transpose(opened), seed).data


def read(reader: CheckReader, data: bytes, options: ReadOptions) -> CheckReading | None:
    """The reading, None where the picture is refused."""
    try:
        return reader.read(data, options)
    except InputError:
        return None


def outcome(reader: CheckReader, checks: Sequence[CheckPicture], pose: Callable[[bytes, int], bytes], turn: int) -> Outcome:
    """All checks read in one pose; ``pose`` takes a file and its number."""
    amounts, codes, laid, known = [], [], 0, 0
    for number, check in enumerate(checks):
        reading = read(reader, pose(check.path.read_bytes(), number), check_options(check))
        if has_amount(check):
            amounts.append(amount_answer(reading, check.file, check.group, check.amount))
        if check.micr_code:
            codes.append(micr_answer(reading, check.file, check.group, check.micr_code, "routing_number"))
            known += 1
            laid += reading is not None and reading.image.rotation_degrees == turn
    return Outcome(tuple(amounts), tuple(codes), laid, known)


def outcomes(reader: CheckReader, checks: Sequence[CheckPicture]) -> dict[str, Outcome]:
    """All poses, as it is first."""
    found = {AS_IT_IS: outcome(reader, checks, lambda data, _: data, 0)}
    for name, degrees in TURNS.items():
        found[name] = outcome(reader, checks, partial(turned_as_numbered, degrees=degrees), degrees)
    found[PHOTO] = outcome(reader, checks, photographed, 0)
    return found


def lost_points(answers: Sequence[Answer], before: Sequence[Answer]) -> float:
    """Percentage points of physical checks that are right no longer."""
    (right, count), (was, _) = per_group(answers), per_group(before)
    return 100.0 * (was - right) / max(1, count)


def orientation_block(found: dict[str, Outcome]) -> str:
    """The table of all poses."""
    base = found[AS_IT_IS]
    lines = ["| picture | amount right | points lost | MICR code right | points lost | rotation told right |", "|---|---|---|---|---|---|"]
    for name, item in found.items():
        cells = [name]
        for answers, before in ((item.amounts, base.amounts), (item.codes, base.codes)):
            right, count = per_group(answers)
            cells += [f"{right} of {count}", "" if item is base else f"{lost_points(answers, before):.1f}"]
        lines.append(f"| {' | '.join([*cells, f'{item.laid} of {item.known}'])} |")
    return "\n".join(lines)


def large_photo(folder: Path, seed: int) -> bytes:
    """A sample as a photo of 12 megapixels, enlarged as a camera would see it."""
    with Image.open(folder / LARGE_PHOTO_OF) as opened:
        flat = opened.convert("RGB")
    larger = flat.resize((3 * flat.width, 3 * flat.height), Image.Resampling.BICUBIC)
    return photo_of(larger, seed, camera=LARGE_PHOTO).data


def photo_cost(data: bytes) -> PhotoCost:
    """Cost of one photo in a fresh process, on one thread."""
    context = multiprocessing.get_context("spawn")
    receiver, sender = context.Pipe(duplex=False)
    worker = context.Process(target=measure_photo, args=(data, sender))
    worker.start()
    sender.close()
    try:
        answer: PhotoCost = receiver.recv()
    finally:
        worker.join()
    return answer


def measure_photo(data: bytes, sender: Connection) -> None:
    """In its own process: the reading first, so that its peak of memory is its own; then both times in turn."""
    cv2.setNumThreads(1)
    reader = CheckReader(load_recogniser())
    start = peak_mib()
    reading = reader.read(data)
    peak = peak_mib()
    decodes, reads = [], []
    for _ in range(PHOTO_ROUNDS):
        begin = time.perf_counter()
        with Image.open(io.BytesIO(data)) as picture:
            picture.load()
        middle = time.perf_counter()
        reader.read(data)
        decodes.append(1000.0 * (middle - begin))
        reads.append(1000.0 * (time.perf_counter() - middle))
    amount, micr = reading.amount, reading.micr
    right = amount is not None and amount.value == ITS_AMOUNT, micr is not None and micr.routing_number == ITS_ROUTING
    sender.send(PhotoCost(len(data) / 1e6, median(decodes), median(reads), start, peak, *right))


def peak_mib() -> float:
    """The most memory that this process has held, in MiB. Where the system states it since the process began its own program, that
    figure; what ``getrusage`` states may be the parent's."""
    status = Path("/proc/self/status")
    if status.is_file():
        found = re.search(r"VmHWM:\s*(\d+) kB", status.read_text(encoding="ascii", errors="replace"))
        if found:
            return int(found.group(1)) / 1024.0
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most / 1024.0 if sys.platform != "darwin" else most / 1024.0**2


def photo_block(costs: Sequence[PhotoCost]) -> str:
    """The table of the large photos."""
    head = ["photo", "file", "Pillow's full decode", "whole reading", "in decodes", "peak memory", "before", "amount", "routing number"]
    lines = [f"| {' | '.join(head)} |", "|" + "---|" * len(head)]
    for number, cost in enumerate(costs, start=1):
        said = ["right" if right else "wrong" for right in (cost.amount_right, cost.routing_right)]
        times = [f"{cost.decode_ms:.0f} ms", f"{cost.read_ms:.0f} ms", f"{cost.read_ms / cost.decode_ms:.2f}"]
        memory = [f"{cost.peak_mib:.0f} MiB", f"{cost.start_mib:.0f} MiB"]
        lines.append(f"| {' | '.join([str(number), f'{cost.megabytes:.1f} MB', *times, *memory, *said])} |")
    return "\n".join(lines)


def keeps_the_bars(found: dict[str, Outcome], costs: Sequence[PhotoCost]) -> bool:
    """Whether no pose loses more than allowed, and no photo costs more."""
    base = found.get(AS_IT_IS)
    lost = [
        lost_points(answers, before)
        for item in found.values()
        if base is not None
        for answers, before in ((item.amounts, base.amounts), (item.codes, base.codes))
    ]
    dear = any(cost.read_ms > MOST_DECODES * cost.decode_ms or cost.peak_mib > MOST_MIB for cost in costs)
    return all(points <= MOST_LOST_POINTS for points in lost) and not dear


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print, write the blocks; 1 where a bar is not kept."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    add_data_root(parser)
    parser.add_argument("--only", nargs="+", choices=("orientation", "photo"), default=["orientation", "photo"])
    parser.add_argument("--every", type=int, default=1, help="read only every N-th picture, and write nothing")
    parser.add_argument("--samples", type=Path, default=ROOT / "samples")
    parser.add_argument("--docs", type=Path, default=ROOT / "docs")
    given = parser.parse_args(arguments)
    cv2.setNumThreads(1)
    found: dict[str, Outcome] = {}
    costs: list[PhotoCost] = []
    blocks: dict[str, str] = {}
    if "photo" in given.only:
        costs = [photo_cost(large_photo(given.samples, seed)) for seed in PHOTO_SEEDS]
        blocks["photo"] = photo_block(costs)
    if "orientation" in given.only:
        checks = load_checks(data_root(given.data_root))[:: given.every]
        found = outcomes(CheckReader(load_recogniser()), checks)
        blocks["orientation"] = orientation_block(found)
    for name, block in blocks.items():
        print(block, end="\n\n")
        if given.every == 1:
            write_block(given.docs / "results.md", name, block)
    return 0 if keeps_the_bars(found, costs) else 1


if __name__ == "__main__":
    sys.exit(main())
