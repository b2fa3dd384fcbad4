"""Distortions: they change a digit, but only so far, and only by the generator given."""

from __future__ import annotations

import pytest

from tests.requirements_gate import require

require("torch")

import torch  # noqa: E402

from training.distortions import MNIST_STRENGTH, Distorter, DistortionStrength, affine_matrices, smooth_fields  # noqa: E402

NONE = DistortionStrength(0.0, 0.0, 0.0, 0.0, 0.0)


def _generator(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def _square() -> torch.Tensor:
    ink = torch.zeros(4, 1, 32, 32)
    ink[:, :, 10:22, 10:22] = 1.0
    return ink


def test_no_strength_changes_nothing() -> None:
    """With every bound at zero the patch comes back as it was."""
    ink = torch.rand(3, 1, 32, 32)
    assert torch.allclose(Distorter(NONE, bank=8)(ink, _generator()), ink, atol=1e-5)


def test_the_generator_decides_all() -> None:
    """The same generator gives the same picture, another one another; the input stays untouched."""
    distorter, ink = Distorter(DistortionStrength(stroke_width=0.5, noise=0.05), bank=8), _square()
    first, again, other = distorter(ink, _generator(1)), distorter(ink, _generator(1)), distorter(ink, _generator(2))
    assert torch.equal(first, again)
    assert not torch.equal(first, other)
    assert torch.equal(ink, _square())
    assert not torch.equal(first[0], first[1])


def test_ink_stays_ink_and_the_digit_stays_in_place() -> None:
    """Values from 0 to 1, about as much ink as before, its centre within the shift and the bend."""
    distorter = Distorter(DistortionStrength(), bank=64)
    ink = _square()[:1].repeat(200, 1, 1, 1)
    moved = distorter(ink, _generator())
    assert float(moved.min()) >= 0.0
    assert float(moved.max()) <= 1.0
    share = moved.sum(dim=(1, 2, 3)) / ink[0].sum()
    assert 0.6 < float(share.min()) <= float(share.max()) < 1.7
    rows = torch.arange(32.0).view(1, 1, 32, 1)
    centre = (moved * rows).sum(dim=(1, 2, 3)) / moved.sum(dim=(1, 2, 3))
    assert float((centre - 15.5).abs().max()) < 4.5
    assert float(centre.std()) > 0.3


def test_elastic_fields_are_smooth_and_of_unit_size() -> None:
    """Neighbours move together: a step between pixels is small beside the displacement itself."""
    fields = smooth_fields(50, 32, 4.0, _generator())
    assert fields.shape == (50, 32, 32, 2)
    assert float(fields.square().mean().sqrt()) == pytest.approx(1.0, abs=1e-4)
    assert float((fields[:, 1:] - fields[:, :-1]).square().mean().sqrt()) < 0.3


def test_stroke_width_changes_the_ink_and_not_the_paper_far_from_it() -> None:
    """Thicker or thinner by less than a pixel."""
    distorter = Distorter(DistortionStrength(0.0, 0.0, 0.0, 0.0, 0.0, stroke_width=1.0), bank=8)
    ink = _square()[:1].repeat(100, 1, 1, 1)
    moved = distorter(ink, _generator())
    total = moved.sum(dim=(1, 2, 3))
    assert float(total.min()) < 130.0 < 144.0 < 160.0 < float(total.max())
    assert float(moved[:, :, :9].abs().max()) < 1e-4


def test_a_turn_is_a_turn() -> None:
    """Without shear and scale the affine part keeps lengths."""
    matrices = affine_matrices(20, 32, DistortionStrength(30.0, 0.0, 0.0, 0.0, 0.0), _generator())
    square = matrices[:, :, :2]
    assert torch.allclose(square @ square.transpose(1, 2), torch.eye(2).expand(20, 2, 2), atol=1e-5)
    assert float(square[:, 0, 1].abs().max()) > 0.2


@pytest.mark.parametrize("wrong", [{"shift_px": -1.0}, {"smoothness_px": 0.0}, {"scale": 1.0}])
def test_impossible_strengths_are_refused(wrong: dict[str, float]) -> None:
    """The message states the range."""
    with pytest.raises(ValueError, match="0 or greater"):
        DistortionStrength(**wrong)


def test_scaled_strength_keeps_the_smoothness() -> None:
    """Every bound shrinks by the share, the smoothness of the elastic fields does not."""
    half = MNIST_STRENGTH.scaled(0.5)
    assert half.rotation_degrees == 0.5 * MNIST_STRENGTH.rotation_degrees
    assert half.elastic_px == 0.5 * MNIST_STRENGTH.elastic_px
    assert half.smoothness_px == MNIST_STRENGTH.smoothness_px
