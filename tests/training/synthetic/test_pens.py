"""Pens: every mark can be drawn without data, and no writer is in both splits."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.requirements_gate import require
from training.synthetic.amounts import write_amount
from training.synthetic.fields import draw_field
from training.synthetic.pen_data import BitmapsOfWriter, StrokesOfWriter, split_of
from training.synthetic.pens import OwnWriter, PenSet
from training.synthetic.printed import PrintedWriter, font_names
from training.synthetic.stroke_models import ALL_SHAPES, DIGIT_SHAPES

FEW_STROKES: StrokesOfWriter = {
    "unipen/somebody": {str(d): ((np.array([(0.0, -1.0), (0.3, -0.5), (0.1 * d, 0.0)]),),) for d in range(10)},
}
FEW_BITMAPS: BitmapsOfWriter = {"mnist/1": {str(d): np.full((2, 28, 28), 255, np.uint8) for d in range(10)}}


@pytest.mark.parametrize("shape", ALL_SHAPES)
def test_own_writers_write_every_mark(shape: str) -> None:
    """Every shape gives ink, digits about one digit height high, standing on the line."""
    rng = np.random.default_rng(1)
    for seed in range(20):
        glyph = OwnWriter(seed).glyph(rng, shape)
        assert glyph is not None
        _, top, _, bottom = glyph.bounds
        patch, _ = glyph.paint(np.array([[30.0, 0, 20], [0, 30.0, 60]]), 3.0, (90, 90))
        assert patch.max() == 1.0
        if shape in DIGIT_SHAPES and shape != "0":
            assert 0.7 < bottom - top < 1.5
            assert abs(bottom) < 0.3


def test_an_own_writer_keeps_his_habits() -> None:
    """Two instances by one writer are alike, more than those of different writers; yet never equal."""
    rng = np.random.default_rng(3)

    def widths(seeds: range | list[int]) -> float:
        boxes = [g.bounds for s in seeds if (g := OwnWriter(s).glyph(rng, "2")) is not None]
        return float(np.std([b[2] - b[0] for b in boxes]))

    same = np.mean([widths([seed] * 10) for seed in range(10)])
    assert 0 < same < widths(range(100))


def test_an_unknown_mark_is_refused() -> None:
    """A hand whose writers all lack a mark says so."""
    with pytest.raises(KeyError, match="Q"):
        PenSet.own().hand(np.random.default_rng(0)).glyph(np.random.default_rng(0), "Q")


def test_fonts_print_all_digits() -> None:
    """Every font that is found holds the ten digits, one digit height high."""
    for font in font_names():
        for digit in "0123456789":
            glyph = PrintedWriter(font).glyph(np.random.default_rng(0), digit)
            assert glyph is not None, (font, digit)
            _, top, _, _ = glyph.bounds
            assert -1.2 < top < -0.7, (font, digit)


def test_a_font_without_a_mark_says_so() -> None:
    """No box for a missing character: the printer returns None and the hand falls back."""
    rng = np.random.default_rng(0)
    assert PrintedWriter("hershey simplex").glyph(rng, "rupee") is None
    assert PrintedWriter("pillow").glyph(rng, "\U0010ff01") is None


def test_data_set_writers_are_asked_first_and_own_models_stand_in() -> None:
    """Digits come from the data set's writer, marks he lacks from the own models."""
    pens = PenSet.of_samples(FEW_STROKES, {}, "train", own_share=0.0, bitmap_share=0.0)
    rng = np.random.default_rng(0)
    hand = pens.hand(rng)
    assert hand.writers[0].name == "unipen/somebody"
    assert hand.glyph(rng, "$").bounds[3] > 0


def test_bitmap_writers_write_fields() -> None:
    """A set with scanned digits only draws fields with them."""
    pens = PenSet.of_samples({}, FEW_BITMAPS, "train", own_share=0.0, bitmap_share=1.0)
    field = draw_field(np.random.default_rng(1), pens, "plain")
    assert field.owner.max() == len(field.characters)


def test_the_splits_of_own_writers_are_disjoint() -> None:
    """Seeds of the held-out split never occur in train."""
    rng = np.random.default_rng(0)
    train = {PenSet.own("train").own_writer(rng).name for _ in range(200)}
    held_out = {PenSet.own("held_out").own_writer(rng).name for _ in range(200)}
    assert not train & held_out
    assert all(int(name.removeprefix("own/")) % 2 == 1 for name in held_out)


def test_about_a_tenth_of_the_writers_is_held_out() -> None:
    """The split follows from the name alone."""
    held_out = sum(split_of(f"writer/{k}") == "held_out" for k in range(2000))
    assert 140 < held_out < 260
    assert split_of("writer/1") == split_of("writer/1")


def test_missing_data_is_named(tmp_path: Path) -> None:
    """A folder without the data sets is an error that names the file."""
    with pytest.raises(FileNotFoundError, match=r"digits\.jsonl\.gz"):
        PenSet.from_data(tmp_path)


def test_the_data_sets_writers_are_split_without_overlap(data_root: Path) -> None:
    """With the real sets: hundreds of writers, none in both splits, none of the shifted contributor."""
    require("data")
    train, held_out = PenSet.from_data(data_root, "train"), PenSet.from_data(data_root, "held_out")
    assert len(train.stroke_writers) > 200
    assert len(train.bitmap_writers) > 300
    assert len(held_out.bitmap_writers) > 20
    assert not train.writer_names & held_out.writer_names
    assert not any(name.startswith("unipen/ibm") for name in train.writer_names | held_out.writer_names)
    rng = np.random.default_rng(0)
    for pens in (train, held_out):
        for _ in range(30):
            field = draw_field(rng, pens, "us")
            assert field.owner.max() == len(field.characters)
    assert write_amount(rng, "us").value
