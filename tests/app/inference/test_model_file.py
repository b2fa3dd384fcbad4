"""Model files: digest, metadata and shapes, each checked alone and without a runtime."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.errors import ModelError
from app.inference.model_file import (
    FLOAT,
    INPUT_CONTRACT,
    SYMBOLS,
    Tensor,
    check_input_contract,
    check_shapes,
    model_info,
    read_model_file,
    second_reader_info,
)
from app.inference.recogniser import MODELS
from app.reader.types import RUBBISH, STRAY, ModelName
from model import packaged_model_dir
from tests.app.inference.stub_runtime import SECOND_SYMBOLS, metadata, second_metadata, write_model

INPUT: Tensor = ("patches", FLOAT, ["A", 1, 32, 32])
OUTPUT: Tensor = ("log_probs", FLOAT, ["A", 16])


def test_a_whole_file_is_read_with_its_digest(tmp_path: Path) -> None:
    """Bytes as they are, and the digest that the provenance states."""
    write_model(tmp_path, "micr_e13b", b"the bytes of a model")
    file = read_model_file("micr_e13b", tmp_path)
    assert (file.name, file.content) == ("micr_e13b", b"the bytes of a model")
    assert file.digest == "sha256:" + hashlib.sha256(b"the bytes of a model").hexdigest()


@given(content=st.binary(min_size=1, max_size=50), data=st.data())
def test_any_changed_bit_is_found(tmp_path_factory: pytest.TempPathFactory, content: bytes, data: st.DataObject) -> None:
    """The digest of the provenance holds for these bytes and for no others."""
    folder = tmp_path_factory.mktemp("models")
    bit = data.draw(st.integers(0, 8 * len(content) - 1))
    changed = bytearray(content)
    changed[bit // 8] ^= 1 << (bit % 8)
    write_model(folder, "micr_e13b", bytes(changed), hashlib.sha256(content).hexdigest())
    with pytest.raises(ModelError, match="do not belong together"):
        read_model_file("micr_e13b", folder)


@pytest.mark.parametrize("name", MODELS)
def test_the_packaged_models_are_whole(name: ModelName) -> None:
    """Without a folder the packaged files are read, and belong to their provenance."""
    if not packaged_model_dir().joinpath(f"{name}.onnx").is_file():
        pytest.skip("the model files are not there")
    file = read_model_file(name, None)
    assert len(file.content) < 1_000_000
    assert file == read_model_file(name, Path(str(packaged_model_dir())))


def test_a_missing_packaged_file_is_named_without_a_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The message speaks of the installed package and says what to do."""
    monkeypatch.setattr("importlib.resources.files", lambda package: tmp_path)
    with pytest.raises(ModelError, match="missing in the installed package; install checkreader anew"):
        read_model_file("micr_e13b", None)


@pytest.mark.parametrize("name", MODELS)
def test_the_alphabet_is_that_of_the_reader(name: ModelName) -> None:
    """Every symbol that the grammars use has its class, and so have rubbish and stray marks."""
    info = model_info(name, "sha256:0", metadata(name))
    assert info.alphabet.symbols == SYMBOLS[name]
    assert {*"0123456789", RUBBISH, STRAY} <= set(info.alphabet.symbols)
    assert {"$", ",", "."} <= set(SYMBOLS["courtesy_amount"])
    assert {"⑆", "⑇", "⑈", "⑉"} <= set(SYMBOLS["micr_e13b"])


def test_what_is_not_stated_has_no_default_but_the_version() -> None:
    """A file without a version is one of unknown version; everything else must be there."""
    assert model_info("micr_e13b", "sha256:0", metadata("micr_e13b", version=None)).version == "unknown"
    for key in ("name", "alphabet", "input", "thresholds", "calibration"):
        with pytest.raises(ModelError, match="micr_e13b"):
            model_info("micr_e13b", "sha256:0", metadata("micr_e13b", **{key: None}))


