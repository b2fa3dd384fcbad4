"""Check stocks by name: the service's folder of layouts, and the parameter that names one."""

from __future__ import annotations

from pathlib import Path

import pytest
from starlette.testclient import TestClient

from app.errors import StartupError
from app.main import create_app
from app.reader.types import AmountPlace
from tests.app.api.stub_reader import StubReader, settings

IMAGE = {"image": ("check.png", b"the stub reads anything", "image/png")}
LAYOUT = "[amount]\nright = 0.5\nbottom = 1\nwidth = 1.5\nheight = 0.4\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with the layouts ``first`` and ``second``."""
    for name in ("first", "second"):
        (tmp_path / f"{name}.toml").write_text(LAYOUT, encoding="utf-8")
    return tmp_path


def test_a_layout_reaches_the_reader_and_does_not_stick(folder: Path) -> None:
    """The place of the amount goes with the request that names it, and with no other."""
    reader = StubReader()
    with TestClient(create_app(settings(layouts=folder), reader)) as client:
        assert client.post("/v1/checks?layout=second", files=IMAGE).status_code == 200
        assert reader.asked[-1].amount_place == AmountPlace(0.5, 1.0, 1.5, 0.4)
        assert client.post("/v1/checks", files=IMAGE).status_code == 200
        assert reader.asked[-1].amount_place is None


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ("layout=third", "layout must be one of first, second; given: third"),
        ("layout=../first", "layout must be the name of a layout"),
        ("layout=", "layout must be the name of a layout"),
        ("layout=first&amount_box=1,1,90,30", "give one of them"),
    ],
)
def test_a_layout_that_is_not_known_is_a_422(folder: Path, query: str, says: str) -> None:
    """It lists the known ones; a path is no name."""
    with TestClient(create_app(settings(layouts=folder), StubReader())) as client:
        answer = client.post(f"/v1/checks?{query}", files=IMAGE)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_parameter")
    assert says in answer.json()["detail"]


def test_a_service_without_layouts_says_so(client: TestClient) -> None:
    """With the variable that would name their folder."""
    answer = client.post("/v1/checks?layout=first", files=IMAGE)
    assert answer.status_code == 422
    assert "CHECKREADER_LAYOUTS" in answer.json()["detail"]


def test_a_cut_out_field_has_no_layout(folder: Path) -> None:
    """The parameter belongs to whole checks."""
    with TestClient(create_app(settings(layouts=folder), StubReader())) as client:
        assert client.post("/v1/fields/courtesy-amount?layout=first", files=IMAGE).status_code == 422


@pytest.mark.parametrize("text", [None, "[amount]\nright = -1\n"])
def test_a_wrong_folder_keeps_the_service_from_starting(text: str | None, tmp_path: Path) -> None:
    """The refusal names the variable and what is wrong."""
    if text is not None:
        (tmp_path / "wrong.toml").write_text(text, encoding="utf-8")
    app = create_app(settings(layouts=tmp_path), StubReader())
    with pytest.raises(StartupError, match="CHECKREADER_LAYOUTS: "), TestClient(app):
        pass
    assert isinstance(app.state.startup_error, StartupError)
