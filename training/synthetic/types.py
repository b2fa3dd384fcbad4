"""Values that the synthetic drawings hand to training: a field with the owner of every ink pixel.

Pictures are (H, W) uint8 with dark ink on bright paper; boxes are half-open (left, top, right, bottom) in pixels of the
picture.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from app.reader.types import AmountFormat, Box, Grey


@dataclass(frozen=True, slots=True)
class SyntheticCharacter:
    """One mark: a symbol of the alphabet, or "stray"; its tight ink box, (0, 0, 0, 0) where it fell outside."""

    symbol: str
    box: Box


@dataclass(frozen=True, slots=True, eq=False)
class SyntheticField:
    """A drawn field. ``owner[y, x] == i + 1`` where the pixel is ink of ``characters[i]``, 0 elsewhere."""

    picture: Grey  # (H, W), paper bright
    owner: npt.NDArray[np.int32]  # (H, W)
    characters: tuple[SyntheticCharacter, ...]  # left to right
    text: str  # the characters' symbols, strays left out
    value: str  # plain decimal
    amount_format: AmountFormat | None  # None for a MICR line
