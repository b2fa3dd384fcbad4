"""What stands in MICR lines: the forms in use in the US, Canada and India, with their true parts.

Symbols: ⑆ transit, ⑇ amount, ⑈ on-us, ⑉ dash. In ``printed`` every space is one free position of 1/8 inch; ``raw`` is
the same with one space for every run of them. Routing numbers pass the ABA checksum.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

SYMBOLS = "0123456789⑆⑇⑈⑉"
_ROUTING_PREFIXES = (*range(1, 13), *range(21, 33), *range(61, 73), 80)
_LEAST_CHARACTERS = 6


@dataclass(frozen=True, slots=True)
class MicrText:
    """One line and what it says; parts that it does not have are empty."""

    printed: str
    form: str  # "us_personal", "us_business", "us_check_first", "canadian", "indian_cts", "mixed"
    routing: str = ""
    account: str = ""  # as printed, dashes as "⑉"
    check_number: str = ""
    amount_cents: int | None = None

    @property
    def raw(self) -> str:
        """The line with single spaces where the print leaves free positions."""
        return re.sub(" +", " ", self.printed).strip()


def _digits(rng: np.random.Generator, count: int) -> str:
    """Random digits; sometimes mostly zeros or one figure repeated, as numbers on checks are."""
    drawn = rng.integers(0, 10, count)
    if rng.random() < 0.2:
        drawn[rng.random(count) < 0.6] = 0 if rng.random() < 0.7 else int(rng.integers(10))
    return "".join(str(d) for d in drawn)


def _gap(rng: np.random.Generator, least: int = 1, most: int = 4) -> str:
    return " " * int(rng.integers(least, most + 1))


def check_digit(first_eight: str) -> str:
    """The ninth digit of an ABA routing number: 3(d1+d4+d7) + 7(d2+d5+d8) + (d3+d6+d9) is divisible by ten."""
    weights = (3, 7, 1, 3, 7, 1, 3, 7)
    return str(-sum(w * int(d) for w, d in zip(weights, first_eight, strict=True)) % 10)


def routing_number(rng: np.random.Generator) -> str:
    """A routing number with a prefix in use and a right check digit; of no particular bank."""
    eight = f"{int(rng.choice(_ROUTING_PREFIXES)):02d}" + "".join(str(d) for d in rng.integers(0, 10, 6))
    return eight + check_digit(eight)


def _account(rng: np.random.Generator) -> str:
    """6 to 13 digits, in a quarter of the cases in groups parted by dashes or a space."""
    digits = _digits(rng, int(rng.integers(6, 14)))
    if rng.random() < 0.75:
        return digits
    first = int(rng.integers(2, len(digits) - 2))
    parts = [digits[:first], digits[first:]]
    if len(parts[1]) > 4 and rng.random() < 0.4:
        second = int(rng.integers(2, len(parts[1]) - 1))
        parts[1:] = [parts[1][:second], parts[1][second:]]
    return ("⑉" if rng.random() < 0.65 else " ").join(parts)


def _amount_field(rng: np.random.Generator) -> tuple[str, int | None]:
    """Some lines carry the amount, as the bank of first deposit prints it."""
    if rng.random() >= 0.16:
        return "", None
    cents = int(10 ** rng.uniform(2.0, 9.0))
    return f"{_gap(rng)}⑇{cents:010d}⑇", cents


def us_personal(rng: np.random.Generator) -> MicrText:
    """``⑆routing⑆ account⑈ check``."""
    routing, account, check = routing_number(rng), _account(rng), _digits(rng, int(rng.integers(3, 6)))
    amount, cents = _amount_field(rng)
    printed = f"⑆{routing}⑆{_gap(rng, 0, 3)}{account}⑈{_gap(rng, 0, 4)}{check}{amount}"
    return MicrText(printed, "us_personal", routing, account, check, cents)


def us_check_first(rng: np.random.Generator) -> MicrText:
    """``⑆routing⑆ check account⑈``, the two parted by a space or a dash, or by an on-us symbol."""
    routing, account, check = routing_number(rng), _account(rng), _digits(rng, int(rng.integers(3, 5)))
    amount, cents = _amount_field(rng)
    between = ("⑉", "  ", "⑈ ", " ")[int(rng.integers(4))]
    printed = f"⑆{routing}⑆{_gap(rng, 0, 2)}{check}{between}{account}⑈{amount}"
    return MicrText(printed, "us_check_first", routing, account, check, cents)


def us_business(rng: np.random.Generator) -> MicrText:
    """``⑈check⑈ ⑆routing⑆ account⑈``."""
    routing, account, check = routing_number(rng), _account(rng), _digits(rng, int(rng.integers(4, 9)))
    amount, cents = _amount_field(rng)
    code = _digits(rng, 1) if rng.random() < 0.08 else ""  # external processing code
    printed = f"⑈{check}⑈{_gap(rng)}{code}⑆{routing}⑆{_gap(rng, 0, 3)}{account}⑈{amount}"
    return MicrText(printed, "us_business", routing, account, check, cents)


def canadian(rng: np.random.Generator) -> MicrText:
    """``⑈serial⑈ ⑆ttttt⑉iii⑆ account⑈`` (Canadian Payments Association standard 006)."""
    transit, institution = _digits(rng, 5), f"{int(rng.integers(1, 900)):03d}"
    account, check = _account(rng), _digits(rng, int(rng.integers(3, 7)))
    amount, cents = _amount_field(rng)
    printed = f"⑈{check}⑈{_gap(rng)}⑆{transit}⑉{institution}⑆{_gap(rng, 0, 3)}{account}⑈{amount}"
    return MicrText(printed, "canadian", transit + institution, account, check, cents)


def indian_cts(rng: np.random.Generator) -> MicrText:
    """``⑈cheque(6)⑈ code(9)⑆ account(6)⑈ transaction(2)`` (CTS-2010); the account is missing on some."""
    cheque, code, account = _digits(rng, 6), _digits(rng, 9), _digits(rng, 6) if rng.random() < 0.85 else ""
    kind = str(rng.choice(["10", "11", "12", "13", "29", "31", "31", "31"]))
    middle = f"{_gap(rng, 1, 2)}{account}⑈{_gap(rng, 1, 2)}" if account else _gap(rng, 8, 10)
    return MicrText(f"⑈{cheque}⑈{_gap(rng, 1, 2)}{code}⑆{middle}{kind}", "indian_cts", code, account, cheque)


def mixed(rng: np.random.Generator) -> MicrText:
    """All fourteen characters in any order, with free positions: no character is tied to its neighbours."""
    count = int(rng.integers(_LEAST_CHARACTERS, 36))
    marks = [SYMBOLS[k] for k in rng.choice(14, count, p=np.array([1.0] * 10 + [0.8, 1.2, 0.8, 1.0]) / 13.8)]
    for place in np.flatnonzero(rng.random(count - 1) < 0.1)[::-1]:
        marks.insert(int(place) + 1, _gap(rng))
    return MicrText("".join(marks), "mixed")


_FORMS: tuple[tuple[Callable[[np.random.Generator], MicrText], float], ...] = (
    (us_personal, 0.3),
    (us_check_first, 0.1),
    (us_business, 0.2),
    (canadian, 0.1),
    (indian_cts, 0.2),
    (mixed, 0.1),
)


def draw_text(rng: np.random.Generator) -> MicrText:
    """A random line of a random form."""
    which = int(rng.choice(len(_FORMS), p=[share for _, share in _FORMS]))
    return _FORMS[which][0](rng)
