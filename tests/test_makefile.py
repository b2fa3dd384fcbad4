"""The Makefile, the locks and .ci/run: what they answer, and what they would do."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tomllib
from collections.abc import Mapping
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
TARGETS = ("serve", "test", "check", "train", "evaluate", "bench", "prove", "lock", "test-gpu", "help")
LOCKS = ("build", "cpu", "gpu", "train", "cluster", "dev")
_PIN = re.compile(r"^([A-Za-z0-9_.-]+)(?:\[[^\]]*\])?==([^ ;\\]+)(?: ; ([^\\]+))?")

pytestmark = pytest.mark.skipif(shutil.which("make") is None, reason="make is not installed")


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A folder with all that the Makefile's rules depend on."""
    folder = tmp_path / "house" / "checkreader"
    folder.mkdir(parents=True)
    for name in ("Makefile", "pyproject.toml"):
        shutil.copy(ROOT / name, folder / name)
    shutil.copytree(ROOT / "requirements", folder / "requirements")
    shutil.copytree(ROOT / ".ci", folder / ".ci")
    return folder


def _run(command: list[str], folder: Path, extra: Mapping[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("CHECKREADER_", "MAKE", "MFLAGS"))}
    return subprocess.run(command, cwd=folder, env=kept | dict(extra or {}), capture_output=True, text=True, timeout=60, check=False)


def _script(path: Path, body: str) -> Path:
    path.write_text(f"#!/bin/sh\n{body}\n", encoding="utf-8")
    path.chmod(0o755)
    return path


def _own_lines(text: str) -> list[str]:
    """Lines of ours, without those that make adds."""
    return [line for line in text.splitlines() if not line.startswith("make")]


def test_help_names_every_target() -> None:
    """`make` alone lists every command with a word on it."""
    answer = _run(["make"], ROOT)
    assert answer.returncode == 0
    for target in TARGETS:
        assert re.search(rf"^  make {target} +\S", answer.stdout, re.MULTILINE), target


@pytest.mark.parametrize("target", ["serve", "test"])
def test_a_python_that_is_too_old_is_one_clear_line(tree: Path, tmp_path: Path, target: str) -> None:
    """An old Python is named with its version, and nothing is created."""
    old = _script(tmp_path / "oldpython", 'case "$2" in *version_info*) exit 1;; *python_version*) echo 3.9.18;; esac')
    answer = _run(["make", target, f"PYTHON={old}"], tree)
    assert answer.returncode != 0
    (line,) = _own_lines(answer.stderr)
    assert "3.11 or later" in line
    assert "3.9.18" in line
    assert str(old) in line
    assert not (tree / ".venv").exists()


def test_a_python_without_venv_is_one_clear_line(tree: Path, tmp_path: Path) -> None:
    """A Python whose venv module was packaged apart is told from a broken one."""
    bare = _script(tmp_path / "barepython", 'case "$2" in *ensurepip*) echo Traceback >&2; exit 1;; esac')
    answer = _run(["make", "serve", f"PYTHON={bare}"], tree)
    assert answer.returncode != 0
    (line,) = _own_lines(answer.stderr)
    assert "venv module" in line
    assert not (tree / ".venv").exists()


def test_a_python_that_is_not_there_is_one_clear_line(tree: Path) -> None:
    """A PYTHON that does not exist is said so."""
    answer = _run(["make", "test", "PYTHON=/nowhere/python"], tree)
    assert answer.returncode != 0
    (line,) = _own_lines(answer.stderr)
    assert "there is no /nowhere/python" in line


def _stamp(tree: Path, *names: str) -> None:
    (tree / ".venv").mkdir(exist_ok=True)
    newest = max(file.stat().st_mtime for file in tree.rglob("*") if file.is_file())
    for place, name in enumerate((".created", ".cpu", *names)):
        (tree / ".venv" / name).touch()
        os.utime(tree / ".venv" / name, (newest + 1 + place, newest + 1 + place))


def test_a_second_call_installs_nothing(tree: Path) -> None:
    """With the stamps newer than the requirements, `make test` is pytest alone; a changed lock installs again."""
    _stamp(tree, ".dev")
    assert "pip" not in _run(["make", "-n", "test"], tree).stdout
    newer = (tree / ".venv" / ".dev").stat().st_mtime + 5
    os.utime(tree / "requirements" / "cpu.txt", (newer, newer))
    assert "requirements/cpu.txt" in _run(["make", "-n", "test"], tree).stdout


