"""The installed command of the check kit."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from app.synth import main

ROOT = Path(__file__).resolve().parents[2]


def test_it_hands_over_to_the_kit(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """In a clone."""
    monkeypatch.setattr(sys, "argv", ["checkreader-synth", "--help"])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 0
    assert "complete truth" in capsys.readouterr().out


def test_without_the_repository_it_says_what_to_do(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """As in a wheel, which has no training code."""
    assert main(tmp_path) == 2
    assert "clone of the repository" in capsys.readouterr().err


def test_the_installed_command_draws_from_any_folder(tmp_path: Path) -> None:
    """A process that starts elsewhere, as the console script does, with two workers: it finds the kit beside the service."""
    code = (
        f"import sys; sys.path.insert(0, {str(ROOT)!r}); import app, model; sys.path.remove({str(ROOT)!r}); import app.synth as s; s.main()"
    )
    script = tmp_path / "run.py"
    script.write_text(f"if __name__ == '__main__':\n    {code}\n", encoding="utf-8")
    command = [sys.executable, str(script), "--count", "2", "--kind", "grey", "--workers", "2", str(tmp_path / "out")]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    subprocess.run(command, check=True, cwd=tmp_path, env=environment, capture_output=True, timeout=120)
    assert (tmp_path / "out" / "truth.csv").read_text(encoding="utf-8").count("\n") == 3
