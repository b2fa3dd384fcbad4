"""What an image test is given, and what it finds: a measured value against its limit, in a stated unit."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np

from app.reader.types import AmountReading, Box, DecodedImage, MicrReading, Page, Polygon

Side = Literal["most", "least"]


@dataclass(frozen=True, slots=True, eq=False)
class Subject:
    """One picture: the page, the picture as uploaded, and what was read on it; None for a field that was not asked for. ``amount_place``
    is the box on the page that by place and print alone is likeliest to hold the amount."""

    page: Page
    image: DecodedImage
    amount: AmountReading | None = None
    micr: MicrReading | None = None
    amount_place: Box | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """A measured ``value`` against its ``limit``, both in ``unit``; ``side`` tells whether the limit is the most or the least that
    is allowed. ``advice`` states value and limit and what to do, for when the defect is present."""

    value: float
    limit: float
    side: Side
    unit: str
    advice: str

    @property
    def excess(self) -> float:
        """How many times the value is beyond its limit; above 1 the defect is present."""
        beyond, allowed = (self.value, self.limit) if self.side == "most" else (self.limit, self.value)
        return beyond / allowed if allowed > 0.0 else (np.inf if beyond > 0.0 else 0.0)

    @property
    def present(self) -> bool:
        """Whether the value is beyond its limit."""
        return self.excess > 1.0


Measurement = Callable[[Subject], Finding | None]  # None where the test cannot be carried out


def worst(*findings: Finding | None) -> Finding | None:
    """The finding that is farthest beyond its limit, or nearest to it; None where none could be made."""
    made = [finding for finding in findings if finding is not None]
    return max(made, key=lambda finding: finding.excess) if made else None


def on_page(polygon: Polygon, page: Page) -> tuple[float, float, float, float]:
    """Left, top, right, bottom in page pixels of the box around a polygon on the picture as uploaded."""
    corners = np.array([(x, y, 1.0) for x, y in polygon]).T
    x, y, w = np.linalg.inv(page.page_to_image) @ corners
    across, down = x / w, y / w
    return float(across.min()), float(down.min()), float(across.max()), float(down.max())
