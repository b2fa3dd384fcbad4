"""Logs on standard error, in one form for the service and its server."""

from __future__ import annotations

import json
import logging

import pytest
import structlog

from app import logs
from app.settings import LogFormat

pytestmark = pytest.mark.usefixtures("undisturbed_logs")


def test_json_is_one_object_per_line_for_ours_and_theirs(capsys: pytest.CaptureFixture[str]) -> None:
    """Level, time and logger stand in every line, also in those of the server."""
    logs.configure("info", "json")
    structlog.get_logger("checkreader").info("serving", url="http://127.0.0.1:8000")
    logging.getLogger("uvicorn.error").warning("Invalid HTTP request received.")
    ours, theirs = (json.loads(line) for line in capsys.readouterr().err.splitlines())
    assert (ours["event"], ours["url"], ours["level"], ours["logger"]) == ("serving", "http://127.0.0.1:8000", "info", "checkreader")
    assert (theirs["event"], theirs["level"]) == ("Invalid HTTP request received.", "warning")
    assert ours["timestamp"].endswith("Z")


@pytest.mark.parametrize("form", ["json", "console"])
def test_tracebacks_hold_no_values_of_variables(form: LogFormat, capsys: pytest.CaptureFixture[str]) -> None:
    """They would be pictures and amounts."""
    logs.configure("info", form)
    amount = "12" + "34.56"
    try:
        raise RuntimeError(f"length {len(amount)}")
    except RuntimeError:
        structlog.get_logger("checkreader").exception("request broke")
    written = capsys.readouterr().err
    assert "RuntimeError: length 7" in written
    assert "1234.56" not in written


def test_level_holds(capsys: pytest.CaptureFixture[str]) -> None:
    """What is below the level is not written; the server's start and stop lines never are."""
    logs.configure("warning", "console")
    structlog.get_logger("checkreader").info("quiet")
    logging.getLogger("uvicorn.error").info("Started server process")
    logging.getLogger("python_multipart").warning("Expected boundary character 45, got 120")
    assert capsys.readouterr().err == ""
