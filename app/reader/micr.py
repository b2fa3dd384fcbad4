"""The meaning of a MICR line: raw text -> form, five fields, candidate parses; the ABA routing checksum.

Pure text. Symbols are Unicode's: ⑆ transit, ⑇ amount, ⑈ on-us, ⑉ dash; ``*`` stands for an unread character.
Sources: ANSI X9.100-160 (fields and positions), ABA routing numbers, CPA standard 006 (Canada), CTS-2010 (India).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from app.reader.types import MicrParse

TRANSIT, AMOUNT, ON_US, DASH, UNREAD = "⑆", "⑇", "⑈", "⑉", "*"

MicrForm = Literal["us_personal", "us_business", "canadian", "indian_cts", "unknown"]

WEIGHTS = (3, 7, 1, 3, 7, 1, 3, 7, 1)
PREFIXES = frozenset([0, *range(1, 13), *range(21, 33), *range(61, 73), 80])

_D = r"[0-9*]"
_AMOUNT_FIELD = re.compile(rf"⑇\s*({_D}{{10,12}})\s*⑇?\s*$")
_INDIAN = re.compile(rf"^[^0-9*]*({_D}{{6}})\s*⑈\s*({_D}{{9}})\s*⑆\s*(?:({_D}{{6}})\s*⑈?\s*)?({_D}{{2,3}})?\s*$")
_CANADIAN_TRANSIT = re.compile(rf"⑆?\s*({_D}{{5}})⑉({_D}{{3}})\s*⑆")
_US_TRANSIT = re.compile(rf"⑆\s*({_D}{{9}})\s*⑆")
_US_TRANSIT_OPEN = re.compile(rf"(?:⑆\s*({_D}{{9}})(?![0-9*])|(?<![0-9*])({_D}{{9}})\s*⑆)")
_AUXILIARY = re.compile(rf"⑈?\s*({_D}[0-9*⑉ ]*)\s*⑈\s*({_D})?\s*$")


@dataclass(frozen=True, slots=True)
class MicrFields:
    """What a line says. A field that is not there is None; numbers keep their leading zeros, accounts their dashes."""

    form: MicrForm
    routing_number: str | None
    routing_number_valid: bool | None  # None where the form has no checksum, or nothing was found
    account_number: str | None
    check_number: str | None
    auxiliary_on_us: str | None
    external_processing_code: str | None
    amount: str | None
    solved_by_checksum: tuple[int, ...]
    parses: tuple[MicrParse, ...]


def routing_number_valid(digits: str) -> bool:
    """Whether nine digits are an ABA routing number: known prefix, 3 7 1 checksum ≡ 0 mod 10; 000000000 never is."""
    if len(digits) != 9 or not (digits.isascii() and digits.isdigit()) or digits == "000000000":
        return False
    return int(digits[:2]) in PREFIXES and sum(w * int(d) for w, d in zip(WEIGHTS, digits, strict=True)) % 10 == 0


def solve_unread_digit(routing: str) -> str | None:
    """The routing number with its one unread digit solved by the checksum; None where that is not possible."""
    if len(routing) != 9 or routing.count(UNREAD) != 1:
        return None
    solutions = [full for digit in "0123456789" if routing_number_valid(full := routing.replace(UNREAD, digit))]
    return solutions[0] if len(solutions) == 1 else None


def parse_line(raw: str) -> MicrFields:
    """The fields of a raw line. Never raises: what is not understood has the form ``unknown``."""
    line = raw.strip()
    amount, line = amount_field(line)
    indian = _INDIAN.match(line)
    if indian:
        return indian_line(indian, amount)
    canadian = _CANADIAN_TRANSIT.search(line)
    if canadian:
        return canadian_line(line, canadian, amount)
    return us_line(line, amount)


def amount_field(line: str) -> tuple[str | None, str]:
    """The amount field at the right end, as a plain decimal, and the line without it."""
    found = _AMOUNT_FIELD.search(line)
    if not found:
        return None, line
    cents = found.group(1)
    value = None if UNREAD in cents else f"{int(cents) // 100}.{int(cents) % 100:02d}"
    return value, line[: found.start()].rstrip()


def indian_line(found: re.Match[str], amount: str | None) -> MicrFields:
    """⑈cheque(6)⑈ city-bank-branch(9)⑆ account(6)⑈ transaction code(2); the code has no checksum."""
    cheque, code, account, _ = found.groups()
    why = "CTS-2010: cheque number, then city-bank-branch code before the transit symbol, then the short account number"
    return MicrFields("indian_cts", code, None, account, cheque, None, None, amount, (), (MicrParse(account, cheque, why),))


def canadian_line(line: str, found: re.Match[str], amount: str | None) -> MicrFields:
    """Serial on the left, transit(5) dash institution(3), account on the right; electronic form 0 + institution + transit."""
    transit, institution = found.groups()
    serial = bare(line[: found.start()])
    account = number_of(line[found.end() :])
    why = "CPA 006: serial number, then branch transit and institution, then the account number"
    routing = "0" + institution + transit
    return MicrFields("canadian", routing, None, account, serial, serial, None, amount, (), (MicrParse(account, serial, why),))


def us_line(line: str, amount: str | None) -> MicrFields:
    """Auxiliary on-us, transit field, on-us field."""
    found = _US_TRANSIT.search(line) or _US_TRANSIT_OPEN.search(line)
    if found is None:
        parses = on_us_parses(line, None)
        account, check = (parses[0].account_number, parses[0].check_number) if parses else (None, None)
        return MicrFields("unknown", None, None, account, check, None, None, amount, (), parses)
    routing = next(group for group in found.groups() if group)
    solved = solve_unread_digit(routing)
    positions = (routing.index(UNREAD),) if solved else ()
    routing = solved or routing
    left = line[: found.start()]
    auxiliary = _AUXILIARY.search(left)
    serial = bare(auxiliary.group(1)) if auxiliary else None
    code = auxiliary.group(2) if auxiliary else (left.strip()[-1:] if left.strip()[-1:].isdigit() else None)
    parses = on_us_parses(line[found.end() :], serial)
    account, check = (parses[0].account_number, parses[0].check_number) if parses else (None, serial)
    valid = routing_number_valid(routing) if UNREAD not in routing else False
    form: MicrForm = "us_business" if serial else "us_personal"
    return MicrFields(form, routing, valid, account, check, serial, code, amount, positions, parses)


def on_us_parses(text: str, serial: str | None) -> tuple[MicrParse, ...]:
    """The ways to understand the on-us field, the likeliest first. The field is bank-defined."""
    parts = [part for part in (number_of(piece) for piece in re.split("[⑈⑆]", text)) if part]
    if not parts:
        return ()
    if serial is not None:
        return (MicrParse(parts[0], serial, "the check number stands in the auxiliary on-us field, so the on-us field is the account"),)
    if len(parts) == 1:
        return one_part(parts[0])
    first, second = parts[0], parts[1]
    after = MicrParse(first, second, "account before the on-us symbol, check number after it")
    before = MicrParse(second, first, "check number before the symbol, account after it")
    return (before, after) if len(bare(first)) < len(bare(second)) and len(bare(first)) <= 5 else (after, before)


def one_part(part: str) -> tuple[MicrParse, ...]:
    """An on-us field without a symbol inside: an account, or two numbers with a space between."""
    whole = MicrParse(part, None, "one number in the on-us field: the account, without a check number")
    pieces = part.split(" ")
    if len(pieces) < 2:
        return (whole,)
    ends = MicrParse(" ".join(pieces[:-1]), pieces[-1], "two numbers with a space between: account, then check number")
    starts = MicrParse(" ".join(pieces[1:]), pieces[0], "two numbers with a space between: check number, then account")
    if len(pieces[0]) <= 4 and len(pieces[-1]) > len(pieces[0]):
        return (starts, ends, whole) if not part.startswith("0") and len(pieces[0]) == 4 and len(pieces) == 2 else (ends, starts, whole)
    return (ends, whole, starts)


def number_of(text: str) -> str | None:
    """The number in a piece of the line, its dashes as "-" and its spaces kept; None where there is none."""
    kept = re.sub(r"\s+", " ", re.sub("[^0-9*⑉ ]", " ", text)).replace(DASH, "-").strip(" -")
    return kept or None


def bare(text: str) -> str:
    """Only the digits and unread marks."""
    return "".join(c for c in text if c.isdigit() or c == UNREAD)
