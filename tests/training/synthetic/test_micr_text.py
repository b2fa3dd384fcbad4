"""The forms of MICR lines and their parts."""

from __future__ import annotations

import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.synthetic.micr_text import (
    canadian,
    check_digit,
    draw_text,
    indian_cts,
    routing_number,
    us_business,
    us_check_first,
    us_personal,
)

seeds = st.integers(0, 2**32 - 1)
LEGAL_PREFIXES = {*range(1, 13), *range(21, 33), *range(61, 73), 80}


@given(seeds)
def test_routing_numbers_pass_the_checksum(seed: int) -> None:
    """Nine digits, a prefix in use, 3(d1+d4+d7) + 7(d2+d5+d8) + (d3+d6+d9) divisible by ten."""
    number = routing_number(np.random.default_rng(seed))
    d = [int(c) for c in number]
    assert len(d) == 9
    assert int(number[:2]) in LEGAL_PREFIXES
    assert (3 * (d[0] + d[3] + d[6]) + 7 * (d[1] + d[4] + d[7]) + (d[2] + d[5] + d[8])) % 10 == 0


@pytest.mark.parametrize("number", ["075911713", "021000021", "122000661", "110000000", "323276524"])
def test_the_check_digit_is_that_of_printed_numbers(number: str) -> None:
    """Ninth digits of numbers that stand on checks."""
    assert check_digit(number[:8]) == number[8]


@given(seeds)
def test_forms_read_as_they_are_defined(seed: int) -> None:
    """Each form matches its pattern and holds its own parts."""
    rng = np.random.default_rng(seed)
    amount = "( ⑇[0-9]{10}⑇)?"
    patterns = {
        us_personal: r"⑆\d{9}⑆ ?[\d⑉ ]+⑈ ?\d+" + amount,
        us_check_first: r"⑆\d{9}⑆ ?\d+(⑉| |⑈ )[\d⑉ ]+⑈" + amount,
        us_business: r"⑈\d+⑈ \d?⑆\d{9}⑆ ?[\d⑉ ]+⑈" + amount,
        canadian: r"⑈\d+⑈ ⑆\d{5}⑉\d{3}⑆ ?[\d⑉ ]+⑈" + amount,
        indian_cts: r"⑈\d{6}⑈ \d{9}⑆ (\d{6}⑈ )?\d{2}",
    }
    for form, pattern in patterns.items():
        line = form(rng)
        assert re.fullmatch(pattern, line.raw), line.raw
        bare = line.printed.replace("⑉", "")
        assert line.routing in bare
        assert line.account in line.printed
        assert line.check_number in line.printed


@given(seeds)
def test_raw_is_the_print_with_single_spaces(seed: int) -> None:
    """Runs of free positions become one space."""
    line = draw_text(np.random.default_rng(seed))
    assert line.raw.split() == line.printed.split()
    assert "  " not in line.raw


def test_the_amount_field_holds_the_cents() -> None:
    """Ten digits between amount symbols are the amount in cents."""
    rng = np.random.default_rng(3)
    lines = [line for line in (us_personal(rng) for _ in range(100)) if line.amount_cents is not None]
    assert lines
    for line in lines:
        found = re.search("⑇([0-9]{10})⑇", line.printed)
        assert found is not None
        assert int(found[1]) == line.amount_cents
