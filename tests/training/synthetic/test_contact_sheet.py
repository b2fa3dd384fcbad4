"""The contact sheet command."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

from training.synthetic.contact_sheet import contact_sheet, main


def test_the_command_writes_a_sheet_and_repeats_itself(tmp_path: Path) -> None:
    """Without data the own models fill the sheet; the same seed gives the same picture."""
    first, second = tmp_path / "first.png", tmp_path / "second.png"
    main(["--out", str(first), "--count", "6", "--columns", "3"])
    main(["--out", str(second), "--count", "6", "--columns", "3"])
    with Image.open(first) as sheet:
        assert sheet.width > 3 * 100
    assert first.read_bytes() == second.read_bytes()


def test_large_pictures_are_shrunk_into_their_cell() -> None:
    """Nothing of one picture reaches the cell of the next."""
    sheet = np.asarray(contact_sheet([np.zeros((300, 900), np.uint8), np.full((20, 20), 255, np.uint8)], ["", ""], 2))
    assert sheet[:, : sheet.shape[1] // 2].min() == 0
    assert sheet[:, sheet.shape[1] // 2 :].min() == 255
