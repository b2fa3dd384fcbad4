"""Figures in documents: a block between two markers is written by the command that measured it, and by nothing else."""

from __future__ import annotations

import re
from pathlib import Path


def write_block(path: Path, name: str, markdown: str) -> None:
    """Replace what stands between ``<!-- figures:NAME -->`` and ``<!-- /figures -->``. Raises ``ValueError`` without them."""
    text = path.read_text(encoding="utf-8")
    pattern = re.compile(rf"(<!-- figures:{re.escape(name)} -->\n).*?(<!-- /figures -->)", re.DOTALL)
    if not pattern.search(text):
        raise ValueError(f"{path} has no block of figures named {name}")
    block = markdown.strip("\n") + "\n"
    path.write_text(pattern.sub(lambda found: found.group(1) + block + found.group(2), text, count=1), encoding="utf-8")
