"""The check kit: pictures of checks with their complete truth, to test readers with, without anybody's private data.

Check ``number`` of a seed is the same whatever else is asked for. The part ``test`` draws what training never sees: writers of the own
stroke models from a range of seeds of its own, forms whose fields stand elsewhere, papers and cameras of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Literal

import cv2
import numpy as np

from app.reader.types import RGB, Matrix
from training.synthetic.backgrounds import PaperStyle, Pattern
from training.synthetic.check_layouts import LAYOUTS, CheckForm, Layout
from training.synthetic.check_scan import CheckScan, moved_box
from training.synthetic.checks import SyntheticCheck, draw_check
from training.synthetic.kit_faults import FAULTS, Fault, spoiled
from training.synthetic.pens import OwnWriter, PenSet

Part = Literal["train", "test"]
PARTS: tuple[Part, ...] = ("train", "test")
FORMS: tuple[CheckForm, ...] = ("us_personal", "us_business", "indian_cts", "canadian")
KINDS = ("colour", "grey", "bitonal", "photo")
DPI = 200.0
RESERVED_SEEDS = 2**40  # own writers from here on are of the test part alone
MOST_TILT = 0.16  # by which a far edge of a photographed check is shorter
# of checks of the kit; the patterns as such occur on training fields as well
PAPERS: dict[Part, tuple[tuple[Pattern, ...], ...]] = {
    "train": (("waves",), ("arcs",), ()),
    "test": (("dots",), ("hatch",), ("arcs", "dots")),
}
_TABLES = ((96, 84, 70), (40, 44, 52), (196, 188, 176), (120, 62, 40))


@dataclass(frozen=True, slots=True)
class ReservedPens(PenSet):
    """The own stroke models of the test part."""

    def own_writer(self, rng: np.random.Generator) -> OwnWriter:
        """A random writer from the reserved range."""
        return OwnWriter(RESERVED_SEEDS + int(rng.integers(2**31)), self.rare)


@dataclass(frozen=True, slots=True)
class KitPlan:
    """What is drawn: ``kinds`` and ``forms`` are drawn evenly, a fault from ``faults`` strikes a share of the checks."""

    seed: int
    part: Part = "train"
    forms: tuple[CheckForm, ...] = FORMS
    kinds: tuple[str, ...] = KINDS
    faults: tuple[Fault, ...] = ()
    fault_share: float = 0.25
    pen_data: Path | None = None


@dataclass(frozen=True, slots=True, eq=False)
class KitCheck:
    """A picture (H, W, 3) uint8 RGB and what is true of it, as plain values for JSON."""

    picture: RGB
    truth: dict[str, object]


@cache
def pens_of(part: Part, pen_data: Path | None) -> PenSet:
    """The pens of a part. Data sets know a training and a held-out split of writers; the test part takes the latter."""
    if pen_data is not None:
        return PenSet.from_data(pen_data, "held_out" if part == "test" else "train")
    return ReservedPens("held_out") if part == "test" else PenSet.own()


def layout_of(rng: np.random.Generator, form: CheckForm, part: Part) -> Layout:
    """The form's layout; in the test part its handwriting stands elsewhere than on any check of the other part."""
    layout = LAYOUTS[form]
    if part == "train":
        return layout
    left, top, right, bottom = layout.amount
    across, down = float(rng.uniform(-0.3, -0.12)), float(rng.uniform(0.04, 0.1))
    stretch = float(rng.uniform(0.0, 0.1))
    return replace(
        layout,
        amount=(left + across - stretch, top + down, right + across, bottom + down),
        date=(layout.date[0] - 0.25, layout.date[1]),
        payee_end=layout.payee_end - 0.45,
        signature=(layout.signature[0] - 0.2, layout.signature[1]),
    )


