"""The recogniser of the service: both model files behind onnxruntime sessions, checked at start-up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from app.errors import ModelError, NotExplainable, ProviderError, ServiceError
from app.inference.model_file import (
    INPUT_NAME,
    MAP_SHAPES,
    OUTPUT_NAME,
    SECOND_READER,
    STRIP_NAME,
    check_shapes,
    check_strip_shapes,
    model_info,
    read_model_file,
    second_reader_info,
    stated_filters,
)
from app.inference.providers import Device, open_session, runtime
from app.reader.network_view import FeatureMaps, FirstFilters
from app.reader.second_reader import SecondReaderInfo
from app.reader.types import PATCH_SIDE_PX, Ink, LogProbs, ModelInfo, ModelName, Patches

MODELS: tuple[ModelName, ...] = ("courtesy_amount", "micr_e13b")
PATCH_SHAPE = (1, PATCH_SIDE_PX, PATCH_SIDE_PX)
GOLDEN_COUNT = 8
PATCHES_PER_CALL = 64  # of a CPU: their feature maps stay in its caches, which makes hundreds of patches a sixth faster
NO_LAYERS = "the model file {name}.onnx holds no {missing}: it can read, but not be explained; export it again"
MOST_DIFFERENCE = 1e-3  # of natural log-probabilities, between devices


class RecogniserFailure(ServiceError):
    """The model gave no usable numbers."""

    status = 500
    code = "recogniser_failed"
    title = "Recogniser failed"


@dataclass(frozen=True, slots=True, eq=False)
class LoadedModel:
    """An open session with what its file states."""

    session: Any
    info: ModelInfo
    filters: FirstFilters | None = None  # None in files that were exported without feature maps


@dataclass(frozen=True, slots=True, eq=False)
class LoadedSecondReader:
    """The open session of the second reader with what its file states."""

    session: Any
    info: SecondReaderInfo


class OnnxRecogniser:
    """Implements ``app.reader.types.Recogniser``. Sessions are shared by all threads: ``run`` releases the lock."""

    def __init__(self, models: Mapping[ModelName, LoadedModel], device: Device, second: LoadedSecondReader | None = None) -> None:
        self._models = dict(models)
        self._second = second
        self.device = device

    def info(self, model: ModelName) -> ModelInfo:
        """Alphabet, digest and thresholds of one model."""
        return self._models[model].info

    def score(self, patches: Patches, model: ModelName) -> LogProbs:
        """Log-probabilities (A, C) of patches (A, 1, 32, 32); A may be 0. Raises ``RecogniserFailure``.

        A GPU gets all in one call, a CPU as many as its caches hold.
        """
        loaded = self._models[model]
        if len(patches) == 0:
            return np.zeros((0, len(loaded.info.alphabet)), np.float32)
        step = PATCHES_PER_CALL if self.device == "cpu" else len(patches)
        return np.concatenate([run(loaded, patches[first : first + step]) for first in range(0, len(patches), step)])

    def second_reader(self) -> SecondReaderInfo | None:
        """What the second reader of amounts says of itself; None where it was not loaded."""
        return None if self._second is None else self._second.info

    def slide(self, strips: Ink) -> LogProbs:
        """Log-probabilities (V, T, C + 1) of the places of strips (V, 32, W). Raises ``RecogniserFailure``."""
        if self._second is None:
            raise RecogniserFailure("no second reader was loaded")
        return slide(self._second, strips)

    def feature_maps(self, patch: npt.NDArray[np.float32], model: ModelName) -> FeatureMaps:
        """What every layer answers to one patch (32, 32) or (1, 1, 32, 32). Raises ``NotExplainable``, ``RecogniserFailure``."""
        loaded = self._models[model]
        one = np.ascontiguousarray(patch, np.float32).reshape(1, *PATCH_SHAPE)
        if len(loaded.session.get_outputs()) == 1:
            raise NotExplainable(NO_LAYERS.format(name=model, missing="feature maps"))
        try:
            answers = loaded.session.run([OUTPUT_NAME, *MAP_SHAPES], {INPUT_NAME: one})
        except Exception as failure:
            raise RecogniserFailure(f"the model {model} failed on one patch") from failure
        log_probs, *maps = (np.asarray(answer[0], np.float32) for answer in answers)
        return FeatureMaps(one[0, 0], **dict(zip(MAP_SHAPES, maps, strict=True)), log_probs=log_probs)

    def first_filters(self, model: ModelName) -> FirstFilters:
        """The filters of C1 of one model. Raises ``NotExplainable``."""
        filters = self._models[model].filters
        if filters is None:
            raise NotExplainable(NO_LAYERS.format(name=model, missing="filters"))
        return filters


def load_recogniser(model_dir: Path | None = None, device: Device = "cpu") -> OnnxRecogniser:
    """Both models from a folder (None = the packaged ones) on a device, each run once.

    Raises ``ModelError``, ``ProviderError`` or another ``StartupError`` with what was wrong and what to do.
    """
    ort = runtime()
    models = {name: load_model(ort, name, model_dir, device) for name in MODELS}
    return OnnxRecogniser(models, device, load_second_reader(ort, model_dir))


def load_second_reader(ort: Any, model_dir: Path | None) -> LoadedSecondReader:
    """The second reader, checked and run once; always on the CPU, where one strip takes a millisecond. Raises ``ModelError``."""
    file = read_model_file(SECOND_READER, model_dir)
    session = open_session(ort, file.content, "cpu")
    info = second_reader_info(file.digest, session.get_modelmeta().custom_metadata_map)
    inputs = [(entry.name, entry.type, list(entry.shape)) for entry in session.get_inputs()]
    outputs = [(entry.name, entry.type, list(entry.shape)) for entry in session.get_outputs()]
    check_strip_shapes(inputs, outputs, len(info.symbols) + 1)
    loaded = LoadedSecondReader(session, info)
    try:
        rows = slide(loaded, golden_patches()[2].repeat(2, axis=2))
    except RecogniserFailure as failure:
        raise ModelError(f"{SECOND_READER}.onnx failed its first run: {failure.detail}") from failure
    if not np.allclose(np.exp(rows).sum(axis=2), 1.0, atol=1e-3):
        raise ModelError(f"{SECOND_READER}.onnx does not give log-probabilities: rows do not sum to one in exp")
    return loaded


def slide(loaded: LoadedSecondReader, strips: Ink) -> LogProbs:
    """One call of the second reader's session. Raises ``RecogniserFailure`` where it fails or gives other than finite numbers."""
    try:
        (rows,) = loaded.session.run([OUTPUT_NAME], {STRIP_NAME: np.ascontiguousarray(strips, np.float32)[:, None]})
    except Exception as failure:
        raise RecogniserFailure(f"the second reader failed on a strip of {strips.shape[2]} pixels") from failure
    if rows.ndim != 3 or rows.shape[2] != len(loaded.info.symbols) + 1 or not np.isfinite(rows).all():
        raise RecogniserFailure(f"the second reader gave numbers that are not finite or too few for a strip of {strips.shape[2]} pixels")
    return np.asarray(rows, np.float32)


