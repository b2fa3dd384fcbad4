"""Worker processes that score files, each with a reader of its own.

A pool that survives its workers: where one dies (killed for memory, crashed in a decoder), its file gets a failure, a
new worker takes its place, and the run goes on. ``concurrent.futures`` gives the whole pool up in that case. Results
come in the order of the files, and a bounded window of files is under way, so memory does not grow with the run.
"""

from __future__ import annotations

import multiprocessing
import signal
import threading
from collections import deque
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from types import TracebackType

import cv2

from app.batch.engine import Failure, ReaderFactory, ScoredPage, ScoreOptions, score_file
from app.batch.sources import Source
from app.errors import CheckReaderError, StartupError

_FILES_PER_WORKER = 8  # how far the fastest worker may run ahead of the slowest, in files per worker
_JOIN_S = 5.0
_SPAWN = multiprocessing.get_context("spawn")  # a forked copy of a process with threads may hang


@dataclass(frozen=True, slots=True)
class _Started:
    """First message of a worker: its reader stands, or why it does not."""

    refusal: str | None


def _serve(connection: Connection, factory: ReaderFactory, options: ScoreOptions) -> None:
    """A worker's life: make the reader, answer one file after the other, end when the pool closes the connection."""
    cv2.setNumThreads(1)
    try:
        try:
            reader = factory()
        except CheckReaderError as error:
            connection.send(_Started(error.detail))
            return
        except Exception as error:
            connection.send(_Started(f"a reader cannot be made ({type(error).__name__})"))
            return
        connection.send(_Started(None))
        while True:
            connection.send(score_file(reader, connection.recv(), options))
    except (EOFError, OSError):
        return  # the pool is gone


@dataclass(slots=True, eq=False)
class _Worker:
    process: SpawnProcess
    connection: Connection
    started: bool = False
    index: int | None = None  # of the file under way


def score_files(
    sources: Sequence[Source], factory: ReaderFactory, options: ScoreOptions, workers: int
) -> Generator[tuple[ScoredPage, ...]]:
    """The pages of every source, in the order of ``sources``.

    One worker scores in this process; more are processes of their own, each with its reader. At most a few files per
    worker are under way at a time. Raises ``StartupError`` when a reader cannot be made.
    """
    if workers == 1 or len(sources) <= 1:
        reader = factory()
        yield from (score_file(reader, source, options) for source in sources)
        return
    with WorkerPool(factory, options, min(workers, len(sources))) as pool:
        yield from pool.score(sources)


class WorkerPool:
    """``count`` processes that score files. A context manager; leaving it ends the processes."""

    def __init__(self, factory: ReaderFactory, options: ScoreOptions, count: int) -> None:
        self._factory = factory
        self._options = options
        self._count = count
        self._workers: list[_Worker] = []

    def __enter__(self) -> WorkerPool:
        self._workers = [self._start() for _ in range(self._count)]
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None) -> None:
        for worker in self._workers:
            worker.connection.close()
            if kind is not None:
                worker.process.terminate()
        for worker in self._workers:
            worker.process.join(_JOIN_S)
            if worker.process.is_alive():
                worker.process.kill()
                worker.process.join()

    def score(self, sources: Sequence[Source]) -> Iterator[tuple[ScoredPage, ...]]:
        """The pages of every source, in the order of ``sources``. Raises ``StartupError`` when a worker cannot start."""
        waiting = deque(range(len(sources)))
        finished: dict[int, tuple[ScoredPage, ...]] = {}
        following = 0
        while following < len(sources):
            self._hand_out(sources, waiting, following)
            by_connection = {worker.connection: worker for worker in self._workers}
            for connection in wait(list(by_connection)):
                worker = by_connection[connection]  # type: ignore[index]  # wait() gives back what it was given
                index, pages = self._receive(worker, sources)
                if pages:
                    finished[index] = pages
            while following in finished:
                yield finished.pop(following)
                following += 1

    def _hand_out(self, sources: Sequence[Source], waiting: deque[int], following: int) -> None:
        """Give every idle worker a file, as far as the window reaches."""
        for place, worker in enumerate(self._workers):
            if worker.index is not None or not waiting or waiting[0] >= following + _FILES_PER_WORKER * self._count:
                continue
            index = waiting.popleft()
            try:
                worker.connection.send(sources[index])
            except OSError:  # died while idle: no fault of this file
                worker = self._workers[place] = self._replace(worker)
                worker.connection.send(sources[index])
            worker.index = index

    def _receive(self, worker: _Worker, sources: Sequence[Source]) -> tuple[int, tuple[ScoredPage, ...]]:
        """One message of a worker: the index of its file and the pages, or no pages where the message was another."""
        try:
            message = worker.connection.recv()
        except (EOFError, OSError):
            return self._bury(worker, sources)
        if isinstance(message, _Started):
            if message.refusal is not None:
                raise StartupError(message.refusal)
            worker.started = True
            return -1, ()
        index, worker.index = worker.index, None
        return (-1 if index is None else index), message

    def _bury(self, worker: _Worker, sources: Sequence[Source]) -> tuple[int, tuple[ScoredPage, ...]]:
        """Put a new worker in the place of a dead one; its file, if it had one, gets a failure."""
        worker.process.join(_JOIN_S)
        how = _exit_words(worker.process.exitcode)
        if not worker.started:
            raise StartupError(f"a worker process ended while it was starting ({how}); try fewer with --workers")
        self._workers[self._workers.index(worker)] = self._replace(worker)
        if worker.index is None:
            return -1, ()
        failure = Failure("worker_died", f"The process that read this file ended ({how}).")
        return worker.index, (ScoredPage(sources[worker.index], 0, 1, failure),)

    def _replace(self, dead: _Worker) -> _Worker:
        dead.connection.close()
        dead.process.join(_JOIN_S)
        return self._start()

    def _start(self) -> _Worker:
        """Start a process that leaves Ctrl-C to this one: a child inherits that the signal is ignored."""
        ours, theirs = _SPAWN.Pipe()
        process = _SPAWN.Process(target=_serve, args=(theirs, self._factory, self._options), daemon=True)
        if threading.current_thread() is threading.main_thread():
            previous = signal.signal(signal.SIGINT, signal.SIG_IGN)
            try:
                process.start()
            finally:
                signal.signal(signal.SIGINT, previous)
        else:
            process.start()
        theirs.close()
        return _Worker(process, ours)


def _exit_words(exit_code: int | None) -> str:
    if exit_code is None:
        return "still running"
    return f"signal {-exit_code}" if exit_code < 0 else f"exit status {exit_code}"
