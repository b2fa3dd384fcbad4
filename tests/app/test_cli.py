"""The command line: what is printed, what is written, which exit status."""

from __future__ import annotations

import io
import json
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from app import commands
from app.cli import build_parser, main
from app.errors import ModelError
from app.settings import Settings
from tests.app.batch.stub_reader import MODEL, make_refused, make_with, picture

COMMANDS = ("serve", "read", "score", "model")


@pytest.fixture(autouse=True)
def _stubbed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The stub reader stands in for the models, and the working folder is empty."""
    monkeypatch.setattr(commands, "make_reader", make_with)
    monkeypatch.chdir(tmp_path)


def _lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def _status(*arguments: str) -> int:
    """The exit status, whether it is returned or raised by the parser."""
    try:
        return main(arguments)
    except SystemExit as exit_:
        return int(exit_.code or 0)


@pytest.mark.parametrize("arguments", [("--help",), ("--version",), *((command, "--help") for command in COMMANDS)])
def test_help_is_there_for_every_command(arguments: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    """Help answers on standard output with status 0."""
    assert _status(*arguments) == 0
    assert capsys.readouterr().out.strip()


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        ((), "COMMAND"),
        (("frobnicate",), "frobnicate"),
        (("score", "a.png"), "--out"),
        (("score", "a.png", "--out", "o.jsonl", "--workers", "0"), "at least 1; given: 0"),
        (("score", "a.png", "--out", "o.jsonl", "--workers", "many"), "given: many"),
        (("score", "a.png", "--out", "o.jsonl", "--amount-format", "uk"), "uk"),
        (("score", "missing.png", "--out", "o.jsonl"), "missing.png"),
        (("score", "a.png", "--out", "missing/o.jsonl"), "missing/o.jsonl"),
        (("score", "a.png", "--out", "o.jsonl", "--max-error", "2"), "max_error"),
        (("score", "a.png", "--out", "o.jsonl", "--truth", "missing.csv"), "missing.csv"),
        (("read", "a.png", "--page", "-1"), "page"),
        (("read", "a.png", "a.png", "--explain", "o.png"), "--explain"),
        (("read", "a.png", "--explain", "o.nothing"), "o.nothing"),
        (("read", "a.png", "--include", "explanation"), "--json"),
        (("read", "a.png", "--character", "1"), "--character"),
        (("read", "a.png", "--json", "--include", "snippets"), "snippets"),
        (("serve", "--port", "99999"), "port"),
    ],
)
def test_wrong_usage_is_one_line_and_status_2(
    arguments: tuple[str, ...], word: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What was wrong is named."""
    picture(tmp_path, "a.png")
    assert _status(*arguments) == 2
    errors = capsys.readouterr().err
    assert word in errors
    assert errors.count("\n") == 1
    assert errors.startswith("checkreader")


def test_score_writes_one_line_per_image(tmp_path: Path) -> None:
    """Files, folders and patterns in; ``file`` as reached from the argument; ``page`` only for files of several pages."""
    picture(tmp_path, "a/b/c.png", "amount=1.00")
    picture(tmp_path, "a/b/d.tif", "amount=2.00", pages=2)
    picture(tmp_path, "e.png", "fail=input")
    (tmp_path / "a/b/notes.txt").touch()
    assert _status("score", "a/b", "*.png", "--out", "out.jsonl", "--workers", "1") == 0
    lines = _lines(tmp_path / "out.jsonl")
    assert [(line["file"], line.get("page")) for line in lines] == [
        ("a/b/c.png", None),
        ("a/b/d.tif", 0),
        ("a/b/d.tif", 1),
        ("e.png", None),
    ]
    assert lines[0]["reading"]["amount"]["value"] == "1.00"
    assert lines[3]["error"] == {"code": "corrupt_image", "detail": "The picture is broken."}


def test_two_workers_write_what_one_writes(tmp_path: Path) -> None:
    """The same lines in the same order; a worker that dies leaves an error line."""
    for place in range(8):
        picture(tmp_path, f"in/{place}.png", "die" if place == 3 else f"amount={place}.00;sleep={0.1 * (place % 2)}")
    assert _status("score", "in", "--out", "two.jsonl", "--workers", "2") == 0
    lines = _lines(tmp_path / "two.jsonl")
    assert [line["file"] for line in lines] == [f"in/{place}.png" for place in range(8)]
    assert lines.pop(3)["error"]["code"] == "worker_died"
    assert [line["reading"]["amount"]["value"] for line in lines] == [f"{place}.00" for place in range(8) if place != 3]


