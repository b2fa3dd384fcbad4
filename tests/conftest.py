"""Fixtures that tests of every part share."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.requirements_gate import DATA_VARIABLE, require


@pytest.fixture
def data_root() -> Path:
    """The folder of the data sets; the test skips, or fails where data is required, when there is none."""
    require("data")
    return Path(os.environ[DATA_VARIABLE])


@pytest.fixture(scope="session")
def repository() -> Path:
    """The root of the source tree."""
    return Path(__file__).resolve().parents[1]
