"""Which execution provider runs the models: asked for and not there means refuse to start.

onnxruntime falls back to the CPU with only a warning when CUDA cannot be had; here the fall back is switched off,
looked for, and refused. The packages ``onnxruntime`` and ``onnxruntime-gpu`` share one import name and break one
another when both are installed: that is refused as well.
"""

from __future__ import annotations

import importlib.metadata
from typing import Any, Literal

from app.errors import ModelError, ProviderError, StartupError

Device = Literal["cpu", "cuda"]
PROVIDER: dict[Device, str] = {"cpu": "CPUExecutionProvider", "cuda": "CUDAExecutionProvider"}
INSTALL: dict[Device, str] = {
    "cpu": 'pip install "checkreader[cpu]"',
    "cuda": 'pip install "checkreader[gpu]" in an environment of its own, on a machine with an NVIDIA driver',
}
# Without TF32, so that both devices give the same numbers; the search for the fastest convolution is not worth its time here.
SETTINGS: dict[Device, dict[str, str]] = {"cpu": {}, "cuda": {"cudnn_conv_algo_search": "HEURISTIC", "use_tf32": "0"}}


def runtime() -> Any:
    """The onnxruntime module. Raises ``StartupError`` where it is missing or installed twice."""
    installed = [name for name in ("onnxruntime", "onnxruntime-gpu") if is_installed(name)]
    if len(installed) > 1:
        raise StartupError(
            "onnxruntime and onnxruntime-gpu are both installed and break one another: uninstall both, then install one extra, cpu or gpu"
        )
    try:
        import onnxruntime
    except ImportError as failure:
        raise StartupError(f"onnxruntime is not installed: {INSTALL['cpu']} (or the gpu extra)") from failure
    return onnxruntime


def is_installed(distribution: str) -> bool:
    """Whether a distribution of that name is installed."""
    try:
        importlib.metadata.distribution(distribution)
    except importlib.metadata.PackageNotFoundError:
        return False
    return True


def session_options(ort: Any, device: Device) -> Any:
    """One thread, sequential, no spinning: parallelism is across checks, not inside one (docs/adr/0004)."""
    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.execution_mode = ort.ExecutionMode.ORT_SEQUENTIAL
    options.log_severity_level = 3
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    if device == "cuda":
        options.add_session_config_entry("session.disable_cpu_ep_fallback", "1")
    return options


def open_session(ort: Any, content: bytes, device: Device) -> Any:
    """A session of the model on the device that was asked for, and on no other.

    Raises ``ProviderError``; ``ModelError`` where the CPU, which has all it needs, cannot open the model.
    """
    wanted = PROVIDER[device]
    if wanted not in ort.get_available_providers():
        raise ProviderError(f"device {device} was asked for, but this onnxruntime has no {wanted}: {INSTALL[device]}")
    if device == "cuda":
        ort.preload_dlls()
    providers = [(wanted, SETTINGS[device])]
    try:
        session = ort.InferenceSession(content, session_options(ort, device), providers=providers, enable_fallback=0)
    except Exception as failure:
        if device == "cpu":
            raise ModelError("onnxruntime cannot open the model: it is damaged, or made for a newer onnxruntime") from failure
        raise ProviderError(
            f"the model could not be opened on device {device}: {wanted} refused it. Is the NVIDIA driver there, and as new as CUDA needs? "
            f"Otherwise: {INSTALL[device]}"
        ) from failure
    session.disable_fallback()
    if session.get_providers()[0] != wanted:
        raise ProviderError(f"device {device} was asked for, but onnxruntime fell back to {session.get_providers()[0]}: {INSTALL[device]}")
    return session