def test_error_lines_make_status_1_only_when_strict(tmp_path: Path) -> None:
    """All lines written is success; --strict asks for readings."""
    picture(tmp_path, "a.png", "fail=input")
    assert _status("score", "a.png", "--out", "out.jsonl") == 0
    assert _status("score", "a.png", "--out", "out.jsonl", "--strict") == 1
    picture(tmp_path, "a.png", "amount=1.00;decision=refused")
    assert _status("score", "a.png", "--out", "out.jsonl", "--strict") == 0


def test_out_is_written_anew_unless_append(tmp_path: Path) -> None:
    """Two runs leave one line, a third with --append two."""
    picture(tmp_path, "a.png")
    for extra in ((), (), ("--append",)):
        assert _status("score", "a.png", "--out", "out.jsonl", *extra) == 0
    assert len(_lines(tmp_path / "out.jsonl")) == 2


def test_an_empty_folder_is_an_empty_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing to read is no error."""
    (tmp_path / "empty").mkdir()
    assert _status("score", "empty", "--out", "out.jsonl", "--strict") == 0
    assert (tmp_path / "out.jsonl").read_bytes() == b""
    assert "0 lines" in capsys.readouterr().err


def test_a_truth_gives_a_summary_per_field(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Right, wrong and refused on standard output, rows without a file on standard error."""
    picture(tmp_path, "in/a.png", "amount=1.00;micr=075911713/12/7")
    picture(tmp_path, "in/b.png", "amount=9.00")
    (tmp_path / "truth.csv").write_text("file,amount,routing\na.png,1,075911713\nin/b.png,2,\nc.png,3,\n", encoding="utf-8")
    assert _status("score", "in", "--out", "out.jsonl", "--truth", "truth.csv") == 0
    printed = capsys.readouterr()
    assert "amount: read rate without refusal 50.0%" in printed.out
    assert "routing: read rate without refusal 100.0%" in printed.out
    assert "1 of 3 rows of the truth match no file" in printed.err


