"""Evidence for a text as if it had been read, without a picture."""

from __future__ import annotations

import math

import numpy as np

from app.reader.types import CharacterHypothesis, Field, FieldEvidence, FieldKind, Path, SegmentationLattice


def evidence(
    text: str, posterior: float, rivals: dict[str, float] | None = None, prior: float = 0.0, kind: FieldKind = "courtesy_amount"
) -> FieldEvidence:
    """A candidate that reads as ``text``; each character is a piece of 10 x 20 pixels of ink."""
    count = max(1, len(text))
    pieces = np.repeat(np.arange(1, count + 1, dtype=np.int32), 10)[None, :].repeat(20, axis=0)
    boxes = np.array([(10 * k, 0, 10 * k + 10, 20) for k in range(count)], np.int32)
    ink = np.ones(pieces.shape, np.float32)
    lattice = SegmentationLattice(
        Field(kind, (40, 10, 40 + 10 * count, 30), ink, prior),
        ink,
        pieces,
        boxes,
        np.arange(count, dtype=np.int32),
        np.arange(1, count + 1, dtype=np.int32),
        boxes,
        20.0,
        10.0,
        np.array([[1.0, 0.0, 40.0], [0.0, 1.0, 10.0], [0.0, 0.0, 1.0]]),
    )
    paths = [path_of(text, posterior)] + [path_of(other, share) for other, share in (rivals or {}).items()]
    return FieldEvidence(lattice, np.zeros((count, 19), np.float32), tuple(paths) if text else (), False)


def path_of(text: str, posterior: float) -> Path:
    return Path(tuple(CharacterHypothesis(c, k, 0.98, ()) for k, c in enumerate(text)), text, 8.0 * len(text), math.log(posterior))
