"""LeNet-5 twice: the network of 1998, parameter for parameter, and the modern form that reads the checks.

Both look at one picture of 32 x 32 pixels, ink = 1.0 and paper = 0.0, and both are the same chain of seven layers:

    input 32x32 ─C1→ 6 @ 28x28 ─S2→ 6 @ 14x14 ─C3→ 16 @ 10x10 ─S4→ 16 @ 5x5 ─C5→ 120 @ 1x1 ─F6→ 84 ─output→ classes

*C* is a convolution, *S* a sub-sampling, *F* a fully connected layer; "6 @ 28x28" reads "6 feature maps of 28 x 28".

* A **filter** is a small square of weights, here 5 x 5. It is laid on the picture at every place; at each place the
  products of weight and pixel are summed. The same 25 weights and one bias serve all places (*weight sharing*), so a
  stroke is found wherever it lies, and 28 x 28 units cost 26 parameters instead of 784 times as many.
* The sums of one filter, put down where they were taken, are a picture again: its **feature map**. Six filters give
  six maps, each the answer to another question: is there a vertical edge here, the end of a stroke, a corner?
* The **stride** is the step from one place to the next: 1 in the convolutions, so that neighbouring places overlap; 2
  in the 2 x 2 sub-samplings, whose places touch and do not overlap: they halve both sides of a map.
* **Zero padding** would surround a picture with zeros so that a filter may stick out over the rim and the map keeps
  its size. Here no layer pads: 32 - 5 + 1 = 28. The input itself brings the margin: a digit fills at most 20 x 20
  pixels in the middle 28 x 28, so the corner of a stroke can still lie in the middle of a filter of C5.
* The **receptive field** of a unit is the part of the *input* that it can see. It grows by 4 steps with each
  convolution, and the steps double with each sub-sampling:

      layer   receptive field   distance of neighbours
      C1      5 x 5             1
      S2      6 x 6             2
      C3      14 x 14           2
      S4      16 x 16           4
      C5      32 x 32           4    (the whole input: one place is left, so its maps are 1 x 1)

Source: LeCun, Bottou, Bengio, Haffner, "Gradient-Based Learning Applied to Document Recognition", Proceedings of the
IEEE 86(11), 1998, section II; its facts are asserted in ``tests/training/test_lenet5.py``.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

INPUT_SIDE_PX = 32
LAYERS = ("c1", "s2", "c3", "s4", "c5", "f6", "output")
PAPER_VALUE, INK_VALUE = -0.1, 1.175  # 1998: makes the mean of the input about 0 and its variance about 1

# Which maps of S2 each map of C3 sees (table I of the paper). Six see three neighbours, six see four neighbours, three
# see four with a gap, one sees all. It halves the work and breaks the symmetry: maps with different inputs must learn
# different things.
C3_TABLE: tuple[tuple[int, ...], ...] = (
    (0, 1, 2), (1, 2, 3), (2, 3, 4), (3, 4, 5), (0, 4, 5), (0, 1, 5),
    (0, 1, 2, 3), (1, 2, 3, 4), (2, 3, 4, 5), (0, 3, 4, 5), (0, 1, 4, 5), (0, 1, 2, 5),
    (0, 1, 3, 4), (1, 2, 4, 5), (0, 2, 3, 5),
    (0, 1, 2, 3, 4, 5),
)  # fmt: skip

# The ten digits as bitmaps of 7 x 12: what the 84 units of F6 shall draw. Digits that look alike have codes that are
# alike, so a confusion costs less than with ten codes at equal distances, and a picture of no digit is far from all.
DIGIT_BITMAPS = """
    ..###.. ...##.. .#####. .#####. ....##. ####### ..####. ####### .#####. .#####.
    .##.##. ..###.. ##...## ##...## ...###. ##..... .##.... ##...## ##...## ##...##
    ##...## .####.. ##...## .....## ...###. ##..... ##..... .....## ##...## ##...##
    ##...## ...##.. .....## .....## ..####. ##..... ##..... .....## ##...## ##...##
    ##...## ...##.. .....## .....## ..#.##. ######. ##..... ....##. .##.##. ##...##
    ##...## ...##.. ....##. ..####. .##.##. ##...## ######. ....##. ..###.. ##...##
    ##...## ...##.. ...##.. .....## .#..##. .....## ##...## ...##.. .##.##. .######
    ##...## ...##.. ..##... .....## ##..##. .....## ##...## ...##.. ##...## .....##
    ##...## ...##.. .##.... .....## ####### .....## ##...## ..##... ##...## .....##
    ##...## ...##.. ##..... .....## ....##. .....## ##...## ..##... ##...## .....##
    .##.##. ...##.. ##..... ##...## ....##. ##...## ##...## ..##... ##...## ....##.
    ..###.. .###### ####### .#####. ....##. .#####. .#####. ..##... .#####. .####..
