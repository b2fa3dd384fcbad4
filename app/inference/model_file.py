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

import numpy as np

from app.errors import ModelError
from app.reader.network_view import FirstFilters
from app.reader.patches import CONTEXT_INK
from app.reader.second_reader import Fusion, SecondReaderInfo
from app.reader.types import PATCH_SIDE_PX, RUBBISH, STRAY, Alphabet, ModelInfo, ModelName

PREFIX = "checkreader."
INPUT_NAME, OUTPUT_NAME = "patches", "log_probs"
SECOND_READER, STRIP_NAME = "courtesy_amount_sdnn", "strips"
MAP_SHAPES: dict[str, list[int | str | None]] = {  # further outputs, for explanations: what each layer answers to a patch
    "c1": [6, 28, 28], "s2": [6, 14, 14], "c3": [16, 10, 10], "s4": [16, 5, 5], "c5": [120], "f6": [84],
}  # fmt: skip
INPUT_CONTRACT = {"ink": 1.0, "paper": 0.0, "context": CONTEXT_INK}  # values of a patch; the reader makes no others
# What the grammars ask a model for; a model may know more.
SYMBOLS: dict[ModelName, tuple[str, ...]] = {
    "courtesy_amount": (*"0123456789$,./-*#=", RUBBISH, STRAY),
    "micr_e13b": (*"0123456789⑆⑇⑈⑉", RUBBISH, STRAY),
}
WHAT_TO_DO = "install checkreader anew, or name a folder with whole models in CHECKREADER_MODEL_DIR"


Tensor = tuple[str, str, list[int | str | None]]  # name, type as onnxruntime writes it, shape (text or None = any)
FLOAT = "tensor(float)"


@dataclass(frozen=True, slots=True)
class ModelFile:
    """The bytes of NAME.onnx, and their digest as stated by NAME.json beside it."""

    name: str
    content: bytes
    digest: str  # "sha256:…"


def read_model_file(name: str, model_dir: Path | None) -> ModelFile:
    """The model from a folder, or the packaged one. Raises ``ModelError`` for a missing file or a wrong digest."""
    folder = importlib.resources.files("model") if model_dir is None else model_dir
    where = "the installed package" if model_dir is None else str(model_dir)
    try:
        content = folder.joinpath(f"{name}.onnx").read_bytes()
    except OSError as failure:
        raise ModelError(f"the model file {name}.onnx is missing in {where}; {WHAT_TO_DO}") from failure
    digest = hashlib.sha256(content).hexdigest()
    try:
        stated = json.loads(folder.joinpath(f"{name}.json").read_bytes())["sha256"]
    except (OSError, ValueError, KeyError, TypeError) as failure:
        raise ModelError(f"the provenance {name}.json in {where} is missing or states no sha256; {WHAT_TO_DO}") from failure
    if stated != digest:
        raise ModelError(
            f"{name}.onnx in {where} has the digest sha256:{digest}, but {name}.json states sha256:{stated}: "
            f"the two do not belong together or the file is damaged; {WHAT_TO_DO}"
        )
    return ModelFile(name, content, f"sha256:{digest}")


def model_info(name: ModelName, digest: str, metadata: Mapping[str, str]) -> ModelInfo:
    """What the metadata of the file states. Raises ``ModelError`` for what is missing or makes no sense."""
    if metadata.get(f"{PREFIX}name") != name:
        raise ModelError(f"{name}.onnx says it is {metadata.get(f'{PREFIX}name')!r}; expected {name!r}")
    check_input_contract(name, stated(name, metadata, "input"))
    symbols = stated(name, metadata, "alphabet")
    thresholds = stated(name, metadata, "thresholds")
    calibration = stated(name, metadata, "calibration")
    try:
        alphabet = Alphabet(tuple(str(symbol) for symbol in symbols))
        points = tuple(sorted((float(rate), float(least)) for rate, least in thresholds))
        slope, intercept = (float(value) for value in calibration)
    except (TypeError, ValueError) as failure:
        raise ModelError(f"{name}.onnx states an alphabet, thresholds or a calibration that make no sense") from failure
    if missing := [symbol for symbol in SYMBOLS[name] if symbol not in alphabet.symbols]:
        raise ModelError(f"{name}.onnx does not know {' '.join(missing)}; it knows {' '.join(alphabet.symbols)}")
    if not all(0.0 <= value <= 1.0 for point in points for value in point):
        raise ModelError(f"{name}.onnx states thresholds that are not [max_error, least confidence], each from 0 to 1: {points}")
    if not (math.isfinite(slope) and math.isfinite(intercept) and slope > 0.0):
        raise ModelError(f"{name}.onnx states the calibration {[slope, intercept]}; both must be finite, the slope above 0")
    return ModelInfo(name, digest, metadata.get(f"{PREFIX}version", "unknown"), alphabet, points, (slope, intercept))


