"""The second reader's network: LeNet-5 at every place at once, and its training set."""

from __future__ import annotations

import numpy as np
import pytest

from tests.requirements_gate import require

require("torch")

import torch  # noqa: E402

from app.reader.second_reader import ROOM_PX, text_log_probs  # noqa: E402
from training.sdnn import STEP_PX, WINDOW_PX, SpaceDisplacementNetwork, StripSet, ctc_loss, distorted, places, strip_steps  # noqa: E402

SYMBOLS = tuple("0123456789")


@pytest.mark.parametrize("width", [32, 33, 80, 101])
def test_each_place_is_the_network_on_its_window(width: int) -> None:
    """Sliding the layers over the field gives what the same layers give on each window of 32 x 32 alone."""
    torch.manual_seed(0)
    network = SpaceDisplacementNetwork(10).folded()
    strip = torch.rand(1, 1, 32, width)
    with torch.no_grad():
        rows = network(strip)[0]
        assert len(rows) == int(places(np.array([width]))[0])
        for place in range(len(rows)):
            window = strip[..., place * STEP_PX : place * STEP_PX + WINDOW_PX]
            assert torch.allclose(network(window)[0, 0], rows[place], atol=1e-5)


def test_folding_keeps_the_function() -> None:
    """Normalisation with trained moments and its folded form give the same numbers."""
    torch.manual_seed(1)
    network = SpaceDisplacementNetwork(10)
    network.train()
    for _ in range(3):
        network(torch.rand(4, 1, 32, 60))
    network.eval()
    strip = torch.rand(2, 1, 32, 90)
    with torch.no_grad():
        assert torch.allclose(network(strip), network.folded()(strip), atol=1e-4)
    assert sum(p.numel() for p in network.folded().parameters()) == 61_706 + 85


def test_the_loss_is_that_of_the_readers_sum() -> None:
    """PyTorch's CTC and the reader's own sum over alignments agree on one field."""
    torch.manual_seed(2)
    network = SpaceDisplacementNetwork(10).eval()
    strip = (np.random.default_rng(0).random((32, 70)) ** 3 * 127).astype(np.int8)
    data = StripSet((strip,), ("47",))
    with torch.no_grad():
        loss = float(ctc_loss(network, data, SYMBOLS, np.array([0]), 5, torch.device("cpu")))
        ink = np.pad(distorted(strip, np.random.default_rng(5)), ((0, 0), (ROOM_PX, ROOM_PX)))
        rows = torch.log_softmax(network(torch.from_numpy(ink)[None, None]), dim=2).numpy()
    assert loss == pytest.approx(-float(text_log_probs(rows, SYMBOLS, ["47"])[0]) / 2, abs=1e-3)


def test_an_epoch_takes_each_field_at_most_once() -> None:
    """Steps of fields of about the same width; seed and epoch alone decide."""
    strips = tuple(np.zeros((32, width), np.int8) for width in (40, 200, 45, 190, 60, 65))
    data = StripSet(strips, ("1",) * 6)
    steps = [fields.tolist() for fields, _ in strip_steps(data, 2, 7, 0)]
    assert sorted(field for step in steps for field in step) == list(range(6))
    assert all(abs(strips[a].shape[1] - strips[b].shape[1]) < 60 for a, b in steps)
    assert steps == [fields.tolist() for fields, _ in strip_steps(data, 2, 7, 0)]
    assert steps != [fields.tolist() for fields, _ in strip_steps(data, 2, 7, 1)]


def test_a_distorted_strip_keeps_its_height_and_ink() -> None:
    """32 rows, 0 to 1, a width of 87 to 113 %, and about as much ink."""
    strip = np.zeros((32, 100), np.int8)
    strip[6:26, 20:80] = 100
    for seed in range(10):
        moved = distorted(strip, np.random.default_rng(seed))
        assert moved.shape[0] == 32
        assert 87 <= moved.shape[1] <= 113
        assert 0.0 <= moved.min() <= moved.max() <= 1.0
        assert 0.5 < moved.sum() / (strip.sum() / 127) < 1.7
