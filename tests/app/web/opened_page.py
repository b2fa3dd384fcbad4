"""A real headless Chromium on the real service: for the tests of Why and Draw."""

from __future__ import annotations

import importlib.util
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.main import build_reader
from app.settings import Settings
from tests.app.api.live_server import Live, live
from tests.requirements_gate import require

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page, Response

Service = tuple[Live, "Browser"]
SAMPLES = Path(__file__).resolve().parents[3] / "samples"
WIDTHS = (1280, 800, 390)
PATIENCE_MS = 15_000
TOLERANCE_PX = 2.0


@contextmanager
def served() -> Iterator[Service]:
    """The service with the committed models on a free port, and a browser."""
    require("browser")
    from playwright.sync_api import sync_playwright

    settings = Settings(workers=1)
    executable = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))))
    with live(settings, build_reader(settings)) as service, sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=executable, args=["--no-sandbox"])
        try:
            yield service, browser
        finally:
            browser.close()


@dataclass
class Opened:
    """A page with what it asked for and what it complained of."""

    page: Page
    address: str
    complaints: list[str] = field(default_factory=list)
    requested: list[str] = field(default_factory=list)
    answers: list[Response] = field(default_factory=list)

    def reading(self) -> dict[str, Any]:
        """The last reading that the service gave."""
        document: dict[str, Any] = next(
            answer for answer in reversed(self.answers) if "/v1/" in answer.url and "POST" in answer.request.method
        ).json()
        return document

    def show(self, view: str) -> None:
        """Go to a view as a click on its link does."""
        self.page.evaluate("view => { location.hash = view }", view)

    def why(self, sample: str) -> None:
        """Choose a sample and open Why on it."""
        self.page.set_input_files("input[type=file]", SAMPLES / sample)
        self.show("why")
        self.page.wait_for_selector("#why .probe", timeout=PATIENCE_MS)

    def box(self, selector: str) -> dict[str, float]:
        """Where an element lies: x, y, width, height in CSS pixels of the page as it is scrolled."""
        found: dict[str, float] = self.page.eval_on_selector(
            selector, "e => { const b = e.getBoundingClientRect(); return {x: b.x, y: b.y, width: b.width, height: b.height}; }"
        )
        return found

    def assert_clean(self) -> None:
        """No complaint on the console, no failed script, no other host."""
        assert self.complaints == []
        assert {url for url in self.requested if not url.startswith((self.address, "blob:", "data:"))} == set()


@contextmanager
def opened(service: Service, width: int = 1280, theme: str = "light", view: str = "why") -> Iterator[Opened]:
    """A fresh page of the given width in CSS pixels; ``theme`` is "light" or "dark"."""
    running, browser = service
    context = browser.new_context(
        viewport={"width": width, "height": 900}, color_scheme="dark" if theme == "dark" else "light", reduced_motion="reduce"
    )
    page = context.new_page()
    held = Opened(page, f"http://127.0.0.1:{running.port}/")
    page.on("console", lambda message: held.complaints.append(message.text) if message.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: held.complaints.append(str(error)))
    page.on("request", lambda request: held.requested.append(request.url))
    page.on("response", lambda response: held.answers.append(response))
    page.goto(f"{held.address}#{view}")
    page.wait_for_selector(f"#{view}:visible", timeout=PATIENCE_MS)
    try:
        yield held
    finally:
        context.close()


def violations(page: Page) -> list[str]:
    """What axe-core finds wrong with the page as it stands: rule and element of each violation."""
    package = importlib.util.find_spec("axe_playwright_python")
    assert package is not None, "axe-playwright-python is not installed"
    assert package.origin is not None
    page.evaluate((Path(package.origin).parent / "axe.min.js").read_text(encoding="utf-8"))
    found = page.evaluate("async () => (await axe.run()).violations.map(v => [v.id, v.nodes[0].html, v.nodes[0].failureSummary])")
    return [" | ".join(one) for one in found]
