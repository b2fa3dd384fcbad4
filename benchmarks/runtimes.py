"""Patches per second of the same network under onnxruntime, PyTorch and OpenCV's DNN module, one thread each.

The runtimes take turns, so that what else the machine does hits all of them alike; every one must first give the
numbers of the service's own recogniser, or its speed means nothing.
"""

from __future__ import annotations

import importlib.resources
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

import cv2
import numpy as np

from app.inference.recogniser import OnnxRecogniser
from app.reader.types import LogProbs, ModelName, Patches

MODEL: ModelName = "courtesy_amount"
MOST_DIFFERENCE = 1e-3  # of natural log-probabilities
Score = Callable[[Patches], LogProbs]


@dataclass(frozen=True, slots=True)
class RuntimeSpeed:
    """Medians over the rounds, at one batch size."""

    runtime: str
    batch: int
    patches_per_second: float
    ratio_to_onnxruntime: float  # median of the ratios of each round


@dataclass(frozen=True, slots=True)
class Runtimes:
    """What can be measured here, the service's own first; and why the others cannot."""

    scores: Mapping[str, Score]
    absent: Mapping[str, str]


def open_runtimes(recogniser: OnnxRecogniser) -> Runtimes:
    """Every runtime that is installed and gives the recogniser's numbers."""
    content = importlib.resources.files("model").joinpath(f"{MODEL}.onnx").read_bytes()

    def own(patches: Patches) -> LogProbs:
        return recogniser.score(patches, MODEL)

    scores: dict[str, Score] = {"onnxruntime": own}
    absent: dict[str, str] = {}
    golden = np.random.default_rng(0).uniform(-0.5, 1.0, (64, 1, 32, 32)).astype(np.float32)
    for name, opened in (("PyTorch", torch_score), ("OpenCV DNN", opencv_score)):
        try:
            score = opened(content)
            difference = float(np.abs(score(golden) - own(golden)).max())
        except Exception as failure:
            absent[name] = f"{type(failure).__name__}: {failure}"
            continue
        if difference <= MOST_DIFFERENCE:
            scores[name] = score
        else:
            absent[name] = f"gives other numbers than onnxruntime (by {difference:.2g})"
    return Runtimes(scores, absent)


def torch_score(content: bytes) -> Score:
    """The network of ``training.lenet5`` with the weights of the ONNX file, in PyTorch on one thread."""
    import onnx
    import torch
    from onnx import numpy_helper

    from training.lenet5 import LeNet5

    torch.set_num_threads(1)
    stored = onnx.load_model_from_string(content).graph.initializer
    weights = {item.name.removeprefix("network."): torch.from_numpy(numpy_helper.to_array(item).copy()) for item in stored}
    network = LeNet5(len(weights["output.bias"]))
    network.load_state_dict(weights)
    network.eval()

    def score(patches: Patches) -> LogProbs:
        with torch.inference_mode():
            rows = torch.log_softmax(network(torch.from_numpy(patches)), dim=1)
        return np.asarray(rows.numpy(), np.float32)

    return score


def opencv_score(content: bytes) -> Score:
    """OpenCV's DNN module on the ONNX file, on the thread that ``cv2.setNumThreads(1)`` leaves it."""
    network = cv2.dnn.readNetFromONNX(np.frombuffer(content, np.uint8))

    def score(patches: Patches) -> LogProbs:
        network.setInput(patches)
        return np.array(network.forward("log_probs"), np.float32)

    return score


def measure(runtimes: Runtimes, batches: Sequence[int], rounds: int, slot_s: float) -> tuple[RuntimeSpeed, ...]:
    """Patches per second at each batch size: in every round each runtime gets one slot, in turn."""
    found = []
    for batch in batches:
        patches = np.random.default_rng(batch).uniform(-0.5, 1.0, (batch, 1, 32, 32)).astype(np.float32)
        speeds: dict[str, list[float]] = {name: [] for name in runtimes.scores}
        for number in range(rounds):
            order = list(runtimes.scores.items())
            for name, score in order if number % 2 == 0 else reversed(order):
                speeds[name].append(patches_per_second(score, patches, slot_s))
        own = speeds["onnxruntime"]
        for name, values in speeds.items():
            ratio = median(value / base for value, base in zip(values, own, strict=True))
            found.append(RuntimeSpeed(name, batch, round(median(values), 1), round(ratio, 3)))
    return tuple(found)


def patches_per_second(score: Score, patches: Patches, slot_s: float) -> float:
    """Patches scored in a slot of at least ``slot_s`` seconds, after one call that does not count."""
    score(patches)
    calls, begin = 0, time.perf_counter()
    while (spent := time.perf_counter() - begin) < slot_s or calls == 0:
        score(patches)
        calls += 1
    return calls * len(patches) / spent
