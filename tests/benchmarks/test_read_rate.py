"""The command and its readers, with stubs for checkreader, the program tesseract and the package of RapidOCR."""

from __future__ import annotations

import stat
import sys
from contextlib import ExitStack
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from PIL import Image

from app.batch.sources import Source
from app.errors import UnsupportedFormat
from benchmarks import read_rate
from benchmarks.read_rate_pictures import Picture
from benchmarks.read_rate_readers import Checkreader, PeerFailed, PeerMissing, RapidOcr, Tesseract

FAKE_TESSERACT = """#!{python}
import sys
if "--version" in sys.argv:
    print("tesseract 0.0 of a test")
elif open(sys.argv[1], "rb").read(1) == b"x":
    sys.exit(1)
else:
    print("PAY $ 14.25\\n075911713")
"""

FAKE_RAPIDOCR = """
import os
class RapidOCR:
    def __init__(self, **options):
        assert options == {"intra_op_num_threads": 1, "inter_op_num_threads": 1}
        print("noise among the answers")
    def __call__(self, path):
        if path.endswith("dies.png"):
            os._exit(1)
        if path.endswith("broken.png"):
            raise ValueError("secret text of a library")
        return ([[None, "14.25", 0.9]] if path.endswith("good.png") else None), None
"""


def picture(path: Path) -> Picture:
    return Picture(Source(str(path), path.name), path.name, "scans", {"amount": "14.25", "routing": "075911713"}, "auto", True)


@pytest.fixture
def good(tmp_path: Path) -> Path:
    """A white picture."""
    path = tmp_path / "good.png"
    Image.new("L", (40, 20), 255).save(path)
    return path


