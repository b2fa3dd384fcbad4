"""One process that reads the same fields again and again with the checkreader of one source tree; see ``first_version``.

    python field_worker.py TREE    first line in: JSON list of picture files; then "go" per round

Answers every line with one line: "ready", then per round JSON {"whole_ms": […], "stages_ms": {stage: […]}}, one number a
field. Uses nothing but what the first version has.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path


def main(tree: Path) -> int:
    """Serve rounds until the input ends."""
    sys.path.insert(0, str(tree))
    import cv2

    import app
    from app.inference.recogniser import load_recogniser
    from app.reader.pipeline import CheckReader
    from app.reader.types import ReadOptions, Scope

    if not Path(app.__file__ or "").resolve().is_relative_to(tree.resolve()):
        raise RuntimeError(f"the reader of another tree was imported: {app.__file__}, not of {tree}")
    cv2.setNumThreads(1)
    reader = CheckReader(load_recogniser(tree / "model"))
    options = ReadOptions(scope=Scope.COURTESY_AMOUNT, amount_format="plain")
    fields = [Path(name).read_bytes() for name in json.loads(sys.stdin.readline())]
    for field in fields:
        reader.read(field, options)
    print("ready", flush=True)
    for _ in sys.stdin:
        whole: list[float] = []
        stages: dict[str, list[float]] = {}
        for field in fields:
            begin = time.perf_counter()
            reading = reader.read(field, options)
            whole.append((time.perf_counter() - begin) * 1000.0)
            for stage, spent in reading.timings_ms.items():
                stages.setdefault(stage, []).append(spent)
        print(json.dumps({"whole_ms": whole, "stages_ms": stages}), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
