"""The check kit: what is drawn, what is said of it, and what the command does with bad input and after a kill."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from app.inference.recogniser import load_recogniser
from app.reader.pipeline import CheckReader
from app.reader.types import ReadOptions
from training.synthetic import kit_command
from training.synthetic.backgrounds import PaperStyle
from training.synthetic.check_layouts import LAYOUTS, Wording
from training.synthetic.check_scan import CheckScan
from training.synthetic.checks import draw_check
from training.synthetic.kit import FORMS, RESERVED_SEEDS, KitCheck, KitPlan, draw_kit_check, electronic, layout_of, pens_of
from training.synthetic.kit_camera import through
from training.synthetic.kit_command import main, write_kit
from training.synthetic.kit_faults import FAULTS, STRIKING_ORDER, Fault, chosen_faults, parse_fault, spoiled
from training.synthetic.pens import PenSet


def files(folder: Path) -> dict[str, bytes]:
    """Every file that is not hidden, by name."""
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir()) if path.is_file()}


def box_of(check: KitCheck, name: str) -> tuple[int, int, int, int]:
    """A box of the truth."""
    box = check.truth[name]
    assert isinstance(box, list)
    left, top, right, bottom = box
    return left, top, right, bottom


def test_the_same_number_is_the_same_check_whatever_the_count(tmp_path: Path) -> None:
    """Alone, among others, and by two workers."""
    plan = KitPlan(7, forms=("us_personal",), kinds=("grey", "photo"))
    write_kit(plan, 3, tmp_path / "three", "png", 1)
    write_kit(plan, 2, tmp_path / "two", "png", 2)
    three, two = files(tmp_path / "three"), files(tmp_path / "two")
    assert [three[name] for name in ("check_000000.png", "check_000001.png")] == [
        two[name] for name in ("check_000000.png", "check_000001.png")
    ]
    assert len(set(three.values())) == len(three)


def test_a_second_call_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """After a kill in the middle the missing ones are drawn, and the folder is as if nothing had happened."""
    plan = KitPlan(3, forms=("us_personal",), kinds=("bitonal",))
    write_kit(plan, 3, tmp_path / "whole", "tiff", 1)
    real, calls = kit_command.write_check, []

    def killed(job: kit_command.Job) -> None:
        calls.append(job[1])
        if len(calls) == 2:
            raise KeyboardInterrupt
        real(job)

    monkeypatch.setattr(kit_command, "write_check", killed)
    with pytest.raises(KeyboardInterrupt):
        write_kit(plan, 3, tmp_path / "killed", "tiff", 1)
    assert not (tmp_path / "killed" / "truth.csv").exists()
    monkeypatch.setattr(kit_command, "write_check", real)
    assert write_kit(plan, 3, tmp_path / "killed", "tiff", 1) == 2
    assert files(tmp_path / "killed") == files(tmp_path / "whole")
    with Image.open(tmp_path / "whole" / "check_000000.tiff") as picture:
        assert (picture.mode, picture.info["compression"]) == ("1", "group4")


@pytest.mark.parametrize("form", FORMS)
def test_the_truth_is_what_the_reader_finds(form: str) -> None:
    """A clean check of every form: the MICR fields as the reader names them; the amount stands in its box."""
    check = draw_kit_check(KitPlan(11, forms=(form,), kinds=("colour",)), 1)  # type: ignore[arg-type]
    picture = Image.fromarray(check.picture)
    file = kit_command.encoded(picture, "png", "colour")
    reading = CheckReader(load_recogniser()).read(file, ReadOptions())
    assert reading.micr is not None
    assert reading.amount is not None
    assert reading.micr.raw == check.truth["micr"]
    assert reading.micr.routing_number == check.truth["routing"]
    assert reading.micr.check_number == check.truth["check_number"]
    assert (reading.micr.account_number or "").replace("-", "") == str(check.truth["account"]).replace("-", "")
    left, top, right, bottom = box_of(check, "amount_box")
    assert (check.picture[top:bottom, left:right].min(axis=2) < 140).mean() > 0.03


def test_corners_and_boxes_move_with_a_photo() -> None:
    """On a photo the corners lie inside the picture and the boxes inside the corners' hull."""
    check = draw_kit_check(KitPlan(5, kinds=("photo",)), 0)
    height, width = check.picture.shape[:2]
    corners = np.array(check.truth["corners"])
    assert (corners >= 0).all()
    assert (corners <= (width, height)).all()
    low, high = corners.min(axis=0), corners.max(axis=0)
    for name in ("amount_box", "micr_box"):
        left, top, right, bottom = box_of(check, name)
        assert low[0] < left < right < high[0]
        assert low[1] < top < bottom < high[1]