def draw_kit_check(plan: KitPlan, number: int) -> KitCheck:
    """Check ``number`` of the plan."""
    rng = np.random.default_rng([plan.seed, PARTS.index(plan.part), number])
    form = plan.forms[int(rng.integers(len(plan.forms)))]
    kind = plan.kinds[int(rng.integers(len(plan.kinds)))]
    strikes = bool(plan.faults) and bool(rng.random() < plan.fault_share)
    fault = plan.faults[int(rng.integers(len(plan.faults)))] if strikes else None
    papers = PAPERS[plan.part]
    paper = PaperStyle(255.0, papers[int(rng.integers(len(papers)))], float(rng.uniform(0.08, 0.22)), 0.0, 1.0, 0.0)
    scan = CheckScan(float(rng.uniform(0.35, 0.7)), float(rng.uniform(0.0, 4.0)), None, kind == "bitonal", 0.0, 0.0, 0.0, 0)
    check = draw_check(rng, pens_of(plan.part, plan.pen_data), form, scan, DPI, paper=paper, layout=layout_of(rng, form, plan.part))
    picture, to_picture = check.picture, np.eye(3)
    if fault is not None:
        picture, to_picture = spoiled(rng, picture, fault, DPI)
    if kind == "photo":
        picture, moved = photographed(rng, picture, plan.part)
        to_picture = moved @ to_picture
    elif kind == "grey":
        picture = np.repeat(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)[:, :, None], 3, axis=2)
    return KitCheck(np.asarray(picture, np.uint8), truth_of(check, plan, number, kind, fault, to_picture))


def photographed(rng: np.random.Generator, picture: RGB, part: Part) -> tuple[RGB, Matrix]:
    """The picture lying on a table, seen askew, with light from one side; and the map (3, 3) of its pixels."""
    height, width = picture.shape[:2]
    room = round(float(rng.uniform(0.04, 0.12)) * width)
    corners = np.array([(0, 0), (width, 0), (width, height), (0, height)], np.float32)
    tilt = rng.uniform(0.0, MOST_TILT, 4)[:, None] * np.array([(1, 1), (-1, 1), (-1, -1), (1, -1)]) * (0.25 * width, 0.25 * height)
    placed = (corners + tilt + room).astype(np.float32)
    turn = cv2.getRotationMatrix2D((width / 2 + room, height / 2 + room), float(rng.normal(0.0, 2.0)), 1.0)
    placed = (placed @ turn[:, :2].T + turn[:, 2]).astype(np.float32)
    matrix = np.asarray(cv2.getPerspectiveTransform(corners, placed), np.float64)
    size = (width + 2 * room, height + 2 * room)
    table = _TABLES[int(rng.integers(2)) + 2 * (part == "test")]
    seen = cv2.warpPerspective(picture, matrix, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT, borderValue=table)
    ramp = np.linspace(0.0, float(rng.uniform(0.08, 0.3)), size[0], dtype=np.float32)[:: (1 if rng.random() < 0.5 else -1)]
    lit = seen * (1.0 - ramp)[None, :, None]
    noise = rng.integers(-4, 5, seen.shape[:2], dtype=np.int8)[:, :, None]
    return np.clip(lit + noise, 0, 255).astype(np.uint8), matrix


def truth_of(check: SyntheticCheck, plan: KitPlan, number: int, kind: str, fault: Fault | None, to_picture: Matrix) -> dict[str, object]:
    """All that is true of one picture; boxes (left, top, right, bottom) and corners are in its pixels."""
    layout = LAYOUTS[check.form]
    edges = [(0.0, 0.0), (layout.width_in, 0.0), (layout.width_in, layout.height_in), (0.0, layout.height_in)]
    corners = np.array([(x * DPI, y * DPI, 1.0) for x, y in edges]) @ to_picture.T
    struck = (
        []
        if fault is None
        else [{"name": fault.name, "test": FAULTS[fault.name].test, "level": fault.level, "unit": FAULTS[fault.name].unit}]
    )
    return {
        "number": number,
        "seed": plan.seed,
        "set": plan.part,
        "form": check.form,
        "kind": kind,
        "dpi": DPI,
        "amount": check.amount,
        "amount_text": check.amount_text,
        "amount_format": check.amount_format,
        "micr": check.micr,
        "routing": electronic(check.routing) if check.form == "canadian" else check.routing,
        "account": check.account.replace("⑉", "-"),
        "check_number": check.check_number,
        "amount_box": list(moved_box(check.amount_box, to_picture)),
        "micr_box": list(moved_box(check.micr_box, to_picture)),
        "corners": [[round(float(x / w), 1), round(float(y / w), 1)] for x, y, w in corners],
        "faults": struck,
    }


def electronic(routing: str) -> str:
    """A Canadian routing number, transit (5) and institution (3), in its electronic form: 0, institution, transit (CPA 006)."""
    return "0" + routing[5:] + routing[:5]


def plain_forms(names: Sequence[str]) -> tuple[CheckForm, ...]:
    """Names as forms. Raises ``ValueError`` for one that is none."""
    out = tuple(form for name in names for form in FORMS if form == name)
    if len(out) != len(names) or not names:
        raise ValueError(f"forms are some of {', '.join(FORMS)}; given: {', '.join(names) or 'none'}")
    return out
