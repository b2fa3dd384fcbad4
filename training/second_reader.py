"""The second reader of record: train on the strips of the first reader's fields, weigh both opinions, calibrate, export.

    python -m training.train --model courtesy_amount     (makes both readers, this one after the first)

The weights of the two opinions, calibration and thresholds are fitted on the held-out fields, read by both readers with the code
that serves.
"""

from __future__ import annotations

import hashlib
import io
import json
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import numpy.typing as npt
import onnx
import onnxruntime
import torch
from torch import Tensor, nn
from torch.nn import functional

from app.reader.courtesy_amount import amount_grammar
from app.reader.interpretation import by_value, corroborated, opinions
from app.reader.second_reader import Fusion, heard, views
from app.reader.types import AMOUNT_FORMATS, Alphabet, FieldEvidence, LogProbs
from app.reader.viterbi import best_paths
from training.calibrate import Outcomes, ScoreFunction, bare_lattice
from training.export import MAX_DIFFERENCE, OPSET, ParityError, write_together
from training.fitting import fit
from training.sdnn import SpaceDisplacementNetwork, StripSet, ctc_loss, strip_steps, symbols_of
from training.segments import PATCH_UNIT
from training.shards import read_shard

NAME = "courtesy_amount_sdnn"
START_FUSION = Fusion(0.6, 0.3, -8.0)
MOST_ANSWERS = 8


@dataclass(frozen=True, slots=True)
class SecondRecipe:
    """How the second reader is trained."""

    epochs: int
    rare_epochs: int  # after them, with the rarer shapes
    batch: int  # fields in a step
    rate: float  # peak learning rates
    rare_rate: float
    seed: int


RECIPE = SecondRecipe(20, 4, 32, 3e-3, 1e-3, 23)


def train_second(
    data: StripSet, rare: StripSet, recipe: SecondRecipe, alphabet: Alphabet, folder: Path, device: torch.device
) -> SpaceDisplacementNetwork:
    """CTC training with a checkpoint per epoch, ``second.pt`` and, with the rare fields too, ``second_rare.pt`` in ``folder``;
    the network comes back folded."""
    torch.manual_seed(recipe.seed)
    symbols = symbols_of(alphabet)
    network = SpaceDisplacementNetwork(len(symbols)).to(device)

    both = StripSet((*data.strips, *rare.strips), (*data.texts, *rare.texts))
    phases = (("second", data, recipe.epochs, recipe.rate), ("second_rare", both, recipe.rare_epochs, recipe.rare_rate))
    for phase, fields, epochs, rate in phases:
        fit(
            phase,
            network,
            epochs,
            rate,
            partial(strip_steps, fields, recipe.batch, recipe.seed),
            partial(step_loss, network, fields, symbols, device),
            folder / f"{phase}.pt",
        )
    return network.cpu().folded()


def step_loss(
    network: nn.Module, data: StripSet, symbols: tuple[str, ...], device: torch.device, step: tuple[npt.NDArray[np.int64], int]
) -> Tensor:
    """The loss of one step of ``strip_steps``."""
    return ctc_loss(network, data, symbols, step[0], step[1], device)


def rows_of(network: nn.Module, strip: npt.NDArray[np.int8]) -> LogProbs:
    """Log-probabilities (V, T, C + 1) of the views of a stored strip."""
    ink = views(strip.astype(np.float32) / PATCH_UNIT)
    with torch.no_grad():
        return np.asarray(functional.log_softmax(network(torch.from_numpy(ink)[:, None]), dim=2).numpy(), np.float32)


@dataclass(frozen=True, slots=True, eq=False)
class Heard:
    """What both readers say of one field whose amount is ``value``."""

    evidence: FieldEvidence
    value: str


def hear(paths: Sequence[Path], score: ScoreFunction, network: nn.Module, alphabet: Alphabet) -> list[Heard | None]:
    """Both readers on every field of the shards; None where the first reader finds nothing."""
    symbols = symbols_of(alphabet)
    out: list[Heard | None] = []
    for path in paths:
        shard = read_shard(path)
        log_probs = score(shard.patches)
        for number, amount_format in enumerate(shard.formats):
            known = next(f for f in AMOUNT_FORMATS if f == amount_format)
            grammar, lattice = amount_grammar(known), bare_lattice(shard, number)
            rows = log_probs[shard.offsets[number] : shard.offsets[number + 1]]
            found = best_paths(lattice, rows, alphabet, grammar, MOST_ANSWERS)
            if not found:
                out.append(None)
                continue
            strip = shard.strips[:, shard.strip_ends[number] : shard.strip_ends[number + 1]]
            all_paths, second = heard(lattice, rows, alphabet, grammar, found, rows_of(network, strip), symbols)
            evidence = FieldEvidence(lattice, rows, all_paths, chosen=True, amount_format=known, second=second)
            out.append(Heard(evidence, shard.values[number]))
    return out


