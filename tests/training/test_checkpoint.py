"""Trained networks on disk."""

from __future__ import annotations

import pickle
from pathlib import Path

import pytest

from tests.requirements_gate import require

require("torch")

import torch  # noqa: E402

from training.checkpoint import Checkpoint, CheckpointError, build_network, load_checkpoint, save_checkpoint  # noqa: E402
from training.lenet5 import LeNet5, LeNet5Original  # noqa: E402

PROVENANCE: dict[str, object] = {"data_sets": [{"name": "x"}], "seed": 3, "metrics": {"error": 0.01}}


@pytest.mark.parametrize(("network", "alphabet"), [(LeNet5(3), ("0", "1", "rubbish")), (LeNet5Original(), tuple("0123456789"))])
def test_what_was_saved_is_loaded(tmp_path: Path, network: torch.nn.Module, alphabet: tuple[str, ...]) -> None:
    """Weights, classes, operating points and provenance, and nothing lies beside the file."""
    save_checkpoint(Checkpoint(network, "n", "1.0", alphabet, ((0.01, 0.9),), (2.0, -1.0), PROVENANCE), tmp_path / "x.pt")
    found = load_checkpoint(tmp_path / "x.pt")
    assert type(found.network) is type(network)
    assert all(torch.equal(a, b) for a, b in zip(found.network.state_dict().values(), network.state_dict().values(), strict=True))
    stated = (found.name, found.version, found.alphabet, found.thresholds, found.calibration, found.provenance)
    assert stated == ("n", "1.0", alphabet, ((0.01, 0.9),), (2.0, -1.0), PROVENANCE)
    assert [path.name for path in tmp_path.iterdir()] == ["x.pt"]


class _Evil:
    def __reduce__(self) -> tuple[object, tuple[str]]:
        return (print, ("run",))


def test_code_in_a_file_is_not_run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A file with more than weights and plain values is refused before anything of it is executed."""
    torch.save({"state": _Evil()}, tmp_path / "evil.pt")
    with pytest.raises(CheckpointError):
        load_checkpoint(tmp_path / "evil.pt")
    assert capsys.readouterr().out == ""


def test_what_is_no_checkpoint_is_said(tmp_path: Path) -> None:
    """Missing, empty, something else, or the weights of another network: one clear error each."""
    with pytest.raises(CheckpointError, match="no checkpoint"):
        load_checkpoint(tmp_path / "none.pt")
    for content in (b"", b"text", pickle.dumps({"a": 1})):
        (tmp_path / "x.pt").write_bytes(content)
        with pytest.raises(CheckpointError, match=r"x\.pt"):
            load_checkpoint(tmp_path / "x.pt")
    torch.save({"state": LeNet5(4).state_dict(), "alphabet": ["0"]}, tmp_path / "x.pt")
    with pytest.raises(CheckpointError, match="does not hold"):
        load_checkpoint(tmp_path / "x.pt")


def test_the_network_of_1998_has_ten_classes() -> None:
    """Its output codes are drawings of the ten digits."""
    with pytest.raises(ValueError, match="10 classes"):
        build_network("original", 20)
