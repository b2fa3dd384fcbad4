"""IDX files for tests: tiny MNIST folders, packed or not."""

from __future__ import annotations

import gzip
import struct
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

CODES = {"u1": 0x08, "i4": 0x0C}


def idx_bytes(values: npt.NDArray[Any]) -> bytes:
    """An array of uint8 or int32 as the bytes of an IDX file."""
    code = CODES[values.dtype.str[1:]]
    return (
        bytes([0, 0, code, values.ndim])
        + struct.pack(f">{values.ndim}I", *values.shape)
        + values.astype(values.dtype.newbyteorder(">")).tobytes()
    )


def write_mnist(
    folder: Path,
    images: npt.NDArray[np.uint8],
    labels: npt.NDArray[np.uint8],
    writers: npt.NDArray[np.int32],
    part: str = "train",
    packed: bool = True,
) -> None:
    """One part of MNIST under its publishers' names."""
    folder.mkdir(parents=True, exist_ok=True)
    rows = np.zeros((len(labels), 8), np.int32)
    rows[:, 0], rows[:, 2] = labels, writers
    stem, qmnist = ("train", "train") if part == "train" else ("t10k", "test")
    files: dict[str, npt.NDArray[Any]] = {
        f"{stem}-images-idx3-ubyte": images,
        f"{stem}-labels-idx1-ubyte": labels,
        f"qmnist-{qmnist}-labels-idx2-int": rows,
    }
    for name, values in files.items():
        content = idx_bytes(values)
        (folder / (name + ".gz" if packed else name)).write_bytes(gzip.compress(content) if packed else content)
