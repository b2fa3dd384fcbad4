"""Classes of arcs: hand-made fields that the eye can check, and clean synthetic fields that must nearly all have their path.

Ninety clean fields in ``make test``, two thousand in ``make prove``.
"""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable

import cv2
import numpy as np
import numpy.typing as npt
import pytest

import training.synthetic.pens
from app.reader.types import AMOUNT_FORMATS, Alphabet, Field, Scope, SegmentationLattice
from training.segments import (
    AMBIGUOUS,
    arc_classes,
    decoded,
    digit_patch,
    has_true_path,
    ink_counts,
    labelled_lattice,
    lattice_of,
    owner_in_lattice,
)
from training.synthetic.fields import draw_field
from training.synthetic.micr import draw_micr_line
from training.synthetic.pens import PenSet
from training.synthetic.printed import SCREENS
from training.synthetic.style import FieldStyle
from training.synthetic.types import SyntheticField

PROVE = os.environ.get("CHECKREADER_PROVE", "") not in ("", "0")
CLEAN_FIELDS, LEAST_SHARE, LEAST_STRIPED_SHARE = (2000, 0.99, 0.98) if PROVE else (90, 0.97, 0.95)
AMOUNTS = Alphabet((*"0123456789$,./-*#=", "rubbish", "stray"))
LINES = Alphabet((*"0123456789⑆⑇⑈⑉", "rubbish", "stray"))


def named(classes: npt.NDArray[np.int16]) -> list[str]:
    """Symbols of class indices, "?" for ambiguous ones."""
    return ["?" if c == AMBIGUOUS else AMOUNTS.symbols[c] for c in classes]


def written(marks: tuple[tuple[str, int], ...], bar: tuple[int, int] | None = None) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.int32]]:
    """Picture (80, 300) and owner map of symbols at given columns, and a bar that is nobody's from one column to another."""
    picture, owner = np.full((80, 300), 250, np.uint8), np.zeros((80, 300), np.int32)
    if bar is not None:
        picture[60:64, bar[0] : bar[1]] = 20
    for number, (symbol, x) in enumerate(marks, start=1):
        ink = np.zeros_like(picture)
        cv2.putText(ink, symbol, (x, 58), cv2.FONT_HERSHEY_SIMPLEX, 1.6, 255, 4)
        picture[ink > 0] = 20
        owner[ink > 0] = number
    return picture, owner


def classed(marks: tuple[tuple[str, int], ...], bar: tuple[int, int] | None = None) -> list[tuple[int, int, str]]:
    """(source, target, class) of the arcs of such a picture."""
    picture, owner = written(marks, bar)
    lattice, to_picture = lattice_of(picture, Scope.COURTESY_AMOUNT)
    moved, drawn = owner_in_lattice(owner, to_picture, lattice.ink.shape)
    classes = arc_classes(lattice, moved, drawn, tuple(symbol for symbol, _ in marks), AMOUNTS)
    return list(zip(lattice.source.tolist(), lattice.target.tolist(), named(classes), strict=True))


def columns_lattice(pieces: tuple[int, ...], arcs: tuple[tuple[int, int], ...]) -> SegmentationLattice:
    """A lattice without gaps: ``pieces`` are the widths of its pieces in pixels, all ten rows high."""
    numbers = np.repeat(np.arange(1, len(pieces) + 1), pieces)
    ink = np.ones((10, len(numbers)), np.float32)
    edges = np.concatenate([[0], np.cumsum(pieces)])
    return SegmentationLattice(
        field=Field("courtesy_amount", (0, 0, len(numbers), 10), ink, 0.0),
        ink=ink,
        pieces=np.broadcast_to(numbers, ink.shape).astype(np.int32),
        piece_boxes=np.array([[a, 0, b, 10] for a, b in itertools.pairwise(edges)], np.int32),
        source=np.array([a for a, _ in arcs], np.int32),
        target=np.array([b for _, b in arcs], np.int32),
        boxes=np.array([[edges[a], 0, edges[b], 10] for a, b in arcs], np.int32),
        digit_height_px=10.0,
        midline_px=5.0,
        lattice_to_page=np.eye(3),
    )


def owners(widths: tuple[tuple[int, int], ...]) -> npt.NDArray[np.int32]:
    """Owner map of ten rows from (owner, width in pixels) from left to right."""
    return np.broadcast_to(np.repeat([who for who, _ in widths], [width for _, width in widths]), (10, sum(w for _, w in widths))).astype(
        np.int32
    )


def classes_of(
    lattice: SegmentationLattice, owner: npt.NDArray[np.int32], symbols: tuple[str, ...], drawn: tuple[int, ...] | None = None
) -> list[str]:
    """Names of the arcs' classes where every character was drawn as it is found."""
    sizes = np.bincount(owner.ravel(), minlength=len(symbols) + 1) if drawn is None else np.array(drawn)
    return named(arc_classes(lattice, owner, sizes, symbols, AMOUNTS))


def test_two_digits_far_apart_are_themselves() -> None:
    """Each is one arc of its class, and no arc spans the gap."""
    assert classed((("3", 20), ("7", 160))) == [(0, 1, "3"), (1, 2, "7")]


