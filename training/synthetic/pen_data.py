"""Handwriting out of data sets for the pens: UNIPEN strokes by writer file, MNIST digits by QMNIST writer.

Everything is read from a folder that the caller names. Folder layout: ``digits/unipen/digits.jsonl.gz`` and
``symbols.jsonl.gz`` (one JSON object per line, y upwards), ``digits/mnist/train-images-idx3-ubyte.gz`` and
``qmnist-train-labels-idx2-int.gz`` (column 0 the digit, column 2 the writer). numpy only.
"""

from __future__ import annotations

import gzip
import hashlib
import json
from collections import defaultdict
from pathlib import Path
from typing import Literal

import numpy as np
import numpy.typing as npt

from training.synthetic.stroke_models import DIGIT_SHAPES, SYMBOL_SHAPES
from training.synthetic.strokes import Strokes, average_neighbours, extent

Split = Literal["train", "held_out"]

HELD_OUT_SHARE = 0.1
SHIFTED_CONTRIBUTORS = frozenset({"ibm"})  # its symbol labels are shifted by one
StrokesOfWriter = dict[str, dict[str, tuple[Strokes, ...]]]  # writer -> symbol -> samples
BitmapsOfWriter = dict[str, dict[str, npt.NDArray[np.uint8]]]  # writer -> digit -> (N, 28, 28), ink bright

_ZERO_LINE = {".": (-0.06, 0.02), ",": (-0.1, 0.24), "-": (-0.56, -0.44), "=": (-0.65, -0.35), "*": (-0.85, -0.25)}
_SANE_HEIGHT = {  # in median digit heights of the writer; other samples are slips or mislabelled
    "digit": (0.65, 1.6),
    "$": (0.8, 2.2),
    "#": (0.6, 1.6),
    "/": (0.7, 1.8),
    "*": (0.25, 1.1),
    "=": (0.12, 0.7),
    ",": (0.2, 0.6),
}

_BHMSDS_GROUPS = 60


def split_of(writer: str) -> Split:
    """Which split a writer belongs to: a tenth of all writers, by the hash of the name, is held out."""
    number = int.from_bytes(hashlib.sha256(writer.encode()).digest()[:8], "big")
    return "held_out" if number < HELD_OUT_SHARE * 2**64 else "train"


def _standing(symbol: str, strokes: list[list[list[float]]], relative_width: float, relative_height: float) -> Strokes | None:
    """UNIPEN strokes scaled to digit heights, y downwards, and stood on the line as their symbol stands."""
    arrays = [np.array(s, dtype=np.float64).reshape(-1, 2) * (1.0, -1.0) for s in strokes if s]
    if not arrays:
        return None
    arrays = [s if len(s) > 1 else np.vstack([s, s + 1e-6]) for s in arrays]
    left, top, right, bottom = extent(tuple(arrays))
    low, high = _SANE_HEIGHT.get("digit" if symbol.isdigit() else symbol, (0.0, 0.6))
    if not low <= relative_height <= high or (symbol.isdigit() and right - left > 2.0 * (bottom - top)):
        return None
    longest = max(bottom - top, right - left, 1e-6)
    scale = max(relative_width, relative_height) / longest
    if symbol in "-=":
        scale = float(np.clip(max(relative_width, relative_height), 0.22, 1.0)) / longest
    elif symbol == ".":
        scale = min(scale, 0.1 / longest)
    above, below = _ZERO_LINE.get(symbol, (-1.0, 0.0))
    middle = (above + below) / 2 if symbol not in "0123456789" else -relative_height / 2
    placed = [(s - ((left), (top + bottom) / 2)) * scale + (0.0, middle) for s in arrays]
    return tuple(average_neighbours(s[:: max(1, len(s) // 60)] if len(s) > 120 else s, 1) for s in placed)


def load_unipen(data_root: Path, split: Split) -> StrokesOfWriter:
    """Strokes of the digits and symbols that an amount may hold, by writer file. Raises FileNotFoundError."""
    samples: dict[str, dict[str, list[Strokes]]] = defaultdict(lambda: defaultdict(list))
    wanted = {*DIGIT_SHAPES, *SYMBOL_SHAPES}
    for name in ("digits.jsonl.gz", "symbols.jsonl.gz"):
        with gzip.open(data_root / "digits" / "unipen" / name, "rt", encoding="utf-8") as lines:
            for line in lines:
                record = json.loads(line)
                writer = f"unipen/{record['writer_file']}"
                if record["label"] not in wanted or record["contrib"] in SHIFTED_CONTRIBUTORS or split_of(writer) != split:
                    continue
                strokes = _standing(record["label"], record["strokes"], float(record["rel_w"] or 0.0), float(record["rel_h"] or 0.0))
                if strokes is not None:
                    samples[writer][record["label"]].append(strokes)
    return {writer: {symbol: tuple(found) for symbol, found in by.items()} for writer, by in samples.items()}


def _idx(path: Path) -> npt.NDArray[np.uint8]:
    """The body of a gzipped IDX file as bytes, header cut off. Source: the MNIST page's description of IDX."""
    raw = gzip.decompress(path.read_bytes())
    header = 4 + 4 * raw[3]
    return np.frombuffer(raw, np.uint8, offset=header)


def load_bhmsds(data_root: Path, split: Split) -> BitmapsOfWriter:
    """BHMSDS digits, in 60 groups that stand for writers (the set names none). Raises FileNotFoundError."""
    path = data_root / "digits" / "bhmsds.npz"
    with np.load(path, allow_pickle=False) as data:
        images, labels = data["images"], data["labels"]
    result: BitmapsOfWriter = {}
    for group in range(_BHMSDS_GROUPS):
        writer = f"bhmsds/{group}"
        if split_of(writer) == split:
            result[writer] = {str(d): np.array_split(images[labels == str(d)], _BHMSDS_GROUPS)[group] for d in range(10)}
    return result


def load_mnist_by_writer(data_root: Path, split: Split) -> BitmapsOfWriter:
    """The MNIST training digits by QMNIST writer. The test part is never read. Raises FileNotFoundError."""
    folder = data_root / "digits" / "mnist"
    images = _idx(folder / "train-images-idx3-ubyte.gz").reshape(-1, 28, 28)
    labels = _idx(folder / "qmnist-train-labels-idx2-int.gz").view(">i4").reshape(len(images), -1)
    result: BitmapsOfWriter = {}
    for number in np.unique(labels[:, 2]):
        writer = f"mnist/{int(number)}"
        if split_of(writer) == split:
            mine = labels[:, 2] == number
            result[writer] = {str(d): images[mine & (labels[:, 0] == d)] for d in range(10) if np.any(mine & (labels[:, 0] == d))}
    return result
