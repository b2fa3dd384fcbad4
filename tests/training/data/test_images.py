"""Pictures of characters with their labels."""

from __future__ import annotations

import numpy as np
import pytest

from training.data.images import CharacterImages
from training.data.sources import MalformedData


def test_a_selection_keeps_image_label_and_writer_together() -> None:
    """The same rows of everything, in order."""
    images = np.arange(3, dtype=np.uint8).reshape(3, 1, 1)
    chosen = CharacterImages("set", images, np.array(["1", "2", "3"]), np.array(["a", "b", "c"])).select(np.array([True, False, True]))
    assert (chosen.images.ravel().tolist(), chosen.digits.tolist(), chosen.writers.tolist()) == ([0, 2], [1, 3], ["a", "c"])


def test_parts_that_do_not_fit_together_are_refused() -> None:
    """Fewer labels than images, or images of another type, are an error with the name of the set."""
    images = np.zeros((2, 4, 4), np.uint8)
    with pytest.raises(MalformedData, match="set: 2 images"):
        CharacterImages("set", images, np.array(["1"]), np.array(["", ""]))
    with pytest.raises(MalformedData, match="float64"):
        CharacterImages("set", images.astype(np.float64), np.array(["1", "2"]), np.array(["", ""]))  # type: ignore[arg-type]
