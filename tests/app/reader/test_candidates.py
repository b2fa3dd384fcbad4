"""Which candidate wins, and when enough of them were read."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from app.reader.candidates import SETTLED_SCORE, Candidates, candidate_score, winner
from app.reader.types import FieldEvidence
from tests.app.reader.written_evidence import evidence


def test_the_candidate_in_its_place_wins() -> None:
    """Two that read alike: the prior decides; one that does not read at all never wins."""
    here, there, mute = evidence("$12.50", 0.9), evidence("$99.50", 0.9, prior=-5.0), evidence("", 1.0, prior=10.0)
    assert winner((there, here, mute), "courtesy_amount") is here
    assert candidate_score(mute) == -np.inf
    assert winner((mute,), "courtesy_amount") is None
    assert winner((here,), "micr_line") is None


def test_length_alone_does_not_win() -> None:
    """From four characters on, more of the same evidence counts no more."""
    assert candidate_score(evidence("1234", 0.9)) == candidate_score(evidence("12345678", 0.9))


def test_the_micr_line_is_the_row_with_the_most_sure_characters() -> None:
    """A row of words keeps no pitch and reads as little that is sure, however long it is."""
    line = evidence("⑆075911713⑆ 12".replace(" ", ""), 0.9, prior=-0.6, kind="micr_line")
    words = evidence("0" * 30, 0.9, prior=-1.9, kind="micr_line")
    (path,) = words.paths
    unsure = replace(words, paths=(replace(path, characters=tuple(replace(c, confidence=0.45) for c in path.characters)),))
    assert winner((unsure, line), "micr_line") is line
    tall = replace(line, lattice=replace(line.lattice, field=replace(line.lattice.field, log_prior=-1.6)))
    assert winner((tall, line), "micr_line") is line


def test_ink_left_unread_counts_against_a_candidate() -> None:
    """The same text over a lattice of twice the ink scores less."""
    whole, long = evidence("1234", 0.9), evidence("12345678", 0.9)
    part = FieldEvidence(long.lattice, long.log_probs, whole.paths, False)
    assert candidate_score(part) < candidate_score(whole)


def test_an_amount_in_its_place_that_reads_well_ends_the_search() -> None:
    """It does in whichever notation it reads well; one far from its place, an unsure one and none at all do not."""
    good, far = evidence("$12.50", 0.9), evidence("$12.50", 0.9, prior=-12.0)
    assert candidate_score(good) >= SETTLED_SCORE > candidate_score(far)
    assert Candidates(amounts={"us": (far, good)}).settled("courtesy_amount")
    assert Candidates(amounts={"us": (far,), "in": (good,)}).settled("courtesy_amount")
    assert not Candidates(amounts={"us": (far,)}).settled("courtesy_amount")
    assert not Candidates(amounts={"us": ()}).settled("courtesy_amount")
    assert not Candidates(amounts={"us": (good,)}).settled("micr_line")


def test_a_micr_line_with_many_sure_characters_ends_the_search() -> None:
    """A short one does not, nor one with a third of its characters unsure; and an amount is still sought."""
    line, short = (evidence(text, 0.9, kind="micr_line") for text in ("⑆075911713⑆123456789⑈", "⑆075911713⑆"))
    (path,) = line.paths
    unsure = replace(path, characters=tuple(replace(c, confidence=0.98 if k % 3 else 0.5) for k, c in enumerate(path.characters)))
    assert Candidates(others=(short, line)).settled("micr_line")
    assert not Candidates(others=(line,)).settled("courtesy_amount")
    assert not Candidates(others=(short, replace(line, paths=(unsure,)), replace(line, paths=()))).settled("micr_line")


def test_what_reads_well_only_in_an_unusual_notation_does_not_end_it() -> None:
    """Without a MICR line whole numbers are less to be expected than dollars, and must read better."""
    (path,) = evidence("12500", 0.9).paths
    just = replace(evidence("12500", 0.9), paths=(replace(path, log_score=5.0 * SETTLED_SCORE / 2.0),))
    assert Candidates(amounts={"us": (just,)}).settled("courtesy_amount")
    assert not Candidates(amounts={"plain": (just,)}).settled("courtesy_amount")
