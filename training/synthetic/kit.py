"""The check kit: pictures of checks with their complete truth, to test readers with, without anybody's private data.

Check ``number`` of a seed is the same whatever else is asked for. The part ``test`` draws what training never sees: writers of the own
stroke models from a range of seeds of its own, forms whose fields stand elsewhere, and printers, papers, scanners, light and tables of
its own (``kit_print``, ``kit_noise``).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from functools import cache
from pathlib import Path
from typing import Literal

import cv2
import numpy as np

from app.reader.types import RGB, Matrix
from training.synthetic.backgrounds import PaperStyle, Pattern
from training.synthetic.check_layouts import LAYOUTS, CheckForm, Layout
from training.synthetic.check_micr import micr_within_tolerance
from training.synthetic.check_scan import CheckScan, moved_box, to_bytes
from training.synthetic.checks import USUAL, CheckLook, SyntheticCheck, draw_check
from training.synthetic.kit_camera import Pose, on_table, quarter_turned, through
from training.synthetic.kit_faults import FAULTS, WHITE, Fault, Ground, chosen_faults, spoiled
from training.synthetic.kit_noise import lay_reserved_paper, lit_otherwise, scanned_otherwise
from training.synthetic.kit_print import STRIKES, BitmapPrinter, bitmap_face
from training.synthetic.pens import Hand, OwnWriter, PenSet

Part = Literal["train", "test"]
PARTS: tuple[Part, ...] = ("train", "test")
FORMS: tuple[CheckForm, ...] = ("us_personal", "us_business", "indian_cts", "canadian")
KINDS = ("colour", "grey", "bitonal", "photo")
DPI = 200.0
RESERVED_SEEDS = 2**40  # own writers from here on are of the test part alone
MACHINE_SHARE = 0.2  # of the checks of each part, filled in by a printer
PAPERS: tuple[tuple[Pattern, ...], ...] = (("waves",), ("arcs",), ())  # of the part train
_TABLES = ((96, 84, 70), (40, 44, 52), (196, 188, 176), (120, 62, 40))


@dataclass(frozen=True, slots=True)
class ReservedPens(PenSet):
    """The pens of the test part: reserved own stroke models and printers, beside the held-out writers of data sets if there are any."""

    def own_writer(self, rng: np.random.Generator) -> OwnWriter:
        """A random writer from the reserved range."""
        return OwnWriter(RESERVED_SEEDS + int(rng.integers(2**31)), self.rare)

    def printer(self, rng: np.random.Generator) -> Hand:
        """A printer of the reserved bitmap face; what it lacks is written by hand."""
        return Hand((BitmapPrinter(STRIKES[int(rng.integers(len(STRIKES)))]), self.own_writer(rng)))


@dataclass(frozen=True, slots=True)
class KitPlan:
    """What is drawn: ``kinds``, ``forms`` and ``turns`` (degrees clockwise) are drawn evenly; as many of ``faults`` as
    ``faults_per_check`` says strike a share of the checks."""

    seed: int
    part: Part = "train"
    forms: tuple[CheckForm, ...] = FORMS
    kinds: tuple[str, ...] = KINDS
    faults: tuple[Fault, ...] = ()
    fault_share: float = 0.25
    faults_per_check: int = 1
    turns: tuple[int, ...] = (0,)
    most_tilt_degrees: float = 15.0  # of photos
    pen_data: Path | None = None


@dataclass(frozen=True, slots=True, eq=False)
class KitCheck:
    """A picture (H, W, 3) uint8 RGB and what is true of it, as plain values for JSON."""

    picture: RGB
    truth: dict[str, object]


@cache
def pens_of(part: Part, pen_data: Path | None) -> PenSet:
    """The pens of a part. Data sets know a training and a held-out split of writers; the test part takes the latter."""
    if part == "train":
        return PenSet.own() if pen_data is None else PenSet.from_data(pen_data, "train")
    return ReservedPens("held_out") if pen_data is None else ReservedPens.from_data(pen_data, "held_out")


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


def look_of(rng: np.random.Generator, part: Part, bitonal: bool) -> CheckLook:
    """Print, paper and scanner of one check; all of them reserved in the test part."""
    machine, micr = bool(rng.random() < MACHINE_SHARE), micr_within_tolerance(rng, DPI)
    if part == "train":
        return replace(USUAL, machine=machine, micr=micr)
    face = bitmap_face(STRIKES[int(rng.integers(len(STRIKES)))])
    return CheckLook(face, machine, lay_reserved_paper, micr, lambda rng, sheet: scanned_otherwise(rng, sheet, bitonal))


def draw_kit_check(plan: KitPlan, number: int) -> KitCheck:
    """Check ``number`` of the plan."""
    rng = np.random.default_rng([plan.seed, PARTS.index(plan.part), number])
    form = plan.forms[int(rng.integers(len(plan.forms)))]
    kind = plan.kinds[int(rng.integers(len(plan.kinds)))]
    check = _flat_check(rng, plan, form, kind == "bitonal")
    struck = bool(plan.faults) and bool(rng.random() < plan.fault_share)
    faults = chosen_faults(rng, plan.faults, plan.faults_per_check) if struck else ()
    table: Ground = _TABLES[int(rng.integers(2)) + 2 * (plan.part == "test")]
    picture, to_picture = spoiled(rng, check.picture, faults, DPI, table if kind == "photo" else WHITE)
    pose = Pose.draw(rng, plan.most_tilt_degrees) if kind == "photo" else None
    if pose is not None:
        picture, moved = photographed(rng, picture, plan.part, pose, table)
        to_picture = moved @ to_picture
    elif kind == "grey":
        picture = np.asarray(cv2.cvtColor(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY), cv2.COLOR_GRAY2RGB), np.uint8)
    turn = plan.turns[int(rng.integers(len(plan.turns)))]
    picture, moved = quarter_turned(picture, turn)
    truth = truth_of(check, moved @ to_picture) | {
        "number": number,
        "seed": plan.seed,
        "set": plan.part,
        "kind": kind,
        "turn_degrees": turn,
        "tilt": None if pose is None else asdict(pose),
        "faults": [{"name": f.name, "test": FAULTS[f.name].test, "level": f.level, "unit": FAULTS[f.name].unit} for f in faults],
    }
    return KitCheck(picture, truth)


def _flat_check(rng: np.random.Generator, plan: KitPlan, form: CheckForm, bitonal: bool) -> SyntheticCheck:
    """The check as a good scanner of the part sees it."""
    paper = PaperStyle(255.0, PAPERS[int(rng.integers(len(PAPERS)))], float(rng.uniform(0.08, 0.22)), 0.0, 1.0, 0.0)
    scan = CheckScan(float(rng.uniform(0.35, 0.7)), float(rng.uniform(0.0, 4.0)), None, bitonal, 0.0, 0.0, 0.0, 0)
    look, pens, layout = look_of(rng, plan.part, bitonal), pens_of(plan.part, plan.pen_data), layout_of(rng, form, plan.part)
    return draw_check(rng, pens, form, scan, DPI, paper=paper, layout=layout, look=look)


def photographed(rng: np.random.Generator, picture: RGB, part: Part, pose: Pose, table: Ground) -> tuple[RGB, Matrix]:
    """The picture lying on a table under the light of the part; and the map (3, 3) of its pixels."""
    seen, matrix = on_table(picture, pose, round(float(rng.uniform(0.04, 0.12)) * picture.shape[1]), table)
    if part == "test":
        return to_bytes(lit_otherwise(rng, seen)), matrix
    height, width = seen.shape[:2]
    ramp = np.linspace(1.0, 1.0 - float(rng.uniform(0.08, 0.3)), width, dtype=np.float32)[:: (1 if rng.random() < 0.5 else -1)]
    noise = rng.integers(-4, 5, (height, width), dtype=np.int8)
    lit = cv2.merge([seen[:, :, channel] * ramp + noise for channel in range(3)])
    return to_bytes(np.asarray(lit, np.float32)), matrix


def truth_of(check: SyntheticCheck, to_picture: Matrix) -> dict[str, object]:
    """What stands on the check and where; boxes (left, top, right, bottom) and corners are in pixels of the picture."""
    layout = LAYOUTS[check.form]
    width, height = layout.width_in * DPI, layout.height_in * DPI
    corners = through(to_picture, [(0.0, 0.0), (width, 0.0), (width, height), (0.0, height)])
    return {
        "form": check.form,
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
        "corners": [[round(float(x), 1), round(float(y), 1)] for x, y in corners],
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
