"""What the commands do: ``serve``, ``read``, ``score`` and ``model``. ``app.cli`` parses, calls one of them and words errors."""

from __future__ import annotations

import argparse
import contextlib
import json
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from tqdm import tqdm

from app.batch.engine import INCLUDE, ScoreOptions
from app.batch.sinks import STANDARD_OUTPUT, JsonLinesSink
from app.batch.sources import expand
from app.batch.summary import Tally
from app.batch.truth import load_truth
from app.batch.workers import score_files
from app.errors import CheckReaderError, UsageError
from app.explain import explain
from app.explanation import Explanations, explain_reading
from app.inference.recogniser import load_recogniser
from app.reader.decode import DecodeLimits, decode
from app.reader.layouts import load_layout, load_layouts, named_layout
from app.reader.pipeline import CheckReader
from app.reader.second_reader import SecondReaderInfo, all_models
from app.reader.types import AmountPlace, CheckReading, ModelInfo, ReadOptions, Scope
from app.response import from_reading
from app.settings import Device, Settings


def serve(parsed: argparse.Namespace) -> int:
    """Start the HTTP service; returns when it is stopped."""
    from app.main import serve as serve_http  # the other commands need no HTTP

    return serve_http(_settings(parsed))


def read(parsed: argparse.Namespace) -> int:
    """Read each file and print it; 1 where one of them could not be read."""
    if parsed.explain is not None and len(parsed.files) != 1:
        raise UsageError(f"--explain takes exactly one FILE; given: {len(parsed.files)}")
    wanted = explains(parsed)
    settings = _settings(parsed)
    options = _options(parsed, settings, parsed.page)
    reader = make_reader(settings)
    status = 0
    for name in parsed.files:
        try:
            reading = reader.read(_bytes_of(name), options)
            explained = explain_reading(reading, reader.recogniser, options, parsed.character) if wanted else {}
        except CheckReaderError as error:
            status = 1
            _print_failure(name, error, parsed.json)
            continue
        if parsed.json:
            document = from_reading(reading, INCLUDE | {parsed.include or ""}, explanations=explained)
            print(json.dumps({"file": name, **document.model_dump(mode="json")}, ensure_ascii=False))
        else:
            print(f"{name}\n" + "\n".join(f"  {line}" for line in table(reading)))
        if parsed.explain is not None:
            _save_explanation(name, reading, explained, parsed, _limits(settings))
    return status


def explains(parsed: argparse.Namespace) -> bool:
    """Whether an explanation is asked for. Raises ``UsageError`` for options that make no sense without one."""
    if parsed.include is not None and not parsed.json:
        raise UsageError("--include goes with --json")
    wanted = parsed.explain is not None or parsed.include is not None
    if parsed.character is not None and not wanted:
        raise UsageError("--character goes with --explain or with --json --include explanation")
    return wanted


def score(parsed: argparse.Namespace) -> int:
    """Read many files into JSON lines; with a truth, print right and wrong per field."""
    settings = _settings(parsed)
    options = _options(parsed, settings, 0)
    sources = expand(parsed.paths)
    truth = load_truth(parsed.truth, options.amount_format) if parsed.truth is not None else None
    tally = Tally(truth, options)
    scored = score_files(sources, partial(make_reader, settings), ScoreOptions(options, _limits(settings)), settings.workers)
    with (
        JsonLinesSink(parsed.out, parsed.append) as sink,
        tqdm(total=len(sources), unit="file", file=sys.stderr, disable=None) as progress,
        contextlib.closing(scored),
    ):
        for pages in scored:
            for page in pages:
                sink.write(page)
                tally.add(page)
            progress.update()
    print(f"checkreader score: {tally.run_line()}", file=sys.stderr)
    if truth is not None:
        if tally.matched < len(truth):
            print(f"checkreader score: {len(truth) - tally.matched} of {len(truth)} rows of the truth match no file", file=sys.stderr)
        out = sys.stderr if parsed.out == STANDARD_OUTPUT else sys.stdout
        print("\n".join(tally.truth_lines()), file=out)
    return 1 if parsed.strict and tally.failures else 0


def model(parsed: argparse.Namespace) -> int:
    """Print what the models say of themselves."""
    recogniser = load_recogniser(*_model_place(_settings(parsed)))
    infos = all_models(recogniser)
    if parsed.json:
        print(json.dumps([_model_document(info) for info in infos], ensure_ascii=False, indent=2))
        return 0
    for info in infos:
        print(f"{info.name} {info.version}\n  digest      {info.digest}\n  alphabet    {' '.join(info.symbols)}")
        print("  thresholds  " + ", ".join(f"max_error {error:g}: confidence >= {least:.4f}" for error, least in info.thresholds))
    return 0


