"""The meaning of MICR lines: real lines, round trips of all forms, the checksum, and lines that make no sense."""

from __future__ import annotations

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from app.reader.micr import (
    PREFIXES,
    SYMBOLS,
    WEIGHTS,
    MicrFields,
    parse_line,
    routing_number_valid,
    solve_unread_digit,
)


def digits(least: int, most: int) -> st.SearchStrategy[str]:
    return st.text("0123456789", min_size=least, max_size=most)


@st.composite
def routing_numbers(draw: st.DrawFn) -> str:
    """Valid by construction: the ninth digit makes the weighted sum divisible by ten."""
    eight = f"{draw(st.sampled_from(sorted(PREFIXES))):02d}" + draw(digits(6, 6))
    assume(eight != "00000000")
    return eight + str(-sum(w * int(d) for w, d in zip(WEIGHTS[:8], eight, strict=True)) % 10)


@st.composite
def amounts(draw: st.DrawFn) -> tuple[str, str | None]:
    """(amount field as printed or nothing, its value)."""
    cents = draw(st.none() | st.integers(0, 10**10 - 1))
    return ("", None) if cents is None else (f" ⑇{cents:010d}⑇", f"{cents // 100}.{cents % 100:02d}")


accounts = st.builds("⑉".join, st.lists(digits(6, 8), min_size=1, max_size=2))
gaps = st.sampled_from(["", " "])


# Lines as they stand on real checks: (raw, form, routing number, valid, account, check number).
REAL_LINES = [
    ("⑆075911713⑆ 123456789⑈ 1220", "us_personal", "075911713", True, "123456789", "1220"),
    ("⑆091900533⑆930 91263397⑈ 90", "us_personal", "091900533", True, "930 91263397", None),
    ("⑆122000661⑆1211⑉1234⑉56789⑈", "us_personal", "122000661", True, "1234-56789", "1211"),
    ("⑆114000093⑆1142⑉121212121⑈", "us_personal", "114000093", True, "121212121", "1142"),
    ("⑆000000000⑆ ⑆000000000⑆ 1025", "us_personal", "000000000", False, "000000000", "1025"),
    ("⑆123400056⑆ 9876543201⑈", "us_personal", "123400056", False, "9876543201", None),
    ("⑈001379⑈ ⑆122000496⑆4040110157⑈", "us_business", "122000496", True, "4040110157", "001379"),
    ("⑆0840⑉0001⑆ 01 143875⑈", "unknown", None, None, "01 143875", None),
    ("⑈001⑈ ⑆12345⑉003⑆ 12⑉345⑈", "canadian", "000312345", None, "12-345", "001"),
    ("⑈309137⑈ 500211012⑆ 426160⑈ 31", "indian_cts", "500211012", None, "426160", "309137"),
    ("⑈120617⑈ 500015048⑆ 31", "indian_cts", "500015048", None, None, "120617"),
]


@pytest.mark.parametrize(("raw", "form", "routing", "valid", "account", "check"), REAL_LINES)
def test_real_lines(raw: str, form: str, routing: str | None, valid: bool | None, account: str | None, check: str | None) -> None:
    """Lines of real checks are understood as a person understands them."""
    found = parse_line(raw)
    assert (found.form, found.routing_number, found.routing_number_valid) == (form, routing, valid)
    assert (found.account_number, found.check_number) == (account, check)


@pytest.mark.parametrize(
    "cut",
    [
        "075911713⑆ 123456789⑈ 1220",  # the left end is cut off
        "⑆075911713 123456789⑈ 1220",  # the closing transit symbol was not read
        "⑆075911713⑆ 123456789 1220",  # the on-us symbol was not read
        "  ⑆075911713⑆   123456789⑈\t1220 ",
        "⑆075911713⑆123456789⑈1220",
    ],
)
def test_missing_symbols_and_gaps_do_not_change_the_meaning(cut: str) -> None:
    """A symbol that is missing, and any width of the gaps, leave the same fields."""
    found = parse_line(cut)
    assert (found.routing_number, found.account_number, found.check_number) == ("075911713", "123456789", "1220")


def test_the_rest_of_a_cut_routing_number_is_neither_routing_nor_check_number() -> None:
    """What stands before a closing transit symbol is what is left of the transit field; the account is not taken for it."""
    found = parse_line("713⑆ 123456789⑈ 1220")
    assert (found.form, found.routing_number, found.routing_number_valid) == ("unknown", None, None)
    assert (found.account_number, found.check_number) == ("123456789", "1220")


