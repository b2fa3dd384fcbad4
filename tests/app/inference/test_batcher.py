"""Micro-batching: the same answers as without it, and an answer for every waiter whatever happens."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.errors import CheckReaderError, NotReady, Overloaded
from app.inference import batcher as module
from app.inference.batcher import MicroBatcher, Waiting, in_calls
from app.inference.model_file import SYMBOLS
from app.inference.recogniser import MODELS, RecogniserFailure
from app.reader.types import Alphabet, LogProbs, ModelInfo, ModelName, Patches
from tests.app.inference.stub_runtime import expected

LONGEST_S = 20.0


class SlowRecogniser:
    """Answers like the model of ``expected``; counts its calls; fails on patches that hold a 7; can be held up."""

    def __init__(self, failure: BaseException | None = None) -> None:
        self.calls: list[int] = []
        self.failure = failure or RuntimeError("bad patch")
        self.free = threading.Event()
        self.free.set()

    def info(self, model: ModelName) -> ModelInfo:
        return ModelInfo(model, "sha256:0", "1", Alphabet(SYMBOLS[model]), (), (1.0, 0.0))

    def score(self, patches: Patches, model: ModelName) -> LogProbs:
        self.calls.append(len(patches))
        assert self.free.wait(LONGEST_S)
        if (patches == 7.0).any():
            raise self.failure
        return expected(patches, model)


def patches_of(count: int, seed: int) -> Patches:
    return np.random.default_rng(seed).uniform(-0.5, 1.0, (count, 1, 32, 32)).astype(np.float32)


@contextmanager
def opened(recogniser: SlowRecogniser, **options: float) -> Iterator[MicroBatcher]:
    batcher = MicroBatcher(recogniser, **options)  # type: ignore[arg-type]
    try:
        yield batcher
    finally:
        recogniser.free.set()
        batcher.close(LONGEST_S)
        assert not batcher._thread.is_alive()


@contextmanager
def held_up(batcher: MicroBatcher, recogniser: SlowRecogniser, pool: ThreadPoolExecutor) -> Iterator[Future[LogProbs]]:
    """While the thread is busy with a first request, others gather in the queue."""
    recogniser.free.clear()
    first = pool.submit(batcher.score, patches_of(1, 99), "micr_e13b")
    until(lambda: len(recogniser.calls) == 1)
    yield first
    recogniser.free.set()


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + LONGEST_S
    while not condition():
        assert time.monotonic() < deadline, "the condition did not come true in time"
        time.sleep(0.001)


def test_answers_are_those_of_the_recogniser_and_calls_are_fewer() -> None:
    """Requests that gathered are scored in one call per model, and each gets its own rows."""
    recogniser = SlowRecogniser()
    with opened(recogniser) as batcher, ThreadPoolExecutor(30) as pool:
        with held_up(batcher, recogniser, pool):
            asked = [(patches_of(1 + k % 5, k), MODELS[k % 2]) for k in range(20)]
            answers = [pool.submit(batcher.score, patches, name) for patches, name in asked]
            until(lambda: batcher._queue.qsize() == 20)
        for (patches, name), future in zip(asked, answers, strict=True):
            np.testing.assert_allclose(future.result(LONGEST_S), expected(patches, name), atol=1e-4)
    assert len(recogniser.calls) == 3  # the first, then one per model
    assert sum(recogniser.calls) == 1 + sum(len(patches) for patches, _ in asked)


@settings(max_examples=15, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 9), st.sampled_from(MODELS)), min_size=1, max_size=12), st.integers(1, 5))
def test_batched_equals_single(sizes: list[tuple[int, ModelName]], most: int) -> None:
    """Whatever is asked together, in whatever batches, every answer is that of asking alone."""
    recogniser = SlowRecogniser()
    with opened(recogniser, max_requests=most, max_wait_s=0.002) as batcher, ThreadPoolExecutor(12) as pool:
        futures = [pool.submit(batcher.score, patches_of(count, k), name) for k, (count, name) in enumerate(sizes)]
        for k, ((count, name), future) in enumerate(zip(sizes, futures, strict=True)):
            np.testing.assert_allclose(future.result(LONGEST_S), expected(patches_of(count, k), name), atol=1e-4)


def test_a_lone_request_waits_no_longer_than_it_may() -> None:
    """Nobody else comes: the answer is there after max_wait_s and little more."""
    with opened(SlowRecogniser(), max_wait_s=0.05) as batcher:
        begin = time.monotonic()
        batcher.score(patches_of(2, 0), "micr_e13b")
        assert 0.04 < time.monotonic() - begin < 5.0


def test_a_failure_hits_only_whose_patches_fail() -> None:
    """A batch that fails is scored one by one: the others get their rows, the culprit an error of the tree."""
    recogniser = SlowRecogniser()
    with opened(recogniser) as batcher, ThreadPoolExecutor(10) as pool:
        with held_up(batcher, recogniser, pool):
            good = [pool.submit(batcher.score, patches_of(2, k), "micr_e13b") for k in range(4)]
            bad = pool.submit(batcher.score, np.full((1, 1, 32, 32), 7.0, np.float32), "micr_e13b")
            until(lambda: batcher._queue.qsize() == 5)
        for k, future in enumerate(good):
            np.testing.assert_allclose(future.result(LONGEST_S), expected(patches_of(2, k), "micr_e13b"), atol=1e-4)
        with pytest.raises(RecogniserFailure) as caught:
            bad.result(LONGEST_S)
        assert "bad patch" not in caught.value.detail
        assert len(batcher.score(patches_of(3, 0), "micr_e13b")) == 3  # and it goes on


def test_errors_of_the_tree_arrive_unchanged() -> None:
    """What the recogniser raises as an error of the service is not wrapped a second time."""
    failure = RecogniserFailure("numbers that are not finite")
    with opened(SlowRecogniser(failure)) as batcher, pytest.raises(RecogniserFailure, match="not finite"):
        batcher.score(np.full((1, 1, 32, 32), 7.0, np.float32), "micr_e13b")


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_everyone_is_answered_when_the_thread_dies() -> None:
    """Something ends the thread that no handler catches: those in the batch, those in the queue and those who come are told."""
    recogniser = SlowRecogniser(SystemExit())
    with opened(recogniser, max_requests=3, max_wait_s=0.0) as batcher, ThreadPoolExecutor(10) as pool:
        with held_up(batcher, recogniser, pool):
            futures = [pool.submit(batcher.score, np.full((1, 1, 32, 32), 7.0, np.float32), "micr_e13b") for _ in range(8)]
            until(lambda: batcher._queue.qsize() == 8)
        for future in futures:
            with pytest.raises(CheckReaderError):
                future.result(LONGEST_S)
        with pytest.raises(NotReady):
            batcher.score(patches_of(1, 0), "micr_e13b")


def test_closing_answers_those_who_wait_and_refuses_those_who_come() -> None:
    """What was accepted is scored; the next request is told that the service ends. Closing twice does nothing."""
    recogniser = SlowRecogniser()
    with opened(recogniser) as batcher, ThreadPoolExecutor(10) as pool:
        with held_up(batcher, recogniser, pool):
            futures = [pool.submit(batcher.score, patches_of(1, k), "micr_e13b") for k in range(5)]
            until(lambda: batcher._queue.qsize() == 5)
            closing = pool.submit(batcher.close, LONGEST_S)
            until(lambda: batcher._closed)
            with pytest.raises(NotReady):
                batcher.score(patches_of(1, 0), "micr_e13b")
        closing.result(LONGEST_S)
        for k, future in enumerate(futures):
            np.testing.assert_allclose(future.result(LONGEST_S), expected(patches_of(1, k), "micr_e13b"), atol=1e-4)
        batcher.close()


def test_a_full_queue_is_refused_at_once() -> None:
    """Beyond the queue's length nobody waits; those in it are answered."""
    recogniser = SlowRecogniser()
    with opened(recogniser, queue_length=2) as batcher, ThreadPoolExecutor(10) as pool:
        with held_up(batcher, recogniser, pool) as first:
            waiting = [pool.submit(batcher.score, patches_of(1, k), "micr_e13b") for k in range(2)]
            until(lambda: batcher._queue.qsize() == 2)
            begin = time.monotonic()
            with pytest.raises(Overloaded):
                batcher.score(patches_of(1, 0), "micr_e13b")
            assert time.monotonic() - begin < 1.0
        for future in (first, *waiting):
            assert len(future.result(LONGEST_S)) == 1


