"""How many checks are read, wrong and refused, beside other readers in one run, and how long each takes.

    python -m benchmarks.read_rate FOLDER --truth truth.csv [--group-column group] [--peers tesseract rapidocr]
    python -m benchmarks.read_rate --checks DATA_ROOT [--x9] [--peers tesseract rapidocr] [--write]

Prints read, wrong and refused per field with 95 % Wilson intervals, per picture and per physical check, for checkreader and for every
peer that is installed, and the time of one picture. ``--truth`` is the CSV of ``checkreader score --truth``. With ``--write`` the tables go
into ``docs/results.md`` (block ``read-rate``) and the README (block ``peers``).
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import cv2

from app.errors import StartupError, UsageError
from app.inference.recogniser import load_recogniser
from app.reader.pipeline import CheckReader
from app.reader.types import AMOUNT_FORMAT_CHOICES, DEFAULT_MAX_ERROR
from benchmarks.figures import write_block
from benchmarks.read_rate_counts import Comparison, compare_readers
from benchmarks.read_rate_legibility import is_development_set, legibility_lines, load_illegible
from benchmarks.read_rate_pictures import Picture, of_development_checks, of_folder
from benchmarks.read_rate_readers import Checkreader, PeerFailed, PeerMissing, RapidOcr, Reader, Tesseract
from benchmarks.read_rate_tables import OURS, as_markdown, peers_markdown
from benchmarks.run import machine

ROOT = Path(__file__).resolve().parents[1]
PEERS = ("tesseract", "rapidocr")
ROUNDS = 3


@dataclass(frozen=True, slots=True)
class Peers:
    """The peers that are here, and sentences about them and about those that are not."""

    readers: tuple[Reader, ...]
    notes: tuple[str, ...]


def open_peers(names: Sequence[str], rapidocr_python: str, stack: ExitStack) -> Peers:
    """Start the peers that are asked for; one that is not installed is left out, with a sentence that says how to install it."""
    readers: list[Reader] = []
    notes: list[str] = []
    for name in dict.fromkeys(names):
        try:
            if name == "tesseract":
                tesseract = Tesseract()
                readers.append(tesseract)
                start = tesseract.start_ms()
                notes.append(
                    f"Tesseract: {tesseract.version()}, English, the whole page; {start:.0f} ms of its time are the start of a process."
                )
            else:
                rapidocr = RapidOcr(rapidocr_python, stack)
                readers.append(rapidocr)
                notes.append(f"RapidOCR: {rapidocr.version()}, PP-OCRv4, onnxruntime with one thread; its start is not in its time.")
        except PeerMissing as missing:
            notes.append(f"{missing}.")
    return Peers(tuple(readers), tuple(notes))


def pictures_of(given: argparse.Namespace) -> tuple[Picture, ...]:
    """The pictures that the command line names. Raises ``UsageError``."""
    if (given.folder is None) == (given.checks is None):
        raise UsageError("name either a folder of pictures with --truth, or --checks with the folder of the data sets")
    if given.folder is not None:
        if given.truth is None:
            raise UsageError("a folder needs --truth: a CSV with the columns file, amount, routing, account, check_number")
        if given.x9 or given.write:
            raise UsageError("--x9 and --write go with --checks: the documents hold figures of the development checks")
        return of_folder(given.folder, given.truth, given.group_column, given.amount_format)
    if given.truth is not None or given.group_column is not None:
        raise UsageError("--truth and --group-column go with a folder; the development checks have a truth and groups of their own")
    return of_development_checks(given.checks, given.amount_format, only_x9=given.x9)


def about(found: Comparison, rounds: int, max_error: float, here: Mapping[str, str | int]) -> str:
    """What was read, and on what; ``here`` is the machine as it was before the run."""
    versions = ", ".join(f"{name} {here[name]}" for name in ("python", "onnxruntime", "opencv-python-headless", "numpy") if name in here)
    groups = len({picture.group for picture in found.pictures})
    timed = sum(picture.timed for picture in found.pictures)
    again = f", {timed} of them {rounds} times for the time" if rounds > 1 and timed else ""
    return (
        f"{len(found.pictures)} pictures of {groups} physical checks{again}; `max_error` {max_error:g}. "
        f"{here['date']}, {here['processor']}, {here['cpus']} CPUs, load before the run {here['load_before']}; {versions}."
    )


def parser_of() -> argparse.ArgumentParser:
    """The command line."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.read_rate", description="Read, wrong, refused and time, beside other readers."
    )
    parser.add_argument("folder", type=Path, nargs="?", help="folder of check pictures")
    parser.add_argument("--truth", type=Path, help="CSV with the columns file, amount, routing, account, check_number")
    parser.add_argument("--group-column", help="column of the truth that names the physical check (default: every picture is one)")
    parser.add_argument("--checks", type=Path, metavar="DATA_ROOT", help="read the development checks of this data folder instead")
    parser.add_argument("--x9", action="store_true", help="with --checks: only the images out of an image cash letter")
    parser.add_argument("--peers", nargs="*", choices=PEERS, default=[], help="read with these too, where they are installed")
    parser.add_argument("--rapidocr-python", default=sys.executable, metavar="PATH", help="the Python that has rapidocr-onnxruntime")
    parser.add_argument(
        "--amount-format", choices=AMOUNT_FORMAT_CHOICES, help="default: auto; with --checks what the evaluation reads them in"
    )
    parser.add_argument("--max-error", type=float, default=DEFAULT_MAX_ERROR, help="stated error rate of what is accepted")
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="readings of each timed picture (with --checks: of the X9 images)")
    parser.add_argument("--write", action="store_true", help="with --checks: write the blocks read-rate and peers of the documents")
    parser.add_argument("--docs", type=Path, default=ROOT / "docs", help="folder of results.md")
    parser.add_argument("--readme", type=Path, default=ROOT / "README.md")
    return parser


