"""What a recogniser shows of its inside, for explanations: what every layer answers to one patch, and the filters of C1."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np
import numpy.typing as npt

from app.reader.types import ModelName, Recogniser


@dataclass(frozen=True, slots=True, eq=False)
class FeatureMaps:
    """What every layer of LeNet-5 answers to one patch, behind its squashing function, float32."""

    patch: npt.NDArray[np.float32]  # (32, 32): ink of the character 1.0, paper 0.0, neighbouring ink < 0
    c1: npt.NDArray[np.float32]  # (6, 28, 28)
    s2: npt.NDArray[np.float32]  # (6, 14, 14)
    c3: npt.NDArray[np.float32]  # (16, 10, 10)
    s4: npt.NDArray[np.float32]  # (16, 5, 5)
    c5: npt.NDArray[np.float32]  # (120,)
    f6: npt.NDArray[np.float32]  # (84,)
    log_probs: npt.NDArray[np.float32]  # (C,) natural log of P(class | patch)


@dataclass(frozen=True, slots=True, eq=False)
class FirstFilters:
    """The filters of C1: what the first layer looks for in a patch. Not yet squashed, map k of C1 is the correlation of the
    patch with ``weights[k]``, without padding, plus ``biases[k]``."""

    weights: npt.NDArray[np.float32]  # (6, 5, 5)
    biases: npt.NDArray[np.float32]  # (6,)


@runtime_checkable
class ExplainableRecogniser(Recogniser, Protocol):
    """A recogniser that shows its layers. Both methods raise ``NotExplainable`` for a model file without them."""

    def feature_maps(self, patch: npt.NDArray[np.float32], model: ModelName) -> FeatureMaps:
        """What every layer answers to one patch (32, 32) or (1, 1, 32, 32). Thread-safe."""

    def first_filters(self, model: ModelName) -> FirstFilters:
        """The filters of C1 of one model."""
