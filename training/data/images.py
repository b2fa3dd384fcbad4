"""Pictures of single characters, as all loaders hand them on."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from training.data.sources import MalformedData

Pictures = npt.NDArray[np.uint8]  # (N, H, W), ink bright (255), paper 0
Names = npt.NDArray[np.str_]  # (N,)


@dataclass(frozen=True, slots=True, eq=False)
class CharacterImages:
    """Equally large pictures of characters: ``labels[n]`` is the symbol, ``writers[n]`` its writer, "" if unknown."""

    name: str
    images: Pictures
    labels: Names
    writers: Names

    def __post_init__(self) -> None:
        count = len(self.images)
        if self.images.ndim != 3 or self.images.dtype != np.uint8:
            raise MalformedData(f"{self.name}: images must be (N, H, W) uint8; given: {self.images.shape} {self.images.dtype}")
        if self.labels.shape != (count,) or self.writers.shape != (count,):
            raise MalformedData(f"{self.name}: {count} images, but labels {self.labels.shape} and writers {self.writers.shape}")

    def __len__(self) -> int:
        return len(self.images)

    @property
    def digits(self) -> npt.NDArray[np.int64]:
        """(N,) the labels as numbers. Raises ``ValueError`` where one is no digit."""
        return self.labels.astype(np.int64)

    def select(self, wanted: npt.NDArray[np.bool_]) -> CharacterImages:
        """The samples where ``wanted`` (N,) is true, in the same order."""
        return CharacterImages(self.name, self.images[wanted], self.labels[wanted], self.writers[wanted])
