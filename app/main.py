"""The service as a process: ``create_app`` (start-up checks, warm-up, ready) and ``serve`` (port, signals, drain)."""

from __future__ import annotations

import asyncio
import signal
import socket
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from types import FrameType
from typing import Protocol, runtime_checkable

import anyio.to_thread
import cv2
import numpy as np
import structlog
import uvicorn
from fastapi import FastAPI
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app import __version__, logs
from app.api.app import build_api
from app.api.service import Reader, ReadingService
from app.errors import CheckReaderError, InvalidParameter, StartupError
from app.reader.layouts import load_layouts
from app.reader.types import AmountPlace, ReadOptions, Recogniser
from app.settings import Settings

KEEP_ALIVE_S = 5
log = structlog.get_logger("checkreader")


@runtime_checkable
class Closable(Protocol):
    """A recogniser that has something of its own to end."""

    def close(self) -> None:
        """Answer what waits, then end."""


def create_app(settings: Settings, reader: Reader | None = None) -> FastAPI:
    """The ASGI application. Without a ``reader`` its start-up loads the models and refuses to start where it must.

    The lifespan raises ``StartupError``; ``app.state.startup_error`` then holds it too.
    """

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        service: ReadingService = app.state.service
        try:
            layouts = _known_layouts(settings)
            ready = await anyio.to_thread.run_sync(_ready_reader, settings, reader)
        except StartupError as error:
            app.state.startup_error = error
            raise
        service.open(ready, layouts)
        yield
        service.drain()
        if reader is None and isinstance(ready.recogniser, Closable):  # the thread that batches for a GPU
            await anyio.to_thread.run_sync(ready.recogniser.close)

    app = build_api(settings, lifespan)
    app.state.startup_error = None
    return app


def _known_layouts(settings: Settings) -> Mapping[str, AmountPlace]:
    """The layouts that requests may name. Raises ``StartupError`` for a folder or a file that is not usable."""
    try:
        return {} if settings.layouts is None else load_layouts(settings.layouts)
    except InvalidParameter as error:
        raise StartupError(f"CHECKREADER_LAYOUTS: {error.detail}") from error


def _ready_reader(settings: Settings, reader: Reader | None) -> Reader:
    """The reader, loaded and warmed up. Raises ``StartupError`` for whatever keeps it from reading."""
    try:
        cv2.setNumThreads(1)  # the service is parallel across checks
        loaded = reader if reader is not None else build_reader(settings)
        loaded.read(warm_up_picture(), ReadOptions())
    except StartupError:
        raise
    except CheckReaderError as error:
        raise StartupError(f"the warm-up read failed: {error.detail}") from error
    except Exception as error:
        raise StartupError(f"the reader cannot be started: {type(error).__name__}: {error}") from error
    return loaded


def build_reader(settings: Settings) -> Reader:
    """The reader with its models loaded. Raises ``StartupError``."""
    from app.inference.batcher import MicroBatcher  # late: an application with a reader of its own needs no runtime
    from app.inference.recogniser import load_recogniser
    from app.reader.decode import DecodeLimits
    from app.reader.pipeline import CheckReader

    recogniser: Recogniser = load_recogniser(settings.model_dir, settings.device)
    if settings.device == "cuda":
        recogniser = MicroBatcher(recogniser, settings.max_batch, settings.batch_wait_ms / 1000.0)
    return CheckReader(recogniser, DecodeLimits(max_pixels=settings.max_pixels, max_pages=settings.max_pages))


def warm_up_picture() -> bytes:
    """A PNG of a check's size with strokes where the amount and the MICR line stand: every stage has something to do."""
    picture = np.full((550, 1200), 250, dtype=np.uint8)
    for left in range(820, 1060, 40):
        picture[215:255, left : left + 6] = 20
    for left in range(80, 780, 25):
        picture[505:528, left : left + 12] = 10
        picture[510:523, left + 3 : left + 9] = 250
    _, encoded = cv2.imencode(".png", picture)
    return encoded.tobytes()


def serve(settings: Settings, reader: Reader | None = None) -> int:
    """Run the service until it is told to stop; 0 then. Raises ``StartupError`` where it cannot start.

    SIGTERM: ``/readyz`` answers 503 for ``drain_notice_s``, then the port closes and what is under way is finished within
    ``shutdown_grace_s``. SIGINT: the same without the notice; a second one ends at once.
    """
    logs.configure(settings.log_level, settings.log_format)
    with bind(settings.host, settings.port) as listener:
        app = create_app(settings, reader)
        server = DrainingServer(server_config(QuietStartup(app), settings), app.state.service, settings.drain_notice_s)
        try:
            server.run(sockets=[listener])
        except SystemExit as stop:
            raise app.state.startup_error or StartupError(f"the server did not start (status {stop.code})") from None
    return 0


def server_config(app: ASGIApp, settings: Settings) -> uvicorn.Config:
    """How uvicorn runs: logs and signals are ours, load is shed by the gate and never by closing connections."""
    return uvicorn.Config(
        app,
        http="h11",
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_keep_alive=KEEP_ALIVE_S,
        timeout_graceful_shutdown=settings.shutdown_grace_s,
    )


def bind(host: str, port: int) -> socket.socket:
    """A socket bound to the address, not yet listening. Raises ``StartupError`` in one sentence where that fails."""
    listener = None
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
        listener = socket.socket(family, kind, protocol)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
    except OSError as error:
        if listener is not None:
            listener.close()
        why = error.strerror or type(error).__name__
        raise StartupError(f"cannot listen on {host}:{port}: {why}; choose another with --port or CHECKREADER_PORT") from None
    return listener


class QuietStartup:
    """Keeps a refused start from being printed as a traceback: ``serve`` says it in one line."""

    def __init__(self, app: FastAPI) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_quietly(message: Message) -> None:
            if message["type"] == "lifespan.startup.failed" and self._app.state.startup_error is not None:
                message = {"type": message["type"], "message": ""}
            await send(message)

        await self._app(scope, receive, send_quietly if scope["type"] == "lifespan" else send)


class DrainingServer(uvicorn.Server):
    """uvicorn's server, which says that it is draining before it closes its port."""

    def __init__(self, config: uvicorn.Config, service: ReadingService, notice_s: float) -> None:
        super().__init__(config)
        self._service = service
        self._notice_s = notice_s

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """As uvicorn's, then says where it serves."""
        await super().startup(sockets)
        self._loop = asyncio.get_running_loop()
        host, port = (sockets or [])[0].getsockname()[:2]
        settings = self._service.settings
        shown = f"[{host}]" if ":" in host else host
        log.info(
            "serving", url=f"http://{shown}:{port}", version=__version__, device=settings.device,
            workers=settings.workers, queue_length=settings.queue_length,
        )  # fmt: skip

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """The first SIGTERM gives notice, then stops; any other signal stops now, and once more at once."""
        if not self.started or self.should_exit:
            self.force_exit = self.should_exit
            self.should_exit = True
            return
        again = self._service.state == "draining"
        self._service.drain()
        if sig == signal.SIGTERM and not again and self._notice_s > 0:
            log.info("draining", notice_s=self._notice_s)
            self._loop.call_soon_threadsafe(self._loop.call_later, self._notice_s, self._stop)
        else:
            self._stop()

    def _stop(self) -> None:
        self.should_exit = True
