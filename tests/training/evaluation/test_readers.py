"""What the second reader gains and costs."""

from __future__ import annotations

from app.reader.pipeline import CheckReader
from app.reader.second_reader import SlidingRecogniser
from tests.app.api.stub_reader import StubRecogniser
from training.evaluation.readers import FirstAlone, first_alone, most_right, readers_block
from training.evaluation.sets import Measured
from training.measure import Answer


def answers(*pairs: tuple[float, bool]) -> list[Answer]:
    """Answers of these confidences, right or wrong."""
    return [Answer(str(k), str(k), "5", "5" if right else "6", "5", confidence, True, right) for k, (confidence, right) in enumerate(pairs)]


def test_the_first_alone_has_no_second() -> None:
    """And is otherwise the recogniser behind it."""
    stub = StubRecogniser()
    alone = FirstAlone(stub)
    assert not isinstance(alone, SlidingRecogniser)
    assert alone.info("courtesy_amount") == stub.info("courtesy_amount")
    assert first_alone(CheckReader(stub)).recogniser is not stub


def test_most_right_takes_the_lowest_threshold_that_holds() -> None:
    """Right ones above the second error, one error being allowed; equal confidences are taken together."""
    rows = answers(*[(0.9 - k / 1000, k != 7) for k in range(60)], *[(0.5, False)] * 2, *[(0.4, True)] * 38)
    assert most_right(rows, 0.01) == 59
    assert most_right(rows, 0.0) == 7
    assert most_right(rows, 0.03) == 97
    assert most_right(answers((0.5, False), (0.5, True)), 0.0) == 0
    assert most_right([], 0.01) == 0


def test_the_table_states_gain_and_cost() -> None:
    """The time is given as a ratio to the first reader's."""
    reader = CheckReader(StubRecogniser())
    alone = Measured("a", tuple(answers((0.9, True), (0.8, False))), 10.0)
    both = Measured("b", tuple(answers((0.9, True), (0.8, True))), 12.5)
    table = readers_block((reader, alone), (reader, both)).splitlines()
    assert table[2].startswith("| the first alone | 50.0 %")
    assert table[3].startswith("| both | 100.0 %")
    assert (table[2].split("|")[-2].strip(), table[3].split("|")[-2].strip()) == ("1.00", "1.25")