def fit_fusion(fields: Sequence[Heard | None]) -> Fusion:
    """The weights of greatest likelihood: softmax over a field's values and "none of them", which stands in column 0."""
    told = [item for item in fields if item is not None]
    valued = [by_value(item.evidence.paths, item.evidence.amount_format) for item in told]
    widest = max((len(values) for values in valued), default=1)
    logs = torch.zeros((2, len(told), widest), dtype=torch.float64)
    absent = torch.ones((len(told), widest), dtype=torch.bool)
    right = torch.zeros(len(told), dtype=torch.int64)
    for row, (item, values) in enumerate(zip(told, valued, strict=True)):
        for reader, told_logs in enumerate(opinions(values, item.evidence)):
            logs[reader, row, : len(values)] = torch.from_numpy(told_logs)
        absent[row, : len(values)] = False
        names = [value for value, _, _, _ in values]
        right[row] = names.index(item.value) + 1 if item.value in names else 0
    weights = torch.tensor([START_FUSION.first, START_FUSION.second, START_FUSION.none], dtype=torch.float64, requires_grad=True)
    optimiser = torch.optim.LBFGS([weights], max_iter=200, line_search_fn="strong_wolfe")

    def loss() -> Tensor:
        optimiser.zero_grad()
        scores = (weights[0] * logs[0] + weights[1] * logs[1]).masked_fill(absent, -1e9)
        total = functional.cross_entropy(torch.cat([weights[2].expand(len(told), 1), scores], dim=1), right)
        total.backward()
        return total

    if told:
        optimiser.step(loss)  # type: ignore[no-untyped-call]
    first, second, none = weights.detach().tolist()
    return Fusion(max(first, 0.0), max(second, 0.0), none)


def outcomes(fields: Sequence[Heard | None], fusion: Fusion) -> Outcomes:
    """The answers of both readers together."""
    posterior, right = np.full(len(fields), -np.inf), np.zeros(len(fields), bool)
    for number, item in enumerate(fields):
        if item is not None:
            value, _, _, log = corroborated(by_value(item.evidence.paths, item.evidence.amount_format), item.evidence, fusion)[0]
            posterior[number], right[number] = log, value == item.value
    return Outcomes(posterior, right)


class _LogProbabilities(nn.Module):
    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, strips: Tensor) -> Tensor:
        return functional.log_softmax(self.network(strips), dim=2)


def to_onnx(network: nn.Module, metadata: Mapping[str, str]) -> bytes:
    """The folded network with a log-softmax behind it as the bytes of an ONNX file: ``strips`` (N, 1, 32, W) -> ``log_probs``
    (N, T, C + 1). Raises ``ParityError`` where onnxruntime gives other numbers than PyTorch."""
    buffer = io.BytesIO()
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "You are using the legacy TorchScript-based ONNX export", DeprecationWarning)
        warnings.filterwarnings("ignore", "The feature will be removed", DeprecationWarning, module="torch")
        torch.onnx.export(
            _LogProbabilities(network),
            (torch.zeros(2, 1, 32, 96),),
            buffer,
            dynamo=False,
            opset_version=OPSET,
            input_names=["strips"],
            output_names=["log_probs"],
            dynamic_axes={"strips": {0: "N", 3: "W"}, "log_probs": {0: "N", 1: "T"}},
        )
    model = onnx.load_model_from_string(buffer.getvalue())
    onnx.helper.set_model_props(model, dict(metadata))
    onnx.checker.check_model(model, full_check=True)
    content = bytes(model.SerializeToString())
    check_parity(content, network)
    return content


def check_parity(content: bytes, network: nn.Module) -> float:
    """The greatest difference between onnxruntime and PyTorch over random strips of several widths. Raises ``ParityError``."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
    rng, worst = np.random.default_rng(0), 0.0
    for count, width in ((1, 64), (2, 133), (1, 672)):
        strips = (rng.random((count, 1, 32, width)) ** 4).astype(np.float32)
        (found,) = session.run(["log_probs"], {"strips": strips})
        with torch.no_grad():
            wanted = _LogProbabilities(network)(torch.from_numpy(strips)).numpy()
        if found.shape != wanted.shape:
            raise ParityError(f"onnxruntime answers with shape {found.shape}, PyTorch with {wanted.shape}")
        worst = max(worst, float(np.abs(found - wanted).max()))
    if not worst <= MAX_DIFFERENCE:
        raise ParityError(f"log_probs of strips differ by {worst:.2e}; at most {MAX_DIFFERENCE:.0e} is allowed")
    return worst


def export_second(
    network: SpaceDisplacementNetwork,
    symbols: Sequence[str],
    fusion: Fusion,
    thresholds: Sequence[tuple[float, float]],
    calibration: tuple[float, float],
    provenance: Mapping[str, object],
    out_dir: Path,
    version: str,
) -> Path:
    """Write ``courtesy_amount_sdnn.onnx`` and its JSON, both or neither. Raises ``ParityError``."""
    weights = [fusion.first, fusion.second, fusion.none]
    content = to_onnx(
        network.eval(),
        {
            "checkreader.name": NAME,
            "checkreader.version": version,
            "checkreader.symbols": json.dumps(list(symbols)),
            "checkreader.fusion": json.dumps(weights),
            "checkreader.thresholds": json.dumps([list(pair) for pair in thresholds]),
            "checkreader.calibration": json.dumps(list(calibration)),
        },
    )
    stated = {
        "name": NAME,
        "version": version,
        "sha256": hashlib.sha256(content).hexdigest(),
        "parameters": sum(int(parameter.numel()) for parameter in network.parameters()),
        "symbols": list(symbols),
        "fusion": weights,
        "thresholds": [list(pair) for pair in thresholds],
        "calibration": list(calibration),
        **provenance,
        "export": {"torch": str(torch.__version__), "opset": OPSET},
    }
    text = json.dumps(stated, ensure_ascii=False, indent=2) + "\n"
    write_together({out_dir / f"{NAME}.onnx": content, out_dir / f"{NAME}.json": text.encode()})
    return out_dir / f"{NAME}.onnx"
