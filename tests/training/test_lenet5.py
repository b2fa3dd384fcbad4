"""The facts of the paper, layer by layer."""

from __future__ import annotations

import numpy as np
import pytest

from tests.requirements_gate import require

require("torch")

import torch  # noqa: E402

from training.lenet5 import (  # noqa: E402
    C3_TABLE,
    LayerCount,
    LeNet5,
    LeNet5Original,
    digit_codes,
    layer_counts,
    map_loss,
    squash,
)

PAPER = (
    LayerCount("c1", 156, 122_304),
    LayerCount("s2", 12, 5_880),
    LayerCount("c3", 1_516, 151_600),
    LayerCount("s4", 32, 2_000),
    LayerCount("c5", 48_120, 48_120),
    LayerCount("f6", 10_164, 10_164),
    LayerCount("output", 0, 840),
)


def test_the_network_of_1998_is_the_papers_layer_by_layer() -> None:
    """Trainable parameters and connections of every layer, 60,000 and 340,908 in all."""
    network = LeNet5Original()
    assert layer_counts(network) == PAPER
    assert sum(p.numel() for p in network.parameters() if p.requires_grad) == 60_000
    assert sum(layer.connections for layer in PAPER) == 340_908


@pytest.mark.parametrize("class_count", [10, 16, 20])
def test_the_modern_network_has_about_as_many_parameters(class_count: int) -> None:
    """61,706 for ten classes and 85 more for each further one; two layers without parameters."""
    counts = layer_counts(LeNet5(class_count))
    assert sum(layer.parameters for layer in counts) == 61_706 + 85 * (class_count - 10)
    assert [layer.layer for layer in counts if layer.parameters == 0] == ["s2", "s4"]


def test_feature_maps_have_the_sizes_of_the_paper() -> None:
    """28, 14, 10, 5 and 1: no layer pads, only the sub-samplings step by two."""
    for network in (LeNet5Original(), LeNet5(10)):
        shapes: dict[str, tuple[int, ...]] = {}
        for name, layer in network.named_children():
            layer.register_forward_hook(lambda _l, _i, out, name=name, into=shapes: into.__setitem__(name, tuple(out.shape[1:])))
        assert network(torch.zeros(3, 1, 32, 32)).shape == (3, 10)
        assert [shapes[name] for name in ("c1", "s2", "c3", "s4", "c5")] == [
            (6, 28, 28),
            (6, 14, 14),
            (16, 10, 10),
            (16, 5, 5),
            (120, 1, 1),
        ]
        assert shapes["f6"] == (84,)


def test_each_map_of_c3_sees_the_maps_of_s2_that_the_table_says() -> None:
    """A change in one map of S2 moves exactly the maps of C3 that are connected to it."""
    layer = LeNet5Original().c3
    still = layer(torch.zeros(1, 6, 14, 14))
    for seen in range(6):
        given = torch.zeros(1, 6, 14, 14)
        given[0, seen] = 1.0
        moved = (layer(given) != still).any(dim=3).any(dim=2)[0].tolist()
        assert moved == [seen in row for row in C3_TABLE]


def test_a_sparse_convolution_is_the_sum_over_its_filters() -> None:
    """Against the slow, obvious answer: every place, every pair of maps, every weight."""
    torch.manual_seed(3)
    layer = LeNet5Original().c3
    given = torch.randn(1, 6, 6, 6)
    weight, bias = layer.weight.detach().numpy().reshape(-1, 5, 5), layer.bias.detach().numpy()
    expected = np.zeros((16, 2, 2))
    row = 0
    for out, table in enumerate(C3_TABLE):
        expected[out] = bias[out]
        for seen in table:
            for y in range(2):
                for x in range(2):
                    expected[out, y, x] += float((weight[row] * given[0, seen, y : y + 5, x : x + 5].numpy()).sum())
            row += 1
    assert row == len(weight) == 60
    assert np.abs(layer(given).detach().numpy()[0] - expected).max() < 1e-5


def test_the_receptive_field_of_c5_is_the_whole_input() -> None:
    """Every one of the 1,024 pixels can change the answer, and a unit of S4 sees 16 x 16 of them."""
    torch.manual_seed(0)
    network = LeNet5Original()
    ink = torch.rand(1, 1, 32, 32, requires_grad=True)
    network(ink).sum().backward()
    assert bool((ink.grad != 0).all())
    ink.grad = None
    maps: dict[str, torch.Tensor] = {}
    network.s4.register_forward_hook(lambda _l, _i, out: maps.__setitem__("s4", out))
    network(ink)
    maps["s4"][0, :, 2, 1].sum().backward()
    rows, columns = torch.nonzero(ink.grad[0, 0], as_tuple=True)
    assert (int(rows.min()), int(rows.max()), int(columns.min()), int(columns.max())) == (8, 23, 4, 19)


def test_the_digit_codes_are_ten_different_drawings() -> None:
    """84 values of +1 and -1 each, any two digits apart, and fixed: training does not move them."""
    codes = digit_codes()
    assert codes.shape == (10, 84)
    assert set(codes.unique().tolist()) == {-1.0, 1.0}
    apart = (codes[:, None] != codes[None]).sum(dim=2) + 84 * torch.eye(10, dtype=torch.long)
    assert int(apart.min()) >= 4
    assert "output.codes" not in dict(LeNet5Original().named_parameters())


def test_the_answer_is_the_digit_whose_bitmap_is_drawn() -> None:
    """The output layer answers 0 for its own bitmap and 4 for every dot that differs."""
    codes = digit_codes()
    penalties = LeNet5Original().output(codes)
    assert torch.equal(penalties.diagonal(), torch.zeros(10))
    assert torch.equal(penalties, 4.0 * (codes[:, None] != codes[None]).sum(dim=2))


def test_squash_maps_one_to_one() -> None:
    """f(1) = 1 and f(-1) = -1 up to the rounding of the paper's constants."""
    assert torch.allclose(squash(torch.tensor([1.0, -1.0, 0.0])), torch.tensor([1.0, -1.0, 0.0]), atol=1e-4)


def test_map_loss_is_the_papers_formula() -> None:
    """y_D + log(e^-j + sum of e^-y_i), by hand; large wrong penalties are not pushed once they are above j."""
    penalties = torch.tensor([[0.5, 2.0, 3.0]])
    by_hand = 2.0 + np.log(np.exp(-1.5) + np.exp([-0.5, -2.0, -3.0]).sum())
    assert float(map_loss(-penalties, torch.tensor([1]), 1.5)) == pytest.approx(by_hand)
    far = torch.tensor([[0.0, 60.0]], requires_grad=True)
    map_loss(-far, torch.tensor([0]), 1.0).backward()
    assert abs(float(far.grad[0, 1])) < 1e-20


def test_start_weights_are_within_the_papers_bounds() -> None:
    """Uniform within 2.4 / fan-in: the widest range where units have few inputs."""
    torch.manual_seed(1)
    network = LeNet5Original()
    assert 0.8 * 2.4 / 26 < float(network.c1.weight.detach().abs().max()) <= 2.4 / 26
    assert 0.8 * 2.4 / 121 < float(network.f6.weight.detach().abs().max()) <= 2.4 / 121
    rows = network.c3.weight.detach()
    assert float(rows[:18].abs().max()) <= 2.4 / 76
    assert float(rows[54:].abs().max()) <= 2.4 / 151
