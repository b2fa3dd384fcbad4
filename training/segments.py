"""The segmenter's own segments as training patches: synthetic field -> lattice -> patches with the class of each arc.

The page stage, the segmenter and the normalisation are the reader's own code, so that training sees what serving sees:
right characters, pieces of characters, pairs, rests of lines. The class of an arc follows from whose ink it holds,
which the synthetic field knows pixel by pixel (``SyntheticField.owner``). No torch here.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from app.reader.fields import locate
from app.reader.page import normalise
from app.reader.patches import patches, strip
from app.reader.segmentation import segment
from app.reader.types import STRAY, Alphabet, DecodedImage, ReadOptions, Scope, SegmentationLattice
from training.synthetic.types import SyntheticField

AMBIGUOUS = -1  # an arc between right and wrong: not trained on
HOLDS_MOST, HOLDS_LITTLE = 0.80, 0.65  # share of a character's ink in the arc
FOREIGN_FEW, FOREIGN_MANY = 0.15, 0.27  # share of the arc's ink that belongs to other characters
UNOWNED_MANY = 0.45  # share of the arc's ink that belongs to no character
PATCH_UNIT = 127.0  # an int8 patch holds ink times this


@dataclass(frozen=True, slots=True, eq=False)
class LabelledLattice:
    """One field's arcs for training.

    ``patches`` (A, 32, 32) int8, ink times 127; ``classes`` (A,) int16 class index or ``AMBIGUOUS``; ``source`` and
    ``target`` (A,) nodes; ``text`` the true symbols, ``value`` the true amount; ``has_true_path`` whether the right characters form a path;
    ``strip`` (32, W) int8 the whole field's ink times 127, its digits 20 px high.
    """

    patches: npt.NDArray[np.int8]
    classes: npt.NDArray[np.int16]
    source: npt.NDArray[np.int16]
    target: npt.NDArray[np.int16]
    text: str
    value: str
    has_true_path: bool
    strip: npt.NDArray[np.int8]


def decoded(picture: npt.NDArray[np.uint8]) -> DecodedImage:
    """A synthetic picture (H, W) or (H, W, 3) as the decoder would hand it on."""
    rgb = cv2.cvtColor(picture, cv2.COLOR_GRAY2RGB) if picture.ndim == 2 else picture
    return DecodedImage(np.asarray(rgb, np.uint8), 0.0, False, "PNG", 0, 1)


def lattice_of(picture: npt.NDArray[np.uint8], scope: Scope) -> tuple[SegmentationLattice, npt.NDArray[np.float64]]:
    """The reader's lattice of a picture of one field, and the transform (3, 3) from its frame to the picture."""
    page = normalise(decoded(picture), scope)
    lattice = segment(next(locate(page, ReadOptions(scope=scope)))[0])
    return lattice, page.page_to_image @ lattice.lattice_to_page


def labelled_lattice(drawn: SyntheticField, scope: Scope, alphabet: Alphabet) -> LabelledLattice:
    """The lattice of a synthetic field with the class of each arc."""
    lattice, to_picture = lattice_of(drawn.picture, scope)
    owner, drawn_ink = owner_in_lattice(drawn.owner, to_picture, lattice.ink.shape)
    symbols = tuple(character.symbol for character in drawn.characters)
    symbols, text = without_merged_points(lattice, owner, drawn_ink, symbols, alphabet, drawn)
    classes = arc_classes(lattice, owner, drawn_ink, symbols, alphabet)
    units = np.round(patches(lattice)[:, 0] * PATCH_UNIT).astype(np.int8)
    return LabelledLattice(
        patches=units,
        classes=classes,
        source=lattice.source.astype(np.int16),
        target=lattice.target.astype(np.int16),
        text=text,
        value=drawn.value,
        has_true_path=has_true_path(lattice, owner, symbols, classes, alphabet),
        strip=np.round(strip(lattice) * PATCH_UNIT).astype(np.int8),
    )


def without_merged_points(
    lattice: SegmentationLattice,
    owner: npt.NDArray[np.int32],
    drawn_ink: npt.NDArray[np.int64],
    symbols: tuple[str, ...],
    alphabet: Alphabet,
    drawn: SyntheticField,
) -> tuple[tuple[str, ...], str]:
    """The symbols with points that no arc holds alone (they ran into a digit, or were too faint) as strays, and the text without
    them, so that the digit they ran into is still a digit. A point before cents stays: without it the amount is another."""
    classes = arc_classes(lattice, owner, drawn_ink, symbols, alphabet)
    counts = ink_counts(lattice, owner, len(symbols))
    decimal = max((k for k, symbol in enumerate(symbols) if symbol == "."), default=-1) if drawn.amount_format != "plain" else -1
    out = list(symbols)
    for k, symbol in enumerate(symbols):
        if symbol in ".," and k != decimal:
            alone = (classes == alphabet.index(symbol)) & (counts[:, k + 1] > 0)
            if not alone.any():
                out[k] = STRAY
    return tuple(out), "".join(symbol for symbol in out if symbol != STRAY)


