"""Reserved papers, scanners and light, and the reserved printers."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from training.synthetic.check_canvas import CheckCanvas
from training.synthetic.kit_noise import RESERVED_PATTERNS, ReservedPattern, grain, lit_otherwise, reserved_pattern, scanned_otherwise
from training.synthetic.kit_print import STRIKES, BitmapPrinter, Strike, bitmap_face


@pytest.mark.parametrize("pattern", RESERVED_PATTERNS)
def test_patterns_are_there_and_within_bounds(pattern: ReservedPattern) -> None:
    """From 0 to 1, neither empty nor full, and another seed is another paper."""
    first, other = (reserved_pattern(np.random.default_rng(seed), (300, 500), pattern) for seed in (1, 2))
    assert first.shape == (300, 500)
    assert 0.0 <= first.min() < 0.05
    assert 0.5 < first.max() <= 1.0
    assert 0.003 < first.mean() < 0.6
    assert not np.array_equal(first, other)


def test_grain_comes_in_clumps() -> None:
    """Neighbours go together, unlike in the noise of training; far pixels do not."""
    noise = grain(np.random.default_rng(0), (400, 400), 4.0)
    beside = float(np.corrcoef(noise[:, :-1].ravel(), noise[:, 1:].ravel())[0, 1])
    far = float(np.corrcoef(noise[:, :-9].ravel(), noise[:, 9:].ravel())[0, 1])
    assert beside > 0.5 > 0.05 > abs(far)
    assert 1.5 < noise.std() < 4.5


def test_the_bitonal_scanner_has_two_levels() -> None:
    """Ink black, paper and a pale pattern white."""
    sheet = np.full((120, 300, 3), 240.0, np.float32)
    sheet[40:60, 50:250] = 20.0
    sheet[80:100, 50:250] = 200.0
    seen = scanned_otherwise(np.random.default_rng(1), sheet, True)
    assert set(np.unique(seen)) == {0.0, 255.0}
    assert (seen[44:56, 60:240] == 0).all()
    assert (seen[84:96, 60:240] == 255).mean() > 0.99


def test_the_grey_scanner_smears_and_stripes() -> None:
    """Columns differ in gain: their means spread by more than the grain leaves."""
    seen = scanned_otherwise(np.random.default_rng(1), np.full((600, 300, 3), 200.0, np.float32), False)
    assert seen.mean(axis=(0, 2)).std() > 4 * seen.mean(axis=(1, 2)).std()


def test_the_light_has_a_shadow() -> None:
    """Of an even picture a part is much darker than the rest."""
    lit = lit_otherwise(np.random.default_rng(4), np.full((300, 500, 3), 200, np.uint8))
    smooth = cv2.blur(lit[:, :, 0], (15, 15))
    assert smooth.max() > 1.1 * smooth.min()
    assert lit.shape == (300, 500, 3)


@pytest.mark.parametrize("strike", STRIKES)
def test_the_face_has_the_size_asked_for(strike: Strike) -> None:
    """A figure is 0.71 of the size high and stands on its baseline; the right end is the right end."""
    drawn, at = bitmap_face(strike)("0", (100.0, 200.0), 40.0, False, False)
    rows = np.flatnonzero(drawn.max(axis=1) > 0.3)
    assert abs((rows[-1] - rows[0] + 1) - 0.71 * 40) <= 3
    assert abs(at[1] + rows[-1] + 1 - 200) <= 2
    word, place = bitmap_face(strike)("PAY TO", (100.0, 200.0), 40.0, True, False)
    across = np.flatnonzero(word.max(axis=0) > 0.3)
    assert 90 <= place[0] + across[-1] <= 101


def test_the_printers_differ_and_say_what_they_lack() -> None:
    """Needles leave gaps; neither knows the rupee sign."""
    rng = np.random.default_rng(0)
    needles, ribbon = (BitmapPrinter(strike).glyph(rng, "8") for strike in STRIKES)
    assert needles is not None
    assert ribbon is not None
    assert not np.array_equal(needles.bitmap, ribbon.bitmap)
    assert abs(ribbon.bounds[1] + 1.0) < 0.2
    assert BitmapPrinter("needles").glyph(rng, "rupee") is None
    assert BitmapPrinter("needles").glyph(rng, "filler") is not None


def test_a_canvas_prints_in_the_face() -> None:
    """Another face, other ink."""
    sheets = []
    for face in (None, bitmap_face("ribbon")):
        canvas = CheckCanvas(2.0, 1.0, 200.0) if face is None else CheckCanvas(2.0, 1.0, 200.0, face)
        canvas.text((0.2, 0.5), "First Bank", 12.0)
        sheets.append(canvas.rgb)
    assert all(sheet.min() < 60 for sheet in sheets)
    assert not np.array_equal(sheets[0], sheets[1])
