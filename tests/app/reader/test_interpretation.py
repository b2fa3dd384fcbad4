"""From candidate fields to the answer: who wins, what is refused."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from app.reader.interpretation import amount_reading, by_value, corroborated, digit_reading, micr_reading
from app.reader.second_reader import Fusion
from app.reader.types import (
    RUBBISH,
    Alphabet,
    CharacterHypothesis,
    FieldEvidence,
    ModelInfo,
    Page,
    Path,
    ReadOptions,
)
from tests.app.reader.written_evidence import evidence, path_of

PAGE = Page(
    np.full((100, 400), 255, np.uint8),
    np.zeros((100, 400), np.float32),
    np.zeros((100, 400), bool),
    np.diag([2.0, 2.0, 1.0]),
    200.0,
    "assumed",
    0.0,
    0,
)
MODEL = ModelInfo("courtesy_amount", "sha256:0", "1", Alphabet((*"0123456789$,./-*#=", RUBBISH)), ((0.01, 0.9),), (1.0, 0.0))
OPTIONS = ReadOptions()


def test_texts_of_one_value_are_added_up() -> None:
    """ "12.50" and "$12.50" are one answer; its share is the sum."""
    paths = evidence("$12.50", 0.5, {"12.50": 0.3, "$17.50": 0.2}).paths
    (first, second) = by_value(paths, "us")
    assert (first[0], second[0]) == ("12.50", "17.50")
    assert math.exp(first[3]) == np.float64(0.8) or abs(math.exp(first[3]) - 0.8) < 1e-9


def test_accepted_refused_and_not_found() -> None:
    """Above the threshold accepted; below refused with the value still there; nothing read, nothing found."""
    sure = amount_reading(evidence("$12.50", 0.97), PAGE, MODEL, OPTIONS)
    assert (sure.decision, sure.value, sure.cents, sure.currency, sure.reason) == ("accepted", "12.50", 1250, "USD", None)
    unsure = amount_reading(evidence("$12.50", 0.6, {"$17.50": 0.4}), PAGE, MODEL, OPTIONS)
    assert (unsure.decision, unsure.value) == ("refused", "12.50")
    assert unsure.reason is not None
    assert unsure.reason.text == "The second digit may be a 2 or a 7."
    assert [(other.value, round(other.confidence, 6)) for other in unsure.alternatives] == [("17.50", 0.4)]
    nothing = amount_reading(None, PAGE, MODEL, OPTIONS)
    assert (nothing.decision, nothing.value, nothing.confidence) == ("not_found", None, 0.0)


def test_zero_is_no_amount() -> None:
    """However sure the reading is."""
    reading = amount_reading(evidence("0.00", 0.999), PAGE, MODEL, OPTIONS)
    assert reading.decision == "refused"
    assert reading.reason is not None
    assert reading.reason.code == "zero_amount"


def test_a_negative_amount_is_refused_however_sure() -> None:
    """One dash before the figures is a minus sign, also where a rival reading alone has it; a fill of dashes is none."""
    for text, rivals in (("$-300.00", {}), ("-300.00", {}), ("$300.00", {"$-300.00": 0.3})):
        reading = amount_reading(evidence(text, 0.65 if rivals else 0.97, rivals), PAGE, MODEL, OPTIONS)
        assert (reading.decision, reading.value) == ("refused", "300.00")
        assert reading.reason is not None
        assert reading.reason.code == "negative_amount"
    assert amount_reading(evidence("$---300.00", 0.97), PAGE, MODEL, OPTIONS).decision == "accepted"
    assert amount_reading(evidence("$300.00-", 0.97), PAGE, MODEL, OPTIONS).decision == "accepted"


def test_a_date_is_no_amount_however_sure() -> None:
    """ddmmyyyy in the boxes of a form; with a separator or a tail it is an amount, and so are figures that are no day."""
    for text, refused in (("21102017", True), ("21,10,2017", False), ("21102017/-", False), ("25000000", False), ("21132017", False)):
        best = replace(evidence(text.replace("21,10,2017", "2,11,02,017"), 0.97), amount_format="in")
        reading = amount_reading(best, PAGE, MODEL, OPTIONS)
        assert (reading.decision == "refused") == refused, text
        assert (reading.reason is not None and reading.reason.code == "may_be_a_date") == refused


def test_boxes_go_through_both_frames() -> None:
    """From the lattice frame over the page to the picture as uploaded."""
    reading = amount_reading(evidence("12", 0.99), PAGE, MODEL, OPTIONS)
    assert reading.polygon == ((80.0, 20.0), (120.0, 20.0), (120.0, 60.0), (80.0, 60.0))
    assert reading.characters[1].polygon == ((100.0, 20.0), (120.0, 20.0), (120.0, 60.0), (100.0, 60.0))


def test_a_micr_line_with_an_unread_character_is_refused() -> None:
    """The place is named; what was read is there."""
    item = evidence("⑆075911713⑆1237⑈", 0.99, kind="micr_line")
    path = item.paths[0]
    characters = tuple(CharacterHypothesis(c.symbol, c.arc, 0.2 if k == 3 else 0.99, ()) for k, c in enumerate(path.characters))
    doubtful = FieldEvidence(item.lattice, item.log_probs, (Path(characters, path.text, path.log_score, path.log_posterior),), True)
    reading = micr_reading(doubtful, PAGE, MODEL, OPTIONS)
    assert reading.decision == "refused"
    assert reading.reason is not None
    assert reading.reason.text == "Character 4 of the MICR line could not be read."
    assert reading.routing_number == "075911713"
    assert reading.solved_by_checksum == (2,)


@pytest.mark.parametrize(("alternatives", "solved"), [((("3", 0.1), ("5", 0.06)), True), ((("3", 0.1), ("9", 0.06)), False), ((), False)])
def test_the_checksum_solves_only_what_the_print_may_be(alternatives: tuple[tuple[str, float], ...], solved: bool) -> None:
    """A digit that the checksum asks for and the unread mark does not look like is not taken: specimens have broken checksums."""
    item = evidence("⑆078911713⑆1237⑈", 0.99, kind="micr_line")  # an 8 is printed where a valid number has a 5
    (path,) = item.paths
    characters = tuple(replace(c, confidence=0.3, alternatives=alternatives) if k == 3 else c for k, c in enumerate(path.characters))
    reading = micr_reading(replace(item, paths=(replace(path, characters=characters),)), PAGE, MODEL, OPTIONS)
    assert reading.routing_number == ("075911713" if solved else "07*911713")
    assert (reading.routing_number_valid, reading.solved_by_checksum) == (solved, (2,) if solved else ())


@pytest.mark.parametrize(("text", "decision"), [("⑈⑆45103⑉003⑆123456⑈", "refused"), ("⑈1237⑈⑆075911713⑆12⑈", "accepted")])
def test_a_line_that_lost_its_first_field_is_refused(text: str, decision: str) -> None:
    """An on-us symbol closes the auxiliary field; alone before the transit symbol it tells of one that was not seen."""
    reading = micr_reading(evidence(text, 0.99, kind="micr_line"), PAGE, MODEL, OPTIONS)
    assert reading.decision == decision
    assert (reading.reason is not None and reading.reason.code == "incomplete_line") == (decision == "refused")


def test_few_marks_are_no_micr_line() -> None:
    """Less than six characters, or no band."""
    assert micr_reading(evidence("⑆123⑆", 0.99, kind="micr_line"), PAGE, MODEL, OPTIONS).decision == "not_found"
    assert micr_reading(None, PAGE, MODEL, OPTIONS).decision == "not_found"


def test_a_digit() -> None:
    """One digit with its confidence; a blank picture has none."""
    assert digit_reading(evidence("7", 0.95, kind="digit"), PAGE, MODEL, OPTIONS).value == "7"
    assert digit_reading(evidence("7", 0.5, kind="digit"), PAGE, MODEL, OPTIONS).decision == "refused"
    assert digit_reading(None, PAGE, MODEL, OPTIONS).decision == "not_found"


def test_a_faint_point_wins_over_an_unusual_notation() -> None:
    """Of "100.00" and "10000" that the ink allows alike, dollars are the first; what no path takes keeps its share."""
    paths = (path_of("10000", 0.5), path_of("100.00", 0.4))
    values = by_value(paths, "us")
    assert [value for value, _, _, _ in values] == ["100.00", "10000.00"]
    assert np.exp([log for _, _, _, log in values]).sum() < 1.0
    assert [value for value, _, _, _ in by_value(paths[:1], "plain")] == ["10000"]


def corroborating(second: tuple[float, ...], *texts: tuple[str, float]) -> FieldEvidence:
    """Evidence with two paths and the second reader's opinion of each."""
    return replace(evidence("1", 0.5), paths=tuple(path_of(text, posterior) for text, posterior in texts), second=second)


