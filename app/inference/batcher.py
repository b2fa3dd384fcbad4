"""Micro-batching across threads, for a GPU: many callers wait, one thread scores for all of them in one call.

    score() ─┐                        ┌─ answer
    score() ─┼→ bounded queue → thread ┼─ answer      collects for at most max_wait_s, at most max_requests
    score() ─┘                        └─ answer

Every waiter is answered: with its rows, with the failure of its own patches (a batch that fails is scored again one by
one), or, when the thread ends for whatever reason, with ``NotReady``. A full queue is refused at once. On a CPU none
of this gains anything (docs/adr/0004).
"""

from __future__ import annotations

import contextlib
import queue
import threading
import time
from concurrent.futures import Future
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from app.errors import CheckReaderError, NotExplainable, NotReady, Overloaded
from app.inference.recogniser import MODELS, PATCH_SHAPE, RecogniserFailure
from app.reader.network_view import ExplainableRecogniser, FeatureMaps, FirstFilters
from app.reader.second_reader import SecondReaderInfo, SlidingRecogniser
from app.reader.types import Ink, LogProbs, ModelInfo, ModelName, Patches, Recogniser

MOST_PATCHES = 16_384  # in one call of the session: about 64 MB of input
CLOSED = "the recogniser is shutting down"


@dataclass(frozen=True, slots=True, eq=False)
class Waiting:
    """One caller's patches (A, 1, 32, 32), A > 0, and where its answer goes."""

    patches: Patches
    model: ModelName
    answer: Future[LogProbs] = field(default_factory=Future)


class MicroBatcher:
    """Implements ``app.reader.types.Recogniser`` in front of another one. Thread-safe; ``close`` ends it."""

    def __init__(
        self,
        recogniser: Recogniser,
        max_requests: int = 64,
        max_wait_s: float = 0.005,
        queue_length: int = 256,
        answer_timeout_s: float = 30.0,
    ) -> None:
        self._recogniser = recogniser
        self._max_requests = max_requests
        self._max_wait_s = max_wait_s
        self._answer_timeout_s = answer_timeout_s
        self._queue: queue.Queue[Waiting | None] = queue.Queue(queue_length)
        self._door = threading.Lock()  # no request enters after the last one was answered
        self._closed = False
        self._thread = threading.Thread(target=self._serve, name="micro-batcher", daemon=True)
        self._thread.start()

    def info(self, model: ModelName) -> ModelInfo:
        """Alphabet, digest and thresholds of one model."""
        return self._recogniser.info(model)

    def score(self, patches: Patches, model: ModelName) -> LogProbs:
        """Log-probabilities (A, C) of patches (A, 1, 32, 32), scored together with those of other threads; A may be 0.

        Raises ``Overloaded`` where the queue is full, ``NotReady`` where the batcher is closed, ``RecogniserFailure``
        where the model fails on these patches or does not answer in time, and ``ValueError`` for patches of another shape.
        """
        if patches.shape[1:] != PATCH_SHAPE:
            raise ValueError(f"patches must have the shape (A, 1, 32, 32); given: {patches.shape}")
        if len(patches) == 0:
            return self._recogniser.score(patches, model)
        waiting = Waiting(patches, model)
        with self._door:
            if self._closed:
                raise NotReady(CLOSED)
            try:
                self._queue.put_nowait(waiting)
            except queue.Full as failure:
                raise Overloaded("too many readings wait for the GPU; try again later") from failure
        try:
            return waiting.answer.result(self._answer_timeout_s)
        except TimeoutError as failure:
            raise RecogniserFailure(f"the model {model} gave no answer within {self._answer_timeout_s:g} s") from failure

    def second_reader(self) -> SecondReaderInfo | None:
        """What the second reader says of itself; None where there is none."""
        return self._recogniser.second_reader() if isinstance(self._recogniser, SlidingRecogniser) else None

    def slide(self, strips: Ink) -> LogProbs:
        """The second reader's answer, asked at once and alone. Raises ``RecogniserFailure``."""
        if not isinstance(self._recogniser, SlidingRecogniser):
            raise RecogniserFailure("this recogniser has no second reader")
        return self._recogniser.slide(strips)

    def feature_maps(self, patch: npt.NDArray[np.float32], model: ModelName) -> FeatureMaps:
        """What every layer answers to one patch, asked at once and alone. Raises ``NotExplainable``, ``RecogniserFailure``."""
        return self._explainable().feature_maps(patch, model)

    def first_filters(self, model: ModelName) -> FirstFilters:
        """The filters of C1 of one model. Raises ``NotExplainable``."""
        return self._explainable().first_filters(model)

    def _explainable(self) -> ExplainableRecogniser:
        if not isinstance(self._recogniser, ExplainableRecogniser):
            raise NotExplainable("this recogniser does not show its layers")
        return self._recogniser

    def close(self, timeout_s: float = 10.0) -> None:
        """Refuse new requests, answer those that wait, end the thread. May be called more than once."""
        with self._door:
            self._closed = True
        with contextlib.suppress(queue.Full):  # a thread with a full queue is awake
            self._queue.put_nowait(None)
        self._thread.join(timeout_s)

    def _serve(self) -> None:
        taken: list[Waiting] = []
        try:
            while (batch := self._collect()) is not None:
                taken = batch
                for model in MODELS:
                    for group in in_calls([waiting for waiting in batch if waiting.model == model]):
                        answer(self._recogniser, group)
        finally:  # also when something ends the thread that should not: nobody is left waiting
            with self._door:
                self._closed = True
            refuse([*taken, *self._drained()])

    def _collect(self) -> list[Waiting] | None:
        """The next batch, at least one request; None when closed and nothing is left."""
        first = None
        while first is None:
            if self._closed and self._queue.empty():
                return None
            first = self._queue.get()
        batch, deadline = [first], time.monotonic() + self._max_wait_s
        while len(batch) < self._max_requests:
            try:
                more = self._queue.get(timeout=max(0.0, deadline - time.monotonic()))
            except queue.Empty:
                break
            if more is None:  # closed: the next turn sees it
                break
            batch.append(more)
        return batch

    def _drained(self) -> list[Waiting]:
        """All requests that still stand in the queue."""
        left: list[Waiting] = []
        while True:
            try:
                waiting = self._queue.get_nowait()
            except queue.Empty:
                return left
            if waiting is not None:
                left.append(waiting)


