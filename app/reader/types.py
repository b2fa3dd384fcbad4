"""Every value that flows between the stages of a reading, in flow order; and the recogniser that the reader asks.

Arrays: rows before columns. Ink is *dark* in pictures (``DecodedImage.rgb``, ``Page.grey``) and *bright* in ink maps
and patches (ink = 1.0, paper = 0.0). Boxes are half-open ``(left, top, right, bottom)`` in the pixels of the frame
that the docstring names; polygons are ``(x, y)`` corners in pixels of the picture as uploaded (after its EXIF
orientation). Values are frozen; those that hold an array compare by identity.
"""

from __future__ import annotations

import enum
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, Protocol

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from app.reader.printed_numbers import PrintedNumber
    from app.reader.second_reader import SecondReaderInfo

from app.errors import InvalidParameter

RGB = npt.NDArray[np.uint8]  # (H, W, 3), paper bright
Grey = npt.NDArray[np.uint8]  # (H, W), paper bright, ink dark
Ink = npt.NDArray[np.float32]  # (H, W), 0..1, ink = 1.0, paper = 0.0
Patches = npt.NDArray[np.float32]  # (A, 1, 32, 32), ink of the arc = 1.0, paper = 0.0, neighbouring ink < 0
LogProbs = npt.NDArray[np.float32]  # (A, C): natural log of P(class c | patch a); each row sums to one in exp
Matrix = npt.NDArray[np.float64]  # (3, 3) homogeneous transform, (x, y, 1) columns

Box = tuple[int, int, int, int]  # left, top, right, bottom; half-open
Point = tuple[float, float]  # x, y
Polygon = tuple[Point, ...]

PATCH_SIDE_PX = 32

FieldKind = Literal["courtesy_amount", "micr_line", "digit"]
ModelName = Literal["courtesy_amount", "micr_e13b"]
AmountFormat = Literal["us", "in", "plain"]
AmountFormatChoice = Literal["auto", "us", "in", "plain"]
Decision = Literal["accepted", "refused", "not_found"]
Side = Literal["front", "back", "unknown"]

FIELD_KINDS: tuple[FieldKind, ...] = ("courtesy_amount", "micr_line", "digit")
AMOUNT_FORMATS: tuple[AmountFormat, ...] = ("us", "in", "plain")
AMOUNT_FORMAT_CHOICES: tuple[AmountFormatChoice, ...] = ("auto", *AMOUNT_FORMATS)
MODEL_OF_FIELD: Mapping[FieldKind, ModelName] = {
    "courtesy_amount": "courtesy_amount",
    "micr_line": "micr_e13b",
    "digit": "courtesy_amount",
}

RUBBISH = "rubbish"  # class of pieces and pairs of characters: never on a path
STRAY = "stray"  # class of whole marks that are no character (line rests, specks): may be stepped over

DEFAULT_MAX_ERROR = 0.01
LEAST_BOX_PX = 8  # of a box that a caller gives


class Scope(enum.Enum):
    """What the picture shows: a whole check, or one cut-out field that is read from ``locate`` on."""

    CHECK = "check"
    COURTESY_AMOUNT = "courtesy_amount"
    MICR_LINE = "micr_line"
    DIGIT = "digit"


