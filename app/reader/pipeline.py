"""CheckReader.read: the straight line from the bytes of a picture to a reading. This file is the architecture."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache
from typing import ParamSpec, TypeVar

import numpy as np

from app.reader.amount_format import best_format, format_of_micr
from app.reader.candidates import Candidates, reads_well, winner
from app.reader.courtesy_amount import amount_grammar
from app.reader.decode import DecodeLimits, decode
from app.reader.fields import locate
from app.reader.grammar import Grammar, compile_grammar, one_of
from app.reader.interpretation import amount_reading, digit_reading, micr_reading
from app.reader.micr_line import line_grammar
from app.reader.page import normalise
from app.reader.patches import patches, strip
from app.reader.printed_numbers import with_printed_numbers
from app.reader.quality import assess
from app.reader.quality_lie import page_scale
from app.reader.second_reader import SlidingRecogniser, all_models, heard, views
from app.reader.segmentation import segment
from app.reader.side import with_side
from app.reader.types import (
    AMOUNT_FORMATS,
    MODEL_OF_FIELD,
    Alphabet,
    AmountFormat,
    Box,
    CheckReading,
    DecodedImage,
    Field,
    FieldEvidence,
    FieldKind,
    ImageDescription,
    LogProbs,
    ModelName,
    Page,
    ReadOptions,
    Recogniser,
    Scope,
    SegmentationLattice,
)
from app.reader.usability import refused_where_unusable
from app.reader.viterbi import Trellis, best_paths
from app.reader.witness import with_witness

MOST_PIECES_OF_AMOUNT = 60  # of a candidate on a whole check
NO_RIVAL = -1e-3  # log posterior of a MICR line beside which no other is worth naming
MOST_ANSWERS = 8  # paths with distinct texts of the winning candidate
PATCH_MODELS: tuple[ModelName, ...] = ("courtesy_amount", "micr_e13b")

Given = ParamSpec("Given")
Result = TypeVar("Result")

ASKED: dict[Scope, tuple[FieldKind, ...]] = {
    Scope.COURTESY_AMOUNT: ("courtesy_amount",),
    Scope.MICR_LINE: ("micr_line",),
    Scope.DIGIT: ("digit",),
}


class CheckReader:
    """Reads pictures of checks, of single fields and of single digits. Stateless and safe to share between threads."""

    def __init__(self, recogniser: Recogniser, limits: DecodeLimits = DecodeLimits()) -> None:  # noqa: B008 - frozen value
        self._recogniser = recogniser
        self._limits = limits

    @property
    def recogniser(self) -> Recogniser:
        """The recogniser that this reader asks."""
        return self._recogniser

    def read(self, data: bytes, options: ReadOptions = ReadOptions()) -> CheckReading:  # noqa: B008 - frozen value
        """The reading of one page of the file ``data``. Raises ``InputError`` for what is no readable picture."""
        clock = StageClock()
        image = clock.time("decode", decode, data, self._limits, options.page_index)
        page = clock.time("page", normalise, image, options.scope)
        found = Candidates()
        for fields in clock.each("locate", locate(page, options)):  # the likeliest first
            lattices = clock.time("segment", segments, fields, options)
            log_probs = clock.time("recognise", self.score, lattices)
            found = clock.time("best_path", self.follow, found, lattices, log_probs, options)
            if all(found.settled(kind) for kind in options.fields):
                break
        evidence = clock.time("best_path", self.decide, found)
        reading = with_side(self.interpret(image, page, evidence, options, clock), options)
        if options.scope is not Scope.CHECK or reading.micr is None:
            return reading
        return clock.time("printed_numbers", with_printed_numbers, reading, self._recogniser.info("courtesy_amount").alphabet, self.score)

    def score(self, lattices: tuple[SegmentationLattice, ...]) -> tuple[LogProbs, ...]:
        """Log-probabilities (A, C) of every lattice's arcs: one recogniser call per model for all fields together."""
        out: dict[int, LogProbs] = {}
        for model in PATCH_MODELS:
            members = [k for k, lattice in enumerate(lattices) if MODEL_OF_FIELD[lattice.field.kind] == model]
            if members:
                stacked = np.concatenate([patches(lattices[k]) for k in members])
                rows = self._recogniser.score(stacked, model)
                ends = np.cumsum([lattices[k].arc_count for k in members])[:-1]
                out.update(zip(members, np.split(rows, ends), strict=True))
        return tuple(out[k] for k in range(len(lattices)))

    def follow(
        self, found: Candidates, lattices: tuple[SegmentationLattice, ...], log_probs: tuple[LogProbs, ...], options: ReadOptions
    ) -> Candidates:
        """The candidates with the best path of each further lattice under the grammar of its kind; of an amount in the notation that
        was asked for or that the check's MICR line tells, in every notation where nothing tells."""
        bare = tuple(FieldEvidence(lattice, rows, (), chosen=False) for lattice, rows in zip(lattices, log_probs, strict=True))
        others = found.others + tuple(self.with_paths(item) for item in bare if item.lattice.field.kind != "courtesy_amount")
        amounts = found.bare + tuple(item for item in bare if item.lattice.field.kind == "courtesy_amount")
        asked = format_of_micr(others) if options.amount_format == "auto" else options.amount_format
        read: dict[AmountFormat, tuple[FieldEvidence, ...]] = {}
        for known in AMOUNT_FORMATS if asked is None else (asked,):
            done = found.amounts.get(known, ())
            read[known] = done + tuple(self.with_paths(replace(item, amount_format=known)) for item in amounts[len(done) :])
        return Candidates(amounts, read, others)

    def decide(self, found: Candidates) -> tuple[FieldEvidence, ...]:
        """All candidates that were read, the winner of each kind with its rivals and the second reader's opinion."""
        evidence = (*found.amounts[best_format(found.amounts)], *found.others)
        winners = {id(winner(evidence, kind)) for kind in MODEL_OF_FIELD}
        return tuple(self.with_rivals(item) if id(item) in winners else item for item in evidence)

    def with_paths(self, item: FieldEvidence) -> FieldEvidence:
        """One candidate with the best path through its lattice; one that reads well with its rivals too."""
        trellis = Trellis.of(item.lattice, item.log_probs, self.alphabet_of(item), grammar_of(item))
        first = replace(item, paths=trellis.paths(1))
        if not reads_well(first) or (item.lattice.field.kind == "micr_line" and first.paths[0].log_posterior > NO_RIVAL):
            return first
        return replace(first, paths=trellis.paths(MOST_ANSWERS))

    def with_rivals(self, item: FieldEvidence) -> FieldEvidence:
        """The winner of its kind with up to ``MOST_ANSWERS`` paths; an amount with the second reader's opinion of them."""
        paths = item.paths
        if not reads_well(item):
            paths = best_paths(item.lattice, item.log_probs, self.alphabet_of(item), grammar_of(item), MOST_ANSWERS)
        chosen = replace(item, paths=paths, chosen=True)
        return self.corroborate(chosen) if item.lattice.field.kind == "courtesy_amount" else chosen

    def alphabet_of(self, item: FieldEvidence) -> Alphabet:
        """The classes of the model that scored a candidate."""
        return self._recogniser.info(MODEL_OF_FIELD[item.lattice.field.kind]).alphabet

    def corroborate(self, item: FieldEvidence) -> FieldEvidence:
        """The winning amount with the second reader's opinion of every path, and with a path for its own best text where the
        lattice has one."""
        reader = self._recogniser
        info = reader.second_reader() if isinstance(reader, SlidingRecogniser) else None
        if info is None or not isinstance(reader, SlidingRecogniser):
            return item
        rows = reader.slide(views(strip(item.lattice)))
        alphabet, grammar = reader.info("courtesy_amount").alphabet, grammar_of(item)
        paths, second = heard(item.lattice, item.log_probs, alphabet, grammar, item.paths, rows, info.symbols)
        return replace(item, paths=paths, second=second)

    def interpret(
        self, image: DecodedImage, page: Page, evidence: tuple[FieldEvidence, ...], options: ReadOptions, clock: StageClock
    ) -> CheckReading:
        """The answer for what was asked, out of the winning candidates."""
        asked = ASKED.get(options.scope, options.fields)
        best = {item.lattice.field.kind: item for item in evidence if item.chosen}
        amount_model, micr_model = self._recogniser.info("courtesy_amount"), self._recogniser.info("micr_e13b")
        second = self._recogniser.second_reader() if isinstance(self._recogniser, SlidingRecogniser) else None
        decides = second or amount_model
        micr = micr_reading(best.get("micr_line"), page, micr_model, options) if "micr_line" in asked else None
        amount = amount_reading(best.get("courtesy_amount"), page, decides, options) if "courtesy_amount" in asked else None
        description = ImageDescription(
            width_px=image.width_px,
            height_px=image.height_px,
            dpi=round(page.dpi * page_scale(page), 1),
            skew_degrees=round(page.skew_degrees, 2),
            rotation_degrees=page.rotation_degrees,
            page_index=image.page_index,
            page_count=image.page_count,
            quality=assess(page, image, options.scope, amount, micr, likeliest_place(evidence)),
        )
        return CheckReading(
            models=all_models(self._recogniser),
            amount=refused_where_unusable(with_witness(amount, micr), description.quality),
            micr=micr,
            digit=digit_reading(best.get("digit"), page, amount_model, options) if "digit" in asked else None,
            image=description,
            timings_ms=clock.timings_ms,
            evidence=evidence,
            page=page,
        )


