"""The JSON form of a reading: ``from_reading(reading, include) -> CheckResponse``; used by HTTP, command line and batch.

Boxes are polygons, x before y, in pixels of the picture as uploaded (after its EXIF orientation). A part that was not
asked for (``amount``, ``micr``, ``digit``) and a list that was not included (``characters``, ``alternatives``,
``snippet_png_base64``) is left out; every other key is always there, null where there is nothing to say. No number is
ever NaN or infinite.
"""

from __future__ import annotations

import base64
import math
from collections.abc import Collection
from typing import Annotated, Literal, get_args

from pydantic import Field

from app.explanation import Explanations
from app.explanation_document import ExplanationDocument
from app.json_values import Corners, Document, ReasonDocument, Share, corners, finite, left_out, share
from app.printed_number_document import PrintedNumberDocument
from app.reader.types import (
    RGB,
    AmountReading,
    Character,
    CheckReading,
    Decision,
    DigitReading,
    FieldKind,
    ImageDescription,
    MicrReading,
    Polygon,
    QualityTest,
    Reason,
    Side,
)
from app.snippets import snippet_png

Include = Literal["characters", "alternatives", "snippets", "explanation"]
INCLUDES: tuple[Include, ...] = get_args(Include)
PlainDecimal = Annotated[str, Field(description="Plain decimal without grouping", examples=["1234.56", "75000"])]


class SymbolDocument(Document):
    """A symbol with its confidence."""

    symbol: str
    confidence: Share


class CharacterDocument(Document):
    """One character of the answer, placed on the uploaded picture."""

    symbol: str
    box: Corners
    confidence: Share
    alternatives: list[SymbolDocument] | None = left_out("Other classes for the same ink, best first")


class ValueDocument(Document):
    """Another value that the same ink may state."""

    value: str
    confidence: Share


class AmountDocument(Document):
    """The courtesy amount. ``value`` is null only where the decision is ``not_found``."""

    decision: Decision
    reason: ReasonDocument | None
    value: PlainDecimal | None
    currency: str | None
    text: str
    confidence: Share
    max_error: Share
    box: Corners | None
    characters: list[CharacterDocument] | None = left_out("With include=characters")
    alternatives: list[ValueDocument] | None = left_out("With include=alternatives; best first")
    snippet_png_base64: str | None = left_out("With include=snippets: the field cut from the uploaded picture")
    explanation: ExplanationDocument | None = left_out("With include=explanation, where the field was found")


class ParseDocument(Document):
    """One way to understand the on-us field."""

    account_number: str | None
    check_number: str | None
    why: str


class MicrDocument(Document):
    """The MICR line: as printed (``raw``), and what its fields say."""

    decision: Decision
    reason: ReasonDocument | None
    raw: str
    form: str
    confidence: Share
    max_error: Share
    routing_number: str | None
    routing_number_valid: bool | None
    account_number: str | None
    check_number: str | None
    auxiliary_on_us: str | None
    external_processing_code: str | None
    amount: str | None
    solved_by_checksum: list[int]
    parses: list[ParseDocument]
    printed_check_number: PrintedNumberDocument | None
    fractional_routing_number: PrintedNumberDocument | None
    box: Corners | None
    characters: list[CharacterDocument] | None = left_out("With include=characters")
    snippet_png_base64: str | None = left_out("With include=snippets: the field cut from the uploaded picture")
    explanation: ExplanationDocument | None = left_out("With include=explanation, where the field was found")


class DigitDocument(Document):
    """A picture of one digit."""

    decision: Decision
    reason: ReasonDocument | None
    value: str | None
    confidence: Share
    max_error: Share
    box: Corners | None
    alternatives: list[ValueDocument]
    snippet_png_base64: str | None = left_out("With include=snippets: the digit cut from the uploaded picture")
    explanation: ExplanationDocument | None = left_out("With include=explanation, where the field was found")


class QualityDocument(Document):
    """One image-quality test of X9.100-187 type 54."""

    test: str
    result: Literal["not_tested", "present", "not_present"]
    value: float | None
    limit: float | None
    unit: str | None
    advice: str | None


class ImageDocument(Document):
    """The picture as uploaded."""

    width_px: int
    height_px: int
    dpi: float | None
    skew_degrees: float
    rotation_degrees: int
    page: int
    page_count: int
    side: Side
    quality: list[QualityDocument]


class CheckResponse(Document):
    """What a reading looks like."""

    model: dict[str, str] = Field(description="Digest of each model file that read")
    amount: AmountDocument | None = left_out("The courtesy amount, where it was asked for")
    micr: MicrDocument | None = left_out("The MICR line, where it was asked for")
    digit: DigitDocument | None = left_out("The digit, where it was asked for")
    image: ImageDocument
    timings_ms: dict[str, float] = Field(description="Stage -> milliseconds, in stage order")