"""


def digit_codes() -> Tensor:
    """The fixed weights of the output layer: (10, 84), +1 where the bitmap of the digit has ink and -1 elsewhere."""
    rows = [line.split() for line in DIGIT_BITMAPS.strip().splitlines()]
    return torch.tensor([[1.0 if dot == "#" else -1.0 for row in rows for dot in row[digit]] for digit in range(10)])


def squash(x: Tensor) -> Tensor:
    """1.7159 * tanh(2x / 3): maps +1 to +1 and -1 to -1, where its curvature is greatest, and has slope 1.14 at 0."""
    return 1.7159 * torch.tanh(x * (2.0 / 3.0))


def start_uniform(weight: nn.Parameter, fan_in: int) -> None:
    """Uniform in +-2.4 / fan-in: keeps the weighted sums of all layers in the bend of ``squash`` (appendix A)."""
    nn.init.uniform_(weight, -2.4 / fan_in, 2.4 / fan_in)


class Convolution(nn.Module):
    """A 5 x 5 convolution whose output maps each see only some input maps; stride 1, no padding.

    ``table[o]`` lists the input maps of output map o. Only those filters exist: ``weight`` is (F, 25), one row per
    pair (o, i) of the table, ``bias`` is (outputs,). They are laid into a dense filter bank, zero elsewhere, to be
    applied in one go. Input (N, inputs, H, W), output (N, outputs, H - 4, W - 4).
    """

    def __init__(self, inputs: int, table: tuple[tuple[int, ...], ...]) -> None:
        super().__init__()
        self.inputs, self.outputs = inputs, len(table)
        pairs = [o * inputs + i for o, seen in enumerate(table) for i in seen]
        self.weight = nn.Parameter(torch.empty(len(pairs), 25))
        self.bias = nn.Parameter(torch.empty(self.outputs))
        self.register_buffer("place", torch.tensor(pairs), persistent=False)
        first = 0
        for o, seen in enumerate(table):
            with torch.no_grad():
                bound = 2.4 / (25 * len(seen) + 1)
                self.weight[first : first + len(seen)].uniform_(-bound, bound)
                self.bias[o].uniform_(-bound, bound)
            first += len(seen)

    def forward(self, x: Tensor) -> Tensor:
        dense = self.weight.new_zeros(self.outputs * self.inputs, 25).index_copy(0, self.place, self.weight)
        return functional.conv2d(x, dense.view(self.outputs, self.inputs, 5, 5), self.bias)


class SubSampling(nn.Module):
    """Trainable 2 x 2 sub-sampling with stride 2: sum of four units * coefficient + bias, per feature map.

    Two parameters per map. It throws away *where exactly* a feature was found, which is what differs between two
    people's sevens. A small coefficient makes the unit blur, a large one makes it a noisy OR.
    (N, maps, H, W) -> (N, maps, H / 2, W / 2).
    """

    def __init__(self, maps: int) -> None:
        super().__init__()
        self.coefficient = nn.Parameter(torch.empty(maps))
        self.bias = nn.Parameter(torch.empty(maps))
        start_uniform(self.coefficient, 5)
        start_uniform(self.bias, 5)

    def forward(self, x: Tensor) -> Tensor:
        sums = 4.0 * functional.avg_pool2d(x, 2)
        return sums * self.coefficient.view(1, -1, 1, 1) + self.bias.view(1, -1, 1, 1)


class EuclideanOutput(nn.Module):
    """Radial basis function units: y_i = sum over j of (x_j - w_ij)^2 against the fixed codes (10, 84); no parameters.

    Input (N, 84), output the penalties y (N, 10) >= 0: the smaller, the better the bitmap of digit i is drawn.
    """

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("codes", digit_codes(), persistent=False)

    def forward(self, x: Tensor) -> Tensor:
        return (x.unsqueeze(1) - self.codes).square().sum(dim=2)


class LeNet5Original(nn.Module):
    """The network of 1998: exactly 60,000 trainable parameters and 340,908 connections; ten digits.

    Input (N, 1, 32, 32), ink = 1.0, paper = 0.0, moved to -0.1 .. 1.175 inside. Output: the *negative* penalties
    -y_i (N, 10), so that the greatest is the answer, as with logits. Train it with ``map_loss``.
    """

    def __init__(self) -> None:
        super().__init__()
        self.c1 = Convolution(1, ((0,),) * 6)  # 6 filters of 5x5: 6 @ 28x28
        self.s2 = SubSampling(6)  # 6 @ 14x14
        self.c3 = Convolution(6, C3_TABLE)  # 60 filters for 16 maps: 16 @ 10x10
        self.s4 = SubSampling(16)  # 16 @ 5x5
        self.c5 = Convolution(16, (tuple(range(16)),) * 120)  # 5x5 on 5x5 leaves one place: 120 @ 1x1
        self.f6 = nn.Linear(120, 84)
        self.output = EuclideanOutput()
        start_uniform(self.f6.weight, 121)
        start_uniform(self.f6.bias, 121)

    def forward(self, ink: Tensor) -> Tensor:
        return self.layers(ink)[-1]

    def layers(self, ink: Tensor) -> tuple[Tensor, ...]:
        """What every layer answers, squashed, in the order of ``LAYERS``; the last are the negative penalties."""
        c1 = squash(self.c1(ink * (INK_VALUE - PAPER_VALUE) + PAPER_VALUE))
        s2 = squash(self.s2(c1))
        c3 = squash(self.c3(s2))
        s4 = squash(self.s4(c3))
        c5 = squash(self.c5(s4)).flatten(1)
        f6 = squash(self.f6(c5))
        return c1, s2, c3, s4, c5, f6, -self.output(f6)


def map_loss(logits: Tensor, labels: Tensor, j: float) -> Tensor:
    """The paper's maximum a posteriori criterion (its equation 9), mean over the batch.

    ``logits`` (N, 10) are negative penalties -y, ``labels`` (N,) the digits. y_D + log(e^-j + sum over i of e^-y_i):
    the first term draws the right penalty down, the second pushes all penalties up, the wrong ones above all. j > 0 is
    the penalty of a rubbish class that is always there: penalties that are large already are pushed no further.
    """
    rubbish = logits.new_full((len(logits), 1), -j)
    competition = torch.logsumexp(torch.cat([logits, rubbish], dim=1), dim=1)
    return (competition - logits.gather(1, labels.view(-1, 1)).squeeze(1)).mean()


class LeNet5(nn.Module):
    """The modern form: the same layers with every C3 map seeing all of S2, max pooling, ReLU and plain logits.

    Input (N, 1, 32, 32): ink of the character 1.0, paper 0.0, ink of neighbours negative. Output: logits
    (N, class_count); ``log_softmax`` of them are the log-probabilities. 61,706 parameters for ten classes.

    Max pooling keeps the strongest of four answers: was the feature found *anywhere* here? It has no parameters. ReLU,
    max(x, 0), passes the gradient unchanged where it passes it at all, so the layers learn at the same pace without
    the tuned slopes of ``squash``.

    ``normalised`` puts batch normalisation (Ioffe, Szegedy, 2015) behind the sums of C1, C3, C5 and F6 for training: twice as
    fast to train and a fifth fewer errors; ``folded`` takes it out again.
    """

    def __init__(self, class_count: int, normalised: bool = False) -> None:
        super().__init__()
        self.c1 = nn.Conv2d(1, 6, kernel_size=5)  # stride 1, no padding: 6 @ 28x28
        self.s2 = nn.MaxPool2d(2)  # 6 @ 14x14
        self.c3 = nn.Conv2d(6, 16, kernel_size=5)  # 16 @ 10x10
        self.s4 = nn.MaxPool2d(2)  # 16 @ 5x5
        self.c5 = nn.Conv2d(16, 120, kernel_size=5)  # 120 @ 1x1
        self.f6 = nn.Linear(120, 84)
        self.output = nn.Linear(84, class_count)
        self.normalise = nn.ModuleDict(
            {"c1": nn.BatchNorm2d(6), "c3": nn.BatchNorm2d(16), "c5": nn.BatchNorm2d(120), "f6": nn.BatchNorm1d(84)} if normalised else {}
        )

    def forward(self, ink: Tensor) -> Tensor:
        return self.layers(ink)[-1]

    def layers(self, ink: Tensor) -> tuple[Tensor, ...]:
        """What every layer answers, after ReLU, in the order of ``LAYERS``; the last are the logits."""
        c1 = functional.relu(self._sums("c1", ink))
        s2 = self.s2(c1)
        c3 = functional.relu(self._sums("c3", s2))
        s4 = self.s4(c3)
        c5 = functional.relu(self._sums("c5", s4)).flatten(1)
        f6 = functional.relu(self._sums("f6", c5))
        return c1, s2, c3, s4, c5, f6, self.output(f6)

    def _sums(self, layer: str, x: Tensor) -> Tensor:
        sums = self.get_submodule(layer)(x)
        return self.normalise[layer](sums) if layer in self.normalise else sums

    @torch.no_grad()
    def folded(self) -> LeNet5:
        """The same function without normalisation: what it does to a trained layer is a factor and a shift of each map, and
        those go into the layer's weights and bias. This is the network that is exported."""
        plain = LeNet5(self.output.out_features)
        for layer in ("c1", "c3", "c5", "f6", "output"):
            weight, bias = self.get_submodule(layer).weight.clone(), self.get_submodule(layer).bias.clone()
            if layer in self.normalise:
                norm = self.normalise[layer]
                factor = norm.weight / torch.sqrt(norm.running_var + norm.eps)
                weight *= factor.view(-1, *[1] * (weight.dim() - 1))
                bias = (bias - norm.running_mean) * factor + norm.bias
            plain.get_submodule(layer).weight.copy_(weight)
            plain.get_submodule(layer).bias.copy_(bias)
        return plain.to(self.output.weight.device).eval()


