"""Paper, colours and letters of the explanation pictures. A picture is a stack of blocks of one width."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache

from PIL import Image, ImageDraw, ImageFont

Colour = tuple[int, int, int]
Place = tuple[float, float]

PAPER: Colour = (255, 255, 255)
TEXT: Colour = (28, 32, 38)
QUIET: Colour = (110, 118, 128)
RULE: Colour = (215, 219, 225)

WIDTH_PX = 1280
MARGIN_PX = 24
INNER_PX = WIDTH_PX - 2 * MARGIN_PX

# The font of Pillow has no MICR signs; these are the letters that E-13B printers' manuals give them.
_LETTER_OF_MICR_SIGN = str.maketrans({"⑆": "T", "⑇": "A", "⑈": "U", "⑉": "D"})


@cache
def font(size_px: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    """The font that comes with Pillow."""
    return ImageFont.load_default(size_px)


def write(draw: ImageDraw.ImageDraw, place: Place, text: str, size_px: int = 15, colour: Colour = TEXT, anchor: str = "la") -> None:
    """Text at a place; ``anchor`` as Pillow has it. MICR signs are written as letters."""
    draw.text(place, printable(text), colour, font(size_px), anchor)


def printable(text: str) -> str:
    """The text in letters that the font has."""
    return text.translate(_LETTER_OF_MICR_SIGN)


def text_width_px(text: str, size_px: int) -> float:
    """How wide a text is."""
    return float(font(size_px).getlength(printable(text)))


def wrapped(text: str, size_px: int, width_px: float) -> list[str]:
    """The text in lines that are no wider than ``width_px``, broken between words."""
    lines = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".strip()
        if lines[-1] and text_width_px(longer, size_px) > width_px:
            lines.append(word)
        else:
            lines[-1] = longer
    return lines


def blank(height_px: float, width_px: int = WIDTH_PX) -> tuple[Image.Image, ImageDraw.ImageDraw]:
    """An empty block and the pen that draws on it."""
    block = Image.new("RGB", (width_px, max(1, round(height_px))), PAPER)
    return block, ImageDraw.Draw(block)


def stacked(blocks: Sequence[Image.Image]) -> Image.Image:
    """Blocks one below the other, parted by thin rules."""
    sheet, draw = blank(sum(block.height for block in blocks))
    top = 0
    for block in blocks:
        sheet.paste(block, (0, top))
        if top:
            draw.line([(MARGIN_PX, top), (WIDTH_PX - MARGIN_PX, top)], fill=RULE)
        top += block.height
    return sheet


def closed(draw: ImageDraw.ImageDraw, corners: Iterable[Place], colour: Colour, width_px: int) -> None:
    """The outline of a polygon."""
    places = list(corners)
    draw.line([*places, places[0]], fill=colour, width=width_px, joint="curve")


def confidence_colour(confidence: float) -> Colour:
    """From red (0.5 and below) over amber to green (1.0)."""
    share = min(1.0, max(0.0, (confidence - 0.5) / 0.5))
    return (round(200 * (1.0 - share * share)), round(140 * share), 30)
