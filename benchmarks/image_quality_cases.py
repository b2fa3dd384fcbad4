"""Good pictures of checks, and the faults that are applied to them at twice the limit of the image test that should find them."""

from __future__ import annotations

import io
import math
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

from app.reader.quality_corners import MOST_MISSING_IN as MOST_CORNER_IN
from app.reader.quality_focus import MOST_BLUR_STROKES
from app.reader.quality_lie import MOST_SKEW_DEGREES
from app.reader.quality_light import BLACK_SHARE, LEAST_BRIGHTNESS, LEAST_CONTRAST
from app.reader.quality_size import HEIGHT_IN, LENGTH_IN, MOST_MISSING_IN
from app.reader.quality_streaks import MOST_STREAK_IN
from app.reader.types import ReadOptions
from app.reader.usability import LEAST_FIELD_CONTRAST, MOST_LOST
from benchmarks import image_faults as faults
from benchmarks.image_faults import Box, Field, Good, Ground, Harm, Spoil
from training.data.checks import CheckPicture, load_checks
from training.evaluation.amount_fields import kind_of
from training.evaluation.sets import check_options
from training.synthetic.check_layouts import LAYOUTS
from training.synthetic.kit import DPI, FORMS, KINDS, KitPlan, draw_kit_check

SCANS = ("colour", "grey", "bitonal")
SHADES = ("colour", "grey", "photo")
LENGTH_OF_KIND = {"US, filled in by hand": 6.0, "image cash letter": 6.0, "Indian": 202.0 / 25.4}  # inches
TINTED = 235.0  # level of paper, of 255, that is told from a white ground
SKEW, LIGHT, STREAKS, PARTIAL = "excessive_image_skew", "too_light_or_too_dark", "streaks_and_or_bands", "partial_image"
BELOW, ABOVE, FOCUS, CORNERS = "below_minimum_image_size", "exceeds_maximum_image_size", "out_of_focus", "folded_or_torn_corners"
AMOUNT, MICR = "usability_of_convenience_amount", "usability_of_micr_line"


@dataclass(frozen=True, slots=True, eq=False)
class Sample:
    """One good picture: its ``name`` and ``kind`` (of ``KINDS``), how it is read, and the file that a real one was loaded from."""

    name: str
    kind: str
    good: Good
    options: ReadOptions
    path: Path | None = None


@dataclass(frozen=True, slots=True)
class FaultCase:
    """One row of the table: the test that should find the fault, its level in words, the kinds of pictures it applies to, and the fault.

    ``blind`` says why a reader that sees the spoiled picture alone cannot know of the fault; such a row counts in no bar.
    """

    test: str
    fault: str
    level: str
    kinds: tuple[str, ...]
    spoil: Spoil
    blind: str = ""
    most_paper: float = 255.0  # level of the paper up to which it applies


def kit_samples(count: int, seed: int) -> list[Sample]:
    """Good checks of the kit's test part, the kinds in turn."""
    plans = {kind: KitPlan(seed, "test", FORMS, (kind,)) for kind in KINDS}
    return [kit_sample(plans[KINDS[number % len(KINDS)]], number) for number in range(count)]


def kit_sample(plan: KitPlan, number: int) -> Sample:
    """One check of the kit as a picture of its kind."""
    check, kind = draw_kit_check(plan, number), plan.kinds[0]
    picture = Image.fromarray(check.picture)
    if kind == "grey":
        picture = picture.convert("L")
    elif kind == "bitonal":
        picture = picture.convert("1", dither=Image.Dither.NONE)
    corners, form = check.truth["corners"], check.truth["form"]
    assert isinstance(corners, list)
    dpi, seen = DPI, tuple((float(x), float(y)) for x, y in corners)
    if kind == "photo":
        inches = next(layout.width_in for known, layout in LAYOUTS.items() if known == form)
        dpi = (math.dist(seen[0], seen[1]) + math.dist(seen[3], seen[2])) / 2.0 / inches
    boxes = (plain_box(check.truth["amount_box"]), plain_box(check.truth["micr_box"]))
    good = Good(picture, dpi, *boxes, corners=seen if kind == "photo" else ())
    return Sample(f"kit {number}", kind, good, ReadOptions())


