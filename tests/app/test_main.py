"""The process: start-up refusals in one line, warm-up, signals, drain."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from starlette.testclient import TestClient

from app.errors import CorruptImage, ModelError, StartupError
from app.inference.batcher import MicroBatcher
from app.main import bind, build_reader, create_app, serve, warm_up_picture
from app.reader.types import CheckReading, ReadOptions
from app.settings import Device
from tests.app.api.live_server import FORM, PATIENCE_S, Live, form
from tests.app.api.stub_reader import StubReader, settings

pytestmark = pytest.mark.usefixtures("undisturbed_logs")
ROOT = Path(__file__).resolve().parents[2]
SERVE = """
import sys, time
from app.errors import StartupError
from app.main import serve
from tests.app.api.stub_reader import StubReader, settings

class Slow(StubReader):
    def read(self, data, options):
        if self.asked:
            time.sleep({seconds})
        return super().read(data, options)

sys.exit(serve(settings(drain_notice_s={notice}, shutdown_grace_s={grace}, log_format="console"), Slow()))
"""


class Failing(StubReader):
    """Fails its warm-up."""

    def __init__(self, error: Exception) -> None:
        super().__init__()
        self._error = error

    def read(self, data: bytes, options: ReadOptions) -> CheckReading:
        """Never returns."""
        raise self._error


@contextmanager
def process(seconds: float = 0.0, notice: float = 0.0, grace: int = 5) -> Iterator[tuple[subprocess.Popen[str], Live]]:
    """The service in a process of its own, ready on its port."""
    command = [sys.executable, "-c", SERVE.format(seconds=seconds, notice=notice, grace=grace)]
    path = os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH"))))
    environment = {**os.environ, "PYTHONPATH": path, "OMP_NUM_THREADS": "1"}
    with subprocess.Popen(command, cwd=ROOT, env=environment, stderr=subprocess.PIPE, text=True) as running:
        assert running.stderr is not None
        said = ""
        while "serving" not in said:
            said = running.stderr.readline()
            assert said, "the service ended before it served"
        found = re.search(r"http://127\.0\.0\.1:(\d+)", said)
        assert found is not None, said
        try:
            yield running, Live(int(found.group(1)), None)  # type: ignore[arg-type]
        finally:
            if running.poll() is None:
                running.kill()


def test_warm_up_is_one_real_read() -> None:
    """The picture of the warm-up is a picture, read once before the service is ready."""
    reader = StubReader()
    with TestClient(create_app(settings(), reader)) as client:
        assert len(reader.asked) == 1
        assert client.get("/readyz").status_code == 200
    assert warm_up_picture().startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (ModelError("model/x.onnx has another digest"), "model/x.onnx has another digest"),
        (CorruptImage("cannot be decoded"), "the warm-up read failed: cannot be decoded"),
        (ValueError("shape"), "the reader cannot be started: ValueError: shape"),
    ],
)  # fmt: skip
def test_what_fails_at_start_refuses_the_start(error: Exception, said: str) -> None:
    """Whatever it is, it becomes a StartupError with one sentence."""
    app = create_app(settings(), Failing(error))
    with pytest.raises(StartupError) as caught, TestClient(app):
        pytest.fail("the service must not start")
    assert caught.value.detail == said
    assert app.state.startup_error is caught.value


@pytest.mark.parametrize("device", ["cpu", "cuda"])
def test_patches_are_batched_for_the_gpu_alone(device: Device, monkeypatch: pytest.MonkeyPatch) -> None:
    """On the GPU requests are scored together, as the settings say; on the CPU each for itself (docs/adr/0004)."""
    pytest.importorskip("onnxruntime", reason="the recogniser needs onnxruntime (extra cpu)")
    asked: list[object] = []
    alone = StubReader().recogniser

    def load(folder: Path | None, on: Device) -> object:
        asked.append((folder, on))
        return alone

    monkeypatch.setattr("app.inference.recogniser.load_recogniser", load)
    recogniser = build_reader(settings(device=device, max_batch=3, batch_wait_ms=7.0)).recogniser
    assert asked == [(None, device)]
    if device == "cpu":
        assert recogniser is alone
    else:
        assert isinstance(recogniser, MicroBatcher)
        assert (recogniser._recogniser, recogniser._max_requests, recogniser._max_wait_s) == (alone, 3, 0.007)
        recogniser.close()


def test_the_thread_that_batches_ends_with_the_service(monkeypatch: pytest.MonkeyPatch) -> None:
    """A recogniser that the service made is closed when it stops; one that came with a reader is left to its owner."""
    ended: list[str] = []

    class Batching(StubReader):
        @property
        def recogniser(self) -> Any:
            return SimpleNamespace(**{name: getattr(StubReader().recogniser, name) for name in ("info", "score")}, close=self.close)

        def close(self) -> None:
            ended.append("closed")

    monkeypatch.setattr("app.main.build_reader", lambda _: Batching())
    with TestClient(create_app(settings())) as client:
        assert client.get("/readyz").status_code == 200
        assert ended == []
    assert ended == ["closed"]
    with TestClient(create_app(settings(), Batching())):
        pass
    assert ended == ["closed"]


def test_refused_start_is_no_traceback(capfd: pytest.CaptureFixture[str]) -> None:
    """``serve`` raises the error for the command line to say, and prints no traceback."""
    with pytest.raises(ModelError, match="another digest"):
        serve(settings(), Failing(ModelError("another digest")))
    assert "Traceback" not in capfd.readouterr().err


def test_port_in_use_is_one_sentence() -> None:
    """It names the address and the way out, before any model is loaded."""
    with bind("127.0.0.1", 0) as taken:
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(StartupError, match=rf"cannot listen on 127\.0\.0\.1:{port}: .*--port"):
            serve(settings(port=port))


def test_name_that_is_no_address_is_one_sentence() -> None:
    """A host that does not resolve is a refusal as well."""
    with pytest.raises(StartupError, match=r"cannot listen on no\.such\.host\.invalid:8000"):
        bind("no.such.host.invalid", 8000)


@pytest.mark.skipif(not socket.has_ipv6, reason="no IPv6 in this Python")
def test_addresses_of_version_6_are_served() -> None:
    """::1 is bound where the machine has it."""
    try:
        bind("::1", 0).close()
    except StartupError as error:
        pytest.skip(error.detail)


def test_sigterm_says_not_ready_then_finishes_what_is_under_way() -> None:
    """/readyz is 503 while the port is still open; the read that runs is answered; the exit status is 0."""
    with process(seconds=1.0, notice=0.6) as (running, service):
        answers: list[int] = []

        def call() -> None:
            connection = service.connect()
            connection.request("POST", "/v1/checks", body=form(b"x"), headers=FORM)
            answers.append(connection.getresponse().status)
            connection.close()

        caller = threading.Thread(target=call)
        caller.start()
        while service.gauge("checkreader_reading") < 1:
            time.sleep(0.01)
        running.send_signal(signal.SIGTERM)
        time.sleep(0.2)
        assert service.get("/readyz")[0] == 503
        assert service.get("/livez")[0] == 200
        caller.join(PATIENCE_S)
        assert answers == [200]
        assert running.wait(PATIENCE_S) == 0


@pytest.mark.parametrize("sent", [signal.SIGTERM, signal.SIGINT])
def test_idle_service_stops_at_once(sent: signal.Signals) -> None:
    """Nothing under way: it ends with 0, without a traceback."""
    with process() as (running, service):
        assert service.get("/livez")[0] == 200
        running.send_signal(sent)
        assert running.wait(PATIENCE_S) == 0
        assert running.stderr is not None
        assert "Traceback" not in running.stderr.read()


def test_grace_is_bounded() -> None:
    """A read that outlasts the grace does not keep the port's process alive much longer than itself."""
    with process(seconds=3.0, grace=1) as (running, service):
        connection = service.connect()
        connection.request("POST", "/v1/checks", body=form(b"x"), headers=FORM)
        while service.gauge("checkreader_reading") < 1:
            time.sleep(0.01)
        running.send_signal(signal.SIGTERM)
        assert running.wait(PATIENCE_S) == 0
        connection.close()
