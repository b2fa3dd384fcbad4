"""The command: tables, files, and what it says where something is missing."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from app.errors import ModelError
from benchmarks import run
from benchmarks.reading import StageTimes
from benchmarks.run import Bench, as_markdown, main
from benchmarks.runtimes import RuntimeSpeed

FOUND = Bench(
    machine={
        "date": "2026-01-31",
        "processor": "A processor",
        "cpus": 2,
        "load_before": "0.1",
        "system": "Linux",
        "python": "3.11.7",
        "onnxruntime": "1.32.0",
    },
    stages=StageTimes({"decode": 2.0, "other": 0.5}, 2.5, 4.0, 1.3, 60),
    checks_per_second={1: 20.0, 2: 38.5},
    runtimes=(RuntimeSpeed("onnxruntime", 64, 42000.0, 1.0), RuntimeSpeed("PyTorch", 64, 19000.0, 0.45)),
    left_out={"OpenCV DNN": "not there"},
)


@pytest.fixture
def docs(tmp_path: Path) -> Path:
    (tmp_path / "results.md").write_text("# Results\n<!-- figures:bench -->\n<!-- /figures -->\n")
    return tmp_path


def test_tables() -> None:
    """Machine, stages, processes and runtimes stand in the text, and what was left out with its reason."""
    text = as_markdown(FOUND)
    for row in (
        "2026-01-31, A processor, 2 CPUs, load before the run 0.1",
        "| 2.0 | 0.5 | 2.5 | 4.0 | 1.30 |",
        "| 2 | 38.5 |",
        "| PyTorch | 64 | 19,000 | 0.45 |",
        "Left out: OpenCV DNN (not there).",
    ):
        assert row in text


def test_a_full_run_writes_its_figures_and_a_quick_one_does_not(
    docs: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The document and the JSON hold what was printed."""
    monkeypatch.setattr(run, "bench", lambda samples, effort: FOUND)
    before = (docs / "results.md").read_text()
    assert main(["--docs", str(docs), "--quick"]) == 0
    assert (docs / "results.md").read_text() == before
    assert main(["--docs", str(docs)]) == 0
    printed = capsys.readouterr().out
    assert as_markdown(FOUND) in printed
    assert as_markdown(FOUND) in (docs / "results.md").read_text()
    assert json.loads((docs / "results" / "bench.json").read_text())["checks_per_second"] == {"1": 20.0, "2": 38.5}


def test_missing_pictures_and_models_are_named(docs: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """One line on the error stream, exit status 1, and no document touched."""
    assert main(["--samples", str(docs / "none"), "--docs", str(docs)]) == 1
    assert "--samples" in capsys.readouterr().err

    def refused(samples: Path, effort: object) -> Bench:
        raise ModelError("the model file micr_e13b.onnx is missing")

    monkeypatch.setattr(run, "bench", refused)
    assert main(["--docs", str(docs)]) == 1
    assert "micr_e13b.onnx is missing" in capsys.readouterr().err
    assert not (docs / "results").exists()


def test_the_machine_is_described() -> None:
    """Processor, CPUs and versions: figures without them say nothing."""
    about = run.machine()
    assert str(about["date"])[:2] == "20"
    assert about["processor"]
    assert int(about["cpus"]) >= 1
    assert "numpy" in about
