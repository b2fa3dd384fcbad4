"""Layout files: where a check stock has its amount, as a TOML file that a person can write with a ruler.

    name = "Example Bank, personal"
    [amount]                # in inches, from the lower right corner of the check
    right = 0.4             # to the right end of the box
    bottom = 1.1            # to its lower edge
    width = 1.3
    height = 0.35

The folder ``layouts`` of the repository holds those of the standards. A service has a folder of its own (``CHECKREADER_LAYOUTS``), in which
a layout is named by its file, without the ending.
"""

from __future__ import annotations

import math
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path

from app.errors import InvalidParameter
from app.reader.types import AmountPlace

MEASURES = ("right", "bottom", "width", "height")
MOST_IN = 12.0  # longer than any check
LEAST_SIDE_IN = 0.05
NAME = r"^[A-Za-z0-9._-]{1,64}$"


def load_layouts(folder: Path) -> Mapping[str, AmountPlace]:
    """The places of the amount by name, of every ``*.toml`` in a folder, in the order of their names. Raises ``InvalidParameter`` for a
    folder that cannot be read or has no layout, for a name that no request could hold, and for a wrong layout."""
    try:
        files = sorted(file for file in folder.iterdir() if file.suffix == ".toml")
    except OSError as failure:
        raise InvalidParameter(f"the folder of layouts {folder} cannot be read: {failure.strerror}") from None
    if not files:
        raise InvalidParameter(f"the folder of layouts {folder} holds no file *.toml")
    if odd := [file.name for file in files if not re.match(NAME, file.stem)]:
        raise InvalidParameter(f"layouts are named with 1 to 64 letters, digits, dots, dashes and underlines; given: {', '.join(odd)}")
    return {file.stem: load_layout(file) for file in files}


def named_layout(layouts: Mapping[str, AmountPlace], name: str) -> AmountPlace:
    """The layout of a name. Raises ``InvalidParameter`` that lists the known ones."""
    if name in layouts:
        return layouts[name]
    if not layouts:
        raise InvalidParameter(f"no layouts are known here: set CHECKREADER_LAYOUTS to their folder; given: {name}")
    raise InvalidParameter(f"layout must be one of {', '.join(layouts)}; given: {name}")


def load_layout(path: Path) -> AmountPlace:
    """The place of the amount. Raises ``InvalidParameter`` that names the file and what is wrong in it."""
    try:
        stated = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as failure:
        raise InvalidParameter(f"the layout {path} cannot be read: {failure.strerror}") from None
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as failure:
        raise InvalidParameter(f"the layout {path} is no TOML file: {failure}") from None
    amount = stated.get("amount")
    if not isinstance(amount, dict):
        raise InvalidParameter(f"the layout {path} has no table [amount] with {', '.join(MEASURES)} in inches")
    if unknown := sorted({*stated, *(f"amount.{key}" for key in amount)} - {"name", "amount", *(f"amount.{m}" for m in MEASURES)}):
        raise InvalidParameter(
            f"the layout {path} has an unknown entry: {', '.join(unknown)}; known: name, amount.{', amount.'.join(MEASURES)}"
        )
    values = []
    for measure in MEASURES:
        value = amount.get(measure)
        if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value) or not 0.0 <= value <= MOST_IN:
            given = "nothing" if value is None else repr(value)
            raise InvalidParameter(f"the layout {path}: amount.{measure} must be inches from 0 to {MOST_IN:g}; given: {given}")
        values.append(float(value))
    if min(values[2:]) < LEAST_SIDE_IN:
        raise InvalidParameter(f"the layout {path}: amount.width and amount.height must be at least {LEAST_SIDE_IN} in")
    return AmountPlace(*values)
