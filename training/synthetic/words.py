"""Legal amounts: an amount in words, as it stands on US and Indian checks."""

from __future__ import annotations

_ONES = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
]
_TENS = ["zero", "ten", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
_US_SCALES = ((1_000_000, "million"), (1_000, "thousand"), (100, "hundred"))
_INDIAN_SCALES = ((10_000_000, "crore"), (100_000, "lakh"), (1_000, "thousand"), (100, "hundred"))


def in_words(number: int, indian: bool = False) -> str:
    """A whole number from 0 to 999,999,999 in small letters; ``indian`` counts in lakhs and crores."""
    if not 0 <= number < 1_000_000_000:
        raise ValueError(f"number must be 0 to 999999999; given: {number}")
    for size, name in _INDIAN_SCALES if indian else _US_SCALES:
        if number >= size:
            rest = number % size
            return f"{in_words(number // size, indian)} {name}" + (f" {in_words(rest, indian)}" if rest else "")
    if number < 20:
        return _ONES[number]
    tens, ones = divmod(number, 10)
    return _TENS[tens] + (f"-{_ONES[ones]}" if ones else "")


def legal_amount(value: str, indian: bool = False) -> str:
    """The legal amount of a plain decimal: ``One hundred five and 07/100``, ``One lakh fifty only``."""
    whole, _, cents = value.partition(".")
    words = in_words(int(whole), indian).capitalize()
    cents = cents or "00"
    if not indian:
        return f"{words} and {cents}/100"
    return f"{words} only" if cents == "00" else f"{words} and {in_words(int(cents), True)} paise only"
