"""Model files made here, and a runtime that only pretends: for tests of everything around real sessions."""

from __future__ import annotations

import hashlib
import importlib.resources
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from app.inference.model_file import INPUT_CONTRACT, SECOND_READER, STRIP_NAME, SYMBOLS
from app.reader.types import LogProbs, ModelName, Patches

CPU, CUDA = "CPUExecutionProvider", "CUDAExecutionProvider"


def metadata(model: ModelName, **changes: str | None) -> dict[str, str]:
    """The metadata of a good model, with changes; a change to None leaves the entry out."""
    entries = {
        "name": model,
        "version": "7",
        "alphabet": json.dumps(SYMBOLS[model]),
        "input": json.dumps({"shape": ["A", 1, 32, 32], **INPUT_CONTRACT}),
        "thresholds": "[[0.02, 0.6], [0.01, 0.8]]",
        "calibration": "[1.5, -0.25]",
        **changes,
    }
    return {f"checkreader.{key}": value for key, value in entries.items() if value is not None}


SECOND_SYMBOLS = tuple("0123456789$,./-*#=")


def second_metadata(**changes: str | None) -> dict[str, str]:
    """The metadata of a good second reader, with changes as above."""
    entries = {
        "name": SECOND_READER,
        "version": "7",
        "symbols": json.dumps(SECOND_SYMBOLS),
        "fusion": "[0.7, 0.3, -8.0]",
        "thresholds": "[[0.02, 0.6], [0.01, 0.8]]",
        "calibration": "[1.5, -0.25]",
        **changes,
    }
    return {f"checkreader.{key}": value for key, value in entries.items() if value is not None}


def write_second_reader(folder: Path) -> None:
    """The shipped second reader beside models that were made here."""
    for ending in ("onnx", "json"):
        shipped = importlib.resources.files("model").joinpath(f"{SECOND_READER}.{ending}")
        folder.joinpath(f"{SECOND_READER}.{ending}").write_bytes(shipped.read_bytes())


def weights(name: ModelName) -> tuple[np.ndarray, np.ndarray]:
    """(1024, C) and (C,): a linear model that is different for every patch."""
    rng = np.random.default_rng(len(name))
    classes = len(SYMBOLS[name])
    return rng.normal(0.0, 0.1, (1024, classes)).astype(np.float32), rng.normal(0.0, 1.0, classes).astype(np.float32)


def expected(patches: Patches, name: ModelName) -> LogProbs:
    """What the model answers, computed in plain numpy."""
    matrix, offset = weights(name)
    logits = patches.reshape(len(patches), 1024) @ matrix + offset
    logits -= logits.max(axis=1, keepdims=True)
    return np.asarray(logits - np.log(np.exp(logits).sum(axis=1, keepdims=True)), np.float32)


def message(*fields: tuple[int, int | str | bytes]) -> bytes:
    """A protobuf message: numbers as varints, texts and messages with their length."""
    parts = []
    for number, value in fields:
        if isinstance(value, int):
            parts.append(varint(number << 3) + varint(value))
        else:
            content = value.encode() if isinstance(value, str) else value
            parts.append(varint(number << 3 | 2) + varint(len(content)) + content)
    return b"".join(parts)


def varint(value: int) -> bytes:
    """A number in groups of seven bits, the lowest first."""
    groups = [value & 0x7F]
    while value := value >> 7:
        groups.append(value & 0x7F)
    return bytes([*(group | 0x80 for group in groups[:-1]), groups[-1]])


def tensor(name: str, values: np.ndarray) -> bytes:
    """TensorProto of float32."""
    return message(*((1, side) for side in values.shape), (2, 1), (8, name), (9, values.astype("<f4").tobytes()))


def described(name: str, sides: list[int | str]) -> bytes:
    """ValueInfoProto of float32 with sides that are numbers or names."""
    shape = message(*((1, message((1 if isinstance(side, int) else 2, side))) for side in sides))
    return message((1, name), (2, message((1, message((1, 1), (2, shape))))))


def node(kind: str, inputs: tuple[str, ...], output: str) -> bytes:
    """NodeProto with one output and no attributes."""
    return message(*((1, name) for name in inputs), (2, output), (4, kind))


