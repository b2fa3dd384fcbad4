"""The contact sheet of the kit: checks of both sets side by side with what their truth says of boxes and corners."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from app.reader.types import RGB
from training.synthetic.kit import FORMS, KitCheck, KitPlan, draw_kit_check
from training.synthetic.kit_faults import Fault

CELL_PX = (480, 250)  # width and height, the line of text not counted
TEXT_PX = 18
RED, GREEN = (200, 30, 30), (20, 150, 60)


def sheet_plans(seed: int) -> tuple[KitPlan, ...]:
    """Three rows of all forms: scans of the part train, pictures of the part test, and faults and turns on photos."""
    scans, test = KitPlan(seed, kinds=("colour",)), KitPlan(seed, "test", kinds=("bitonal", "grey", "colour"))
    corner, skew, cut, streak = Fault("corner", 0.9), Fault("skew", 4.0), Fault("cut", 0.4), Fault("streak", 0.02)
    photos = (
        KitPlan(seed, "test", kinds=("photo",)),
        KitPlan(seed, "test", kinds=("photo",), faults=(corner, skew), fault_share=1.0, faults_per_check=2),
        KitPlan(seed, "train", kinds=("photo",), faults=(cut, streak), fault_share=1.0, faults_per_check=2),
        KitPlan(seed, "train", kinds=("photo",), turns=(180,), most_tilt_degrees=25.0),
    )
    return tuple(replace(plan, forms=(form,)) for row in ((scans,) * 4, (test,) * 4, photos) for plan, form in zip(row, FORMS, strict=True))


def caption(check: KitCheck) -> str:
    """Set, form, kind, amount, faults and turn of a check."""
    truth = check.truth
    faults, turn = truth["faults"], truth["turn_degrees"]
    assert isinstance(faults, list)
    words = [str(truth[name]) for name in ("set", "form", "kind", "amount")]
    return " ".join([*words, *(f"{fault['name']}={fault['level']:g}" for fault in faults), *([f"turn={turn}"] if turn else [])])


def cell(check: KitCheck) -> RGB:
    """One check (H, W, 3) with the boxes of amount and MICR line in red and the outline of the check in green, below its caption."""
    drawn = check.picture.copy()
    for name in ("amount_box", "micr_box"):
        left, top, right, bottom = np.array(check.truth[name]).tolist()
        cv2.rectangle(drawn, (left, top), (right, bottom), RED, 4)
    cv2.polylines(drawn, [np.array(check.truth["corners"]).round().astype(np.int32)], True, GREEN, 4)
    share = min(CELL_PX[0] / drawn.shape[1], CELL_PX[1] / drawn.shape[0])
    size = (round(drawn.shape[1] * share), round(drawn.shape[0] * share))
    page = Image.new("RGB", (CELL_PX[0] + 8, CELL_PX[1] + TEXT_PX + 6), "white")
    page.paste(Image.fromarray(np.asarray(cv2.resize(drawn, size, interpolation=cv2.INTER_AREA), np.uint8)), (0, TEXT_PX))
    ImageDraw.Draw(page).text((0, TEXT_PX - 4), caption(check), fill="black", font=ImageFont.load_default(13), anchor="ls")
    return np.asarray(page)


def write_sheet(path: Path, seed: int) -> None:
    """Write the sheet as PNG, under another name first. Raises ``OSError`` where it cannot be written."""
    cells = [cell(draw_kit_check(plan, number)) for number, plan in enumerate(sheet_plans(seed))]
    rows = [np.hstack(cells[k : k + len(FORMS)]) for k in range(0, len(cells), len(FORMS))]
    buffer = io.BytesIO()
    Image.fromarray(np.vstack(rows)).quantize(64, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE).save(
        buffer, "PNG", optimize=True
    )
    partial = path.with_name(path.name + ".partial")
    partial.write_bytes(buffer.getvalue())
    partial.replace(path)
