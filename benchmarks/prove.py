"""What `make prove` proved: the outcome of the tests with their full counts, into docs/results.md and docs/results/prove.json.

    python -m benchmarks.prove build/prove.xml

Reads the JUnit file that pytest wrote. A test states what it counted with ``record_property("proved", "…")``.
"""

from __future__ import annotations

import argparse
import json
import sys
import xml.etree.ElementTree as ElementTree
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks.figures import write_block


@dataclass(frozen=True, slots=True)
class Proof:
    """A test that states what it counted."""

    test: str
    proved: str
    outcome: str  # "passed", "failed" or "skipped"


@dataclass(frozen=True, slots=True)
class Run:
    """A whole run of the tests."""

    passed: int
    failed: int
    skipped: int
    proofs: tuple[Proof, ...]


def outcome_of(case: ElementTree.Element) -> str:
    """What became of one test."""
    if case.find("failure") is not None or case.find("error") is not None:
        return "failed"
    return "skipped" if case.find("skipped") is not None else "passed"


def read_run(path: Path) -> Run:
    """The run in a JUnit file of our own test run."""
    cases = list(ElementTree.parse(path).getroot().iter("testcase"))
    outcomes = [outcome_of(case) for case in cases]
    proofs = [
        Proof(f"{case.get('classname', '').replace('.', '/')}.py::{case.get('name', '')}", stated.get("value", ""), outcome)
        for case, outcome in zip(cases, outcomes, strict=True)
        for stated in case.iter("property")
        if stated.get("name") == "proved"
    ]
    return Run(outcomes.count("passed"), outcomes.count("failed"), outcomes.count("skipped"), tuple(proofs))


def block(run: Run) -> str:
    """The table for the document."""
    rows = [
        f"{run.passed} tests passed, {run.failed} failed, {run.skipped} were skipped.",
        "",
        "| test | counted | outcome |",
        "|---|---|---|",
    ]
    rows += [f"| `{proof.test}` | {proof.proved} | {proof.outcome} |" for proof in run.proofs]
    return "\n".join(rows)


def main(arguments: Sequence[str] | None = None) -> int:
    """The command; exit status 1 where a test failed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.prove", description="Write what the full test run proved.")
    parser.add_argument("junit", type=Path, help="the JUnit file that pytest wrote")
    parser.add_argument("--docs", type=Path, default=Path("docs"))
    given = parser.parse_args(arguments)
    run = read_run(given.junit)
    write_block(given.docs / "results.md", "properties", block(run))
    (given.docs / "results").mkdir(exist_ok=True)
    (given.docs / "results" / "prove.json").write_text(json.dumps(asdict(run), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return 1 if run.failed else 0


if __name__ == "__main__":
    sys.exit(main())