def from_reading(
    reading: CheckReading,
    include: Collection[str] = frozenset(),
    picture: RGB | None = None,
    explanations: Explanations | None = None,
) -> CheckResponse:
    """The JSON form of a reading.

    ``include`` names optional parts (``INCLUDES``). ``picture`` is the uploaded picture, (H, W, 3) uint8, from which
    snippets are cut: with "snippets" in ``include`` and no picture there are none; the same goes for ``explanations``.
    """
    cut_from = picture if "snippets" in include else None

    def explained(kind: FieldKind) -> ExplanationDocument | None:
        known = (explanations or {}).get(kind) if "explanation" in include else None
        return ExplanationDocument.of(known) if known else None

    return CheckResponse(
        model={model.name: model.digest for model in reading.models},
        amount=_amount(reading.amount, include, cut_from, explained("courtesy_amount")) if reading.amount else None,
        micr=_micr(reading.micr, include, cut_from, explained("micr_line")) if reading.micr else None,
        digit=_digit(reading.digit, cut_from, explained("digit")) if reading.digit else None,
        image=_image(reading.image),
        timings_ms={stage: round(spent_ms, 3) for stage, spent_ms in reading.timings_ms.items() if math.isfinite(spent_ms)},
    )


def _amount(
    amount: AmountReading, include: Collection[str], picture: RGB | None, explanation: ExplanationDocument | None
) -> AmountDocument:
    return AmountDocument(
        decision=amount.decision,
        reason=_reason(amount.reason),
        value=amount.value,
        currency=amount.currency,
        text=amount.text,
        confidence=share(amount.confidence),
        max_error=amount.max_error,
        box=corners(amount.polygon),
        characters=_characters(amount.characters, include),
        alternatives=[ValueDocument(value=other.value, confidence=share(other.confidence)) for other in amount.alternatives]
        if "alternatives" in include
        else None,
        snippet_png_base64=_snippet(picture, amount.polygon),
        explanation=explanation,
    )


def _micr(micr: MicrReading, include: Collection[str], picture: RGB | None, explanation: ExplanationDocument | None) -> MicrDocument:
    return MicrDocument(
        decision=micr.decision,
        reason=_reason(micr.reason),
        raw=micr.raw,
        form=micr.form,
        confidence=share(micr.confidence),
        max_error=micr.max_error,
        routing_number=micr.routing_number,
        routing_number_valid=micr.routing_number_valid,
        account_number=micr.account_number,
        check_number=micr.check_number,
        auxiliary_on_us=micr.auxiliary_on_us,
        external_processing_code=micr.external_processing_code,
        amount=micr.amount,
        solved_by_checksum=list(micr.solved_by_checksum),
        parses=[ParseDocument(account_number=p.account_number, check_number=p.check_number, why=p.why) for p in micr.parses],
        printed_check_number=PrintedNumberDocument.of(micr.printed_check_number),
        fractional_routing_number=PrintedNumberDocument.of(micr.fractional_routing_number),
        box=corners(micr.polygon),
        characters=_characters(micr.characters, include),
        snippet_png_base64=_snippet(picture, micr.polygon),
        explanation=explanation,
    )


def _digit(digit: DigitReading, picture: RGB | None, explanation: ExplanationDocument | None) -> DigitDocument:
    return DigitDocument(
        decision=digit.decision,
        reason=_reason(digit.reason),
        value=digit.value,
        confidence=share(digit.confidence),
        max_error=digit.max_error,
        box=corners(digit.polygon),
        alternatives=[ValueDocument(value=symbol, confidence=share(confidence)) for symbol, confidence in digit.alternatives],
        snippet_png_base64=_snippet(picture, digit.polygon),
        explanation=explanation,
    )


def _image(image: ImageDescription) -> ImageDocument:
    return ImageDocument(
        width_px=image.width_px,
        height_px=image.height_px,
        dpi=finite(image.dpi),
        skew_degrees=finite(image.skew_degrees) or 0.0,
        rotation_degrees=image.rotation_degrees,
        page=image.page_index,
        page_count=image.page_count,
        side=image.side,
        quality=[_quality(test) for test in image.quality.tests],
    )


def _quality(test: QualityTest) -> QualityDocument:
    return QualityDocument(
        test=test.test,
        result=test.result,
        value=finite(test.value),
        limit=finite(test.limit),
        unit=test.unit,
        advice=test.advice,
    )


def _reason(reason: Reason | None) -> ReasonDocument | None:
    return ReasonDocument(code=reason.code, text=reason.text) if reason else None


def _characters(characters: tuple[Character, ...], include: Collection[str]) -> list[CharacterDocument] | None:
    if "characters" not in include:
        return None
    return [
        CharacterDocument(
            symbol=character.symbol,
            box=corners(character.polygon) or [],
            confidence=share(character.confidence),
            alternatives=[SymbolDocument(symbol=symbol, confidence=share(confidence)) for symbol, confidence in character.alternatives]
            if "alternatives" in include
            else None,
        )
        for character in characters
    ]


def _snippet(picture: RGB | None, polygon: Polygon | None) -> str | None:
    return base64.b64encode(snippet_png(picture, polygon)).decode("ascii") if picture is not None and polygon is not None else None
