"""Fixtures of the service's tests."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest
import structlog

SERVER_LOGGERS = ("", "uvicorn", "uvicorn.error", "uvicorn.access", "python_multipart")


@pytest.fixture
def undisturbed_logs() -> Iterator[None]:
    """Puts the process's logging back as it was: ``app.logs.configure`` is made for a process of its own."""
    loggers = [logging.getLogger(name) for name in SERVER_LOGGERS]
    kept = [(logger, logger.handlers, logger.level, logger.propagate, logger.disabled) for logger in loggers]
    yield
    for logger, handlers, level, propagate, disabled in kept:
        logger.handlers, logger.propagate, logger.disabled = handlers, propagate, disabled
        logger.setLevel(level)
    structlog.reset_defaults()
