"""From network to file: the contract, the parity check, and what is refused."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.requirements_gate import require

require("torch")

import onnx  # noqa: E402
import onnxruntime  # noqa: E402
import torch  # noqa: E402

import training.export  # noqa: E402
from training.checkpoint import Checkpoint, save_checkpoint  # noqa: E402
from training.export import (  # noqa: E402
    MAPS,
    MAX_DIFFERENCE,
    ParityError,
    check_parity,
    difference_of,
    export,
    main,
    metadata_of,
    stroke_patches,
    to_onnx,
)
from training.lenet5 import LAYERS, LeNet5, LeNet5Original  # noqa: E402

ALPHABET = (*"0123456789$,./-*#=", "rubbish", "stray")
THRESHOLDS = ((0.01, 0.9), (0.05, 0.5))
PROVENANCE: dict[str, object] = {"data_sets": [], "seed": 1, "metrics": {"read_rate": 0.5}}


def _network(seed: int = 0, class_count: int = 20) -> LeNet5:
    torch.manual_seed(seed)
    return LeNet5(class_count)


def _export(out: Path, network: Any = None, **changed: Any) -> training.export.ExportedModel:
    arguments = {
        "alphabet": ALPHABET,
        "thresholds": THRESHOLDS,
        "calibration": (1.5, -0.25),
        "provenance": PROVENANCE,
        "out_dir": out,
        "version": "1.2.3",
    }
    return export(network or _network(), "courtesy_amount", **{**arguments, **changed})


def test_the_file_keeps_the_contract(tmp_path: Path) -> None:
    """One input with a free batch axis, scores and feature maps, metadata as the service reads it, opset 17 or later, small."""
    done = _export(tmp_path)
    model = onnx.load(done.path)
    stated = {entry.key: entry.value for entry in model.metadata_props}
    assert stated["checkreader.name"] == "courtesy_amount"
    assert stated["checkreader.version"] == "1.2.3"
    assert json.loads(stated["checkreader.alphabet"]) == list(ALPHABET)
    assert json.loads(stated["checkreader.input"]) == {"shape": ["A", 1, 32, 32], "ink": 1.0, "paper": 0.0, "context": -0.5}
    assert json.loads(stated["checkreader.thresholds"]) == [[0.01, 0.9], [0.05, 0.5]]
    assert json.loads(stated["checkreader.calibration"]) == [1.5, -0.25]
    assert model.opset_import[0].version >= 17
    assert done.path.stat().st_size < 400_000
    session = onnxruntime.InferenceSession(done.path)
    assert [(i.name, i.shape, i.type) for i in session.get_inputs()] == [("patches", ["A", 1, 32, 32], "tensor(float)")]
    maps = {"c1": [6, 28, 28], "s2": [6, 14, 14], "c3": [16, 10, 10], "s4": [16, 5, 5], "c5": [120], "f6": [84]}
    outputs = [(o.name, o.shape) for o in session.get_outputs()]
    assert outputs == [("log_probs", ["A", 20]), *((layer, ["A", *shape]) for layer, shape in maps.items())]
    for count in (0, 1, 3, 200):
        log_probs, *_ = session.run(None, {"patches": np.zeros((count, 1, 32, 32), np.float32)})
        assert log_probs.shape == (count, 20)
        assert np.allclose(np.exp(log_probs).sum(axis=1), 1.0, atol=1e-5)


@pytest.mark.parametrize("network", [LeNet5(20), LeNet5Original()], ids=["modern", "original"])
def test_feature_maps_are_those_of_the_network(network: Any) -> None:
    """Every output is what the layer of its name answers, in both networks; the filters of C1 stand in the metadata, exactly."""
    content = to_onnx(network.eval(), {})
    patches = stroke_patches(5, np.random.default_rng(3))
    session = onnxruntime.InferenceSession(content)
    with torch.no_grad():
        layers = dict(zip(LAYERS, network.layers(torch.from_numpy(patches)), strict=True))
    for layer in MAPS:
        (found,) = session.run([layer], {"patches": patches})
        np.testing.assert_allclose(found, layers[layer].numpy(), atol=1e-4)
    stated = session.get_modelmeta().custom_metadata_map
    filters = np.array(json.loads(stated["checkreader.c1_filters"]), np.float32)
    assert filters.shape == (6, 5, 5)
    assert (filters.ravel() == network.c1.weight.detach().numpy().ravel()).all()
    assert (np.array(json.loads(stated["checkreader.c1_biases"]), np.float32) == network.c1.bias.detach().numpy()).all()


def test_a_wrong_feature_map_fails_parity() -> None:
    """Not the scores alone are compared: a map of other shape, of other numbers or of none is found out."""
    same = np.zeros((2, 84), np.float32)
    assert difference_of("f6", same, torch.zeros(2, 84)) == 0.0
    for other in (torch.zeros(2, 85), torch.ones(2, 84), torch.full((2, 84), float("nan"))):
        with pytest.raises(ParityError, match="f6"):
            difference_of("f6", same, other)


def test_the_provenance_names_the_file(tmp_path: Path) -> None:
    """Digest, data sets, seed, metrics and the torch that exported it stand beside the file."""
    done = _export(tmp_path)
    stated = json.loads((tmp_path / "courtesy_amount.json").read_text(encoding="utf-8"))
    assert stated["sha256"] == done.sha256 == hashlib.sha256(done.path.read_bytes()).hexdigest()
    assert (stated["seed"], stated["metrics"], stated["parameters"]) == (1, {"read_rate": 0.5}, 62_556)
    assert stated["export"]["torch"] == torch.__version__
    assert 0.0 <= stated["export"]["parity_max_difference"] <= MAX_DIFFERENCE
    assert sorted(path.name for path in tmp_path.iterdir()) == ["courtesy_amount.json", "courtesy_amount.onnx"]


def test_the_same_network_gives_the_same_file(tmp_path: Path) -> None:
    """Exporting twice is byte for byte the same: the digest is of the weights, not of the day."""
    assert _export(tmp_path / "a").sha256 == _export(tmp_path / "b").sha256
    assert _export(tmp_path / "c", _network(seed=1)).sha256 != _export(tmp_path / "a").sha256


def test_the_network_of_1998_can_be_exported_too(tmp_path: Path) -> None:
    """Sparse table, sub-sampling and Euclidean output within the same bound."""
    torch.manual_seed(0)
    assert _export(tmp_path, LeNet5Original(), alphabet=tuple("0123456789")).max_difference <= MAX_DIFFERENCE


@pytest.mark.parametrize("layer", ["c1", "c3", "c5", "f6", "output"])
def test_parity_fails_when_one_weight_of_any_layer_differs(layer: str) -> None:
    """The check sees every layer: a file of slightly other weights is found out."""
    network = _network()
    content = to_onnx(network.eval(), {})
    check_parity(content, network)
    with torch.no_grad():
        getattr(network, layer).bias[0] += 0.05
    with pytest.raises(ParityError, match="log_probs differ"):
        check_parity(content, network)


def test_parity_fails_on_numbers_that_are_none() -> None:
    """NaN on either side is a difference, not a pass."""
    network = _network()
    content = to_onnx(network.eval(), {})
    with torch.no_grad():
        network.output.bias[3] = float("nan")
    with pytest.raises(ParityError):
        check_parity(content, network)


def test_parity_fails_on_another_shape() -> None:
    """A file with another number of classes is not the network's."""
    with pytest.raises(ParityError, match="shape"):
        check_parity(to_onnx(_network(class_count=16).eval(), {}), _network())


