"""Which device runs the models: what was asked for or a refusal to start. CUDA is pretended here; test_cuda.py has the real one."""

from __future__ import annotations

import builtins
import importlib.metadata
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from app.errors import ModelError, ProviderError, StartupError
from app.inference import recogniser
from app.inference.model_file import SECOND_READER, SYMBOLS
from app.inference.providers import open_session, runtime
from app.inference.recogniser import MODELS, load_recogniser
from tests.app.inference.stub_runtime import CPU, CUDA, PretendedRuntime, expected, write_model


@pytest.fixture
def models(tmp_path: Path) -> Path:
    """Files that the pretended runtime knows by their bytes."""
    for name in (*MODELS, SECOND_READER):
        write_model(tmp_path, name, name.encode())
    return tmp_path


def pretend(monkeypatch: pytest.MonkeyPatch, ort: PretendedRuntime) -> PretendedRuntime:
    monkeypatch.setattr(recogniser, "runtime", lambda: ort)
    return ort


def test_cuda_runs_on_cuda_alone(models: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With CUDA there, its sessions are opened without any way back to the CPU, and answer as the CPU does."""
    ort = pretend(monkeypatch, PretendedRuntime((CUDA, CPU)))
    loaded = load_recogniser(models, "cuda")
    assert loaded.device == "cuda"
    assert ort.preloaded > 0
    on_cuda = [session for session in ort.sessions if session.runs_on == CUDA]
    assert len(on_cuda) == len(MODELS)
    for session in on_cuda:
        assert [name for name, _ in session.providers] == [CUDA]
        assert session.options.entries["session.disable_cpu_ep_fallback"] == "1"
        assert session.enable_fallback == 0
        assert session.fallback_disabled
    patches = np.ones((3, 1, 32, 32), np.float32)
    np.testing.assert_allclose(loaded.score(patches, "micr_e13b"), expected(patches, "micr_e13b"), atol=1e-4)
    assert loaded.score(patches[:0], "micr_e13b").shape == (0, len(SYMBOLS["micr_e13b"]))


def test_the_cpu_is_not_asked_for_cuda(models: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Device cpu opens CPU sessions even where CUDA could be had, and loads nothing of it."""
    ort = pretend(monkeypatch, PretendedRuntime((CUDA, CPU)))
    load_recogniser(models, "cpu")
    assert {session.runs_on for session in ort.sessions} == {CPU}
    assert ort.preloaded == 0


def test_cuda_asked_for_and_not_there(models: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A refusal to start that says what to install."""
    pretend(monkeypatch, PretendedRuntime((CPU,)))
    with pytest.raises(ProviderError, match=r"has no CUDAExecutionProvider: pip install \"checkreader\[gpu\]\""):
        load_recogniser(models, "cuda")


def test_a_silent_fall_back_is_found(models: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A session that says it is CUDA's and runs on the CPU is refused."""
    pretend(monkeypatch, PretendedRuntime((CUDA, CPU), answers=CPU))
    with pytest.raises(ProviderError, match="fell back to CPUExecutionProvider"):
        load_recogniser(models, "cuda")


def test_cuda_that_cannot_be_opened(models: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a driver the message says so in our words, not in the library's."""
    pretend(monkeypatch, PretendedRuntime((CUDA, CPU), refuses=CUDA))
    with pytest.raises(ProviderError, match="driver") as caught:
        load_recogniser(models, "cuda")
    assert "CUDA failure 35" not in caught.value.detail


@pytest.mark.parametrize("error", [0.01, -3.0, float("nan")])
def test_a_device_that_gives_other_numbers_is_refused(models: Path, monkeypatch: pytest.MonkeyPatch, error: float) -> None:
    """The first run on the device is compared with the CPU's, number by number."""
    pretend(monkeypatch, PretendedRuntime((CUDA, CPU), error=error))
    with pytest.raises((ProviderError, ModelError)):
        load_recogniser(models, "cuda")


def test_a_small_difference_is_passed(models: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rounding differs between devices."""
    pretend(monkeypatch, PretendedRuntime((CUDA, CPU), error=1e-5))
    load_recogniser(models, "cuda")


def test_a_model_that_the_cpu_cannot_open_is_the_models_fault() -> None:
    """The CPU has all it needs: no provider is blamed."""
    with pytest.raises(ModelError, match="damaged"):
        open_session(PretendedRuntime(refuses=CPU), b"", "cpu")


def installed(monkeypatch: pytest.MonkeyPatch, *names: str) -> None:
    def distribution(name: str) -> str:
        if name not in names:
            raise importlib.metadata.PackageNotFoundError(name)
        return name

    monkeypatch.setattr(importlib.metadata, "distribution", distribution)


def test_both_runtimes_installed_is_a_refusal(monkeypatch: pytest.MonkeyPatch) -> None:
    """The two packages share one import name and break one another: neither is used."""
    installed(monkeypatch, "onnxruntime", "onnxruntime-gpu")
    with pytest.raises(StartupError, match="both installed"):
        runtime()


def test_no_runtime_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    """The base install has no runtime: the message names the extras."""
    installed(monkeypatch)
    real = builtins.__import__

    def without(name: str, *rest: Any, **more: Any) -> Any:
        if name == "onnxruntime":
            raise ImportError(name)
        return real(name, *rest, **more)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(StartupError, match=r"checkreader\[cpu\]"):
        runtime()
