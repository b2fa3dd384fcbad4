"""The block of one character: patch, filters, feature maps and scores."""

from __future__ import annotations

import numpy as np
import pytest

from app.drawing import MARGIN_PX, WIDTH_PX
from app.explain_network import (
    DARK,
    FIELD_COLOURS,
    NEGATIVE,
    POSITIVE,
    SCORE,
    maps_row,
    network_block,
    patch_picture,
    shades,
    signed_shades,
    units_row,
    weights_row,
)
from app.explanation import ExplainedCharacter
from app.reader.receptive_fields import LENET5
from tests.app.explained_samples import CLEAR, MICR_ONLY, explained


def character(index: int = 1) -> ExplainedCharacter:
    network = explained(CLEAR, index)["courtesy_amount"].network
    assert network is not None
    return network


def test_shades_run_from_white_to_dark() -> None:
    """Nothing is white, the greatest answer dark, and a silent layer all white."""
    pixels = shades(np.array([[0.0, 1.0, 2.0]], np.float32), 2.0)
    assert pixels[0, 0].tolist() == [255, 255, 255]
    assert pixels[0, 2].tolist() == list(DARK)
    assert pixels[0, 0].sum() > pixels[0, 1].sum() > pixels[0, 2].sum()
    assert (shades(np.zeros((4, 4), np.float32), 0.0) == 255).all()


def test_weights_that_ask_for_ink_are_red() -> None:
    """Positive red, negative blue, none white."""
    pixels = signed_shades(np.array([[1.0, -1.0, 0.0]], np.float32), 1.0)
    assert [tuple(pixel) for pixel in pixels[0].tolist()] == [POSITIVE, NEGATIVE, (255, 255, 255)]


def test_rows_fit_on_the_sheet() -> None:
    """The sixteen maps of C3 and S4, the six of C1 and S2, the filters and the units leave room for the labels."""
    network = character()
    rows = [maps_row(getattr(network.maps, layer.name), layer) for layer in LENET5[:4]]
    rows += [weights_row(network.filters.weights), units_row(network.maps.f6)]
    assert all(row.width <= WIDTH_PX - 2 * MARGIN_PX - 150 for row in rows)


def test_the_strongest_unit_is_the_darkest() -> None:
    """The greatest answer of a layer is drawn in the darkest shade, in its own map."""
    maps = np.zeros((16, 10, 10), np.float32)
    maps[3, 2, 4] = 7.0
    row = np.asarray(maps_row(maps, LENET5[2]))
    places = np.argwhere((row == DARK).all(axis=2))
    side = 60 + 2 + 5
    assert {int(x) // side for _, x in places} == {3}
    assert len(places) == 36


def test_receptive_fields_are_drawn_to_scale() -> None:
    """Four squares on the patch, in the colours of the table, as large as the fields are in pixels of the patch."""
    picture = np.asarray(patch_picture(np.zeros((32, 32), np.float32)))
    for layer in LENET5[:4]:
        rows, columns = np.nonzero((picture == FIELD_COLOURS[layer.name]).all(axis=2))
        for places in (rows, columns):
            assert int(places.max() - places.min()) + 1 == 8 * layer.receptive_field_px


def test_ink_is_black_and_neighbours_are_rose() -> None:
    """Own ink dark, a neighbour's ink rose, paper white."""
    patch = np.zeros((32, 32), np.float32)
    patch[2, 2], patch[2, 29] = 1.0, -0.5
    picture = np.asarray(patch_picture(patch)).astype(int)
    assert picture[20, 20].tolist() == [0, 0, 0]
    red, green, _ = picture[20, 29 * 8 + 4].tolist()
    assert (red, green) == (255, 200)
    assert picture[100, 20].tolist() == [255, 255, 255]


def bar_px(index: int) -> int:
    """How wide the longest bar of the scores is."""
    block = np.asarray(network_block(character(index), "amount", 10))
    return int((block == SCORE).all(axis=2).sum(axis=1).max())


def test_the_block_shows_the_scores() -> None:
    """The bar of a sure answer is nearly as long as there is room."""
    assert bar_px(1) > 200


@pytest.mark.parametrize("index", [0, 5])
def test_a_character_of_a_micr_line_can_be_shown(index: int) -> None:
    """Sixteen classes with their signs."""
    network = explained(CLEAR, index, MICR_ONLY)["micr_line"].network
    assert network is not None
    assert network_block(network, "MICR line", 27).width == WIDTH_PX
