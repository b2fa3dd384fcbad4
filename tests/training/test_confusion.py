"""Which digit is taken for which."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.confusion import LogProbs, Patches, evaluate_digits


def _written_in_the_corner(patches: Patches) -> LogProbs:
    """A recogniser for tests: the answer stands in the first pixel, as class / 10; its probability is 0.7."""
    answers = np.rint(patches[:, 0, 0, 0] * 10).astype(int)
    log_probs = np.full((len(patches), 12), np.log(0.3 / 11), np.float32)
    log_probs[np.arange(len(patches)), answers] = np.log(0.7)
    return log_probs


def _patches(answers: list[int]) -> Patches:
    patches = np.zeros((len(answers), 1, 32, 32), np.float32)
    patches[:, 0, 0, 0] = np.array(answers) / 10
    return patches


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), max_size=30), st.integers(1, 7))
def test_counts_are_those_of_the_obvious_loop(pairs: list[tuple[int, int]], batch: int) -> None:
    """Every pair of truth and answer is counted once, in whatever batches it was read."""
    matrix = evaluate_digits(
        _written_in_the_corner, _patches([a for _, a in pairs]), np.array([t for t, _ in pairs], np.int64), batch=batch
    )
    for truth in range(10):
        for answer in range(10):
            assert matrix.counts[truth, answer] == pairs.count((truth, answer))
    assert matrix.errors == sum(t != a for t, a in pairs)
    assert [m.index for m in matrix.misreadings] == [n for n, (t, a) in enumerate(pairs) if t != a]
    assert matrix.total == len(pairs)


def test_confidence_is_the_share_among_all_classes_and_the_answer_among_the_digits() -> None:
    """A separator may win by far: the best digit still answers, with its small confidence."""

    def separator(patches: Patches) -> LogProbs:
        return np.log(np.tile(np.array([*[0.01] * 9, 0.02, 0.89], np.float32), (len(patches), 1)))

    matrix = evaluate_digits(separator, _patches([0]), np.array([3]))
    (wrong,) = matrix.misreadings
    assert (wrong.truth, wrong.answer) == (3, 9)
    assert wrong.confidence == pytest.approx(0.02)


def test_the_text_shows_the_mistakes() -> None:
    """A table with truth down and answers across, and the total in per cent."""
    text = evaluate_digits(_written_in_the_corner, _patches([3, 5, 5, 5]), np.array([3, 3, 5, 5])).text()
    lines = text.splitlines()
    assert lines[0].split() == ["truth", *"0123456789", "wrong"]
    assert lines[4].split() == ["3", ".", ".", ".", "1", ".", "1", ".", ".", ".", ".", "1"]
    assert lines[-1] == "1 of 4 wrong: 25.00 %"


@pytest.mark.parametrize("labels", [np.array([10]), np.array([-1]), np.array([1, 2])])
def test_labels_that_do_not_fit_are_refused(labels: np.ndarray) -> None:
    """One class in range per patch."""
    with pytest.raises(ValueError, match="labels must be"):
        evaluate_digits(_written_in_the_corner, _patches([1]), labels)