@given(st.sampled_from(["alphabet", "thresholds", "calibration", "input"]), st.text(max_size=40) | st.from_type(dict).map(repr))
def test_any_text_in_the_metadata_is_refused_or_understood(key: str, text: str) -> None:
    """Whatever stands there: a model or a ModelError, and nothing else."""
    try:
        info = model_info("micr_e13b", "sha256:0", metadata("micr_e13b", **{key: text}))
    except ModelError:
        return
    assert key == "thresholds"  # no other of these texts can be right by chance
    assert info.thresholds == ()


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(max_size=5) | st.integers(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@given(st.sampled_from(["alphabet", "thresholds", "calibration", "input"]), JSON_VALUES)
def test_any_json_in_the_metadata_is_refused_or_understood(key: str, value: object) -> None:
    """Well-formed JSON of another shape is refused too; what passes is in its range."""
    try:
        info = model_info("micr_e13b", "sha256:0", metadata("micr_e13b", **{key: json.dumps(value)}))
    except ModelError:
        return
    assert all(0.0 <= number <= 1.0 for point in info.thresholds for number in point)
    assert info.calibration[0] > 0.0
    assert set(SYMBOLS["micr_e13b"]) <= set(info.alphabet.symbols)


@pytest.mark.parametrize("key", sorted(INPUT_CONTRACT))
def test_every_line_of_the_input_contract_counts(key: str) -> None:
    """Another value of ink, paper or context, or none, is another kind of patch; further entries do not matter."""
    check_input_contract("micr_e13b", {**INPUT_CONTRACT, "note": "as the reader makes them"})
    for other in ({**INPUT_CONTRACT, key: 0.25}, {name: value for name, value in INPUT_CONTRACT.items() if name != key}):
        with pytest.raises(ModelError, match="made for patches of"):
            check_input_contract("micr_e13b", other)


def test_good_shapes() -> None:
    """The first side may have any name, or none."""
    for free in ("A", "batch", None):
        check_shapes("micr_e13b", [("patches", FLOAT, [free, 1, 32, 32])], [("log_probs", FLOAT, [free, 16])], 16)


@pytest.mark.parametrize(
    ("inputs", "outputs"),
    [
        ([], [OUTPUT]),
        ([INPUT, INPUT], [OUTPUT]),
        ([("image", FLOAT, ["A", 1, 32, 32])], [OUTPUT]),
        ([("patches", "tensor(double)", ["A", 1, 32, 32])], [OUTPUT]),
        ([("patches", FLOAT, [1, 1, 32, 32])], [OUTPUT]),
        ([("patches", FLOAT, ["A", 3, 32, 32])], [OUTPUT]),
        ([("patches", FLOAT, ["A", 1, "H", "W"])], [OUTPUT]),
        ([("patches", FLOAT, ["A", 1024])], [OUTPUT]),
        ([("patches", FLOAT, [])], [OUTPUT]),
        ([INPUT], []),
        ([INPUT], [OUTPUT, OUTPUT]),
        ([INPUT], [("logits", FLOAT, ["A", 16])]),
        ([INPUT], [("log_probs", FLOAT, ["A", 10])]),
        ([INPUT], [("log_probs", FLOAT, [4, 16])]),
        ([INPUT], [("log_probs", "tensor(float16)", ["A", 16])]),
    ],
)
def test_wrong_shapes(inputs: list[Tensor], outputs: list[Tensor]) -> None:
    """Another count, name, type or shape of inputs or outputs is refused, and the message says what must be."""
    with pytest.raises(ModelError, match=r"micr_e13b\.onnx must (take|give) one float32"):
        check_shapes("micr_e13b", inputs, outputs, 16)


def test_the_second_readers_metadata_is_read() -> None:
    """Symbols, weights of the two opinions, thresholds by rising rate, calibration."""
    info = second_reader_info("sha256:0", second_metadata())
    assert info.symbols == SECOND_SYMBOLS
    assert (info.fusion.first, info.fusion.second, info.fusion.none) == (0.7, 0.3, -8.0)
    assert info.thresholds == ((0.01, 0.8), (0.02, 0.6))
    assert info.calibration == (1.5, -0.25)


@pytest.mark.parametrize(
    "changes",
    [
        {"name": "micr_e13b"},
        {"symbols": None},
        {"symbols": "[]"},
        {"symbols": '["1", "1"]'},
        {"fusion": "[1, 2]"},
        {"fusion": "[1, 2, NaN]"},
    ],
)
def test_a_second_reader_that_states_nonsense_is_refused(changes: dict[str, str | None]) -> None:
    """Rather than weighing opinions with it."""
    with pytest.raises(ModelError, match="courtesy_amount_sdnn"):
        second_reader_info("sha256:0", second_metadata(**changes))
