"""Layout files, and boxes that a caller gives."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from app.errors import InvalidParameter
from app.reader.fields import given_box, locate
from app.reader.layouts import load_layout, load_layouts, named_layout
from app.reader.types import AmountPlace, Page, ReadOptions

GOOD = "[amount]\nright = 0.5\nbottom = 1\nwidth = 1.5\nheight = 0.4\n"


def page(width: int = 1200, height: int = 550, scale: float = 1.0) -> Page:
    """Blank paper of 200 dots per inch; ``scale`` is pixels of the picture per page pixel."""
    blank = np.zeros((height, width), bool)
    to_image = np.diag([scale, scale, 1.0])
    return Page(np.full((height, width), 235, np.uint8), np.zeros((height, width), np.float32), blank, to_image, 200.0, "file", 0.0, 0)


def test_the_layouts_of_the_repository_are_read(repository: Path) -> None:
    """Every one, and its box lies on a check of the size that it is for."""
    files = sorted((repository / "layouts").glob("*.toml"))
    assert files
    for file in files:
        place = load_layout(file)
        assert place.right_in + place.width_in < 6.0
        assert place.bottom_in + place.height_in < 3.67


def test_a_place_is_inches_from_the_lower_right_corner(tmp_path: Path) -> None:
    """At 200 dpi, on the page."""
    file = tmp_path / "layout.toml"
    file.write_text(GOOD, encoding="utf-8")
    place = load_layout(file)
    assert place == AmountPlace(0.5, 1.0, 1.5, 0.4)
    assert given_box(page(), ReadOptions(amount_place=place)) == (800, 270, 1100, 350)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("right = ", "is no TOML file"),
        ("name = 'x'", "has no table [amount]"),
        (GOOD.replace("height", "hight"), "unknown entry: amount.hight"),
        (GOOD.replace("0.4", "'0.4'"), "amount.height must be inches from 0 to 12; given: '0.4'"),
        (GOOD.replace("0.4", "nan"), "amount.height must be inches"),
        (GOOD.replace("0.4", "0"), "must be at least 0.05 in"),
        (GOOD.replace("height = 0.4", ""), "given: nothing"),
    ],
)
def test_what_is_wrong_with_a_layout_is_said(text: str, says: str, tmp_path: Path) -> None:
    """With the file and the entry."""
    file = tmp_path / "layout.toml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(InvalidParameter) as raised:
        load_layout(file)
    assert says in str(raised.value.detail)
    assert str(file) in str(raised.value.detail)


def test_a_missing_layout_is_said(tmp_path: Path) -> None:
    """With the reason."""
    with pytest.raises(InvalidParameter, match="cannot be read"):
        load_layout(tmp_path / "none.toml")


def test_a_box_is_given_in_pixels_of_the_picture() -> None:
    """It is the only candidate, goes before a layout, and is cut at the edge of the page."""
    options = ReadOptions(fields=("courtesy_amount",), amount_box=(1600.0, 400.0, 2600.0, 500.0), amount_place=AmountPlace(1, 1, 1, 1))
    ((field,),) = locate(page(scale=2.0), options)
    assert field.box == (800, 200, 1200, 250)


@pytest.mark.parametrize("box", [(10.0, 10.0, 12.0, 30.0), (30.0, 10.0, 10.0, 30.0), (0.0, 0.0, float("nan"), 9.0)])
def test_a_box_of_no_size_is_refused(box: tuple[float, float, float, float]) -> None:
    """Before anything is read."""
    with pytest.raises(InvalidParameter, match="amount_box"):
        ReadOptions(amount_box=box)


def test_a_box_outside_the_picture_is_refused() -> None:
    """It says so rather than read an empty field."""
    with pytest.raises(InvalidParameter, match="outside the check"):
        next(locate(page(), ReadOptions(amount_box=(5000.0, 10.0, 5100.0, 50.0))))


def test_a_folder_of_layouts_is_known_by_the_names_of_its_files(tmp_path: Path) -> None:
    """Every file with the ending of a layout, and nothing else."""
    for name in ("b_stock", "a-1"):
        (tmp_path / f"{name}.toml").write_text(GOOD, encoding="utf-8")
    (tmp_path / "README.md").write_text("no layout", encoding="utf-8")
    layouts = load_layouts(tmp_path)
    assert list(layouts) == ["a-1", "b_stock"]
    assert named_layout(layouts, "b_stock") == AmountPlace(0.5, 1.0, 1.5, 0.4)
    with pytest.raises(InvalidParameter, match="layout must be one of a-1, b_stock; given: c"):
        named_layout(layouts, "c")
    with pytest.raises(InvalidParameter, match="set CHECKREADER_LAYOUTS"):
        named_layout({}, "c")


def test_what_is_wrong_with_a_folder_of_layouts_is_said(tmp_path: Path) -> None:
    """No folder, no layout in it, a name that no request could hold, one wrong layout."""
    with pytest.raises(InvalidParameter, match="cannot be read"):
        load_layouts(tmp_path / "none")
    with pytest.raises(InvalidParameter, match=r"holds no file \*.toml"):
        load_layouts(tmp_path)
    (tmp_path / "a b.toml").write_text(GOOD, encoding="utf-8")
    with pytest.raises(InvalidParameter, match=r"given: a b\.toml"):
        load_layouts(tmp_path)
    (tmp_path / "a b.toml").rename(tmp_path / "a.toml")
    (tmp_path / "z.toml").write_text("right = ", encoding="utf-8")
    with pytest.raises(InvalidParameter, match=r"z\.toml is no TOML file"):
        load_layouts(tmp_path)
