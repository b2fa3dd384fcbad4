"""The files under samples/ and the command that makes them."""

from __future__ import annotations

import csv
import filecmp
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from training.synthetic.samples import SAMPLES, TRUTH_COLUMNS, main

MOST_BYTES = 200_000


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("samples")
    assert main(["--out", str(folder)]) == 0
    return folder


def rows(folder: Path) -> list[dict[str, str]]:
    with (folder / "truth.csv").open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_the_command_makes_what_is_committed(made: Path, repository: Path) -> None:
    """Truth and README are the same to the letter, pictures to the eye (encoders differ between versions)."""
    committed = repository / "samples"
    assert {p.name for p in made.iterdir()} <= {p.name for p in committed.iterdir()}
    for name in ("truth.csv", "README.md"):
        assert filecmp.cmp(made / name, committed / name, shallow=False)
    for sample in SAMPLES:
        new, old = (np.asarray(Image.open(folder / sample.file).convert("L"), np.float32) for folder in (made, committed))
        assert new.shape == old.shape
        assert np.abs(new - old).mean() < 2.5


def test_truth_has_the_columns_of_the_batch_and_a_row_for_each_file(repository: Path) -> None:
    """file, amount, routing, account, check_number and nothing else; values are plain."""
    found = rows(repository / "samples")
    assert tuple(found[0]) == TRUTH_COLUMNS == ("file", "amount", "routing", "account", "check_number")
    assert [row["file"] for row in found] == [sample.file for sample in SAMPLES]
    for row in found:
        assert float(row["amount"]) > 0
        assert len(row["routing"]) == 9
        assert row["routing"].isdigit()
        assert row["check_number"].isdigit()
        assert set(row["account"]) <= set("0123456789- ")


def test_files_are_small_and_of_the_kinds_that_are_promised(repository: Path) -> None:
    """Each picture is below 200 kB and states 200 dpi; the TIFF is bitonal G4."""
    for sample in SAMPLES:
        path = repository / "samples" / sample.file
        assert path.stat().st_size < MOST_BYTES, sample.file
        with Image.open(path) as image:
            assert float(image.info["dpi"][0]) == pytest.approx(200, abs=0.5)
            if path.suffix == ".tif":
                assert image.mode == "1"
                assert image.info["compression"] == "group4"
    assert [s.form for s in SAMPLES].count("indian_cts") == 1
    assert sum(s.spoiled for s in SAMPLES) == 1


def test_a_folder_is_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    """Without --out the command says so and ends with status 2."""
    with pytest.raises(SystemExit) as left:
        main([])
    assert left.value.code == 2
    assert "--out" in capsys.readouterr().err
