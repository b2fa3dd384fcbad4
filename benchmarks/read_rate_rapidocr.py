"""The process that reads pictures with RapidOCR for ``read_rate``, in a Python that has the package; it uses nothing of checkreader.

    PYTHON read_rate_rapidocr.py    a JSON string with a picture's path per line

Says "ready VERSION", then answers every line with one line of JSON: ``lines`` (the texts it has found), ``time_ms``, ``cpu_ms``,
``failure`` (empty where the picture was read). One thread. Exit status 3 where the package is not there.
"""

from __future__ import annotations

import importlib
import importlib.metadata
import json
import os
import sys
import time

PACKAGE = "rapidocr_onnxruntime"


def main() -> int:
    """Serve pictures until the input ends."""
    out = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # what the package prints must not stand among the answers
    try:
        package = importlib.import_module(PACKAGE)
    except ImportError:
        return 3
    importlib.import_module("cv2").setNumThreads(1)
    engine = package.RapidOCR(intra_op_num_threads=1, inter_op_num_threads=1)
    print(f"ready {importlib.metadata.version('rapidocr-onnxruntime')}", file=out, flush=True)
    for asked in sys.stdin:
        begin, cpu = time.perf_counter(), time.process_time()
        lines: list[str] = []
        failure = ""
        try:
            found, _ = engine(json.loads(asked))
            lines = [str(text) for _, text, _ in found or ()]
        except Exception as error:  # whatever one picture does must not end the run
            failure = f"RapidOCR failed with {type(error).__name__}"
        spent = {"time_ms": 1000.0 * (time.perf_counter() - begin), "cpu_ms": 1000.0 * (time.process_time() - cpu)}
        print(json.dumps({"lines": lines, **spent, "failure": failure}), file=out, flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
