"""Dockerfile and docker-compose.yml, as far as they can be checked without an engine."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from app.settings import PREFIX, Settings, known_variables

ROOT = Path(__file__).resolve().parents[1]
TARGETS = ("cpu", "gpu")
Instruction = tuple[str, str]  # ("COPY", "app app")


def instructions() -> list[Instruction]:
    """The Dockerfile's instructions, continued lines joined, comments dropped."""
    lines = [line for line in (ROOT / "Dockerfile").read_text().splitlines() if not line.lstrip().startswith("#")]
    joined = re.sub(r"\\\n\s*", "", "\n".join(lines))
    return [(word.upper(), rest.strip()) for word, _, rest in (line.partition(" ") for line in joined.splitlines()) if word]


def stages() -> dict[str, list[Instruction]]:
    """The instructions of every stage by its name; ``FROM`` is the first."""
    found: dict[str, list[Instruction]] = {}
    for word, rest in instructions():
        if word == "FROM":
            name = rest.split()[-1]
            found[name] = []
        if found:
            found[name].append((word, rest))
    return found


def lineage(target: str) -> list[Instruction]:
    """All instructions that make up an image, from its base to itself, without what was only copied from."""
    own = stages()[target]
    parent = own[0][1].split()[0]
    return (lineage(parent) if parent in stages() else []) + own


def environment(target: str) -> dict[str, str]:
    """What the image sets."""
    pairs = [pair.partition("=") for word, rest in lineage(target) if word == "ENV" for pair in rest.split()]
    return {name: value for name, _, value in pairs}


def compose() -> dict[str, Any]:
    document: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
    return document


def test_every_copied_path_exists_and_reaches_the_builder() -> None:
    """Each COPY source lies in the tree, and .dockerignore, which refuses all else, lets it through."""
    let_through = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    sources = [part for word, rest in instructions() if word == "COPY" and not rest.startswith("--from") for part in rest.split()[:-1]]
    assert {"app", "model", "requirements/cpu.txt", "requirements/gpu.txt"} <= set(sources)
    for source in sources:
        assert (ROOT / source).exists(), source
        assert source in let_through or f"{Path(source).parent}/*{Path(source).suffix}" in let_through, source


def test_copies_between_stages_name_earlier_stages() -> None:
    """A stage copies only from stages above it."""
    seen: set[str] = set()
    for name, body in stages().items():
        for word, rest in body:
            if word == "COPY" and (match := re.match(r"--from=(\S+)", rest)):
                assert match.group(1) in seen, rest
        seen.add(name)


@pytest.mark.parametrize("target", TARGETS)
def test_final_image_runs_as_an_unprivileged_number(target: str) -> None:
    """The user is numeric and not root, the port is exposed, the service starts in exec form."""
    image = lineage(target)
    assert [rest for word, rest in image if word == "USER"] == ["10001:10001"]
    assert [rest for word, rest in image if word == "EXPOSE"] == ["8000"]
    assert json.loads(next(rest for word, rest in image if word == "ENTRYPOINT")) == ["checkreader"]
    assert json.loads(next(rest for word, rest in image if word == "CMD")) == ["serve"]
    assert image[0][1].startswith("python:3.11-slim")


@pytest.mark.parametrize("target", TARGETS)
def test_final_image_installs_nothing_itself(target: str) -> None:
    """What runs is copied ready-made: no compiler, no package manager, no torch on the way to it."""
    runs = [rest for word, rest in lineage(target) if word == "RUN"]
    assert all("uninstall" in run for run in runs)
    assert "torch" not in (ROOT / "Dockerfile").read_text()
    lock = (ROOT / f"requirements/{target}.txt").read_text()
    assert not re.search(r"^torch\b", lock, re.MULTILINE)
    assert ("onnxruntime-gpu==" in lock) == (target == "gpu")


