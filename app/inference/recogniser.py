"""The recogniser of the service: both model files behind onnxruntime sessions, checked at start-up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from app.errors import ModelError, ServiceError
from app.inference.model_file import INPUT_NAME, OUTPUT_NAME, check_shapes, model_info, read_model_file
from app.inference.providers import Device, open_session, runtime
from app.reader.types import PATCH_SIDE_PX, LogProbs, ModelInfo, ModelName, Patches

MODELS: tuple[ModelName, ...] = ("courtesy_amount", "micr_e13b")


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


class OnnxRecogniser:
    """Implements ``app.reader.types.Recogniser``. Sessions are shared by all threads: ``run`` releases the lock."""

    def __init__(self, models: Mapping[ModelName, LoadedModel], device: Device) -> None:
        self._models = dict(models)
        self.device = device

    def info(self, model: ModelName) -> ModelInfo:
        """Alphabet, digest and thresholds of one model."""
        return self._models[model].info

    def score(self, patches: Patches, model: ModelName) -> LogProbs:
        """Log-probabilities (A, C) of patches (A, 1, 32, 32) in one call; A may be 0."""
        loaded = self._models[model]
        if len(patches) == 0:
            return np.zeros((0, len(loaded.info.alphabet)), np.float32)
        (log_probs,) = loaded.session.run([OUTPUT_NAME], {INPUT_NAME: np.ascontiguousarray(patches, np.float32)})
        if not np.isfinite(log_probs).all():
            raise RecogniserFailure(f"the model {model} gave numbers that are not finite")
        return np.asarray(log_probs, np.float32)


def load_recogniser(model_dir: Path | None = None, device: Device = "cpu") -> OnnxRecogniser:
    """Both models from a folder (None = the packaged ones) on a device, each run once.

    Raises ``ModelError`` or ``ProviderError`` with what was wrong and what to do.
    """
    ort = runtime()
    recogniser = OnnxRecogniser({name: load_model(ort, name, model_dir, device) for name in MODELS}, device)
    for name in MODELS:
        insist_on_probabilities(recogniser, name)
    return recogniser


def load_model(ort: Any, name: ModelName, model_dir: Path | None, device: Device) -> LoadedModel:
    """One model: digest, metadata, shapes and provider insisted on."""
    file = read_model_file(name, model_dir)
    session = open_session(ort, file.content, device)
    info = model_info(name, file.digest, session.get_modelmeta().custom_metadata_map)
    inputs = [(entry.name, list(entry.shape)) for entry in session.get_inputs()]
    outputs = [(entry.name, list(entry.shape)) for entry in session.get_outputs()]
    check_shapes(name, inputs, outputs, len(info.alphabet))
    return LoadedModel(session, info)


def insist_on_probabilities(recogniser: OnnxRecogniser, name: ModelName) -> None:
    """A first run on plain patches: each row must be the log of probabilities that sum to one. Raises ``ModelError``."""
    ramp = np.linspace(0.0, 1.0, 3 * PATCH_SIDE_PX**2, dtype=np.float32).reshape(3, 1, PATCH_SIDE_PX, PATCH_SIDE_PX)
    rows = recogniser.score(ramp, name)
    if rows.shape != (3, len(recogniser.info(name).alphabet)) or not np.allclose(np.exp(rows).sum(axis=1), 1.0, atol=1e-3):
        raise ModelError(f"{name}.onnx does not give log-probabilities of shape (A, {len(recogniser.info(name).alphabet)})")