@dataclass(frozen=True, slots=True)
class AmountPlace:
    """Where a check stock has its amount, in inches: the lower right corner of the box from that of the check, and its size."""

    right_in: float
    bottom_in: float
    width_in: float
    height_in: float


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """What is asked of one reading. Raises ``InvalidParameter`` for values outside their range."""

    scope: Scope = Scope.CHECK
    fields: tuple[FieldKind, ...] = ("courtesy_amount", "micr_line")  # used for Scope.CHECK
    amount_format: AmountFormatChoice = "auto"  # "auto": by the form of the MICR line, else by what the amount looks like
    max_error: float = DEFAULT_MAX_ERROR  # share of wrong answers among all fields, 0 < max_error <= 1
    page_index: int = 0
    amount_box: tuple[float, float, float, float] | None = None  # left, top, right, bottom of the amount in pixels of the picture
    amount_place: AmountPlace | None = None  # of the check stock, where no box is given

    def __post_init__(self) -> None:
        if not 0.0 < self.max_error <= 1.0:
            raise InvalidParameter(f"max_error must be greater than 0 and at most 1; given: {self.max_error}")
        if self.amount_format not in AMOUNT_FORMAT_CHOICES:
            raise InvalidParameter(f"amount_format must be one of {', '.join(AMOUNT_FORMAT_CHOICES)}; given: {self.amount_format}")
        if not self.fields or any(kind not in FIELD_KINDS for kind in self.fields):
            raise InvalidParameter(f"fields must name some of {', '.join(FIELD_KINDS)}; given: {', '.join(self.fields) or 'none'}")
        left, top, right, bottom = self.amount_box or (0.0, 0.0, LEAST_BOX_PX, LEAST_BOX_PX)
        if not (math.isfinite(left + top + right + bottom) and min(right - left, bottom - top) >= LEAST_BOX_PX):
            raise InvalidParameter(f"amount_box must be left,top,right,bottom, at least {LEAST_BOX_PX} pixels wide and high")
        if self.page_index < 0:
            raise InvalidParameter(f"page must be 0 or greater; given: {self.page_index}")


@dataclass(frozen=True, slots=True, eq=False)
class DecodedImage:
    """One page of an uploaded file, upright by its EXIF orientation.

    ``rgb`` is (H, W, 3) uint8, paper bright. ``dpi`` is what the file states, 0.0 where it states nothing usable.
    ``bitonal`` is true where the file held one bit per pixel.
    """

    rgb: RGB
    dpi: float
    bitonal: bool
    format: str  # "JPEG", "PNG", "TIFF", …
    page_index: int
    page_count: int

    @property
    def width_px(self) -> int:
        return int(self.rgb.shape[1])

    @property
    def height_px(self) -> int:
        return int(self.rgb.shape[0])


@dataclass(frozen=True, slots=True)
class MicrBand:
    """A row of marks that may be a MICR line: ``box`` in page pixels, ``pitch_px`` per character, ``slope`` dy/dx, ``regularity`` 0..1."""

    box: Box
    mark_height_px: float
    pitch_px: float
    slope: float
    mark_count: int
    regularity: float

    @property
    def score(self) -> float:
        """Marks that keep the pitch."""
        return self.mark_count * self.regularity

    @property
    def trusted(self) -> bool:
        """Whether the row is a MICR line beyond doubt, so that its slope is the skew of the page."""
        return self.mark_count >= 12 and self.regularity >= 0.75


@dataclass(frozen=True, slots=True, eq=False)
class Page:
    """The picture made even: deskewed, at working resolution, with an ink map.

    ``grey`` and ``ink`` are (H, W) in *page pixels*; ``page_to_image`` maps page (x, y, 1) to pixels of the picture
    as uploaded. ``dpi`` is the resolution of the page frame in dots per inch (from the MICR pitch, the file, or an
    assumed check length: ``dpi_source``).
    """

    grey: Grey
    ink: Ink
    frames: npt.NDArray[np.bool_]  # (H, W): pixels of printed boxes and long lines; all false on pictures of one field
    page_to_image: Matrix
    dpi: float
    dpi_source: Literal["micr_pitch", "file", "assumed"]
    skew_degrees: float  # of the picture as uploaded, counter-clockwise positive
    rotation_degrees: int  # 0, 90, 180 or 270 that was undone, clockwise
    outline: Polygon = ()  # corners of the check in the picture as uploaded, where a background is seen around it
    has_micr_line: bool = False  # false for a back, and for a front whose line cannot be seen
    micr_bands: tuple[MicrBand, ...] = ()  # of a whole check, best first


@dataclass(frozen=True, slots=True)
class QualityTest:
    """One image-quality test in the terms of X9.100-187 type 54."""

    test: str  # e.g. "too_light_or_too_dark"
    result: Literal["not_tested", "present", "not_present"]
    value: float
    limit: float
    advice: str | None
    unit: str | None = None  # of value and limit; None where it was not tested


