"""Many small pictures on one sheet, each with a line of text below it: errors to be looked at. numpy and Pillow only."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFont

from training.confusion import ConfusionMatrix

CAPTION_PX = 14
GAP_PX = 4


def contact_sheet(pictures: npt.NDArray[np.float32], captions: Sequence[str], columns: int = 12, enlarge: int = 2) -> Image.Image:
    """A grey sheet of ``pictures`` (N, H, W), ink = 1.0 (drawn dark) and paper = 0.0 (drawn white; below 0 light grey).

    ``captions[n]`` stands below picture n. No pictures give a sheet of one empty row.
    """
    if len(pictures) != len(captions):
        raise ValueError(f"{len(pictures)} pictures, but {len(captions)} captions")
    height, width = pictures.shape[1] * enlarge + CAPTION_PX + GAP_PX, pictures.shape[2] * enlarge + GAP_PX
    rows = max(1, -(-len(pictures) // columns))
    sheet = Image.new("L", (columns * width + GAP_PX, rows * height + GAP_PX), 255)
    pen, font = ImageDraw.Draw(sheet), ImageFont.load_default(size=CAPTION_PX - 3)
    for number, (picture, caption) in enumerate(zip(pictures, captions, strict=True)):
        left, top = GAP_PX + number % columns * width, GAP_PX + number // columns * height
        grey = np.where(picture >= 0.0, 255.0 * (1.0 - picture), 255.0 + 60.0 * picture)
        cell = Image.fromarray(np.clip(np.rint(grey), 0, 255).astype(np.uint8))
        sheet.paste(cell.resize((cell.width * enlarge, cell.height * enlarge), Image.Resampling.NEAREST), (left, top))
        pen.rectangle((left - 1, top - 1, left + cell.width * enlarge, top + cell.height * enlarge), outline=200)
        pen.text((left, top + cell.height * enlarge), caption, fill=0, font=font)
    return sheet


def write_error_sheet(matrix: ConfusionMatrix, patches: npt.NDArray[np.float32], path: Path, limit: int = 240) -> None:
    """The misread patches (N, 1, 32, 32) of an evaluation as a PNG, the surest errors first: truth, answer, percent."""
    worst = sorted(matrix.misreadings, key=lambda m: (-m.confidence, m.index))[:limit]
    pictures = patches[[m.index for m in worst], 0] if worst else np.zeros((0, *patches.shape[2:]), np.float32)
    captions = [f"{matrix.symbols[m.truth]} as {matrix.symbols[m.answer]}  {100.0 * m.confidence:.0f} %" for m in worst]
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(path.name + ".partial")
    contact_sheet(pictures, captions).save(partial, format="PNG", optimize=True)
    partial.replace(path)