def test_a_bar_without_digits_is_stray() -> None:
    """The rest of a line beside a digit may be stepped over; alone in its field it is no character either."""
    arcs = classed((("3", 40),), bar=(200, 280))
    assert arcs[-1][2] == "stray"
    assert [arc for arc in arcs if arc[2] == "3"] == [(0, arcs[-1][0], "3")]
    assert {name for _, _, name in classed((), bar=(60, 200))} <= {"stray"}


def test_a_close_pair_is_rubbish() -> None:
    """Where an arc holds two digits it is neither."""
    arcs = classed((("1", 60), ("1", 78)))
    assert (0, 1, "1") in arcs
    assert (1, 2, "1") in arcs
    assert (0, 2, "rubbish") in arcs


def test_pieces_and_wholes() -> None:
    """A digit cut in two: each half is rubbish, both together are the digit."""
    lattice = columns_lattice((5, 5, 10), ((0, 1), (0, 2), (1, 2), (0, 3), (1, 3), (2, 3)))
    found = classes_of(lattice, owners(((1, 10), (2, 10))), ("5", "8"))
    assert found == ["rubbish", "5", "rubbish", "rubbish", "rubbish", "8"]


@pytest.mark.parametrize(("kept", "expected"), [(10, "4"), (8, "4"), (7, "?"), (6, "rubbish")])
def test_how_much_of_a_character_an_arc_must_hold(kept: int, expected: str) -> None:
    """From 80 % of the ink on it is the character; from 65 % on it is not trained on; below it is rubbish."""
    lattice = columns_lattice((kept, 10 - kept, 10) if kept < 10 else (10, 10), ((0, 1),))
    assert classes_of(lattice, owners(((1, 10), (2, 10))), ("4", "9")) == [expected]


@pytest.mark.parametrize(("foreign", "expected"), [(0, "4"), (3, "4"), (6, "?"), (9, "rubbish")])
def test_how_much_of_another_an_arc_may_hold(foreign: int, expected: str) -> None:
    """20 pixels of the digit and ``foreign`` of its neighbour: up to 15 % is the digit, up to 27 % is not trained on."""
    lattice = columns_lattice((20 + foreign, 20 - foreign), ((0, 1),))
    assert classes_of(lattice, owners(((1, 20), (2, 20))), ("4", "9")) == [expected]


@pytest.mark.parametrize(("unowned", "expected"), [(8, "4"), (12, "?"), (20, "?"), (120, "stray")])
def test_how_much_of_nobody_an_arc_may_hold(unowned: int, expected: str) -> None:
    """Ten pixels of the digit with ``unowned`` of a line through it: up to 45 % is the digit, from 85 % on it is stray."""
    lattice = columns_lattice((10 + unowned,), ((0, 1),))
    assert classes_of(lattice, owners(((1, 10), (0, unowned))), ("4",)) == [expected]


def test_a_drawn_stray_mark_is_stray() -> None:
    """A mark that the field itself calls stray counts as nobody's."""
    lattice = columns_lattice((10, 10), ((0, 1), (1, 2), (0, 2)))
    assert classes_of(lattice, owners(((1, 10), (2, 10))), ("stray", "6")) == ["stray", "6", "?"]


def test_a_character_that_lost_half_its_ink_is_not_trained_on() -> None:
    """What the page stage took away from a character makes its rest a doubtful example."""
    lattice = columns_lattice((10,), ((0, 1),))
    assert classes_of(lattice, owners(((1, 10),)), ("4",), drawn=(0, 190)) == ["4"]
    assert classes_of(lattice, owners(((1, 10),)), ("4",), drawn=(0, 210)) == ["?"]


def test_ink_is_counted_by_arc_and_owner() -> None:
    """Column 0 is nobody's; every column sums up to the pixels of that owner in the arc."""
    lattice = columns_lattice((4, 6), ((0, 1), (1, 2), (0, 2)))
    assert ink_counts(lattice, owners(((1, 3), (0, 2), (2, 5))), 2).tolist() == [[10, 30, 0], [10, 0, 50], [20, 30, 50]]


def test_no_ink_gives_no_arcs() -> None:
    """An empty picture has an empty lattice, no classes and no path to any symbol."""
    empty = np.full((40, 100), 250, np.uint8)
    drawn = SyntheticField(empty, np.zeros((40, 100), np.int32), (), "", "", "plain")
    found = labelled_lattice(drawn, Scope.COURTESY_AMOUNT, AMOUNTS)
    assert (found.patches.shape, len(found.classes)) == ((0, 32, 32), 0)