def test_nothing_is_written_when_parity_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An old pair of files stays as it was."""
    before = _export(tmp_path).sha256
    other = to_onnx(_network(seed=9).eval(), {})
    monkeypatch.setattr(training.export, "to_onnx", lambda *_: other)
    with pytest.raises(ParityError):
        _export(tmp_path)
    assert hashlib.sha256((tmp_path / "courtesy_amount.onnx").read_bytes()).hexdigest() == before
    assert len(list(tmp_path.iterdir())) == 2


def test_arguments_that_do_not_fit_are_refused(tmp_path: Path) -> None:
    """Another number of symbols, thresholds out of order or range, a provenance without its keys."""
    with pytest.raises(ValueError, match="20 classes, the alphabet 10"):
        _export(tmp_path, alphabet=tuple("0123456789"))
    for thresholds in (((0.05, 0.5), (0.01, 0.9)), ((0.0, 0.5),), ((0.01, 1.5),), ((0.01, 0.5), (0.01, 0.6))):
        with pytest.raises(ValueError, match="thresholds"):
            metadata_of("x", "1", ALPHABET, thresholds, (1.0, 0.0))
    with pytest.raises(ValueError, match="missing: seed"):
        _export(tmp_path, provenance={"data_sets": [], "metrics": {}})
    assert not list(tmp_path.iterdir())


def test_drawn_patches_look_like_the_readers() -> None:
    """Ink up to 1.0 on paper 0.0, neighbours at -0.5, and each patch another."""
    patches = stroke_patches(20, np.random.default_rng(1))
    assert patches.shape == (20, 1, 32, 32)
    assert patches.dtype == np.float32
    assert (patches.min(), patches.max()) == (-0.5, 1.0)
    assert len({patch.tobytes() for patch in patches}) == 20


def test_the_command_exports_a_checkpoint(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A checkpoint in, both files out, the digest on the line."""
    save_checkpoint(Checkpoint(_network(), "micr_e13b", "", ALPHABET, THRESHOLDS, (1.0, 0.0), PROVENANCE), tmp_path / "x.pt")
    assert main(["--checkpoint", str(tmp_path / "x.pt"), "--out", str(tmp_path / "model")]) == 0
    digest = hashlib.sha256((tmp_path / "model" / "micr_e13b.onnx").read_bytes()).hexdigest()
    assert digest in capsys.readouterr().out
    assert json.loads((tmp_path / "model" / "micr_e13b.json").read_text())["sha256"] == digest


def test_the_command_answers_mistakes_with_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Status 2 for what is no checkpoint, 1 where parity fails; no traceback."""
    assert main(["--checkpoint", str(tmp_path / "none.pt")]) == 2
    save_checkpoint(Checkpoint(_network(), "x", "", ALPHABET, (), (1.0, 0.0), {}), tmp_path / "x.pt")
    assert main(["--checkpoint", str(tmp_path / "x.pt"), "--out", str(tmp_path)]) == 2
    save_checkpoint(Checkpoint(_network(), "x", "", ALPHABET, (), (1.0, 0.0), PROVENANCE), tmp_path / "x.pt")
    other = to_onnx(_network(seed=9).eval(), {})
    monkeypatch.setattr(training.export, "to_onnx", lambda *_: other)
    assert main(["--checkpoint", str(tmp_path / "x.pt"), "--out", str(tmp_path)]) == 1
    assert len(capsys.readouterr().err.splitlines()) == 3