def segments(fields: tuple[Field, ...], options: ReadOptions) -> tuple[SegmentationLattice, ...]:
    """The lattices of the fields; that of a candidate for the amount on a whole check which is a thicket of ink has no arcs."""
    most = MOST_PIECES_OF_AMOUNT if options.scope is Scope.CHECK else None
    return tuple(segment(field, most if field.kind == "courtesy_amount" else None) for field in fields)


def likeliest_place(evidence: tuple[FieldEvidence, ...]) -> Box | None:
    """The box on the page that by place and print alone is likeliest to hold the amount, whatever reads there; None without one."""
    fields = [item.lattice.field for item in evidence if item.lattice.field.kind == "courtesy_amount"]
    return max(fields, key=lambda field: field.log_prior).box if fields else None


@cache
def digit_grammar() -> Grammar:
    """Exactly one digit."""
    return compile_grammar(one_of("0123456789"))


def grammar_of(item: FieldEvidence) -> Grammar:
    """The grammar that a candidate must satisfy."""
    kind = item.lattice.field.kind
    if kind == "micr_line":
        return line_grammar()
    return digit_grammar() if kind == "digit" else amount_grammar(item.amount_format)


class StageClock:
    """Wall-clock milliseconds per stage, in stage order."""

    def __init__(self) -> None:
        self.timings_ms: dict[str, float] = {}

    def time(self, stage: str, function: Callable[Given, Result], *args: Given.args, **kwargs: Given.kwargs) -> Result:
        """Call the function and book its time under the stage."""
        begin = time.perf_counter()
        result = function(*args, **kwargs)
        self.timings_ms[stage] = round(self.timings_ms.get(stage, 0.0) + (time.perf_counter() - begin) * 1000.0, 3)
        return result

    def each(self, stage: str, values: Iterator[Result]) -> Iterator[Result]:
        """The values, the time to find each booked under the stage."""
        while (value := self.time(stage, next, values, None)) is not None:
            yield value
