"""From a trained network to the file that the service loads: NAME.onnx, and NAME.json that says where it comes from.

    python -m training.export --checkpoint runs/…/checkpoint.pt --out model

Nothing is written until onnxruntime, running the very bytes that will be written, has given the same answers as
PyTorch. The input is called ``patches``, float32 (A, 1, 32, 32) with any A, the output ``log_probs``, (A, C). For
explanations the answers of the layers are outputs too, under their names: ``c1`` (A, 6, 28, 28), ``s2`` (A, 6, 14, 14),
``c3`` (A, 16, 10, 10), ``s4`` (A, 16, 5, 5), ``c5`` (A, 120), ``f6`` (A, 84). What a reader must know besides stands in
the file's own metadata, under ``checkreader.*``; the filters of C1 and their biases are there as well.
"""

from __future__ import annotations

import argparse
import hashlib
import io
import json
import sys
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import onnx
import onnxruntime
import torch
from torch import Tensor, nn

from app import __version__
from training.checkpoint import CheckpointError, load_checkpoint
from training.lenet5 import INPUT_SIDE_PX, LAYERS

OPSET = 18
MAX_DIFFERENCE = 1e-4  # of natural log-probabilities, between onnxruntime and PyTorch
PARITY_BATCHES = (1, 7, 64)
INPUT_CONTRACT = {"shape": ["A", 1, INPUT_SIDE_PX, INPUT_SIDE_PX], "ink": 1.0, "paper": 0.0, "context": -0.5}
MAPS = LAYERS[:-1]
OUTPUTS = ("log_probs", *MAPS)
PROVENANCE_KEYS = ("data_sets", "seed", "metrics")

Patches = npt.NDArray[np.float32]  # (A, 1, 32, 32), ink = 1.0, paper = 0.0, neighbouring ink -0.5


class ParityError(Exception):
    """The exported file does not give the answers of the network that it was exported from."""


@dataclass(frozen=True, slots=True)
class ExportedModel:
    """What was written: the file, its sha256 in hexadecimal, and the greatest difference from PyTorch found."""

    path: Path
    sha256: str
    max_difference: float


class _LogProbabilities(nn.Module):
    """Log-probabilities first, then what each hidden layer answers (``MAPS``)."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, patches: Tensor) -> tuple[Tensor, ...]:
        *hidden, logits = self.network.layers(patches)
        return nn.functional.log_softmax(logits, dim=1), *hidden


def stroke_patches(count: int, rng: np.random.Generator) -> Patches:
    """Patches like the reader's, drawn: a broken line of ink 1.0 with a soft rim, and a neighbour's edge at -0.5."""
    rows, columns = np.mgrid[:INPUT_SIDE_PX, :INPUT_SIDE_PX]
    patches = np.zeros((count, 1, INPUT_SIDE_PX, INPUT_SIDE_PX), np.float32)
    for patch in patches[:, 0]:
        corners = rng.uniform(6.0, 26.0, (4, 2))
        places = np.linspace(corners[:-1], corners[1:], 12).reshape(-1, 2)  # (36, 2)
        distance = np.min(np.hypot(rows[..., None] - places[:, 0], columns[..., None] - places[:, 1]), axis=2)
        patch[:] = np.clip(rng.uniform(1.0, 2.5) + 0.5 - distance, 0.0, 1.0)
        rim = columns < rng.integers(0, 5)
        patch[rim & (patch == 0.0)] = INPUT_CONTRACT["context"]
    return patches


def check_parity(onnx_bytes: bytes, network: nn.Module, batches: Sequence[int] = PARITY_BATCHES) -> float:
    """The greatest difference between onnxruntime and PyTorch over random and drawn patches, in each batch size.

    Raises ``ParityError`` when it is above ``MAX_DIFFERENCE``, is not a number, or the shapes differ.
    """
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(onnx_bytes, options, providers=["CPUExecutionProvider"])
    rng = np.random.default_rng(0)
    worst = 0.0
    for count in batches:
        noise = rng.uniform(-0.5, 1.0, (count, 1, INPUT_SIDE_PX, INPUT_SIDE_PX)).astype(np.float32)
        for patches in (noise, stroke_patches(count, rng)):
            answers = session.run(list(OUTPUTS), {"patches": patches})
            with torch.no_grad():
                wanted = _LogProbabilities(network)(torch.from_numpy(patches))
            differences = [difference_of(*compared) for compared in zip(OUTPUTS, answers, wanted, strict=True)]
            worst = max(worst, differences[0])
    return worst


def difference_of(output: str, found: npt.NDArray[np.float32], wanted: Tensor) -> float:
    """The greatest difference of one output. Raises ``ParityError`` where it is too great, no number, or the shapes differ."""
    if found.shape != tuple(wanted.shape):
        raise ParityError(f"onnxruntime answers {output} with shape {found.shape}, PyTorch with {tuple(wanted.shape)}")
    difference = float(np.max(np.abs(found - wanted.numpy())))
    if not difference <= MAX_DIFFERENCE:
        raise ParityError(f"{output} differ by {difference:.2e} at batch size {len(found)}; at most {MAX_DIFFERENCE:.0e} is allowed")
    return difference


def first_filters(network: nn.Module) -> dict[str, str]:
    """The filters of C1 (6, 5, 5) and their biases (6,) as entries of the file's metadata, in JSON."""
    filters = network.c1.weight.detach().reshape(6, 5, 5)
    return {"checkreader.c1_filters": json.dumps(filters.tolist()), "checkreader.c1_biases": json.dumps(network.c1.bias.tolist())}


