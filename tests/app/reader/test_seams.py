"""Cuts: where, and along which way."""

from __future__ import annotations

from itertools import pairwise

import cv2
import numpy as np

from app.reader.seams import Component, Cuts, Mask, Place, cut_columns, cut_components, least_ink_seams, prominent_minima


def bridge() -> np.ndarray:
    """Two discs of radius 14 joined by a thin bridge at column 45."""
    ink = np.zeros((40, 92), np.float32)
    cv2.circle(ink, (22, 20), 14, 1.0, 4)
    cv2.circle(ink, (68, 20), 14, 1.0, 4)
    cv2.line(ink, (36, 20), (54, 20), 1.0, 2)
    return ink


def parts_of(ink: np.ndarray, own: Mask, cuts: Cuts) -> list[Mask]:
    """The parts of one component of digits 30 pixels high."""
    (parts,) = cut_components([Component(np.where(own, ink, 0.0).astype(np.float32), cuts)], 30.0)
    return parts


def test_the_bridge_is_a_candidate() -> None:
    """The thinnest column lies among the cuts."""
    own = bridge() > 0.5
    assert any(38 <= column <= 52 for column in cut_columns(own, 30.0, 0.18, 0.0).thin)


def test_parts_are_the_component() -> None:
    """Parts do not overlap and together are the component, from left to right."""
    own = bridge() > 0.5
    cuts = cut_columns(own, 30.0, 0.18, 0.06)
    parts = parts_of(bridge(), own, cuts)
    assert len(parts) == len(cuts.thin) + len(cuts.contacts) + 1
    assert (np.sum(parts, axis=0) == own).all()
    centres = [np.nonzero(part)[1].mean() for part in parts if part.any()]
    assert centres == sorted(centres)


def test_no_columns_no_cut() -> None:
    """Without candidates the component stays whole."""
    own = bridge() > 0.5
    (whole,) = parts_of(bridge(), own, Cuts((), ()))
    assert (whole == own).all()


def test_a_seam_goes_round_the_ink() -> None:
    """Between two slanted strokes the seam follows the white way and cuts nothing."""
    ink = np.zeros((30, 40))
    for row in range(30):
        ink[row, 24 - row // 3 : 26 - row // 3] = 1.0
        ink[row, 32 - row // 3 : 34 - row // 3] = 1.0
    (seam,) = least_ink_seams([Place(ink, 24, 8)])
    assert ink[np.arange(30), seam].sum() == 0.0
    assert (np.abs(np.diff(seam)) <= 1).all()


def test_a_seam_equals_the_best_of_all() -> None:
    """On a small picture no other way of single steps costs less."""
    rng = np.random.default_rng(2)
    ink = rng.random((4, 5))

    def cost(way: tuple[int, ...]) -> float:
        away = sum(0.01 * abs(x - 2) for x in way)
        bends = sum(0.12 for a, b in pairwise(way) if a != b)
        return float(sum(ink[row, x] for row, x in enumerate(way)) + away + bends)

    ways: list[tuple[int, ...]] = [(x,) for x in range(5)]
    for _ in range(3):
        ways = [(*way, x) for way in ways for x in range(max(0, way[-1] - 1), min(5, way[-1] + 2))]
    (seam,) = least_ink_seams([Place(ink, 2, 2)])
    assert abs(cost(tuple(int(x) for x in seam)) - min(cost(way) for way in ways)) < 1e-9


def touching_zeros() -> np.ndarray:
    """Two rings of radius 14 that touch at column 45: the contact holds more ink than the arches."""
    ink = np.zeros((40, 92), np.float32)
    cv2.circle(ink, (31, 20), 14, 1.0, 3)
    cv2.circle(ink, (59, 20), 14, 1.0, 3)
    return ink


def test_touching_zeros_are_cut_where_they_touch() -> None:
    """The waist between two rings is a contact, and the cut there gives each ring its own ink."""
    own = touching_zeros() > 0.5
    cuts = cut_columns(own, 30.0, 0.24, 0.05)
    assert any(abs(column - 45) <= 2 for column in cuts.contacts)
    contact = min(cuts.contacts, key=lambda column: abs(column - 45))
    left, right = parts_of(touching_zeros(), own, Cuts((), (contact,)))
    assert np.nonzero(left)[1].max() <= 47
    assert np.nonzero(right)[1].min() >= 43
    assert abs(int(left.sum()) - int(right.sum())) < 0.15 * own.sum()


def test_no_prominence_no_contacts() -> None:
    """With a prominence of 0 only thin places are proposed, as for E-13B."""
    own = touching_zeros() > 0.5
    assert cut_columns(own, 30.0, 0.24, 0.0).contacts == ()


def test_prominent_minima_stand_out_on_both_sides() -> None:
    """A minimum counts when the profile rises by the drop on both sides before it falls below it."""
    profile = np.array([5.0, 1.0, 5.0, 4.5, 5.0, 0.0, 5.0])
    assert prominent_minima(profile, 2.0) == [1, 5]
    assert prominent_minima(profile, 0.4) == [1, 3, 5]
    assert prominent_minima(profile, 6.0) == []


def test_seams_sought_together_are_those_sought_alone() -> None:
    """Pictures of several heights and widths, columns near their edges, several reaches: none minds the others."""
    rng = np.random.default_rng(11)
    places = [
        Place(rng.random((height, width)) * (rng.random((height, width)) < 0.5), column, reach)
        for height, width, column, reach in ((30, 20, 9, 5), (7, 12, 1, 5), (1, 9, 8, 2), (44, 31, 16, 1), (29, 5, 2, 6))
    ]
    together = least_ink_seams(places)
    for place, seam in zip(places, together, strict=True):
        (alone,) = least_ink_seams([place])
        assert seam.tolist() == alone.tolist()
        assert seam.shape == (len(place.ink),)
        assert (np.abs(seam - place.column) <= place.reach).all()
        assert ((seam >= 0) & (seam < place.ink.shape[1])).all()
    assert least_ink_seams([]) == []
