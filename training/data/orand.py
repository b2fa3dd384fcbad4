"""ORAND-CAR-A, development part: courtesy amounts cut from real Latin American checks. For measuring only.

The label holds the digits alone; separators and tails (``.-``, ``=``) are in the picture and not in the label. Some
published labels are wrong; ``corrections/orand_car_a_dev.csv`` holds one line and one reason for each (columns picture,
published, corrected, reason), and results are given with and without it.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from training.data.digits import parse_json
from training.data.sources import DATA_SETS, MalformedData, MissingData, read_known

Box = tuple[int, int, int, int]  # left, top, right, bottom; half-open, pixels of the picture

CORRECTIONS = Path(__file__).with_name("corrections") / "orand_car_a_dev.csv"
_COLUMNS = ["picture", "published", "corrected", "reason"]


@dataclass(frozen=True, slots=True)
class AmountPicture:
    """One picture file: ``text`` the digits on it, corrected where the ``published`` label is known to be wrong;
    ``digit_boxes[i]`` the box of ``published[i]``."""

    path: Path
    text: str
    published: str
    digit_boxes: tuple[Box, ...]

    @property
    def label_is_wrong(self) -> bool:
        """Whether the published label is known to be wrong."""
        return self.text != self.published


@dataclass(frozen=True, slots=True)
class Correction:
    """One wrong label: ``picture`` is the file's name without its ending; ``reason`` says what one sees."""

    picture: str
    published: str
    corrected: str
    reason: str


def load_corrections(path: Path = CORRECTIONS) -> dict[str, Correction]:
    """The corrections by picture. Raises ``MissingData``, and ``MalformedData`` with the line."""
    try:
        with path.open(newline="", encoding="utf-8-sig") as lines:
            table = csv.DictReader(lines, strict=True)
            rows = list(table)
    except FileNotFoundError:
        raise MissingData(f"{path.name} is missing; looked in {path.parent}") from None
    except (csv.Error, UnicodeDecodeError) as error:
        raise MalformedData(f"{path.name} is no CSV file") from error
    if table.fieldnames != _COLUMNS:
        raise MalformedData(f"{path.name} must have the columns {', '.join(_COLUMNS)}; found: {', '.join(table.fieldnames or ())}")
    found: dict[str, Correction] = {}
    for number, row in enumerate(rows, start=2):
        cells = [row[name] or "" for name in _COLUMNS]
        correction = Correction(*(cell.strip() for cell in cells))
        labels = (correction.published, correction.corrected)
        known = correction.picture in found or None in row  # cells without a column: a reason with an unquoted comma
        if known or labels[0] == labels[1] or not (all(label.isdigit() for label in labels) and correction.reason):
            raise MalformedData(
                f"{path.name}, line {number}: a correction names a picture once, two different labels of digits, and one reason"
            )
        found[correction.picture] = correction
    return found


def _boxes(stored: object) -> tuple[Box, ...]:
    table: npt.NDArray[np.int64] = np.asarray(stored, np.int64).reshape(-1, 4)
    return tuple((int(x), int(y), int(x + w), int(y + h)) for x, y, w, h in table)


def _corrected(path: Path, published: str, boxes: tuple[Box, ...], corrections: dict[str, Correction]) -> AmountPicture:
    known = corrections.get(path.stem)
    if known is not None and known.published != published:
        raise MalformedData(f"{path.name} is labelled {published}, but its correction is of the label {known.published}")
    return AmountPicture(path, published if known is None else known.corrected, published, boxes)


def load_orand(root: Path, allow_unknown: bool = False, corrections: Path = CORRECTIONS) -> tuple[AmountPicture, ...]:
    """The 800 labelled pictures in the order of the label file; the pictures themselves are not opened.

    Raises ``MissingData`` (label file, a picture, the corrections), ``ChecksumMismatch`` (label file), ``MalformedData``.
    """
    (known,) = DATA_SETS["orand_car_a_dev"].files
    folder = root / Path(known.path).parent
    records = parse_json(read_known(root, known, allow_unknown), known)
    corrected = load_corrections(corrections)
    try:
        found = tuple(_corrected(folder / str(r["file"]), str(r["text"]), _boxes(r["digit_boxes_xywh"]), corrected) for r in records)
    except (KeyError, ValueError, TypeError) as error:
        raise MalformedData(f"{known.path}: a record lacks file, text or digit_boxes_xywh") from error
    for picture in found:
        if len(picture.digit_boxes) != len(picture.published):
            raise MalformedData(
                f"{known.path}: {picture.path.name} has {len(picture.digit_boxes)} boxes for {len(picture.published)} digits"
            )
        if not picture.path.is_file():
            raise MissingData(f"{picture.path.name} is missing; looked in {folder}")
    if not allow_unknown and (stray := corrected.keys() - {picture.path.stem for picture in found}):
        raise MalformedData(f"{corrections.name} names pictures that the set does not have: {', '.join(sorted(stray))}")
    return found
