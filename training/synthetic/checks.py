"""Simple whole checks with their complete truth: US personal, US business, Indian CTS, Canadian.

A check is laid out in inches, drawn at ``dpi``, and then scanned. Nothing on it is real: invented people and banks,
routing numbers that pass the checksum and were drawn at random.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from app.reader.types import RGB, AmountFormat, Box
from training.synthetic.amounts import Mark, WrittenAmount, write_amount
from training.synthetic.backgrounds import PaperStyle, Pattern
from training.synthetic.check_canvas import BLACK, CheckCanvas, Colour, Face, Rgb, pillow_face
from training.synthetic.check_forms import print_canadian, print_indian, print_us
from training.synthetic.check_layouts import (
    CHECK_FORMS,
    LAYOUTS,
    PAPERS,
    PENS,
    CheckForm,
    Layout,
    Wording,
)
from training.synthetic.check_micr import print_micr, usual_micr
from training.synthetic.check_scan import CheckScan, moved_box, take_picture, to_bytes
from training.synthetic.check_writing import write_by_hand, write_by_machine
from training.synthetic.glyphs import StrokeGlyph
from training.synthetic.layout import lay_out
from training.synthetic.letters import Script, paint_glyphs
from training.synthetic.micr_style import MicrStyle
from training.synthetic.micr_text import MicrText, canadian, indian_cts, us_business, us_personal
from training.synthetic.pens import Hand, PenSet
from training.synthetic.strokes import Coverage, smooth
from training.synthetic.style import FieldStyle
from training.synthetic.words import legal_amount

MOST_WHOLE = 99_999  # dollars; rupees ten times that
_MICR_FORMS: dict[CheckForm, Callable[[np.random.Generator], MicrText]] = {
    "us_personal": us_personal,
    "us_business": us_business,
    "indian_cts": indian_cts,
    "canadian": canadian,
}
_PRINT: dict[CheckForm, Callable[[CheckCanvas, Layout, Wording, MicrText], None]] = {
    "us_personal": print_us,
    "us_business": print_us,
    "indian_cts": print_indian,
    "canadian": print_canadian,
}


@dataclass(frozen=True, slots=True)
class CheckLook:
    """Print, paper and scanner of a check; ``None`` leaves paper and scan to what ``draw_check`` is given, the MICR print usual."""

    face: Face = pillow_face
    machine: bool = False  # filled in by a printer: ``face`` for words, the printer of the pens for the amount
    lay_paper: Callable[[np.random.Generator, CheckCanvas, Colour], None] | None = None
    micr: MicrStyle | None = None
    scan: Callable[[np.random.Generator, Rgb], Rgb] | None = None  # of the sheet, which it leaves where it is


USUAL = CheckLook()


@dataclass(frozen=True, slots=True, eq=False)
class SyntheticCheck:
    """A check and its truth. ``picture`` is (H, W, 3) uint8 RGB; boxes are in its pixels."""

    picture: RGB
    dpi: float
    form: CheckForm
    amount_format: AmountFormat
    amount: str  # plain decimal
    amount_text: str  # as written, strays left out
    micr: str  # the raw line with single spaces
    routing: str
    account: str  # as printed, dashes as "⑉"
    check_number: str
    amount_box: Box  # of the writing
    micr_box: Box  # of the characters


def draw_micr_text(rng: np.random.Generator, form: CheckForm) -> MicrText:
    """A line of the form as a check carries it before it is deposited: without the amount, with an account."""
    text = _MICR_FORMS[form](rng)
    while text.amount_cents is not None or not text.account or len(text.printed) > 42:
        text = _MICR_FORMS[form](rng)
    return text


def draw_written_amount(rng: np.random.Generator, form: CheckForm) -> WrittenAmount:
    """An amount of a size that is seen on checks, without a currency sign: the form prints it."""
    amount_format: AmountFormat = "in" if form == "indian_cts" else "us"
    most = MOST_WHOLE * (10 if form == "indian_cts" else 1)
    while True:
        amount = write_amount(rng, amount_format)
        whole = float(amount.value)
        if 1 <= whole <= most and amount.marks[0].shape not in ("$", "rupee", "R"):
            return amount


def plain_amount(text: str, value: str | None = None) -> WrittenAmount:
    """An amount written as given, all marks on the line; ``value`` is its plain decimal, else ``text`` without commas."""
    return WrittenAmount(tuple(Mark(sign, sign) for sign in text), value or text.replace(",", ""))


def draw_check(
    rng: np.random.Generator,
    pens: PenSet,
    form: CheckForm | None = None,
    scan: CheckScan | None = None,
    dpi: float = 200.0,
    amount: WrittenAmount | None = None,
    paper: PaperStyle | None = None,
    spoiled: bool = False,
    layout: Layout | None = None,
    look: CheckLook = USUAL,
) -> SyntheticCheck:
    """A random check; the same ``rng`` state and pens give the same check.

    ``spoiled`` writes a second amount over the first and crosses it: nobody can tell what it says. ``layout`` takes the place of
    the form's own; ``look`` may put a paper and a scanner of its own in the place of ``paper`` and ``scan``.
    """
    chosen = form or CHECK_FORMS[int(rng.choice(3, p=(0.5, 0.25, 0.25)))]
    layout = layout or LAYOUTS[chosen]
    written, micr, wording = amount or draw_written_amount(rng, chosen), draw_micr_text(rng, chosen), Wording.draw(rng, chosen)
    canvas = CheckCanvas(layout.width_in, layout.height_in, dpi, look.face)
    if look.lay_paper is None:
        canvas.lay_paper(rng, paper or _paper_style(rng), PAPERS[int(rng.integers(len(PAPERS)))])
    else:
        look.lay_paper(rng, canvas, PAPERS[int(rng.integers(len(PAPERS)))])
    _PRINT[chosen](canvas, layout, wording, micr)
    hand, script, pen = pens.hand(rng), Script.draw(rng), PENS[int(rng.integers(len(PENS)))]
    words = legal_amount(written.value, chosen == "indian_cts")
    if look.machine:
        write_by_machine(rng, canvas, layout, wording, pen, words)
        hand, pen = pens.printer(rng), BLACK
    else:
        write_by_hand(rng, canvas, layout, wording, hand, script, pen, words)
    amount_format: AmountFormat = "in" if chosen == "indian_cts" else "us"
    amount_ink, amount_box = _amount_ink(rng, canvas, layout, amount_format, written, hand, pens, spoiled)
    canvas.put(amount_ink, pen, 0.94)
    micr_box = print_micr(rng, canvas, layout, micr, look.micr or usual_micr(dpi))
    if look.scan is None:
        picture, matrix = take_picture(rng, canvas.rgb, scan or CheckScan.draw(rng))
    else:
        picture, matrix = to_bytes(look.scan(rng, canvas.rgb)), np.eye(3)
    return SyntheticCheck(
        picture=picture,
        dpi=dpi,
        form=chosen,
        amount_format=amount_format,
        amount=written.value,
        amount_text=written.text,
        micr=micr.raw,
        routing=micr.routing,
        account=micr.account,
        check_number=micr.check_number,
        amount_box=moved_box(amount_box, matrix),
        micr_box=moved_box(micr_box, matrix),
    )


def _paper_style(rng: np.random.Generator) -> PaperStyle:
    choices: tuple[tuple[Pattern, ...], ...] = (("waves", "gratings"), ("arcs",), ("waves",), ("gratings", "blotches"))
    return PaperStyle(255.0, choices[int(rng.integers(len(choices)))], float(rng.uniform(0.1, 0.26)), 0.0, 1.0, 0.0)


def _amount_style(rng: np.random.Generator, digit_px: float, amount_format: AmountFormat) -> FieldStyle:
    """A hand's style for the courtesy amount, within what fits a check."""
    free = FieldStyle.draw(rng, amount_format)
    return replace(
        FieldStyle.clean(digit_px),
        pen=float(np.clip(free.pen, 0.07, 0.12)),
        slant=float(np.clip(free.slant, -0.05, 0.4)),
        gap=float(np.clip(free.gap, 0.12, 0.3)),
        gap_jitter=0.03,
        size_jitter=0.05,
        baseline_jitter=0.03,
    )


