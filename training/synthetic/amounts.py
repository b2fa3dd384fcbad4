"""Courtesy amounts as people write them: the marks of a field, its value and its text, for each ``AmountFormat``.

``us``: dollars and cents in every notation that a US check shows; ``in``: rupees with lakh grouping and ``/-``;
``plain``: whole numbers with ``.`` or ``,`` between thousands and tails such as ``.-`` and ``=``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np

from app.reader.types import STRAY, AmountFormat

LARGEST_WHOLE = 10_000_000  # amounts are below this many dollars, rupees or units

Place = Literal["line", "raised", "over", "bar", "under"]  # on the line; small and high; above, on or below a fraction bar


@dataclass(frozen=True, slots=True)
class Mark:
    """One mark to be written: its class, the shape that draws it, and where it stands."""

    symbol: str  # a symbol of the alphabet, or "stray"
    shape: str  # key of the pen's shapes
    place: Place = "line"
    new_group: bool = False  # a wider gap may stand before it


@dataclass(frozen=True, slots=True)
class WrittenAmount:
    """The marks from left to right; ``value`` is a plain decimal, ``text`` the marks' symbols without strays."""

    marks: tuple[Mark, ...]
    value: str
    underlined_cents: bool = False

    @property
    def text(self) -> str:
        return "".join(mark.symbol for mark in self.marks if mark.symbol != STRAY)


def draw_whole(rng: np.random.Generator) -> int:
    """A whole amount of 1 to ``LARGEST_WHOLE`` - 1: log-uniform, denser where checks are, every third one round."""
    least, most = (0.0, 7.0) if rng.random() < 0.4 else (1.5, 5.7)
    whole = int(10 ** rng.uniform(least, most))
    if rng.random() < 0.33:
        kept = 10 ** max(0, len(str(whole)) - int(rng.integers(1, 3)))
        whole = whole // kept * kept
    return min(max(1, whole), LARGEST_WHOLE - 1)


def pick(rng: np.random.Generator, choices: Mapping[str, float]) -> str:
    """One key, with a chance in proportion to its weight."""
    weights = np.array(list(choices.values()))
    return list(choices)[int(rng.choice(len(choices), p=weights / weights.sum()))]


def group_thousands(digits: str, separator: str) -> str:
    """``digits`` with the separator before every third digit from the right: 1,234,567."""
    head = len(digits) % 3 or 3
    return separator.join([digits[:head], *(digits[k : k + 3] for k in range(head, len(digits), 3))])


def group_lakhs(digits: str, separator: str) -> str:
    """``digits`` grouped the Indian way, three and then twos: 12,34,567."""
    if len(digits) <= 3:
        return digits
    front, back = digits[:-3], digits[-3:]
    head = len(front) % 2 or 2
    return separator.join([front[:head], *(front[k : k + 2] for k in range(head, len(front), 2)), back])


def _marks(text: str, place: Place = "line", spaced: bool = False) -> tuple[Mark, ...]:
    return tuple(Mark(symbol, symbol, place, spaced and k == 0) for k, symbol in enumerate(text))


def _number(text: str, group_gaps: bool) -> tuple[Mark, ...]:
    """The marks of a grouped number; with ``group_gaps`` a wider gap stands before each third digit from the right."""
    digits_left = sum(symbol.isdigit() for symbol in text)
    marks: list[Mark] = []
    for symbol in text:
        marks.append(Mark(symbol, symbol, "line", group_gaps and symbol.isdigit() and digits_left % 3 == 0 and bool(marks)))
        digits_left -= symbol.isdigit()
    return tuple(marks)


def _crosses(rng: np.random.Generator, place: Place = "line") -> tuple[Mark, ...]:
    """One or two written x where cents would stand; the reader's alphabet has them as ``*``."""
    return tuple(Mark("*", "x", place, k == 0) for k in range(1 + int(rng.random() < 0.8)))


_US_LEADS = {"": 46, "$": 34, "*": 3, "**": 3, "***": 2, "$**": 2, "$*": 2, "#": 3, "-": 2, "$-": 1, "=": 1}
_US_CENTS = {
    "point": 52,
    "raised point": 12,
    "raised": 3,
    "inline fraction": 11,
    "stacked fraction": 6,
    "none": 8,
    "dash": 5,
    "dash fraction": 2,
    "crossed fraction": 3,
    "no fraction": 2,
    "stacked crossed fraction": 1,
}
_WITHOUT_CENTS = ("none", "dash", "dash fraction", "crossed fraction", "no fraction", "stacked crossed fraction")
_US_TAILS = {"": 82, "***": 2, "**": 2, "*": 2, "-": 8, "=": 4}


