"""A client of the application with a stub reader behind it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient

from app.main import create_app
from tests.app.api.stub_reader import StubReader, settings


@pytest.fixture
def reader() -> StubReader:
    return StubReader()


@pytest.fixture
def client(reader: StubReader) -> Iterator[TestClient]:
    """The application after its start-up, warm-up included."""
    with TestClient(create_app(settings(), reader)) as opened:
        yield opened
