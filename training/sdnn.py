"""The second reader of an amount: LeNet-5 slid over the whole field, trained with CTC.

The paper calls a convolutional network that is given a wider picture than it was made for a *space displacement network*: every
layer is a convolution, C5 on purpose, so the same weights give one answer per place instead of one answer. Here the places are 2
pixels apart: S4 halves the height only, and C5 takes every second column, which is LeNet-5 applied to each window of 32 x 32, all
at once. Connectionist temporal classification (Graves et al. 2006) trains it on whole strings: nobody says where the digits are.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn
from torch.nn import functional

from app.reader.second_reader import ROOM_PX
from app.reader.types import RUBBISH, STRAY, Alphabet
from training.segments import PATCH_UNIT
from training.shards import read_shards

WINDOW_PX, STEP_PX = 32, 2
BLANK = 0  # class of "no character here"; class k + 1 is symbol k


class SpaceDisplacementNetwork(nn.Module):
    """Strips (N, 1, 32, W), ink = 1.0, paper = 0.0 -> logits (N, T, C + 1), T = (W - 32) // 2 + 1 places, class 0 the blank.

    The layers, the maps and the filters of ``LeNet5``, normalised while it is trained; 63,000 parameters.
    """

    def __init__(self, symbol_count: int, normalised: bool = True) -> None:
        super().__init__()
        self.c1 = nn.Conv2d(1, 6, kernel_size=5)
        self.s2 = nn.MaxPool2d(2)
        self.c3 = nn.Conv2d(6, 16, kernel_size=5)
        self.s4 = nn.MaxPool2d(2, stride=(2, 1))
        self.c5 = nn.Conv2d(16, 120, kernel_size=5, dilation=(1, 2))
        self.f6 = nn.Conv2d(120, 84, kernel_size=1)
        self.output = nn.Conv2d(84, symbol_count + 1, kernel_size=1)
        sizes = {"c1": 6, "c3": 16, "c5": 120, "f6": 84}
        self.normalise = nn.ModuleDict({name: nn.BatchNorm2d(maps) for name, maps in sizes.items()} if normalised else {})

    def forward(self, strips: Tensor) -> Tensor:
        x = self.s2(functional.relu(self._sums("c1", strips)))
        x = self.s4(functional.relu(self._sums("c3", x)))
        x = functional.relu(self._sums("c5", x))
        x = functional.relu(self._sums("f6", x))
        return self.output(x)[:, :, 0].transpose(1, 2)

    def _sums(self, layer: str, x: Tensor) -> Tensor:
        sums = self.get_submodule(layer)(x)
        return self.normalise[layer](sums) if layer in self.normalise else sums

    @torch.no_grad()
    def folded(self) -> SpaceDisplacementNetwork:
        """The same function without normalisation, as in ``LeNet5.folded``."""
        plain = SpaceDisplacementNetwork(self.output.out_channels - 1, normalised=False)
        for layer in ("c1", "c3", "c5", "f6", "output"):
            weight, bias = self.get_submodule(layer).weight.clone(), self.get_submodule(layer).bias.clone()
            if layer in self.normalise:
                norm = self.normalise[layer]
                factor = norm.weight / torch.sqrt(norm.running_var + norm.eps)
                weight *= factor.view(-1, 1, 1, 1)
                bias = (bias - norm.running_mean) * factor + norm.bias
            plain.get_submodule(layer).weight.copy_(weight)
            plain.get_submodule(layer).bias.copy_(bias)
        return plain.to(self.output.weight.device).eval()


def symbols_of(alphabet: Alphabet) -> tuple[str, ...]:
    """The symbols that the second reader writes: the alphabet without rubbish and stray."""
    return tuple(symbol for symbol in alphabet.symbols if symbol not in (RUBBISH, STRAY))


def places(width: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Number of places of strips of these widths in pixels."""
    return np.asarray((width - WINDOW_PX) // STEP_PX + 1)


@dataclass(frozen=True, slots=True, eq=False)
class StripSet:
    """The strips (32, W) int8 of many fields, with what stands on them."""

    strips: tuple[npt.NDArray[np.int8], ...]
    texts: tuple[str, ...]


def strip_set(paths: Sequence[Path]) -> StripSet:
    """The strips of the shards in memory; fields without text are left out."""
    strips: list[npt.NDArray[np.int8]] = []
    texts: list[str] = []
    for shard in read_shards(list(paths)):
        for number, text in enumerate(shard.texts):
            if text:
                strips.append(shard.strips[:, shard.strip_ends[number] : shard.strip_ends[number + 1]].copy())
                texts.append(text)
    return StripSet(tuple(strips), tuple(texts))


def strip_steps(data: StripSet, batch: int, seed: int, epoch: int) -> Iterator[tuple[npt.NDArray[np.int64], int]]:
    """Steps of an epoch: fields of about the same width, in random order, with a seed for their distortion."""
    rng = np.random.default_rng([seed, epoch, 3])
    width = np.array([strip.shape[1] for strip in data.strips]) * rng.uniform(0.9, 1.1, len(data.strips))
    order = np.argsort(width)
    starts = np.arange(0, max(1, len(order) - batch + 1), batch)
    for first in rng.permutation(starts):
        yield order[first : first + batch], int(rng.integers(2**31))


def distorted(strip: npt.NDArray[np.int8], rng: np.random.Generator) -> npt.NDArray[np.float32]:
    """A strip (32, W') of ink 0..1, a little larger or smaller, sheared, moved up or down, fainter or darker: the height and the
    middle of the digits are estimates in the reader too."""
    scale, shear = float(rng.uniform(0.87, 1.13)), float(rng.uniform(-0.15, 0.15))
    middle = WINDOW_PX / 2.0
    wide = max(1, round(strip.shape[1] * scale))
    across = np.array([scale, shear, -shear * middle])
    down = np.array([0.0, scale, middle - scale * middle + float(rng.uniform(-1.5, 1.5))])
    ink = strip.astype(np.float32) * (float(rng.uniform(0.8, 1.2)) / PATCH_UNIT)
    moved = cv2.warpAffine(ink, np.stack([across, down]), (wide, WINDOW_PX), flags=cv2.INTER_LINEAR)
    return np.asarray(np.clip(moved, 0.0, 1.0), np.float32)


def strip_batch(data: StripSet, fields: npt.NDArray[np.int64], seed: int) -> tuple[Tensor, npt.NDArray[np.int64]]:
    """Distorted strips (N, 1, 32, W) with paper around them up to the widest, and the widths (N,) in pixels."""
    rng = np.random.default_rng(seed)
    strips = [np.pad(distorted(data.strips[f], rng), ((0, 0), (ROOM_PX, ROOM_PX))) for f in fields]
    widths = np.array([strip.shape[1] for strip in strips])
    out = np.zeros((len(strips), 1, WINDOW_PX, int(widths.max())), np.float32)
    for row, strip in enumerate(strips):
        out[row, 0, :, : strip.shape[1]] = strip
    return torch.from_numpy(out), widths


def ctc_loss(
    network: nn.Module, data: StripSet, symbols: tuple[str, ...], fields: npt.NDArray[np.int64], seed: int, device: torch.device
) -> Tensor:
    """Mean CTC loss per symbol in nats."""
    strips, widths = strip_batch(data, fields, seed)
    log_probs = functional.log_softmax(network(strips.to(device)), dim=2).cpu()
    index = {symbol: k + 1 for k, symbol in enumerate(symbols)}
    wanted = [[index[symbol] for symbol in data.texts[f]] for f in fields]
    lengths = torch.tensor([len(text) for text in wanted])
    labels = torch.tensor([k for text in wanted for k in text])
    return functional.ctc_loss(
        log_probs.transpose(0, 1), labels, torch.from_numpy(places(widths)), lengths, blank=BLANK, reduction="mean", zero_infinity=True
    )
