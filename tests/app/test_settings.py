"""Settings: the environment read once, checked, frozen."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from app.errors import StartupError
from app.settings import PREFIX, Settings, available_cpus, known_variables, unknown_variables


@pytest.fixture(autouse=True)
def _empty_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in known_variables():
        monkeypatch.delenv(name, raising=False)


def test_defaults_bind_this_machine_only() -> None:
    """Nothing set: 127.0.0.1:8000, CPU, one stated error in a hundred."""
    settings = Settings()
    assert (settings.host, settings.port, settings.device, settings.max_error) == ("127.0.0.1", 8000, "cpu", 0.01)
    assert settings.workers == available_cpus()


def test_environment_is_read_and_names_given_win(monkeypatch: pytest.MonkeyPatch) -> None:
    """A variable sets a field; a value given by name wins over it; an empty variable sets nothing."""
    monkeypatch.setenv("CHECKREADER_PORT", "9001")
    monkeypatch.setenv("CHECKREADER_MODEL_DIR", "")
    assert Settings().port == 9001
    assert Settings().model_dir is None
    assert Settings(port=9002).port == 9002


@pytest.mark.parametrize(
    ("name", "value"),
    [("PORT", "70000"), ("PORT", "http"), ("DEVICE", "tpu"), ("MAX_ERROR", "0"), ("MAX_ERROR", "nan"), ("WORKERS", "0")],
)  # fmt: skip
def test_values_outside_their_range_are_refused(name: str, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The refusal names the field."""
    monkeypatch.setenv(PREFIX + name, value)
    with pytest.raises(ValidationError) as caught:
        Settings()
    assert caught.value.errors()[0]["loc"] == (name.lower(),)


def test_unknown_variable_is_refused_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    """A misspelt limit must not pass for a set one: the message names it and what there is."""
    monkeypatch.setenv("CHECKREADER_MAX_PIXEL", "1000")
    with pytest.raises(StartupError) as caught:
        Settings()
    assert "CHECKREADER_MAX_PIXEL;" in caught.value.detail
    assert "CHECKREADER_MAX_PIXELS" in caught.value.detail


def test_variables_of_training_and_tests_are_tolerated() -> None:
    """What others read under the same prefix is no mistake."""
    assert unknown_variables({"CHECKREADER_DATA": "/x", "CHECKREADER_REQUIRE": "data", "PATH": "/bin"}) == ()
    assert unknown_variables({"checkreader_port": "1", "CHECKREADER_PROT": "1"}) == ("CHECKREADER_PROT",)


def test_settings_are_frozen() -> None:
    """Nothing changes them after start-up."""
    with pytest.raises(ValidationError):
        Settings().port = 1  # type: ignore[misc]


@pytest.mark.parametrize(
    ("files", "cpus"),
    [
        ({"cpu.max": "100000 100000"}, 1),
        ({"cpu.max": "50000 100000"}, 1),
        ({"cpu.max": "max 100000"}, None),
        ({"cpu/cpu.cfs_quota_us": "100000", "cpu/cpu.cfs_period_us": "100000"}, 1),
        ({"cpu/cpu.cfs_quota_us": "-1", "cpu/cpu.cfs_period_us": "100000"}, None),
        ({}, None),
    ],
)
def test_cpus_of_the_cgroup_bound_the_workers(files: dict[str, str], cpus: int | None, tmp_path: Path) -> None:
    """The quota of version 2 or 1 counts where there is one, the affinity otherwise."""
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    assert available_cpus(tmp_path) == (available_cpus(tmp_path / "none") if cpus is None else cpus)


def test_operations_guide_lists_every_variable_with_its_default() -> None:
    """docs/operations.md holds one row for each field of Settings, and no other."""
    guide = (Path(__file__).resolve().parents[2] / "docs/operations.md").read_text()
    rows = {
        cells[0].strip(" `"): cells[1].strip(" `")
        for cells in (line.strip("| \n").split("|") for line in guide.splitlines() if line.startswith(f"| `{PREFIX}"))
    }
    assert tuple(rows) == known_variables()
    for name, field in Settings.model_fields.items():
        if field.default_factory is None and field.default is not None:
            shown = f"{field.default:g}" if isinstance(field.default, float) else str(field.default)
            assert rows[PREFIX + name.upper()] == shown
