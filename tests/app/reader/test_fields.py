"""Candidate fields on a page: where they are found, and how much is believed of them."""

from __future__ import annotations

import csv
from dataclasses import replace
from itertools import chain
from pathlib import Path

import numpy as np

from app.reader.decode import decode
from app.reader.fields import LEAST_LOG_PRIOR, MOST_AMOUNT_CANDIDATES, amount_log_prior, distinct, locate, merged, whole_line
from app.reader.micr_band import BandLimits, find_micr_bands
from app.reader.page import normalise
from app.reader.types import Field, Page, ReadOptions, Scope
from training.synthetic.checks import draw_check
from training.synthetic.pens import PenSet


def page_of(picture: np.ndarray) -> Page:
    from training.segments import decoded

    return normalise(decoded(picture))


def overlap(field: Field, box: tuple[float, float, float, float]) -> float:
    """Share of ``box`` that the field covers."""
    left, top, right, bottom = field.box
    wide = min(right, box[2]) - max(left, box[0])
    high = min(bottom, box[3]) - max(top, box[1])
    return max(0.0, wide) * max(0.0, high) / ((box[2] - box[0]) * (box[3] - box[1]))


def test_the_samples_have_their_fields(repository: Path) -> None:
    """Each sample gives amount candidates and a MICR band in the lower part, best prior first."""
    with (repository / "samples" / "truth.csv").open(encoding="utf-8", newline="") as file:
        names = [row["file"] for row in csv.DictReader(file)]
    for name in names:
        page = normalise(decode((repository / "samples" / name).read_bytes()))
        fields = list(chain.from_iterable(locate(page, ReadOptions())))
        amounts = [field for field in fields if field.kind == "courtesy_amount"]
        bands = [field for field in fields if field.kind == "micr_line"]
        assert 1 <= len(amounts) <= MOST_AMOUNT_CANDIDATES
        assert [f.log_prior for f in amounts] == sorted((f.log_prior for f in amounts), reverse=True)
        assert bands
        assert bands[0].box[1] > 0.6 * page.grey.shape[0]


def test_drawn_checks_have_their_amount_among_the_candidates() -> None:
    """Of ten synthetic checks nearly all have a candidate that holds the amount."""
    rng = np.random.default_rng(4)
    held = 0
    for _ in range(10):
        drawn = draw_check(rng, PenSet.own())
        page = page_of(drawn.picture)
        scale = float(np.linalg.inv(page.page_to_image)[0, 0])
        box = tuple(value * scale for value in drawn.amount_box)
        held += any(overlap(f, box) > 0.6 for (f,) in locate(page, ReadOptions(fields=("courtesy_amount",))))  # type: ignore[arg-type]
    assert held >= 8


def test_only_what_was_asked_for_is_sought(repository: Path) -> None:
    """``fields`` chooses, and a picture of one field is that field."""
    page = normalise(decode((repository / "samples" / "us_personal_1.png").read_bytes()))
    assert {field.kind for fields in locate(page, ReadOptions(fields=("micr_line",))) for field in fields} == {"micr_line"}
    assert {field.kind for fields in locate(page, ReadOptions(fields=("courtesy_amount",))) for field in fields} == {"courtesy_amount"}
    ((whole,),) = locate(page, ReadOptions(scope=Scope.COURTESY_AMOUNT))
    assert whole.box == (0, 0, page.grey.shape[1], page.grey.shape[0])


def test_the_prior_prefers_the_convenience_amount_area() -> None:
    """Right of the middle, above the middle; the check number in the corner falls below the bound."""
    area = amount_log_prior((950, 200, 1080, 250), 1200, 550)
    assert area > amount_log_prior((950, 300, 1080, 350), 1200, 550)
    assert amount_log_prior((1050, 30, 1150, 70), 1200, 550) < LEAST_LOG_PRIOR
    assert amount_log_prior((100, 200, 250, 250), 1200, 550) < LEAST_LOG_PRIOR


def test_runs_on_one_line_are_joined_and_kept_apart_as_parts() -> None:
    """A sign and an amount side by side: the pair, and both alone as its parts."""
    found = dict(merged([(0, 0, 20, 30), (30, 2, 100, 28), (0, 80, 50, 110)], 15.0))
    assert found == {(0, 0, 20, 30): True, (30, 2, 100, 28): True, (0, 80, 50, 110): False, (0, 0, 100, 30): False}


def test_the_same_box_twice_is_one() -> None:
    """Boxes that differ by a pixel are the same."""
    assert distinct([(0, 0, 10, 10), (1, 0, 10, 11), (0, 0, 20, 10)], 2.0) == [(0, 0, 10, 10), (0, 0, 20, 10)]


def test_a_band_goes_on_where_the_line_is_pale() -> None:
    """Marks that are too pale for the band's own row belong to it; a frame beside them, which goes on above and below, does not."""
    ink = np.zeros((200, 900), np.float32)
    for k in range(30):
        ink[150:173, 100 + 25 * k : 117 + 25 * k] = 0.4 if k < 8 else 1.0
    ink[:, 20:24] = 1.0
    page = Page(np.zeros((200, 900), np.uint8), ink, np.zeros((200, 900), bool), np.eye(3), 200.0, "assumed", 0.0, 0)
    band = find_micr_bands(ink, most=1, limits=BandLimits((0.02, 0.034), 0.5))[0]
    assert band.box[0] > 200
    left, top, right, bottom = whole_line(page, band)
    assert (top, bottom) == (band.box[1], band.box[3])
    assert 60 < left <= 100
    assert right >= 842


def test_a_line_ends_before_the_frame() -> None:
    """A frame a pitch and a half beside the first mark is left out of the field; one that touches the marks is not cut into them."""
    ink = np.zeros((200, 900), np.float32)
    for k in range(25):
        ink[150:173, 100 + 25 * k : 117 + 25 * k] = 1.0
    ink[:, 50:55] = 1.0
    page = Page(np.zeros((200, 900), np.uint8), ink, np.zeros((200, 900), bool), np.eye(3), 200.0, "assumed", 0.0, 0)
    band = find_micr_bands(ink, most=1, limits=BandLimits((0.02, 0.034), 0.5))[0]
    assert band.box[0] < 50
    assert whole_line(page, band)[0] == 55
    near = ink.copy()
    near[:, 50:55], near[:, 92:96] = 0.0, 1.0
    assert whole_line(replace(page, ink=near), band)[0] <= 60