def measure(given: argparse.Namespace, reader: CheckReader) -> tuple[Comparison, tuple[str, ...]]:
    """The comparison and the sentences about the peers."""
    if given.rounds < 1:
        raise UsageError(f"--rounds must be 1 or greater; given: {given.rounds}")
    if not 0.0 < given.max_error <= 1.0:
        raise UsageError(f"--max-error must be greater than 0 and at most 1; given: {given.max_error:g}")
    pictures = pictures_of(given)
    with ExitStack() as stack:
        peers = open_peers(given.peers, given.rapidocr_python, stack)
        readers = (Checkreader(reader, given.max_error), *peers.readers)
        return compare_readers(pictures, readers, given.rounds, progress), peers.notes


def progress(words: str) -> None:
    """One line that overwrites itself, for a person at a terminal."""
    if sys.stderr.isatty():
        print(f"\rread_rate: {words}   ", end="", file=sys.stderr, flush=True)


def main(arguments: Sequence[str] | None = None) -> int:
    """The command: exit status 0; 2 for wrong usage; 1 where the models are missing or a peer has died."""
    given = parser_of().parse_args(arguments)
    cv2.setNumThreads(1)
    here = machine()
    try:
        found, notes = measure(given, CheckReader(load_recogniser()))
    except UsageError as error:
        print(f"read_rate: {error.detail}", file=sys.stderr)
        return 2
    except (StartupError, PeerFailed) as error:
        print(f"read_rate: {error}", file=sys.stderr)
        return 1
    micr = legibility_lines(found, load_illegible(), OURS) if given.checks is not None and is_development_set(found) else []
    text = as_markdown(found, about(found, given.rounds, given.max_error, here), notes, micr)
    print(text)
    if given.write:
        write_block(given.docs / "results.md", "read-rate", text)
        write_block(given.readme, "peers", peers_markdown(found, [note for note in notes if "left out" in note]))
    return 0


if __name__ == "__main__":
    sys.exit(main())