def plain_box(box: object) -> Box:
    """A box of the truth."""
    assert isinstance(box, list)
    left, top, right, bottom = (float(v) for v in box)
    return left, top, right, bottom


def real_samples(root: Path) -> list[Sample]:
    """The development checks: those whose length is known by their form can be spoiled at stated levels, all can be looked at."""
    return [real_sample(check) for check in load_checks(root)]


def real_sample(check: CheckPicture) -> Sample:
    """One real check; 0 dots per inch where its length is not known."""
    with Image.open(check.path) as opened:
        picture = ImageOps.exif_transpose(opened)
        picture.load()
    kind = "bitonal" if picture.mode == "1" else "grey" if picture.mode == "L" else "colour"
    picture = picture if kind != "colour" else picture.convert("RGB")
    inches = LENGTH_OF_KIND.get(kind_of(check), 0.0)
    good = Good(picture, picture.width / inches if inches else 0.0, check.amount_box)
    return Sample(check.file, kind, good, check_options(check), check.path)


def as_it_is(sample: Sample) -> bytes:
    """The file of a good picture, a real one as it was published."""
    return file_of(sample, sample.good.picture) if sample.path is None else sample.path.read_bytes()


def file_of(sample: Sample, picture: Image.Image) -> bytes:
    """The picture as a file: G4 TIFF where it has one bit, JPEG for a photo, else PNG; scans of the kit state their resolution."""
    buffer = io.BytesIO()
    stated = {"dpi": (sample.good.dpi, sample.good.dpi)} if sample.path is None and sample.kind != "photo" else {}
    if picture.mode == "1":
        picture.save(buffer, "TIFF", compression="group4", **stated)
    elif sample.kind == "photo":
        picture.save(buffer, "JPEG", quality=90)
    else:
        picture.save(buffer, "PNG", compress_level=1, **stated)
    return buffer.getvalue()


def fault_cases() -> tuple[FaultCase, ...]:
    """All rows, in the order of the tests."""
    return (*geometric_cases(), *light_cases(), *corner_cases(), *field_cases())


def geometric_cases() -> tuple[FaultCase, ...]:
    """Skew, partial images, size."""
    skew, gone = 2.0 * MOST_SKEW_DEGREES, 2.0 * MOST_MISSING_IN
    least, most = (LENGTH_IN[0] / 2.0, HEIGHT_IN[0] / 2.0), (2.0 * LENGTH_IN[1], 2.0 * HEIGHT_IN[1])
    turns: tuple[Ground, ...] = ("white", "black")
    cases = [FaultCase(SKEW, f"turned on {g}", f"{skew:g} degrees", SCANS, partial(faults.turned, degrees=skew, ground=g)) for g in turns]
    for edge in faults.EDGES:
        cases.append(FaultCase(PARTIAL, f"cut along the {edge} edge", f"{gone:g} in", SCANS, partial(faults.cut, inches=gone, edge=edge)))
    part: Spoil = partial(faults.middle_part, length_in=least[0], height_in=least[1])
    cases.append(FaultCase(BELOW, "a part of a check", f"{least[0]:g} x {least[1]:g} in", SCANS, part))
    for ground in turns:
        sheet: Spoil = partial(faults.on_sheet, length_in=most[0], height_in=most[1], ground=ground)
        cases.append(FaultCase(ABOVE, f"on a {ground} sheet", f"{most[0]:g} x {most[1]:g} in", SCANS, sheet))
    return tuple(cases)


