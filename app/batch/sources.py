"""From the paths on the command line to the files to score.

A file is taken as it is named, a folder is walked in sorted order and gives what is an image by its ending, a pattern
(``*``, ``?``, ``[…]``, ``**``) that is no existing path is expanded. Only paths are held, never pictures.
"""

from __future__ import annotations

import glob
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from app.errors import UsageError

IMAGE_ENDINGS = frozenset({".bmp", ".dib", ".jfif", ".jpe", ".jpeg", ".jpg", ".png", ".tif", ".tiff", ".webp"})


@dataclass(frozen=True, slots=True)
class Source:
    """One file to score.

    ``name`` is the path as reached from the argument (argument ``a/b``, file ``c.png``: ``a/b/c.png``); ``relative``
    is the path below the argument, for a file its own name.
    """

    name: str
    relative: str

    @property
    def path(self) -> Path:
        return Path(self.name)


def expand(arguments: Sequence[str]) -> tuple[Source, ...]:
    """All files that ``arguments`` name, in the order of the arguments, sorted within each folder.

    Raises ``UsageError`` for an argument that is neither file nor folder nor a pattern with a match.
    """
    return tuple(source for argument in arguments for source in _of_argument(argument))


def _of_argument(argument: str) -> Iterator[Source]:
    if os.path.exists(argument):  # noqa: PTH110  # the argument's own spelling is kept
        yield from _of_path(argument)
        return
    matches = sorted(glob.glob(argument, recursive=True)) if glob.has_magic(argument) else []  # noqa: PTH207  # as above
    if not matches:
        raise UsageError(f"no such file or folder, and no pattern that matches one: {argument}")
    for match in matches:
        yield from _of_path(match)


def _of_path(name: str) -> Iterator[Source]:
    path = Path(name)
    if path.is_dir():
        yield from _of_folder(name)
    elif path.is_file():
        yield Source(name=name, relative=path.name)
    else:
        raise UsageError(f"neither a file nor a folder: {name}")


def _of_folder(folder: str) -> Iterator[Source]:
    for parent, folders, files in os.walk(folder):
        folders.sort()
        below = os.path.relpath(parent, folder)
        for file in sorted(files):
            if Path(file).suffix.lower() in IMAGE_ENDINGS:
                relative = file if below == os.curdir else os.path.join(below, file)  # noqa: PTH118  # text, as typed
                yield Source(name=os.path.join(folder, relative), relative=relative)  # noqa: PTH118  # as above
