"""The picture of an explanation: what was looked at, where it was cut, which path won, and what was decided.

Drawn on the picture as uploaded: candidate fields (grey, the chosen one in colour), the candidate cuts of the chosen
field as thin lines, the characters of its winning path with symbol and confidence (green = sure, red = doubtful), and
the decisions in a panel below.
"""

from __future__ import annotations

from collections.abc import Iterator

from PIL import Image, ImageDraw, ImageFont

from app.reader.interpretation import field_polygon, polygon_of
from app.reader.types import CheckReading, DecodedImage, FieldEvidence, Page, Polygon, Reason, SegmentationLattice

Colour = tuple[int, int, int]

CANDIDATE: Colour = (150, 150, 150)
CHOSEN: Colour = (25, 90, 200)
CUT: Colour = (90, 190, 230)
PANEL: Colour = (245, 245, 245)
TEXT: Colour = (20, 20, 20)
PAPER: Colour = (255, 255, 255)

_LEAST_WIDTH_PX = 900  # a cut-out field is enlarged until its characters can be told apart
_LARGEST_SCALE = 6
_TEXT_PX = 15
# The font of Pillow has no MICR signs; these are the letters that E-13B printers' manuals give them.
_LETTER_OF_MICR_SIGN = str.maketrans({"⑆": "T", "⑇": "A", "⑈": "U", "⑉": "D"})


def explain(image: DecodedImage, reading: CheckReading) -> Image.Image:
    """An RGB picture that explains ``reading``; ``image`` is the page that it was read from."""
    scale = min(_LARGEST_SCALE, max(1, -(-_LEAST_WIDTH_PX // max(image.width_px, 1))))
    margin = 4 * _TEXT_PX
    lines = tuple(_panel_lines(reading))
    width, height = image.width_px * scale, image.height_px * scale + margin
    canvas = Image.new("RGB", (max(width, 640), height + (len(lines) + 1) * (_TEXT_PX + 5)), PANEL)
    picture = Image.fromarray(image.rgb).resize((width, height - margin), Image.Resampling.BICUBIC)
    canvas.paste(PAPER, (0, 0, width, height))
    canvas.paste(picture, (0, margin // 2))
    pen = _Pen(canvas, scale, margin // 2)
    if reading.page is not None:
        for evidence in sorted(reading.evidence, key=lambda item: item.chosen):
            _draw_field(pen, evidence, reading.page)
    for row, line in enumerate(lines):
        pen.caption(10, height + 8 + row * (_TEXT_PX + 5), line)
    return canvas


class _Pen:
    """Draws in pixels of the uploaded picture on an enlarged canvas with a margin above it."""

    def __init__(self, canvas: Image.Image, scale: int, top_px: int) -> None:
        self._draw = ImageDraw.Draw(canvas)
        self._scale = scale
        self._top_px = top_px
        self._font = ImageFont.load_default(_TEXT_PX)
        self._small = ImageFont.load_default(_TEXT_PX * 2 // 3)

    def place(self, polygon: Polygon) -> list[tuple[float, float]]:
        return [(x * self._scale, y * self._scale + self._top_px) for x, y in polygon]

    def outline(self, polygon: Polygon, colour: Colour, width: int) -> None:
        corners = self.place(polygon)
        self._draw.line([*corners, corners[0]], fill=colour, width=width)

    def character(self, polygon: Polygon, field: Polygon, symbol: str, confidence: float) -> None:
        """Outline a character; its symbol stands above the field and its confidence, in percent, below."""
        colour = confidence_colour(confidence)
        self.outline(polygon, colour, 2)
        middle = sum(x for x, _ in self.place(polygon)) / len(polygon)
        rows = [y for _, y in self.place(field)]
        sign, share = symbol.translate(_LETTER_OF_MICR_SIGN), f"{100 * confidence:.0f}"
        self._draw.text((middle, min(rows) - 4), sign, colour, self._font, "mb", stroke_width=2, stroke_fill=PAPER)
        self._draw.text((middle, max(rows) + 4), share, colour, self._small, "mt", stroke_width=2, stroke_fill=PAPER)

    def caption(self, x: float, y: float, text: str) -> None:
        self._draw.text((x, y), text.translate(_LETTER_OF_MICR_SIGN), fill=TEXT, font=self._font)


def confidence_colour(confidence: float) -> Colour:
    """From red (0.5 and below) over amber to green (1.0)."""
    share = min(1.0, max(0.0, (confidence - 0.5) / 0.5))
    return (round(200 * (1.0 - share * share)), round(140 * share), 30)


def _draw_field(pen: _Pen, evidence: FieldEvidence, page: Page) -> None:
    lattice = evidence.lattice
    if not evidence.chosen:
        pen.outline(field_polygon(lattice, page), CANDIDATE, 1)
        return
    pen.outline(field_polygon(lattice, page), CHOSEN, 2)
    for x in cut_positions(lattice):
        pen.outline(polygon_of((x, 0.0, x, float(lattice.ink.shape[0])), lattice, page), CUT, 1)
    for character in evidence.paths[0].characters if evidence.paths else ():
        left, top, right, bottom = (float(side) for side in lattice.boxes[character.arc])
        box = polygon_of((left, top, right, bottom), lattice, page)
        pen.character(box, field_polygon(lattice, page), character.symbol, character.confidence)


def cut_positions(lattice: SegmentationLattice) -> tuple[float, ...]:
    """x of each candidate cut in the lattice frame: half-way between neighbouring pieces, and the two ends."""
    if lattice.piece_count == 0:
        return ()
    left, right = lattice.piece_boxes[:, 0], lattice.piece_boxes[:, 2]
    between = ((right[:-1] + left[1:]) / 2.0).tolist()
    return (float(left[0]), *between, float(right[-1]))


def _panel_lines(reading: CheckReading) -> Iterator[str]:
    if (amount := reading.amount) is not None:
        yield _decision("amount", amount.value, amount.decision, amount.confidence, amount.reason)
        if amount.alternatives:
            yield "    or " + ", ".join(f"{other.value} ({other.confidence:.3f})" for other in amount.alternatives)
    if (micr := reading.micr) is not None:
        yield _decision("MICR line", micr.raw or None, micr.decision, micr.confidence, micr.reason)
        yield f"    routing {micr.routing_number or '-'}, account {micr.account_number or '-'}, check {micr.check_number or '-'}"
    if (digit := reading.digit) is not None:
        yield _decision("digit", digit.value, digit.decision, digit.confidence, digit.reason)
        if digit.alternatives:
            yield "    or " + ", ".join(f"{symbol} ({confidence:.3f})" for symbol, confidence in digit.alternatives[:4])
    yield f"candidate fields: {len(reading.evidence)}; blue: chosen, grey: others; thin lines: candidate cuts; T A U D: MICR signs"


def _decision(what: str, value: str | None, decision: str, confidence: float, reason: Reason | None) -> str:
    words = f"{what}: {value or 'nothing'}  {decision.replace('_', ' ')}, confidence {confidence:.3f}"
    return f"{words}. {reason.text}" if reason is not None else words
