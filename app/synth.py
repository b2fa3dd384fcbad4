"""``checkreader-synth`` as an installed command. The kit draws with the pens of the training code, which a wheel leaves out."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

NEEDS_CHECKOUT = (
    "checkreader-synth draws with code that only a clone of the repository has: run it there, from .venv/bin after `make serve`"
)
REPOSITORY = Path(__file__).resolve().parents[1]  # of an editable installation; of a wheel it is the folder of all packages


def main(repository: Path = REPOSITORY) -> int:
    """Hand over to the kit in ``repository``; exit status 2 with a sentence where it is not there."""
    if not (repository / "training" / "synthetic" / "kit_command.py").is_file():
        print(f"checkreader-synth: {NEEDS_CHECKOUT}", file=sys.stderr)
        return 2
    if str(repository) not in sys.path:
        sys.path.append(str(repository))  # an editable installation maps app and model alone
    command = importlib.import_module("training.synthetic.kit_command")
    return int(command.main())
