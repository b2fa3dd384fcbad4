"""Which notation an amount is in where nobody says: by the form of the check's MICR line, else by how well the amount reads.

A MICR line tells the country: transit symbols around nine digits are American, five digits, a dash and three are Canadian, and a
cheque number before a nine-digit code of city, bank and branch is Indian. Without one, the notation whose grammar explains the ink
of a candidate best is taken; a dollar sign counts for dollars, as in every comparison of candidates.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from app.reader.candidates import LOG_PRIOR, candidate_score
from app.reader.micr import MicrForm, parse_line
from app.reader.micr_line import raw_line
from app.reader.types import AmountFormat, FieldEvidence

FORMAT_OF_FORM: Mapping[MicrForm, AmountFormat] = {"us_personal": "us", "us_business": "us", "canadian": "us", "indian_cts": "in"}
LEAST_CHARACTERS = 8  # of a line that tells a form


def format_of_micr(lines: tuple[FieldEvidence, ...]) -> AmountFormat | None:
    """The notation that goes with the best MICR line among the candidates; None where none tells."""
    readable = [item for item in lines if item.paths and len(item.paths[0].characters) >= LEAST_CHARACTERS]
    if not readable:
        return None
    best = max(readable, key=candidate_score)
    return FORMAT_OF_FORM.get(parse_line(raw_line(best.lattice, best.paths[0])).form)


def best_format(read: Mapping[AmountFormat, tuple[FieldEvidence, ...]]) -> AmountFormat:
    """The notation that explains the ink of the best candidate best; ``read`` holds all candidates as each notation reads them, in
    one order. Notations are compared by the whole score of their paths: one that steps over a point to read digits alone explains
    less, however sure the digits are."""
    scores = {known: [LOG_PRIOR[known] + candidate_score(item) for item in items] for known, items in read.items()}
    first = max(scores, key=lambda known: max(scores[known], default=-np.inf))
    if not scores[first] or max(scores[first]) == -np.inf:
        return first
    place = int(np.argmax(scores[first]))
    explained = {known: items[place].paths[0].log_score for known, items in read.items() if items[place].paths}
    return max(explained, key=lambda known: LOG_PRIOR[known] + explained[known])
