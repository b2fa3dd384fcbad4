"""A model file and its provenance on disk: bytes, digest, metadata -> ModelInfo. Everything is insisted on here."""

from __future__ import annotations

import hashlib
import importlib.resources
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.errors import ModelError
from app.reader.types import PATCH_SIDE_PX, Alphabet, ModelInfo, ModelName

PREFIX = "checkreader."
INPUT_NAME, OUTPUT_NAME = "patches", "log_probs"


@dataclass(frozen=True, slots=True)
class ModelFile:
    """The bytes of NAME.onnx, and their digest as stated by NAME.json beside it."""

    name: ModelName
    content: bytes
    digest: str  # "sha256:…"


def read_model_file(name: ModelName, model_dir: Path | None) -> ModelFile:
    """The model from a folder, or the packaged one. Raises ``ModelError`` for a missing file or a wrong digest."""
    folder = importlib.resources.files("model") if model_dir is None else model_dir
    where = "the installed package" if model_dir is None else str(model_dir)
    try:
        content = folder.joinpath(f"{name}.onnx").read_bytes()
    except OSError as failure:
        raise ModelError(f"the model file {name}.onnx is missing in {where}") from failure
    digest = hashlib.sha256(content).hexdigest()
    try:
        stated = json.loads(folder.joinpath(f"{name}.json").read_bytes())["sha256"]
    except (OSError, ValueError, KeyError, TypeError) as failure:
        raise ModelError(f"the provenance {name}.json in {where} is missing or states no sha256") from failure
    if stated != digest:
        raise ModelError(
            f"{name}.onnx in {where} has the digest sha256:{digest}, but {name}.json states sha256:{stated}; install both anew"
        )
    return ModelFile(name, content, f"sha256:{digest}")


def model_info(name: ModelName, digest: str, metadata: Mapping[str, str]) -> ModelInfo:
    """What the metadata of the file states. Raises ``ModelError`` for what is missing or makes no sense."""
    if metadata.get(f"{PREFIX}name") != name:
        raise ModelError(f"{name}.onnx says it is {metadata.get(f'{PREFIX}name')!r}; expected {name!r}")
    symbols = stated(name, metadata, "alphabet")
    thresholds = stated(name, metadata, "thresholds")
    calibration = stated(name, metadata, "calibration")
    try:
        alphabet = Alphabet(tuple(str(symbol) for symbol in symbols))
        points = tuple(sorted((float(rate), float(least)) for rate, least in thresholds))
        slope, intercept = (float(value) for value in calibration)
    except (TypeError, ValueError) as failure:
        raise ModelError(f"{name}.onnx states an alphabet, thresholds or a calibration that make no sense") from failure
    if not all(math.isfinite(value) for value in (slope, intercept, *(v for point in points for v in point))):
        raise ModelError(f"{name}.onnx states thresholds or a calibration that are no finite numbers")
    return ModelInfo(name, digest, metadata.get(f"{PREFIX}version", "unknown"), alphabet, points, (slope, intercept))


def stated(name: ModelName, metadata: Mapping[str, str], key: str) -> Any:
    """One entry of the metadata, parsed. Raises ``ModelError`` where it is missing or no JSON."""
    try:
        return json.loads(metadata[PREFIX + key])
    except (KeyError, ValueError) as failure:
        raise ModelError(f"{name}.onnx states no usable {PREFIX}{key} in its metadata") from failure


def check_shapes(name: ModelName, inputs: list[tuple[str, list[Any]]], outputs: list[tuple[str, list[Any]]], classes: int) -> None:
    """Insist on one input (A, 1, 32, 32) and one output (A, C) under their names. Raises ``ModelError``."""
    sides = [1, PATCH_SIDE_PX, PATCH_SIDE_PX]
    if len(inputs) != 1 or inputs[0][0] != INPUT_NAME or inputs[0][1][1:] != sides or isinstance(inputs[0][1][0], int):
        raise ModelError(f"{name}.onnx must take one input {INPUT_NAME} of shape (A, 1, 32, 32) with any A; it takes {inputs}")
    if len(outputs) != 1 or outputs[0][0] != OUTPUT_NAME or outputs[0][1][1:] != [classes]:
        raise ModelError(f"{name}.onnx must give one output {OUTPUT_NAME} of shape (A, {classes}); it gives {outputs}")