@dataclass(frozen=True, slots=True)
class ImageQuality:
    tests: tuple[QualityTest, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Field:
    """A candidate region on the page, to be read before it is believed.

    ``box`` is in page pixels; ``ink`` is the ink map inside it, (H, W); ``log_prior`` is the natural log of the prior
    belief that this is the field of its kind, from place and size alone; ``scale`` is pixels of ``ink`` per page pixel.
    """

    kind: FieldKind
    box: Box
    ink: Ink
    log_prior: float
    scale: float = 1.0


@dataclass(frozen=True, slots=True, eq=False)
class SegmentationLattice:
    """Candidate cuts (nodes) and candidate characters (arcs) of one field.

    The *lattice frame* is the field deslanted: ``lattice_to_page`` maps its (x, y, 1) to page pixels. ``pieces`` is
    (H, W) int32: the number, from 1 on and from left to right, of the piece of ink that a pixel belongs to; 0 = none.
    Node k lies between piece k and piece k + 1, so node 0 is the left end and node ``piece_count`` the right end.
    Arc a is the ink of pieces ``source[a] + 1 .. target[a]``, ``boxes[a]`` its tight box.
    """

    field: Field
    ink: Ink  # (H, W) in the lattice frame
    pieces: npt.NDArray[np.int32]  # (H, W)
    piece_boxes: npt.NDArray[np.int32]  # (P, 4) left, top, right, bottom
    source: npt.NDArray[np.int32]  # (A,) node where the arc begins
    target: npt.NDArray[np.int32]  # (A,) node where the arc ends, > source
    boxes: npt.NDArray[np.int32]  # (A, 4) left, top, right, bottom, lattice frame, half-open
    digit_height_px: float  # height of a digit of this field
    midline_px: float  # y of the middle of the digits
    lattice_to_page: Matrix

    @property
    def piece_count(self) -> int:
        return len(self.piece_boxes)

    @property
    def arc_count(self) -> int:
        return len(self.source)


@dataclass(frozen=True, slots=True)
class Alphabet:
    """The classes of a recogniser in the order of its outputs; ``symbols[c]`` is the text of class c."""

    symbols: tuple[str, ...]

    def __post_init__(self) -> None:
        if RUBBISH not in self.symbols or len(set(self.symbols)) != len(self.symbols):
            raise ValueError(f"an alphabet has distinct symbols and a {RUBBISH} class; given: {self.symbols}")

    def __len__(self) -> int:
        return len(self.symbols)

    def index(self, symbol: str) -> int:
        return self.symbols.index(symbol)


@dataclass(frozen=True, slots=True)
class ModelInfo:
    """What a model file says of itself. ``thresholds`` maps a stated error rate to the least confidence accepted."""

    name: ModelName
    digest: str  # "sha256:…" of the file
    version: str
    alphabet: Alphabet
    thresholds: tuple[tuple[float, float], ...]  # (max_error, least confidence), by rising max_error
    calibration: tuple[float, float]  # confidence = sigmoid(slope * logit(posterior) + intercept): (slope, intercept)

    @property
    def symbols(self) -> tuple[str, ...]:
        """All classes as text."""
        return self.alphabet.symbols


class Recogniser(Protocol):
    """Turns patches into class log-probabilities. Owned by the reader, implemented by ``app.inference``."""

    def info(self, model: ModelName) -> ModelInfo:
        """Alphabet, digest and thresholds of one model."""

    def score(self, patches: Patches, model: ModelName) -> LogProbs:
        """Log-probabilities (A, C) of patches (A, 1, 32, 32); A may be 0. Thread-safe."""


@dataclass(frozen=True, slots=True)
class CharacterHypothesis:
    """One arc of a path with its class: ``arc`` indexes the lattice, ``confidence`` is P(symbol | arc)."""

    symbol: str
    arc: int
    confidence: float
    alternatives: tuple[tuple[str, float], ...]  # (symbol, confidence), best first, without ``symbol``


@dataclass(frozen=True, slots=True)
class Path:
    """A path through the lattice that the grammar accepts.

    ``log_score`` is the sum of arc scores (log odds of character against rubbish); ``log_posterior`` the natural log
    of the share that all paths of the same ``text`` value have in the forward sum over all accepted paths.
    """

    characters: tuple[CharacterHypothesis, ...]
    text: str
    log_score: float
    log_posterior: float


@dataclass(frozen=True, slots=True, eq=False)
class FieldEvidence:
    """All that was considered for one candidate field: for explanations, training and tests."""

    lattice: SegmentationLattice
    log_probs: LogProbs  # (A, C)
    paths: tuple[Path, ...]  # best first, distinct values; empty where nothing was accepted by the grammar
    chosen: bool
    amount_format: AmountFormat = "us"  # of the grammar that the paths of an amount were found with
    second: tuple[float, ...] = ()  # log-probability that the second reader gives each path's text; empty where it was not asked


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a reading was refused or nothing was found: a stable code, and a sentence for a person."""

    code: str
    text: str


@dataclass(frozen=True, slots=True)
class Character:
    """One character of an answer, placed on the uploaded picture."""

    symbol: str
    polygon: Polygon
    confidence: float
    alternatives: tuple[tuple[str, float], ...]


@dataclass(frozen=True, slots=True)
class AmountAlternative:
    value: str
    confidence: float


@dataclass(frozen=True, slots=True)
class AmountReading:
    """``value`` is a plain decimal ("1234.56", whole for ``plain``), None only when not found; ``cents`` the same as
    integer cents (for ``plain``: whole units times 100)."""

    decision: Decision
    reason: Reason | None
    value: str | None
    cents: int | None
    currency: str | None  # ISO 4217, None for ``plain``
    text: str  # as read, with signs and separators
    confidence: float
    max_error: float
    polygon: Polygon | None
    characters: tuple[Character, ...]
    alternatives: tuple[AmountAlternative, ...]


@dataclass(frozen=True, slots=True)
class MicrParse:
    """One way to understand the on-us field, with its reason."""

    account_number: str | None
    check_number: str | None
    why: str


@dataclass(frozen=True, slots=True)
class MicrReading:
    decision: Decision
    reason: Reason | None
    raw: str  # ⑆ transit, ⑇ amount, ⑈ on-us, ⑉ dash; "*" = unread; single spaces where the print leaves a gap
    form: str  # "us_personal", "us_business", "canadian", "indian_cts", "unknown"
    confidence: float
    max_error: float
    polygon: Polygon | None
    characters: tuple[Character, ...]
    routing_number: str | None
    routing_number_valid: bool | None  # None where no checksum exists
    account_number: str | None
    check_number: str | None
    auxiliary_on_us: str | None
    external_processing_code: str | None
    amount: str | None  # MICR amount field as a plain decimal
    solved_by_checksum: tuple[int, ...]  # positions in routing_number, from 0
    parses: tuple[MicrParse, ...]
    printed_check_number: PrintedNumber | None = None  # in ordinary print, where it was found
    fractional_routing_number: PrintedNumber | None = None


@dataclass(frozen=True, slots=True)
class DigitReading:
    decision: Decision
    reason: Reason | None
    value: str | None  # one of "0".."9"
    confidence: float
    max_error: float
    polygon: Polygon | None
    alternatives: tuple[tuple[str, float], ...]


@dataclass(frozen=True, slots=True)
class ImageDescription:
    width_px: int
    height_px: int
    dpi: float
    skew_degrees: float
    rotation_degrees: int
    page_index: int
    page_count: int
    quality: ImageQuality
    side: Side = "unknown"  # of the check that the picture shows


@dataclass(frozen=True, slots=True, eq=False)
class CheckReading:
    """The answer. A part that was not asked for is None."""

    models: tuple[ModelInfo | SecondReaderInfo, ...]
    amount: AmountReading | None
    micr: MicrReading | None
    digit: DigitReading | None
    image: ImageDescription
    timings_ms: Mapping[str, float]  # stage -> milliseconds, in stage order
    evidence: tuple[FieldEvidence, ...] = field(default=())
    page: Page | None = None  # for explanations; never serialised
