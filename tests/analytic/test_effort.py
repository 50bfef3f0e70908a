"""Clerks: multitask effort against its first-order conditions, advice against Bayes."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize
from scipy.stats import norm

from sim.appraisal import choose_effort, shelf_mean, tilts
from sim.effort import (
    advice_effort,
    posterior,
    precision_value,
    recommendation_cutoff,
    selling_effort,
)

compiled = settings(deadline=None, derandomize=True, max_examples=80)
skills = st.floats(0.2, 4.0)
pays = st.floats(-200.0, 800.0)
costs = st.floats(50.0, 900.0)
substitutions = st.floats(0.0, 0.95)
precisions = st.floats(0.05, 4.0)
noises = st.floats(-4.0, 4.0)


def both(skill, sales_pay, quality_pay, cost, substitution):
    """Selling and advice of one clerk."""
    terms = (skill, sales_pay, quality_pay, cost, substitution)
    return selling_effort(*terms), advice_effort(*terms)


def worth(effort, skill, sales_pay, quality_pay, cost, substitution):
    """What a clerk maximises: pay less the cost of effort."""
    s, q = effort
    strain = s * s + q * q + 2.0 * substitution * s * q
    return sales_pay * s + quality_pay * q - cost / (2.0 * skill) * strain


# --- effort ---------------------------------------------------------------------------------


@given(skills, pays, pays, costs, substitutions)
@compiled
def test_effort_meets_the_first_order_conditions(skill, sales_pay, quality_pay, cost, k):
    """Kuhn-Tucker: zero slope inside, none upwards at the corner; enough as worth is concave."""
    s, q = both(skill, sales_pay, quality_pay, cost, k)
    scale = 1e-9 * (1.0 + abs(sales_pay) + abs(quality_pay))
    for own, other, pay in ((s, q, sales_pay), (q, s, quality_pay)):
        assert own >= 0.0
        slope = pay - cost / skill * (own + k * other)
        assert slope <= scale
        assert own == 0.0 or abs(slope) <= scale


@pytest.mark.parametrize(
    "terms",
    [
        (1.3, 300.0, 200.0, 400.0, 0.4),  # both tasks
        (0.7, 500.0, 100.0, 380.0, 0.6),  # selling crowds advice out
        (2.0, 20.0, 400.0, 300.0, 0.3),  # advice crowds selling out
        (1.0, -50.0, 80.0, 300.0, 0.5),
        (1.0, -50.0, -10.0, 300.0, 0.5),  # idle
        (1.0, 250.0, 250.0, 300.0, 0.99),
    ],
)
def test_effort_maximises_the_stated_worth(terms):
    found = minimize(
        lambda effort: -worth(effort, *terms),
        x0=(0.5, 0.5),
        bounds=((0.0, None), (0.0, None)),
        method="L-BFGS-B",
        options={"ftol": 1e-14, "gtol": 1e-10},
    )
    chosen = both(*terms)
    assert worth(chosen, *terms) >= -found.fun - 1e-8
    np.testing.assert_allclose(chosen, found.x, atol=2e-3)


@given(skills, st.floats(0.0, 800.0), st.floats(0.0, 800.0), costs)
@compiled
def test_without_substitution_the_tasks_are_apart(skill, sales_pay, quality_pay, cost):
    s, q = both(skill, sales_pay, quality_pay, cost, 0.0)
    assert s == pytest.approx(skill * sales_pay / cost, rel=1e-12)
    assert q == pytest.approx(skill * quality_pay / cost, rel=1e-12)


@given(skills, pays, pays, costs, substitutions)
@compiled
def test_the_tasks_are_symmetric(skill, sales_pay, quality_pay, cost, k):
    s, q = both(skill, sales_pay, quality_pay, cost, k)
    assert both(skill, quality_pay, sales_pay, cost, k) == (q, s)


@given(skills, st.floats(10.0, 800.0), costs, st.floats(0.05, 0.95))
@compiled
def test_corners_join_without_a_jump(skill, sales_pay, cost, k):
    edge = k * sales_pay
    inside = both(skill, sales_pay, edge * (1.0 + 1e-9), cost, k)
    corner = both(skill, sales_pay, edge * (1.0 - 1e-9), cost, k)
    np.testing.assert_allclose(inside, corner, atol=1e-6)
    assert corner == (skill * sales_pay / cost, 0.0)


@given(skills, st.floats(100.0, 800.0), st.floats(100.0, 800.0), costs, st.floats(0.05, 0.9))
@compiled
def test_pay_for_one_task_never_raises_the_other(skill, sales_pay, quality_pay, cost, k):
    s, q = both(skill, sales_pay, quality_pay, cost, k)
    more_s, less_q = both(skill, sales_pay + 50.0, quality_pay, cost, k)
    assert more_s >= s
    assert less_q <= q
    if s > 0.0 and q > 0.0:
        assert more_s > s
        assert less_q < q


@given(skills, pays, pays, costs, substitutions, st.floats(1.1, 3.0))
@compiled
def test_effort_depends_on_pay_over_cost(skill, sales_pay, quality_pay, cost, k, factor):
    s, q = both(skill, sales_pay, quality_pay, cost, k)
    scaled = both(skill, factor * sales_pay, factor * quality_pay, factor * cost, k)
    np.testing.assert_allclose(scaled, (s, q), rtol=1e-9, atol=1e-9)
    skilled = both(factor * skill, sales_pay, quality_pay, cost, k)
    np.testing.assert_allclose(skilled, (factor * s, factor * q), rtol=1e-9, atol=1e-9)


# --- the cut-off ----------------------------------------------------------------------------


@given(st.floats(0.0, 1_000.0), st.floats(0.1, 1_000.0), st.floats(0.0, 1.0))
@compiled
def test_a_clerk_recommends_when_pay_covers_the_expected_sanction(pay, sanction, belief):
    cutoff = recommendation_cutoff(pay, sanction)
    assert 0.0 <= cutoff <= 1.0
    gain = pay - (1.0 - belief) * sanction
    if abs(gain) > 1e-9 * sanction:
        assert (belief >= cutoff) == (gain > 0.0)


def test_limits_of_the_cutoff():
    assert recommendation_cutoff(0.0, 100.0) == 1.0  # nothing to gain: only what surely suits
    assert recommendation_cutoff(100.0, 100.0) == 0.0
    assert recommendation_cutoff(1e9, 100.0) == 0.0
    assert recommendation_cutoff(100.0, 0.0) == 0.0  # nothing to fear
    assert recommendation_cutoff(25.0, 100.0) == 0.75
    assert recommendation_cutoff(100.0, 1e12) == pytest.approx(1.0)


# --- the signal -----------------------------------------------------------------------------


@given(st.booleans(), noises, precisions)
@compiled
def test_the_posterior_is_that_of_bayes(suits, noise, precision):
    signal = noise + (precision if suits else 0.0)
    good, bad = norm.pdf(signal, loc=precision), norm.pdf(signal)
    assert posterior(suits, noise, precision) == pytest.approx(good / (good + bad), rel=1e-9)


def mean_posterior(suits, precision):
    """Mean over the noise by quadrature."""
    nodes, weights = np.polynomial.hermite_e.hermegauss(80)
    values = [posterior(suits, float(node), precision) for node in nodes]
    return float(np.dot(weights, values) / weights.sum())


@pytest.mark.parametrize("precision", [0.1, 0.7, 1.5, 2.5])
def test_beliefs_are_a_martingale(precision):
    mean = 0.5 * mean_posterior(True, precision) + 0.5 * mean_posterior(False, precision)
    assert mean == pytest.approx(0.5, abs=1e-6)


def test_a_more_precise_signal_tells_more():
    good = [mean_posterior(True, precision) for precision in (0.0, 0.5, 1.0, 2.0, 3.0)]
    bad = [mean_posterior(False, precision) for precision in (0.0, 0.5, 1.0, 2.0, 3.0)]
    assert good[0] == bad[0] == pytest.approx(0.5, abs=1e-12)
    assert (np.diff(good) > 0.0).all()
    assert (np.diff(bad) < 0.0).all()


@given(st.booleans(), noises, precisions, st.floats(0.01, 2.0))
@compiled
def test_a_better_signal_raises_the_belief(suits, noise, precision, more):
    assert posterior(suits, noise + more, precision) > posterior(suits, noise, precision)
    assert posterior(True, noise, precision) > posterior(False, noise, precision)


def test_extreme_signals_do_not_overflow():
    assert posterior(True, 0.0, 60.0) == 1.0
    assert posterior(False, 0.0, 60.0) == 0.0


# --- what the appraisal makes of pay --------------------------------------------------------


def test_mean_pay_is_weighted_by_expected_sales():
    pay = np.array([[[10.0, 20.0], [30.0, 40.0]], [[5.0, 5.0], [5.0, 5.0]]])
    weight = np.array([[[1.0, 0.0], [0.0, 3.0]], np.zeros((2, 2))])
    np.testing.assert_allclose(shelf_mean(pay, weight), [(10.0 + 3 * 40.0) / 4.0, 0.0])


def test_push_is_tilted_by_pay_per_hour_up_to_threefold():
    pay = np.array([[[5.0, 10.0], [20.0, 100.0]], np.zeros((2, 2))])
    mean = np.array([10.0, 0.0])
    tilt = tilts(pay, mean, np.ones(2))
    np.testing.assert_allclose(tilt[0], [[0.5, 1.0], [2.0, 3.0]])
    np.testing.assert_array_equal(tilt[1], 1.0)  # nothing to gain: no product is favoured
    slow = tilts(pay, mean, np.array([1.0, 3.0]))
    np.testing.assert_allclose(slow[0], [[1.0, 2.0 / 3.0], [3.0, 3.0]])
    np.testing.assert_allclose(slow[1], [[2.0, 2.0 / 3.0]] * 2)


# --- what sharper judgement saves -----------------------------------------------------------


def judgement(pay, sanction, precision):
    """Expected worth of a judgement at the best cut-off of the signal, yuan; prior one half."""
    cuts = np.linspace(-9.0, 12.0, 420_001)
    worth = pay * norm.sf(cuts - precision) - (sanction - pay) * norm.sf(cuts)
    return 0.5 * max(0.0, pay - (sanction - pay), worth.max())


@pytest.mark.parametrize(
    ("pay", "sanction", "precision"),
    [(60.0, 190.0, 1.4), (60.0, 190.0, 2.5), (10.0, 300.0, 1.0), (150.0, 190.0, 0.8)],
)
def test_precision_is_worth_the_slope_of_the_best_judgement(pay, sanction, precision):
    step = 1e-3
    better, worse = (judgement(pay, sanction, precision + sign * step) for sign in (1.0, -1.0))
    slope = (better - worse) / (2.0 * step)
    assert precision_value(pay, sanction, precision) == pytest.approx(slope, rel=1e-3)


def test_judgement_is_worth_nothing_where_nothing_hangs_on_it():
    assert precision_value(0.0, 190.0, 1.0) == 0.0  # nothing is recommended
    assert precision_value(200.0, 190.0, 1.0) == 0.0  # everything is
    assert precision_value(50.0, 0.0, 1.0) == 0.0  # no sanction
    assert precision_value(50.0, 190.0, 0.0) == 0.0
    assert precision_value(50.0, 190.0, 12.0) < 1e-3  # no case is in doubt


def test_expected_sanctions_pay_for_advice(market):
    """Advice settles where its pay, ethics and the sanctions saved meet its cost."""
    scenario = market.scenario
    settings, choice = scenario.incentives, scenario.population.choice
    banks, classes = len(market.banks), market.clerks.cutoff.shape[1]
    pay = 60.0
    terms = (
        np.full(banks, settings.base_drive + settings.sales_capacity * pay),
        np.zeros(banks),
        np.full((banks, classes), pay),
    )
    advice = {}
    for sanction in (0.0, 100.0):
        mine = market.clerks.copy()
        for _ in range(40):
            choose_effort(mine, scenario, sanction, *terms)
        clerk = mine.clerk
        skill = clerk["talent"] * (1.0 + clerk["training"]) ** settings.training_gain
        saved = [
            precision_value(pay, sanction + settings.guilt * ethics, precision)
            for ethics, precision in zip(clerk["ethics"], clerk["precision"], strict=True)
        ]
        quality = clerk["ethics"]
        quality = quality + settings.sales_capacity * choice.signal_per_advice * np.array(saved)
        expected = [
            advice_effort(*one, settings.effort_cost, settings.effort_substitution)
            for one in zip(skill, np.full(len(skill), terms[0][0]), quality, strict=True)
        ]
        np.testing.assert_allclose(clerk["advice"], expected, rtol=1e-6)
        advice[sanction] = clerk["advice"].mean()
    assert advice[100.0] > advice[0.0]
