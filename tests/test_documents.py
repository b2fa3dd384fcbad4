"""The documents: what they point to exists, and figures have their places."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
_LINK = re.compile(r"\]\((?!https?://|#)([^)#\s]+)")
_MAKE = re.compile(r"`make ([a-z-]+)|^make ([a-z-]+)", re.MULTILINE)
_SAMPLE = re.compile(r"samples/[\w.-]+\.\w+")
_MARKER = re.compile(r"<!-- (/?figures(?::[a-z0-9-]+)?) -->")


def _documents() -> list[Path]:
    found = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "model").glob("*.md")]
    return sorted(found)


DOCUMENTS = pytest.mark.parametrize("document", _documents(), ids=lambda path: str(path.relative_to(ROOT)))


@DOCUMENTS
def test_links_lead_somewhere(document: Path) -> None:
    """Every relative link names a file of the tree."""
    missing = [link for link in _LINK.findall(document.read_text(encoding="utf-8")) if not (document.parent / link).exists()]
    assert not missing


@DOCUMENTS
def test_commands_exist(document: Path) -> None:
    """Every `make` command that is written down is a target."""
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    named = {first or second for first, second in _MAKE.findall(document.read_text(encoding="utf-8"))}
    assert named <= targets


@DOCUMENTS
def test_samples_exist(document: Path) -> None:
    """Every sample that is written down is there to be typed after."""
    assert not [name for name in _SAMPLE.findall(document.read_text(encoding="utf-8")) if not (ROOT / name).is_file()]


@DOCUMENTS
def test_places_for_figures_are_closed(document: Path) -> None:
    """Markers come in pairs, and no name twice."""
    markers = _MARKER.findall(document.read_text(encoding="utf-8"))
    assert all(opened.startswith("figures:") and closed == "/figures" for opened, closed in zip(markers[::2], markers[1::2], strict=True))
    assert len(set(markers[::2])) == len(markers[::2])


def test_every_decision_is_listed() -> None:
    """The list of decisions is complete, and each page has its four parts."""
    folder = ROOT / "docs" / "adr"
    listed = (folder / "README.md").read_text(encoding="utf-8")
    for page in sorted(folder.glob("0*.md")):
        assert f"({page.name})" in listed, page.name
        text = page.read_text(encoding="utf-8")
        assert all(part in text for part in ("**Status:**", "## Context", "## Decision", "## Consequences")), page.name


def test_the_tree_holds_no_path_of_one_machine() -> None:
    """No tracked text names a home folder or a work folder of somebody's machine."""
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode != 0:
        pytest.skip("not a git checkout")
    private = re.compile(r"/(?:home|Users|root|work)/[\w.]")
    for name in listed.stdout.splitlines():
        path = ROOT / name
        if path.suffix in {".py", ".md", ".toml", ".yml", ".json", ".txt", ""} and path.is_file() and path != Path(__file__):
            assert not private.search(path.read_text(encoding="utf-8")), name
