"""The recogniser on real onnxruntime sessions of small models that are made here."""

from __future__ import annotations

import json
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("onnxruntime", reason="the recogniser needs onnxruntime (extra cpu)")

from app.errors import ModelError, ServiceError
from app.inference.model_file import SYMBOLS
from app.inference.recogniser import MODELS, LoadedModel, OnnxRecogniser, RecogniserFailure, golden_patches, load_recogniser
from app.reader.types import ModelName, Patches
from tests.app.inference.stub_runtime import expected, metadata, model_bytes, write_model, write_second_reader


def some_patches(count: int, seed: int = 0) -> Patches:
    return np.random.default_rng(seed).uniform(-0.5, 1.0, (count, 1, 32, 32)).astype(np.float32)


@pytest.fixture
def models(tmp_path: Path) -> Path:
    """A folder with two good models and the shipped second reader."""
    for name in MODELS:
        write_model(tmp_path, name, model_bytes(name, metadata(name)))
    write_second_reader(tmp_path)
    return tmp_path


@pytest.mark.parametrize("name", MODELS)
def test_scores_are_those_of_the_model(models: Path, name: ModelName) -> None:
    """Any number of patches, none included, gives the model's log-probabilities, one row each."""
    recogniser = load_recogniser(models)
    for count in (0, 1, 3, 200):
        rows = recogniser.score(some_patches(count), name)
        assert rows.shape == (count, len(SYMBOLS[name]))
        assert rows.dtype == np.float32
        np.testing.assert_allclose(rows, expected(some_patches(count), name), atol=1e-4)


def test_batched_equals_single(models: Path) -> None:
    """A patch scores the same alone and among others, as views and transposed memory too."""
    recogniser, patches = load_recogniser(models), some_patches(40)
    together = recogniser.score(patches, "micr_e13b")
    alone = np.concatenate([recogniser.score(patches[k : k + 1], "micr_e13b") for k in range(40)])
    np.testing.assert_allclose(together, alone, atol=1e-5)
    np.testing.assert_allclose(recogniser.score(patches[::2], "micr_e13b"), together[::2], atol=1e-5)
    fortran = np.asfortranarray(patches)
    np.testing.assert_allclose(recogniser.score(fortran, "micr_e13b"), together, atol=1e-5)


def test_threads_share_one_recogniser(models: Path) -> None:
    """Four threads at once get the answers that one thread gets."""
    recogniser = load_recogniser(models)
    found: dict[int, Any] = {}

    def work(seed: int) -> None:
        found[seed] = [recogniser.score(some_patches(30, seed), name) for name in MODELS]

    threads = [threading.Thread(target=work, args=(seed,)) for seed in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    for seed in range(4):
        for name, rows in zip(MODELS, found[seed], strict=True):
            np.testing.assert_allclose(rows, expected(some_patches(30, seed), name), atol=1e-4)


def test_info_is_what_the_file_states(models: Path) -> None:
    """Alphabet, version, thresholds by rising error and calibration come from the metadata, the digest from the bytes."""
    info = load_recogniser(models).info("courtesy_amount")
    assert info.name == "courtesy_amount"
    assert info.version == "7"
    assert info.alphabet.symbols == SYMBOLS["courtesy_amount"]
    assert info.thresholds == ((0.01, 0.8), (0.02, 0.6))
    assert info.calibration == (1.5, -0.25)
    assert info.digest == "sha256:" + json.loads((models / "courtesy_amount.json").read_text())["sha256"]


def test_one_thread_per_session_without_spinning(models: Path) -> None:
    """Parallelism is across checks: a session takes one thread, and that does not spin."""
    options = load_recogniser(models)._models["micr_e13b"].session.get_session_options()
    assert (options.intra_op_num_threads, options.inter_op_num_threads) == (1, 1)
    assert options.get_session_config_entry("session.intra_op.allow_spinning") == "0"


@pytest.mark.parametrize("missing", ["micr_e13b.onnx", "micr_e13b.json", "courtesy_amount_sdnn.onnx"])
def test_a_missing_file_is_named(models: Path, missing: str) -> None:
    """The message says which file, where, and what to do."""
    (models / missing).unlink()
    with pytest.raises(ModelError, match=missing) as caught:
        load_recogniser(models)
    assert str(models) in caught.value.detail
    assert "CHECKREADER_MODEL_DIR" in caught.value.detail


@pytest.mark.parametrize("provenance", ["{}", "no json", "[]", '{"sha256": 5}', '{"sha256": "' + "0" * 64 + '"}'])
def test_a_wrong_digest_is_refused(models: Path, provenance: str) -> None:
    """A file without the digest of its provenance is not loaded."""
    (models / "micr_e13b.json").write_text(provenance)
    with pytest.raises(ModelError, match="sha256"):
        load_recogniser(models)


def test_one_changed_byte_is_refused(models: Path) -> None:
    """The digest covers the whole file."""
    content = bytearray((models / "micr_e13b.onnx").read_bytes())
    content[len(content) // 2] ^= 1
    (models / "micr_e13b.onnx").write_bytes(bytes(content))
    with pytest.raises(ModelError, match="do not belong together"):
        load_recogniser(models)


def test_bytes_that_are_no_model_are_refused(models: Path) -> None:
    """Even with the right digest."""
    write_model(models, "micr_e13b", b"this is no model")
    with pytest.raises(ModelError, match="cannot open the model"):
        load_recogniser(models)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"name": "courtesy_amount"}, "says it is 'courtesy_amount'"),
        ({"name": None}, "says it is None"),
        ({"alphabet": None}, "checkreader.alphabet"),
        ({"alphabet": "not json"}, "checkreader.alphabet"),
        ({"alphabet": "5"}, "make no sense"),
        ({"alphabet": '["0", "1", "rubbish", "stray"]'}, "does not know 2 3 4"),
        ({"alphabet": json.dumps([*SYMBOLS["micr_e13b"], "0"])}, "make no sense"),
        ({"alphabet": json.dumps([*SYMBOLS["micr_e13b"], "A"])}, "shape \\(A, 17\\)"),
        ({"input": None}, "checkreader.input"),
        ({"input": "[]"}, "made for patches of"),
        ({"input": '{"ink": 255.0, "paper": 0.0, "context": -0.5}'}, "made for patches of"),
        ({"thresholds": "[[0.01]]"}, "make no sense"),
        ({"thresholds": "[[0.01, 1.5]]"}, "from 0 to 1"),
        ({"thresholds": "[[NaN, 0.5]]"}, "from 0 to 1"),
        ({"calibration": "[0, 0]"}, "slope above 0"),
        ({"calibration": "[Infinity, 0]"}, "slope above 0"),
        ({"calibration": "null"}, "make no sense"),
    ],
)
def test_metadata_that_breaks_the_contract_is_refused(models: Path, changes: dict[str, str | None], said: str) -> None:
    """Each violation is a refusal to start that names the model and what is wrong with it."""
    write_model(models, "micr_e13b", model_bytes("micr_e13b", metadata("micr_e13b", **changes)))
    with pytest.raises(ModelError, match=said) as caught:
        load_recogniser(models)
    assert caught.value.detail.startswith("micr_e13b.onnx")


