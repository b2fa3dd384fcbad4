"""Runtimes side by side: the same numbers first, then turns of the same length."""

from __future__ import annotations

import time

import numpy as np
import pytest

from app.reader.types import LogProbs, Patches
from benchmarks.runtimes import Runtimes, Score, measure, open_runtimes
from model import packaged_model_dir
from tests.requirements_gate import require


def sleeping(seconds: float, name: str, log: list[str]) -> Score:
    def score(patches: Patches) -> LogProbs:
        log.append(name)
        time.sleep(seconds)
        return np.zeros((len(patches), 20), np.float32)

    return score


def test_ratios_and_turns() -> None:
    """A runtime that takes four times as long has a quarter of the speed; the order turns round from round to round."""
    log: list[str] = []
    runtimes = Runtimes({"onnxruntime": sleeping(0.01, "own", log), "other": sleeping(0.04, "other", log)}, {})
    found = measure(runtimes, [5], rounds=3, slot_s=0.05)
    assert [(speed.runtime, speed.batch) for speed in found] == [("onnxruntime", 5), ("other", 5)]
    assert found[0].ratio_to_onnxruntime == 1.0
    assert found[1].ratio_to_onnxruntime == pytest.approx(0.25, abs=0.1)
    assert found[1].patches_per_second == pytest.approx(5 / 0.04, rel=0.4)
    turns = [name for before, name in zip(["", *log], log, strict=False) if name != before]
    assert turns == ["own", "other", "own", "other"]  # own other | other own | own other


def test_every_runtime_gives_the_recognisers_numbers() -> None:
    """What is installed is measured after it gave the same log-probabilities; what is not is named with its reason."""
    require("torch")
    pytest.importorskip("onnxruntime", reason="the recogniser needs onnxruntime (extra cpu)")
    if len(list(packaged_model_dir().glob("*.onnx"))) < 2:
        pytest.skip("the model files are not there")
    from app.inference.recogniser import load_recogniser

    runtimes = open_runtimes(load_recogniser())
    assert set(runtimes.scores) == {"onnxruntime", "PyTorch", "OpenCV DNN"}
    assert not runtimes.absent


def test_a_runtime_with_other_numbers_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """Speed without the right numbers is not reported; a failure to open is a reason, not an end."""
    pytest.importorskip("onnxruntime", reason="the recogniser needs onnxruntime (extra cpu)")
    if len(list(packaged_model_dir().glob("*.onnx"))) < 2:
        pytest.skip("the model files are not there")
    from app.inference.recogniser import load_recogniser

    def missing(content: bytes) -> Score:
        raise ImportError("no module named torch")

    monkeypatch.setattr("benchmarks.runtimes.torch_score", missing)
    monkeypatch.setattr("benchmarks.runtimes.opencv_score", lambda content: sleeping(0.0, "zeros", []))
    runtimes = open_runtimes(load_recogniser())
    assert list(runtimes.scores) == ["onnxruntime"]
    assert "no module named torch" in runtimes.absent["PyTorch"]
    assert "other numbers" in runtimes.absent["OpenCV DNN"]