def test_the_test_part_is_drawn_by_others() -> None:
    """Writers from seeds that no other set reaches, printers of the reserved face, fields that stand elsewhere."""
    rng = np.random.default_rng(0)
    seeds = [pens_of("test", None).own_writer(rng).seed for _ in range(50)]
    others = [PenSet.own(split).own_writer(rng).seed for split in ("train", "held_out") for _ in range(50)]  # type: ignore[arg-type]
    assert min(seeds) >= RESERVED_SEEDS > max(others)
    assert RESERVED_SEEDS > 2 * 2**31
    assert {pens_of("test", None).printer(rng).writers[0].name.split("/")[1] for _ in range(20)} == {"bitmap"}
    assert "bitmap" not in {pens_of("train", None).printer(rng).writers[0].name.split("/")[1] for _ in range(50)}
    for form in FORMS:
        moved = [layout_of(rng, form, "test") for _ in range(20)]
        assert all(layout.amount[2] <= LAYOUTS[form].amount[2] - 0.12 for layout in moved)
        assert layout_of(rng, form, "train") is LAYOUTS[form]


@pytest.mark.parametrize("name", list(FAULTS))
def test_a_fault_changes_the_picture_and_says_how(name: str) -> None:
    """At its least level a little, at its greatest more; its level, unit and the standard's name are in the truth."""
    kind = FAULTS[name]
    picture = np.full((300, 600, 3), 230, np.uint8)
    picture[100:120, 100:500] = 20
    mild, moved = spoiled(np.random.default_rng(1), picture, (Fault(name, kind.least),), 200.0)
    strong, _ = spoiled(np.random.default_rng(1), picture, (Fault(name, min(kind.most, 20 * kind.least)),), 200.0)
    assert moved.shape == (3, 3)
    assert mild.shape != picture.shape or not np.array_equal(mild, picture)
    assert strong.shape != mild.shape or not np.array_equal(strong, mild)
    check = draw_kit_check(KitPlan(2, kinds=("grey",), faults=(Fault(name, kind.least),), fault_share=1.0), 0)
    assert check.truth["faults"] == [{"name": name, "test": kind.test, "level": kind.least, "unit": kind.unit}]