@pytest.mark.parametrize(
    ("build", "said"),
    [
        ({"batch": 4}, "with any A"),
        ({"side": 28}, "shape \\(A, 1, 32, 32\\)"),
        ({"log_softmax": False}, "do not sum to one"),
        ({"scale": float("nan")}, "failed its first run"),
    ],
)
def test_models_of_another_shape_are_refused(models: Path, build: dict[str, Any], said: str) -> None:
    """A fixed batch, another patch, and an output that is no log-probability are found before the first reading."""
    write_model(models, "courtesy_amount", model_bytes("courtesy_amount", metadata("courtesy_amount"), **build))
    with pytest.raises(ModelError, match=said):
        load_recogniser(models)


class FailingSession:
    """A session that gives what it is told to, or raises it."""

    def __init__(self, result: Any) -> None:
        self.result = result

    def run(self, outputs: Any, inputs: Any) -> Any:
        if isinstance(self.result, Exception):
            raise self.result
        return [self.result]


@pytest.mark.parametrize(
    "result",
    [
        np.full((2, 16), np.nan, np.float32),
        np.full((2, 16), -np.inf, np.float32),
        np.zeros((1, 16), np.float32),
        RuntimeError("CUDA error"),
    ],
)
def test_a_session_that_fails_while_serving_is_an_error_of_the_service(models: Path, result: Any) -> None:
    """Numbers that are not finite, too few rows and exceptions become one error of the tree, without the library's words."""
    info = load_recogniser(models).info("micr_e13b")
    broken = OnnxRecogniser({"micr_e13b": LoadedModel(FailingSession(result), info)}, "cpu")
    with pytest.raises(RecogniserFailure) as caught:
        broken.score(some_patches(2), "micr_e13b")
    assert isinstance(caught.value, ServiceError)
    assert "CUDA" not in caught.value.detail


def test_golden_patches_are_patches() -> None:
    """The patches of the first run have the shape and the range of real ones, and no two are alike."""
    patches = golden_patches()
    assert patches.shape[1:] == (1, 32, 32)
    assert (float(patches.min()), float(patches.max())) == (-0.5, 1.0)
    assert len(np.unique(patches.reshape(len(patches), -1), axis=0)) == len(patches)


def test_the_second_reader_slides_over_a_strip(models: Path) -> None:
    """One row of log-probabilities for every second column that a window of 32 fits on; single calls from many threads agree."""
    loaded = load_recogniser(models)
    info = loaded.second_reader()
    assert info is not None
    strips = np.random.default_rng(0).random((3, 32, 101)).astype(np.float32)
    rows = loaded.slide(strips)
    assert rows.shape == (3, (101 - 32) // 2 + 1, len(info.symbols) + 1)
    np.testing.assert_allclose(np.exp(rows).sum(axis=2), 1.0, atol=1e-4)
    with ThreadPoolExecutor(4) as pool:
        for other in pool.map(lambda _: loaded.slide(strips), range(8)):
            np.testing.assert_array_equal(other, rows)


def test_without_a_second_reader_nothing_slides(models: Path) -> None:
    """A recogniser that was made without says so rather than answering."""
    alone = OnnxRecogniser(load_recogniser(models)._models, "cpu")
    assert alone.second_reader() is None
    with pytest.raises(RecogniserFailure, match="no second reader"):
        alone.slide(np.zeros((1, 32, 64), np.float32))


def test_a_second_reader_that_is_another_model_is_refused(models: Path) -> None:
    """The file must say that it is the second reader."""
    write_model(models, "courtesy_amount_sdnn", model_bytes("micr_e13b", metadata("micr_e13b")))
    with pytest.raises(ModelError, match="courtesy_amount_sdnn"):
        load_recogniser(models)
