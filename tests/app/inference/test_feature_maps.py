"""What a recogniser shows of its layers: the committed models, and files that were exported without."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("onnxruntime", reason="the recogniser needs onnxruntime (extra cpu)")

from app.errors import ModelError, NotExplainable
from app.inference.batcher import MicroBatcher
from app.inference.model_file import MAP_SHAPES, stated_filters
from app.inference.providers import runtime
from app.inference.recogniser import MODELS, PATCHES_PER_CALL, OnnxRecogniser, golden_patches, load_model
from app.reader.network_view import ExplainableRecogniser
from app.reader.receptive_fields import LENET5
from app.reader.types import ModelName
from tests.app.api.stub_reader import StubRecogniser
from tests.app.explained_samples import recogniser
from tests.app.inference.stub_runtime import metadata, model_bytes, write_model


@pytest.mark.parametrize("name", MODELS)
def test_maps_have_the_shapes_of_the_layers(name: ModelName) -> None:
    """Named as the layers, in their shapes, finite; the patch is the one that was given."""
    patch = golden_patches()[5]
    maps = recogniser().feature_maps(patch, name)
    for layer in LENET5:
        found = getattr(maps, layer.name)
        assert list(found.shape) == MAP_SHAPES[layer.name]
        assert found.shape[0] == layer.maps
        assert np.isfinite(found).all()
    assert (maps.patch == patch[0]).all()


@pytest.mark.parametrize("name", MODELS)
def test_scores_beside_the_maps_are_the_scores(name: ModelName) -> None:
    """As ``score`` gives them, for a patch as a picture and as a batch of one."""
    for patch in golden_patches():
        (wanted,) = recogniser().score(patch[None], name)
        for given in (patch[0], patch[None]):
            np.testing.assert_allclose(recogniser().feature_maps(given, name).log_probs, wanted, atol=1e-5)


@pytest.mark.parametrize("name", MODELS)
def test_filters_are_those_that_the_maps_come_from(name: ModelName) -> None:
    """On a patch with one pixel of ink, the map of a filter is the filter turned by half a turn, plus its bias, cut off at 0."""
    patch = np.zeros((32, 32), np.float32)
    patch[16, 16] = 1.0
    filters = recogniser().first_filters(name)
    maps = recogniser().feature_maps(patch, name)
    wanted = np.maximum(filters.weights[:, ::-1, ::-1] + filters.biases[:, None, None], 0.0)
    np.testing.assert_allclose(maps.c1[:, 12:17, 12:17], wanted, atol=1e-5)


def test_more_patches_than_one_call_takes_keep_their_order() -> None:
    """Around the boundary of a call, rows are those of the patches one by one."""
    patches = np.random.default_rng(4).uniform(-0.5, 1.0, (2 * PATCHES_PER_CALL + 1, 1, 32, 32)).astype(np.float32)
    rows = recogniser().score(patches, "micr_e13b")
    for k in (0, PATCHES_PER_CALL - 1, PATCHES_PER_CALL, 2 * PATCHES_PER_CALL):
        np.testing.assert_allclose(rows[k], recogniser().score(patches[k : k + 1], "micr_e13b")[0], atol=1e-5)


def test_a_file_without_maps_reads_but_is_not_explained(tmp_path: Path) -> None:
    """Both questions are answered with a sentence that says what to do; scoring goes on."""
    write_model(tmp_path, "micr_e13b", model_bytes("micr_e13b", metadata("micr_e13b")))
    old = OnnxRecogniser({"micr_e13b": load_model(runtime(), "micr_e13b", tmp_path, "cpu")}, "cpu")
    assert old.score(golden_patches(), "micr_e13b").shape[0] == len(golden_patches())
    with pytest.raises(NotExplainable, match=r"micr_e13b\.onnx holds no feature maps.*export it again"):
        old.feature_maps(golden_patches()[0], "micr_e13b")
    with pytest.raises(NotExplainable, match=r"micr_e13b\.onnx holds no filters"):
        old.first_filters("micr_e13b")


@pytest.mark.parametrize(
    "changes",
    [
        {"c1_filters": "no json"},
        {"c1_filters": "[[1.0]]"},
        {"c1_filters": json.dumps([[[float("nan")] * 5] * 5] * 6)},
        {"c1_biases": "[0.0]"},
        {"c1_filters": "[[1.0], [1.0, 2.0]]"},
    ],
)
def test_filters_that_make_no_sense_are_refused(changes: dict[str, str]) -> None:
    """At loading, with the name of the file."""
    good = {"c1_filters": json.dumps(np.zeros((6, 5, 5)).tolist()), "c1_biases": json.dumps([0.0] * 6)}
    assert stated_filters("micr_e13b", {f"checkreader.{key}": value for key, value in good.items()}) is not None
    with pytest.raises(ModelError, match=r"micr_e13b\.onnx states"):
        stated_filters("micr_e13b", {f"checkreader.{key}": value for key, value in {**good, **changes}.items()})


def test_a_batcher_shows_the_layers_of_what_stands_behind_it() -> None:
    """The same maps and filters; a recogniser without layers behind it is said to have none."""
    batcher = MicroBatcher(recogniser())
    try:
        assert isinstance(batcher, ExplainableRecogniser)
        patch = golden_patches()[3]
        assert (batcher.feature_maps(patch, "micr_e13b").c3 == recogniser().feature_maps(patch, "micr_e13b").c3).all()
        assert (batcher.first_filters("micr_e13b").weights == recogniser().first_filters("micr_e13b").weights).all()
    finally:
        batcher.close()
    silent = MicroBatcher(StubRecogniser())
    try:
        with pytest.raises(NotExplainable):
            silent.feature_maps(golden_patches()[0], "micr_e13b")
        with pytest.raises(NotExplainable):
            silent.first_filters("micr_e13b")
    finally:
        silent.close()
