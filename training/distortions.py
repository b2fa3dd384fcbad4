"""Random distortions of patches on the fly: affine, elastic, stroke width and noise, a whole batch at a time.

A digit that is turned, sheared or pressed more firmly is the same digit; a network that has seen it so needs fewer
writers. The elastic part follows Simard, Steinkraus, Platt, "Best Practices for Convolutional Neural Networks" (ICDAR
2003): every pixel moves by a random field that was smoothed until neighbours move together. Smoothing is slow, so a
bank of fields is drawn once; each patch takes one of them, mirrored and scaled at random.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import torch
from torch import Tensor
from torch.nn import functional


@dataclass(frozen=True, slots=True)
class DistortionStrength:
    """How far a distortion may go; each value is drawn uniformly within plus or minus its bound."""

    rotation_degrees: float = 10.0
    shear: float = 0.15
    scale: float = 0.12  # of each side on its own
    shift_px: float = 1.5
    elastic_px: float = 1.2  # root mean square of an elastic field at full strength
    smoothness_px: float = 4.0  # standard deviation of the Gaussian that smooths a field
    stroke_width: float = 0.0  # 0..1: share of one pixel by which strokes grow or shrink
    noise: float = 0.0  # standard deviation of noise on the ink

    def __post_init__(self) -> None:
        if min(getattr(self, name) for name in self.__slots__) < 0.0 or self.smoothness_px == 0.0 or self.scale >= 1.0:
            raise ValueError(f"strengths are 0 or greater, smoothness_px above 0, scale below 1; given: {self}")

    def scaled(self, share: float) -> DistortionStrength:
        """The same kinds of distortion, each with a share of its bound; fields are as smooth as before."""
        bounds = {name: getattr(self, name) * share for name in self.__slots__ if name != "smoothness_px"}
        return replace(self, **bounds)


MNIST_STRENGTH = DistortionStrength(rotation_degrees=12.0, shift_px=2.0, stroke_width=0.3)


def smooth_fields(count: int, side: int, smoothness_px: float, generator: torch.Generator) -> Tensor:
    """(count, side, side, 2) displacement fields with a root mean square of 1, in (x, y)."""
    radius = math.ceil(3.0 * smoothness_px)
    places = torch.arange(-radius, radius + 1, dtype=torch.float32)
    kernel = torch.exp(-places.square() / (2.0 * smoothness_px**2)).view(1, 1, 1, -1)
    wide = side + 2 * radius  # drawn with a margin, so that the rim moves as much as the middle
    noise = torch.rand(count * 2, 1, wide, wide, generator=generator) * 2.0 - 1.0
    smooth = functional.conv2d(functional.conv2d(noise, kernel), kernel.transpose(2, 3))
    fields = smooth.view(count, 2, side, side).permute(0, 2, 3, 1)
    return fields / fields.square().mean().sqrt()


def affine_matrices(count: int, side: int, strength: DistortionStrength, generator: torch.Generator) -> Tensor:
    """(count, 2, 3) matrices from places in the distorted patch to places in the given one, as ``affine_grid`` wants them."""

    def within(bound: float, *shape: int) -> Tensor:
        return (torch.rand(count, *shape, generator=generator) * 2.0 - 1.0) * bound

    turn, shear = within(math.radians(strength.rotation_degrees)), within(strength.shear)
    scale_x, scale_y = (1.0 / (1.0 + within(strength.scale, 2))).unbind(1)
    cos, sin = torch.cos(turn), torch.sin(turn)
    rows = torch.stack([cos * scale_x, (shear * cos - sin) * scale_y, sin * scale_x, (shear * sin + cos) * scale_y], dim=1)
    shift = within(strength.shift_px * 2.0 / side, 2, 1)
    return torch.cat([rows.view(count, 2, 2), shift], dim=2)


class Distorter:
    """Distorts batches of patches; all chance comes from the generator that each call is given."""

    def __init__(self, strength: DistortionStrength, side: int = 32, bank: int = 1024, seed: int = 0) -> None:
        self.strength, self.side = strength, side
        self.fields = smooth_fields(bank, side, strength.smoothness_px, torch.Generator().manual_seed(seed))

    def __call__(self, ink: Tensor, generator: torch.Generator) -> Tensor:
        """A distorted copy of patches (N, 1, side, side) with ink = 1.0 and paper = 0.0; paper comes in at the rim."""
        count = len(ink)
        matrices = affine_matrices(count, self.side, self.strength, generator)
        grid = functional.affine_grid(matrices, [count, 1, self.side, self.side], align_corners=False)
        chosen = self.fields[torch.randint(len(self.fields), (count,), generator=generator)]
        amount = (torch.rand(count, 1, 1, 2, generator=generator) * 2.0 - 1.0) * (self.strength.elastic_px * 2.0 / self.side)
        moved = functional.grid_sample(ink, grid + chosen * amount, mode="bilinear", padding_mode="zeros", align_corners=False)
        moved = self._change_stroke_width(moved, generator)
        if self.strength.noise > 0.0:
            moved = moved + torch.randn(moved.shape, generator=generator) * self.strength.noise
        return moved.clamp(0.0, 1.0)

    def _change_stroke_width(self, ink: Tensor, generator: torch.Generator) -> Tensor:
        """Each patch on its way to the greatest (thicker) or least (thinner) ink among the neighbours of each pixel."""
        if self.strength.stroke_width == 0.0:
            return ink
        amount = (torch.rand(len(ink), 1, 1, 1, generator=generator) * 2.0 - 1.0) * self.strength.stroke_width
        thicker = functional.max_pool2d(ink, 3, stride=1, padding=1)
        thinner = -functional.max_pool2d(-ink, 3, stride=1, padding=1)
        return ink + amount.clamp(min=0.0) * (thicker - ink) - amount.clamp(max=0.0) * (thinner - ink)
