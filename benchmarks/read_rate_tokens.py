"""Whether a text that a general OCR engine has read holds the right value somewhere. Every rule here is in the engine's favour.

* amount: some token, two neighbouring tokens together, or a line without its spaces holds a number of the right value, with commas or
  points between the thousands or none, a point or a comma before the cents, or cents as ``50/100``; whole where no cents are there
* routing and account number: the characters stand next to each other in some line, whatever spaces and marks are between them
* check number: some row of digits is it
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from itertools import pairwise

from app.batch.truth import Outcome, TruthField
from app.reader.types import AmountFormatChoice

_NUMBER = re.compile(r"\d[\d.,]*")
_HUNDREDTHS = re.compile(r"(\d[\d.,]*?)[.,\-]?(\d\d)/100")
_CENTS = re.compile(r"([\d.,]*\d)[.,](\d\d)")
_SIGNS_OF_AMOUNTS = re.compile(r"[\s,$₹*#=]|Rs\.?|/-$")  # as the truth may write them


def outcomes_of_text(lines: Sequence[str], truth: Mapping[TruthField, str], amount_format: AmountFormatChoice) -> dict[TruthField, Outcome]:
    """For every known field "accepted_right" where the right value stands somewhere in the lines, else "accepted_wrong"."""
    held = {name: holds(lines, name, text, amount_format) for name, text in truth.items()}
    return {name: "accepted_right" if found else "accepted_wrong" for name, found in held.items()}


def holds(lines: Sequence[str], name: TruthField, truth: str, amount_format: AmountFormatChoice) -> bool:
    """Whether the right value of one field stands somewhere in the lines."""
    if name == "amount":
        return holds_amount(lines, truth, amount_format)
    if name == "check_number":
        return any(truth.strip() in re.findall(r"\d+", line) for line in lines)
    wanted = bare(truth)
    return any(wanted in bare(line) for line in lines)


def holds_amount(lines: Sequence[str], truth: str, amount_format: AmountFormatChoice) -> bool:
    """Whether a number of the right value stands somewhere in the lines; in the format ``plain`` the digits count as a whole number."""
    if amount_format == "plain":
        wanted = int(re.sub(r"[^0-9]", "", truth))
        return any(int(re.sub(r"[^0-9]", "", number)) == wanted for piece in pieces(lines) for number in _NUMBER.findall(piece))
    right = Decimal(_SIGNS_OF_AMOUNTS.sub("", truth))
    return any(right in values(piece) for piece in pieces(lines))


def pieces(lines: Sequence[str]) -> Iterator[str]:
    """Tokens, neighbouring tokens put together, and whole lines without spaces."""
    for line in lines:
        tokens = line.split()
        yield from tokens
        yield from (first + second for first, second in pairwise(tokens))
        yield "".join(tokens)


def values(text: str) -> set[Decimal]:
    """Every value that the numbers in a text without spaces may have."""
    found: set[Decimal] = set()
    for number in _NUMBER.findall(text):
        found.add(Decimal(re.sub(r"[.,]", "", number)))
        if cents := _CENTS.fullmatch(number.rstrip(".,")):
            found.add(whole_and_cents(*cents.groups()))
    return found | {whole_and_cents(*found.groups()) for found in _HUNDREDTHS.finditer(text)}


def whole_and_cents(whole: str, cents: str) -> Decimal:
    """E.g. "1,234" and "56": 1234.56."""
    return Decimal(re.sub(r"[.,]", "", whole) + "." + cents)


def bare(text: str) -> str:
    """Letters and digits alone."""
    return re.sub(r"[^0-9A-Za-z]", "", text)