def test_dependencies_are_locked_and_come_before_the_source() -> None:
    """Every installation from an index demands hashes; the source is copied after its stage's dependencies."""
    for word, rest in instructions():
        if word == "RUN" and re.search(r"\binstall\b", rest):
            assert "--require-hashes" in rest or "--no-index" in rest, rest
    for target in TARGETS:
        body = [rest for word, rest in stages()[f"environment-{target}"] if word in ("COPY", "RUN")]
        assert len(body) == 2
        assert body[0].startswith("requirements/")


@pytest.mark.parametrize("target", TARGETS)
def test_environment_names_are_known_to_settings(target: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Image and compose file set only variables that Settings reads, to values that it accepts."""
    service = compose()["services"]["checkreader" if target == "cpu" else "checkreader-gpu"]
    ours = {name: value for name, value in {**environment(target), **service["environment"]}.items() if name.startswith(PREFIX)}
    assert set(ours) <= set(known_variables())
    for name, value in ours.items():
        monkeypatch.setenv(name, value)
    settings = Settings()
    assert (settings.host, settings.port) == ("0.0.0.0", 8000)
    assert settings.device == ("cuda" if target == "gpu" else "cpu")


@pytest.mark.parametrize("target", TARGETS)
def test_health_check_is_an_exec_form_question_to_readyz(target: str) -> None:
    """The health check needs no shell and no curl; its program compiles and fails where nothing answers."""
    check = next(rest for word, rest in lineage(target) if word == "HEALTHCHECK")
    command = json.loads(check[check.index("CMD ") + 4 :])
    assert command[:2] == ["python", "-c"]
    assert "/readyz" in command[2]
    asked = subprocess.run(
        [sys.executable, *command[1:]], env={"CHECKREADER_PORT": "1"}, capture_output=True, text=True, timeout=30, check=False
    )
    assert asked.returncode != 0
    assert "refused" in asked.stderr


def test_compose_services_are_shut_in() -> None:
    """Every service: read-only root, tmpfs /tmp, no capability, no new privilege, bounded memory and CPUs, 127.0.0.1 only."""
    services = compose()["services"]
    assert set(services) == {"checkreader", "checkreader-gpu"}
    for service in services.values():
        assert service["read_only"] is True
        assert service["tmpfs"][0].startswith("/tmp")
        assert service["cap_drop"] == ["ALL"]
        assert service["security_opt"] == ["no-new-privileges:true"]
        assert service["mem_limit"]
        assert service["cpus"]
        assert all(port.startswith("127.0.0.1:") and port.endswith(":8000") for port in service["ports"])
        assert service["build"]["target"] in stages()


def test_gpu_service_stands_behind_its_profile_with_its_device() -> None:
    """``docker compose up`` starts the CPU service alone; the profile ``gpu`` reserves a device."""
    cpu, gpu = compose()["services"]["checkreader"], compose()["services"]["checkreader-gpu"]
    assert "profiles" not in cpu
    assert cpu["ports"] == ["127.0.0.1:8000:8000"]
    assert gpu["profiles"] == ["gpu"]
    assert gpu["deploy"]["resources"]["reservations"]["devices"][0]["capabilities"] == ["gpu"]
    assert gpu["build"]["target"] == "gpu"


def test_compose_waits_longer_than_the_service_needs_to_stop() -> None:
    """The engine kills only after notice and grace have passed."""
    defaults = {name: field.default for name, field in Settings.model_fields.items()}
    for service in compose()["services"].values():
        assert int(service["stop_grace_period"].removesuffix("s")) > defaults["drain_notice_s"] + defaults["shutdown_grace_s"]


def test_dockerfile_is_clean_by_its_linter() -> None:
    """hadolint finds nothing to say, where it is installed."""
    linter = shutil.which("hadolint") or shutil.which("hadolint", path=str(Path(sys.executable).parent))
    if linter is None:
        pytest.skip("hadolint is not installed")
    run = subprocess.run([linter, str(ROOT / "Dockerfile")], capture_output=True, text=True, timeout=60, check=False)
    assert run.returncode == 0, run.stdout
