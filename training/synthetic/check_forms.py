"""What the printer puts on a check: frame, names, labels, lines, the amount box with its currency sign."""

from __future__ import annotations

import numpy as np

from training.synthetic.check_canvas import BLACK, CheckCanvas, Colour
from training.synthetic.check_layouts import CLEAR_BAND_IN, DATE_BOX_IN, LAYOUTS, Layout, Wording, fraction
from training.synthetic.glyphs import StrokeGlyph
from training.synthetic.letters import paint_glyphs
from training.synthetic.micr_text import MicrText
from training.synthetic.stroke_models import STRAY_SHAPES, draw_shape

_FRAME: Colour = (70, 95, 130)
_INDIAN_FRAME: Colour = (150, 60, 70)
_RED: Colour = (150, 30, 45)
_MAPLE: Colour = (140, 60, 50)


def print_us(canvas: CheckCanvas, layout: Layout, wording: Wording, micr: MicrText) -> None:
    """The US form, personal or business, in place."""
    wide = layout.width_in == LAYOUTS["us_business"].width_in
    small, edge = (7.5, 0.45) if wide else (6.2, 0.32)
    right = layout.width_in - 0.3
    if not wide:
        canvas.border(0.05, 0.07, _FRAME)
    canvas.text((edge, 0.34), wording.payer[0], 12 if wide else 9.5, bold=True)
    for k, line in enumerate(wording.payer[1:]):
        canvas.text((edge, 0.47 + 0.12 * k), line, small + 0.5)
    canvas.text((right, 0.36), micr.check_number, 13 if wide else 11, right=True, bold=True)
    canvas.text((right, 0.5), fraction(micr.routing), small - 0.2, right=True)
    x, y = layout.date
    canvas.text((x - 0.38, y), "DATE", small)
    canvas.line((x - 0.05, y + 0.02), (x + (1.4 if wide else 1.15), y + 0.02))
    x, y = layout.payee
    canvas.text((edge, y - 0.1), "PAY TO THE", small - 0.4)
    canvas.text((edge, y), "ORDER OF", small - 0.4)
    canvas.line((x - 0.06, y + 0.02), (layout.payee_end, y + 0.02))
    left, top, end, bottom = layout.amount
    canvas.text((left - 0.16, (top + bottom) / 2 + 0.06), "$", 15 if wide else 13, bold=True)
    canvas.box(left, top, end, bottom)
    x, y = layout.words
    canvas.line((x - 0.04, y + 0.02), (layout.words_end + 0.04, y + 0.02))
    canvas.text((layout.words_end + 0.1, y + 0.02), "DOLLARS", small + 0.4)
    x, y = layout.bank
    canvas.text((x, y), wording.bank, 11 if wide else 9, bold=True)
    canvas.text((x, y + 0.12), "Specimen: not a real bank, not a real check", small - 1)
    x, y = layout.memo
    canvas.text((edge, y), "MEMO", small)
    canvas.line((x - 0.04, y + 0.02), (layout.signature[0] - 0.45, y + 0.02))
    canvas.line((layout.signature[0], y + 0.02), (layout.signature_end, y + 0.02))
    if wide:
        canvas.text((layout.signature[0] + 0.7, y + 0.13), "AUTHORIZED SIGNATURE", small - 1)


def print_indian(canvas: CheckCanvas, layout: Layout, wording: Wording, micr: MicrText) -> None:
    """The Indian CTS form, in place."""
    band = layout.height_in - CLEAR_BAND_IN
    first = round(canvas.px(band))
    canvas.rgb[first:] = 255.0 - 0.12 * (255.0 - canvas.rgb[first:])  # the clear band stays nearly white
    canvas.text(layout.bank, wording.bank.upper(), 13, _RED, bold=True)
    canvas.text((layout.bank[0], layout.bank[1] + 0.16), "Fort Road Branch, Sample Nagar 500001   IFS CODE: SPEC0000001", 6)
    canvas.text((3.4, 0.3), "VALID FOR THREE MONTHS FROM THE DATE OF ISSUE", 5.5)
    _print_date_boxes(canvas, layout, 0.36)
    canvas.text((0.4, layout.payee[1]), "PAY", 8)
    canvas.line((layout.payee[0] - 0.1, layout.payee[1] + 0.02), (layout.payee_end, layout.payee[1] + 0.02), 0.005)
    canvas.text((layout.payee_end + 0.08, layout.payee[1]), "OR BEARER", 8)
    canvas.text((0.4, layout.words[1]), "RUPEES", 7.5)
    canvas.line((layout.words[0] - 0.06, layout.words[1] + 0.02), (layout.words_end, layout.words[1] + 0.02), 0.005)
    canvas.line((0.4, layout.words[1] + 0.28), (layout.amount[0] - 0.2, layout.words[1] + 0.28), 0.005)
    left, top, right, bottom = layout.amount
    canvas.fill(left, top, right, bottom, (252, 252, 250))
    canvas.box(left, top, right, bottom, 0.01, _INDIAN_FRAME)
    _print_rupee(canvas, left - 0.22, (top + bottom) / 2 + 0.09)
    canvas.box(0.4, 1.92, 3.2, 2.16, 0.006, _INDIAN_FRAME)
    canvas.text((0.46, 2.09), "A/C NO.", 7)
    canvas.text((1.15, 2.1), f"000{micr.account}00{micr.check_number[-4:]}", 9.5)
    canvas.text((0.4, 2.45), "Payable at par at all branches. Specimen: not a real check", 6)
    canvas.text((layout.signature[0] + 0.4, layout.signature[1] - 0.5), wording.payer[0].upper(), 6.5)
    canvas.text((layout.signature[0] + 0.4, layout.signature[1] + 0.18), "Please sign above", 6)


