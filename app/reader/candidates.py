"""The candidates that were read, which one wins, and when enough of them were read.

Candidates are read in the order of their prior. One that stands where amounts stand and reads well ends the search: what lies
farther off could only win by reading better still, and so do dates and check numbers that are printed in large type. Where the first
ones read badly all are read, and the best reading over all of them wins (the cascade of the 1998 reader).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from app.reader.types import AmountFormat, FieldEvidence, FieldKind

SETTLED_SCORE = 10.0  # of an amount that ends the search; the right ones of real checks reach 10 to 24, other lines seldom 8
SURE, SETTLED_CHARACTERS, SETTLED_SHARE = 0.9, 15, 0.9  # of a MICR line that ends the search
LONE_DIGIT = 10.0  # of an amount of one figure: far more often the rest of it was not seen
BAND_WEIGHT = 8.0  # of the prior of a MICR band, which says how well its marks keep the pitch, against one sure character
LOG_PRIOR: Mapping[AmountFormat, float] = {"us": 0.0, "in": -1.0, "plain": -2.0}  # of a picture without a MICR line; ours


@dataclass(frozen=True, slots=True, eq=False)
class Candidates:
    """What was read so far: ``bare`` candidates for the amount without their paths, ``amounts`` as each notation that is tried reads
    them, in one order, and the ``others``."""

    bare: tuple[FieldEvidence, ...] = ()
    amounts: Mapping[AmountFormat, tuple[FieldEvidence, ...]] = field(default_factory=dict)
    others: tuple[FieldEvidence, ...] = ()

    def settled(self, kind: FieldKind) -> bool:
        """Whether a candidate of the kind reads so well that the rest need not be read."""
        if kind != "courtesy_amount":
            return any(reads_well(item) for item in self.others if item.lattice.field.kind == kind)
        return any(reads_well(item, LOG_PRIOR[known]) for known, items in self.amounts.items() for item in items)


def reads_well(evidence: FieldEvidence, log_prior: float = 0.0) -> bool:
    """Whether a candidate reads beyond doubt: an amount by its score, a MICR line if nearly all of its characters are sure."""
    if evidence.lattice.field.kind != "micr_line":
        return candidate_score(evidence) + log_prior >= SETTLED_SCORE
    sure = [character.confidence >= SURE for path in evidence.paths[:1] for character in path.characters]
    return sum(sure) >= max(SETTLED_CHARACTERS, SETTLED_SHARE * len(sure))


def candidate_score(evidence: FieldEvidence) -> float:
    """How well a candidate reads, to be compared between candidates: prior plus evidence per character.

    The sum of log odds is divided by the number of marks and bounded in effect by four of them, so that a long line of
    print does not outvote the amount by its length alone. For MICR lines it is the number of sure characters, less the unsure ones.
    """
    if not evidence.paths:
        return -np.inf
    path = evidence.paths[0]
    if evidence.lattice.field.kind == "micr_line":  # a row of print that is no MICR line has few characters that are sure
        return BAND_WEIGHT * evidence.lattice.field.log_prior + sum(2.0 * c.confidence - 1.0 for c in path.characters)
    count = len(path.characters)
    marks = max(1, count)
    skipped = max(0.0, 1.0 - ink_covered(evidence))
    bonus = (3.0 if "$" in path.text else 0.0) - (LONE_DIGIT if sum(c.symbol.isdigit() for c in path.characters) < 2 else 0.0)
    return evidence.lattice.field.log_prior + min(count, 4) * path.log_score / marks / 2.0 + bonus - 12.0 * skipped


def ink_covered(evidence: FieldEvidence) -> float:
    """Share of the lattice's ink that the characters of the best path take."""
    lattice = evidence.lattice
    mass = np.bincount(lattice.pieces.ravel(), weights=lattice.ink.ravel(), minlength=lattice.piece_count + 1)[1:]
    taken = sum(float(mass[lattice.source[c.arc] : lattice.target[c.arc]].sum()) for c in evidence.paths[0].characters)
    return taken / max(float(mass.sum()), 1e-9)


def winner(evidence: tuple[FieldEvidence, ...], kind: str) -> FieldEvidence | None:
    """The candidate of a kind that reads best, None where none reads at all."""
    readable = [item for item in evidence if item.lattice.field.kind == kind and item.paths]
    return max(readable, key=candidate_score) if readable else None
