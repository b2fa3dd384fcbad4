"""Pydantic models of the HTTP edge: the queries that come in, and what goes out beside a reading (``app.response``)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from app.errors import InvalidParameter
from app.reader.layouts import NAME
from app.reader.second_reader import SecondReaderInfo
from app.reader.types import AMOUNT_FORMAT_CHOICES, AmountFormatChoice, FieldKind, ModelInfo, ReadOptions, Scope
from app.response import INCLUDES, Include

CheckField = Literal["courtesy_amount", "micr_line"]
CHECK_FIELDS: tuple[CheckField, ...] = ("courtesy_amount", "micr_line")
UNKNOWN_PARAMETER = "unknown_parameter"

ALLOWED: Mapping[str, str] = {
    "fields": f"one or both of {', '.join(CHECK_FIELDS)}, with commas between",
    "amount_format": f"one of {', '.join(AMOUNT_FORMAT_CHOICES)}",
    "max_error": "a number greater than 0 and at most 1",
    "include": f"some of {', '.join(INCLUDES)}, with commas between",
    "page": "a whole number from 0 to 99999",
    "character": "a whole number from 0 to 999",
    "amount_box": "four numbers left,top,right,bottom in pixels of the picture",
    "layout": "the name of a layout: 1 to 64 letters, digits, dots, dashes and underlines",
}


def _split(value: object) -> object:
    """Words from ``a,b`` and from repeated parameters alike."""
    parts = [value] if isinstance(value, str) else value
    if not isinstance(parts, list) or not all(isinstance(part, str) for part in parts):
        return value
    return list(dict.fromkeys(word for part in parts for word in part.split(",") if word))


Words = BeforeValidator(_split)


def _four_numbers(value: object) -> object:
    """``812,214,1088,262`` as its parts; a parameter that can have several values comes as a list."""
    parts = [value] if isinstance(value, str) else value
    if not isinstance(parts, list | tuple) or not all(isinstance(part, str) for part in parts):
        return value
    return [number for part in parts for number in part.split(",")]


Corners = Annotated[tuple[float, float, float, float], BeforeValidator(_four_numbers)]


class FieldQuery(BaseModel):
    """What may be asked of every reading."""

    model_config = ConfigDict(frozen=True)

    max_error: Annotated[float, Field(gt=0, le=1, allow_inf_nan=False)] | None = Field(
        None, description="Stated share of wrong answers among all fields, 0 < max_error <= 1; unset = the service's own", examples=[0.01]
    )
    include: Annotated[list[Include], Words] = Field(
        [], description=f"Optional parts of the answer: {', '.join(INCLUDES)}; with commas between or repeated", examples=[["characters"]]
    )
    page: int = Field(0, ge=0, le=99_999, description="Page of a multi-page file, from 0 on")
    character: int | None = Field(
        None,
        ge=0,
        le=999,
        description="With include=explanation: the character, from 0 on, that the network is shown on; it counts in the amount, or in "
        "the MICR line or the digit where no amount is asked for; unset = the first",
    )

    @model_validator(mode="before")
    @classmethod
    def _refuse_unknown(cls, values: Any) -> Any:
        unknown = sorted(set(values) - set(cls.model_fields)) if isinstance(values, Mapping) else []
        if unknown:
            shown = ", ".join("".join(c if c.isprintable() else "?" for c in name[:40]) for name in unknown[:5])
            known = ", ".join(cls.model_fields)
            raise PydanticCustomError(
                UNKNOWN_PARAMETER, "Unknown query parameter {shown}; known: {known}", {"shown": shown, "known": known}
            )
        return values

    def options(self, scope: Scope, max_error: float) -> ReadOptions:
        """The reading that is asked for; ``max_error`` holds where the query names none."""
        return ReadOptions(scope=scope, max_error=self.max_error or max_error, page_index=self.page)


class AmountQuery(FieldQuery):
    """What may be asked of a courtesy amount."""

    amount_format: AmountFormatChoice = Field(
        "auto", description="us = dollars and cents, in = rupees, plain = whole numbers; auto = by the MICR line and the signs"
    )

    def options(self, scope: Scope, max_error: float) -> ReadOptions:
        """As above, in the notation that was asked for."""
        return ReadOptions(scope=scope, amount_format=self.amount_format, max_error=self.max_error or max_error, page_index=self.page)


class CheckQuery(AmountQuery):
    """What may be asked of a whole check."""

    fields: Annotated[list[CheckField], Words, Field(min_length=1)] = Field(
        list(CHECK_FIELDS), description="The fields to read, with commas between or repeated", examples=[list(CHECK_FIELDS)]
    )

    amount_box: Corners | None = Field(
        None,
        description="Where the amount stands, if you know it: left,top,right,bottom in pixels of the picture",
        examples=["812,214,1088,262"],
    )

    layout: str | None = Field(
        None,
        pattern=NAME,
        description="The check stock, by the name of its layout in the service's folder: where its amount stands; not with amount_box",
        examples=["cts_2010"],
    )

    def options(self, scope: Scope, max_error: float) -> ReadOptions:
        """As above, for the fields that were asked for. Raises ``InvalidParameter`` where a box and a layout are given."""
        if self.amount_box is not None and self.layout is not None:
            raise InvalidParameter("amount_box and layout both say where the amount stands: give one of them.")
        asked = super().options(scope, max_error)
        kinds: tuple[FieldKind, ...] = tuple(self.fields)
        return replace(asked, fields=kinds, amount_box=self.amount_box)


class Problem(BaseModel):
    """An error, as RFC 9457 problem details. ``code`` is stable; ``title`` and ``detail`` are for people."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    instance: str | None = None


class ThresholdDocument(BaseModel):
    """The least confidence that is accepted where at most ``max_error`` of all fields may be wrong."""

    max_error: float
    least_confidence: float


class ModelDocument(BaseModel):
    """What a model file says of itself."""

    digest: str
    version: str
    alphabet: list[str]
    thresholds: list[ThresholdDocument]

    @classmethod
    def of(cls, info: ModelInfo | SecondReaderInfo) -> Self:
        """The document of one model."""
        thresholds = [ThresholdDocument(max_error=stated, least_confidence=least) for stated, least in info.thresholds]
        return cls(digest=info.digest, version=info.version, alphabet=list(info.symbols), thresholds=thresholds)


class ModelsDocument(BaseModel):
    """The models that read, by name, and where they run."""

    version: str = Field(description="Version of the service")
    device: Literal["cpu", "cuda"]
    models: dict[str, ModelDocument]


class StatusDocument(BaseModel):
    """Answer of a probe."""

    status: Literal["alive", "ready"]


class PointerDocument(BaseModel):
    """Where to go from here."""

    name: str
    version: str
    openapi: str
    read: dict[str, str]
    probes: list[str]
