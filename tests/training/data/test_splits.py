"""Writers are on one side of a split or the other."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.data.splits import held_out_contributors, held_out_mask, is_held_out
from training.data.unipen import load_strokes

PINNED = [3, 4, 12, 20, 29, 30, 42, 52]
WRITERS = st.lists(st.text(min_size=1, max_size=6), min_size=1, max_size=40)


@given(WRITERS, st.floats(0.0, 1.0))
def test_no_writer_is_on_both_sides_whatever_the_order(writers: list[str], share: float) -> None:
    """The two sides share no writer, and a sample's side does not depend on the samples around it."""
    mask = held_out_mask(writers, share)
    kept = {w for w, out in zip(writers, mask, strict=True) if not out}
    out = {w for w, out in zip(writers, mask, strict=True) if out}
    assert not kept & out
    assert held_out_mask(writers[::-1], share).tolist() == mask.tolist()[::-1]


def test_the_share_is_about_what_was_asked_and_grows_monotonically() -> None:
    """Of many writers the asked share is held out, and a greater share only adds writers."""
    writers = [f"w{number}" for number in range(5000)]
    tenth, third = held_out_mask(writers, 0.1), held_out_mask(writers, 1 / 3)
    assert abs(tenth.mean() - 0.1) < 0.02
    assert abs(third.mean() - 1 / 3) < 0.02
    assert np.all(third[tenth])
    assert abs(held_out_mask(writers, 0.1, salt="other")[tenth].mean() - 0.1) < 0.06


def test_membership_is_pinned() -> None:
    """The split is the same on every machine and in every version: these writers of MNIST are where they were."""
    assert [number for number in range(60) if is_held_out(f"mnist/{number}", 0.1)] == PINNED


@pytest.mark.parametrize("share", [-0.1, 1.1, float("nan")])
def test_a_share_outside_its_range_is_refused(share: float) -> None:
    """The message states the range."""
    with pytest.raises(ValueError, match="from 0 to 1"):
        is_held_out("w", share)


def test_a_sample_without_a_writer_cannot_be_split() -> None:
    """An unknown writer might be on both sides."""
    with pytest.raises(ValueError, match="without a writer"):
        held_out_mask(["a", ""], 0.5)


def test_no_pen_is_of_a_contributor_that_is_measured(data_root: Path) -> None:
    """Who gave the measured strings gave no digit and no symbol that the synthetic fields are written with."""
    seen = {sample.contributor for part in ("digits", "symbols") for sample in load_strokes(data_root, part)}  # type: ignore[arg-type]
    assert not seen & held_out_contributors()