@pytest.mark.parametrize(
    ("classes", "symbols", "expected"),
    [
        (("1", "2", "rubbish"), ("1", "2"), True),
        (("2", "1", "rubbish"), ("1", "2"), False),  # the right characters in the wrong order
        (("1", "stray", "rubbish"), ("1",), True),
        (("1", "stray", "rubbish"), ("1", "stray"), True),  # strays are no part of the text
        (("1", "rubbish", "rubbish"), ("1",), False),  # nothing leads over the second piece
        (("rubbish", "rubbish", "8"), ("8",), True),
        (("1", "2", "8"), ("1",), False),
    ],
)
def test_a_true_path_leads_from_end_to_end(classes: tuple[str, ...], symbols: tuple[str, ...], expected: bool) -> None:
    """Arcs of the right classes in the right order, strays between them, over all pieces."""
    lattice = columns_lattice((5, 5), ((0, 1), (1, 2), (0, 2)))
    indices = np.array([AMOUNTS.index(name) for name in classes], np.int16)
    assert has_true_path(lattice, np.zeros((10, 10), np.int32), symbols, indices, AMOUNTS) is expected


def without_path(fields: int) -> list[tuple[int, str]]:
    """(number, text) of the clean fields, of every format, by hand and by machine, whose lattice lacks the true path."""
    pens = PenSet.own()
    lost = []
    for number in range(fields):
        style = FieldStyle.clean(machine_print=number % 10 == 9)
        drawn = draw_field(np.random.default_rng([7, number]), pens, AMOUNT_FORMATS[number % 3], style)
        if not labelled_lattice(drawn, Scope.COURTESY_AMOUNT, AMOUNTS).has_true_path:
            lost.append((number, drawn.text))
    return lost


def test_clean_fields_have_their_true_path(monkeypatch: pytest.MonkeyPatch, record_property: Callable[[str, object], None]) -> None:
    """Dark well-spaced ink on white paper: the cuts of the truth are among the candidates."""
    monkeypatch.setattr(training.synthetic.pens, "SCREENS", (SCREENS[0],) * len(SCREENS))  # print in full ink
    lost = without_path(CLEAN_FIELDS)
    assert len(lost) <= (1.0 - LEAST_SHARE) * CLEAN_FIELDS, lost
    record_property("proved", f"the lattice holds the true cuts of {CLEAN_FIELDS - len(lost)} of {CLEAN_FIELDS} clean synthetic fields")


def test_striped_print_mostly_has_its_true_path(record_property: Callable[[str, object], None]) -> None:
    """The same with check-writer print in stripes among it, which falls into very many pieces: a wider bound."""
    lost = without_path(CLEAN_FIELDS)
    assert len(lost) <= (1.0 - LEAST_STRIPED_SHARE) * CLEAN_FIELDS, lost
    record_property("proved", f"{CLEAN_FIELDS - len(lost)} of {CLEAN_FIELDS} with striped print among them")


def test_random_fields_are_labelled_soundly() -> None:
    """Whatever the style: indices in range, arcs from left to right, ink within its bounds, a path of the truth's own classes."""
    for number in range(12):
        line = number % 4 == 3
        rng = np.random.default_rng([9, number])
        drawn = draw_micr_line(rng) if line else draw_field(rng, PenSet.own(), AMOUNT_FORMATS[number % 3])
        alphabet = LINES if line else AMOUNTS
        found = labelled_lattice(drawn, Scope.MICR_LINE if line else Scope.COURTESY_AMOUNT, alphabet)
        assert found.patches.shape == (len(found.classes), 32, 32)
        assert found.patches.min(initial=0) >= -64
        assert AMBIGUOUS <= found.classes.min(initial=0) <= found.classes.max(initial=0) < len(alphabet)
        assert (found.source < found.target).all()
        assert (found.text, found.value) == (drawn.text, drawn.value)
        present = {alphabet.symbols[c] for c in found.classes if c != AMBIGUOUS} - {"rubbish", "stray"}
        assert present <= set(drawn.text)
        assert not found.has_true_path or present == set(drawn.text)


def test_a_digit_gives_one_patch_on_bright_and_on_dark_paper() -> None:
    """MNIST has its ink bright, a scan has it dark: the patch is the same but for its edges, 20 pixels high, centred."""
    picture, _ = written((("5", 130),))
    cut = np.ascontiguousarray(picture[:, 115:180])
    dark, bright = digit_patch(cut), digit_patch(255 - cut)
    assert dark is not None
    assert bright is not None
    assert (dark.dtype, dark.shape) == (np.dtype(np.int8), (32, 32))
    assert np.abs(dark.astype(int) - bright.astype(int)).mean() < 4.0
    rows, columns = np.nonzero(dark > 60)
    assert 18 <= rows.max() + 1 - rows.min() <= 22
    assert abs((rows.max() + rows.min()) / 2 - 15.5) <= 1.5
    assert abs((columns.max() + columns.min()) / 2 - 15.5) <= 1.5
    assert dark.min() >= 0, "a picture of one character has no neighbours"


def test_a_picture_without_ink_gives_no_patch() -> None:
    """Paper alone is no digit."""
    assert digit_patch(np.full((28, 28), 255, np.uint8)) is None


def test_grey_and_coloured_pictures_are_decoded_alike() -> None:
    """(H, W) becomes (H, W, 3); three channels stay as they are."""
    grey = np.arange(12, dtype=np.uint8).reshape(3, 4)
    coloured = decoded(grey).rgb
    assert coloured.shape == (3, 4, 3)
    assert (coloured == grey[:, :, None]).all()
    assert (decoded(coloured).rgb == coloured).all()
