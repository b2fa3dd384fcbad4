"""The line grammar of E-13B, and path -> raw line with its spaces.

Any order of digits and symbols is let through, for banks use the on-us field as they like; what the line means is
settled afterwards, from its text (``micr.py``).
"""

from __future__ import annotations

import re
from functools import cache

import numpy as np

from app.reader.grammar import Grammar, compile_grammar, one_of, repeated
from app.reader.micr_band import PITCH_PER_HEIGHT
from app.reader.types import Path, SegmentationLattice

SYMBOLS = "0123456789⑆⑇⑈⑉"
UNREAD_BELOW = 0.5  # a character less sure than this is shown as unread
UNREAD = "*"


@cache
def line_grammar() -> Grammar:
    """Four or more E-13B characters."""
    return compile_grammar(repeated(one_of(SYMBOLS), 4))


def pitch_px(lattice: SegmentationLattice, path: Path) -> float:
    """Pixels per character position: from the right edges of neighbouring characters, near 1.068 mark heights."""
    nominal = PITCH_PER_HEIGHT * lattice.digit_height_px
    rights = np.array([lattice.boxes[c.arc][2] for c in path.characters], np.float64)
    gaps = np.diff(rights)
    near = gaps[(gaps > 0.8 * nominal) & (gaps < 1.25 * nominal)]
    return float(np.median(near)) if len(near) >= 3 else nominal


def raw_line(lattice: SegmentationLattice, path: Path) -> str:
    """The line as printed: one space where the print leaves one or more positions free, "*" for unread characters. An unread mark
    that stands alone at either end, apart from the line, is none of its characters: a corner of a frame, a speck."""
    pitch = pitch_px(lattice, path)
    out: list[str] = []
    before: float | None = None
    for character in path.characters:
        left, _, right, _ = (float(v) for v in lattice.boxes[character.arc])
        if before is not None and ((left + right) / 2.0 - before) / pitch > 1.62:
            out.append(" ")
        out.append(character.symbol if character.confidence >= UNREAD_BELOW else UNREAD)
        before = (left + right) / 2.0
    return re.sub(rf"^\{UNREAD} | \{UNREAD}$", "", "".join(out))
