"""What every JSON document of a reading is made of: frozen objects, shares, finite numbers, corners. No number is ever NaN."""

from __future__ import annotations

import math
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from app.reader.types import Polygon


def _is_none(value: object) -> bool:
    return value is None


def left_out(description: str) -> Any:
    """A key that is left out of the JSON where it holds None."""
    return Field(default=None, exclude_if=_is_none, description=description)


Share = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
Corner = tuple[Annotated[float, Field(allow_inf_nan=False)], Annotated[float, Field(allow_inf_nan=False)]]
Corners = list[Corner]


class Document(BaseModel):
    """A frozen JSON object."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class ReasonDocument(Document):
    """Why a reading was refused or nothing was found."""

    code: str
    text: str


def points(polygon: Polygon) -> Corners:
    """A polygon or a line, to a tenth of a pixel."""
    return [(round(float(x), 1), round(float(y), 1)) for x, y in polygon]


def corners(polygon: Polygon | None) -> Corners | None:
    """A box; None where nothing was found."""
    return points(polygon) if polygon is not None else None


def share(value: float) -> float:
    """A probability: held to 0..1, six digits; what is no number is no confidence at all."""
    return round(min(1.0, max(0.0, float(value))), 6) if math.isfinite(value) else 0.0


def finite(value: float) -> float | None:
    """A number that JSON can hold, or None."""
    return float(value) if math.isfinite(value) else None
