"""Faults are what they say: as large as stated, where stated, and the picture keeps its mode."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image, ImageDraw

from benchmarks import image_faults as faults
from benchmarks.image_faults import CORNERS, EDGES, Good, Harm

DPI, WIDTH, HEIGHT = 100.0, 600, 275
AMOUNT, MICR = (430.0, 90.0, 580.0, 130.0), (40.0, 240.0, 400.0, 260.0)


def good(mode: str = "L") -> Good:
    """Paper with strokes in the amount, the line and elsewhere."""
    picture = Image.new("L", (WIDTH, HEIGHT), 220)
    draw = ImageDraw.Draw(picture)
    for left, top, right, bottom in (AMOUNT, MICR, (50.0, 60.0, 350.0, 75.0)):
        for x in range(int(left), int(right), 8):
            draw.rectangle((x, top, x + 3, bottom - 1), fill=40)
    return Good(picture.convert(mode, dither=Image.Dither.NONE) if mode == "1" else picture.convert(mode), DPI, AMOUNT, MICR)


def rng() -> np.random.Generator:
    return np.random.default_rng(1)


def levels(picture: Image.Image) -> npt.NDArray[np.float32]:
    return faults.levels_of(picture)


def changed_part(picture: Image.Image, mode: str = "L") -> tuple[int, int, int, int]:
    """Left, top, right, bottom of what differs from the good picture."""
    differs = levels(picture) != levels(good(mode).picture)
    differs = differs.any(axis=2) if differs.ndim == 3 else differs
    y, x = np.nonzero(differs)
    return int(x.min()), int(y.min()), int(x.max()) + 1, int(y.max()) + 1


@pytest.mark.parametrize("mode", ["1", "L", "RGB"])
def test_the_mode_stays(mode: str) -> None:
    """A picture of one bit stays one, grey stays grey, colour stays colour."""
    sample = good(mode)
    pictures = [
        faults.turned(sample, rng(), 10.0, "white"),
        faults.streaked(sample, rng(), 0.02, down=True),
        faults.cornerless(sample, rng(), 1.0, "lower left", "black"),
        faults.cut(sample, rng(), 0.5, "top"),
        faults.on_sheet(sample, rng(), 8.0, 5.0),
        faults.harmed(sample, rng(), Harm("amount", "covered dark", 0.5)),
    ]
    assert {picture.mode for picture in pictures} == {mode}


@pytest.mark.parametrize("corner", CORNERS)
@pytest.mark.parametrize("ground", ["white", "black", "table"])
def test_a_missing_corner_reaches_as_far_as_stated(corner: faults.Corner, ground: faults.Ground) -> None:
    """The corner named is gone, as many inches along either edge, and nothing else."""
    left, top, right, bottom = changed_part(faults.cornerless(good(), rng(), 1.5, corner, ground))
    assert [right - left, bottom - top] == pytest.approx([150, 150], abs=2)
    assert (left == 0) == ("left" in corner)
    assert (top == 0) == ("upper" in corner)


def test_a_corner_of_a_photo_shows_its_table() -> None:
    """The level beyond the corner of the check stands where the corner was."""
    photo = Image.new("L", (800, 450), 70)
    photo.paste(good().picture, (100, 80))
    corners = ((100.0, 80.0), (700.0, 80.0), (700.0, 355.0), (100.0, 355.0))
    torn = levels(faults.cornerless(Good(photo, DPI, corners=corners), rng(), 1.0, "upper right", "white"))
    assert abs(float(torn[85:95, 685:695].mean()) - 70.0) < 3.0
    assert torn[200, 690] == 220


@pytest.mark.parametrize("edge", EDGES)
def test_a_cut_takes_a_strip(edge: faults.Edge) -> None:
    """Half an inch is gone along the edge named."""
    picture = faults.cut(good(), rng(), 0.5, edge)
    assert picture.size == ((WIDTH - 50, HEIGHT) if edge in ("left", "right") else (WIDTH, HEIGHT - 50))


def test_light_has_the_stated_level() -> None:
    """Contrast, brightness and share of black are as stated."""
    pale, dim = levels(faults.paled(good(), rng(), 0.1)), levels(faults.dimmed(good(), rng(), 0.2))
    assert float(np.quantile(pale, 0.75) - np.quantile(pale, 0.01)) == pytest.approx(25.5, abs=1.0)
    assert float(np.quantile(dim, 0.75)) == pytest.approx(51.0, abs=1.0)
    thin, full = faults.thinned(good("1"), rng(), 0.0045), faults.clogged(good("1"), rng(), 0.95)
    assert float((levels(thin) < 128).mean()) == pytest.approx(0.0045, abs=0.001)
    assert float((levels(full) < 128).mean()) == pytest.approx(0.95, abs=0.005)


@pytest.mark.parametrize("down", [False, True])
def test_a_streak_runs_from_edge_to_edge(down: bool) -> None:
    """As thick as stated, over the whole length."""
    left, top, right, bottom = changed_part(faults.streaked(good(), rng(), 0.04, down=down))
    assert (right - left, bottom - top) == ((4, HEIGHT) if down else (WIDTH, 4))


def test_blur_has_the_stated_spread() -> None:
    """A single dark column is spread with the standard deviation that was asked for, by a lens always, by a motion across it."""
    picture = Image.new("L", (401, 401), 255)
    ImageDraw.Draw(picture).line((200, 0, 200, 400), fill=0)
    sample, strokes = Good(picture, 400.0), 1.5
    row = 255.0 - levels(faults.unfocused(sample, rng(), strokes))[200]
    place = np.arange(401) - 200.0
    assert float(np.sqrt((row * place**2).sum() / row.sum())) == pytest.approx(strokes * 0.013 * 400.0, rel=0.1)
    seen = []
    for seed in range(12):
        row = 255.0 - levels(faults.shaken(sample, np.random.default_rng(seed), strokes))[200]
        seen.append(float(np.sqrt((row * place**2).sum() / max(row.sum(), 1e-9))))
    assert max(seen) == pytest.approx(strokes * 0.013 * 400.0, rel=0.15)
    assert min(seen) < 0.5 * max(seen)


def test_size_is_as_stated() -> None:
    """A part and a sheet have the inches that were asked for."""
    assert faults.middle_part(good(), rng(), 2.75, 1.2).size == (275, 120)
    assert faults.on_sheet(good(), rng(), 18.5, 8.0, "black").size == (1850, 800)
    assert faults.turned(good(), rng(), 10.0, "black").size[0] > WIDTH


@pytest.mark.parametrize("field", ["amount", "micr"])
@pytest.mark.parametrize("how", ["covered dark", "covered pale", "smeared", "faded"])
def test_harm_stays_in_its_field(field: faults.Field, how: str) -> None:
    """Only the named field changes, at most over the stated share of its length."""
    harm = Harm(field, how, 0.5, 0.06 if how == "faded" else 2.0)  # type: ignore[arg-type]
    box = AMOUNT if field == "amount" else MICR
    left, top, right, bottom = changed_part(faults.harmed(good(), rng(), harm))
    assert left >= box[0]
    assert top >= box[1]
    assert right <= box[2]
    assert bottom <= box[3]
    assert right - left <= 0.5 * (box[2] - box[0]) + 2


def test_a_field_without_a_box_is_an_error() -> None:
    """Where the box is not known, nothing is spoiled at a guess."""
    with pytest.raises(ValueError, match="box of the micr is not known"):
        faults.harmed(Good(good().picture, DPI), rng(), Harm("micr", "covered dark", 0.5))
