"""The geometry of LeNet-5: what part of a patch a unit of each layer can see.

A unit of a layer sees ``kernel_px`` x ``kernel_px`` units of the layer below; neighbouring units see places that lie
``stride_px`` apart there. In pixels of the patch, with r the receptive field and j the distance of neighbouring units of the
layer below (1 and 1 for the patch): r' = r + (kernel - 1) * j and j' = j * stride. No layer pads, so that the unit in row y and
column x of a map sees the rows y * j .. y * j + r - 1 of the patch and the columns x * j .. x * j + r - 1.

Source: LeCun, Bottou, Bengio, Haffner, "Gradient-Based Learning Applied to Document Recognition", Proceedings of the IEEE 86(11),
1998, section II.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from app.reader.types import PATCH_SIDE_PX, Box

LayerName = Literal["c1", "s2", "c3", "s4", "c5", "f6"]
LayerKind = Literal["convolution", "sub_sampling", "fully_connected"]


@dataclass(frozen=True, slots=True)
class Layer:
    """One layer: ``maps`` feature maps of ``side`` x ``side`` units."""

    name: LayerName
    kind: LayerKind
    maps: int
    side: int
    kernel_px: int  # side of the square of units below that a unit sees
    stride_px: int  # distance, in units below, of what neighbouring units see
    padding_px: int
    receptive_field_px: int  # side of the square of patch pixels that a unit sees
    jump_px: int  # distance, in patch pixels, of what neighbouring units see

    def field_of(self, row: int, column: int) -> Box:
        """The patch pixels that a unit sees: left, top, right, bottom, half-open."""
        left, top = column * self.jump_px, row * self.jump_px
        return left, top, left + self.receptive_field_px, top + self.receptive_field_px


def layer_chain(plan: tuple[tuple[LayerName, LayerKind, int, int, int], ...]) -> tuple[Layer, ...]:
    """Layers on a patch of 32 x 32, from (name, kind, maps, kernel, stride) of each; none pads."""
    layers: list[Layer] = []
    side, field, jump = PATCH_SIDE_PX, 1, 1
    for name, kind, maps, kernel, stride in plan:
        side, field = (side - kernel) // stride + 1, field + (kernel - 1) * jump
        jump *= stride
        layers.append(Layer(name, kind, maps, side, kernel, stride, 0, field, jump))
    return tuple(layers)


LENET5 = layer_chain(
    (
        ("c1", "convolution", 6, 5, 1),
        ("s2", "sub_sampling", 6, 2, 2),
        ("c3", "convolution", 16, 5, 1),
        ("s4", "sub_sampling", 16, 2, 2),
        ("c5", "convolution", 120, 5, 1),  # 5 x 5 on 5 x 5: one place is left
        ("f6", "fully_connected", 84, 1, 1),
    )
)