def _amount_ink(
    rng: np.random.Generator,
    canvas: CheckCanvas,
    layout: Layout,
    amount_format: AmountFormat,
    amount: WrittenAmount,
    hand: Hand,
    pens: PenSet,
    spoiled: bool,
) -> tuple[Coverage, Box]:
    """The ink of the courtesy amount in its box, and the tight box of it in pixels."""
    style = _amount_style(rng, canvas.px(layout.digit_in * float(rng.uniform(0.92, 1.15))), amount_format)
    ink = _amount_layer(rng, canvas, layout, amount, hand, pens, style)
    if spoiled:
        for text in ("88,683.94", "4,097.51"):
            ink = np.maximum(ink, _amount_layer(rng, canvas, layout, plain_amount(text), pens.hand(rng), pens, style))
        ink = np.maximum(ink, _crossed_out(rng, canvas, layout))
    rows, across = np.flatnonzero((ink > 0.3).any(axis=1)), np.flatnonzero((ink > 0.3).any(axis=0))
    return ink, (int(across[0]), int(rows[0]), int(across[-1]) + 1, int(rows[-1]) + 1)


def _amount_layer(
    rng: np.random.Generator, canvas: CheckCanvas, layout: Layout, amount: WrittenAmount, hand: Hand, pens: PenSet, style: FieldStyle
) -> Coverage:
    """One amount written into the box: as high as it fits."""
    placed = lay_out(rng, amount, hand, pens.printer(rng), style)
    bounds = np.array([glyph.bounds() for glyph in placed])
    left, top, right, bottom = layout.amount
    room = canvas.px(right - left) * 0.94
    high = canvas.px(bottom - top) * 0.8 / max(1.1, float(bounds[:, 3].max() - bounds[:, 1].min()))
    size = min(style.digit_height_px, room / float(bounds[:, 2].max() - bounds[:, 0].min()), high)
    x = canvas.px(left) + 0.03 * room - float(bounds[:, 0].min()) * size
    y = canvas.px((top + bottom) / 2) + 0.46 * size
    maps = []
    for glyph in placed:
        matrix = glyph.to_field * size
        matrix[:, 2] += (x, y)
        maps.append((glyph.glyph, matrix))
    return paint_glyphs(tuple(maps), max(1.3, style.pen * size), canvas.shape)


def _crossed_out(rng: np.random.Generator, canvas: CheckCanvas, layout: Layout) -> Coverage:
    """A zigzag of the pen all over the amount box."""
    left, top, right, bottom = layout.amount
    count = 26
    xs = np.linspace(left + 0.04, right - 0.12, count) + rng.normal(0.0, 0.02, count)
    ys = np.where(np.arange(count) % 2 == 0, top + 0.07, bottom - 0.07) + rng.normal(0.0, 0.015, count)
    zigzag = StrokeGlyph((smooth(np.column_stack([xs, ys]), 5),))
    to_pixels = np.array([[canvas.dpi, 0.0, 0.0], [0.0, canvas.dpi, 0.0]])
    return paint_glyphs(((zigzag, to_pixels),), 2.2 * canvas.dpi / 200, canvas.shape)