@pytest.fixture
def tesseract(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Tesseract:
    """A program that says the same of every picture and fails on a file that begins with x."""
    program = tmp_path / "bin" / "tesseract"
    program.parent.mkdir()
    program.write_text(FAKE_TESSERACT.format(python=sys.executable))
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", str(program.parent))
    return Tesseract()


@pytest.fixture
def rapidocr_modules(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The package as the worker finds it, with its version."""
    modules = tmp_path / "modules"
    (modules / "rapidocr_onnxruntime-9.9.dist-info").mkdir(parents=True)
    (modules / "rapidocr_onnxruntime-9.9.dist-info" / "METADATA").write_text("Name: rapidocr-onnxruntime\nVersion: 9.9\n")
    (modules / "rapidocr_onnxruntime.py").write_text(FAKE_RAPIDOCR)
    monkeypatch.setenv("PYTHONPATH", str(modules))


def test_tesseract(tesseract: Tesseract, good: Path, tmp_path: Path) -> None:
    """The text of the page is searched; a file that the program refuses is a failure and nothing right."""
    assert tesseract.version() == "tesseract 0.0 of a test"
    seen = tesseract.look(picture(good))
    assert seen.outcomes == {"amount": "accepted_right", "routing": "accepted_right"}
    assert seen.time_ms > 0.0
    assert seen.cpu_ms > 0.0
    assert tesseract.start_ms() > 0.0
    bad = tmp_path / "bad.png"
    bad.write_bytes(b"x")
    refused = tesseract.look(picture(bad))
    assert refused.failure == "tesseract ended with status 1"
    assert set(refused.outcomes.values()) == {"accepted_wrong"}


def test_a_missing_program_says_how_to_install_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not on the path: left out."""
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(PeerMissing, match="apt-get install tesseract-ocr"):
        Tesseract()


@pytest.mark.usefixtures("rapidocr_modules")
def test_rapidocr(tmp_path: Path) -> None:
    """Answers are kept apart from noise; a picture that fails names the kind of error alone; a dead process is an error."""
    with ExitStack() as stack:
        reader = RapidOcr(sys.executable, stack)
        assert reader.version() == "rapidocr-onnxruntime 9.9"
        seen = reader.look(picture(tmp_path / "good.png"))
        assert seen.outcomes == {"amount": "accepted_right", "routing": "accepted_wrong"}
        assert seen.time_ms >= 0.0
        assert set(reader.look(picture(tmp_path / "empty.png")).outcomes.values()) == {"accepted_wrong"}
        assert reader.look(picture(tmp_path / "broken.png")).failure == "RapidOCR failed with ValueError"
        with pytest.raises(PeerFailed, match=r"dies\.png"):
            reader.look(picture(tmp_path / "dies.png"))


def test_a_missing_package_says_how_to_install_it(tmp_path: Path) -> None:
    """A Python without the package, and no Python at all."""
    worker = tmp_path / "worker.py"
    worker.write_text("raise SystemExit(3)")
    with ExitStack() as stack, pytest.raises(PeerMissing, match="pip install rapidocr-onnxruntime"):
        RapidOcr(sys.executable, stack, worker)
    with ExitStack() as stack, pytest.raises(PeerMissing, match="cannot be started"):
        RapidOcr(str(tmp_path / "none"), stack)


class Refusing:
    def read(self, data: bytes, options: object) -> Any:
        raise UnsupportedFormat("This is no picture.")


def test_checkreader_on_files_that_are_no_pictures(tmp_path: Path) -> None:
    """Every field is an error; the reason is kept; so for a file that cannot be opened."""
    path = tmp_path / "a.png"
    path.write_bytes(b"x")
    seen = Checkreader(Refusing(), 0.01).look(picture(path))
    assert (seen.outcomes, seen.failure) == ({"amount": "error", "routing": "error"}, "This is no picture.")
    assert "cannot be read" in Checkreader(Refusing(), 0.01).look(picture(tmp_path / "none.png")).failure


def test_checkreader_reads_the_samples(repository: Path) -> None:
    """The real reader through the comparison of the batch: a sample is read right, with its stages."""
    pytest.importorskip("onnxruntime", reason="reading needs onnxruntime (extra cpu)")
    from app.inference.recogniser import load_recogniser
    from app.reader.pipeline import CheckReader

    path = repository / "samples" / "us_business_1.png"
    asked = Picture(Source(str(path), path.name), path.name, "samples", {"amount": "12480.75", "routing": "026462169"}, "auto", True)
    seen = Checkreader(CheckReader(load_recogniser()), 0.05).look(asked)
    assert seen.outcomes["routing"] in ("accepted_right", "refused_right")
    assert set(seen.outcomes) == {"amount", "routing"}
    assert 0.0 < sum(seen.stages_ms.values()) <= seen.time_ms


@pytest.fixture
def stubbed(monkeypatch: pytest.MonkeyPatch) -> None:
    """No model, and a reader that refuses every file."""
    monkeypatch.setattr(read_rate, "load_recogniser", lambda: None)
    monkeypatch.setattr(read_rate, "CheckReader", lambda recogniser: Refusing())


def run(*arguments: object) -> int:
    return read_rate.main([str(argument) for argument in arguments])


@pytest.mark.usefixtures("stubbed", "tesseract", "rapidocr_modules")
def test_one_run_with_peers(good: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """All readers in one table; files that were not read are named."""
    folder = good.parent
    truth = folder / "truth.csv"
    truth.write_text("file,amount\ngood.png,14.25\n")
    assert run(folder, "--truth", truth, "--peers", "tesseract", "rapidocr", "--rounds", 2) == 0
    printed = capsys.readouterr().out
    for words in (
        "| amount | checkreader | check | 0 of 1: 0.0 % (0.0-79.3) |",
        "| amount | Tesseract | check | 1 of 1: 100.0 % (20.7-100.0) | - |",
        "| amount | RapidOCR | check | 1 of 1: 100.0 % (20.7-100.0) | - |",
        "* checkreader could not read 1 file (good.png): This is no picture.",
        "tesseract 0.0 of a test",
        "rapidocr-onnxruntime 9.9",
    ):
        assert words in printed


@pytest.mark.usefixtures("stubbed")
def test_peers_that_are_missing_are_left_out(
    good: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The run goes on, and a sentence says what is missing."""
    truth = tmp_path / "truth.csv"
    truth.write_text("file,amount\ngood.png,14.25\n")
    monkeypatch.setenv("PATH", str(tmp_path / "nothing"))
    assert run(good.parent, "--truth", truth, "--peers", "tesseract", "rapidocr", "--rapidocr-python", tmp_path / "none") == 0
    printed = capsys.readouterr().out
    assert "* Tesseract is left out: " in printed
    assert "* RapidOCR is left out: " in printed


@pytest.mark.usefixtures("stubbed")
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "name either a folder"),
        (("a", "--checks", "b"), "name either a folder"),
        (("a",), "--truth"),
        (("a", "--truth", "t.csv", "--write"), "go with --checks"),
        (("--checks", "b", "--truth", "t.csv"), "go with a folder"),
        (("none", "--truth", "t.csv"), "no such folder: none"),
        (("a", "--truth", "t.csv", "--rounds", "0"), "--rounds must be 1 or greater; given: 0"),
        (("a", "--truth", "t.csv", "--max-error", "0"), "--max-error must be greater than 0"),
    ],
)
def test_wrong_usage(arguments: tuple[str, ...], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    """One sentence, exit status 2."""
    assert run(*arguments) == 2
    assert message in capsys.readouterr().err


@pytest.mark.usefixtures("stubbed")
def test_figures_are_written_where_they_stand(good: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only with --write, and only between the markers."""
    monkeypatch.setattr(read_rate, "of_development_checks", lambda root, amount_format, only_x9: (picture(good),))
    readme, results = tmp_path / "README.md", tmp_path / "results.md"
    readme.write_text("before\n<!-- figures:peers -->\n<!-- /figures -->\nafter\n")
    results.write_text("<!-- figures:read-rate -->\n<!-- /figures -->\n")
    command = ("--checks", tmp_path, "--docs", tmp_path, "--readme", readme)
    before = (readme.read_text(), results.read_text())
    assert run(*command) == 0
    assert (readme.read_text(), results.read_text()) == before
    assert run(*command, "--write") == 0
    assert "| checkreader | scans | 0 of 1" in readme.read_text()
    assert readme.read_text().startswith("before\n")
    assert readme.read_text().endswith("after\n")
    assert "| scans | amount | checkreader | check |" in results.read_text()


def test_a_reader_that_cannot_start(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Missing models are one sentence and exit status 1."""
    from app.errors import ModelError

    def refused() -> SimpleNamespace:
        raise ModelError("the model file micr_e13b.onnx is missing")

    monkeypatch.setattr(read_rate, "load_recogniser", cast(Any, refused))
    assert run("a", "--truth", "t.csv") == 1
    assert "micr_e13b.onnx is missing" in capsys.readouterr().err