def load_model(ort: Any, name: ModelName, model_dir: Path | None, device: Device) -> LoadedModel:
    """One model: digest, metadata, shapes, provider and its first numbers insisted on.

    Every model is opened on the CPU first; on another device it must then give the numbers that it gives there.
    """
    file = read_model_file(name, model_dir)
    session = open_session(ort, file.content, "cpu")
    metadata = session.get_modelmeta().custom_metadata_map
    info, filters = model_info(name, file.digest, metadata), stated_filters(name, metadata)
    inputs = [(entry.name, entry.type, list(entry.shape)) for entry in session.get_inputs()]
    outputs = [(entry.name, entry.type, list(entry.shape)) for entry in session.get_outputs()]
    check_shapes(name, inputs, outputs, len(info.alphabet))
    reference = LoadedModel(session, info, filters)
    golden = first_answer(reference)
    if device == "cpu":
        return reference
    loaded = LoadedModel(open_session(ort, file.content, device), info, filters)
    insist_on_agreement(first_answer(loaded), golden, name, device)
    return loaded


def run(loaded: LoadedModel, patches: Patches) -> LogProbs:
    """One call of the session. Raises ``RecogniserFailure`` where it fails or gives other than finite numbers (A, C)."""
    try:
        (log_probs,) = loaded.session.run([OUTPUT_NAME], {INPUT_NAME: np.ascontiguousarray(patches, np.float32)})
    except Exception as failure:
        raise RecogniserFailure(f"the model {loaded.info.name} failed on {len(patches)} patches") from failure
    if log_probs.shape != (len(patches), len(loaded.info.alphabet)) or not np.isfinite(log_probs).all():
        raise RecogniserFailure(f"the model {loaded.info.name} gave numbers that are not finite or too few for {len(patches)} patches")
    return np.asarray(log_probs, np.float32)


def golden_patches() -> Patches:
    """The patches of the first run: paper alone, ink alone, and slanting bars of ink with a neighbour's rim."""
    rows, columns = np.mgrid[:PATCH_SIDE_PX, :PATCH_SIDE_PX]
    patches = np.zeros((GOLDEN_COUNT, *PATCH_SHAPE), np.float32)
    patches[1] = 1.0
    for k in range(2, GOLDEN_COUNT):
        distance = np.abs(columns - 16.0 + (k - 4.5) * 0.25 * (rows - 16.0))
        patches[k, 0] = np.clip(k - 1.0 - distance, 0.0, 1.0)
        patches[k, 0, :, : k - 2] = -0.5
    return patches


def first_answer(loaded: LoadedModel) -> LogProbs:
    """The answer to the golden patches; each row must be the log of probabilities that sum to one. Raises ``ModelError``."""
    name, classes = loaded.info.name, len(loaded.info.alphabet)
    try:
        rows = run(loaded, golden_patches())
    except RecogniserFailure as failure:
        raise ModelError(f"{name}.onnx failed its first run: {failure.detail}") from failure
    if not np.allclose(np.exp(rows).sum(axis=1), 1.0, atol=1e-3):
        raise ModelError(f"{name}.onnx does not give log-probabilities of shape (A, {classes}): rows do not sum to one in exp")
    return rows


def insist_on_agreement(rows: LogProbs, golden: LogProbs, name: ModelName, device: Device) -> None:
    """The device must give what the CPU gives. Raises ``ProviderError``."""
    difference = float(np.abs(rows - golden).max())
    if not difference <= MOST_DIFFERENCE:
        raise ProviderError(
            f"{name}.onnx gives other numbers on device {device} than on the CPU: they differ by {difference:.2g}, "
            f"at most {MOST_DIFFERENCE:g} is allowed; check the driver, or use the device cpu"
        )
