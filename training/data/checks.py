"""Pictures of whole checks with what stands on them, as read by eye. For measuring only.

One physical check may be there in several pictures (``group``): count by ``physical``, not by file. ``boxes/checks.csv``
holds where the courtesy amount stands (columns file, left, top, right, bottom), as marked by eye.
"""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from pathlib import Path

from app.reader.types import Box
from training.data.sources import DATA_SETS, MalformedData, MissingData, read_known

BOXES = Path(__file__).with_name("boxes") / "checks.csv"
NO_ROUTING_NUMBER = "000000000"  # on forms that were printed at home


@dataclass(frozen=True, slots=True)
class CheckPicture:
    """One picture of a check. Texts are as in the index; "" means: not on the check, or not legible."""

    path: Path
    file: str  # path relative to the folder of the index
    kind: str
    layout: str  # column ``type``: "US personal", "Indian CTS (Axis Bank)", …
    licence: str
    filled: bool
    amount: str  # plain decimal, e.g. "1234.56"
    x9_record_amount: str  # what the image cash letter states
    routing: str
    routing_checksum: str  # "ok", "FAIL", "n/a" or ""
    account: str
    check_number: str
    date: str
    micr_code: str  # as it stands in the MICR line
    micr_account: str
    group: str
    notes: str
    amount_box: Box | None = None  # half-open, pixels of the picture as it is seen (after its EXIF orientation)

    @property
    def physical(self) -> str:
        """The name of the physical check: its group, or the file where it is alone."""
        return self.group or self.file


_COLUMNS = {"layout": "type"}
_TEXTS = (
    *("kind", "layout", "licence", "amount", "x9_record_amount", "routing", "routing_checksum", "account"),
    *("check_number", "date", "micr_code", "micr_account", "group", "notes"),
)


def load_boxes(path: Path = BOXES) -> dict[str, Box]:
    """The marked boxes of the courtesy amounts by file. Raises ``MissingData``, and ``MalformedData`` with the line."""
    try:
        with path.open(newline="", encoding="utf-8-sig") as lines:
            rows = list(csv.DictReader(lines, strict=True))
    except FileNotFoundError:
        raise MissingData(f"{path.name} is missing; looked in {path.parent}") from None
    found: dict[str, Box] = {}
    for number, row in enumerate(rows, start=2):
        try:
            left, top, right, bottom = (int(row[side]) for side in ("left", "top", "right", "bottom"))
            file = row["file"]
        except (KeyError, TypeError, ValueError) as error:
            raise MalformedData(f"{path.name}, line {number}: a box is file, left, top, right, bottom in whole pixels") from error
        if not (0 <= left < right and 0 <= top < bottom) or file in found:
            raise MalformedData(f"{path.name}, line {number}: the box of {file} holds nothing, or it has one already")
        found[file] = (left, top, right, bottom)
    return found


def load_checks(root: Path, allow_unknown: bool = False, boxes: Path = BOXES) -> tuple[CheckPicture, ...]:
    """All pictures of the index, in its order; the pictures themselves are not opened.

    Raises ``MissingData`` (index or a picture), ``ChecksumMismatch`` (index), ``MalformedData``.
    """
    (known,) = DATA_SETS["checks"].files
    folder = root / Path(known.path).parent
    marked = load_boxes(boxes) if boxes.is_file() else {}
    try:
        rows = list(csv.DictReader(io.StringIO(read_known(root, known, allow_unknown).decode("utf-8-sig")), strict=True))
        found = tuple(
            CheckPicture(
                path=folder / row["file"],
                file=row["file"],
                filled=row["filled"] == "y",
                amount_box=marked.get(row["file"]),
                **{name: (row[_COLUMNS.get(name, name)] or "").strip() for name in _TEXTS},
            )
            for row in rows
        )
    except (KeyError, csv.Error, UnicodeDecodeError) as error:
        raise MalformedData(f"{known.path} is no CSV with the columns of the index") from error
    for picture in found:
        if not picture.path.is_file():
            raise MissingData(f"{picture.file} is missing; looked in {folder}")
    if not allow_unknown and (stray := marked.keys() - {picture.file for picture in found}):
        raise MalformedData(f"{boxes.name} names pictures that the index does not have: {', '.join(sorted(stray))}")
    return found
