"""The view Why: lines and receptive fields where the JSON says, by mouse and by keyboard."""

from __future__ import annotations

import base64
import io
from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image

from tests.app.web.opened_page import PATIENCE_MS, SAMPLES, TOLERANCE_PX, WIDTHS, Opened, Service, opened, served, violations

SAMPLE = "us_business_1.png"
Points = npt.NDArray[np.float64]  # (N, 2), x before y


@pytest.fixture(scope="module")
def service() -> Iterator[Service]:
    """One service and one browser for all tests of this file."""
    with served() as both:
        yield both


def points_on_screen(page: Any, selector: str) -> list[Points]:
    """The points of every line or polygon that the selector finds, in CSS pixels from the upper left corner of the strip."""
    found = page.eval_on_selector_all(
        selector,
        """lines => lines.map(line => {
        const m = line.getScreenCTM(), o = document.querySelector('.lattice-ink canvas').getBoundingClientRect();
        return [...line.points].map(p => [m.a * p.x + m.c * p.y + m.e - o.x, m.b * p.x + m.d * p.y + m.f - o.y]); })""",
    )
    return [np.array(line, np.float64) for line in found]


def placing(points: Points, places: Points) -> tuple[float, Points]:
    """Scale and shift (2,) that lay picture points on the screen, by least squares: upright, one scale for both axes."""
    middle, centre = points.mean(axis=0), places.mean(axis=0)
    scale = float(((points - middle) * (places - centre)).sum() / ((points - middle) ** 2).sum())
    return scale, centre - scale * middle


@pytest.mark.parametrize("width", WIDTHS)
def test_cuts_and_boxes_lie_where_the_json_says(service: Service, width: int) -> None:
    """Every cut and every box of the winning path within 2 px, and the picture beneath them in the same place."""
    with opened(service, width) as view:
        view.why(SAMPLE)
        explanation = view.reading()["amount"]["explanation"]
        drawn = points_on_screen(view.page, ".cut") + points_on_screen(view.page, ".character")
        expected = [np.array(line) for line in (*explanation["cuts"], *(arc["box"] for arc in explanation["winner"]["arcs"]))]
        assert [len(line) for line in drawn] == [len(line) for line in expected]
        scale, shift = placing(np.concatenate(expected), np.concatenate(drawn))
        assert scale > 0.5
        away = max(float(np.abs(places - (scale * line + shift)).max()) for places, line in zip(drawn, expected, strict=True))
        assert away <= TOLERANCE_PX
        assert abs(shift_of_picture(view, scale, shift)) <= TOLERANCE_PX


def shift_of_picture(view: Opened, scale: float, shift: Points) -> float:
    """How many CSS pixels the canvas must be moved sidewards or downwards to fit the sample best, the larger of both."""
    data = view.page.evaluate("() => document.querySelector('.lattice-ink canvas').toDataURL()")
    canvas = Image.open(io.BytesIO(base64.b64decode(data.split(",", 1)[1])))
    box = view.box(".lattice-ink canvas")
    size = round(box["width"]), round(box["height"])
    shown = np.asarray(canvas.convert("L").resize(size), np.float64)
    sample = Image.open(SAMPLES / SAMPLE).convert("L")
    inverse = (1 / scale, 0.0, -shift[0] / scale, 0.0, 1 / scale, -shift[1] / scale)
    expected = np.asarray(sample.transform(size, Image.Transform.AFFINE, inverse, Image.Resampling.BILINEAR), np.float64)
    inner = (slice(8, -8), slice(8, -8))
    moves = [(x, y) for x in range(-6, 7) for y in range(-6, 7)]
    errors = [float(np.abs(np.roll(shown, (y, x), (0, 1))[inner] - expected[inner]).mean()) for x, y in moves]
    x, y = moves[int(np.argmin(errors))]
    return max(x, y, key=abs)


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize(("name", "map_number", "row", "column"), [("c1", 2, 27, 3), ("s2", 5, 6, 13), ("c3", 7, 9, 0), ("s4", 0, 2, 4)])
def test_receptive_fields_are_drawn_to_scale(service: Service, width: int, name: str, map_number: int, row: int, column: int) -> None:
    """The square on the patch is the one that `layers` gives, within 2 px; the words give the value of the JSON."""
    with opened(service, width) as view:
        view.why(SAMPLE)
        network = view.reading()["amount"]["explanation"]["network"]
        layer = next(layer for layer in network["layers"] if layer["name"] == name)
        side = layer["side"]
        unit = f".maps.{name} .map:nth-child({map_number + 1})"
        view.page.locator(unit).scroll_into_view_if_needed()
        size = view.box(unit)["width"] / side
        view.page.locator(unit).hover(position={"x": (column + 0.5) * size, "y": (row + 0.5) * size}, force=True)
        patch, field = view.box(".map.patch canvas"), view.box(".map.patch .field")
        pixel = patch["width"] / 32
        expected = [column * layer["jump_px"] * pixel, row * layer["jump_px"] * pixel, layer["receptive_field_px"] * pixel]
        drawn = [field["x"] - patch["x"], field["y"] - patch["y"], field["width"]]
        assert np.abs(np.array(drawn) - expected).max() <= TOLERANCE_PX
        maps = network[name]
        value = maps["least"] + maps["levels"][map_number][row][column] / 255 * (maps["greatest"] - maps["least"])
        words = view.page.inner_text(".unit-said")
        assert words.startswith(f"{name.upper()}, map {map_number + 1}, row {row}, column {column}: {value:.3f}")