def test_a_dashed_account_is_no_canadian_transit_field() -> None:
    """Behind a whole US transit field, five digits, a dash and three are an account, even where a transit symbol ends them."""
    found = parse_line("⑆122000661⑆ 12345⑉678⑆ 1025")
    assert (found.form, found.routing_number) == ("us_personal", "122000661")
    assert (found.account_number, found.check_number) == ("12345-678", "1025")


def test_an_ambiguous_on_us_field_has_several_parses_with_reasons() -> None:
    """A bank prints what it likes: the other way to read the field is given as well, each with why."""
    parses = parse_line("⑆075911713⑆ 123456789⑈ 1220").parses
    assert [(parse.account_number, parse.check_number) for parse in parses] == [("123456789", "1220"), ("1220", "123456789")]
    assert len({parse.why for parse in parses}) == len(parses)


def test_two_digits_after_the_on_us_symbol_are_no_check_number() -> None:
    """The money order's "90" is a transaction code; its number before the symbol may be one account, or account and serial."""
    parses = parse_line("⑆091900533⑆930 91263397⑈ 90").parses
    found = [(parse.account_number, parse.check_number) for parse in parses]
    assert found == [("930 91263397", None), ("930", "91263397"), ("930 91263397", "90")]
    assert len({parse.why for parse in parses}) == len(parses)


def test_an_ascii_dash_is_a_dash() -> None:
    """Image cash letters write the dash symbol as "-": both mean the same."""
    for raw in ("⑈001⑈ ⑆12345⑉003⑆ 12⑉345⑈", "⑆122000661⑆1211⑉1234⑉56789⑈"):
        assert parse_line(raw.replace("⑉", "-")) == parse_line(raw)


def test_an_american_line_without_its_left_transit_symbol_is_not_indian() -> None:
    """Both then have one transit symbol; the checksum and the missing transaction code tell them apart."""
    found = parse_line("⑈001234⑈ 075911713⑆ 123456⑈")
    assert (found.form, found.routing_number, found.account_number) == ("us_business", "075911713", "123456")
    assert parse_line("⑈001234⑈ 075911713⑆ 123456⑈ 31").form == "indian_cts"


@pytest.mark.parametrize(
    ("raw", "auxiliary", "code"),
    [
        ("⑈001234⑈ 5⑆122000496⑆ 123456⑈", "001234", "5"),
        ("5⑆122000496⑆ 123456⑈ 77", None, "5"),
        ("001234 ⑆122000496⑆ 123456⑈", "001234", None),  # both on-us symbols cut off or unread
        ("⑈001234 ⑆122000496⑆ 123456⑈", "001234", None),
        ("⑆122000496⑆ 123456⑈ 77", None, None),
    ],
)
def test_the_field_left_of_the_transit_field(raw: str, auxiliary: str | None, code: str | None) -> None:
    """One digit directly before the transit symbol is the external processing code, the rest the auxiliary on-us field."""
    found = parse_line(raw)
    assert (found.auxiliary_on_us, found.external_processing_code) == (auxiliary, code)


def test_an_unread_digit_of_the_routing_number_is_solved_and_said_so() -> None:
    """The checksum gives the digit; its position is named. Two unread digits stay unread."""
    found = parse_line("⑆0759*1713⑆ 123456789⑈ 1220")
    assert (found.routing_number, found.routing_number_valid, found.solved_by_checksum) == ("075911713", True, (4,))
    twice = parse_line("⑆0759*17*3⑆ 123456789⑈ 1220")
    assert (twice.routing_number, twice.routing_number_valid, twice.solved_by_checksum) == ("0759*17*3", False, ())


def test_an_unread_digit_of_the_amount_field_leaves_no_amount() -> None:
    """An amount is whole or absent, and its digits do not run into the on-us field."""
    found = parse_line("⑆075911713⑆ 123456789⑈ 1220 ⑇00000*2345⑇")
    assert (found.amount, found.check_number) == (None, "1220")


@given(routing_numbers(), accounts, digits(3, 5), amounts(), gaps)
@example("011000015", "123456", "000", ("", None), "")
def test_us_personal_round_trip(routing: str, account: str, check: str, amount: tuple[str, str | None], gap: str) -> None:
    """Routing, account, check number and amount of a personal check come back as printed."""
    found = parse_line(f"⑆{routing}⑆{gap}{account}⑈ {check}{amount[0]}")
    assert found.form == "us_personal"
    assert fields(found) == (routing, True, account.replace("⑉", "-"), check, None, None, amount[1])


