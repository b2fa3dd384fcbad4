"""The check kit is kept out of training: no module that trains imports it."""

from __future__ import annotations

import ast
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
KIT = "training.synthetic.kit"


def imports_of(source: str) -> set[str]:
    """Every module that is imported, and every name that is imported from one, in full."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module is not None:
            names |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return names


def test_no_training_module_imports_the_kit() -> None:
    """Fields, shards and the trainers cannot reach what is reserved for the test part."""
    others = [path for path in sorted((ROOT / "training").rglob("*.py")) if not path.name.startswith("kit")]
    assert ROOT / "training" / "synthetic" / "fields.py" in others
    assert not [path.name for path in others for name in imports_of(path.read_text(encoding="utf-8")) if name.startswith(KIT)]


def test_the_rule_can_fail() -> None:
    """An import of the kit is seen in both its forms."""
    assert KIT in imports_of("from training.synthetic import kit")
    assert f"{KIT}.pens_of" in imports_of("from training.synthetic.kit import pens_of")