def test_the_sum_of_a_unit_is_the_sum_of_the_json(service: Service) -> None:
    """Window × filter + bias as written out equals the network's own answer, for the strongest unit of C1."""
    with opened(service) as view:
        view.why(SAMPLE)
        network = view.reading()["amount"]["explanation"]["network"]
        maps, patch = network["c1"], network["patch"]
        map_number, row, column = np.unravel_index(int(np.argmax(maps["levels"])), (6, 28, 28))
        ink = patch["least"] + np.array(patch["levels"][0]) / 255 * (patch["greatest"] - patch["least"])
        products = float((ink[row : row + 5, column : column + 5] * np.array(network["filters"]["weights"][map_number])).sum())
        total = products + network["filters"]["biases"][map_number]
        assert total == pytest.approx(maps["greatest"], abs=0.05)
        assert f"25 products add up to {products:.2f}" in view.page.inner_text(".unit-sum")
        assert f"together {total:.2f}" in view.page.inner_text(".unit-sum")


def test_keyboard_alone_chooses_a_character_and_a_unit(service: Service) -> None:
    """Arrow keys among the characters ask the service again; arrow keys in a layer move the unit, Page Down the map."""
    with opened(service) as view:
        view.why(SAMPLE)
        view.page.locator(".characters [aria-checked=true]").focus()
        with view.page.expect_response(lambda answer: "character=1" in answer.url):
            view.page.keyboard.press("ArrowRight")
        view.page.wait_for_function("document.activeElement.getAttribute('aria-label')?.startsWith('Character 2: 2')", timeout=PATIENCE_MS)
        view.page.wait_for_function("document.querySelector('.layers h3').textContent.includes('2')", timeout=PATIENCE_MS)
        for _ in range(12):
            view.page.keyboard.press("Tab")
            if view.page.evaluate("document.activeElement.dataset.layer") == "s2":
                break
        before = view.page.inner_text(".unit-said")
        assert before.startswith("S2, map")
        view.page.keyboard.press("ArrowRight")
        moved = view.page.inner_text(".unit-said")
        view.page.keyboard.press("PageDown")
        assert len({before, moved, view.page.inner_text(".unit-said")}) == 3


def test_every_layer_is_explained(service: Service) -> None:
    """Patch, filters, the six layers and the scores: each a heading with a paragraph, and a picture per map."""
    with opened(service) as view:
        view.why(SAMPLE)
        assert len(view.page.locator(".layer h3").all_inner_texts()) == 9
        assert all(len(text) > 80 for text in view.page.locator(".layer h3 + p").all_inner_texts())
        maps = {layer["name"]: layer["maps"] for layer in view.reading()["amount"]["explanation"]["network"]["layers"]}
        drawn = {name: view.page.locator(f".maps.{name} canvas").count() for name in maps}
        assert drawn == {**maps, "c5": 1, "f6": 1}


def test_runner_up_is_shown_on_demand(service: Service) -> None:
    """Its arcs appear with the button, those that differ are marked, and the words name both posteriors."""
    with opened(service) as view:
        view.why(SAMPLE)
        explanation = view.reading()["amount"]["explanation"]
        assert view.page.locator(".arc.rival").count() == 0
        view.page.click(".runner-up")
        assert view.page.locator(".arc.rival").count() == len(explanation["runner_up"]["arcs"])
        winner = {(arc["source"], arc["target"], arc["symbol"]) for arc in explanation["winner"]["arcs"]}
        other = [arc for arc in explanation["runner_up"]["arcs"] if (arc["source"], arc["target"], arc["symbol"]) not in winner]
        assert view.page.locator(".arc.other").count() == len(other) > 0
        words = view.page.inner_text(".why-field")
        assert f"“{explanation['winner']['text']}”" in words
        assert f"“{explanation['runner_up']['text']}”" in words
        assert f"{100 * explanation['winner']['posterior']:.1f} %" in words


def test_the_micr_line_has_its_own_lattice(service: Service) -> None:
    """The button asks for the MICR line alone, so that characters count in it."""
    with opened(service) as view:
        view.why(SAMPLE)
        with view.page.expect_response(lambda answer: "fields=micr_line" in answer.url):
            view.page.click("text=MICR line")
        view.page.wait_for_function("document.querySelectorAll('.characters button').length > 20", timeout=PATIENCE_MS)
        explanation = view.reading()["micr"]["explanation"]
        assert view.page.locator(".cut").count() == len(explanation["cuts"])
        assert explanation["network"]["symbol"] == explanation["winner"]["arcs"][0]["symbol"]


def test_a_service_that_is_down_is_said_in_a_sentence(service: Service) -> None:
    """The lattice of another character cannot be had: a sentence, and what was there stays."""
    with opened(service) as view:
        view.why(SAMPLE)
        view.page.route("**/v1/**", lambda route: route.abort())
        view.page.click(".characters button:nth-child(3)")
        view.page.wait_for_function(
            "(text => text.length > 20 && !text.includes('Asking'))(document.querySelector('.why-status').textContent)"
        )
        assert view.page.locator(".cut").count() > 0


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_why_has_no_violations_no_complaints_and_no_other_host(service: Service, theme: str, width: int) -> None:
    """axe-core, the console and the list of requests, with the runner-up shown."""
    with opened(service, width, theme) as view:
        view.why(SAMPLE)
        view.page.click(".runner-up")
        assert violations(view.page) == []
        assert view.page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "the page scrolls sidewards"
        view.assert_clean()
