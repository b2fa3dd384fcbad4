"""UNIPEN: how digits, symbols and number strings were written, as pen strokes on a tablet.

Coordinates are the tablet's; **y points up**. ``relative_width`` and ``relative_height`` are the size over the median
digit height of the same writer. Source: Guyon et al., "UNIPEN project of on-line data exchange" (ICPR 1994).
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
import numpy.typing as npt

from training.data.sources import DATA_SETS, MalformedData, read_known

StrokeSet = Literal["digits", "symbols", "strings"]
Stroke = npt.NDArray[np.float32]  # (P, 2): x, y in tablet units, y upwards

SHIFTED_CONTRIBUTORS = frozenset({"ibm"})  # its labels of symbols belong to the neighbouring sample


@dataclass(frozen=True, slots=True, eq=False)
class StrokeSample:
    """A written digit, symbol or string. Relative sizes are NaN where the writer wrote no digits, and for strings."""

    label: str
    strokes: tuple[Stroke, ...]
    writer: str  # "unipen/" and the writer's file
    contributor: str
    quality: str  # "OK" or "?", by the contributor
    relative_width: float
    relative_height: float


def _sample(record: dict[str, object]) -> StrokeSample:
    strokes, width, height = record["strokes"], record.get("rel_w"), record.get("rel_h")
    if not isinstance(strokes, list):
        raise ValueError("strokes must be a list")
    file = str(record["writer_file"])
    return StrokeSample(
        label=str(record["label"]),
        strokes=tuple(np.asarray(stroke, np.float32).reshape(-1, 2) for stroke in strokes if stroke),
        writer=f"unipen/{file}",
        contributor=file.split("/")[0],
        quality=str(record["quality"]),
        relative_width=float("nan") if width is None else float(str(width)),
        relative_height=float("nan") if height is None else float(str(height)),
    )


def load_strokes(root: Path, part: StrokeSet, allow_unknown: bool = False) -> tuple[StrokeSample, ...]:
    """All samples of one part in file order; symbols without the contributors whose labels are shifted.

    Raises ``MissingData``, ``ChecksumMismatch``, ``MalformedData`` with the line.
    """
    (known,) = DATA_SETS[f"unipen_{part}"].files
    samples = []
    for number, line in enumerate(read_known(root, known, allow_unknown).splitlines(), start=1):
        try:
            sample = _sample(json.loads(line))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise MalformedData(f"{known.path}, line {number}: no stroke sample") from error
        if part != "symbols" or sample.contributor not in SHIFTED_CONTRIBUTORS:
            samples.append(sample)
    return tuple(samples)
