"""The gate between a test and what it needs."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

from tests.requirements_gate import DATA_VARIABLE, REQUIRE_VARIABLE, require, required


def test_what_is_missing_skips_with_the_reason(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Not set, or set to a folder that is not there."""
    monkeypatch.delenv(REQUIRE_VARIABLE, raising=False)
    monkeypatch.delenv(DATA_VARIABLE, raising=False)
    with pytest.raises(pytest.skip.Exception, match=f"{DATA_VARIABLE} is not set"):
        require("data")
    monkeypatch.setenv(DATA_VARIABLE, str(tmp_path / "missing"))
    with pytest.raises(pytest.skip.Exception, match="does not exist"):
        require("data")


def test_what_is_required_and_missing_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing that must run is skipped unseen."""
    monkeypatch.delenv(DATA_VARIABLE, raising=False)
    monkeypatch.setenv(REQUIRE_VARIABLE, "torch, data")
    with pytest.raises(pytest.fail.Exception, match="asks for data"):
        require("data")


def test_what_is_there_passes(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Required or not."""
    monkeypatch.setenv(DATA_VARIABLE, str(tmp_path))
    for words in ("", "data"):
        monkeypatch.setenv(REQUIRE_VARIABLE, words)
        require("data")


@pytest.mark.parametrize("what", ["torch", "browser", "gpu"])
def test_other_needs_follow_the_same_rule(monkeypatch: pytest.MonkeyPatch, what: str) -> None:
    """A library that cannot be found skips, or fails where it is required."""
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    monkeypatch.setenv(REQUIRE_VARIABLE, "")
    with pytest.raises(pytest.skip.Exception, match="not installed"):
        require(what)
    monkeypatch.setenv(REQUIRE_VARIABLE, what)
    with pytest.raises(pytest.fail.Exception, match=f"asks for {what}"):
        require(what)


def test_an_unknown_word_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """A misspelt requirement would promise nothing."""
    monkeypatch.setenv(REQUIRE_VARIABLE, "date")
    with pytest.raises(ValueError, match="given: date"):
        required()
