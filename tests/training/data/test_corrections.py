"""The corrections of wrong labels: each with its reason, each of a label that is really there."""

from __future__ import annotations

import csv
import importlib.resources
import json
from pathlib import Path

import pytest


@pytest.fixture(scope="module")
def rows() -> list[dict[str, str]]:
    """The lines of the file."""
    text = importlib.resources.files("training.data").joinpath("corrections/orand_car_a_dev.csv").read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines(), strict=True))


def test_every_line_has_a_reason_and_another_text(rows: list[dict[str, str]]) -> None:
    """Digits only, unlike what was published, once per picture, about the 2 % that are known to be wrong and no more."""
    assert all(row["reason"].strip() for row in rows)
    assert all(row["corrected"].isdigit() and row["corrected"] != row["published"] for row in rows)
    assert len({row["picture"] for row in rows}) == len(rows) <= 20


def test_the_published_labels_are_those_of_the_set(rows: list[dict[str, str]], data_root: Path) -> None:
    """A correction of something that does not stand there would be a slip."""
    labels = json.loads((data_root / "strings" / "orand_car_a_dev" / "labels.json").read_text(encoding="utf-8"))
    published = {Path(entry["file"]).stem: entry["text"] for entry in labels}
    assert all(published[row["picture"]] == row["published"] for row in rows)
