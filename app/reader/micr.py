"""The meaning of a MICR line: raw text -> form, five fields, candidate parses; the ABA routing checksum.

Pure text. Symbols are Unicode's: ⑆ transit, ⑇ amount, ⑈ on-us, ⑉ dash (an ASCII ``-`` is taken for it, as image cash
letters write it); ``*`` stands for an unread character. Symbols may be missing where a picture is cut or a mark was not
read, and banks print what they like into the on-us field, so patterns ask for no more than tells the forms apart, and
what stays ambiguous is returned in all its parses.

Sources: ANSI X9.100-160 (fields and positions), ABA routing numbers, CPA standard 006 (Canada), CTS-2010 (India).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from app.reader.types import MicrParse

TRANSIT, AMOUNT, ON_US, DASH, UNREAD = "⑆", "⑇", "⑈", "⑉", "*"
SYMBOLS = TRANSIT + AMOUNT + ON_US + DASH
LONGEST_LINE = 200  # characters; a line has 65 positions, more is no MICR line

MicrForm = Literal["us_personal", "us_business", "canadian", "indian_cts", "unknown"]

WEIGHTS = (3, 7, 1, 3, 7, 1, 3, 7, 1)
PREFIXES = frozenset([0, *range(1, 13), *range(21, 33), *range(61, 73), 80])

_D = "[0-9*]"
_AMOUNT_FIELD = re.compile(rf"⑇ ?({_D}{{10,12}})(?: ?⑇|$)|(?:^|(?<=[ ⑈]))({_D}{{10}}) ?⑇$")
_INDIAN = re.compile(rf"^⑈? ?({_D}{{6}}) ?⑈ ?({_D}{{9}}) ?⑆(?: ?({_D}{{6}}) ?⑈?)?(?: ?({_D}{{2,3}}))?$")
_CANADIAN = re.compile(rf"(?:⑆ ?|(?<![0-9*⑉])){_D}{{5}}⑉{_D}{{3}} ?⑆")
_TRANSIT_CLOSED = re.compile(rf"⑆ ?({_D}{{9}}) ?⑆")
_TRANSIT_OPEN = re.compile(rf"(?<!{_D}{_D})⑆ ?({_D}{{9}})(?![0-9*])|(?<![0-9*])({_D}{{9}}) ?⑆")
_TRANSIT_OTHER = re.compile(r"⑆[0-9*⑉ ]{4,14}⑆|^[0-9*⑉ ]{1,14}⑆")
_PROCESSING_CODE = re.compile(rf"(?:^|[⑈ ])({_D})$")
_CHECK_FIRST = re.compile(rf"^({_D}{{3,5}})[- ](.+)$")
_ACCOUNT_AND_SERIAL = re.compile(rf"^(.+) ({_D}{{3,}})$")
_CHECK_LAST = re.compile(rf"^(.+) ({_D}{{3,6}})$")


@dataclass(frozen=True, slots=True)
class MicrFields:
    """What a line says. A field that is not there is None; numbers keep their leading zeros, accounts their dashes."""

    form: MicrForm
    routing_number: str | None
    routing_number_valid: bool | None  # None where the form has no checksum, or no routing number was found
    account_number: str | None
    check_number: str | None
    auxiliary_on_us: str | None
    external_processing_code: str | None
    amount: str | None  # plain decimal
    solved_by_checksum: tuple[int, ...]  # positions in routing_number, from 0
    parses: tuple[MicrParse, ...]  # the first is the one taken


def routing_number_valid(digits: str) -> bool:
    """Whether nine digits are an ABA routing number: a prefix in use, and a 3 7 1 checksum that is divisible by ten.

    ``000000000`` passes the sum and is never valid.
    """
    if len(digits) != 9 or not (digits.isascii() and digits.isdigit()) or digits == "000000000":
        return False
    return int(digits[:2]) in PREFIXES and sum(w * int(d) for w, d in zip(WEIGHTS, digits, strict=True)) % 10 == 0


def solve_unread_digit(routing: str) -> str | None:
    """The routing number with its one unread digit solved by the checksum; None where that is not possible.

    The weights 3, 7 and 1 have no factor in common with ten, so there is at most one solution.
    """
    if len(routing) != 9 or routing.count(UNREAD) != 1:
        return None
    solutions = [full for digit in "0123456789" if routing_number_valid(full := routing.replace(UNREAD, digit))]
    return solutions[0] if solutions else None


def parse_line(raw: str) -> MicrFields:
    """The fields of a raw line. Never raises: what is not understood has the form ``unknown``."""
    line = " ".join(raw.replace("-", DASH).split())
    if len(line) > LONGEST_LINE:
        return MicrFields("unknown", None, None, None, None, None, None, None, (), ())
    amount, line = amount_field(line)
    indian = _INDIAN.match(line)
    if indian and (indian.group(4) or not routing_number_valid(indian.group(2))):  # else a US line whose left symbol is lost
        return indian_line(indian, amount)
    canadian = _CANADIAN.search(line)
    if canadian and not _TRANSIT_CLOSED.search(line):
        return canadian_line(line, canadian, amount)
    return us_line(line, amount)


def amount_field(line: str) -> tuple[str | None, str]:
    """The amount field as a plain decimal (None where a digit of it is unread), and the line without it."""
    found = _AMOUNT_FIELD.search(line)
    if not found:
        return None, line
    cents = found.group(1) or found.group(2)
    value = None if UNREAD in cents else f"{int(cents) // 100}.{int(cents) % 100:02d}"
    return value, (line[: found.start()] + line[found.end() :]).strip()


def indian_line(found: re.Match[str], amount: str | None) -> MicrFields:
    """⑈cheque(6)⑈ city-bank-branch(9)⑆ account(6)⑈ transaction code(2); the code has no checksum."""
    cheque, code, account, _ = found.groups()
    why = "CTS-2010: cheque number, then the city-bank-branch code before a transit symbol, then the short account number"
    return MicrFields("indian_cts", code, None, account, cheque, None, None, amount, (), (MicrParse(account, cheque, why),))


def canadian_line(line: str, found: re.Match[str], amount: str | None) -> MicrFields:
    """Serial on the left, transit(5) dash institution(3), account on the right; no checksum.

    The routing number is given in its electronic form, 0 + institution + transit.
    """
    digits = bare(found.group())
    serial = bare(line[: found.start()]) or None
    account = number_of(line[found.end() :])
    why = "CPA 006: serial number, then branch transit and institution, then the account number"
    routing = "0" + digits[5:] + digits[:5]
    return MicrFields("canadian", routing, None, account, serial, serial, None, amount, (), (MicrParse(account, serial, why),))


def us_line(line: str, amount: str | None) -> MicrFields:
    """Auxiliary on-us, external processing code, transit field, on-us field."""
    routing, start, end = transit_field(line)
    solved = solve_unread_digit(routing) if routing else None
    positions = (routing.index(UNREAD),) if routing and solved else ()
    routing = solved or routing
    serial, code = before_transit(line[:start])
    parses = on_us_parses(line[end:], serial)
    account, check = (parses[0].account_number, parses[0].check_number) if parses else (None, serial)
    form: MicrForm = "unknown" if routing is None else "us_business" if serial else "us_personal"
    valid = None if routing is None else routing_number_valid(routing)
    return MicrFields(form, routing, valid, account, check, serial, code, amount, positions, parses)


def transit_field(line: str) -> tuple[str | None, int, int]:
    """(routing number or None, start, end) of the transit field; start and end are 0 where the line has none.

    Between two transit symbols stands the routing number; where one symbol is missing, nine digits beside the other
    one do, valid ones first. A transit field with other contents (eight digits with a dash, a digit lost, its left part
    cut off) is stepped over.
    """
    closed = [found.span(1) for found in _TRANSIT_CLOSED.finditer(line)]
    half_open = [found.span(1) if found.group(1) else found.span(2) for found in _TRANSIT_OPEN.finditer(line)]
    candidates = closed or sorted(half_open, key=lambda span: not routing_number_valid(line[slice(*span)]))
    if candidates:
        first, last = candidates[0]
        return line[first:last], len(line[:first].rstrip(" ⑆")), last
    other = _TRANSIT_OTHER.search(line)
    return (None, other.start(), other.end()) if other else (None, 0, 0)


def before_transit(text: str) -> tuple[str | None, str | None]:
    """(auxiliary on-us, external processing code) from what stands to the left of the transit field.

    The code is one digit, directly before the transit symbol (position 44); all else is the auxiliary on-us field.
    """
    found = _PROCESSING_CODE.search(text.strip())
    code = found.group(1) if found else None
    serial = bare(text.strip()[: found.start(1)] if found else text)
    return serial or None, code


def on_us_parses(text: str, serial: str | None) -> tuple[MicrParse, ...]:
    """The ways to understand the on-us field, the likeliest first. ``serial`` is the auxiliary on-us field."""
    parts = [part for part in (number_of(piece) for piece in re.split("[⑈⑆]", text)) if part]
    if not parts:
        return ()
    if serial is not None:
        why = "the check number stands in the auxiliary on-us field, so the on-us field is the account"
        return (MicrParse(parts[0], serial, why),)
    if len(parts) == 1:
        return parses_of_one(parts[0], closed=ON_US in text or TRANSIT in text.lstrip(" ⑆"))
    first, second = parts[0], parts[1]
    if len(bare(second)) <= 2 < len(bare(first)):
        return parses_with_code(first, second)
    after = MicrParse(first, second, "account before the on-us symbol, check number after it")
    before = MicrParse(second, first, "check number before the on-us symbol, account after it")
    return (before, after) if 3 <= len(bare(first)) <= 5 and len(bare(second)) > len(bare(first)) else (after, before)


def parses_with_code(first: str, code: str) -> tuple[MicrParse, ...]:
    """An on-us field with no more than two digits after its symbol: a transaction code, for check numbers are longer.

    Such lines stand on money orders and the like, whose whole number is in front of the symbol, in groups.
    """
    whole = MicrParse(first, None, "one or two digits after the on-us symbol are a transaction code; all before it is the account")
    last = _ACCOUNT_AND_SERIAL.match(first)
    split = (MicrParse(last[1], last[2], "two groups before the on-us symbol: account, then serial number"),) if last else ()
    return (whole, *split, MicrParse(first, code, "account before the on-us symbol, a short check number after it"))


def parses_of_one(part: str, closed: bool) -> tuple[MicrParse, ...]:
    """An on-us field that is one run of digits, dashes and spaces; ``closed`` where an on-us symbol ends it.

    A short group in front of a longer rest is the check number on checks that print it first (real ones do, with a dash
    or a space). A group at the end can be the check number only where the symbol between the two was lost.
    """
    whole = MicrParse(part, None, "one number in the on-us field: the account, without a check number")
    first, last = _CHECK_FIRST.match(part), _CHECK_LAST.match(part)
    if last and not closed:
        split = MicrParse(last[1], last[2], "no on-us symbol was read; account, a gap, then the check number")
        return (split, whole)
    if first and len(bare(first[2])) > len(first[1]):
        return (MicrParse(first[2], first[1], "a short group in front of the account: the check number"), whole)
    return (whole,)


def number_of(text: str) -> str | None:
    """The number in a piece of the line, its dashes as "-" and its spaces kept; None where there is none."""
    kept = " ".join(re.sub("[^0-9*⑉]", " ", text).split()).replace(DASH, "-").strip(" -")
    return re.sub(" ?- ?", "-", kept) or None


def bare(text: str) -> str:
    """Only the digits and unread marks."""
    return re.sub("[^0-9*]", "", text)
