"""Splits by writer, never by sample: who wrote a training digit writes no digit that is measured on.

Membership follows from the writer's name alone, so it is the same on every machine, in every run, and does not change
when samples are added.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

import numpy as np
import numpy.typing as npt


def is_held_out(writer: str, share: float, salt: str = "") -> bool:
    """Whether a writer belongs to the held-out part, which gets about ``share`` of all writers.

    Another ``salt`` gives another, independent split.
    """
    if not 0.0 <= share <= 1.0:
        raise ValueError(f"share must be from 0 to 1; given: {share}")
    digest = hashlib.sha256((salt + writer).encode()).digest()
    return int.from_bytes(digest[:8], "big") < share * 2**64


def held_out_mask(writers: Iterable[str], share: float, salt: str = "") -> npt.NDArray[np.bool_]:
    """(N,) true for the samples whose writer is held out. Raises ``ValueError`` for a sample without a writer."""
    names = list(writers)
    if "" in names:
        raise ValueError("a sample without a writer cannot be split by writer")
    decided = {name: is_held_out(name, share, salt) for name in dict.fromkeys(names)}
    return np.array([decided[name] for name in names], bool)


# UNIPEN contributors who gave number strings and not one isolated digit or symbol: no pen of the synthetic fields is theirs.
_MEASURED_CONTRIBUTORS = frozenset({"att", "hpb", "hpp", "lex", "pap", "par", "scr", "sta"})


def held_out_contributors() -> frozenset[str]:
    """The UNIPEN contributors whose number strings are measured; training reads nothing of theirs, be it digits, symbols or
    strings.

    Whole contributors, not writers: a contributor's people may stand under several file names. The strings of the others
    (among them ``apc``, ``apd``, ``ape`` and ``cec``, by the institutions that also gave digits) may be trained on.
    """
    return _MEASURED_CONTRIBUTORS
