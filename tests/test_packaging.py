"""A wheel built from the tree, installed elsewhere and run from another folder: it reads, and it serves."""

from __future__ import annotations

import email
import http.client
import json
import os
import shutil
import socket
import subprocess
import sys
import sysconfig
import time
import uuid
import venv
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
SHIPPED = ("app", "model", "pyproject.toml", "README.md", "LICENSE", "THIRD_PARTY_NOTICES.md")
START_S = 60


def _environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith(("CHECKREADER_", "PYTHON"))}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A wheel built from a copy of what is shipped, with the tools of the dev lock and no network."""
    source, out = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("wheel")
    for name in SHIPPED:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, source / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(ROOT / name, source / name)
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "--wheel-dir", str(out), str(source)]
    subprocess.run(command, check=True, capture_output=True, env=_environment(), timeout=120)
    (built,) = out.glob("checkreader-*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bin folder of an environment that holds the wheel and, by a path file, the libraries of this one.

    A path file adds a folder without running the path files inside it, so an editable install of the tree stays unseen.
    """
    folder = tmp_path_factory.mktemp("installed")
    venv.create(folder, with_pip=False, symlinks=True)
    python = folder / "bin" / "python"
    command = [sys.executable, "-m", "pip", "--python", str(python), "install", "--quiet", "--no-deps", "--no-index", str(wheel)]
    subprocess.run(command, check=True, capture_output=True, env=_environment(), timeout=120)
    (packages,) = (folder / "lib").glob("python*/site-packages")
    (packages / "libraries.pth").write_text(sysconfig.get_path("purelib") + "\n", encoding="utf-8")
    return python.parent


def test_the_wheel_holds_the_models_and_nothing_offline(wheel: Path) -> None:
    """Every model file of the tree is in the wheel with its provenance; training and tests are not."""
    names = zipfile.ZipFile(wheel).namelist()
    models = {f"model/{file.name}" for file in (ROOT / "model").iterdir() if file.suffix in {".onnx", ".json", ".md"}}
    assert {"model/courtesy_amount.onnx", "model/micr_e13b.onnx"} <= models
    assert models <= set(names)
    assert {name.split("/")[0] for name in names} == {"app", "model", next(name for name in names if ".dist-info/" in name).split("/")[0]}
    assert "app/py.typed" in names


def test_every_file_of_the_page_is_in_the_wheel(wheel: Path) -> None:
    """Files of the service that are no Python are shipped too."""
    others = {str(file.relative_to(ROOT)) for file in (ROOT / "app").rglob("*") if file.is_file() and file.suffix not in {".py", ".pyc"}}
    assert others <= set(zipfile.ZipFile(wheel).namelist())


def test_the_wheel_says_what_it_is(wheel: Path) -> None:
    """Licence, Python, extras and the notices of others' work are in the metadata."""
    archive = zipfile.ZipFile(wheel)
    (name,) = (name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
    metadata = email.message_from_bytes(archive.read(name))
    assert metadata["License-Expression"] == "Apache-2.0"
    assert metadata["Requires-Python"] == ">=3.11"
    assert {"cpu", "gpu", "train", "cluster", "dev"} <= set(metadata.get_all("Provides-Extra", []))
    assert set(metadata.get_all("License-File", [])) == {"LICENSE", "THIRD_PARTY_NOTICES.md"}


def test_the_installed_wheel_reads(installed: Path, tmp_path: Path) -> None:
    """From another folder, the installed command reads a sample: its package is the wheel's, its models are inside."""
    sample = ROOT / "samples" / "us_business_1.png"
    where = subprocess.run(
        [installed / "python", "-c", "import app, model; print(app.__file__, model.__file__)"],
        cwd=tmp_path, env=_environment(), check=True, capture_output=True, text=True, timeout=60,
    ).stdout  # fmt: skip
    assert str(ROOT) not in where
    answer = subprocess.run(
        [installed / "checkreader", "read", "--json", sample],
        cwd=tmp_path, env=_environment(), check=True, capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert json.loads(answer.stdout)["amount"]["value"] is not None


@contextmanager
def _service(installed: Path, folder: Path) -> Iterator[int]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    log = (folder / "service.log").open("w+", encoding="utf-8")
    process = subprocess.Popen(
        [installed / "checkreader", "serve", "--port", str(port)], cwd=folder, env=_environment(), stdout=log, stderr=log
    )
    try:
        _wait_until_ready(process, port, folder / "service.log")
        yield port
    finally:
        process.terminate()
        process.wait(timeout=30)
        log.close()


def _wait_until_ready(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    end = time.monotonic() + START_S
    while time.monotonic() < end:
        assert process.poll() is None, log.read_text(encoding="utf-8")
        try:
            if _request(port, "GET", "/readyz")[0] == 200:
                return
        except OSError:
            pass
        time.sleep(0.1)
    pytest.fail(f"not ready after {START_S} s:\n" + log.read_text(encoding="utf-8"))


def _request(port: int, method: str, path: str, body: bytes = b"", content_type: str = "") -> tuple[int, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.request(method, path, body or None, {"Content-Type": content_type} if content_type else {})
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


def test_the_installed_wheel_serves(installed: Path, tmp_path: Path) -> None:
    """From another folder, the installed command serves, and reads an uploaded sample."""
    sample = ROOT / "samples" / "us_business_1.png"
    boundary = uuid.uuid4().hex
    head = f'--{boundary}\r\nContent-Disposition: form-data; name="image"; filename="check.png"\r\nContent-Type: image/png\r\n\r\n'
    body = head.encode() + sample.read_bytes() + f"\r\n--{boundary}--\r\n".encode()
    with _service(installed, tmp_path) as port:
        status, answer = _request(port, "POST", "/v1/checks", body, f"multipart/form-data; boundary={boundary}")
    assert status == 200, answer
    assert json.loads(answer)["amount"]["value"] is not None