def _print_rupee(canvas: CheckCanvas, x: float, y: float) -> None:
    """A printed rupee sign 0.18 inch high, its baseline at (x, y)."""
    sign = StrokeGlyph(draw_shape(np.random.default_rng(0), STRAY_SHAPES["rupee"][0].path, 0.0, 0.0))
    size = canvas.px(0.18)
    matrix = np.array([[size, 0.0, canvas.px(x)], [0.0, size, canvas.px(y)]])
    canvas.put(paint_glyphs(((sign, matrix),), 0.1 * size, canvas.shape), BLACK)


def _print_date_boxes(canvas: CheckCanvas, layout: Layout, label_in: float) -> None:
    """Eight boxes for day, month and year with their letters beneath; the label stands ``label_in`` to the left."""
    x, y = layout.date
    canvas.text((x - label_in, y - 0.02), "DATE", 6)
    for k, sign in enumerate("DDMMYYYY"):
        canvas.box(x + DATE_BOX_IN * k, y - 0.2, x + DATE_BOX_IN * (k + 1), y + 0.02, 0.005)
        canvas.text((x + DATE_BOX_IN * k + 0.06, y + 0.12), sign, 5.5)


def print_canadian(canvas: CheckCanvas, layout: Layout, wording: Wording, micr: MicrText) -> None:
    """The Canadian form in two languages, in place: date in boxes and $ before the amount as CPA standard 006 asks; no fractional
    number, a rule above the clear band instead of a frame."""
    edge, right = 0.32, layout.width_in - 0.3
    canvas.text((edge, 0.3), wording.payer[0], 9.5, bold=True)
    for k, line in enumerate(wording.payer[1:]):
        canvas.text((edge, 0.43 + 0.12 * k), line, 6.6)
    canvas.text((right, 0.3), micr.check_number, 11, right=True, bold=True)
    _print_date_boxes(canvas, layout, 0.34)
    x, y = layout.payee
    canvas.text((edge, y - 0.11), "PAY TO THE ORDER OF", 5.0)
    canvas.text((edge, y), "PAYEZ À L'ORDRE DE", 5.0)
    canvas.line((x - 0.04, y + 0.02), (layout.payee_end, y + 0.02))
    left, top, end, bottom = layout.amount
    canvas.fill(left, top, end, bottom, (252, 252, 252))
    canvas.box(left, top, end, bottom, 0.012, _MAPLE)
    canvas.text((left - 0.16, (top + bottom) / 2 + 0.07), "$", 14, bold=True)
    x, y = layout.words
    canvas.line((x - 0.04, y + 0.02), (layout.words_end + 0.04, y + 0.02))
    canvas.text((layout.words_end + 0.1, y + 0.02), "/100 DOLLARS", 6.4)
    x, y = layout.bank
    canvas.fill(edge, y - 0.13, edge + 0.13, y, _MAPLE)
    canvas.text((x + 0.2, y), wording.bank, 9, _MAPLE, bold=True)
    canvas.text((x + 0.2, y + 0.12), "Specimen: not a real bank / Spécimen : banque fictive", 5.2)
    x, y = layout.memo
    canvas.text((edge, y), "MEMO / OBJET", 5.0)
    canvas.line((x - 0.04, y + 0.02), (layout.signature[0] - 0.35, y + 0.02))
    canvas.line((layout.signature[0], y + 0.02), (layout.signature_end, y + 0.02))
    canvas.text((layout.signature_end, y + 0.1), "PER / PAR", 5.0, right=True)
    rule = layout.height_in - CLEAR_BAND_IN + 0.06
    canvas.line((0.25, rule), (layout.width_in - 0.25, rule), 0.01, _MAPLE)
