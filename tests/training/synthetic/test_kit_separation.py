"""The check kit is kept out of training: no module that trains imports it, and what it reserves stands in its own modules alone."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

from training.synthetic.backgrounds import PATTERNS
from training.synthetic.kit_noise import RESERVED_PATTERNS
from training.synthetic.printed import font_names

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


def test_reserved_kinds_are_not_those_of_training() -> None:
    """No pattern of paper and no font is in both; the reserved font is opened, and the reserved noises are named, by the kit alone."""
    assert not set(RESERVED_PATTERNS) & set(PATTERNS)
    assert not [name for name in font_names() if "cour" in name.lower() or "bitmap" in name.lower()]
    reserved = ("load_default_imagefont", "scanned_otherwise", "lit_otherwise", "lay_reserved_paper", "RESERVED_SEEDS")
    holders = {
        path.name for path in (ROOT / "training").rglob("*.py") if any(name in path.read_text(encoding="utf-8") for name in reserved)
    }
    assert holders
    assert all(name.startswith("kit") for name in holders)


def test_fields_are_drawn_where_the_kit_cannot_be_imported() -> None:
    """The modules that draw for training work, amounts and MICR lines alike, in a process in which every import of the kit fails."""
    modules = [f"training.synthetic.{path.stem}" for path in (ROOT / "training" / "synthetic").glob("kit*.py")]
    assert KIT in modules
    code = (
        f"import sys; sys.modules.update(dict.fromkeys({modules!r}))\n"
        "import numpy as np, training.shards, training.digit_pool\n"
        "from training.synthetic.fields import draw_field\n"
        "from training.synthetic.micr import draw_micr_line\n"
        "from training.synthetic.pens import PenSet\n"
        "rng = np.random.default_rng(0)\n"
        "for _ in range(20): draw_field(rng, PenSet.own(), 'us'); draw_micr_line(rng)\n"
        "print('drawn')\n"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.stdout == "drawn\n", done.stderr


def test_the_rule_can_fail() -> None:
    """An import of the kit is seen in both its forms."""
    assert KIT in imports_of("from training.synthetic import kit")
    assert f"{KIT}.pens_of" in imports_of("from training.synthetic.kit import pens_of")
