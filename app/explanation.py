"""Why a reading says what it says: the cuts, the winning path, its runner-up, and what LeNet-5 saw of one character.

CheckReading.evidence ─explain_reading→ FieldExplanation per field → JSON (``app.explanation_document``), picture (``app.explain``)

All lines and boxes are in pixels of the picture as uploaded, x before y.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from app.errors import InvalidParameter, NotExplainable
from app.reader.cut_lines import cut_lines
from app.reader.interpretation import by_value, polygons_of
from app.reader.network_view import ExplainableRecogniser, FeatureMaps, FirstFilters
from app.reader.patches import patches
from app.reader.types import (
    MODEL_OF_FIELD,
    CheckReading,
    FieldEvidence,
    FieldKind,
    Page,
    Path,
    Point,
    Polygon,
    ReadOptions,
    Recogniser,
    SegmentationLattice,
)
from app.reader.viterbi import arc_scores

NAME_OF_FIELD = {"courtesy_amount": "amount", "micr_line": "MICR line", "digit": "digit"}


@dataclass(frozen=True, slots=True)
class ExplainedArc:
    """One character of a path: the ink between two cuts, taken for ``symbol``."""

    symbol: str
    source: int  # number of the cut where it begins
    target: int  # number of the cut where it ends, > source
    polygon: Polygon
    log_score: float  # log odds of the symbol against rubbish: what the arc adds to the score of its path
    probability: float  # P(symbol | ink of the arc)


@dataclass(frozen=True, slots=True)
class ExplainedPath:
    """A path through the lattice. ``stepped_over`` is ink that the path takes for no character."""

    text: str
    log_score: float
    posterior: float  # share of this text among all paths that the grammar accepts: LeNet-5's own opinion, uncalibrated
    arcs: tuple[ExplainedArc, ...]
    stepped_over: tuple[Polygon, ...]


@dataclass(frozen=True, slots=True, eq=False)
class ExplainedCharacter:
    """What the network saw of one character of the winning path. ``symbols`` are the classes of ``maps.log_probs``."""

    index: int
    symbol: str
    polygon: Polygon
    maps: FeatureMaps
    filters: FirstFilters
    symbols: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class FieldExplanation:
    """One field. ``cuts[k]`` is the line of node k; ``network`` is there for the field that the character was chosen in."""

    kind: FieldKind
    cuts: tuple[Polygon, ...]
    winner: ExplainedPath
    runner_up: ExplainedPath | None
    network: ExplainedCharacter | None
    network_missing: str | None  # why there is no network where one was asked for


Explanations = dict[FieldKind, FieldExplanation]


def explain_reading(reading: CheckReading, recogniser: Recogniser, options: ReadOptions, character: int | None = None) -> Explanations:
    """The explanation of every field that was found.

    ``character`` counts from 0 in the amount, or in the MICR line or the digit where no amount was asked for; None is the first
    one, if there is one. Raises ``InvalidParameter`` where there is no such character.
    """
    read = (item for item in reading.evidence if item.chosen and item.paths)
    chosen = {item.lattice.field.kind: item for item in read if asked_for(item.lattice.field.kind, reading)}
    first = field_of_character(reading)
    rivals = {kind: rival_paths(item, reading, options) for kind, item in chosen.items()}
    count = len(rivals[first][0].characters) if first in rivals else 0
    if character is not None and not 0 <= character < count:
        raise InvalidParameter(f"character must be {allowed(count, NAME_OF_FIELD[first])}; given: {character}")
    found: Explanations = {}
    for kind, item in chosen.items():
        if reading.page is not None:
            index = (character or 0) if kind == first and count else None
            found[kind] = explain_field(item, rivals[kind], reading.page, recogniser, index)
    return found


def field_of_character(reading: CheckReading) -> FieldKind:
    """The field that ``character`` counts in: the first that was asked for."""
    if reading.amount is not None:
        return "courtesy_amount"
    return "micr_line" if reading.micr is not None else "digit"


def asked_for(kind: FieldKind, reading: CheckReading) -> bool:
    """Whether the reading has an answer for this kind of field."""
    return {"courtesy_amount": reading.amount, "micr_line": reading.micr, "digit": reading.digit}[kind] is not None


def allowed(count: int, field: str) -> str:
    """Which characters there are."""
    if count == 0:
        return f"left out: no {field} was read, so it has 0 characters"
    return f"0 to {count - 1}: the {field} has {count} characters" if count > 1 else f"0: the {field} has 1 character"


def rival_paths(item: FieldEvidence, reading: CheckReading, options: ReadOptions) -> tuple[Path, ...]:
    """The winning path and, if there is one, the runner-up: the best path of another value, or else of another text."""
    best, *others = item.paths
    amount = reading.amount
    if item.lattice.field.kind == "courtesy_amount" and amount is not None:
        path_of = {value: path for value, _, path, _ in by_value(item.paths, item.amount_format)}
        best = path_of.get(amount.value or "", best)
        others = [path_of[other.value] for other in amount.alternatives if other.value in path_of]
    rivals = others or [path for path in item.paths if path.text != best.text]
    return (best, *rivals[:1])


def explain_field(
    item: FieldEvidence, rivals: tuple[Path, ...], page: Page, recogniser: Recogniser, character: int | None
) -> FieldExplanation:
    """Cuts and paths of one field, and the network on one character of its winning path (None: on none)."""
    lattice = item.lattice
    alphabet = recogniser.info(MODEL_OF_FIELD[lattice.field.kind]).alphabet
    scores = arc_scores(item.log_probs, alphabet)
    paths = [explain_path(path, lattice, page, scores, alphabet.symbols) for path in rivals]
    network, missing = None, None
    if character is not None:
        try:
            network = explain_character(lattice, rivals[0], page, recogniser, character)
        except NotExplainable as reason:
            missing = reason.detail
    cuts = tuple(tuple(on_picture(point, lattice, page) for point in line) for line in cut_lines(lattice))
    return FieldExplanation(lattice.field.kind, cuts, paths[0], paths[1] if len(paths) > 1 else None, network, missing)


def explain_path(path: Path, lattice: SegmentationLattice, page: Page, scores: np.ndarray, symbols: tuple[str, ...]) -> ExplainedPath:
    """The arcs of a path with their scores (A, C), and the ink between them."""
    arcs = tuple(
        ExplainedArc(
            symbol=c.symbol,
            source=int(lattice.source[c.arc]),
            target=int(lattice.target[c.arc]),
            polygon=box_polygon(lattice.boxes[c.arc], lattice, page),
            log_score=float(scores[c.arc, symbols.index(c.symbol)]),
            probability=c.confidence,
        )
        for c in path.characters
    )
    ends = [0, *(arc.target for arc in arcs)]
    begins = [*(arc.source for arc in arcs), lattice.piece_count]
    skipped = [piece for end, begin in zip(ends, begins, strict=True) for piece in range(end, begin)]
    over = tuple(box_polygon(lattice.piece_boxes[piece], lattice, page) for piece in skipped)
    return ExplainedPath(path.text, path.log_score, math.exp(path.log_posterior), arcs, over)


def explain_character(lattice: SegmentationLattice, path: Path, page: Page, recogniser: Recogniser, index: int) -> ExplainedCharacter:
    """What the network answers, layer by layer, to one character of a path. Raises ``NotExplainable``."""
    if not isinstance(recogniser, ExplainableRecogniser):
        raise NotExplainable("this recogniser does not show its layers")
    model = MODEL_OF_FIELD[lattice.field.kind]
    character = path.characters[index]
    return ExplainedCharacter(
        index=index,
        symbol=character.symbol,
        polygon=box_polygon(lattice.boxes[character.arc], lattice, page),
        maps=recogniser.feature_maps(patches(lattice)[character.arc], model),
        filters=recogniser.first_filters(model),
        symbols=recogniser.info(model).alphabet.symbols,
    )


def box_polygon(box: np.ndarray, lattice: SegmentationLattice, page: Page) -> Polygon:
    """Corners of a box (4,) of the lattice frame on the uploaded picture."""
    left, top, right, bottom = (float(side) for side in box)
    return polygons_of(np.array([[left, top, right, bottom]]), page.page_to_image @ lattice.lattice_to_page)[0]


def on_picture(point: Point, lattice: SegmentationLattice, page: Page) -> Point:
    """A point of the lattice frame on the uploaded picture, to a tenth of a pixel."""
    x, y, w = page.page_to_image @ lattice.lattice_to_page @ np.array([*point, 1.0])
    return round(float(x / w), 1), round(float(y / w), 1)
