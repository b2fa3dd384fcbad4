"""A trained network on disk, with all that an export needs: ``torch.save`` of plain values, loaded as weights only.

{"state": state_dict, "network": "modern", "alphabet": [...], "name": …, "version": …, "thresholds": [[e, c], …],
 "calibration": [slope, intercept], "provenance": {…}}
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import torch
from torch import nn

from training.lenet5 import LeNet5, LeNet5Original

NetworkName = Literal["original", "modern"]


class CheckpointError(Exception):
    """A checkpoint is missing, is no checkpoint, or lacks what is asked of it."""


@dataclass(frozen=True, slots=True, eq=False)
class Checkpoint:
    """A network with its classes, its operating points and where it comes from."""

    network: nn.Module
    name: str
    version: str
    alphabet: tuple[str, ...]
    thresholds: tuple[tuple[float, float], ...]  # (max_error, least confidence), by rising max_error
    calibration: tuple[float, float]  # (slope, intercept)
    provenance: Mapping[str, object]


def build_network(kind: NetworkName, class_count: int, normalised: bool = False) -> nn.Module:
    """An untrained network: "original" is the one of 1998 (ten digits only), "modern" the one that reads the checks,
    ``normalised`` for training only."""
    if kind == "modern":
        return LeNet5(class_count, normalised)
    if class_count != 10:
        raise ValueError(f"the network of 1998 has 10 classes; given: {class_count}")
    return LeNet5Original()


def save_checkpoint(checkpoint: Checkpoint, path: Path) -> None:
    """Write under another name, then rename: a kill leaves the old file or the new one, nothing between."""
    partial = path.with_name(path.name + ".partial")
    torch.save(
        {
            "state": checkpoint.network.state_dict(),
            "network": "original" if isinstance(checkpoint.network, LeNet5Original) else "modern",
            "alphabet": list(checkpoint.alphabet),
            "name": checkpoint.name,
            "version": checkpoint.version,
            "thresholds": [list(pair) for pair in checkpoint.thresholds],
            "calibration": list(checkpoint.calibration),
            "provenance": dict(checkpoint.provenance),
        },
        partial,
    )
    partial.replace(path)


def load_checkpoint(path: Path) -> Checkpoint:
    """Read what ``save_checkpoint`` wrote. Raises ``CheckpointError``; never runs code out of the file."""
    try:
        stored = torch.load(path, map_location="cpu", weights_only=True)
    except FileNotFoundError:
        raise CheckpointError(f"there is no checkpoint {path}") from None
    except Exception as error:  # torch answers bytes that are no checkpoint with whatever its unpickler runs into
        raise CheckpointError(f"{path} is no checkpoint of weights and plain values") from error
    try:
        network = build_network(stored.get("network", "modern"), len(stored["alphabet"]))
        network.load_state_dict(stored["state"])
        return Checkpoint(
            network=network,
            name=stored["name"],
            version=stored.get("version", ""),
            alphabet=tuple(stored["alphabet"]),
            thresholds=tuple((float(rate), float(least)) for rate, least in stored["thresholds"]),
            calibration=(float(stored["calibration"][0]), float(stored["calibration"][1])),
            provenance=stored["provenance"],
        )
    except (KeyError, AttributeError, RuntimeError) as error:
        raise CheckpointError(f"{path} does not hold what a checkpoint must: {error}") from error