def _us(rng: np.random.Generator) -> WrittenAmount:
    whole = 0 if rng.random() < 0.01 else draw_whole(rng)
    notation = pick(rng, _US_CENTS)
    zero_cents = notation in _WITHOUT_CENTS or rng.random() < 0.4
    cents = 0 if zero_cents else int(rng.integers(1, 100))
    if whole == 0 and cents == 0:
        notation, cents = "point", int(rng.integers(1, 100))
    grouped = group_thousands(str(whole), ",") if rng.random() < 0.7 else str(whole)
    dollars = _number("" if whole == 0 and rng.random() < 0.5 else grouped, rng.random() < 0.2)
    two = f"{cents:02d}"
    tails: dict[str, tuple[Mark, ...]] = {
        "point": _marks("." + two),
        "raised point": (*_marks("."), *_marks(two, "raised")),
        "raised": _marks(two, "raised", spaced=True),
        "inline fraction": _marks(f"{two}/100", spaced=True),
        "stacked fraction": (*_marks(two, "over", spaced=True), Mark("/", "-", "bar"), *_marks("100", "under")),
        "none": (),
        "dash": _marks(".-"),
        "crossed fraction": (*_crosses(rng), *_marks("/100")),
        "no fraction": (Mark("*", "n", new_group=True), Mark("0", "0"), *_marks("/100")),
        "stacked crossed fraction": (*_crosses(rng, "over"), Mark("/", "-", "bar"), *_marks("100", "under")),
        "dash fraction": _marks(("-" if rng.random() < 0.5 else "--") + "/100", spaced=True),
    }
    filler = (Mark(STRAY, "filler"),) if rng.random() < 0.05 else ()
    end = "" if filler or notation == "dash" else pick(rng, _US_TAILS)
    marks = (*_marks(pick(rng, _US_LEADS)), *dollars, *tails[notation], *_marks(end), *filler)
    underlined = notation in ("raised", "raised point") and rng.random() < 0.6
    return WrittenAmount(marks, f"{whole}.{two}", underlined)


_IN_LEADS = {"": 56, "rupee": 32, "Rs": 8, "=": 2, "-": 1, "*": 1}
_IN_TAILS = {"/-": 58, "/=": 5, "=00": 7, ".00": 9, "": 12, "-": 2, "=": 3, ".50": 4}


def _in(rng: np.random.Generator) -> WrittenAmount:
    whole = draw_whole(rng)
    style = pick(rng, {"lakhs": 68, "none": 26, "thousands": 6})
    digits = str(whole)
    grouped = group_lakhs(digits, ",") if style == "lakhs" else group_thousands(digits, ",") if style == "thousands" else digits
    lead = pick(rng, _IN_LEADS)
    stray_leads = {
        "rupee": (Mark(STRAY, "rupee"),),
        "Rs": (Mark(STRAY, "R"), Mark(STRAY, "s"), *(Mark(STRAY, "."),) * int(rng.random() < 0.5)),
    }
    before = stray_leads.get(lead) or _marks(lead)
    tail, paise = pick(rng, _IN_TAILS), "00"
    if tail == ".50":
        paise = f"{int(rng.integers(1, 100)):02d}"
        tail = "." + paise
    return WrittenAmount((*before, *_number(grouped, False), *_marks(tail)), f"{whole}.{paise}")


_PLAIN_LEADS = {"": 94, "$": 2, "*": 0.7, "**": 0.5, "#": 1, "-": 0.7, "=": 0.7}
_PLAIN_TAILS = {"": 47, ".-": 15, ".": 15, "=": 6, "-": 6, ",": 5, ".=": 3, ",-": 2, "--": 0.5, "**": 0.5}


def _plain(rng: np.random.Generator) -> WrittenAmount:
    whole = draw_whole(rng)
    separator = pick(rng, {".": 60, "": 32, ",": 8})
    number = _number(group_thousands(str(whole), separator), rng.random() < (0.3 if separator else 0.25))
    return WrittenAmount((*_marks(pick(rng, _PLAIN_LEADS)), *number, *_marks(pick(rng, _PLAIN_TAILS))), str(whole))


def write_amount(rng: np.random.Generator, amount_format: AmountFormat, on_one_line: bool = False) -> WrittenAmount:
    """A random amount in a random notation of its format; with ``on_one_line`` no mark is raised or over another."""
    write = {"us": _us, "in": _in, "plain": _plain}[amount_format]
    amount = write(rng)
    while on_one_line and any(mark.place != "line" for mark in amount.marks):
        amount = write(rng)
    return amount
