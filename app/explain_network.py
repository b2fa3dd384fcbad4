"""LeNet-5 at work on one character: the patch with receptive fields to scale, the filters of C1, the feature maps, the scores."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw

from app.drawing import MARGIN_PX, QUIET, RULE, WIDTH_PX, Colour, Place, blank, write
from app.explanation import ExplainedCharacter
from app.reader.receptive_fields import LENET5, Layer

Map = npt.NDArray[np.float32]  # (H, W)

DARK: Colour = (18, 44, 94)  # greatest answer of a layer; white = none
POSITIVE: Colour = (186, 40, 40)  # a weight that asks for ink
NEGATIVE: Colour = (38, 88, 190)  # a weight that asks for paper
SCORE: Colour = (52, 110, 190)
FIELD_COLOURS: dict[str, Colour] = {"c1": (214, 39, 40), "s2": (255, 127, 14), "c3": (44, 160, 44), "s4": (148, 60, 190)}

_TITLE_PX = 40
_PATCH_UNIT_PX = 8
_LABEL_PX = 150  # column of labels at the left of the rows of maps
_FIRST_MAP_PX, _LATER_MAP_PX = 84, 60
_GAP_PX = 5
_SCORES_PX = 400
_WORD_OF_SIGN = {",": "comma  ,", ".": "point  .", "-": "dash  -", "*": "star  *"}


def network_block(network: ExplainedCharacter, field: str, count: int) -> Image.Image:
    """The block of one character; ``field`` names its field, ``count`` is how many characters that has."""
    patch_px = 32 * _PATCH_UNIT_PX
    rows = (
        ("filters of C1", "red asks for ink,\nblue for paper", weights_row(network.filters.weights)),
        *(
            (heading(layer), scale_of(getattr(network.maps, layer.name)), maps_row(getattr(network.maps, layer.name), layer))
            for layer in LENET5[:4]
        ),
        ("F6: 84 units", scale_of(network.maps.f6), units_row(network.maps.f6)),
    )
    block, draw = blank(_TITLE_PX + patch_px + MARGIN_PX + sum(row.height + 14 for _, _, row in rows) + MARGIN_PX)
    title = f"What LeNet-5 saw of character {network.index} of the {field} (0 to {count - 1}), read as  {network.symbol}"
    write(draw, (MARGIN_PX, 10), title, 17)
    block.paste(patch_picture(network.maps.patch), (MARGIN_PX, _TITLE_PX))
    draw_layers(draw, (MARGIN_PX + patch_px + 24, _TITLE_PX))
    draw_scores(draw, network, (WIDTH_PX - MARGIN_PX - _SCORES_PX, _TITLE_PX), patch_px)
    top = _TITLE_PX + patch_px + MARGIN_PX
    for name, note, row in rows:
        write(draw, (MARGIN_PX, top), name, 14)
        for k, line in enumerate(note.split("\n")):
            write(draw, (MARGIN_PX, top + 18 + 15 * k), line, 12, QUIET)
        block.paste(row, (MARGIN_PX + _LABEL_PX, top))
        top += row.height + 14
    return block


def heading(layer: Layer) -> str:
    """What a row of maps is."""
    return f"{layer.name.upper()}: {layer.maps} of {layer.side} x {layer.side}"


def scale_of(values: npt.NDArray[np.float32]) -> str:
    """What the darkest shade of a row stands for."""
    return f"white {min(0.0, float(values.min())):.3g},\ndarkest {float(values.max()):.3g}"


def shades(values: Map, greatest: float, least: float = 0.0) -> npt.NDArray[np.uint8]:
    """(H, W, 3): white at ``least`` and below, dark at ``greatest``."""
    share = np.clip((values - least) / max(greatest - least, 1e-9), 0.0, 1.0)[..., None]
    return np.asarray(np.rint(255.0 + share * (np.array(DARK) - 255.0)), np.uint8)


def signed_shades(values: Map, greatest: float) -> npt.NDArray[np.uint8]:
    """(H, W, 3): white at 0, red above, blue below."""
    share = np.clip(np.abs(values) / max(greatest, 1e-9), 0.0, 1.0)[..., None]
    colour = np.where(values[..., None] > 0, np.array(POSITIVE), np.array(NEGATIVE))
    return np.asarray(np.rint(255.0 + share * (colour - 255.0)), np.uint8)


def enlarged(pixels: npt.NDArray[np.uint8], side_px: int) -> Image.Image:
    """A small square picture, every pixel a square."""
    return Image.fromarray(pixels).resize((side_px, side_px), Image.Resampling.NEAREST)


def row_of(pictures: list[Image.Image]) -> Image.Image:
    """Framed pictures side by side."""
    side = pictures[0].height
    row, draw = blank(side + 2, len(pictures) * (side + 2 + _GAP_PX) - _GAP_PX)
    for k, picture in enumerate(pictures):
        left = k * (side + 2 + _GAP_PX)
        draw.rectangle((left, 0, left + side + 1, side + 1), outline=RULE)
        row.paste(picture, (left + 1, 1))
    return row


def weights_row(weights: npt.NDArray[np.float32]) -> Image.Image:
    """The filters (6, 5, 5), each above its map."""
    greatest = float(np.abs(weights).max())
    return row_of([enlarged(signed_shades(weight, greatest), _FIRST_MAP_PX) for weight in weights])


def maps_row(maps: npt.NDArray[np.float32], layer: Layer) -> Image.Image:
    """The maps (M, H, W) of a layer, all on one scale."""
    side = _FIRST_MAP_PX if layer.maps == 6 else _LATER_MAP_PX
    return row_of([enlarged(shades(one, float(maps.max()), min(0.0, float(maps.min()))), side) for one in maps])


def units_row(units: npt.NDArray[np.float32]) -> Image.Image:
    """Units (84,) as two rows of 42 cells."""
    cells = shades(units.reshape(2, -1), float(units.max()), min(0.0, float(units.min())))
    row, draw = blank(2 * 24 + 1, 42 * 24 + 1)
    for y, x in np.ndindex(cells.shape[:2]):
        draw.rectangle((x * 24, y * 24, x * 24 + 24, y * 24 + 24), tuple(cells[y, x].tolist()), RULE)
    return row


def patch_picture(patch: Map) -> Image.Image:
    """The patch with, for one unit in the middle of C1, S2, C3 and S4, the pixels that it sees."""
    ink = np.where(patch >= 0.0, 255.0 * (1.0 - patch), 255.0)[..., None]
    around = np.clip(-patch, 0.0, 1.0)[..., None] * np.array([0.0, 110.0, 150.0])  # neighbouring ink: rose
    picture = enlarged(np.asarray(np.rint(np.clip(ink - around, 0.0, 255.0)), np.uint8), 32 * _PATCH_UNIT_PX)
    draw = ImageDraw.Draw(picture)
    draw.rectangle((0, 0, picture.width - 1, picture.height - 1), outline=RULE)
    for layer in reversed(LENET5[:4]):  # the smaller ones on top: some sides coincide
        unit = (layer.side - 1) // 2
        left, top, right, bottom = (side * _PATCH_UNIT_PX for side in layer.field_of(unit, unit))
        draw.rectangle((left, top, right - 1, bottom - 1), outline=FIELD_COLOURS[layer.name], width=2)
    return picture


def draw_layers(draw: ImageDraw.ImageDraw, corner: Place) -> None:
    """The geometry of the layers, and which square on the patch is whose."""
    left, top = corner
    write(draw, (left, top), "32 x 32 pixels: black is its own ink, rose that of its neighbours.", 13)
    write(draw, (left, top + 20), "Squares: what one unit in the middle of a map sees.", 13)
    columns = (26, 90, 150, 210, 285, 370)
    for x, word in zip(columns, ("layer", "kernel", "stride", "padding", "a unit sees", "units lie"), strict=True):
        write(draw, (left + x, top + 54), word, 12, QUIET)
    for k, layer in enumerate(LENET5):
        y = top + 76 + 24 * k
        if layer.name in FIELD_COLOURS:
            draw.rectangle((left, y + 1, left + 14, y + 15), outline=FIELD_COLOURS[layer.name], width=2)
        seen, apart = f"{layer.receptive_field_px} x {layer.receptive_field_px} px", f"{layer.jump_px} px apart" if layer.side > 1 else "-"
        kernel, stride = (
            ("all", "-") if layer.kind == "fully_connected" else (f"{layer.kernel_px} x {layer.kernel_px}", str(layer.stride_px))
        )
        words = (layer.name.upper(), kernel, stride, str(layer.padding_px), seen, apart)
        for x, word in zip(columns, words, strict=True):
            write(draw, (left + x, y), word, 13)


def draw_scores(draw: ImageDraw.ImageDraw, network: ExplainedCharacter, corner: Place, height_px: int) -> None:
    """P(class) of every class as a bar, in the order of the alphabet."""
    left, top = corner
    shares = np.exp(network.maps.log_probs.astype(np.float64))
    step = height_px / len(shares)
    for k, (symbol, share) in enumerate(zip(network.symbols, shares.tolist(), strict=True)):
        y = top + k * step
        length = share * (_SCORES_PX - 140)
        write(draw, (left + 62, y + step / 2), _WORD_OF_SIGN.get(symbol, symbol), 12, anchor="rm")
        draw.rectangle((left + 70, y + 2, left + 70 + max(length, 1.0), y + step - 3), SCORE)
        if share >= 0.0005:
            write(draw, (left + 78 + length, y + step / 2), f"{100 * share:.1f}%", 12, anchor="lm")