def test_the_command_writes_both_truths(tmp_path: Path) -> None:
    """A row per check in the order of the numbers, with the columns that ``checkreader score --truth`` reads."""
    assert main([str(tmp_path / "out"), "--count", "2", "--seed", "4", "--kind", "grey", "--fault", "blur=4", "--fault-share", "0.5"]) == 0
    with (tmp_path / "out" / "truth.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    lines = [json.loads(line) for line in (tmp_path / "out" / "truth.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [row["file"] for row in rows] == [line["file"] for line in lines] == ["check_000000.png", "check_000001.png"]
    assert list(rows[0]) == ["file", "amount", "routing", "account", "check_number"]
    assert {"micr", "corners", "amount_box", "faults", "dpi"} <= set(lines[0])


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--fault", "mud=3"], "'mud' is no fault"),
        (["--fault", "skew"], "a level is needed"),
        (["--fault", "skew=60"], "skew must be 0.1 to 20 (degrees)"),
        (["--count", "0"], "at least 1"),
        (["--fault-share", "2"], "from 0 to 1"),
        (["--pen-data", "/nowhere/at/all"], "names no folder"),
        (["--fault", "skew=3", "--fault", "skew=5", "--faults-per-check", "2"], "number of different --fault; given: 2"),
        (["--tilt", "60"], "--tilt must be from 0 to 40 degrees; given: 60"),
        (["--contact-sheet", "sheet.png"], "a folder is needed, or --contact-sheet FILE and no folder"),
    ],
)
def test_bad_input_is_said(arguments: list[str], says: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Exit status 2 and one sentence; nothing is drawn."""
    try:
        status: object = main([str(tmp_path / "out"), *arguments])
    except SystemExit as ended:
        status = ended.code
    assert status == 2
    assert says in capsys.readouterr().err
    assert not list(tmp_path.glob("out/*.png"))


def test_a_folder_of_another_plan_is_left_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Two plans in one folder would make a truth that is none."""
    assert main([str(tmp_path), "--count", "1", "--kind", "grey"]) == 0
    before = files(tmp_path)
    assert main([str(tmp_path), "--count", "1", "--kind", "grey", "--seed", "9"]) == 2
    assert "drawn otherwise" in capsys.readouterr().err
    assert files(tmp_path) == before


def test_several_faults_are_of_different_names() -> None:
    """As many as asked for, one level of each, in the order in which they strike; never more than there are names."""
    faults = (Fault("skew", 3.0), Fault("skew", 6.0), Fault("corner", 0.5), Fault("light", 0.3))
    seen = {chosen_faults(np.random.default_rng(seed), faults, 2) for seed in range(60)}
    assert all(len({fault.name for fault in chosen}) == 2 for chosen in seen)
    assert all([f.name for f in chosen] == sorted((f.name for f in chosen), key=STRIKING_ORDER.index) for chosen in seen)
    assert len(seen) == 5  # light or corner with either skew, and light with corner
    assert set(STRIKING_ORDER) == set(FAULTS)
    with pytest.raises(ValueError, match="4 faults per check need as many different ones; named: corner, light, skew"):
        chosen_faults(np.random.default_rng(0), faults, 4)
    check = draw_kit_check(KitPlan(3, kinds=("grey",), faults=faults, fault_share=1.0, faults_per_check=3), 1)
    struck = check.truth["faults"]
    assert isinstance(struck, list)
    assert [fault["name"] for fault in struck] == ["light", "corner", "skew"]


def test_the_ground_shows_where_the_check_does_not() -> None:
    """A missing corner and the room beside a skewed check have its colour; on a photo that is the table's."""
    ground = (40, 44, 52)
    picture, moved = spoiled(
        np.random.default_rng(5), np.full((300, 600, 3), 250, np.uint8), (Fault("corner", 0.6), Fault("skew", 5.0)), 200.0, ground
    )
    assert (picture[0, 0] == ground).all()
    corners = through(moved, [(6.0, 6.0), (593.0, 6.0), (593.0, 293.0), (6.0, 293.0)])
    shown = [tuple(picture[int(y), int(x)].tolist()) for x, y in corners]
    assert sorted(shown) == [ground, (250, 250, 250), (250, 250, 250), (250, 250, 250)]
    photo = draw_kit_check(KitPlan(3, kinds=("photo",), forms=("us_business",), faults=(Fault("corner", 1.0),), fault_share=1.0), 2)
    inside = np.array(photo.truth["corners"]).mean(axis=0)
    light = [
        photo.picture[tuple((corner + 0.06 * (inside - corner)).astype(int)[::-1])].mean() for corner in np.array(photo.truth["corners"])
    ]
    assert sum(level < 110 for level in light) == 1
    assert sum(level > 140 for level in light) == 3


@pytest.mark.parametrize("degrees", [90, 180, 270])
def test_boxes_turn_with_the_picture(degrees: int) -> None:
    """What stands in the boxes of a turned check is what stands in those of the upright one."""
    upright, turned = (draw_kit_check(KitPlan(6, kinds=("colour", "photo"), turns=(turn,)), 1) for turn in (0, degrees))
    assert turned.truth["turn_degrees"] == degrees
    assert np.array_equal(np.rot90(turned.picture, degrees // 90), upright.picture)
    for name in ("amount_box", "micr_box"):
        crops = []
        for check in (upright, turned):
            left, top, right, bottom = box_of(check, name)
            crops.append(check.picture[top:bottom, left:right])
        assert np.array_equal(np.rot90(crops[1], degrees // 90), crops[0])


def test_tilt_is_stated_for_photos_alone() -> None:
    """Within what the plan allows; a scan has none."""
    tilts = [draw_kit_check(KitPlan(8, forms=("us_personal",), kinds=("photo",), most_tilt_degrees=5.0), k).truth["tilt"] for k in range(3)]
    assert all(isinstance(tilt, dict) and 0 <= tilt["tilt_degrees"] <= 5 for tilt in tilts)
    assert len({str(tilt) for tilt in tilts}) == 3
    assert draw_kit_check(KitPlan(8, forms=("us_personal",), kinds=("bitonal",)), 0).truth["tilt"] is None


@pytest.mark.parametrize("kind", ["colour", "grey", "bitonal"])
def test_a_png_holds_the_picture_and_its_resolution(kind: str) -> None:
    """Nothing is lost; 200 dpi to a tenth."""
    check = draw_kit_check(KitPlan(4, forms=("canadian",), kinds=(kind,)), 0)
    with Image.open(io.BytesIO(kit_command.encoded(Image.fromarray(check.picture), "png", kind))) as opened:
        assert opened.mode == {"colour": "RGB", "grey": "L", "bitonal": "1"}[kind]
        assert opened.info["dpi"] == pytest.approx((200.0, 200.0), abs=0.1)
        assert np.array_equal(np.asarray(opened.convert("RGB")), check.picture)


def test_the_canadian_form_has_its_own_face() -> None:
    """A date of eight figures in boxes, a white amount box in the colour of the form; the US form has neither."""
    scan, pens = CheckScan.flat(), PenSet.own()
    paper = PaperStyle(255.0, ("waves",), 0.3, 0.0, 1.0, 0.0)
    reddish = {}
    for form in ("canadian", "us_personal"):
        check = draw_check(np.random.default_rng(3), pens, form, scan, 200.0, paper=paper)  # type: ignore[arg-type]
        left, top, right, _ = (round(v * 200) for v in LAYOUTS[check.form].amount)
        edge = check.picture[top - 2 : top + 3, left + 20 : right - 20].reshape(-1, 3).astype(int)
        dark = edge[edge.min(axis=1) < 120]
        reddish[form] = float((dark[:, 0] - dark[:, 2]).mean())
    assert reddish["canadian"] > 40 > 15 > abs(reddish["us_personal"])
    assert Wording.draw(np.random.default_rng(1), "canadian").date.isdigit()
    assert not Wording.draw(np.random.default_rng(1), "us_personal").date.isdigit()


def test_the_contact_sheet_is_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Three rows of four, the same for the same seed; the boxes are drawn in."""
    assert main(["--contact-sheet", str(tmp_path / "a.png"), "--seed", "7"]) == 0
    assert "boxes" in capsys.readouterr().out
    with Image.open(tmp_path / "a.png") as sheet:
        assert sheet.size == (4 * 488, 3 * 274)
        red = np.asarray(sheet.convert("RGB")).astype(int)
    assert ((red[:, :, 0] - red[:, :, 1] > 100) & (red[:, :, 0] > 150)).sum() > 2000
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.png"]


def test_faults_are_parsed() -> None:
    """Name and level."""
    assert parse_fault("corner=0.9") == Fault("corner", 0.9)
    assert electronic("40703263") == "026340703"
