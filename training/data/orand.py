"""ORAND-CAR-A, development part: courtesy amounts cut from real Latin American checks. For measuring only.

The label holds the digits alone; separators and tails (``.-``, ``=``) are in the picture and not in the label.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from training.data.digits import parse_json
from training.data.sources import DATA_SETS, MalformedData, MissingData, read_known

Box = tuple[int, int, int, int]  # left, top, right, bottom; half-open, pixels of the picture

KNOWN_LABEL_ERRORS = frozenset({"a_car_000669"})  # stated with the set; about 2 % of the labels are wrong


@dataclass(frozen=True, slots=True)
class AmountPicture:
    """One picture file with its label: ``text`` the digits, ``digit_boxes[i]`` the box of ``text[i]``."""

    path: Path
    text: str
    digit_boxes: tuple[Box, ...]

    @property
    def label_is_wrong(self) -> bool:
        """Whether the label is known to be wrong."""
        return self.path.stem in KNOWN_LABEL_ERRORS


def _boxes(stored: object) -> tuple[Box, ...]:
    table: npt.NDArray[np.int64] = np.asarray(stored, np.int64).reshape(-1, 4)
    return tuple((int(x), int(y), int(x + w), int(y + h)) for x, y, w, h in table)


def load_orand(root: Path, allow_unknown: bool = False) -> tuple[AmountPicture, ...]:
    """The 800 labelled pictures in the order of the label file; the pictures themselves are not opened.

    Raises ``MissingData`` (label file or a picture), ``ChecksumMismatch`` (label file), ``MalformedData``.
    """
    (known,) = DATA_SETS["orand_car_a_dev"].files
    folder = root / Path(known.path).parent
    records = parse_json(read_known(root, known, allow_unknown), known)
    try:
        found = tuple(AmountPicture(folder / str(r["file"]), str(r["text"]), _boxes(r["digit_boxes_xywh"])) for r in records)
    except (KeyError, ValueError, TypeError) as error:
        raise MalformedData(f"{known.path}: a record lacks file, text or digit_boxes_xywh") from error
    for picture in found:
        if len(picture.digit_boxes) != len(picture.text):
            raise MalformedData(f"{known.path}: {picture.path.name} has {len(picture.digit_boxes)} boxes for {len(picture.text)} digits")
        if not picture.path.is_file():
            raise MissingData(f"{picture.path.name} is missing; looked in {folder}")
    return found
