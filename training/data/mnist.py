"""MNIST from the publishers' IDX files, packed or unpacked, with the writer of each digit from the QMNIST labels.

IDX: two zero bytes, a type code, the number of dimensions, each dimension as a big-endian 32-bit integer, then the
values in row-major order (LeCun, Cortes, Burges, "The MNIST database"). QMNIST's label rows have eight 32-bit columns:
0 the digit, 1 the NIST series, 2 the writer (Yadav, Bottou 2019). The first 10,000 rows of its test labels are MNIST's.
"""

from __future__ import annotations

import math
import struct
from pathlib import Path
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from training.data.images import CharacterImages
from training.data.sources import DATA_SETS, MalformedData, read_known

Part = Literal["train", "test"]

_TYPES = {0x08: ">u1", 0x09: ">i1", 0x0B: ">i2", 0x0C: ">i4", 0x0D: ">f4", 0x0E: ">f8"}
_WRITER_COLUMN = 2


def parse_idx(content: bytes, name: str) -> npt.NDArray[Any]:
    """The array in an IDX file, in native byte order. Raises ``MalformedData`` with ``name``."""
    if len(content) < 4 or content[:2] != b"\0\0" or content[2] not in _TYPES or content[3] == 0:
        raise MalformedData(f"{name} is no IDX file")
    rank, kind = content[3], np.dtype(_TYPES[content[2]])
    start = 4 + 4 * rank
    if len(content) < start:
        raise MalformedData(f"{name} ends within its IDX header")
    shape = struct.unpack(f">{rank}I", content[4:start])
    if len(content) != start + math.prod(shape) * kind.itemsize:
        raise MalformedData(f"{name} states shape {shape} in its IDX header, but holds {len(content) - start} bytes of values")
    return np.frombuffer(content, kind, offset=start).reshape(shape).astype(kind.newbyteorder("="))


def load_mnist(root: Path, part: Part, with_writers: bool = True, allow_unknown: bool = False) -> CharacterImages:
    """The 60,000 training or the 10,000 test digits, (N, 28, 28); writers are named ``mnist/NUMBER``.

    Without the QMNIST files use ``with_writers=False``. Raises ``MissingData``, ``ChecksumMismatch``, ``MalformedData``.
    """
    images_file, labels_file, writers_file = DATA_SETS[f"mnist_{part}"].files
    images = parse_idx(read_known(root, images_file, allow_unknown), images_file.path)
    labels = parse_idx(read_known(root, labels_file, allow_unknown), labels_file.path)
    if images.ndim != 3 or labels.shape != images.shape[:1]:
        raise MalformedData(f"{images_file.path} has shape {images.shape}, {labels_file.path} {labels.shape}")
    writers = np.full(len(labels), "", dtype=np.str_)
    if with_writers:
        rows = parse_idx(read_known(root, writers_file, allow_unknown), writers_file.path)
        if rows.ndim != 2 or rows.shape[0] < len(labels) or rows.shape[1] <= _WRITER_COLUMN:
            raise MalformedData(f"{writers_file.path} has shape {rows.shape}, too few rows or columns for {len(labels)} digits")
        rows = rows[: len(labels)]
        if not np.array_equal(rows[:, 0], labels):
            raise MalformedData(f"{writers_file.path} does not name the same digits as {labels_file.path}")
        writers = np.array([f"mnist/{number}" for number in rows[:, _WRITER_COLUMN]])
    return CharacterImages(f"mnist_{part}", images.astype(np.uint8), labels.astype(np.str_), writers)
