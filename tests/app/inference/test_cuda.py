"""The packaged models on a real GPU: `make test-gpu`. Elsewhere these tests are skipped, with the reason."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from app.inference.batcher import MicroBatcher
from app.inference.recogniser import MODELS, OnnxRecogniser, load_recogniser
from app.reader.types import ModelName, Patches
from tests.requirements_gate import require

MOST_DIFFERENCE = 1e-3  # of natural log-probabilities
LONGEST_S = 120.0
THREADS, REQUESTS_PER_THREAD = 8, 40


@pytest.fixture(scope="module")
def on_cpu() -> OnnxRecogniser:
    """The packaged models on the CPU: what is right."""
    require("gpu")
    return load_recogniser(None, "cpu")


@pytest.fixture(scope="module")
def on_gpu() -> OnnxRecogniser:
    """The packaged models on CUDA."""
    require("gpu")
    return load_recogniser(None, "cuda")


@pytest.fixture
def batcher(on_gpu: OnnxRecogniser) -> Iterator[MicroBatcher]:
    """Batching in front of the GPU, closed afterwards."""
    batching = MicroBatcher(on_gpu)
    yield batching
    batching.close()


def patches_of(count: int, seed: int) -> Patches:
    """Patches with ink, paper and neighbours at random."""
    return np.random.default_rng(seed).uniform(-0.5, 1.0, (count, 1, 32, 32)).astype(np.float32)


def test_sessions_run_on_cuda(on_gpu: OnnxRecogniser) -> None:
    """The sessions themselves name CUDA first: nothing fell back."""
    for name in MODELS:
        assert on_gpu._models[name].session.get_providers()[0] == "CUDAExecutionProvider"


@pytest.mark.parametrize("count", [0, 1, 7, 256, 5000])
@pytest.mark.parametrize("name", MODELS)
def test_cuda_gives_the_numbers_of_the_cpu(on_cpu: OnnxRecogniser, on_gpu: OnnxRecogniser, name: ModelName, count: int) -> None:
    """Patch by patch, in batches of any size."""
    patches = patches_of(count, count)
    np.testing.assert_allclose(on_gpu.score(patches, name), on_cpu.score(patches, name), rtol=0.0, atol=MOST_DIFFERENCE)


def test_batches_of_eight_threads_give_the_numbers_of_the_cpu(on_cpu: OnnxRecogniser, batcher: MicroBatcher) -> None:
    """Each of eight threads gets its own rows back, request for request, whoever else was in the batch."""

    def work(thread: int) -> list[float]:
        differences = []
        for k in range(REQUESTS_PER_THREAD):
            seed = thread * REQUESTS_PER_THREAD + k
            patches, name = patches_of(1 + seed * 37 % 300, seed), MODELS[seed % 2]
            differences.append(float(np.abs(batcher.score(patches, name) - on_cpu.score(patches, name)).max()))
        return differences

    with ThreadPoolExecutor(THREADS) as pool:
        differences = [value for found in pool.map(work, range(THREADS), timeout=LONGEST_S) for value in found]
    assert len(differences) == THREADS * REQUESTS_PER_THREAD
    assert max(differences) <= MOST_DIFFERENCE
