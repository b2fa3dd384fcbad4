"""What is filled into the lines of a synthetic check, by hand or by machine; the courtesy amount apart."""

from __future__ import annotations

import numpy as np

from training.synthetic.check_canvas import CheckCanvas, Colour
from training.synthetic.check_layouts import DATE_BOX_IN, Layout, Wording
from training.synthetic.glyphs import Glyph
from training.synthetic.letters import Script, paint_glyphs, signature, write_words
from training.synthetic.pens import Hand
from training.synthetic.strokes import Affine

PRINT_POINTS = 9.0


def write_by_hand(
    rng: np.random.Generator, canvas: CheckCanvas, layout: Layout, wording: Wording, hand: Hand, script: Script, pen: Colour, words: str
) -> None:
    """Date, payee, legal amount, memo and signature, in place."""
    unit = canvas.px(layout.capital_in)
    pen_px = max(1.4, script.pen * unit * 1.25)
    placed: list[tuple[Glyph, Affine]] = []

    def write(text: str, place: tuple[float, float], end: float, height: float) -> None:
        start = (canvas.px(place[0]), canvas.px(place[1]) - 0.1 * height)
        line = write_words(rng, hand, script, text, start, height)
        right = max(float((m @ (g.bounds[2], 0.0, 1.0))[0]) for g, m in line)
        if right > canvas.px(end):  # too long for its line: smaller, once
            share = (canvas.px(end) - start[0]) / (right - start[0])
            line = write_words(rng, hand, script, text, start, height * share * 0.97)
        placed.extend(line)

    if wording.date.isdigit():  # in boxes
        for k, digit in enumerate(wording.date):
            write(digit, (layout.date[0] + DATE_BOX_IN * k + 0.05, layout.date[1]), layout.width_in, unit)
    else:
        write(wording.date, layout.date, layout.width_in - 0.3, unit)
    if layout.memo != (0.0, 0.0):  # the Indian form has none
        write(wording.memo, layout.memo, layout.signature[0] - 0.4, unit)
    write(wording.payee, layout.payee, layout.payee_end, unit * 1.1)
    write(words, layout.words, layout.words_end, unit * 1.05)
    placed.append(_signed(rng, canvas, layout, wording))
    canvas.put(paint_glyphs(tuple(placed), pen_px, canvas.shape), pen, 0.94)


def _signed(rng: np.random.Generator, canvas: CheckCanvas, layout: Layout, wording: Wording) -> tuple[Glyph, Affine]:
    """The payer's signature and its place."""
    unit = canvas.px(layout.capital_in)
    size = min(1.5 * unit, canvas.px(layout.signature_end - layout.signature[0]) / 5.2)
    x, y = canvas.px(layout.signature[0]) + 0.7 * unit, canvas.px(layout.signature[1]) - 0.35 * unit
    return signature(rng, wording.payer[0][0]), np.array([[size, 0.0, x], [0.0, size, y]])


def write_by_machine(rng: np.random.Generator, canvas: CheckCanvas, layout: Layout, wording: Wording, pen: Colour, words: str) -> None:
    """Date, payee, legal amount and memo in the canvas's face, the signature by hand, in place."""
    if wording.date.isdigit():
        for k, digit in enumerate(wording.date):
            canvas.text((layout.date[0] + DATE_BOX_IN * k + 0.05, layout.date[1] - 0.02), digit, PRINT_POINTS)
    else:
        canvas.text(layout.date, wording.date, PRINT_POINTS)
    canvas.text((layout.payee[0], layout.payee[1] - 0.01), wording.payee, PRINT_POINTS)
    canvas.text((layout.words[0], layout.words[1] - 0.01), words, PRINT_POINTS)
    if layout.memo != (0.0, 0.0):
        canvas.text((layout.memo[0], layout.memo[1] - 0.01), wording.memo, PRINT_POINTS - 1.5)
    canvas.put(paint_glyphs((_signed(rng, canvas, layout, wording),), 2.0 * canvas.dpi / 200, canvas.shape), pen, 0.94)
