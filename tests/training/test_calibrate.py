"""Confidence and operating points: known parameters come back, stated rates hold on what they were fitted on."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.reader.confidence import calibrated
from app.reader.types import Alphabet, LogProbs, Path
from training.calibrate import STATED_RATES, Outcomes, answer_is_right, bare_lattice, between, fit_platt, read_fields, thresholds
from training.shards import Shard

AMOUNTS = Alphabet((*"0123456789$,./-*#=", "rubbish", "stray"))


def outcomes_of(logit: np.ndarray, right: np.ndarray) -> Outcomes:
    """Outcomes whose posteriors have the given logits."""
    return Outcomes(-np.logaddexp(0.0, -logit), right)


def share_wrong(outcomes: Outcomes, calibration: tuple[float, float], least: float) -> float:
    """Wrong answers of at least this confidence, as a share of all fields."""
    confident = np.array([np.isfinite(v) and calibrated(v, calibration) >= least for v in outcomes.log_posterior])
    return float((confident & ~outcomes.right).mean())


def path(text: str, log_posterior: float = -0.1) -> Path:
    """A path of which only text and posterior matter."""
    return Path((), text, 0.0, log_posterior)


@pytest.mark.parametrize(("slope", "intercept"), [(1.0, 0.0), (0.5, -1.0), (1.6, 0.8)])
def test_platt_recovers_slope_and_intercept(slope: float, intercept: float) -> None:
    """From twenty thousand fields whose chance to be right follows the curve, within three standard errors or so."""
    rng = np.random.default_rng(1)
    logit = rng.normal(1.0, 2.5, 20_000)
    right = rng.random(len(logit)) < 1.0 / (1.0 + np.exp(-(slope * logit + intercept)))
    assert fit_platt(outcomes_of(logit, right)) == pytest.approx((slope, intercept), abs=0.08)


def test_platt_leaves_out_what_was_not_read() -> None:
    """Fields without a path say nothing of the posterior's meaning."""
    rng = np.random.default_rng(2)
    logit = rng.normal(0.0, 2.0, 500)
    read = outcomes_of(logit, rng.random(500) < 1.0 / (1.0 + np.exp(-logit)))
    unread = Outcomes(np.append(read.log_posterior, [-np.inf] * 50), np.append(read.right, [False] * 50))
    assert fit_platt(unread) == pytest.approx(fit_platt(read))


@pytest.mark.parametrize("right", [[True, True], [False, False]])
def test_platt_says_nothing_where_nothing_can_be_fitted(right: list[bool]) -> None:
    """All right, all wrong or nothing read: the posterior stands as it is."""
    assert fit_platt(Outcomes(np.array([-0.1, -0.5]), np.array(right))) == (1.0, 0.0)
    assert fit_platt(Outcomes(np.array([-np.inf]), np.array([False]))) == (1.0, 0.0)


def test_platt_never_turns_the_order_round() -> None:
    """Where the sure answers are the wrong ones, confidence still does not fall with the posterior."""
    slope, _ = fit_platt(outcomes_of(np.array([-2.0, -1.0, 1.0, 2.0] * 5), np.array([True, True, False, False] * 5)))
    assert slope > 0.0


@st.composite
def outcomes(draw: st.DrawFn) -> Outcomes:
    """Posteriors with many ties, some saturated, some fields unread."""
    kinds = [-np.inf, 0.0, -1e-14, -1e-9, -1e-7, -2e-7, -1e-3, -0.1, -0.7, -2.0, -9.0]
    rows = draw(st.lists(st.tuples(st.one_of(st.sampled_from(kinds), st.floats(-12.0, 0.0)), st.booleans()), min_size=1, max_size=80))
    posterior = np.array([p for p, _ in rows], np.float64)
    return Outcomes(posterior, np.array([r for _, r in rows], bool) & np.isfinite(posterior))


@settings(max_examples=150, deadline=None)
@given(outcomes(), st.sampled_from([(1.0, 0.0), (2.5, 1.0), (0.3, -2.0)]))
def test_thresholds_hold_their_rate(found: Outcomes, calibration: tuple[float, float]) -> None:
    """On the fields that they were fitted on the share of wrong accepted answers is at most the stated one, ties or not."""
    points = thresholds(found, calibration)
    rates, least = [rate for rate, _ in points], [value for _, value in points]
    assert rates == sorted(set(rates))
    assert set(rates) <= set(STATED_RATES)
    assert least == sorted(least, reverse=True)
    assert all(0.0 <= value <= 1.0 for value in least)
    for rate, value in points:
        assert share_wrong(found, calibration, value) <= rate


def test_thresholds_accept_as_much_as_the_rate_allows() -> None:
    """Of a hundred fields with one wrong answer per ten, each rate stops right before the error that is one too many."""
    posterior = -np.linspace(0.01, 2.0, 100)
    right = np.arange(100) % 10 != 9  # the 10th, 20th, … most confident are wrong
    found = Outcomes(posterior, right)
    accepted = {rate: int(sum(calibrated(v, (1.0, 0.0)) >= least for v in posterior)) for rate, least in thresholds(found, (1.0, 0.0))}
    assert accepted == {0.001: 9, 0.002: 9, 0.005: 9, 0.01: 19, 0.02: 29, 0.05: 59, 0.1: 100, 0.2: 100}


