"""What the full test run proved is written into the documents."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from benchmarks.prove import main, read_run

JUNIT = """<?xml version="1.0"?><testsuites><testsuite>
<testcase classname="tests.test_a" name="test_one"><properties><property name="proved" value="200 files"/></properties></testcase>
<testcase classname="tests.test_a" name="test_two"/>
<testcase classname="tests.test_b" name="test_three"><skipped message="no data"/></testcase>
{more}</testsuite></testsuites>"""


@pytest.fixture
def docs(tmp_path: Path) -> Path:
    folder = tmp_path / "docs"
    folder.mkdir()
    (folder / "results.md").write_text("# R\n\n<!-- figures:properties -->\nold\n<!-- /figures -->\nend\n", encoding="utf-8")
    return folder


def junit(tmp_path: Path, more: str = "") -> Path:
    path = tmp_path / "prove.xml"
    path.write_text(JUNIT.format(more=more), encoding="utf-8")
    return path


def test_outcomes_and_proofs_are_read(tmp_path: Path) -> None:
    """Passed, skipped and what a test says it counted."""
    run = read_run(junit(tmp_path))
    assert (run.passed, run.failed, run.skipped) == (2, 0, 1)
    assert [(proof.test, proof.proved, proof.outcome) for proof in run.proofs] == [("tests/test_a.py::test_one", "200 files", "passed")]


def test_the_block_is_written(tmp_path: Path, docs: Path) -> None:
    """The table replaces the old block, the rest of the document stays, and the JSON says the same."""
    assert main([str(junit(tmp_path)), "--docs", str(docs)]) == 0
    text = (docs / "results.md").read_text(encoding="utf-8")
    assert "| `tests/test_a.py::test_one` | 200 files | passed |" in text
    assert "old" not in text
    assert text.startswith("# R\n")
    assert text.endswith("end\n")
    assert json.loads((docs / "results" / "prove.json").read_text(encoding="utf-8"))["passed"] == 2


def test_a_failed_test_is_an_exit_status(tmp_path: Path, docs: Path) -> None:
    """A failure is written down and ends with status 1."""
    failed = '<testcase classname="tests.test_b" name="test_four"><failure message="no">no</failure></testcase>'
    assert main([str(junit(tmp_path, failed)), "--docs", str(docs)]) == 1
    assert "1 failed" in (docs / "results.md").read_text(encoding="utf-8")