def make_reader(settings: Settings) -> CheckReader:
    """A reader with its models loaded; worker processes call it too. Raises ``StartupError``."""
    return CheckReader(load_recogniser(*_model_place(settings)), _limits(settings))


def table(reading: CheckReading) -> Iterator[str]:
    """The lines that a person reads."""
    if (amount := reading.amount) is not None:
        value = f"{amount.value} {amount.currency or ''}".rstrip() if amount.value is not None else "-"
        yield _row("amount", value, amount.decision, amount.confidence, amount.reason.text if amount.reason else None)
    if (micr := reading.micr) is not None:
        yield _row("MICR line", micr.raw or "-", micr.decision, micr.confidence, micr.reason.text if micr.reason else None)
        if micr.routing_number is not None:
            validity = {True: " (checksum right)", False: " (checksum WRONG)", None: ""}[micr.routing_number_valid]
            yield f"  {'routing':<10}{micr.routing_number}{validity}"
        if micr.account_number is not None:
            yield f"  {'account':<10}{micr.account_number}"
        if micr.check_number is not None:
            yield f"  {'check':<10}{micr.check_number}"
        for what, number in (("printed", micr.printed_check_number), ("fraction", micr.fractional_routing_number)):
            if number is not None:
                yield f"  {what:<10}{number.value}" + (f"  {number.note}" if number.note else "")
    if (digit := reading.digit) is not None:
        yield _row("digit", digit.value or "-", digit.decision, digit.confidence, digit.reason.text if digit.reason else None)
    for test in reading.image.quality.tests:
        if test.result == "present":
            yield f"{'picture':<12}{test.advice}"


def _row(what: str, value: str, decision: str, confidence: float, reason: str | None) -> str:
    return f"{what:<12}{value:<34}{decision.replace('_', ' '):<10}{confidence:6.3f}" + (f"  {reason}" if reason else "")


def _settings(parsed: argparse.Namespace) -> Settings:
    """The environment's settings, overridden by what the command line gives."""
    names = ("host", "port", "device", "model_dir", "workers", "max_error")
    given: dict[str, Any] = {name: value for name in names if (value := getattr(parsed, name, None)) is not None}
    try:
        return Settings(**given)
    except ValidationError as error:
        wrong = "; ".join(f"{'.'.join(map(str, item['loc']))}: {item['msg']}" for item in error.errors(include_input=False))
        raise UsageError(f"settings are wrong: {wrong}") from None


def _options(parsed: argparse.Namespace, settings: Settings, page_index: int) -> ReadOptions:
    scope = Scope(parsed.field.replace("-", "_"))
    return ReadOptions(
        scope=scope,
        amount_format=parsed.amount_format,
        max_error=settings.max_error,
        page_index=page_index,
        amount_box=parsed.amount_box,
        amount_place=_place(parsed.layout, settings) if parsed.layout is not None else None,
    )


def _place(layout: Path, settings: Settings) -> AmountPlace:
    """The place of a layout file, or of a layout of that name in the folder of layouts."""
    if settings.layouts is None or layout.suffix == ".toml" or layout.is_file():
        return load_layout(layout)
    return named_layout(load_layouts(settings.layouts), str(layout))


def _model_place(settings: Settings) -> tuple[Path | None, Device]:
    return settings.model_dir, settings.device


def _limits(settings: Settings) -> DecodeLimits:
    return DecodeLimits(max_pixels=settings.max_pixels, max_pages=settings.max_pages)


def _bytes_of(name: str) -> bytes:
    try:
        return Path(name).read_bytes()
    except OSError as error:
        raise _UnreadableFile(f"the file cannot be read: {error.strerror}") from None


class _UnreadableFile(CheckReaderError):
    """A file of the command line cannot be opened."""

    code = "unreadable_file"


def _print_failure(name: str, error: CheckReaderError, as_json: bool) -> None:
    print(f"checkreader read: {name}: {error.detail}", file=sys.stderr)
    if as_json:
        print(json.dumps({"file": name, "error": {"code": error.code, "detail": error.detail}}, ensure_ascii=False))


def _save_explanation(
    name: str, reading: CheckReading, explanations: Explanations, parsed: argparse.Namespace, limits: DecodeLimits
) -> None:
    picture = explain(decode(_bytes_of(name), limits, parsed.page), reading, explanations)
    try:
        picture.save(parsed.explain)
    except ValueError:
        raise UsageError(f"--explain: the ending of {parsed.explain} is no picture format; use .png") from None


def _model_document(info: ModelInfo | SecondReaderInfo) -> dict[str, Any]:
    return {
        "name": info.name,
        "version": info.version,
        "digest": info.digest,
        "alphabet": list(info.symbols),
        "thresholds": [{"max_error": error, "least_confidence": least} for error, least in info.thresholds],
        "calibration": list(info.calibration),
    }
