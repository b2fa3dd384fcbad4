"""The reasons of a refusal: one table in the API guide, and it is complete."""

from __future__ import annotations

import ast
import re
from pathlib import Path


def codes_in_code(repository: Path) -> set[str]:
    """The first argument of every ``Reason(…)`` in the reader."""
    found = set()
    for path in (repository / "app" / "reader").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Reason":
                assert isinstance(node.args[0], ast.Constant), path
                found.add(str(node.args[0].value))
    return found


def test_the_guide_lists_every_reason(repository: Path) -> None:
    """No code without a row, no row without a code."""
    guide = (repository / "docs" / "api.md").read_text(encoding="utf-8")
    table = guide.split("### Reasons", 1)[1].split("## Problems", 1)[0]
    assert set(re.findall(r"^\| `([a-z_]+)` \|", table, re.MULTILINE)) == codes_in_code(repository)