def light_cases() -> tuple[FaultCase, ...]:
    """Light, streaks, focus."""
    pale, dim, few = LEAST_CONTRAST / 2.0, LEAST_BRIGHTNESS / 2.0, BLACK_SHARE[0] / 2.0
    many = (1.0 + BLACK_SHARE[1]) / 2.0  # twice 0.9 is no share: half of the white that the limit leaves
    streak, blur = 2.0 * MOST_STREAK_IN, 2.0 * MOST_BLUR_STROKES
    return (
        FaultCase(LIGHT, "paled", f"{pale:g} of full contrast", SHADES, partial(faults.paled, contrast=pale)),
        FaultCase(LIGHT, "strokes lost at random", f"{100 * few:g} % black", ("bitonal",), partial(faults.thinned, share=few)),
        FaultCase(LIGHT, "dimmed", f"paper at {dim:g} of full brightness", SHADES, partial(faults.dimmed, brightness=dim)),
        FaultCase(LIGHT, "filled at random", f"{100 * many:g} % black", ("bitonal",), partial(faults.clogged, share=many)),
        FaultCase(STREAKS, "dark line across", f"{streak:g} in", SCANS, partial(faults.streaked, inches=streak, down=False)),
        FaultCase(STREAKS, "dark line down", f"{streak:g} in", SCANS, partial(faults.streaked, inches=streak, down=True)),
        FaultCase(FOCUS, "Gaussian", f"{blur:g} strokes", SHADES, partial(faults.unfocused, strokes=blur)),
        FaultCase(FOCUS, "straight motion", f"{blur:g} strokes", SHADES, partial(faults.shaken, strokes=blur)),
    )


def corner_cases() -> tuple[FaultCase, ...]:
    """Corners on grounds that differ from the paper, and a white one, which white paper hides."""
    grounds: tuple[tuple[Ground, str, tuple[str, ...], str, float], ...] = (
        ("black", "black ground", SCANS, "", 255.0),
        ("table", "ground in a table's colour", ("colour", "grey"), "", 255.0),
        ("table", "its own table", ("photo",), "", 255.0),
        ("white", "white ground, tinted paper", ("colour", "grey"), "", TINTED),
        ("white", "white ground, any paper", SCANS, "white paper on white is one white", 255.0),
    )
    cases = []
    for ground, words, kinds, blind, most_paper in grounds:
        for corner in faults.CORNERS:
            inches = 2.0 * MOST_CORNER_IN[corner]
            spoil: Spoil = partial(faults.cornerless, inches=inches, corner=corner, ground=ground)
            cases.append(FaultCase(CORNERS, f"{corner}, {words}", f"{inches:g} in", kinds, spoil, blind, most_paper))
    return tuple(cases)


def field_cases() -> tuple[FaultCase, ...]:
    """The amount or the MICR line made unusable."""
    share, blur, pale = 2.0 * MOST_LOST, 2.0 * MOST_BLUR_STROKES, LEAST_FIELD_CONTRAST / 2.0
    length, every = f"{100 * share:g} % of its length", (*SHADES, "bitonal")
    fields: tuple[tuple[str, Field, str], ...] = ((AMOUNT, "amount", "the rest reads as a shorter amount"), (MICR, "micr", ""))
    cases = []
    for test, name, blind in fields:
        dark, hidden = Harm(name, "covered dark", share), Harm(name, "covered pale", share)
        smeared, faded = Harm(name, "smeared", 1.0, blur), Harm(name, "faded", 1.0, pale)
        cases += [
            FaultCase(test, "covered dark", length, every, partial(faults.harmed, harm=dark)),
            FaultCase(test, "covered in the paper's colour", length, every, partial(faults.harmed, harm=hidden), blind),
            FaultCase(test, "smeared", f"{blur:g} strokes", SHADES, partial(faults.harmed, harm=smeared)),
            FaultCase(test, "faded", f"{pale:g} of full contrast", SHADES, partial(faults.harmed, harm=faded)),
        ]
    return tuple(cases)


def applies(case: FaultCase, sample: Sample) -> bool:
    """Whether a fault can be made on a picture at its stated level."""
    kind_fits = sample.kind in case.kinds and sample.good.dpi > 0.0 and (case.most_paper == 255.0 or paper_of(sample) <= case.most_paper)
    needed = {AMOUNT: sample.good.amount_box, MICR: sample.good.micr_box}.get(case.test, ())
    return kind_fits and needed is not None


def paper_of(sample: Sample) -> float:
    """Level of the paper: the 75th percentile of the darkest channel."""
    return float(np.quantile(faults.darkest(faults.levels_of(sample.good.picture)), 0.75))


def generator(seed: int, sample: int, case: int) -> np.random.Generator:
    """The random numbers of one case on one sample."""
    return np.random.default_rng([seed, sample, case])