def test_only_a_typed_address_reaches_the_service(tree: Path) -> None:
    """PORT= on the command line counts; a HOST that some shell exports does not."""
    _stamp(tree)
    assert "serve --host" not in _run(["make", "-n", "serve"], tree, {"HOST": "workstation"}).stdout
    assert "--port 8080" in _run(["make", "-n", "serve", "PORT=8080"], tree).stdout


def test_torch_is_installed_only_where_it_is_required(tree: Path) -> None:
    """`make test` needs no torch, unless CHECKREADER_REQUIRE names it; then torch comes before its lock."""
    _stamp(tree, ".dev")
    assert "torch" not in _run(["make", "-n", "test"], tree).stdout
    required = _run(["make", "-n", "test"], tree, {"CHECKREADER_REQUIRE": "data,torch"}).stdout
    assert 0 <= required.index("install torch==2.13.0") < required.index("requirements/train.txt") < required.index("pytest")


def test_a_fresh_tree_installs_from_the_locks_by_digest(tree: Path) -> None:
    """Everything but torch and the project itself is installed with --require-hashes."""
    planned = _run(["make", "-n", "prove", "PYTHON=python3"], tree).stdout
    installs = [line for line in planned.splitlines() if " install " in line and "-m pip" in line]
    free = [line for line in installs if "--require-hashes" not in line]
    assert len(installs) > len(free)
    assert all("torch==" in line or "--no-deps" in line for line in free)


@pytest.mark.parametrize(("with_data", "expected"), [(True, "data,torch"), (False, "torch")])
def test_ci_says_what_must_not_be_skipped(tree: Path, tmp_path: Path, with_data: bool, expected: str) -> None:
    """.ci/run sets the data folder where there is one, and calls `make test`, nothing else."""
    if with_data:
        (tree.parent / "shared" / "data").mkdir(parents=True)
    fake = tmp_path / "bin"
    fake.mkdir()
    _script(fake / "make", 'echo "$*|$CHECKREADER_REQUIRE|$CHECKREADER_DATA"')
    answer = _run([str(tree / ".ci" / "run")], tmp_path, {"PATH": f"{fake}:{os.environ['PATH']}"})
    data = str((tree.parent / "shared" / "data").resolve()) if with_data else ""
    assert answer.stdout.strip() == f"test|{expected}|{data}"


def _pins(lock: str) -> dict[tuple[str, str], str]:
    """(name, marker) -> version of a lock file."""
    pins = {}
    for line in (ROOT / "requirements" / f"{lock}.txt").read_text(encoding="utf-8").splitlines():
        if match := _PIN.match(line):
            pins[match[1].lower().replace("_", "-"), (match[3] or "").strip()] = match[2]
    return pins


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_is_pinned_by_digest_and_names_no_place(lock: str) -> None:
    """Every line is a pin or a digest; no address, no torch; each pin has a digest."""
    lines = (ROOT / "requirements" / f"{lock}.txt").read_text(encoding="utf-8").splitlines()
    for line, following in zip(lines, [*lines[1:], ""], strict=True):
        assert _PIN.match(line) or line.startswith("    --hash=sha256:"), line
        assert not _PIN.match(line) or following.startswith("    --hash=sha256:"), line
    assert not [name for name, _ in _pins(lock) if name.startswith("torch")]


@pytest.mark.parametrize("lock", [lock for lock in LOCKS if lock != "cpu"])
def test_locks_install_into_one_environment(lock: str) -> None:
    """Whatever a lock has in common with the service's, it has in the same version."""
    service, other = _pins("cpu"), _pins(lock)
    shared = service.keys() & other.keys()
    assert {key: other[key] for key in shared} == {key: service[key] for key in shared}


def test_the_locks_hold_what_the_project_declares() -> None:
    """Every declared dependency is in the lock of its extra: a lock that was not renewed fails here."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    for extra, requirements in project["optional-dependencies"].items():
        locked = {name for name, _ in _pins(extra)}
        for requirement in requirements + project["dependencies"]:
            name = re.split(r"[\[<>=! ]", requirement, maxsplit=1)[0].lower().replace("_", "-")
            assert name in locked, f"{name} is not in requirements/{extra}.txt: make lock"


def test_the_two_runtimes_never_meet() -> None:
    """No lock holds both runtimes, and the extras are declared as conflicting."""
    assert ("onnxruntime", "") in _pins("cpu")
    assert not [name for name, _ in _pins("cpu") if name == "onnxruntime-gpu"]
    assert not [name for name, _ in _pins("gpu") if name == "onnxruntime"]
    conflicts = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["uv"]["conflicts"]
    assert conflicts == [[{"extra": "cpu"}, {"extra": "gpu"}]]
