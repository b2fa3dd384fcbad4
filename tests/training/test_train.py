"""The training command: what it takes, what it refuses, and a miniature run from nothing to files that the service opens."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
import pytest

import training.shards
from tests.requirements_gate import DATA_VARIABLE, require

require("torch")

import torch  # noqa: E402

from app.inference.recogniser import load_recogniser  # noqa: E402
from app.reader.pipeline import CheckReader  # noqa: E402
from app.reader.types import ReadOptions, Scope  # noqa: E402
from training.train import ALPHABETS, RECIPES, command_of, main, parse, recipe_of, run_folder  # noqa: E402

SMALL = [
    *("--own-pens-only", "--fields", "8", "--rare-fields", "8", "--held-out-fields", "8", "--rare-held-out-fields", "0"),
    *("--segment-epochs", "1", "--lattice-epochs", "1", "--second-epochs", "1", "--second-rare-epochs", "1"),
]


def run_in(folder: Path, *more: str) -> int:
    """A miniature run of the command with all that it writes in ``folder``."""
    places = ["--runs", str(folder / "runs"), "--out", str(folder / "model")]
    return main([*SMALL, *places, "--workers", "1", "--device", "cpu", *more])


def test_the_recipe_of_record_stands_unless_something_is_given() -> None:
    """Each option changes its own number and nothing else."""
    for model, recipe in RECIPES.items():
        assert recipe_of(model, parse([])) == recipe
        changed = recipe_of(model, parse(["--fields", "10", "--lattice-epochs", "0", "--seed", "99"]))
        assert (changed.fields, changed.lattice_epochs, changed.seed) == (10, 0, 99)
        assert (changed.segment_epochs, changed.held_out_fields, changed.batch) == (
            recipe.segment_epochs,
            recipe.held_out_fields,
            recipe.batch,
        )


def test_the_data_folder_comes_from_option_or_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The option goes before the environment; there is no other default."""
    monkeypatch.delenv(DATA_VARIABLE, raising=False)
    assert parse([]).data_root is None
    monkeypatch.setenv(DATA_VARIABLE, str(tmp_path / "a"))
    assert parse([]).data_root == tmp_path / "a"
    assert parse(["--data-root", str(tmp_path / "b")]).data_root == tmp_path / "b"


@pytest.mark.parametrize("arguments", [[], ["--data-root", "nowhere"]])
def test_a_missing_data_folder_is_refused(
    arguments: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """Exit status 2, a sentence that says what to name, and nothing is written."""
    monkeypatch.delenv(DATA_VARIABLE, raising=False)
    monkeypatch.chdir(tmp_path)
    assert main(arguments) == 2
    assert "--data-root or CHECKREADER_DATA" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_runs_with_and_without_data_do_not_share_a_folder(tmp_path: Path) -> None:
    """Else shards by people's hands would be taken for the project's own."""
    recipe = RECIPES["courtesy_amount"]
    own, lent = (run_folder(tmp_path, "courtesy_amount", recipe, root) for root in (None, tmp_path))
    assert own != lent
    assert lent.name == f"courtesy_amount-{recipe.fields}-{recipe.seed}"


def test_the_command_of_a_model_makes_the_same_recipe() -> None:
    """What stands in the provenance can be typed again."""
    for line in ([], ["--fields", "10", "--seed", "4", "--segment-epochs", "2"]):
        recipe = recipe_of("micr_e13b", parse(line))
        command = command_of("micr_e13b", recipe, None)
        assert command.startswith("python -m training.train --model micr_e13b")
        again = parse(command.split()[3:])
        assert recipe_of("micr_e13b", again) == recipe
        assert again.own_pens_only
        assert again.model == "micr_e13b"
    assert not parse(command_of("micr_e13b", RECIPES["micr_e13b"], Path("data")).split()[3:]).own_pens_only


def test_from_nothing_to_files_that_the_service_opens(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Both models in miniature: files with recipe, data and metrics; a second call does nothing twice and says the same."""
    monkeypatch.setattr(training.shards, "FIELDS_PER_SHARD", 8)
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        assert run_in(tmp_path) == 0
        printed = capsys.readouterr().out
        digests = {path.name: path.read_bytes() for path in (tmp_path / "model").glob("*.onnx")}
        assert run_in(tmp_path) == 0
        again = capsys.readouterr().out
        assert run_in(tmp_path, "--segment-epochs", "2") == 2
        assert "segments.pt" in capsys.readouterr().err
    finally:
        torch.set_num_threads(threads)
    assert "segments epoch 1/1" in printed
    assert "epoch" not in again
    assert {path.name: path.read_bytes() for path in (tmp_path / "model").glob("*.onnx")} == digests
    recogniser = load_recogniser(tmp_path / "model")
    second = recogniser.second_reader()
    assert second is not None
    assert second.symbols == tuple("0123456789$,./-*#=")
    for model, alphabet in ALPHABETS.items():
        assert recogniser.info(model).alphabet == alphabet
        stated = json.loads((tmp_path / "model" / f"{model}.json").read_text(encoding="utf-8"))
        assert stated["recipe"]["fields"] == 8
        assert stated["metrics"]["held_out_synthetic_fields"] == 8
        assert [entry["name"] for entry in stated["data_sets"]] == ["the project's own synthetic pictures"]
        assert stated["command"].endswith("--own-pens-only")
    ok, paper = cv2.imencode(".png", np.full((40, 160), 250, np.uint8))
    assert ok
    reading = CheckReader(recogniser).read(paper.tobytes(), ReadOptions(scope=Scope.COURTESY_AMOUNT))
    assert reading.amount is not None
    assert reading.amount.decision == "not_found"
