"""The picture of an explanation: where was looked, where it was cut, which path won, what the network saw, what was decided.

Blocks from top to bottom: the picture as uploaded with all candidate fields (grey; the chosen ones blue) and the decisions; for each
field that was read its cuts and paths (``app.explain_field``); for one character what LeNet-5 saw (``app.explain_network``).
"""

from __future__ import annotations

from collections.abc import Iterator

from PIL import Image

from app.drawing import INNER_PX, MARGIN_PX, QUIET, WIDTH_PX, Colour, blank, closed, stacked, wrapped, write
from app.explain_field import cut_strip, field_block
from app.explain_network import network_block
from app.explanation import NAME_OF_FIELD, Explanations
from app.reader.interpretation import field_polygon
from app.reader.types import CheckReading, DecodedImage, Reason

CANDIDATE: Colour = (150, 150, 150)
CHOSEN: Colour = (25, 90, 200)

_TALLEST_PX = 620  # of the uploaded picture
_LARGEST_SCALE = 4.0
_LINE_PX = 22


def explain(image: DecodedImage, reading: CheckReading, explanations: Explanations) -> Image.Image:
    """An RGB picture that explains ``reading``; ``image`` is the page that it was read from."""
    blocks = [overview(image, reading)]
    page = reading.page
    for item in reading.evidence:
        explanation = explanations.get(item.lattice.field.kind) if item.chosen else None
        if explanation is None or page is None:
            continue
        name = NAME_OF_FIELD[explanation.kind]
        blocks.append(field_block(name[:1].upper() + name[1:], explanation, cut_strip(image.rgb, item, page)))
        if explanation.network is not None:
            blocks.append(network_block(explanation.network, name, len(explanation.winner.arcs)))
        elif explanation.network_missing:
            blocks.append(note(f"Nothing to see of the network: {explanation.network_missing}."))
    return stacked(blocks)


def overview(image: DecodedImage, reading: CheckReading) -> Image.Image:
    """The picture with the candidate fields, and the decisions below."""
    lines = [part for line in decisions(reading) for part in wrapped(line, 15, INNER_PX)]
    scale = min(INNER_PX / image.width_px, _TALLEST_PX / image.height_px, _LARGEST_SCALE)
    size = max(1, round(image.width_px * scale)), max(1, round(image.height_px * scale))
    left, top = (WIDTH_PX - size[0]) // 2, MARGIN_PX
    block, draw = blank(top + size[1] + 14 + _LINE_PX * (len(lines) + 1) + MARGIN_PX // 2)
    block.paste(Image.fromarray(image.rgb).resize(size, Image.Resampling.LANCZOS), (left, top))
    page = reading.page
    for item in sorted(reading.evidence, key=lambda item: item.chosen):
        if page is not None:
            corners = [(left + x * scale, top + y * scale) for x, y in field_polygon(item.lattice, page)]
            closed(draw, corners, CHOSEN if item.chosen else CANDIDATE, 2 if item.chosen else 1)
    for row, line in enumerate(lines):
        write(draw, (MARGIN_PX, top + size[1] + 14 + row * _LINE_PX), line)
    signs = "; T A U D stand for the signs of a MICR line" if reading.micr is not None else ""
    legend = f"candidate fields: {len(reading.evidence)}; blue: read, grey: passed over{signs}"
    write(draw, (MARGIN_PX, top + size[1] + 16 + len(lines) * _LINE_PX), legend, 13, QUIET)
    return block


def note(text: str) -> Image.Image:
    """A block of one sentence."""
    lines = wrapped(text, 15, INNER_PX)
    block, draw = blank(2 * MARGIN_PX + _LINE_PX * len(lines))
    for row, line in enumerate(lines):
        write(draw, (MARGIN_PX, MARGIN_PX + row * _LINE_PX), line)
    return block


def decisions(reading: CheckReading) -> Iterator[str]:
    """One sentence for each field that was asked for, and its alternatives."""
    if (amount := reading.amount) is not None:
        yield _decision("amount", amount.value, amount.decision, amount.confidence, amount.reason)
        if amount.alternatives:
            yield "or " + ", ".join(f"{other.value} ({other.confidence:.3f})" for other in amount.alternatives)
    if (micr := reading.micr) is not None:
        yield _decision("MICR line", micr.raw or None, micr.decision, micr.confidence, micr.reason)
        yield f"routing {micr.routing_number or '-'}, account {micr.account_number or '-'}, check {micr.check_number or '-'}"
    if (digit := reading.digit) is not None:
        yield _decision("digit", digit.value, digit.decision, digit.confidence, digit.reason)
        if digit.alternatives:
            yield "or " + ", ".join(f"{symbol} ({confidence:.3f})" for symbol, confidence in digit.alternatives[:4])


def _decision(what: str, value: str | None, decision: str, confidence: float, reason: Reason | None) -> str:
    words = f"{what}: {value or 'nothing'}  {decision.replace('_', ' ')}, confidence {confidence:.3f}"
    return f"{words}. {reason.text}" if reason is not None else words
