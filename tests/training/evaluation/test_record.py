"""Where results go: files, figures and documents in a folder of the test."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from app.reader.pipeline import CheckReader
from tests.app.api.stub_reader import StubRecogniser
from training.evaluation.record import CurveSet, Documents, add_curves, contact_sheet, stated_points
from training.evaluation.sets import Measured
from training.measure import Answer

READER = CheckReader(StubRecogniser())
MARKERS = "<!-- figures:{0} -->\nold\n<!-- /figures -->\n"


def answer(group: str, right: bool, confidence: float = 0.95, file: str = "a.png") -> Answer:
    """An accepted answer about one picture of a physical check."""
    return Answer(file, group, "5", "5" if right else "6", "5" if right else "6", confidence, True, right)


@pytest.fixture
def documents(tmp_path: Path) -> Documents:
    """Three documents with the blocks that are written."""
    to = Documents(tmp_path / "docs", tmp_path / "model" / "CARD.md", tmp_path / "README.md")
    to.docs.mkdir()
    to.card.parent.mkdir()
    text = "".join(MARKERS.format(name) for name in ("digits", "curves"))
    for path in (to.docs / "results.md", to.card):
        path.write_text(text, encoding="utf-8")
    return to


def test_results_are_saved_as_json(documents: Documents) -> None:
    """In the folder ``results`` of the documents, readable text."""
    documents.save("digits", {"ü": [1]})
    text = (documents.docs / "results" / "digits.json").read_text(encoding="utf-8")
    assert json.loads(text) == {"ü": [1]}
    assert "ü" in text


def test_a_block_stands_in_the_results_and_on_the_card(documents: Documents) -> None:
    """In both, between its markers; the other blocks stay."""
    documents.write("digits", "new")
    for path in (documents.docs / "results.md", documents.card):
        assert path.read_text(encoding="utf-8") == MARKERS.format("digits").replace("old", "new") + MARKERS.format("curves")


def test_stated_rates_without_a_threshold_have_no_point() -> None:
    """The stub's model states 0.9 for one percent, and that holds for what is less strict; there is none for 0.1 percent."""
    found = stated_points(READER, [answer("a", True, 0.95), answer("b", False, 0.5)])
    assert [(rate, p.threshold, p.accepted) for rate, p in found] == [(0.01, 0.9, 1), (0.02, 0.9, 1), (0.05, 0.9, 1)]


def test_curves_are_added_to_those_that_are_there(documents: Documents) -> None:
    """As data, as figures, and as links that lead from each document to the figures; sets stand in a fixed order."""
    rows = [answer(str(k), k > 2, k / 10) for k in range(10)]
    add_curves(READER, {"whole_checks": CurveSet("Checks", rows)}, documents)
    add_curves(READER, {"orand_car_a_dev": CurveSet("Amounts", rows, decided=False), "check_fields": CurveSet("None", [])}, documents)
    sets = json.loads((documents.docs / "results" / "curves.json").read_text(encoding="utf-8"))["sets"]
    assert list(sets) == ["orand_car_a_dev", "whole_checks"]
    assert sets["orand_car_a_dev"]["stated"] == []
    assert [p["max_error"] for p in sets["whole_checks"]["stated"]] == [0.01, 0.02, 0.05]
    assert len(sets["whole_checks"]["points"]) == len(sets["whole_checks"]["bins"]) == 10
    for document, folder in ((documents.docs / "results.md", "figures"), (documents.card, "../docs/figures")):
        text = document.read_text(encoding="utf-8")
        for name in sets:
            assert f"({folder}/curve-{name}.svg)" in text
            assert (document.parent / folder / f"reliability-{name}.svg").is_file()


def test_a_sheet_shows_what_was_misread(tmp_path: Path) -> None:
    """The wrong answers alone, five to a row, each under its text."""
    folder = tmp_path / "strings" / "orand_car_a_dev"
    folder.mkdir(parents=True)
    cv2.imwrite(str(folder / "a.png"), np.zeros((30, 90), np.uint8))
    rows = (answer("", False, file="a.png"), answer("", True, file="c.png"), *(answer("", False, file="a.png") for _ in range(5)))
    contact_sheet(Measured("orand", rows, 1.0), tmp_path, tmp_path / "out" / "sheet.png")
    sheet = cv2.imread(str(tmp_path / "out" / "sheet.png"), cv2.IMREAD_GRAYSCALE)
    assert sheet is not None
    assert sheet.shape == (180, 1300)
    assert (sheet[20:40, 10:90] == 0).all()
    assert (sheet[110:130, 10:90] == 0).all()
    assert (sheet[90:, 260:] == 255).all()
