"""Amount grammars per country, and path -> cents.

``us``: dollars ("$1,234.56", "1234 56/100" without the space, "1234 xx/100" and "no/100" with letters read as marks, "12-", "***12.50").
``in``: rupees with lakh grouping ("1,23,456/-", "5000=", "750.50").
``plain``: whole numbers with "." or "," before each group of three and a tail ("25.574.-", "10000=", "4303,").
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from app.reader.grammar import Grammar, Pattern, compile_grammar, either, named, one_of, optional, repeated, sequence, word
from app.reader.types import AmountFormat

DIGITS = "0123456789"
CURRENCY: dict[AmountFormat, str | None] = {"us": "USD", "in": "INR", "plain": None}

_digit = one_of(DIGITS)
_nonzero = one_of("123456789")
_filler = one_of("*#-=")
_plain_number = sequence(_nonzero, repeated(_digit, 0, 6))  # nobody writes eight figures without a separator


NO_CENTS_LOG_PRIOR = -2.0  # of a dollar amount that shows no cents at all: one in eight
ODD_GROUPS_LOG_PRIOR = -2.0  # of rupees whose commas stand neither after lakh and thousand nor after every three figures
ROUND_LOG_PRIOR, MOST_ROUND = 1.0, 4  # of rupees, for each of the first zeros at the end
_EVEN_GROUPS = re.compile(r"\d{1,2}(,\d\d)*,\d{3}|\d{1,3}(,\d{3})+")


@dataclass(frozen=True, slots=True)
class Amount:
    """What a text says: ``value`` as a plain decimal, ``cents`` the same as an integer (whole units times 100)."""

    value: str
    cents: int


def _grouped(groups: Pattern, separators: str) -> Pattern:
    """One to three digits, then one or more groups, each after a separator."""
    return sequence(_nonzero, repeated(_digit, 0, 2), repeated(sequence(one_of(separators), groups), 1, 3))


def _us() -> Pattern:
    three = repeated(_digit, 3, 3)
    whole = named("whole", either(_plain_number, one_of("0"), _grouped(three, ",")))
    no_cents = sequence(one_of("*#-="), optional(one_of("*#-=0")))  # "xx", "no": an x or n is read as a mark, its o as 0
    per_hundred = sequence(optional(one_of(".-")), either(named("over", sequence(_digit, _digit)), no_cents), word("/100"))
    cents = either(sequence(one_of("."), named("cents", sequence(_digit, _digit))), per_hundred)
    only_cents = sequence(one_of("."), named("alone", sequence(_digit, _digit)))
    marks = sequence(optional(one_of(".")), repeated(_filler, 0, 4))
    return sequence(repeated(one_of("$*#=-"), 0, 6), either(sequence(whole, optional(cents)), only_cents), marks)


def _indian() -> Pattern:
    group = either(*(repeated(_digit, n, n) for n in (2, 3, 5, 7)))  # the last commas are often left out: "1,25,00000/-"
    number = sequence(_nonzero, repeated(_digit, 0, 8))  # and often all of them: crores with no more than spaces between
    whole = named("whole", either(number, _grouped(group, ",")))
    paise = sequence(one_of("."), named("cents", sequence(_digit, _digit)))
    tail = either(sequence(one_of("/"), repeated(one_of("-="), 0, 2)), repeated(one_of("-=*#"), 0, 3), sequence(one_of("="), word("00")))
    return sequence(repeated(one_of("*#="), 0, 4), whole, optional(paise), tail)


def _plain() -> Pattern:
    three = repeated(_digit, 3, 3)
    whole = named("whole", either(_plain_number, _grouped(three, ".,")))
    tail = sequence(optional(one_of(".,")), repeated(_filler, 0, 3))
    return sequence(repeated(one_of("$*#=-"), 0, 4), whole, tail)


@cache
def amount_grammar(amount_format: AmountFormat) -> Grammar:
    """The compiled grammar of one amount format."""
    patterns = {"us": _us, "in": _indian, "plain": _plain}
    return compile_grammar(patterns[amount_format]())


def interpret(text: str, amount_format: AmountFormat) -> Amount:
    """The amount that an accepted text states. Raises ``ValueError`` for a text outside the grammar."""
    found = amount_grammar(amount_format).expression.fullmatch(text)
    if found is None:
        raise ValueError(f"{text!r} is no amount in the format {amount_format}")
    parts = found.groupdict()
    whole = int("".join(c for c in parts["whole"] or "0" if c in DIGITS))
    cents = int(parts.get("cents") or parts.get("over") or parts.get("alone") or 0)
    total = whole * 100 + cents
    value = str(whole) if amount_format == "plain" else f"{whole}.{cents:02d}"
    return Amount(value, total)


def log_prior(text: str, amount_format: AmountFormat) -> float:
    """Log of how usual the notation of an accepted text is, against others of the same field; 0 where nothing speaks against it.

    Dollars are written with their cents: digits alone mean, more often than not, that a faint point was not seen, and the amount
    would be a hundred times too great. Rupees are grouped by lakh: other groups mean that a figure was lost or is one too many.
    """
    if amount_format == "in":
        parts = amount_grammar("in").expression.fullmatch(text)
        whole = parts["whole"] if parts else ""
        return ODD_GROUPS_LOG_PRIOR if "," in whole and not _EVEN_GROUPS.fullmatch(whole) else 0.0
    return NO_CENTS_LOG_PRIOR if amount_format == "us" and not any(mark in text for mark in "./-=*#") else 0.0


def round_log_prior(cents: int, amount_format: AmountFormat) -> float:
    """Log of how usual the roundness of an amount is, against the roundest; 0 but for rupees.

    Of the cheques known to us most pay round sums of rupees, where chance would have one zero more at the end once in ten times
    (a log of 2.3 for each): the prior is bounded well below that.
    """
    if amount_format != "in":
        return 0.0
    zeros = next((n for n in range(MOST_ROUND) if cents % (100 * 10 ** (n + 1))), MOST_ROUND)
    return -ROUND_LOG_PRIOR * (MOST_ROUND - zeros)
