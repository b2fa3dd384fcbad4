"""The geometry of LeNet-5, against the paper and against what a unit really sees."""

from __future__ import annotations

import numpy as np
import pytest

from app.reader.receptive_fields import LENET5, Layer


def test_sizes_are_those_of_the_paper() -> None:
    """Maps, sides, receptive fields and their distances as in the paper's figure 2 and the head of training/lenet5.py."""
    assert [(layer.name, layer.maps, layer.side) for layer in LENET5] == [
        ("c1", 6, 28), ("s2", 6, 14), ("c3", 16, 10), ("s4", 16, 5), ("c5", 120, 1), ("f6", 84, 1),
    ]  # fmt: skip
    assert [(layer.receptive_field_px, layer.jump_px) for layer in LENET5] == [(5, 1), (6, 2), (14, 2), (16, 4), (32, 4), (32, 4)]
    assert {layer.padding_px for layer in LENET5} == {0}


def test_fields_of_the_corner_units_lie_inside_the_patch() -> None:
    """The first unit begins at the patch's corner, the last one ends inside it."""
    for layer in LENET5:
        assert layer.field_of(0, 0)[:2] == (0, 0)
        assert 28 <= layer.field_of(layer.side - 1, layer.side - 1)[2] <= 32


def sees(layer: Layer, row: int, column: int) -> tuple[int, int, int, int]:
    """The box of patch pixels that reach one unit, found by following every connection downwards."""
    rows, columns = {row}, {column}
    for below in reversed(LENET5[: LENET5.index(layer) + 1]):
        rows = {below.stride_px * r + k for r in rows for k in range(below.kernel_px)}
        columns = {below.stride_px * c + k for c in columns for k in range(below.kernel_px)}
    return min(columns), min(rows), max(columns) + 1, max(rows) + 1


@pytest.mark.parametrize("layer", LENET5, ids=lambda layer: layer.name)
def test_fields_are_what_the_connections_reach(layer: Layer) -> None:
    """For units all over a map the box equals what following the connections one by one gives."""
    for unit in np.linspace(0, layer.side - 1, min(layer.side, 4)).astype(int).tolist():
        assert layer.field_of(unit, layer.side - 1 - unit) == sees(layer, unit, layer.side - 1 - unit)
