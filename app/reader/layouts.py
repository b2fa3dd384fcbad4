"""Layout files: where a check stock has its amount, as a TOML file that a person can write with a ruler.

    name = "Example Bank, personal"
    [amount]                # in inches, from the lower right corner of the check
    right = 0.4             # to the right end of the box
    bottom = 1.1            # to its lower edge
    width = 1.3
    height = 0.35

The folder ``layouts`` of the repository holds those of the standards.
"""

from __future__ import annotations

import math
import tomllib
from pathlib import Path

from app.errors import InvalidParameter
from app.reader.types import AmountPlace

MEASURES = ("right", "bottom", "width", "height")
MOST_IN = 12.0  # longer than any check
LEAST_SIDE_IN = 0.05


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
