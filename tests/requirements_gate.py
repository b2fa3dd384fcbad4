"""What a test needs beyond the base install, and whether its absence may be passed over.

``require("torch")`` at the head of a test skips it, with a reason, where torch is missing. Where the environment
variable ``CHECKREADER_REQUIRE`` (a comma list, set by ``.ci/run``) contains the word, the same absence is a failure:
so nothing that was meant to run is skipped unseen.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

REQUIRE_VARIABLE = "CHECKREADER_REQUIRE"
DATA_VARIABLE = "CHECKREADER_DATA"
_BROWSERS = ("chromium", "chromium-browser", "google-chrome")


def _missing_data() -> str | None:
    folder = os.environ.get(DATA_VARIABLE, "")
    if not folder:
        return f"{DATA_VARIABLE} is not set to the folder of the data sets"
    if not Path(folder).is_dir():
        return f"{DATA_VARIABLE} names a folder that does not exist: {folder}"
    return None


def _missing_torch() -> str | None:
    return None if importlib.util.find_spec("torch") else "torch is not installed (make train installs it)"


def _missing_browser() -> str | None:
    if not importlib.util.find_spec("playwright"):
        return "playwright is not installed"
    return None if any(map(shutil.which, _BROWSERS)) else f"none of the browsers {', '.join(_BROWSERS)} is installed"


def _missing_gpu() -> str | None:
    if not importlib.util.find_spec("onnxruntime"):
        return "onnxruntime is not installed"
    import onnxruntime

    if "CUDAExecutionProvider" not in onnxruntime.get_available_providers():
        return "onnxruntime has no CUDA execution provider (extra gpu)"
    return None if shutil.which("nvidia-smi") else "no NVIDIA driver on this machine"


_MISSING: Mapping[str, Callable[[], str | None]] = {
    "data": _missing_data,
    "torch": _missing_torch,
    "browser": _missing_browser,
    "gpu": _missing_gpu,
}


def required() -> frozenset[str]:
    """The words of ``CHECKREADER_REQUIRE``; a word that the gate does not know is an error, not an empty promise."""
    words = frozenset(word.strip() for word in os.environ.get(REQUIRE_VARIABLE, "").split(",") if word.strip())
    if unknown := words - _MISSING.keys():
        raise ValueError(f"{REQUIRE_VARIABLE} may contain {', '.join(_MISSING)}; given: {', '.join(sorted(unknown))}")
    return words


def require(what: str) -> None:
    """Skip the running test where ``what`` is missing; fail it where ``what`` must be there.

    ``what`` is "data", "torch", "browser" or "gpu". May be called at module level of a test file too.
    """
    reason = _MISSING[what]()
    if reason is None:
        return
    if what in required():
        pytest.fail(f"{REQUIRE_VARIABLE} asks for {what}, but {reason}", pytrace=False)
    pytest.skip(reason, allow_module_level=True)
