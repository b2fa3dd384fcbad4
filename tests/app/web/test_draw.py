"""The view Draw: strokes of a real pointer, read by the committed models."""

from __future__ import annotations

import io
from collections.abc import Iterator

import numpy as np
import pytest
from PIL import Image

from tests.app.web.opened_page import PATIENCE_MS, Opened, Service, opened, served, violations

Stroke = tuple[tuple[float, float], ...]  # (x, y) in shares of a character's width and height

STROKES: dict[str, tuple[Stroke, ...]] = {
    "0": (((0.5, 0), (0.15, 0.15), (0, 0.5), (0.15, 0.85), (0.5, 1), (0.85, 0.85), (1, 0.5), (0.85, 0.15), (0.5, 0)),),
    "1": (((0.5, 0), (0.5, 1)),),
    "2": (((0.05, 0.2), (0.2, 0.03), (0.5, 0), (0.8, 0.05), (0.95, 0.25), (0.85, 0.45), (0.5, 0.7), (0.05, 1), (1, 1)),),
    "5": (((0.9, 0), (0.2, 0), (0.12, 0.45), (0.5, 0.38), (0.85, 0.5), (0.95, 0.7), (0.8, 0.92), (0.45, 1), (0.05, 0.9)),),
    "7": (((0, 0), (1, 0), (0.4, 1)),),
    ".": (((0.5, 0.97), (0.55, 1.0)),),
}


@pytest.fixture(scope="module")
def service() -> Iterator[Service]:
    """One service and one browser for all tests of this file."""
    with served() as both:
        yield both


def write(view: Opened, text: str) -> None:
    """Write a text on the sheet with the mouse, between the guide lines."""
    box = view.box(".sheet")
    height, top, x = box["height"] * 0.42, box["y"] + box["height"] * 0.3, box["x"] + box["width"] * 0.06
    mouse = view.page.mouse
    for symbol in text:
        width = height * (0.12 if symbol in ".1" else 0.6)
        for stroke in STROKES[symbol]:
            (first, *others) = [(x + a * width, top + b * height) for a, b in stroke]
            mouse.move(*first)
            mouse.down()
            for place in others:
                mouse.move(*place, steps=3)
            mouse.up()
        x += width + height * 0.28


def shown_value(view: Opened) -> str:
    """What the view says was read, once it says so."""
    view.page.wait_for_selector("#draw .drawn-value", timeout=PATIENCE_MS)
    return view.page.inner_text("#draw .drawn-value strong")


def test_drawn_amounts_are_read(service: Service) -> None:
    """Strokes of the mouse, on a wide page and on a phone's, come back as the figures that they are."""
    for width in (1280, 390):
        for text in ("12.50", "275.10"):
            with opened(service, width, view="draw") as view:
                write(view, text)
                assert shown_value(view) == text
                characters = view.reading()["amount"]["characters"]
                assert view.page.locator(".drawn-characters b").all_inner_texts() == [one["symbol"] for one in characters]


def test_decision_and_reason_are_those_of_the_service(service: Service) -> None:
    """Decision, confidence and, where it is refused, the reason stand beside the value."""
    with opened(service, view="draw") as view:
        write(view, "12.50")
        shown_value(view)
        amount = view.reading()["amount"]
        words = view.page.inner_text(".draw-answer")
        assert amount["decision"] in words
        assert f"{100 * amount['confidence']:.1f} %" in words
        assert (amount["reason"] is None) or amount["reason"]["text"] in words


def test_guide_lines_are_not_sent(service: Service) -> None:
    """What is posted is a PNG with the ink on white paper, and nothing where only guide lines are."""
    with opened(service, view="draw") as view:
        view.page.evaluate(
            """() => { const send = window.fetch; window.fetch = async (path, options) => {
            window.sent = [...new Uint8Array(await options.body.get('image').arrayBuffer())]; return send(path, options); }; }"""
        )
        write(view, "7")
        shown_value(view)
        picture = np.asarray(Image.open(io.BytesIO(bytes(view.page.evaluate("window.sent")))).convert("L"))
        ink = np.flatnonzero((picture < 128).any(axis=0))
        assert len(ink) > 20
        assert (picture[:, ink.max() + 20 :] == 255).all()


