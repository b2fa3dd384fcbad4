"""Where results go: JSON files, curves and their figures, blocks of the documents, and a sheet for looking at.

``docs/results/curves.json`` holds the curves of every set for whoever draws them: {"sets": {name: curve}}, a curve as in
``training.evaluation.curves.Curve`` with ``stated``, its points at the stated error rates. A command that measures some
sets leaves the others as they are.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import cv2
import numpy as np
from PIL import Image

from app.reader.confidence import operating_point
from app.reader.pipeline import CheckReader
from benchmarks.figures import write_block
from training.data.digits import read_picture
from training.evaluation.blocks import RATES
from training.evaluation.curve_figures import curve_svg, reliability_svg
from training.evaluation.curves import CurvePoint, as_json, curve, point
from training.evaluation.sets import Measured
from training.measure import Answer, amount_model, at_operating_point, counts

ORDER = (
    *("orand_car_a_dev", "orand_car_a_dev_as_published", "check_fields", "whole_checks"),
    *("unipen_strings", "unipen_amounts", "synthetic"),
)


@dataclass(frozen=True, slots=True)
class Documents:
    """Where figures are written: the folder of ``results.md``, the model card, the README."""

    docs: Path
    card: Path
    readme: Path

    def write(self, name: str, text: str) -> None:
        """One block of figures, in the results and on the model card."""
        write_block(self.docs / "results.md", name, text)
        write_block(self.card, name, text)

    def save(self, name: str, value: object) -> None:
        """One JSON file of results."""
        folder = self.docs / "results"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{name}.json").write_text(json.dumps(value, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


@dataclass(frozen=True, slots=True)
class CurveSet:
    """A set whose curve is drawn; ``decided`` where its answers are accepted by the thresholds for amounts."""

    title: str
    answers: Sequence[Answer]
    decided: bool = True


def stated_points(reader: CheckReader, answers: Sequence[Answer]) -> list[tuple[float, CurvePoint]]:
    """What the answers come to at the stated error rates, without those that have no threshold."""
    found = []
    for rate in RATES:
        least = operating_point(amount_model(reader), rate).least_confidence
        if least <= 1.0:
            c = counts(at_operating_point(answers, reader, rate))
            found.append((rate, point(least, c.accepted_right, c.accepted_wrong, c.count)))
    return found


def add_curves(reader: CheckReader, sets: Mapping[str, CurveSet], to: Documents) -> None:
    """Curves and figures of the sets beside those that are there, and the block that shows all of them."""
    path = to.docs / "results" / "curves.json"
    known: dict[str, object] = json.loads(path.read_text(encoding="utf-8"))["sets"] if path.is_file() else {}
    figures = to.docs / "figures"
    figures.mkdir(parents=True, exist_ok=True)
    for name, chosen in sets.items():
        if not chosen.answers:
            continue
        found = curve(chosen.title, chosen.answers)
        stated = stated_points(reader, chosen.answers) if chosen.decided else []
        known[name] = {**as_json(found), "stated": [{"max_error": rate, **asdict(p)} for rate, p in stated]}
        (figures / f"curve-{name}.svg").write_text(curve_svg(found, stated), encoding="utf-8")
        (figures / f"reliability-{name}.svg").write_text(reliability_svg(found), encoding="utf-8")
    ordered = {name: known[name] for name in sorted(known, key=lambda name: (ORDER.index(name) if name in ORDER else len(ORDER), name))}
    to.save("curves", {"sets": ordered})
    write_block(to.docs / "results.md", "curves", curves_block(ordered, "figures"))
    write_block(to.card, "curves", curves_block(ordered, "../docs/figures"))


def curves_block(sets: Mapping[str, object], folder: str) -> str:
    """The figures of all sets, the first to be seen at once."""
    rows = ["| set | answers | calibration error | curve | reliability |", "|---|---|---|---|---|"]
    for name, found in sets.items():
        if isinstance(found, dict):
            links = " | ".join(f"[{kind}]({folder}/{kind}-{name}.svg)" for kind in ("curve", "reliability"))
            rows.append(f"| {found['title']} | {found['count']} | {100 * found['calibration_error']:.1f} % | {links} |")
    first = next(iter(sets), None)
    shown = [] if first is None else [f"![{kind}]({folder}/{kind}-{first}.svg)" for kind in ("curve", "reliability")]
    return "\n".join([*rows, "", *shown])


def contact_sheet(measured: Measured, root: Path, path: Path, most: int = 80) -> None:
    """A PNG of what was misread; for looking at, never committed: the pictures are other people's."""
    wrong = [a for a in measured.answers if not a.right][:most]
    sheet = np.full((max(1, -(-len(wrong) // 5)) * 90, 5 * 260), 255, np.uint8)
    for k, answer in enumerate(wrong):
        picture = read_picture(root / "strings" / "orand_car_a_dev" / answer.file)
        scale = min(1.3, 250 / picture.shape[1], 68 / picture.shape[0])
        small = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        y, x = (k // 5) * 90, (k % 5) * 260
        sheet[y + 16 : y + 16 + small.shape[0], x : x + small.shape[1]] = small
        cv2.putText(sheet, f"{answer.truth} > {answer.text} {answer.confidence:.2f}", (x, y + 12), 0, 0.42, 0, 1)
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(sheet).save(path)
