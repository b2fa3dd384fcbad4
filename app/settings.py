"""Settings: the only reader of the environment (``CHECKREADER_*``). Read once at start-up, frozen, passed on."""

from __future__ import annotations

import math
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from app.errors import StartupError
from app.reader.types import DEFAULT_MAX_ERROR

PREFIX = "CHECKREADER_"
KNOWN_ELSEWHERE = frozenset({"CHECKREADER_DATA", "CHECKREADER_REQUIRE", "CHECKREADER_PROVE"})  # training and tests
CGROUP = Path("/sys/fs/cgroup")

Device = Literal["cpu", "cuda"]
LogLevel = Literal["debug", "info", "warning", "error"]
LogFormat = Literal["console", "json"]


def available_cpus(cgroup: Path = CGROUP) -> int:
    """CPUs that this process may use: its affinity, or the quota of its cgroup where that is less. At least 1."""
    allowed = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    quota = _cgroup_quota(cgroup)
    return allowed if quota is None else max(1, min(allowed, math.ceil(quota)))


def _cgroup_quota(cgroup: Path) -> float | None:
    """CPUs that the cgroup grants (version 2, then 1), None where it sets no limit."""
    try:
        words = (cgroup / "cpu.max").read_text().split()
    except OSError:
        try:
            words = [(cgroup / "cpu" / name).read_text() for name in ("cpu.cfs_quota_us", "cpu.cfs_period_us")]
        except OSError:
            return None
    try:
        quota, period = (int(word) for word in words)
    except ValueError:  # "max 100000": no limit
        return None
    return quota / period if quota > 0 and period > 0 else None


class Settings(BaseSettings):
    """Everything an operator can set. A value given by name wins over the environment.

    Raises pydantic's ``ValidationError`` for a value outside its range and ``StartupError`` for an unknown
    ``CHECKREADER_*`` variable: a misspelt limit must not pass for a set one.
    """

    model_config = SettingsConfigDict(env_prefix=PREFIX, env_ignore_empty=True, frozen=True, extra="forbid", allow_inf_nan=False)

    host: str = Field("127.0.0.1", min_length=1, description="address to bind")
    port: int = Field(8000, ge=0, le=65535, description="port to bind; 0 = any free one")
    device: Device = Field("cpu", description="where the models run; what is asked for and missing is a refusal to start")
    model_dir: Path | None = Field(None, description="folder of the model files; unset = the packaged ones")
    layouts: Path | None = Field(None, description="folder of layout files (*.toml) that a request or --layout may name; unset = none")

    max_body_bytes: int = Field(20 * 1024 * 1024, ge=1024, description="largest request body")
    max_pixels: int = Field(50_000_000, ge=1024, description="largest picture, in pixels of one page")
    max_pages: int = Field(100, ge=1, description="most pages of one file")
    body_timeout_s: float = Field(30.0, gt=0, description="longest time for a request body to arrive")
    workers: int = Field(default_factory=available_cpus, ge=1, le=1024, description="reads at the same time; unset = CPUs of the cgroup")
    queue_length: int = Field(32, ge=0, description="requests that may wait for a reader; one more gets 503")
    max_error: float = Field(DEFAULT_MAX_ERROR, gt=0, le=1, description="stated error rate where a request names none")

    log_level: LogLevel = Field("info", description="least level that is logged")
    log_format: LogFormat = Field("console", description="console for people, json for programs; always on standard error")
    drain_notice_s: float = Field(2.0, ge=0, description="time between /readyz 503 and closing the port, after SIGTERM")
    shutdown_grace_s: int = Field(20, ge=1, description="longest time to finish what is under way, after the port has closed")

    max_batch: int = Field(64, ge=1, description="GPU only: most requests whose patches are scored in one call")
    batch_wait_ms: float = Field(5.0, ge=0, le=1000, description="GPU only: longest wait for a batch to fill")

    @model_validator(mode="before")
    @classmethod
    def _refuse_unknown_variables(cls, values: Any) -> Any:
        unknown = unknown_variables(os.environ)
        if unknown:
            raise StartupError(f"unknown environment variable {', '.join(unknown)}; known: {', '.join(known_variables())}")
        return values


def known_variables() -> tuple[str, ...]:
    """The environment variables that Settings reads, in the order of its fields."""
    return tuple(PREFIX + name.upper() for name in Settings.model_fields)


def unknown_variables(environment: Mapping[str, str]) -> tuple[str, ...]:
    """Names that begin like ours and that nothing reads, sorted."""
    known = KNOWN_ELSEWHERE.union(known_variables())
    return tuple(sorted(name for name in environment if name.upper().startswith(PREFIX) and name.upper() not in known))
