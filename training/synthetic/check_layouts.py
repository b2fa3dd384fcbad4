"""Where things stand on a check, in inches from its upper left corner, and the words that fill them.

US measures after ANSI X9.100-160 (amount 1.4 to 2.6 in above the bottom edge, clear band of 5/8 in, line 5/16 in from the
right edge); Indian measures after CTS-2010 checks (202 x 92 mm). All people and banks are invented.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from training.synthetic.check_canvas import Colour

CheckForm = Literal["us_personal", "us_business", "indian_cts", "canadian"]
CHECK_FORMS: tuple[CheckForm, ...] = ("us_personal", "us_business", "indian_cts")  # that are drawn where none is named
Rectangle = tuple[float, float, float, float]  # left, top, right, bottom in inches

CLEAR_BAND_IN = 0.625
MICR_BOTTOM_IN = 0.25  # of the characters, above the bottom edge: the middle of the print band of 3/16 to 7/16 in
MICR_RIGHT_IN = 0.3125
DATE_BOX_IN = 0.19  # of one digit of a date in boxes
TRANSIT_POSITION = 43  # of the left transit symbol, counted from the right from 1 on


@dataclass(frozen=True, slots=True)
class Layout:
    """One form; places of handwriting are ends of baselines (x, y)."""

    width_in: float
    height_in: float
    amount: Rectangle  # the convenience-amount box
    date: tuple[float, float]
    payee: tuple[float, float]
    payee_end: float
    words: tuple[float, float]
    words_end: float
    bank: tuple[float, float]
    memo: tuple[float, float]
    signature: tuple[float, float]
    signature_end: float
    digit_in: float  # height of the digits of the courtesy amount
    capital_in: float  # height of handwritten capitals


LAYOUTS: dict[CheckForm, Layout] = {
    "us_personal": Layout(
        6.0,
        2.75,
        (4.72, 0.8, 5.72, 1.1),
        (4.02, 0.66),
        (1.0, 1.04),
        4.45,
        (0.3, 1.38),
        5.05,
        (0.32, 1.62),
        (0.75, 2.05),
        (3.5, 2.05),
        5.7,
        0.15,
        0.12,
    ),
    "us_business": Layout(
        8.5,
        3.5,
        (6.9, 1.13, 8.2, 1.46),
        (6.3, 0.84),
        (1.25, 1.42),
        6.5,
        (0.4, 1.82),
        7.3,
        (0.45, 2.2),
        (0.95, 2.78),
        (5.3, 2.78),
        8.15,
        0.16,
        0.13,
    ),
    "indian_cts": Layout(
        7.95,
        3.62,
        (5.85, 1.34, 7.55, 1.7),
        (6.0, 0.42),
        (0.85, 0.88),
        6.6,
        (0.95, 1.2),
        7.5,
        (0.5, 0.4),
        (0.0, 0.0),
        (5.75, 2.72),
        7.6,
        0.17,
        0.15,
    ),
    "canadian": Layout(
        6.25,
        2.75,
        (4.78, 0.86, 5.98, 1.17),
        (4.46, 0.6),
        (1.12, 1.08),
        4.42,
        (0.3, 1.42),
        5.2,
        (0.32, 1.7),
        (0.95, 2.06),
        (3.6, 2.06),
        5.9,
        0.15,
        0.12,
    ),
}

_GIVEN = [
    "Alex",
    "Jordan",
    "Maria",
    "Samuel",
    "Grace",
    "Peter",
    "Nina",
    "Oscar",
    "Helen",
    "Victor",
    "Laura",
    "Daniel",
    "Ruth",
    "Felix",
    "Irene",
]
_FAMILY = [
    "Morgan",
    "Ellis",
    "Castle",
    "Hartley",
    "Winter",
    "Ferris",
    "Dalton",
    "Quincy",
    "Baker",
    "Holloway",
    "Price",
    "Underwood",
    "Lindner",
]
_INDIAN_GIVEN = ["Anil", "Priya", "Rajesh", "Meera", "Suresh", "Kavita", "Vikram", "Latha", "Arjun", "Deepa"]
_INDIAN_FAMILY = ["Kumar", "Sharma", "Reddy", "Menon", "Gupta", "Joshi", "Verma", "Pillai", "Rao", "Desai"]
_COMPANIES = ("Harbor Supply Co", "Maple Street Bakery", "Northfield Dental Group", "Quarry Hill Tools Inc", "Blue Door Books")
_STREETS = ("Maple Drive", "Harbor Road", "Second Avenue", "Quarry Lane", "Orchard Street")
_TOWNS = ("Fairhaven, OH 43000", "Millbrook, PA 16000", "Ashford, WI 53000", "Port Elder, WA 98000")
_BANKS = ("First Specimen Bank", "Example Savings Bank", "Bank of Samples", "Model Valley Credit Union")
_INDIAN_BANKS = ("Specimen Bank of India", "Namuna Bank Ltd")
_CANADIAN_TOWNS = ("Maple Falls ON  D0D 0D0", "St. Exemple QC  F0F 0F0", "Port Sample NS  U0U 0U0")  # no postal code begins so
_CANADIAN_BANKS = ("Specimen Bank of the North", "Banque Exemple du Nord", "Sample Credit Union / Caisse Exemple")
_MEMOS = ("rent", "invoice 2047", "school trip", "piano lessons", "repairs", "dues 2026")

PAPERS: tuple[Colour, ...] = ((150, 190, 225), (165, 205, 175), (225, 200, 150), (200, 180, 215), (190, 195, 200))
PENS: tuple[Colour, ...] = ((24, 30, 96), (20, 20, 24), (30, 40, 130), (45, 45, 50))


@dataclass(frozen=True, slots=True)
class Wording:
    """What is printed and written on one check."""

    payer: tuple[str, ...]
    payee: str
    bank: str
    memo: str
    date: str  # mm/dd/yyyy; Indian and Canadian: ddmmyyyy

    @classmethod
    def draw(cls, rng: np.random.Generator, form: CheckForm) -> Wording:
        """Random words for a form."""
        indian, north = form == "indian_cts", form == "canadian"
        given, family = (_INDIAN_GIVEN, _INDIAN_FAMILY) if indian else (_GIVEN, _FAMILY)
        person = f"{_pick(rng, given)} {_pick(rng, family)}"
        company = _pick(rng, _COMPANIES)
        address = (f"{int(rng.integers(10, 9900))} {_pick(rng, _STREETS)}", _pick(rng, _CANADIAN_TOWNS if north else _TOWNS))
        payer = (company if form == "us_business" else person, *(() if indian else address))
        to_company = rng.random() < 0.4 and not indian
        payee = _pick(rng, _COMPANIES) if to_company else f"{_pick(rng, given)} {_pick(rng, family)}"
        day, month = int(rng.integers(1, 29)), int(rng.integers(1, 13))
        date = f"{day:02d}{month:02d}2026" if indian or north else f"{month:02d}/{day:02d}/2026"
        banks = _INDIAN_BANKS if indian else _CANADIAN_BANKS if north else _BANKS
        return cls(payer, payee, _pick(rng, banks), _pick(rng, _MEMOS), date)


def _pick(rng: np.random.Generator, choices: tuple[str, ...] | list[str]) -> str:
    return choices[int(rng.integers(len(choices)))]


def fraction(routing: str) -> str:
    """The fractional form of a routing number at the upper right of a US check; the prefix 99 is no bank's."""
    return f"99-{int(routing[4:8])}/{int(routing[:4])}"