def test_undo_and_clear_take_ink_back(service: Service) -> None:
    """Undo takes the last stroke, by button and by Ctrl+Z, and what is left is read again; Clear empties the sheet."""
    with opened(service, view="draw") as view:
        write(view, "72.50")
        assert shown_value(view) == "72.50"
        with view.page.expect_response("**/v1/fields/courtesy-amount*"):
            view.page.click("text=Undo")
        view.page.locator(".sheet").focus()
        view.page.keyboard.press("Control+z")
        view.page.keyboard.press("Control+z")
        with view.page.expect_response("**/v1/fields/courtesy-amount*"):
            pass
        view.page.wait_for_function("document.querySelector('.drawn-value strong')?.textContent === '72'", timeout=PATIENCE_MS)
        view.page.click("text=Clear")
        assert "Nothing is written yet" in view.page.inner_text(".draw-answer")
        assert view.page.is_disabled("text=Undo")
        assert view.page.is_disabled("text=Clear")


def test_a_digit_can_be_drawn_with_keys(service: Service) -> None:
    """Arrows move the pen, space puts it down: a seven without any pointer."""
    with opened(service, view="draw") as view:
        view.page.locator(".sheet").focus()
        press = view.page.keyboard.press
        for key, count in (("ArrowUp", 5), (" ", 1), ("ArrowRight", 8)):
            for _ in range(count):
                press(key)
        for k in range(12):
            press("ArrowDown")
            if k % 3 == 0:
                press("ArrowLeft")
        assert shown_value(view) == "7"


def test_a_pen_that_presses_harder_draws_a_wider_stroke(service: Service) -> None:
    """Pointer Events with pressure 0.1 and 1.0: the second stroke has more ink."""
    with opened(service, view="draw") as view:
        ink = view.page.evaluate(
            """() => {
            const sheet = document.querySelector('.sheet'), box = sheet.getBoundingClientRect();
            sheet.setPointerCapture = () => {};
            const levels = () => sheet.getContext('2d').getImageData(0, 0, sheet.width, sheet.height).data;
            const dark = () => levels().filter((level, k) => k % 4 === 0 && level < 128).length;
            const send = (kind, x, pressure) => sheet.dispatchEvent(new PointerEvent(kind, {
                pointerId: 7, pointerType: 'pen', button: 0, pressure, clientX: box.x + x, clientY: box.y + 80, bubbles: true}));
            return [0.1, 1.0].map(pressure => {
                send('pointerdown', 100, pressure);
                send('pointermove', 200, pressure);
                send('pointerup', 200, 0);
                const ink = dark();
                document.querySelectorAll('.draw-tools button')[1].click();
                return ink;
            }); }"""
        )
        assert ink[1] > 1.5 * ink[0] > 0


def test_a_tap_leaves_a_dot(service: Service) -> None:
    """A point before the cents needs no movement."""
    with opened(service, view="draw") as view:
        view.page.locator(".sheet").click(position={"x": 50, "y": 50})
        dark = (
            "(() => { const s = document.querySelector('.sheet'); const d = s.getContext('2d').getImageData(0, 0, s.width, s.height).data;"
        )
        assert 30 < view.page.evaluate(dark + " return d.filter((v, k) => k % 4 === 0 && v < 128).length; })()") < 200


def test_why_opens_on_the_drawing(service: Service) -> None:
    """The link shows the lattice over the drawn ink, read as a field and not as a check."""
    with opened(service, view="draw") as view:
        write(view, "12.50")
        shown_value(view)
        view.page.click(".why-link")
        view.page.wait_for_selector("#why .probe", timeout=PATIENCE_MS)
        explanation = view.reading()["amount"]["explanation"]
        assert view.page.locator(".cut").count() == len(explanation["cuts"])
        assert view.page.locator(".arc .symbol").all_text_contents() == [arc["symbol"] for arc in explanation["winner"]["arcs"]]
        assert view.page.locator(".fields").count() == 0


def test_a_service_that_is_down_is_said(service: Service) -> None:
    """A drawing that cannot be read is answered with a sentence, not with silence."""
    with opened(service, view="draw") as view:
        view.page.route("**/v1/**", lambda route: route.abort())
        write(view, "7")
        view.page.wait_for_selector(".draw-answer .failure", timeout=PATIENCE_MS)
        assert len(view.page.inner_text(".draw-answer")) > 20


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_draw_has_no_violations_no_complaints_and_no_other_host(service: Service, theme: str, width: int) -> None:
    """axe-core, the console and the list of requests, with a reading on the page."""
    with opened(service, width, theme, "draw") as view:
        write(view, "275.10")
        shown_value(view)
        assert violations(view.page) == []
        assert view.page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "the page scrolls sidewards"
        view.assert_clean()
