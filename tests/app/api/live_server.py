"""The service on a real socket of 127.0.0.1, in a thread of the test."""

from __future__ import annotations

import http.client
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import uvicorn

from app.api.service import Reader
from app.main import DrainingServer, QuietStartup, bind, create_app, server_config
from app.settings import Settings

BOUNDARY = "frontier"
HEAD = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="image"; filename="a.png"\r\n\r\n'.encode()
TAIL = f"\r\n--{BOUNDARY}--\r\n".encode()
FORM = {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}
PATIENCE_S = 10.0


def form(content: bytes) -> bytes:
    """A whole form with the file part ``image``."""
    return HEAD + content + TAIL


@dataclass(frozen=True)
class Live:
    """A running service."""

    port: int
    server: uvicorn.Server

    def connect(self) -> http.client.HTTPConnection:
        """A connection of its own."""
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE_S)

    def raw(self) -> socket.socket:
        """A bare socket."""
        return socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE_S)

    def get(self, path: str) -> tuple[int, str]:
        """Status and body."""
        connection = self.connect()
        try:
            connection.request("GET", path)
            response = connection.getresponse()
            return response.status, response.read().decode()
        finally:
            connection.close()

    def gauge(self, name: str) -> float:
        """One metric without labels."""
        text = self.get("/metrics")[1]
        return float(next(line.split()[1] for line in text.splitlines() if line.startswith(name + " ")))


@contextmanager
def live(settings: Settings, reader: Reader) -> Iterator[Live]:
    """Start the service on a free port; stop it when left."""
    with bind("127.0.0.1", 0) as listener:
        app = create_app(settings, reader)
        server = DrainingServer(server_config(QuietStartup(app), settings), app.state.service, settings.drain_notice_s)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        wait_until(lambda: server.started or not thread.is_alive())
        try:
            yield Live(listener.getsockname()[1], server)
        finally:
            server.should_exit = True
            thread.join(PATIENCE_S)
            assert not thread.is_alive(), "the service did not stop"


def wait_until(holds: Callable[[], bool]) -> None:
    """Wait for a condition, but not for ever."""
    deadline = time.monotonic() + PATIENCE_S
    while not holds():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.01)