def second_reader_info(digest: str, metadata: Mapping[str, str]) -> SecondReaderInfo:
    """What the metadata of the second reader's file states. Raises ``ModelError`` for what is missing or makes no sense."""
    name = SECOND_READER
    if metadata.get(f"{PREFIX}name") != name:
        raise ModelError(f"{name}.onnx says it is {metadata.get(f'{PREFIX}name')!r}; expected {name!r}")
    try:
        symbols = tuple(str(symbol) for symbol in stated(name, metadata, "symbols"))
        fusion = Fusion(*(float(value) for value in stated(name, metadata, "fusion")))
        points = tuple(sorted((float(rate), float(least)) for rate, least in stated(name, metadata, "thresholds")))
        slope, intercept = (float(value) for value in stated(name, metadata, "calibration"))
    except (TypeError, ValueError) as failure:
        raise ModelError(f"{name}.onnx states symbols, weights, thresholds or a calibration that make no sense") from failure
    numbers = (fusion.first, fusion.second, fusion.none, slope, intercept, *(value for point in points for value in point))
    if not all(math.isfinite(value) for value in numbers) or len(set(symbols)) != len(symbols) or not symbols:
        raise ModelError(f"{name}.onnx states numbers that are not finite, or no distinct symbols")
    return SecondReaderInfo(name, digest, metadata.get(f"{PREFIX}version", "unknown"), symbols, fusion, points, (slope, intercept))


def check_strip_shapes(inputs: list[Tensor], outputs: list[Tensor], classes: int) -> None:
    """Insist on one float input (N, 1, 32, W) and one float output (N, T, C + 1) under their names. Raises ``ModelError``."""
    found = [(name, kind, len(shape)) for name, kind, shape in (*inputs, *outputs)]
    if found != [(STRIP_NAME, FLOAT, 4), (OUTPUT_NAME, FLOAT, 3)] or inputs[0][2][1:3] != [1, PATCH_SIDE_PX]:
        raise ModelError(
            f"{SECOND_READER}.onnx must take {STRIP_NAME} (N, 1, 32, W) and give {OUTPUT_NAME} (N, T, {classes}); "
            f"it takes {inputs} and gives {outputs}"
        )


def check_input_contract(name: ModelName, contract: Any) -> None:
    """Insist that the model was trained on patches as the reader makes them. Raises ``ModelError``."""
    given = {key: contract.get(key) for key in INPUT_CONTRACT} if isinstance(contract, dict) else contract
    if given != INPUT_CONTRACT:
        raise ModelError(f"{name}.onnx was made for patches of {given}; this version of checkreader makes {INPUT_CONTRACT}")


def stated(name: str, metadata: Mapping[str, str], key: str) -> Any:
    """One entry of the metadata, parsed. Raises ``ModelError`` where it is missing or no JSON."""
    try:
        return json.loads(metadata[PREFIX + key])
    except (KeyError, ValueError) as failure:
        raise ModelError(f"{name}.onnx states no usable {PREFIX}{key} in its metadata") from failure


def check_shapes(name: ModelName, inputs: list[Tensor], outputs: list[Tensor], classes: int) -> None:
    """Insist on one float input (A, 1, 32, 32) and on a first output, float (A, C), under their names. Raises ``ModelError``."""
    wanted_input = (INPUT_NAME, FLOAT, [1, PATCH_SIDE_PX, PATCH_SIDE_PX])
    if [described(tensor) for tensor in inputs] != [wanted_input]:
        raise ModelError(f"{name}.onnx must take one float32 input {INPUT_NAME} of shape (A, 1, 32, 32) with any A; it takes {inputs}")
    scores, maps = (OUTPUT_NAME, FLOAT, [classes]), [(output, FLOAT, shape) for output, shape in MAP_SHAPES.items()]
    if [described(tensor) for tensor in outputs] not in ([scores], [scores, *maps]):
        raise ModelError(
            f"{name}.onnx must give one float32 output {OUTPUT_NAME} of shape (A, {classes}) with any A, alone or before the feature maps "
            f"{', '.join(MAP_SHAPES)}; it gives {outputs}"
        )


def stated_filters(name: ModelName, metadata: Mapping[str, str]) -> FirstFilters | None:
    """The filters of C1 and their biases; None in a file that was exported without. Raises ``ModelError`` for other shapes."""
    if f"{PREFIX}c1_filters" not in metadata:
        return None
    try:
        weights = np.array(stated(name, metadata, "c1_filters"), np.float32)
        biases = np.array(stated(name, metadata, "c1_biases"), np.float32)
    except (TypeError, ValueError) as failure:
        raise ModelError(f"{name}.onnx states filters of C1 that make no sense") from failure
    if weights.shape != (6, 5, 5) or biases.shape != (6,) or not (np.isfinite(weights).all() and np.isfinite(biases).all()):
        raise ModelError(f"{name}.onnx states filters of C1 that are not (6, 5, 5) finite weights and (6,) biases")
    return FirstFilters(weights, biases)


def described(tensor: Tensor) -> tuple[str, str, list[int | str | None]]:
    """Name, type and all sides but the first, which must be free (a number there is kept, and so differs)."""
    name, kind, shape = tensor
    return name, kind, shape if not shape or isinstance(shape[0], int) else shape[1:]