@given(routing_numbers(), digits(6, 12), digits(3, 5), st.sampled_from(["⑉", " ", "⑈ "]))
def test_check_number_first_round_trip(routing: str, account: str, check: str, between: str) -> None:
    """A check number printed before the account comes back as the check number."""
    found = parse_line(f"⑆{routing}⑆ {check}{between}{account}⑈")
    assert fields(found) == (routing, True, account, check, None, None, None)


@given(routing_numbers(), accounts, digits(3, 10), st.none() | digits(1, 1), amounts(), gaps)
def test_us_business_round_trip(
    routing: str, account: str, serial: str, code: str | None, amount: tuple[str, str | None], gap: str
) -> None:
    """A business check's serial number stands in the auxiliary on-us field, and its account is the whole on-us field."""
    found = parse_line(f"⑈{serial}⑈ {code or ''}⑆{routing}⑆{gap}{account}⑈{amount[0]}")
    assert found.form == "us_business"
    assert fields(found) == (routing, True, account.replace("⑉", "-"), serial, serial, code, amount[1])


@given(digits(5, 5), digits(3, 3), accounts, digits(3, 6), amounts())
def test_canadian_round_trip(transit: str, institution: str, account: str, serial: str, amount: tuple[str, str | None]) -> None:
    """The electronic routing number is 0, institution, transit; there is no checksum to pass."""
    found = parse_line(f"⑈{serial}⑈ ⑆{transit}⑉{institution}⑆ {account}⑈{amount[0]}")
    assert found.form == "canadian"
    assert fields(found) == (f"0{institution}{transit}", None, account.replace("⑉", "-"), serial, serial, None, amount[1])


@given(digits(6, 6), digits(9, 9), st.none() | digits(6, 6), digits(2, 2))
def test_indian_round_trip(cheque: str, code: str, account: str | None, kind: str) -> None:
    """An Indian line has a closing transit symbol alone, and no checksum to pass; the short account may be missing."""
    found = parse_line(f"⑈{cheque}⑈ {code}⑆ {f'{account}⑈ ' if account else ''}{kind}")
    assert found.form == "indian_cts"
    assert fields(found) == (code, None, account, cheque, None, None, None)


def fields(found: MicrFields) -> tuple[str | bool | None, ...]:
    """What was read, in the order of the line's description."""
    return (
        found.routing_number,
        found.routing_number_valid,
        found.account_number,
        found.check_number,
        found.auxiliary_on_us,
        found.external_processing_code,
        found.amount,
    )


@given(routing_numbers(), st.integers(0, 8), st.integers(1, 9))
def test_every_single_digit_error_is_caught(routing: str, place: int, shift: int) -> None:
    """One wrong digit anywhere makes the routing number invalid."""
    assert routing_number_valid(routing)
    wrong = (int(routing[place]) + shift) % 10
    assert not routing_number_valid(f"{routing[:place]}{wrong}{routing[place + 1 :]}")


@given(routing_numbers(), st.integers(0, 8))
def test_one_unread_digit_is_solved_exactly(routing: str, place: int) -> None:
    """The digit that the checksum gives is the digit that was printed."""
    assert solve_unread_digit(f"{routing[:place]}*{routing[place + 1 :]}") == routing


@pytest.mark.parametrize("text", ["000000000", "", "12345678", "0759117130", "07591171x", "٠٧٥٩١١٧١٣", "500211012", "990000008"])
def test_what_is_no_routing_number(text: str) -> None:
    """All zeros, a wrong length, other characters and prefixes that are not in use are not valid."""
    assert not routing_number_valid(text)


@pytest.mark.parametrize("text", ["075911713", "0759**713", "0759*171", "*00000000", "9*0000000"])
def test_what_cannot_be_solved(text: str) -> None:
    """Nothing unread, two unread digits, a wrong length, a solution of all zeros or of an unused prefix."""
    assert solve_unread_digit(text) is None


@given(st.text(alphabet="0123456789* -" + SYMBOLS, max_size=80) | st.text(max_size=300))
@example("⑆" * 150)
@example("⑈" + "1 " * 95)
@example("²²²²²²²²²⑆")
def test_any_text_is_answered(raw: str) -> None:
    """No text raises; what comes back holds only ASCII digits, unread marks, dashes, spaces and the decimal point."""
    found = parse_line(raw)
    assert found.form in ("us_personal", "us_business", "canadian", "indian_cts", "unknown")
    for text in fields(found):
        assert not isinstance(text, str) or (text and set(text) <= set("0123456789*- ."))
    assert (found.routing_number is None) == (found.form == "unknown")
    assert all(0 <= place < 9 for place in found.solved_by_checksum)
    if found.parses:
        assert (found.account_number, found.check_number) == (found.parses[0].account_number, found.parses[0].check_number)
