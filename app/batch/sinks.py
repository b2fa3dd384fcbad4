"""Where the lines go: JSON lines, one whole line per write, so that a run that is stopped leaves whole lines."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO

from app.batch.engine import Failure, ScoredPage
from app.errors import UsageError

STANDARD_OUTPUT = "-"


def document(page: ScoredPage) -> dict[str, Any]:
    """The JSON form of one line: ``file``, ``page`` for files of several pages, and ``reading`` or ``error``."""
    head: dict[str, Any] = {"file": page.source.name}
    if page.page_count > 1:
        head["page"] = page.page_index
    if isinstance(page.outcome, Failure):
        return head | {"error": {"code": page.outcome.code, "detail": page.outcome.detail}}
    return head | {"reading": page.outcome.model_dump(mode="json")}


def to_line(value: dict[str, Any]) -> bytes:
    """One UTF-8 line. A file name that is no valid text is written with escapes."""
    line = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    try:
        return line.encode() + b"\n"
    except UnicodeEncodeError:
        return json.dumps(value, separators=(",", ":")).encode() + b"\n"


class JsonLinesSink:
    """Writes lines to a file, anew or at its end, or to standard output for the path ``-``. A context manager.

    Raises ``UsageError`` when the file cannot be opened for writing.
    """

    def __init__(self, out: str, append: bool = False) -> None:
        self._out = out
        self._append = append

    def __enter__(self) -> JsonLinesSink:
        self._file: BinaryIO = self._open()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None) -> None:
        if self._out != STANDARD_OUTPUT:
            self._file.close()

    def write(self, page: ScoredPage) -> None:
        """Write one line and hand it to the operating system."""
        self._put(to_line(document(page)))

    def _open(self) -> BinaryIO:
        if self._out == STANDARD_OUTPUT:
            return sys.stdout.buffer
        path = Path(self._out)
        try:
            whole = not self._append or _ends_with_line(path)
            self._file = path.open("ab" if self._append else "wb", buffering=0)
        except OSError as error:
            raise UsageError(f"cannot write to {self._out}: {error.strerror}") from None
        if not whole:
            self._put(b"\n")  # an earlier run was cut off in mid-line: its rest stays, ours begin on a line of their own
        return self._file

    def _put(self, line: bytes) -> None:
        rest = memoryview(line)
        while rest:
            rest = rest[self._file.write(rest) :]
        self._file.flush()


def _ends_with_line(path: Path) -> bool:
    if not path.is_file() or path.stat().st_size == 0:
        return True
    with path.open("rb") as file:
        file.seek(-1, 2)
        return file.read(1) == b"\n"
