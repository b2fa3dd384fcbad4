"""The numbers that a US check repeats in ordinary print: the check number, and the routing number as a fraction.

The check number stands at the upper right and is that of the MICR line. The fraction stands near it or near the date: prefix and
institution over the Federal Reserve routing symbol, ``19-7076/2312``. The routing number is that symbol in four figures, the institution
in four figures and a check digit, so that the fraction says eight of its nine figures again (ABA, Key to Routing Numbers). Both are
witnesses of the MICR line: they are told beside it and change nothing of it.

    Page ─number_lines→ Box* ─segment→ SegmentationLattice* ─score→ LogProbs* ─best_paths→ Found* ─as_printed→ PrintedNumber
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import cache

import numpy as np

from app.reader.candidates import ink_covered
from app.reader.components import labelled
from app.reader.fields import crop_field, with_margin
from app.reader.grammar import Grammar, compile_grammar, either, one_of, repeated, sequence
from app.reader.interpretation import field_polygon
from app.reader.segmentation import SegmentationLimits, arcs, components, cut_pieces, digit_line, without_specks
from app.reader.types import Alphabet, Box, CheckReading, Field, FieldEvidence, LogProbs, MicrReading, Page, Polygon, SegmentationLattice
from app.reader.viterbi import best_paths

Score = Callable[[tuple[SegmentationLattice, ...]], tuple[LogProbs, ...]]

REGION = (0.5, 0.36)  # both numbers stand right of the first share of the page's width and above the second of its height
HEIGHT_IN = (0.045, 0.26)  # of a figure
MOST_MARKS = 400  # in the region: more is a ground of dots or lines
GAP = 1.1  # between neighbours of one line, in heights of a figure
MARGIN_IN = 0.03
NUMBER_ASPECT, FRACTION_ASPECT = (1.2, 8.0), (3.6, 11.0)  # width over height of the line
NUMBER_PLACE, NUMBER_SPREAD = (0.91, 0.10), (0.08, 0.08)  # of the line's centre, as shares of the page
FRACTION_PLACE, FRACTION_SPREAD = (0.86, 0.19), (0.16, 0.12)
LEAST_LOG_PRIOR = -2.6
MOST_CANDIDATES = 2  # of each number
LEAST_COVERED = 0.98  # share of the line's ink that the figures take: letters stepped over are no number
LEAST_CONFIDENCE = 0.25  # of a number that agrees with the MICR line: by chance none would
LEAST_ALONE = 0.8  # of one that does not
DIGITS = "0123456789"
PRINT = SegmentationLimits(2, 1.0, 0.2, 0.92, 0.2, 0.0, 0.004, False, 0.6, False)
_FRACTION = re.compile(r"(\d{1,2})-(\d{1,4})/(\d{3,4})")


@dataclass(frozen=True, slots=True)
class PrintedNumber:
    """A number in ordinary print that repeats a part of the MICR line.

    ``confidence`` (0..1) is the posterior of the text times the probability of its least sure character. ``agrees`` says whether the MICR
    line has the same number, None where its own was not read; ``note`` is a sentence where they differ.
    """

    value: str
    confidence: float
    polygon: Polygon
    agrees: bool | None
    note: str | None


@dataclass(frozen=True, slots=True)
class Found:
    """A line of print read: its text, confidence (0..1), log prior of its place, and outline in the uploaded picture."""

    value: str
    confidence: float
    log_prior: float
    polygon: Polygon


@dataclass(frozen=True, slots=True)
class Kind:
    """What one of the two numbers looks like and where it stands."""

    grammar: Grammar
    aspect: tuple[float, float]
    pieces: tuple[int, int]  # of ink
    height_in: tuple[float, float]  # of the line
    place: tuple[float, float]
    spread: tuple[float, float]


@cache
def check_number_kind() -> Kind:
    """Three to eight figures at the upper right."""
    return Kind(compile_grammar(repeated(one_of(DIGITS), 3, 8)), NUMBER_ASPECT, (3, 9), (0.075, 0.26), NUMBER_PLACE, NUMBER_SPREAD)


@cache
def fraction_kind() -> Kind:
    """Prefix, dash, institution, slash, routing symbol, on one line."""
    digit = one_of(DIGITS)
    parts = sequence(
        repeated(digit, 1, 2), one_of("-"), repeated(digit, 1, 4), one_of("/"), either(*(repeated(digit, n, n) for n in (3, 4)))
    )
    return Kind(compile_grammar(parts), FRACTION_ASPECT, (6, 18), (0.045, 0.095), FRACTION_PLACE, FRACTION_SPREAD)


def with_printed_numbers(reading: CheckReading, alphabet: Alphabet, score: Score) -> CheckReading:
    """The reading of a check with the printed numbers beside its MICR line; an Indian cheque has neither.

    ``score`` gives the log-probabilities (A, C) of lattices over ``alphabet``, in one call for all of them.
    """
    page, micr = reading.page, reading.micr
    if page is None or micr is None or micr.form == "indian_cts" or reading.image.side == "back":
        return reading
    lines = number_lines(page)
    numbers, fractions = read_numbers(page, lines, (check_number_kind(), fraction_kind()), alphabet, score)
    number = check_number(numbers, micr)
    if number is None and stated_number(micr) is not None:  # a second look, with the levels of the crop; it may only agree
        (again,) = read_numbers(page, lines, (check_number_kind(),), alphabet, score, own_levels=True)
        number = check_number([one for one in again if agrees_with(one.value, micr)], micr)
    return replace(reading, micr=replace(micr, printed_check_number=number, fractional_routing_number=fraction(fractions, micr)))


def read_numbers(
    page: Page, lines: list[Box], kinds: tuple[Kind, ...], alphabet: Alphabet, score: Score, own_levels: bool = False
) -> tuple[list[Found], ...]:
    """For each kind what stands where it may and reads at all surely, the likeliest place first; one call of ``score`` for all."""
    asked = [
        (kind, prior, lattice)
        for kind in kinds
        for prior, box in candidates(lines, kind, page)
        if kind.pieces[0] <= (lattice := print_lattice(page, box, own_levels)).piece_count <= kind.pieces[1]
    ]
    rows = score(tuple(lattice for _, _, lattice in asked)) if asked else ()
    found: dict[Kind, list[Found]] = {kind: [] for kind in kinds}
    for (kind, prior, lattice), row in zip(asked, rows, strict=True):
        if (one := read_line(lattice, row, alphabet, kind.grammar, prior, page)) is not None:
            found[kind].append(one)
    return tuple(found.values())


def print_lattice(page: Page, box: Box, own_levels: bool = False) -> SegmentationLattice:
    """The lattice of a line of print: marks stand apart, and only one wider than a figure is cut. Its ink is that of the page, or with
    ``own_levels`` that of its own crop, which costs more and keeps small marks apart better."""
    left, top, right, bottom = box
    if own_levels:
        field = crop_field(page, "courtesy_amount", box, 0.0)
    else:
        own = np.where(page.frames[top:bottom, left:right], np.float32(0.0), page.ink[top:bottom, left:right])
        field = Field("courtesy_amount", box, own, 0.0)
    ink = field.ink
    labels, boxes = components(ink)
    height, midline = digit_line(boxes, ink.shape, PRINT.height_share)
    labels, boxes = without_specks(ink, labels, boxes, PRINT.least_speck_area * height * height)
    labels, boxes = cut_pieces(ink, labels, boxes, height, PRINT)
    source, target, arc_boxes = arcs(boxes, height, PRINT, whole=False)
    to_page = np.array([[1.0 / field.scale, 0.0, left], [0.0, 1.0 / field.scale, top], [0.0, 0.0, 1.0]])
    return SegmentationLattice(field, ink, labels, boxes, source, target, arc_boxes, height, midline, to_page)


def read_line(
    lattice: SegmentationLattice, rows: LogProbs, alphabet: Alphabet, grammar: Grammar, log_prior: float, page: Page
) -> Found | None:
    """What a line says under a grammar; None where that leaves ink over or is not sure."""
    paths = best_paths(lattice, rows, alphabet, grammar, most=1)
    if not paths:
        return None
    path = paths[0]
    confidence = math.exp(path.log_posterior) * min(character.confidence for character in path.characters)
    covered = ink_covered(FieldEvidence(lattice, rows, paths, chosen=False))
    if confidence < LEAST_CONFIDENCE or covered < LEAST_COVERED:
        return None
    return Found(path.text, confidence, log_prior, field_polygon(lattice, page))


def number_lines(page: Page) -> list[Box]:
    """Boxes, in page pixels, of the lines of marks of one height in the upper right of the page that stand free of other marks."""
    height, width = page.grey.shape
    left, bottom = round(REGION[0] * width), round(REGION[1] * height)
    _, stats = labelled(((page.ink[:bottom, left:] > 0.45) & ~page.frames[:bottom, left:]).view(np.uint8))
    boxes = stats[1:, :4]
    least, most = HEIGHT_IN[0] * page.dpi, HEIGHT_IN[1] * page.dpi
    boxes = boxes[(boxes[:, 3] >= max(6.0, least)) & (boxes[:, 3] <= most) & (boxes[:, 2] <= 5.0 * boxes[:, 3])]
    if len(boxes) > MOST_MARKS:
        return []
    marks = sorted((x + left, y, x + left + wide, y + tall) for x, y, wide, tall in boxes.tolist())
    return chained(marks)


def chained(marks: Iterable[Box]) -> list[Box]:
    """Boxes of the runs of marks (given from left to right) that follow one another on one line within ``GAP`` heights."""
    lines: list[Box] = []
    for mark in marks:
        best = -1
        for k, line in enumerate(lines):
            tall = min(mark[3] - mark[1], line[3] - line[1])
            level = min(mark[3], line[3]) - max(mark[1], line[1]) >= 0.6 * tall
            if level and mark[0] - line[2] <= GAP * tall and (best < 0 or line[2] > lines[best][2]):
                best = k
        if best < 0:
            lines.append(mark)
            continue
        line = lines[best]
        lines[best] = (line[0], min(line[1], mark[1]), max(line[2], mark[2]), max(line[3], mark[3]))
    return lines


def candidates(lines: list[Box], kind: Kind, page: Page) -> list[tuple[float, Box]]:
    """(log prior, box with a margin) of up to ``MOST_CANDIDATES`` lines of the shape of a kind that stand near its place."""
    height, width = page.grey.shape
    scored = []
    for box in lines:
        wide, tall = box[2] - box[0], box[3] - box[1]
        sized = kind.height_in[0] <= tall / page.dpi <= kind.height_in[1]
        if sized and kind.aspect[0] <= wide / tall <= kind.aspect[1]:
            x = ((box[0] + box[2]) / 2.0 / width - kind.place[0]) / kind.spread[0]
            y = ((box[1] + box[3]) / 2.0 / height - kind.place[1]) / kind.spread[1]
            scored.append((-0.5 * (x * x + y * y), with_margin(box, MARGIN_IN * page.dpi, width, height)))
    return [entry for entry in sorted(scored, reverse=True)[:MOST_CANDIDATES] if entry[0] >= LEAST_LOG_PRIOR]


def check_number(found: list[Found], micr: MicrReading) -> PrintedNumber | None:
    """The printed check number: the one that agrees with the MICR line, else the one nearest to its place; leading zeros do not count."""
    stated = stated_number(micr)
    return as_printed(found, stated, lambda value: agrees_with(value, micr), f"the MICR line says {stated}")


def stated_number(micr: MicrReading) -> str | None:
    """The check number of the MICR line, None where it has none or a figure of it is unread."""
    return micr.check_number if micr.check_number and micr.check_number.isdigit() else None


def agrees_with(value: str, micr: MicrReading) -> bool:
    """Whether a printed check number is that of the MICR line; leading zeros do not count."""
    stated = stated_number(micr)
    return stated is not None and int(value) == int(stated)


def fraction(found: list[Found], micr: MicrReading) -> PrintedNumber | None:
    """The fraction: the one that agrees with the MICR routing number, else the one nearest to its place."""
    routing = micr.routing_number if micr.form != "canadian" else None
    stated = routing if routing and routing.isdigit() and len(routing) == 9 else None
    same = f"the MICR line says {stated}, which would be {int(stated[4:8])}/{int(stated[:4])}" if stated else ""
    return as_printed(found, stated, lambda value: routing_start(value) == (stated or "")[:8], same)


def routing_start(value: str) -> str | None:
    """The first eight figures of the routing number that a fraction states; None for a text that is no fraction."""
    found = _FRACTION.fullmatch(value)
    return found[3].zfill(4) + found[2].zfill(4) if found else None


def as_printed(found: list[Found], stated: str | None, agrees: Callable[[str], bool], otherwise: str) -> PrintedNumber | None:
    """The number that agrees with what the MICR line states, else the first that is sure by itself; ``otherwise`` is told of one that
    does not agree."""
    witness = next((one for one in found if stated is not None and agrees(one.value)), None)
    best = witness or next((one for one in found if one.confidence >= LEAST_ALONE), None)
    if best is None:
        return None
    same = None if stated is None else best is witness
    note = f"The print says {best.value}; {otherwise}." if same is False else None
    return PrintedNumber(best.value, best.confidence, best.polygon, same, note)
