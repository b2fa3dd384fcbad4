"""The model files that the service reads with, packaged beside their provenance.

A package of its own, so that an installed wheel finds them by ``importlib.resources`` as a source tree does.
What training hands to the service is files in here, nothing else.
"""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path


def packaged_model_dir() -> Path:
    """The folder with ``NAME.onnx`` and ``NAME.json`` of this installation."""
    return Path(str(files(__name__)))