@dataclass(frozen=True, slots=True)
class LayerCount:
    """One layer: trainable parameters, and connections = the values that its units take in, their biases included."""

    layer: str
    parameters: int
    connections: int


def _inputs_per_place(layer: nn.Module) -> int:
    """How many values enter the units of all maps of a layer at one place, one bias per unit included."""
    if isinstance(layer, Convolution):
        return int(layer.weight.numel() + layer.bias.numel())
    if isinstance(layer, SubSampling):
        return 5 * len(layer.bias)
    if isinstance(layer, EuclideanOutput):
        return int(layer.codes.numel())
    return sum(int(parameter.numel()) for parameter in layer.parameters())


def layer_counts(network: nn.Module) -> tuple[LayerCount, ...]:
    """Parameters and connections of each layer of ``LeNet5Original`` or ``LeNet5``, in order, counted on one input.

    A weight that is shared by many places is one parameter and as many connections as there are places. The
    parameter-free max pooling counts the four values that each of its units compares.
    """
    counts: list[LayerCount] = []

    def count(layer: nn.Module, given: tuple[Tensor, ...], out: Tensor) -> None:
        places = out.shape[2] * out.shape[3] if out.dim() == 4 else 1
        per_place = 4 * out.shape[1] if isinstance(layer, nn.MaxPool2d) else _inputs_per_place(layer)
        name = next(name for name, child in network.named_children() if child is layer)
        counts.append(LayerCount(name, sum(int(p.numel()) for p in layer.parameters()), int(places * per_place)))

    hooks = [child.register_forward_hook(count) for child in network.children()]
    with torch.no_grad():
        network(torch.zeros(1, 1, INPUT_SIDE_PX, INPUT_SIDE_PX))
    for hook in hooks:
        hook.remove()
    return tuple(counts)