def test_the_second_reader_turns_the_answer() -> None:
    """Where the first reader hesitates, the value that the second believes in comes first, with a log posterior below 0."""
    item = corroborating((-12.0, -0.5), ("1200", 0.55), ("1800", 0.45))
    values = by_value(item.paths, item.amount_format)
    assert values[0][0] == "1200.00"
    turned = corroborated(values, item, Fusion(0.6, 0.4, -8.0))
    assert [entry[0] for entry in turned] == ["1800.00", "1200.00"]
    assert all(entry[3] < 0.0 for entry in turned)


def test_a_usual_sum_is_named_but_not_believed_for_it() -> None:
    """Of rupees that read alike the round sum is named; its confidence is what the readers saw, so it is refused."""
    item = replace(evidence("123456789", 0.5), paths=(path_of("712,010/-", 0.6), path_of("712,000/-", 0.39)), amount_format="in")
    reading = amount_reading(item, PAGE, MODEL, OPTIONS)
    assert (reading.value, reading.decision) == ("712000.00", "refused")
    assert reading.confidence < 0.5
    assert [other.value for other in reading.alternatives] == ["712010.00"]
    sure = replace(item, paths=(path_of("712,010/-", 0.999), path_of("712,000/-", 0.001)))
    assert amount_reading(sure, PAGE, MODEL, OPTIONS).value == "712010.00"
