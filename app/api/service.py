"""The reading service behind the routes: one reader, its worker threads, and whether it is ready.

The event loop never reads: a read runs in a thread under a limiter of ``workers`` threads, and so does the writing of
its JSON. A read that has begun is finished; one whose client has gone before its turn is not begun.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Literal, Protocol

import anyio
import anyio.to_thread

from app.api.metrics import Metrics
from app.errors import NotReady
from app.explanation import explain_reading
from app.reader.decode import DecodeLimits, decode
from app.reader.layouts import named_layout
from app.reader.second_reader import SecondReaderInfo, all_models
from app.reader.types import AmountPlace, CheckReading, ModelInfo, ReadOptions, Recogniser
from app.response import from_reading
from app.settings import Settings

State = Literal["starting", "ready", "draining"]


class Reader(Protocol):
    """What the service asks of ``app.reader.pipeline.CheckReader``. Thread-safe."""

    @property
    def recogniser(self) -> Recogniser:
        """The recogniser that it asks."""

    def read(self, data: bytes, options: ReadOptions) -> CheckReading:
        """The reading of one page of a file; raises only ``CheckReaderError``."""


class ClientGone(Exception):
    """The client closed its connection before its read began: there is nobody to answer."""


class ReadingService:
    """One reader for all requests."""

    def __init__(self, settings: Settings, metrics: Metrics) -> None:
        self.settings = settings
        self.state: State = "starting"
        self._metrics = metrics
        self._reader: Reader | None = None
        self._layouts: Mapping[str, AmountPlace] = {}
        self._turns = anyio.Semaphore(settings.workers)
        self._threads = anyio.CapacityLimiter(settings.workers)
        self._decode_limits = DecodeLimits(max_pixels=settings.max_pixels, max_pages=settings.max_pages)

    def open(self, reader: Reader, layouts: Mapping[str, AmountPlace]) -> None:
        """From here on the service reads; ``reader`` has been warmed up, ``layouts`` are those that a request may name."""
        self._reader = reader
        self._layouts = layouts
        self.state = "ready"
        self._metrics.ready.set(1)
        self._metrics.name_models(self.models())

    def drain(self) -> None:
        """No longer ready for a load balancer; what comes nevertheless is read until the port closes."""
        self.state = "draining"
        self._metrics.ready.set(0)

    def place_of(self, layout: str | None) -> AmountPlace | None:
        """Where a layout has the amount, None where none is named. Raises ``InvalidParameter`` for a name that is not known."""
        return None if layout is None else named_layout(self._layouts, layout)

    def models(self) -> tuple[ModelInfo | SecondReaderInfo, ...]:
        """What the models say of themselves. Raises ``NotReady`` before start-up is done."""
        return all_models(self._open_reader().recogniser)

    async def read(
        self,
        data: bytes,
        options: ReadOptions,
        include: frozenset[str],
        is_disconnected: Callable[[], Awaitable[bool]],
        character: int | None = None,
    ) -> bytes:
        """The JSON of a reading; ``character`` is the one that an explanation shows the network on.

        Raises ``CheckReaderError``, and ``ClientGone`` where nobody waits for it any more.
        """
        reader = self._open_reader()
        async with self._turns:
            if await is_disconnected():
                raise ClientGone
            self._metrics.reading.inc()
            try:
                return await anyio.to_thread.run_sync(self._read, reader, data, options, include, character, limiter=self._threads)
            finally:
                self._metrics.reading.dec()

    def _read(self, reader: Reader, data: bytes, options: ReadOptions, include: frozenset[str], character: int | None) -> bytes:
        reading = reader.read(data, options)
        self._metrics.count_reading(reading)
        picture = decode(data, self._decode_limits, options.page_index).rgb if "snippets" in include else None
        explained = explain_reading(reading, reader.recogniser, options, character) if "explanation" in include else None
        return from_reading(reading, include, picture, explained).model_dump_json().encode()

    def _open_reader(self) -> Reader:
        if self._reader is None:
            raise NotReady("The service is starting.")
        return self._reader
