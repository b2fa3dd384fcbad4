"""Characters as pictures: the sets that come as one ``.npz`` each, and the cells of HASCII in their true sizes."""

from __future__ import annotations

import io
import json
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
import numpy.typing as npt
from PIL import Image, UnidentifiedImageError

from training.data.images import CharacterImages
from training.data.sources import DATA_SETS, DataFile, MalformedData, MissingData, read_known

NpzSet = Literal["bhmsds", "optdigits_tra", "optdigits_tes", "optdigits_windep", "semeion", "usps_train", "usps_test", "cvl_valid"]

_WORD_LABELS = {"dot": ".", "minus": "-", "plus": "+", "slash": "/"}  # as bhmsds spells them


def load_npz_set(root: Path, name: NpzSet, allow_unknown: bool = False) -> CharacterImages:
    """One set: ``images`` (N, H, W) uint8, ink bright, 28 x 28, 32 x 32 or 16 x 16; labels as symbols.

    Only ``cvl_valid`` knows its writers. Raises ``MissingData``, ``ChecksumMismatch``, ``MalformedData``.
    """
    (known,) = DATA_SETS[name].files
    content = read_known(root, known, allow_unknown)
    try:
        with np.load(io.BytesIO(content), allow_pickle=False) as stored:
            images, labels = stored["images"], stored["labels"].astype(np.str_)
            writers = stored["writers"].astype(np.str_) if "writers" in stored else np.full(len(labels), "", dtype=np.str_)
    except (ValueError, KeyError, OSError, EOFError, zipfile.BadZipFile) as error:
        raise MalformedData(f"{known.path} is no npz file with images and labels") from error
    labels = np.array([_WORD_LABELS.get(label, label) for label in labels.tolist()], dtype=np.str_)
    prefix = name.split("_")[0]
    writers = np.array([f"{prefix}/{writer}" if writer else "" for writer in writers.tolist()], dtype=np.str_)
    return CharacterImages(name, images, labels, writers)


@dataclass(frozen=True, slots=True, eq=False)
class CharacterCell:
    """One scanned cell, (H, W) uint8 as scanned, paper bright, at 200 dpi: true relative size and place."""

    picture: npt.NDArray[np.uint8]
    label: str
    writer: str
    sample: int


def read_picture(path: Path) -> npt.NDArray[np.uint8]:
    """A picture file as grey (H, W) uint8. Raises ``MissingData``, ``MalformedData``."""
    try:
        with Image.open(path) as picture:
            return np.asarray(picture.convert("L"))
    except FileNotFoundError:
        raise MissingData(f"{path.name} is missing; looked in {path.parent}") from None
    except (UnidentifiedImageError, OSError) as error:
        raise MalformedData(f"{path} is no picture") from error


def parse_json(content: bytes, known: DataFile) -> list[dict[str, object]]:
    """The list of objects in a JSON file. Raises ``MalformedData``."""
    try:
        records = json.loads(content)
    except (UnicodeDecodeError, json.JSONDecodeError) as error:
        raise MalformedData(f"{known.path} is no JSON file") from error
    if not isinstance(records, list) or not all(isinstance(record, dict) for record in records):
        raise MalformedData(f"{known.path} holds no list of objects")
    return records


def load_hascii_cells(root: Path, allow_unknown: bool = False) -> tuple[CharacterCell, ...]:
    """The 192 cells, in the order of their index. Raises ``MissingData``, ``ChecksumMismatch``, ``MalformedData``."""
    (known,) = DATA_SETS["hascii_cells"].files
    folder = root / Path(known.path).parent
    records = parse_json(read_known(root, known, allow_unknown), known)
    try:
        return tuple(
            CharacterCell(read_picture(folder / Path(str(r["file"])).name), str(r["label"]), f"hascii/{r['writer']}", int(str(r["sample"])))
            for r in records
        )
    except (KeyError, ValueError) as error:
        raise MalformedData(f"{known.path}: a record lacks file, label, writer or sample") from error