def test_a_full_queue_can_be_closed() -> None:
    """The word to end needs no room in the queue."""
    recogniser = SlowRecogniser()
    with opened(recogniser, queue_length=1) as batcher, ThreadPoolExecutor(10) as pool:
        with held_up(batcher, recogniser, pool):
            last = pool.submit(batcher.score, patches_of(1, 0), "micr_e13b")
            until(lambda: batcher._queue.full())
            closing = pool.submit(batcher.close, LONGEST_S)
            until(lambda: batcher._closed)
        closing.result(LONGEST_S)
        assert len(last.result(LONGEST_S)) == 1


def test_a_recogniser_that_hangs_leaves_nobody_waiting_for_ever() -> None:
    """After answer_timeout_s the caller gets an error."""
    recogniser = SlowRecogniser()
    with opened(recogniser, answer_timeout_s=0.1) as batcher:
        recogniser.free.clear()
        with pytest.raises(RecogniserFailure, match=r"within 0\.1 s"):
            batcher.score(patches_of(1, 0), "micr_e13b")


def test_wrong_shapes_never_reach_the_batch() -> None:
    """Whoever sends patches of another shape is told at once, and nobody else notices."""
    recogniser = SlowRecogniser()
    with opened(recogniser) as batcher:
        with pytest.raises(ValueError, match=r"\(A, 1, 32, 32\)"):
            batcher.score(np.zeros((2, 1, 28, 28), np.float32), "micr_e13b")
        assert batcher.score(np.zeros((0, 1, 32, 32), np.float32), "micr_e13b").shape == (0, 16)
        assert batcher.info("micr_e13b").name == "micr_e13b"


def test_calls_are_bounded_in_patches(monkeypatch: pytest.MonkeyPatch) -> None:
    """Requests are grouped in order up to the bound; one larger than the bound stands alone."""
    monkeypatch.setattr(module, "MOST_PATCHES", 10)
    requests = [Waiting(np.zeros((count, 1, 32, 32), np.float32), "micr_e13b") for count in (4, 6, 1, 25, 9, 1)]
    assert [[len(request.patches) for request in group] for group in in_calls(requests)] == [[4, 6], [1], [25], [9, 1]]
    assert in_calls([]) == []
