"""Figures in documents stand between their markers."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.figures import write_block

TEXT = "before\n<!-- figures:a -->\nold\n<!-- /figures -->\nbetween\n<!-- figures:b -->\nkept\n<!-- /figures -->\nafter\n"


def test_only_the_named_block_is_written(tmp_path: Path) -> None:
    """Everything around it stays, backslashes of the figures too, and writing twice changes nothing more."""
    document = tmp_path / "results.md"
    document.write_text(TEXT)
    for _ in range(2):
        write_block(document, "a", "\nnew \\1 figure\n\n")
        assert document.read_text() == TEXT.replace("old", "new \\1 figure")


def test_a_missing_block_is_an_error(tmp_path: Path) -> None:
    """Figures are not dropped in silence."""
    document = tmp_path / "results.md"
    document.write_text(TEXT)
    with pytest.raises(ValueError, match="no block of figures named c"):
        write_block(document, "c", "new")
    assert document.read_text() == TEXT
