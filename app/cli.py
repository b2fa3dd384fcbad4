"""The command line: ``checkreader serve | read | score | model``.

Exit status: 0 done (a refusal to read is an answer), 1 something failed, 2 wrong usage, 130 stopped by Ctrl-C.
An error is one line on standard error, never a traceback.
"""

from __future__ import annotations

import argparse
import io
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from app import __version__
from app.errors import CheckReaderError, InvalidParameter, UsageError
from app.reader.types import AMOUNT_FORMAT_CHOICES, DEFAULT_MAX_ERROR, Scope

_SCOPES = tuple(scope.value.replace("_", "-") for scope in Scope)
_INTERRUPTED = 130


class _Parser(argparse.ArgumentParser):
    """Answers wrong usage with one line."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: {message} (see {self.prog} --help)\n")


def build_parser() -> argparse.ArgumentParser:
    """The parser of the whole command line; ``handler`` is the name of the function that runs a command."""
    parser = _Parser(prog="checkreader", description="Reads bank checks: the courtesy amount and the MICR line, with the evidence.")
    parser.add_argument("--version", action="version", version=f"checkreader {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND", parser_class=_Parser)
    _add_serve(commands.add_parser("serve", help="start the HTTP service"))
    _add_read(commands.add_parser("read", help="read pictures and print what stands on them"))
    _add_score(commands.add_parser("score", help="read many pictures into a file of JSON lines"))
    model = commands.add_parser("model", help="print what the models say of themselves")
    model.add_argument("--json", action="store_true", help="print JSON for programs")
    _add_model_options(model)
    return parser


def _add_model_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--model-dir", type=Path, metavar="DIR", help="folder of the model files (default: the packaged ones)")
    parser.add_argument("--device", choices=("cpu", "cuda"), help="where the models run (default: CHECKREADER_DEVICE or cpu)")


def _box(text: str) -> tuple[float, float, float, float]:
    parts = text.split(",")
    if len(parts) != 4:
        raise argparse.ArgumentTypeError(f"four numbers left,top,right,bottom are needed; given: {text}")
    try:
        left, top, right, bottom = (float(part) for part in parts)
    except ValueError:
        raise argparse.ArgumentTypeError(f"four numbers left,top,right,bottom are needed; given: {text}") from None
    return left, top, right, bottom


def _add_reading_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--field", choices=_SCOPES, default="check", help="what the picture shows (default: check)")
    parser.add_argument(
        "--amount-format",
        choices=AMOUNT_FORMAT_CHOICES,
        default="auto",
        help="auto, dollars, rupees, whole numbers (default: auto)",
    )
    place = parser.add_mutually_exclusive_group()
    place.add_argument("--amount-box", type=_box, metavar="L,T,R,B", help="where the amount stands on a check, in pixels of the picture")
    place.add_argument(
        "--layout",
        type=Path,
        metavar="FILE",
        help="layout of the check stock, where its amount stands: a TOML file, or a name in CHECKREADER_LAYOUTS",
    )
    parser.add_argument(
        "--max-error", type=float, metavar="P",
        help=f"stated share of wrong answers among all fields, 0 < P <= 1 (default: CHECKREADER_MAX_ERROR or {DEFAULT_MAX_ERROR})",
    )  # fmt: skip
    _add_model_options(parser)


def _add_serve(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--host", help="address to bind (default: CHECKREADER_HOST or 127.0.0.1)")
    parser.add_argument("--port", type=int, help="port to bind (default: CHECKREADER_PORT or 8000)")
    _add_model_options(parser)


def _add_read(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("files", nargs="+", metavar="FILE", help="pictures of checks, fields or digits")
    parser.add_argument("--json", action="store_true", help="print one JSON document per file and line, for programs")
    parser.add_argument(
        "--explain", type=Path, metavar="OUT.png", help="draw how it was read: fields, cuts, paths, the network on one character (one FILE)"
    )
    parser.add_argument("--include", choices=("explanation",), help="with --json: add the explanation to the document")
    parser.add_argument(
        "--character", type=int, metavar="N", help="character of the amount, from 0 on, that the network is shown on (default: the first)"
    )
    parser.add_argument("--page", type=int, default=0, metavar="N", help="page of a multi-page file, from 0 on (default: 0)")
    _add_reading_options(parser)


def _add_score(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("paths", nargs="+", metavar="PATH", help="files, folders and patterns")
    parser.add_argument("--out", required=True, metavar="FILE.jsonl", help="where the lines go; - for standard output")
    parser.add_argument("--append", action="store_true", help="add to --out instead of writing it anew")
    parser.add_argument(
        "--truth", type=Path, metavar="TRUTH.csv", help="columns file,amount,routing,account,check_number: print right and wrong"
    )
    parser.add_argument(
        "--workers", type=_positive, metavar="N", help="processes (default: CHECKREADER_WORKERS or the CPUs that this process may use)"
    )
    parser.add_argument("--strict", action="store_true", help="exit with 1 where a line holds an error")
    _add_reading_options(parser)


def _positive(text: str) -> int:
    try:
        number = int(text)
    except ValueError:
        number = 0
    if number < 1:
        raise argparse.ArgumentTypeError(f"must be a whole number of at least 1; given: {text}")
    return number


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; the exit status is what it returns."""
    _print_any_text()
    parsed = build_parser().parse_args(arguments)
    try:
        return _run(parsed)
    except (UsageError, InvalidParameter) as error:
        return _fail(parsed.command, error.detail, 2)
    except CheckReaderError as error:
        return _fail(parsed.command, error.detail, 1)
    except KeyboardInterrupt:
        return _fail(parsed.command, "stopped", _INTERRUPTED)
    except BrokenPipeError:
        _close_standard_output()
        return 1
    except OSError as error:
        named = f"{error.filename}: " if error.filename else ""
        return _fail(parsed.command, f"{named}{error.strerror or type(error).__name__}", 1)
    except Exception as error:  # a defect of ours: one line that can be reported
        return _fail(parsed.command, f"internal error: {_where(error)}", 1)


def _print_any_text() -> None:
    """MICR signs and any file name can be printed, escaped where the terminal's encoding has no such sign."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def _run(parsed: argparse.Namespace) -> int:
    from app import commands  # after the parser: --help and wrong usage answer without loading the reader

    return int(getattr(commands, parsed.command)(parsed))


def _fail(command: str, message: str, status: int) -> int:
    print(f"checkreader {command}: {' '.join(message.split())}", file=sys.stderr)
    return status


def _where(error: Exception) -> str:
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    place = f" at {Path(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}" if trace is not None else ""
    return f"{type(error).__name__}: {error}{place}"


def _close_standard_output() -> None:
    """The reader of our output is gone: keep the interpreter from complaining when it flushes at its end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


if __name__ == "__main__":
    sys.exit(main())
