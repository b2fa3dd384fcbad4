"""One field of an explanation picture: its ink, every candidate cut, the winning path and, beneath it, the runner-up.

The strip is the field as the segmenter saw it, upright and with its slant taken out, so that cuts stand and boxes are square. Below
it each path is a row of brackets: a bracket spans the ink that the path takes for one character.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from PIL import Image, ImageDraw

from app.drawing import INNER_PX, MARGIN_PX, QUIET, TEXT, WIDTH_PX, Colour, Place, blank, confidence_colour, write
from app.explanation import ExplainedArc, ExplainedPath, FieldExplanation
from app.reader.types import RGB, FieldEvidence, Matrix, Page, Polygon

CUT: Colour = (40, 160, 215)
STEPPED_OVER: Colour = (150, 150, 150)
SAME: Colour = (150, 157, 168)
OTHER: Colour = (214, 110, 0)

_TALLEST_STRIP_PX = 230
_LARGEST_SCALE = 8.0
_TITLE_PX, _ROW_PX, _CAPTION_PX = 34, 62, 24
_OVER_PX = 28  # room for the word under a bracket


@dataclass(frozen=True, slots=True, eq=False)
class Strip:
    """The field cut out of the uploaded picture; ``from_picture`` maps pixels of that picture to pixels of the strip."""

    image: Image.Image
    from_picture: Matrix

    def place(self, polygon: Polygon) -> list[Place]:
        """A polygon of the uploaded picture on the strip."""
        x, y, w = self.from_picture @ np.array([[x, y, 1.0] for x, y in polygon]).T
        return list(zip((x / w).tolist(), (y / w).tolist(), strict=True))


def cut_strip(picture: RGB, item: FieldEvidence, page: Page) -> Strip:
    """The ink of a field with a little room around it, enlarged; ``picture`` is (H, W, 3) as uploaded."""
    lattice = item.lattice
    height, width = lattice.ink.shape
    room = 0.35 * lattice.digit_height_px
    boxes = lattice.piece_boxes
    left, top = max(0.0, float(boxes[:, 0].min()) - room), max(0.0, float(boxes[:, 1].min()) - room)
    right, bottom = min(float(width), float(boxes[:, 2].max()) + room), min(float(height), float(boxes[:, 3].max()) + room)
    scale = min(INNER_PX / (right - left), _TALLEST_STRIP_PX / (bottom - top), _LARGEST_SCALE)
    size = max(1, round((right - left) * scale)), max(1, round((bottom - top) * scale))
    shift = np.array([[scale, 0.0, -scale * left], [0.0, scale, -scale * top], [0.0, 0.0, 1.0]])
    from_picture = shift @ np.linalg.inv(page.page_to_image @ lattice.lattice_to_page)
    half = np.array([[1.0, 0.0, 0.5], [0.0, 1.0, 0.5], [0.0, 0.0, 1.0]])  # corners lie between pixels, warping counts from pixel centres
    warp = np.linalg.inv(half) @ from_picture @ half
    cut = cv2.warpPerspective(picture, warp, size, flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    return Strip(Image.fromarray(cut), from_picture)


def field_block(title: str, explanation: FieldExplanation, strip: Strip) -> Image.Image:
    """The block of one field."""
    rivals = [path for path in (explanation.winner, explanation.runner_up) if path is not None]
    height = _TITLE_PX + strip.image.height + len(rivals) * (_ROW_PX + _CAPTION_PX) + _CAPTION_PX + MARGIN_PX
    block, draw = blank(height)
    left = (WIDTH_PX - strip.image.width) // 2
    write(draw, (MARGIN_PX, 8), title, 17)
    block.paste(strip_with_cuts(explanation, strip), (left, _TITLE_PX))
    top = _TITLE_PX + strip.image.height
    write(draw, (MARGIN_PX, top + 6), caption_of_cuts(explanation), 13, QUIET)
    top += _CAPTION_PX
    for path in rivals:
        first = path is explanation.winner
        write(draw, (MARGIN_PX, top + 6), caption_of_path("winning path" if first else "runner-up", path), 14, TEXT if first else QUIET)
        draw_path(draw, path, strip, (left, top + _CAPTION_PX), None if first else explanation.winner)
        top += _CAPTION_PX + _ROW_PX
    return block


def strip_with_cuts(explanation: FieldExplanation, strip: Strip) -> Image.Image:
    """The strip with every cut, the characters of the winning path and what it steps over."""
    picture = strip.image.copy()
    draw = ImageDraw.Draw(picture)
    for line in explanation.cuts:
        draw.line(strip.place(line), fill=CUT, width=1)
    for polygon in explanation.winner.stepped_over:
        draw.rectangle(sides(strip.place(polygon)), outline=STEPPED_OVER)
    for arc in explanation.winner.arcs:
        draw.rectangle(sides(strip.place(arc.polygon)), outline=confidence_colour(arc.probability), width=2)
    return picture


def draw_path(draw: ImageDraw.ImageDraw, path: ExplainedPath, strip: Strip, corner: Place, winner: ExplainedPath | None) -> None:
    """A row of brackets, one for each character: coloured by confidence for the winner (``winner`` None), by what differs from
    the winner for the runner-up."""
    for arc in path.arcs:
        colour = confidence_colour(arc.probability) if winner is None else rival_colour(arc, winner)
        width, middle = draw_bracket(draw, arc.polygon, strip, corner, colour)
        write(draw, (middle, corner[1] + 13), arc.symbol, 20 if width > 11 else 15, colour, "ma")
        percent = f"{100 * arc.probability:.0f}%" if width > 34 else f"{100 * arc.probability:.0f}"
        if width > 20:
            write(draw, (middle, corner[1] + 37), percent, 11, colour, "ma")
    free_from = 0.0
    for polygon in path.stepped_over:
        colour = STEPPED_OVER if winner is None or polygon in winner.stepped_over else OTHER
        _, middle = draw_bracket(draw, polygon, strip, corner, colour)
        if middle - _OVER_PX / 2 >= free_from:
            write(draw, (middle, corner[1] + 16), "over", 11, colour, "ma")
            free_from = middle + _OVER_PX / 2


def draw_bracket(draw: ImageDraw.ImageDraw, polygon: Polygon, strip: Strip, corner: Place, colour: Colour) -> tuple[float, float]:
    """A bracket below a box; how wide the box is, and the x of its middle."""
    left, _, right, _ = sides(strip.place(polygon))
    begin, end, y = corner[0] + left + 1, max(corner[0] + right - 1, corner[0] + left + 2), corner[1] + 4
    draw.line([(begin, y), (begin, y + 5), (end, y + 5), (end, y)], fill=colour, width=2)
    return right - left, (begin + end) / 2.0


def rival_colour(arc: ExplainedArc, winner: ExplainedPath) -> Colour:
    """Quiet where the winner says the same of the same ink."""
    said = {(other.source, other.target): other.symbol for other in winner.arcs}
    return SAME if said.get((arc.source, arc.target)) == arc.symbol else OTHER


def sides(places: list[Place]) -> tuple[float, float, float, float]:
    """Left, top, right, bottom of points."""
    x, y = zip(*places, strict=True)
    return min(x), min(y), max(x), max(y)


def caption_of_cuts(explanation: FieldExplanation) -> str:
    """What the lines over the ink are."""
    count = len(explanation.winner.stepped_over)
    over = f"; grey: {count} piece{'s' if count > 1 else ''} of ink stepped over" if count else ""
    return f"blue lines: {len(explanation.cuts)} candidate cuts; boxes: characters of the winning path, green = sure, red = doubtful{over}"


def caption_of_path(name: str, path: ExplainedPath) -> str:
    """Text and figures of a path."""
    return f"{name}:  {path.text}   posterior {path.posterior:.4f}, score {path.log_score:.1f}, {len(path.arcs)} characters"