def model_bytes(
    name: ModelName, entries: Mapping[str, str], batch: int | str = "A", side: int = 32, log_softmax: bool = True, scale: float = 1.0
) -> bytes:
    """A small ONNX file (onnx.proto, IR 9, opset 18), written by hand: flatten, one linear layer, log-softmax."""
    matrix, offset = weights(name)
    graph = message(
        (1, node("Flatten", ("patches",), "flat")),
        (1, node("Gemm", ("flat", "matrix", "offset"), "logits")),
        (1, node("LogSoftmax" if log_softmax else "Identity", ("logits",), "log_probs")),
        (2, name),
        (5, tensor("matrix", matrix[: side * side] * np.float32(scale))),
        (5, tensor("offset", offset)),
        (11, described("patches", [batch, 1, side, side])),
        (12, described("log_probs", [batch, len(SYMBOLS[name])])),
    )
    properties = ((14, message((1, key), (2, value))) for key, value in entries.items())
    return message((1, 9), (7, graph), (8, message((1, ""), (2, 18))), *properties)


def write_model(folder: Path, name: str, content: bytes, digest: str | None = None) -> None:
    """NAME.onnx and NAME.json, whose digest is right unless another is given."""
    folder.joinpath(f"{name}.onnx").write_bytes(content)
    stated = hashlib.sha256(content).hexdigest() if digest is None else digest
    folder.joinpath(f"{name}.json").write_text(json.dumps({"sha256": stated}), encoding="utf-8")


class PretendedRuntime:
    """Stands for the onnxruntime module: sessions of numpy, on whichever providers it is told to have.

    ``answers`` is the provider that a session really runs on, whatever was asked for; ``refuses`` are the providers that
    cannot be opened; ``error`` is added to what CUDA answers.
    """

    def __init__(self, available: tuple[str, ...] = (CPU,), answers: str | None = None, refuses: str = "", error: float = 0.0) -> None:
        self.available = available
        self.answers = answers
        self.refuses = refuses
        self.error = error
        self.sessions: list[PretendedSession] = []
        self.preloaded = 0

    class SessionOptions:
        def __init__(self) -> None:
            self.entries: dict[str, str] = {}

        def add_session_config_entry(self, key: str, value: str) -> None:
            self.entries[key] = value

    class ExecutionMode:
        ORT_SEQUENTIAL = "sequential"

    def get_available_providers(self) -> list[str]:
        return list(self.available)

    def preload_dlls(self) -> None:
        self.preloaded += 1

    def InferenceSession(self, content: bytes, options: SessionOptions, providers: Any, enable_fallback: int) -> PretendedSession:
        wanted = providers[0][0]
        if wanted == self.refuses:
            raise RuntimeError("CUDA failure 35: driver version is insufficient")
        session = PretendedSession(content, options, providers, enable_fallback, self.answers or wanted, self.error)
        self.sessions.append(session)
        return session


class Described:
    """Name, type and shape of an input or an output, and the metadata, as onnxruntime's objects hold them."""

    def __init__(self, **values: Any) -> None:
        self.__dict__.update(values)


class PretendedSession:
    """A session whose model is known by its bytes: the name of the model."""

    def __init__(self, content: bytes, options: Any, providers: Any, enable_fallback: int, runs_on: str, error: float) -> None:
        self.second = content == SECOND_READER.encode()
        self.name: ModelName = "courtesy_amount" if content == b"courtesy_amount" else "micr_e13b"
        self.options = options
        self.providers = providers
        self.enable_fallback = enable_fallback
        self.runs_on = runs_on
        self.error = error if runs_on == CUDA else 0.0
        self.fallback_disabled = False

    def get_providers(self) -> list[str]:
        return [self.runs_on, CPU] if self.runs_on != CPU else [CPU]

    def disable_fallback(self) -> None:
        self.fallback_disabled = True

    def get_modelmeta(self) -> Described:
        return Described(custom_metadata_map=second_metadata() if self.second else metadata(self.name))

    def get_inputs(self) -> list[Described]:
        if self.second:
            return [Described(name=STRIP_NAME, type="tensor(float)", shape=["N", 1, 32, "W"])]
        return [Described(name="patches", type="tensor(float)", shape=["A", 1, 32, 32])]

    def get_outputs(self) -> list[Described]:
        shape: list[Any] = ["N", "T", len(SECOND_SYMBOLS) + 1] if self.second else ["A", len(SYMBOLS[self.name])]
        return [Described(name="log_probs", type="tensor(float)", shape=shape)]

    def run(self, outputs: list[str], inputs: Mapping[str, Patches]) -> list[LogProbs]:
        if self.second:
            places, classes = (inputs[STRIP_NAME].shape[3] - 32) // 2 + 1, len(SECOND_SYMBOLS) + 1
            return [np.full((1, places, classes), -np.log(classes), np.float32)]
        rows = expected(inputs["patches"], self.name)
        rows[:, 0] += np.float32(self.error)
        return [rows]
