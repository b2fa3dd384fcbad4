"""The checks under samples/, with their truth: ``python -m training.synthetic.samples --out samples/``.

Drawn with the project's own pens alone; no data set is needed. The same command gives the same files.
"""

from __future__ import annotations

import argparse
import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from app.reader.types import RGB
from training.synthetic.backgrounds import PaperStyle
from training.synthetic.check_layouts import CheckForm
from training.synthetic.check_scan import CheckScan
from training.synthetic.checks import SyntheticCheck, draw_check, plain_amount
from training.synthetic.pens import PenSet

TRUTH_COLUMNS = ("file", "amount", "routing", "account", "check_number")
_LEVEL_STEP = 25  # of a colour channel in PNG files: keeps them small
_PAPER = PaperStyle(255.0, ("waves",), 0.3, 0.0, 1.0, 0.0)

_SCAN = CheckScan(0.5, 0.0, None, False, 0.0, 0.0, 0.0, 0)


@dataclass(frozen=True, slots=True)
class Sample:
    """One file. ``value`` is the plain decimal of ``amount``, the amount as written."""

    file: str
    seed: int
    form: CheckForm
    scan: CheckScan
    amount: str
    value: str
    spoiled: bool = False


SAMPLES: tuple[Sample, ...] = (
    Sample("us_personal_1.png", 25, "us_personal", _SCAN, "248.50", "248.50"),
    Sample("us_personal_2.tif", 12, "us_personal", CheckScan.two_level(), "1,075.36", "1075.36"),
    Sample("us_business_1.png", 23, "us_business", _SCAN, "12,480.75", "12480.75"),
    Sample("us_business_2.jpg", 14, "us_business", CheckScan.phone(), "3,906.20", "3906.20"),
    Sample("indian_cts_1.png", 22, "indian_cts", _SCAN, "1,25,000/-", "125000.00"),
    Sample("us_personal_illegible.png", 28, "us_personal", _SCAN, "619.04", "619.04", spoiled=True),
)

README = """# Samples

Six checks with their truth in `truth.csv`. They are drawings: the people and the banks are invented, the routing numbers
pass the ABA checksum and were drawn at random. They may be used like the rest of the project.

| file | what it is |
|---|---|
| `us_personal_1.png` | US personal check, colour, 200 dpi |
| `us_personal_2.tif` | US personal check, one bit per pixel, CCITT G4, 200 dpi, as in image cash letters |
| `us_business_1.png` | US business check, colour, 200 dpi |
| `us_business_2.jpg` | US business check as a phone sees it: turned, shaded, on a table |
| `indian_cts_1.png` | Indian CTS check with lakh grouping: read it with `amount_format=in` |
| `us_personal_illegible.png` | the amount is overwritten and crossed out: a reader should refuse it |

In `truth.csv` amounts are plain decimals; the account number is as printed, with `-` for the dash symbol. The amount of the
illegible check is what its words say.

The command that made them, with the project's own pens and no data set:

    python -m training.synthetic.samples --out samples/
"""


def draw_sample(sample: Sample) -> SyntheticCheck:
    """The check of one sample: a function of its seed alone."""
    rng = np.random.default_rng(sample.seed)
    return draw_check(
        rng, PenSet.own(), sample.form, sample.scan, amount=plain_amount(sample.amount, sample.value), paper=_PAPER, spoiled=sample.spoiled
    )


def save_picture(picture: RGB, path: Path, dpi: float) -> None:
    """Writes a picture (H, W, 3) by the ending of its path: .tif as bitonal G4, .jpg as JPEG, .png with few levels."""
    image = Image.fromarray(picture)
    both = (dpi, dpi)
    if path.suffix == ".tif":
        image.convert("L").point(lambda level: 255 if level > 127 else 0).convert("1").save(path, compression="group4", dpi=both)
    elif path.suffix == ".jpg":
        image.save(path, quality=75, dpi=both)
    else:
        image.point(lambda level: min(255, (level + _LEVEL_STEP // 2) // _LEVEL_STEP * _LEVEL_STEP + 5)).save(path, optimize=True, dpi=both)


def write_samples(folder: Path) -> None:
    """Writes the pictures, ``truth.csv`` and ``README.md`` into a folder, which is made where it is missing."""
    folder.mkdir(parents=True, exist_ok=True)
    rows = []
    for sample in SAMPLES:
        check = draw_sample(sample)
        save_picture(check.picture, folder / sample.file, check.dpi)
        rows.append((sample.file, check.amount, check.routing, check.account.replace("⑉", "-"), check.check_number))
    with (folder / "truth.csv").open("w", newline="", encoding="utf-8") as out:
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(TRUTH_COLUMNS)
        writer.writerows(rows)
    (folder / "README.md").write_text(README, encoding="utf-8")


def main(arguments: list[str] | None = None) -> int:
    """The command. Returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m training.synthetic.samples", description="Draws the checks under samples/.")
    parser.add_argument("--out", type=Path, required=True, help="folder for the pictures, truth.csv and README.md")
    folder: Path = parser.parse_args(arguments).out
    write_samples(folder)
    print(f"{len(SAMPLES)} checks and truth.csv are in {folder}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