def in_calls(waiting: list[Waiting]) -> list[list[Waiting]]:
    """Groups of requests, in order, of at most ``MOST_PATCHES`` patches each; a larger request stands alone."""
    groups: list[list[Waiting]] = []
    filled = MOST_PATCHES
    for request in waiting:
        if filled + len(request.patches) > MOST_PATCHES:
            groups.append([])
            filled = 0
        groups[-1].append(request)
        filled += len(request.patches)
    return groups


def answer(recogniser: Recogniser, group: list[Waiting]) -> None:
    """Score the requests of one model in one call and answer each; where that fails, each on its own."""
    try:
        rows = recogniser.score(np.concatenate([waiting.patches for waiting in group]), group[0].model)
    except Exception as failure:
        if len(group) > 1:
            for waiting in group:
                answer(recogniser, [waiting])
        else:
            group[0].answer.set_exception(of_the_tree(failure, group[0].model))
        return
    ends = np.cumsum([len(waiting.patches) for waiting in group])[:-1]
    for waiting, part in zip(group, np.split(rows, ends), strict=True):
        waiting.answer.set_result(part)


def of_the_tree(failure: Exception, model: ModelName) -> CheckReaderError:
    """The failure as an error that a caller of the reader expects."""
    if isinstance(failure, CheckReaderError):
        return failure
    wrapped = RecogniserFailure(f"the model {model} failed")
    wrapped.__cause__ = failure
    return wrapped


def refuse(requests: list[Waiting]) -> None:
    """Tell those that have no answer yet that there will be none."""
    for waiting in requests:
        if not waiting.answer.done():
            waiting.answer.set_exception(NotReady(CLOSED))