def owner_in_lattice(
    owner: npt.NDArray[np.int32], to_picture: npt.NDArray[np.float64], shape: tuple[int, ...]
) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int64]]:
    """The owner map (H, W) in the lattice frame, grown by a pixel into the soft edge of the ink, and the pixels that
    each owner had before it was grown (index 0 = nobody)."""
    size = (shape[1], shape[0])
    flags = cv2.INTER_NEAREST | cv2.WARP_INVERSE_MAP
    moved = cv2.warpPerspective(owner.astype(np.float32), to_picture, size, flags=flags)
    grown = cv2.dilate(moved, np.ones((3, 3), np.uint8))
    drawn = np.bincount(moved.astype(np.int64).ravel(), minlength=int(owner.max()) + 1)
    return np.where(moved > 0, moved, grown).astype(np.int32), drawn


def ink_counts(lattice: SegmentationLattice, owner: npt.NDArray[np.int32], owners: int) -> npt.NDArray[np.int64]:
    """Pixels (A, owners + 1) of each arc by owner; column 0 = nobody's."""
    inside = lattice.pieces > 0
    flat = (lattice.pieces[inside] - 1) * (owners + 1) + owner[inside]
    table = np.bincount(flat, minlength=lattice.piece_count * (owners + 1)).reshape(lattice.piece_count, owners + 1)
    running = np.concatenate([np.zeros((1, owners + 1), np.int64), np.cumsum(table, axis=0)])
    return np.asarray(running[lattice.target] - running[lattice.source])


def arc_classes(
    lattice: SegmentationLattice,
    owner: npt.NDArray[np.int32],
    drawn_ink: npt.NDArray[np.int64],
    symbols: tuple[str, ...],
    alphabet: Alphabet,
) -> npt.NDArray[np.int16]:
    """Class index (A,) of each arc; see the constants above for the bounds. ``drawn_ink`` (owners + 1,) in pixels."""
    counts = ink_counts(lattice, owner, len(symbols))
    classes = np.full(lattice.arc_count, alphabet.index("rubbish"), np.int16)
    if lattice.arc_count == 0:
        return classes
    stray_owner = np.array([False, *(symbol == STRAY for symbol in symbols)])
    real = ~stray_owner
    real[0] = False
    size = counts.sum(axis=1).clip(min=1)
    unowned = (counts[:, 0] + counts[:, stray_owner].sum(axis=1)) / size
    classes[unowned >= 0.85] = alphabet.index(STRAY)
    classes[(unowned > 0.6) & (unowned < 0.85)] = AMBIGUOUS
    in_pieces = np.bincount(owner[lattice.pieces > 0].ravel(), minlength=len(symbols) + 1)
    for number in np.flatnonzero(real):
        mine = counts[:, number]
        share = mine / max(1, in_pieces[number])
        foreign = (counts[:, real].sum(axis=1) - mine) / size
        main = mine >= counts[:, real].max(axis=1)
        right = main & (share >= HOLDS_MOST) & (foreign <= FOREIGN_FEW) & (unowned <= UNOWNED_MANY)
        nearly = main & ~right & (share >= HOLDS_LITTLE) & (foreign <= FOREIGN_MANY) & (unowned <= 0.75)
        lost = in_pieces[number] < 0.5 * max(1, drawn_ink[number] if number < len(drawn_ink) else 1)
        classes[nearly] = AMBIGUOUS
        classes[right] = AMBIGUOUS if lost else alphabet.index(symbols[number - 1])
    return classes


def has_true_path(
    lattice: SegmentationLattice,
    owner: npt.NDArray[np.int32],
    symbols: tuple[str, ...],
    classes: npt.NDArray[np.int16],
    alphabet: Alphabet,
) -> bool:
    """Whether arcs of the right classes, in the right order, with stray arcs between them, lead from end to end."""
    wanted = [alphabet.index(symbol) for symbol in symbols if symbol != STRAY]
    stray = alphabet.index(STRAY)
    reached = np.zeros((lattice.piece_count + 1, len(wanted) + 1), bool)
    reached[0, 0] = True
    for arc in np.argsort(lattice.target, kind="stable"):
        source, target, kind = lattice.source[arc], lattice.target[arc], classes[arc]
        if kind == stray:
            reached[target] |= reached[source]
        for k, symbol in enumerate(wanted):
            if kind == symbol and reached[source, k]:
                reached[target, k + 1] = True
    return bool(reached[lattice.piece_count, len(wanted)])


def digit_patch(picture: npt.NDArray[np.uint8]) -> npt.NDArray[np.int8] | None:
    """The patch (32, 32) int8 of a picture of one character, paper bright or dark; None where it holds no ink."""
    lattice, _ = lattice_of(picture, Scope.DIGIT)
    if lattice.arc_count == 0:
        return None
    whole = int(np.argmax(lattice.target - lattice.source))
    return np.round(patches(lattice)[whole, 0] * PATCH_UNIT).astype(np.int8)