def test_lines_on_standard_output_stay_alone(tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    """With --out - the summary goes to standard error."""
    picture(tmp_path, "a.png")
    (tmp_path / "truth.csv").write_text("file,amount\na.png,1\n", encoding="utf-8")
    assert _status("score", "a.png", "--out", "-", "--truth", "truth.csv") == 0
    printed = capfdbinary.readouterr()
    (line,) = printed.out.splitlines()
    assert json.loads(line)["file"] == "a.png"
    assert b"read rate" in printed.err


def test_read_prints_a_table_for_people(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Value, decision, confidence, and the reason of a refusal."""
    picture(tmp_path, "a.png", "amount=12.34;micr=075911713/12/7;decision=refused")
    assert _status("read", "a.png") == 0
    printed = capsys.readouterr().out
    for word in ("12.34 USD", "refused", "075911713 (checksum right)", "The first digit may be a 3 or an 8."):
        assert word in printed


def test_read_prints_one_document_per_file_for_programs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The document of the service with the file added; a file that cannot be read is a line too, and status 1."""
    picture(tmp_path, "a.png", "amount=12.34")
    picture(tmp_path, "b.png", "fail=input")
    assert _status("read", "--json", "a.png", "b.png", "missing.png") == 1
    printed = capsys.readouterr()
    first, second, third = (json.loads(line) for line in printed.out.splitlines())
    assert (first["file"], first["amount"]["value"]) == ("a.png", "12.34")
    assert second == {"file": "b.png", "error": {"code": "corrupt_image", "detail": "The picture is broken."}}
    assert third["error"]["code"] == "unreadable_file"
    assert printed.err.splitlines()[0] == "checkreader read: b.png: The picture is broken."


def test_signs_that_the_terminal_lacks_are_escaped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A Latin-1 terminal gets the MICR line too, and the JSON stays valid."""
    picture(tmp_path, "a.png", "micr=075911713/12/7")
    taken = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(taken, encoding="latin-1"))
    assert _status("read", "a.png", "--json") == 0
    sys.stdout.flush()
    assert json.loads(taken.getvalue())["micr"]["raw"].startswith("⑆075911713⑆")


def test_read_draws_an_explanation(tmp_path: Path) -> None:
    """A picture that can be opened."""
    picture(tmp_path, "a.png")
    assert _status("read", "a.png", "--explain", "explained.png") == 0
    with Image.open(tmp_path / "explained.png") as explained:
        assert explained.size >= (640, 80)


def test_a_reader_that_cannot_be_made_is_one_line_and_status_1(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """No traceback, in both commands that read."""
    monkeypatch.setattr(commands, "make_reader", lambda settings: make_refused())
    picture(tmp_path, "a.png")
    for arguments in (("read", "a.png"), ("score", "a.png", "--out", "out.jsonl")):
        assert _status(*arguments) == 1
        assert capsys.readouterr().err == f"checkreader {arguments[0]}: the model has another digest\n"


def test_a_defect_is_one_line_that_can_be_reported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """An unforeseen exception names its kind and place."""

    def defect(settings: Settings) -> None:
        raise ZeroDivisionError("by\nnothing")

    monkeypatch.setattr(commands, "make_reader", defect)
    picture(tmp_path, "a.png")
    assert _status("read", "a.png") == 1
    errors = capsys.readouterr().err
    assert errors.count("\n") == 1
    assert "internal error: ZeroDivisionError: by nothing at test_cli.py:" in errors


def test_ctrl_c_leaves_whole_lines(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """What was read before the interrupt is there, line by line; status 130."""
    for place in range(3):
        picture(tmp_path, f"in/{place}.png", f"amount={place}.00")
    stub = make_with(None)
    calls = iter(range(10))

    class Interrupted:
        def read(self, data: bytes, options: Any) -> Any:
            if next(calls) == 2:
                raise KeyboardInterrupt
            return stub.read(data, options)

    monkeypatch.setattr(commands, "make_reader", lambda settings: Interrupted())
    assert _status("score", "in", "--out", "out.jsonl", "--workers", "1") == 130
    assert [line["file"] for line in _lines(tmp_path / "out.jsonl")] == ["in/0.png", "in/1.png"]
    assert capsys.readouterr().err.endswith("checkreader score: stopped\n")


def test_a_port_in_use_is_one_clear_line(capsys: pytest.CaptureFixture[str]) -> None:
    """Before any model is loaded."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert _status("serve", "--port", str(port)) == 1
    errors = capsys.readouterr().err
    assert errors.count("\n") == 1
    assert f"cannot listen on 127.0.0.1:{port}" in errors
    assert "--port" in errors


def test_serve_hands_the_settings_on(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """What the command line gives wins over the environment."""
    import app.main

    served: list[Settings] = []

    def serve(settings: Settings) -> int:
        served.append(settings)
        return 0

    monkeypatch.setattr(app.main, "serve", serve)
    monkeypatch.setenv("CHECKREADER_HOST", "127.0.0.2")
    monkeypatch.setenv("CHECKREADER_PORT", "1")
    assert _status("serve", "--port", "0", "--model-dir", str(tmp_path)) == 0
    (settings,) = served
    assert (settings.host, settings.port, settings.model_dir) == ("127.0.0.2", 0, tmp_path)


class _Recogniser:
    def info(self, name: str) -> Any:
        return MODEL


def test_model_prints_what_the_models_say(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Digest and thresholds, for people and for programs."""
    monkeypatch.setattr(commands, "load_recogniser", lambda model_dir, device: _Recogniser())
    assert _status("model") == 0
    assert "max_error 0.01: confidence >= 0.9000" in capsys.readouterr().out
    assert _status("model", "--json") == 0
    assert json.loads(capsys.readouterr().out)[0]["digest"] == "sha256:00"


def test_a_model_that_is_refused_is_one_line(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """The sentence of the refusal."""

    def refuse(model_dir: Path | None, device: str) -> None:
        raise ModelError("courtesy_amount.onnx is missing")

    monkeypatch.setattr(commands, "load_recogniser", refuse)
    assert _status("model") == 1
    assert capsys.readouterr().err == "checkreader model: courtesy_amount.onnx is missing\n"


def test_help_loads_neither_the_reader_nor_the_service() -> None:
    """Wrong usage and help answer at once."""
    program = (
        "import sys; import app.cli; app.cli.build_parser(); sys.exit(any(m in sys.modules for m in ('fastapi', 'onnxruntime', 'cv2')))"
    )
    assert subprocess.run([sys.executable, "-c", program], cwd=Path(__file__).parents[2], check=False, timeout=60).returncode == 0
    assert build_parser().prog == "checkreader"
