"""A contact sheet of synthetic fields as one PNG: ``python -m training.synthetic.contact_sheet --out PATH``."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw

from app.reader.types import AMOUNT_FORMATS
from training.synthetic.fields import draw_field
from training.synthetic.pens import PenSet

_CELL_PX = (236, 78)  # width, height


def contact_sheet(pictures: Sequence[npt.NDArray[np.uint8]], captions: Sequence[str], columns: int) -> Image.Image:
    """Pictures (H, W) uint8 in cells of one size, shrunk where they are too large, each under its caption."""
    width, height = _CELL_PX
    rows = -(-len(pictures) // columns)
    sheet = Image.new("L", (columns * width, rows * height), 255)
    draw = ImageDraw.Draw(sheet)
    for number, (picture, caption) in enumerate(zip(pictures, captions, strict=True)):
        x, y = number % columns * width, number // columns * height
        image = Image.fromarray(picture)
        image.thumbnail((width - 8, height - 18))
        sheet.paste(image, (x, y + 12))
        draw.text((x, y), caption, fill=0)
    return sheet


def main(arguments: Sequence[str] | None = None) -> None:
    """Writes the sheet; without ``--data-root`` the own stroke models draw everything."""
    parser = argparse.ArgumentParser(description="Draw synthetic courtesy amounts onto one sheet.")
    parser.add_argument("--out", type=Path, required=True, help="PNG file to write")
    parser.add_argument("--data-root", type=Path, help="folder with digits/unipen and digits/mnist: adds those writers")
    parser.add_argument("--format", choices=AMOUNT_FORMATS, help="one amount format (default: all, by turns)")
    parser.add_argument("--rare", action="store_true", help="with the rarer shapes of digits, as in the second phase of training")
    parser.add_argument("--count", type=int, default=60)
    parser.add_argument("--columns", type=int, default=5)
    parser.add_argument("--seed", type=int, default=1998)
    options = parser.parse_args(arguments)
    pens = replace(PenSet.from_data(options.data_root) if options.data_root else PenSet.own(), rare=options.rare)
    rng = np.random.default_rng(options.seed)
    formats = (options.format,) if options.format else AMOUNT_FORMATS
    fields = [draw_field(rng, pens, formats[k % len(formats)]) for k in range(options.count)]
    sheet = contact_sheet([f.picture for f in fields], [f"{f.text}   {f.value}" for f in fields], options.columns)
    sheet.quantize(32).save(options.out, optimize=True)


if __name__ == "__main__":
    main()
