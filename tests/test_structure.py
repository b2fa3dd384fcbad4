"""The tree as the design draws it, proven from the syntax trees of the files; nothing is executed."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("app", "training", "benchmarks", "model", "tests")

# Imports inside app go from a higher number to a lower one, or stay inside the same part.
LAYERS = {
    "app.cli": 8,
    "app.synth": 8,
    "app.commands": 7,
    "app.main": 6,
    "app.api": 5,
    "app.batch": 5,
    "app.x9": 5,
    "app.response": 4,
    "app.explain": 4,
    "app.explain_field": 3,
    "app.explain_network": 3,
    "app.explanation_document": 3,
    "app.printed_number_document": 3,
    "app.snippets": 3,
    "app.logs": 3,
    "app.inference": 3,
    "app.settings": 2,
    "app.explanation": 2,
    "app.drawing": 2,
    "app.json_values": 2,
    "app.reader": 1,
    "app.errors": 0,
    "app": 0,
}
OFFLINE = {"torch", "training", "benchmarks", "tests", "onnx", "scipy"}
READER_MAY_USE = {"numpy", "cv2", "PIL", "app"}
FORBIDDEN_NAMES = {"utils", "util", "helpers", "helper", "common", "core", "manager", "base", "misc", "shared"}
LONGEST_FILE_LINES = 320
LONGEST_OF = {"app.reader.types": 440}  # one list of the values between the stages, without logic: read in one order
LONGEST_FUNCTION_LINES = 60


@cache
def _files(package: str) -> tuple[Path, ...]:
    return tuple(sorted((ROOT / package).rglob("*.py")))


@cache
def _tree(file: Path) -> ast.Module:
    return ast.parse(file.read_text(encoding="utf-8"), filename=str(file))


def _module(file: Path) -> str:
    parts = file.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _imports(tree: ast.AST, module: str = "app") -> Iterator[tuple[str, int]]:
    """Every imported module with its line, wherever the statement stands; ``from a import b`` gives ``a`` and ``a.b``."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{module}:{node.lineno}: imports are absolute"
            assert node.module is not None
            yield node.module, node.lineno
            yield from ((f"{node.module}.{alias.name}", node.lineno) for alias in node.names)


def _part(module: str) -> str | None:
    """The entry of LAYERS that ``module`` belongs to: the longest that is a prefix."""
    names = module.split(".")
    return next((name for end in range(len(names), 0, -1) if (name := ".".join(names[:end])) in LAYERS), None)


def upward_imports(module: str, tree: ast.AST) -> list[str]:
    """What ``module`` imports from its own layer or a higher one, outside its own part."""
    own = _part(module)
    wrong = []
    for name, line in _imports(tree, module):
        other = _part(name)
        if own is None or other is None or other in (own, "app"):
            continue
        if LAYERS[other] >= LAYERS[own]:
            wrong.append(f"{module}:{line} imports {name}")
    return wrong


def environment_uses(tree: ast.AST) -> list[int]:
    """Lines that read the process's environment."""
    lines = [node.lineno for node in ast.walk(tree) if isinstance(node, ast.Attribute) and node.attr in {"environ", "environb", "getenv"}]
    lines += [line for name, line in _imports(tree) if name in {"os.environ", "os.environb", "os.getenv"}]
    return sorted(lines)


def long_functions(tree: ast.AST) -> list[str]:
    """Functions with more lines than allowed, with their length."""
    functions = (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))
    lengths = ((node.name, (node.end_lineno or node.lineno) - node.lineno + 1) for node in functions)
    return [f"{name}: {length} lines" for name, length in lengths if length > LONGEST_FUNCTION_LINES]


def test_every_module_of_the_service_has_a_layer() -> None:
    """A new part of the service must be given its place in the order of imports."""
    tops = {".".join(_module(file).split(".")[:2]) for file in _files("app")}
    assert tops <= set(LAYERS), f"without a layer: {sorted(tops - set(LAYERS))}"


def test_imports_of_the_service_point_downwards() -> None:
    """Nothing imports from a layer above its own, nor from a neighbour in the same layer."""
    assert not [line for file in _files("app") for line in upward_imports(_module(file), _tree(file))]


def test_the_service_knows_nothing_of_training() -> None:
    """The service imports neither torch nor anything else of the offline part."""
    assert not [
        f"{_module(file)}:{line} imports {name}"
        for package in ("app", "model")
        for file in _files(package)
        for name, line in _imports(_tree(file))
        if name.split(".")[0] in OFFLINE
    ]


def test_the_reader_is_pure() -> None:
    """The reader uses the standard library, numpy, OpenCV, Pillow and the error tree, and nothing of the web or the runtime."""
    import sys

    allowed = READER_MAY_USE | sys.stdlib_module_names
    assert not [
        f"{_module(file)}:{line} imports {name}"
        for file in _files("app/reader")
        for name, line in _imports(_tree(file))
        if name.split(".")[0] not in allowed
    ]


def test_the_synthetic_part_needs_no_torch() -> None:
    """Synthetic pictures are drawn without torch."""
    assert not [
        f"{_module(file)}:{line}"
        for file in _files("training/synthetic")
        for name, line in _imports(_tree(file))
        if name.startswith("torch")
    ]


def test_only_the_settings_read_the_environment() -> None:
    """The environment of the process is read in one file of the service."""
    assert not [f"{_module(file)}:{line}" for file in _files("app") if file.name != "settings.py" for line in environment_uses(_tree(file))]


@pytest.mark.parametrize("package", PACKAGES)
def test_no_module_is_a_drawer_for_odds_and_ends(package: str) -> None:
    """A name that says nothing is a missing concept."""
    assert not [_module(file) for file in _files(package) if FORBIDDEN_NAMES & set(_module(file).split("."))]


@pytest.mark.parametrize("package", PACKAGES)
def test_files_and_functions_stay_short(package: str) -> None:
    """No file and no function outgrows what can be read at once."""
    lengths = {_module(file): len(file.read_text(encoding="utf-8").splitlines()) for file in _files(package)}
    assert not {module: length for module, length in lengths.items() if length > LONGEST_OF.get(module, LONGEST_FILE_LINES)}
    assert not [f"{_module(file)} {line}" for file in _files(package) for line in long_functions(_tree(file))]


def test_tests_mirror_the_tree() -> None:
    """A test file under tests/app or tests/training is named after a module that exists, or sits in the folder of one."""
    strays = []
    for package in ("app", "training"):
        for file in (ROOT / "tests" / package).rglob("test_*.py"):
            parent = ROOT / file.relative_to(ROOT / "tests").parent
            if not parent.is_dir():
                strays.append(str(file.relative_to(ROOT)))
    assert not strays


def test_the_rules_can_fail() -> None:
    """Each rule catches a made-up offender."""
    upward = ast.parse("from app.api import routes")
    assert upward_imports("app.reader.decode", upward)
    assert upward_imports("app.batch.engine", upward)
    assert not upward_imports("app.main", upward)
    assert environment_uses(ast.parse("import os\nos.environ['X']")) == [2]
    assert environment_uses(ast.parse("from os import getenv")) == [1]
    assert long_functions(ast.parse("def f():\n" + "    x = 1\n" * LONGEST_FUNCTION_LINES))
    assert not long_functions(ast.parse("def f():\n" + "    x = 1\n" * (LONGEST_FUNCTION_LINES - 1)))
