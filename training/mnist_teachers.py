"""A second schooling of the modern network on MNIST: the runs of all seeds together are the teacher of each.

The mean answer of several networks is better than any one of them, and says what else a digit looks like (Hinton, Vinyals, Dean,
"Distilling the knowledge in a neural network", 2015). The teachers help to train and are not kept; what is measured is one LeNet-5.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional

from training.checkpoint import load_checkpoint

TEMPERATURE = 2.0  # by which the scores are divided before they are compared
PART = 96  # patches that stay in a CPU's caches


@dataclass(frozen=True, slots=True, eq=False)
class Teachers:
    """Finished networks (N, 1, 32, 32) -> scores (N, 10)."""

    networks: tuple[nn.Module, ...]

    def loss(self, ink: Tensor, scores: Tensor) -> Tensor:
        """How far the pupil's ``scores`` (N, 10) for ``ink`` (N, 1, 32, 32) are from the teachers' mean answer, in nats."""
        with torch.no_grad():
            answers = [functional.softmax(network(part) / TEMPERATURE, dim=1) for network in self.networks for part in ink.split(PART)]
        wanted = torch.cat(answers).view(len(self.networks), len(ink), -1).mean(0)
        return functional.kl_div(functional.log_softmax(scores / TEMPERATURE, dim=1), wanted, reduction="batchmean") * TEMPERATURE**2


def load_teachers(folder: Path, seeds: Sequence[int]) -> Teachers:
    """The finished modern networks of these seeds. Raises ``CheckpointError`` for one that is not there."""
    return Teachers(tuple(load_checkpoint(folder / f"modern-seed{seed}" / "checkpoint.pt").network.eval() for seed in seeds))
