"""Scoring many files, in this process and in several."""

from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from app.batch.engine import Failure, ScoreOptions
from app.batch.sources import Source
from app.batch.workers import score_files
from app.errors import StartupError
from app.response import CheckResponse
from tests.app.batch.stub_reader import make, make_dying, make_refused, picture

ROOT = Path(__file__).resolve().parents[3]


def _sources(folder: Path, orders: list[str]) -> list[Source]:
    return [Source(str(picture(folder, f"{place:03}.png", order)), f"{place:03}.png") for place, order in enumerate(orders)]


def _values(sources: list[Source], workers: int) -> list[str | None]:
    """The amount of each file, or the code of its failure, in the order of the answers."""
    values: list[str | None] = []
    for pages in score_files(sources, make, ScoreOptions(), workers):
        (page,) = pages
        if isinstance(page.outcome, Failure):
            values.append(page.outcome.code)
        else:
            assert page.outcome.amount is not None
            values.append(page.outcome.amount.value)
    return values


def test_several_workers_give_what_one_gives_in_the_same_order(tmp_path: Path) -> None:
    """Slow files first, failures between: the order is that of the files."""
    orders = [f"amount={place}.00;sleep={0.05 if place % 3 == 0 else 0}" for place in range(30)]
    orders[4] = "fail=input"
    sources = _sources(tmp_path, orders)
    alone = _values(sources, 1)
    assert _values(sources, 2) == alone
    assert alone[:6] == ["0.00", "1.00", "2.00", "3.00", "corrupt_image", "5.00"]


def test_a_worker_that_dies_costs_its_file_alone(tmp_path: Path) -> None:
    """Killed three times, at the start, in the middle and at the end: three failures, all other files read."""
    orders = [f"amount={place}.00" for place in range(12)]
    for place in (0, 5, 11):
        orders[place] = "die"
    values = _values(_sources(tmp_path, orders), 2)
    assert [place for place, value in enumerate(values) if value == "worker_died"] == [0, 5, 11]
    assert [value for value in values if value != "worker_died"] == [f"{place}.00" for place in range(12) if place not in (0, 5, 11)]


def test_files_that_all_kill_their_worker_do_not_hang(tmp_path: Path) -> None:
    """Every file gets its failure."""
    assert _values(_sources(tmp_path, ["die"] * 3), 2) == ["worker_died"] * 3


@pytest.mark.parametrize("workers", [1, 2])
def test_a_reader_that_cannot_be_made_ends_the_run(tmp_path: Path, workers: int) -> None:
    """The reason of the refusal is told, whether it came from this process or another."""
    with pytest.raises(StartupError, match="another digest"):
        list(score_files(_sources(tmp_path, ["amount=1.00"] * 3), make_refused, ScoreOptions(), workers))


def test_workers_that_die_while_starting_end_the_run(tmp_path: Path) -> None:
    """No endless row of new workers."""
    with pytest.raises(StartupError, match="exit status 7"):
        list(score_files(_sources(tmp_path, ["amount=1.00"] * 3), make_dying, ScoreOptions(), 2))


def test_no_process_is_left_behind(tmp_path: Path) -> None:
    """Neither after the end nor when the answers are no longer wanted."""
    sources = _sources(tmp_path, ["amount=1.00"] * 6)
    answers = score_files(sources, make, ScoreOptions(), 2)
    assert isinstance(next(answers)[0].outcome, CheckResponse)
    answers.close()
    assert not multiprocessing.active_children()


def test_a_slow_file_does_not_let_answers_pile_up(tmp_path: Path) -> None:
    """While the first file is slow, the others are read only a bounded way ahead."""
    sources = _sources(tmp_path, ["amount=1.00;sleep=1.5", *["amount=1.00"] * 60])
    for source in sources[40:]:
        source.path.unlink()  # not yet read when the first answer comes: they can be written until then
    answers = score_files(sources, make, ScoreOptions(), 2)
    next(answers)
    for source in sources[40:]:
        picture(tmp_path, source.relative)
    assert not [page for pages in answers for page in pages if isinstance(page.outcome, Failure)]


def test_ctrl_c_ends_the_workers_too(tmp_path: Path) -> None:
    """The signal reaches the whole group; the run ends at once, without a word of a worker."""
    sources = _sources(tmp_path, ["amount=1.00;sleep=0.2"] * 200)
    program = (
        "import sys\n"
        "from app.batch.engine import ScoreOptions\n"
        "from app.batch.sources import expand\n"
        "from app.batch.workers import score_files\n"
        "from tests.app.batch.stub_reader import make\n"
        "if __name__ == '__main__':\n"
        "    try:\n"
        "        for pages in score_files(expand([sys.argv[1]]), make, ScoreOptions(), 2):\n"
        "            print(pages[0].source.relative, flush=True)\n"
        "    except KeyboardInterrupt:\n"
        "        sys.exit(130)\n"
    )
    script = tmp_path / "run.py"
    script.write_text(program, encoding="utf-8")
    process = subprocess.Popen(
        [sys.executable, str(script), str(sources[0].path.parent)],
        env=dict(os.environ) | {"PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "000.png\n"
    begin = time.monotonic()
    os.killpg(process.pid, signal.SIGINT)
    _, errors = process.communicate(timeout=20)
    assert process.returncode == 130
    assert time.monotonic() - begin < 10
    assert "Traceback" not in errors
