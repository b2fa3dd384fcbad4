"""The benchmark of turned and photographed checks, with the samples in place of real ones."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from app.inference.recogniser import load_recogniser
from app.reader.pipeline import CheckReader
from benchmarks import orientation
from benchmarks.orientation import (
    Outcome,
    PhotoCost,
    keeps_the_bars,
    lost_points,
    orientation_block,
    outcomes,
    peak_mib,
    photo_block,
    turned,
)
from training.data.checks import CheckPicture
from training.measure import Answer


def check(path: Path, amount: str, code: str) -> CheckPicture:
    texts = dict.fromkeys(
        ("x9_record_amount", "routing", "routing_checksum", "account", "check_number", "date", "micr_account", "notes"), ""
    )
    named = {"kind": "sample", "layout": "US personal", "licence": "", "group": ""}
    return CheckPicture(path=path, file=path.name, filled=True, amount=amount, micr_code=code, amount_box=None, **texts, **named)


def answers(*right: bool) -> tuple[Answer, ...]:
    return tuple(Answer(str(k), "", "", "1", "1", 1.0, True, item) for k, item in enumerate(right))


@pytest.mark.parametrize("degrees", [90, 180, 270])
def test_a_turned_file_holds_the_same_pixels(degrees: int) -> None:
    """Nothing is lost, and the resolution stays stated."""
    pixels = np.random.default_rng(1).integers(0, 256, (20, 30), np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG", dpi=(200, 200))
    picture = Image.open(io.BytesIO(turned(buffer.getvalue(), degrees)))
    assert np.array_equal(np.asarray(picture), np.rot90(pixels, degrees // 90))
    assert picture.info["dpi"][0] == pytest.approx(200, abs=0.1)


def test_a_sample_is_read_in_every_pose(repository: Path) -> None:
    """Amount, code and rotation of a sample are right as it is, turned, and as a photo."""
    sample = check(repository / "samples" / "us_personal_1.png", "248.50", "271802257")
    found = outcomes(CheckReader(load_recogniser()), [sample])
    assert list(found) == ["as it is", "turned by 90°", "turned by 180°", "turned by 270°", "as a phone photo"]
    for item in found.values():
        assert [a.right for a in item.amounts + item.codes] == [True, True]
        assert (item.laid, item.known) == (1, 1)
    assert "| turned by 180° | 1 of 1 | 0.0 | 1 of 1 | 0.0 | 1 of 1 |" in orientation_block(found)


def test_points_are_lost_per_check() -> None:
    """One of four that is right no longer is 25 points; more than allowed breaks the bar."""
    before, after = answers(True, True, True, False), answers(True, True, False, False)
    assert lost_points(after, before) == 25.0
    base = Outcome(before, before, 4, 4)
    assert keeps_the_bars({"as it is": base}, [])
    assert not keeps_the_bars({"as it is": base, "turned": Outcome(before, after, 4, 4)}, [])


@pytest.mark.parametrize(("read_ms", "peak", "kept"), [(290.0, 390.0, True), (310.0, 390.0, False), (290.0, 410.0, False)])
def test_a_dear_photo_breaks_the_bar(read_ms: float, peak: float, kept: bool) -> None:
    """Three decodes and 400 MiB are the most."""
    cost = PhotoCost(3.5, 100.0, read_ms, 150.0, peak, amount_right=True, routing_right=False)
    assert keeps_the_bars({}, [cost]) is kept
    assert f"| 1 | 3.5 MB | 100 ms | {read_ms:.0f} ms | {read_ms / 100:.2f} | {peak:.0f} MiB | 150 MiB | right | wrong |" in photo_block(
        [cost]
    )


def test_memory_is_counted() -> None:
    """Forty megabytes more are seen."""
    before = peak_mib()
    held = np.ones(int(before * 2**20) + 40 * 2**20, np.uint8)
    assert peak_mib() - before > 30
    assert held[-1] == 1


def test_the_blocks_are_written(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The photo's table stands in the document; with ``--every`` nothing is written."""
    document = tmp_path / "results.md"
    document.write_text("<!-- figures:photo -->\n<!-- /figures -->\n")
    cost = PhotoCost(3.5, 100.0, 200.0, 150.0, 300.0, amount_right=True, routing_right=True)
    monkeypatch.setattr(orientation, "large_photo", lambda folder, seed: b"")
    monkeypatch.setattr(orientation, "photo_cost", lambda data: cost)
    assert orientation.main(["--only", "photo", "--every", "2", "--docs", str(tmp_path)]) == 0
    assert "MiB" not in document.read_text()
    assert orientation.main(["--only", "photo", "--docs", str(tmp_path)]) == 0
    assert document.read_text().count("| 300 MiB |") == 3
