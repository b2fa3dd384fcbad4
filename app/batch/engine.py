"""Scores one file: the function that every way of running a batch calls.

Source ─read bytes→ ─count pages→ CheckReader.read ×pages ─from_reading→ ScoredPage*
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Protocol

from app.batch.sources import Source
from app.errors import CheckReaderError
from app.reader.decode import DecodeLimits, count_pages
from app.reader.types import CheckReading, ReadOptions
from app.response import CheckResponse, from_reading

INCLUDE = frozenset({"characters", "alternatives"})


@dataclass(frozen=True, slots=True)
class ScoreOptions:
    """What is asked of every page, and the limits within which the pages of a file are counted."""

    read: ReadOptions = field(default_factory=ReadOptions)
    limits: DecodeLimits = field(default_factory=DecodeLimits)


class Reader(Protocol):
    """What the engine asks of ``app.reader.pipeline.CheckReader``."""

    def read(self, data: bytes, options: ReadOptions) -> CheckReading:
        """The reading of one page of a file; raises only ``CheckReaderError``."""


ReaderFactory = Callable[[], Reader]  # picklable: a worker process calls it once


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a file or a page has no reading: a stable code and a sentence."""

    code: str
    detail: str


@dataclass(frozen=True, slots=True)
class ScoredPage:
    """One line of the output: a page of a file with its reading or its failure. ``page_index`` counts from 0."""

    source: Source
    page_index: int
    page_count: int
    outcome: CheckResponse | Failure


def score_file(reader: Reader, source: Source, options: ScoreOptions) -> tuple[ScoredPage, ...]:
    """Every page of one file, in order. Never raises for what the file holds: that is a ``Failure``."""
    try:
        data = source.path.read_bytes()
        page_count = count_pages(data, options.limits)
    except Exception as error:  # whatever one file holds must not end the run
        return (ScoredPage(source, 0, 1, _failure(error)),)
    return tuple(ScoredPage(source, index, page_count, _score_page(reader, data, options.read, index)) for index in range(page_count))


def _score_page(reader: Reader, data: bytes, options: ReadOptions, page_index: int) -> CheckResponse | Failure:
    try:
        return from_reading(reader.read(data, replace(options, page_index=page_index)), include=INCLUDE)
    except Exception as error:  # as above
        return _failure(error)


def _failure(error: Exception) -> Failure:
    """Texts of our own errors are told, those of libraries are not."""
    if isinstance(error, CheckReaderError):
        return Failure(error.code, error.detail)
    if isinstance(error, OSError):
        return Failure("unreadable_file", f"The file cannot be read: {error.strerror or type(error).__name__}.")
    return Failure("internal_error", f"The reader failed on this file ({type(error).__name__}).")