def to_onnx(network: nn.Module, metadata: Mapping[str, str]) -> bytes:
    """The network with a log-softmax behind it, and with the answers of its layers, as the bytes of an ONNX file."""
    buffer = io.BytesIO()
    with warnings.catch_warnings():
        # The exporter that traces is the older one; for a plain chain of layers it writes the smaller, plainer graph.
        warnings.filterwarnings("ignore", "You are using the legacy TorchScript-based ONNX export", DeprecationWarning)
        warnings.filterwarnings("ignore", "The feature will be removed", DeprecationWarning, module="torch")
        torch.onnx.export(
            _LogProbabilities(network),
            (torch.zeros(2, 1, INPUT_SIDE_PX, INPUT_SIDE_PX),),
            buffer,
            dynamo=False,
            opset_version=OPSET,
            input_names=["patches"],
            output_names=list(OUTPUTS),
            dynamic_axes={name: {0: "A"} for name in ("patches", *OUTPUTS)},
        )
    model = onnx.load_model_from_string(buffer.getvalue())
    onnx.helper.set_model_props(model, {**metadata, **first_filters(network)})
    onnx.checker.check_model(model, full_check=True)
    return bytes(model.SerializeToString())


def metadata_of(
    name: str, version: str, alphabet: Sequence[str], thresholds: Sequence[tuple[float, float]], calibration: tuple[float, float]
) -> dict[str, str]:
    """The ``checkreader.*`` entries of the file's metadata. Raises ``ValueError`` for operating points out of order."""
    rates = [rate for rate, _ in thresholds]
    if rates != sorted(set(rates)) or not all(0.0 < rate <= 1.0 and 0.0 <= least <= 1.0 for rate, least in thresholds):
        raise ValueError(f"thresholds are (max_error, least confidence) by rising max_error, all from 0 to 1; given: {list(thresholds)}")
    return {
        "checkreader.name": name,
        "checkreader.version": version,
        "checkreader.alphabet": json.dumps(list(alphabet), ensure_ascii=False),
        "checkreader.input": json.dumps(INPUT_CONTRACT),
        "checkreader.thresholds": json.dumps([list(pair) for pair in thresholds]),
        "checkreader.calibration": json.dumps(list(calibration)),
    }


def export(
    network: nn.Module,
    name: str,
    alphabet: Sequence[str],
    thresholds: Sequence[tuple[float, float]],
    calibration: tuple[float, float],
    provenance: Mapping[str, object],
    out_dir: Path,
    version: str = __version__,
) -> ExportedModel:
    """Write ``out_dir/NAME.onnx`` and ``NAME.json``, both or neither.

    ``provenance`` must hold ``data_sets``, ``seed`` and ``metrics`` and is written to the JSON, with the digest of the
    file. Raises ``ParityError`` (nothing is written), and ``ValueError`` where the arguments do not fit together.
    """
    if missing := [key for key in PROVENANCE_KEYS if key not in provenance]:
        raise ValueError(f"the provenance must state {', '.join(PROVENANCE_KEYS)}; missing: {', '.join(missing)}")
    network.eval()
    with torch.no_grad():
        class_count = network(torch.zeros(1, 1, INPUT_SIDE_PX, INPUT_SIDE_PX)).shape[1]
    if class_count != len(alphabet):
        raise ValueError(f"the network has {class_count} classes, the alphabet {len(alphabet)}")
    onnx_bytes = to_onnx(network, metadata_of(name, version, alphabet, thresholds, calibration))
    difference = check_parity(onnx_bytes, network)
    digest = hashlib.sha256(onnx_bytes).hexdigest()
    stated = {
        "name": name,
        "version": version,
        "sha256": digest,
        "parameters": sum(int(parameter.numel()) for parameter in network.parameters()),
        "alphabet": list(alphabet),
        "thresholds": [list(pair) for pair in thresholds],
        "calibration": list(calibration),
        **provenance,
        "export": {"torch": str(torch.__version__), "opset": OPSET, "parity_max_difference": difference},
    }
    text = json.dumps(stated, ensure_ascii=False, indent=2) + "\n"
    write_together({out_dir / f"{name}.onnx": onnx_bytes, out_dir / f"{name}.json": text.encode()})
    return ExportedModel(out_dir / f"{name}.onnx", digest, difference)


def write_together(files: Mapping[Path, bytes]) -> None:
    """Write all files under other names first, then rename them: a failure in writing changes nothing."""
    for path, content in files.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.with_name(path.name + ".partial").write_bytes(content)
    for path in files:
        path.with_name(path.name + ".partial").replace(path)


def main(arguments: Sequence[str] | None = None) -> int:
    """The command: exit status 0; 1 where parity fails; 2 for a checkpoint that cannot be used."""
    parser = argparse.ArgumentParser(prog="python -m training.export", description="Export a checkpoint to ONNX, with a parity check.")
    parser.add_argument("--checkpoint", type=Path, required=True, help="file written by a training command")
    parser.add_argument("--out", type=Path, default=Path("model"), help="folder for NAME.onnx and NAME.json (default: model)")
    given = parser.parse_args(arguments)
    try:
        kept = load_checkpoint(given.checkpoint)
        version = kept.version or __version__
        done = export(kept.network, kept.name, kept.alphabet, kept.thresholds, kept.calibration, kept.provenance, given.out, version)
    except (CheckpointError, ValueError) as error:
        print(f"export refused: {error}", file=sys.stderr)
        return 2
    except ParityError as error:
        print(f"export failed: {error}", file=sys.stderr)
        return 1
    print(f"{done.path}: sha256 {done.sha256}, {done.path.stat().st_size} bytes, differs from PyTorch by {done.max_difference:.1e} at most")
    return 0


if __name__ == "__main__":
    sys.exit(main())