@pytest.mark.parametrize(
    ("upper", "lower", "found"),
    [(0.8, 0.6, 0.7), (0.1234567, 0.1, 0.111728), (0.99999996, 0.99999992, 0.99999994), (1.0, float(np.nextafter(1.0, 0.0)), 1.0)],
)
def test_a_threshold_tells_neighbours_apart(upper: float, lower: float, found: float) -> None:
    """Six decimals where they do; more where the confidences are nearer than that; the upper one itself where nothing lies between."""
    assert between(upper, lower) == pytest.approx(found, abs=1e-12)
    assert lower < between(upper, lower) <= upper


def test_a_rate_that_nothing_holds_is_left_out() -> None:
    """Where the most confident answer is wrong, only rates that bear one error are stated."""
    found = Outcomes(-np.linspace(0.01, 2.0, 40), np.arange(40) > 0)
    assert [rate for rate, _ in thresholds(found, (1.0, 0.0))] == [0.05, 0.1, 0.2]
    assert thresholds(Outcomes(np.zeros(0), np.zeros(0, bool)), (1.0, 0.0)) == ()


@pytest.mark.parametrize(
    ("texts", "truth", "amount_format", "right"),
    [
        (["$1,234.56"], ("$1234.56", "1234.56"), "us", True),  # another writing of the same amount
        (["1234.65"], ("1234.56", "1234.56"), "us", False),
        (["25.574.-"], ("25574", "25574"), "plain", True),
        (["1,23,456/-"], ("1,23,456", "123456.00"), "in", True),
        (["⑆075911713⑆"], ("⑆075911713⑆", "⑆075911713⑆"), "", True),
        (["⑆075911713⑆"], ("⑆07591171 3⑆", "⑆075911713⑆"), "", True),  # spaces are no symbols
        (["⑆075911713⑆"], ("⑆075911718⑆", "⑆075911718⑆"), "", False),
        ([], ("12", "12"), "plain", False),
    ],
)
def test_an_answer_is_right_by_value(texts: list[str], truth: tuple[str, str], amount_format: str, right: bool) -> None:
    """Amounts by their value, lines by their symbols; no path is no answer."""
    assert answer_is_right(tuple(path(text) for text in texts), *truth, amount_format) is right


def test_texts_that_state_one_value_answer_together() -> None:
    """As the reader does: two texts for 1234 outweigh one for 7234 that is ahead of each of them."""
    paths = (path("7234", -1.0), path("1234", -1.1), path("1,234", -1.2))
    assert answer_is_right(paths, "1234", "1234.00", "us")
    assert not answer_is_right(paths, "7234", "7234.00", "us")


def chain_shard(texts: tuple[str, ...], amount_format: str) -> Shard:
    """Fields whose lattices have one arc per symbol, one patch value per class."""
    sizes = [len(text) for text in texts]
    classes = np.array([AMOUNTS.index(symbol) for text in texts for symbol in text], np.int16)
    nodes = np.concatenate([np.arange(size) for size in sizes]).astype(np.int16)
    return Shard(
        patches=np.broadcast_to(classes.astype(np.int8)[:, None, None], (len(classes), 32, 32)).copy(),
        classes=classes,
        source=nodes,
        target=(nodes + 1).astype(np.int16),
        offsets=np.cumsum([0, *sizes]).astype(np.int64),
        texts=texts,
        values=texts,
        formats=(amount_format,) * len(texts),
        has_true_path=np.ones(len(texts), bool),
        strips=np.zeros((32, 32 * len(texts)), np.int8),
        strip_ends=np.arange(0, 32 * len(texts) + 1, 32),
    )


def told(patches: np.ndarray) -> LogProbs:
    """The class that the patch itself names, with probability 0.9."""
    rows = np.full((len(patches), len(AMOUNTS)), np.log(0.1 / (len(AMOUNTS) - 1)), np.float32)
    rows[np.arange(len(patches)), patches[:, 0, 0]] = np.log(0.9)
    return rows


def test_a_bare_lattice_has_the_nodes_and_arcs_of_its_field() -> None:
    """Field by field, without pictures; a field without arcs has none and no pieces."""
    shard = chain_shard(("12", "", "345"), "plain")
    lattices = [bare_lattice(shard, number) for number in range(3)]
    assert [(lattice.piece_count, lattice.arc_count) for lattice in lattices] == [(2, 2), (0, 0), (3, 3)]
    assert lattices[2].source.tolist() == [0, 1, 2]
    assert lattices[2].target.tolist() == [1, 2, 3]


def test_fields_are_read_through_lattice_and_grammar() -> None:
    """A clear field is right with a high posterior; one without ink is unread; what the grammar refuses is not right."""
    found = read_fields(chain_shard(("12", "", "345", "/"), "plain"), told, AMOUNTS, "courtesy_amount")
    assert found.right.tolist() == [True, False, True, False]
    assert np.exp(found.log_posterior[[0, 2]]).min() > 0.75
    assert found.log_posterior[1] == -np.inf
